package plan

import (
	"context"
	"errors"

	"github.com/agent-gate/agent-gate/internal/calls"
	"github.com/agent-gate/agent-gate/internal/config"
	"github.com/agent-gate/agent-gate/internal/gate/evidence"
	"github.com/agent-gate/agent-gate/internal/text"
	"github.com/agent-gate/agent-gate/internal/verdict/odds"
)

// findBaseline searches for the baseline as a run would.
func (d *dryRun) findBaseline(ctx context.Context) error {
	d.found.Scenarios = evidence.PlanOf(d.runTest, d.scenarios)
	if d.config.Target.Mode != config.ModeAttach {
		if err := d.checkBaseline(d.found.Scenarios); err != nil {
			return err
		}
	}
	if err := d.NamedBaseline(ctx); err != nil {
		return err
	}
	if err := d.AutoBaseline(ctx, d.runTest); err != nil {
		return err
	}
	if d.config.Baseline.Auto && d.config.Rules.Baseline == nil && d.config.Rules.NeedsBaseline() {
		d.problems = append(d.problems, text.Sprintf("%s, and criteria with .change need one", d.noBaseline()))
	}
	return nil
}

// countCalls checks the scenarios and the agent, and estimates the calls.
func (d *dryRun) countCalls(_ context.Context) error {
	if d.config.Target.Mode == config.ModeAttach {
		return nil
	}
	d.problems = append(d.problems, notReady(d.scenarios)...)
	for _, s := range d.scenarios {
		rows := "number of calls unknown"
		if s.DatasetRows != nil {
			rows = text.Plural(d.runTest.CallsOf(*s.DatasetRows), "call")
		}
		d.log.Note(text.Sprintf("Scenario %s %q: %s.", s.ID, s.Name, rows))
	}
	if failure, ok := errors.AsType[ConfigError](checkRows(d.runTest, d.scenarios)); ok {
		d.problems = append(d.problems, failure.Reason)
	}
	if why := d.config.Rules.NotASample(d.found.Scenarios); !why.IsEmpty() {
		d.problems = append(d.problems, why)
	}
	if list := placed(d.runTest, d.scenarios); list != nil && len(d.scenarios) > 0 {
		if mistake, ok := errors.AsType[ConfigError](d.checkMaxCalls(*list)); ok {
			d.problems = append(d.problems, mistake.Reason)
		}
		first, most := d.config.Trials.Within(d.config.MaxCalls, *list)
		again := 0
		if d.config.Reruns.Type != calls.RerunEvalOnly && d.runTest.AgentType != calls.AgentText {
			again = most * d.config.Reruns.Attempts * min(*list, d.config.Reruns.Max.Of(*list))
		}
		if limit := d.config.MaxCalls; limit > 0 {
			again = min(again, max(0, limit-most**list))
		}
		note := text.Sprintf("Calls: about %d%s", first**list, d.inTrials(*list))
		if again > 0 {
			note = text.Sprintf("%s, plus up to %d by reruns", note, again)
		}
		d.log.Note(text.Sprintf("%s.", note))
	} else {
		d.log.Note(text.New("Calls: not known, because the server does not say how many rows the scenarios have."))
	}
	return d.checkAgent(d.runTest)
}

// odds is what the chances to meet the criteria follow from.
func (d *dryRun) odds() odds.Plan {
	c := d.config
	p := odds.Plan{Scenarios: d.found.Scenarios, Trials: c.Trials.Count, MaxTrials: c.Trials.Max, MostReruns: c.Reruns.Max.Of}
	if one := placed(d.runTest, d.scenarios); one != nil {
		_, p.MaxTrials = c.Trials.Within(c.MaxCalls, *one)
	}
	unplaced := d.runTest.AgentType == calls.AgentText && !c.Agent.Given()
	if c.Reruns.Type != calls.RerunEvalOnly && !unplaced && !c.Trials.GoOn() {
		p.Reruns = c.Reruns.Attempts
	}
	return p
}

// inTrials says in how many trials the calls are placed, and how many there may be; empty for one trial.
func (d *dryRun) inTrials(calls int) text.Untrusted {
	first, most := d.config.Trials.Within(d.config.MaxCalls, calls)
	switch {
	case most > first:
		return text.Sprintf(" in %s, up to %d in %d while a criterion is undecided", text.Plural(first, "trial"), most*calls, most)
	case first > 1:
		return text.Sprintf(" in %d trials", first)
	}
	return text.Untrusted{}
}

// checkCriteriaNames lists the criteria and checks the scenarios and evals they name.
func (d *dryRun) checkCriteriaNames(ctx context.Context) error {
	for _, c := range d.config.Rules.Criteria {
		d.log.Note(text.Sprintf("Criterion: %s", text.New(c.String())))
	}
	for _, chance := range d.odds().Words(d.config.Rules) {
		d.log.Note(chance)
	}
	d.problems = append(d.problems, d.mistakes(ctx, d.scenarios, evalNamesOf(d.evals, d.knowsEvals), d.past)...)
	return nil
}
