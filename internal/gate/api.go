package gate

import (
	"context"

	"github.com/google/uuid"

	"github.com/agent-gate/agent-gate/internal/calls"
	"github.com/agent-gate/agent-gate/internal/client"
	"github.com/agent-gate/agent-gate/internal/gate/paid"
	"github.com/agent-gate/agent-gate/internal/gate/plan"
)

// API is what the gate needs of the Future AGI API; *client.Client is it.
type API interface {
	paid.API
	plan.API
	phaseAPI
	// Stats counts the requests so far.
	Stats() calls.Stats
}

// phaseAPI is what the phases ask for themselves. What starts or cancels an execution is not
// among it: that only package paid can ask for.
type phaseAPI interface {
	// RunTest reads a run test.
	RunTest(ctx context.Context, id uuid.UUID) (calls.RunTest, error)
	// Poll reads where an execution stands, in one small request.
	Poll(ctx context.Context, executionID uuid.UUID) (calls.Progress, error)
	// Collect reads an execution with all its calls, over all pages, each call once.
	Collect(ctx context.Context, executionID uuid.UUID) (calls.Execution, error)
	// RerunCalls reruns calls of a terminal execution. It is never sent twice.
	RerunCalls(ctx context.Context, executionID uuid.UUID, typ calls.RerunType, calls []uuid.UUID) (calls.RerunResult, error)
	// RunNewEvals runs evals on a completed execution. It is never sent twice.
	RunNewEvals(ctx context.Context, runTestID uuid.UUID, body client.RunNewEvals) (calls.NewEvalsResult, error)
	// Transcripts reads what was said in calls, several at a time, with a result for each
	// in their order.
	Transcripts(ctx context.Context, executionID uuid.UUID, calls []uuid.UUID) []client.TranscriptResult
}
