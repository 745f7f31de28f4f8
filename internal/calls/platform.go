package calls

import (
	"strings"

	"github.com/agent-gate/agent-gate/internal/text"
)

// PlatformFailure is why the platform lost a call: a reason written by the platform's own code
// that cannot be the agent's fault.
type PlatformFailure struct {
	// Words say what happened, to follow a colon: "no balance left".
	Words string
	// Advice is what the user can do about it: "top up and run again".
	Advice string
	// Reached reports that the call may have reached the agent before it was lost. If false, it
	// certainly did not.
	Reached bool
}

// platformFailures lists the reasons of lost calls by prefix (contract, section 4.5; responses
// recorded from the vendor's server). It leaves out what the agent's own number or endpoint may
// have caused, such as "Call initiation failed: …" and "no-answer".
var platformFailures = []struct {
	begins string
	PlatformFailure
}{
	{"Insufficient balance", PlatformFailure{Words: "no balance left", Advice: "top up and run again"}},
	{"Failed to acquire phone number:", PlatformFailure{Words: "no phone number available", Advice: "run again with fewer calls at once"}},
	{"Preparation failed:", PlatformFailure{Words: "the platform could not prepare the call", Advice: "run again"}},
	{"Call monitoring failed:", PlatformFailure{Words: "the platform lost track of the call", Advice: "run again", Reached: true}},
	{"Rerun dispatch failed:", PlatformFailure{Words: "the platform could not start the rerun", Advice: "run again"}},
	// Any step of the platform, including those before a call is placed.
	{"Activity task failed", PlatformFailure{Words: "a platform task failed", Advice: "run again", Reached: true}},
	{"simulator:", PlatformFailure{Words: "the simulated customer failed", Advice: "run again", Reached: true}},
}

// Failures of the telephony provider, which the deployed server stores as the ended reason of
// completed calls (real-server.md, row 16).
var (
	providerFailure      = PlatformFailure{Words: "the telephony provider's connection failed", Advice: "run again", Reached: true}
	providerStartFailure = PlatformFailure{Words: "the telephony provider could not place the call", Advice: "run again"}
)

// PlatformFailureOf reports whether and why the platform lost a call with this status and ended
// reason. The reason must match the server's text, including case.
func PlatformFailureOf(status Status, endedReason text.Untrusted) (PlatformFailure, bool) {
	reason := strings.TrimSpace(endedReason.Raw())
	if status != Failed && status != Completed {
		return PlatformFailure{}, false
	}
	if step, ok := providerStep(reason); ok {
		if step == "start" {
			return providerStartFailure, true
		}
		return providerFailure, true
	}
	if status != Failed {
		return PlatformFailure{}, false
	}
	for _, f := range platformFailures {
		if strings.HasPrefix(reason, f.begins) {
			return f.PlatformFailure, true
		}
	}
	return PlatformFailure{}, false
}

// providerStep returns the step of a call in which the provider failed: "start" in
// "call.start.error-get-transport".
func providerStep(reason string) (step string, ok bool) {
	rest, isCall := strings.CutPrefix(reason, "call.")
	step, fault, isError := strings.Cut(rest, ".error-")
	return step, isCall && isError && step != "" && fault != ""
}

// IsCancelReason reports whether a call ended because someone cancelled it. The deployed
// server gives such calls the status cancelled or failed (real-server.md, row 2).
func IsCancelReason(endedReason text.Untrusted) bool {
	switch strings.TrimSpace(endedReason.Raw()) {
	case "Cancelled by user", "Rerun cancelled by user", "Activity cancelled":
		return true
	}
	return false
}
