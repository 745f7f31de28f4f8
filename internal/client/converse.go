package client

import (
	"context"
	"errors"
	"math"
	"net/http"
	"strings"
	"time"

	"github.com/google/uuid"

	"github.com/agent-gate/agent-gate/internal/calls"
	"github.com/agent-gate/agent-gate/internal/text"
)

// turnTimeout is for a begin or a turn, which call a language model. That normally takes seconds;
// with the server's own retries it can take more than ten minutes. The server finishes a turn
// even if the client has gone (chat.md 4.2).
const turnTimeout = 3 * time.Minute

// closeTimeout is for a close, which calls a language model for the CSAT score (chat.md 8).
const closeTimeout = 2 * time.Minute

// maxReason is the longest reason that is sent, in bytes. The server rejects more than 10 000
// characters (chat.md 8).
const maxReason = 9_990

// BeginChat begins a conversation and returns the customer's first line. A second begin would
// make the customer forget everything and reopen an ended call (chat.md 0.2). After an error that
// is not Unsent, read the call: if it is ongoing, its first row is the line. If the server's
// model fails, the line is "Hi!" or the scenario's initial message, without an error.
func (c *Client) BeginChat(ctx context.Context, callID uuid.UUID) (calls.ChatReply, error) {
	return c.converse(ctx, "begin chat", callID, map[string]any{"initiate_chat": true})
}

// SendTurn sends the agent's whole turn and returns the customer's reply. latency is how long
// the agent took, sent in whole milliseconds. A repeated turn would turn a completed call into a
// failed one (chat.md 0.1), and of two turns at once the customer would forget one.
//
// A 400 or 404 leaves the call unchanged. A 500 means that the call has failed because of the
// simulator; the message says why. After any other error that is not Unsent, read the call to
// see whether the turn arrived.
func (c *Client) SendTurn(ctx context.Context, callID uuid.UUID, messages []calls.ChatMessage, latency time.Duration) (calls.ChatReply, error) {
	turn := chatTurn{Messages: make([]chatMessage, len(messages))}
	for i, m := range messages {
		turn.Messages[i] = chatMessage{Role: m.Role, Content: m.Content, ToolCallID: m.ToolCallID, Name: m.Name}
		for _, tool := range m.ToolCalls {
			turn.Messages[i].ToolCalls = append(turn.Messages[i].ToolCalls,
				chatToolCall{ID: tool.ID, Type: "function", Function: chatFunction{Name: tool.Name, Arguments: tool.Arguments}})
		}
	}
	turn.Metrics.Latency = max(latency, 0).Milliseconds()
	return c.converse(ctx, "send turn", callID, turn)
}

// chatTurn is the body of a turn. The server rejects other keys here and in metrics, and silently
// drops them elsewhere (chat.md 4.2).
type chatTurn struct {
	Messages []chatMessage `json:"messages"`
	Metrics  struct {
		// Milliseconds. The server uses no other metric; without any, it counts the tokens of
		// its own model as the agent's.
		Latency int64 `json:"latency"`
	} `json:"metrics"`
}

// chatMessage is a message of a turn.
type chatMessage struct {
	Role       string         `json:"role"`
	Content    string         `json:"content"`
	ToolCalls  []chatToolCall `json:"tool_calls,omitempty"`
	ToolCallID string         `json:"tool_call_id,omitempty"`
	Name       string         `json:"name,omitempty"`
}

// chatToolCall is a tool call of a message. All fields are required.
type chatToolCall struct {
	ID       string       `json:"id"`
	Type     string       `json:"type"`
	Function chatFunction `json:"function"`
}

// chatFunction is the function of a tool call.
type chatFunction struct {
	Name      string `json:"name"`
	Arguments string `json:"arguments"`
}

// converse sends a begin or a turn. The response repeats the whole conversation, which is skipped
// as it streams in, so its limit can be large.
func (c *Client) converse(ctx context.Context, op string, callID uuid.UUID, body any) (calls.ChatReply, error) {
	r := sendOnce(op, http.MethodPost, pathOfCall(callID)+"chat/send-message/", body)
	r.timeout = max(turnTimeout, c.timeout)
	r.maxBody = c.maxPage
	return fetch(ctx, c, r, c.answers.ChatReply)
}

// pathOfCall returns the path of a call.
func pathOfCall(callID uuid.UUID) string { return "/simulate/call-executions/" + callID.String() + "/" }

// Chat reads a chat call and what is stored of its conversation. It is retried like any read.
func (c *Client) Chat(ctx context.Context, callID uuid.UUID) (calls.Chat, error) {
	r := get("read chat", pathOfCall(callID), runTestInputs)
	r.maxBody = c.maxPage
	return fetch(ctx, c, r, c.answers.Chat(callID))
}

// opClose is the request that closes a call and keeps our reason.
const opClose = "close chat"

// CloseChat closes a call that the customer did not end. It overwrites any status, so do not
// close a call that has ended. Repeating the same close is safe and starts no evals twice
// (chat.md 8).
//
// The runner endpoint keeps our reason, starts the evals of a completed call and updates the
// execution. On a server without it, or where it does not know the call, a cancelled call is
// cancelled and any other is failed, even if Status is Completed: the older endpoint runs no evals
// for a completed call, and its execution never ends (chat.md 5).
func (c *Client) CloseChat(ctx context.Context, callID uuid.UUID, end calls.ChatEnd) error {
	reason := text.New(storable(end.Reason)).Beginning(maxReason).Raw()
	absent := false
	if !c.memory.lacks(opClose) {
		fields := withReason(end.Status, reason)
		if seconds := int(math.Round(end.Duration.Seconds())); seconds > 0 {
			fields["duration_seconds"] = seconds
		}
		if said := segments(end.Transcript); len(said) > 0 {
			fields["transcript"] = said
		}
		err := c.close(ctx, opClose, runnerPath+"call-executions/"+callID.String()+"/result/", callID, fields)
		if failure, ok := errors.AsType[*Error](err); !ok || !failure.noRoute && failure.Kind != KindNotFound {
			return err
		}
		absent = true
	}
	status := calls.Failed
	if end.Status == calls.Cancelled {
		status = calls.Cancelled
	}
	err := c.close(ctx, "give chat up", pathOfCall(callID), callID, withReason(status, reason))
	if absent && err == nil {
		c.memory.drop(opClose) // the call is there, so it was the path that is not
	}
	return err
}

// close sends one request that closes a call.
func (c *Client) close(ctx context.Context, op, path string, callID uuid.UUID, fields map[string]any) error {
	r := sendOnce(op, http.MethodPatch, path, fields)
	r.timeout = max(closeTimeout, c.timeout)
	_, err := fetch(ctx, c, r, c.answers.ClosedChat(callID))
	return err
}

// withReason returns the fields that both endpoints have.
func withReason(status calls.Status, reason string) map[string]any {
	fields := map[string]any{"status": status}
	if strings.TrimSpace(reason) != "" {
		fields["ended_reason"] = reason
	}
	return fields
}

// segment is a line of a transcript in the runner's format (the server's source, 2026-08).
type segment struct {
	Role    string `json:"speaker_role"`
	Content string `json:"content"`
}

// segments converts a transcript.
func segments(rows []calls.ChatRow) []segment {
	var all []segment
	for _, row := range rows {
		role := "assistant"
		if row.Role == calls.RoleCustomer {
			role = "user"
		}
		for _, said := range row.Messages {
			all = append(all, segment{Role: role, Content: storable(said.Raw())})
		}
	}
	return all
}

// storable replaces NUL, for which the server rejects the whole request (chat.md 4.2).
func storable(s string) string { return strings.ReplaceAll(s, "\x00", "\ufffd") }
