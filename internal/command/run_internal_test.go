package command

import (
	"testing"
	"time"

	"github.com/agent-gate/agent-gate/internal/ci/job"
)

func TestWhatIsKeptBackFitsIntoTheJob(t *testing.T) {
	t.Parallel()
	for _, c := range []struct{ timeout, job, want, stopping time.Duration }{
		{time.Hour, 0, time.Hour, time.Minute},
		{10 * time.Second, 0, 10 * time.Second, 10 * time.Second},
		{time.Hour, 30 * time.Second, 15 * time.Second, 10 * time.Second},
		{time.Hour, time.Minute, 30 * time.Second, 15 * time.Second},
		{10 * time.Second, time.Minute, 10 * time.Second, 10 * time.Second},
		{time.Hour, time.Hour, 55 * time.Minute, time.Minute},
		{3 * time.Hour, 2 * time.Hour, 115 * time.Minute, time.Minute},
	} {
		timeout, stopping := jobTimes(c.timeout, c.job)
		if timeout != c.want || stopping != c.stopping {
			t.Errorf("timeout %s in a job of %s: got %s and %s to stop, want %s and %s", c.timeout, c.job, timeout, stopping, c.want, c.stopping)
		}
		if c.job > 0 && (c.job-timeout > c.job/2 && timeout != c.timeout || timeout+stopping >= c.job) {
			t.Errorf("timeout %s in a job of %s: %s and %s to stop leave no time for the reports, or too much", c.timeout, c.job, timeout, stopping)
		}
	}
}

func TestWhatAJobHasUsedBeforeCounts(t *testing.T) {
	t.Parallel()
	began := time.Date(2026, 11, 29, 12, 0, 0, 0, time.UTC)
	for name, c := range map[string]struct {
		started time.Time
		want    time.Duration
	}{
		"used ten minutes":            {began, 50 * time.Minute},
		"not said":                    {time.Time{}, time.Hour},
		"a clock that is ahead":       {began.Add(time.Hour), time.Hour},
		"a clock that is hours wrong": {began.Add(-5 * time.Hour), time.Hour},
	} {
		s := &session{started: began.Add(10 * time.Minute), context: job.Context{JobTimeout: time.Hour, JobStarted: c.started}}
		if got := s.jobLeft(); got != c.want {
			t.Errorf("%s: %s are left, want %s", name, got, c.want)
		}
	}
}
