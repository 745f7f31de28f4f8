package simulator

import (
	"cmp"
	"time"

	"github.com/google/uuid"
)

// call is one call execution with its present attempt and what came before it.
type call struct {
	exec     *execution
	index    int
	id       uuid.UUID
	scenario *scenario
	row      int
	fate     Outcome // of all attempts
	out      Outcome // of the present one
	now      attempt
	round    int // evaluations by eval_only reruns
	past     []pastAttempt
	serial   int // of the last rerun, see execution.rerunSerial
}

// attempt is the course of one try at a call. Times lie in the future until they are
// reached; the zero time is never.
type attempt struct {
	n       int  // from 0
	fails   bool // ends failed
	revived bool // failed, and made completed by an eval_only rerun
	lags    bool // the execution ends without it
	talk    time.Duration

	created, asked, placed, started, ended, done time.Time // asked: by a rerun

	failing, recovers    time.Time // shown as failed between, see Outcome.Wavers
	judging              time.Time // an eval_only rerun began
	closes               time.Time // the execution's end as planned with this attempt
	lateScore, lateEvals time.Time

	stopped    time.Time // cancelled or failed from outside
	stoppedAs  Status
	stoppedFor string

	overruled    time.Time // failed after it was cancelled
	overruledFor string
}

// pastAttempt is what a rerun left of an attempt.
type pastAttempt struct {
	was    attempt
	status Status
	round  int
	at     time.Time // of the rerun
	rerun  string    // its type
}

// findCall finds a call as it stands now.
func (w *World) findCall(id uuid.UUID, now time.Time) (*call, bool) {
	c, found := w.callBy[id]
	if found {
		c.exec.advance(now)
	}
	return c, found
}

// status is the state of the call at the given time. The documented dialect shows a
// call that has its slot but is not connected as queued, the deployed one as pending
// (contract, section 4.5).
func (c *call) status(now time.Time) Status {
	a := &c.now
	switch {
	case reached(a.overruled, now), c.wavering(now):
		return StatusFailed
	case reached(a.stopped, now):
		return a.stoppedAs
	case reached(a.done, now):
		if a.fails {
			return StatusFailed
		}
		return StatusCompleted
	case reached(a.judging, now), reached(a.ended, now):
		return StatusAnalyzing
	case reached(a.started, now):
		return StatusOngoing
	case reached(a.placed, now) && !c.exec.w.opts.Deployed:
		return StatusQueued
	}
	return StatusPending
}

// wavering reports whether the call is shown as failed and will complete.
func (c *call) wavering(now time.Time) bool {
	a := &c.now
	return reached(a.failing, now) && !reached(a.recovers, now) && !reached(a.stopped, now)
}

// final reports whether the call has ended for good.
func (c *call) final(now time.Time) bool { return c.status(now).Terminal() && !c.wavering(now) }

// updated is updated_at of the call's record. The workers of voice calls save single
// columns, which leaves it at the creation until a rerun is asked for (real-server.md,
// row 14); chats and hosted calls are saved whole.
func (c *call) updated(now time.Time) time.Time {
	a, e := &c.now, c.exec
	if e.plan.TiedRows {
		return e.records
	}
	last := later(a.created, a.asked)
	if e.w.opts.WholeRows || e.w.opts.Text || !e.w.opts.Deployed {
		for _, t := range [...]time.Time{a.placed, a.started, a.ended, a.judging, a.done, a.stopped, a.overruled, a.lateScore, a.lateEvals} {
			if reached(t, now) {
				last = later(last, t)
			}
		}
	}
	// Bulk writes go through the calls one after another.
	apart := time.Duration(len(e.calls)-c.index) * time.Microsecond
	for _, t := range [...]time.Time{e.touched, e.judged} {
		if reached(t, now) {
			last = later(last, t.Add(-apart))
		}
	}
	return last
}

// scheduled is the time of the last change that is planned.
func (a *attempt) scheduled() time.Time {
	last := a.created
	for _, t := range [...]time.Time{a.asked, a.started, a.ended, a.done, a.stopped, a.overruled, a.lateScore, a.lateEvals} {
		last = later(last, t)
	}
	return last
}

// connected reports whether the attempt reached the agent.
func (a *attempt) connected(now time.Time) bool { return reached(a.started, now) }

// over reports whether the attempt's conversation has ended.
func (a *attempt) over(now time.Time) bool { return reached(a.ended, now) }

// undone reports whether the attempt has failed after it was cancelled.
func (a *attempt) undone(now time.Time) bool { return reached(a.overruled, now) }

// conversed reports whether the attempt has a finished conversation to judge.
func (c *call) conversed(now time.Time) bool {
	a := &c.now
	return reached(a.ended, now) && !a.fails && !a.revived && c.out.SkipReason == "" && !c.out.NoTranscript
}

// scored reports whether the call has an overall_score now.
func (c *call) scored(now time.Time) bool {
	if c.status(now) != StatusCompleted || !c.conversed(now) || c.out.NoScore {
		return false
	}
	return c.scoreDelay() == 0 || reached(c.now.lateScore, now)
}

// scoreDelay is how long after the execution's end the score comes.
func (c *call) scoreDelay() time.Duration { return cmp.Or(c.out.LateScore, c.exec.plan.LateScores) }

// seed numbers the present attempt, for draws about it.
func (c *call) seed() (exec, index, attempt uint64) {
	return uint64(c.exec.n), uint64(c.index), uint64(c.now.n)
}

// remember keeps the present attempt before a rerun replaces it.
func (c *call) remember(now time.Time, rerun string) {
	c.past = append(c.past, pastAttempt{was: c.now, status: c.status(now), round: c.round, at: now, rerun: rerun})
}

// asks notes that a rerun was asked for, of the i-th of n calls, which are saved one
// after another.
func (c *call) asks(now time.Time, i, n int) {
	c.now.asked = now.Add(-time.Duration(n-1-i) * time.Microsecond)
}
