package verdict

import (
	"github.com/google/uuid"

	"github.com/agent-gate/agent-gate/internal/calls"
	"github.com/agent-gate/agent-gate/internal/text"
	"github.com/agent-gate/agent-gate/internal/verdict/explain"
)

// Kind is the verdict as one word.
type Kind string

// The verdicts.
const (
	Pass         Kind = "pass"
	Fail         Kind = "fail"
	Inconclusive Kind = "inconclusive"
	Error        Kind = "error"
	Skip         Kind = "skipped"
)

// Cause is why a verdict is an error; empty otherwise. It decides the exit code.
type Cause string

// The causes.
const (
	CauseConfig      Cause = "config"      // bad configuration: exit 2
	CauseOperational Cause = "operational" // no judgement possible: exit 3
	CauseTimeout     Cause = "timeout"     // exit 4
	CauseInterrupted Cause = "interrupted" // SIGINT: exit 130
	CauseTerminated  Cause = "terminated"  // SIGTERM: exit 143
)

// CheckOutcome is the outcome of one criterion.
type CheckOutcome string

// The outcomes of a criterion.
const (
	Met       CheckOutcome = "met"
	NotMet    CheckOutcome = "not_met"
	Undecided CheckOutcome = "undecided"
	NoData    CheckOutcome = "no_data"
)

// Verdict is the judgement of a run, with everything that reports show.
type Verdict struct {
	Kind  Kind
	Cause Cause // set when Kind is Error
	// Reason says in one sentence what decided, without the verdict itself.
	Reason text.Untrusted
	// Flip is the smallest change that would have turned a fail into a pass, or a pass into
	// something else; empty if there is none to name.
	Flip text.Untrusted

	Checks    []Check // one for each criterion; several for an "each" scope
	Counts    Counts
	Metrics   Metrics
	Scenarios []ScenarioSummary // ordered by name
	// Cases are the calls of several trials by what they play, flaky ones first; empty for one trial.
	Cases []Case
	Evals []EvalSummary // ordered by name
	// Deciding are the calls to blame for criteria that are not met, worst first.
	Deciding []uuid.UUID
	// Passed says whether each call passed, in the order of the evidence.
	Passed []PassState
	// Lost is why the platform lost calls, most frequent reason first.
	Lost     []LostCalls
	Warnings []text.Untrusted
}

// LostCalls counts the calls that the platform lost for one reason.
type LostCalls struct {
	calls.PlatformFailure
	Calls int
}

// Sentence says what happened to the calls, and what helps. It is also a warning of the verdict.
func (l LostCalls) Sentence() text.Untrusted {
	return explain.LostByPlatform(l.Calls, l.Reached, l.Words, l.Advice)
}

// Check is a criterion with its outcome.
type Check struct {
	Criterion string // in its normal form
	// Scope is the scenario or eval it was measured on; empty for the whole run.
	Scope   text.Untrusted
	Value   Estimate
	Outcome CheckOutcome
	// Detail says what was measured on what, or why there is no data.
	Detail text.Untrusted
	// Short is how far the criterion is missed, in the unit of Value; 0 unless it is not met.
	Short float64
	// Unknown is how many calls or results are unknown, and not in Value.
	Unknown int
	// Margin is the distance of the value from the bound, on either side; 0 without a value.
	Margin float64
}

// Policy turns verdicts that are neither pass nor fail into exit codes.
type Policy struct {
	WarnOnOperationalError bool // operational errors and timeouts exit 0
	AllowInconclusive      bool // inconclusive exits 0
	SoftFail               bool // everything but bad configuration exits 0
}

// The exit codes of the public interface. They stay below 125, where Docker and shells have their own
// codes, except the two for signals.
const (
	ExitOK           = 0   // passed or skipped, or allowed by the policy
	ExitFail         = 1   // a criterion is not met
	ExitConfig       = 2   // bad configuration
	ExitOperational  = 3   // no judgement was possible
	ExitTimeout      = 4   // timed out
	ExitInconclusive = 5   // a criterion is undecided
	ExitInterrupted  = 130 // SIGINT: 128 + 2
	ExitTerminated   = 143 // SIGTERM: 128 + 15
)

// ExitCode is the exit code of the verdict under a policy. No policy changes the codes of bad
// configuration and signals. An unknown verdict, which would be a bug, never exits 0.
func (v Verdict) ExitCode(p Policy) int {
	code, lenient := v.strictExit(p)
	if lenient {
		return ExitOK
	}
	return code
}

// strictExit is the exit code without policy, and whether the policy turns it into 0.
func (v Verdict) strictExit(p Policy) (code int, lenient bool) {
	switch v.Kind {
	case Pass, Skip:
		return ExitOK, false
	case Fail:
		return ExitFail, p.SoftFail
	case Inconclusive:
		return ExitInconclusive, p.SoftFail || p.AllowInconclusive
	case Error:
		switch v.Cause {
		case CauseConfig:
			return ExitConfig, false
		case CauseInterrupted:
			return ExitInterrupted, false
		case CauseTerminated:
			return ExitTerminated, false
		case CauseTimeout:
			return ExitTimeout, p.SoftFail || p.WarnOnOperationalError
		case CauseOperational:
			return ExitOperational, p.SoftFail || p.WarnOnOperationalError
		}
	}
	return ExitOperational, false
}
