package client

import (
	"github.com/google/uuid"

	"github.com/agent-gate/agent-gate/internal/text"
)

// RerunType is the way of a rerun.
type RerunType string

// The ways of a rerun (rerun-call-executions.txt).
const (
	RerunCallAndEval RerunType = "call_and_eval" // place the calls again: costs calls
	RerunEvalOnly    RerunType = "eval_only"     // evaluate the conversations again
)

// RerunResult is the answer to a rerun.
type RerunResult struct {
	Message  text.Untrusted
	Accepted []uuid.UUID
	Rejected []RejectedRerun
	// DispatchError is not empty when the server answered 200 and started nothing.
	DispatchError text.Untrusted
}

// RejectedRerun is a call that the server would not rerun.
type RejectedRerun struct {
	CallID uuid.UUID
	Reason text.Untrusted
}

// NewEvalsResult is the answer to a run-new-evals.
type NewEvalsResult struct {
	Message text.Untrusted
	Calls   *int // calls that are being evaluated; nil when the server did not say
	// DispatchFailed is true when the server answered 200 and started nothing; only
	// its message says so.
	DispatchFailed bool
}

// CancelResult is the answer to a cancel.
type CancelResult struct {
	Message text.Untrusted
}
