package api

import (
	"encoding/json"
	"fmt"
	"net/http"
	"slices"
	"strings"
	"time"

	"github.com/google/uuid"

	"github.com/agent-gate/agent-gate/internal/simulator/world"
)

// create is POST run-tests/create/ (contract, section 3.1).
func (h *Handler) create(b body, now time.Time) Answer {
	f := &form{body: b}
	rt := &world.RunTest{Created: now}
	rt.Name = f.text("name", true, false, 255)
	rt.Description = f.text("description", false, true, 0)
	rt.Agent = f.id("agent_definition_id", true)
	if h.deployed() {
		rt.Version = f.id("agent_version", false)
	}
	scenarioIDs := f.ids("scenario_ids", true, false)
	configIDs := f.ids("eval_config_ids", false, true)
	items, _ := f.list("evaluations_config", false, true)
	for _, id := range f.ids("dataset_row_ids", false, true) {
		rt.RowIDs = append(rt.RowIDs, id.String())
	}
	rt.Tools, _ = f.boolean("enable_tool_evaluation")
	replay := f.id("replay_session_id", false)
	configs := h.inlineEvals(f, items)
	if a, bad := h.check(f, true); bad {
		return a
	}
	if a, refused := h.voiceGated(); refused {
		return a
	}
	if a, bad := h.resolve(rt, scenarioIDs, replay); bad {
		return a
	}
	switch {
	case h.Attach(rt):
		rt.Evals = slices.DeleteFunc(rt.Evals, func(e *world.EvalConfig) bool {
			return slices.ContainsFunc(configs, func(c *world.EvalConfig) bool { return c.Name == e.Name })
		})
	case !h.deployed():
		// The documented API attaches existing configs; the deployed server validates
		// the ids and ignores them (contract, fact 22).
		for _, id := range configIDs {
			cfg := h.w.FindEval(id)
			if cfg == nil {
				return h.missing("SimulateEvalConfig", "")
			}
			rt.Evals = append(rt.Evals, cfg)
		}
	}
	rt.Evals = append(rt.Evals, configs...)
	h.w.Create(rt)
	return created(h.runTestObject(rt, false))
}

// Attach gives a run test all evals of the options where they say so.
func (h *Handler) Attach(rt *world.RunTest) bool {
	if h.opts.AttachEvals {
		rt.Evals = h.w.AllEvals()
	}
	return h.opts.AttachEvals
}

// resolve looks up what a create refers to and refuses what does not exist.
func (h *Handler) resolve(rt *world.RunTest, scenarioIDs []uuid.UUID, replay uuid.UUID) (Answer, bool) {
	refuse := func(field, model, text string) (Answer, bool) {
		if !h.deployed() {
			return h.missing(model, text), true
		}
		return h.invalid(fieldErrors{{field, "invalid", text}}), true
	}
	if !h.w.KnowsAgent(rt.Agent) {
		return refuse("agent_definition_id", "AgentDefinition", "Agent definition not found.")
	}
	var missing []string
	for _, id := range scenarioIDs {
		if sc := h.w.FindScenario(id); sc != nil {
			rt.Scenarios = append(rt.Scenarios, sc)
		} else {
			missing = append(missing, fmt.Sprintf("UUID('%s')", id))
		}
	}
	if len(missing) > 0 {
		return refuse("scenario_ids", "Scenario", "Scenarios not found: {"+strings.Join(missing, ", ")+"}")
	}
	if _, known := h.w.VersionOf(rt.Version); !known {
		return h.Problem(http.StatusInternalServerError, "Failed to create run test: AgentVersion matching query does not exist."), true
	}
	if replay != uuid.Nil && !h.w.Options.AcceptUnknown {
		return h.missing("ReplaySession", "Replay session not found."), true
	}
	if !h.deployed() {
		for _, other := range h.w.RunTests {
			if other.Name == rt.Name {
				return h.Problem(http.StatusBadRequest, "name: A run test with this name already exists in your organization."), true
			}
		}
	}
	return Answer{}, false
}

// inlineEvals reads evaluations_config. It silently skips unknown templates, as the
// deployed server does; the documented API does not say.
func (h *Handler) inlineEvals(f *form, items []json.RawMessage) []*world.EvalConfig {
	allowed := []string{"template_id", "name", "config", "mapping", "filters", "error_localizer", "model", "kb_id", "eval_group"}
	var configs []*world.EvalConfig
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
		if h.deployed() {
			errs = append(errs, inner.unknown()...)
		}
		for _, e := range errs {
			f.errs.add("evaluations_config", e.code, fmt.Sprintf("%d: %s: %s", i, e.field, e.text))
		}
		if name == "" {
			name = "Eval-" + template.String()
		}
		cfg := h.w.FromTemplate(template, name)
		if cfg == nil {
			continue
		}
		cfg.ErrorLocalizer = localizer
		cfg.Settings = map[string][]byte{}
		for key := range defaultSettings {
			if raw, ok := item[key]; ok {
				cfg.Settings[key] = raw
			}
		}
		configs = append(configs, cfg)
	}
	return configs
}
