package gate

import (
	"context"
	"errors"

	"github.com/agent-gate/agent-gate/internal/gate/event"
	"github.com/agent-gate/agent-gate/internal/gate/plan"
	"github.com/agent-gate/agent-gate/internal/text"
	"github.com/agent-gate/agent-gate/internal/verdict"
)

// dryRun reports what a run would do.
func (r *run) dryRun(parent, ctx context.Context) verdict.Verdict {
	r.log.Tell(event.Phase{Name: "Plan"})
	found, err := r.plan.DryRun(ctx, r.starter.name, r.paid)
	r.gathered.Expect(found.Evals)
	r.gathered.Plan(found.Scenarios)
	if err == nil && r.config.Agent.Given() && !r.paid.OfPrompt() {
		err = r.under.rehearse(ctx)
		if failure, ok := errors.AsType[plan.ConfigError](err); ok {
			found.Problems, err = append(found.Problems, failure.Reason), nil
		}
	}
	switch n := len(found.Problems); {
	case err != nil:
		return r.stopped(parent, ctx, err)
	case n > 1:
		for _, problem := range found.Problems {
			r.log.Warn(problem)
		}
		return verdict.Errored(verdict.CauseConfig, text.Sprintf("%d problems: %s", n, text.Join("; ", found.Problems...)), r.known(), r.plan.Rules())
	case n > 0:
		return verdict.Errored(verdict.CauseConfig, found.Problems[0], r.known(), r.plan.Rules())
	}
	return verdict.NotRun(found.Summary)
}
