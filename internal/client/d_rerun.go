package client

import (
	"cmp"
	"encoding/json"
	"io"
	"slices"

	"github.com/google/uuid"

	"github.com/agent-gate/agent-gate/internal/text"
)

// Rerun reads the answer to a rerun of the calls that were asked for. Those that it does not
// mention are rejected ones.
func (a Answers) Rerun(asked []uuid.UUID) func(io.Reader) (RerunResult, error) {
	return func(r io.Reader) (RerunResult, error) {
		w, err := readAnswer[rerunAnswer](r)
		if err != nil {
			return RerunResult{}, err
		}
		return w.result(asked, a.secrets)
	}
}

// rerunAnswer is the answer to a rerun, in both casings.
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

// result is the answer in the model's terms. It is an error when the answer names no
// calls at all: then nobody knows what was started.
func (w rerunAnswer) result(asked []uuid.UUID, secrets *redactor) (RerunResult, error) {
	r := RerunResult{Message: secrets.Keep(string(w.Message))}
	for _, raw := range []json.RawMessage{w.DispatchError, w.DispatchCamel} {
		if markOf(raw) == markSet {
			r.DispatchError = secrets.Keep(cmp.Or(stringOf(raw), string(raw)))
		}
	}
	if w.Snake == nil && w.Camel == nil && w.FailedSnake == nil && w.FailedCamel == nil && r.DispatchError.IsEmpty() {
		return RerunResult{}, nonsense("it does not say which calls are rerun")
	}
	mentioned := map[uuid.UUID]bool{}
	for _, failed := range slices.Concat(deref(w.FailedSnake), deref(w.FailedCamel)) {
		id := cmp.Or(failed.v.Snake.id(), failed.v.Camel.id())
		if id != uuid.Nil && !mentioned[id] {
			mentioned[id] = true
			r.Rejected = append(r.Rejected, RejectedRerun{CallID: id, Reason: secrets.Keep(string(failed.v.Error))})
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
			// The deployed server drops ids that it does not know.
			r.Rejected = append(r.Rejected, RejectedRerun{CallID: id, Reason: text.New("the server did not mention it")})
		}
	}
	return r, nil
}

// deref is the list behind p; none when it is nil.
func deref[T any](p *list[T]) list[T] {
	if p == nil {
		return nil
	}
	return *p
}
