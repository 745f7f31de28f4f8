package client

import (
	"errors"
	"fmt"
	"net/http"
	"testing"

	"github.com/google/go-cmp/cmp"
	"github.com/google/uuid"

	"github.com/agent-gate/agent-gate/internal/calls"
	"github.com/agent-gate/agent-gate/internal/text"
	"github.com/agent-gate/agent-gate/test/answers"
)

func TestTheFirstTryIsTheOldestThatThePlatformDidNotLose(t *testing.T) {
	t.Parallel()
	const (
		lost       = `"status": "failed", "ended_reason": "Insufficient balance to make calls.", "cost_cents": 1`
		provider   = `"status": "completed", "ended_reason": "call.start.error-get-transport", "cost_cents": 12`
		failed     = `"status": "failed", "ended_reason": "no-answer", "cost_cents": 20`
		done       = `"status": "completed", "ended_reason": "customer-ended-call", "cost_cents": 300`
		early      = `, "snapshot_timestamp": "2026-08-22T10:01:00Z", "rerun_type": "call_and_eval"`
		late       = `, "snapshot_timestamp": "2026-08-22T10:05:00Z", "rerun_type": "call_and_eval"`
		reevaluate = `, "snapshot_timestamp": "2026-08-22T10:00:00Z", "rerun_type": "eval_only"`
	)
	try := func(status calls.Status, reason string) *calls.Try {
		return &calls.Try{Status: status, EndedReason: text.New(reason)}
	}
	noBalance, noAnswer := try(calls.Failed, "Insufficient balance to make calls."), try(calls.Failed, "no-answer")
	for _, c := range []struct {
		name, snapshots string
		want            calls.Call // only the fields about tries
	}{
		{"none", ``, calls.Call{CostCents: new(5.0)}},
		{"a failed one", `{` + failed + early + `}`, calls.Call{Reruns: 1, First: noAnswer, CostCents: new(25.0)}},
		{"the oldest comes last", `{` + done + late + `}, {` + failed + early + `}`, calls.Call{Reruns: 2, First: noAnswer, CostCents: new(325.0)}},
		{"the first was lost", `{` + failed + late + `}, {` + lost + early + `}`, calls.Call{Reruns: 2, First: noAnswer, LostFirst: true, CostCents: new(26.0)}},
		{"a later one was lost", `{` + lost + late + `}, {` + failed + early + `}`, calls.Call{Reruns: 2, First: noAnswer, CostCents: new(26.0)}},
		{"all were lost", `{` + provider + late + `}, {` + lost + early + `}`, calls.Call{Reruns: 2, First: noBalance, LostFirst: true, CostCents: new(18.0)}},
		{"evals ran again", `{` + done + reevaluate + `}, {` + failed + late + `}`, calls.Call{Reruns: 1, First: noAnswer, CostCents: new(25.0)}},
		{"without times the first one", `{` + failed + `}, {` + done + `}`, calls.Call{Reruns: 2, First: noAnswer, CostCents: new(325.0)}},
		{"a cost that cannot be", `{"status": "failed", "ended_reason": "no-answer", "cost_cents": -3}`, calls.Call{Reruns: 1, First: noAnswer, CostCents: new(5.0)}},
	} {
		t.Run(c.name, func(t *testing.T) {
			t.Parallel()
			body := answers.DeployedPage(1, 1, "completed", fmt.Sprintf(`{"id": %q, "status": "completed", "cost_cents": 5, "rerun_snapshots": [%s]}`, answers.CallID(1), c.snapshots))
			w := serving(t, map[string]http.HandlerFunc{"GET " + executionPath: always(200, body)})
			e, err := newClient(t, w).Collect(t.Context(), answers.Execution)
			if err != nil {
				t.Fatal(err)
			}
			c.want.ID, c.want.Status = answers.CallID(1), calls.Completed
			if before := *c.want.CostCents - 5; before > 0 {
				c.want.Earlier = calls.Took{Cents: before, Priced: c.want.Reruns}
			} else if c.want.Reruns > 0 {
				c.want.Earlier.Idle = 1 // nothing says that it began
			}
			if diff := cmp.Diff(c.want, e.Calls.At(0), answers.SameText); diff != "" {
				t.Errorf("(-want +got):\n%s", diff)
			}
		})
	}
}

func TestEveryReaderReadsTheRestOfAnOddAnswer(t *testing.T) {
	t.Parallel()
	const oddities = `"a": NaN, "b": [1, -Infinity, {"c": Infinity}], "d": 1e400, `
	w := serving(t, map[string]http.HandlerFunc{
		"POST " + createPath: always(201, fmt.Sprintf(`{%s"id": %q, "name": "NaN", "simulate_eval_configs_detail": [
			{"id": %q, "template_id": %q, "name": "e", "config": {"threshold": NaN}}]}`, oddities, answers.RunTest, helpfulID, refundID)),
		"POST " + executePath:   always(200, fmt.Sprintf(`{%s"execution_id": %q, "total_scenarios": NaN}`, oddities, answers.Execution)),
		"GET " + executionsPath: always(200, fmt.Sprintf(`{%s"results": [{%[1]s"id": %q, "status": "Running", "start_time": NaN}]}`, oddities, answers.Execution)),
		"GET " + executionPath: always(200, fmt.Sprintf(`{%s"count": 1, "results": [{%[1]s"id": %q, "status": "completed", "overall_score": NaN,
			"eval_outputs": {"e": {%[1]s"value": NaN, "type": "score"}}}], "total_pages": NaN, "success_rate": Infinity, "status": "completed"}`, oddities, callA)),
		"GET " + metricsPath:   always(200, fmt.Sprintf(`{"status": true, "result": {%s"execution_id": %q, "status": "running", "metrics": {"latency": NaN, "calls": {"total": 3, "failed": NaN}}}}`, oddities, answers.Execution)),
		"POST " + rerunPath:    always(200, fmt.Sprintf(`{%s"successful_reruns": [%q], "dispatch_error": NaN}`, oddities, callA)),
		"POST " + cancelPath:   always(400, `{`+oddities+`"detail": "not NaN"}`),
		"POST " + newEvalsPath: always(200, `{`+oddities+`"message": "ok", "call_execution_count": NaN}`),
	})
	c, ctx := newClient(t, w), t.Context()
	runTest, err := c.CreateRunTest(ctx, CreateRunTest{Name: "n"})
	if err != nil || runTest.Name.Raw() != "NaN" || len(runTest.EvalConfigs) != 1 || string(runTest.EvalConfigs[0].Definition) == "" {
		t.Errorf("create: got %+v, %v", runTest, err)
	}
	if entry, err := CopyOf(runTest.EvalConfigs[0]); err != nil || string(entry) != fmt.Sprintf(`{"config":{"threshold":null},"name":"e","template_id":%q}`, refundID) {
		t.Errorf("copy: got %s, %v", entry, err)
	}
	if got, err := c.Execute(ctx, answers.RunTest, Execute{}); err != nil || got.ExecutionID != answers.Execution {
		t.Errorf("execute: got %+v, %v", got, err)
	}
	if got, err := c.Executions(ctx, answers.RunTest); err != nil || len(got) != 1 || got[0].Status != calls.ExecutionRunning || got[0].StartedAt != nil {
		t.Errorf("executions: got %+v, %v", got, err)
	}
	e, err := c.Collect(ctx, answers.Execution)
	if err != nil || e.Calls.Len() != 1 || e.SuccessRate != nil {
		t.Fatalf("calls: got %+v, %v", e, err)
	}
	if got := e.Calls.At(0); got.OverallScore != nil || got.Status != calls.Completed || len(got.Evals) != 1 || got.Evals[0].State() != calls.EvalEmpty {
		t.Errorf("calls: got %+v", got)
	}
	if got, err := c.Poll(ctx, answers.Execution); err != nil || got.Status != calls.ExecutionRunning || *got.Total != 3 || got.Failed != nil {
		t.Errorf("poll: got %+v, %v", got, err)
	}
	if got, err := c.RerunCalls(ctx, answers.Execution, calls.RerunEvalOnly, []uuid.UUID{callA}); err != nil || len(got.Accepted) != 1 || !got.DispatchError.IsEmpty() {
		t.Errorf("rerun: got %+v, %v", got, err)
	}
	if got, err := c.RunNewEvals(ctx, answers.RunTest, RunNewEvals{EvalConfigIDs: []uuid.UUID{helpfulID}}); err != nil || got.Calls != nil {
		t.Errorf("new evals: got %+v, %v", got, err)
	}
	_, err = c.Cancel(ctx, answers.Execution)
	if failure, ok := errors.AsType[*Error](err); !ok || failure.Kind != KindRejected || failure.Message.Raw() != "not NaN" {
		t.Errorf("cancel: got %v", err)
	}
}
