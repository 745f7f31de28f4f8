package simulator_test

import (
	"fmt"
	"maps"
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

// loose are keys whose values depend on data, not on the server: cells of a dataset, nodes
// of a graph, a provider's payload, the settings of evals and agents.
var loose = []string{"scenario_columns", "scenario_graph", "graph", "dataset_column_config", "attributes", "recordings", "eval_config", "config", "mapping", "tool_outputs",
	"provider_call_data", "customer_cost_breakdown", "customer_latency_metrics", "configuration_snapshot", "percentiles", "details", "errors"}

// sameKeys checks that each object in an answer has the same keys as in the recorded
// answer. Objects for which the recorded answer has no value are not compared.
func sameKeys(t *testing.T, name string, got result, status int) {
	t.Helper()
	if got.status != status {
		t.Errorf("%s: got status %d, want %d: %.500s", name, got.status, status, got.body)
		return
	}
	want, have := shapeOf(t, sample(t, "recorded/"+name+".json")), shapeOf(t, got.body)
	for _, path := range slices.Sorted(maps.Keys(have.keys)) {
		if want.keys[path] == nil || slices.ContainsFunc(loose, func(key string) bool {
			return slices.Contains(strings.FieldsFunc(path, func(r rune) bool { return r == '.' || r == '[' || r == ']' }), key)
		}) {
			continue
		}
		for _, key := range slices.Sorted(maps.Keys(have.keys[path])) {
			if want.keys[path][key] == 0 && key != "<uuid>" && key != "api_key" { // the recorded agent had no key
				t.Errorf("%s: %s has the key %s, which the recorded answer lacks", name, path, key)
			}
		}
		for _, key := range slices.Sorted(maps.Keys(want.keys[path])) {
			if always := want.keys[path][key] >= want.counts[path]; always && have.keys[path][key] < have.counts[path] && key != "<uuid>" {
				t.Errorf("%s: %s lacks the key %s in %d of %d", name, path, key, have.counts[path]-have.keys[path][key], have.counts[path])
			}
		}
	}
}

// sameWords is sameKeys, and checks that the texts at the top level are the same.
func sameWords(t *testing.T, name string, got result, status int) {
	t.Helper()
	sameKeys(t, name, got, status)
	var want, have map[string]any
	decodeInto(t, sample(t, "recorded/"+name+".json"), &want)
	decodeInto(t, got.body, &have)
	for key, v := range want {
		if _, isText := v.(string); isText && !strings.HasSuffix(key, "_id") && have[key] != v {
			t.Errorf("%s: %s is %v, want %v", name, key, have[key], v)
		}
	}
}

func TestAnswersHaveTheKeysOfTheRecordedOnes(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		w := newWorld(t, simulator.Options{
			Evals: []story.Eval{
				{Name: "no_toxicity", Type: story.TypePassFail}, {Name: "coherence", Type: story.TypeScore},
				{Name: "tone", Type: story.TypeChoices, Choices: []string{"neutral", "anger"}},
			},
			Scenarios: []story.Scenario{{Name: "Billing voice", Rows: 4}, {Name: "Refund voice", Rows: 6}},
			Plan: story.Plan{Calls: map[int]story.Outcome{
				1: story.Fails("Call initiation failed: provider answered 503"), 2: story.Skipped(""), 3: story.LowScore(),
				4: story.Unscored().With("coherence", story.EvalErrored()), 5: story.NoTranscript(), 6: story.Rescued(""),
			}},
		})
		made := w.post("/simulate/run-tests/create/", w.createBody("plan-mix-1"))
		sameKeys(t, "create-201-evals", made, 201)
		run := made.decode(t, 201)["id"].(string)
		base := "/simulate/run-tests/" + run + "/"
		sameKeys(t, "run-test-200", w.get(base), 200)
		sameKeys(t, "run-tests-list", w.get("/simulate/run-tests/?limit=2"), 200)
		sameKeys(t, "id-by-name-200", w.get("/simulate/run-tests/get-id-by-name/plan-mix-1/"), 200)

		executed := w.post(base+"execute/", `{}`)
		sameKeys(t, "execute-200", executed, 200)
		id := uuid.MustParse(executed.decode(t, 200)["execution_id"].(string))
		sameKeys(t, "execution-pending-0", w.get(executionPath(id)+"?limit=1"), 200)
		for w.rowsOngoing(id) == 0 {
			time.Sleep(time.Second)
		}
		sameKeys(t, "execution-running-limit1", w.get(executionPath(id)+"?limit=1"), 200)
		sameKeys(t, "sdk-metrics-ongoing", w.get("/sdk/api/v1/simulation/metrics/?execution_id="+id.String()), 200)
		w.finish(id)
		sameKeys(t, "execution-completed", w.get(executionPath(id)+"?limit=100"), 200)
		sameKeys(t, "execution-page2-limit3", w.get(executionPath(id)+"?limit=3&page=2"), 200)
		sameKeys(t, "execution-out-of-range", w.get(executionPath(id)+"?limit=100&page=2"), 200)
		sameKeys(t, "executions-200", w.get(base+"executions/?limit=10"), 200)
		sameKeys(t, "run-test-status-200", w.get(base+"status/"), 200)
		sameKeys(t, "sdk-metrics-200", w.get("/sdk/api/v1/simulation/metrics/?execution_id="+id.String()), 200)
		sameKeys(t, "call-detail-real-voice", w.get("/simulate/call-executions/"+w.Executions()[0].Calls[0].ID.String()+"/"), 200)

		sameKeys(t, "rerun-200-eval-only", w.rerun(id, "eval_only", 3), 200)
		sameKeys(t, "rerun-200-while-running-merged", w.rerun(id, "eval_only", 5), 200)
		w.finish(id)
		sameKeys(t, "rerun-200-call-and-eval", w.rerun(id, "call_and_eval", 1, 6), 200)
		w.finish(id)
		sameKeys(t, "real-voice-after-rerun", w.get(executionPath(id)+"?limit=100"), 200)
		configs := encode(t, map[string]any{"evaluations_config": []map[string]any{{"template_id": w.EvalConfigs()[0].TemplateID, "name": "later"}}})
		sameKeys(t, "eval-configs-201", w.post(base+"eval-configs/", configs), 201)
		sameWords(t, "cancel-200-on-completed", w.post(executionPath(id)+"cancel/", ""), 200)
		sameWords(t, "cancel-200-again-empty-object", w.post(executionPath(id)+"cancel/", "{}"), 200)
		deleted, err := w.send("DELETE", base+"delete/", "")
		if err != nil {
			t.Fatal(err)
		}
		sameWords(t, "delete-400-running", deleted, 200) // the name is of what was expected
		sameWords(t, "run-test-deleted-404", w.get(base), 404)
		sameWords(t, "execution-of-deleted-run-test", w.get(executionPath(id)+"?limit=1"), 500)
	})
}

func TestRefusalsAreTheRecordedOnes(t *testing.T) {
	t.Parallel()
	w := newWorld(t, simulator.Options{})
	run := w.AddRunTest("x")
	done := w.AddExecution(run, 10*time.Hour)
	running := w.AddExecution(run, time.Minute)
	base, nobody := "/simulate/run-tests/"+run.String()+"/", "11111111-1111-4111-8111-111111111111"
	agent, scenario, config := w.AgentID().String(), w.ScenarioIDs()[0].String(), w.EvalConfigs()[0].ID.String()
	create := func(more string) string {
		return fmt.Sprintf(`{"name":"x","agent_definition_id":%q,"scenario_ids":[%q]%s}`, agent, scenario, more)
	}
	const unknown = "7736454a-a97f-458a-aea9-ce10920fb995" // as in the recorded answers
	newEvals := func(executions, configs string) string {
		return `{"test_execution_ids":[` + executions + `],"eval_config_ids":[` + configs + `]}`
	}
	quoted := func(s fmt.Stringer) string { return `"` + s.String() + `"` }
	for _, c := range []struct {
		name, method, path, body string
		status                   int
	}{
		{"call-detail-404", "GET", "/simulate/call-executions/" + nobody + "/", "", 404},
		{"cancel-404", "POST", "/simulate/test-executions/" + nobody + "/cancel/", "", 404},
		{"cancel-400-body", "POST", executionPath(done) + "cancel/", `{"x":1}`, 400},
		{"create-400-agent-unknown", "POST", "/simulate/run-tests/create/", strings.Replace(create(""), agent, nobody, 1), 400},
		{"create-400-bad-uuid", "POST", "/simulate/run-tests/create/", strings.Replace(create(""), scenario, "zz", 1), 400},
		{"create-400-missing", "POST", "/simulate/run-tests/create/", `{"name":"x"}`, 400},
		{"create-400-name-long", "POST", "/simulate/run-tests/create/", strings.Replace(create(""), `"x"`, `"`+strings.Repeat("x", 256)+`"`, 1), 400},
		{"create-400-nested-unknown", "POST", "/simulate/run-tests/create/", create(`,"evaluations_config":[{"template_id":"` + scenario + `","templateId":"x"}]`), 400},
		{"create-400-null-description", "POST", "/simulate/run-tests/create/", create(`,"description":null`), 400},
		{"create-400-scenario-unknown", "POST", "/simulate/run-tests/create/", strings.Replace(create(""), scenario, unknown, 1), 400},
		{"create-400-unknown-field", "POST", "/simulate/run-tests/create/", `{"name":"x","scenarioIds":[],"agentDefinitionId":""}`, 400},
		{"create-404-replay", "POST", "/simulate/run-tests/create/", create(`,"replay_session_id":"` + nobody + `"`), 404},
		{"create-500-agent-version", "POST", "/simulate/run-tests/create/", create(`,"agent_version":"` + nobody + `"`), 500},
		{"execute-404", "POST", "/simulate/run-tests/" + nobody + "/execute/", `{}`, 404},
		{"execute-400-unknown-field", "POST", base + "execute/", `{"scenarioIds":[]}`, 400},
		{"execution-400-documented-filter", "GET", executionPath(done) + "?limit=1&filters=" + url.QueryEscape(`[{"colId":"status"}]`), "", 400},
		{"execution-400-limit-zero", "GET", executionPath(done) + "?limit=0", "", 400},
		{"execution-400-page-zero", "GET", executionPath(done) + "?page=0", "", 400},
		{"execution-400-unknown-query", "GET", executionPath(done) + "?workspace_id=x", "", 400},
		{"execution-unknown", "GET", "/simulate/test-executions/" + nobody + "/?limit=1", "", 500},
		{"executions-out-of-range", "GET", base + "executions/?limit=10&page=9", "", 500},
		{"health-200", "GET", "/api/public/health", "", 200},
		{"id-by-name-400", "GET", "/simulate/run-tests/get-id-by-name/nope/", "", 400},
		{"rerun-400-bad-type", "POST", executionPath(done) + "rerun-calls/", `{"rerun_type":"x","select_all":true}`, 400},
		{"rerun-400-camelcase", "POST", executionPath(done) + "rerun-calls/", `{"rerunType":"eval_only","selectAll":true}`, 400},
		{"rerun-400-empty", "POST", executionPath(done) + "rerun-calls/", `{}`, 400},
		{"rerun-400-no-ids", "POST", executionPath(done) + "rerun-calls/", `{"rerun_type":"eval_only"}`, 400},
		{"rerun-400-unknown-ids", "POST", executionPath(done) + "rerun-calls/", `{"rerun_type":"eval_only","call_execution_ids":["` + nobody + `"]}`, 400},
		{"rerun-404", "POST", "/simulate/test-executions/" + nobody + "/rerun-calls/", `{"rerun_type":"eval_only","select_all":true}`, 404},
		{"run-new-evals-400-camelcase", "POST", base + "run-new-evals/", `{"testExecutionIds":[],"evalConfigIds":[]}`, 400},
		{"run-new-evals-400-empty", "POST", base + "run-new-evals/", newEvals(quoted(done), ""), 400},
		{"run-new-evals-400-foreign", "POST", base + "run-new-evals/", newEvals(quoted(done), `"`+nobody+`"`), 400},
		{"run-new-evals-400-missing", "POST", base + "run-new-evals/", `{"test_execution_ids":[` + quoted(done) + `]}`, 400},
		{"run-new-evals-400-no-executions", "POST", base + "run-new-evals/", `{"eval_config_ids":["` + config + `"]}`, 400},
		{"run-new-evals-400-running", "POST", base + "run-new-evals/", newEvals(quoted(running), `"`+config+`"`), 400},
		{"run-new-evals-404", "POST", "/simulate/run-tests/" + nobody + "/run-new-evals/", newEvals(quoted(done), `"`+config+`"`), 404},
		{"run-test-404", "GET", "/simulate/run-tests/" + nobody + "/", "", 404},
		{"run-tests-list-out-of-range", "GET", "/simulate/run-tests/?limit=2&page=99", "", 500},
		{"run-tests-list-unknown-query", "GET", "/simulate/run-tests/?nope=2", "", 400},
		{"sdk-metrics-400", "GET", "/sdk/api/v1/simulation/metrics/?execution_id=zzz", "", 400},
		{"sdk-metrics-400-none", "GET", "/sdk/api/v1/simulation/metrics/", "", 400},
		{"sdk-metrics-404", "GET", "/sdk/api/v1/simulation/metrics/?execution_id=" + nobody, "", 404},
	} {
		t.Run(c.name, func(t *testing.T) {
			got, err := w.send(c.method, c.path, c.body)
			if err != nil {
				t.Fatal(err)
			}
			sameWords(t, c.name, got, c.status)
			var want, have map[string]any
			decodeInto(t, sample(t, "recorded/"+c.name+".json"), &want)
			decodeInto(t, got.body, &have)
			for _, key := range []string{"details", "errors"} {
				if fmt.Sprint(have[key]) != fmt.Sprint(want[key]) {
					t.Errorf("%s is %v, want %v", key, have[key], want[key])
				}
			}
			if got.header.Get("X-Request-Id") == "" {
				t.Error("the answer has no request id")
			}
		})
	}
}

func TestACancelledVoiceRunHasTheKeysOfTheRecordedOne(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		w := newWorld(t, simulator.Options{Evals: []story.Eval{}, Plan: story.Plan{CancelFails: 1}})
		id := w.execute(w.AddRunTest("x"))
		time.Sleep(6 * time.Second)
		sameWords(t, "cancel-200-running", w.post(executionPath(id)+"cancel/", ""), 200)
		time.Sleep(time.Minute)
		got := w.get(executionPath(id) + "?limit=2")
		sameKeys(t, "cancel-voice-2-failed", got, 200)
		sameKeys(t, "sdk-metrics-after-cancel", w.get("/sdk/api/v1/simulation/metrics/?execution_id="+id.String()), 200)
		row := w.rowOf(id, 19)
		for key, want := range map[string]any{
			"status": "failed", "ended_reason": "Activity cancelled", "processing_skipped": true, "cost_cents": "0", "start_time": nil,
			"processing_skip_reason": "Call transcript is unavailable and we could not determine call duration, so processing was skipped.",
		} {
			if got := row[key]; got != want && fmt.Sprint(got) != want {
				t.Errorf("%s is %v, want %v", key, got, want)
			}
		}
		if n := len(row["eval_outputs"].(map[string]any)); n != 0 {
			t.Errorf("got %d eval results", n)
		}
	})
}

func TestChatsHaveTheKeysOfTheRecordedOnes(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		hosted := newWorld(t, simulator.Options{Agent: simulator.Text, HostedText: true, NoChatTarget: true})
		base := "/simulate/run-tests/" + hosted.AddRunTest("chat").String() + "/"
		executed := hosted.post(base+"execute/", `{}`)
		sameKeys(t, "execute-200-text-hosted", executed, 200)
		m := executed.decode(t, 200)
		if total := fmt.Sprint(m["total_calls"]); total != "20" {
			t.Errorf("a hosted execute announces %s calls, want 20", total)
		}
		id := uuid.MustParse(m["execution_id"].(string))
		if n := len(hosted.rows(id)); n != 20 {
			t.Errorf("%d rows are there at once, want 20", n)
		}
		hosted.finish(id)
		sameKeys(t, "text-hosted-failed", hosted.get(executionPath(id)+"?limit=100"), 200)
		for _, row := range hosted.rows(id) {
			if row["status"] != "failed" || row["ended_reason"] != nil || row["processing_skipped"] != false || row["simulation_call_type"] != "text" || row["provider"] != nil || row["phone_number"] != "" {
				t.Fatalf("got row %v", row)
			}
		}
		sameWords(t, "rerun-400-text-agent", hosted.rerun(id, "call_and_eval", 0), 400)

		native := newWorld(t, simulator.Options{Agent: simulator.Text})
		base = "/simulate/run-tests/" + native.AddRunTest("chat").String() + "/"
		m = native.post(base+"execute/", `{}`).decode(t, 200)
		id = uuid.MustParse(m["execution_id"].(string))
		time.Sleep(24 * time.Hour)
		got := native.get(executionPath(id) + "?limit=100")
		sameKeys(t, "../chat/execution-pending-text-native", got, 200)
		row := native.rows(id)[0]
		if fmt.Sprint(m["total_calls"]) != "0" || native.status(id) != "pending" || row["status"] != "pending" || row["simulation_call_type"] != "voice" {
			t.Errorf("got %v calls announced, and a day later row %v", m["total_calls"], row["status"])
		}
	})
}
