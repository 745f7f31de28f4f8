package client

import (
	"errors"
	"fmt"
	"net/http"
	"strings"
	"testing"
	"testing/synctest"

	"github.com/google/go-cmp/cmp"
	"github.com/google/uuid"

	"github.com/agent-gate/agent-gate/internal/calls"
	"github.com/agent-gate/agent-gate/internal/text"
	"github.com/agent-gate/agent-gate/test/answers"
)

func TestExecuteInBothDialects(t *testing.T) {
	t.Parallel()
	for name, placed := range map[string]int{"documented/execute-200.json": 20, "deployed/execute-200.json": 0} {
		w := serving(t, map[string]http.HandlerFunc{"POST " + executePath: always(200, answers.Sample(t, name))})
		c := newClient(t, w)
		got, err := c.Execute(t.Context(), answers.RunTest, Execute{ScenarioIDs: []uuid.UUID{refundID}, SimulatorID: billingID})
		if want := (calls.Started{ExecutionID: answers.Execution, Scenarios: 2, Calls: placed}); err != nil || got != want {
			t.Errorf("%s: got %v, %v, want %v", name, got, err, want)
		}
		want := map[string]any{"scenario_ids": []any{refundID.String()}, "simulator_id": billingID.String()}
		if diff := cmp.Diff(want, w.body(t, 0)); diff != "" {
			t.Errorf("body (-want +got):\n%s", diff)
		}
	}
}

func TestExecuteAnswersOfOtherShapes(t *testing.T) {
	t.Parallel()
	cases := map[string]string{
		"camelCase":           `{"executionId": %q, "totalScenarios": 2}`,
		"another name":        `{"test_execution_id": %q, "scenario_ids": ["a", "b"]}`,
		"wrapped in a result": `{"status": true, "result": {"execution_id": %q, "total_scenarios": 2}}`,
	}
	for name, body := range cases {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			w := serving(t, map[string]http.HandlerFunc{"POST " + executePath: always(200, fmt.Sprintf(body, answers.Execution))})
			got, err := newClient(t, w).Execute(t.Context(), answers.RunTest, Execute{})
			if want := (calls.Started{ExecutionID: answers.Execution, Scenarios: 2}); err != nil || got != want {
				t.Errorf("got %v, %v, want %v", got, err, want)
			}
		})
	}
}

func TestExecuteSaysWhyScenariosAreNotReady(t *testing.T) {
	t.Parallel()
	w := serving(t, map[string]http.HandlerFunc{"POST " + executePath: always(400, answers.Sample(t, "deployed/execute-400-scenarios-incomplete.json"))})
	c := newClient(t, w)
	_, err := c.Execute(t.Context(), answers.RunTest, Execute{})
	if err == nil || !strings.Contains(err.Error(), "1 scenario(s) are not completed.") {
		t.Errorf("got %v", err)
	}
	if got := c.Dialect(); got != calls.DialectDeployed {
		t.Errorf("got dialect %q: type, code and details show the deployed one", got)
	}
}

func TestExecutions(t *testing.T) {
	t.Parallel()
	one, two := uuid.MustParse("6f45b6bf-6596-4531-8859-d9e3963b9d5f"), uuid.MustParse("d62162c5-6d9f-4d54-85cb-6f44ac529f2b")
	both := text.New("Refund for a damaged order, Billing dispute")
	cases := []struct {
		name, body string
		want       []calls.ExecutionSummary
	}{
		{"deployed", answers.Sample(t, "deployed/executions-list.json"), []calls.ExecutionSummary{
			{ID: answers.Execution, Status: calls.ExecutionCompleted, StartedAt: at(t, "2026-08-22T10:01:00.123456Z"), Scenarios: both, AgentVersion: text.New("v3")},
			{ID: one, Status: calls.ExecutionCancelled, StartedAt: at(t, "2026-08-22T08:31:00.123456Z"), Scenarios: both, AgentVersion: text.New("v3")},
			{ID: two, Status: calls.ExecutionFailed, StartedAt: at(t, "2026-08-22T07:31:00.123456Z"), Scenarios: both, AgentVersion: text.New("v3")},
		}},
		{"documented, oldest first", fmt.Sprintf(`[{"id": %q, "status": "running", "started_at": "2026-08-22T10:00:00"},
			{"id": %q, "status": "PENDING", "started_at": "2026-08-22T11:00:00Z"}]`, one, two), []calls.ExecutionSummary{
			{ID: two, Status: calls.ExecutionPending, StartedAt: at(t, "2026-08-22T11:00:00Z")}, {ID: one, Status: calls.ExecutionRunning, StartedAt: at(t, "2026-08-22T10:00:00Z")},
		}},
		{"one that has not started keeps the server's order", fmt.Sprintf(`{"results": [{"id": %q, "status": "Pending", "start_time": null},
			{"id": %q, "status": "Completed", "start_time": "2026-08-22T11:00:00Z"}]}`, one, two), []calls.ExecutionSummary{
			{ID: one, Status: calls.ExecutionPending, StartedAt: nil}, {ID: two, Status: calls.ExecutionCompleted, StartedAt: at(t, "2026-08-22T11:00:00Z")},
		}},
		{"none", `{"count": 0, "results": []}`, nil},
	}
	for _, c := range cases {
		t.Run(c.name, func(t *testing.T) {
			t.Parallel()
			w := serving(t, map[string]http.HandlerFunc{"GET " + executionsPath: always(200, c.body)})
			got, err := newClient(t, w).Executions(t.Context(), answers.RunTest)
			if err != nil {
				t.Fatal(err)
			}
			if diff := cmp.Diff(c.want, got, answers.SameText); diff != "" {
				t.Errorf("(-want +got):\n%s", diff)
			}
			if got, want := w.lines()[0], "GET "+executionsPath+"?limit=50"; got != want {
				t.Errorf("got request %q, want %q", got, want)
			}
		})
	}
}

func TestGarbledExecutionsAreAnError(t *testing.T) {
	t.Parallel()
	for _, body := range []string{`{"results": [{"id": "1"}]}`, `{"executions": []}`, `{"results": [null]}`, `7`, `{"results": []} x`} {
		synctest.Test(t, func(t *testing.T) {
			w := serving(t, map[string]http.HandlerFunc{"GET " + executionsPath: always(200, body)})
			if got, err := newClient(t, w).Executions(t.Context(), answers.RunTest); err == nil {
				t.Errorf("%s: got %v, want an error", body, got)
			}
		})
	}
}

func TestCancel(t *testing.T) {
	t.Parallel()
	cases := []struct {
		name   string
		status int
		body   string
		want   string // the message
		kind   Kind
	}{
		{"asynchronous", 200, answers.Sample(t, "deployed/cancel-200-async.json"), "Cancellation signal sent to workflow", ""},
		{"at once", 200, answers.Sample(t, "deployed/cancel-200-sync.json"), "Test execution cancellation initiated", ""},
		{"accepted without words", 202, "", "", ""},
		{"no content", 204, "", "", ""},
		{"a body was sent", 400, answers.Sample(t, "deployed/cancel-400-body.json"), "", KindRejected},
		{"not done", 200, `{"success": false, "message": "worker lost"}`, "", KindUnavailable},
		{"not the API", 200, "<html>", "", KindUnavailable},
	}
	for _, c := range cases {
		t.Run(c.name, func(t *testing.T) {
			t.Parallel()
			synctest.Test(t, func(t *testing.T) {
				w := serving(t, map[string]http.HandlerFunc{"POST " + cancelPath: always(c.status, c.body)})
				got, err := newClient(t, w).Cancel(t.Context(), answers.Execution)
				failure, _ := errors.AsType[*Error](err)
				if c.kind == "" && err != nil || c.kind != "" && (failure == nil || failure.Kind != c.kind) {
					t.Errorf("got %v, want kind %q", err, c.kind)
				}
				if err == nil && got.Message.Raw() != c.want {
					t.Errorf("got %q, want %q", got.Message.Raw(), c.want)
				}
				if body := w.requests[0].Body; body != "" {
					t.Errorf("sent %q, want no body", body)
				}
			})
		})
	}
}
