// Package gate runs the gate once: start, watch, rerun, collect, judge, and leave
// nothing behind.
package gate

import (
	"context"
	"encoding/json"
	"iter"
	"time"

	"github.com/google/uuid"

	"github.com/agent-gate/agent-gate/internal/client"
)

// API is what the gate needs of the Future AGI API; *client.Client is it.
type API interface {
	// CreateRunTest makes a run test. It places no call.
	CreateRunTest(ctx context.Context, body client.CreateRunTest) (client.RunTest, error)
	// RunTest reads a run test.
	RunTest(ctx context.Context, id uuid.UUID) (client.RunTest, error)
	// RunTests walks through the newest run tests whose name holds search, newest first.
	RunTests(ctx context.Context, search string) iter.Seq2[client.RunTest, error]
	// AddEvalConfigs attaches evals to a run test. It is never sent twice.
	AddEvalConfigs(ctx context.Context, runTestID uuid.UUID, entries []json.RawMessage) ([]uuid.UUID, error)
	// FindRunTest looks a run test up by its exact name; found is false only when
	// the server surely has none.
	FindRunTest(ctx context.Context, name string) (id uuid.UUID, found bool, err error)
	// Execute starts the calls of a run test. It is never sent twice, not even after a
	// refusal; nor are the other two that are paid for.
	Execute(ctx context.Context, runTestID uuid.UUID, body client.Execute) (client.Started, error)
	// Executions lists the newest executions of a run test, newest first.
	Executions(ctx context.Context, runTestID uuid.UUID) ([]client.ExecutionSummary, error)
	// Poll reads where an execution stands, in one small request.
	Poll(ctx context.Context, executionID uuid.UUID) (client.Progress, error)
	// Collect reads an execution with all its calls, over all pages, each call once.
	Collect(ctx context.Context, executionID uuid.UUID) (client.Execution, error)
	// Cancel asks the server to stop an execution.
	Cancel(ctx context.Context, executionID uuid.UUID) (client.CancelResult, error)
	// RerunCalls reruns calls of a terminal execution. It is never sent twice.
	RerunCalls(ctx context.Context, executionID uuid.UUID, typ client.RerunType, calls []uuid.UUID) (client.RerunResult, error)
	// RunNewEvals runs evals on a completed execution. It is never sent twice.
	RunNewEvals(ctx context.Context, runTestID uuid.UUID, body client.RunNewEvals) (client.NewEvalsResult, error)
	// Transcripts reads what was said in calls, several at a time, with a result for each
	// in their order.
	Transcripts(ctx context.Context, executionID uuid.UUID, calls []uuid.UUID) []client.TranscriptResult
	// ClockAhead is how far the server's clock is ahead of this machine's; known is false
	// before its first answer.
	ClockAhead() (ahead time.Duration, known bool)
	// Stats counts the requests so far.
	Stats() client.Stats
}
