package client

import (
	"context"
	"errors"
	"fmt"
	"net/http"
	"slices"
	"strconv"
	"strings"
	"sync"
	"testing"
	"testing/synctest"
	"time"

	"github.com/google/go-cmp/cmp"
	"github.com/google/uuid"

	"github.com/agent-gate/agent-gate/internal/calls"
	"github.com/agent-gate/agent-gate/internal/client/dialect"
	"github.com/agent-gate/agent-gate/internal/text"
	"github.com/agent-gate/agent-gate/test/answers"
)

// paged serves the requested page.
func paged(beyond string, status int, pages ...string) http.HandlerFunc {
	return func(w http.ResponseWriter, r *http.Request) {
		n := max(pageNumber(r), 1)
		if n > len(pages) {
			reply(w, status, beyond)
			return
		}
		reply(w, 200, pages[n-1])
	}
}

func pageNumber(r *http.Request) int {
	n, _ := strconv.Atoi(r.URL.Query().Get("page"))
	return n
}

func TestCollectReadsEveryCallOnce(t *testing.T) {
	t.Parallel()
	empty := answers.DeployedPage(25, 3, "completed")
	cases := []struct {
		name     string
		answer   http.HandlerFunc
		calls    int
		requests int
	}{
		{"deployed, one page", always(200, answers.DeployedPage(3, 1, "completed", answers.Rows(0, 3)...)), 3, 1},
		{"deployed, several pages", paged(empty, 200,
			answers.DeployedPage(25, 3, "completed", answers.Rows(0, 10)...), answers.DeployedPage(25, 3, "completed", answers.Rows(10, 20)...), answers.DeployedPage(25, 3, "completed", answers.Rows(20, 25)...)), 25, 3},
		{"deployed, no calls", always(200, answers.DeployedPage(0, 1, "completed")), 0, 1},
		{"deployed, says more pages than the calls need", paged(empty, 200,
			answers.DeployedPage(12, 900, "completed", answers.Rows(0, 10)...), answers.DeployedPage(12, 900, "completed", answers.Rows(10, 12)...)), 12, 2},
		{"deployed, does not say how many pages", paged(`{"count": 12, "results": [], "status": "completed"}`, 200,
			`{"count": 12, "status": "completed", "results": [`+strings.Join(answers.Rows(0, 10), ",")+`]}`,
			`{"count": 12, "status": "completed", "results": [`+strings.Join(answers.Rows(10, 12), ",")+`]}`), 12, 2},
		{"documented, two pages", paged("", 500, answers.DocumentedPage("15", answers.Rows(0, 10)...), answers.DocumentedPage("15", answers.Rows(10, 15)...)), 15, 2},
		{"documented, pages overlap", paged("", 500, answers.DocumentedPage("15", answers.Rows(0, 10)...), answers.DocumentedPage("15", answers.Rows(5, 15)...)), 15, 2},
		{"documented, the total with a fraction of zero", always(200, answers.DocumentedPage("5.0", answers.Rows(0, 5)...)), 5, 1},
	}
	for _, c := range cases {
		t.Run(c.name, func(t *testing.T) {
			t.Parallel()
			w := serving(t, map[string]http.HandlerFunc{"GET " + executionPath: c.answer})
			got, err := newClient(t, w).Collect(t.Context(), answers.Execution)
			if err != nil {
				t.Fatal(err)
			}
			var want, have []string
			for n := range c.calls {
				want = append(want, fmt.Sprintf("s%d %s", n%3, answers.CallID(n)))
			}
			slices.Sort(want)
			for _, call := range got.Calls.All() {
				have = append(have, call.Scenario.Raw()+" "+call.ID.String())
			}
			if diff := cmp.Diff(want, have); diff != "" {
				t.Errorf("calls (-want +got):\n%s", diff)
			}
			if *got.Total != c.calls || *got.Completed != c.calls || *got.Failed != 0 || got.Status != calls.ExecutionCompleted {
				t.Errorf("got %d, %d, %d, %q", *got.Total, *got.Completed, *got.Failed, got.Status)
			}
			if w.count() != c.requests {
				t.Errorf("got requests %q, want %d", w.lines(), c.requests)
			}
			if got, want := w.lines()[0], "GET "+executionPath+"?limit=100&page=1"; got != want {
				t.Errorf("got first request %q, want %q", got, want)
			}
		})
	}
}

func TestCollectOfTheSamplesInPages(t *testing.T) {
	t.Parallel()
	id := uuid.MustParse("804abcbb-4db6-46cf-ac64-0cc1f95c9559")
	w := serving(t, map[string]http.HandlerFunc{
		"GET /simulate/test-executions/" + id.String() + "/": paged(answers.Sample(t, "documented/404.json"), 404,
			answers.Sample(t, "documented/execution-page1.json"), answers.Sample(t, "documented/execution-page2.json")),
	})
	got, err := newClient(t, w).Collect(t.Context(), id)
	if err != nil {
		t.Fatal(err)
	}
	if got.Calls.Len() != 30 || *got.Completed != 28 || *got.Failed != 2 || *got.SuccessRate != 93.33 || w.count() != 2 {
		t.Errorf("got %d calls, %d completed, %d failed, %v, %d requests", got.Calls.Len(), *got.Completed, *got.Failed, *got.SuccessRate, w.count())
	}
}

func TestCollectKeepsTheNewestOfADuplicate(t *testing.T) {
	t.Parallel()
	for name, pages := range map[string][]string{
		"old one first": {answers.DeployedPage(3, 2, "completed", answers.Row(0, 1), answers.Row(1, 1)), answers.DeployedPage(3, 2, "completed", answers.Row(2, 1), answers.Row(0, 9))},
		"new one first": {answers.DeployedPage(3, 2, "completed", answers.Row(0, 9), answers.Row(1, 1)), answers.DeployedPage(3, 2, "completed", answers.Row(2, 1), answers.Row(0, 1))},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			w := serving(t, map[string]http.HandlerFunc{"GET " + executionPath: paged("", 500, pages...)})
			got, err := newClient(t, w).Collect(t.Context(), answers.Execution)
			if err != nil {
				t.Fatal(err)
			}
			for _, call := range got.Calls.All() {
				if call.ID == answers.CallID(0) && *call.OverallScore != 9 {
					t.Errorf("got score %v, want that of the newer row", *call.OverallScore)
				}
			}
		})
	}
}

func TestCollectReadsAgainWhenCallsMoved(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		reads := 0
		w := serving(t, map[string]http.HandlerFunc{"GET " + executionPath: func(w http.ResponseWriter, r *http.Request) {
			if pageNumber(r) == 1 {
				reads++
				reply(w, 200, answers.DeployedPage(4, 2, "completed", answers.Row(0, 0), answers.Row(1, 0)))
				return
			}
			if reads < 3 {
				reply(w, 200, answers.DeployedPage(4, 2, "completed", answers.Row(1, 1), answers.Row(2, 0))) // call 3 moved to the front
				return
			}
			reply(w, 200, answers.DeployedPage(4, 2, "completed", answers.Row(2, 0), answers.Row(3, 0)))
		}})
		began := time.Now()
		got, err := newClient(t, w).Collect(t.Context(), answers.Execution)
		if err != nil || got.Calls.Len() != 4 || reads != 3 {
			t.Errorf("got %d calls after %d reads, %v", got.Calls.Len(), reads, err)
		}
		if took, want := time.Since(began), rereadWaits[0]+rereadWaits[1]; took != want {
			t.Errorf("took %s, want %s", took, want)
		}
	})
}

func TestCollectThatDoesNotAddUpSaysSo(t *testing.T) {
	t.Parallel()
	cases := map[string]struct {
		answer http.HandlerFunc
		want   IncompleteError
	}{
		"deployed, calls missing":   {always(200, answers.DeployedPage(5, 1, "completed", answers.Rows(0, 3)...)), IncompleteError{Got: 3, Want: 5}},
		"deployed, too many calls":  {always(200, answers.DeployedPage(2, 1, "completed", answers.Rows(0, 3)...)), IncompleteError{Got: 3, Want: 2}},
		"deployed, pages not there": {paged(`{"detail": "Invalid page."}`, 404, answers.DeployedPage(9, 3, "completed", answers.Rows(0, 3)...)), IncompleteError{Got: 3, Want: 9}},
		"documented, page ignored":  {always(200, answers.DocumentedPage("30", answers.Rows(0, 20)...)), IncompleteError{Got: 20, Want: 30}},
		"documented, no calls":      {always(200, answers.DocumentedPage("30")), IncompleteError{Got: 0, Want: 30}},
		"documented, 404 too early": {paged(`{"detail": "Invalid page."}`, 404, answers.DocumentedPage("30", answers.Rows(0, 10)...)), IncompleteError{Got: 10, Want: 30}},
		"documented, 500 too early": {paged(`{"error": "Invalid page."}`, 500, answers.DocumentedPage("30", answers.Rows(0, 10)...)), IncompleteError{Got: 10, Want: 30}},
		"the larger of two totals":  {always(200, `{"count": 9, "total_calls": 1, "status": "completed", "calls": [`+answers.Row(0, 0)+`]}`), IncompleteError{Got: 1, Want: 9}},
	}
	for name, c := range cases {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			synctest.Test(t, func(t *testing.T) {
				w := serving(t, map[string]http.HandlerFunc{"GET " + executionPath: c.answer})
				got, err := newClient(t, w).Collect(t.Context(), answers.Execution)
				incomplete, ok := errors.AsType[*IncompleteError](err)
				if !ok || *incomplete != c.want {
					t.Fatalf("got %v, want %v", err, &c.want)
				}
				if want := fmt.Sprintf("%d calls, but it listed %d", c.want.Want, c.want.Got); !strings.Contains(err.Error(), want) {
					t.Errorf("got %q, want it to hold %q", err, want)
				}
				if got.Calls.Len() != c.want.Got || *got.Total != c.want.Want {
					t.Errorf("got %d calls of %d along with it", got.Calls.Len(), *got.Total)
				}
			})
		})
	}
}

func TestAnExecutionOfEndlessEvalsIsNotRead(t *testing.T) {
	t.Parallel()
	id := func(k int) string { return answers.CallID(5000 + k).String() }
	name := func(k int) string { return fmt.Sprint("eval ", k) } // of a server that sends no eval ids
	for _, c := range []struct {
		n     int
		key   func(int) string
		works bool
	}{{1000, id, true}, {1001, id, false}, {1000, name, true}, {1001, name, false}} {
		n, works := c.n, c.works
		var calls []string
		for i := range 11 {
			var evals []string
			for k := i * 100; k < min(n, i*100+100); k++ {
				evals = append(evals, fmt.Sprintf(`%q: {"output": "Passed", "output_type": "Pass/Fail"}`, c.key(k)))
			}
			calls = append(calls, fmt.Sprintf(`{"id": %q, "status": "completed", "eval_outputs": {%s}}`, answers.CallID(i), strings.Join(evals, ", ")))
		}
		w := serving(t, map[string]http.HandlerFunc{"GET " + executionPath: always(200, answers.DeployedPage(11, 1, "completed", calls...))})
		got, err := newClient(t, w).Collect(t.Context(), answers.Execution)
		if works != (err == nil) || works != (got.Calls.Len() == 11) {
			t.Errorf("%d evals: got %d calls, %v", n, got.Calls.Len(), err)
		}
		if err != nil && !strings.Contains(err.Error(), "more than 1000 evals") {
			t.Errorf("got %v", err)
		}
	}
}

// TestPagesThatAreTooMuchAreAskedForSmaller uses a server that fails on pages with too many
// calls.
func TestPagesThatAreTooMuchAreAskedForSmaller(t *testing.T) {
	t.Parallel()
	for name, c := range map[string]struct {
		takes func(w http.ResponseWriter, r *http.Request) // how it answers a page that is too large
		most  int                                          // the most calls of a page it can serve
		sizes string                                       // page sizes requested, in order
	}{
		"slow":                  {func(_ http.ResponseWriter, r *http.Request) { <-r.Context().Done() }, 25, "100 25"},
		"slower":                {func(_ http.ResponseWriter, r *http.Request) { <-r.Context().Done() }, 6, "100 25 6"},
		"too slow at all":       {func(_ http.ResponseWriter, r *http.Request) { <-r.Context().Done() }, 0, "100 25 6"},
		"slow behind a gateway": {func(w http.ResponseWriter, _ *http.Request) { reply(w, 504, "<html>") }, 25, "100 25"},
		"too large":             {func(w http.ResponseWriter, _ *http.Request) { reply(w, 200, strings.Repeat(" ", 1<<20)) }, 25, "100 25"},
		"down":                  {func(w http.ResponseWriter, _ *http.Request) { reply(w, 503, "{}") }, 25, "100"},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			synctest.Test(t, func(t *testing.T) {
				var sizes pageSizes
				w := sizes.serving(t, func(w http.ResponseWriter, r *http.Request, size int) {
					if size > c.most {
						c.takes(w, r)
						return
					}
					n := pageNumber(r)
					reply(w, 200, answers.DeployedPage(60, (59+size)/size, "completed", answers.Rows((n-1)*size, min(n*size, 60))...))
				})
				client := newClient(t, w, func(o *Options) { o.MaxBody = 512 << 10 })
				got, err := client.Collect(t.Context(), answers.Execution)
				if asked := sizes.String(); asked != c.sizes {
					t.Errorf("asked for pages of %s calls, want %s", asked, c.sizes)
				}
				if works := c.most > 0 && name != "down"; works != (err == nil) || works && got.Calls.Len() != 60 {
					t.Errorf("got %d calls, %v", got.Calls.Len(), err)
				}
				sizes.asked = nil
				_, _ = client.Collect(t.Context(), answers.Execution)
				if first := strings.Fields(c.sizes); sizes.asked[0] != first[len(first)-1] {
					t.Errorf("the next read asks for %s calls", sizes.asked[0])
				}
			})
		})
	}
}

func TestCollectOfAnExecutionThatMovesOn(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		moving := true
		reads := 0
		w := serving(t, map[string]http.HandlerFunc{"GET " + executionPath: func(w http.ResponseWriter, r *http.Request) {
			reads++
			status := "completed"
			if pageNumber(r) == 2 && moving {
				status = "evaluating"
			}
			reply(w, 200, answers.DeployedPage(4, 2, status, answers.Rows(2*pageNumber(r)-2, 2*pageNumber(r))...))
		}})
		c := newClient(t, w)
		got, err := c.Collect(t.Context(), answers.Execution)
		if err != nil || got.Status != calls.ExecutionEvaluating || reads != 2 {
			t.Errorf("got %q, %v after %d reads, want the status that is not terminal, at once", got.Status, err, reads)
		}
		moving = false
		if got, err := c.Collect(t.Context(), answers.Execution); err != nil || got.Status != calls.ExecutionCompleted {
			t.Errorf("got %q, %v", got.Status, err)
		}
	})
}

func TestCollectRefusesCallsWithoutID(t *testing.T) {
	t.Parallel()
	for _, id := range []string{`"17"`, `null`, `17`, `"{a758ede8-419d-4f12-9270-be81e46f4896}"`, `"00000000-0000-0000-0000-000000000000"`} {
		synctest.Test(t, func(t *testing.T) {
			w := serving(t, map[string]http.HandlerFunc{"GET " + executionPath: always(200, answers.DeployedPage(1, 1, "completed", `{"id": `+id+`, "status": "completed"}`))})
			_, err := newClient(t, w).Collect(t.Context(), answers.Execution)
			if failure, ok := errors.AsType[*Error](err); !ok || failure.Kind != KindNonsense || !strings.Contains(err.Error(), "UUID") {
				t.Errorf("%s: got %v", id, err)
			}
		})
	}
}

func TestCollectReadsThreePagesAtATime(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		var mu sync.Mutex
		now, most := 0, 0
		w := serving(t, map[string]http.HandlerFunc{"GET " + executionPath: func(w http.ResponseWriter, r *http.Request) {
			mu.Lock()
			now++
			most = max(most, now)
			mu.Unlock()
			<-time.After(time.Second)
			mu.Lock()
			now--
			mu.Unlock()
			n := pageNumber(r)
			reply(w, 200, answers.DeployedPage(20, 10, "completed", answers.Rows(2*n-2, 2*n)...))
		}})
		began := time.Now()
		got, err := newClient(t, w).Collect(t.Context(), answers.Execution)
		if err != nil || got.Calls.Len() != 20 {
			t.Errorf("got %d calls, %v", got.Calls.Len(), err)
		}
		if took := time.Since(began); most != pagesInFlight || took != 4*time.Second {
			t.Errorf("got %d at a time, %s", most, took)
		}
	})
}

func TestCollectStopsWithTheContext(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		w := serving(t, map[string]http.HandlerFunc{"GET " + executionPath: always(200, answers.DeployedPage(5, 1, "completed", answers.Rows(0, 3)...))})
		ctx, cancel := context.WithTimeout(t.Context(), 1500*time.Millisecond)
		defer cancel()
		began := time.Now()
		_, err := newClient(t, w).Collect(ctx, answers.Execution)
		failure, ok := errors.AsType[*Error](err)
		if !ok || failure.Kind != KindCancelled || time.Since(began) != 1500*time.Millisecond {
			t.Errorf("got %v after %s", err, time.Since(began))
		}
	})
}

func TestCollectFailsWhenAPageDoes(t *testing.T) {
	t.Parallel()
	w := serving(t, map[string]http.HandlerFunc{"GET " + executionPath: func(w http.ResponseWriter, r *http.Request) {
		if pageNumber(r) == 3 {
			reply(w, 401, answers.Sample(t, "deployed/401-bad.json"))
			return
		}
		reply(w, 200, answers.DeployedPage(50, 5, "completed", answers.Rows(10*pageNumber(r)-10, 10*pageNumber(r))...))
	}})
	_, err := newClient(t, w).Collect(t.Context(), answers.Execution)
	if failure, ok := errors.AsType[*Error](err); !ok || failure.Kind != KindUnauthorized {
		t.Errorf("got %v, want the fault of the page", err)
	}
}

// TestStoryDoesNotDependOnTheOrder compares two reads of one execution whose rows the server
// shuffles.
func TestStoryDoesNotDependOnTheOrder(t *testing.T) {
	t.Parallel()
	p := readSample(t, "deployed/execution-page-completed.json")
	forward := readAll(t, p)
	slices.Reverse(p.Calls)
	if diff := cmp.Diff(forward, readAll(t, p), answers.SameText, unpacked); diff != "" {
		t.Errorf("(-forward +backward):\n%s", diff)
	}
}

func FuzzPage(f *testing.F) {
	// Small ones, because the fuzzer spends its time minimising large ones.
	f.Add(answers.DocumentedPage("2", answers.Row(0, 0)))
	f.Add(answers.DeployedPage(1, 1, "completed", answers.Row(0, 0)))
	f.Add(`{"status":"x","results":{"a":[{}]},"calls":[{"id":"a758ede8-419d-4f12-9270-be81e46f4896","eval_outputs":{"a":[]}}],"count":-1.5}`)
	f.Fuzz(func(t *testing.T, body string) {
		p, err := readPage(body)
		if err != nil {
			return
		}
		if p.Progress.Status == "" || p.Pages < 0 || p.Total != nil && *p.Total < 0 {
			t.Errorf("got status %q, pages %d, total %v", p.Progress.Status, p.Pages, p.Total)
		}
		e, _ := assemble([]dialect.Page{p, p})
		seen := map[uuid.UUID]bool{}
		for _, call := range e.Calls.All() {
			if call.ID == uuid.Nil || seen[call.ID] {
				t.Errorf("call %s is none, or there twice", call.ID)
			}
			seen[call.ID] = true
		}
	})
}

func TestARowSaysWhichDatasetRowItPlaysAndHowItEndedBeforeReruns(t *testing.T) {
	t.Parallel()
	read := func(more string) calls.Call {
		t.Helper()
		w := serving(t, map[string]http.HandlerFunc{"GET " + executionPath: always(200,
			answers.DeployedPage(1, 1, "completed", fmt.Sprintf(`{"id": %q, "status": "completed", %s}`, answers.CallID(1), more)))})
		e, err := newClient(t, w).Collect(t.Context(), answers.Execution)
		if err != nil {
			t.Fatal(err)
		}
		return e.Calls.At(0)
	}
	one := read(`"scenario_columns": {"situation": {"value": "a \\\" b"}}`)
	if one.Row == 0 || one.Reruns != 0 || one.First != nil {
		t.Errorf("got %+v", one)
	}
	for columns, same := range map[string]bool{
		`{"situation":{"value":"a \\\" b"}}`:  true, // layout does not matter
		`{"situation":{"value":"a \\\"  b"}}`: false,
		`{"situation":{"value":"c"}}`:         false,
	} {
		if got := read(`"scenario_columns": ` + columns); (got.Row == one.Row) != same {
			t.Errorf("%s: row %x beside %x", columns, got.Row, one.Row)
		}
	}
	for _, columns := range []string{`{}`, `{ }`, `null`, `[]`, `"x"`, `7`} {
		if got := read(`"scenario_columns": ` + columns); got.Row != 0 {
			t.Errorf("%s: row %x, want none", columns, got.Row)
		}
	}

	got := read(`"rerun_snapshots": [
		{"status": "completed", "snapshot_timestamp": "2026-08-22T10:09:00Z", "rerun_type": "call_and_eval", "transcript": [{}]},
		{"status": "failed", "ended_reason": "no answer", "snapshot_timestamp": "2026-08-22T10:05:00Z", "rerun_type": "call_and_eval"},
		{"status": "completed", "snapshot_timestamp": "2026-08-22T10:01:00Z", "rerun_type": "eval_only"},
		7, null, {}, {"status": null}]`)
	if want := (calls.Try{Status: calls.Failed, EndedReason: text.New("no answer")}); got.Reruns != 2 || got.First == nil || *got.First != want {
		t.Errorf("got %d reruns, first %+v, want 2 and %+v", got.Reruns, got.First, want)
	}
	for _, none := range []string{`[]`, `null`, `{}`, `"x"`} {
		if got := read(`"rerun_snapshots": ` + none); got.Reruns != 0 || got.First != nil {
			t.Errorf("%s: got %+v", none, got)
		}
	}
}

// TestCollectGivesWhatItReadBeforeAPageFailed checks that one failed page does not lose the
// calls of the others.
func TestCollectGivesWhatItReadBeforeAPageFailed(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		w := serving(t, map[string]http.HandlerFunc{"GET " + executionPath: func(w http.ResponseWriter, r *http.Request) {
			if pageNumber(r) == 2 {
				<-r.Context().Done()
				return
			}
			reply(w, 200, answers.DeployedPage(5, 2, "completed", answers.Rows(0, 3)...))
		}})
		ctx, cancel := context.WithTimeout(t.Context(), 10*time.Second)
		defer cancel()
		e, err := newClient(t, w).Collect(ctx, answers.Execution)
		if failure, ok := errors.AsType[*Error](err); !ok || failure.Kind != KindCancelled {
			t.Errorf("got %v", err)
		}
		if e.Calls.Len() != 3 || e.Total == nil || *e.Total != 5 || e.Status != calls.ExecutionCompleted {
			t.Errorf("got %d calls of %v, %s", e.Calls.Len(), e.Total, e.Status)
		}
	})
}
