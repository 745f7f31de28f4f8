package dialect

import (
	"encoding/json"
	"fmt"
	"io"
	"path/filepath"
	"runtime"
	"slices"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
	"github.com/google/uuid"

	"github.com/agent-gate/agent-gate/internal/calls"
	"github.com/agent-gate/agent-gate/internal/client/jsonstream"
	"github.com/agent-gate/agent-gate/internal/text"
	"github.com/agent-gate/agent-gate/test/answers"
)

// readReply reads what the customer answered.
func readReply(body string) (calls.ChatReply, error) {
	return NewAnswers(noSecrets()).ChatReply(strings.NewReader(body))
}

func TestReplyIsWhatTheCustomerSaid(t *testing.T) {
	t.Parallel()
	long := strings.Repeat("é", maxText)
	for name, tc := range map[string]struct {
		body, text string
		ended      bool
	}{
		"in an envelope":                    {`{"status":true,"result":{"output_message":[{"role":"user","content":"Hi"}],"chat_ended":false}}`, "Hi", false},
		"bare":                              {`{"chat_ended":false,"output_message":[{"content":"Hi"}]}`, "Hi", false},
		"the end, with words":               {`{"result":{"output_message":[{"content":"Bye"}],"chat_ended":true}}`, "Bye", true},
		"the end, without words":            {`{"result":{"output_message":[{"content":""}],"chat_ended":true}}`, "", true},
		"the end, with blanks":              {`{"result":{"output_message":[{"content":" \n"}],"chat_ended":true}}`, "", true},
		"the end, and nothing else":         {`{"result":{"chat_ended":true}}`, "", true},
		"the end, and null":                 {`{"result":{"output_message":null,"chat_ended":true}}`, "", true},
		"several messages":                  {`{"result":{"output_message":[{"content":"a"},{"content":null},7,{"content":"b"}],"chat_ended":false}}`, "a\nb", false},
		"blanks and escapes as they are":    {`{"result":{"output_message":[{"content":" \u00e9\n"}],"chat_ended":false}}`, " é\n", false},
		"none of the history":               {`{"result":{"message_history":[{"content":"x","output_message":[{"content":"y"}],"chat_ended":true}],"input_message":[{"content":"z"}],"output_message":[{"content":"Hi","tool_calls":[{"content":"no"}]}],"chat_ended":false}}`, "Hi", false},
		"nothing of another object":         {`{"other":{"output_message":[{"content":"no"}],"chat_ended":true},"result":{"output_message":[{"content":"Hi"}],"chat_ended":false}}`, "Hi", false},
		"cut when it is absurdly long":      {`{"result":{"output_message":[{"content":"` + long + `"}],"chat_ended":false}}`, long[:maxText] + "…", false},
		"cut when there is far more of it":  {`{"result":{"output_message":[{"content":"` + strings.Repeat("x", jsonstream.MaxString+9) + `"}],"chat_ended":false}}`, strings.Repeat("x", maxText) + "…", false},
		"cut when there are many messages":  {`{"result":{"output_message":[` + strings.Repeat(`{"content":"`+strings.Repeat("x", maxText/2)+`"},`, 9) + `0],"chat_ended":false}}`, strings.Repeat("x", maxText/2) + "\n" + strings.Repeat("x", maxText/2-1) + "…", false},
		"with numbers that are not finite":  {`{"result":{"message_history":[NaN],"output_message":[{"content":"Hi"}],"chat_ended":false}}`, "Hi", false},
		"with an envelope that says failed": {`{"status":false,"result":{"output_message":[{"content":"Hi"}],"chat_ended":false}}`, "Hi", false},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			got, err := readReply(tc.body)
			if err != nil || got.Text.Raw() != tc.text || got.Ended != tc.ended {
				t.Errorf("got %d bytes %.40q, ended %t, %v", len(got.Text.Raw()), got.Text.Raw(), got.Ended, err)
			}
		})
	}
}

func TestReplyWithoutAnAnswerIsAnError(t *testing.T) {
	t.Parallel()
	for name, tc := range map[string]struct {
		body     string
		nonsense bool
	}{
		"nothing":                  {``, false},
		"half of it":               {`{"result":{"output_message":[{"content":"Hi"}],"chat_ended":false}`, false},
		"more than it":             {`{"result":{"output_message":[{"content":"Hi"}],"chat_ended":false}}{`, false},
		"a page":                   {`<html>`, false},
		"a list":                   {`[]`, true},
		"no word about the end":    {`{"result":{"output_message":[{"content":"Hi"}]}}`, true},
		"the end as a text":        {`{"result":{"output_message":[{"content":"Hi"}],"chat_ended":"true"}}`, true},
		"the end unknown":          {`{"result":{"output_message":[{"content":"Hi"}],"chat_ended":null}}`, true},
		"nothing said, and no end": {`{"result":{"output_message":[{"content":" "}],"chat_ended":false}}`, true},
		"no message, and no end":   {`{"result":{"output_message":[],"chat_ended":false}}`, true},
		"a result that is a text":  {`{"status":true,"result":"x"}`, true},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			if got, err := readReply(tc.body); err == nil || IsNonsense(err) != tc.nonsense {
				t.Errorf("got %+v, %v", got, err)
			}
		})
	}
}

func TestPlacedRowsAreNamedOnce(t *testing.T) {
	t.Parallel()
	a, b := answers.CallID(1), answers.CallID(2)
	got, err := NewAnswers(noSecrets()).PlacedRows(strings.NewReader(fmt.Sprintf(`{"status":true,"result":{"call_execution_ids":[%q,%q,%q],"has_more":false}}`, a, b, a)))
	if err != nil || got.Done || !slices.Equal(got.IDs, []uuid.UUID{a, b}) {
		t.Errorf("got %+v, %v", got, err)
	}
	for _, body := range []string{
		`{"status":true,"result":{}}`, `{"status":true,"result":{"call_execution_ids":[]}}`, `{"status":true,"result":{"call_execution_ids":null,"has_more":false}}`,
		`{"status":true,"result":{"call_execution_ids":["` + a.String() + `","x"]}}`, `{"status":true,"result":{"call_execution_ids":[null]}}`,
	} {
		if got, err := NewAnswers(noSecrets()).PlacedRows(strings.NewReader(body)); !IsNonsense(err) || got.IDs != nil {
			t.Errorf("%s: got %+v, %v", body, got, err)
		}
	}
}

// chatBody is a chat call with a transcript.
func chatBody(transcript string) string {
	return fmt.Sprintf(`{"id":%q,"status":" Ongoing ","scenario":"s","scenario_id":"x","ended_reason":null,"call_metadata":{"transcript":[{"role":"user","messages":["no"]}]},"transcript":%s}`, answers.Call, transcript)
}

// readChat reads a chat call.
func readChat(body string) (calls.Chat, error) {
	return NewAnswers(noSecrets()).Chat(answers.Call)(strings.NewReader(body))
}

func TestChatHasTheRowsThatAreStored(t *testing.T) {
	t.Parallel()
	got, err := readChat(chatBody(`[{"messages":["Hello",""],"content":[{"role":"user","content":"no"}],"role":"user"},
		{"role":"assistant","messages":["Let me look.","{\"found\": true}",7,null],"tool_calls":[{"messages":["no"]}]}, 7, {"role":"system"}, {"messages":"no list","role":null}]`))
	want := calls.Chat{ID: answers.Call, Scenario: text.New("s"), Status: calls.Ongoing, Rows: []calls.ChatRow{
		{Role: calls.RoleCustomer, Messages: []text.Untrusted{text.New("Hello"), {}}},
		{Role: calls.RoleAgent, Messages: []text.Untrusted{text.New("Let me look."), text.New(`{"found": true}`)}},
		{Role: calls.RoleOther},
		{Role: calls.RoleOther},
	}}
	if diff := cmp.Diff(want, got, answers.SameText); err != nil || diff != "" {
		t.Errorf("%v (-want +got):\n%s", err, diff)
	}
	for _, none := range []string{`[]`, `null`} {
		if got, err = readChat(chatBody(none)); err != nil || got.Rows != nil {
			t.Errorf("got %+v, %v", got, err)
		}
	}
}

func TestTextsOfAChatAreCut(t *testing.T) {
	t.Parallel()
	got, err := readChat(chatBody(`[{"role":"assistant","messages":["` + strings.Repeat("x", maxText) + `","` + strings.Repeat("x", 2*jsonstream.MaxString) + `"]}]`))
	if err != nil || len(got.Rows) != 1 || len(got.Rows[0].Messages) != 2 {
		t.Fatalf("got %d rows, %v", len(got.Rows), err)
	}
	if whole, cut := got.Rows[0].Messages[0], got.Rows[0].Messages[1]; len(whole.Raw()) != maxText || cut.Raw() != whole.Raw()+"…" {
		t.Errorf("got %d and %d bytes", len(whole.Raw()), len(cut.Raw()))
	}
}

func TestChatThatCannotBeReadIsAnError(t *testing.T) {
	t.Parallel()
	rows := func(n int) string { return "[" + strings.Repeat(`{},`, n-1) + `{}]` }
	if _, err := readChat(chatBody(rows(maxChatTexts))); err != nil {
		t.Error(err)
	}
	for name, tc := range map[string]struct {
		body     string
		nonsense bool
	}{
		"another call":      {strings.Replace(chatBody(`[]`), answers.Call.String(), answers.CallID(1).String(), 1), true},
		"no call":           {`{"status":"ongoing","transcript":[]}`, true},
		"no status":         {strings.Replace(chatBody(`[]`), " Ongoing ", " ", 1), true},
		"no transcript":     {chatBody(`"x"`), true},
		"too many rows":     {chatBody(rows(maxChatTexts + 1)), true},
		"too many messages": {chatBody(`[{"messages":[` + strings.Repeat(`"",`, maxChatTexts) + `""]}]`), true},
		"half of it":        {strings.TrimSuffix(chatBody(`[]`), "}"), false},
		"an odd row":        {chatBody(`[{"messages":["x"}]`), false},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			if got, err := readChat(tc.body); err == nil || IsNonsense(err) != tc.nonsense {
				t.Errorf("got %d rows, %v", len(got.Rows), err)
			}
		})
	}
}

func TestKeysAreTakenOutOfChats(t *testing.T) {
	t.Parallel()
	a := NewAnswers(NewRedactor("key-4711-abcdef", "secret/0815+xyz="))
	reply, err := a.ChatReply(strings.NewReader(`{"output_message":[{"content":"it is key-4711-abcdef, or secret\/0815+xyz="}],"chat_ended":false}`))
	chat, chatErr := a.Chat(answers.Call)(strings.NewReader(chatBody(`[{"role":"user","messages":["\u006bey-4711-abcdef"]}]`)))
	if err != nil || chatErr != nil {
		t.Fatal(err, chatErr)
	}
	for _, got := range []string{reply.Text.Raw(), chat.Rows[0].Messages[0].Raw()} {
		if strings.Contains(got, "4711") || strings.Contains(got, "0815") {
			t.Errorf("got %q", got)
		}
	}
}

// chatSamples returns the recorded responses whose names match a pattern.
func chatSamples(t testing.TB, pattern string) []string {
	t.Helper()
	files, err := filepath.Glob(filepath.Join("..", "..", "testdata", "chat", pattern))
	if err != nil || len(files) == 0 {
		t.Fatalf("got %d samples, %v", len(files), err)
	}
	var bodies []string
	for _, file := range files {
		bodies = append(bodies, answers.Sample(t, "chat/"+filepath.Base(file)))
	}
	return bodies
}

// plainJSON decodes an object with encoding/json. ok is false where the streaming reader may
// differ: for duplicate keys, and for \u escapes.
func plainJSON(body string) (object map[string]any, ok bool) {
	whole, err := io.ReadAll(answers.Finite(strings.NewReader(body)))
	if err != nil || json.Unmarshal(whole, &object) != nil || object == nil || strings.Contains(body, `\u`) {
		return nil, false
	}
	again, err := json.Marshal(object) // each key once
	return object, err == nil && strings.Count(string(again), `":`) == strings.Count(body, `":`)
}

// TestChatRepliesShareABuffer: with a buffer for each reply, conversations took 40 % more processor
// time, most of it in the garbage collector.
//
//nolint:paralleltest // it counts bytes, also those of other tests
func TestChatRepliesShareABuffer(t *testing.T) {
	a := NewAnswers(noSecrets())
	read := func() {
		if _, err := a.ChatReply(strings.NewReader(`{"result":{"output_message":[{"content":"Hello"}],"chat_ended":false}}`)); err != nil {
			t.Fatal(err)
		}
	}
	var before, after runtime.MemStats
	const times = 500
	runtime.ReadMemStats(&before)
	for range times {
		read()
	}
	runtime.ReadMemStats(&after)
	// The race detector makes a sync.Pool drop some of what it gets.
	if each := (after.TotalAlloc - before.TotalAlloc) / times; each > 40<<10 {
		t.Errorf("a reply of 70 bytes takes %d bytes", each)
	}
}

func FuzzChatReply(f *testing.F) {
	for _, pattern := range []string{"begin-200*", "turn-200*", "send-*"} {
		for _, body := range chatSamples(f, pattern) {
			var compact strings.Builder
			if json.NewEncoder(&compact).Encode(json.RawMessage(body)) == nil {
				f.Add(compact.String())
			}
		}
	}
	f.Add(`{"chat_ended":true}`)
	f.Add(`{"result":{"chat_ended":false,"output_message":[{"content":"a"},{"content":"b"}]}}`)
	f.Fuzz(func(t *testing.T, body string) {
		got, err := readReply(body)
		if len(got.Text.Raw()) > maxText+len("…") {
			t.Fatalf("kept %d bytes", len(got.Text.Raw()))
		}
		if err == nil && !got.Ended && strings.TrimSpace(got.Text.Raw()) == "" {
			t.Fatal("nothing was said, and the chat goes on")
		}
		object, ok := plainJSON(body)
		if !ok || len(body) > maxText {
			return
		}
		if result, wrapped := object["result"].(map[string]any); wrapped {
			if object["output_message"] != nil || object["chat_ended"] != nil {
				return // the order decides between the two
			}
			object = result
		}
		said, ended := plainReply(object)
		want := ended == any(true) || ended == any(false) && strings.TrimSpace(said) != ""
		if (err == nil) != want {
			t.Fatalf("got %v, want an answer: %t", err, want)
		}
		if err == nil && (strings.TrimSpace(got.Text.Raw()) != strings.TrimSpace(said) || got.Ended != ended) {
			t.Fatalf("got %q, ended %t; want %q, ended %v", got.Text.Raw(), got.Ended, said, ended)
		}
	})
}

// plainReply is what the customer said in an answer.
func plainReply(object map[string]any) (said string, ended any) {
	var all []string
	messages, _ := object["output_message"].([]any)
	for _, message := range messages {
		m, _ := message.(map[string]any)
		if content, _ := m["content"].(string); content != "" {
			all = append(all, content)
		}
	}
	return strings.Join(all, "\n"), object["chat_ended"]
}

func FuzzChat(f *testing.F) {
	for _, pattern := range []string{"call-*", "prompt-call-*"} {
		for _, body := range chatSamples(f, pattern) {
			var object map[string]any
			if json.Unmarshal([]byte(body), &object) != nil {
				f.Fatal("no object")
			}
			object["id"] = answers.Call.String()
			again, _ := json.Marshal(object)
			f.Add(string(again))
		}
	}
	f.Add(chatBody(`[{"role":"user","messages":["a","b"]},{"role":"assistant","messages":["c"]},7]`))
	f.Fuzz(func(t *testing.T, body string) {
		got, err := readChat(body)
		if err == nil && (got.ID != answers.Call || got.Status == "") {
			t.Fatalf("got %+v", got)
		}
		object, ok := plainJSON(body)
		if !ok || len(body) > maxText {
			return
		}
		want := plainRows(object)
		if err == nil && !slices.EqualFunc(got.Rows, want, func(a calls.ChatRow, b []string) bool {
			return slices.EqualFunc(a.Messages, b, func(a text.Untrusted, b string) bool { return a.Raw() == b })
		}) {
			t.Fatalf("got %v, want %q", got.Rows, want)
		}
	})
}

// plainRows are the messages of each row of a chat.
func plainRows(object map[string]any) [][]string {
	rows, _ := object["transcript"].([]any)
	var all [][]string
	for _, row := range rows {
		r, isRow := row.(map[string]any)
		if !isRow {
			continue
		}
		messages, _ := r["messages"].([]any)
		var said []string
		for _, message := range messages {
			if s, isText := message.(string); isText {
				said = append(said, s)
			}
		}
		all = append(all, said)
	}
	return all
}
