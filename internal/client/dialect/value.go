package dialect

import (
	"bytes"
	"encoding/json"
	"strings"

	"github.com/agent-gate/agent-gate/internal/calls"
	"github.com/agent-gate/agent-gate/internal/client/jsonstream"
	"github.com/agent-gate/agent-gate/internal/text"
)

// lower returns an API keyword in lower case.
func lower(t text.Untrusted) string {
	s := strings.TrimSpace(t.Raw())
	if s == "Pass/Fail" { // the only one with capitals, and frequent
		return "pass/fail"
	}
	return strings.ToLower(s)
}

// readEvalValue reads a value of any type. It returns ValueNone for anything it does not
// understand, so that never counts as a pass.
func readEvalValue(raw json.RawMessage, typ string, t *texts) calls.EvalValue {
	if jsonstream.IsNull(raw) {
		return calls.EvalValue{}
	}
	switch raw[0] {
	case '{':
		return readScoreObject(raw, typ, t)
	case '[':
		return readChoices(raw, typ, t)
	case '"':
		return readEvalString(jsonstream.String(raw), typ, t)
	}
	switch {
	case typ == "choices", typ == "choice", typ == "reason":
		return readEvalString(string(raw), typ, t)
	case raw[0] == 't', raw[0] == 'f':
		return calls.EvalValue{Kind: calls.ValuePass, Passed: raw[0] == 't'}
	}
	return numberValue(numberOf(raw), typ)
}

// readEvalString reads a value that is a string.
func readEvalString(s, typ string, t *texts) calls.EvalValue {
	if strings.TrimSpace(s) == "" {
		return calls.EvalValue{}
	}
	switch typ {
	case "choices", "choice":
		return calls.EvalValue{Kind: calls.ValueChoices, Labels: []text.Untrusted{t.label(s)}}
	case "reason":
		return calls.EvalValue{Kind: calls.ValueText, Labels: []text.Untrusted{t.label(s)}}
	}
	switch strings.ToLower(strings.TrimSpace(s)) {
	case "passed", "pass", "true":
		return calls.EvalValue{Kind: calls.ValuePass, Passed: true}
	case "failed", "fail", "false":
		return calls.EvalValue{Kind: calls.ValuePass}
	}
	switch typ {
	case "score", "numeric":
		n, _ := json.Marshal(s) // cannot fail for a string
		return numberValue(numberOf(n), typ)
	case "pass/fail":
		// A deterministic template returns the choice itself.
		return calls.EvalValue{Kind: calls.ValueChoices, Labels: []text.Untrusted{t.label(s)}}
	}
	return calls.EvalValue{Kind: calls.ValueText, Labels: []text.Untrusted{t.label(s)}}
}

// readScoreObject reads {"score": 0-1, "choice": "x"} and {"score", "choices": [...]}, which
// templates with scored choices return.
func readScoreObject(raw json.RawMessage, typ string, t *texts) calls.EvalValue {
	var score *float64
	var choice, choices json.RawMessage
	scan := jsonstream.OfBytes(raw)
	err := scan.Object(func(key []byte) error {
		name := field(key)
		value, _, err := scan.Raw(maxValue)
		switch { // case-insensitive, like encoding/json
		case bytes.EqualFold(name, []byte("score")):
			score = numberOf(value)
		case bytes.EqualFold(name, []byte("choice")):
			choice = value
		case bytes.EqualFold(name, []byte("choices")):
			choices = value
		}
		return err
	})
	if err != nil {
		return calls.EvalValue{}
	}
	labels := append(labelsOf(choice, t), labelsOf(choices, t)...)
	if score == nil {
		return choicesValue(labels)
	}
	if typ != "numeric" {
		typ = "score"
	}
	v := numberValue(score, typ)
	v.Labels = labels
	return v
}

// readChoices reads a list of choices.
func readChoices(raw json.RawMessage, typ string, t *texts) calls.EvalValue {
	if items := itemsOf(raw); typ == "pass/fail" && len(items) == 1 {
		return readEvalValue(items[0], typ, t)
	}
	return choicesValue(labelsOf(raw, t))
}

// choicesValue returns a value of labels; ValueNone if there are none.
func choicesValue(labels []text.Untrusted) calls.EvalValue {
	if len(labels) == 0 {
		return calls.EvalValue{}
	}
	return calls.EvalValue{Kind: calls.ValueChoices, Labels: labels}
}

// labelsOf reads a label or a list of labels; numbers and booleans become text.
func labelsOf(raw json.RawMessage, t *texts) []text.Untrusted {
	if jsonstream.IsNull(raw) {
		return nil
	}
	var one [1]json.RawMessage
	items := append(one[:0], raw)
	if raw[0] == '[' {
		items = itemsOf(raw)
	}
	var out []text.Untrusted
	for _, item := range items {
		s := string(item)
		switch {
		case jsonstream.IsNull(item), item[0] == '{', item[0] == '[':
			continue
		case jsonstream.IsString(item):
			s = jsonstream.String(item)
		}
		if strings.TrimSpace(s) != "" {
			out = append(out, t.label(s))
		}
	}
	return out
}

// itemsOf returns the elements of a JSON list, up to maxLabels.
func itemsOf(raw json.RawMessage) []json.RawMessage {
	var items []json.RawMessage
	scan := jsonstream.OfBytes(raw)
	_ = scan.List(func() error { // already validated
		item, _, err := scan.Raw(maxValue)
		if len(items) < maxLabels {
			items = append(items, item)
		}
		return err
	})
	return items
}

// numberValue returns a numeric value. A score is 0-1; a "score" outside that range has an
// unknown unit and stays as it is.
func numberValue(n *float64, typ string) calls.EvalValue {
	const slack = 1e-9 // for rounding errors of sums and divisions
	switch {
	case n == nil:
		return calls.EvalValue{}
	case typ == "pass/fail" && (*n == 0 || *n == 1):
		return calls.EvalValue{Kind: calls.ValuePass, Passed: *n == 1}
	case typ == "pass/fail":
		return calls.EvalValue{} // neither passed nor failed
	case typ == "score" && *n >= -slack && *n <= 1+slack:
		return calls.EvalValue{Kind: calls.ValueScore, Number: min(max(*n, 0), 1)}
	}
	return calls.EvalValue{Kind: calls.ValueNumeric, Number: *n}
}
