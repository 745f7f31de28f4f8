package client

import (
	"encoding/json"
	"errors"
	"fmt"
	"net/http"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"github.com/google/go-cmp/cmp"
	"github.com/google/uuid"

	"github.com/agent-gate/agent-gate/internal/calls"
	"github.com/agent-gate/agent-gate/internal/text"
	"github.com/agent-gate/agent-gate/test/answers"
)

var (
	agentID    = uuid.MustParse("40fafdd5-82cd-4462-87e4-539f0b2ba232")
	refundID   = uuid.MustParse("b9d9b4a2-5492-4687-9dff-4680d458bdb9")
	billingID  = uuid.MustParse("c9427f23-7764-4f05-bf2c-261cccf32db5")
	helpfulID  = uuid.MustParse("cee593dd-84b8-422f-9105-674222e6052f")
	templateID = uuid.MustParse("f8932824-8a70-4e7e-9b16-3e57c811f9b3")
)

func TestCreateSendsOnlyWhatIsSet(t *testing.T) {
	t.Parallel()
	cases := []struct {
		name string
		body CreateRunTest
		want map[string]any
	}{
		{"the least", CreateRunTest{Name: "n", AgentDefinitionID: agentID, ScenarioIDs: []uuid.UUID{refundID}},
			map[string]any{"name": "n", "agent_definition_id": agentID.String(), "scenario_ids": []any{refundID.String()}}},
		{"no list is null", CreateRunTest{Name: "n"}, map[string]any{"name": "n"}},
		{"null is no list", CreateRunTest{Name: "n", EvaluationsConfig: json.RawMessage("null")}, map[string]any{"name": "n"}},
		{"everything", CreateRunTest{
			Name: "n <&>", Description: "d", AgentDefinitionID: agentID, AgentVersion: billingID,
			ScenarioIDs: []uuid.UUID{refundID, billingID}, EvalConfigIDs: []uuid.UUID{helpfulID},
			EvaluationsConfig: json.RawMessage(`[{"template_id": "t"}]`), DatasetRowIDs: []uuid.UUID{templateID},
			EnableToolEvaluation: new(false), ReplaySessionID: helpfulID,
		}, map[string]any{
			"name": "n <&>", "description": "d", "agent_definition_id": agentID.String(), "agent_version": billingID.String(),
			"scenario_ids": []any{refundID.String(), billingID.String()}, "eval_config_ids": []any{helpfulID.String()},
			"evaluations_config": []any{map[string]any{"template_id": "t"}}, "dataset_row_ids": []any{templateID.String()},
			"enable_tool_evaluation": false, "replay_session_id": helpfulID.String(),
		}},
	}
	for _, c := range cases {
		t.Run(c.name, func(t *testing.T) {
			t.Parallel()
			w := serving(t, map[string]http.HandlerFunc{"POST " + createPath: always(201, answers.Sample(t, "documented/create-201.json"))})
			if _, err := newClient(t, w).CreateRunTest(t.Context(), c.body); err != nil {
				t.Fatal(err)
			}
			if diff := cmp.Diff(c.want, w.body(t, 0)); diff != "" {
				t.Errorf("(-want +got):\n%s", diff)
			}
		})
	}
}

func TestCreateThatCannotBeWrittenIsNotSent(t *testing.T) {
	t.Parallel()
	w := serving(t, nil)
	_, err := newClient(t, w).CreateRunTest(t.Context(), CreateRunTest{Name: "n", EvaluationsConfig: json.RawMessage(`[{]`)})
	failure, ok := errors.AsType[*Error](err)
	if !ok || failure.Kind != KindRejected || !failure.Unsent || w.count() != 0 {
		t.Errorf("got %v after %d requests", err, w.count())
	}
}

func TestRunTestIsReadInBothDialects(t *testing.T) {
	t.Parallel()
	for name, status := range map[string]struct {
		scenario text.Untrusted
		rows     *int
	}{
		"documented/create-201.json":        {},
		"deployed/create-201.json":          {text.New("Completed"), new(10)},
		"deployed/run-test-detail-200.json": {text.New("Completed"), new(10)},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			w := serving(t, map[string]http.HandlerFunc{"GET " + runTestPath: always(200, answers.Sample(t, name))})
			got, err := newClient(t, w).RunTest(t.Context(), answers.RunTest)
			if err != nil {
				t.Fatal(err)
			}
			evals := got.EvalConfigs
			created := time.Date(2026, 8, 22, 10, 0, 56, 0, time.UTC)
			if got.CreatedAt == nil || !got.CreatedAt.Truncate(time.Second).Equal(created) {
				t.Errorf("created at %v, want %v", got.CreatedAt, created)
			}
			got.EvalConfigs, got.CreatedAt = nil, nil
			want := calls.RunTest{
				ID: answers.RunTest, Name: text.New("ci-acme-support-1f3a9c2-18734562210-1"), Description: text.New("Gate for commit 1f3a9c2"),
				AgentID: agentID, AgentType: calls.AgentVoice, AgentName: text.New("Acme Support Line"), SourceType: "agent_definition", ToolEvaluation: new(true),
				Scenarios: []calls.Scenario{
					{ID: refundID, Name: text.New("Refund for a damaged order"), Status: status.scenario, DatasetRows: status.rows},
					{ID: billingID, Name: text.New("Billing dispute"), Status: status.scenario, DatasetRows: status.rows},
				},
			}
			if status.rows != nil { // deployed
				want.AgentVersionID, want.AgentVersion = uuid.MustParse("5bd5c1db-894a-4354-8316-87e80d6c6d63"), text.New("v3")
			}
			if diff := cmp.Diff(want, got, answers.SameText); diff != "" {
				t.Errorf("(-want +got):\n%s", diff)
			}
			if len(evals) != 7 {
				t.Fatalf("got %d evals, want 7", len(evals))
			}
			for _, e := range evals {
				var definition struct {
					ID      uuid.UUID         `json:"id"`
					Mapping map[string]string `json:"mapping"`
				}
				if err := json.Unmarshal(e.Definition, &definition); err != nil || definition.ID != e.ID || definition.Mapping["conversation"] != "transcript" {
					t.Errorf("got definition %s, %v", e.Definition, err)
				}
				if e.ID == helpfulID && (e.TemplateID != templateID || e.Name.Raw() != "is_helpful") {
					t.Errorf("got %+v", e)
				}
			}
		})
	}
}

func TestRunTestWithoutDetailsKeepsTheIDs(t *testing.T) {
	t.Parallel()
	body := fmt.Sprintf(`{"id": %q, "agent_version": {"configuration_snapshot": {"agent_type": "TEXT", "agent_name": "Chat"}},
		"scenarios": [%q, 7], "scenarios_detail": null, "simulate_eval_configs": [%q], "agent_definition_detail": null}`,
		answers.RunTest, refundID, helpfulID)
	w := serving(t, map[string]http.HandlerFunc{"GET " + runTestPath: always(200, body)})
	got, err := newClient(t, w).RunTest(t.Context(), answers.RunTest)
	if err != nil {
		t.Fatal(err)
	}
	want := calls.RunTest{ID: answers.RunTest, AgentType: calls.AgentText, AgentName: text.New("Chat"),
		Scenarios: []calls.Scenario{{ID: refundID}}, EvalConfigs: []calls.EvalConfig{{ID: helpfulID}}}
	if diff := cmp.Diff(want, got, answers.SameText); diff != "" {
		t.Errorf("(-want +got):\n%s", diff)
	}
}

func TestScenariosThatAreNotSaidAreNotKnown(t *testing.T) {
	t.Parallel()
	for _, keys := range []string{
		``, `, "scenarios": null`, `, "scenarios": []`, `, "scenarios": {}`, `, "scenarios": "x"`, `, "scenarios": [7, null]`,
		`, "scenarios": [{"id": "b9d9b4a2-5492-4687-9dff-4680d458bdb9"}]`, `, "scenarios_detail": null`,
		`, "scenarios_detail": []`, `, "scenarios_detail": ["x", 7]`, `, "scenarios_detail": [{"name": "x"}]`, `, "scenarios": [], "scenarios_detail": []`,
	} {
		t.Run(keys, func(t *testing.T) {
			t.Parallel()
			w := serving(t, map[string]http.HandlerFunc{"POST " + createPath: always(201, fmt.Sprintf(`{"id": %q%s}`, answers.RunTest, keys))})
			got, err := newClient(t, w).CreateRunTest(t.Context(), CreateRunTest{Name: "x"})
			if err != nil || got.ID != answers.RunTest || got.Scenarios != nil {
				t.Errorf("got %+v, %v, want no scenarios", got, err)
			}
		})
	}
}

func TestFindRunTest(t *testing.T) {
	t.Parallel()
	const name = "ci-acme-support-1f3a9c2-18734562210-1"
	other := uuid.MustParse("78d232e4-4949-40ba-b1c1-71b843fa39cd")
	byName := "GET /simulate/run-tests/get-id-by-name/" + name + "/"
	item := func(id uuid.UUID, name string) string {
		return fmt.Sprintf(`{"id": %q, "name": %q, "evals": [{}]}`, id, name)
	}
	list := func(pages int, items ...string) string {
		return fmt.Sprintf(`{"count": 9, "results": [%s], "total_pages": %d}`, strings.Join(items, ","), pages)
	}
	search := func(pages ...string) http.HandlerFunc {
		return func(w http.ResponseWriter, r *http.Request) {
			n := 1
			if p := r.URL.Query().Get("page"); p != "" {
				_, _ = fmt.Sscan(p, &n)
			}
			if n > len(pages) {
				reply(w, 500, `{"detail": "Failed to retrieve run tests: Invalid page."}`)
				return
			}
			reply(w, 200, pages[n-1])
		}
	}
	cases := []struct {
		title  string
		name   string
		routes map[string]http.HandlerFunc
		want   uuid.UUID
		lines  int // requests
	}{
		{"found by its name", name, map[string]http.HandlerFunc{byName: always(200, answers.Sample(t, "deployed/id-by-name-200.json"))}, answers.RunTest, 1},
		{"surely not there", name, map[string]http.HandlerFunc{byName: always(400, answers.Sample(t, "deployed/id-by-name-400.json"))}, uuid.Nil, 1},
		{"no such route, in the list", name, map[string]http.HandlerFunc{
			"GET " + listPath: search(list(1, item(other, name+"-2"), item(answers.RunTest, name), item(other, name)))}, answers.RunTest, 2},
		{"no such route in JSON, not in the list", name, map[string]http.HandlerFunc{
			byName: always(404, answers.Sample(t, "documented/404.json")), "GET " + listPath: search(list(1, item(other, strings.ToUpper(name))))}, uuid.Nil, 2},
		{"400 with other words", name, map[string]http.HandlerFunc{
			byName: always(400, answers.Sample(t, "documented/error-400-status-result.json")), "GET " + listPath: search(list(1))}, uuid.Nil, 2},
		{"on the second page", name, map[string]http.HandlerFunc{
			"GET " + listPath: search(list(2, item(other, "x")), list(2, item(answers.RunTest, name)))}, answers.RunTest, 3},
		{"invalid page is the end", name, map[string]http.HandlerFunc{
			"GET " + listPath: search(list(0, item(other, "x")))}, uuid.Nil, 3},
		{"pages that repeat are the end", name, map[string]http.HandlerFunc{
			"GET " + listPath: always(200, list(0, item(other, "x")))}, uuid.Nil, 3},
		{"plain list", name, map[string]http.HandlerFunc{
			"GET " + listPath: always(200, "["+item(answers.RunTest, name)+"]")}, answers.RunTest, 2},
		{"deleted ones do not count", name, map[string]http.HandlerFunc{
			"GET " + listPath: always(200, `[{"id": "78d232e4-4949-40ba-b1c1-71b843fa39cd", "name": "`+name+`", "deleted": true}]`)}, uuid.Nil, 2},
		{"name with a slash goes to the list", "a/b", map[string]http.HandlerFunc{
			"GET " + listPath: search(list(1, item(answers.RunTest, "a/b")))}, answers.RunTest, 1},
		{"answer about another name", "CI", map[string]http.HandlerFunc{
			"GET /simulate/run-tests/get-id-by-name/CI/": always(200, answers.Sample(t, "deployed/id-by-name-200.json")),
			"GET " + listPath: search(list(1))}, uuid.Nil, 2},
		{"name is escaped", "a b%?#", map[string]http.HandlerFunc{
			"GET /simulate/run-tests/get-id-by-name/a%20b%25%3F%23/": always(400, answers.Sample(t, "deployed/id-by-name-400.json"))}, uuid.Nil, 1},
	}
	for _, c := range cases {
		t.Run(c.title, func(t *testing.T) {
			t.Parallel()
			w := serving(t, c.routes)
			id, found, err := newClient(t, w).FindRunTest(t.Context(), c.name)
			if err != nil {
				t.Fatal(err)
			}
			if id != c.want || found != (c.want != uuid.Nil) {
				t.Errorf("got %s, %t, want %s", id, found, c.want)
			}
			if w.count() != c.lines {
				t.Errorf("got requests %q, want %d", w.lines(), c.lines)
			}
		})
	}
}

func TestFindRunTestIsNeverSureOnAFault(t *testing.T) {
	t.Parallel()
	cases := map[string]http.HandlerFunc{
		"server error":   always(500, answers.Sample(t, "documented/500.json")),
		"unauthorized":   always(401, answers.Sample(t, "deployed/401-bad.json")),
		"not the API":    always(200, "<html>"),
		"list is not it": always(200, `{"results": {}}`),
	}
	for name, h := range cases {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			synctest.Test(t, func(t *testing.T) {
				w := serving(t, map[string]http.HandlerFunc{"GET " + listPath: h})
				if _, found, err := newClient(t, w).FindRunTest(t.Context(), "a/b"); found || err == nil {
					t.Errorf("got %t, %v, want an error", found, err)
				}
			})
		})
	}
}
