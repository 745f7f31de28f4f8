package dialect

import (
	"bytes"
	"cmp"
	"encoding/json"
	"slices"
	"strings"

	"github.com/google/uuid"

	"github.com/agent-gate/agent-gate/internal/calls"
	"github.com/agent-gate/agent-gate/internal/client/jsonstream"
	"github.com/agent-gate/agent-gate/internal/text"
)

// This file decodes eval_outputs: an object with one entry for each eval config, by UUID
// (contract, section 5, citing the deployed server's serializer; the documented API does not
// specify the contents). The entries' status fields contradict each other, so the state is
// derived from the value and the flags.

// maxLabels is the most labels kept of one value. Evals have a handful.
const maxLabels = 1000

// maxValue is the most bytes read of one value, which normally is a few words. MaxEvals is the
// most evals on one call, and on all calls of an execution; normally there are a handful.
const (
	maxValue = 1 << 20
	MaxEvals = 1000
)

// evalOutputs reads eval_outputs. Anything but an object has no evals.
func (r *rowReader) evalOutputs() ([]calls.Eval, error) {
	r.evals, r.keys, r.ends = r.evals[:0], r.keys[:0], r.ends[:0]
	if c, err := r.scan.Peek(); err != nil || c != '{' {
		return nil, cmp.Or(err, r.scan.Skip())
	}
	err := r.scan.Object(func(key []byte) error {
		n, err := r.entry(field(key))
		if err != nil {
			return err
		}
		// The next read overwrites the key.
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
	slices.SortFunc(r.evals, func(a, b calls.EvalResult) int {
		return cmp.Or(
			cmp.Compare(a.Name.Raw(), b.Name.Raw()),
			bytes.Compare(a.ConfigID[:], b.ConfigID[:]),
			cmp.Compare(a.State, b.State),
		)
	})
	kept := make([]calls.Eval, len(r.evals))
	for i, e := range r.evals {
		kept[i] = calls.NewEval(e)
	}
	return kept, nil
}

// entry returns the index for the entry with a key. A repeated key reuses its index, because
// the last one counts.
func (r *rowReader) entry(key []byte) (int, error) {
	for n := range r.ends {
		if bytes.Equal(r.key(n), key) {
			return n, nil
		}
	}
	if len(r.ends) == MaxEvals {
		return 0, Nonsense("a call has more than %d evals", MaxEvals)
	}
	r.keys = append(r.keys, key...)
	r.ends = append(r.ends, len(r.keys))
	r.evals = append(r.evals, calls.EvalResult{})
	return len(r.ends) - 1, nil
}

// key returns the key of entry n.
func (r *rowReader) key(n int) []byte {
	start := 0
	if n > 0 {
		start = r.ends[n-1]
	}
	return r.keys[start:r.ends[n]]
}

// eval reads one entry. Some endpoints call value and type output and output_type, as the
// server's database does.
func (r *rowReader) eval() (calls.EvalResult, error) {
	var (
		e                calls.EvalResult
		outputType       text.Untrusted
		status           string
		errored, skipped mark
		any              bool
	)
	r.value, r.output = r.value[:0], r.output[:0]
	c, err := r.scan.Peek()
	switch {
	case err != nil:
		return calls.EvalResult{}, err
	case c != '{': // a bare value, or null instead of {}
		r.value, err = r.bytes(r.value)
		any = string(r.value) != "null"
	default:
		err = r.scan.Object(func(key []byte) (err error) {
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
				err = r.scan.Skip()
			}
			return err
		})
	}
	e.Type = cmp.Or(e.Type, outputType)
	switch {
	case err != nil:
		return calls.EvalResult{}, err
	case !any:
		e.State = calls.EvalPending
	case errored == markSet, status == "error", status == "failed":
		e.State = calls.EvalErrored
	case skipped == markSet, status == "skipped":
		e.State = calls.EvalSkipped
	case status != "", errored == markUnclear, skipped == markUnclear:
		e.State = calls.EvalEmpty // an unknown status or flag is not a result
	default:
		value := r.value
		if jsonstream.IsNull(value) {
			value = r.output
		}
		e.Value = readEvalValue(value, lower(e.Type), &r.texts)
		e.State = calls.EvalScored
		if e.Value.Kind == calls.ValueNone {
			// Null is not a result even without an error flag: the deployed server writes it if
			// there was no transcript.
			e.State = calls.EvalEmpty
		}
	}
	return e, nil
}

// mark is the value of a flag such as error or skipped.
type mark uint8

// The values of a mark.
const (
	markClear   mark = iota // false or absent
	markSet                 // true
	markUnclear             // neither, so there is no result
)

// evalMark reads a flag of an eval.
func (r *rowReader) evalMark() (mark, error) {
	raw, whole, err := r.scan.Raw(maxNumber)
	if !whole {
		return markSet, err
	}
	return markOf(raw), err
}

// evalStatus reads an eval's status in lower case. It is empty for completed, because a missing
// status means the same (contract, section 5).
func (r *rowReader) evalStatus() (string, error) {
	raw, _, err := r.scan.Raw(maxNumber)
	switch string(raw) {
	case `"completed"`, `"Completed"`: // nearly all
		return "", err
	}
	if !jsonstream.IsString(raw) && !jsonstream.IsNull(raw) {
		return "no word", err
	}
	status := strings.ToLower(strings.TrimSpace(jsonstream.String(raw)))
	if status == "completed" {
		status = ""
	}
	return status, err
}

// markOf returns what a flag says. A text or an object describing a failure sets it; an empty
// one is unclear.
func markOf(raw json.RawMessage) mark {
	switch string(raw) {
	case "", "null", "false", "0":
		return markClear
	case "{}", "[]":
		return markUnclear
	}
	if jsonstream.IsString(raw) {
		switch said := strings.TrimSpace(jsonstream.String(raw)); {
		case said == "":
			return markUnclear
		case strings.EqualFold(said, "false"):
			return markClear
		}
	}
	return markSet
}
