package verdict

import (
	"cmp"
	"slices"

	"github.com/google/uuid"

	"github.com/agent-gate/agent-gate/internal/calls"
	"github.com/agent-gate/agent-gate/internal/criteria"
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

// Cause is why a verdict is an error, or why a gate of a suite was skipped; empty otherwise. It decides the
// exit code.
type Cause string

// The causes.
const (
	CauseConfig      Cause = "config"      // bad configuration: exit 2
	CauseOperational Cause = "operational" // no judgement possible: exit 3
	CauseBudget      Cause = "budget"      // a limit of calls, money or minutes would be, or was, passed: exit 3
	CauseTimeout     Cause = "timeout"     // exit 4
	CauseInterrupted Cause = "interrupted" // SIGINT: exit 130
	CauseTerminated  Cause = "terminated"  // SIGTERM: exit 143
	CauseUnchanged   Cause = "unchanged"   // skipped, since the change touches none of the gate's paths: exit 0
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
	Cause Cause // set when Kind is Error, or Skip in a suite
	// Reason says in one sentence what decided, without the verdict itself.
	Reason text.Untrusted
	// Flip is the smallest change that would have turned a fail into a pass, or a pass into
	// something else; empty if there is none to name.
	Flip text.Untrusted

	Checks    []Check // one for each criterion; several for an "each" scope
	Counts    Counts
	Metrics   Metrics
	Scenarios []ScenarioSummary // ordered by name
	// Aside is what the scenarios in quarantine came to, which nothing else here counts; in the order of the entries.
	Aside []Aside
	// Cases are the calls of several trials by what they play, those that never passed first; empty for one trial.
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
	// Tolerance is the criterion's, in percentage points; 0 without one.
	Tolerance float64
	// Worst are the calls that keep the criterion from being met, worst first; none unless it is not met or
	// undecided.
	Worst []uuid.UUID
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
	case Pass:
		return ExitOK, false
	case Skip:
		switch v.Cause {
		case CauseConfig: // another gate of the suite is wrong
			return ExitConfig, false
		case CauseBudget: // there was no room in the budget of the suite, which no policy of a gate makes green
			return ExitOperational, false
		}
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
		case CauseBudget:
			return ExitOperational, p.SoftFail // the user's own limit, not a failure of the API
		case CauseOperational:
			return ExitOperational, p.SoftFail || p.WarnOnOperationalError
		}
	}
	return ExitOperational, false
}

// Estimate is a measured number with its interval. Value is nil if there is nothing to measure; Low and
// High are nil where the interval has no end. N is how many calls or values it is based on.
type Estimate struct {
	Value *float64
	Low   *float64
	High  *float64
	N     int
	Unit  criteria.Unit
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
	Flaky     int // recovered: succeeded only after a rerun
	Lost      int // outcome Lost
	Open      int // outcome Open
	Judged    int // ended, and not lost or cancelled
	Missing   int // planned, and not on the server
	Unstarted int // of the missing: of trials that were not started
	Planned   int // existing and missing calls
	TurnLimit int // failed because the conversation reached the limit of turns
}

// Plus adds the calls of another part of the run, or of another run.
func (c Counts) Plus(o Counts) Counts {
	return Counts{
		Total: c.Total + o.Total, Completed: c.Completed + o.Completed, Failed: c.Failed + o.Failed,
		Cancelled: c.Cancelled + o.Cancelled, Succeeded: c.Succeeded + o.Succeeded, Passed: c.Passed + o.Passed,
		BelowBar: c.BelowBar + o.BelowBar, Skipped: c.Skipped + o.Skipped, Scored: c.Scored + o.Scored, Flaky: c.Flaky + o.Flaky,
		Lost: c.Lost + o.Lost, Open: c.Open + o.Open, Judged: c.Judged + o.Judged, Missing: c.Missing + o.Missing,
		Unstarted: c.Unstarted + o.Unstarted, Planned: c.Planned + o.Planned, TurnLimit: c.TurnLimit + o.TurnLimit,
	}
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
	ID           uuid.UUID      // uuid.Nil if unknown
	Name         text.Untrusted // with the id if two have the same name
	Counts       Counts
	SuccessRate  Estimate
	PassRate     Estimate
	OverallScore Estimate
}

// EvalSummary is one eval's results on the successful calls.
type EvalSummary struct {
	ConfigID uuid.UUID
	Name     text.Untrusted
	Type     text.Untrusted
	PassFail bool // known to be a Pass/Fail eval
	Results  int  // calls with a value
	Passed   int
	Failed   int
	Errored  int
	Pending  int // {}, missing, or finished without a value
	Skipped  int
	PassRate Estimate
	Score    Estimate // 0-100, or the eval's own unit for a numeric eval
	// OwnUnit means that the scores are in the eval's own unit, whose range is not known.
	OwnUnit bool
	Labels  []LabelCount
}

// LabelCount is how many calls got a label from an eval.
type LabelCount struct {
	Label text.Untrusted
	Count int
}

// headline is a metric of calls for reports, independent of criteria: a rate or a mean over some
// scenarios; nil for all.
func (j *judgement) headline(name string, scenarios []bool) Estimate {
	m, _ := criteria.Find(name, false)
	return j.estimate(j.now.measure(m, scenarios))
}

// estimate reads a metric with its default stat.
func (j *judgement) estimate(m measured) Estimate {
	r, why := read(m, criteria.StatMean, j.basis(j.level))
	if !why.IsEmpty() {
		return Estimate{Unit: m.metric.Unit}
	}
	return r.estimate()
}

func (j *judgement) metrics() Metrics {
	of := func(name string) Estimate { return j.headline(name, nil) }
	return Metrics{
		SuccessRate:      of(criteria.MetricSuccessRate),
		FirstSuccessRate: of(criteria.MetricFirstSuccessRate),
		PassRate:         of(criteria.MetricPassRate),
		FirstPassRate:    of(criteria.MetricFirstPassRate),
		JudgedRate:       of(criteria.MetricJudgedRate),
		ScoredRate:       of(criteria.MetricScoredRate),
		FlakyRate:        of(criteria.MetricFlakyRate),
		OverallScore:     of(criteria.MetricOverallScore),
		Duration:         of(criteria.MetricDuration),
		ResponseTime:     of(criteria.MetricResponseTime),
		Cost:             of(criteria.MetricCost),
	}
}

func (j *judgement) scenarios() []ScenarioSummary {
	var all []ScenarioSummary
	for i := range j.now.scenarios {
		s := &j.now.scenarios[i]
		only := j.now.one(int32(i))
		summary := ScenarioSummary{
			ID:           s.id,
			Name:         s.name,
			Counts:       j.now.count(s.part()),
			SuccessRate:  j.headline(criteria.MetricSuccessRate, only),
			PassRate:     j.headline(criteria.MetricPassRate, only),
			OverallScore: j.headline(criteria.MetricOverallScore, only),
		}
		if s.twin {
			summary.Name = s.title()
		}
		all = append(all, summary)
	}
	return all
}

func (j *judgement) evals() []EvalSummary {
	passRate, _ := criteria.Find(criteria.MetricPassRate, true)
	score, _ := criteria.Find(criteria.MetricScore, true)
	var all []EvalSummary
	for i := range j.now.evals {
		e := &j.now.evals[i]
		s := EvalSummary{
			ConfigID: e.id,
			Name:     e.name,
			Type:     e.typ,
			PassRate: j.estimate(measureEval(passRate, e, "")),
			Score:    j.estimate(measureEval(score, e, "")),
		}
		passFail, known := e.isPassFail()
		s.PassFail, s.OwnUnit = passFail && known, e.plainNumbers()
		labels := map[text.Untrusted]int{}
		for r := range e.results() {
			s.add(&r, labels)
		}
		s.Labels = sortedLabels(labels)
		all = append(all, s)
	}
	return all
}

// add counts one result.
func (s *EvalSummary) add(r *evalResult, labels map[text.Untrusted]int) {
	switch {
	case r.has:
		s.Results++
		if passed, ok := r.verdict(); passed {
			s.Passed++
		} else if ok {
			s.Failed++
		}
		if r.kind == kindText {
			return // a text is stored as a label, but is none
		}
		all := r.value().Labels
		for i, l := range all {
			if !slices.Contains(all[:i], l) {
				labels[l]++
			}
		}
	case r.state == stateErrored || r.odd():
		s.Errored++
	case r.state == stateSkipped:
		s.Skipped++
	default:
		s.Pending++
	}
}

// sortedLabels orders labels by frequency, then by name.
func sortedLabels(counts map[text.Untrusted]int) []LabelCount {
	var all []LabelCount
	for label, n := range counts {
		all = append(all, LabelCount{Label: label, Count: n})
	}
	slices.SortFunc(all, func(a, b LabelCount) int {
		return cmp.Or(cmp.Compare(b.Count, a.Count), cmp.Compare(a.Label.Raw(), b.Label.Raw()))
	})
	return all
}

// shortID is enough of an id to tell things of one name apart.
func shortID(id uuid.UUID) string { return id.String()[:8] }
