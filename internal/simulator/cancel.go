package simulator

import (
	"net/http"
	"slices"
	"time"

	"github.com/google/uuid"
)

// cancelExecution is POST test-executions/{id}/cancel/ (contract, section 3.12). The
// deployed server cancels even what has ended; the public docs promise a 400.
func (s *Server) cancelExecution(id uuid.UUID, b body, now time.Time) answer {
	if len(b) > 0 && s.deployed() {
		return refuseBody(b)
	}
	e, found := s.execBy[id]
	if !found {
		return s.missing("TestExecution", "Test execution not found")
	}
	e.advance(now)
	was := e.status(now)
	s.ledger.Cancels = append(s.ledger.Cancels, Cancel{ExecutionID: e.id, Was: was, At: now})
	if !s.deployed() && was.Terminal() {
		return s.problem(http.StatusBadRequest, "Test execution is already in a terminal state.")
	}
	if reason := e.plan.CancelError; reason != "" {
		e.stop(now, time.Time{}, StatusCancelled, "")
		return s.problem(http.StatusBadRequest, "Failed to cancel test execution: "+reason)
	}
	message := "Test execution cancellation initiated"
	if e.cancel(now) {
		message = "Cancellation signal sent to workflow"
	}
	return ok(object{{"success", true}, {"message", message}, {"test_execution_id", e.id}})
}

// refuseBody is the 400 for a cancel with anything in its body.
func refuseBody(b body) answer {
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

// CancelExecution cancels an execution as somebody in the dashboard does. The ledger
// does not count it.
func (s *Server) CancelExecution(id uuid.UUID) {
	s.mu.Lock()
	defer s.mu.Unlock()
	if e, found := s.execBy[id]; found {
		now := time.Now()
		e.advance(now)
		e.cancel(now)
	}
}
