package world_test

import (
	"testing"
	"time"

	"github.com/google/uuid"

	"github.com/agent-gate/agent-gate/internal/simulator/story"
	"github.com/agent-gate/agent-gate/internal/simulator/world"
)

// begin is when the executions of the tests start.
var begin = time.Date(2026, 8, 22, 10, 0, 0, 0, time.UTC)

// start starts an execution of two scenarios of four rows.
func start(t *testing.T, o world.Options, plan story.Plan) (*world.World, *world.Execution) {
	t.Helper()
	o.Speed, o.Concurrency = 1, 3
	o.Scenarios = []story.Scenario{{Name: "Billing dispute", Rows: 4}, {Name: "Appointment booking", Rows: 4}}
	o.Evals = []story.Eval{{Name: "is_helpful", Type: story.TypePassFail}}
	o.PlanFor = func(int) story.Plan { return plan }
	w := world.New(o)
	rt, found := w.KnownRunTest(w.AddRunTest("nightly", begin))
	if !found {
		t.Fatal("the run test is not there")
	}
	return w, w.Start(rt, rt.Scenarios, uuid.Nil, begin)
}

// end returns the time at which the execution has ended, at the earliest from.
func end(t *testing.T, e *world.Execution, from time.Time) time.Time {
	t.Helper()
	for now := from; now.Before(from.Add(10 * time.Hour)); now = now.Add(time.Second) {
		if e.Status(now).Terminal() {
			return now
		}
	}
	t.Fatalf("the execution is still %s", e.Status(from.Add(10*time.Hour)))
	return time.Time{}
}

// indices are the indices of calls.
func indices(calls []*world.Call) []int {
	list := make([]int, len(calls))
	for i, c := range calls {
		list[i] = c.Index
	}
	return list
}
