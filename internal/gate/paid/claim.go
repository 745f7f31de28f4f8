package paid

import (
	"slices"
	"time"

	"github.com/google/uuid"

	"github.com/agent-gate/agent-gate/internal/calls"
)

// claim decides what belongs to this run: the execution, and what is new on the run test. It goes by
// the record and by which other gates are running.
type claim struct {
	book
	// alone is true if this run created the run test for itself; company is true once another
	// gate that may use it was seen.
	alone, company bool
	others         func() bool // nil if unknown
	// beside returns the records of the other gates of this process; nil if it has one gate.
	beside func() []Record
	// late is true if this process did not send the start itself, so time has passed since.
	late bool
	// clockAhead is how far the server's clock is ahead of this machine's.
	clockAhead func() (ahead time.Duration, known bool)
}

// Mine reports whether this run started the execution: only then may it be cancelled.
func (c *claim) Mine() bool { return c.record.Owned }

// Guessed reports whether the execution may be somebody else's: it is never cancelled.
func (c *claim) Guessed() bool { return c.record.Guessed }

// UnderWay reports whether a request for more work on the execution was sent and its outcome is
// unknown.
func (c *claim) UnderWay() bool {
	return c.record.Step == StepRerunning || c.record.Step == StepEvaluating
}

// isShared reports whether others may execute the run test. Another gate may begin after the start
// was sent; once one was seen, the run test stays shared.
func (c *claim) isShared() bool {
	if !c.record.Shared && c.hasCompany() {
		c.keep(func(rec *Record) { rec.Shared = true })
	}
	return c.record.Shared
}

// hasCompany reports whether another gate of the same name is running or was seen since this run
// began: new executions may then be that gate's.
func (c *claim) hasCompany() bool {
	if c.others != nil && c.others() {
		c.company = true
	}
	return c.company
}

// isNew reports whether a run test was created since a time, by the server's clock.
func (c *claim) isNew(t calls.RunTest, since time.Time) bool {
	return t.CreatedAt != nil && !t.CreatedAt.Before(c.serverTime(since).Add(-clockSlack))
}

// unknown returns the new executions, oldest first, without the one being watched.
func (c *claim) unknown(now []calls.ExecutionSummary) []calls.ExecutionSummary {
	return c.since(now, c.record.ExecutionID)
}

// since returns the new executions, oldest first, without a known one. If time has passed since the
// start, it also leaves out those on a shared run test that began too long after it.
func (c *claim) since(now []calls.ExecutionSummary, known uuid.UUID) []calls.ExecutionSummary {
	var found []calls.ExecutionSummary
	for _, e := range now {
		old := e.ID == known || c.isEarlier(e.ID) || c.isShared() && c.beganBefore(e)
		if !old && !c.isNeighbours(e) && !(c.late && c.record.Shared && !near(e.StartedAt, c.serverTime(c.record.SentAt))) {
			found = append(found, e)
		}
	}
	slices.Reverse(found) // the list is newest first
	return found
}

// isNeighbours reports whether another gate of this process knows the execution as its own.
func (c *claim) isNeighbours(e calls.ExecutionSummary) bool {
	return slices.ContainsFunc(c.neighbours(), func(rec Record) bool {
		return rec.ExecutionID == e.ID && !rec.Guessed || slices.Contains(rec.Ended, e.ID)
	})
}

// neighbourStarts reports whether another gate of this process has sent a start of the same run test, of which it
// does not know yet what came of it.
func (c *claim) neighbourStarts() bool {
	return slices.ContainsFunc(c.neighbours(), func(rec Record) bool {
		return rec.Step == StepExecuting && rec.RunTestID == c.record.RunTestID
	})
}

func (c *claim) neighbours() []Record {
	if c.beside == nil {
		return nil
	}
	return c.beside()
}

// isEarlier reports whether an execution was there before the current one was requested.
func (c *claim) isEarlier(id uuid.UUID) bool {
	return slices.Contains(c.record.Before, id) || slices.Contains(c.record.Ended, id)
}

// clockSlack is the error of comparing a time of the server with one of this machine: both may be
// rounded to seconds, and the clock difference is measured to about a second.
const clockSlack = 3 * time.Second

// startWindow is how long after an execute its execution can begin.
const startWindow = time.Minute

// near reports whether an execution began when the execute was sent, both by the server's clock;
// false if unknown.
func near(startedAt *time.Time, sentAt time.Time) bool {
	return startedAt != nil && startedAt.Sub(sentAt).Abs() <= startWindow
}

// beganBefore reports whether an execution began before this run requested one, by the server's
// clock: then somebody else started it. It is false if that clock was not measured.
func (c *claim) beganBefore(e calls.ExecutionSummary) bool {
	_, measured := c.clockAhead()
	return measured && e.StartedAt != nil && !c.record.SentAt.IsZero() && e.StartedAt.Before(c.serverTime(c.record.SentAt).Add(-clockSlack))
}

// serverTime converts a time of this machine's clock to the server's clock.
func (c *claim) serverTime(t time.Time) time.Time {
	ahead, _ := c.clockAhead()
	return t.Add(ahead)
}
