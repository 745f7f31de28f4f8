package evidence

import (
	"maps"
	"slices"

	"github.com/google/uuid"

	"github.com/agent-gate/agent-gate/internal/calls"
	"github.com/agent-gate/agent-gate/internal/text"
	"github.com/agent-gate/agent-gate/internal/verdict"
)

// Ending is how a call ended that this run ended itself. It counts, whatever the server shows: some
// servers replace the reason (chat.md 5), and others show the call as open for a while.
type Ending struct {
	Status calls.Status
	Reason text.Untrusted
}

// Settle records how this run ended a call.
func (g *Gathered) Settle(call uuid.UUID, e Ending) {
	if g.ours == nil {
		g.ours = map[uuid.UUID]Ending{}
	}
	g.ours[call] = e
}

// Ended reports whether this run ended a call.
func (g *Gathered) Ended(call uuid.UUID) bool {
	_, ours := g.ours[call]
	return ours
}

// AsEnded returns calls as this run ended them.
func (g *Gathered) AsEnded(list verdict.Calls) verdict.Calls {
	if len(g.ours) == 0 {
		return list
	}
	return list.With(func(_ int, c *verdict.Call) {
		if e, ours := g.ours[c.ID]; ours {
			c.Status, c.EndedReason, c.ProcessingSkipped = e.Status, e.Reason, false
			c.FirstOutcome = c.Outcome()
		}
	})
}

// Say records what was said in calls, as this run heard it.
func (g *Gathered) Say(said map[uuid.UUID]calls.Transcript) {
	if g.said == nil {
		g.said = map[uuid.UUID]calls.Transcript{}
	}
	maps.Copy(g.said, said)
}

// Said returns what this run heard in a call; ok is false if it did not hold the conversation.
func (g *Gathered) Said(call uuid.UUID) (said calls.Transcript, ok bool) {
	said, ok = g.said[call]
	return said, ok
}

// Endings returns how this run ended calls, in any order.
func (g *Gathered) Endings() []Ending { return slices.Collect(maps.Values(g.ours)) }
