package calls

import (
	"bytes"
	"time"

	"github.com/google/uuid"

	"github.com/agent-gate/agent-gate/internal/text"
)

// Call is one call execution: one conversation between the simulator and the agent.
//
// Unknown is not zero: a pointer is nil where the server sent no value or an impossible one.
// Numbers are finite and not negative.
type Call struct {
	ID                uuid.UUID
	Scenario          text.Untrusted
	ScenarioID        uuid.UUID // uuid.Nil if unknown
	Status            Status
	OverallScore      *float64 // in the API's own unit, normally CSAT 1-10
	DurationSeconds   *float64 // of the last try, like the fields below except the cost
	ResponseSeconds   *float64
	CostCents         *float64 // of all tries together; nil if the last one's is unknown
	EndedReason       text.Untrusted
	ProcessingSkipped bool // ended, but there was nothing to judge
	SkipReason        text.Untrusted
	Evals             []Eval     // sorted by name, then id
	UpdatedAt         *time.Time // changes when the call is rerun; deployed dialect only
	StartedAt         *time.Time
	// Execution is the index of its execution in the run, from 0: a run can have several.
	Execution int
	// Row identifies the dataset row that the call plays, within its scenario: a hash of the
	// row's contents, so it is the same in every execution until they change. 0 if unknown.
	Row uint64
	// Reruns is how many times the call had been rerun; 0 where the server does not keep
	// earlier tries.
	Reruns int
	// First is how the oldest earlier try ended that the platform did not lose. If it lost them
	// all, First is the oldest and First.Lost() is true: then the last try is the first that
	// counts. Nil where the server keeps no earlier tries.
	First *Try
	// Earlier is what the tries before the last one took, where the server keeps them. CostCents
	// includes their cost.
	Earlier Took
	// LostFirst reports that the platform lost the oldest try, whether or not First is that
	// try.
	LostFirst bool
}

// Try is how a call ended before it was rerun.
type Try struct {
	Status            Status
	ProcessingSkipped bool
	EndedReason       text.Untrusted
}

// Took is what tries of a call took, as far as the server says, and of how many tries it says so. Idle
// counts those that failed or were cancelled before they began.
type Took struct {
	Cents, Seconds      float64
	Priced, Timed, Idle int
}

// Lost reports whether the platform lost the try.
func (t Try) Lost() bool {
	_, lost := PlatformFailureOf(t.Status, t.EndedReason)
	return lost
}

// Status is the state of a call execution, in lower case.
type Status string

// The states of a call (get-test-execution.txt).
const (
	Pending   Status = "pending"
	Queued    Status = "queued"
	Ongoing   Status = "ongoing"
	Analyzing Status = "analyzing"
	Completed Status = "completed"
	Failed    Status = "failed"
	Cancelled Status = "cancelled"
)

// Terminal reports whether the call has ended.
func (s Status) Terminal() bool {
	return s == Completed || s == Failed || s == Cancelled
}

// String returns the status, escaped for log lines.
func (s Status) String() string { return text.New(string(s)).Line() }

// CompareIDs orders ids as their texts are ordered.
func CompareIDs(a, b uuid.UUID) int { return bytes.Compare(a[:], b[:]) }
