package simulator

import (
	"slices"
	"time"

	"github.com/google/uuid"
)

// Paid is what was asked of the world and has its price, in order. It holds what the
// world knows, not what clients were told: an execute whose answer was lost stands in it.
type Paid struct {
	Created  []CreatedRunTest
	Started  []startedExecution
	Calls    []placedCall // by the time they were placed
	Reruns   []Rerun
	EvalRuns []EvalRun
	Cancels  []canceled
}

// CreatedRunTest is a run test that a create made.
type CreatedRunTest struct {
	ID   uuid.UUID
	Name string
	At   time.Time
}

// startedExecution is an execution, by execute or (Aside) by [World.AddExecution].
type startedExecution struct {
	ID, RunTestID uuid.UUID
	Calls         int
	Aside         bool
	At            time.Time
}

// placedCall is one attempt at a call that began: it is paid for.
type placedCall struct {
	ExecutionID, CallID uuid.UUID
	Attempt             int // from 0
	At                  time.Time
}

// Rerun is an accepted rerun-calls.
type Rerun struct {
	ExecutionID uuid.UUID
	Type        string
	Was         Status // the execution's state before
	CallIDs     []uuid.UUID
	// Duplicates counts calls that were placed again although nobody had read the
	// end of their last rerun: the mark of a blind repetition.
	Duplicates     int
	DispatchFailed bool
	At             time.Time
}

// EvalRun is an accepted run-new-evals, once for each execution.
type EvalRun struct {
	ExecutionID    uuid.UUID
	EvalConfigIDs  []uuid.UUID
	Calls          int
	DispatchFailed bool
	At             time.Time
}

// canceled is a cancel of a known execution.
type canceled struct {
	ExecutionID uuid.UUID
	Was         Status
	At          time.Time
}

// Paid returns a copy of what was paid for as of now.
func (w *World) Paid(now time.Time) Paid {
	p := w.paid
	p.Created = slices.Clone(p.Created)
	p.Reruns = slices.Clone(p.Reruns)
	p.EvalRuns = slices.Clone(p.EvalRuns)
	p.Cancels = slices.Clone(p.Cancels)
	for _, e := range w.executions {
		e.advance(now)
		p.Started = append(p.Started, startedExecution{ID: e.id, RunTestID: e.runTest.id, Calls: len(e.calls), Aside: e.aside, At: e.began})
		for _, c := range e.calls {
			c.eachPlaced(now, func(a *attempt) {
				p.Calls = append(p.Calls, placedCall{ExecutionID: e.id, CallID: c.id, Attempt: a.n, At: a.placed})
			})
		}
	}
	slices.SortStableFunc(p.Calls, func(a, b placedCall) int { return a.At.Compare(b.At) })
	return p
}

// eachPlaced visits the attempts at the call that have begun, each once.
func (c *call) eachPlaced(now time.Time, visit func(*attempt)) {
	for i := range c.past {
		p := &c.past[i]
		if p.rerun == callAndEval && reached(p.was.placed, p.at) {
			visit(&p.was)
		}
	}
	if reached(c.now.placed, now) {
		visit(&c.now)
	}
}

// CallsPlaced is how many attempts at calls have begun so far, reruns included.
func (w *World) CallsPlaced(now time.Time) int {
	n := 0
	for _, e := range w.executions {
		e.advance(now)
		for _, c := range e.calls {
			c.eachPlaced(now, func(*attempt) { n++ })
		}
	}
	return n
}

// DuplicateReruns is how many calls were placed again blindly; see
// [Rerun.Duplicates].
func (w *World) DuplicateReruns() int {
	n := 0
	for _, r := range w.paid.Reruns {
		n += r.Duplicates
	}
	return n
}
