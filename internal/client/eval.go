package client

import (
	"cmp"
	"encoding/json"
	"slices"
	"strings"

	"github.com/google/uuid"

	"github.com/agent-gate/agent-gate/internal/text"
)

// This file turns eval_outputs into the model: an object with one entry for each eval
// config, by its UUID (contract, section 5, which cites the deployed server's
// serializer; the documented API does not say what is inside). The entries' own status
// words contradict each other, so the state is derived from the value and the flags.

// maxLabels is the most labels that are kept of one value. Evals have a handful.
const maxLabels = 1000

// evalEntry is one entry of eval_outputs. Output and OutputType are the names that the
// same values have in the server's store, under which some endpoints show them.
type evalEntry struct {
	Value      json.RawMessage `json:"value"`
	Output     json.RawMessage `json:"output"`
	Type       words           `json:"type"`
	OutputType words           `json:"output_type"`
	Name       words           `json:"name"`
	Reason     words           `json:"reason"`
	Error      json.RawMessage `json:"error"`
	Status     words           `json:"status"`
	Skipped    flag            `json:"skipped"`
}

// readEvals reads eval_outputs. What is not an object has no evals.
func readEvals(raw json.RawMessage, secrets *redactor) []Eval {
	var entries map[string]json.RawMessage
	if json.Unmarshal(raw, &entries) != nil {
		return nil
	}
	var out []Eval
	for key, raw := range entries {
		e := readEval(raw, secrets)
		e.ConfigID = words(key).id()
		if e.ConfigID == uuid.Nil && e.Name.IsEmpty() {
			e.Name = secrets.text(key)
		}
		out = append(out, e)
	}
	slices.SortFunc(out, func(a, b Eval) int {
		return cmp.Or(
			cmp.Compare(a.Name.Raw(), b.Name.Raw()),
			cmp.Compare(a.ConfigID.String(), b.ConfigID.String()),
			cmp.Compare(a.State, b.State),
		)
	})
	return out
}

// readEval reads one entry.
func readEval(raw json.RawMessage, secrets *redactor) Eval {
	var entry evalEntry
	var keys map[string]json.RawMessage
	switch {
	case json.Unmarshal(raw, &keys) != nil:
		entry.Value = raw // a bare value
	case len(keys) == 0:
		return Eval{State: EvalPending} // {}, or null for it
	default:
		_ = exactly(raw, &entry) // its types refuse nothing
	}
	e := Eval{
		Name:   secrets.text(string(entry.Name)),
		Type:   secrets.text(string(cmp.Or(entry.Type, entry.OutputType))),
		Reason: secrets.text(string(entry.Reason)),
	}
	status := strings.ToLower(strings.TrimSpace(string(entry.Status)))
	switch {
	case isSet(entry.Error), status == "error", status == "failed":
		e.State = EvalErrored
	case bool(entry.Skipped), status == "skipped":
		e.State = EvalSkipped
	default:
		value := entry.Value
		if isNull(value) {
			value = entry.Output
		}
		e.Value = readEvalValue(value, strings.ToLower(strings.TrimSpace(e.Type.Raw())), secrets)
		e.State = EvalScored
		if e.Value.Kind == ValueNone {
			// A null is no result even without an error flag: the deployed server
			// writes so when there was no transcript.
			e.State = EvalEmpty
		}
	}
	return e
}

// readEvalValue reads a value of any type. ValueNone means that there is no result in
// it, which is the answer to everything that does not fit: a value that is not
// understood must never count as a pass.
func readEvalValue(raw json.RawMessage, typ string, secrets *redactor) EvalValue {
	if isNull(raw) {
		return EvalValue{}
	}
	switch raw[0] {
	case '{':
		return readScoreObject(raw, typ, secrets)
	case '[':
		return readChoices(raw, typ, secrets)
	case '"':
		return readEvalString(stringOf(raw), typ, secrets)
	}
	switch {
	case typ == "choices", typ == "choice", typ == "reason":
		return readEvalString(string(raw), typ, secrets)
	case raw[0] == 't', raw[0] == 'f':
		return EvalValue{Kind: ValuePass, Passed: raw[0] == 't'}
	}
	return numberValue(numberOf(raw), typ)
}

// readEvalString reads a value that is a string.
func readEvalString(s, typ string, secrets *redactor) EvalValue {
	label := secrets.text(s)
	if strings.TrimSpace(s) == "" {
		return EvalValue{}
	}
	switch typ {
	case "choices", "choice":
		return EvalValue{Kind: ValueChoices, Labels: []text.Untrusted{label}}
	case "reason":
		return EvalValue{Kind: ValueText, Labels: []text.Untrusted{label}}
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
		return EvalValue{Kind: ValueChoices, Labels: []text.Untrusted{label}}
	}
	return EvalValue{Kind: ValueText, Labels: []text.Untrusted{label}}
}

// readScoreObject reads {"score": 0-1, "choice": "x"} and {"score", "choices": [...]},
// which templates with scored choices give.
func readScoreObject(raw json.RawMessage, typ string, secrets *redactor) EvalValue {
	var o struct {
		Score   number          `json:"score"`
		Choice  json.RawMessage `json:"choice"`
		Choices json.RawMessage `json:"choices"`
	}
	if json.Unmarshal(raw, &o) != nil {
		return EvalValue{}
	}
	labels := append(labelsOf(o.Choice, secrets), labelsOf(o.Choices, secrets)...)
	if o.Score.v == nil {
		return choicesValue(labels)
	}
	if typ != "numeric" {
		typ = "score"
	}
	v := numberValue(o.Score.v, typ)
	v.Labels = labels
	return v
}

// readChoices reads a list of choices.
func readChoices(raw json.RawMessage, typ string, secrets *redactor) EvalValue {
	var items list[json.RawMessage]
	_ = json.Unmarshal(raw, &items) // never refuses
	if typ == "pass/fail" && len(items) == 1 {
		return readEvalValue(items[0], typ, secrets)
	}
	return choicesValue(labelsOf(raw, secrets))
}

// choicesValue is a value of labels; none when there are no labels.
func choicesValue(labels []text.Untrusted) EvalValue {
	if len(labels) == 0 {
		return EvalValue{}
	}
	return EvalValue{Kind: ValueChoices, Labels: labels}
}

// labelsOf reads a label or a list of labels; numbers and booleans become text.
func labelsOf(raw json.RawMessage, secrets *redactor) []text.Untrusted {
	if isNull(raw) {
		return nil
	}
	items := list[json.RawMessage]{raw}
	if raw[0] == '[' {
		_ = json.Unmarshal(raw, &items) // never refuses
	}
	var out []text.Untrusted
	for _, item := range items[:min(len(items), maxLabels)] {
		s := string(item)
		switch {
		case isNull(item), item[0] == '{', item[0] == '[':
			continue
		case isString(item):
			s = stringOf(item)
		}
		if strings.TrimSpace(s) != "" {
			out = append(out, secrets.text(s))
		}
	}
	return out
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
	case typ == "score" && *n >= -slack && *n <= 1+slack:
		return EvalValue{Kind: ValueScore, Number: min(max(*n, 0), 1)}
	}
	return EvalValue{Kind: ValueNumeric, Number: *n}
}

// isNull reports whether raw is absent or JSON null.
func isNull(raw json.RawMessage) bool { return len(raw) == 0 || string(raw) == "null" }

// isSet reports whether a flag that may also be a text or an object is set.
func isSet(raw json.RawMessage) bool {
	switch string(raw) {
	case "", "null", "false", `""`, "0", "{}", "[]", `"false"`:
		return false
	}
	return true
}
