package dialect

import (
	"cmp"
	"encoding/json"
	"io"
	"slices"

	"github.com/google/uuid"

	"github.com/agent-gate/agent-gate/internal/calls"
	"github.com/agent-gate/agent-gate/internal/client/jsonstream"
	"github.com/agent-gate/agent-gate/internal/text"
)

// Rerun reads the response to a rerun of the calls in asked. Calls that it does not mention
// count as rejected.
func (a Answers) Rerun(asked []uuid.UUID) func(io.Reader) (calls.RerunResult, error) {
	return func(r io.Reader) (calls.RerunResult, error) {
		w, err := readAnswer[rerunAnswer](r)
		if err != nil {
			return calls.RerunResult{}, err
		}
		return w.result(asked, a.secrets)
	}
}

// rerunAnswer is the response to a rerun, in both casings.
type rerunAnswer struct {
	Message       words                     `json:"message"`
	Snake         *list[words]              `json:"successful_reruns"`
	Camel         *list[words]              `json:"successfulReruns"`
	FailedSnake   *list[object[failedCall]] `json:"failed_reruns"`
	FailedCamel   *list[object[failedCall]] `json:"failedReruns"`
	DispatchError json.RawMessage           `json:"dispatch_error"`
	DispatchCamel json.RawMessage           `json:"dispatchError"`
}

// failedCall is a call that was not rerun.
type failedCall struct {
	Snake words `json:"call_execution_id"`
	Camel words `json:"callExecutionId"`
	Error words `json:"error"`
}

// result converts the response. It is an error if the response names no calls at all: then it
// is unknown what was started.
func (w rerunAnswer) result(asked []uuid.UUID, secrets *Redactor) (calls.RerunResult, error) {
	r := calls.RerunResult{Message: secrets.Keep(string(w.Message))}
	for _, raw := range []json.RawMessage{w.DispatchError, w.DispatchCamel} {
		if markOf(raw) == markSet {
			r.DispatchError = secrets.Keep(cmp.Or(jsonstream.String(raw), string(raw)))
		}
	}
	if w.Snake == nil && w.Camel == nil && w.FailedSnake == nil && w.FailedCamel == nil && r.DispatchError.IsEmpty() {
		return calls.RerunResult{}, Nonsense("it does not say which calls are rerun")
	}
	mentioned := map[uuid.UUID]bool{}
	for _, failed := range slices.Concat(deref(w.FailedSnake), deref(w.FailedCamel)) {
		id := cmp.Or(failed.v.Snake.id(), failed.v.Camel.id())
		if id != uuid.Nil && !mentioned[id] {
			mentioned[id] = true
			r.Rejected = append(r.Rejected, calls.RejectedRerun{CallID: id, Reason: secrets.Keep(string(failed.v.Error))})
		}
	}
	for _, id := range ids(slices.Concat(deref(w.Snake), deref(w.Camel))) {
		if !mentioned[id] {
			mentioned[id] = true
			r.Accepted = append(r.Accepted, id)
		}
	}
	for _, id := range asked {
		if !mentioned[id] {
			mentioned[id] = true
			// The deployed server drops unknown ids.
			r.Rejected = append(r.Rejected, calls.RejectedRerun{CallID: id, Reason: text.New("the server did not mention it")})
		}
	}
	return r, nil
}

// deref returns the list behind p; empty if p is nil.
func deref[T any](p *list[T]) list[T] {
	if p == nil {
		return nil
	}
	return *p
}
