package simulator

import (
	"time"

	"github.com/google/uuid"
)

// runTest is a configured test.
type runTest struct {
	id          uuid.UUID
	name        string
	description string
	agent       uuid.UUID
	version     uuid.UUID // uuid.Nil: none was named
	scenarios   []*scenario
	rowIDs      []string
	evals       []*evalConfig
	tools       bool // enable_tool_evaluation
	created     time.Time
	lastRun     time.Time
	executions  []*execution
}

// create adds a run test that a client has described, and notes it.
func (w *World) create(rt *runTest) {
	w.addRunTest(rt)
	w.paid.Created = append(w.paid.Created, CreatedRunTest{ID: rt.id, Name: rt.name, At: rt.created})
}

func (w *World) addRunTest(rt *runTest) *runTest {
	if rt.id == uuid.Nil {
		rt.id = w.id(forRunTest, uint64(len(w.runTests)))
	}
	w.runTests = append(w.runTests, rt)
	w.runTestBy[rt.id] = rt
	return rt
}

// complete is a run test with all scenarios and evals of the options.
func (w *World) complete(id uuid.UUID, name string, now time.Time) *runTest {
	return w.addRunTest(&runTest{id: id, name: name, agent: w.agent, scenarios: w.own(), evals: w.ownEvals(), created: now})
}

// knownRunTest finds a run test, and makes nothing up.
func (w *World) knownRunTest(id uuid.UUID) (*runTest, bool) {
	rt, known := w.runTestBy[id]
	return rt, known
}

// findRunTest finds a run test, or makes one up where unknown ids are accepted.
func (w *World) findRunTest(id uuid.UUID, now time.Time) *runTest {
	if rt, ok := w.runTestBy[id]; ok {
		return rt
	}
	if !w.acceptsUnknown(id) {
		return nil
	}
	return w.complete(id, "run-test-"+id.String()[:8], now)
}

// history are the executions of the run test as they stand now, in the order of their
// start.
func (rt *runTest) history(now time.Time) []*execution {
	for _, e := range rt.executions {
		e.advance(now)
	}
	return rt.executions
}

// AddRunTest makes a run test with all scenarios and evals of the options, as somebody
// does in the dashboard. The ledger does not count it.
func (w *World) AddRunTest(name string, now time.Time) uuid.UUID {
	return w.complete(uuid.Nil, name, now).id
}

// AddExecution starts an execution of a run test, as somebody does in the dashboard. The
// ledger marks it as started aside. It panics when there is no such run test.
func (w *World) AddExecution(runTest uuid.UUID, at time.Time) uuid.UUID {
	rt, ok := w.runTestBy[runTest]
	if !ok {
		panic("simulator: no run test " + runTest.String())
	}
	e := w.start(rt, rt.scenarios, uuid.Nil, at)
	e.aside = true
	return e.id
}
