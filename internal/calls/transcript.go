package calls

import (
	"github.com/agent-gate/agent-gate/internal/text"
)

// The limits of a transcript. A typical call has 30 turns (contract, section 9).
const (
	MaxTurns          = 200
	MaxTurnCharacters = 20_000 // in all turns of a call together
)

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

// Transcript is what was said in a call, in order.
type Transcript struct {
	Turns []Turn
	// Left is how many turns were dropped or shortened because of [MaxTurns] and
	// [MaxTurnCharacters].
	Left int
}
