package agent

import (
	"errors"
	"strings"
	"testing"

	"github.com/agent-gate/agent-gate/internal/text"
)

// lineLimit is the length from which these tests find a line too long.
const lineLimit = 1000

// lineCases are what the agent writes to turn 2 of conversation c, while d has no question.
var lineCases = []struct {
	name, line string
	want       string // the content, or the reason of the failure; empty when nothing comes of it
	warning    string
}{
	{"an answer", `{"conversation":"c","turn":2,"content":"hello"}`, "hello", ""},
	{"without a turn", `{"conversation":"c","content":"hello"}`, "hello", ""},
	{"with a turn that is null", `{"conversation":"c","turn":null,"content":"hello"}`, "hello", ""},
	{"with a turn of a language without integers", `{"conversation":"c","turn":2.0,"content":"hello"}`, "hello", ""},
	{"with keys that nobody knows", `{"conversation":"c","mood":{"a":[1]},"content":"hello"}`, "hello", ""},
	{"with an error that is none", `{"conversation":"c","error":null,"content":"hello"}`, "hello", ""},
	{"of invalid UTF-8", "{\"conversation\":\"c\",\"content\":\"a\xffb\"}", "a\ufffdb", ""},
	{"cut after its last brace", `{"conversation":"c","content":"hello"}`, "hello", ""},
	{"of another turn", `{"conversation":"c","turn":1,"content":"hello"}`, "",
		"an answer of the agent for conversation c was dropped: it is for turn 1, and turn 2 is open"},
	{"of a conversation without a question", `{"conversation":"d","content":"hello"}`, "",
		"an answer of the agent for conversation d was dropped: no question is open"},
	{"an error", `{"conversation":"c","error":"no model"}`, "agent: it reported an error: no model", ""},
	{"an error beside a content", `{"conversation":"c","content":"sorry","error":"no model"}`, "agent: it reported an error: no model", ""},
	{"an error that is an object", `{"conversation":"c","error":{"message":"no model","code":5}}`, "agent: it reported an error: no model", ""},
	{"an error that is something else", `{"conversation":"c","error":[true]}`, "agent: it reported an error: [true]", ""},
	{"nothing", `{"conversation":"c"}`, "agent: empty answer", ""},
	{"an empty content", `{"conversation":"c","content":""}`, "agent: empty answer", ""},
	{"a content that nobody can see", `{"conversation":"c","content":" \u200b\n"}`, "agent: empty answer", ""},
	{"results without calls", `{"conversation":"c","tool_results":[{"tool_call_id":"1","name":"f","content":"x"}]}`, "agent: empty answer", ""},
	{"a content of another type", `{"conversation":"c","content":5}`, `agent: broken answer: "content" is a JSON number, not a text`, ""},
	{"a type before the conversation", `{"content":{"a":1},"conversation":"c"}`, `agent: broken answer: "content" is a JSON object, not a text`, ""},
	{"arguments that are an object", `{"conversation":"c","tool_calls":[{"id":"1","function":{"name":"f","arguments":{"a":1}}}]}`,
		`agent: broken answer: "tool_calls.function.arguments" is a JSON object, not a text`, ""},
	{"calls that are no list", `{"conversation":"c","tool_calls":{"id":"1"}}`, `agent: broken answer: "tool_calls" is a JSON object, not a list`, ""},
	{"a call without a name", `{"conversation":"c","tool_calls":[{"id":"1","function":{}}]}`, `agent: broken answer: tool call 1 has no function.name`, ""},
	{"a turn of another type", `{"conversation":"c","turn":"2","content":"hello"}`, `agent: broken answer: "turn" is a JSON string, not a number`, ""},
	{"of another turn and of a wrong type", `{"conversation":"c","turn":1,"content":5}`, "",
		"an answer of the agent for conversation c was dropped: it is for turn 1, and turn 2 is open"},
	{"no JSON", `Thinking…`, "agent: broken answer: no JSON object but: Thinking…", ""},
	{"half of a JSON", `{"conversation":"c","content":"he`, `agent: broken answer: no JSON object but: {"conversation":"c","content":"he`, ""},
	{"two on one line", `{"conversation":"c","content":"a"}{"conversation":"c","content":"b"}`,
		`agent: broken answer: no JSON object but: {"conversation":"c","content":"a"}{"conversation":"c","content":"b"}`, ""},
	{"JSON that is no object", `["hello"]`, `agent: broken answer: no JSON object but: ["hello"]`, ""},
	{"null", `null`, `agent: broken answer: no JSON object but: null`, ""},
	{"an answer that does not say whose it is", `{"content":"hello"}`, `agent: broken answer: no "conversation" in: {"content":"hello"}`, ""},
	{"a conversation of another type", `{"conversation":5,"content":"hello"}`, `agent: broken answer: no "conversation" in: {"conversation":5,"content":"hello"}`, ""},
	{"an empty conversation", `{"conversation":"","content":"hello"}`, `agent: broken answer: no "conversation" in: {"conversation":"","content":"hello"}`, ""},
	{"a line of a log with an error", `{"level":"error","error":"slow"}`, "",
		`a line of the agent is for no conversation and was dropped: {"level":"error","error":"slow"}`},
	{"a line of a log in JSON", `{"level":"info","msg":"thinking"}`, "",
		`a line of the agent is for no conversation and was dropped: {"level":"info","msg":"thinking"}`},
	{"the word that it is ready", `{"ready":true}`, "", ""},
	{"a blank line", "  ", "", ""},
	{"a line above the limit", `{"content":"` + strings.Repeat("x", lineLimit) + `","conversation":"c"}`, "agent: broken answer: longer than 16 MB", ""},
	{"one that does not say whose it is", strings.Repeat("x", lineLimit+1), "agent: broken answer: longer than 16 MB", ""},
	{"one that talks of another", `{"conversation":"d","content":"` + strings.Repeat("x", lineLimit) + `"}`, "",
		"an answer of the agent for conversation d was dropped: no question is open"},
}

func TestInbox_oneQuestionIsOpen(t *testing.T) {
	t.Parallel()
	for _, c := range lineCases {
		t.Run(c.name, func(t *testing.T) {
			t.Parallel()
			warning := ""
			b := newInbox(screen{}, &warner{hear: func(w text.Untrusted) { warning += w.Line() }})
			w := b.wait("c", 2)
			for _, l := range readLines(t, strings.NewReader(c.line+"\n"), lineLimit) {
				b.take(l)
			}
			got := ""
			switch a, err := w.or(ErrClosed); {
			case err == nil:
				got = a.Content.Raw()
			case !errors.Is(err, ErrClosed):
				got = err.Error()
			}
			if got != c.want {
				t.Errorf("got  %s\nwant %s", got, c.want)
			}
			if warning != c.warning {
				t.Errorf("the warning is %q, want %q", warning, c.warning)
			}
		})
	}
}

func TestInbox_twoQuestionsAreOpen(t *testing.T) {
	t.Parallel()
	long := strings.Repeat("x", lineLimit)
	cases := []struct {
		name, line string
		c, d       string
		warning    string
	}{
		{"no JSON", "Thinking…", "", "", "a line of the agent is not understood and was dropped: no JSON object but: Thinking…"},
		{"nobody's answer", `{"content":"a"}`, "", "", `a line of the agent is not understood and was dropped: no "conversation" in: {"content":"a"}`},
		{"somebody's", `{"conversation":"d","content":"a"}`, "", "a", ""},
		{"somebody's of a wrong type", `{"conversation":"d","content":5}`, "", `agent: broken answer: "content" is a JSON number, not a text`, ""},
		{"somebody's that is too long", `{"content":"` + long + `", "conversation" : "d"}`, "", "agent: broken answer: longer than 16 MB", ""},
		{"one that is too long and quotes another", `{"conversation":"c","content":"\"conversation\":\"d\"` + long + `"}`, "agent: broken answer: longer than 16 MB", "", ""},
		{"nobody's that is too long", long + "x", "", "", "a line of the agent is not understood and was dropped: longer than 16 MB"},
	}
	for _, c := range cases {
		t.Run(c.name, func(t *testing.T) {
			t.Parallel()
			warning := ""
			b := newInbox(screen{}, &warner{hear: func(w text.Untrusted) { warning += w.Line() }})
			first, second := b.wait("c", 1), b.wait("d", 1)
			for _, l := range readLines(t, strings.NewReader(c.line+"\n"), lineLimit) {
				b.take(l)
			}
			for w, want := range map[*waiting]string{first: c.c, second: c.d} {
				got := ""
				switch a, err := w.or(ErrClosed); {
				case err == nil:
					got = a.Content.Raw()
				case !errors.Is(err, ErrClosed):
					got = err.Error()
				}
				if got != want {
					t.Errorf("got %q, want %q", got, want)
				}
			}
			if warning != c.warning {
				t.Errorf("the warning is %q, want %q", warning, c.warning)
			}
		})
	}
}

func TestInbox_halfALineAtTheEndIsLeftToTheEndOfTheProgram(t *testing.T) {
	t.Parallel()
	warning := ""
	b := newInbox(screen{}, &warner{hear: func(w text.Untrusted) { warning += w.Line() }})
	w := b.wait("c", 1)
	for _, l := range readLines(t, strings.NewReader(`{"conversation":"c","cont`), maxAnswer) {
		b.take(l)
	}
	if _, err := w.or(ErrClosed); !errors.Is(err, ErrClosed) {
		t.Errorf("got %v", err)
	}
	if want := `the agent ended in the middle of a line: {"conversation":"c","cont`; warning != want {
		t.Errorf("the warning is %q, want %q", warning, want)
	}
}
