package dialect

import (
	"encoding/json"
	"strings"
	"testing"
	"unicode/utf8"

	"github.com/google/go-cmp/cmp"
	"github.com/google/uuid"

	"github.com/agent-gate/agent-gate/internal/calls"
	"github.com/agent-gate/agent-gate/internal/text"
	"github.com/agent-gate/agent-gate/test/answers"
)

// readTurns returns the turns in a response.
func readTurns(t *testing.T, id uuid.UUID, body string) calls.Transcript {
	t.Helper()
	got, err := turnReader{call: id, secrets: noSecrets()}.read(strings.NewReader(body))
	if err != nil {
		t.Fatal(err)
	}
	return got
}

func wantTurns(t *testing.T, got, want []calls.Turn) {
	t.Helper()
	if diff := cmp.Diff(want, got, answers.SameText); diff != "" {
		t.Errorf("turns (-want +got):\n%s", diff)
	}
}

func TestTurnsOfAVoiceCallHaveTimes(t *testing.T) {
	t.Parallel()
	got := readTurns(t, answers.Call, answers.Sample(t, "deployed/call-detail-voice.json"))
	if len(got.Turns) != 11 || got.Left != 0 {
		t.Fatalf("%d turns and %d left out, want 11 and none", len(got.Turns), got.Left)
	}
	wantTurns(t, got.Turns[2:5], []calls.Turn{
		{Role: calls.RoleAgent, Text: text.New("I am sorry to hear that. Let me look up the order."), StartSeconds: new(8.228), EndSeconds: new(11.528)},
		{Role: calls.RoleOther, Text: text.New(`[{"name": "lookup_order", "arguments": {"order": "4400"}}]`), StartSeconds: new(11.878)},
		{Role: calls.RoleOther, Text: text.New(`{"status": "delivered", "amount": 39.9}`), StartSeconds: new(12.278)},
	})
	if *got.AgentLatencySeconds != 0.72 || *got.CustomerInterruptions != 0 || *got.AgentInterruptions != 0 {
		t.Errorf("latency %v, interruptions %v and %v", *got.AgentLatencySeconds, *got.CustomerInterruptions, *got.AgentInterruptions)
	}
	if len(got.Recordings) != 4 || got.Recordings[0].Track != "combined" || !strings.HasPrefix(got.Recordings[0].URL.Raw(), "https://") {
		t.Errorf("recordings %+v", got.Recordings)
	}
	if got.Turns[1].Role != calls.RoleCustomer {
		t.Errorf("the simulated customer is taken for the %s", got.Turns[1].Role)
	}
}

func TestTurnsOfAChatNameItsTools(t *testing.T) {
	t.Parallel()
	got := readTurns(t, uuid.MustParse("7cda6e0b-45cb-4a8f-ac63-3228a4c4ee98"), answers.Sample(t, "deployed/call-detail-text.json"))
	wantTurns(t, got.Turns, []calls.Turn{
		{Role: calls.RoleCustomer, Text: text.New("Hello, I was charged twice for invoice 9103.")},
		{Role: calls.RoleAgent, Text: text.New("Let me check both invoices.")},
		{Role: calls.RoleOther, Text: text.New(`find_invoice {"number": 9103}`)},
		{Role: calls.RoleOther, Text: text.New(`{"duplicates": 1}`)},
		{Role: calls.RoleAgent, Text: text.New("You are right, the second charge is cancelled.")},
		{Role: calls.RoleCustomer, Text: text.New("Great, thank you.")},
	})
}

func TestWhatTheServerMeasuredOfACallIsReadAsFarAsItTells(t *testing.T) {
	t.Parallel()
	for name, c := range map[string]struct {
		fields string
		want   calls.Transcript
	}{
		"nothing":             {`"x":1`, calls.Transcript{}},
		"a chat":              {`"avg_latency_ms":2519,"avg_agent_latency_ms":null`, calls.Transcript{AgentLatencySeconds: new(2.519)}},
		"numbers of no sense": {`"avg_latency_ms":-4,"user_interruption_count":1.5,"ai_interruption_count":"x"`, calls.Transcript{}},
		"one recording":       {`"audio_url":"https://a.example/1.wav","recordings":{}`, calls.Transcript{Recordings: []calls.Recording{{Track: "combined", URL: text.New("https://a.example/1.wav")}}}},
		"tracks":              {`"audio_url":"https://a.example/1.wav","recordings":{"customer":"https://a.example/c.wav","stereo":7}`, calls.Transcript{Recordings: []calls.Recording{{Track: "combined", URL: text.New("https://a.example/1.wav")}, {Track: "customer", URL: text.New("https://a.example/c.wav")}}}},
		"an endless URL":      {`"audio_url":"https://a.example/` + strings.Repeat("x", calls.MaxURL) + `"`, calls.Transcript{}},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			got := readTurns(t, answers.CallID(1), strings.TrimSuffix(answers.Detail(answers.CallID(1), "[]"), "}")+","+c.fields+"}")
			if diff := cmp.Diff(c.want, got, answers.SameText); diff != "" {
				t.Errorf("(-want +got):\n%s", diff)
			}
		})
	}
}

func TestTurnsOfOtherShapes(t *testing.T) {
	t.Parallel()
	for name, c := range map[string]struct {
		turn string
		want []calls.Turn
	}{
		"roles in any case":              {`{"role":" Assistant ","content":"a"}`, []calls.Turn{{Role: calls.RoleAgent, Text: text.New("a")}}},
		"a role that no document has":    {`{"role":"supervisor","content":"a"}`, []calls.Turn{{Role: calls.RoleOther, Text: text.New("a")}}},
		"no role":                        {`{"content":"a"}`, []calls.Turn{{Role: calls.RoleOther, Text: text.New("a")}}},
		"several messages":               {`{"role":"user","messages":["a","b"]}`, []calls.Turn{{Role: calls.RoleCustomer, Text: text.New("a\nb")}}},
		"parts with a text":              {`{"role":"user","content":[{"type":"text","text":"a"},"b",7]}`, []calls.Turn{{Role: calls.RoleCustomer, Text: text.New("a\nb")}}},
		"milliseconds only":              {`{"role":"user","content":"a","start_time_ms":0,"end_time_ms":1500}`, []calls.Turn{{Role: calls.RoleCustomer, Text: text.New("a"), StartSeconds: new(0.0), EndSeconds: new(1.5)}}},
		"an end before the start":        {`{"role":"user","content":"a","start_time_seconds":3,"end_time_seconds":2}`, []calls.Turn{{Role: calls.RoleCustomer, Text: text.New("a"), StartSeconds: new(3.0)}}},
		"a start before the call":        {`{"role":"user","content":"a","start_time_seconds":-3}`, []calls.Turn{{Role: calls.RoleCustomer, Text: text.New("a")}}},
		"times that are no numbers":      {`{"role":"user","content":"a","start_time_seconds":true,"end_time_ms":{}}`, []calls.Turn{{Role: calls.RoleCustomer, Text: text.New("a")}}},
		"nothing said":                   {`{"role":"user","content":"  "}`, nil},
		"content of another type":        {`{"role":"user","content":{"a":1}}`, nil},
		"no object":                      {`"hello"`, nil},
		"a tool without words beside it": {`{"role":"assistant","content":"","tool_calls":[{"function":{"name":"f","arguments":"{}"}},7]}`, []calls.Turn{{Role: calls.RoleOther, Text: text.New("f {}")}}},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			wantTurns(t, readTurns(t, answers.CallID(1), answers.Detail(answers.CallID(1), "["+c.turn+"]")).Turns, c.want)
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
		"as long as allowed":   {calls.MaxTurns, 10, calls.MaxTurns, 0},
		"too many turns":       {calls.MaxTurns + 7, 10, calls.MaxTurns, 7},
		"too many characters":  {10, calls.MaxTurnCharacters / 4, 4, 6},
		"a turn that is cut":   {3, calls.MaxTurnCharacters*2/3 + 1, 2, 2},
		"one turn of all that": {1, calls.MaxTurnCharacters + 1, 1, 1},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			got := readTurns(t, answers.CallID(1), answers.Detail(answers.CallID(1), turns(c.n, c.length)))
			if len(got.Turns) != c.kept || got.Left != c.left {
				t.Errorf("%d turns and %d left out, want %d and %d", len(got.Turns), got.Left, c.kept, c.left)
			}
			characters := 0
			for _, turn := range got.Turns {
				characters += utf8.RuneCountInString(turn.Text.Raw())
			}
			if characters > calls.MaxTurnCharacters {
				t.Errorf("%d characters", characters)
			}
		})
	}
}

func TestACallWithoutWordsIsNoError(t *testing.T) {
	t.Parallel()
	for _, turns := range []string{"[]", "null"} {
		if got := readTurns(t, answers.CallID(1), answers.Detail(answers.CallID(1), turns)); len(got.Turns) != 0 || got.Left != 0 {
			t.Errorf("%s: got %+v", turns, got)
		}
	}
}

func FuzzTurns(f *testing.F) {
	f.Add(`[{"role":"user","content":"a","start_time_seconds":1,"end_time_ms":0}]`)
	f.Add(`[{"speaker_role":"assistant","content":[{"content":"b","tool_calls":[]}],"tool_calls":[{"function":{"name":"f"}}]}]`)
	f.Add(`[null,7,"x",{},{"messages":[[],{}]}]`)
	f.Fuzz(func(t *testing.T, turns string) {
		if !json.Valid([]byte(turns)) {
			return
		}
		id := answers.CallID(1)
		one, err := turnReader{call: id, secrets: noSecrets()}.read(strings.NewReader(answers.Detail(id, turns)))
		rows, said := newRowReader(noSecrets()), map[uuid.UUID]calls.Transcript{}
		rows.scan.Start(strings.NewReader(answers.Detail(id, turns)))
		_, listErr := rows.turns(map[uuid.UUID]bool{id: true}, said)
		listed, ok := said[id]
		if err != nil || listErr != nil || !ok {
			if (err == nil) != (listErr == nil && ok) {
				t.Errorf("one read says %v, the other %v %v", err, ok, listErr)
			}
			return
		}
		if diff := cmp.Diff(one, listed, answers.SameText); diff != "" {
			t.Errorf("two reads of the same differ:\n%s", diff)
		}
		for _, turn := range one.Turns {
			if turn.Text.IsEmpty() || turn.StartSeconds != nil && *turn.StartSeconds < 0 || turn.Role == "" {
				t.Errorf("got %+v", turn)
			}
		}
	})
}
