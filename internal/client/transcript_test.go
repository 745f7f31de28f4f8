package client

import (
	"context"
	"encoding/json"
	"fmt"
	"net/http"
	"strings"
	"sync/atomic"
	"testing"
	"testing/synctest"
	"time"
	"unicode/utf8"

	"github.com/google/go-cmp/cmp"
	"github.com/google/uuid"

	"github.com/agent-gate/agent-gate/internal/text"
)

// storyCall is the call of which the samples have a transcript in both dialects.
var storyCall = uuid.MustParse("98d27d4f-6707-4db1-8807-a5dd7abbaed8")

const callPath = "/simulate/call-executions/"

func callRoute(id uuid.UUID) string { return "GET " + callPath + id.String() + "/" }

// detail is the answer that describes a call.
func detail(id uuid.UUID, turns string) string {
	return fmt.Sprintf(`{"id":%q,"status":"failed","attributes":{"transcript":[{"role":"user","content":"not this"}]},"transcript":%s}`, id, turns)
}

// readTurns reads the turns out of an answer.
func readTurns(t *testing.T, id uuid.UUID, body string) Transcript {
	t.Helper()
	got, err := turnReader{call: id, secrets: noSecrets()}.read(strings.NewReader(body))
	if err != nil {
		t.Fatal(err)
	}
	return got
}

func wantTurns(t *testing.T, got, want []Turn) {
	t.Helper()
	if diff := cmp.Diff(want, got, cmp.Comparer(sameText)); diff != "" {
		t.Errorf("turns (-want +got):\n%s", diff)
	}
}

func TestTurnsOfAVoiceCallHaveTimes(t *testing.T) {
	t.Parallel()
	got := readTurns(t, storyCall, sample(t, "deployed/call-detail-voice.json"))
	if len(got.Turns) != 11 || got.Left != 0 {
		t.Fatalf("%d turns and %d left out, want 11 and none", len(got.Turns), got.Left)
	}
	wantTurns(t, got.Turns[2:5], []Turn{
		{RoleAgent, text.New("I am sorry to hear that. Let me look up the order."), new(8.228), new(11.528)},
		{RoleOther, text.New(`[{"name": "lookup_order", "arguments": {"order": "4400"}}]`), new(11.878), nil},
		{RoleOther, text.New(`{"status": "delivered", "amount": 39.9}`), new(12.278), nil},
	})
	if got.Turns[1].Role != RoleCustomer {
		t.Errorf("the simulated customer is taken for the %s", got.Turns[1].Role)
	}
}

func TestTurnsOfAChatNameItsTools(t *testing.T) {
	t.Parallel()
	got := readTurns(t, uuid.MustParse("7cda6e0b-45cb-4a8f-ac63-3228a4c4ee98"), sample(t, "deployed/call-detail-text.json"))
	wantTurns(t, got.Turns, []Turn{
		{Role: RoleCustomer, Text: text.New("Hello, I was charged twice for invoice 9103.")},
		{Role: RoleAgent, Text: text.New("Let me check both invoices.")},
		{Role: RoleOther, Text: text.New(`find_invoice {"number": 9103}`)},
		{Role: RoleOther, Text: text.New(`{"duplicates": 1}`)},
		{Role: RoleAgent, Text: text.New("You are right, the second charge is cancelled.")},
		{Role: RoleCustomer, Text: text.New("Great, thank you.")},
	})
}

func TestTurnsOfOtherShapes(t *testing.T) {
	t.Parallel()
	for name, c := range map[string]struct {
		turn string
		want []Turn
	}{
		"roles in any case":              {`{"role":" Assistant ","content":"a"}`, []Turn{{Role: RoleAgent, Text: text.New("a")}}},
		"a role that no document has":    {`{"role":"supervisor","content":"a"}`, []Turn{{Role: RoleOther, Text: text.New("a")}}},
		"no role":                        {`{"content":"a"}`, []Turn{{Role: RoleOther, Text: text.New("a")}}},
		"several messages":               {`{"role":"user","messages":["a","b"]}`, []Turn{{Role: RoleCustomer, Text: text.New("a\nb")}}},
		"parts with a text":              {`{"role":"user","content":[{"type":"text","text":"a"},"b",7]}`, []Turn{{Role: RoleCustomer, Text: text.New("a\nb")}}},
		"milliseconds only":              {`{"role":"user","content":"a","start_time_ms":0,"end_time_ms":1500}`, []Turn{{RoleCustomer, text.New("a"), new(0.0), new(1.5)}}},
		"an end before the start":        {`{"role":"user","content":"a","start_time_seconds":3,"end_time_seconds":2}`, []Turn{{RoleCustomer, text.New("a"), new(3.0), nil}}},
		"a start before the call":        {`{"role":"user","content":"a","start_time_seconds":-3}`, []Turn{{Role: RoleCustomer, Text: text.New("a")}}},
		"times that are no numbers":      {`{"role":"user","content":"a","start_time_seconds":true,"end_time_ms":{}}`, []Turn{{Role: RoleCustomer, Text: text.New("a")}}},
		"nothing said":                   {`{"role":"user","content":"  "}`, nil},
		"content of another type":        {`{"role":"user","content":{"a":1}}`, nil},
		"no object":                      {`"hello"`, nil},
		"a tool without words beside it": {`{"role":"assistant","content":"","tool_calls":[{"function":{"name":"f","arguments":"{}"}},7]}`, []Turn{{Role: RoleOther, Text: text.New("f {}")}}},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			wantTurns(t, readTurns(t, callID(1), detail(callID(1), "["+c.turn+"]")).Turns, c.want)
		})
	}
}

func TestALongTranscriptIsCutAndCounted(t *testing.T) {
	t.Parallel()
	turns := func(n, length int) string {
		all := make([]string, n)
		for i := range all {
			all[i] = `{"role":"user","content":"` + strings.Repeat("é", length) + `"}`
		}
		return "[" + strings.Join(all, ",") + "]"
	}
	for name, c := range map[string]struct{ n, length, kept, left int }{
		"as long as allowed":   {MaxTurns, 10, MaxTurns, 0},
		"too many turns":       {MaxTurns + 7, 10, MaxTurns, 7},
		"too many characters":  {10, MaxTurnCharacters / 4, 4, 6},
		"a turn that is cut":   {3, MaxTurnCharacters*2/3 + 1, 2, 2},
		"one turn of all that": {1, MaxTurnCharacters + 1, 1, 1},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			got := readTurns(t, callID(1), detail(callID(1), turns(c.n, c.length)))
			if len(got.Turns) != c.kept || got.Left != c.left {
				t.Errorf("%d turns and %d left out, want %d and %d", len(got.Turns), got.Left, c.kept, c.left)
			}
			characters := 0
			for _, turn := range got.Turns {
				characters += utf8.RuneCountInString(turn.Text.Raw())
			}
			if characters > MaxTurnCharacters {
				t.Errorf("%d characters", characters)
			}
		})
	}
}

func TestTranscriptsAreReadCallByCallInTheirOrder(t *testing.T) {
	t.Parallel()
	routes := map[string]http.HandlerFunc{"GET " + executionPath: always(200, sample(t, "deployed/execution-page-completed.json"))}
	var ids []uuid.UUID
	for n := range 7 {
		ids = append(ids, callID(n))
		routes[callRoute(callID(n))] = always(200, detail(callID(n), fmt.Sprintf(`[{"speaker_role":"user","content":"call %d"}]`, n)))
	}
	w := serving(t, routes)
	for i, r := range newClient(t, w).Transcripts(t.Context(), storyExecution, ids) {
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
	if got := newClient(t, w).Transcripts(t.Context(), storyExecution, nil); len(got) != 0 || w.count() != len(ids) {
		t.Errorf("for no call %d results", len(got))
	}
}

// documentedCalls are two of the documented sample's calls: one with turns, one without.
func documentedCalls() []uuid.UUID {
	return []uuid.UUID{uuid.MustParse("7147b16c-1833-437b-941c-63cbbf79490c"), storyCall}
}

func TestTheDocumentedDialectHasTurnsInItsListOfCalls(t *testing.T) {
	t.Parallel()
	w := serving(t, map[string]http.HandlerFunc{"GET " + executionPath: always(200, sample(t, "documented/execution-completed.json"))})
	c := newClient(t, w)
	if _, err := c.Collect(t.Context(), storyExecution); err != nil {
		t.Fatal(err)
	}
	before := w.count()
	ids := append(documentedCalls(), callID(1))
	got := c.Transcripts(t.Context(), storyExecution, ids)
	if got[0].Err != nil || len(got[0].Transcript.Turns) != 0 {
		t.Errorf("a call without words: %+v", got[0])
	}
	wantTurns(t, got[1].Transcript.Turns, []Turn{
		{Role: RoleAgent, Text: text.New("Thank you for calling Acme. How can I help?")},
		{Role: RoleCustomer, Text: text.New("Hi, order 4400 arrived with a broken lid. I want my money back.")},
		{Role: RoleAgent, Text: text.New("I see it was delivered on Monday. I can refund 39.90 dollars.")},
		{Role: RoleCustomer, Text: text.New("Fine, please do that.")},
	})
	if got[2].Err == nil {
		t.Error("a call that is not in the list has a transcript")
	}
	if n := w.count() - before; n != 2 {
		t.Errorf("%d requests, want one that is not found and the list", n)
	}
}

// TestACollectedCallHoldsNothingOfWhatWasSaid looks at everything that the client keeps
// of a server whose lists hold transcripts, summaries and payloads.
func TestACollectedCallHoldsNothingOfWhatWasSaid(t *testing.T) {
	t.Parallel()
	const said = "my card number is 4242"
	for name, body := range map[string]string{
		"documented": documentedPage("1", strings.TrimSuffix(row(0, 0), "}")+`,"transcript":[{"role":"user","content":"`+said+`"}]}`),
		"deployed": deployedPage(1, 1, "completed", strings.TrimSuffix(row(0, 0), "}")+
			`,"transcript":[{"speaker_role":"user","content":"`+said+`"}],"call_summary":"`+said+`","attributes":{"provider_transcript":[{"content":"`+said+`"}]},"rerun_snapshots":[{"transcript":[{"content":"`+said+`"}]}]}`),
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			w := serving(t, map[string]http.HandlerFunc{"GET " + executionPath: always(200, body)})
			e, err := newClient(t, w).Collect(t.Context(), storyExecution)
			if err != nil || e.Calls.Len() != 1 {
				t.Fatalf("%d calls, %v", e.Calls.Len(), err)
			}
			p, err := pageReader{execution: storyExecution, calls: true, secrets: noSecrets()}.Read(strings.NewReader(body))
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
	id := callID(1)
	for name, c := range map[string]struct {
		answer http.HandlerFunc
		want   string
	}{
		"not there":           {always(404, `{"status":false,"detail":"Call execution not found"}`), "Call execution not found"},
		"another call":        {always(200, detail(callID(2), "[]")), "not about this call"},
		"no list":             {always(200, detail(id, `"hello"`)), "no list of turns"},
		"a page of a proxy":   {always(200, "<html>sign in</html>"), "cannot be used"},
		"breaks off":          {always(200, `{"id":"`+id.String()+`","transcript":[{"role":`), "unexpected EOF"},
		"keys that are wrong": {always(401, sample(t, "deployed/401-bad.json")), "Invalid API key"},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			w := serving(t, map[string]http.HandlerFunc{callRoute(id): c.answer})
			got := newClient(t, w, func(o *Options) { o.Retries = -1 }).Transcripts(t.Context(), storyExecution, []uuid.UUID{id})
			if len(got) != 1 || got[0].Err == nil || !strings.Contains(got[0].Err.Error(), c.want) || len(got[0].Transcript.Turns) != 0 {
				t.Errorf("got %+v, want it to say %q", got, c.want)
			}
		})
	}
}

func TestACallWithoutWordsIsNoError(t *testing.T) {
	t.Parallel()
	for _, turns := range []string{"[]", "null"} {
		if got := readTurns(t, callID(1), detail(callID(1), turns)); len(got.Turns) != 0 || got.Left != 0 {
			t.Errorf("%s: got %+v", turns, got)
		}
	}
}

func TestTranscriptsAreGivenUpWhenTheServerIsInTrouble(t *testing.T) {
	t.Parallel()
	ids := make([]uuid.UUID, 40)
	for i := range ids {
		ids[i] = callID(i)
	}
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
				for _, r := range newClient(t, w).Transcripts(t.Context(), storyExecution, ids) {
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

func TestOneUnreadableCallDoesNotCostTheOthers(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		ids := make([]uuid.UUID, 20)
		for i := range ids {
			ids[i] = callID(i)
		}
		w := &wire{answer: func(w http.ResponseWriter, r *http.Request, _ int) error {
			for i, id := range ids {
				switch {
				case !strings.Contains(r.URL.Path, id.String()):
				case i%5 == 0:
					reply(w, 500, `{"error":"x"}`)
				default:
					reply(w, 200, detail(id, "[]"))
				}
			}
			return nil
		}}
		for i, r := range newClient(t, w).Transcripts(t.Context(), storyExecution, ids) {
			if (r.Err != nil) != (i%5 == 0) {
				t.Errorf("call %d: %v", i, r.Err)
			}
		}
	})
}

func TestTranscriptsAreReadSeveralAtATime(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		ids := make([]uuid.UUID, 12)
		for i := range ids {
			ids[i] = callID(i)
		}
		var now, most atomic.Int32
		w := &wire{answer: func(w http.ResponseWriter, r *http.Request, _ int) error {
			most.Store(max(most.Load(), now.Add(1)))
			defer now.Add(-1)
			time.Sleep(time.Second)
			reply(w, 200, detail(uuid.MustParse(strings.Split(r.URL.Path, "/")[3]), "[]"))
			return nil
		}}
		c := newClient(t, w)
		began := time.Now()
		c.Transcripts(t.Context(), storyExecution, ids)
		if took := time.Since(began); took != 5*time.Second || most.Load() != pagesInFlight {
			t.Errorf("it took %s with %d at a time, want one and then four times %d", took, most.Load(), pagesInFlight)
		}
		ctx, cancel := context.WithTimeout(t.Context(), 2500*time.Millisecond)
		defer cancel()
		began = time.Now()
		results := c.Transcripts(ctx, storyExecution, ids)
		if took := time.Since(began); took > 3*time.Second || results[0].Err != nil || results[11].Err == nil {
			t.Errorf("it went on for %s: %v, %v", took, results[0].Err, results[11].Err)
		}
	})
}

func TestKeysInTurnsAreHidden(t *testing.T) {
	t.Parallel()
	id := callID(1)
	w := serving(t, map[string]http.HandlerFunc{callRoute(id): always(200, detail(id,
		`[{"role":"user","content":"it is `+testAPIKey+`"},{"role":"assistant","messages":["`+testSecretKey+`"],"tool_calls":[{"function":{"name":"f","arguments":"`+testAPIKey+`"}}]}]`))})
	got := newClient(t, w).Transcripts(t.Context(), storyExecution, []uuid.UUID{id})[0].Transcript
	wantTurns(t, got.Turns, []Turn{
		{Role: RoleCustomer, Text: text.New("it is ***")}, {Role: RoleAgent, Text: text.New("***")}, {Role: RoleOther, Text: text.New("f ***")},
	})
}

func FuzzTurns(f *testing.F) {
	f.Add(`[{"role":"user","content":"a","start_time_seconds":1,"end_time_ms":0}]`)
	f.Add(`[{"speaker_role":"assistant","content":[{"content":"b","tool_calls":[]}],"tool_calls":[{"function":{"name":"f"}}]}]`)
	f.Add(`[null,7,"x",{},{"messages":[[],{}]}]`)
	f.Fuzz(func(t *testing.T, turns string) {
		if !json.Valid([]byte(turns)) {
			return
		}
		id := callID(1)
		one, err := turnReader{call: id, secrets: noSecrets()}.read(strings.NewReader(detail(id, turns)))
		rows, said := newRowReader(noSecrets()), map[uuid.UUID]Transcript{}
		rows.scan.start(strings.NewReader(detail(id, turns)))
		_, listErr := rows.turns(map[uuid.UUID]bool{id: true}, said)
		listed, ok := said[id]
		if err != nil || listErr != nil || !ok {
			if (err == nil) != (listErr == nil && ok) {
				t.Errorf("one read says %v, the other %v %v", err, ok, listErr)
			}
			return
		}
		if diff := cmp.Diff(one, listed, cmp.Comparer(sameText)); diff != "" {
			t.Errorf("two reads of the same differ:\n%s", diff)
		}
		for _, turn := range one.Turns {
			if turn.Text.IsEmpty() || turn.StartSeconds != nil && *turn.StartSeconds < 0 || turn.Role == "" {
				t.Errorf("got %+v", turn)
			}
		}
	})
}
