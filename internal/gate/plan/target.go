package plan

import (
	"context"

	"github.com/google/uuid"

	"github.com/agent-gate/agent-gate/internal/calls"
	"github.com/agent-gate/agent-gate/internal/config"
	"github.com/agent-gate/agent-gate/internal/gate/evidence"
	"github.com/agent-gate/agent-gate/internal/gate/patience"
	"github.com/agent-gate/agent-gate/internal/text"
)

// readTarget reads what would run.
func (d *dryRun) readTarget(ctx context.Context) error {
	switch d.config.Target.Mode {
	case config.ModeAttach:
		return d.readAttached(ctx)
	case config.ModeExecute:
		t, err := d.api.RunTest(ctx, d.config.Target.RunTestID)
		if patience.IsMissing(err) {
			return ConfigError{Reason: text.Sprintf("there is no run test %s", d.config.Target.RunTestID)}
		}
		if err != nil {
			return err
		}
		d.uses(t)
		d.runTest, d.evals, d.knowsEvals = t, t.EvalConfigs, true
		d.past = []calls.RunTest{t}
		d.log.Note(text.Sprintf("Plan: execute run test %s %q.", t.ID, t.Name))
		if d.scenarios, err = d.chosen(t); err != nil {
			return err
		}
		return d.checkNewEvals(t)
	}
	return d.readParts(ctx)
}

// NoExecution says that the execution to judge does not exist.
func NoExecution(id uuid.UUID) error {
	return ConfigError{Reason: text.Sprintf("there is no test execution %s", id)}
}

// readAttached reads an execution that would be judged.
func (d *dryRun) readAttached(ctx context.Context) error {
	id := d.config.Target.TestExecutionID
	d.target.Consider(id)
	e, err := d.api.Collect(ctx, id)
	if patience.IsMissing(err) {
		return NoExecution(id)
	}
	if err != nil {
		return err
	}
	d.log.Note(text.Sprintf("Plan: judge test execution %s, which is %s and has %d calls.", id, e.Status, e.Calls.Len()))
	known := map[text.Untrusted]bool{}
	for _, c := range e.Calls.All() {
		if !known[c.Scenario] {
			known[c.Scenario] = true
			d.scenarios = append(d.scenarios, calls.Scenario{ID: c.ScenarioID, Name: c.Scenario, DatasetRows: new(0)})
		}
	}
	d.evals = e.Evals
	for _, c := range e.Calls.All() {
		for _, result := range c.Evals {
			d.evals = evidence.MergeEvals(d.evals, []calls.EvalConfig{{ID: result.ConfigID(), Name: result.Name()}})
		}
	}
	if !e.Status.Terminal() {
		d.scenarios = nil // more may come
	} else {
		d.knowsEvals = true
	}
	t, needed, err := d.AttachedRunTest(ctx, id)
	if needed {
		d.uses(t)
		d.target.UseExecution(id)
		d.evals = evidence.MergeEvals(d.evals, t.EvalConfigs)
	}
	return err
}

// readParts reads the parts of the run test to create. The API cannot read agents or scenarios
// directly: they are found through run tests that use them.
func (d *dryRun) readParts(ctx context.Context) error {
	target, create := d.config.Target, d.config.Create
	d.runTest = calls.RunTest{Name: text.New(d.name), AgentID: target.AgentDefinitionID}
	scenarios := map[uuid.UUID]calls.Scenario{}
	evals := map[uuid.UUID]calls.EvalConfig{}
	agentKnown := false
	for t, err := range d.api.RunTests(ctx, "") {
		if err != nil {
			return err
		}
		if t.AgentID == target.AgentDefinitionID && !agentKnown {
			agentKnown = true
			d.runTest.AgentType, d.runTest.AgentName = t.AgentType, t.AgentName
		}
		for _, s := range t.Scenarios {
			if _, known := scenarios[s.ID]; !known {
				scenarios[s.ID] = s
			}
		}
		for _, e := range t.EvalConfigs {
			evals[e.ID] = e
		}
		if t.AgentID == target.AgentDefinitionID && sameScenarios(t, calls.RunTest{}, target.ScenarioIDs) && len(d.past) < maxHistory {
			d.past = append(d.past, t)
		}
		if agentKnown && hasAll(scenarios, target.ScenarioIDs) && hasAll(evals, create.EvalConfigIDs) {
			break
		}
	}
	d.log.Note(text.Sprintf("Plan: create run test %q for agent %s and execute it.", text.New(d.name), target.AgentDefinitionID))
	if !agentKnown {
		d.unchecked = append(d.unchecked, text.Sprintf("agent %s, which no run test uses yet", target.AgentDefinitionID))
	}
	for _, id := range target.ScenarioIDs {
		s, known := scenarios[id]
		if !known {
			s.ID = id
			d.unchecked = append(d.unchecked, text.Sprintf("scenario %s, which no run test uses yet", id))
		}
		d.scenarios = append(d.scenarios, s)
	}
	d.knowsEvals = true
	for _, id := range create.EvalConfigIDs {
		e, known := evals[id]
		if !known {
			d.problems = append(d.problems, text.Sprintf("eval-config-ids: no run test has the eval config %s", id))
			d.knowsEvals = false
		}
		d.evals = append(d.evals, e)
	}
	d.evals = append(d.evals, inlineEvals(create.EvaluationsConfig)...)
	if len(create.EvaluationsConfig) > 0 {
		d.unchecked = append(d.unchecked, text.New("the templates of evaluations-config"))
	}
	if create.AgentVersion != uuid.Nil {
		d.unchecked = append(d.unchecked, text.Sprintf("agent version %s", create.AgentVersion))
	}
	if len(create.DatasetRowIDs) > 0 {
		d.unchecked = append(d.unchecked, text.New("dataset-row-ids; the estimate counts all rows, because some servers run them all"))
	}
	d.runTest.Scenarios, d.runTest.EvalConfigs = d.scenarios, d.evals
	return d.checkNewEvals(d.runTest)
}
