package client

import (
	"strings"

	"github.com/agent-gate/agent-gate/internal/text"
)

// PlatformFailure is why the platform lost a call: a reason that its own code writes and
// that cannot be the agent's.
type PlatformFailure struct {
	// Words say what happened, to be put behind a colon: "no balance left".
	Words string
	// Advice is what the user can do about it: "top up and run again".
	Advice string
	// Reached is true when such a call may have reached the agent before it was lost. When
	// it is false it surely did not.
	Reached bool
}

// platformFailures are the reasons of failed calls (contract, section 4.5; recorded answers
// of the vendor's server), by how they begin. What the agent's own number or endpoint may
// have caused is not among them: not "Call initiation failed: …", and not "no-answer".
var platformFailures = []struct {
	begins string
	PlatformFailure
}{
	{"Insufficient balance", PlatformFailure{Words: "no balance left", Advice: "top up and run again"}},
	{"Failed to acquire phone number:", PlatformFailure{Words: "no phone number was free", Advice: "run again with fewer calls at once"}},
	{"Preparation failed:", PlatformFailure{Words: "the platform could not prepare the call", Advice: "run again"}},
	{"Call monitoring failed:", PlatformFailure{Words: "the platform lost track of the call", Advice: "run again", Reached: true}},
	{"Rerun dispatch failed:", PlatformFailure{Words: "the platform could not start the rerun", Advice: "run again"}},
	// Of any step of the platform's: it is also written before a call is placed.
	{"Activity task failed", PlatformFailure{Words: "a task of the platform failed", Advice: "run again", Reached: true}},
	{"simulator:", PlatformFailure{Words: "the simulated customer failed", Advice: "run again", Reached: true}},
}

// The failures of the telephony provider, which the deployed server stores as the ends of
// completed calls (real-server.md, row 16).
var (
	providerFailure      = PlatformFailure{Words: "the connection of the telephony provider failed", Advice: "run again", Reached: true}
	providerStartFailure = PlatformFailure{Words: "the telephony provider could not place the call", Advice: "run again"}
)

// PlatformFailureOf tells whether the platform lost a call that ended with a status and a
// reason, and why. The reason is compared as the server writes it, in its own case.
func PlatformFailureOf(status CallStatus, endedReason text.Untrusted) (PlatformFailure, bool) {
	reason := strings.TrimSpace(endedReason.Raw())
	if status != CallFailed && status != CallCompleted {
		return PlatformFailure{}, false
	}
	if step, ok := providerStep(reason); ok {
		if step == "start" {
			return providerStartFailure, true
		}
		return providerFailure, true
	}
	if status != CallFailed {
		return PlatformFailure{}, false
	}
	for _, f := range platformFailures {
		if strings.HasPrefix(reason, f.begins) {
			return f.PlatformFailure, true
		}
	}
	return PlatformFailure{}, false
}

// providerStep is the step of a call in which the provider failed: "start" of
// "call.start.error-get-transport".
func providerStep(reason string) (step string, ok bool) {
	rest, isCall := strings.CutPrefix(reason, "call.")
	step, fault, isError := strings.Cut(rest, ".error-")
	return step, isCall && isError && step != "" && fault != ""
}

// CancelledReason reports whether a call ended since somebody cancelled it. The deployed
// server calls such calls cancelled, or failed (real-server.md, row 2).
func CancelledReason(endedReason text.Untrusted) bool {
	switch strings.TrimSpace(endedReason.Raw()) {
	case "Cancelled by user", "Rerun cancelled by user", "Activity cancelled":
		return true
	}
	return false
}
