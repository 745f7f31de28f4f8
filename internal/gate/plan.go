package gate

import (
	"context"

	"github.com/google/uuid"

	"github.com/agent-gate/agent-gate/internal/client"
	"github.com/agent-gate/agent-gate/internal/config"
	"github.com/agent-gate/agent-gate/internal/gate/event"
	"github.com/agent-gate/agent-gate/internal/text"
	"github.com/agent-gate/agent-gate/internal/verdict"
)

// ready is a run test that can be executed: everything was checked that costs nothing.
type ready struct {
	runTest client.RunTest // empty when an execution is judged that somebody else has started
	fresh   bool           // nobody can have executed it before
	calls   int            // that it will place; 0 when not known
}

// prepare gets the run to where nothing is left to do but to start.
func (r *run) prepare(ctx context.Context) (found ready, err error) {
	if err := r.plan.NamedBaseline(ctx); err != nil {
		return found, err
	}
	if r.config.Target.Mode == config.ModeAttach {
		return found, r.attach(ctx, r.config.Target.TestExecutionID)
	}
	found.runTest, found.fresh, err = r.findOrCreate(ctx)
	if err != nil {
		return found, err
	}
	r.useRunTest(found.runTest, r.config.Target.Mode == config.ModeCreate)
	if found.runTest, err = r.plan.AttachEvals(ctx, found.runTest); err != nil {
		return found, err
	}
	r.gathered.Expect(found.runTest.EvalConfigs)
	planned, err := r.plan.Check(ctx, found.runTest)
	r.gathered.Plan(planned.Scenarios)
	found.calls = planned.Calls
	if err != nil {
		return found, err
	}
	return found, r.plan.AutoBaseline(ctx, found.runTest)
}

// attach uses an execution that somebody else started.
func (r *run) attach(ctx context.Context, id uuid.UUID) error {
	r.paid.Attach(id)
	t, needed, err := r.plan.AttachedRunTest(ctx, id)
	if err != nil {
		return err
	}
	if needed {
		r.useRunTest(t, false)
		r.paid.UseExecution(id)
	}
	return r.plan.AutoBaseline(ctx, client.RunTest{})
}

// findOrCreate gets the run test to execute: that of a killed process, the one that the user
// named, or a new one. fresh is true when nobody can have executed it before.
func (r *run) findOrCreate(ctx context.Context) (t client.RunTest, fresh bool, err error) {
	if t, found, err := r.paid.InheritedRunTest(ctx); found || err != nil {
		return t, false, err
	}
	if r.config.Target.Mode == config.ModeCreate {
		if err := r.plan.CheckBaselineIDs(); err != nil {
			return t, false, err
		}
		return r.paid.Create(ctx, r.createBody())
	}
	t, err = r.api.RunTest(ctx, r.config.Target.RunTestID)
	return t, false, err
}

// useRunTest notes the run test everywhere it is needed.
func (r *run) useRunTest(t client.RunTest, created bool) {
	r.gathered.Expect(t.EvalConfigs)
	r.paid.UseRunTest(t, created)
}

// createBody is the run test that the configuration asks for.
func (r *run) createBody() client.CreateRunTest {
	c, target := r.config.Create, r.config.Target
	return client.CreateRunTest{
		Name:                 r.Name,
		Description:          r.Description,
		AgentDefinitionID:    target.AgentDefinitionID,
		AgentVersion:         c.AgentVersion,
		ScenarioIDs:          target.ScenarioIDs,
		EvalConfigIDs:        c.EvalConfigIDs,
		EvaluationsConfig:    c.EvaluationsConfig,
		DatasetRowIDs:        c.DatasetRowIDs,
		EnableToolEvaluation: c.EnableToolEvaluation,
		ReplaySessionID:      c.ReplaySessionID,
	}
}

// dryRun finds out what a run would do.
func (r *run) dryRun(parent, ctx context.Context) verdict.Verdict {
	r.log.Tell(event.Phase{Name: "Plan"})
	found, err := r.plan.DryRun(ctx, r.Name, r.paid)
	r.gathered.Expect(found.Evals)
	r.gathered.Plan(found.Scenarios)
	switch n := len(found.Problems); {
	case err != nil:
		return r.stopped(parent, ctx, err)
	case n > 1:
		for _, problem := range found.Problems {
			r.log.Warn(problem)
		}
		return verdict.Errored(verdict.CauseConfig, text.Sprintf("%d things are wrong: %s", n, text.Join("; ", found.Problems...)), r.known(), r.plan.Rules())
	case n > 0:
		return verdict.Errored(verdict.CauseConfig, found.Problems[0], r.known(), r.plan.Rules())
	}
	return verdict.NotRun(found.Summary)
}
