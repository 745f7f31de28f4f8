package gate

import (
	"context"

	"github.com/google/uuid"

	"github.com/agent-gate/agent-gate/internal/calls"
	"github.com/agent-gate/agent-gate/internal/client"
	"github.com/agent-gate/agent-gate/internal/config"
	"github.com/agent-gate/agent-gate/internal/gate/paid"
)

// ready is a run test that can be executed: everything was checked that costs nothing.
type ready struct {
	runTest calls.RunTest // empty when an execution is judged that somebody else has started
	fresh   bool          // nobody can have executed it before
	calls   int           // that it will place; 0 when not known
}

// starter gets a run to where its execution is known.
type starter struct {
	*tools
	name, description string       // of the run test to create
	earlier           *paid.Record // what a killed process has left; nil when there was none
}

// prepare gets the run to where nothing is left to do but to start.
func (s *starter) prepare(ctx context.Context) (found ready, err error) {
	if err := s.plan.NamedBaseline(ctx); err != nil {
		return found, err
	}
	if s.config.Target.Mode == config.ModeAttach {
		return found, s.attach(ctx, s.config.Target.TestExecutionID)
	}
	found.runTest, found.fresh, err = s.findOrCreate(ctx)
	if err != nil {
		return found, err
	}
	s.useRunTest(found.runTest, s.config.Target.Mode == config.ModeCreate)
	if found.runTest, err = s.plan.AttachEvals(ctx, found.runTest); err != nil {
		return found, err
	}
	s.gathered.Expect(found.runTest.EvalConfigs)
	planned, err := s.plan.Check(ctx, found.runTest)
	s.gathered.Plan(planned.Scenarios)
	found.calls = planned.Calls
	if err != nil {
		return found, err
	}
	return found, s.plan.AutoBaseline(ctx, found.runTest)
}

// attach uses an execution that somebody else started.
func (s *starter) attach(ctx context.Context, id uuid.UUID) error {
	s.paid.Attach(id)
	t, needed, err := s.plan.AttachedRunTest(ctx, id)
	if err != nil {
		return err
	}
	if needed {
		s.useRunTest(t, false)
		s.paid.UseExecution(id)
	}
	return s.plan.AutoBaseline(ctx, calls.RunTest{})
}

// findOrCreate gets the run test to execute: that of a killed process, the one that the user
// named, or a new one. fresh is true when nobody can have executed it before.
func (s *starter) findOrCreate(ctx context.Context) (t calls.RunTest, fresh bool, err error) {
	if t, found, err := s.paid.InheritedRunTest(ctx); found || err != nil {
		return t, false, err
	}
	if s.config.Target.Mode == config.ModeCreate {
		if err := s.plan.CheckBaselineIDs(); err != nil {
			return t, false, err
		}
		return s.paid.Create(ctx, s.createBody())
	}
	t, err = s.api.RunTest(ctx, s.config.Target.RunTestID)
	return t, false, err
}

// useRunTest notes the run test everywhere it is needed.
func (s *starter) useRunTest(t calls.RunTest, created bool) {
	s.gathered.Expect(t.EvalConfigs)
	s.paid.UseRunTest(t, created)
}

// createBody is the run test that the configuration asks for.
func (s *starter) createBody() client.CreateRunTest {
	c, target := s.config.Create, s.config.Target
	return client.CreateRunTest{
		Name:                 s.name,
		Description:          s.description,
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
