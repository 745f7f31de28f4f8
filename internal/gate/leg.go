package gate

import (
	"context"
	"slices"

	"github.com/google/uuid"

	"github.com/agent-gate/agent-gate/internal/calls"
	"github.com/agent-gate/agent-gate/internal/gate/evidence"
	"github.com/agent-gate/agent-gate/internal/gate/pairing"
	"github.com/agent-gate/agent-gate/internal/gate/talk"
	"github.com/agent-gate/agent-gate/internal/text"
	"github.com/agent-gate/agent-gate/internal/verdict"
)

// leg is one execution of the run, and what it is for. A run has several if a text agent's conversations
// do not fit into one or are rerun, because the server ends a call 30 minutes after it was made, and
// calls of text agents cannot be rerun in place (chat.md 4.3 and 6).
type leg struct {
	number  int // of the execution within the run, from 1
	trial   int // from 1
	attempt int // from 1; later ones rerun conversations
	// instead are the calls that the execution's stand for; empty if it is to hold all.
	instead []verdict.Call
}

// first reports whether it is the first execution of the run.
func (l leg) first() bool { return l.number == 1 }

// isTrial reports whether it begins a further trial.
func (l leg) isTrial() bool { return !l.first() && l.attempt == 1 && l.instead == nil }

// reruns reports whether it reruns conversations.
func (l leg) reruns() bool { return l.attempt > 1 }

// scenarios returns the scenarios of a run test that it needs; nil for all.
func (l leg) scenarios(t calls.RunTest) []uuid.UUID {
	var some []uuid.UUID
	for _, c := range l.instead {
		at := slices.IndexFunc(t.Scenarios, func(s calls.Scenario) bool {
			return s.ID == c.ScenarioID || c.ScenarioID == uuid.Nil && s.Name == c.Scenario
		})
		if at < 0 {
			return nil // the server does not tell
		}
		if id := t.Scenarios[at].ID; !slices.Contains(some, id) {
			some = append(some, id)
		}
	}
	return some
}

// untold finds the scenarios whose calls of the current trial cannot be told apart.
func (t *tools) untold() pairing.Untold {
	return pairing.FindUntold(t.gathered.Trial(), t.gathered.Planned())
}

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
	placeable, lacking := t.untold().Placeable(t.gathered.Trial(), all)
	if len(lacking) > 0 {
		t.log.Warn(text.Sprintf("%s did not fit into the 25 minutes that calls live and cannot be held in another execution: %s.", text.Plural(len(lacking), "conversation"), t.untold().Why(lacking)))
	}
	return placeable
}
