package gate

import (
	"context"
	"errors"
	"fmt"

	"github.com/google/uuid"

	"github.com/agent-gate/agent-gate/internal/budget"
	"github.com/agent-gate/agent-gate/internal/calls"
	"github.com/agent-gate/agent-gate/internal/client"
	"github.com/agent-gate/agent-gate/internal/config"
	"github.com/agent-gate/agent-gate/internal/gate/event"
	"github.com/agent-gate/agent-gate/internal/gate/paid"
	"github.com/agent-gate/agent-gate/internal/gate/patience"
	"github.com/agent-gate/agent-gate/internal/gate/plan"
	"github.com/agent-gate/agent-gate/internal/text"
	"github.com/agent-gate/agent-gate/internal/verdict"
)

// ready is a run test that passed every check that costs nothing.
type ready struct {
	runTest calls.RunTest // empty with test-execution-id
	fresh   bool          // nobody can have executed it before
	calls   int           // planned; 0 if unknown
}

// starter prepares and starts the execution.
type starter struct {
	*tools
	name, description string       // of the run test to create
	earlier           *paid.Record // of a killed process; nil if there was none
	// same is what an earlier start of the run-key began; zero if there is nothing to take up.
	same paid.Same
	// present returns why the agent under test cannot hold conversations any more, if it cannot.
	present func(leg) error
}

// prepare does everything before the start.
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
	s.useRunTest(found.runTest, found.fresh)
	if found.runTest, err = s.plan.AttachEvals(ctx, found.runTest); err != nil {
		return found, err
	}
	s.gathered.Expect(found.runTest.EvalConfigs)
	s.plan.PaidBefore(s.trialsBefore())
	planned, err := s.plan.Check(ctx, found.runTest)
	s.gathered.Plan(planned.Scenarios)
	found.calls = planned.Calls
	if err != nil {
		return found, err
	}
	if err := s.leaves(); err != nil {
		return found, err
	}
	if err := s.expect(ctx, found); err != nil {
		return found, err
	}
	return found, s.plan.AutoBaseline(ctx, found.runTest)
}

// leaves returns an error if the quarantine leaves nothing to judge: then nothing is paid for.
func (t *tools) leaves() error {
	e := t.gathered.Evidence()
	if why := t.plan.Rules().NothingLeft(e); !why.IsEmpty() {
		return errors.New(why.Line())
	}
	if len(e.Quarantine.Plan) == 0 || len(e.Plan) > 0 {
		return nil
	}
	return fmt.Errorf("nothing is left to judge: %s", text.Sprintf("all scenarios (%d) are in quarantine", len(e.Quarantine.Plan)))
}

// expect estimates what a run with limits of money or minutes will spend, and refuses it if that is above
// them. What was started before, by a killed process or with the same run-key, is paid for already.
func (s *starter) expect(ctx context.Context, from ready) error {
	if !s.spending.Limited() {
		return nil
	}
	e := s.plan.Estimate(ctx, from.runTest, from.calls)
	s.spending.Expect(e)
	switch words := e.Words(); {
	case ctx.Err() != nil:
		return context.Cause(ctx)
	case words.IsEmpty():
		s.log.Note(text.New("Budget: nothing to estimate cost and minutes from. The run is watched and cancelled when it passes a limit."))
	default:
		s.log.Note(text.Sprintf("Budget: %s expected (%s).", words, e.Basis()))
	}
	if s.same.Execution.ID != uuid.Nil || s.paid.Resumes() && !s.config.Agent.Given() {
		return nil
	}
	if why := s.config.Limits().Forbids(e); !why.IsEmpty() {
		return budget.ExceededError{Reason: text.Sprintf("not started: %s", why)}
	}
	return nil
}

// attach uses an execution that somebody else started.
func (s *starter) attach(ctx context.Context, id uuid.UUID) error {
	// That it is there is asked before other gates of a suite are started; whatever else fails, the watch waits out.
	if _, err := s.api.Poll(ctx, id); patience.IsMissing(err) {
		return plan.NoExecution(id)
	}
	s.paid.Attach(id)
	s.gathered.PaidBefore() // by whoever started it
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

// findOrCreate returns the run test to execute: a killed process's, the one that the user named, or
// a new one. fresh is true if nobody can have executed it before.
func (s *starter) findOrCreate(ctx context.Context) (t calls.RunTest, fresh bool, err error) {
	s.paid.ReleaseInherited(ctx)
	if s.config.FindsByKey() && s.config.Agent.Given() && s.paid.Inherits() {
		if t, found, err := s.abandonKeyed(ctx); found || err != nil {
			return t, false, err
		}
	}
	if s.config.FindsByKey() {
		if err := s.paid.LeaveCancelled(ctx); err != nil {
			return t, false, err
		}
	}
	if t, found, err := s.paid.InheritedRunTest(ctx); found || err != nil {
		return t, false, err
	}
	if s.config.FindsByKey() {
		return s.findSame(ctx)
	}
	if s.config.Target.Mode == config.ModeCreate {
		if err := s.plan.CheckBaselineIDs(); err != nil {
			return t, false, err
		}
		return s.paid.CreateOwn(ctx, s.createBody())
	}
	t, err = s.api.RunTest(ctx, s.config.Target.RunTestID)
	return t, false, err
}

// useRunTest records the run test wherever it is needed.
func (s *starter) useRunTest(t calls.RunTest, created bool) {
	s.gathered.Expect(t.EvalConfigs)
	s.paid.UseRunTest(t, created)
}

// createBody returns the run test that the configuration describes.
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

// dryRun reports what a run would do.
func (r *run) dryRun(parent, ctx context.Context) verdict.Verdict {
	r.log.Tell(event.Phase{Name: "Plan"})
	r.warnCounts()
	found, err := r.plan.DryRun(ctx, r.starter.name, r.paid)
	r.gathered.Expect(found.Evals)
	r.gathered.Plan(found.Scenarios)
	r.spending.Expect(found.Estimate)
	if err == nil {
		err = r.leaves()
	}
	if found.Scenarios != nil {
		for _, unknown := range r.known().Quarantine.Unknown() {
			r.log.Warn(unknown)
		}
	}
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
	case !found.OverBudget.IsEmpty():
		return verdict.Errored(verdict.CauseBudget, found.OverBudget, r.known(), r.plan.Rules())
	}
	return verdict.NotRun(found.Summary)
}
