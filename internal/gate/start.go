package gate

import (
	"context"

	"github.com/agent-gate/agent-gate/internal/client"
	"github.com/agent-gate/agent-gate/internal/config"
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
		target.Mode == config.ModeExecute && left.RunTestID != target.RunTestID:
		return
	}
	s.gathered.PlacedBefore(left.Rerun)
	s.paid.Inherit(*left)
}

// start executes the run test, exactly once, unless the execution already exists: started by
// somebody else or by a killed process.
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
