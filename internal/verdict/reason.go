package verdict

import (
	"cmp"
	"math"
	"slices"

	"github.com/agent-gate/agent-gate/internal/criteria"
	"github.com/agent-gate/agent-gate/internal/text"
	"github.com/agent-gate/agent-gate/internal/verdict/explain"
)

// facts are what sentences about a finding are made of.
func (j *judgement) facts(f finding) explain.Facts {
	m, r := &f.measured, &f.reading
	x := explain.Facts{
		Criterion: f.criterion, Metric: m.metric, Unit: f.Value.Unit.Of(f.criterion),
		Shown: r.shown, N: r.n, Low: f.Value.Low, High: f.Value.High, Level: 100 * float64(j.level),
		Hits: m.hits, Known: m.known(), Unknown: r.unknown, Bounded: r.bounded,
		Inferred: r.inferred, ByInterval: j.rules.DecideOn == DecideOnInterval, ByRow: r.byRow,
		Lacking: f.Outcome == NoData, Open: f.Outcome == Undecided,
	}
	if x.Open {
		x.More = r.more(f.criterion.Bound)
	}
	if m.unknown() > 0 || x.Lacking && m.run != nil {
		x.Gaps = m.gaps()
	}
	return x
}

// before is the other side of a finding on a change.
func (j *judgement) before(f finding, then measured) (b explain.Before) {
	c := f.criterion
	if !c.Change {
		return b
	}
	if then.unknown() > 0 {
		b.Gaps = then.gaps()
	}
	if !f.reading.byRow && c.Stat != criteria.StatMean {
		here, _ := read(f.measured, c.Stat, j.level)
		there, _ := read(then, c.Stat, j.level)
		b.Now, b.Then = here.shown, there.shown
	}
	return b
}

// reason is the sentence that decided.
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

// decisive are the findings of one outcome in the order of the criteria, and among those
// of one criterion the one that misses by most first.
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

// passed says what was met: of each criterion the check that is met most narrowly.
func (j *judgement) passed() text.Untrusted {
	closest := map[int]finding{}
	checks := map[int]int{}
	for _, f := range j.findings {
		checks[f.index]++
		if have, ok := closest[f.index]; !ok || f.margin() < have.margin() {
			closest[f.index] = f
		}
	}
	var first []explain.Closest
	for i := range min(len(j.rules.Criteria), explain.MaxItems) {
		first = append(first, explain.Closest{Facts: j.facts(closest[i]), Of: checks[i]})
	}
	return explain.AllMet(first, len(j.rules.Criteria))
}

// margin is how far the value is from the bound.
func (f finding) margin() float64 { return math.Abs(f.reading.shown - f.criterion.Bound) }
