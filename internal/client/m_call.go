package client

import (
	"time"

	"github.com/google/uuid"

	"github.com/agent-gate/agent-gate/internal/text"
)

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
