package world

import (
	"time"

	"github.com/google/uuid"

	"github.com/agent-gate/agent-gate/internal/simulator/story"
)

// RunTest is a configured test.
type RunTest struct {
	ID          uuid.UUID
	Name        string
	Description string
	Agent       uuid.UUID
	Version     uuid.UUID // uuid.Nil: none was named
	Scenarios   []*Scenario
	RowIDs      []string
	Evals       []*EvalConfig
	Tools       bool // enable_tool_evaluation
	Created     time.Time
	LastRun     time.Time
	Prompt      *PromptOf // nil where an agent is tested
	executions  []*Execution
}

// Create adds a run test that a client has described, and notes it.
func (w *World) Create(rt *RunTest) {
	w.addRunTest(rt)
	w.paid.Created = append(w.paid.Created, CreatedRunTest{ID: rt.ID, Name: rt.Name, At: rt.Created})
}

func (w *World) addRunTest(rt *RunTest) *RunTest {
	if rt.ID == uuid.Nil {
		rt.ID = w.ID(story.ForRunTest, uint64(len(w.RunTests)))
	}
	w.RunTests = append(w.RunTests, rt)
	w.runTestBy[rt.ID] = rt
	return rt
}

// complete is a run test with all scenarios and evals of the options.
func (w *World) complete(id uuid.UUID, name string, now time.Time) *RunTest {
	return w.addRunTest(&RunTest{ID: id, Name: name, Agent: w.agent, Scenarios: w.own(), Evals: w.OwnEvals(), Created: now})
}

// KnownRunTest finds a run test, and makes nothing up.
func (w *World) KnownRunTest(id uuid.UUID) (*RunTest, bool) {
	rt, known := w.runTestBy[id]
	return rt, known
}

// FindRunTest finds a run test, or makes one up where unknown ids are accepted.
func (w *World) FindRunTest(id uuid.UUID, now time.Time) *RunTest {
	if rt, ok := w.runTestBy[id]; ok {
		return rt
	}
	if !w.acceptsUnknown(id) {
		return nil
	}
	return w.complete(id, "run-test-"+id.String()[:8], now)
}

// History are the executions of the run test as they stand now, in the order of their
// start.
func (rt *RunTest) History(now time.Time) []*Execution {
	for _, e := range rt.executions {
		e.advance(now)
	}
	return rt.executions
}

// AddRunTest makes a run test with all scenarios and evals of the options, as somebody
// does in the dashboard. The ledger does not count it.
func (w *World) AddRunTest(name string, now time.Time) uuid.UUID {
	return w.complete(uuid.Nil, name, now).ID
}

// AddExecution starts an execution of a run test, as somebody does in the dashboard. The
// ledger marks it as started aside. It panics when there is no such run test.
func (w *World) AddExecution(runTest uuid.UUID, at time.Time) uuid.UUID {
	rt, ok := w.runTestBy[runTest]
	if !ok {
		panic("simulator: no run test " + runTest.String())
	}
	e := w.Start(rt, rt.Scenarios, uuid.Nil, at)
	e.aside = true
	return e.ID
}
