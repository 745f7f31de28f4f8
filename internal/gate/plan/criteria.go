package plan

import (
	"context"
	"slices"

	"github.com/google/uuid"

	"github.com/agent-gate/agent-gate/internal/calls"
	"github.com/agent-gate/agent-gate/internal/criteria"
	"github.com/agent-gate/agent-gate/internal/text"
	"github.com/agent-gate/agent-gate/internal/verdict"
)

// checkCriteria makes sure, before a call is paid for, that the criteria can work on this run test:
// with one that names a missing scenario or eval the calls would be paid for nothing.
func (p *Planner) checkCriteria(ctx context.Context, t calls.RunTest) error {
	chosen, err := p.chosen(t)
	if err != nil {
		return err
	}
	all := p.mistakes(ctx, chosen, evalNamesOf(t.EvalConfigs, t.EvalConfigs != nil), []calls.RunTest{t})
	if len(all) == 0 {
		return nil
	}
	return ConfigError{Reason: text.Join("; ", all...)}
}

// mistakes describes the criteria that cannot work with these scenarios and evals, as far as their
// names are known. past are run tests that may have run the same before.
func (p *Planner) mistakes(ctx context.Context, chosen []calls.Scenario, evals criteria.Names, past []calls.RunTest) []text.Untrusted {
	rules := p.config.Rules
	found := rules.UnknownNames(scenarioNamesOf(chosen), evals)
	if rules.NeedsScales() {
		// Only earlier results show the scale of an eval's numbers.
		found = append(found, rules.ScoreMistakes(p.pastScales(ctx, past))...)
	}
	var all []text.Untrusted
	for _, m := range found {
		all = append(all, m.Text())
	}
	return all
}

// pastScales returns the scales of the evals in the newest completed execution of the first run test
// that has one; empty if none has.
func (p *Planner) pastScales(ctx context.Context, past []calls.RunTest) map[string]criteria.Scale {
	for _, t := range past {
		if _, e, ok := p.newestCompleted(ctx, t); ok {
			return verdict.ScalesOf(verdict.CallsOf(e.Calls, nil))
		}
	}
	return nil
}

// newestCompleted reads the newest completed execution of a run test; ok is false if there is none
// or it cannot be read.
func (p *Planner) newestCompleted(ctx context.Context, t calls.RunTest) (id uuid.UUID, e calls.Execution, ok bool) {
	executions, err := p.api.Executions(ctx, t.ID)
	if err != nil {
		return uuid.Nil, e, false
	}
	i := slices.IndexFunc(executions, func(e calls.ExecutionSummary) bool { return e.Status == calls.ExecutionCompleted })
	if i < 0 {
		return uuid.Nil, e, false
	}
	id = executions[i].ID
	e, err = p.api.Collect(ctx, id)
	return id, e, err == nil && e.Calls.Len() > 0
}

// scenarioNamesOf returns the names of scenarios, if all are known.
func scenarioNamesOf(scenarios []calls.Scenario) criteria.Names {
	names := criteria.Names{Known: len(scenarios) > 0}
	for _, s := range scenarios {
		names.Known = names.Known && !s.Name.IsEmpty()
		names.All = append(names.All, s.Name)
	}
	return names
}

// evalNamesOf returns the names of evals, if all are known.
func evalNamesOf(evals []calls.EvalConfig, known bool) criteria.Names {
	names := criteria.Names{Known: known}
	for _, e := range evals {
		names.Known = names.Known && !e.Name.IsEmpty()
		names.All = append(names.All, e.Name)
	}
	return names
}
