package simulator

import (
	"fmt"
	"net/http"
	"time"

	"github.com/google/uuid"
)

// rerunCalls is POST test-executions/{id}/rerun-calls/ (contract, section 3.9). The
// documented dialect wants and gives camelCase, the deployed one snake_case.
func (h *Handler) rerunCalls(id uuid.UUID, b body, now time.Time) answer {
	typeKey, idsKey, allKey := "rerun_type", "call_execution_ids", "select_all"
	if !h.deployed() {
		typeKey, idsKey, allKey = "rerunType", "callExecutionIds", "selectAll"
	}
	f := &form{body: b}
	typ := f.choice(typeKey, evalOnly, callAndEval)
	ids := f.ids(idsKey, false, true)
	all, _ := f.boolean(allKey)
	if a, bad := h.check(f, false); bad {
		return a
	}
	if !all && len(ids) == 0 {
		return h.invalid(fieldErrors{{nonField, "invalid", fmt.Sprintf("Either '%s' must be True or '%s' must be provided", allKey, idsKey)}})
	}
	e, found := h.w.findExecution(id, now)
	if !found {
		return h.missing("TestExecution", "Test execution not found")
	}
	if typ == callAndEval {
		if a, refused := h.gated(); refused {
			return a
		}
		if h.w.opts.Text {
			return h.problem(http.StatusBadRequest, "Text/Chat agents only support 'eval_only' rerun type.")
		}
	}
	// The deployed server lets running and evaluating executions be rerun; the
	// documented API wants a terminal one.
	status := e.status(now)
	active := status == StatusPending || status == StatusCancelling
	if !h.deployed() {
		active = !status.Terminal()
	}
	if active {
		return h.problem(http.StatusBadRequest, fmt.Sprintf("Cannot rerun calls while test execution is in '%s' status. Wait for it to complete or cancel it first.", status))
	}
	calls, refused := e.chosen(ids, all)
	if len(calls) == 0 && h.deployed() {
		return h.problem(http.StatusBadRequest, "No call executions found that can be rerun.")
	}
	total := len(calls) + len(refused)
	running, refused, dispatch := e.rerun(typ, calls, refused, status, now)
	return h.rerunAnswer(e, typ, total, running, refused, dispatch)
}

func (h *Handler) rerunAnswer(e *execution, typ string, total int, calls []*call, refused []refusedRerun, dispatch string) answer {
	idKey := "call_execution_id"
	if !h.deployed() {
		idKey = "callExecutionId"
	}
	done := make([]string, len(calls))
	for i, c := range calls {
		done[i] = c.id.String()
	}
	failed := make([]object, len(refused))
	for i, r := range refused {
		failed[i] = object{{idKey, r.id}, {"error", r.text}}
	}
	if !h.deployed() {
		return ok(object{
			{"message", "Rerun initiated successfully"}, {"testExecutionId", e.id}, {"rerunType", typ}, {"totalProcessed", total},
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
		{"message", message}, {"test_execution_id", e.id}, {"rerun_type", typ}, {"total_processed", total},
		{"successful_reruns", done}, {"failed_reruns", failed}, {"success_count", len(done)}, {"failure_count", len(failed)},
		{"dispatch_error", dispatchError},
	})
}
