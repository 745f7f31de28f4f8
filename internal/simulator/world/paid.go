package world

import (
	"slices"
	"time"

	"github.com/google/uuid"

	"github.com/agent-gate/agent-gate/internal/simulator/chat"
	"github.com/agent-gate/agent-gate/internal/simulator/story"
)

// Paid is what was asked of the world and has its price, in order. It holds what the
// world knows, not what clients were told: an execute whose answer was lost stands in it.
type Paid struct {
	Created  []CreatedRunTest
	Started  []StartedExecution
	Calls    []PlacedCall // by the time they were placed
	Reruns   []Rerun
	EvalRuns []EvalRun
	Cancels  []Cancel
	Chats    []HeldChat // in the order in which their rows were made
}

// CreatedRunTest is a run test that a create made.
type CreatedRunTest struct {
	ID   uuid.UUID
	Name string
	At   time.Time
}

// StartedExecution is an execution, by execute or (Aside) by [World.AddExecution].
type StartedExecution struct {
	ID, RunTestID uuid.UUID
	Calls         int
	Aside         bool
	Kind          chat.Kind // empty where the server places the calls
	At            time.Time
}

// PlacedCall is one attempt at a call that began: it is paid for.
type PlacedCall struct {
	ExecutionID, CallID uuid.UUID
	Attempt             int // from 0
	At                  time.Time
}

// Rerun is an accepted rerun-calls.
type Rerun struct {
	ExecutionID uuid.UUID
	Type        string
	Was         story.Status // the execution's state before
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

// Cancel is a cancel of a known execution.
type Cancel struct {
	ExecutionID uuid.UUID
	Was         story.Status
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
		started := StartedExecution{ID: e.ID, RunTestID: e.RunTest.ID, Calls: len(e.Calls), Aside: e.aside, At: e.Began}
		if e.Chat != nil {
			started.Kind = e.Chat.Kind
		}
		p.Started = append(p.Started, started)
		p.Chats = append(p.Chats, e.held(now)...)
		for _, c := range e.Calls {
			c.eachPlaced(now, func(a *Attempt) {
				p.Calls = append(p.Calls, PlacedCall{ExecutionID: e.ID, CallID: c.ID, Attempt: a.n, At: a.placed})
			})
		}
	}
	slices.SortStableFunc(p.Calls, func(a, b PlacedCall) int { return a.At.Compare(b.At) })
	return p
}

// eachPlaced visits the attempts at the call that have begun, each once.
func (c *Call) eachPlaced(now time.Time, visit func(*Attempt)) {
	if c.Chat != nil {
		if at, begun := c.Chat.Begun(); begun && !at.After(now) {
			visit(&Attempt{placed: at})
		}
		return
	}
	for i := range c.Past {
		p := &c.Past[i]
		if p.Rerun == CallAndEval && reached(p.was.placed, p.At) {
			visit(&p.was)
		}
	}
	if reached(c.Attempt.placed, now) {
		visit(&c.Attempt)
	}
}

// CallsPlaced is how many attempts at calls have begun so far, reruns included.
func (w *World) CallsPlaced(now time.Time) int {
	n := 0
	for _, e := range w.executions {
		e.advance(now)
		for _, c := range e.Calls {
			c.eachPlaced(now, func(*Attempt) { n++ })
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
