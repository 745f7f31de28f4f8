package plan

import (
	"context"
	"errors"

	"github.com/google/uuid"

	"github.com/agent-gate/agent-gate/internal/budget"
	"github.com/agent-gate/agent-gate/internal/calls"
	"github.com/agent-gate/agent-gate/internal/config"
	"github.com/agent-gate/agent-gate/internal/text"
	"github.com/agent-gate/agent-gate/internal/verdict"
)

// Target receives what a dry run would use.
type Target interface {
	// UseRunTest records the run test.
	UseRunTest(t calls.RunTest, created bool)
	// Consider names an execution that somebody else started.
	Consider(id uuid.UUID)
	// UseExecution records the execution.
	UseExecution(id uuid.UUID)
}

// Findings is the result of a dry run.
type Findings struct {
	// Evals and Scenarios would be used, as far as the run test says.
	Evals     []calls.EvalConfig
	Scenarios []verdict.Planned
	// Estimate is what the run is expected to spend; nil if there is nothing to expect it from.
	Estimate *budget.Estimate
	// OverBudget says that this is above the limits; empty if it is not.
	OverBudget text.Untrusted
	// Problems would stop the run.
	Problems []text.Untrusted
	// Summary says what a run would do if there are no problems.
	Summary text.Untrusted
}

// dryRun is the state of a dry run. Unknown fields are empty.
type dryRun struct {
	*Planner
	name      string // of the run test that would be created
	target    Target
	runTest   calls.RunTest    // as it is, or as it would be created
	scenarios []calls.Scenario // that would run
	// evals are those that will judge the calls, if knowsEvals.
	evals      []calls.EvalConfig
	knowsEvals bool
	past       []calls.RunTest  // run tests that may have run the same before
	problems   []text.Untrusted // what would stop the run
	unchecked  []text.Untrusted // what the API has no read for
	found      Findings
}

// DryRun checks everything that can be read, without starting or writing anything, and says what a
// run would do. name is the name of the run test it would create. On an error, the findings are
// those so far.
func (p *Planner) DryRun(ctx context.Context, name string, target Target) (Findings, error) {
	d := &dryRun{Planner: p, name: name, target: target}
	for _, step := range []func(context.Context) error{d.readTarget, d.findBaseline, d.countCalls, d.checkCriteriaNames, d.readHistory} {
		err := step(ctx)
		if failure, ok := errors.AsType[ConfigError](err); ok {
			d.problems = append(d.problems, failure.Reason)
		} else if err != nil {
			return d.found, err
		}
	}
	for _, u := range d.unchecked {
		d.log.Warn(text.Sprintf("Not checked: %s", u))
	}
	d.found.Problems = d.problems
	checked := text.New("no problems found")
	switch n := len(d.unchecked); n {
	case 0:
	case 1:
		checked = text.New("no problems found, and one thing could not be checked")
	default:
		checked = text.Sprintf("no problems found, and %d things could not be checked", n)
	}
	d.found.Summary = text.Sprintf("OK, dry run: %s; nothing was started; %s", d.estimate(), checked)
	return d.found, nil
}

// uses records the run test that would be used.
func (d *dryRun) uses(t calls.RunTest) {
	d.found.Evals = t.EvalConfigs
	d.target.UseRunTest(t, false)
}

// estimate says how many calls the run would place, and what they would take.
func (d *dryRun) estimate() text.Untrusted {
	list, e := placed(d.runTest, d.scenarios), d.found.Estimate
	trials := d.config.Trials.Count
	var each int
	switch {
	case d.config.Target.Mode == config.ModeAttach && d.config.Reruns.Attempts > 0:
		return text.New("a run would place no calls except reruns")
	case d.config.Target.Mode == config.ModeAttach:
		return text.New("a run would place no calls")
	case list != nil && len(d.scenarios) > 0:
		each = *list
	case e != nil:
		each = e.Calls / trials
	default:
		return text.New("it is not known how many calls a run would place")
	}
	about := text.Sprintf("about %s", text.Plural(each*trials, "call"))
	if d.runTest.OfPrompt() {
		about = text.Sprintf("%s of the prompt %s", about, d.runTest.Prompt.Title())
	}
	if e == nil {
		return text.Sprintf("%s%s", about, d.inTrials(each))
	}
	return text.Sprintf("%s, %s%s (%s)", about, e.Words(), d.inTrials(each), e.Basis())
}
