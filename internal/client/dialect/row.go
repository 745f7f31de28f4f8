package dialect

import (
	"bytes"
	"cmp"
	"encoding/json"
	"hash/fnv"
	"strings"
	"time"

	"github.com/google/uuid"

	"github.com/agent-gate/agent-gate/internal/calls"
	"github.com/agent-gate/agent-gate/internal/client/jsonstream"
	"github.com/agent-gate/agent-gate/internal/text"
)

// maxNumber is the most bytes read of a number, a flag or a time.
const maxNumber = 4 << 10

// rowReader reads calls from a scanner one by one and reuses its buffers. A call has 63 fields
// in the deployed dialect (contract, section 9) and 8 in the documented one; the large ones,
// such as the transcript and the scenario graph, are skipped.
type rowReader struct {
	scan    jsonstream.Scanner
	texts   texts
	secrets *Redactor

	evals  []calls.EvalResult
	keys   []byte // keys of evals, concatenated
	ends   []int  // where each key ends in keys
	value  []byte // of the current eval
	output []byte
}

// newRowReader returns a rowReader whose scanner must still be started.
func newRowReader(secrets *Redactor) *rowReader {
	return &rowReader{secrets: secrets, texts: newTexts(secrets)}
}

// call reads one call. A field of the wrong type counts as absent, as everywhere in this
// package; of a repeated field the last one counts.
func (r *rowReader) call() (calls.Call, error) {
	var (
		call                          calls.Call
		id                            uuid.UUID
		length, seconds, milliseconds *float64
		before                        earlierTries
		started, created              *time.Time
	)
	switch c, err := r.scan.Peek(); {
	case err != nil:
		return calls.Call{}, err
	case c == 'n':
		return calls.Call{}, cmp.Or(r.scan.Skip(), errNoID)
	case c != '{':
		return calls.Call{}, cmp.Or(r.scan.Skip(), ErrShape)
	}
	err := r.scan.Object(func(key []byte) (err error) {
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
			call.OverallScore, err = r.amount()
		case "duration":
			length, err = r.amount()
		case "duration_seconds":
			seconds, err = r.amount()
		case "response_time":
			call.ResponseSeconds, err = r.amount()
		case "response_time_ms":
			milliseconds, err = r.amount()
		case "cost_cents":
			call.CostCents, err = r.amount()
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
			before, err = r.earlier()
		default:
			err = r.scan.Skip()
		}
		return err
	})
	if err != nil {
		return calls.Call{}, err
	}
	if id == uuid.Nil {
		return calls.Call{}, errNoID
	}
	call.ID = id
	call.DurationSeconds = lengthOf(length, seconds, call.Status)
	if call.ResponseSeconds == nil && milliseconds != nil {
		call.ResponseSeconds = new(*milliseconds / 1000)
	}
	// The documented dialect only has the creation time.
	call.StartedAt = cmp.Or(started, created)
	call.Reruns, call.First, call.LostFirst = before.reruns, before.first(), before.lostFirst()
	call.Earlier = before.took
	if call.CostCents != nil && before.took.Cents > 0 {
		call.CostCents = new(*call.CostCents + before.took.Cents)
	}
	return call, nil
}

// lengthOf returns how long a call took in seconds, from the two fields of the deployed server.
// A chat of the hosted runner has a duration of 0.0, because its messages are stored all at
// once, and a correct duration_seconds (real-server.md, row 3). A 0 counts if both fields have
// it; one alone is not the length of a completed call.
func lengthOf(duration, seconds *float64, status calls.Status) *float64 {
	if duration != nil && *duration > 0 {
		return duration
	}
	if duration != nil && seconds != nil || seconds != nil && *seconds > 0 {
		return seconds
	}
	if status == calls.Completed {
		return nil
	}
	return cmp.Or(duration, seconds)
}

// maxColumns is the most bytes read of a dataset row.
const maxColumns = 256 << 10

// datasetRow reads the dataset row that a call plays and returns a hash of it: the deployed
// server does not name the row (contract, section 3.7).
func (r *rowReader) datasetRow() (uint64, error) {
	raw, whole, err := r.scan.Raw(maxColumns)
	return numberOfRow(raw, whole), err
}

// numberOfRow hashes a dataset row, an object of columns in any order; 0 if there is none or it was too long
// to read.
func numberOfRow(columns []byte, whole bool) uint64 {
	if !whole || len(columns) < 2 || columns[0] != '{' || len(bytes.TrimSpace(columns[1:len(columns)-1])) == 0 {
		return 0
	}
	columns = columns[1 : len(columns)-1]
	sum, h := uint64(0), fnv.New64a() // the sum of the columns' hashes does not depend on their order
	quoted, escaped, depth, from := false, false, 0, 0
	for i, c := range columns {
		switch {
		case escaped:
			escaped = false
		case c == '\\':
			escaped = true
		case c == '"':
			quoted = !quoted
		case quoted:
		case c == '{' || c == '[':
			depth++
		case c == '}' || c == ']':
			depth--
		case c <= ' ': // ignore white space
			_, _ = h.Write(columns[from:i])
			from = i + 1
		case c == ',' && depth == 0:
			_, _ = h.Write(columns[from:i])
			from = i + 1
			sum += h.Sum64()
			h.Reset()
		}
	}
	_, _ = h.Write(columns[from:])
	return max(sum+h.Sum64(), 1)
}

// field returns the name in a key, valid until the next read.
func field(key []byte) []byte {
	if plain, ok := jsonstream.Plain(key); ok {
		return plain
	}
	return []byte(jsonstream.String(key))
}

// id reads a UUID; uuid.Nil if it is not one.
func (r *rowReader) id() (uuid.UUID, error) {
	raw, _, err := r.scan.Raw(maxNumber)
	return idOf(raw), err
}

// amount reads a number that is not negative; nil if there is none. No number of a call can be
// negative, so one that is comes from a server fault, such as a clock change.
func (r *rowReader) amount() (*float64, error) {
	raw, whole, err := r.scan.Raw(maxNumber)
	if !whole {
		return nil, err
	}
	v, ok := parseNumber(raw)
	if !ok || v < 0 {
		return nil, err
	}
	return &v, err
}

// instant reads a time; nil if it is not one.
func (r *rowReader) instant() (*time.Time, error) {
	raw, _, err := r.scan.Raw(maxNumber)
	return instantOf(raw), err
}

// mark reads a flag saying that the call was not judged.
func (r *rowReader) mark() (bool, error) {
	raw, whole, err := r.scan.Raw(maxNumber)
	return !whole || isMarked(raw), err
}

// text reads a text; empty if it is not one.
func (r *rowReader) text() (text.Untrusted, error) {
	raw, whole, err := r.scan.Raw(jsonstream.MaxString)
	return r.texts.of(raw, whole), err
}

// status reads the status of a call.
func (r *rowReader) status() (calls.Status, error) {
	t, err := r.text()
	return calls.Status(strings.ToLower(strings.TrimSpace(t.Raw()))), err
}

// bytes reads a value into buf; empty if it is longer than any value we understand.
func (r *rowReader) bytes(buf []byte) (json.RawMessage, error) {
	raw, whole, err := r.scan.Raw(maxValue)
	if !whole {
		return buf[:0], err
	}
	return append(buf[:0], raw...), err
}
