package world

import (
	"time"

	"github.com/google/uuid"

	"github.com/agent-gate/agent-gate/internal/simulator/story"
)

// ExecutionState is where an execution stands.
type ExecutionState struct {
	ID, RunTestID uuid.UUID
	RunTestName   string
	Status        story.Status // the true one, whatever the plan has the API show
	Planned       int          // calls that the scenarios' rows announce; Calls are those that came
	Calls         []CallState
	StartedAt     time.Time
	EndedAt       time.Time // zero while it has not ended
}

// CallState is where a call stands.
type CallState struct {
	ID uuid.UUID
	story.Row
	Index    int // among the planned calls
	Status   story.Status
	Attempts int     // placed so far
	Final    bool    // ended, and not shown as failed on the way to completed
	Reason   *string // ended_reason
}

// Executions tells where all executions stand now, in the order of their start.
func (w *World) Executions(now time.Time) []ExecutionState {
	list := make([]ExecutionState, 0, len(w.executions))
	for _, e := range w.executions {
		e.advance(now)
		st := ExecutionState{ID: e.ID, RunTestID: e.RunTest.ID, RunTestName: e.RunTest.Name, Status: e.Status(now), Planned: e.Announced, StartedAt: e.Began}
		if at, ended := e.CompletedAt(now); ended {
			st.EndedAt = at
		}
		for _, c := range e.Calls {
			attempts := 0
			c.eachPlaced(now, func(*Attempt) { attempts++ })
			st.Calls = append(st.Calls, CallState{
				ID: c.ID, Row: story.Row{Scenario: c.Scenario.Name, Row: c.Row}, Index: c.Index, Status: c.Status(now), Attempts: attempts,
				Final: c.Final(now), Reason: c.EndedReason(now),
			})
		}
		list = append(list, st)
	}
	return list
}

// Running is how many executions have not ended now.
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
