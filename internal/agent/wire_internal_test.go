package agent

import (
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/agent-gate/agent-gate/internal/text"
)

func TestAnswer_carriesToolsAndFillsInWhatServersLeaveOut(t *testing.T) {
	t.Parallel()
	b := newInbox(screen{}, &warner{})
	w := b.wait("c", 3)
	b.take(line{text: []byte(`{"conversation":"c","content":"I look it up.","tool_calls":[
		{"id":"1","type":"function","function":{"name":"order","arguments":"{\"id\":5}"}},
		{"function":{"name":"today","arguments":""}}],
		"tool_results":[{"tool_call_id":"1","name":"order","content":"shipped"}]}`)})
	got, err := w.or(ErrClosed)
	if err != nil {
		t.Fatal(err)
	}
	want := Answer{
		Content: text.New("I look it up."),
		ToolCalls: []ToolCall{
			{ID: text.New("1"), Name: text.New("order"), Arguments: text.New(`{"id":5}`)},
			{ID: text.New("call_3_2"), Name: text.New("today"), Arguments: text.New("{}")},
		},
		ToolResults: []ToolResult{{ToolCallID: text.New("1"), Name: text.New("order"), Content: text.New("shipped")}},
	}
	if diff := cmp.Diff(want, got, cmp.Comparer(func(a, b text.Untrusted) bool { return a == b })); diff != "" {
		t.Error(diff)
	}
}

func TestQuestion_isOneLineAsAgreed(t *testing.T) {
	t.Parallel()
	q := Question{
		Conversation: "c", Turn: 2, Scenario: text.New("<Refund> & more"),
		Messages: append(append([]Message{{Role: RoleUser, Content: text.New("where\nis it?")}},
			Answer{
				ToolCalls:   []ToolCall{{ID: text.New("1"), Name: text.New("order"), Arguments: text.New(`{}`)}},
				ToolResults: []ToolResult{{ToolCallID: text.New("1"), Name: text.New("order"), Content: text.New("")}},
			}.Messages()...),
			Message{Role: RoleUser, Content: text.New("thanks")}),
	}
	got, err := q.encode()
	if err != nil {
		t.Fatal(err)
	}
	want := `{"conversation":"c","turn":2,"message":"thanks","messages":[{"role":"user","content":"where\nis it?"},` +
		`{"role":"assistant","content":"","tool_calls":[{"id":"1","type":"function","function":{"name":"order","arguments":"{}"}}]},` +
		`{"role":"tool","content":"","tool_call_id":"1","name":"order"},{"role":"user","content":"thanks"}],"scenario":"<Refund> & more"}` + "\n"
	if string(got) != want {
		t.Errorf("got  %s\nwant %s", got, want)
	}
}
