package talk

import (
	"bytes"
	"encoding/json"
	"fmt"
	"slices"
	"strings"

	"github.com/agent-gate/agent-gate/internal/simulator/api"
	"github.com/agent-gate/agent-gate/internal/simulator/chat"
)

// The checks of nested fields in the words of Django REST framework.
const (
	required  = "This field is required."
	notText   = "Not a valid string."
	notBlank  = "This field may not be blank."
	notNull   = "This field may not be null."
	nulInText = "Null characters are not allowed."
)

// nested reads fields of an object inside a body. Unknown keys are dropped in silence
// (chat.md 4).
type nested struct {
	f    *api.Form
	path string // such as "tool_calls: function: "
	body map[string]json.RawMessage
}

// wrong notes a mistake of a message: all of them are mistakes of the field messages.
func (n nested) wrong(field, code, text string) { n.f.Wrong("messages", code, n.path+field+": "+text) }

// text reads a string. Required ones may be neither missing nor blank.
func (n nested) text(key string, needed bool) string {
	raw, there := n.body[key]
	var v string
	switch {
	case !there && needed:
		n.wrong(key, "required", required)
	case !there:
	case string(raw) == "null" && needed:
		n.wrong(key, "null", notNull)
	case string(raw) == "null":
	case json.Unmarshal(raw, &v) != nil:
		n.wrong(key, "invalid", notText)
	case strings.ContainsRune(v, 0):
		n.wrong(key, "null_characters_not_allowed", nulInText)
	case needed && strings.TrimSpace(v) == "":
		n.wrong(key, "blank", notBlank)
	}
	return v
}

// within reads an object inside; false when it is none.
func (n nested) within(key string) (nested, bool) {
	in := nested{f: n.f, path: n.path + key + ": "}
	raw, there := n.body[key]
	if !there {
		n.wrong(key, "required", required)
		return in, false
	}
	if json.Unmarshal(raw, &in.body) != nil || in.body == nil {
		n.wrong(key, "invalid", "Invalid data. Expected a dictionary.")
		return in, false
	}
	return in, true
}

// messages reads the messages of a turn. Those without content are told by the caller, in
// other words than all else.
func messages(f *api.Form, raw json.RawMessage) []chat.Message {
	var items []json.RawMessage
	if json.Unmarshal(raw, &items) != nil {
		f.Wrong("messages", "not_a_list", "Expected a list of items but got another type.")
		return nil
	}
	list := make([]chat.Message, 0, len(items))
	for _, item := range items {
		n := nested{f: f}
		if json.Unmarshal(item, &n.body) != nil || n.body == nil {
			f.Wrong("messages", "invalid", "Invalid data. Expected a dictionary.")
			continue
		}
		list = append(list, n.message())
	}
	return list
}

func (n nested) message() chat.Message {
	m := chat.Message{Role: n.text("role", true), ToolCallID: n.text("tool_call_id", false), Name: n.text("name", false)}
	if m.Role != "" && !slices.Contains([]string{"user", "assistant", "tool"}, m.Role) {
		n.wrong("role", "invalid_choice", fmt.Sprintf("%q is not a valid choice.", m.Role))
	}
	m.Content = strings.TrimSpace(n.text("content", false))
	if raw, there := n.body["metadata"]; there && string(raw) != "null" {
		if !bytes.HasPrefix(raw, []byte("{")) {
			n.wrong("metadata", "not_a_dict", "Expected a dictionary of items.")
		}
		m.Metadata = raw
	}
	raw, there := n.body["tool_calls"]
	if !there || string(raw) == "null" {
		return m
	}
	var items []map[string]json.RawMessage
	if json.Unmarshal(raw, &items) != nil {
		n.wrong("tool_calls", "not_a_list", "Expected a list of items.")
	}
	for _, item := range items {
		in := nested{f: n.f, path: "tool_calls: ", body: item}
		call := chat.ToolCall{ID: in.text("id", true), Type: in.text("type", true)}
		if function, is := in.within("function"); is {
			call.Function = chat.Function{Name: function.text("name", true), Arguments: function.text("arguments", true)}
		}
		m.ToolCalls = append(m.ToolCalls, call)
	}
	return m
}

var metricKeys = []string{"cost", "duration", "latency", "response_time", "tokens"}

// metrics reads the numbers told with a turn, of which only the latency is used. Its
// mistakes come from another library, in its words (chat.md 4.2).
func metrics(raw json.RawMessage) (latency *float64, mistake string) {
	const lead = "Invalid request data format. Expected SendChatRequest schema. Errors: "
	var m map[string]json.RawMessage
	if json.Unmarshal(raw, &m) != nil {
		return nil, lead + "metrics: Input should be a valid dictionary (type: dict_type)"
	}
	var unknown, wrong []string
	for key, value := range m {
		var number *float64
		switch {
		case !slices.Contains(metricKeys, key):
			unknown = append(unknown, key)
		case json.Unmarshal(value, &number) != nil:
			wrong = append(wrong,
				"metrics -> "+key+" -> float: Input should be a valid number, unable to parse string as a number (type: float_parsing)",
				"metrics -> "+key+" -> int: Input should be a valid integer, unable to parse string as an integer (type: int_parsing)")
		case key == "latency":
			latency = number
		}
	}
	slices.Sort(unknown)
	slices.Sort(wrong)
	switch {
	case len(wrong) > 0:
		return nil, lead + strings.Join(wrong, "; ")
	case len(unknown) > 0:
		return nil, lead + "metrics: Value error, Invalid metric keys: " + strings.Join(unknown, ", ") +
			". Allowed keys are: " + strings.Join(metricKeys, ", ") + " (type: value_error)"
	}
	return latency, ""
}
