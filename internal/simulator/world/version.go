package world

import (
	"fmt"

	"github.com/google/uuid"

	"github.com/agent-gate/agent-gate/internal/simulator/story"
)

// firstVersion is the agent version that is active in a new world.
const firstVersion = 3

// AgentVersion is a version of the one agent that there is.
type AgentVersion struct {
	ID   uuid.UUID
	Name string
}

// ActiveVersion returns the agent version that run tests without one of their own use.
func (w *World) ActiveVersion() AgentVersion { return w.agentVersion(firstVersion + w.published) }

// PublishAgent makes a new agent version the active one.
func (w *World) PublishAgent() { w.published++ }

// agentVersion returns a version by its number.
func (w *World) agentVersion(n int) AgentVersion {
	v := AgentVersion{ID: w.ID(story.ForAgentVersion), Name: fmt.Sprintf("v%d", n)}
	if n != firstVersion {
		v.ID = w.ID(story.ForAgentVersion, uint64(n))
	}
	return v
}

// VersionOf returns the version that a run test uses now: its own, or the active one. known is false if the
// agent has no such version.
func (w *World) VersionOf(id uuid.UUID) (_ AgentVersion, known bool) {
	for n := firstVersion; n <= firstVersion+w.published; n++ {
		if v := w.agentVersion(n); v.ID == id {
			return v, true
		}
	}
	return w.ActiveVersion(), id == uuid.Nil
}
