package pairing

import (
	"slices"
	"testing"
	"time"

	"github.com/google/uuid"

	"github.com/agent-gate/agent-gate/internal/calls"
	"github.com/agent-gate/agent-gate/internal/text"
	"github.com/agent-gate/agent-gate/internal/verdict"
)

// played is an execution of one scenario, a letter for each row: s succeeded, f failed, c cancelled after it was
// begun, and a dash was not begun. A blank is a row that it does not have.
func played(number byte, letters string) Executed {
	var all verdict.CallPacker
	began := time.Date(2026, 1, 1, 0, 0, 0, 0, time.UTC)
	for i, letter := range letters {
		c := calls.Call{ID: uuid.UUID{number, byte(i)}, ScenarioID: uuid.UUID{1}, Row: uint64(i + 1), StartedAt: &began}
		switch letter {
		case 's':
			c.Status = calls.Completed
		case 'f':
			c.Status, c.EndedReason = calls.Failed, text.New("agent: no model")
		case 'c':
			c.Status = calls.Cancelled
		case '-':
			c.Status, c.StartedAt = calls.Cancelled, nil
		default:
			continue
		}
		all.Add(verdict.Call{Call: c, Attempts: 1})
	}
	return Executed{ID: uuid.UUID{number}, Calls: all.Calls()}
}

func TestWhatWasCutShortDoesNotCount(t *testing.T) {
	t.Parallel()
	for _, c := range []struct {
		name       string
		trials     int
		executions []string
		dropped    []int
		attempts   []int // of those that count
		why        string
	}{
		{"a run", 1, []string{"sss"}, nil, []int{1}, ""},
		{"the first execution was cut", 1, []string{"ssc"}, nil, nil, "1 conversation did not come to an end"},
		{"the first execution was cut, and another is on its run test", 1, []string{"cc", "ss"}, nil, nil, "2 conversations did not come to an end"},
		{"the first execution was not begun", 1, []string{"s-"}, nil, nil, "1 conversation did not come to an end"},
		{"nothing of a rerun ended", 1, []string{"sff", " cc"}, []int{1}, []int{1}, ""},
		{"nothing of a rerun was made", 1, []string{"sff", ""}, []int{1}, []int{1}, ""},
		{"nothing of a rerun ended, and another did", 1, []string{"sff", " cc", " sf"}, []int{1}, []int{1, 2}, ""},
		{"a half of a rerun ended, and another followed", 1, []string{"sff", "-fc", "--s"}, nil, []int{1, 2, 2}, ""},
		{"a trial was cut", 2, []string{"sf", "sc"}, []int{1}, []int{1}, ""},
		{"a trial was cut and made again", 2, []string{"sf", "sc", "ss"}, []int{1}, []int{1, 1}, ""},
		{"a trial was left between two conversations", 2, []string{"ss", "s-"}, []int{1}, []int{1}, ""},
		{"a trial was left between two conversations and made again", 2, []string{"ss", "s-", "sf"}, []int{1}, []int{1, 1}, ""},
		{"a trial too many", 1, []string{"ss", "ss"}, nil, nil, "it has 2 trials"},
	} {
		var list []Executed
		for i, letters := range c.executions {
			list = append(list, played(byte(i+1), letters))
		}
		all, why := PastOf(list, c.trials)
		if why.Line() != c.why {
			t.Errorf("%s: %q, want %q", c.name, why.Line(), c.why)
			continue
		}
		if c.why != "" {
			continue
		}
		var dropped, attempts []int
		var kept []Executed
		for i, past := range all {
			if past.Dropped {
				dropped = append(dropped, i)
				continue
			}
			kept, attempts = append(kept, list[i]), append(attempts, past.Attempt)
		}
		if !slices.Equal(dropped, c.dropped) || !slices.Equal(attempts, c.attempts) {
			t.Errorf("%s: dropped %v, want %v; attempts %v, want %v", c.name, dropped, c.dropped, attempts, c.attempts)
		}
		again, why := PastOf(kept, c.trials)
		if !why.IsEmpty() || slices.ContainsFunc(again, func(p Past) bool { return p.Dropped }) {
			t.Errorf("%s: what counts is not a run by itself: %s", c.name, why.Line())
		}
	}
}
