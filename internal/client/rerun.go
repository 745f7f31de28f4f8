package client

import (
	"context"
	"errors"
	"slices"

	"github.com/google/uuid"

	"github.com/agent-gate/agent-gate/internal/calls"
)

// RerunCalls reruns calls of a terminal execution. It is never sent twice, not even after a
// refusal, with one exception: if the server rejects the casing of the fields, nothing has been
// done, and it is sent once more in the other casing (contract, "Two dialects", rule 3). Calls
// that the response does not mention count as rejected.
func (c *Client) RerunCalls(ctx context.Context, executionID uuid.UUID, typ calls.RerunType, ids []uuid.UUID) (calls.RerunResult, error) {
	path := "/simulate/test-executions/" + executionID.String() + "/rerun-calls/"
	send := func(camel bool) (calls.RerunResult, error) {
		// Never send the ids together with select_all: one dialect then ignores them, the other
		// excludes them.
		fields := map[string]any{"rerun_type": typ, "call_execution_ids": ids}
		if camel {
			fields = map[string]any{"rerunType": typ, "callExecutionIds": ids}
		}
		r := postOnce("rerun calls", path, fields, executionInputs)
		if len(ids) == 0 {
			f := r.failure(KindRejected)
			f.Unsent, f.Err = true, errors.New("there are no calls to rerun")
			return calls.RerunResult{}, f
		}
		return fetch(ctx, c, r, c.answers.Rerun(ids))
	}
	camel := c.memory.camelRerun()
	result, err := send(camel)
	if failure, ok := errors.AsType[*Error](err); ok && wantsOtherCasing(failure, camel) {
		camel = !camel
		again, againErr := send(camel)
		if second, ok := errors.AsType[*Error](againErr); ok && wantsOtherCasing(second, camel) {
			return result, err // neither works: return the first error
		}
		result, err = again, againErr
	}
	if err == nil {
		c.memory.learnRerun(camel)
	}
	return result, err
}

// wantsOtherCasing reports whether a 400 names an unknown or missing field, in the wording of
// either dialect.
func wantsOtherCasing(f *Error, camel bool) bool {
	return f.Kind == KindRejected && f.Status == 400 &&
		f.fields.WantsOtherCasing(camel)
}

// RunNewEvals is the body of a run-new-evals.
type RunNewEvals struct {
	ExecutionID          uuid.UUID
	EvalConfigIDs        []uuid.UUID
	EnableToolEvaluation *bool // nil for the run test's own setting
}

// RunNewEvals runs evals on a completed execution. It is never sent twice.
func (c *Client) RunNewEvals(ctx context.Context, runTestID uuid.UUID, body RunNewEvals) (calls.NewEvalsResult, error) {
	// The deployed server compares counts, so a duplicate id would look like a missing one.
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
		return calls.NewEvalsResult{}, f
	}
	return fetch(ctx, c, r, c.answers.NewEvals)
}
