package client

import (
	"context"
	"fmt"
	"net/http"
	"strings"
	"sync/atomic"
	"testing"
	"testing/synctest"
	"time"

	"github.com/google/go-cmp/cmp"
	"github.com/google/uuid"

	"github.com/agent-gate/agent-gate/internal/calls"
	"github.com/agent-gate/agent-gate/internal/text"
	"github.com/agent-gate/agent-gate/test/answers"
)

const callPath = "/simulate/call-executions/"

func callRoute(id uuid.UUID) string { return "GET " + callPath + id.String() + "/" }

func TestTranscriptsAreReadCallByCallInTheirOrder(t *testing.T) {
	t.Parallel()
	routes := map[string]http.HandlerFunc{"GET " + executionPath: always(200, answers.Sample(t, "deployed/execution-page-completed.json"))}
	var ids []uuid.UUID
	for n := range 7 {
		ids = append(ids, answers.CallID(n))
		routes[callRoute(answers.CallID(n))] = always(200, answers.Detail(answers.CallID(n), fmt.Sprintf(`[{"speaker_role":"user","content":"call %d"}]`, n)))
	}
	w := serving(t, routes)
	for i, r := range newClient(t, w).Transcripts(t.Context(), answers.Execution, ids) {
		if want := fmt.Sprintf("call %d", i); r.Err != nil || r.CallID != ids[i] || len(r.Transcript.Turns) != 1 || r.Transcript.Turns[0].Text.Raw() != want {
			t.Errorf("got %+v, want %q", r, want)
		}
	}
	for _, line := range w.lines() {
		if !strings.HasPrefix(line, "GET "+callPath) {
			t.Errorf("sent %s", line)
		}
	}
	if got := w.count(); got != len(ids) {
		t.Errorf("%d requests, want one a call", got)
	}
	if got := newClient(t, w).Transcripts(t.Context(), answers.Execution, nil); len(got) != 0 || w.count() != len(ids) {
		t.Errorf("for no call %d results", len(got))
	}
}

// documentedCalls are two calls of the documented sample: one with turns, one without.
func documentedCalls() []uuid.UUID {
	return []uuid.UUID{uuid.MustParse("7147b16c-1833-437b-941c-63cbbf79490c"), answers.Call}
}

func TestTheDocumentedDialectHasTurnsInItsListOfCalls(t *testing.T) {
	t.Parallel()
	w := serving(t, map[string]http.HandlerFunc{"GET " + executionPath: always(200, answers.Sample(t, "documented/execution-completed.json"))})
	c := newClient(t, w)
	if _, err := c.Collect(t.Context(), answers.Execution); err != nil {
		t.Fatal(err)
	}
	before := w.count()
	ids := append(documentedCalls(), answers.CallID(1))
	got := c.Transcripts(t.Context(), answers.Execution, ids)
	if got[0].Err != nil || len(got[0].Transcript.Turns) != 0 {
		t.Errorf("a call without words: %+v", got[0])
	}
	if diff := cmp.Diff([]calls.Turn{
		{Role: calls.RoleAgent, Text: text.New("Thank you for calling Acme. How can I help?")},
		{Role: calls.RoleCustomer, Text: text.New("Hi, order 4400 arrived with a broken lid. I want my money back.")},
		{Role: calls.RoleAgent, Text: text.New("I see it was delivered on Monday. I can refund 39.90 dollars.")},
		{Role: calls.RoleCustomer, Text: text.New("Fine, please do that.")},
	}, got[1].Transcript.Turns, answers.SameText); diff != "" {
		t.Errorf("turns (-want +got):\n%s", diff)
	}
	if got[2].Err == nil {
		t.Error("a call that is not in the list has a transcript")
	}
	if n := w.count() - before; n != 2 {
		t.Errorf("%d requests, want one that is not found and the list", n)
	}
}

// TestACollectedCallHoldsNothingOfWhatWasSaid checks everything the client keeps from a server
// whose lists contain transcripts, summaries and payloads.
func TestACollectedCallHoldsNothingOfWhatWasSaid(t *testing.T) {
	t.Parallel()
	const said = "my card number is 4242"
	for name, body := range map[string]string{
		"documented": answers.DocumentedPage("1", strings.TrimSuffix(answers.Row(0, 0), "}")+`,"transcript":[{"role":"user","content":"`+said+`"}]}`),
		"deployed": answers.DeployedPage(1, 1, "completed", strings.TrimSuffix(answers.Row(0, 0), "}")+
			`,"transcript":[{"speaker_role":"user","content":"`+said+`"}],"call_summary":"`+said+`","attributes":{"provider_transcript":[{"content":"`+said+`"}]},"rerun_snapshots":[{"transcript":[{"content":"`+said+`"}]}]}`),
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			w := serving(t, map[string]http.HandlerFunc{"GET " + executionPath: always(200, body)})
			e, err := newClient(t, w).Collect(t.Context(), answers.Execution)
			if err != nil || e.Calls.Len() != 1 {
				t.Fatalf("%d calls, %v", e.Calls.Len(), err)
			}
			p, err := readPage(body)
			if err != nil {
				t.Fatal(err)
			}
			if kept := fmt.Sprintf("%+v %+v", e, p); strings.Contains(kept, said) || strings.Contains(kept, "4242") {
				t.Errorf("it keeps %s", kept)
			}
		})
	}
}

func TestATranscriptThatCannotBeReadSaysWhy(t *testing.T) {
	t.Parallel()
	id := answers.CallID(1)
	for name, c := range map[string]struct {
		answer http.HandlerFunc
		want   string
	}{
		"not there":           {always(404, `{"status":false,"detail":"Call execution not found"}`), "Call execution not found"},
		"another call":        {always(200, answers.Detail(answers.CallID(2), "[]")), "about another call"},
		"no list":             {always(200, answers.Detail(id, `"hello"`)), "no list of turns"},
		"a page of a proxy":   {always(200, "<html>sign in</html>"), "cannot be used"},
		"breaks off":          {always(200, `{"id":"`+id.String()+`","transcript":[{"role":`), "unexpected EOF"},
		"keys that are wrong": {always(401, answers.Sample(t, "deployed/401-bad.json")), "Invalid API key"},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			w := serving(t, map[string]http.HandlerFunc{callRoute(id): c.answer})
			got := newClient(t, w, func(o *Options) { o.Retries = -1 }).Transcripts(t.Context(), answers.Execution, []uuid.UUID{id})
			if len(got) != 1 || got[0].Err == nil || !strings.Contains(got[0].Err.Error(), c.want) || len(got[0].Transcript.Turns) != 0 {
				t.Errorf("got %+v, want it to say %q", got, c.want)
			}
		})
	}
}

func TestTranscriptsAreGivenUpWhenTheServerIsInTrouble(t *testing.T) {
	t.Parallel()
	ids := callIDs(40)
	for name, c := range map[string]struct {
		status   int
		requests int // at most
	}{
		"an outage":  {503, (transcriptFailures + pagesInFlight) * transcriptTries},
		"wrong keys": {401, pagesInFlight},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			synctest.Test(t, func(t *testing.T) {
				w := &wire{answer: func(w http.ResponseWriter, _ *http.Request, _ int) error { reply(w, c.status, "{}"); return nil }}
				for _, r := range newClient(t, w).Transcripts(t.Context(), answers.Execution, ids) {
					if r.Err == nil {
						t.Errorf("%s was read", r.CallID)
					}
				}
				if got := w.count(); got > c.requests {
					t.Errorf("%d requests, want %d at most", got, c.requests)
				}
			})
		})
	}
}

// callIDs returns the ids of the first n generated calls.
func callIDs(n int) []uuid.UUID {
	ids := make([]uuid.UUID, n)
	for i := range ids {
		ids[i] = answers.CallID(i)
	}
	return ids
}

func TestOneUnreadableCallDoesNotCostTheOthers(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		ids := callIDs(20)
		w := &wire{answer: func(w http.ResponseWriter, r *http.Request, _ int) error {
			for i, id := range ids {
				switch {
				case !strings.Contains(r.URL.Path, id.String()):
				case i%5 == 0:
					reply(w, 500, `{"error":"x"}`)
				default:
					reply(w, 200, answers.Detail(id, "[]"))
				}
			}
			return nil
		}}
		for i, r := range newClient(t, w).Transcripts(t.Context(), answers.Execution, ids) {
			if (r.Err != nil) != (i%5 == 0) {
				t.Errorf("call %d: %v", i, r.Err)
			}
		}
	})
}

func TestTranscriptsAreReadSeveralAtATime(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		ids := callIDs(12)
		var now, most atomic.Int32
		w := &wire{answer: func(w http.ResponseWriter, r *http.Request, _ int) error {
			most.Store(max(most.Load(), now.Add(1)))
			defer now.Add(-1)
			time.Sleep(time.Second)
			reply(w, 200, answers.Detail(uuid.MustParse(strings.Split(r.URL.Path, "/")[3]), "[]"))
			return nil
		}}
		c := newClient(t, w)
		began := time.Now()
		c.Transcripts(t.Context(), answers.Execution, ids)
		if took := time.Since(began); took != 5*time.Second || most.Load() != pagesInFlight {
			t.Errorf("it took %s with %d at a time, want one and then four times %d", took, most.Load(), pagesInFlight)
		}
		ctx, cancel := context.WithTimeout(t.Context(), 2500*time.Millisecond)
		defer cancel()
		began = time.Now()
		results := c.Transcripts(ctx, answers.Execution, ids)
		if took := time.Since(began); took > 3*time.Second || results[0].Err != nil || results[11].Err == nil {
			t.Errorf("it went on for %s: %v, %v", took, results[0].Err, results[11].Err)
		}
	})
}

func TestKeysInTurnsAreHidden(t *testing.T) {
	t.Parallel()
	id := answers.CallID(1)
	w := serving(t, map[string]http.HandlerFunc{callRoute(id): always(200, answers.Detail(id,
		`[{"role":"user","content":"it is `+testAPIKey+`"},{"role":"assistant","messages":["`+testSecretKey+`"],"tool_calls":[{"function":{"name":"f","arguments":"`+testAPIKey+`"}}]}]`))})
	got := newClient(t, w).Transcripts(t.Context(), answers.Execution, []uuid.UUID{id})[0].Transcript
	if diff := cmp.Diff([]calls.Turn{
		{Role: calls.RoleCustomer, Text: text.New("it is ***")}, {Role: calls.RoleAgent, Text: text.New("***")}, {Role: calls.RoleOther, Text: text.New("f ***")},
	}, got.Turns, answers.SameText); diff != "" {
		t.Errorf("turns (-want +got):\n%s", diff)
	}
}
