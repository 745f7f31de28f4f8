package api

import (
	"net/http"
	"slices"
	"time"

	"github.com/google/uuid"
)

// cancelExecution is POST test-executions/{id}/cancel/ (contract, section 3.12). The
// deployed server cancels even a finished execution; the public docs promise a 400.
func (h *Handler) cancelExecution(id uuid.UUID, b body, now time.Time) Answer {
	if len(b) > 0 && h.deployed() {
		return refuseBody(b)
	}
	e, found := h.w.FindExecution(id, now)
	if !found {
		return h.missing("TestExecution", "Test execution not found")
	}
	if was := e.NoteCancel(now); !h.deployed() && was.Terminal() {
		return h.Problem(http.StatusBadRequest, "Test execution is already in a terminal state.")
	}
	async, failure := e.Cancel(now)
	if failure != "" {
		return h.Problem(http.StatusBadRequest, "Failed to cancel test execution: "+failure)
	}
	message := "Test execution cancellation initiated"
	if async {
		message = "Cancellation signal sent to workflow"
	}
	return ok(object{{"success", true}, {"message", message}, {"test_execution_id", e.ID}})
}

// refuseBody returns the 400 for a cancel whose body has any keys.
func refuseBody(b body) Answer {
	const text = "This endpoint does not accept a request body."
	keys := make([]string, 0, len(b))
	for k := range b {
		keys = append(keys, k)
	}
	slices.Sort(keys)
	d := object{{nonField, []string{text}}}
	for _, k := range keys {
		d = append(d, member{k, []string{unknownField}})
	}
	return envelope(http.StatusBadRequest, "", text, member{"attr", keys[0]}, member{"details", d})
}
