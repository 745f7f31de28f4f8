package gate

import (
	"context"
	"errors"
	"fmt"

	"github.com/google/uuid"

	"github.com/agent-gate/agent-gate/internal/calls"
	"github.com/agent-gate/agent-gate/internal/client"
	"github.com/agent-gate/agent-gate/internal/config"
	"github.com/agent-gate/agent-gate/internal/gate/paid"
	"github.com/agent-gate/agent-gate/internal/gate/runname"
)

// started is a known execution. It is paid for, unless somebody else started it.
type started struct {
	calls int  // planned; 0 if unknown
	taken bool // an earlier start of the run-key began it
}

// inherit takes over what an earlier process left behind, if it had the same target.
func (s *starter) inherit() {
	left, target := s.earlier, s.config.Target
	switch {
	case left == nil, !left.Resumable(s.config.API.BaseURL.String()),
		target.Mode == config.ModeAttach && left.ExecutionID != target.TestExecutionID,
		target.Mode == config.ModeExecute && left.RunTestID != target.RunTestID && !left.Part && !s.config.FindsByKey():
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
	if same := s.same; same.Execution.ID != uuid.Nil {
		s.same = paid.Same{}
		s.paid.TakeSame(same)
		begun.taken = true
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

// nameOf returns the name that copies of the run test have in theirs: of a run-key there can be several run
// tests.
func (s *starter) nameOf(t calls.RunTest) string {
	if s.config.FindsByKey() && !t.Name.IsEmpty() {
		return t.Name.Raw()
	}
	return s.name
}

// startChats is start for conversations that this run holds: what a killed process held cannot be
// resumed.
func (s *starter) startChats(ctx context.Context, from ready, l leg) error {
	if err := s.paid.AbandonChats(ctx); err != nil {
		return err
	}
	if err := s.present(l); err != nil {
		return err
	}
	some := l.scenarios(from.runTest)
	if s.config.Target.Mode == config.ModeExecute && some == nil {
		some = s.config.Target.ScenarioIDs
	}
	if len(some) >= len(from.runTest.Scenarios) {
		some = nil
	}
	s.paid.LeaveCopy()
	err := s.paid.ExecuteChats(ctx, from.runTest.ID, from.fresh && l.first(), some)
	if !errors.Is(err, client.ErrNoSubsets) {
		return err
	}
	part, fresh, err := s.copyOf(ctx, from.runTest, some, runname.Part(s.nameOf(from.runTest), l.number))
	if err != nil {
		return cannotCopy(from.runTest, client.ErrNoSubsets, err)
	}
	if lacking := s.gathered.SameEvals(from.runTest.EvalConfigs, part.EvalConfigs); lacking > 0 {
		return cannotCopy(from.runTest, client.ErrNoSubsets, fmt.Errorf("%d evals would not run there", lacking))
	}
	s.paid.UseCopy(part)
	return s.paid.ExecuteChats(ctx, part.ID, fresh, nil)
}
