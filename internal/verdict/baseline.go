package verdict

import (
	"cmp"
	"slices"
	"time"

	"github.com/google/uuid"

	"github.com/agent-gate/agent-gate/internal/calls"
	"github.com/agent-gate/agent-gate/internal/criteria"
	"github.com/agent-gate/agent-gate/internal/stats"
	"github.com/agent-gate/agent-gate/internal/text"
	"github.com/agent-gate/agent-gate/internal/verdict/explain"
)

// Baseline is an earlier run that a ".change" compares with. It holds calls rather than numbers: the
// same code measures both sides.
type Baseline struct {
	Branch    text.Untrusted // that it is of; empty if unknown
	RunTest   RunTest        // empty if unknown
	Execution Execution
	Calls     Calls
	Plan      []Planned
	Evals     []calls.EvalConfig
	// RerunsUnknown means that Calls may be known only as they ended after reruns, as in an execution
	// read from a server that does not keep first attempts.
	RerunsUnknown bool
}

// fault says why the baseline cannot be used; empty if it can.
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

// inBaseline says that a problem is in the baseline.
func inBaseline(why text.Untrusted) text.Untrusted { return text.Sprintf("in the baseline %s", why) }

// readChange compares a metric with the baseline: now minus then. Rates and means are compared row by
// row or scenario by scenario, everything else as a whole.
func readChange(now, then measured, stat string, by basis) (r reading, why text.Untrusted) {
	switch {
	case !now.why.IsEmpty():
		return r, now.why
	case !then.why.IsEmpty():
		return r, inBaseline(then.why)
	}
	switch {
	case now.metric.Family == criteria.Rate, stat == criteria.StatMean && now.passFail() && then.passFail():
		return readRateChange(now, then, by)
	case stat == criteria.StatMean:
		return readPaired(now, then, by)
	}
	a, why := read(now, stat, by)
	if !why.IsEmpty() {
		return r, why
	}
	b, why := read(then, stat, by)
	if !why.IsEmpty() {
		return r, inBaseline(why)
	}
	return difference(a, b), why
}

// inBoth leaves out scenarios that only one of two runs has: other scenarios make a run neither better
// nor worse.
func inBoth(now, then measured) (measured, measured, text.Untrusted) {
	if !now.why.IsEmpty() || !then.why.IsEmpty() {
		return now, then, text.Untrusted{} // that is reported instead
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

// present are the scenarios with calls that the metric covers, including missing calls.
func (m *measured) present() []bool {
	there := make([]bool, len(m.run.scenarios))
	for r := range m.rows() {
		there[r.scenario] = true
	}
	return there
}

// counterparts maps the scenarios that the metric covers to the same ones in another run, by index.
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

// backFrom is the opposite of counterparts.
func (m *measured) backFrom(then *measured) map[int32]int32 {
	both := m.counterparts(then)
	back := make(map[int32]int32, len(both))
	for here, there := range both {
		back[there] = here
	}
	return back
}

// difference is one reading minus another, which has no interval.
func difference(a, b reading) reading {
	return reading{
		unit:    a.unit,
		n:       a.n,
		shown:   a.shown - b.shown,
		least:   stats.Exactly(a.least.Minus(b.most.Point)),
		most:    stats.Exactly(a.most.Minus(b.least.Point)),
		unknown: a.unknown + b.unknown,
		late:    a.late,
		bounded: a.bounded && b.bounded,
	}
}

// readRateChange compares rates over the dataset rows that both runs have, or within scenarios if the rows
// are unknown: other numbers of calls of a scenario, which may be an easy one, are no change. Both runs
// have something to measure.
func readRateChange(now, then measured, by basis) (r reading, why text.Untrusted) {
	switch {
	case now.known() == 0:
		return r, now.gaps().All()
	case then.known() == 0:
		return r, inBaseline(then.gaps().All())
	}
	rows, byRow := rateRows(now, then, nil)
	compared := func(unknownHits *bool) strata {
		switch {
		case !byRow:
			return rateGroups(now, then, unknownHits)
		case unknownHits == nil:
			return rows
		}
		filled, _ := rateRows(now, then, unknownHits)
		return filled
	}
	known := compared(nil)
	if len(known) == 0 {
		return r, text.New("no scenario has values both now and in the baseline")
	}
	s := known.change(by.level)
	r = plain(now.metric.Unit, known.calls(), s, true)
	r.byRow, r.bounded, r.of, r.over = byRow, true, known.calls(), known.compared()
	for _, one := range known {
		r.down += one.Hits
		r.up += one.Total - one.Hits
	}
	r.grouped = !byRow && len(known) > 1
	if byRow {
		r.n = len(known)
	}
	least, most := known, known
	if r.unknown, r.late = now.unknown()+then.unknown(), now.late; r.unknown > 0 {
		least, most = compared(new(false)), compared(new(true))
		r.least, r.most, r.of = least.change(by.level), most.change(by.level), least.calls()
		// Scenarios of which nothing is known count in these alone.
		r.least.Low, r.most.High = min(r.least.Low, r.shown), max(r.most.High, r.shown)
	}
	if by.population && !now.alone {
		over := overDifferences(known, least, most, by.level)
		for _, side := range []*stats.Side{&r.least, &r.most} {
			side.Interval = side.Widened(over, -100, 100)
		}
		return r, why
	}
	r.further = furtherChange(r, by.level)
	return r, why
}

// furtherChange is how many more calls in each run would probably separate a difference from a bound.
func furtherChange(r reading, l stats.Level) func(float64) int {
	half := (r.most.High - r.least.Low) / 2
	return func(bound float64) int { return stats.MoreValues(r.n, half, r.shown-bound, l) }
}

// counterpart finds the same eval in the baseline: by config, or, because every created run test has
// its own configs, the only one of its name.
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

// SharesScenario reports whether the baseline has any of the planned scenarios. Otherwise there is
// nothing to compare.
func (b *Baseline) SharesScenario(plan []Planned) bool {
	then := newRoll(Evidence{Calls: b.Calls, Plan: b.Plan}, Rules{})
	now := newRoll(Evidence{Plan: plan}, Rules{})
	return slices.ContainsFunc(now.scenarios, func(s scenario) bool {
		_, both := then.counterpart(&s)
		return both
	})
}

// BaselineOf makes a baseline from the evidence of an earlier run. What was in quarantine then is compared with, unless
// it is in quarantine now.
func BaselineOf(e Evidence) *Baseline {
	b := &Baseline{RunTest: e.RunTest, Execution: e.Execution, Calls: e.AllCalls(), Plan: e.Plan, Evals: e.Evals}
	if len(e.Quarantine.Plan) > 0 {
		b.Plan = slices.Concat(e.Plan, e.Quarantine.Plan)
	}
	return b
}

// BaselineOfExecution makes a baseline from an execution read from the server. Its first attempts are
// known as far as the server keeps them.
func BaselineOfExecution(x Execution, e calls.Execution) *Baseline {
	b := &Baseline{RunTest: RunTest{ID: e.RunTestID, Name: e.RunTestName}, Execution: x, Evals: e.Evals, Calls: CallsOf(e.Calls, nil), RerunsUnknown: true}
	b.Execution.Status = e.Status
	for i := range b.Calls.Len() {
		b.RerunsUnknown = b.RerunsUnknown && b.Calls.Brief(i).Attempts == 1
	}
	return b
}

// oldBaseline is the age that is worth a warning: agents, evals and models change faster.
const oldBaseline = 30 * 24 * time.Hour

// Comparison is a run beside its baseline.
type Comparison struct {
	// Age is the time from the baseline's run to this one; 0 if unknown.
	Age time.Duration
	// PassRate, SuccessRate and OverallScore are empty if no criterion can be about the baseline; PassRate also if every
	// call that succeeds passes.
	PassRate, SuccessRate, OverallScore Change
	// ByPass means that the calls that passed are counted, otherwise those that succeeded.
	ByPass bool
	// NewlyFailing are the scenarios where every judged call was good in the baseline and not all
	// are now; NewlyPassing are the reverse. Worse and Better are those where a smaller or larger share is good, and
	// neither before nor now all are. Ordered by name.
	NewlyFailing, NewlyPassing, Worse, Better []ScenarioChange
	// Differ means that one of the two has scenarios that the other lacks.
	Differ bool
	// Warnings say why the two runs are not fully comparable.
	Warnings []text.Untrusted
}

// Compare compares a run with its baseline; nil without one, or if it has no calls.
func Compare(e Evidence, r Rules) *Comparison {
	if r.Baseline = e.Against(r.Baseline); r.Baseline == nil || r.Baseline.Calls.Len() == 0 {
		return nil
	}
	j := newJudgement(e, r)
	c := &Comparison{Age: r.Baseline.age(e), ByPass: j.now.hasBar(r)}
	if r.Baseline.fault().IsEmpty() {
		c.SuccessRate, c.OverallScore = j.callChange(criteria.MetricSuccessRate), j.callChange(criteria.MetricOverallScore)
		if c.ByPass {
			c.PassRate = j.callChange(criteria.MetricPassRate)
		}
	}
	for i := range j.now.scenarios {
		s := &j.now.scenarios[i]
		base, both := j.baseline.counterpart(s)
		if !both {
			continue
		}
		then, now := goodOf(j.baseline.count(j.baseline.scenarios[base].part()), c.ByPass), goodOf(j.now.count(s.part()), c.ByPass)
		if then.Of == 0 || now.Of == 0 {
			continue // unknown
		}
		change := ScenarioChange{Name: s.title(), Then: then, Now: now}
		switch more := cmp.Compare(now.Good*then.Of, then.Good*now.Of); {
		case more < 0 && then.all():
			c.NewlyFailing = append(c.NewlyFailing, change)
		case more > 0 && now.all():
			c.NewlyPassing = append(c.NewlyPassing, change)
		case more < 0:
			c.Worse = append(c.Worse, change)
		case more > 0:
			c.Better = append(c.Better, change)
		}
	}
	added, gone := scenarioChanges(j.now, j.baseline)
	c.Differ = len(added)+len(gone) > 0
	c.Warnings = j.incomparable(c.Age, added, gone)
	return c
}

// age is the time from the baseline's run to this one, by the server's clock on one side and the gate's
// on the other; 0 if unknown.
func (b *Baseline) age(e Evidence) time.Duration {
	if at := b.at(); !at.IsZero() && at.Before(e.Timing.StartedAt) {
		return e.Timing.StartedAt.Sub(at)
	}
	return 0
}

// at is when the baseline ran; zero if unknown.
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

// incomparable says how the two runs differ, apart from their results.
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
