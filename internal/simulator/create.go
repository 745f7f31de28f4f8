package simulator

import (
	"encoding/json"
	"fmt"
	"net/http"
	"slices"
	"strings"
	"time"

	"github.com/google/uuid"
)

// create makes a run test (contract, section 3.1).
func (s *Server) create(b body, now time.Time) answer {
	f := &form{body: b}
	rt := &runTest{created: now}
	rt.name = f.text("name", true, false, 255)
	rt.description = f.text("description", false, true, 0)
	rt.agent = f.id("agent_definition_id", true)
	if s.deployed() {
		rt.version = f.id("agent_version", false)
	}
	scenarioIDs := f.ids("scenario_ids", true, false)
	configIDs := f.ids("eval_config_ids", false, true)
	items, _ := f.list("evaluations_config", false, true)
	for _, id := range f.ids("dataset_row_ids", false, true) {
		rt.rowIDs = append(rt.rowIDs, id.String())
	}
	rt.tools, _ = f.boolean("enable_tool_evaluation")
	replay := f.id("replay_session_id", false)
	configs := s.inlineEvals(f, items)
	if a, bad := s.check(f, true); bad {
		return a
	}
	if a, refused := s.gated(); refused {
		return a
	}
	if a, bad := s.resolve(rt, scenarioIDs, replay); bad {
		return a
	}
	switch {
	case s.opts.AttachEvals:
		rt.evals = s.ownEvals()
	case !s.deployed():
		// The documented API associates existing configs; the deployed server
		// validates the ids and forgets them (contract, fact 22).
		attached, a, bad := s.ownedEvals(configIDs)
		if bad {
			return a
		}
		rt.evals = attached
	}
	rt.evals = append(rt.evals, configs...)
	s.addRunTest(rt)
	s.ledger.Created = append(s.ledger.Created, CreatedRunTest{ID: rt.id, Name: rt.name, At: now})
	return created(s.showing(rt, false))
}

// resolve finds what a create refers to, and refuses what is not there.
func (s *Server) resolve(rt *runTest, scenarioIDs []uuid.UUID, replay uuid.UUID) (answer, bool) {
	refuse := func(field, model, text string) (answer, bool) {
		if !s.deployed() {
			return s.missing(model, text), true
		}
		return s.invalid(fieldErrors{{field, "invalid", text}}), true
	}
	if !s.agents[rt.agent] {
		if !s.opts.AcceptUnknown || s.elsewhere(rt.agent) {
			return refuse("agent_definition_id", "AgentDefinition", "Agent definition not found.")
		}
		s.agents[rt.agent] = true
	}
	var missing []string
	for _, id := range scenarioIDs {
		if sc := s.findScenario(id); sc != nil {
			rt.scenarios = append(rt.scenarios, sc)
		} else {
			missing = append(missing, fmt.Sprintf("UUID('%s')", id))
		}
	}
	if len(missing) > 0 {
		return refuse("scenario_ids", "Scenario", "Scenarios not found: {"+strings.Join(missing, ", ")+"}")
	}
	if rt.version != uuid.Nil && rt.version != s.versionID() {
		return s.problem(http.StatusInternalServerError, "Failed to create run test: AgentVersion matching query does not exist."), true
	}
	if replay != uuid.Nil && !s.opts.AcceptUnknown {
		return s.missing("ReplaySession", "Replay session not found."), true
	}
	if !s.deployed() {
		for _, other := range s.runTests {
			if other.name == rt.name {
				return s.problem(http.StatusBadRequest, "name: A run test with this name already exists in your organization."), true
			}
		}
	}
	return answer{}, false
}

// ownedEvals finds existing eval configs of the organisation.
func (s *Server) ownedEvals(ids []uuid.UUID) ([]*evalConfig, answer, bool) {
	var configs []*evalConfig
	for _, id := range ids {
		i := slices.IndexFunc(s.opts.Evals, func(e Eval) bool { return e.ID == id })
		switch {
		case i >= 0:
			configs = append(configs, s.ownEval(i))
		case s.opts.AcceptUnknown && !s.elsewhere(id):
			configs = append(configs, s.madeUpEval(id))
		default:
			return nil, s.missing("SimulateEvalConfig", ""), true
		}
	}
	return configs, answer{}, false
}

func (s *Server) madeUpEval(id uuid.UUID) *evalConfig {
	return newEvalConfig(evalConfig{
		id: id, template: s.id(idEvalTemplate, fold(id)), name: "eval-" + id.String()[:8], typ: TypePassFail,
	})
}

// inlineEvals reads evaluations_config. An unknown template is skipped without a word
// by the deployed server; the documented API does not say.
func (s *Server) inlineEvals(f *form, items []json.RawMessage) []*evalConfig {
	allowed := []string{"template_id", "name", "config", "mapping", "filters", "error_localizer", "model", "kb_id", "eval_group"}
	var configs []*evalConfig
	for i, raw := range items {
		item, err := decodeBody(raw)
		if err != nil {
			f.errs.add("evaluations_config", "invalid", fmt.Sprintf("%d: Expected a dictionary.", i))
			continue
		}
		inner := &form{body: item}
		template := inner.id("template_id", true)
		name := inner.text("name", false, true, 0)
		inner.known = append(inner.known, allowed...)
		localizer, _ := inner.boolean("error_localizer")
		errs := inner.errs
		if s.deployed() {
			errs = append(errs, inner.unknown()...)
		}
		for _, e := range errs {
			f.errs.add("evaluations_config", e.code, fmt.Sprintf("%d: %s: %s", i, e.field, e.text))
		}
		if name == "" {
			name = "Eval-" + template.String()
		}
		cfg := s.fromTemplate(template)
		if cfg == nil {
			continue
		}
		cfg.id = s.id(idMadeEval, s.next())
		cfg.name = name
		cfg.errorLocalizer = localizer
		for key, to := range map[string]*json.RawMessage{
			"config": &cfg.config, "mapping": &cfg.mapping, "filters": &cfg.filters, "model": &cfg.model, "eval_group": &cfg.group,
		} {
			if raw, ok := item[key]; ok {
				*to = raw
			}
		}
		configs = append(configs, cfg)
	}
	return configs
}

// fromTemplate is a config of the eval with that template, nil when there is none.
func (s *Server) fromTemplate(template uuid.UUID) *evalConfig {
	for i := range s.opts.Evals {
		if s.opts.Evals[i].TemplateID == template {
			cfg := s.ownEval(i)
			cfg.onRequest = false
			return cfg
		}
	}
	if s.opts.AcceptUnknown && template != uuid.Nil {
		cfg := s.madeUpEval(template)
		cfg.template = template
		return cfg
	}
	return nil
}
