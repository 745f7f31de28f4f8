package world

import (
	"slices"
	"time"

	"github.com/google/uuid"

	"github.com/agent-gate/agent-gate/internal/simulator/chat"
	"github.com/agent-gate/agent-gate/internal/simulator/story"
)

// Ledger records what clients did that changes the world or costs money, in order. It
// holds what happened, not what clients were told: an execute whose response was lost is
// in it.
type Ledger struct {
	Created  []CreatedRunTest
	Deleted  []uuid.UUID        // run tests
	Started  []StartedExecution // in the order of their start
	Calls    []PlacedCall       // by the time they were placed
	Reruns   []Rerun
	EvalRuns []EvalRun
	Cancels  []Cancel
	Chats    []HeldChat // in the order in which their rows were made
}

// CreatedRunTest is a run test made by a create request.
type CreatedRunTest struct {
	ID   uuid.UUID
	Name string
	At   time.Time
}

// StartedExecution is an execution started by an execute request or, if Aside, by
// [World.AddExecution].
type StartedExecution struct {
	ID, RunTestID uuid.UUID
	Calls         int
	Aside         bool
	Kind          chat.Kind // empty where the server places the calls
	At            time.Time
}

// PlacedCall is one attempt at a call that was placed, and so is paid for.
type PlacedCall struct {
	ExecutionID, CallID uuid.UUID
	Attempt             int // from 0
	At                  time.Time
}

// Rerun is an accepted rerun-calls.
type Rerun struct {
	ExecutionID uuid.UUID
	Type        string
	Was         story.Status // the execution's status before
	CallIDs     []uuid.UUID
	// Duplicates counts calls that were placed again before any client had read the end
	// of their previous rerun: the client repeated a request blindly.
	Duplicates     int
	DispatchFailed bool
	At             time.Time
}

// EvalRun is an accepted run-new-evals; each of its executions has an entry.
type EvalRun struct {
	ExecutionID    uuid.UUID
	EvalConfigIDs  []uuid.UUID
	Calls          int
	DispatchFailed bool
	At             time.Time
}

// Cancel is a cancel of an existing execution.
type Cancel struct {
	ExecutionID uuid.UUID
	Was         story.Status // the execution's status before
	At          time.Time
}

// Ledger returns a copy of the ledger as of now.
func (w *World) Ledger(now time.Time) Ledger {
	l := w.ledger
	l.Created = slices.Clone(l.Created)
	l.Deleted = slices.Clone(l.Deleted)
	l.Reruns = slices.Clone(l.Reruns)
	l.EvalRuns = slices.Clone(l.EvalRuns)
	l.Cancels = slices.Clone(l.Cancels)
	for _, e := range w.executions {
		e.advance(now)
		started := StartedExecution{ID: e.ID, RunTestID: e.RunTest.ID, Calls: len(e.Calls), Aside: e.aside, At: e.Began}
		if e.Chat != nil {
			started.Kind = e.Chat.Kind
		}
		l.Started = append(l.Started, started)
		l.Chats = append(l.Chats, e.held(now)...)
		for _, c := range e.Calls {
			c.eachPlaced(now, func(a *Attempt) {
				l.Calls = append(l.Calls, PlacedCall{ExecutionID: e.ID, CallID: c.ID, Attempt: a.n, At: a.placed})
			})
		}
	}
	slices.SortStableFunc(l.Calls, func(a, b PlacedCall) int { return a.At.Compare(b.At) })
	return l
}

// eachPlaced visits each attempt at the call that has been placed. An eval_only rerun adds
// none.
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

// CallsPlaced returns how many attempts at calls have been placed, reruns included.
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

// DuplicateReruns returns the sum of [Rerun.Duplicates].
func (w *World) DuplicateReruns() int {
	n := 0
	for _, r := range w.ledger.Reruns {
		n += r.Duplicates
	}
	return n
}
