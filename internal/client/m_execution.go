// Package calls holds what a run is made of: executions, calls and the results of their
// evals, in one model in which unknown is not zero. It is what the client makes of the
// answers of the API, and what is judged and reported. It knows neither HTTP nor the
// dialects of the API, and judges nothing.
//
// Read in this order: [Execution] and [Call], the [Eval] results of a call, [Calls] that
// holds them all in little memory and [CallPacker] that makes it; then the run test that an
// execution belongs to, reruns, transcripts, and why the platform lost a call.
package client

import (
	"time"

	"github.com/google/uuid"

	"github.com/agent-gate/agent-gate/internal/text"
)

// Progress is what a poll learns: where an execution stands, without its calls.
// Counts are nil where the server did not say.
type Progress struct {
	Status      ExecutionStatus
	Total       *int
	Completed   *int // calls whose status is completed
	Failed      *int // calls whose status is failed
	SuccessRate *float64
	AgentType   AgentType
	ErrorReason text.Untrusted
	StartedAt   *time.Time
	CompletedAt *time.Time
	RunTestID   uuid.UUID // uuid.Nil when not said
	RunTestName text.Untrusted
}

// Execution is a test execution with all its calls.
type Execution struct {
	Progress
	// Calls holds every call once, ordered by scenario name and then by id, so that
	// two reads of the same execution look alike whatever order the server had.
	Calls *Calls
	// Shortened is how many texts were cut or left out, since there are so many calls:
	// reasons of evals, values that are texts, and why calls ended.
	Shortened int
	// Evals are the evals that the server says exist on this execution, also those
	// of which no call has a result.
	Evals []EvalConfig
}

// ExecutionStatus is the state of a test execution, in lower case. A status that is
// not listed here is kept as the server spelled it (in lower case), is not terminal
// and is not known.
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

// Terminal reports whether the server has stopped working on the execution. A rerun
// or new evals can still move it back.
func (s ExecutionStatus) Terminal() bool {
	return s == ExecutionCompleted || s == ExecutionFailed || s == ExecutionCancelled
}

// Known reports whether s is one of the states of the API's documents.
func (s ExecutionStatus) Known() bool {
	switch s {
	case ExecutionPending, ExecutionRunning, ExecutionEvaluating, ExecutionCompleted,
		ExecutionFailed, ExecutionCancelling, ExecutionCancelled:
		return true
	}
	return false
}

// String is the status through the door of log lines: an unknown one is the
// server's own text.
func (s ExecutionStatus) String() string { return text.New(string(s)).Line() }

// Started is the answer to an execute.
type Started struct {
	ExecutionID uuid.UUID
	Scenarios   int
	// Calls is how many calls the server says that there are already; 0 when it does not say.
	// The deployed one says 0 for voice agents, whatever it will do, and for text agents only
	// where its hosted runner does not place them (real-server.md, row 8).
	Calls int
}

// ExecutionSummary is one line of a run test's list of executions.
type ExecutionSummary struct {
	ID        uuid.UUID
	Status    ExecutionStatus
	StartedAt *time.Time
	// Scenarios are the names of its scenarios, joined by commas; empty when not said.
	Scenarios text.Untrusted
}
