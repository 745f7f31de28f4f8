package client

import (
	"bytes"
	"encoding/json"
	"strings"

	"github.com/agent-gate/agent-gate/internal/text"
)

// lower is a word of the API in lower case.
func lower(t text.Untrusted) string {
	s := strings.TrimSpace(t.Raw())
	if s == "Pass/Fail" { // the one that has capitals
		return "pass/fail"
	}
	return strings.ToLower(s)
}

// readEvalValue reads a value of any type. ValueNone means that there is no result in
// it, which is the answer to everything that does not fit: a value that is not
// understood must never count as a pass.
func readEvalValue(raw json.RawMessage, typ string, t *texts) EvalValue {
	if isNull(raw) {
		return EvalValue{}
	}
	switch raw[0] {
	case '{':
		return readScoreObject(raw, typ, t)
	case '[':
		return readChoices(raw, typ, t)
	case '"':
		return readEvalString(stringOf(raw), typ, t)
	}
	switch {
	case typ == "choices", typ == "choice", typ == "reason":
		return readEvalString(string(raw), typ, t)
	case raw[0] == 't', raw[0] == 'f':
		return EvalValue{Kind: ValuePass, Passed: raw[0] == 't'}
	}
	return numberValue(numberOf(raw), typ)
}

// readEvalString reads a value that is a string.
func readEvalString(s, typ string, t *texts) EvalValue {
	if strings.TrimSpace(s) == "" {
		return EvalValue{}
	}
	switch typ {
	case "choices", "choice":
		return EvalValue{Kind: ValueChoices, Labels: []text.Untrusted{t.label(s)}}
	case "reason":
		return EvalValue{Kind: ValueText, Labels: []text.Untrusted{t.label(s)}}
	}
	switch strings.ToLower(strings.TrimSpace(s)) {
	case "passed", "pass", "true":
		return EvalValue{Kind: ValuePass, Passed: true}
	case "failed", "fail", "false":
		return EvalValue{Kind: ValuePass}
	}
	switch typ {
	case "score", "numeric":
		n, _ := json.Marshal(s) // of a string, which cannot fail
		return numberValue(numberOf(n), typ)
	case "pass/fail":
		// A deterministic template gives the choice itself.
		return EvalValue{Kind: ValueChoices, Labels: []text.Untrusted{t.label(s)}}
	}
	return EvalValue{Kind: ValueText, Labels: []text.Untrusted{t.label(s)}}
}

// readScoreObject reads {"score": 0-1, "choice": "x"} and {"score", "choices": [...]},
// which templates with scored choices give.
func readScoreObject(raw json.RawMessage, typ string, t *texts) EvalValue {
	var score *float64
	var choice, choices json.RawMessage
	scan := scanBytes(raw)
	err := scan.object(func(key []byte) error {
		name := field(key)
		value, _, err := scan.raw(maxValue)
		switch { // in any case, as encoding/json reads names
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
		return EvalValue{}
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
func readChoices(raw json.RawMessage, typ string, t *texts) EvalValue {
	if items := itemsOf(raw); typ == "pass/fail" && len(items) == 1 {
		return readEvalValue(items[0], typ, t)
	}
	return choicesValue(labelsOf(raw, t))
}

// choicesValue is a value of labels; none when there are no labels.
func choicesValue(labels []text.Untrusted) EvalValue {
	if len(labels) == 0 {
		return EvalValue{}
	}
	return EvalValue{Kind: ValueChoices, Labels: labels}
}

// labelsOf reads a label or a list of labels; numbers and booleans become text.
func labelsOf(raw json.RawMessage, t *texts) []text.Untrusted {
	if isNull(raw) {
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
		case isNull(item), item[0] == '{', item[0] == '[':
			continue
		case isString(item):
			s = stringOf(item)
		}
		if strings.TrimSpace(s) != "" {
			out = append(out, t.label(s))
		}
	}
	return out
}

// itemsOf are the elements of a JSON list, as far as they are looked at.
func itemsOf(raw json.RawMessage) []json.RawMessage {
	var items []json.RawMessage
	scan := scanBytes(raw)
	_ = scan.list(func() error { // it is JSON: it has been read before
		item, _, err := scan.raw(maxValue)
		if len(items) < maxLabels {
			items = append(items, item)
		}
		return err
	})
	return items
}

// numberValue is a value that is a number. A score is 0-1; a "score" outside of that
// has a unit that nobody told us, so it is taken as it is.
func numberValue(n *float64, typ string) EvalValue {
	const slack = 1e-9 // of sums and divisions
	switch {
	case n == nil:
		return EvalValue{}
	case typ == "pass/fail" && (*n == 0 || *n == 1):
		return EvalValue{Kind: ValuePass, Passed: *n == 1}
	case typ == "pass/fail":
		return EvalValue{} // neither passed nor failed
	case typ == "score" && *n >= -slack && *n <= 1+slack:
		return EvalValue{Kind: ValueScore, Number: min(max(*n, 0), 1)}
	}
	return EvalValue{Kind: ValueNumeric, Number: *n}
}
