package verdict

import (
	"strings"
	"time"

	"github.com/google/uuid"

	"github.com/agent-gate/agent-gate/internal/budget"
	"github.com/agent-gate/agent-gate/internal/calls"
	"github.com/agent-gate/agent-gate/internal/text"
)

// Evidence is everything known about a run when it is judged. It comes from the gate or from a saved
// report. Unknown fields are nil or empty.
type Evidence struct {
	RunTest   RunTest
	Execution Execution // the first, if there are several
	// Further are the executions after the first, in their order: what did not fit into it, reruns of a
	// text agent, and trials. [calls.Call.Execution] counts on from there.
	Further []Execution
	Calls   Calls // ordered by scenario name, then id; only the last try of each
	// Plan is the scenarios chosen before the start; nil if the server did not say which.
	Plan []Planned
	// Quarantine has the calls and the scenarios that are not judged, which are neither in Calls nor in Plan.
	Quarantine Quarantine
	// PlannedTrials is how many trials the plan is of, each with the same calls; 0 for those that were begun.
	PlannedTrials int
	// Evals are the evals of the run test, including those without results.
	Evals    []calls.EvalConfig
	Reruns   []Rerun
	API      API
	Timing   Timing
	Warnings []text.Untrusted
	// Stopped is why the run ended before it could be judged; nil otherwise. Only saved reports have
	// it.
	Stopped *Stop
	// FailFast is set if the run was cancelled because a criterion could no longer be met.
	FailFast *FailFast
	// Unevaluated is why requested new evals did not run; empty if none were requested or all ran.
	// Such a run cannot pass: it lacks results that it should be judged by.
	Unevaluated text.Untrusted
	// Unread means that not all calls on the server could be read: planned calls that are not here
	// may exist.
	Unread bool
	// Key is what makes two starts the same run; empty for the job attempt.
	Key text.Untrusted
	// Reused is set if an earlier start of the same run-key paid for the calls.
	Reused *Reused
	// Looks is set if the run goes on, trial by trial, while a criterion is undecided.
	Looks *Looks
	// Budget is what the run may spend and has spent; zero in reports of earlier versions.
	Budget budget.Account
	// Open means that missing results may still arrive and calls may still end, because the execution
	// has only just ended.
	Open bool
}

// Reused says whose calls are judged again.
type Reused struct {
	StartedAt time.Time
	// Origin is what the start that paid for them said of itself; empty if unknown.
	Origin text.Untrusted
}

// Planned is a scenario chosen to run.
type Planned struct {
	ID    uuid.UUID // uuid.Nil when not known
	Name  text.Untrusted
	Calls *int // planned calls, one per dataset row; nil if unknown
}

// Stop says why a run ended before it could be judged.
type Stop struct {
	Cause  Cause
	Reason text.Untrusted
}

// FailFast is what was known about a run when it was cancelled because a criterion could no longer be
// met.
type FailFast struct {
	Calls  int // planned calls of the run
	Failed int // failed calls at that time, as the server counts
	// Rescuable means that a rerun could still have made a failed call succeed.
	Rescuable bool
}

// RunTest names the run test.
type RunTest struct {
	ID   uuid.UUID // uuid.Nil when not known
	Name text.Untrusted
}

// Execution identifies the execution and says how it ended.
type Execution struct {
	ID                uuid.UUID // uuid.Nil when none was started
	Status            calls.ExecutionStatus
	URL               string // dashboard link; empty when not known
	Dialect           calls.Dialect
	AgentType         calls.AgentType
	AgentName         text.Untrusted // of a prompt that is tested instead: its name
	PromptVersion     text.Untrusted // of that prompt, such as v1; else empty
	StartedAt         *time.Time
	CompletedAt       *time.Time
	ServerSuccessRate *float64 // percent, as the server counts: completed of all calls
	ErrorReason       text.Untrusted
	// Trial is the index of the trial that it is of, from 0.
	Trial int
}

// Call is a call as last read, with what reruns changed.
type Call struct {
	calls.Call
	Attempts     int     // 1 if it was never rerun
	FirstOutcome Outcome // before any rerun
	// Transcript is what was said; nil unless requested. It does not affect the verdict.
	Transcript *Transcript
}

// Transcript is what was said in a call, or why that is unknown.
type Transcript struct {
	calls.Transcript
	// Missing is why it could not be read; empty if it was.
	Missing text.Untrusted
}

// Outcome says what a call's end means.
type Outcome string

// The outcomes. Lost, Cancelled and Open calls say nothing about the agent.
const (
	// Succeeded: completed, processed, and not ended by a simulation error.
	Succeeded Outcome = "succeeded"
	// Failed: failed, or ended by a simulation error.
	Failed Outcome = "failed"
	// Skipped: completed, but there was nothing to judge.
	Skipped Outcome = "skipped"
	// Cancelled: cancelled before it ended.
	Cancelled Outcome = "cancelled"
	// Lost: the platform failed, not the agent.
	Lost Outcome = "lost"
	// Open: not ended, or in a status that the API does not document.
	Open Outcome = "open"
)

// endedBySimulationError is the start of the ended reason, in lower case, with which the vendor's chat
// SDK reports a crash of the agent on a completed call (contract, section 4.5). Servers differ in
// case.
const endedBySimulationError = "error processing simulation"

// outcomeOf judges one call, as the public interface defines. The status comes first: the deployed
// server sets processing_skipped on failed calls too. A cancelled call may have status failed, and
// only its reason tells (real-server.md, row 2).
func outcomeOf(c calls.Call) Outcome {
	switch {
	case c.Status == calls.Cancelled, c.Status == calls.Failed && calls.IsCancelReason(c.EndedReason):
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

// Known reports whether the outcome says anything about the agent.
func (o Outcome) Known() bool { return o == Succeeded || o == Failed || o == Skipped }

// callOf is a call as read, with its earlier attempts as far as the server keeps them.
func callOf(c calls.Call) Call {
	if c.First == nil {
		return Call{Call: c, Attempts: 1, FirstOutcome: outcomeOf(c)}
	}
	first := calls.Call{Status: c.First.Status, ProcessingSkipped: c.First.ProcessingSkipped, EndedReason: c.First.EndedReason}
	return Call{Call: c, Attempts: 1 + c.Reruns, FirstOutcome: outcomeOf(first)}
}

// Executions are all executions of the run, in their order.
func (e Evidence) Executions() []Execution {
	return append([]Execution{e.Execution}, e.Further...)
}

// TrialOf is the trial that a call belongs to, from 1.
func (e Evidence) TrialOf(c Call) int { return e.ExecutionOf(c).Trial + 1 }

// ExecutionOf is the execution that a call belongs to.
func (e Evidence) ExecutionOf(c Call) Execution {
	if at := c.Execution - 1; at >= 0 && at < len(e.Further) {
		return e.Further[at]
	}
	return e.Execution
}

// Counts counts planned and existing calls. Without rules it does not know which passed.
func (e Evidence) Counts() Counts {
	r := newRoll(e, Rules{})
	return r.count(r.all())
}

// Outcome is how the call ended when last read.
func (c Call) Outcome() Outcome { return outcomeOf(c.Call) }

// held reports whether the server considers the conversation to have taken place, even if a
// simulation error ended it. Its scores then count (contract, section 5).
func (c *Call) held() bool {
	return c.Status == calls.Completed && !c.ProcessingSkipped
}

// FirstKnown is the outcome of the first attempt that the platform did not lose: the one before any
// rerun, or the current one if that is unknown.
func (c *Call) FirstKnown() Outcome {
	if c.Attempts <= 1 || !c.FirstOutcome.Known() {
		return c.Outcome()
	}
	return c.FirstOutcome
}

// Flaky reports whether the call recovered, i.e. succeeded only after a rerun. A call that the
// platform lost at first is not flaky.
func (c Call) Flaky() bool { return c.FirstKnown() != Succeeded && c.Outcome() == Succeeded }

// Rerun is one round of reruns.
type Rerun struct {
	Attempt   int // from 1
	Type      calls.RerunType
	Requested int // calls requested; 0 if the gate did not ask
	Accepted  int // calls that the server accepted
	Rescued   int // calls that recovered: they succeed or have results since
	Rejected  []calls.RejectedRerun
	// Error is why nothing was rerun; empty otherwise.
	Error text.Untrusted
}

// API is which server the run used, and how often.
type API struct {
	calls.Stats
	Adopted int // lost responses whose effect was found by looking
	// BaseURL is the server that got the keys; empty if unknown.
	BaseURL text.Untrusted
	// BaseURLSource is the flag or variable that named it; empty for the default.
	BaseURLSource text.Untrusted
}

// Timing is when the gate ran, by its own clock.
type Timing struct {
	StartedAt  time.Time
	FinishedAt time.Time
}

// Trials is how many trials the run has, at least 1.
func (e Evidence) Trials() int {
	n := 1
	for _, x := range e.Executions() {
		n = max(n, x.Trial+1)
	}
	return n
}
