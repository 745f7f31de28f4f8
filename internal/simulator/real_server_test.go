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

func TestDatasetRowIDsAreStoredAndIgnored(t *testing.T) { // row 7
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		w := newWorld(t, simulator.Options{})
		row := uuid.NewString()
		made := w.post("/simulate/run-tests/create/", fmt.Sprintf(`{"name":"x","agent_definition_id":%q,"scenario_ids":[%q],"dataset_row_ids":[%q]}`, w.AgentID(), w.ScenarioIDs()[0], row)).decode(t, 201)
		if fmt.Sprint(made["dataset_row_ids"]) != "["+row+"]" {
			t.Errorf("got %v", made["dataset_row_ids"])
		}
		id := w.execute(uuid.MustParse(made["id"].(string)))
		w.finish(id)
		if n := len(w.rows(id)); n != 5 {
			t.Errorf("got %d calls, want all 5", n)
		}
	})
}

func TestNothingOfAnotherWorkspaceIsFound(t *testing.T) { // rows 11, 12 and 20
	t.Parallel()
	other := uuid.New()
	w := newWorld(t, simulator.Options{AcceptUnknown: true, Elsewhere: []uuid.UUID{other}})
	create := func(agent, scenario fmt.Stringer, more string) string {
		return fmt.Sprintf(`{"name":"x","agent_definition_id":%q,"scenario_ids":[%q]%s}`, agent, scenario, more)
	}
	run := w.AddRunTest("x")
	id := w.AddExecution(run, 10*time.Hour)
	second := w.create("y").String()
	foreign := w.get("/simulate/run-tests/"+second+"/").decode(t, 200)["simulate_eval_configs"].([]any)[0].(string)
	evals := func(config string) string {
		return fmt.Sprintf(`{"test_execution_ids":[%q],"eval_config_ids":[%q]}`, id, config)
	}
	for name, c := range map[string]struct {
		path, body string
		status     int
		detail     string
	}{
		"agent":                        {"/simulate/run-tests/create/", create(other, uuid.New(), ""), 400, "agent_definition_id: Agent definition not found."},
		"scenario":                     {"/simulate/run-tests/create/", create(uuid.New(), other, ""), 400, "scenario_ids: Scenarios not found: {UUID('" + other.String() + "')}"},
		"agent version":                {"/simulate/run-tests/create/", create(uuid.New(), uuid.New(), `,"agent_version":"`+other.String()+`"`), 500, "Failed to create run test: AgentVersion matching query does not exist."},
		"run test":                     {"/simulate/run-tests/" + other.String() + "/execute/", `{}`, 404, "Run test not found"},
		"eval config":                  {"/simulate/run-tests/" + run.String() + "/run-new-evals/", evals(other.String()), 400, "One or more eval configs not found or do not belong to this run test."},
		"eval config of another test":  {"/simulate/run-tests/" + run.String() + "/run-new-evals/", evals(foreign), 400, "One or more eval configs not found or do not belong to this run test."},
		"new evals on an unknown test": {"/simulate/run-tests/" + uuid.NewString() + "/run-new-evals/", evals(foreign), 404, "Run test not found"},
	} {
		if got := w.post(c.path, c.body).decode(t, c.status); got["detail"] != c.detail {
			t.Errorf("%s: got %q, want %q", name, got["detail"], c.detail)
		}
	}
	if got := w.get("/simulate/run-tests/"+uuid.NewString()+"/executions/").decode(t, 404); got["detail"] != "Run test not found." {
		t.Errorf("executions of an unknown run test: %v", got["detail"])
	}
}

func TestAListOfRunTestsTakesItsTime(t *testing.T) { // row 13
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		w := newWorld(t, simulator.Options{RunTestTime: 120 * time.Millisecond})
		for range 10 {
			w.AddRunTest("x")
		}
		began := time.Now()
		w.get("/simulate/run-tests/?limit=8").decode(t, 200)
		if d := time.Since(began); d != 960*time.Millisecond {
			t.Errorf("a list of 8 took %s", d)
		}
	})
}

func TestRowsOfVoiceCallsStayUntilARerunIsAskedFor(t *testing.T) { // row 14
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		w := newWorld(t, simulator.Options{})
		id := w.start()
		time.Sleep(20 * time.Second)
		order := func() (ids, times []string) {
			for _, r := range w.rows(id) {
				ids, times = append(ids, r["id"].(string)), append(times, r["timestamp"].(string))
			}
			return ids, times
		}
		ids, times := order()
		w.finish(id)
		if after, at := order(); !slices.Equal(after, ids) || !slices.Equal(at, times) {
			t.Error("rows moved while the calls ran")
		}
		w.rerun(id, "call_and_eval", 7, 3).decode(t, 200)
		rows := w.rows(id)
		if want := callIDs(w.Executions()[0], 3, 7); rows[0]["id"] != want[0] || rows[1]["id"] != want[1] {
			t.Error("the calls of the rerun are not the newest rows")
		}
	})
}

func TestASnapshotHoldsWhatAnAttemptCostAndCameTo(t *testing.T) { // row 15
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		w := newWorld(t, simulator.Options{Plan: story.Plan{Calls: map[int]story.Outcome{
			0: story.Succeeds(9).After(story.Succeeds(3).Lasting(70*time.Second), story.Lost("")),
		}}})
		id := w.start()
		w.finish(id)
		w.rerun(id, "call_and_eval", 0).decode(t, 200)
		w.finish(id)
		w.rerun(id, "call_and_eval", 0).decode(t, 200)
		w.finish(id)
		row := w.rowOf(id, 0)
		past := row["rerun_snapshots"].([]any)
		if len(past) != 2 || row["status"] != "completed" || fmt.Sprint(row["overall_score"]) != "9.0" {
			t.Fatalf("got %d snapshots, score %v", len(past), row["overall_score"])
		}
		first, second := past[0].(map[string]any), past[1].(map[string]any)
		if fmt.Sprintf("%v %v %v %v", first["status"], first["cost_cents"], first["duration_seconds"], first["overall_score"]) != "completed 10 70 3.0" {
			t.Errorf("first: %v, cost %v, %v s, score %v", first["status"], first["cost_cents"], first["duration_seconds"], first["overall_score"])
		}
		if second["status"] != "failed" || second["cost_cents"] != nil || !slices.Contains(story.LostReasons(), second["ended_reason"].(string)) {
			t.Errorf("second: %v, cost %v, %v", second["status"], second["cost_cents"], second["ended_reason"])
		}
	})
}

func TestOnlyAListOfRunTestsKnowsTheLastRun(t *testing.T) { // row 19
	t.Parallel()
	w := newWorld(t, simulator.Options{})
	run := w.AddRunTest("x")
	w.AddExecution(run, time.Hour)
	if got := w.get("/simulate/run-tests/"+run.String()+"/").decode(t, 200)["last_run_at"]; got != nil {
		t.Errorf("the run test says %v, want null", got)
	}
	list := w.get("/simulate/run-tests/").decode(t, 200)["results"].([]any)
	if list[0].(map[string]any)["last_run_at"] == nil {
		t.Error("the list does not know the last run")
	}
}

func TestRecordsAreMadeOneAfterAnother(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		w := newWorld(t, simulator.Options{Plan: story.Plan{SetupTime: time.Second, RecordTime: 20 * time.Second}})
		id := w.execute(w.AddRunTest("x"))
		var counts []string
		for w.callStatus(id, 0) == story.StatusPending {
			if n := fmt.Sprint(w.get(executionPath(id)+"?limit=1").decode(t, 200)["count"]); len(counts) == 0 || counts[len(counts)-1] != n {
				counts = append(counts, n)
			}
			time.Sleep(500 * time.Millisecond)
		}
		if len(counts) != 21 || counts[0] != "0" || counts[20] != "20" {
			t.Errorf("got counts %v, want 0 to 20", counts)
		}
		if w.status(id) != "running" {
			t.Errorf("got %s", w.status(id))
		}
	})
}

func TestTheEndStaysKnownDuringARerun(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		w := newWorld(t, simulator.Options{})
		id := w.execute(w.AddRunTest("x"))
		end := func() any {
			return w.get("/sdk/api/v1/simulation/metrics/?execution_id="+id.String()).decode(t, 200)["result"].(map[string]any)["completed_at"]
		}
		if at := end(); at != nil {
			t.Errorf("it ended at %v before it ended", at)
		}
		w.finish(id)
		first := end()
		w.rerun(id, "call_and_eval", 0).decode(t, 200)
		if at := end(); first == nil || at != first {
			t.Errorf("during the rerun the end is %v, want %v", at, first)
		}
		w.finish(id)
		if at := end(); at == first {
			t.Errorf("after the rerun the end is still %v", at)
		}
	})
}
