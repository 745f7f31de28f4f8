// Package event is how a run reports progress: kinds.go defines the events, log.go passes them to an
// observer and keeps the warnings for the reports. Nothing is decided here.
package event

import (
	"time"

	"github.com/google/uuid"

	"github.com/agent-gate/agent-gate/internal/calls"
	"github.com/agent-gate/agent-gate/internal/text"
)

// Event is something that happened in a run: one of the types below.
type Event interface{ event() }

// Phase is the beginning of a part of the run.
type Phase struct {
	Name string
	// Waits means that the run mostly waits in it.
	Waits bool
}

// TrialBegan is the beginning of a trial of a run that may have several. All that follows is of it, until
// the next one; 0 ends the last.
type TrialBegan struct{ Number int }

// RunTestKnown names the run test as soon as its id is known.
type RunTestKnown struct {
	ID      uuid.UUID
	Name    text.Untrusted
	Created bool
}

// ExecutionKnown names the watched execution as soon as its id is known.
type ExecutionKnown struct {
	ID  uuid.UUID
	URL string // dashboard link; empty if unknown
	// Before is how many executions of the run came before it.
	Before int
}

// ProgressMade is the response to a poll.
type ProgressMade struct {
	Progress calls.Progress
	// Elapsed is the time since the wait for these calls began.
	Elapsed time.Duration
	// Left estimates how much longer the calls will take; 0 if unknown.
	Left time.Duration
}

// Note is a sentence for the log.
type Note struct{ Text text.Untrusted }

// Warning is a sentence for the log and the reports.
type Warning struct{ Text text.Untrusted }

func (Phase) event()          {}
func (TrialBegan) event()     {}
func (RunTestKnown) event()   {}
func (ExecutionKnown) event() {}
func (ProgressMade) event()   {}
func (Note) event()           {}
func (Warning) event()        {}
