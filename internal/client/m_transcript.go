package client

import (
	"github.com/agent-gate/agent-gate/internal/text"
)

// The most that is kept of what was said in one call. A typical one has 30 turns (contract,
// section 9).
const (
	MaxTurns          = 200
	MaxTurnCharacters = 20_000 // of all turns of a call together
)

// Role tells who speaks.
type Role string

// The roles.
const (
	RoleAgent    Role = "agent"    // the agent under test
	RoleCustomer Role = "customer" // the simulated customer
	RoleOther    Role = "other"    // a tool call, its result, the system, or whom the server names otherwise
)

// Turn is what one side said at a time.
type Turn struct {
	Role Role
	Text text.Untrusted
	// StartSeconds and EndSeconds count from the beginning of the call; nil when not
	// known, as in chats.
	StartSeconds *float64
	EndSeconds   *float64
}

// Transcript is what was said in a call, in its order.
type Transcript struct {
	Turns []Turn
	// Left is how many turns were left out, or shortened, for [MaxTurns] and
	// [MaxTurnCharacters].
	Left int
}
