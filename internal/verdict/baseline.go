package verdict

import (
	"math"
	"slices"
	"time"

	"github.com/google/uuid"

	"github.com/agent-gate/agent-gate/internal/calls"
	"github.com/agent-gate/agent-gate/internal/criteria"
	"github.com/agent-gate/agent-gate/internal/stats"
	"github.com/agent-gate/agent-gate/internal/text"
	"github.com/agent-gate/agent-gate/internal/verdict/explain"
)

// Baseline is an earlier run that a ".change" compares with. It holds calls, not
// numbers, so that the same code measures both sides.
type Baseline struct {
	RunTest   RunTest // empty when not known
	Execution Execution
	Calls     Calls
	Plan      []Planned
	Evals     []calls.EvalConfig
	// RerunsUnknown says that Calls are only known as they ended after any reruns, as with
	// an execution read from the server, which keeps nothing of the first tries.
	RerunsUnknown bool
}

// fault says why the baseline cannot be compared with; empty when it can.
func (b *Baseline) fault() text.Untrusted {
	switch {
	case b == nil:
		return text.New("there is no baseline to compare with")
	case b.Calls.Len() == 0:
		return text.New("the baseline has no calls")
	case b.Execution.Status != calls.ExecutionCompleted && b.Execution.Status != calls.ExecutionFailed:
		return explain.UnfinishedBaseline(string(b.Execution.Status))
	}
	return text.Untrusted{}
}

// inBaseline says that the baseline is what lacks something.
func inBaseline(why text.Untrusted) text.Untrusted { return text.Sprintf("in the baseline %s", why) }

// readChange compares a metric with the same metric of the baseline: now minus then. A
// mean is compared scenario by scenario; everything else as it is.
func readChange(now, then measured, stat string, l stats.Level) (r reading, why text.Untrusted) {
	switch {
	case !now.why.IsEmpty():
		return r, now.why
	case !then.why.IsEmpty():
		return r, inBaseline(then.why)
	}
	if stat == criteria.StatMean {
		return readPaired(now, then, l)
	}
	a, why := read(now, stat, l)
	if !why.IsEmpty() {
		return r, why
	}
	b, why := read(then, stat, l)
	if !why.IsEmpty() {
		return r, inBaseline(why)
	}
	return difference(a, b, now.metric.Family == criteria.Rate), why
}

// inBoth leaves out the calls of scenarios that only one of two runs has: a run of other
// scenarios has not become better or worse.
func inBoth(now, then measured) (measured, measured, text.Untrusted) {
	if !now.why.IsEmpty() || !then.why.IsEmpty() {
		return now, then, text.Untrusted{} // there is something else to say
	}
	here, there := now.present(), then.present()
	after, before := make([]bool, len(here)), make([]bool, len(there))
	shared := false
	for at, base := range now.counterparts(&then) {
		if here[at] && there[base] {
			after[at], before[base], shared = true, true, true
		}
	}
	if !shared {
		return now, then, text.New("the baseline has none of the scenarios of this run")
	}
	return now.within(after), then.within(before), text.Untrusted{}
}

// present are the scenarios with calls that the metric is taken over, those that never came
// included.
func (m *measured) present() []bool {
	there := make([]bool, len(m.run.scenarios))
	for r := range m.rows() {
		there[r.scenario] = true
	}
	return there
}

// counterparts are the scenarios that a metric is taken over and that another run has too, by
// their places in each.
func (m *measured) counterparts(then *measured) map[int32]int32 {
	both := map[int32]int32{}
	for i := range m.run.scenarios {
		if !m.over(int32(i)) {
			continue
		}
		if base, ok := then.run.counterpart(&m.run.scenarios[i]); ok {
			both[int32(i)] = base
		}
	}
	return both
}

// difference is one reading minus another. Only that of rates has an interval.
func difference(a, b reading, rates bool) reading {
	r := reading{
		unit:     a.unit,
		n:        a.n,
		shown:    a.shown - b.shown,
		least:    stats.Exactly(a.least.Minus(b.most.Point)),
		most:     stats.Exactly(a.most.Minus(b.least.Point)),
		unknown:  a.unknown + b.unknown,
		late:     a.late,
		bounded:  a.bounded && b.bounded,
		inferred: rates,
	}
	if rates {
		r.least.Interval = stats.RateChange(a.least, b.most)
		r.most.Interval = stats.RateChange(a.most, b.least)
		r.enough = widthCalls(r)
	}
	return r
}

// widthCalls is about how many calls on each side would tell a difference from a bound,
// when the interval narrows with the root of their number.
func widthCalls(r reading) func(float64) float64 {
	half := (r.most.High - r.least.Low) / 2
	return func(bound float64) float64 {
		d := r.shown - bound
		if d == 0 {
			return math.Inf(1)
		}
		return float64(r.n) * half * half / (d * d)
	}
}

// counterpart finds the eval of the baseline that an eval is compared with: the same
// config, or, since every created run test has configs of its own, the only one of its
// name.
func counterpart(e *eval, baseline []eval) (*eval, text.Untrusted) {
	var named []*eval
	for i := range baseline {
		b := &baseline[i]
		if b.id == e.id && e.id != uuid.Nil {
			return b, text.Untrusted{}
		}
		if b.name == e.name {
			named = append(named, b)
		}
	}
	if len(named) == 1 {
		return named[0], text.Untrusted{}
	}
	return nil, explain.BaselineEvals(len(named))
}

// scenarioChanges lists the scenarios that only one of two runs has.
func scenarioChanges(now, then sample) (added, gone []text.Untrusted) {
	only := func(a, b *roll) (names []text.Untrusted) {
		for i := range a.scenarios {
			if _, both := b.counterpart(&a.scenarios[i]); !both {
				names = append(names, a.scenarios[i].name)
			}
		}
		return names
	}
	return only(now.roll, then.roll), only(then.roll, now.roll)
}

// SharesScenario reports whether the baseline has a scenario in common with one of those
// that are to run. What a criterion of the baseline would compare is else not there.
func (b *Baseline) SharesScenario(plan []Planned) bool {
	then := newRoll(Evidence{Calls: b.Calls, Plan: b.Plan}, Rules{})
	now := newRoll(Evidence{Plan: plan}, Rules{})
	return slices.ContainsFunc(now.scenarios, func(s scenario) bool {
		_, both := then.counterpart(&s)
		return both
	})
}

// BaselineOf makes a baseline of what is known of an earlier run.
func BaselineOf(e Evidence) *Baseline {
	return &Baseline{RunTest: e.RunTest, Execution: e.Execution, Calls: e.Calls, Plan: e.Plan, Evals: e.Evals}
}

// BaselineOfExecution makes a baseline of an execution that was read from the server.
// What reruns changed in it is known as far as the server keeps earlier tries.
func BaselineOfExecution(x Execution, e calls.Execution) *Baseline {
	b := &Baseline{RunTest: RunTest{ID: e.RunTestID, Name: e.RunTestName}, Execution: x, Evals: e.Evals, Calls: CallsOf(e.Calls, nil), RerunsUnknown: true}
	b.Execution.Status = e.Status
	for i := range b.Calls.Len() {
		b.RerunsUnknown = b.RerunsUnknown && b.Calls.Brief(i).Attempts == 1
	}
	return b
}

// oldBaseline is the age from which a baseline is worth a warning: agents, evals and the
// models behind them change faster.
const oldBaseline = 30 * 24 * time.Hour

// Comparison is what a reader wants to know of a run beside its baseline.
type Comparison struct {
	// Age is the time from the baseline's run to this one; 0 when it is not known.
	Age time.Duration
	// SuccessRate and OverallScore are those of the baseline.
	SuccessRate, OverallScore Estimate
	// NewlyFailing are the scenarios of which every call succeeded in the baseline and
	// some call does not now; NewlyPassing are those of the reverse. By name.
	NewlyFailing, NewlyPassing []ScenarioChange
	// Differ says that one of the two has scenarios that the other has not.
	Differ bool
	// Warnings say why the two runs are not quite comparable.
	Warnings []text.Untrusted
}

// ScenarioChange is one scenario in both runs.
type ScenarioChange struct {
	Name      text.Untrusted
	Then, Now Counts
}

// Compare compares a run with its baseline; nil without one that can be compared with.
func Compare(e Evidence, r Rules) *Comparison {
	if r.Baseline == nil || r.Baseline.Calls.Len() == 0 {
		return nil
	}
	j := newJudgement(e, r)
	c := &Comparison{
		Age:          r.Baseline.age(e),
		SuccessRate:  j.headline(criteria.MetricSuccessRate, j.baseline.roll, nil),
		OverallScore: j.headline(criteria.MetricOverallScore, j.baseline.roll, nil),
	}
	for i := range j.now.scenarios {
		s := &j.now.scenarios[i]
		base, both := j.baseline.counterpart(s)
		if !both {
			continue
		}
		change := ScenarioChange{Name: s.title(), Then: j.baseline.count(j.baseline.scenarios[base].part()), Now: j.now.count(s.part())}
		if change.Then.Judged == 0 || change.Now.Judged == 0 {
			continue // nobody knows
		}
		passed, passes := change.Then.Succeeded == change.Then.Judged, change.Now.Succeeded == change.Now.Judged
		switch {
		case passed && !passes:
			c.NewlyFailing = append(c.NewlyFailing, change)
		case passes && !passed:
			c.NewlyPassing = append(c.NewlyPassing, change)
		}
	}
	added, gone := scenarioChanges(j.now, j.baseline)
	c.Differ = len(added)+len(gone) > 0
	c.Warnings = j.incomparable(c.Age, added, gone)
	return c
}

// age is the time from the baseline's run to this one, by the server's clock on one side
// and the gate's on the other; 0 when it is not known.
func (b *Baseline) age(e Evidence) time.Duration {
	if at := b.at(); !at.IsZero() && at.Before(e.Timing.StartedAt) {
		return e.Timing.StartedAt.Sub(at)
	}
	return 0
}

// at is when the baseline ran; zero when nothing says so.
func (b *Baseline) at() time.Time {
	var at time.Time
	for _, t := range []*time.Time{b.Execution.CompletedAt, b.Execution.StartedAt} {
		if t != nil {
			return *t
		}
	}
	for _, c := range b.Calls.All() {
		for _, t := range []*time.Time{c.StartedAt, c.UpdatedAt} {
			if t != nil && t.After(at) {
				at = *t
			}
		}
	}
	return at
}

// incomparable says in what the two runs differ beside their results.
func (j *judgement) incomparable(age time.Duration, added, gone []text.Untrusted) []text.Untrusted {
	now, then := j.evidence.Execution, j.rules.Baseline.Execution
	c := explain.Contrast{
		AgentType: string(now.AgentType), ThenAgentType: string(then.AgentType),
		AgentName: now.AgentName, ThenAgentName: then.AgentName,
		FirstTriesUnknown: j.rules.Baseline.RerunsUnknown && j.rules.ComparesFirstTries(),
	}
	if age >= oldBaseline {
		c.Days = int(age / (24 * time.Hour))
	}
	if len(j.now.marks) > 0 {
		c.NewScenarios, c.GoneScenarios = added, gone
		c.NewEvals, c.GoneEvals = evalChanges(j.now.evals, j.baseline.evals)
	}
	return c.Warnings()
}

// evalChanges lists the evals, by name, that only one of two runs has.
func evalChanges(now, then []eval) (added, gone []text.Untrusted) {
	only := func(a, b []eval) (names []text.Untrusted) {
		for i := range a {
			e := &a[i]
			known := slices.ContainsFunc(b, func(o eval) bool { return o.name == e.name })
			if !known && !slices.Contains(names, e.title()) {
				names = append(names, e.title())
			}
		}
		return names
	}
	return only(now, then), only(then, now)
}
