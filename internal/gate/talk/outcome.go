package talk

import (
	"time"

	"github.com/agent-gate/agent-gate/internal/agent"
	"github.com/agent-gate/agent-gate/internal/calls"
	"github.com/agent-gate/agent-gate/internal/text"
)

// Result is what became of all rows.
type Result struct {
	Conversations []Conversation // one for each row, in the order of the rows
	// Pace is how long nine of ten conversations take at most, as far as is known; for the
	// next execution of the same run. 0 when nothing is known.
	Pace time.Duration
}

// End says how a conversation ended, and thereby who failed.
type End string

// The ends. The call is then on the server: analyzing or completed; failed, with our reason
// where the server keeps it; cancelled; or, of those not begun, pending.
const (
	Ended       End = "ended"        // the customer ended the chat; nobody failed
	AgentFailed End = "agent failed" // the agent: an error, an empty or broken answer, a timeout, a dead process
	TurnLimit   End = "turn limit"   // MaxTurns answers, and the customer had not ended the chat
	Lost        End = "lost"         // the simulator's side: it failed, or what became of a request could not be found out
	Cancelled   End = "cancelled"    // nobody: the context ended, or somebody cancelled it on the server
	NotReached  End = "not reached"  // not begun, since everything was to end
	LeftOver    End = "left over"    // not begun, since it could not end in the 25 minutes that a row lives: for another execution
)

// Begun reports whether the conversation was begun, or may have been.
func (e End) Begun() bool { return e != NotReached && e != LeftOver }

// Conversation is one row, and what became of it.
type Conversation struct {
	Row
	End End
	// Reason is the sentence for reports, which the server gets too: "agent: …", "turn limit
	// (N)", "simulator: …", "cancelled: …". Empty when the customer ended the chat.
	Reason   text.Untrusted
	Turns    int           // answers of the agent, also one that may not have arrived
	Began    time.Time     // zero when it was not begun
	Duration time.Duration // from the begin to the end, without closing
	// Transcript is what we heard, in its order, which the server's is not always (chat.md 0.6).
	// It has at most [calls.MaxTurns] lines and [calls.MaxTurnCharacters] characters.
	Transcript []Line
	Left       int // lines that were left out or shortened for that
	// Open is why the call may still be open on the server, or that it is; nil when it is ended.
	Open error
}

// Line is what one side said at a time, or what a tool returned to the agent.
type Line struct {
	Role      calls.Role       // RoleCustomer, RoleAgent, or RoleOther for what a tool returned
	Text      text.Untrusted   // may be empty beside tool calls, and when the customer ends the chat
	ToolCalls []agent.ToolCall // of the agent
	Tool      text.Untrusted   // the tool that returned it; may be empty
	At        time.Duration    // when it was there, from the begin
	Latency   time.Duration    // how long the side took; 0 of a tool, whose time is the agent's
}
