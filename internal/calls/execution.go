// Package calls is what a run is made of: executions, calls and eval results, in one model for
// both dialects of the API. The client builds it; verdict and report read it. It contains no
// HTTP, no dialect and no judgement.
//
// Unknown is not zero. What the server did not say is nil, uuid.Nil or empty, and NaN in the
// packed list. It is never 0, except in the few fields whose comment says so.
//
// Read in this order: execution.go and call.go; eval.go, the results of a call; list.go and
// packer.go, which hold all calls of a run in little memory, and shorten.go, which limits their
// texts; platform.go, why the platform lost a call; then what surrounds an execution:
// runtest.go, rerun.go, transcript.go and server.go.
package calls

import (
	"time"

	"github.com/google/uuid"

	"github.com/agent-gate/agent-gate/internal/text"
)

// Progress is what a poll learns: the state of an execution, without its calls. Counts are nil
// where the server did not say.
type Progress struct {
	Status      ExecutionStatus
	Total       *int
	Completed   *int // calls with the status completed
	Failed      *int // calls with the status failed
	SuccessRate *float64
	AgentType   AgentType
	ErrorReason text.Untrusted
	StartedAt   *time.Time
	CompletedAt *time.Time
	RunTestID   uuid.UUID // uuid.Nil if unknown
	RunTestName text.Untrusted
}

// Execution is a test execution with all its calls.
type Execution struct {
	Progress
	// Calls has each call once, sorted by scenario name and then id, so two reads of an
	// execution look alike whatever order the server used.
	Calls *List
	// Shortened counts the texts that were cut or dropped to save memory: eval reasons, text
	// values, and why calls ended.
	Shortened int
	// Evals are the evals the server lists for this execution, including those without a result
	// on any call.
	Evals []EvalConfig
}

// ExecutionStatus is the state of a test execution, in lower case. Any status not listed here
// is kept as it is; it is neither terminal nor known.
type ExecutionStatus string

// The states of an execution (get-test-execution.txt).
const (
	ExecutionPending    ExecutionStatus = "pending"
	ExecutionRunning    ExecutionStatus = "running"
	ExecutionEvaluating ExecutionStatus = "evaluating"
	ExecutionCompleted  ExecutionStatus = "completed"
	ExecutionFailed     ExecutionStatus = "failed"
	ExecutionCancelling ExecutionStatus = "cancelling"
	ExecutionCancelled  ExecutionStatus = "cancelled"
)

// Terminal reports whether the server has stopped working on the execution. A rerun or new
// evals can still restart it.
func (s ExecutionStatus) Terminal() bool {
	return s == ExecutionCompleted || s == ExecutionFailed || s == ExecutionCancelled
}

// Known reports whether the API documents the status s.
func (s ExecutionStatus) Known() bool {
	switch s {
	case ExecutionPending, ExecutionRunning, ExecutionEvaluating, ExecutionCompleted,
		ExecutionFailed, ExecutionCancelling, ExecutionCancelled:
		return true
	}
	return false
}

// String returns the status, escaped for log lines: an unknown one is the server's own text.
func (s ExecutionStatus) String() string { return text.New(string(s)).Line() }

// Started is the response to an execute.
type Started struct {
	ExecutionID uuid.UUID
	Scenarios   int
	// Calls is how many calls the server says it has already created; 0 if it does not say. The
	// deployed server says 0 for voice agents whatever happens next, and for text agents only
	// if its hosted runner does not place them (real-server.md, row 8).
	Calls int
}

// ExecutionSummary is one entry in a run test's list of executions.
type ExecutionSummary struct {
	ID        uuid.UUID
	Status    ExecutionStatus
	StartedAt *time.Time
	// AgentVersion is the name of the agent version that it used; empty if unknown.
	AgentVersion text.Untrusted
	// Scenarios are the scenario names, joined by commas; empty if unknown.
	Scenarios text.Untrusted
}
