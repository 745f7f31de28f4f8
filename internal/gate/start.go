package gate

import (
	"context"

	"github.com/agent-gate/agent-gate/internal/client"
	"github.com/agent-gate/agent-gate/internal/config"
)

// started is an execution that is known, and paid for unless somebody else has started it.
type started struct {
	calls int // that it was to place; 0 when not known
}

// inherit takes over what an earlier process has left, when it is of the same target.
func (s *starter) inherit() {
	left, target := s.earlier, s.config.Target
	switch {
	case left == nil, !left.Resumable(s.config.API.BaseURL.String()),
		target.Mode == config.ModeAttach && left.ExecutionID != target.TestExecutionID,
		target.Mode == config.ModeExecute && left.RunTestID != target.RunTestID:
		return
	}
	s.gathered.PlacedBefore(left.Rerun)
	s.paid.Inherit(*left)
}

// start executes what is ready, once, unless it is there already: started by somebody else, or
// by a killed process.
func (s *starter) start(ctx context.Context, from ready) (started, error) {
	target := s.config.Target
	begun := started{calls: from.calls}
	if target.Mode == config.ModeAttach {
		return begun, nil
	}
	if taken, err := s.paid.TakeUp(ctx); taken || err != nil {
		return begun, err
	}
	return begun, s.paid.Execute(ctx, from.runTest.ID, from.fresh, client.Execute{ScenarioIDs: target.ScenarioIDs, SimulatorID: target.SimulatorID})
}
