package client

import (
	"context"
	"net/http"
	"strings"
	"sync"
	"testing"

	"github.com/google/uuid"

	"github.com/agent-gate/agent-gate/internal/calls"
	"github.com/agent-gate/agent-gate/test/answers"
)

// api is the method set that the gate needs.
type api interface {
	CreateRunTest(ctx context.Context, body CreateRunTest) (calls.RunTest, error)
	RunTest(ctx context.Context, id uuid.UUID) (calls.RunTest, error)
	FindRunTest(ctx context.Context, name string) (id uuid.UUID, found bool, err error)
	Execute(ctx context.Context, runTestID uuid.UUID, body Execute) (calls.Started, error)
	Executions(ctx context.Context, runTestID uuid.UUID) ([]calls.ExecutionSummary, error)
	Poll(ctx context.Context, executionID uuid.UUID) (calls.Progress, error)
	Collect(ctx context.Context, executionID uuid.UUID) (calls.Execution, error)
	Cancel(ctx context.Context, executionID uuid.UUID) (calls.CancelResult, error)
	RerunCalls(ctx context.Context, executionID uuid.UUID, typ calls.RerunType, calls []uuid.UUID) (calls.RerunResult, error)
	RunNewEvals(ctx context.Context, runTestID uuid.UUID, body RunNewEvals) (calls.NewEvalsResult, error)
	Transcripts(ctx context.Context, executionID uuid.UUID, calls []uuid.UUID) []TranscriptResult
	Stats() calls.Stats
}

var _ api = (*Client)(nil)

// TestEveryCallKeepsToThePathsOfTheAPI calls each method once, in parallel for the race
// detector, and checks what was sent.
func TestEveryCallKeepsToThePathsOfTheAPI(t *testing.T) {
	t.Parallel()
	w := serving(t, map[string]http.HandlerFunc{
		"POST " + createPath:                    always(201, answers.Sample(t, "deployed/create-201.json")),
		"GET " + runTestPath:                    always(200, answers.Sample(t, "deployed/run-test-detail-200.json")),
		"POST " + executePath:                   always(200, answers.Sample(t, "deployed/execute-200.json")),
		"GET " + executionsPath:                 always(200, answers.Sample(t, "deployed/executions-list.json")),
		"GET " + executionPath:                  always(200, answers.Sample(t, "deployed/execution-page-completed.json")),
		callRoute(answers.Call):                 always(200, answers.Sample(t, "deployed/call-detail-voice.json")),
		"GET " + metricsPath:                    always(200, answers.Sample(t, "deployed/metrics-200.json")),
		"POST " + cancelPath:                    always(200, answers.Sample(t, "deployed/cancel-200-sync.json")),
		"POST " + rerunPath:                     always(200, answers.Sample(t, "deployed/rerun-200.json")),
		"POST " + newEvalsPath:                  always(200, answers.Sample(t, "deployed/run-new-evals-200.json")),
		"GET " + listPath + "get-id-by-name/n/": always(400, answers.Sample(t, "deployed/id-by-name-400.json")),
	})
	c := newClient(t, w)
	ctx := t.Context()
	var group sync.WaitGroup
	check := func(_ any, err error) {
		if err != nil {
			t.Error(err)
		}
	}
	group.Go(func() { check(c.CreateRunTest(ctx, CreateRunTest{Name: "n"})) })
	group.Go(func() { check(c.RunTest(ctx, answers.RunTest)) })
	group.Go(func() { _, _, err := c.FindRunTest(ctx, "n"); check(nil, err) })
	group.Go(func() { check(c.Execute(ctx, answers.RunTest, Execute{})) })
	group.Go(func() { check(c.Executions(ctx, answers.RunTest)) })
	group.Go(func() { check(c.Collect(ctx, answers.Execution)) })
	group.Go(func() { check(c.Cancel(ctx, answers.Execution)) })
	group.Go(func() {
		got := c.Transcripts(ctx, answers.Execution, []uuid.UUID{answers.Call})
		check(nil, got[0].Err)
	})
	group.Go(func() { check(c.RerunCalls(ctx, answers.Execution, calls.RerunEvalOnly, []uuid.UUID{callA})) })
	group.Go(func() { check(c.RunNewEvals(ctx, answers.RunTest, RunNewEvals{EvalConfigIDs: []uuid.UUID{helpfulID}})) })
	group.Wait()
	check(c.Poll(ctx, answers.Execution))
	for _, r := range w.requests {
		if !strings.HasSuffix(r.Path, "/") || r.Header.Get("Authorization") != "" || r.Header.Get("X-Api-Key") != testAPIKey {
			t.Errorf("got %s %s %v", r.Method, r.Path, r.Header)
		}
	}
	if got, want := c.Stats(), (calls.Stats{Requests: 11, Polls: 1}); got != want || c.Dialect() != calls.DialectDeployed {
		t.Errorf("got %+v, %q", got, c.Dialect())
	}
}
