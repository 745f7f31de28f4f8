package calls

import (
	"github.com/google/uuid"

	"github.com/agent-gate/agent-gate/internal/text"
)

// DefaultRerunMax is how many of the calls may be rerun, unless the user says otherwise: more failures are not flaky
// calls.
const DefaultRerunMax = "25%"

// RerunType is what a rerun repeats.
type RerunType string

// The rerun types (rerun-call-executions.txt).
const (
	RerunCallAndEval RerunType = "call_and_eval" // place the calls again, which costs money
	RerunEvalOnly    RerunType = "eval_only"     // only evaluate the conversations again
)

// RerunResult is the response to a rerun.
type RerunResult struct {
	Message  text.Untrusted
	Accepted []uuid.UUID
	Rejected []RejectedRerun
	// DispatchError is set if the server answered 200 but started nothing.
	DispatchError text.Untrusted
}

// RejectedRerun is a call that the server did not rerun.
type RejectedRerun struct {
	CallID uuid.UUID
	Reason text.Untrusted
}

// NewEvalsResult is the response to a run-new-evals.
type NewEvalsResult struct {
	Message text.Untrusted
	Calls   *int // calls being evaluated; nil if the server did not say
	// DispatchFailed reports that the server answered 200 but started nothing. Only its message
	// shows that.
	DispatchFailed bool
}

// CancelResult is the response to a cancel.
type CancelResult struct {
	Message text.Untrusted
}
