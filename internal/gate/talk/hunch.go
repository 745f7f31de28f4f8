package talk

import (
	"strings"

	"github.com/agent-gate/agent-gate/internal/text"
)

// greeting is the customer's first line when its model cannot be asked, and the scenario has
// none of its own (chat.md 4.1).
const greeting = "Hi!"

// noModel is said when all conversations look as if there were no model.
var noModel = text.New("the customer said just \"Hi!\" in each conversation and failed at the agent's first answer: " +
	"the server has no language model for the simulated customer, it seems; set one up there")

// hunch is what conversations say about the customer's model (chat.md, trap 7).
type hunch struct{ without, with int }

// add notes a conversation that is over.
func (h *hunch) add(c *chat) {
	switch {
	case !c.begun:
	case c.brokeAtOnce && c.greetedOnly():
		h.without++
	case c.answered || !c.greetedOnly():
		h.with++
	}
}

// noModel reports whether all that is known says that there is no model.
func (h *hunch) noModel() bool { return h.without > 0 && h.with == 0 }

// greetedOnly reports whether the first line is the one without a model.
func (c *chat) greetedOnly() bool { return strings.TrimSpace(c.firstLine.Raw()) == greeting }
