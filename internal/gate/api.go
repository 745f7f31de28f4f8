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
	// RerunCalls reruns calls of a terminal execution. It is never sent twice.
	RerunCalls(ctx context.Context, executionID uuid.UUID, typ calls.RerunType, calls []uuid.UUID) (calls.RerunResult, error)
	// RunNewEvals runs evals on a completed execution. It is never sent twice.
	RunNewEvals(ctx context.Context, runTestID uuid.UUID, body client.RunNewEvals) (calls.NewEvalsResult, error)
	// Transcripts reads what was said in calls, several at a time, with a result for each
	// in their order.
	Transcripts(ctx context.Context, executionID uuid.UUID, calls []uuid.UUID) []client.TranscriptResult
	// Stats counts the requests so far.
	Stats() calls.Stats
}
