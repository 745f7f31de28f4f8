package gate

import (
	"context"
	"errors"

	"github.com/google/uuid"

	"github.com/agent-gate/agent-gate/internal/calls"
	"github.com/agent-gate/agent-gate/internal/client"
	"github.com/agent-gate/agent-gate/internal/config"
	"github.com/agent-gate/agent-gate/internal/gate/plan"
	"github.com/agent-gate/agent-gate/internal/gate/runname"
	"github.com/agent-gate/agent-gate/internal/text"
)

// started is a known execution. It is paid for, unless somebody else started it.
type started struct {
	calls int // planned; 0 if unknown
}

// inherit takes over what an earlier process left behind, if it had the same target.
func (s *starter) inherit() {
	left, target := s.earlier, s.config.Target
	switch {
	case left == nil, !left.Resumable(s.config.API.BaseURL.String()),
		target.Mode == config.ModeAttach && left.ExecutionID != target.TestExecutionID,
		target.Mode == config.ModeExecute && left.RunTestID != target.RunTestID && !left.Part:
		return
	}
	s.gathered.PlacedBefore(left.Rerun)
	s.paid.Inherit(*left)
}

// start executes the run test, exactly once, unless the execution already exists: started by
// somebody else or by a killed process.
func (s *starter) start(ctx context.Context, from ready, l leg) (started, error) {
	target := s.config.Target
	begun := started{calls: from.calls}
	if target.Mode == config.ModeAttach {
		return begun, nil
	}
	if s.config.Agent.Given() {
		return begun, s.startChats(ctx, from, l)
	}
	if taken, err := s.paid.TakeUp(ctx); taken || err != nil {
		return begun, err
	}
	if from.runTest.OfPrompt() {
		return begun, s.paid.ExecutePrompt(ctx, from.runTest, from.fresh && l.first(), target.ScenarioIDs)
	}
	return begun, s.paid.Execute(ctx, from.runTest.ID, from.fresh && l.first(), client.Execute{ScenarioIDs: target.ScenarioIDs, SimulatorID: target.SimulatorID})
}

// startChats is start for conversations that this run holds: what a killed process held cannot be
// resumed.
func (s *starter) startChats(ctx context.Context, from ready, l leg) error {
	if err := s.paid.AbandonChats(ctx); err != nil {
		return err
	}
	some := l.scenarios(from.runTest)
	if s.config.Target.Mode == config.ModeExecute && some == nil {
		some = s.config.Target.ScenarioIDs
	}
	if len(some) >= len(from.runTest.Scenarios) {
		some = nil
	}
	err := s.paid.ExecuteChats(ctx, from.runTest.ID, from.fresh && l.first(), some)
	if !errors.Is(err, client.ErrNoSubsets) {
		return err
	}
	part, fresh, err := s.copyPart(ctx, from.runTest, some, l)
	if err != nil {
		return err
	}
	return s.paid.ExecuteChats(ctx, part.ID, fresh, nil)
}

// copyPart makes a run test of this run that has only some of the scenarios, for servers that cannot
// start a part of one.
func (s *starter) copyPart(ctx context.Context, t calls.RunTest, some []uuid.UUID, l leg) (calls.RunTest, bool, error) {
	mistake := func(why text.Untrusted) error {
		return plan.ConfigError{Reason: text.Sprintf("%s, and run test %s cannot be copied with those alone: %s. Use a run test that has only the scenarios to run", text.New(client.ErrNoSubsets.Error()), t.ID, why)}
	}
	if t.AgentID == uuid.Nil {
		return calls.RunTest{}, false, mistake(text.New("the server does not tell its agent"))
	}
	evals, err := client.CopiesOf(t.EvalConfigs)
	if err != nil {
		return calls.RunTest{}, false, mistake(text.New(err.Error()))
	}
	part, fresh, err := s.paid.Create(ctx, client.CreateRunTest{
		Name: runname.Part(s.name, l.number), Description: s.description, AgentDefinitionID: t.AgentID, AgentVersion: s.config.Create.AgentVersion,
		ScenarioIDs: some, EvaluationsConfig: evals, EnableToolEvaluation: s.config.Create.EnableToolEvaluation,
	})
	if err == nil {
		part, err = s.api.RunTest(ctx, part.ID)
	}
	if err != nil {
		return calls.RunTest{}, false, err
	}
	s.paid.UseCopy(part)
	if lacking := s.gathered.SameEvals(t.EvalConfigs, part.EvalConfigs); lacking > 0 {
		return calls.RunTest{}, false, mistake(text.Sprintf("%s would not run there", text.Plural(lacking, "eval")))
	}
	return part, fresh, nil
}
