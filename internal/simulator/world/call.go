package world

import (
	"cmp"
	"time"

	"github.com/google/uuid"

	"github.com/agent-gate/agent-gate/internal/simulator/story"
)

// Call is one call execution with its current attempt and the earlier ones.
type Call struct {
	Execution *Execution
	Index     int
	ID        uuid.UUID
	Scenario  *Scenario
	Row       int
	fate      story.Outcome // of all attempts
	Outcome   story.Outcome // of the current attempt
	Attempt   Attempt
	round     int // evaluations by eval_only reruns
	Past      []PastAttempt
	serial    int // the execution's rerunSerial at the call's last rerun
}

// Attempt is the planned course of one attempt at a call. Its times may lie in the future;
// the zero time is never.
type Attempt struct {
	n       int  // from 0
	Fails   bool // ends as failed
	revived bool // failed, then completed by an eval_only rerun
	lags    bool // the execution ends before it
	Talk    time.Duration

	// The record is created, the attempt gets its slot (placed), reaches the agent
	// (Started), the conversation ends, the analysis is done.
	Created, placed, Started, Ended, done time.Time

	asked                time.Time // a rerun was requested
	failing, recovers    time.Time // shown as failed between them; see Outcome.Wavers
	judging              time.Time // an eval_only rerun began
	closes               time.Time // the planned end of the execution's phase
	lateScore, lateEvals time.Time

	stopped    time.Time // cancelled, or failed with its execution
	stoppedAs  story.Status
	stoppedFor string

	failedLate    time.Time // failed after it was cancelled
	failedLateFor string
}

// PastAttempt is an attempt before a rerun.
type PastAttempt struct {
	was    Attempt
	Status story.Status // when the rerun was requested
	round  int
	At     time.Time // of the rerun
	Rerun  string    // its type
}

// FindCall returns the call with the given id as of now.
func (w *World) FindCall(id uuid.UUID, now time.Time) (*Call, bool) {
	c, found := w.callBy[id]
	if found {
		c.Execution.advance(now)
	}
	return c, found
}

// Status returns the status of the call. A call that has its slot but is not connected is
// queued in the documented dialect and pending in the deployed one (contract, section
// 4.5).
func (c *Call) Status(now time.Time) story.Status {
	a := &c.Attempt
	switch {
	case reached(a.failedLate, now), c.wavering(now):
		return story.StatusFailed
	case reached(a.stopped, now):
		return a.stoppedAs
	case reached(a.done, now):
		if a.Fails {
			return story.StatusFailed
		}
		return story.StatusCompleted
	case reached(a.judging, now), reached(a.Ended, now):
		return story.StatusAnalyzing
	case reached(a.Started, now):
		return story.StatusOngoing
	case reached(a.placed, now) && !c.Execution.w.Options.Deployed:
		return story.StatusQueued
	}
	return story.StatusPending
}

// wavering reports whether the call is shown as failed but will complete.
func (c *Call) wavering(now time.Time) bool {
	a := &c.Attempt
	return reached(a.failing, now) && !reached(a.recovers, now) && !reached(a.stopped, now)
}

// Final reports whether the call has ended for good.
func (c *Call) Final(now time.Time) bool { return c.Status(now).Terminal() && !c.wavering(now) }

// Updated returns updated_at of the call's record. The workers of voice calls save single
// columns, so it stays at the creation until a rerun is requested (real-server.md, row
// 14). Chats are saved whole.
func (c *Call) Updated(now time.Time) time.Time {
	a, e := &c.Attempt, c.Execution
	if e.Plan.TiedRows {
		return e.records
	}
	last := later(a.Created, a.asked)
	if e.w.Options.WholeRows || e.w.Options.Text || !e.w.Options.Deployed {
		for _, t := range [...]time.Time{a.placed, a.Started, a.Ended, a.judging, a.done, a.stopped, a.failedLate, a.lateScore, a.lateEvals} {
			if reached(t, now) {
				last = later(last, t)
			}
		}
	}
	// Bulk writes save the calls one after another.
	apart := time.Duration(len(e.Calls)-c.Index) * time.Microsecond
	for _, t := range [...]time.Time{e.touched, e.judged} {
		if reached(t, now) {
			last = later(last, t.Add(-apart))
		}
	}
	return last
}

// scheduled returns the time of the last planned change.
func (a *Attempt) scheduled() time.Time {
	last := a.Created
	for _, t := range [...]time.Time{a.asked, a.Started, a.Ended, a.done, a.stopped, a.failedLate, a.lateScore, a.lateEvals} {
		last = later(last, t)
	}
	return last
}

// Connected reports whether the attempt reached the agent.
func (a *Attempt) Connected(now time.Time) bool { return reached(a.Started, now) }

// Over reports whether the attempt's conversation has ended.
func (a *Attempt) Over(now time.Time) bool { return reached(a.Ended, now) }

// FailedAfterCancel reports whether the attempt has failed after it was cancelled.
func (a *Attempt) FailedAfterCancel(now time.Time) bool { return reached(a.failedLate, now) }

// conversed reports whether the call has a finished conversation to evaluate.
func (c *Call) conversed(now time.Time) bool {
	a := &c.Attempt
	return reached(a.Ended, now) && !a.Fails && !a.revived && c.Outcome.SkipReason == "" && !c.Outcome.NoTranscript
}

// scored reports whether the call has an overall_score.
func (c *Call) scored(now time.Time) bool {
	if c.Status(now) != story.StatusCompleted || !c.conversed(now) || c.Outcome.NoScore {
		return false
	}
	return c.scoreDelay() == 0 || reached(c.Attempt.lateScore, now)
}

// scoreDelay returns how long after the end of the execution the score arrives.
func (c *Call) scoreDelay() time.Duration {
	return cmp.Or(c.Outcome.LateScore, c.Execution.Plan.LateScores)
}

// seed identifies the current attempt for [story.Seed.Draw].
func (c *Call) seed() (exec, index, attempt uint64) {
	return uint64(c.Execution.n), uint64(c.Index), uint64(c.Attempt.n)
}

// remember keeps the current attempt before a rerun replaces it.
func (c *Call) remember(now time.Time, rerun string) {
	c.Past = append(c.Past, PastAttempt{was: c.Attempt, Status: c.Status(now), round: c.round, At: now, Rerun: rerun})
}

// asks records that a rerun of the i-th of n calls was requested. They are saved one after
// another.
func (c *Call) asks(now time.Time, i, n int) {
	c.Attempt.asked = now.Add(-time.Duration(n-1-i) * time.Microsecond)
}
