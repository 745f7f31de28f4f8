package client

import (
	"context"
	"errors"
	"fmt"
	"net/http"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"github.com/agent-gate/agent-gate/internal/calls"
	"github.com/agent-gate/agent-gate/internal/client/dialect"
	"github.com/agent-gate/agent-gate/test/answers"
)

// The tests in this file check that no doubtful response counts as a success.

func TestSkippedIsAnythingButFalse(t *testing.T) {
	t.Parallel()
	cases := map[string]bool{
		``: false, `, "processing_skipped": false`: false, `, "processing_skipped": null`: false,
		`, "processing_skipped": true`: true, `, "processing_skipped": "true"`: true, `, "processing_skipped": "false"`: true,
		`, "processing_skipped": 1`: true, `, "processing_skipped": 0`: true, `, "processing_skipped": ""`: true,
		`, "processing_skipped": {}`: true, `, "processing_skipped": []`: true,
	}
	for key, want := range cases {
		t.Run(key, func(t *testing.T) {
			t.Parallel()
			body := answers.DeployedPage(1, 1, "completed", fmt.Sprintf(`{"id": %q, "status": "completed"%s}`, answers.CallID(1), key))
			w := serving(t, map[string]http.HandlerFunc{"GET " + executionPath: always(200, body)})
			e, err := newClient(t, w).Collect(t.Context(), answers.Execution)
			if err != nil {
				t.Fatal(err)
			}
			if got := e.Calls.At(0).ProcessingSkipped; got != want {
				t.Errorf("got skipped %t, want %t", got, want)
			}
		})
	}
}

func TestCollectRefusesTotalsThatProveNothing(t *testing.T) {
	t.Parallel()
	for _, total := range []string{`5.5`, `1e30`, `1e400`, `NaN`, `-Infinity`, `-1`, `1000001`, `1000000000`, `"5"`, `true`, `{}`, `[5]`, `null`, ``} {
		for key, list := range map[string]string{"count": "results", "total_calls": "calls"} {
			t.Run(key+" "+total, func(t *testing.T) {
				t.Parallel()
				synctest.Test(t, func(t *testing.T) {
					said := ""
					if total != "" {
						said = fmt.Sprintf(`%q: %s, `, key, total)
					}
					body := fmt.Sprintf(`{%s"id": %q, "status": "completed", "total_pages": 1, %q: [%s]}`, said, answers.Execution, list, strings.Join(answers.Rows(0, 5), ","))
					w := serving(t, map[string]http.HandlerFunc{"GET " + executionPath: always(200, body)})
					got, err := newClient(t, w).Collect(t.Context(), answers.Execution)
					failure, ok := errors.AsType[*Error](err)
					if !ok || failure.Kind != KindNonsense || failure.Attempts != nonsenseTries || got.Calls.Len() > 0 {
						t.Errorf("got %v with %d calls", err, got.Calls.Len())
					}
				})
			})
		}
	}
}

func TestCollectRefusesALaterPageWithoutTotal(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		w := serving(t, map[string]http.HandlerFunc{"GET " + executionPath: paged("", 500,
			answers.DocumentedPage("15", answers.Rows(0, 10)...), answers.DocumentedPage("-1", answers.Rows(10, 15)...))})
		_, err := newClient(t, w).Collect(t.Context(), answers.Execution)
		if failure, ok := errors.AsType[*Error](err); !ok || failure.Kind != KindNonsense {
			t.Errorf("got %v", err)
		}
	})
}

// TestTotalMayBeMissingWhereNothingIsJudged: neither a poll nor a running execution needs it.
func TestTotalMayBeMissingWhereNothingIsJudged(t *testing.T) {
	t.Parallel()
	poll := serving(t, map[string]http.HandlerFunc{"GET " + executionPath: always(200, answers.DocumentedPage("5.5"))})
	if p, err := newClient(t, poll).Poll(t.Context(), answers.Execution); err != nil || p.Status != calls.ExecutionCompleted || p.Total != nil {
		t.Errorf("poll: got %+v, %v", p, err)
	}
	running := strings.Replace(answers.DocumentedPage("null", answers.Rows(0, 2)...), "completed", "running", 1)
	work := serving(t, map[string]http.HandlerFunc{"GET " + executionPath: always(200, running)})
	if e, err := newClient(t, work).Collect(t.Context(), answers.Execution); err != nil || e.Calls.Len() != 2 || e.Status != calls.ExecutionRunning {
		t.Errorf("collect: got %d calls, %q, %v", e.Calls.Len(), e.Status, err)
	}
}

// TestCollectStopsReadingWhenNothingNewComes checks that a server that repeats itself costs a
// few requests for each of the four reads, not one for each page it claims to have.
func TestCollectStopsReadingWhenNothingNewComes(t *testing.T) {
	t.Parallel()
	cases := map[string]struct {
		body string
		got  int
	}{
		"deployed, page ignored":   {answers.DeployedPage(dialect.MaxTotal, maxPages, "completed", answers.Rows(0, 10)...), 10},
		"deployed, no calls":       {answers.DeployedPage(dialect.MaxTotal, maxPages, "completed"), 0},
		"pages not said":           {answers.DeployedPage(dialect.MaxTotal, 0, "completed", answers.Rows(0, 10)...), 10},
		"documented, page ignored": {answers.DocumentedPage("1000000", answers.Rows(0, 10)...), 10},
	}
	for name, c := range cases {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			synctest.Test(t, func(t *testing.T) {
				w := serving(t, map[string]http.HandlerFunc{"GET " + executionPath: always(200, c.body)})
				_, err := newClient(t, w).Collect(t.Context(), answers.Execution)
				incomplete, ok := errors.AsType[*IncompleteError](err)
				if !ok || *incomplete != (IncompleteError{Got: c.got, Want: dialect.MaxTotal}) {
					t.Errorf("got %v", err)
				}
				if reads := 1 + len(rereadWaits); w.count() > reads*(2+2*pagesInFlight) {
					t.Errorf("got %d requests for %d reads", w.count(), reads)
				}
			})
		})
	}
}

func TestContextStopsReadingPagesAtOnce(t *testing.T) {
	t.Parallel()
	for name, pages := range map[string]int{"pages said": maxPages, "pages not said": 0} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			synctest.Test(t, func(t *testing.T) {
				ctx, cancel := context.WithTimeout(t.Context(), 2500*time.Millisecond)
				defer cancel()
				w := serving(t, map[string]http.HandlerFunc{"GET " + executionPath: func(w http.ResponseWriter, r *http.Request) {
					select {
					case <-time.After(time.Second):
					case <-r.Context().Done():
					}
					n := pageNumber(r)
					reply(w, 200, answers.DeployedPage(dialect.MaxTotal, pages, "completed", answers.Rows(2*n-2, 2*n)...))
				}})
				began := time.Now()
				_, err := newClient(t, w).Collect(ctx, answers.Execution)
				failure, ok := errors.AsType[*Error](err)
				if !ok || failure.Kind != KindCancelled || time.Since(began) != 2500*time.Millisecond || w.count() > 1+3*pagesInFlight {
					t.Errorf("got %v after %s and %d requests", err, time.Since(began), w.count())
				}
				if got := err.Error(); !strings.Contains(got, "no answer in time") || strings.Contains(got, "context") {
					t.Errorf("got %q, want it in words of ours", got)
				}
			})
		})
	}
}

// TestKeysOfAnotherCaseDecideNothing: encoding/json would accept them as the real keys.
func TestKeysOfAnotherCaseDecideNothing(t *testing.T) {
	t.Parallel()
	call := fmt.Sprintf(`{"id": %q, "status": "failed", "STATUS": "completed", "overall_score": 2, "Overall_Score": 9,
		"processing_skipped": true, "Processing_Skipped": false,
		"eval_outputs": {"e": {"value": "Failed", "VALUE": "Passed", "type": "Pass/Fail"}}, "EVAL_OUTPUTS": {}}`, answers.CallID(1))
	body := fmt.Sprintf(`{"count": 1, "Count": 7, "status": "failed", "Status": "completed", "results": [%s], "Results": [{}]}`, call)
	w := serving(t, map[string]http.HandlerFunc{"GET " + executionPath: always(200, body)})
	e, err := newClient(t, w).Collect(t.Context(), answers.Execution)
	if err != nil {
		t.Fatal(err)
	}
	got := e.Calls.At(0)
	if e.Status != calls.ExecutionFailed || got.Status != calls.Failed || *got.OverallScore != 2 || !got.ProcessingSkipped {
		t.Errorf("got execution %q and call %+v", e.Status, got)
	}
	if len(got.Evals) != 1 || got.Evals[0].Value().Passed {
		t.Errorf("got evals %+v, want one that is not passed", got.Evals)
	}
}

func TestAnswerOfAnotherShapeIsSaidInPlainWords(t *testing.T) {
	t.Parallel()
	for _, call := range []string{`"x"`, `7`, `[]`} {
		synctest.Test(t, func(t *testing.T) {
			w := serving(t, map[string]http.HandlerFunc{"GET " + executionPath: always(200, answers.DeployedPage(1, 1, "completed", call))})
			_, err := newClient(t, w).Collect(t.Context(), answers.Execution)
			if err == nil || !strings.Contains(err.Error(), ": the answer does not have the expected shape;") || strings.Contains(err.Error(), "json") {
				t.Errorf("%s: got %v", call, err)
			}
		})
	}
}
