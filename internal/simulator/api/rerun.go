package api

import (
	"fmt"
	"net/http"
	"time"

	"github.com/google/uuid"

	"github.com/agent-gate/agent-gate/internal/simulator/story"
	"github.com/agent-gate/agent-gate/internal/simulator/world"
)

// rerunCalls is POST test-executions/{id}/rerun-calls/ (contract, section 3.9). The
// documented dialect has camelCase keys, the deployed one snake_case.
func (h *Handler) rerunCalls(id uuid.UUID, b body, now time.Time) Answer {
	typeKey, idsKey, allKey := "rerun_type", "call_execution_ids", "select_all"
	if !h.deployed() {
		typeKey, idsKey, allKey = "rerunType", "callExecutionIds", "selectAll"
	}
	f := &form{body: b}
	typ := f.choice(typeKey, world.EvalOnly, world.CallAndEval)
	ids := f.ids(idsKey, false, true)
	all, _ := f.boolean(allKey)
	if a, bad := h.check(f, false); bad {
		return a
	}
	if !all && len(ids) == 0 {
		return h.invalid(fieldErrors{{nonField, "invalid", fmt.Sprintf("Either '%s' must be True or '%s' must be provided", allKey, idsKey)}})
	}
	e, found := h.w.FindExecution(id, now)
	if !found {
		return h.missing("TestExecution", "Test execution not found")
	}
	if typ == world.CallAndEval {
		if a, refused := h.voiceGated(); refused {
			return a
		}
		if h.w.Options.Text {
			return h.Problem(http.StatusBadRequest, "Text/Chat agents only support 'eval_only' rerun type.")
		}
	}
	// The deployed server accepts reruns of running and evaluating executions; the
	// documented API requires a terminal one.
	status := e.Status(now)
	active := status == story.StatusPending || status == story.StatusCancelling
	if !h.deployed() {
		active = !status.Terminal()
	}
	if active {
		return h.Problem(http.StatusBadRequest, fmt.Sprintf("Cannot rerun calls while test execution is in '%s' status. Wait for it to complete or cancel it first.", status))
	}
	calls, refused := e.SelectCalls(ids, all)
	if len(calls) == 0 && h.deployed() {
		return h.Problem(http.StatusBadRequest, "No call executions found that can be rerun.")
	}
	total := len(calls) + len(refused)
	running, refused, dispatch := e.Rerun(typ, calls, refused, status, now)
	return h.rerunAnswer(e, typ, total, running, refused, dispatch)
}

func (h *Handler) rerunAnswer(e *world.Execution, typ string, total int, calls []*world.Call, refused []world.RefusedRerun, dispatch string) Answer {
	idKey := "call_execution_id"
	if !h.deployed() {
		idKey = "callExecutionId"
	}
	done := make([]string, len(calls))
	for i, c := range calls {
		done[i] = c.ID.String()
	}
	failed := make([]object, len(refused))
	for i, r := range refused {
		failed[i] = object{{idKey, r.ID}, {"error", r.Text}}
	}
	if !h.deployed() {
		return ok(object{
			{"message", "Rerun initiated successfully"}, {"testExecutionId", e.ID}, {"rerunType", typ}, {"totalProcessed", total},
			{"successfulReruns", done}, {"failedReruns", failed}, {"successCount", len(done)}, {"failureCount", len(failed)},
		})
	}
	message := "Bulk call execution rerun prepared and initiated successfully (" + typ + ")"
	var dispatchError *string
	if dispatch != "" {
		message = "Bulk call execution rerun prepared; async dispatch failed and can be retried (" + typ + ")"
		dispatchError = &dispatch
	}
	return ok(object{
		{"message", message}, {"test_execution_id", e.ID}, {"rerun_type", typ}, {"total_processed", total},
		{"successful_reruns", done}, {"failed_reruns", failed}, {"success_count", len(done)}, {"failure_count", len(failed)},
		{"dispatch_error", dispatchError},
	})
}
