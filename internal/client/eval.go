package client

import (
	"bytes"
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

// maxValue is the most bytes of a value that are looked at, maxEvals the most evals of
// one call, and of all calls of an execution. Evals have values of a few words, and calls a
// handful of evals.
const (
	maxValue = 1 << 20
	maxEvals = 1000
)

// evalOutputs reads eval_outputs. What is not an object has no evals.
func (r *rowReader) evalOutputs() ([]Eval, error) {
	r.evals, r.keys, r.ends = r.evals[:0], r.keys[:0], r.ends[:0]
	if c, err := r.scan.peek(); err != nil || c != '{' {
		return nil, cmp.Or(err, r.scan.skip())
	}
	err := r.scan.object(func(key []byte) error {
		n, err := r.entry(field(key))
		if err != nil {
			return err
		}
		// The key is gone with the next read.
		id, name := parseID(r.key(n)), text.Untrusted{}
		if id == uuid.Nil {
			name = r.secrets.text(string(r.key(n)))
		}
		e, err := r.eval()
		if e.ConfigID = id; e.Name.IsEmpty() {
			e.Name = name
		}
		r.evals[n] = e
		return err
	})
	if err != nil || len(r.evals) == 0 {
		return nil, err
	}
	slices.SortFunc(r.evals, func(a, b EvalResult) int {
		return cmp.Or(
			cmp.Compare(a.Name.Raw(), b.Name.Raw()),
			bytes.Compare(a.ConfigID[:], b.ConfigID[:]),
			cmp.Compare(a.State, b.State),
		)
	})
	kept := make([]Eval, len(r.evals))
	for i, e := range r.evals {
		kept[i] = NewEval(e)
	}
	return kept, nil
}

// entry is the place of the entry with a key: that of an earlier one with the same key,
// since the last one counts.
func (r *rowReader) entry(key []byte) (int, error) {
	for n := range r.ends {
		if bytes.Equal(r.key(n), key) {
			return n, nil
		}
	}
	if len(r.ends) == maxEvals {
		return 0, nonsense("a call has more than %d evals", maxEvals)
	}
	r.keys = append(r.keys, key...)
	r.ends = append(r.ends, len(r.keys))
	r.evals = append(r.evals, EvalResult{})
	return len(r.ends) - 1, nil
}

// key is the key of entry n.
func (r *rowReader) key(n int) []byte {
	start := 0
	if n > 0 {
		start = r.ends[n-1]
	}
	return r.keys[start:r.ends[n]]
}

// eval reads one entry. Output and output_type are the names that value and type have in
// the server's store, under which some endpoints show them.
func (r *rowReader) eval() (EvalResult, error) {
	var (
		e                EvalResult
		outputType       text.Untrusted
		status           string
		errored, skipped mark
		any              bool
	)
	r.value, r.output = r.value[:0], r.output[:0]
	c, err := r.scan.peek()
	switch {
	case err != nil:
		return EvalResult{}, err
	case c != '{': // a bare value, or null for {}
		r.value, err = r.bytes(r.value)
		any = string(r.value) != "null"
	default:
		err = r.scan.object(func(key []byte) (err error) {
			any = true
			switch string(field(key)) {
			case "value":
				r.value, err = r.bytes(r.value)
			case "output":
				r.output, err = r.bytes(r.output)
			case "type":
				e.Type, err = r.text()
			case "output_type":
				outputType, err = r.text()
			case "name":
				e.Name, err = r.text()
			case "reason":
				e.Reason, err = r.text()
			case "error":
				errored, err = r.evalMark()
			case "status":
				status, err = r.evalStatus()
			case "skipped":
				skipped, err = r.evalMark()
			default:
				err = r.scan.skip()
			}
			return err
		})
	}
	e.Type = cmp.Or(e.Type, outputType)
	switch {
	case err != nil:
		return EvalResult{}, err
	case !any:
		e.State = EvalPending
	case errored == markSet, status == "error", status == "failed":
		e.State = EvalErrored
	case skipped == markSet, status == "skipped":
		e.State = EvalSkipped
	case status != "", errored == markUnclear, skipped == markUnclear:
		e.State = EvalEmpty // nobody knows what such a status or mark means
	default:
		value := r.value
		if isNull(value) {
			value = r.output
		}
		e.Value = readEvalValue(value, lower(e.Type), &r.texts)
		e.State = EvalScored
		if e.Value.Kind == ValueNone {
			// A null is no result even without an error flag: the deployed server
			// writes so when there was no transcript.
			e.State = EvalEmpty
		}
	}
	return e, nil
}

// mark is what a field says that marks a result as gone wrong, or as left out.
type mark uint8

// What a mark says.
const (
	markClear   mark = iota // it is false, or not there
	markSet                 // it is true
	markUnclear             // it is neither, so the result is none
)

// evalMark reads a mark of an eval.
func (r *rowReader) evalMark() (mark, error) {
	raw, whole, err := r.scan.raw(maxNumber)
	if !whole {
		return markSet, err
	}
	return markOf(raw), err
}

// evalStatus reads the word in which an eval says how it ended, in lower case; nothing when
// it is completed, which is also what no status means (contract, section 5).
func (r *rowReader) evalStatus() (string, error) {
	raw, _, err := r.scan.raw(maxNumber)
	switch string(raw) {
	case `"completed"`, `"Completed"`: // nearly all
		return "", err
	}
	if !isString(raw) && !isNull(raw) {
		return "no word", err
	}
	status := strings.ToLower(strings.TrimSpace(stringOf(raw)))
	if status == "completed" {
		status = ""
	}
	return status, err
}

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

// isNull reports whether raw is absent or JSON null.
func isNull(raw json.RawMessage) bool { return len(raw) == 0 || string(raw) == "null" }

// markOf is what a mark says. It may also be a text or an object with what went wrong, which
// set it; empty ones say neither yes nor no.
func markOf(raw json.RawMessage) mark {
	switch string(raw) {
	case "", "null", "false", "0":
		return markClear
	case "{}", "[]":
		return markUnclear
	}
	if isString(raw) {
		switch said := strings.TrimSpace(stringOf(raw)); {
		case said == "":
			return markUnclear
		case strings.EqualFold(said, "false"):
			return markClear
		}
	}
	return markSet
}
