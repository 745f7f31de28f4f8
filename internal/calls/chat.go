package calls

import (
	"strings"
	"time"

	"github.com/google/uuid"

	"github.com/agent-gate/agent-gate/internal/text"
)

// ChatMessage is one message of the agent's turn. A turn has one or more: the agent's text, its
// tool calls and their results, in order.
type ChatMessage struct {
	Role string // "assistant", or "tool" for the result of a tool call
	// Content must not be blank, not even beside tool calls or in a tool result, or hold a NUL:
	// the server rejects the whole turn. It trims blanks at both ends (chat.md 4.2).
	Content    string
	ToolCalls  []ChatToolCall
	ToolCallID string // the tool call that a result belongs to; may be empty
	Name       string // the tool's name; may be empty
}

// ChatToolCall is a tool call of the agent. Its type is always "function".
type ChatToolCall struct {
	ID, Name string
	// Arguments are text, normally JSON. Use "{}" for none: the server rejects an empty one
	// (chat.md 4.2).
	Arguments string
}

// PlacedRows are the calls of a chat execution that one request created.
type PlacedRows struct {
	IDs  []uuid.UUID // without duplicates; empty only if Done
	Done bool        // no calls were left to create
}

// ChatReply is the simulated customer's reply.
type ChatReply struct {
	Text  text.Untrusted // at most 64 KiB; empty only if the customer ended the chat without a word
	Ended bool           // the customer ended the chat and expects no reply
}

// Chat is a chat call as the server stores it.
type Chat struct {
	ID          uuid.UUID
	ScenarioID  uuid.UUID // uuid.Nil if unknown
	Scenario    text.Untrusted
	Status      Status
	EndedReason text.Untrusted
	// Rows are in the server's order, which is when they were stored: it can differ from the
	// conversation's. Rows can be minutes late, so a missing one proves nothing (chat.md 0.6
	// and 4.2).
	Rows []ChatRow
}

// ChatRow is a stored row of a chat: a line of the customer's or a whole turn of the agent's.
type ChatRow struct {
	Role Role // RoleCustomer or RoleAgent; RoleOther for an unknown one
	// Messages include tool results but not tool calls (chat.md 4.5). Secrets are removed, and
	// each is at most 64 KiB: do the same to a text before looking for it here.
	Messages []text.Untrusted
}

// ChatEnd is how we close a chat call.
type ChatEnd struct {
	Status Status // Completed, Failed or Cancelled
	// Reason is cut at about 10 000 bytes. Servers without the vendor's runner endpoints ignore
	// it if the status is Failed (chat.md 5).
	Reason   string
	Duration time.Duration // sent in whole seconds; 0 if unknown
	// Transcript is for calls of which the server has stored nothing. It ignores the transcript
	// of any other call, that is, of every call that was begun (the server's source, 2026-08).
	// Nil sends none.
	Transcript []ChatRow
}

// agentDied and turnLimit begin the reasons with which this program closes a chat because the process
// of the agent died, and because of the input max-turns.
const (
	agentDied = "agent: process died"
	turnLimit = "turn limit ("
)

// AgentDied reports whether a chat failed because the process of the agent under test died: there is
// nothing left to test then.
func AgentDied(status Status, endedReason text.Untrusted) bool {
	return status == Failed && strings.HasPrefix(endedReason.Raw(), agentDied)
}

// TurnLimit reports whether a chat failed because it reached the limit of turns.
func TurnLimit(status Status, endedReason text.Untrusted) bool {
	return status == Failed && strings.HasPrefix(endedReason.Raw(), turnLimit)
}
