package world

import (
	"slices"
	"time"

	"github.com/google/uuid"

	"github.com/agent-gate/agent-gate/internal/simulator/story"
)

// RunTest is a run test: an agent with the scenarios and evals to run.
type RunTest struct {
	ID          uuid.UUID
	Name        string
	Description string
	Agent       uuid.UUID
	Version     uuid.UUID // uuid.Nil if the request named none
	Scenarios   []*Scenario
	RowIDs      []string
	Evals       []*EvalConfig
	Tools       bool // enable_tool_evaluation
	Created     time.Time
	LastRun     time.Time
	Prompt      *PromptOf // nil where an agent is tested
	executions  []*Execution
}

// Create adds a run test on a client's request and records it in the ledger.
func (w *World) Create(rt *RunTest) {
	w.addRunTest(rt)
	w.ledger.Created = append(w.ledger.Created, CreatedRunTest{ID: rt.ID, Name: rt.Name, At: rt.Created})
}

func (w *World) addRunTest(rt *RunTest) *RunTest {
	if rt.ID == uuid.Nil {
		rt.ID = w.ID(story.ForRunTest, uint64(len(w.RunTests)+len(w.deleted)))
	}
	w.RunTests = append(w.RunTests, rt)
	w.runTestBy[rt.ID] = rt
	return rt
}

// complete adds a run test with all scenarios and evals of the options.
func (w *World) complete(id uuid.UUID, name string, now time.Time) *RunTest {
	return w.addRunTest(&RunTest{ID: id, Name: name, Agent: w.agent, Scenarios: w.allScenarios(), Evals: w.AllEvals(), Created: now})
}

// KnownRunTest returns the run test with the given id and never makes one up.
func (w *World) KnownRunTest(id uuid.UUID) (*RunTest, bool) {
	rt, known := w.runTestBy[id]
	return rt, known
}

// Delete removes a run test and hides its executions. It reports false, and does nothing, while one of them
// runs: evaluating is none of that (real-server.md, additions).
func (w *World) Delete(rt *RunTest, now time.Time) bool {
	for _, e := range rt.History(now) {
		if e.Status(now) == story.StatusRunning {
			return false
		}
	}
	w.RunTests = slices.DeleteFunc(w.RunTests, func(other *RunTest) bool { return other == rt })
	delete(w.runTestBy, rt.ID)
	w.deleted[rt.ID] = true
	w.ledger.Deleted = append(w.ledger.Deleted, rt.ID)
	return true
}

// FindRunTest returns the run test with the given id. It makes one up if unknown ids are
// accepted, or if the id is one of [Options.Prompts], and otherwise returns nil.
func (w *World) FindRunTest(id uuid.UUID, now time.Time) *RunTest {
	if rt, ok := w.runTestBy[id]; ok {
		return rt
	}
	if w.deleted[id] {
		return nil
	}
	ofPrompt := slices.Contains(w.Options.Prompts, id)
	if !ofPrompt && !w.acceptsUnknown(id) {
		return nil
	}
	rt := w.complete(id, "run-test-"+id.String()[:8], now)
	if ofPrompt {
		rt.Prompt = new(w.Prompt())
	}
	return rt
}

// History returns the executions of the run test as of now, oldest first.
func (rt *RunTest) History(now time.Time) []*Execution {
	for _, e := range rt.executions {
		e.advance(now)
	}
	return rt.executions
}

// AddRunTest adds a run test with all scenarios and evals of the options, as a user of the
// dashboard would. The ledger does not record it.
func (w *World) AddRunTest(name string, now time.Time) uuid.UUID {
	return w.complete(uuid.Nil, name, now).ID
}

// AddExecution starts an execution of a run test, as a user of the dashboard would. The
// ledger records it with Aside set. It panics if there is no such run test.
func (w *World) AddExecution(runTest uuid.UUID, at time.Time) uuid.UUID {
	rt, ok := w.runTestBy[runTest]
	if !ok {
		panic("simulator: no run test " + runTest.String())
	}
	e := w.Start(rt, rt.Scenarios, uuid.Nil, at)
	e.aside = true
	return e.ID
}
