package world

import (
	"time"

	"github.com/google/uuid"

	"github.com/agent-gate/agent-gate/internal/simulator/chat"
	"github.com/agent-gate/agent-gate/internal/simulator/story"
)

// HeldChat is one chat call and what a client did to it.
type HeldChat struct {
	ExecutionID, CallID uuid.UUID
	story.Row
	Status story.Status
	Reason string
	// Agent are the texts of the agent's turns that were stored or will be, in the order in
	// which they were sent.
	Agent []string
	chat.Stats
}

// Open reports whether the call has not ended.
func (c HeldChat) Open() bool { return !c.Status.Terminal() && c.Status != story.StatusAnalyzing }

// ChatTally sums up chats as tests ask for them.
type ChatTally struct {
	Executions int // started by a client
	Calls      int // rows that were made
	DoubleRows int // calls of a row that the execution had made before
	Begun      int // calls that were begun
	Begins     int // begins: more than Begun when one was begun twice
	Turns      int
	Repeats    int // turns that were sent once more
	Refused    int // turns to a call that was not ongoing
	Overlaps   int // requests to a call while another one was under way
	Open       int // calls left open
	Closes     int // by patch or result
}

// ChatTally counts the chats that clients held; those of prompts are not among them.
func (l Ledger) ChatTally() ChatTally {
	t := ChatTally{}
	for _, e := range l.Started {
		if e.Kind != "" && e.Kind != chat.Prompt && !e.Aside {
			t.Executions++
		}
	}
	type made struct {
		execution uuid.UUID
		row       story.Row
	}
	seen := map[made]bool{}
	for _, c := range l.Chats {
		t.Calls++
		row := made{c.ExecutionID, c.Row}
		if seen[row] {
			t.DoubleRows++
		}
		seen[row] = true
		if c.Begins > 0 {
			t.Begun++
		}
		t.Begins += c.Begins
		t.Turns += c.Turns
		t.Repeats += c.Repeats
		t.Refused += c.Refused
		t.Overlaps += c.Overlaps
		t.Closes += len(c.Closes)
		if c.Open() {
			t.Open++
		}
	}
	return t
}

// held are the chats of an execution that a client holds.
func (e *Execution) held(now time.Time) []HeldChat {
	if e.Chat == nil || e.Chat.Kind == chat.Prompt {
		return nil
	}
	list := make([]HeldChat, 0, len(e.Calls))
	for _, c := range e.Calls {
		h := HeldChat{
			ExecutionID: e.ID, CallID: c.ID, Row: story.Row{Scenario: c.Scenario.Name, Row: c.Row},
			Status: c.Status(now), Reason: c.Chat.Reason, Stats: c.Chat.Stats, Agent: c.Chat.Said(),
		}
		h.Closes = append([]chat.Close(nil), h.Closes...)
		list = append(list, h)
	}
	return list
}
