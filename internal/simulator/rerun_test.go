package simulator_test

import (
	"fmt"
	"slices"
	"testing"
	"testing/synctest"
	"time"

	"github.com/google/uuid"

	"github.com/agent-gate/agent-gate/internal/simulator"
	"github.com/agent-gate/agent-gate/internal/simulator/story"
)

// rerun reruns calls by index, in the casing of the dialect.
func (w world) rerun(id uuid.UUID, typ string, indices ...int) result {
	w.t.Helper()
	var ids []string
	for _, e := range w.Executions() {
		if e.ID == id {
			ids = callIDs(e, indices...)
		}
	}
	keys := [2]string{"rerun_type", "call_execution_ids"}
	if !w.deployed() {
		keys = [2]string{"rerunType", "callExecutionIds"}
	}
	return w.post(executionPath(id)+"rerun-calls/", encode(w.t, map[string]any{keys[0]: typ, keys[1]: ids}))
}

func (w world) callStatus(id uuid.UUID, index int) story.Status {
	for _, e := range w.Executions() {
		if e.ID == id {
			return e.Calls[index].Status
		}
	}
	return ""
}

func TestARerunPlacesCallsAgain(t *testing.T) {
	t.Parallel()
	plan := story.Plan{Calls: map[int]story.Outcome{0: story.Flaky(1, "busy"), 1: story.Flaky(2, "busy"), 2: story.Fails("gone")}}
	inBothDialects(t, simulator.Options{Plan: plan}, func(t *testing.T, w world) {
		id := w.start()
		w.finish(id)
		w.rerun(id, "call_and_eval", 0, 1, 2).decode(t, 200)
		if got := w.status(id); got != "running" {
			t.Errorf("got %s right after the answer, want running", got)
		}
		if got := w.finish(id); !slices.Equal(got, []string{"running", "evaluating", "completed"}) {
			t.Errorf("got states %v", got)
		}
		want := []story.Status{story.StatusCompleted, story.StatusFailed, story.StatusFailed}
		for i, st := range want {
			if got := w.callStatus(id, i); got != st {
				t.Errorf("after one rerun call %d is %s, want %s", i, got, st)
			}
		}
		w.rerun(id, "call_and_eval", 1, 2).decode(t, 200)
		w.finish(id)
		if got := w.callStatus(id, 1); got != story.StatusCompleted {
			t.Errorf("after two reruns call 1 is %s", got)
		}
		if got, want := w.CallsPlaced(), 20+3+2; got != want {
			t.Errorf("%d calls were placed, want %d", got, want)
		}
		if n := w.DuplicateReruns(); n != 0 {
			t.Errorf("%d duplicate reruns", n)
		}
		attempts := w.Executions()[0].Calls[1].Attempts
		if attempts != 3 {
			t.Errorf("call 1 had %d attempts, want 3", attempts)
		}
	})
}

func TestAnEvalOnlyRerunOfAFailedCallLies(t *testing.T) {
	t.Parallel()
	inBothDialects(t, simulator.Options{Plan: story.Plan{Calls: map[int]story.Outcome{0: story.Fails("gone")}}}, func(t *testing.T, w world) {
		id := w.start()
		w.finish(id)
		w.rerun(id, "eval_only", 0).decode(t, 200)
		if got := w.finish(id); !slices.Equal(got, []string{"evaluating", "completed"}) {
			t.Errorf("got states %v", got)
		}
		if got := w.callStatus(id, 0); got != story.StatusCompleted {
			t.Errorf("the failed call is %s, want completed", got)
		}
		if got := w.CallsPlaced(); got != 20 {
			t.Errorf("%d calls were placed, want 20", got)
		}
		if !w.deployed() {
			return
		}
		row := w.rowOf(id, 0)
		if row["overall_score"] != nil {
			t.Errorf("got score %v", row["overall_score"])
		}
		for _, v := range row["eval_outputs"].(map[string]any) {
			out := v.(map[string]any)
			if out["value"] != nil || out["reason"] != "No transcript data available" || out["error"] != false {
				t.Errorf("got eval %v", out)
			}
		}
	})
}

func TestAnEvalOnlyRerunHealsWhatItEvaluatesAgain(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		w := newWorld(t, simulator.Options{Plan: story.Plan{Calls: map[int]story.Outcome{
			0: story.Succeeds(8).With("is_helpful", story.EvalErrored().Times(1)).With("tone", story.EvalPending()),
		}}})
		id := w.start()
		w.finish(id)
		state := func(name string) string {
			for _, e := range w.get(executionPath(id)+"?limit=1").decode(t, 200)["column_order"].([]any) {
				column := e.(map[string]any)
				if column["column_name"] != name {
					continue
				}
				out := w.rowOf(id, 0)["eval_outputs"].(map[string]any)[column["id"].(string)].(map[string]any)
				return fmt.Sprint(out["value"], out["error"])
			}
			return "no such eval"
		}
		if got := state("is_helpful"); got != "<nil> true" {
			t.Errorf("before: is_helpful is %s", got)
		}
		w.rerun(id, "eval_only", 0).decode(t, 200)
		w.finish(id)
		if got := state("is_helpful"); got != "Passedfalse" {
			t.Errorf("after: is_helpful is %s", got)
		}
		if got := state("tone"); got != "<nil> <nil>" {
			t.Errorf("after: tone is %s, want pending", got)
		}
	})
}

func TestWhoMayBeRerunDependsOnTheDialect(t *testing.T) {
	t.Parallel()
	inBothDialects(t, simulator.Options{}, func(t *testing.T, w world) {
		id := w.start()
		w.rerun(id, "call_and_eval", 0).decode(t, 400) // pending
		time.Sleep(30 * time.Second)
		want := 400
		if w.deployed() {
			want = 200
		}
		w.rerun(id, "eval_only", 0).decode(t, want) // running
	})
}

func TestUnknownCallsOfARerun(t *testing.T) {
	t.Parallel()
	inBothDialects(t, simulator.Options{}, func(t *testing.T, w world) {
		id := w.start()
		w.finish(id)
		unknown := uuid.NewString()
		if w.deployed() {
			body := `{"rerun_type":"eval_only","call_execution_ids":["` + unknown + `"]}`
			got := w.post(executionPath(id)+"rerun-calls/", body).decode(t, 400)
			if got["detail"] != "No call executions found that can be rerun." {
				t.Errorf("got %v", got["detail"])
			}
			return
		}
		body := `{"rerunType":"eval_only","callExecutionIds":["` + unknown + `"]}`
		got := w.post(executionPath(id)+"rerun-calls/", body).decode(t, 200)
		failed := got["failedReruns"].([]any)
		if len(failed) != 1 || failed[0].(map[string]any)["callExecutionId"] != unknown {
			t.Errorf("got %v", got)
		}
	})
}

func TestSelectAllWithIdsMeansTwoThings(t *testing.T) {
	t.Parallel()
	inBothDialects(t, simulator.Options{}, func(t *testing.T, w world) {
		id := w.start()
		w.finish(id)
		first := callIDs(w.Executions()[0], 0)[0]
		body, key, want := `{"rerunType":"eval_only","selectAll":true,"callExecutionIds":["`+first+`"]}`, "successCount", "20"
		if w.deployed() {
			body, key, want = `{"rerun_type":"eval_only","select_all":true,"call_execution_ids":["`+first+`"]}`, "success_count", "19"
		}
		got := w.post(executionPath(id)+"rerun-calls/", body).decode(t, 200)
		if n := fmt.Sprint(got[key]); n != want {
			t.Errorf("%s calls are rerun, want %s", n, want)
		}
	})
}

func TestADispatchFailureStartsNothing(t *testing.T) {
	t.Parallel()
	inBothDialects(t, simulator.Options{Plan: story.Plan{RerunDispatchError: "down"}}, func(t *testing.T, w world) {
		id := w.start()
		w.finish(id)
		got := w.rerun(id, "call_and_eval", 0).decode(t, 200)
		if w.deployed() {
			if got["dispatch_error"] != "down" || fmt.Sprint(got["success_count"]) != "0" {
				t.Errorf("got %v", got)
			}
			if st := w.status(id); st != "failed" {
				t.Errorf("got %s, want failed", st)
			}
		}
		if n := w.CallsPlaced(); n != 20 {
			t.Errorf("%d calls were placed, want 20", n)
		}
	})
}

func TestABlindRerunIsCounted(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		w := newWorld(t, simulator.Options{Plan: story.Plan{Calls: map[int]story.Outcome{0: story.Fails("")}}})
		id := w.start()
		w.finish(id)
		w.rerun(id, "call_and_eval", 0).decode(t, 200)
		time.Sleep(time.Hour)
		w.rerun(id, "call_and_eval", 0).decode(t, 200) // nobody read how the first one ended
		if n := w.DuplicateReruns(); n != 1 {
			t.Errorf("got %d duplicate reruns, want 1", n)
		}
	})
}

func TestNewEvalsRunOnAFinishedExecution(t *testing.T) {
	t.Parallel()
	options := simulator.Options{
		Evals: []story.Eval{{Name: "is_helpful", Type: story.TypePassFail}, {Name: "later", Type: story.TypePassFail, OnRequest: true}},
		Plan:  story.Plan{Calls: map[int]story.Outcome{1: story.Fails("gone")}},
	}
	inBothDialects(t, options, func(t *testing.T, w world) {
		run := w.AddRunTest("x")
		id := w.execute(run)
		body := encode(t, map[string]any{"test_execution_ids": []uuid.UUID{id}, "eval_config_ids": []uuid.UUID{w.EvalConfigs()[1].ID}})
		path := "/simulate/run-tests/" + run.String() + "/run-new-evals/"
		w.post(path, body).decode(t, 400) // not completed yet
		w.finish(id)
		evalsOf := func(index int) map[string]any {
			call := callIDs(w.Executions()[0], index)[0]
			return w.get("/simulate/call-executions/"+call+"/").decode(t, 200)["eval_outputs"].(map[string]any)
		}
		if n := len(evalsOf(0)); n != 1 {
			t.Errorf("before: %d evals, want 1", n)
		}
		got := w.post(path, body).decode(t, 200)
		if fmt.Sprint(got["call_execution_count"]) != "20" {
			t.Errorf("got %v", got)
		}
		later := w.EvalConfigs()[1].ID.String()
		if pending := evalsOf(0)[later].(map[string]any); len(pending) != 0 {
			t.Errorf("right after: got %v, want {}", pending)
		}
		if got := w.finish(id); !slices.Equal(got, []string{"evaluating", "completed"}) {
			t.Errorf("got states %v", got)
		}
		if value := evalsOf(0)[later].(map[string]any)["value"]; value != "Passed" {
			t.Errorf("after: got %v", value)
		}
		if left := evalsOf(1)[later].(map[string]any); len(left) != 0 {
			t.Errorf("the failed call has %v, want {}", left)
		}
		if runs := w.Ledger().EvalRuns; len(runs) != 1 || runs[0].Calls != 20 {
			t.Errorf("the ledger has %+v", runs)
		}
	})
}
