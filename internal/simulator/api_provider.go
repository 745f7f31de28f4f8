package simulator

import (
	"fmt"
	"time"
)

// What a voice provider has of a call.

// providerID is the provider's name of the call, once it has ended.
func (h *Handler) providerID(c *call, now time.Time) *string {
	if h.w.opts.Text || !c.now.over(now) {
		return nil
	}
	return new("call_" + c.id.String()[:8])
}

// audio is the recording of a voice call, once it has ended.
func (h *Handler) audio(c *call, now time.Time) *string {
	if h.providerID(c, now) == nil {
		return nil
	}
	return new(recording(c, "combined"))
}

func recording(c *call, track string) string {
	return "https://recordings.example.com/" + c.id.String() + "/" + track + ".wav"
}

// phone is the simulated customer's number, in the range kept for fiction.
func phone(c *call) string { return fmt.Sprintf("+1415555%04d", (100+c.index)%10000) }

// provider is that of the agent; the server knows none of a chat agent.
func (h *Handler) provider() any {
	if h.w.opts.Text {
		return nil
	}
	return "vapi"
}
