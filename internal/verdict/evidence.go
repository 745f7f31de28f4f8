package verdict

import (
	"strings"
	"time"

	"github.com/google/uuid"

	"github.com/agent-gate/agent-gate/internal/calls"
	"github.com/agent-gate/agent-gate/internal/text"
)

// Evidence is everything that is known about a run when it is judged. The gate
// gathers it, or a saved report holds it. What is not known is nil or empty.
type Evidence struct {
	RunTest   RunTest
	Execution Execution
	Calls     Calls // ordered by scenario name, then id
	// Plan is the scenarios that were asked for, which is known before the start; nil when
	// the server did not say which there are.
	Plan []Planned
	// Evals are the evals that were to run, also those without any result.
	Evals    []calls.EvalConfig
	Reruns   []Rerun
	API      API
	Timing   Timing
	Warnings []text.Untrusted
	// Stopped says that the run ended before it could be judged; nil when it did not, or
	// while the gate has not given up yet. Only saved reports have it.
	Stopped *Stop
	// FailFast says that the run was cancelled because it was lost; nil when it was not.
	FailFast *FailFast
	// Unevaluated says why new evals that were asked for were not run; empty when none
	// were, or all ran. Such a run does not pass: what it was to be judged by is missing.
	Unevaluated text.Untrusted
	// Unread says that not all calls which the server has could be read: of those that are not
	// here it is not known whether they came.
	Unread bool
	// Open says that results which are missing may still come, and that calls which have not
	// ended may still end: the execution has only just ended.
	Open bool
}

// Planned is a scenario that was asked for.
type Planned struct {
	ID    uuid.UUID // uuid.Nil when not known
	Name  text.Untrusted
	Calls *int // that it was to have, one for each row of its dataset; nil when not known
}

// Stop says why a run ended before it could be judged.
type Stop struct {
	Cause  Cause
	Reason text.Untrusted
}

// FailFast is what was known of a run when it was cancelled because some criterion could
// not be met any more.
type FailFast struct {
	Calls  int // that the run would have had
	Failed int // that had failed by then, by the server's count
	// Rescuable says that a rerun might still have made a failed call succeed.
	Rescuable bool
}

// RunTest names the run test.
type RunTest struct {
	ID   uuid.UUID // uuid.Nil when not known
	Name text.Untrusted
}

// Execution names the execution and says how it ended.
type Execution struct {
	ID                uuid.UUID // uuid.Nil when none was started
	Status            calls.ExecutionStatus
	URL               string // dashboard link; empty when not known
	Dialect           calls.Dialect
	AgentType         calls.AgentType
	AgentName         text.Untrusted
	StartedAt         *time.Time
	CompletedAt       *time.Time
	ServerSuccessRate *float64 // percent, as the server counts: completed of all calls
	ErrorReason       text.Untrusted
}

// Call is a call as it was read last, with what reruns changed.
type Call struct {
	calls.Call
	Attempts     int     // 1 when it was never rerun
	FirstOutcome Outcome // before any rerun; equal to the outcome when never rerun
	// Transcript is what was said; nil unless it was asked for. Nothing is judged by it.
	Transcript *Transcript
}

// Transcript is what was said in a call, or why it is not known.
type Transcript struct {
	calls.Transcript
	// Missing is why it could not be read; empty when it was.
	Missing text.Untrusted
}

// Outcome says what a call's end means.
type Outcome string

// The outcomes. Of Lost, Cancelled and Open calls nothing is known of the agent.
const (
	// Succeeded: completed, processed, and not ended by an error of the simulation.
	Succeeded Outcome = "succeeded"
	// Failed: failed, or ended by an error of the simulation.
	Failed Outcome = "failed"
	// Skipped: completed, but there was nothing to judge.
	Skipped Outcome = "skipped"
	// Cancelled: cancelled before it ended.
	Cancelled Outcome = "cancelled"
	// Lost: the platform failed, and not the agent.
	Lost Outcome = "lost"
	// Open: not ended, or ended in a way that the API does not document.
	Open Outcome = "open"
)

// endedBySimulationError begins the ended reason with which the vendor's chat SDK reports
// a crash of the agent on a call that it calls completed (contract, section 4.5). It is
// written in lower case here, since servers differ in it.
const endedBySimulationError = "error processing simulation"

// OutcomeOf judges one call, by the rule of the public interface. The status comes
// first: failed calls of the deployed server carry processing_skipped too. A cancelled
// call can come back as failed, and only its reason tells (real-server.md, row 2).
func OutcomeOf(c calls.Call) Outcome {
	switch {
	case c.Status == calls.Cancelled, c.Status == calls.Failed && calls.CancelledReason(c.EndedReason):
		return Cancelled
	case !c.Status.Terminal():
		return Open
	}
	if _, lost := calls.PlatformFailureOf(c.Status, c.EndedReason); lost {
		return Lost
	}
	switch {
	case c.Status == calls.Failed:
		return Failed
	case c.ProcessingSkipped:
		return Skipped
	case strings.HasPrefix(strings.ToLower(strings.TrimSpace(c.EndedReason.Raw())), endedBySimulationError):
		return Failed
	}
	return Succeeded
}

// Known reports whether the outcome says anything of the agent.
func (o Outcome) Known() bool { return o == Succeeded || o == Failed || o == Skipped }

// callOf is a call as it was read, with the reruns before that, as far as the server keeps
// them.
func callOf(c calls.Call) Call {
	if c.First == nil {
		return Call{Call: c, Attempts: 1, FirstOutcome: OutcomeOf(c)}
	}
	first := calls.Call{Status: c.First.Status, ProcessingSkipped: c.First.ProcessingSkipped, EndedReason: c.First.EndedReason}
	return Call{Call: c, Attempts: 1 + c.Reruns, FirstOutcome: OutcomeOf(first)}
}

// Counts counts the calls that were planned and those that came. Whether they passed is not
// known without rules.
func (e Evidence) Counts() Counts {
	r := newRoll(e, Rules{})
	return r.count(r.all())
}

// Outcome is how the call ended when it was read last.
func (c Call) Outcome() Outcome { return OutcomeOf(c.Call) }

// held reports whether there was a conversation to the server's mind, also one that an
// error of the simulation ended: its scores are grades (contract, section 5).
func (c *Call) held() bool {
	return c.Status == calls.Completed && !c.ProcessingSkipped
}

// FirstKnown is how the first try of the call ended that the platform did not lose: before any
// rerun, or as it is now where nothing is known of such a try.
func (c *Call) FirstKnown() Outcome {
	if c.Attempts <= 1 || !c.FirstOutcome.Known() {
		return c.Outcome()
	}
	return c.FirstOutcome
}

// Flaky reports whether only a rerun made the call succeed. One that the platform had
// lost was not the agent's failure.
func (c Call) Flaky() bool { return c.FirstKnown() != Succeeded && c.Outcome() == Succeeded }

// Rerun is one attempt to rerun calls.
type Rerun struct {
	Attempt   int // from 1
	Type      calls.RerunType
	Requested int // calls asked for; 0 when the gate did not ask
	Accepted  int // calls that the server took
	Rescued   int // calls that succeed since
	Rejected  []calls.RejectedRerun
	// Error is why nothing was rerun, empty when something was.
	Error text.Untrusted
}

// API is what the run asked, and of whom.
type API struct {
	calls.Stats
	Adopted int // answers that were lost and whose effect was found by looking
	// BaseURL is the server that got the keys; empty when it is not known.
	BaseURL text.Untrusted
	// BaseURLSource is the flag or variable that named it; empty for the default.
	BaseURLSource text.Untrusted
}

// Timing is when the gate ran, by the gate's own clock.
type Timing struct {
	StartedAt  time.Time
	FinishedAt time.Time
}
