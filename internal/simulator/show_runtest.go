package simulator

import (
	"encoding/json"
	"net/http"
	"net/url"
	"strings"
	"time"

	"github.com/google/uuid"
)

const (
	agentName   = "Acme Support Line"
	agentPhone  = "+14155550999"
	maskedKey   = "9f3c...a1d0"
	versionName = "v3"
)

func (s *Server) versionID() uuid.UUID { return s.id(idAgentVersion) }

// showing is a run test as create, detail and list show it: 23 keys in the documented
// dialect, 28 in the deployed one with the evals three times over (contract, section
// 3.1).
func (s *Server) showing(rt *runTest, list bool) object {
	scenarioIDs := make([]string, len(rt.scenarios))
	scenarios := make([]object, len(rt.scenarios))
	for i, sc := range rt.scenarios {
		scenarioIDs[i], scenarios[i] = sc.id.String(), s.scenarioDetail(sc)
	}
	evalIDs := make([]string, len(rt.evals))
	evals := make([]object, len(rt.evals))
	short := make([]object, len(rt.evals))
	for i, e := range rt.evals {
		if s.deployed() {
			i = len(rt.evals) - 1 - i // newest first (real-server.md, additions)
		}
		evalIDs[i], evals[i] = e.id.String(), s.evalDetail(e)
		short[i] = object{{"id", e.id}, {"name", e.name}}
	}
	rows := rt.rowIDs
	if rows == nil {
		rows = []string{}
	}
	lastRun := s.stampOrNil(rt.lastRun)
	var version any
	if s.deployed() {
		if !list {
			lastRun = nil // only lists fill it (real-server.md, row 19)
		}
		version = s.versionDetail(rt)
		short = evals
	}
	o := object{
		{"id", rt.id}, {"name", rt.name}, {"description", rt.description},
		{"agent_definition", rt.agent}, {"agent_version", version}, {"agent_definition_detail", s.agentDetail(rt)},
		{"source_type", "agent_definition"}, {"source_type_display", "Agent Definition"},
	}
	if s.deployed() {
		o = append(o, object{
			{"prompt_template", nil}, {"prompt_template_detail", nil}, {"prompt_version", nil}, {"prompt_version_detail", nil},
		}...)
	}
	o = append(o, object{
		{"scenarios", scenarioIDs}, {"scenarios_detail", scenarios}, {"dataset_row_ids", rows},
		{"simulator_agent", nil}, {"simulator_agent_detail", nil},
		{"simulate_eval_configs", evalIDs}, {"simulate_eval_configs_detail", evals}, {"evals_detail", short},
		{"organization", s.org}, {"enable_tool_evaluation", rt.tools},
		{"created_at", s.stamp(rt.created)}, {"updated_at", s.stamp(rt.created)}, {"last_run_at", lastRun},
		{"deleted", false}, {"deleted_at", nil},
	}...)
	if s.deployed() {
		o = append(o, member{"evals", evals})
	}
	return o
}

func (s *Server) agentDetail(rt *runTest) object {
	if !s.deployed() {
		return object{{"id", rt.agent}, {"agent_name", agentName}, {"agent_type", s.opts.Agent}, {"inbound", true}, {"provider", "vapi"}}
	}
	made := s.stamp(s.begin.Add(-80 * 24 * time.Hour))
	return object{
		{"id", rt.agent}, {"agent_name", agentName}, {"agent_type", s.opts.Agent}, {"contact_number", agentPhone},
		{"inbound", true}, {"target_speaks_first", nil}, {"description", "Answers order and billing questions."},
		{"assistant_id", "asst_acme_01"}, {"provider", "vapi"}, {"language", "en"}, {"languages", []string{"en"}},
		{"authentication_method", "api_key"}, {"websocket_url", nil}, {"websocket_headers", object{}},
		{"workspace", s.id(idWorkspace)}, {"knowledge_base", nil}, {"organization", s.org}, {"api_key", maskedKey},
		{"observability_provider", nil}, {"created_at", made}, {"updated_at", made}, {"model", nil}, {"model_details", object{}},
		{"livekit_url", ""}, {"livekit_api_key", ""}, {"livekit_agent_name", ""}, {"livekit_config_json", nil}, {"livekit_max_concurrency", 2},
	}
}

func (s *Server) versionDetail(rt *runTest) object {
	id := rt.version
	if id == uuid.Nil {
		id = s.versionID() // the latest one is shown when none was named
	}
	return object{
		{"id", id}, {"name", versionName},
		{"configuration_snapshot", object{
			{"inbound", true}, {"target_speaks_first", nil}, {"languages", []string{"en"}}, {"provider", "vapi"},
			{"agent_name", agentName}, {"commit_message", "Shorter greeting"}, {"contact_number", agentPhone},
			{"authentication_method", "api_key"}, {"language", "en"}, {"observability_enabled", false},
			{"description", "Answers order and billing questions."}, {"assistant_id", "asst_acme_01"},
			{"knowledge_base", nil}, {"model", nil}, {"model_details", nil}, {"agent_type", s.opts.Agent},
			{"livekit_url", ""}, {"livekit_agent_name", ""}, {"livekit_config_json", nil}, {"livekit_max_concurrency", 2},
		}},
		{"api_key", maskedKey},
	}
}

func (s *Server) scenarioDetail(sc *scenario) object {
	if !s.deployed() {
		return object{{"id", sc.id}, {"name", sc.name}}
	}
	made := s.begin.Add(-79 * 24 * time.Hour)
	var dataset any
	rows := 0
	if !sc.bare {
		dataset, rows = sc.dataset, sc.rows
	}
	column := func(name, typ string) object { return object{{"name", name}, {"type", typ}} }
	return object{
		{"id", sc.id}, {"name", sc.name}, {"description", "Generated from the support handbook."},
		{"source", "graph"}, {"scenario_type", "graph"}, {"scenario_type_display", "Graph"},
		{"source_type", "agent_definition"}, {"source_type_display", "Agent Definition"}, {"organization", s.org},
		{"dataset", dataset}, {"dataset_rows", rows},
		{"dataset_column_config", object{
			{sc.columns[0].String(), column("situation", "text")},
			{sc.columns[1].String(), column("persona", "persona")},
			{sc.columns[2].String(), column("outcome", "text")},
		}},
		{"graph", s.graphs.of(sc)}, {"agent", nil},
		{"prompt_template", nil}, {"prompt_template_detail", nil}, {"prompt_version", nil}, {"prompt_version_detail", nil},
		{"created_at", s.stamp(made)}, {"updated_at", s.stamp(made.Add(7 * time.Minute))},
		{"deleted", false}, {"status", sc.status}, {"deleted_at", nil}, {"agent_type", "inbound"},
	}
}

func (s *Server) evalDetail(e *evalConfig) object {
	o := object{{"id", e.id}, {"name", e.name}}
	if !s.deployed() {
		return append(o, object{{"template_id", e.template}, {"config", e.config}, {"mapping", e.mapping}}...)
	}
	return append(o, object{
		{"config", e.config}, {"mapping", e.mapping}, {"filters", e.filters}, {"error_localizer", e.errorLocalizer},
		{"model", e.model}, {"status", "Completed"}, {"eval_group", e.group}, {"template_id", e.template},
	}...)
}

// showRunTest is GET run-tests/{id}/.
func (s *Server) showRunTest(id uuid.UUID, now time.Time) answer {
	rt := s.findRunTest(id, now)
	if rt == nil {
		return s.missing("RunTest", "Run test not found")
	}
	return ok(s.showing(rt, false))
}

// idByName is GET run-tests/get-id-by-name/{name}/: exact, the newest of duplicates;
// an unknown name is a 400 (contract, section 3.3).
func (s *Server) idByName(name string) answer {
	for i := len(s.runTests) - 1; i >= 0; i-- {
		if rt := s.runTests[i]; rt.name == name && !s.lags(rt.created, time.Now()) {
			return ok(object{{"status", true}, {"result", object{{"run_test_id", rt.id}, {"run_test_name", rt.name}}}})
		}
	}
	if s.deployed() {
		return s.problem(http.StatusBadRequest, "Run test not found")
	}
	return answer{status: http.StatusBadRequest, body: object{{"status", false}, {"result", "Run test not found"}}}
}

// listRunTests is GET run-tests/, newest first; search finds substrings of the name of
// run test or agent in any case (contract, section 3.4).
func (s *Server) listRunTests(r *request, q url.Values) answer {
	if errs := checkQuery(q, "search", "simulation_type", "prompt_template_id", "page", "limit"); len(errs) > 0 && s.deployed() {
		return s.invalid(errs)
	}
	search := strings.ToLower(q.Get("search"))
	var found []*runTest
	for i := len(s.runTests) - 1; i >= 0; i-- {
		rt := s.runTests[i]
		if s.lags(rt.created, time.Now()) {
			continue
		}
		if strings.Contains(strings.ToLower(rt.name), search) || strings.Contains(strings.ToLower(agentName), search) {
			found = append(found, rt)
		}
	}
	p := paging{page: number(q, "page", 1), limit: number(q, "limit", s.opts.PageSize), count: len(found)}
	if p.outside() {
		return s.problem(http.StatusInternalServerError, "Failed to retrieve run tests: Invalid page.")
	}
	from, to := p.bounds()
	items := make([]object, 0, to-from)
	for _, rt := range found[from:to] {
		items = append(items, s.showing(rt, true))
	}
	a := ok(p.envelope(r, items))
	a.takes = time.Duration(len(items)) * s.opts.RunTestTime
	return a
}

// graphCache holds the scenario graphs, which every row repeats. It is guarded by the
// server's lock.
type graphCache map[uuid.UUID]json.RawMessage

func (g *graphCache) of(sc *scenario) json.RawMessage {
	if *g == nil {
		*g = graphCache{}
	}
	if raw, ok := (*g)[sc.id]; ok {
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
			node("start", "conversation", "start", sc.script.opening),
			node("details", "conversation", "give_details", "Give the number when asked."),
			node("push_back", "conversation", "push_back", "Object to the first offer once."),
			node("end", "end", "end_call", "Thank the agent and hang up."),
		}},
		{"edges", []object{edge("e1", "start", "details"), edge("e2", "details", "push_back"), edge("e3", "push_back", "end")}},
	})
	(*g)[sc.id] = raw
	return raw
}
