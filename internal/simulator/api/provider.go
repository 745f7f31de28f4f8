package api

import (
	"fmt"
	"time"

	"github.com/agent-gate/agent-gate/internal/simulator/world"
)

// What a voice provider has of a call.

// providerID is the provider's name of the call, once it has ended.
func (h *Handler) providerID(c *world.Call, now time.Time) *string {
	if h.w.Options.Text || !c.Attempt.Over(now) {
		return nil
	}
	return new("call_" + c.ID.String()[:8])
}

// audio is the recording of a voice call, once it has ended.
func (h *Handler) audio(c *world.Call, now time.Time) *string {
	if h.providerID(c, now) == nil {
		return nil
	}
	return new(recording(c, "combined"))
}

func recording(c *world.Call, track string) string {
	return "https://recordings.example.com/" + c.ID.String() + "/" + track + ".wav"
}

// phone is the simulated customer's number, in the range kept for fiction.
func phone(c *world.Call) string { return fmt.Sprintf("+1415555%04d", (100+c.Index)%10000) }

// providerOf is what the page of an execution calls its provider.
func (h *Handler) providerOf(e *world.Execution) any {
	if e.RunTest.Prompt != nil {
		return "prompt"
	}
	return h.provider()
}

// typeOf is the type of the agent of a run test; a prompt makes a chat agent.
func (h *Handler) typeOf(rt *world.RunTest) string {
	if rt.Prompt != nil {
		return "text"
	}
	return h.agentType()
}

// provider is that of the agent; the server knows none of a chat agent.
func (h *Handler) provider() any {
	if h.w.Options.Text {
		return nil
	}
	return "vapi"
}
