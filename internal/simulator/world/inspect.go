package world

import (
	"time"

	"github.com/google/uuid"

	"github.com/agent-gate/agent-gate/internal/simulator/story"
)

// ExecutionState is the state of an execution.
type ExecutionState struct {
	ID, RunTestID uuid.UUID
	RunTestName   string
	Status        story.Status // the true status, which the API may override
	Planned       int          // calls planned, one for each row; Calls are those created
	Calls         []CallState
	StartedAt     time.Time
	EndedAt       time.Time // zero while it has not ended
}

// CallState is the state of a call.
type CallState struct {
	ID uuid.UUID
	story.Row
	Index    int // among the planned calls
	Status   story.Status
	Attempts int     // placed so far
	Final    bool    // ended for good; a call that is only shown as failed has not
	Reason   *string // ended_reason
	Tries    []TryState
}

// TryState is an attempt at a voice call that was placed. Times in the future have not come yet.
type TryState struct {
	Placed, Ended time.Time     // Ended is zero if the conversation does not end by itself
	Talk          time.Duration // of its conversation
	Cents         int           // as the API shows it, once it has ended; 0 where it shows none
}

// Executions returns the states of all executions, in the order of their start.
func (w *World) Executions(now time.Time) []ExecutionState {
	list := make([]ExecutionState, 0, len(w.executions))
	for _, e := range w.executions {
		e.advance(now)
		st := ExecutionState{ID: e.ID, RunTestID: e.RunTest.ID, RunTestName: e.RunTest.Name, Status: e.Status(now), Planned: e.Planned, StartedAt: e.Began}
		if at, ended := e.CompletedAt(now); ended {
			st.EndedAt = at
		}
		for _, c := range e.Calls {
			attempts := 0
			var tries []TryState
			c.eachPlaced(now, func(a *Attempt) {
				attempts++
				tries = append(tries, c.tryOf(a))
			})
			st.Calls = append(st.Calls, CallState{
				ID: c.ID, Row: story.Row{Scenario: c.Scenario.Name, Row: c.Row}, Index: c.Index, Status: c.Status(now), Attempts: attempts,
				Final: c.Final(now), Reason: c.EndedReason(now), Tries: tries,
			})
		}
		list = append(list, st)
	}
	return list
}

// tryOf returns the state of an attempt.
func (c *Call) tryOf(a *Attempt) TryState {
	t := TryState{Placed: a.placed, Talk: a.Talk}
	outcome := c.fate.In(a.n)
	t.Ended = a.Ended
	if replaced := a != &c.Attempt; replaced || !a.Fails && outcome.SkipReason == "" {
		t.Cents = outcome.Cost(a.Talk)
	}
	return t
}

// Running returns how many executions have not ended.
func (w *World) Running(now time.Time) int {
	n := 0
	for _, e := range w.executions {
		e.advance(now)
		if !e.Status(now).Terminal() {
			n++
		}
	}
	return n
}
