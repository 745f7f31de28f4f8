package client

import (
	"errors"
	"fmt"
	"net/http"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"github.com/google/go-cmp/cmp"
	"github.com/google/uuid"

	"github.com/agent-gate/agent-gate/internal/calls"
	"github.com/agent-gate/agent-gate/internal/text"
	"github.com/agent-gate/agent-gate/test/answers"
)

// metricsQuery is the query of the metrics read.
var metricsQuery = "?execution_id=" + answers.Execution.String()

func TestPollOfTheDocumentedDialectStaysOnTheExecution(t *testing.T) {
	t.Parallel()
	w := serving(t, map[string]http.HandlerFunc{"GET " + executionPath: always(200, answers.Sample(t, "documented/execution-running.json"))})
	c := newClient(t, w)
	for range 3 {
		got, err := c.Poll(t.Context(), answers.Execution)
		if err != nil || got.Status != calls.ExecutionRunning || *got.Total != 20 || *got.Completed != 7 || *got.Failed != 1 || got.SuccessRate != nil {
			t.Errorf("got %+v, %v", got, err)
		}
	}
	line := "GET " + executionPath + "?limit=1"
	if diff := cmp.Diff([]string{line, line, line}, w.lines()); diff != "" {
		t.Errorf("(-want +got):\n%s", diff)
	}
	if got, want := c.Stats(), (calls.Stats{Requests: 3, Polls: 3}); got != want || c.Dialect() != calls.DialectDocumented {
		t.Errorf("got %+v, %q", got, c.Dialect())
	}
}

func TestPollOfTheDeployedDialectGoesToTheMetrics(t *testing.T) {
	t.Parallel()
	w := serving(t, map[string]http.HandlerFunc{
		"GET " + executionPath: always(200, answers.Sample(t, "deployed/execution-page-running.json")),
		"GET " + metricsPath:   always(200, answers.Sample(t, "deployed/metrics-200.json")),
	})
	c := newClient(t, w)
	first, err := c.Poll(t.Context(), answers.Execution)
	if err != nil {
		t.Fatal(err)
	}
	if diff := cmp.Diff(calls.Progress{Status: calls.ExecutionRunning, Total: new(20), AgentType: calls.AgentVoice}, first, answers.SameText); diff != "" {
		t.Errorf("first (-want +got):\n%s", diff)
	}
	second, err := c.Poll(t.Context(), answers.Execution)
	if err != nil {
		t.Fatal(err)
	}
	want := calls.Progress{
		Status: calls.ExecutionCompleted, Total: new(20), Completed: new(18), Failed: new(2),
		AgentType: calls.AgentVoice, // from the first
		StartedAt: at(t, "2026-08-22T10:01:00.123456Z"), CompletedAt: at(t, "2026-08-22T10:10:05.133483Z"),
	}
	if diff := cmp.Diff(want, second, answers.SameText); diff != "" {
		t.Errorf("second (-want +got):\n%s", diff)
	}
	if diff := cmp.Diff([]string{"GET " + executionPath + "?limit=1", "GET " + metricsPath + metricsQuery}, w.lines()); diff != "" {
		t.Errorf("requests (-want +got):\n%s", diff)
	}
}

func TestPollGoesBackFromMetricsThatAreOfNoUse(t *testing.T) {
	t.Parallel()
	stale := strings.Replace(answers.Sample(t, "deployed/metrics-200.json"), answers.Execution.String(), answers.RunTest.String(), 1)
	cases := map[string]struct {
		metrics http.HandlerFunc
		forGood bool
	}{
		"no such route":           {always(404, answers.Sample(t, "deployed/404.html")), true},
		"bad request":             {always(400, answers.Sample(t, "documented/create-400.json")), true},
		"forbidden":               {always(403, answers.Sample(t, "deployed/403-plan.json")), true},
		"no status":               {always(200, `{"status": true, "result": {}}`), true},
		"of another execution":    {always(200, stale), true},
		"not JSON":                {always(200, "<html>"), true},
		"fails":                   {always(500, `{"detail": "Unable to fetch"}`), true},
		"too many requests today": {always(429, ""), false},
	}
	for name, m := range cases {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			synctest.Test(t, func(t *testing.T) {
				w := serving(t, map[string]http.HandlerFunc{
					"GET " + executionPath: always(200, answers.Sample(t, "deployed/execution-page-running.json")),
					"GET " + metricsPath:   m.metrics,
				})
				c := newClient(t, w)
				for range 3 {
					if got, err := c.Poll(t.Context(), answers.Execution); err != nil || got.Status != calls.ExecutionRunning {
						t.Fatalf("got %+v, %v", got, err)
					}
				}
				tried := 0
				for _, line := range w.lines() {
					if strings.Contains(line, metricsPath) {
						tried++
					}
				}
				if tried == 0 || tried > 2*metricsTries || m.forGood && tried > metricsTries {
					t.Errorf("got %d requests for metrics", tried)
				}
			})
		})
	}
}

func TestPollSendsNothingBeforeTheTimeThatTheServerNames(t *testing.T) {
	t.Parallel()
	for _, status := range []int{http.StatusTooManyRequests, http.StatusServiceUnavailable} {
		synctest.Test(t, func(t *testing.T) {
			var wanted time.Time // no request before this time
			metrics := 0
			w := serving(t, map[string]http.HandlerFunc{
				"GET " + executionPath: func(w http.ResponseWriter, _ *http.Request) {
					if time.Now().Before(wanted) {
						t.Errorf("%d: the execution is read %s too early", status, time.Until(wanted))
					}
					reply(w, 200, answers.Sample(t, "deployed/execution-page-running.json"))
				},
				"GET " + metricsPath: func(w http.ResponseWriter, _ *http.Request) {
					if time.Now().Before(wanted) {
						t.Errorf("%d: the metrics are read %s too early", status, time.Until(wanted))
					}
					metrics++
					wanted = time.Now().Add(37 * time.Second)
					w.Header().Set("Retry-After", "37")
					reply(w, status, answers.Sample(t, "deployed/429.json"))
				},
			})
			c := newClient(t, w)
			for poll := range 5 {
				_, err := c.Poll(t.Context(), answers.Execution)
				failure, failed := errors.AsType[*Error](err)
				if byMetrics := poll%2 == 1; failed != byMetrics {
					t.Fatalf("%d: poll %d: got %v", status, poll, err)
				}
				if failed {
					if failure.RetryAfter != 37*time.Second {
						t.Errorf("%d: got the wish %s, want 37s", status, failure.RetryAfter)
					}
					time.Sleep(failure.RetryAfter) // as a polling caller does
				}
			}
			if want := 2 * metricsTries; metrics != want {
				t.Errorf("%d: got %d requests for metrics, want %d", status, metrics, want)
			}
		})
	}
}

func TestMetricsAreNotGivenUpWhenNothingWorks(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		down := false
		h := func(name string) http.HandlerFunc {
			return func(w http.ResponseWriter, _ *http.Request) {
				if down {
					reply(w, 502, answers.Sample(t, "deployed/502.html"))
					return
				}
				reply(w, 200, answers.Sample(t, name))
			}
		}
		w := serving(t, map[string]http.HandlerFunc{
			"GET " + executionPath: h("deployed/execution-page-running.json"),
			"GET " + metricsPath:   h("deployed/metrics-200.json"),
		})
		c := newClient(t, w)
		_, _ = c.Poll(t.Context(), answers.Execution)
		down = true
		if _, err := c.Poll(t.Context(), answers.Execution); err == nil {
			t.Error("got no error")
		}
		down = false
		got, err := c.Poll(t.Context(), answers.Execution)
		if err != nil || got.Completed == nil {
			t.Errorf("got %+v, %v, want the counts of the metrics", got, err)
		}
	})
}

func TestPollKeepsUnknownStatuses(t *testing.T) {
	t.Parallel()
	w := serving(t, map[string]http.HandlerFunc{"GET " + executionPath: always(200, `{"id": "`+answers.Execution.String()+`", "status": "Paused By Admin", "calls": null}`)})
	got, err := newClient(t, w).Poll(t.Context(), answers.Execution)
	if err != nil || got.Status != "paused by admin" || got.Status.Known() || got.Status.Terminal() {
		t.Errorf("got %q, %v", got.Status, err)
	}
}

func TestPollOfAnUnknownExecution(t *testing.T) {
	t.Parallel()
	for name, h := range map[string]http.HandlerFunc{
		"documented":               always(404, answers.Sample(t, "documented/404.json")),
		"deployed, which says 500": always(500, answers.Sample(t, "deployed/execution-500-not-found.json")),
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			w := serving(t, map[string]http.HandlerFunc{"GET " + executionPath: h})
			_, err := newClient(t, w).Poll(t.Context(), answers.Execution)
			failure, ok := errors.AsType[*Error](err)
			if !ok || failure.Kind != KindNotFound || w.count() != 1 || !strings.Contains(err.Error(), "test-execution-id") {
				t.Errorf("got %v after %d requests", err, w.count())
			}
		})
	}
}

func TestPollRefusesWhatIsNoExecution(t *testing.T) {
	t.Parallel()
	for body, kind := range map[string]Kind{
		`{"status": "ok"}`: KindNonsense, `{"results": []}`: KindNonsense, `{"status": true, "results": []}`: KindNonsense,
		`[]`: KindNonsense, `null`: KindNonsense, `"completed"`: KindNonsense, `NaN`: KindNonsense,
		fmt.Sprintf(`{"id": %q, "status": "completed", "calls": []}`, uuid.New()): KindNonsense,
		// These may be truncated, or come from a proxy.
		`{"status": "completed", "results": [{]}`: KindUnavailable, `{"status": "completed", "results": [`: KindUnavailable, ``: KindUnavailable, `<html>`: KindUnavailable,
	} {
		synctest.Test(t, func(t *testing.T) {
			w := serving(t, map[string]http.HandlerFunc{"GET " + executionPath: always(200, body)})
			_, err := newClient(t, w).Poll(t.Context(), answers.Execution)
			if failure, ok := errors.AsType[*Error](err); !ok || failure.Kind != kind {
				t.Errorf("%s: got %v", body, err)
			}
		})
	}
}

func TestLimitIsDroppedWhenTheServerRefusesIt(t *testing.T) {
	t.Parallel()
	w := serving(t, map[string]http.HandlerFunc{"GET " + executionPath: func(w http.ResponseWriter, r *http.Request) {
		if r.URL.Query().Has("limit") {
			reply(w, 400, `{"limit": ["Unknown field."]}`)
			return
		}
		reply(w, 200, answers.Sample(t, "documented/execution-running.json"))
	}})
	c := newClient(t, w)
	for range 2 {
		if _, err := c.Poll(t.Context(), answers.Execution); err != nil {
			t.Fatal(err)
		}
	}
	want := []string{"GET " + executionPath + "?limit=1", "GET " + executionPath, "GET " + executionPath}
	if diff := cmp.Diff(want, w.lines()); diff != "" {
		t.Errorf("(-want +got):\n%s", diff)
	}
}

func TestPollKnowsWhatTheRunTestTold(t *testing.T) {
	t.Parallel()
	w := serving(t, map[string]http.HandlerFunc{
		"POST " + createPath:   always(201, answers.Sample(t, "deployed/create-201.json")),
		"POST " + executePath:  always(200, answers.Sample(t, "deployed/execute-200.json")),
		"GET " + executionPath: always(200, answers.Sample(t, "deployed/execution-out-of-range.json")), // names no agent type
	})
	c := newClient(t, w)
	if _, err := c.CreateRunTest(t.Context(), CreateRunTest{Name: "n"}); err != nil {
		t.Fatal(err)
	}
	if _, err := c.Execute(t.Context(), answers.RunTest, Execute{}); err != nil {
		t.Fatal(err)
	}
	got, err := c.Poll(t.Context(), answers.Execution)
	if err != nil {
		t.Fatal(err)
	}
	want := calls.Progress{Status: calls.ExecutionCompleted, Total: new(20), AgentType: calls.AgentVoice, RunTestID: answers.RunTest,
		RunTestName: text.New("ci-acme-support-1f3a9c2-18734562210-1")}
	if diff := cmp.Diff(want, got, answers.SameText); diff != "" {
		t.Errorf("(-want +got):\n%s", diff)
	}
}

func TestPollSaysWhyADeployedExecutionFailed(t *testing.T) {
	t.Parallel()
	failed := uuid.MustParse("d62162c5-6d9f-4d54-85cb-6f44ac529f2b") // of the list
	execution := strings.ReplaceAll(answers.Sample(t, "deployed/execute-200.json"), answers.Execution.String(), failed.String())
	routes := map[string]http.HandlerFunc{
		"POST " + executePath: always(200, execution),
		"GET /simulate/test-executions/" + failed.String() + "/": always(200, answers.DeployedPage(0, 1, "failed")),
		"GET " + metricsPath:    always(404, answers.Sample(t, "deployed/404.html")),
		"GET " + executionsPath: always(200, answers.Sample(t, "deployed/executions-list.json")),
	}
	w := serving(t, routes)
	c := newClient(t, w)
	if got, err := c.Poll(t.Context(), failed); err != nil || !got.ErrorReason.IsEmpty() {
		t.Errorf("got %q, %v, want none while the run test is not known", got.ErrorReason.Raw(), err)
	}
	if _, err := c.Execute(t.Context(), answers.RunTest, Execute{}); err != nil {
		t.Fatal(err)
	}
	for range 3 {
		got, err := c.Poll(t.Context(), failed)
		if want := "Failed to create call execution records"; err != nil || got.ErrorReason.Raw() != want {
			t.Errorf("got %q, %v, want %q", got.ErrorReason.Raw(), err, want)
		}
	}
	asked := 0
	for _, line := range w.lines() {
		if strings.Contains(line, executionsPath) {
			asked++
		}
	}
	if asked != 1 {
		t.Errorf("asked %d times, want once", asked)
	}
}

func TestPollDoesWithoutAReason(t *testing.T) {
	t.Parallel()
	w := serving(t, map[string]http.HandlerFunc{
		"POST " + executePath:   always(200, answers.Sample(t, "deployed/execute-200.json")),
		"GET " + executionPath:  always(200, answers.DeployedPage(0, 1, "failed")),
		"GET " + executionsPath: always(502, answers.Sample(t, "deployed/502.html")),
	})
	c := newClient(t, w)
	if _, err := c.Execute(t.Context(), answers.RunTest, Execute{}); err != nil {
		t.Fatal(err)
	}
	got, err := c.Poll(t.Context(), answers.Execution)
	if err != nil || got.Status != calls.ExecutionFailed || w.count() != 3 {
		t.Errorf("got %q, %v after %d requests", got.Status, err, w.count())
	}
}
