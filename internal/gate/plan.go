package gate

import (
	"context"
	"encoding/json"
	"strings"

	"github.com/google/uuid"

	"github.com/agent-gate/agent-gate/internal/client"
	"github.com/agent-gate/agent-gate/internal/config"
	"github.com/agent-gate/agent-gate/internal/gate/patience"
	"github.com/agent-gate/agent-gate/internal/text"
)

// planTarget reads what would be run.
func (r *run) planTarget(ctx context.Context, p *plan) error {
	switch r.Config.Target.Mode {
	case config.ModeAttach:
		return r.planAttach(ctx, p)
	case config.ModeExecute:
		t, err := r.API.RunTest(ctx, r.Config.Target.RunTestID)
		if patience.IsMissing(err) {
			return configError{text.Sprintf("there is no run test %s", r.Config.Target.RunTestID)}
		}
		if err != nil {
			return err
		}
		r.useRunTest(t, false)
		p.runTest, p.evals, p.knowsEvals = t, t.EvalConfigs, true
		p.past = []client.RunTest{t}
		r.log.Note(text.Sprintf("Plan: execute run test %s %q.", t.ID, t.Name))
		if p.scenarios, err = r.chosen(t); err != nil {
			return err
		}
		return r.checkNewEvals(t)
	}
	return r.planCreate(ctx, p)
}

// planAttach reads an execution that would be judged.
func (r *run) planAttach(ctx context.Context, p *plan) error {
	id := r.Config.Target.TestExecutionID
	r.paid.Consider(id)
	e, err := r.API.Collect(ctx, id)
	if patience.IsMissing(err) {
		return configError{text.Sprintf("there is no test execution %s", id)}
	}
	if err != nil {
		return err
	}
	r.log.Note(text.Sprintf("Plan: judge test execution %s, which is %s and has %d calls.", id, e.Status, e.Calls.Len()))
	known := map[text.Untrusted]bool{}
	for _, c := range e.Calls.All() {
		if !known[c.Scenario] {
			known[c.Scenario] = true
			p.scenarios = append(p.scenarios, client.Scenario{ID: c.ScenarioID, Name: c.Scenario, DatasetRows: new(0)})
		}
	}
	p.evals = e.Evals
	for _, c := range e.Calls.All() {
		for _, result := range c.Evals {
			p.evals = mergeEvals(p.evals, []client.EvalConfig{{ID: result.ConfigID(), Name: result.Name()}})
		}
	}
	if !e.Status.Terminal() {
		p.scenarios = nil // more may come
	} else {
		p.knowsEvals = true
	}
	if err := r.attachedRunTest(ctx); err != nil {
		return err
	}
	p.evals = mergeEvals(p.evals, r.evidence.Evals)
	return nil
}

// planCreate reads what the created run test would be made of. The API reads neither
// agents nor scenarios by themselves: they are known from the run tests that use them.
func (r *run) planCreate(ctx context.Context, p *plan) error {
	target, create := r.Config.Target, r.Config.Create
	p.runTest = client.RunTest{Name: text.New(r.Name), AgentID: target.AgentDefinitionID}
	scenarios := map[uuid.UUID]client.Scenario{}
	evals := map[uuid.UUID]client.EvalConfig{}
	agentKnown := false
	for t, err := range r.API.RunTests(ctx, "") {
		if err != nil {
			return err
		}
		if t.AgentID == target.AgentDefinitionID && !agentKnown {
			agentKnown = true
			p.runTest.AgentType, p.runTest.AgentName = t.AgentType, t.AgentName
		}
		for _, s := range t.Scenarios {
			if _, known := scenarios[s.ID]; !known {
				scenarios[s.ID] = s
			}
		}
		for _, e := range t.EvalConfigs {
			evals[e.ID] = e
		}
		if t.AgentID == target.AgentDefinitionID && sameScenarios(t, client.RunTest{}, target.ScenarioIDs) && len(p.past) < maxHistory {
			p.past = append(p.past, t)
		}
		if agentKnown && hasAll(scenarios, target.ScenarioIDs) && hasAll(evals, create.EvalConfigIDs) {
			break
		}
	}
	r.log.Note(text.Sprintf("Plan: create run test %q for agent %s and execute it.", text.New(r.Name), target.AgentDefinitionID))
	if !agentKnown {
		p.unchecked = append(p.unchecked, text.Sprintf("agent %s, which no run test uses yet", target.AgentDefinitionID))
	}
	for _, id := range target.ScenarioIDs {
		s, known := scenarios[id]
		if !known {
			s.ID = id
			p.unchecked = append(p.unchecked, text.Sprintf("scenario %s, which no run test uses yet", id))
		}
		p.scenarios = append(p.scenarios, s)
	}
	p.knowsEvals = true
	for _, id := range create.EvalConfigIDs {
		e, known := evals[id]
		if !known {
			p.problems = append(p.problems, text.Sprintf("eval-config-ids: no run test was found that has the eval config %s", id))
			p.knowsEvals = false
		}
		p.evals = append(p.evals, e)
	}
	p.evals = append(p.evals, inlineEvals(create.EvaluationsConfig)...)
	if len(create.EvaluationsConfig) > 0 {
		p.unchecked = append(p.unchecked, text.New("the templates of evaluations-config"))
	}
	if create.AgentVersion != uuid.Nil {
		p.unchecked = append(p.unchecked, text.Sprintf("agent version %s", create.AgentVersion))
	}
	if len(create.DatasetRowIDs) > 0 {
		p.unchecked = append(p.unchecked, text.New("dataset-row-ids; the estimate counts all rows, since servers are known to run them all"))
	}
	p.runTest.Scenarios, p.runTest.EvalConfigs = p.scenarios, p.evals
	return r.checkNewEvals(p.runTest)
}

// hasAll reports whether all ids are keys.
func hasAll[T any](m map[uuid.UUID]T, ids []uuid.UUID) bool {
	for _, id := range ids {
		if _, ok := m[id]; !ok {
			return false
		}
	}
	return true
}

// inlineEvals are the evals of an evaluations_config, with the names that the server gives
// those without one.
func inlineEvals(raw json.RawMessage) []client.EvalConfig {
	var entries []struct {
		Template string `json:"template_id"`
		Name     string `json:"name"`
	}
	// The configuration has been validated: it is a JSON array or absent.
	_ = json.Unmarshal(raw, &entries)
	var out []client.EvalConfig
	for _, e := range entries {
		if strings.TrimSpace(e.Name) == "" {
			e.Name = "Eval-" + e.Template
		}
		out = append(out, client.EvalConfig{Name: text.New(e.Name)})
	}
	return out
}
