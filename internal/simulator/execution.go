package simulator

import (
	"slices"
	"time"

	"github.com/google/uuid"
)

// execution is one test execution: its plan, its calls and the phase it is in.
type execution struct {
	w         *World
	n         int // from 0
	id        uuid.UUID
	runTest   *runTest
	plan      Plan
	scenarios []*scenario
	simulator uuid.UUID
	aside     bool // started by the test itself, not over the API

	began     time.Time
	records   time.Time // call records begin to appear
	announced int
	calls     []*call
	evals     []*evalConfig
	rounds    map[uuid.UUID]evalRound // by run-new-evals
	judged    time.Time               // the newest round is ready
	touched   time.Time               // all records were last written at once
	phase     phase
	finished  time.Time // the end of an earlier phase
	reason    string    // error_reason

	killAt, cancelAt time.Time // from outside

	rerunSerial, readSerial int // reruns accepted; of these, read until their end

	order orderCache
	reads int // of rows, after the end
}

// evalRound is the last run of one eval by run-new-evals.
type evalRound struct {
	n     int
	ready time.Time // zero: dispatch failed
}

type phaseKind int

const (
	phaseFirst  phaseKind = iota // execute: pending, running, evaluating
	phaseCalls                   // call_and_eval rerun: running, evaluating
	phaseEvals                   // eval_only rerun or new evals: evaluating
	phaseCancel                  // cancelling
	phaseDead                    // no workflow: pending for ever
)

// phase is what an execution does since began. Zero times are never.
type phase struct {
	kind  phaseKind
	began time.Time
	runs  time.Time // first call connected
	evals time.Time // last conversation ended
	ends  time.Time
	final Status
	sours time.Time // all calls of a cancelled execution have failed: it has, too
}

// findExecution finds an execution as it stands now.
func (w *World) findExecution(id uuid.UUID, now time.Time) (*execution, bool) {
	e, found := w.execBy[id]
	if found {
		e.advance(now)
	}
	return e, found
}

// status is the state of the execution at the given time (contract, section 4.1).
func (e *execution) status(now time.Time) Status {
	p := &e.phase
	switch {
	case reached(p.sours, now):
		return StatusFailed
	case reached(p.ends, now):
		return p.final
	case p.kind == phaseDead:
		return StatusPending
	case p.kind == phaseCancel:
		return StatusCancelling
	case p.kind == phaseEvals || reached(p.evals, now):
		return StatusEvaluating
	case p.kind == phaseCalls || reached(p.runs, now):
		return StatusRunning
	}
	return StatusPending
}

// shown is the state as the API tells it, with the plan's overrides.
func (e *execution) shown(now time.Time) Status {
	return e.plan.shown(e.status(now), e.since(now))
}

// since is the simulated time since the start.
func (e *execution) since(now time.Time) time.Duration {
	return time.Duration(float64(now.Sub(e.began)) * e.w.opts.Speed)
}

// completedAt is the end of the present phase, if it is reached.
func (e *execution) completedAt(now time.Time) (time.Time, bool) {
	return e.phase.ends, reached(e.phase.ends, now)
}

// errorReason is why the execution failed, or null.
func (e *execution) errorReason(now time.Time) *string {
	if e.reason == "" || e.status(now) != StatusFailed {
		return nil
	}
	return new(e.reason)
}

// noteRead notes that somebody saw the execution ended, so that a later rerun of its
// calls is a decision and no blind repetition.
func (e *execution) noteRead(now time.Time) {
	if e.status(now).Terminal() {
		e.readSerial = e.rerunSerial
	}
}

// visible are the calls whose records exist.
func (e *execution) visible(now time.Time) []*call {
	if !reached(e.records, now) {
		return nil
	}
	n, _ := slices.BinarySearchFunc(e.calls, now, func(c *call, now time.Time) int {
		if c.now.created.After(now) {
			return 1
		}
		return -1
	})
	return e.calls[:n]
}

// advance lets happen what was planned from outside: a cancel by somebody else, the
// death of the runner. Every look at an execution comes after it.
func (e *execution) advance(now time.Time) {
	if reached(e.killAt, now) {
		at := e.killAt
		e.killAt = time.Time{}
		if !e.status(at).Terminal() {
			e.reason = e.plan.FailReason
			e.stop(at, at, StatusFailed, "")
		}
	}
	if reached(e.cancelAt, now) {
		at := e.cancelAt
		e.cancelAt = time.Time{}
		if !e.status(at).Terminal() {
			e.cancel(at)
		}
	}
}

// lastChange is the time of the last planned change of any call record.
func (e *execution) lastChange() time.Time {
	last := later(e.records, later(e.touched, e.judged))
	for _, c := range e.calls {
		last = later(last, c.now.scheduled())
	}
	return last
}

// tally counts calls by their state.
type tally struct {
	total, pending, completed, failed, cancelled, analyzing int
	attempted, connected                                    int
}

func (e *execution) tally(now time.Time) tally {
	var t tally
	for _, c := range e.visible(now) {
		t.total++
		switch c.status(now) {
		case StatusPending:
			t.pending++
		case StatusCompleted:
			t.completed++
		case StatusFailed:
			t.failed++
		case StatusCancelled:
			t.cancelled++
		case StatusAnalyzing:
			t.analyzing++
		}
		if reached(c.now.placed, now) {
			t.attempted++
		}
		if c.now.connected(now) && !c.now.fails {
			t.connected++
		}
	}
	return t
}

// storedTally is what the server keeps of the tally: the total is there with the records,
// the others are filled at the end, and not by a cancel.
func (e *execution) storedTally(now time.Time) tally {
	t := e.tally(now)
	if e.status(now).Terminal() && e.phase.kind != phaseCancel {
		return t
	}
	return tally{total: t.total}
}
