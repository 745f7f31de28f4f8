package paid

import (
	"slices"
	"time"

	"github.com/google/uuid"

	"github.com/agent-gate/agent-gate/internal/calls"
)

// claim says what is this run's: the execution, and what is new on the run test. It answers
// by the record, and by whoever else lives.
type claim struct {
	book
	// alone is true when the run test is this run's alone, as far as its own requests tell,
	// and company once another gate was seen that may use it too.
	alone, company bool
	others         func() bool // nil when there is none to be known of
	// late is true when time has passed since the start was sent.
	late bool
	// clockAhead is how far the server's clock is ahead of this machine's.
	clockAhead func() (ahead time.Duration, known bool)
}

// Mine reports whether this run has started the execution: only then may it be cancelled.
func (c *claim) Mine() bool { return c.record.Owned }

// Guessed reports whether the execution may be that of others: it is never cancelled.
func (c *claim) Guessed() bool { return c.record.Guessed }

// UnderWay reports whether a request to do more work on the execution was sent whose
// answer is not known.
func (c *claim) UnderWay() bool {
	return c.record.Step == StepRerunning || c.record.Step == StepEvaluating
}

// isShared reports whether others may execute the run test, as far as is known by now: another
// gate may have begun since the start was sent. Once one was seen it stays so.
func (c *claim) isShared() bool {
	if !c.record.Shared && c.hasCompany() {
		c.keep(func(rec *Record) { rec.Shared = true })
	}
	return c.record.Shared
}

// hasCompany reports whether another gate of the same name lives, or was seen to live since
// this run began: what is new under the name may then be its.
func (c *claim) hasCompany() bool {
	if c.others != nil && c.others() {
		c.company = true
	}
	return c.company
}

// isNew reports whether a run test has come into being since a time, by one clock.
func (c *claim) isNew(t calls.RunTest, since time.Time) bool {
	return t.CreatedAt != nil && !t.CreatedAt.Before(c.serverTime(since).Add(-clockSlack))
}

// unknown lists the executions that were not there before, oldest first; the one that is
// watched is known.
func (c *claim) unknown(now []calls.ExecutionSummary) []calls.ExecutionSummary {
	return c.since(now, c.record.ExecutionID)
}

// since lists the executions that were not there before, oldest first, without one that is
// known. When time has passed since the start it leaves out those of others: on a run test
// that they use too, what began too long after the start to be its work.
func (c *claim) since(now []calls.ExecutionSummary, known uuid.UUID) []calls.ExecutionSummary {
	var found []calls.ExecutionSummary
	for _, e := range now {
		old := e.ID == known || slices.Contains(c.record.Before, e.ID) || c.isShared() && c.beganBefore(e)
		if !old && !(c.late && c.record.Shared && !near(e.StartedAt, c.serverTime(c.record.SentAt))) {
			found = append(found, e)
		}
	}
	slices.Reverse(found) // the list is newest first
	return found
}

// clockSlack is how far a time of the server may be off that is compared with one of this
// machine: both are given in whole seconds at worst, and the difference of the clocks is
// measured to about one.
const clockSlack = 3 * time.Second

// startWindow is how long after an execute was sent its execution can begin.
const startWindow = time.Minute

// near reports whether an execution began when the execute was sent, by one clock; not when it
// is not known.
func near(startedAt *time.Time, sentAt time.Time) bool {
	return startedAt != nil && startedAt.Sub(sentAt).Abs() <= startWindow
}

// beganBefore reports whether an execution began before this run asked for one, by the server's
// own clock as far as it was measured: then somebody else has started it.
func (c *claim) beganBefore(e calls.ExecutionSummary) bool {
	_, measured := c.clockAhead()
	return measured && e.StartedAt != nil && !c.record.SentAt.IsZero() && e.StartedAt.Before(c.serverTime(c.record.SentAt).Add(-clockSlack))
}

// serverTime is a time of this machine's clock by the server's clock.
func (c *claim) serverTime(t time.Time) time.Time {
	ahead, _ := c.clockAhead()
	return t.Add(ahead)
}
