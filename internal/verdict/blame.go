package verdict

import (
	"cmp"
	"slices"

	"github.com/google/uuid"

	"github.com/agent-gate/agent-gate/internal/criteria"
	"github.com/agent-gate/agent-gate/internal/text"
	"github.com/agent-gate/agent-gate/internal/verdict/explain"
)

// wantsLess reports whether a smaller number would meet the criterion.
func (f finding) wantsLess() bool {
	switch f.criterion.Op {
	case criteria.OpAtMost, criteria.OpBelow:
		return true
	case criteria.OpEqual:
		return f.reading.shown > f.criterion.Bound
	}
	return false
}

// pivot is the number that a call's value is held against: the bound, or for a change
// the baseline's value moved by the bound.
func (f finding) pivot() float64 {
	if f.criterion.Change {
		return f.now() - f.reading.shown + f.criterion.Bound
	}
	return f.criterion.Bound
}

// now is the metric's own value, of a change too.
func (f finding) now() float64 { return reduce(f.measured.sorted(), f.criterion.Stat) }

// blamed are the calls that keep the criterion from being met, worst first: those that do
// not count for a rate that is too low, those that count for one that is too high, those
// whose value lies beyond the bound.
func (f finding) blamed() []row {
	less := f.wantsLess()
	var rows []row
	if f.measured.metric.Family != criteria.Average {
		for r := range f.measured.rows() {
			if !r.missing && r.at >= 0 && r.hit == less {
				rows = append(rows, r)
			}
		}
		slices.SortStableFunc(rows, func(a, b row) int { return cmp.Compare(f.badness(b), f.badness(a)) })
		return rows
	}
	// A sum has no side on which a single value lies.
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

// blame is what sentences say of the calls to blame.
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

// mostly is the scenario in which most of the calls are, or all; empty when that tells nothing.
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

// deciding are the calls to blame for the criteria that are not met, those first that
// many criteria blame.
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

// Unsuccessful are the places of the calls that did not succeed, worst first: those that decided the
// verdict in their own order, then failed, skipped, lost and other calls, and among them
// those that not even a rerun helped. Deciding is that of the [Verdict].
func Unsuccessful(calls Calls, deciding []uuid.UUID) []int {
	place := make(map[uuid.UUID]int, len(deciding))
	for i, id := range deciding {
		place[id] = i - len(deciding) // below 0, where all others are
	}
	rank := []Outcome{Failed, Skipped, Lost, Open, Cancelled}
	type entry struct{ at, decided, outcome, attempts int }
	var all []entry
	for i := range calls.Len() {
		c := calls.Brief(i)
		if o := c.Outcome(); o != Succeeded {
			all = append(all, entry{at: i, decided: place[c.ID], outcome: slices.Index(rank, o), attempts: c.Attempts})
		}
	}
	slices.SortFunc(all, func(a, b entry) int {
		return cmp.Or(
			cmp.Compare(a.decided, b.decided),
			cmp.Compare(a.outcome, b.outcome),
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
