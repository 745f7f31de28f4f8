// Package verdict judges a run: criteria and calls in, verdict out. It is pure: no
// I/O, no clock, no randomness, and no knowledge of any CI.
package verdict

import (
	"github.com/google/uuid"

	"github.com/agent-gate/agent-gate/internal/client"
	"github.com/agent-gate/agent-gate/internal/text"
)

// Kind is the verdict in one word.
type Kind string

// The verdicts.
const (
	Pass         Kind = "pass"
	Fail         Kind = "fail"
	Inconclusive Kind = "inconclusive"
	Error        Kind = "error"
	Skip         Kind = "skipped"
)

// Cause says why a verdict is an error; empty otherwise. It decides the exit code.
type Cause string

// The causes.
const (
	CauseConfig      Cause = "config"      // bad configuration: exit 2
	CauseOperational Cause = "operational" // no judgement possible: exit 3
	CauseTimeout     Cause = "timeout"     // exit 4
	CauseInterrupted Cause = "interrupted" // SIGINT: exit 130
	CauseTerminated  Cause = "terminated"  // SIGTERM: exit 143
)

// CheckOutcome is how one criterion came out.
type CheckOutcome string

// The outcomes of a criterion.
const (
	Met       CheckOutcome = "met"
	NotMet    CheckOutcome = "not_met"
	Undecided CheckOutcome = "undecided"
	NoData    CheckOutcome = "no_data"
)

// Verdict is the judgement of a run, with everything that reports show of it.
type Verdict struct {
	Kind  Kind
	Cause Cause // set when Kind is Error
	// Reason is the one sentence that decided, without the verdict's own name.
	Reason text.Untrusted
	// Flip is the smallest change that would have turned a fail into a pass, or a
	// pass into a fail; empty when there is none to name.
	Flip text.Untrusted

	Checks    []Check // one for each criterion; several for an "each" scope
	Counts    Counts
	Metrics   Metrics
	Scenarios []ScenarioSummary // ordered by name
	Evals     []EvalSummary     // ordered by name
	// Deciding are the calls that pulled the unmet criteria down, worst first.
	Deciding []uuid.UUID
	// Passed says of each call, by its place in the evidence, whether it passed.
	Passed []PassState
	// Lost is why the platform lost calls, most frequent first.
	Lost     []LostCalls
	Warnings []text.Untrusted
}

// LostCalls are calls that the platform lost for one reason.
type LostCalls struct {
	client.PlatformFailure
	Calls int
}

// Check is a criterion and how it came out.
type Check struct {
	Criterion string // as the user wrote it, normalised
	// Scope names the scenario or eval it was measured on; empty for the whole run.
	Scope   text.Untrusted
	Value   Estimate
	Outcome CheckOutcome
	// Detail says in words what was measured against what, or why there is no data.
	Detail text.Untrusted
	// Short is by how much the criterion is missed, in the metric's unit; 0 when met.
	Short float64
	// Unknown is how many calls or results it was taken without, since nothing is known of
	// them.
	Unknown int
	// Margin is how far the value is from the bound, on either side; 0 when there is none.
	Margin float64
}

// Estimate is a measured number, its interval and what it was measured on. Value, Low
// and High are nil when there is nothing to measure or no interval to give.
type Estimate struct {
	Value *float64
	Low   *float64
	High  *float64
	N     int
	Unit  Unit
}

// Counts are the calls of a run or a scenario.
type Counts struct {
	Total     int // all calls
	Completed int // status completed, as the API counts
	Failed    int // outcome Failed
	Cancelled int // outcome Cancelled
	Succeeded int // outcome Succeeded
	Passed    int // succeeded and passed
	BelowBar  int // succeeded and did not pass
	Skipped   int // outcome Skipped
	Scored    int // succeeded calls with an overall score
	Flaky     int // succeeded only after a rerun
	Lost      int // outcome Lost
	Open      int // outcome Open
	Judged    int // came, ended, and were not lost
	Missing   int // were planned and never came
	Planned   int // came or are missing
}

// Metrics are the run's headline numbers.
type Metrics struct {
	SuccessRate      Estimate
	FirstSuccessRate Estimate
	PassRate         Estimate
	FirstPassRate    Estimate
	JudgedRate       Estimate
	ScoredRate       Estimate
	FlakyRate        Estimate
	OverallScore     Estimate
	Duration         Estimate
	ResponseTime     Estimate
	Cost             Estimate
}

// ScenarioSummary is one scenario's part of the run.
type ScenarioSummary struct {
	ID           uuid.UUID      // uuid.Nil when not known
	Name         text.Untrusted // with the id where two have the same name
	Counts       Counts
	SuccessRate  Estimate
	PassRate     Estimate
	OverallScore Estimate
}

// EvalSummary is one eval's results over the succeeded calls.
type EvalSummary struct {
	ConfigID uuid.UUID
	Name     text.Untrusted
	Type     text.Untrusted
	PassFail bool // known to say of calls whether they passed
	Results  int  // calls with a value
	Passed   int
	Failed   int
	Errored  int
	Pending  int // {}, missing, or finished without a value
	Skipped  int
	PassRate Estimate
	Score    Estimate // 0-100, or the eval's own unit for a numeric eval
	Labels   []LabelCount
}

// LabelCount is how many calls an eval gave a label.
type LabelCount struct {
	Label text.Untrusted
	Count int
}

// Policy turns verdicts that are neither pass nor fail into exit codes.
type Policy struct {
	WarnOnOperationalError bool // operational errors and timeouts exit 0
	AllowInconclusive      bool // inconclusive exits 0
	SoftFail               bool // everything but bad configuration exits 0
}
