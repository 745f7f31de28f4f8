package chat

import (
	"time"

	"github.com/google/uuid"

	"github.com/agent-gate/agent-gate/internal/simulator/story"
)

// Message is one message of a conversation. Content is never blank.
type Message struct {
	Role       string     `json:"role"`
	Content    string     `json:"content"`
	ToolCalls  []ToolCall `json:"tool_calls,omitempty"`
	ToolCallID string     `json:"tool_call_id,omitempty"`
	Name       string     `json:"name,omitempty"`
	Metadata   any        `json:"metadata,omitempty"`
}

// ToolCall is a call of a tool in a message; all of its texts are required.
type ToolCall struct {
	ID       string   `json:"id"`
	Type     string   `json:"type"`
	Function Function `json:"function"`
}

// Function names what a tool call calls, with its arguments as a text.
type Function struct {
	Name      string `json:"name"`
	Arguments string `json:"arguments"`
}

// Line is a stored line of the transcript: the customer's (user), or a turn of the agent
// (assistant) with all its messages. Stored is when it is there, and its created_at.
type Line struct {
	ID, Session uuid.UUID
	Role        string
	Messages    []Message
	Stored      time.Time
}

// Call is one chat of an execution.
type Call struct {
	exec     *Execution
	Index    int
	ID       uuid.UUID
	Status   story.Status
	Reason   string // ended_reason, empty for none
	Created  time.Time
	Touched  time.Time // updated_at: what is saved as a whole moves it
	customer story.Customer
	prompted PromptRules

	session   uuid.UUID
	lines     []Line
	begun     time.Time // of the newest session
	firstLine time.Time
	ended     time.Time // the end was stored
	seconds   *int      // duration_seconds, when told

	memory    memory // what the customer knows
	forgotten memory // what it knew before the turn that is under way
	busy      time.Time

	judged    bool // score and counts are there
	evaluated bool
	evals     map[uuid.UUID]time.Time // when their results are there
	rerun     bool                    // results of an eval_only rerun
	wave      int                     // a cancel stops the evals of earlier ones
	granted   bool
	latencies []float64

	Stats Stats
}

// memory is a conversation as the customer's model has it: the messages as they are told
// again, and the agent's texts.
type memory struct {
	history []Message
	turns   []string
}

// Stats count what a client did to a call.
type Stats struct {
	Begins   int // also those of a call that was begun before
	Turns    int // that the customer heard
	Repeats  int // turns with the same messages as the one before, whatever came of them
	Refused  int // turns to a call that was not ongoing, which fail it
	Overlaps int // turns and begins while another one was under way
	Closes   []Close
}

// Close is an end that a client gave a call.
type Close struct {
	How    string // "patch" or "result"
	Status story.Status
	Reason string
	Was    story.Status
	At     time.Time
}

// close ends the call, or revives it, with a reason or none.
func (c *Call) close(as story.Status, reason string) { c.Status, c.Reason = as, reason }

func (c *Call) fail(reason string) { c.close(story.StatusFailed, reason) }

// Lines are the lines that are stored now, in the order of their storing.
func (c *Call) Lines(now time.Time) []Line {
	var stored []Line
	for _, l := range c.lines {
		if !l.Stored.After(now) {
			stored = append(stored, l)
		}
	}
	for i := 1; i < len(stored); i++ { // nearly sorted already
		for j := i; j > 0 && stored[j].Stored.Before(stored[j-1].Stored); j-- {
			stored[j], stored[j-1] = stored[j-1], stored[j]
		}
	}
	return stored
}

// Said are the texts of the agent's turns, in the order in which they were sent.
func (c *Call) Said() []string {
	var said []string
	for _, l := range c.lines {
		if l.Role == story.RoleAgent {
			said = append(said, textOf(l.Messages))
		}
	}
	return said
}

// Begun is when the first line was stored, if it is.
func (c *Call) Begun() (time.Time, bool) { return c.firstLine, !c.firstLine.IsZero() }

// Granted reports whether the customer got what it wanted.
func (c *Call) Granted() bool { return c.granted }

// Judged reports whether score and counts are there.
func (c *Call) Judged() bool { return c.judged }

// Evaluated reports whether the evals of a completed call are all there.
func (c *Call) Evaluated() bool { return c.evaluated }

// Rerun reports whether the newest results come from an eval_only rerun.
func (c *Call) Rerun() bool { return c.rerun }

// EvalReady reports whether the result of an eval is there now.
func (c *Call) EvalReady(id uuid.UUID, now time.Time) bool {
	at, dispatched := c.evals[id]
	return dispatched && !at.After(now)
}

// Duration is the time from the first to the last stored line; false without any.
func (c *Call) Duration(now time.Time) (time.Duration, bool) {
	lines := c.Lines(now)
	if len(lines) == 0 {
		return 0, false
	}
	return lines[len(lines)-1].Stored.Sub(lines[0].Stored), true
}

// Seconds is duration_seconds: from the begin to the stored end, nil where a client closed
// the call without telling it.
func (c *Call) Seconds() *int { return c.seconds }

// Counts are the numbers of a chat: estimates of tokens, the agent's turns, and the mean
// of the latencies that were told, in milliseconds.
type Counts struct{ In, Out, Turns, Customer, Latency int }

// Counts counts the stored lines.
func (c *Call) Counts(now time.Time) Counts {
	var n Counts
	for _, l := range c.Lines(now) {
		tokens := 0
		for _, m := range l.Messages {
			tokens += (len(m.Content) + 3) / 4
		}
		if l.Role == story.RoleCustomer {
			n.In += tokens
			n.Customer++
		} else {
			n.Out += tokens
			n.Turns++
		}
	}
	if len(c.latencies) > 0 {
		sum := 0.0
		for _, ms := range c.latencies {
			sum += ms
		}
		n.Latency = int(sum / float64(len(c.latencies)))
	}
	return n
}
