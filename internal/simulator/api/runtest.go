package api

import (
	"encoding/json"
	"net/http"
	"net/url"
	"strings"
	"time"

	"github.com/google/uuid"

	"github.com/agent-gate/agent-gate/internal/simulator/story"
	"github.com/agent-gate/agent-gate/internal/simulator/world"
)

const (
	agentName  = "Acme Support Line"
	agentPhone = "+14155550999"
	maskedKey  = "9f3c...a1d0"
	// PromptName is the name of the one prompt that there is.
	PromptName = "Support prompt"
)

// runTestObject returns a run test as create, detail and list show it: 23 keys in the
// documented dialect; 28 in the deployed one, with the evals three times over (contract,
// section 3.1).
func (h *Handler) runTestObject(rt *world.RunTest, list bool) object {
	scenarios := make([]object, len(rt.Scenarios))
	for i, sc := range rt.Scenarios {
		scenarios[i] = h.scenarioDetail(sc)
	}
	evalIDs := make([]string, len(rt.Evals))
	evals := make([]object, len(rt.Evals))
	short := make([]object, len(rt.Evals))
	for i, e := range rt.Evals {
		if h.deployed() {
			i = len(rt.Evals) - 1 - i // newest first (real-server.md, additions)
		}
		evalIDs[i], evals[i] = e.ID.String(), h.evalDetail(e)
		short[i] = object{{"id", e.ID}, {"name", e.Name}}
	}
	rows := rt.RowIDs
	if rows == nil {
		rows = []string{}
	}
	lastRun := h.stampOrNil(rt.LastRun)
	var version any
	if h.deployed() {
		if !list {
			lastRun = nil // only lists fill it (real-server.md, row 19)
		}
		version = h.versionDetail(rt)
		short = evals
	}
	o := object{
		{"id", rt.ID}, {"name", rt.Name}, {"description", rt.Description},
		{"agent_definition", rt.Agent}, {"agent_version", version}, {"agent_definition_detail", h.agentDetail(rt)},
		{"source_type", "agent_definition"}, {"source_type_display", "Agent Definition"},
	}
	if h.deployed() {
		o = append(o, object{
			{"prompt_template", nil}, {"prompt_template_detail", nil}, {"prompt_version", nil}, {"prompt_version_detail", nil},
		}...)
	}
	o = append(o, object{
		{"scenarios", scenarioIDs(rt.Scenarios)}, {"scenarios_detail", scenarios}, {"dataset_row_ids", rows},
		{"simulator_agent", nil}, {"simulator_agent_detail", nil},
		{"simulate_eval_configs", evalIDs}, {"simulate_eval_configs_detail", evals}, {"evals_detail", short},
		{"organization", h.org}, {"enable_tool_evaluation", rt.Tools},
		{"created_at", h.stamp(rt.Created)}, {"updated_at", h.stamp(rt.Created)}, {"last_run_at", lastRun},
		{"deleted", false}, {"deleted_at", nil},
	}...)
	if h.deployed() {
		o = append(o, member{"evals", evals})
	}
	if rt.Prompt != nil {
		o = promptSource(o, rt.Prompt)
	}
	return o
}

// Shown is a run test as its detail shows it.
func (h *Handler) Shown(rt *world.RunTest) any { return h.runTestObject(rt, false) }

// promptSource puts a prompt in the place of the agent (chat.md 9).
func promptSource(o object, p *world.PromptOf) object {
	instead := map[string]any{
		"agent_definition": nil, "agent_version": nil, "agent_definition_detail": nil, "source_type": "prompt", "source_type_display": "Prompt",
		"prompt_template":        p.Template,
		"prompt_template_detail": object{{"id", p.Template}, {"name", PromptName}, {"description", nil}, {"variable_names", []string{}}},
		"prompt_version":         p.Version,
		"prompt_version_detail":  object{{"id", p.Version}, {"template_version", p.VersionName}, {"is_default", true}, {"commit_message", ""}},
	}
	for i := range o {
		if v, has := instead[o[i].key]; has {
			o[i].value = v
		}
	}
	return o
}

func (h *Handler) agentDetail(rt *world.RunTest) object {
	if !h.deployed() {
		return object{{"id", rt.Agent}, {"agent_name", agentName}, {"agent_type", h.agentType()}, {"inbound", true}, {"provider", "vapi"}}
	}
	made := h.stamp(h.begin.Add(-80 * 24 * time.Hour))
	return object{
		{"id", rt.Agent}, {"agent_name", agentName}, {"agent_type", h.agentType()}, {"contact_number", agentPhone},
		{"inbound", true}, {"target_speaks_first", nil}, {"description", "Answers order and billing questions."},
		{"assistant_id", "asst_acme_01"}, {"provider", "vapi"}, {"language", "en"}, {"languages", []string{"en"}},
		{"authentication_method", "api_key"}, {"websocket_url", nil}, {"websocket_headers", object{}},
		{"workspace", h.w.ID(story.ForWorkspace)}, {"knowledge_base", nil}, {"organization", h.org}, {"api_key", maskedKey},
		{"observability_provider", nil}, {"created_at", made}, {"updated_at", made}, {"model", nil}, {"model_details", object{}},
		{"livekit_url", ""}, {"livekit_api_key", ""}, {"livekit_agent_name", ""}, {"livekit_config_json", nil}, {"livekit_max_concurrency", 2},
	}
}

func (h *Handler) versionDetail(rt *world.RunTest) object {
	version, _ := h.w.VersionOf(rt.Version) // if the request named none, the latest is shown
	return object{
		{"id", version.ID}, {"name", version.Name},
		{"configuration_snapshot", object{
			{"inbound", true}, {"target_speaks_first", nil}, {"languages", []string{"en"}}, {"provider", "vapi"},
			{"agent_name", agentName}, {"commit_message", "Shorter greeting"}, {"contact_number", agentPhone},
			{"authentication_method", "api_key"}, {"language", "en"}, {"observability_enabled", false},
			{"description", "Answers order and billing questions."}, {"assistant_id", "asst_acme_01"},
			{"knowledge_base", nil}, {"model", nil}, {"model_details", nil}, {"agent_type", h.agentType()},
			{"livekit_url", ""}, {"livekit_agent_name", ""}, {"livekit_config_json", nil}, {"livekit_max_concurrency", 2},
		}},
		{"api_key", maskedKey},
	}
}

func (h *Handler) scenarioDetail(sc *world.Scenario) object {
	if !h.deployed() {
		return object{{"id", sc.ID}, {"name", sc.Name}}
	}
	made := h.begin.Add(-79 * 24 * time.Hour)
	var dataset any
	rows := 0
	if !sc.NoDataset {
		dataset, rows = sc.Dataset, sc.Rows
	}
	column := func(name, typ string) object { return object{{"name", name}, {"type", typ}} }
	return object{
		{"id", sc.ID}, {"name", sc.Name}, {"description", "Generated from the support handbook."},
		{"source", "graph"}, {"scenario_type", "graph"}, {"scenario_type_display", "Graph"},
		{"source_type", "agent_definition"}, {"source_type_display", "Agent Definition"}, {"organization", h.org},
		{"dataset", dataset}, {"dataset_rows", rows},
		{"dataset_column_config", object{
			{sc.Columns[0].String(), column("situation", "text")},
			{sc.Columns[1].String(), column("persona", "persona")},
			{sc.Columns[2].String(), column("outcome", "text")},
		}},
		{"graph", h.graphs.of(sc)}, {"agent", nil},
		{"prompt_template", nil}, {"prompt_template_detail", nil}, {"prompt_version", nil}, {"prompt_version_detail", nil},
		{"created_at", h.stamp(made)}, {"updated_at", h.stamp(made.Add(7 * time.Minute))},
		{"deleted", false}, {"status", sc.Status}, {"deleted_at", nil}, {"agent_type", "inbound"},
	}
}

// scenarioIDs returns the ids of scenarios, in order.
func scenarioIDs(scenarios []*world.Scenario) []string {
	ids := make([]string, len(scenarios))
	for i, sc := range scenarios {
		ids[i] = sc.ID.String()
	}
	return ids
}

func (h *Handler) evalDetail(e *world.EvalConfig) object {
	o := object{{"id", e.ID}, {"name", e.Name}}
	if !h.deployed() {
		return append(o, object{{"template_id", e.TemplateID}, {"config", setting(e, "config")}, {"mapping", setting(e, "mapping")}}...)
	}
	return append(o, object{
		{"config", setting(e, "config")}, {"mapping", setting(e, "mapping")}, {"filters", setting(e, "filters")}, {"error_localizer", e.ErrorLocalizer},
		{"model", setting(e, "model")}, {"status", "Completed"}, {"eval_group", setting(e, "eval_group")}, {"template_id", e.TemplateID},
	}...)
}

// defaultSettings are the settings of an eval config whose request had none.
var defaultSettings = map[string]json.RawMessage{
	"config":     json.RawMessage(`{}`),
	"mapping":    json.RawMessage(`{"conversation":"transcript"}`),
	"filters":    json.RawMessage(`[]`),
	"model":      json.RawMessage(`null`),
	"eval_group": json.RawMessage(`null`),
}

// setting returns one of the settings of an eval config.
func setting(e *world.EvalConfig, key string) json.RawMessage {
	if raw, given := e.Settings[key]; given {
		return raw
	}
	return defaultSettings[key]
}

// showRunTest is GET run-tests/{id}/.
func (h *Handler) showRunTest(id uuid.UUID, now time.Time) Answer {
	rt := h.w.FindRunTest(id, now)
	if rt == nil {
		return h.missing("RunTest", "Run test not found")
	}
	return ok(h.runTestObject(rt, false))
}

// deleteRunTest is DELETE run-tests/{id}/delete/ (contract, section 6).
func (h *Handler) deleteRunTest(id uuid.UUID, now time.Time) Answer {
	rt := h.w.FindRunTest(id, now)
	switch {
	case rt == nil:
		return h.missing("RunTest", "Run test not found")
	case !h.w.Delete(rt, now):
		return h.Problem(http.StatusBadRequest, "Cannot delete a run test while an execution is running.")
	}
	return ok(object{{"message", "Run test deleted successfully"}})
}

// idByName is GET run-tests/get-id-by-name/{name}/. The match is exact; of duplicates the
// newest wins; an unknown name is a 400 (contract, section 3.3).
func (h *Handler) idByName(r *Request, name string, now time.Time) Answer {
	for i := len(h.w.RunTests) - 1; i >= 0; i-- {
		if rt := h.w.RunTests[i]; rt.Name == name && !r.omits(rt.Created, now) {
			return ok(object{{"status", true}, {"result", object{{"run_test_id", rt.ID}, {"run_test_name", rt.Name}}}})
		}
	}
	if h.deployed() {
		return h.Problem(http.StatusBadRequest, "Run test not found")
	}
	return Answer{Status: http.StatusBadRequest, body: object{{"status", false}, {"result", "Run test not found"}}}
}

// listRunTests is GET run-tests/, newest first. search matches part of the run test's or
// the agent's name, ignoring case (contract, section 3.4).
func (h *Handler) listRunTests(r *Request, q url.Values, now time.Time) Answer {
	if errs := checkQuery(q, "search", "simulation_type", "prompt_template_id", "page", "limit"); len(errs) > 0 && h.deployed() {
		return h.invalid(errs)
	}
	search := strings.ToLower(q.Get("search"))
	var found []*world.RunTest
	for i := len(h.w.RunTests) - 1; i >= 0; i-- {
		rt := h.w.RunTests[i]
		if r.omits(rt.Created, now) {
			continue
		}
		if strings.Contains(strings.ToLower(rt.Name), search) || strings.Contains(strings.ToLower(agentName), search) {
			found = append(found, rt)
		}
	}
	p := paging{page: number(q, "page", 1), limit: number(q, "limit", h.opts.PageSize), count: len(found)}
	if p.outside() {
		return h.Problem(http.StatusInternalServerError, "Failed to retrieve run tests: Invalid page.")
	}
	from, to := p.bounds()
	items := make([]object, 0, to-from)
	for _, rt := range found[from:to] {
		items = append(items, h.runTestObject(rt, true))
	}
	a := ok(p.envelope(r, items))
	a.Takes = time.Duration(len(items)) * h.opts.RunTestTime
	return a
}

// graphCache holds the encoded scenario graphs, which every row repeats.
type graphCache map[uuid.UUID]json.RawMessage

func (g graphCache) of(sc *world.Scenario) json.RawMessage {
	if raw, ok := g[sc.ID]; ok {
		return raw
	}
	node := func(id, typ, name, prompt string) object {
		return object{{"id", id}, {"type", typ}, {"name", name}, {"data", object{{"prompt", prompt}}}}
	}
	edge := func(id, source, target string) object {
		return object{{"id", id}, {"source", source}, {"target", target}}
	}
	raw := appendJSON(nil, object{
		{"nodes", []object{
			node("start", "conversation", "start", sc.Script.Opening),
			node("details", "conversation", "give_details", "Give the number when asked."),
			node("push_back", "conversation", "push_back", "Object to the first offer once."),
			node("end", "end", "end_call", "Thank the agent and hang up."),
		}},
		{"edges", []object{edge("e1", "start", "details"), edge("e2", "details", "push_back"), edge("e3", "push_back", "end")}},
	})
	g[sc.ID] = raw
	return raw
}
