package simulator_test

import (
	"fmt"
	"net/http"
	"strings"
	"testing"
	"time"

	"github.com/google/uuid"

	"github.com/agent-gate/agent-gate/internal/simulator"
)

func TestTheDeployedServerIsStrict(t *testing.T) {
	t.Parallel()
	w := newWorld(t, simulator.Options{})
	run := w.AddRunTest("x")
	id := w.AddExecution(run, 10*time.Hour)
	base := "/simulate/run-tests/" + run.String() + "/"
	agent, scenario := w.AgentID().String(), w.ScenarioIDs()[0].String()
	create := func(more string) string {
		return fmt.Sprintf(`{"name":"n","agent_definition_id":%q,"scenario_ids":[%q]%s}`, agent, scenario, more)
	}
	cases := []struct {
		name, method, path, body string
		status                   int
		detail                   string
	}{
		{"create, unknown field", "POST", "/simulate/run-tests/create/", create(`,"tags":[]`), 400, "tags: Unknown field."},
		{"create, unknown fields hide other mistakes", "POST", "/simulate/run-tests/create/", `{"tags":[]}`, 400, "tags: Unknown field."},
		{"create, nothing", "POST", "/simulate/run-tests/create/", `{}`, 400, "name: This field is required.; agent_definition_id: This field is required.; scenario_ids: This field is required."},
		{"create, no body", "POST", "/simulate/run-tests/create/", ``, 400, "name: This field is required.; agent_definition_id: This field is required.; scenario_ids: This field is required."},
		{"create, null description", "POST", "/simulate/run-tests/create/", create(`,"description":null`), 400, "description: This field may not be null."},
		{"create, blank name", "POST", "/simulate/run-tests/create/", strings.Replace(create(""), `"n"`, `"  "`, 1), 400, "name: This field may not be blank."},
		{"create, long name", "POST", "/simulate/run-tests/create/", strings.Replace(create(""), `"n"`, `"`+strings.Repeat("é", 256)+`"`, 1), 400, "name: Ensure this field has no more than 255 characters."},
		{"create, bad id in a list", "POST", "/simulate/run-tests/create/", create(`,"dataset_row_ids":["x"]`), 400, "dataset_row_ids: 0: Must be a valid UUID."},
		{"create, unknown nested field", "POST", "/simulate/run-tests/create/", create(`,"evaluations_config":[{"template_id":"` + scenario + `","templateId":"x"}]`), 400, "evaluations_config: 0: templateId: Unknown field."},
		{"create, unknown agent", "POST", "/simulate/run-tests/create/", strings.Replace(create(""), agent, uuid.Nil.String(), 1), 400, "agent_definition_id: Agent definition not found."},
		{"create, unknown agent version", "POST", "/simulate/run-tests/create/", create(`,"agent_version":"` + scenario + `"`), 500, "Failed to create run test: AgentVersion matching query does not exist."},
		{"create, unknown replay session", "POST", "/simulate/run-tests/create/", create(`,"replay_session_id":"` + scenario + `"`), 404, "Replay session not found."},
		{"create, unknown eval configs are dropped", "POST", "/simulate/run-tests/create/", create(`,"eval_config_ids":["` + scenario + `"]`), 201, ""},
		{"execute, camel case", "POST", base + "execute/", `{"scenarioIds":[]}`, 400, "scenarioIds: Unknown field."},
		{"execute, unknown run test", "POST", "/simulate/run-tests/" + uuid.Nil.String() + "/execute/", `{}`, 404, "Run test not found"},
		{"execute, no scenario left", "POST", base + "execute/", `{"scenario_ids":["` + uuid.Nil.String() + `"]}`, 400, "At least one scenario is required to execute the test."},
		{"rerun, nothing", "POST", executionPath(id) + "rerun-calls/", `{}`, 400, "rerun_type: This field is required."},
		{"rerun, neither ids nor all", "POST", executionPath(id) + "rerun-calls/", `{"rerun_type":"eval_only"}`, 400, "Either 'select_all' must be True or 'call_execution_ids' must be provided"},
		{"rerun, bad type", "POST", executionPath(id) + "rerun-calls/", `{"rerun_type":"all","select_all":true}`, 400, `rerun_type: "all" is not a valid choice.`},
		{"rerun, unknown execution", "POST", executionPath(uuid.Nil) + "rerun-calls/", `{"rerun_type":"eval_only","select_all":true}`, 404, "Test execution not found"},
		{"new evals, none named", "POST", base + "run-new-evals/", `{"select_all":true}`, 400, "eval_config_ids: This field is required."},
		{"new evals, empty list", "POST", base + "run-new-evals/", `{"select_all":true,"eval_config_ids":[]}`, 400, "eval_config_ids cannot be empty"},
		{"new evals, of another run test", "POST", base + "run-new-evals/", `{"select_all":true,"eval_config_ids":["` + scenario + `"]}`, 400, "One or more eval configs not found or do not belong to this run test."},
		{"eval config, duplicate name", "POST", base + "eval-configs/", `{"evaluations_config":[{"template_id":"` + w.EvalConfigs()[0].TemplateID.String() + `","name":"is_helpful"}]}`, 400, "An evaluation config with the name 'is_helpful' already exists in this run test. Please use a different name."},
		{"execution, unknown query key", "GET", executionPath(id) + "?workspace_id=1", "", 400, "workspace_id: Unknown field."},
		{"execution, page zero", "GET", executionPath(id) + "?page=0", "", 400, "page: Ensure this value is greater than or equal to 1."},
		{"execution, limit is no number", "GET", executionPath(id) + "?limit=many", "", 400, "limit: A valid integer is required."},
		{"execution, filters of the documented form", "GET", executionPath(id) + "?filters=%5B%7B%22colId%22%3A%22status%22%7D%5D", "", 400, "filters: 0: Missing filter item keys: column_id, filter_config"},
		{"run tests, unknown query key", "GET", "/simulate/run-tests/?name=x", "", 400, "name: Unknown field."},
		{"run tests, page out of range", "GET", "/simulate/run-tests/?page=9", "", 500, "Failed to retrieve run tests: Invalid page."},
		{"executions, page out of range", "GET", base + "executions/?page=9", "", 500, "Failed to retrieve test executions: Invalid page."},
		{"executions, unknown query key", "GET", base + "executions/?name=x", "", 200, ""},
		{"metrics, unknown execution", "GET", "/sdk/api/v1/simulation/metrics/?execution_id=" + uuid.Nil.String(), "", 404, "Test execution not found."},
		{"metrics, no execution", "GET", "/sdk/api/v1/simulation/metrics/", "", 400, "Validation failed"},
		{"call, unknown", "GET", "/simulate/call-executions/" + uuid.Nil.String() + "/", "", 404, "Call execution not found"},
		{"cancel, unknown execution", "POST", executionPath(uuid.Nil) + "cancel/", "", 404, "Test execution not found"},
		{"JSON that is not an object", "POST", base + "execute/", `[1]`, 400, "JSON parse error - expected an object, got array"},
		{"malformed JSON", "POST", base + "execute/", `{"`, 400, "JSON parse error - unexpected EOF"},
		{"wrong method", "GET", base + "execute/", "", 405, `Method "GET" not allowed.`},
	}
	for _, c := range cases {
		t.Run(c.name, func(t *testing.T) {
			got, err := w.send(c.method, c.path, c.body)
			if err != nil {
				t.Fatal(err)
			}
			m := got.decode(t, c.status)
			if c.detail == "" {
				return
			}
			for _, key := range []string{"detail", "message", "error", "result"} {
				if m[key] != c.detail {
					t.Errorf("%s is %q, want %q", key, m[key], c.detail)
				}
			}
			if m["status"] != false || m["type"] == nil || m["code"] == nil {
				t.Errorf("got envelope %v", m)
			}
		})
	}
}

func TestTheDocumentedServerRefusesItsOwnWay(t *testing.T) {
	t.Parallel()
	w := newWorld(t, simulator.Options{Dialect: simulator.Documented, RefuseLimit: true})
	run := w.AddRunTest("taken")
	id := w.AddExecution(run, 10*time.Hour)
	base := "/simulate/run-tests/" + run.String() + "/"
	create := func(name string) string {
		return fmt.Sprintf(`{"name":%q,"agent_definition_id":%q,"scenario_ids":[%q],"whatever":1}`, name, w.AgentID(), w.ScenarioIDs()[0])
	}
	cases := []struct {
		name, method, path, body string
		status                   int
		key, text                string
	}{
		{"unknown fields pass", "POST", "/simulate/run-tests/create/", create("new"), 201, "name", "new"},
		{"duplicate name", "POST", "/simulate/run-tests/create/", create("taken"), 400, "error", "name: A run test with this name already exists in your organization."},
		{"unknown agent", "POST", "/simulate/run-tests/create/", strings.Replace(create("x"), w.AgentID().String(), uuid.Nil.String(), 1), 404, "detail", "No AgentDefinition matches the given query."},
		{"unknown execution", "GET", executionPath(uuid.Nil), "", 404, "detail", "No TestExecution matches the given query."},
		{"rerun in snake case", "POST", executionPath(id) + "rerun-calls/", `{"rerun_type":"eval_only","select_all":true}`, 400, "error", "rerunType: This field is required."},
		{"limit", "GET", executionPath(id) + "?limit=1", "", 400, "error", "limit: Unknown field."},
		{"new evals on nothing", "POST", base + "run-new-evals/", `{"eval_config_ids":["` + uuid.Nil.String() + `"]}`, 400, "error", "Either 'select_all' must be True or 'test_execution_ids' must be provided"},
	}
	for _, c := range cases {
		t.Run(c.name, func(t *testing.T) {
			got, err := w.send(c.method, c.path, c.body)
			if err != nil {
				t.Fatal(err)
			}
			if m := got.decode(t, c.status); m[c.key] != c.text {
				t.Errorf("got %v, want %s %q", m, c.key, c.text)
			}
		})
	}
	if got := w.get("/sdk/api/v1/simulation/metrics/?execution_id=" + id.String()); got.status != 404 || !strings.Contains(string(got.body), "<html") {
		t.Errorf("metrics: got %d %s, want an HTML 404", got.status, got.body)
	}
}

func TestKeysAreChecked(t *testing.T) {
	t.Parallel()
	set := func(pairs ...string) http.Header {
		h := http.Header{}
		for i := 0; i < len(pairs); i += 2 {
			h.Set(pairs[i], pairs[i+1])
		}
		return h
	}
	fixed := simulator.Options{APIKey: "right-key", SecretKey: "right-secret"}
	cases := []struct {
		name    string
		options simulator.Options
		header  http.Header
		status  int
		code    string
	}{
		{"any pair", simulator.Options{}, set("X-Api-Key", "a", "X-Secret-Key", "b"), 200, ""},
		{"right pair", fixed, set("X-Api-Key", "right-key", "X-Secret-Key", "right-secret"), 200, ""},
		{"wrong secret", fixed, set("X-Api-Key", "right-key", "X-Secret-Key", "wrong"), 401, "authentication_failed"},
		{"no secret", fixed, set("X-Api-Key", "right-key"), 401, "not_authenticated"},
		{"no key", simulator.Options{}, set("X-Secret-Key", "b"), 401, "not_authenticated"},
		{"nothing", simulator.Options{}, set(), 401, "not_authenticated"},
		{"an Authorization header spoils a right pair", fixed, set("X-Api-Key", "right-key", "X-Secret-Key", "right-secret", "Authorization", "Bearer x"), 401, "authentication_failed"},
	}
	for _, c := range cases {
		t.Run(c.name, func(t *testing.T) {
			t.Parallel()
			s := simulator.New(c.options)
			req, err := http.NewRequestWithContext(t.Context(), "GET", host+"/api/public/health", nil)
			if err != nil {
				t.Fatal(err)
			}
			req.Header = c.header
			got := roundTrip(t, s.Transport(), req)
			m := got.decode(t, c.status)
			if c.status == 200 {
				return
			}
			if m["code"] != c.code {
				t.Errorf("got code %v, want %s", m["code"], c.code)
			}
			if h := got.header.Get("WWW-Authenticate"); h != "ApiKey" {
				t.Errorf("got WWW-Authenticate %q", h)
			}
		})
	}
}

func TestPathsAreRoutedAsDjangoDoes(t *testing.T) {
	t.Parallel()
	w := newWorld(t, simulator.Options{})
	run := w.AddRunTest("feature/login")
	for path, want := range map[string]struct {
		status   int
		location string
	}{
		"/simulate/run-tests":                          {301, "/simulate/run-tests/"},
		"/simulate/run-tests/" + run.String() + "?a=b": {301, "/simulate/run-tests/" + run.String() + "/?a=b"},
		"/health":                  {301, "/health/"},
		"/health/":                 {200, ""},
		"/api/public/health/":      {404, ""},
		"/simulate/run-tests/123/": {404, ""},
		"/simulate/nothing/":       {404, ""},
		"/":                        {404, ""},
		"/simulate/run-tests/get-id-by-name/feature%2Flogin/":   {404, ""},
		"/simulate/run-tests/get-id-by-name/":                   {404, ""},
		"/simulate/test-executions/" + run.String() + "/abort/": {404, ""},
	} {
		got := w.get(path)
		if got.status != want.status || got.header.Get("Location") != want.location {
			t.Errorf("%s: got %d to %q, want %d to %q", path, got.status, got.header.Get("Location"), want.status, want.location)
		}
	}
}

func TestUnknownIDsAreMadeUpWhereTheyAreAccepted(t *testing.T) {
	t.Parallel()
	inBothDialects(t, simulator.Options{AcceptUnknown: true, AttachEvals: true}, func(t *testing.T, w world) {
		run := uuid.New()
		id := w.execute(run)
		w.finish(id)
		body := encode(t, map[string]any{
			"name": "x", "agent_definition_id": uuid.New(), "scenario_ids": []uuid.UUID{uuid.New(), uuid.New()},
			"eval_config_ids": []uuid.UUID{uuid.New()}, "evaluations_config": []map[string]any{{"template_id": uuid.New(), "name": "mine"}},
		})
		made := w.post("/simulate/run-tests/create/", body).decode(t, 201)
		if n := len(made["simulate_eval_configs"].([]any)); n != 8 {
			t.Errorf("got %d evals, want the server's 7 and one of the body", n)
		}
		second := w.execute(uuid.MustParse(made["id"].(string)))
		w.finish(second)
		if calls := w.Executions()[1].Calls; len(calls) != 10 || calls[0].Scenario == calls[5].Scenario {
			t.Errorf("got calls %+v", calls)
		}
		other := w.post("/simulate/run-tests/"+run.String()+"/run-new-evals/", encode(t, map[string]any{
			"test_execution_ids": []uuid.UUID{id}, "eval_config_ids": []uuid.UUID{uuid.New()},
		}))
		other.decode(t, 200)
		w.get("/simulate/run-tests/"+uuid.NewString()+"/").decode(t, 200)
	})
}

func TestTextAgentsNeedAHostedRunnerOnTheDeployedServer(t *testing.T) {
	t.Parallel()
	inBothDialects(t, simulator.Options{Agent: simulator.Text, HostedText: true}, func(t *testing.T, w world) {
		id := w.start()
		if states := w.finish(id); states[len(states)-1] != "completed" {
			t.Errorf("got %v", states)
		}
		w.rerun(id, "call_and_eval", 0).decode(t, 400)
		w.rerun(id, "eval_only", 0).decode(t, 200)
	})
}
