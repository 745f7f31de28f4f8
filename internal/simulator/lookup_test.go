package simulator_test

import (
	"fmt"
	"net/url"
	"slices"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"github.com/google/uuid"

	"github.com/agent-gate/agent-gate/internal/simulator"
	"github.com/agent-gate/agent-gate/internal/simulator/story"
)

func TestRunTestsAreFoundByName(t *testing.T) {
	t.Parallel()
	w := newWorld(t, simulator.Options{})
	for _, name := range []string{"gate a", "gate b", "gate a", "other"} {
		w.create(name)
	}
	made := w.Ledger().Created
	got := w.get("/simulate/run-tests/get-id-by-name/"+url.PathEscape("gate a")+"/").decode(t, 200)
	if id := got["result"].(map[string]any)["run_test_id"]; id != made[2].ID.String() {
		t.Errorf("got %v, want the newest of two with the name", id)
	}
	w.get("/simulate/run-tests/get-id-by-name/gate/").decode(t, 400)
	list := w.get("/simulate/run-tests/?search=GATE&limit=2").decode(t, 200)
	var names []any
	for _, r := range list["results"].([]any) {
		names = append(names, r.(map[string]any)["name"])
	}
	if want := []any{"gate a", "gate b"}; !slices.Equal(names, want) || fmt.Sprint(list["count"]) != "3" {
		t.Errorf("got %v of %v, want the newest two of 3", names, list["count"])
	}
}

func TestExecutionsAreListedNewestFirst(t *testing.T) {
	t.Parallel()
	inBothDialects(t, simulator.Options{Plan: story.Plan{Calls: map[int]story.Outcome{0: story.Fails("")}}}, func(t *testing.T, w world) {
		run := w.AddRunTest("x")
		path := "/simulate/run-tests/" + run.String() + "/"
		if got := w.get(path+"status/").decode(t, 200); got["status"] != "not_found" {
			t.Errorf("got %v", got)
		}
		first := w.execute(run)
		w.finish(first)
		second := w.execute(run)
		time.Sleep(30 * time.Second)
		done, running, filter := "COMPLETED", "RUNNING", "COMPLETED"
		if w.deployed() {
			done, running, filter = "Completed", "Running", "completed"
		}
		items := func(query string) []string {
			var list []string
			for _, r := range w.get(path+"executions/"+query).decode(t, 200)["results"].([]any) {
				item := r.(map[string]any)
				list = append(list, fmt.Sprint(item["id"], " ", item["status"], " ", item["success_rate"]))
			}
			return list
		}
		want := []string{second.String() + " " + running, first.String() + " " + done + " 95"}
		got := items("")
		if len(got) != 2 || got[0][:len(want[0])] != want[0] || got[1][:len(want[1])] != want[1] {
			t.Errorf("got %v, want %v", got, want)
		}
		if got := items("?status=" + filter); len(got) != 1 || got[0][:36] != first.String() {
			t.Errorf("completed ones: got %v", got)
		}
		if got := w.get(path+"status/").decode(t, 200); got["execution_id"] != second.String() || got["status"] != "running" {
			t.Errorf("latest: got %v", got)
		}
	})
}

func TestPagesHoldEveryCallOnce(t *testing.T) {
	t.Parallel()
	for name, c := range map[string]struct {
		options simulator.Options
		query   string
	}{
		"deployed":               {simulator.Options{}, "?limit=100&page=%d"},
		"deployed, default size": {simulator.Options{PageSize: 50}, "?page=%d"},
		"documented":             {simulator.Options{Dialect: simulator.Documented, PageSize: 50}, "?page=%d"},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			c.options.Scenarios = []story.Scenario{{Name: "one", Rows: 120}, {Name: "two", Rows: 110}}
			c.options.Evals = []story.Eval{}
			w := newWorld(t, c.options)
			id := w.AddExecution(w.AddRunTest("x"), 10000*time.Hour)
			seen := map[any]bool{}
			for page := 1; ; page++ {
				m := w.get(executionPath(id)+fmt.Sprintf(c.query, page)).decode(t, 200)
				rows, ok := m["results"].([]any)
				if !ok {
					rows = m["calls"].([]any)
				}
				if len(rows) == 0 {
					break
				}
				for _, r := range rows {
					seen[r.(map[string]any)["id"]] = true
				}
			}
			if len(seen) != 230 {
				t.Errorf("got %d calls, want 230", len(seen))
			}
		})
	}
}

func TestReshuffledReadsComeToRest(t *testing.T) {
	t.Parallel()
	w := newWorld(t, simulator.Options{Plan: story.Plan{Reshuffle: 2}})
	id := w.AddExecution(w.AddRunTest("x"), time.Hour)
	var orders []string
	for range 4 {
		var order strings.Builder
		for _, r := range w.rows(id) {
			order.WriteString(fmt.Sprint(r["id"]))
		}
		orders = append(orders, order.String())
	}
	if orders[0] == orders[1] || orders[1] == orders[2] || orders[2] != orders[3] {
		t.Error("want two reads in orders of their own, and then one order")
	}
}

func TestEvalResultsAreScripted(t *testing.T) {
	t.Parallel()
	results := map[string]struct {
		result story.EvalResult
		want   string // value, type, error, skipped
	}{
		"passed":  {story.EvalPassed(), "Passed Pass/Fail false false"},
		"failed":  {story.EvalFailed().Because("rude"), "Failed Pass/Fail false false"},
		"bad":     {story.EvalBad(), "Failed Pass/Fail false false"},
		"bool":    {story.EvalValue(false), "false Pass/Fail false false"},
		"score":   {story.EvalValue(1.0).Typed("score"), "1.0 score false false"},
		"choice":  {story.EvalChoice(0.5, "Partly"), "map[choice:Partly score:0.5] Pass/Fail false false"},
		"empty":   {story.EvalEmpty(), "<nil> Pass/Fail false false"},
		"errored": {story.EvalErrored(), "<nil> Pass/Fail true false"},
		"skipped": {story.EvalSkipped(), "<nil> <nil> false true"},
		"pending": {story.EvalPending(), "<nil> <nil> <nil> <nil>"},
		"late":    {story.EvalPassed().Late(time.Minute), "<nil> <nil> <nil> <nil>"},
		"absent":  {story.EvalAbsent(), "none"},
	}
	synctest.Test(t, func(t *testing.T) {
		o := simulator.Options{Plan: story.Plan{Evals: map[string]story.EvalResult{}}}
		for name, r := range results {
			o.Evals = append(o.Evals, story.Eval{Name: name, Type: story.TypePassFail})
			o.Plan.Evals[name] = r.result
		}
		w := newWorld(t, o)
		id := w.execute(w.AddRunTest("x"))
		w.finish(id)
		got := func(name string) string {
			outputs := w.rowOf(id, 0)["eval_outputs"].(map[string]any)
			for _, e := range w.EvalConfigs() {
				if out, ok := outputs[e.ID.String()].(map[string]any); ok && e.Name == name {
					return fmt.Sprint(out["value"], " ", out["type"], " ", out["error"], " ", out["skipped"])
				}
			}
			return "none"
		}
		for name, r := range results {
			if got := got(name); got != r.want {
				t.Errorf("%s: got %q, want %q", name, got, r.want)
			}
		}
		time.Sleep(time.Minute)
		if got := got("late"); got != results["passed"].want {
			t.Errorf("late, a minute later: got %q", got)
		}
	})
}

func TestARerunCanTurnCallsDownAndNeverEnd(t *testing.T) {
	t.Parallel()
	plan := story.Plan{StuckReruns: true, RerunRejects: map[int]string{1: "call is locked"}}
	inBothDialects(t, simulator.Options{Plan: plan, OmitRelations: true}, func(t *testing.T, w world) {
		id := w.start()
		w.finish(id)
		got := w.rerun(id, "call_and_eval", 0, 1).decode(t, 200)
		failed, key := got["failedReruns"], "callExecutionId"
		if w.deployed() {
			failed, key = got["failed_reruns"], "call_execution_id"
		}
		want := map[string]any{key: callIDs(w.Executions()[0], 1)[0], "error": "call is locked"}
		if list := failed.([]any); len(list) != 1 || fmt.Sprint(list[0]) != fmt.Sprint(want) {
			t.Errorf("got %v, want %v", failed, want)
		}
		time.Sleep(24 * time.Hour)
		if st := w.status(id); st != "evaluating" {
			t.Errorf("got %s a day later, want evaluating", st)
		}
		if !w.deployed() {
			return
		}
		row := w.rowOf(id, 0)
		snapshots := row["rerun_snapshots"].([]any)
		if len(snapshots) != 1 || snapshots[0].(map[string]any)["rerun_type"] != "call_and_eval" {
			t.Errorf("got snapshots %v", snapshots)
		}
		for _, key := range []string{"simulator_agent_name", "simulator_agent_id", "agent_definition_used_name", "agent_definition_used_id"} {
			if _, has := row[key]; has {
				t.Errorf("the row has %s", key)
			}
		}
		if n := len(row); n != 59 {
			t.Errorf("the row has %d fields, want 63 without four", n)
		}
	})
}

func TestSomebodyElseCanCancel(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		w := newWorld(t, simulator.Options{})
		id := w.start()
		time.Sleep(20 * time.Second)
		w.CancelExecution(id)
		w.CancelExecution(uuid.New()) // ignored
		if st := w.status(id); st != "cancelling" {
			t.Errorf("got %s", st)
		}
		if n := len(w.Ledger().Cancels); n != 0 {
			t.Errorf("the ledger counts %d cancels, want none", n)
		}
	})
}
