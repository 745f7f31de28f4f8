package verdict

import (
	"cmp"
	"math"
	"slices"

	"github.com/google/uuid"

	"github.com/agent-gate/agent-gate/internal/criteria"
	"github.com/agent-gate/agent-gate/internal/text"
	"github.com/agent-gate/agent-gate/internal/verdict/explain"
)

// facts are the facts for sentences about a finding.
func (j *judgement) facts(f finding) explain.Facts {
	m, r := &f.measured, &f.reading
	x := explain.Facts{
		Criterion: f.criterion, Metric: m.metric, Unit: f.Value.Unit.Of(f.criterion),
		Shown: r.shown, N: r.n, Low: f.Value.Low, High: f.Value.High, Level: 100 * float64(j.level),
		Hits: m.hits, Known: m.known(), Unknown: r.unknown, Bounded: r.bounded,
		Inferred: r.inferred, ByInterval: j.rules.DecideOn == DecideOnInterval, ByRow: r.byRow, Grouped: r.grouped,
		Lacking: f.Outcome == NoData, Open: f.Outcome == Undecided, Met: f.Outcome == Met,
		Population: f.population, First: f.first,
		Ranked: r.inferred && !f.criterion.Change && m.metric.Family == criteria.Average && f.criterion.Stat != criteria.StatMean && len(m.run.scenarios) > 1 && !m.alone,
	}
	if m.metric.Family == criteria.Case && m.run != nil {
		x.Trials, x.FewestCalls, x.Short = m.run.trials, r.fewest, r.short
	}
	j.factsOfLook(f, &x)
	if x.Open {
		x.More = r.more(f.criterion.Bound)
	}
	if m.unknown() > 0 || x.Lacking && m.run != nil {
		x.Gaps = m.gaps()
	}
	return x
}

// firstFailedCalls are the failed calls before reruns. It is no metric of the grammar.
const firstFailedCalls = "first_failed_calls"

// compareFirstTries finds the number before reruns, and warns, if the criterion is met only after them.
func (j *judgement) compareFirstTries(f *finding) {
	names := map[string]string{
		criteria.MetricSuccessRate: criteria.MetricFirstSuccessRate, criteria.MetricPassRate: criteria.MetricFirstPassRate,
		criteria.MetricFailedCalls: firstFailedCalls,
	}
	c, m := f.criterion, f.measured
	name, has := names[c.Metric]
	if !has || c.Change || m.eval != nil || f.Outcome != Met {
		return
	}
	m.metric.Name = name
	m = m.counted()
	r, why := read(m, "", j.basis(j.lookLevel()))
	if !why.IsEmpty() {
		return
	}
	switch r.ruled(j.ruleFor(c, &m)).decide(c.Op, c.Bound, j.rules.DecideOn) {
	case NotMet, Undecided:
		f.first = new(r.shown)
		j.warn(j.facts(*f).NeedsReruns())
	}
}

// before is the baseline's side of a change.
func (j *judgement) before(f finding, then measured) (b explain.Before) {
	c := f.criterion
	if !c.Change {
		return b
	}
	if then.unknown() > 0 {
		b.Gaps = then.gaps()
	}
	if c.Stat != criteria.StatMean {
		here, _ := read(f.measured, c.Stat, j.basis(j.lookLevel()))
		there, _ := read(then, c.Stat, j.basis(j.lookLevel()))
		b.Now, b.Then = here.shown, there.shown
	}
	return b
}

// reason says what decided.
func (j *judgement) reason(kind Kind) text.Untrusted {
	var decided CheckOutcome
	switch kind {
	case Pass:
		return j.passed()
	case Fail:
		decided = NotMet
	case Inconclusive:
		decided = Undecided
	default:
		decided = NoData
	}
	all := j.decisive(decided)
	if len(all) == 0 {
		return text.New("no criterion could be measured")
	}
	f, rest := all[0], len(all)-1
	switch decided {
	case NotMet:
		return j.facts(f).Unmet(j.blame(f), rest)
	case Undecided:
		return j.facts(f).Undecided(rest)
	}
	return j.facts(f).Unjudged(f.Detail, rest)
}

// decisive are the findings with an outcome in the order of the criteria; within a criterion the one
// that misses by most comes first.
func (j *judgement) decisive(outcome CheckOutcome) []finding {
	var all []finding
	for _, f := range j.findings {
		if f.Outcome == outcome {
			all = append(all, f)
		}
	}
	slices.SortStableFunc(all, func(a, b finding) int {
		return cmp.Or(cmp.Compare(a.index, b.index), cmp.Compare(b.Short, a.Short))
	})
	return all
}

// passed says what was met, with the tightest check of each criterion.
func (j *judgement) passed() text.Untrusted {
	closest := map[int]finding{}
	checks := map[int]int{}
	for _, f := range j.findings {
		checks[f.index]++
		if have, ok := closest[f.index]; !ok || have.first == nil && (f.first != nil || f.margin() < have.margin()) {
			closest[f.index] = f
		}
	}
	var first []explain.Closest
	for i := range j.rules.Criteria {
		// Those that are met only after reruns are always named.
		if i < explain.MaxItems || closest[i].first != nil && i < 3*explain.MaxItems {
			first = append(first, explain.Closest{Facts: j.facts(closest[i]), Of: checks[i]})
		}
	}
	return explain.AllMet(first, len(j.findings))
}

// margin is how far the value is from the bound.
func (f finding) margin() float64 { return math.Abs(f.reading.shown - f.criterion.Bound) }

// wantsLess reports whether the number would have to be smaller to meet the criterion.
func (f finding) wantsLess() bool {
	if f.criterion.Op == criteria.OpEqual {
		return f.reading.shown > f.criterion.Bound
	}
	return f.criterion.WantsLittle()
}

// pivot is the number that a call's value is compared with: the bound, or for a change the baseline's
// value plus the bound.
func (f finding) pivot() float64 {
	if f.criterion.Change {
		return f.now() - f.reading.shown + f.criterion.Bound
	}
	return f.criterion.Bound
}

// now is the metric's current value, for a change too.
func (f finding) now() float64 { return reduce(f.measured.sorted(), f.criterion.Stat) }

// blamed are the calls that keep the criterion from being met, worst first: those that do not count
// towards a rate that is too low, those that count towards one that is too high, or those with a
// value on the wrong side of the bound.
func (f finding) blamed() []row {
	less := f.wantsLess()
	var rows []row
	if f.measured.metric.Family != criteria.Average {
		for r := range f.measured.rows() {
			if !r.missing && r.at >= 0 && r.hit == less {
				rows = append(rows, r)
			}
		}
		slices.SortStableFunc(rows, func(a, b row) int {
			run := f.measured.run
			return cmp.Or(cmp.Compare(f.badness(b), f.badness(a)), lowestFirst(run.score(a.at), run.score(b.at)))
		})
		return rows
	}
	// A bound on a sum has no wrong side for a single value.
	all := f.criterion.Stat == criteria.StatSum
	pivot := f.pivot()
	for r := range f.measured.rows() {
		if !r.missing && (all || less && r.value > pivot || !less && r.value < pivot) {
			rows = append(rows, r)
		}
	}
	slices.SortStableFunc(rows, func(a, b row) int {
		if less {
			return cmp.Compare(b.value, a.value)
		}
		return cmp.Compare(a.value, b.value)
	})
	return rows
}

// blame describes the calls to blame, for sentences.
func (j *judgement) blame(f finding) explain.Blame {
	blamed, m := f.blamed(), &f.measured
	b := explain.Blame{Calls: len(blamed), Less: f.wantsLess()}
	if len(blamed) == 0 {
		return b
	}
	b.Scenario, b.All = j.mostly(blamed)
	if m.metric.Family == criteria.Average {
		b.Pivot = f.pivot()
		return b
	}
	for _, r := range blamed {
		switch m.run.marks[r.at].outcome {
		case endSucceeded:
			b.Succeeded++
		case endFailed:
			b.Failed++
		case endSkipped:
			b.Skipped++
		case endLost:
			b.Lost++
		case endOpen:
			b.Open++
		case endCancelled:
			b.Cancelled++
		}
	}
	if m.metric.Name == criteria.MetricResultRate {
		b.Missing = missingOf(m.eval.results())
	}
	return b
}

// mostly is the scenario that most or all of the calls are in; empty if that says nothing.
func (j *judgement) mostly(blamed []row) (scenario text.Untrusted, all bool) {
	if len(blamed) < 2 || len(j.now.scenarios) < 2 {
		return scenario, false
	}
	counts := map[int32]int{}
	for _, r := range blamed {
		counts[r.scenario]++
	}
	for at, n := range counts {
		if s := &j.now.scenarios[at]; !s.name.IsEmpty() && 2*n > len(blamed) {
			return s.title(), n == len(blamed)
		}
	}
	return scenario, false
}

// badness orders the calls to blame for a rate: failures first.
func (f finding) badness(r row) int {
	switch f.measured.run.marks[r.at].outcome {
	case endFailed:
		return 3
	case endSkipped:
		return 2
	}
	return 1
}

// deciding are the calls to blame for criteria that are not met; those that most criteria blame come
// first.
func (j *judgement) deciding() []uuid.UUID {
	var order []uuid.UUID
	blame := map[uuid.UUID]int{}
	for _, f := range j.findings {
		if f.Outcome != NotMet {
			continue
		}
		for _, r := range f.blamed() {
			id := j.now.id(r.at)
			if blame[id] == 0 {
				order = append(order, id)
			}
			blame[id]++
		}
	}
	slices.SortStableFunc(order, func(a, b uuid.UUID) int { return cmp.Compare(blame[b], blame[a]) })
	return order
}

// Mattered are the indices of the calls that mattered, worst first: those that failed or were skipped, those below the
// bar with the lowest score first, and those that only pulled a criterion down. Calls that say nothing about the agent
// come last. Where that is alike, the calls that most criteria blame come first, then the most often rerun.
func Mattered(list Calls, v Verdict, r Rules) []int {
	place := make(map[uuid.UUID]int, len(v.Deciding))
	for i, id := range v.Deciding {
		place[id] = i
	}
	type entry struct {
		at, class, decided, attempts int
		score                        float64 // of a call below the bar; NaN without one
	}
	var all []entry
	for i := range list.Len() {
		c := list.Brief(i)
		e := entry{at: i, attempts: c.Attempts, score: math.NaN()}
		decided, blamed := place[c.ID]
		if e.decided = decided; !blamed {
			e.decided = len(place)
		}
		outcome := c.Outcome()
		if outcome == Lost && r.PlatformFails {
			outcome = Failed
		}
		low := i < len(v.Passed) && v.Passed[i] == NotPassed
		if outcome == Succeeded && !blamed && !low {
			continue
		}
		switch e.class = slices.Index(worstFirst, outcome); {
		case outcome != Succeeded:
		case low:
			if c.OverallScore != nil {
				e.score = *c.OverallScore
			}
		default:
			e.class = pulledDown
		}
		all = append(all, e)
	}
	slices.SortFunc(all, func(a, b entry) int {
		return cmp.Or(
			cmp.Compare(a.class, b.class),
			lowestFirst(a.score, b.score),
			cmp.Compare(a.decided, b.decided),
			cmp.Compare(b.attempts, a.attempts),
			cmp.Compare(a.at, b.at),
		)
	})
	out := make([]int, len(all))
	for i, e := range all {
		out[i] = e.at
	}
	return out
}

// worstFirst are the outcomes of calls that mattered, worst first; a call that succeeded is below the bar, or comes at
// pulledDown.
var worstFirst = []Outcome{Failed, Skipped, Succeeded, pulledDown: "", Lost, Open, Cancelled}

// pulledDown is the place of calls that passed and pulled a criterion down.
const pulledDown = 3

// lowestFirst compares scores, of which those that are unknown come last.
func lowestFirst(a, b float64) int {
	switch {
	case math.IsNaN(a) && math.IsNaN(b):
		return 0
	case math.IsNaN(a):
		return 1
	case math.IsNaN(b):
		return -1
	}
	return cmp.Compare(a, b)
}
