package calls

import (
	"github.com/agent-gate/agent-gate/internal/text"
)

// The limits of a transcript. A typical call has 30 turns (contract, section 9).
const (
	MaxTurns          = 200
	MaxTurnCharacters = 20_000 // in all turns of a call together
)

// A Recording is a track of the audio of a call.
type Recording struct {
	Track string // one of [Tracks]
	URL   text.Untrusted
}

// Tracks returns what a recording can be of, in the order of interest.
func Tracks() []string { return []string{"combined", "stereo", "customer", "assistant"} }

// MaxURL is the length in bytes of the longest URL of a recording: signed ones are long.
const MaxURL = 4096

// Role is who speaks.
type Role string

// The roles.
const (
	RoleAgent    Role = "agent"    // the agent under test
	RoleCustomer Role = "customer" // the simulated customer
	RoleOther    Role = "other"    // a tool call or its result, the system, or any other role of the server
)

// Turn is what one side said at a time.
type Turn struct {
	Role Role
	Text text.Untrusted
	// StartSeconds and EndSeconds count from the start of the call; nil if unknown, as in
	// chats.
	StartSeconds *float64
	EndSeconds   *float64
}

// Transcript is what was said in a call, in order, and what the server measured of it.
type Transcript struct {
	Turns []Turn
	// AgentLatencySeconds is how long the agent took to answer, on average; nil if unknown.
	AgentLatencySeconds *float64
	// CustomerInterruptions and AgentInterruptions are how often each side spoke while the other did;
	// nil if unknown.
	CustomerInterruptions *int
	AgentInterruptions    *int
	// Recordings are where the call can be listened to.
	Recordings []Recording
	// Left is how many turns were dropped or shortened because of [MaxTurns] and
	// [MaxTurnCharacters].
	Left int
}
