// Package event is what a run tells while it goes on: kinds.go says what can happen, log.go
// passes it on and keeps the warnings for the reports. Nothing is decided here.
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
type Phase struct{ Name string }

// RunTestKnown tells which run test is used, the moment its id is known.
type RunTestKnown struct {
	ID      uuid.UUID
	Name    text.Untrusted
	Created bool
}

// ExecutionKnown tells which execution is watched, the moment its id is known.
type ExecutionKnown struct {
	ID  uuid.UUID
	URL string // dashboard link; empty when not known
}

// ProgressMade is the answer to a poll.
type ProgressMade struct {
	Progress calls.Progress
	// Elapsed is the time since the run began to wait for these calls.
	Elapsed time.Duration
	// Left is about how long the calls will still take; 0 when not known.
	Left time.Duration
}

// Note is a sentence for the log.
type Note struct{ Text text.Untrusted }

// Warning is a sentence for the log and the reports.
type Warning struct{ Text text.Untrusted }

func (Phase) event()          {}
func (RunTestKnown) event()   {}
func (ExecutionKnown) event() {}
func (ProgressMade) event()   {}
func (Note) event()           {}
func (Warning) event()        {}
