package client

import (
	"bytes"
	"cmp"
	"encoding/json"
	"errors"
	"hash/fnv"
	"strings"
	"time"

	"github.com/google/uuid"

	"github.com/agent-gate/agent-gate/internal/text"
)

// errShape is a value of another type than the one without which nothing can be read.
var errShape = errors.New("the answer has another shape than expected")

// maxNumber is the most bytes of a number, a flag or a time that are looked at.
const maxNumber = 4 << 10

// rowReader reads calls from a scanner, one after the other, with buffers that are used
// again. The deployed dialect has 63 fields (contract, section 9), the documented one 8;
// the transcript, the scenario graph and the other large ones are not among those that
// are kept.
type rowReader struct {
	scan    scanner
	texts   texts
	secrets *redactor

	evals  []EvalResult
	keys   []byte // of evals, one after the other
	ends   []int  // where in keys each of them ends
	value  []byte // of the eval that is read
	output []byte
}

// newRowReader makes a rowReader. Its scanner has to be started.
func newRowReader(secrets *redactor) *rowReader {
	return &rowReader{secrets: secrets, texts: newTexts(secrets)}
}

// call reads one call. As in all of the client, a field of the wrong type is an absent
// one, and of a field that is there twice the last one counts.
func (r *rowReader) call() (Call, error) {
	var (
		call                  Call
		id                    uuid.UUID
		seconds, milliseconds *float64
		started, created      *time.Time
	)
	switch c, err := r.scan.peek(); {
	case err != nil:
		return Call{}, err
	case c == 'n':
		return Call{}, cmp.Or(r.scan.skip(), errNoID)
	case c != '{':
		return Call{}, cmp.Or(r.scan.skip(), errShape)
	}
	err := r.scan.object(func(key []byte) (err error) {
		switch string(field(key)) {
		case "id":
			id, err = r.id()
		case "status":
			call.Status, err = r.status()
		case "scenario":
			call.Scenario, err = r.text()
		case "scenario_id":
			call.ScenarioID, err = r.id()
		case "overall_score":
			call.OverallScore, err = r.number()
		case "duration":
			call.DurationSeconds, err = r.number()
		case "duration_seconds":
			seconds, err = r.number()
		case "response_time":
			call.ResponseSeconds, err = r.number()
		case "response_time_ms":
			milliseconds, err = r.number()
		case "cost_cents":
			call.CostCents, err = r.number()
		case "ended_reason":
			call.EndedReason, err = r.text()
		case "processing_skipped":
			call.ProcessingSkipped, err = r.mark()
		case "processing_skip_reason":
			call.SkipReason, err = r.text()
		case "eval_outputs":
			call.Evals, err = r.evalOutputs()
		case "timestamp":
			call.UpdatedAt, err = r.instant()
		case "start_time":
			started, err = r.instant()
		case "created_at":
			created, err = r.instant()
		case "scenario_columns":
			call.Row, err = r.datasetRow()
		case "rerun_snapshots":
			call.First, call.Reruns, err = r.earlier()
		default:
			err = r.scan.skip()
		}
		return err
	})
	if err != nil {
		return Call{}, err
	}
	if id == uuid.Nil {
		return Call{}, errNoID
	}
	call.ID = id
	call.DurationSeconds = cmp.Or(call.DurationSeconds, seconds)
	if call.ResponseSeconds == nil && milliseconds != nil {
		call.ResponseSeconds = new(*milliseconds / 1000)
	}
	// The documented dialect only says when the call was created.
	call.StartedAt = cmp.Or(started, created)
	return call, nil
}

// maxColumns is the most bytes of a dataset row that are looked at.
const maxColumns = 256 << 10

// datasetRow reads the contents of the dataset row that a call plays, and makes a number
// of them: the deployed server does not name the row (contract, section 3.7).
func (r *rowReader) datasetRow() (uint64, error) {
	raw, whole, err := r.scan.raw(maxColumns)
	return numberOfRow(raw, whole), err
}

// numberOfRow is the number of a dataset row; 0 for none.
func numberOfRow(columns []byte, whole bool) uint64 {
	if !whole || len(columns) < 2 || columns[0] != '{' || len(bytes.TrimSpace(columns[1:len(columns)-1])) == 0 {
		return 0
	}
	h := fnv.New64a()
	quoted, escaped, from := false, false, 0
	for i, c := range columns {
		switch {
		case escaped:
			escaped = false
		case c == '\\':
			escaped = true
		case c == '"':
			quoted = !quoted
		case !quoted && c <= ' ': // layout is no content
			h.Write(columns[from:i])
			from = i + 1
		}
	}
	h.Write(columns[from:])
	return max(h.Sum64(), 1)
}

// earlier reads how a call ended before reruns: the oldest of the snapshots that the
// deployed server keeps of it, and their number.
func (r *rowReader) earlier() (first *Try, reruns int, _ error) {
	if c, err := r.scan.peek(); err != nil || c != '[' {
		return nil, 0, cmp.Or(err, r.scan.skip())
	}
	var at *time.Time
	err := r.scan.list(func() error {
		if c, err := r.scan.peek(); err != nil || c != '{' {
			return cmp.Or(err, r.scan.skip())
		}
		var try Try
		var taken *time.Time
		var rerun text.Untrusted
		err := r.scan.object(func(key []byte) (err error) {
			switch string(field(key)) {
			case "status":
				try.Status, err = r.status()
			case "processing_skipped":
				try.ProcessingSkipped, err = r.mark()
			case "ended_reason":
				try.EndedReason, err = r.text()
			case "snapshot_timestamp":
				taken, err = r.instant()
			case "rerun_type":
				rerun, err = r.text()
			default:
				err = r.scan.skip()
			}
			return err
		})
		if try.Status == "" || rerun.Raw() == string(RerunEvalOnly) {
			return err // not a call, or one that was only evaluated again
		}
		reruns++
		if first == nil || taken != nil && at != nil && taken.Before(*at) {
			first, at = &try, taken
		}
		return err
	})
	return first, reruns, err
}

// errNoID is a call that cannot be told from others.
var errNoID = errors.New("a call has no id, or one that is not a UUID")

// field is the name in a key, until the next read.
func field(key []byte) []byte {
	if plain, ok := plainString(key); ok {
		return plain
	}
	return []byte(stringOf(key))
}

// id reads a UUID; uuid.Nil when it is none.
func (r *rowReader) id() (uuid.UUID, error) {
	raw, _, err := r.scan.raw(maxNumber)
	return idOf(raw), err
}

// number reads a number; nil when it is none.
func (r *rowReader) number() (*float64, error) {
	raw, whole, err := r.scan.raw(maxNumber)
	if !whole {
		return nil, err
	}
	v, ok := parseNumber(raw)
	if !ok {
		return nil, err
	}
	return &v, err
}

// instant reads a time; nil when it is none.
func (r *rowReader) instant() (*time.Time, error) {
	raw, _, err := r.scan.raw(maxNumber)
	return instantOf(raw), err
}

// mark reads a mark that the call was not judged.
func (r *rowReader) mark() (bool, error) {
	raw, whole, err := r.scan.raw(maxNumber)
	return !whole || isMarked(raw), err
}

// flag reads true, also as a text.
func (r *rowReader) flag() (bool, error) {
	raw, _, err := r.scan.raw(maxNumber)
	return string(raw) == "true" || strings.EqualFold(stringOf(raw), "true"), err
}

// text reads a text; empty when it is none.
func (r *rowReader) text() (text.Untrusted, error) {
	raw, whole, err := r.scan.raw(maxRaw)
	return r.texts.of(raw, whole), err
}

// status reads the status of a call.
func (r *rowReader) status() (CallStatus, error) {
	t, err := r.text()
	return CallStatus(strings.ToLower(strings.TrimSpace(t.Raw()))), err
}

// bytes appends a value to the empty slice that buf has room for; nothing when it is
// longer than any value that can be understood.
func (r *rowReader) bytes(buf []byte) (json.RawMessage, error) {
	raw, whole, err := r.scan.raw(maxValue)
	if !whole {
		return buf[:0], err
	}
	return append(buf[:0], raw...), err
}
