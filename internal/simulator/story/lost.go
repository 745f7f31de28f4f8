package story

import (
	"math/rand/v2"
	"strings"
	"time"
)

// Reasons that the platform itself writes when it loses a call. They say nothing about
// the agent (contract, section 4.5; real-server.md, additions).
const (
	EndedNoBalance   = "Insufficient balance to make calls."
	EndedNoNumber    = "Failed to acquire phone number: no number is free"
	EndedPreparation = "Preparation failed: assistant could not be loaded"
	EndedMonitoring  = "Call monitoring failed: provider answered 502"
	// EndedActivityFailed appears half a second after the call has failed.
	EndedActivityFailed = "Activity task failed"
)

// EndedActivityCancelled is the reason of a call that failed because its workflow was
// cancelled (real-server.md, row 2).
const EndedActivityCancelled = "Activity cancelled"

// activityLate is how long EndedActivityFailed appears after the failure.
const activityLate = 500 * time.Millisecond

// LostReasons are the ended_reasons of calls that the platform lost.
func LostReasons() []string {
	return []string{EndedNoBalance, EndedNoNumber, EndedPreparation, EndedActivityFailed, EndedMonitoring}
}

// AgentReasons are the ended_reasons of failures that may be the agent's: it did not
// answer, or did not end the call.
func AgentReasons() []string {
	return []string{"Call initiation failed: provider answered 503", "no-answer", "max-duration-reached", "silence-timed-out"}
}

// ProviderErrors are the ended_reasons of calls that the provider lost but the server
// reports as completed (real-server.md, row 16).
func ProviderErrors() []string {
	return []string{
		"call.in-progress.error-vapifault-transport-never-connected",
		"call.start.error-get-transport",
		"call.in-progress.error-vapifault-chat-pipeline-failed-to-start",
	}
}

// Lost is a call that the platform loses in every attempt, for the given reason; if
// empty, one of [LostReasons] is drawn. Only a call whose monitoring fails has reached
// the agent.
func Lost(reason string) Outcome {
	return Outcome{Fails: true, Lost: true, FailReason: reason, Connects: strings.HasPrefix(reason, "Call monitoring failed")}
}

// Rescued is a call that the platform loses in its first attempt, for the given reason,
// and that succeeds when rerun.
func Rescued(reason string) Outcome { return Outcome{}.After(Lost(reason)) }

// ProviderError is a call that completes with a transcript although the provider lost it,
// for the given reason; if empty, for the first of [ProviderErrors]. Use
// Skipped("").Ending(reason) for a call without a transcript.
func ProviderError(reason string) Outcome {
	if reason == "" {
		reason = ProviderErrors()[0]
	}
	return Outcome{EndedReason: reason}
}

// NeverComes is a planned call whose record is never created.
func NeverComes() Outcome { return Outcome{Never: true} }

// Reason returns the ended_reason of a failed attempt, drawn if the outcome names none.
func (o *Outcome) Reason(rng *rand.Rand) string {
	if o.FailReason != "" || o.NoReason {
		return o.FailReason
	}
	var reasons []string
	switch lost, agents := LostReasons(), AgentReasons(); {
	case o.Lost && o.Connects:
		reasons = lost[4:]
	case o.Lost:
		reasons = lost[:4]
	case o.Connects:
		reasons = agents[2:]
	default:
		reasons = agents[:2]
	}
	return Pick(rng, reasons)
}

// ReasonDelay returns how long after the failure the reason appears.
func (o *Outcome) ReasonDelay(reason string) time.Duration {
	if reason == EndedActivityFailed {
		return max(o.ReasonAfter, activityLate)
	}
	return o.ReasonAfter
}
