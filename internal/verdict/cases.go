package verdict

import (
	"github.com/agent-gate/agent-gate/internal/criteria"
	"github.com/agent-gate/agent-gate/internal/stats"
	"github.com/agent-gate/agent-gate/internal/text"
	"github.com/agent-gate/agent-gate/internal/verdict/explain"
)

// tries are the calls of one case, one in each trial.
type tries struct {
	calls    []int // their positions
	passed   int
	unknown  int // calls that are missing, or of which it is not known whether they passed
	mayCome  bool
	scenario int32
}

// caseKey tells the cases of a run apart. Rows that are alike are told apart by their order.
type caseKey struct {
	scenario int32
	row      uint64
	order    int
}

// cases pairs the calls of the trials by what they play: a dataset row, or a scenario with one call in a
// trial if the server names no rows. Planned cases without any call are unknown. why is set if calls
// cannot be paired.
func (r *roll) cases(only []bool) (all []tries, why text.Untrusted) {
	places := map[caseKey]int{}
	for i := range r.scenarios {
		s := &r.scenarios[i]
		if only != nil && !only[i] {
			continue
		}
		type alike struct {
			trial int
			row   uint64
		}
		seen := map[alike]int{}
		first := len(all)
		for at := s.from; at < s.to; at++ {
			c := r.brief(at)
			trial := r.trialOf(c)
			k := caseKey{scenario: int32(i), row: c.Row, order: seen[alike{trial, c.Row}]}
			seen[alike{trial, c.Row}]++
			if c.Row == 0 && k.order > 0 {
				return nil, text.Sprintf("the server does not name the dataset rows of scenario %s, so calls of different trials cannot be paired", criteria.Quote(s.name.Raw()))
			}
			place, ok := places[k]
			if !ok {
				place = len(all)
				places[k] = place
				all = append(all, tries{scenario: int32(i)})
			}
			all[place].calls = append(all[place].calls, at)
		}
		for planned := s.missing() + s.len(); planned > (len(all)-first)*r.trials; {
			all = append(all, tries{scenario: int32(i)})
		}
	}
	for i := range all {
		r.try(&all[i])
	}
	return all, why
}

// try counts the tries of a case.
func (r *roll) try(t *tries) {
	t.unknown = max(0, r.trials-len(t.calls))
	for _, at := range t.calls {
		switch row, _ := r.row(criteria.MetricPassRate, at); {
		case row.missing:
			t.unknown++
			t.mayCome = t.mayCome || row.late
		case row.hit:
			t.passed++
		}
	}
}

// readCases measures pass^K or pass@K. The shown number is over the cases whose calls are all known; the
// unknown calls of the others may pass or not.
func (m *measured) readCases(k int, l stats.Level) (r reading, why text.Untrusted) {
	if k > m.run.trials {
		return r, explain.TooFewTrials(k, m.run.trials)
	}
	all, why := m.run.cases(m.only)
	if !why.IsEmpty() {
		return r, why
	}
	measure := stats.PassAll
	if m.metric.Name == criteria.MetricPassAny {
		measure = stats.PassAny
	}
	var known, least, most []stats.Count
	for _, t := range all {
		total := max(m.run.trials, len(t.calls))
		least = append(least, stats.Count{Hits: t.passed, Total: total})
		most = append(most, stats.Count{Hits: t.passed + t.unknown, Total: total})
		if t.unknown == 0 {
			known = append(known, stats.Count{Hits: t.passed, Total: total})
			continue
		}
		r.unknown++
		if t.mayCome {
			r.late++
		}
	}
	if len(known) == 0 {
		return r, m.gaps().All()
	}
	r.unit, r.n, r.inferred, r.bounded = criteria.UnitPercent, len(known), true, true
	r.shown = measure(known, k, l).Value
	r.least, r.most = measure(least, k, l), measure(most, k, l)
	return r, why
}
