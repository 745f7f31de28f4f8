package agent

import (
	"context"

	"github.com/agent-gate/agent-gate/internal/text"
)

// Agent is an agent under test. Different conversations may be asked at the same time; within
// one, questions follow each other.
type Agent interface {
	// Ready waits until the agent can be asked. After an error, do not use the agent.
	Ready(context.Context) error
	// Ask asks one turn and waits for the answer until the context ends. A failure of the
	// agent is an *Error. That includes a deadline: if the whole run has one too, check that
	// first. Any other error is not the agent's: the cause of a cancelled context, ErrClosed,
	// ErrBusy, ErrAsked.
	Ask(context.Context, Question) (Answer, error)
	// Dead is closed once no further answer can come. It is nil for an endpoint, which may
	// always come back.
	Dead() <-chan struct{}
	// Err says why Dead is closed: an *Error of KindDied, or ErrClosed. Until then it is nil.
	Err() error
	// Close ends the agent and returns when nothing of it is left. It may be called again.
	Close() error
}

var (
	_ Agent = (*Process)(nil)
	_ Agent = (*Remote)(nil)
)

// The roles of a message.
const (
	RoleUser      = "user"
	RoleAssistant = "assistant"
	RoleTool      = "tool"
)

// Question is one turn of a conversation, as the agent gets it.
type Question struct {
	Conversation string
	Turn         int // from 1, rising
	// Messages are the whole conversation so far. The last one is to be answered.
	Messages []Message
	Scenario text.Untrusted // its name
}

// Message is one message of a conversation.
type Message struct {
	Role       string
	Content    text.Untrusted
	ToolCalls  []ToolCall     // of RoleAssistant
	ToolCallID text.Untrusted // of RoleTool
	Name       text.Untrusted // of RoleTool: the tool
}

// ToolCall is a call of a tool by the agent. In an [Answer] no field is blank.
type ToolCall struct {
	ID        text.Untrusted
	Name      text.Untrusted
	Arguments text.Untrusted // a JSON object as text, "{}" for none; not checked
}

// ToolResult is what a tool returned to the agent. Its content may be empty.
type ToolResult struct {
	ToolCallID text.Untrusted
	Name       text.Untrusted
	Content    text.Untrusted
}

// Answer is what an agent says in one turn: visible content, tool calls, or both.
type Answer struct {
	Content     text.Untrusted
	ToolCalls   []ToolCall
	ToolResults []ToolResult
}

// Messages is the answer as part of the conversation: what the agent said and called, then
// the results of its tools.
func (a Answer) Messages() []Message {
	all := []Message{{Role: RoleAssistant, Content: a.Content, ToolCalls: a.ToolCalls}}
	for _, r := range a.ToolResults {
		all = append(all, Message{Role: RoleTool, Content: r.Content, ToolCallID: r.ToolCallID, Name: r.Name})
	}
	return all
}
