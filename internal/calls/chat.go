package calls

import (
	"time"

	"github.com/google/uuid"

	"github.com/agent-gate/agent-gate/internal/text"
)

// ChatMessage is a message of the agent's turn. A turn is one or more of them: what the agent
// says, the tools that it calls, and what they returned, in that order.
type ChatMessage struct {
	Role string // "assistant", or "tool" for what a tool returned
	// Content must hold more than blanks, also beside tool calls and of a tool: the server
	// refuses the whole turn otherwise, and cuts blanks at both ends (chat.md 4.2).
	Content    string
	ToolCalls  []ChatToolCall
	ToolCallID string // of the call that a tool answers; may be empty
	Name       string // of the tool; may be empty
}

// ChatToolCall is a tool that the agent calls, always of type "function".
type ChatToolCall struct {
	ID, Name string
	// Arguments are a text, normally JSON: "{}" for none, since the server refuses an empty
	// one (chat.md 4.2).
	Arguments string
}

// PlacedRows are the calls of a chat execution that one request made.
type PlacedRows struct {
	IDs  []uuid.UUID // each once; at least one unless Done
	Done bool        // nothing was left to make, which the server says of unknown executions too
}

// ChatReply is what the simulated customer answered.
type ChatReply struct {
	Text  text.Untrusted // empty only when it ended the chat without words; at most 64 KiB
	Ended bool           // the customer ended the chat, and no answer is due
}

// Chat is a chat call as the server stores it.
type Chat struct {
	ID          uuid.UUID
	ScenarioID  uuid.UUID // uuid.Nil when not said
	Scenario    text.Untrusted
	Status      Status
	EndedReason text.Untrusted
	// Rows come as the server has them: in the order in which they were stored, which is not
	// always that of the conversation, and up to minutes late. That a row is not there proves
	// nothing (chat.md 0.6 and 4.2).
	Rows []ChatRow
}

// ChatRow is a stored line of a chat: the customer's, or the agent's whole turn.
type ChatRow struct {
	Role     Role             // RoleCustomer or RoleAgent; RoleOther when the server says neither
	Messages []text.Untrusted // without tool calls, but with what tools returned (chat.md 4.5); each at most 64 KiB
}

// ChatEnd closes a chat call with our reason.
type ChatEnd struct {
	Status Status // Completed, Failed or Cancelled
	// Reason is kept up to about 10 000 bytes. A server without the vendor's runner endpoints
	// throws it away when the status is Failed (chat.md 5).
	Reason string
	// Duration is rounded to seconds; 0 when not known.
	Duration time.Duration
	// Transcript is for a server that stored nothing of the conversation: one that did, as of
	// every call that was begun, ignores it (source of the server). Nil sends none.
	Transcript []ChatRow
}
