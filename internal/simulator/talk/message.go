package talk

import (
	"encoding/json"
	"errors"
	"net/http"
	"slices"
	"time"

	"github.com/google/uuid"

	"github.com/agent-gate/agent-gate/internal/simulator/api"
	"github.com/agent-gate/agent-gate/internal/simulator/chat"
	"github.com/agent-gate/agent-gate/internal/simulator/story"
)

// begun answers a begin, said a turn.
type begun struct {
	Output  []chat.Message `json:"output_message"`
	History []chat.Message `json:"message_history"`
	Ended   bool           `json:"chat_ended"`
}

type said struct {
	Input []chat.Message `json:"input_message"`
	begun
}

// message is POST call-executions/{id}/chat/send-message/ (chat.md 4). What is in a body
// beside initiate_chat is not looked at.
func (h *Handler) message(id uuid.UUID, other bool, b map[string]json.RawMessage, now time.Time) api.Answer {
	f := api.NewForm(b)
	begin := f.Truth("initiate_chat")
	raw, given := f.Raw("messages")
	numbers, told := f.Raw("metrics")
	turn := chat.Turn{}
	if given && !begin {
		turn.Messages = messages(f, raw)
	}
	if a, bad := h.Refuse(f); bad {
		return a
	}
	if !begin {
		if text := wanting(&turn, numbers, told); text != "" {
			return h.Problem(http.StatusBadRequest, text)
		}
	}
	c, found := h.w.FindCall(id, now)
	switch {
	case !found || other:
		return h.Problem(http.StatusNotFound, "Call execution not found")
	case c.Chat == nil:
		return h.Problem(http.StatusBadRequest, "Call execution is not a chat execution")
	}
	if begin {
		reply, err := c.Chat.Begin(now)
		if err != nil {
			return h.Problem(http.StatusBadRequest, "Test execution is not running, evaluating, or pending so no call to be made")
		}
		return api.Enveloped(http.StatusOK, begun{customer(reply.Text), reply.History, false}).Taking(reply.Takes)
	}
	reply, err := c.Chat.Send(turn, now)
	if broken, is := errors.AsType[*chat.BrokenError](err); is {
		return h.Problem(http.StatusInternalServerError, "Failed to send message: Error sending message to chat: "+broken.Reason).Taking(broken.Takes)
	}
	if err != nil {
		return h.Problem(http.StatusBadRequest, "Test execution is not running or evaluating so no call to be made")
	}
	return api.Enveloped(http.StatusOK, said{turn.Messages, begun{customer(reply.Text), reply.History, reply.Ended}}).Taking(reply.Takes)
}

// wanting is what a turn lacks, in one sentence.
func wanting(turn *chat.Turn, numbers json.RawMessage, told bool) (text string) {
	switch {
	case len(turn.Messages) == 0:
		return "Messages are required"
	case slices.ContainsFunc(turn.Messages, func(m chat.Message) bool { return m.Content == "" }):
		return "Empty messages are not allowed"
	case told:
		turn.Latency, text = metrics(numbers)
	}
	return text
}

func customer(text string) []chat.Message {
	return []chat.Message{{Role: story.RoleCustomer, Content: text}}
}
