package client

import (
	"cmp"
	"context"
	"encoding/json"
	"errors"
	"io"
	"slices"

	"github.com/google/uuid"

	"github.com/agent-gate/agent-gate/internal/text"
)

// RerunCalls reruns calls of a terminal execution. It is never sent twice, not even after a
// refusal, but for one case: when the server refuses the casing of the fields, nothing has been done, and
// it is sent once more in the other (contract, "Two dialects", rule 3). Calls that the
// answer does not mention are rejected ones.
func (c *Client) RerunCalls(ctx context.Context, executionID uuid.UUID, typ RerunType, calls []uuid.UUID) (RerunResult, error) {
	path := "/simulate/test-executions/" + executionID.String() + "/rerun-calls/"
	send := func(camel bool) (RerunResult, error) {
		// The ids are never sent together with select_all: one dialect ignores them
		// then, the other excludes them.
		fields := map[string]any{"rerun_type": typ, "call_execution_ids": calls}
		if camel {
			fields = map[string]any{"rerunType": typ, "callExecutionIds": calls}
		}
		r := postOnce("rerun calls", path, fields, executionInputs)
		if len(calls) == 0 {
			f := r.failure(KindRejected)
			f.Unsent, f.Err = true, errors.New("there are no calls to rerun")
			return RerunResult{}, f
		}
		return fetch(ctx, c, r, func(body io.Reader) (RerunResult, error) {
			w, err := readAnswer[rerunAnswer](body)
			if err != nil {
				return RerunResult{}, err
			}
			return w.result(calls, c.secrets)
		})
	}
	camel := c.memory.camelRerun()
	result, err := send(camel)
	if failure, ok := errors.AsType[*Error](err); ok && wantsOtherCasing(failure, camel) {
		camel = !camel
		again, againErr := send(camel)
		if second, ok := errors.AsType[*Error](againErr); ok && wantsOtherCasing(second, camel) {
			return result, err // neither will do: the first answer is the one to show
		}
		result, err = again, againErr
	}
	if err == nil {
		c.memory.learnRerun(camel)
	}
	return result, err
}

// wantsOtherCasing reports whether a refusal names an unknown or missing field, in the
// words of either dialect.
func wantsOtherCasing(f *Error, camel bool) bool {
	return f.Kind == KindRejected && f.Status == 400 &&
		(f.fields.unknownOrMissing || camel && f.fields.snake || !camel && f.fields.camel)
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
	r := RerunResult{Message: secrets.text(string(w.Message))}
	for _, raw := range []json.RawMessage{w.DispatchError, w.DispatchCamel} {
		if markOf(raw) == markSet {
			r.DispatchError = secrets.text(cmp.Or(stringOf(raw), string(raw)))
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
			r.Rejected = append(r.Rejected, RejectedRerun{CallID: id, Reason: secrets.text(string(failed.v.Error))})
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

// dispatchFailed matches the message of an answer that is 200 although nothing was
// started (contract, section 3.11).
var dispatchFailed = pattern(`(?i)dispatch failed`)

// RunNewEvals is the body of a run-new-evals.
type RunNewEvals struct {
	ExecutionID          uuid.UUID
	EvalConfigIDs        []uuid.UUID
	EnableToolEvaluation *bool // nil leaves the run test's own setting
}

// RunNewEvals runs evals on a completed execution. It is never sent twice.
func (c *Client) RunNewEvals(ctx context.Context, runTestID uuid.UUID, body RunNewEvals) (NewEvalsResult, error) {
	// The deployed server counts the ids, so one that is there twice is one missing.
	var evals []uuid.UUID
	for _, id := range body.EvalConfigIDs {
		if !slices.Contains(evals, id) {
			evals = append(evals, id)
		}
	}
	fields := map[string]any{
		"test_execution_ids": []uuid.UUID{body.ExecutionID},
		"eval_config_ids":    evals,
	}
	if body.EnableToolEvaluation != nil {
		fields["enable_tool_evaluation"] = *body.EnableToolEvaluation
	}
	r := postOnce("run new evals", "/simulate/run-tests/"+runTestID.String()+"/run-new-evals/", fields,
		runTestInputs+", "+executionInputs+" and new-eval-config-ids")
	if len(evals) == 0 {
		f := r.failure(KindRejected)
		f.Unsent, f.Err = true, errors.New("there are no evals to run")
		return NewEvalsResult{}, f
	}
	return fetch(ctx, c, r, func(body io.Reader) (NewEvalsResult, error) {
		w, err := readAnswer[struct {
			Message   words `json:"message"`
			RunTestID words `json:"run_test_id"`
			Calls     count `json:"call_execution_count"`
		}](body)
		if err != nil {
			return NewEvalsResult{}, err
		}
		if w.Message == "" && w.RunTestID.id() == uuid.Nil && w.Calls.v == nil {
			return NewEvalsResult{}, nonsense("it does not say whether evals were started")
		}
		return NewEvalsResult{
			Message:        c.secrets.text(string(w.Message)),
			DispatchFailed: dispatchFailed().MatchString(string(w.Message)),
			Calls:          w.Calls.v,
		}, nil
	})
}
