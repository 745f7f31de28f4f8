package ci_test

import (
	"bytes"
	"fmt"
	"strings"
	"sync/atomic"
	"testing"
	"testing/synctest"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/agent-gate/agent-gate/internal/ci"
	"github.com/agent-gate/agent-gate/internal/ci/job"
	"github.com/agent-gate/agent-gate/internal/text"
)

// standing makes a Standing; a negative count is one that the server did not report.
func standing(status string, done, failed, total int) ci.Standing {
	count := func(n int) *int {
		if n < 0 {
			return nil
		}
		return &n
	}
	return ci.Standing{Status: text.New(status), Done: count(done), Failed: count(failed), Total: count(total)}
}

// clocked puts the time since the start before every write.
type clocked struct {
	started time.Time
	written strings.Builder
}

func (c *clocked) Write(p []byte) (int, error) {
	return fmt.Fprintf(&c.written, "%s %s", time.Since(c.started), p)
}

func TestProgressInALog(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		w := &clocked{started: time.Now()}
		p := ci.StartProgress(ci.NewLog(w, ci.LogOptions{Provider: job.GitHub}))
		steps := []struct {
			after time.Duration
			now   ci.Standing
		}{
			{2 * time.Second, standing("pending", -1, -1, -1)},
			{2 * time.Second, standing("running", 0, 0, 20)},   // a new status: at once
			{2 * time.Second, standing("running", 1, 0, 20)},   // counts: not before 10 s
			{2 * time.Second, standing("running", 2, 1, 20)},   // the newest ones then
			{20 * time.Second, standing("running", 2, 1, 20)},  // nothing new
			{130 * time.Second, standing("running", 8, 1, 20)}, // a slow poll: heartbeats meanwhile
			{30 * time.Second, standing("evaluating", 20, 1, 20)},
		}
		for _, step := range steps {
			time.Sleep(step.after)
			p.Update(step.now)
		}
		p.Stop()
		p.Stop()
		time.Sleep(time.Hour)
		p.Update(standing("running", 1, 1, 1)) // too late
		want := strings.Join([]string{
			"2s pending: 2s elapsed",
			"4s running: 0 of 20 calls done, 4s elapsed",
			"14s running: 2 of 20 calls done, 1 failed, 14s elapsed, about 30s left",
			"1m14s running: 2 of 20 calls done, 1 failed, 1m14s elapsed",
			"2m14s running: 2 of 20 calls done, 1 failed, 2m14s elapsed",
			"2m38s running: 8 of 20 calls done, 1 failed, 2m38s elapsed, about 3m51s left",
			"3m8s evaluating: 20 of 20 calls done, 1 failed, 3m08s elapsed",
		}, "\n") + "\n"
		if diff := cmp.Diff(want, w.written.String()); diff != "" {
			t.Errorf("log (-want +got):\n%s", diff)
		}
	})
}

func TestProgressIsNeverSilentForLong(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		w := &clocked{started: time.Now()}
		p := ci.StartProgress(ci.NewLog(w, ci.LogOptions{}))
		time.Sleep(2*time.Minute + 30*time.Second)
		p.Stop()
		want := "1m0s waiting: 1m00s elapsed\n2m0s waiting: 2m00s elapsed\n"
		if got := w.written.String(); got != want {
			t.Errorf("log = %q, want %q", got, want)
		}
	})
}

func TestProgressTakesTheCallersEstimate(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		var b bytes.Buffer
		p := ci.StartProgress(ci.NewLog(&b, ci.LogOptions{}))
		defer p.Stop()
		s := standing("running", 12, 0, 20)
		s.Left = 2*time.Hour + 61*time.Second
		p.Update(s)
		if got, want := b.String(), "running: 12 of 20 calls done, 0s elapsed, about 2h01m01s left\n"; got != want {
			t.Errorf("log = %q, want %q", got, want)
		}
	})
}

func TestProgressSaysOnlyWhatIsKnown(t *testing.T) {
	t.Parallel()
	for want, s := range map[string]ci.Standing{
		"running: 3 calls done, 0s elapsed\n":          standing("running", 3, -1, -1),
		"running: 20 calls, 0s elapsed\n":              standing("running", -1, -1, 20),
		"pending: 0 calls, 0s elapsed\n":               standing("pending", 0, -1, 0),
		"unknown: 0s elapsed\n":                        standing("", -1, -1, -1),
		`\:\:error::x #\#[y: 0s elapsed` + "\n":        standing("::error::x\n##[y", -1, -1, -1),
		strings.Repeat("x", 39) + "…: 0s elapsed\n":    standing(strings.Repeat("x", 5000), -1, -1, -1),
		"completed: 20 of 20 calls done, 0s elapsed\n": standing("completed", 20, 0, 20),
		"trial 2, running: 20 calls, 0s elapsed\n":     {Status: text.New("running"), Trial: 2, Total: new(20)},
	} {
		synctest.Test(t, func(t *testing.T) {
			var b bytes.Buffer
			p := ci.StartProgress(ci.NewLog(&b, ci.LogOptions{}))
			p.Update(s)
			p.Stop()
			if got := b.String(); got != want {
				t.Errorf("log = %q, want %q", got, want)
			}
		})
	}
}

func TestEstimateStartsAnewWhenCallsRunAgain(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		var b bytes.Buffer
		p := ci.StartProgress(ci.NewLog(&b, ci.LogOptions{}))
		p.Update(standing("running", 0, 0, 20))
		time.Sleep(time.Minute)
		p.Update(standing("running", 20, 4, 20))
		b.Reset()
		p.Update(standing("rerunning", 16, 0, 20))
		time.Sleep(30 * time.Second)
		p.Update(standing("rerunning", 18, 0, 20))
		p.Stop()
		want := "rerunning: 16 of 20 calls done, 1m00s elapsed\n" +
			"rerunning: 18 of 20 calls done, 1m30s elapsed, about 30s left\n"
		if got := b.String(); got != want {
			t.Errorf("log = %q, want %q", got, want)
		}
	})
}

func TestProgressOnATerminal(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		var b bytes.Buffer
		var width atomic.Int64
		width.Store(80)
		log := ci.NewLog(&b, ci.LogOptions{Width: func() int { return int(width.Load()) }})
		p := ci.StartProgress(log)
		p.Update(standing("running", 3, 1, 20))
		time.Sleep(1500 * time.Millisecond)
		log.Info("a message")
		width.Store(20)
		time.Sleep(time.Second)
		p.Stop()
		log.Info("the end")
		const clear = "\r\x1b[K"
		want := clear + "waiting: 0s elapsed" +
			clear + "running: 3 of 20 calls done, 1 failed, 0s elapsed" +
			clear + "running: 3 of 20 calls done, 1 failed, 1s elapsed" +
			clear + "a message\n" + "running: 3 of 20 calls done, 1 failed, 1s elapsed" +
			clear + "running: 3 of 20 ca" +
			clear + "the end\n"
		if diff := cmp.Diff(want, b.String()); diff != "" {
			t.Errorf("terminal (-want +got):\n%s", diff)
		}
	})
}

func TestTheLiveLineNeverWraps(t *testing.T) {
	t.Parallel()
	for _, width := range []int{0, 1, 2, 10, 30} {
		synctest.Test(t, func(t *testing.T) {
			var b bytes.Buffer
			p := ci.StartProgress(ci.NewLog(&b, ci.LogOptions{Width: func() int { return width }}))
			b.Reset()
			p.Update(standing(strings.Repeat("通話", 50), 3, 1, 20))
			line := strings.TrimPrefix(b.String(), "\r\x1b[K")
			p.Stop()
			columns := 0
			for _, r := range line {
				columns++
				if r > 0xff {
					columns++
				}
			}
			limit := width
			if width == 0 {
				limit = 80
			}
			if columns >= limit {
				t.Errorf("width %d: %q takes %d columns", width, line, columns)
			}
		})
	}
}
