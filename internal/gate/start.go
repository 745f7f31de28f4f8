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

// start gets the run to where an execution is known, by one of the three ways.
func (r *run) start(ctx context.Context) error {
	r.log.Tell(event.Phase{Name: "Start"})
	if err := r.plan.NamedBaseline(ctx); err != nil {
		return err
	}
	target := r.Config.Target
	if target.Mode == config.ModeAttach {
		return r.attach(ctx, target.TestExecutionID)
	}

	runTest, fresh, err := r.findOrCreate(ctx)
	if err != nil {
		return err
	}
	r.useRunTest(runTest, target.Mode == config.ModeCreate)
	if runTest, err = r.plan.AttachEvals(ctx, runTest); err != nil {
		return err
	}
	r.gathered.Expect(runTest.EvalConfigs)
	planned, err := r.plan.Check(ctx, runTest)
	r.gathered.Plan(planned.Scenarios)
	r.hope.planned = planned.Calls
	if err != nil {
		return err
	}
	if err := r.plan.AutoBaseline(ctx, runTest); err != nil {
		return err
	}
	if taken, err := r.paid.TakeUp(ctx); taken || err != nil {
		return err
	}
	r.hosted, err = r.paid.Execute(ctx, runTest.ID, fresh, client.Execute{ScenarioIDs: target.ScenarioIDs, SimulatorID: target.SimulatorID})
	return err
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
	if r.Config.Target.Mode == config.ModeCreate {
		if err := r.plan.CheckBaselineIDs(); err != nil {
			return t, false, err
		}
		return r.paid.Create(ctx, r.createBody())
	}
	t, err = r.API.RunTest(ctx, r.Config.Target.RunTestID)
	return t, false, err
}

// useRunTest notes the run test everywhere it is needed.
func (r *run) useRunTest(t client.RunTest, created bool) {
	r.gathered.Expect(t.EvalConfigs)
	r.paid.UseRunTest(t, created)
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

// inherit takes over what an earlier process has left, when it is of the same target.
func (r *run) inherit() {
	left, target := r.Earlier, r.Config.Target
	switch {
	case left == nil, !left.Resumable(r.Config.API.BaseURL.String()),
		target.Mode == config.ModeAttach && left.ExecutionID != target.TestExecutionID,
		target.Mode == config.ModeExecute && left.RunTestID != target.RunTestID:
		return
	}
	r.gathered.PlacedBefore(left.Rerun)
	r.paid.Inherit(*left)
}

// createBody is the run test that the configuration asks for.
func (r *run) createBody() client.CreateRunTest {
	c, target := r.Config.Create, r.Config.Target
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
