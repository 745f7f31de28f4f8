package gate

import (
	"context"
	"errors"

	"github.com/agent-gate/agent-gate/internal/client"
	"github.com/agent-gate/agent-gate/internal/config"
	"github.com/agent-gate/agent-gate/internal/gate/event"
	"github.com/agent-gate/agent-gate/internal/text"
	"github.com/agent-gate/agent-gate/internal/verdict"
)

// plan is what a dry run has found out. What is not known is empty.
type plan struct {
	runTest   client.RunTest    // as it is, or as it would be created
	scenarios []client.Scenario // that would run
	// evals are those that the calls will be judged by, when knowsEvals.
	evals      []client.EvalConfig
	knowsEvals bool
	past       []client.RunTest // that may have run the same before
	problems   []text.Untrusted // what would stop the run
	unchecked  []text.Untrusted // what the API has no read for
}

// dryRun checks all that can be read without starting or writing anything, and says what
// a run would do.
func (r *run) dryRun(parent, ctx context.Context) verdict.Verdict {
	r.log.Tell(event.Phase{Name: "Plan"})
	p := &plan{}
	for _, step := range []func(context.Context, *plan) error{r.planTarget, r.planBaseline, r.planCalls, r.planCriteria, r.planHistory} {
		err := step(ctx, p)
		if failure, ok := errors.AsType[configError](err); ok {
			p.problems = append(p.problems, failure.reason)
		} else if err != nil {
			return r.stopped(parent, ctx, err)
		}
	}
	for _, u := range p.unchecked {
		r.log.Warn(text.Sprintf("Not checked: %s", u))
	}
	if n := len(p.problems); n > 1 {
		for _, problem := range p.problems {
			r.log.Warn(problem)
		}
		return verdict.Errored(verdict.CauseConfig, text.Sprintf("%d things are wrong: %s", n, text.Join("; ", p.problems...)), r.known(), r.Config.Rules)
	}
	if len(p.problems) > 0 {
		return verdict.Errored(verdict.CauseConfig, text.Join("; ", p.problems...), r.known(), r.Config.Rules)
	}
	found := text.New("nothing wrong was found")
	switch n := len(p.unchecked); n {
	case 0:
	case 1:
		found = text.New("nothing wrong was found in what can be read, and one thing could not be checked")
	default:
		found = text.Sprintf("nothing wrong was found in what can be read, and %d things could not be checked", n)
	}
	return verdict.NotRun(text.Sprintf("dry run: %s; %s", r.estimate(p), found))
}

// estimate is how many calls the run would place.
func (r *run) estimate(p *plan) text.Untrusted {
	calls := placed(p.scenarios)
	switch {
	case r.Config.Target.Mode == config.ModeAttach && r.Config.Reruns.Attempts > 0:
		return text.New("no call would be placed but those of reruns, and none was")
	case r.Config.Target.Mode == config.ModeAttach:
		return text.New("no call would be placed, and none was")
	case calls == nil || len(p.scenarios) == 0:
		return text.New("how many calls would be placed is not known, and none was")
	}
	return text.Sprintf("about %d calls would be placed, and none was", *calls)
}
