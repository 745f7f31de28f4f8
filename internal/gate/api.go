package gate

import (
	"context"

	"github.com/google/uuid"

	"github.com/agent-gate/agent-gate/internal/calls"
	"github.com/agent-gate/agent-gate/internal/client"
	"github.com/agent-gate/agent-gate/internal/gate/paid"
	"github.com/agent-gate/agent-gate/internal/gate/plan"
)

// API is what the gate needs of the Future AGI API; *client.Client implements it.
type API interface {
	paid.API
	plan.API
	phaseAPI
	// Stats counts the requests so far.
	Stats() calls.Stats
}

// phaseAPI is what the phases call themselves. Only package paid can start or cancel an
// execution.
type phaseAPI interface {
	// RunTest reads a run test.
	RunTest(ctx context.Context, id uuid.UUID) (calls.RunTest, error)
	// Poll reads the status and counts of an execution, in one small request.
	Poll(ctx context.Context, executionID uuid.UUID) (calls.Progress, error)
	// Collect reads an execution with all pages of its calls, each call once.
	Collect(ctx context.Context, executionID uuid.UUID) (calls.Execution, error)
	// RerunCalls reruns calls of a terminal execution. It is never sent twice.
	RerunCalls(ctx context.Context, executionID uuid.UUID, typ calls.RerunType, calls []uuid.UUID) (calls.RerunResult, error)
	// RunNewEvals runs evals on a completed execution. It is never sent twice.
	RunNewEvals(ctx context.Context, runTestID uuid.UUID, body client.RunNewEvals) (calls.NewEvalsResult, error)
	// Transcripts reads the transcripts of calls, several at a time, with one result for each
	// call, in their order.
	Transcripts(ctx context.Context, executionID uuid.UUID, calls []uuid.UUID) []client.TranscriptResult
}
