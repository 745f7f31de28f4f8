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
			name = r.secrets.Keep(string(r.key(n)))
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
