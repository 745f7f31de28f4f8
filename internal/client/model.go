package client

import (
	"encoding/json"
	"time"

	"github.com/google/uuid"

	"github.com/agent-gate/agent-gate/internal/text"
)

// Dialect tells which of the two forms of the API a server speaks. The documented
// dialect is the one of the vendor's API documents, the deployed dialect the one of
// the open-source backend of 2026-08. Only this package needs to know; reports
// print it.
type Dialect string

// The dialects. DialectUnknown holds until an answer has shown which it is.
const (
	DialectUnknown    Dialect = ""
	DialectDocumented Dialect = "documented"
	DialectDeployed   Dialect = "deployed"
)

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

// CallStatus is the state of one call execution, in lower case.
type CallStatus string

// The states of a call (get-test-execution.txt).
const (
	CallPending   CallStatus = "pending"
	CallQueued    CallStatus = "queued"
	CallOngoing   CallStatus = "ongoing"
	CallAnalyzing CallStatus = "analyzing"
	CallCompleted CallStatus = "completed"
	CallFailed    CallStatus = "failed"
	CallCancelled CallStatus = "cancelled"
)

// Terminal reports whether the call has ended.
func (s CallStatus) Terminal() bool {
	return s == CallCompleted || s == CallFailed || s == CallCancelled
}

// String is the status through the door of log lines.
func (s CallStatus) String() string { return text.New(string(s)).Line() }

// AgentType is what kind of agent a run test speaks to; empty when the server did
// not say.
type AgentType string

// The agent types. Text agents accept only eval_only reruns.
const (
	AgentVoice AgentType = "voice"
	AgentText  AgentType = "text"
)

// RunTest is a configured test: an agent, scenarios and evals. What the server did
// not say is empty.
type RunTest struct {
	ID          uuid.UUID
	Name        text.Untrusted
	AgentID     uuid.UUID // of the agent definition; uuid.Nil when not said
	AgentType   AgentType
	AgentName   text.Untrusted
	SourceType  string       // "agent_definition" or "prompt"
	Scenarios   []Scenario   // nil when the server did not say which it has
	EvalConfigs []EvalConfig // nil when the server did not say which it has
	CreatedAt   *time.Time   // by the server's clock; nil when not said
}

// Scenario is one situation that calls are made of, one call for each row of its
// dataset.
type Scenario struct {
	ID          uuid.UUID
	Name        text.Untrusted
	Status      text.Untrusted // "Completed" when it is ready to run; empty when not said
	DatasetRows *int           // nil when not said
}

// EvalConfig is an eval attached to a run test.
type EvalConfig struct {
	ID         uuid.UUID
	TemplateID uuid.UUID
	Name       text.Untrusted
	// Type is the server's own word for what the eval returns: Pass/Fail, score, choices,
	// numeric or reason. Only the deployed server says so, with an execution; empty when it
	// did not.
	Type text.Untrusted
	// Definition is the server's own object, from which the eval can be copied into
	// another run test.
	Definition json.RawMessage
}

// CreateRunTest is the body of a create. Absent fields are not sent, since the
// deployed server refuses null for some of them.
type CreateRunTest struct {
	Name                 string
	Description          string
	AgentDefinitionID    uuid.UUID
	AgentVersion         uuid.UUID // uuid.Nil: the active version
	ScenarioIDs          []uuid.UUID
	EvalConfigIDs        []uuid.UUID
	EvaluationsConfig    json.RawMessage // a JSON array, or nil
	DatasetRowIDs        []uuid.UUID
	EnableToolEvaluation *bool
	ReplaySessionID      uuid.UUID // uuid.Nil: none
}

// Execute is the body of an execute.
type Execute struct {
	ScenarioIDs []uuid.UUID // none: all scenarios of the run test
	SimulatorID uuid.UUID   // uuid.Nil: none
}

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

// Call is one call execution: one conversation of the simulator with the agent.
// Pointers are nil where the server gave no value, or one that cannot be: unknown is not
// zero. The numbers are finite and from 0.
type Call struct {
	ID                uuid.UUID
	Scenario          text.Untrusted
	ScenarioID        uuid.UUID // uuid.Nil when not said
	Status            CallStatus
	OverallScore      *float64 // in the API's own unit, normally CSAT 1-10
	DurationSeconds   *float64 // of the last try, like all that follows but the cost
	ResponseSeconds   *float64
	CostCents         *float64 // of all tries together; nil when that of the last one is not known
	EndedReason       text.Untrusted
	ProcessingSkipped bool // ended, but there was nothing to judge
	SkipReason        text.Untrusted
	Evals             []Eval     // ordered by name and then by id
	UpdatedAt         *time.Time // moves when the call is rerun; deployed dialect only
	StartedAt         *time.Time
	// Row tells the scenario's dataset row that the call plays from others: the same row
	// has the same number in every execution, for as long as its contents are the same. 0
	// when the server did not say.
	Row uint64
	// Reruns is how often the call was placed again by then; 0 where the server keeps
	// nothing of earlier tries.
	Reruns int
	// First is how the oldest of the earlier tries ended that the platform did not lose;
	// when it lost them all, how the oldest ended, and First.Lost() reports so: then the
	// last try is the first that counts. Nil where nothing is kept of earlier tries.
	First *Try
	// LostFirst is true when the platform lost the oldest try, whether or not First is that
	// one.
	LostFirst bool
}

// Try is how a call ended before it was rerun.
type Try struct {
	Status            CallStatus
	ProcessingSkipped bool
	EndedReason       text.Untrusted
}

// Lost reports whether the platform lost the try.
func (t Try) Lost() bool {
	_, lost := PlatformFailureOf(t.Status, t.EndedReason)
	return lost
}

// EvalState tells whether an eval has a result. The words in the server's own status
// field are inconsistent (contract, section 5), so it is derived from the value and
// the flags.
type EvalState string

// The states of an eval on one call.
const (
	EvalScored  EvalState = "scored"  // it has a value
	EvalPending EvalState = "pending" // {}: not finished yet
	EvalErrored EvalState = "errored" // the evaluation itself failed
	EvalSkipped EvalState = "skipped" // the server chose not to run it
	EvalEmpty   EvalState = "empty"   // finished without a value and without an error
)

// EvalResult is the result of one eval on one call, spelled out.
type EvalResult struct {
	ConfigID uuid.UUID
	Name     text.Untrusted
	Type     text.Untrusted // the server's own word: Pass/Fail, score, choices, numeric, reason
	State    EvalState
	Value    EvalValue // meaningful when State is EvalScored
	Reason   text.Untrusted
}

// ValueKind tells what an eval value is.
type ValueKind string

// The kinds of values.
const (
	ValueNone    ValueKind = ""
	ValuePass    ValueKind = "pass"    // Passed is set
	ValueScore   ValueKind = "score"   // Number is 0-1; Labels may name the choice that gave it
	ValueNumeric ValueKind = "numeric" // Number in the eval's own unit
	ValueChoices ValueKind = "choices" // Labels are set
	ValueText    ValueKind = "text"    // Labels holds one text, which is not judged
)

// EvalValue is an eval's value, normalised from all that the server may put there.
type EvalValue struct {
	Kind   ValueKind
	Passed bool
	Number float64
	Labels []text.Untrusted
}

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

// RunNewEvals is the body of a run-new-evals.
type RunNewEvals struct {
	ExecutionID          uuid.UUID
	EvalConfigIDs        []uuid.UUID
	EnableToolEvaluation *bool // nil leaves the run test's own setting
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

// Stats counts what was asked of the API, for the report.
type Stats struct {
	Requests int `json:"requests"` // attempts sent, retries included
	Polls    int `json:"polls"`
	Retries  int `json:"retries"`
}
