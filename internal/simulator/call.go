package simulator

import (
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
	out      Outcome
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
	talk    time.Duration

	created, placed, started, ended, done time.Time
	judging                               time.Time // an eval_only rerun began
	closes                                time.Time // the execution's end as planned with this attempt
	lateScore, lateEvals                  time.Time

	stopped    time.Time // cancelled or failed from outside
	stoppedAs  Status
	stoppedFor string
}

// pastAttempt is what a rerun left of an attempt.
type pastAttempt struct {
	attempt
	status Status
	round  int
	at     time.Time // of the rerun
	rerun  string    // its type
}

// status is the state of the call at the given time. The documented dialect shows a
// call that has its slot but is not connected as queued, the deployed one as pending
// (contract, section 4.5).
func (c *call) status(now time.Time) Status {
	a := &c.now
	switch {
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
	case reached(a.placed, now) && !c.exec.s.deployed():
		return StatusQueued
	}
	return StatusPending
}

// updated is the time of the last change of the call's record.
func (c *call) updated(now time.Time) time.Time {
	a := &c.now
	last := a.created
	for _, t := range [...]time.Time{a.placed, a.started, a.ended, a.judging, a.done, a.stopped, a.lateScore, a.lateEvals, c.exec.touched, c.exec.judged} {
		if reached(t, now) {
			last = later(last, t)
		}
	}
	return last
}

// scheduled is the time of the last change that is planned.
func (a *attempt) scheduled() time.Time {
	last := a.created
	for _, t := range [...]time.Time{a.started, a.ended, a.done, a.stopped, a.lateScore, a.lateEvals} {
		last = later(last, t)
	}
	return last
}

// connected reports whether the attempt reached the agent.
func (a *attempt) connected(now time.Time) bool { return reached(a.started, now) }

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
	return c.out.LateScore == 0 || reached(c.now.lateScore, now)
}

// seed numbers the present attempt, for draws about it.
func (c *call) seed() (exec, index, attempt uint64) {
	return uint64(c.exec.n), uint64(c.index), uint64(c.now.n)
}

// remember keeps the present attempt before a rerun replaces it.
func (c *call) remember(now time.Time, rerun string) {
	c.past = append(c.past, pastAttempt{attempt: c.now, status: c.status(now), round: c.round, at: now, rerun: rerun})
}
