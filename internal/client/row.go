package client

import (
	"bytes"
	"cmp"
	"encoding/json"
	"hash/fnv"
	"strings"
	"time"

	"github.com/google/uuid"

	"github.com/agent-gate/agent-gate/internal/text"
)

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
		call                          Call
		id                            uuid.UUID
		length, seconds, milliseconds *float64
		before                        earlierTries
		started, created              *time.Time
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
	call.DurationSeconds = lengthOf(length, seconds, call.Status)
	if call.ResponseSeconds == nil && milliseconds != nil {
		call.ResponseSeconds = new(*milliseconds / 1000)
	}
	// The documented dialect only says when the call was created.
	call.StartedAt = cmp.Or(started, created)
	call.Reruns, call.First, call.LostFirst = before.reruns, before.first(), before.lostFirst()
	if call.CostCents != nil && before.cents > 0 {
		call.CostCents = new(*call.CostCents + before.cents)
	}
	return call, nil
}

// lengthOf is how long a call took, in seconds, of the two fields in which the deployed
// server says so. A chat of the hosted runner has a duration of 0.0, since its messages are
// stored in one go, and the right duration_seconds (real-server.md, row 3). A 0 is believed
// when both say so; one alone is no length of a call that completed.
func lengthOf(duration, seconds *float64, status CallStatus) *float64 {
	if duration != nil && *duration > 0 {
		return duration
	}
	if duration != nil && seconds != nil || seconds != nil && *seconds > 0 {
		return seconds
	}
	if status == CallCompleted {
		return nil
	}
	return cmp.Or(duration, seconds)
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

// amount reads a number from 0; nil when it is none. All that a call has of numbers is an
// amount: below 0 is a fault of the server's, such as of its clock.
func (r *rowReader) amount() (*float64, error) {
	raw, whole, err := r.scan.raw(maxNumber)
	if !whole {
		return nil, err
	}
	v, ok := parseNumber(raw)
	if !ok || v < 0 {
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

// text reads a text; empty when it is none.
func (r *rowReader) text() (text.Untrusted, error) {
	raw, whole, err := r.scan.raw(maxString)
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
