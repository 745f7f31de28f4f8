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

// turnTimeout bounds a begin and a turn, in which the server asks a language model. Most take
// seconds; the server's own retries may take more than ten minutes, for which nobody waits
// (chat.md 4.2). The server finishes a turn whose answer nobody waits for.
const turnTimeout = 3 * time.Minute

// closeTimeout bounds a close, in which the server asks a language model for a score (chat.md 8).
const closeTimeout = 2 * time.Minute

// maxReason is the most bytes that are sent of why a call ended. The server refuses a reason of
// more than 10 000 characters (chat.md 8).
const maxReason = 9_990

// BeginChat begins the conversation of a call and returns the customer's first line. It is sent
// once: a second begin makes the customer forget everything, and opens an ended call again
// (chat.md 0.2). After one that may have been carried out, read the call: once it is ongoing
// its first row is the line. When the server's own model fails, the line is "Hi!" or the
// scenario's first line, without any error.
func (c *Client) BeginChat(ctx context.Context, callID uuid.UUID) (calls.ChatReply, error) {
	return c.converse(ctx, "begin chat", callID, map[string]any{"initiate_chat": true})
}

// SendTurn sends the agent's turn, whole and in order, and returns what the customer answers.
// latency is how long the agent took; it is sent in whole milliseconds. It is sent once: a
// repeated turn makes a completed call a failed one (chat.md 0.1). One turn at a time for a
// call: of two, the customer forgets one.
//
// A 400 or 404 left the call as it was. A 500 has failed the call, for a reason of the
// simulator's that the message tells. After anything else that is not Unsent the turn may be
// there: the call tells, once it is stored.
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

// chatTurn is the body of a turn. The server refuses any other key in it and in the metrics,
// and drops unknown ones elsewhere in silence (chat.md 4.2).
type chatTurn struct {
	Messages []chatMessage `json:"messages"`
	Metrics  struct {
		// The only metric that the server uses; without any, it takes its own model's figures
		// for the agent's.
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

// chatToolCall is a tool call of a message. All of its fields are required.
type chatToolCall struct {
	ID       string       `json:"id"`
	Type     string       `json:"type"`
	Function chatFunction `json:"function"`
}

// chatFunction is what a tool call calls.
type chatFunction struct {
	Name      string `json:"name"`
	Arguments string `json:"arguments"`
}

// converse sends what a conversation goes on with. The answer repeats all of it, which is read
// as a stream and dropped, so that its size is no matter.
func (c *Client) converse(ctx context.Context, op string, callID uuid.UUID, body any) (calls.ChatReply, error) {
	r := sendOnce(op, http.MethodPost, pathOfCall(callID)+"chat/send-message/", body)
	r.timeout = max(turnTimeout, c.timeout)
	r.maxBody = c.maxPage
	return fetch(ctx, c, r, c.answers.ChatReply)
}

// pathOfCall is the path of a call.
func pathOfCall(callID uuid.UUID) string { return "/simulate/call-executions/" + callID.String() + "/" }

// Chat reads a chat call with what is stored of its conversation. Like any read it is sent
// again when that may help.
func (c *Client) Chat(ctx context.Context, callID uuid.UUID) (calls.Chat, error) {
	r := get("read chat", pathOfCall(callID), runTestInputs)
	r.maxBody = c.maxPage
	return fetch(ctx, c, r, c.answers.Chat(callID))
}

// opClose is the request that closes a call and keeps the reason.
const opClose = "close chat"

// CloseChat closes a call that its customer did not end. It is sent once. It overwrites any
// status, so that an ended call must not be closed; the same close again does no harm, and
// starts no evals twice (chat.md 8).
//
// The vendor's runner endpoint keeps our reason, starts the evals of a completed call and moves
// the execution on. On a server without it the call is cancelled or else, also for Completed,
// failed: a call that is completed in the other way has no evals, and its execution never ends
// (chat.md 5).
func (c *Client) CloseChat(ctx context.Context, callID uuid.UUID, end calls.ChatEnd) error {
	reason := text.New(storable(end.Reason)).Beginning(maxReason).Raw()
	if !c.memory.lacks(opClose) {
		fields := withReason(end.Status, reason)
		if seconds := int(math.Round(end.Duration.Seconds())); seconds > 0 {
			fields["duration_seconds"] = seconds
		}
		if said := segments(end.Transcript); len(said) > 0 {
			fields["transcript"] = said
		}
		err := c.close(ctx, opClose, runnerPath+"call-executions/"+callID.String()+"/result/", callID, fields)
		if failure, ok := errors.AsType[*Error](err); !ok || !failure.noRoute {
			return err
		}
		c.memory.drop(opClose)
	}
	status := calls.Failed
	if end.Status == calls.Cancelled {
		status = calls.Cancelled
	}
	return c.close(ctx, "give chat up", pathOfCall(callID), callID, withReason(status, reason))
}

// close sends one request that closes a call.
func (c *Client) close(ctx context.Context, op, path string, callID uuid.UUID, fields map[string]any) error {
	r := sendOnce(op, http.MethodPatch, path, fields)
	r.timeout = max(closeTimeout, c.timeout)
	_, err := fetch(ctx, c, r, c.answers.ClosedChat(callID))
	return err
}

// withReason are the fields that both ways to close a call have.
func withReason(status calls.Status, reason string) map[string]any {
	fields := map[string]any{"status": status}
	if strings.TrimSpace(reason) != "" {
		fields["ended_reason"] = reason
	}
	return fields
}

// segment is a line of a transcript as the vendor's runner sends it (source of the server).
type segment struct {
	Role    string `json:"speaker_role"`
	Content string `json:"content"`
}

// segments are the lines of a transcript.
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

// storable is s without the characters for which the server would refuse the whole request
// (chat.md 4.2).
func storable(s string) string { return strings.ReplaceAll(s, "\x00", "\ufffd") }
