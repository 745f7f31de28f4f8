package gate

import (
	"context"
	"slices"

	"github.com/google/uuid"

	"github.com/agent-gate/agent-gate/internal/calls"
	"github.com/agent-gate/agent-gate/internal/gate/evidence"
	"github.com/agent-gate/agent-gate/internal/gate/talk"
	"github.com/agent-gate/agent-gate/internal/text"
	"github.com/agent-gate/agent-gate/internal/verdict"
)

// What became of the calls of an execution: which stand for others, which are left over, and which nobody is
// to hold.

// leave records a conversation that was not begun.
func (t *talker) leave(l leg, c talk.Conversation, why text.Untrusted) {
	t.idle++
	old, stands := t.standing[c.ID]
	if stands && l.reruns() {
		t.gathered.LeaveOut(c.ID) // what it was to stand for stays
	} else {
		t.gathered.Settle(c.ID, evidence.Ending{Status: calls.Cancelled, Reason: why})
		old = verdict.Call{Call: calls.Call{ID: c.ID}}
	}
	if c.End == talk.LeftOver {
		t.left = append(t.left, old)
	}
}

// takeOver makes a rerun conversation stand for the earlier one, unless it says nothing about the agent.
func (t *talker) takeOver(l leg, c talk.Conversation) {
	old, stands := t.standing[c.ID]
	if !stands || !l.reruns() {
		return
	}
	tells := c.End == talk.Ended || c.End == talk.AgentFailed || c.End == talk.TurnLimit
	if tells || c.End == talk.Lost && old.Outcome() == verdict.Lost {
		t.gathered.Replace(old, c.ID, true)
		return
	}
	t.gathered.TriedAgain(old, c.ID)
}

// retire closes the calls that nobody is to hold, so that the execution can end: only then does the server
// run new evals. It is best effort: what stays open is cancelled with the execution.
func (t *talker) retire(ctx context.Context) {
	for _, id := range t.made {
		if t.begun[id] {
			continue
		}
		if err := t.api.CloseChat(ctx, id, calls.ChatEnd{Status: calls.Cancelled, Reason: "not to be held in this execution"}); err != nil {
			t.log.Note(text.Sprintf("A call that was not begun could not be closed: %s", text.New(err.Error())))
			return
		}
	}
}

// leftOver returns the conversations that a further execution has to hold, as the calls that it stands
// for. Those that it could not place for sure stay as they are, with a warning.
func (t *talker) leftOver() []verdict.Call {
	all, now := slices.Clone(t.left), t.gathered.Current()
	ids := make([]uuid.UUID, len(all))
	for i, c := range all {
		ids[i] = c.ID
	}
	places := now.Places(ids)
	for i, c := range all {
		if at, ok := places[c.ID]; ok {
			all[i] = now.At(at)
		}
	}
	placeable, lacking := t.placeable(all)
	if len(lacking) > 0 {
		t.log.Warn(text.Sprintf("%s did not fit into the 25 minutes that calls live and cannot be held in another execution: %s.", text.Plural(len(lacking), "conversation"), t.untold().why(lacking)))
	}
	return placeable
}
