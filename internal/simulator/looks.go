package simulator

import (
	"time"

	"github.com/google/uuid"
)

// executionState is where an execution stands.
type executionState struct {
	ID, RunTestID uuid.UUID
	RunTestName   string
	Status        Status // the true one, whatever the plan has the API show
	Planned       int    // calls that the scenarios' rows announce; Calls are those that came
	Calls         []CallState
	StartedAt     time.Time
	EndedAt       time.Time // zero while it has not ended
}

// CallState is where a call stands.
type CallState struct {
	ID uuid.UUID
	Row
	Index    int // among the planned calls
	Status   Status
	Attempts int     // placed so far
	Final    bool    // ended, and not shown as failed on the way to completed
	Reason   *string // ended_reason
}

// Executions tells where all executions stand now, in the order of their start.
func (w *World) Executions(now time.Time) []executionState {
	list := make([]executionState, 0, len(w.executions))
	for _, e := range w.executions {
		e.advance(now)
		st := executionState{ID: e.id, RunTestID: e.runTest.id, RunTestName: e.runTest.name, Status: e.status(now), Planned: e.announced, StartedAt: e.began}
		if at, ended := e.completedAt(now); ended {
			st.EndedAt = at
		}
		for _, c := range e.calls {
			attempts := 0
			c.eachPlaced(now, func(*attempt) { attempts++ })
			st.Calls = append(st.Calls, CallState{
				ID: c.id, Row: Row{Scenario: c.scenario.Name, Row: c.row}, Index: c.index, Status: c.status(now), Attempts: attempts,
				Final: c.final(now), Reason: c.endedReason(now),
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
		if !e.status(now).Terminal() {
			n++
		}
	}
	return n
}
