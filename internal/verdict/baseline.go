package verdict

import (
	"math"
	"slices"

	"github.com/google/uuid"

	"github.com/agent-gate/agent-gate/internal/client"
	"github.com/agent-gate/agent-gate/internal/text"
)

// Baseline is an earlier run that a ".change" compares with. It holds calls, not
// numbers, so that the same code measures both sides.
type Baseline struct {
	RunTest   RunTest // empty when not known
	Execution Execution
	Calls     Calls
	Plan      []Planned
	Evals     []client.EvalConfig
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
	case b.Execution.Status != client.ExecutionCompleted && b.Execution.Status != client.ExecutionFailed:
		return UnfinishedBaseline(string(b.Execution.Status))
	}
	return text.Untrusted{}
}

// inBaseline says that the baseline is what lacks something.
func inBaseline(why text.Untrusted) text.Untrusted { return text.Sprintf("in the baseline %s", why) }

// readChange compares a metric with the same metric of the baseline: now minus then. A
// mean is compared scenario by scenario; everything else as it is.
func readChange(now, then measured, stat string, l level) (r reading, why text.Untrusted) {
	switch {
	case !now.why.IsEmpty():
		return r, now.why
	case !then.why.IsEmpty():
		return r, inBaseline(then.why)
	}
	if stat == statMean {
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
	return difference(a, b, now.metric.family == rate), why
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
		least:    exactly(a.least.minus(b.most.Point)),
		most:     exactly(a.most.minus(b.least.Point)),
		unknown:  a.unknown + b.unknown,
		late:     a.late,
		bounded:  a.bounded && b.bounded,
		inferred: rates,
	}
	if rates {
		r.least.Interval = rateChange(a.least, b.most)
		r.most.Interval = rateChange(a.most, b.least)
		r.enough = widthCalls(r)
	}
	return r
}

// readPaired compares means over the dataset rows that both runs have values of, or, where
// the rows are not known, over the scenarios. Both have something to measure.
func readPaired(now, then measured, l level) (r reading, why text.Untrusted) {
	_, byRow := pairRows(now, then, nil, nil)
	paired := func(fill, baseFill *float64) (reading, text.Untrusted) {
		if !byRow {
			return readGroups(now, then, fill, baseFill, l)
		}
		differences, _ := pairRows(now, then, fill, baseFill)
		return readRows(now, differences, l)
	}
	if r, why = paired(nil, nil); !why.IsEmpty() {
		return r, why
	}
	r.bounded = true
	if r.unknown, r.late = now.unknown()+then.unknown(), now.late; r.unknown == 0 {
		return r, why
	}
	low, high, ok := now.scale(now.sorted())
	_, _, baseOK := then.scale(then.sorted())
	switch {
	case ok && baseOK:
		// What is not known may be as bad as it gets now and as good as it gets then, and
		// the other way round.
		least, leastWhy := paired(&low, &high)
		most, mostWhy := paired(&high, &low)
		if leastWhy.IsEmpty() && mostWhy.IsEmpty() {
			r.least, r.most = least.least, most.most
			break
		}
		fallthrough
	case now.needsScale() || then.needsScale():
		r.least, r.most = exactly(Point{value: math.Inf(-1)}), exactly(Point{value: math.Inf(1)})
	default:
		r.bounded = false
	}
	return r, why
}

// readGroups compares means over the scenarios that both runs have values of. What is not
// known stands at the fills; nil leaves it out.
func readGroups(now, then measured, fill, baseFill *float64, l level) (r reading, why text.Untrusted) {
	a, b := now.byScenario(fill), then.byScenario(baseFill)
	switch {
	case len(a) == 0:
		return r, now.gaps().All()
	case len(b) == 0:
		return r, inBaseline(then.gaps().All())
	}
	both := now.counterparts(&then)
	var groups []group
	n := 0
	for _, g := range sortedGroups(a) {
		base, ok := both[g.scenario]
		if values := b[base]; ok && len(values) > 0 {
			groups = append(groups, group{now: g.values, base: values})
			n += len(g.values)
		}
	}
	if len(groups) == 0 {
		return r, text.New("no scenario has values both now and in the baseline")
	}
	change, i := pairedChange(groups, l)
	if math.IsInf(change, 0) || math.IsNaN(change) {
		return r, tooLarge()
	}
	r = plain(now.metric.unit, n, side{Point{value: change}, i}, true)
	r.enough = widthCalls(r)
	return r, why
}

// pairing is a dataset row of a scenario.
type pairing struct {
	scenario int32 // its place in the run now
	row      uint64
}

// pairRows returns the differences of the values of each row that both runs have, by
// scenario; ok is false when a value's row is not known, or no row is in both. A row that
// was played several times has the mean of its values. What is not known stands at the fills;
// nil leaves it out.
func pairRows(now, then measured, fill, baseFill *float64) (differences map[int32][]float64, ok bool) {
	both := now.counterparts(&then)
	back := make(map[int32]int32, len(both))
	for here, there := range both {
		back[there] = here
	}
	differences = map[int32][]float64{}
	// Of a call whose row nobody knows the row has a counterpart that may be anything.
	rowless := func(scenario int32) {
		differences[scenario] = append(differences[scenario], *fill-*baseFill)
	}
	a, known := byRow(now, nil, fill, rowless)
	b, baseKnown := byRow(then, back, baseFill, rowless)
	if !known || !baseKnown {
		return nil, false
	}
	for p, values := range a {
		if base := b[p]; len(base) > 0 {
			differences[p.scenario] = append(differences[p.scenario], mean(values)-mean(base))
		}
	}
	for _, d := range differences {
		slices.Sort(d)
	}
	return differences, len(differences) > 0
}

// byRow returns the values that exist, by dataset row and in ascending order; known is
// false when the row of one is not. Places turns the places of scenarios into those of
// another run; nil leaves them as they are. Fill stands for what is not known, of which
// those without a row are told to rowless; nil leaves it out.
func byRow(m measured, places map[int32]int32, fill *float64, rowless func(scenario int32)) (_ map[pairing][]float64, known bool) {
	rows := map[pairing][]float64{}
	for r := range m.rows() {
		if r.missing && fill == nil {
			continue
		}
		scenario := r.scenario
		if places != nil {
			here, ok := places[scenario]
			if !ok {
				continue
			}
			scenario = here
		}
		var row uint64
		if r.at >= 0 {
			row = m.run.brief(r.at).Row
		}
		switch {
		case row == 0 && !r.missing:
			return nil, false
		case row == 0:
			rowless(scenario)
			continue
		case r.missing:
			r.value = *fill
		}
		p := pairing{scenario, row}
		rows[p] = append(rows[p], r.value)
	}
	for _, values := range rows {
		slices.Sort(values)
	}
	return rows, true
}

// readRows is the mean of the differences of rows. What differs between rows cancels out.
func readRows(now measured, differences map[int32][]float64, l level) (r reading, why text.Untrusted) {
	var groups [][]float64
	var all []float64
	for _, g := range sortedGroups(differences) {
		groups = append(groups, g.values)
		all = append(all, g.values...)
	}
	slices.Sort(all)
	change := mean(all)
	if math.IsInf(change, 0) || math.IsNaN(change) {
		return r, tooLarge()
	}
	r = plain(now.metric.unit, len(all), side{Point{value: change}, sortedMeanInterval(all, groups, l)}, true)
	r.enough, r.byRow = widthCalls(r), true
	return r, why
}

// widthCalls is about how many calls on each side would tell a difference from a bound,
// when the interval narrows with the root of their number.
func widthCalls(r reading) func(float64) float64 {
	half := (r.most.high - r.least.low) / 2
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
	return nil, BaselineEvals(len(named))
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
