package client

import "github.com/agent-gate/agent-gate/internal/text"

// PlatformFailure is a stand-in.
type PlatformFailure struct {
	Words, Advice string
	Reached       bool
}

// PlatformFailureOf is a stand-in.
func PlatformFailureOf(status CallStatus, endedReason text.Untrusted) (PlatformFailure, bool) {
	if status == CallFailed && len(endedReason.Raw()) > 20 && endedReason.Raw()[:20] == "Insufficient balance" {
		return PlatformFailure{Words: "no balance left", Advice: "top up and run again"}, true
	}
	return PlatformFailure{}, false
}

// CancelledReason is a stand-in.
func CancelledReason(endedReason text.Untrusted) bool {
	switch endedReason.Raw() {
	case "Cancelled by user", "Rerun cancelled by user", "Activity cancelled":
		return true
	}
	return false
}
