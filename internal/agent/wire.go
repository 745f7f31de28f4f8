package agent

import (
	"bytes"
	"encoding/json"
	"fmt"

	"github.com/agent-gate/agent-gate/internal/text"
)

// wireQuestion is a question in the agent-gate format.
type wireQuestion struct {
	Conversation string        `json:"conversation"`
	Turn         int           `json:"turn"`
	Message      string        `json:"message"`
	Messages     []wireMessage `json:"messages"`
	Scenario     string        `json:"scenario"`
}

// wireMessage is a message in either format.
type wireMessage struct {
	Role       string         `json:"role"`
	Content    *string        `json:"content"`
	ToolCalls  []wireToolCall `json:"tool_calls,omitempty"`
	ToolCallID string         `json:"tool_call_id,omitempty"`
	Name       string         `json:"name,omitempty"`
}

// wireToolCall is a tool call as in OpenAI's API: the arguments are JSON in a string.
type wireToolCall struct {
	ID       string       `json:"id"`
	Type     string       `json:"type"`
	Function wireFunction `json:"function"`
}

type wireFunction struct {
	Name      string `json:"name"`
	Arguments string `json:"arguments"`
}

// wireAnswer is an answer in the agent-gate format, or any other line of a program.
type wireAnswer struct {
	Ready        json.RawMessage  `json:"ready"`
	Conversation *string          `json:"conversation"`
	Turn         *float64         `json:"turn"` // not an int: some languages write 1.0
	Content      *string          `json:"content"`
	ToolCalls    []wireToolCall   `json:"tool_calls"`
	ToolResults  []wireToolResult `json:"tool_results"`
	Error        json.RawMessage  `json:"error"`
}

type wireToolResult struct {
	ToolCallID string `json:"tool_call_id"`
	Name       string `json:"name"`
	Content    string `json:"content"`
}

// encode returns a question as one line in the agent-gate format, with a newline.
func (q Question) encode() ([]byte, error) {
	return encodeLine(wireQuestion{
		Conversation: q.Conversation,
		Turn:         q.Turn,
		Message:      q.Messages[len(q.Messages)-1].Content.Raw(),
		Messages:     wireMessages(q.Messages),
		Scenario:     q.Scenario.Raw(),
	})
}

// encodeLine returns one line of JSON, without HTML escapes, so that simple programs can read it.
func encodeLine(v any) ([]byte, error) {
	var b bytes.Buffer
	enc := json.NewEncoder(&b)
	enc.SetEscapeHTML(false)
	if err := enc.Encode(v); err != nil {
		return nil, fmt.Errorf("encode the question: %w", err)
	}
	return b.Bytes(), nil
}

// wireMessages converts messages for the agent-gate format.
func wireMessages(all []Message) []wireMessage {
	out := make([]wireMessage, len(all))
	for i, m := range all {
		out[i] = wireMessage{Role: m.Role, Content: new(m.Content.Raw()), ToolCallID: m.ToolCallID.Raw(), Name: m.Name.Raw()}
		for _, c := range m.ToolCalls {
			out[i].ToolCalls = append(out[i].ToolCalls, wireToolCall{
				ID: c.ID.Raw(), Type: "function",
				Function: wireFunction{Name: c.Name.Raw(), Arguments: c.Arguments.Raw()},
			})
		}
	}
	return out
}

// answer converts what an agent said to a turn, or returns the *Error that it amounts to.
func (w wireAnswer) answer(turn int, s screen) (Answer, error) {
	if said := errorText(w.Error); said != "" {
		return Answer{}, &Error{Kind: KindError, Detail: s.excerpt(said)}
	}
	var a Answer
	if w.Content != nil {
		a.Content = text.New(*w.Content)
	}
	for i, c := range w.ToolCalls {
		call, err := c.call(turn, i+1)
		if err != nil {
			return Answer{}, err
		}
		a.ToolCalls = append(a.ToolCalls, call)
	}
	for _, r := range w.ToolResults {
		a.ToolResults = append(a.ToolResults, ToolResult{ToolCallID: text.New(r.ToolCallID), Name: text.New(r.Name), Content: text.New(r.Content)})
	}
	if isBlank(a.Content) && len(a.ToolCalls) == 0 {
		return Answer{}, &Error{Kind: KindEmpty}
	}
	return a, nil
}

// call converts a tool call. Some servers leave out the id, and many the arguments of a tool
// that takes none; both are filled in.
func (c wireToolCall) call(turn, number int) (ToolCall, error) {
	call := ToolCall{ID: text.New(c.ID), Name: text.New(c.Function.Name), Arguments: text.New(c.Function.Arguments)}
	if isBlank(call.Name) {
		return call, &Error{Kind: KindBroken, Detail: text.Sprintf("tool call %d has no function.name", number)}
	}
	if isBlank(call.ID) {
		call.ID = text.Sprintf("call_%d_%d", turn, number)
	}
	if isBlank(call.Arguments) {
		call.Arguments = text.New("{}")
	}
	return call, nil
}

// isBlank reports whether a text has no visible character.
func isBlank(t text.Untrusted) bool { return t.LineMax(1) == "" }

// errorText is the message in the value of a key "error": a string, the message of an object,
// or any other JSON. It is empty if the value is absent, null, false, 0 or empty.
func errorText(raw json.RawMessage) string {
	switch string(raw) {
	case "", "null", "false", `""`, "{}", "[]", "0":
		return ""
	}
	var said string
	if json.Unmarshal(raw, &said) == nil {
		return said
	}
	var object struct {
		Message string `json:"message"`
	}
	if json.Unmarshal(raw, &object) == nil && object.Message != "" {
		return object.Message
	}
	return string(raw)
}
