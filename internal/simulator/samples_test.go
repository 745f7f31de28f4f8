package simulator_test

import (
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"github.com/google/uuid"

	"github.com/agent-gate/agent-gate/internal/simulator"
	"github.com/agent-gate/agent-gate/internal/simulator/api"
	"github.com/agent-gate/agent-gate/internal/simulator/story"
)

// sampled returns the finished execution of the samples: 20 calls, 2 failed, one skipped,
// one without transcript, one with a processing error, and every type of eval value.
func sampled(d simulator.Dialect) simulator.Options {
	return simulator.Options{
		Dialect: d,
		Seed:    7,
		Scenarios: []story.Scenario{
			{Name: "Refund for a damaged order", Rows: 10},
			{Name: "Billing dispute", Rows: 10},
		},
		Plan: story.Plan{Calls: map[int]story.Outcome{
			1: story.Fails("Insufficient balance to make calls."),
			2: story.Fails(""),
			3: story.Skipped(""),
			4: story.NoTranscript(),
			5: story.ProcessingError(),
			6: story.Succeeds(0),
			7: story.Succeeds(8).With("resolution_quality", story.EvalPending()),
			8: story.Succeeds(8).With("is_helpful", story.EvalValue(true)).With("agent_words", story.EvalValue(7)).
				With("tone", story.EvalValue([]any{1})).With("escalation_path", story.EvalValue([]any{"self_service", "human_agent"})),
			9:  story.LowScore().With("groundedness", story.EvalErrored()),
			10: story.Unscored().With("groundedness", story.EvalEmpty()),
			11: story.Succeeds(9).With("resolution_quality", story.EvalValue(map[string]any{"score": 0.6, "choices": []any{"Resolved", "Partly resolved"}})),
		}},
	}
}

func TestAnswersHaveTheShapesOfTheDeployedSamples(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		o := sampled(simulator.Deployed)
		o.Plan.FallbackCancel = true
		w := newWorld(t, o)
		created := w.post("/simulate/run-tests/create/", w.createBody("ci-acme-1"))
		sameShape(t, "deployed/create-201.json", created, 201, true)
		run := uuid.MustParse(created.decode(t, 201)["id"].(string))
		base := "/simulate/run-tests/" + run.String() + "/"
		sameShape(t, "deployed/run-test-detail-200.json", w.get(base), 200, true)
		sameShape(t, "deployed/id-by-name-200.json", w.get("/simulate/run-tests/get-id-by-name/ci-acme-1/"), 200, true)
		sameShape(t, "deployed/id-by-name-400.json", w.get("/simulate/run-tests/get-id-by-name/none/"), 400, true)
		sameShape(t, "deployed/create-400-unknown-field.json", w.post("/simulate/run-tests/create/", `{"agentDefinitionId":1,"scenarioIds":[]}`), 400, true)

		executed := w.post(base+"execute/", `{"simulator_id":"`+uuid.NewString()+`"}`)
		sameShape(t, "deployed/execute-200.json", executed, 200, true)
		id := uuid.MustParse(executed.decode(t, 200)["execution_id"].(string))
		for w.rowsOngoing(id) == 0 {
			time.Sleep(time.Second)
		}
		// The newest row is not always an ongoing call, so not all types need occur.
		running := w.get(executionPath(id) + "?limit=1")
		sameShape(t, "deployed/execution-page-running.json", running, 200, false, "$.column_order[].eval_config", "$.results[].start_time", "$.results[].duration", "$.results[].duration_seconds")

		w.finish(id)
		sameShape(t, "deployed/execution-page-completed.json", w.get(executionPath(id)+"?limit=100"), 200, true,
			"$.results[].tool_outputs.<uuid>.status", "$.results[].tool_outputs.<uuid>.error", "$.results[].tool_outputs.<uuid>.value")
		sameShape(t, "deployed/execution-out-of-range.json", w.get(executionPath(id)+"?limit=100&page=2"), 200, true)
		sameShape(t, "deployed/execution-500-not-found.json", w.get(executionPath(uuid.New())), 500, true)
		sameShape(t, "deployed/metrics-200.json", w.get("/sdk/api/v1/simulation/metrics/?execution_id="+id.String()), 200, true)
		sameShape(t, "deployed/executions-list.json", w.get(base+"executions/"), 200, false)

		state := w.Executions()[0]
		call := w.get("/simulate/call-executions/" + state.Calls[0].ID.String() + "/")
		sameShape(t, "deployed/call-detail-voice.json", call, 200, true,
			"$.attributes.raw_log.note", "$.attributes.conversation") // a note in the sample, and keys that contain dots

		rerun := executionPath(id) + "rerun-calls/"
		sameShape(t, "deployed/rerun-400-camelcase.json", w.post(rerun, `{"rerunType":"call_and_eval","callExecutionIds":[]}`), 400, true)
		evals := w.get(base).decode(t, 200)["simulate_eval_configs"]
		newEvals := encode(t, map[string]any{"test_execution_ids": []uuid.UUID{id}, "eval_config_ids": evals})
		sameShape(t, "deployed/run-new-evals-200.json", w.post(base+"run-new-evals/", newEvals), 200, true)
		w.finish(id)
		body := encode(t, map[string]any{"rerun_type": "call_and_eval", "call_execution_ids": callIDs(state, 1, 2, 3)})
		sameShape(t, "deployed/rerun-200.json", w.post(rerun, body), 200, true)
		sameShape(t, "deployed/cancel-400-body.json", w.post(executionPath(id)+"cancel/", `{"reason":"x"}`), 400, true)
		async := w.post(executionPath(id)+"cancel/", "")
		sameShape(t, "deployed/cancel-200-async.json", async, 200, true)
		w.finish(id)
		sync := w.post(executionPath(id)+"cancel/", `{}`)
		sameShape(t, "deployed/cancel-200-sync.json", sync, 200, true)
		for name, got := range map[string]result{"cancel-200-async": async, "cancel-200-sync": sync} {
			var want, have struct{ Message string }
			decodeInto(t, sample(t, "deployed/"+name+".json"), &want)
			decodeInto(t, got.body, &have)
			if have != want {
				t.Errorf("%s: got %q, want %q", name, have.Message, want.Message)
			}
		}
	})
}

// rowsOngoing counts the calls that are connected.
func (w world) rowsOngoing(id uuid.UUID) int {
	n := 0
	for _, r := range w.rows(id) {
		if r["status"] == "ongoing" {
			n++
		}
	}
	return n
}

func TestAnswersHaveTheShapesOfTheDocumentedSamples(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		w := newWorld(t, sampled(simulator.Documented))
		created := w.post("/simulate/run-tests/create/", w.createBody("ci-acme-1"))
		sameShape(t, "documented/create-201.json", created, 201, true)
		run := uuid.MustParse(created.decode(t, 201)["id"].(string))
		base := "/simulate/run-tests/" + run.String() + "/"
		sameShape(t, "documented/create-400.json", w.post("/simulate/run-tests/create/", `{"name":"x","agent_definition_id":"`+w.AgentID().String()+`","scenario_ids":[]}`), 400, true)

		executed := w.post(base+"execute/", "")
		sameShape(t, "documented/execute-200.json", executed, 200, true)
		id := uuid.MustParse(executed.decode(t, 200)["execution_id"].(string))
		time.Sleep(2 * time.Minute)
		sameShape(t, "documented/execution-running.json", w.get(executionPath(id)), 200, false,
			"$.calls[].transcript", "$.calls[].eval_outputs") // the sample's first calls have only the common values
		rerun := executionPath(id) + "rerun-calls/"
		sameShape(t, "documented/rerun-400-active.json", w.post(rerun, `{"rerunType":"eval_only","selectAll":true}`), 400, true)
		newEvals := encode(t, map[string]any{"test_execution_ids": []uuid.UUID{id}, "eval_config_ids": w.get(base).decode(t, 200)["simulate_eval_configs"]})
		sameShape(t, "documented/run-new-evals-400.json", w.post(base+"run-new-evals/", newEvals), 400, true)

		w.finish(id)
		completed := w.get(executionPath(id))
		sameShape(t, "documented/execution-completed.json", completed, 200, true)
		sameShape(t, "documented/run-new-evals-200.json", w.post(base+"run-new-evals/", newEvals), 200, true)
		w.finish(id)
		state := w.Executions()[0]
		partial := encode(t, map[string]any{"rerunType": "call_and_eval", "callExecutionIds": append(callIDs(state, 1, 2), uuid.NewString())})
		sameShape(t, "documented/rerun-200-partial.json", w.post(rerun, partial), 200, true)
		w.finish(id)
		sameShape(t, "documented/rerun-200.json", w.post(rerun, `{"rerunType":"call_and_eval","selectAll":true}`), 200, true)
		sameShape(t, "documented/404.json", w.get("/simulate/run-tests/"+uuid.NewString()+"/"), 404, true)
	})
}

func decodeInto(t *testing.T, b []byte, v any) {
	t.Helper()
	if err := unmarshal(b, v); err != nil {
		t.Fatal(err)
	}
}

func TestErrorsAreThoseOfTheSamples(t *testing.T) {
	t.Parallel()
	text := func(o *simulator.Options) { o.Agent = simulator.Text }
	cases := []struct {
		name    string
		sample  string
		status  int
		options simulator.Options
		change  func(*simulator.Options)
		ask     func(w world) result
	}{
		{name: "wrong keys", sample: "deployed/401-bad.json", status: 401, options: simulator.Options{APIKey: "right", SecretKey: "right"}, ask: func(w world) result { return w.get("/api/public/health") }},
		{name: "voice is not in the build", sample: "deployed/402-voice.json", status: 402, options: simulator.Options{VoiceGate: 402}, ask: func(w world) result { return w.post("/simulate/run-tests/create/", w.createBody("x")) }},
		{name: "voice is not in the plan", sample: "deployed/403-plan.json", status: 403, options: simulator.Options{VoiceGate: 403}, ask: func(w world) result { return w.post("/simulate/run-tests/create/", w.createBody("x")) }},
		{
			name: "scenario is not ready", sample: "deployed/execute-400-scenarios-incomplete.json", status: 400,
			options: simulator.Options{Scenarios: []story.Scenario{{Name: "Change of address", Status: "Running"}}},
			ask: func(w world) result {
				return w.post("/simulate/run-tests/"+w.AddRunTest("x").String()+"/execute/", "")
			},
		},
		{
			name: "dispatch of a rerun fails", sample: "deployed/rerun-200-dispatch-failed.json", status: 200,
			options: simulator.Options{Plan: story.Plan{RerunDispatchError: "Failed client connect: Server connection error"}},
			ask: func(w world) result {
				id := w.AddExecution(w.AddRunTest("x"), time.Hour)
				return w.post(executionPath(id)+"rerun-calls/", `{"rerun_type":"call_and_eval","select_all":true}`)
			},
		},
		{
			name: "dispatch of new evals fails", sample: "deployed/run-new-evals-200-dispatch-failed.json", status: 200,
			options: simulator.Options{Plan: story.Plan{NewEvalsDispatchFails: true}},
			ask: func(w world) result {
				run := w.AddRunTest("x")
				w.AddExecution(run, time.Hour)
				return w.post("/simulate/run-tests/"+run.String()+"/run-new-evals/", encode(w.t, map[string]any{"select_all": true, "eval_config_ids": []uuid.UUID{w.EvalConfigs()[0].ID}}))
			},
		},
		{name: "too many requests", sample: "deployed/429.json", status: 429, options: simulator.Options{Faults: []simulator.Fault{{Kind: simulator.FaultRateLimit, RetryAfter: 37 * time.Second}}}, ask: func(w world) result { return w.get("/health/") }},
		{
			name: "text agent is called again", sample: "documented/rerun-400-text-agent.json", status: 400,
			options: simulator.Options{Dialect: simulator.Documented}, change: text,
			ask: func(w world) result {
				id := w.AddExecution(w.AddRunTest("x"), time.Hour)
				return w.post(executionPath(id)+"rerun-calls/", `{"rerunType":"call_and_eval","selectAll":true}`)
			},
		},
		{
			name: "internal error", sample: "documented/500.json", status: 500,
			options: simulator.Options{Dialect: simulator.Documented, Faults: []simulator.Fault{{Kind: simulator.FaultServerError}}},
			ask:     func(w world) result { return w.get("/health/") },
		},
		{
			name: "oldest error body", sample: "documented/error-400-status-result.json", status: 400,
			options: simulator.Options{Dialect: simulator.Documented},
			ask:     func(w world) result { return w.get("/simulate/run-tests/get-id-by-name/none/") },
		},
	}
	for _, c := range cases {
		t.Run(c.name, func(t *testing.T) {
			t.Parallel()
			if c.change != nil {
				c.change(&c.options)
			}
			sameShape(t, c.sample, c.ask(newWorld(t, c.options)), c.status, true)
		})
	}
}

func TestHTMLAnswersAreTheSamples(t *testing.T) {
	t.Parallel()
	w := newWorld(t, simulator.Options{Faults: []simulator.Fault{{Endpoint: api.EndpointHealth, Kind: simulator.FaultBadGateway}}})
	for _, c := range []struct {
		sample string
		status int
		path   string
	}{
		{"deployed/404.html", 404, "/simulate/test-executions/not-a-uuid/"},
		{"deployed/502.html", 502, "/api/public/health"},
	} {
		got := w.get(c.path)
		if got.status != c.status {
			t.Errorf("%s: got status %d, want %d", c.path, got.status, c.status)
		}
		lines := func(b []byte) string { return strings.TrimSpace(strings.ReplaceAll(string(b), "\r\n", "\n")) }
		if lines(got.body) != lines(sample(t, c.sample)) {
			t.Errorf("%s: got %q", c.path, got.body)
		}
	}
}

func TestAChatCallHasTheShapeOfItsSample(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		w := newWorld(t, simulator.Options{Agent: simulator.Text, HostedText: true, Seed: 3})
		run := w.AddRunTest("chat")
		w.finish(w.execute(run))
		call := w.Executions()[0].Calls[0]
		sameShape(t, "deployed/call-detail-text.json", w.get("/simulate/call-executions/"+call.ID.String()+"/"), 200, false,
			// The sample has a simulator agent, and only two types of evals.
			"$.simulator_agent_name", "$.simulator_agent_id",
			"$.eval_outputs.<uuid>.value", "$.eval_metrics.<uuid>.value")
	})
}
