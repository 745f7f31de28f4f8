package verdict

import (
	"cmp"
	"slices"

	"github.com/agent-gate/agent-gate/internal/criteria"
	"github.com/agent-gate/agent-gate/internal/stats"
	"github.com/agent-gate/agent-gate/internal/text"
	"github.com/agent-gate/agent-gate/internal/verdict/explain"
)

// caseKey tells the cases of a run apart. Rows that are alike are told apart by their order.
type caseKey struct {
	scenario int32 // its index
	row      uint64
	order    int
}

// tries are the calls of one case, one in each trial.
type tries struct {
	caseKey
	calls   []int // their positions
	passed  int
	unknown int  // calls that are missing, or of which it is not known whether they passed
	mayCome bool // one of them may still become known
}

// cases pairs the calls of the trials by what they play: a dataset row, or a scenario with one call in each
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
		first, nameless, most, came := len(all), false, 0, map[int]int{}
		for at := s.from; at < s.to; at++ {
			c := r.brief(at)
			trial := r.trialOf(c)
			k := caseKey{scenario: int32(i), row: c.Row, order: seen[alike{trial, c.Row}]}
			seen[alike{trial, c.Row}]++
			came[trial]++
			nameless, most = nameless || c.Row == 0, max(most, came[trial])
			place, ok := places[k]
			if !ok {
				place = len(all)
				places[k] = place
				all = append(all, tries{caseKey: k})
			}
			all[place].calls = append(all[place].calls, at)
		}
		// Where a trial has several calls, one without its row could be any of them.
		if nameless && (most > 1 || s.missing()+s.len() > r.trials) {
			return nil, text.Sprintf("the server does not name the dataset rows of scenario %s, so calls of different trials cannot be paired", criteria.Quote(s.name.Raw()))
		}
		slices.SortFunc(all[first:], func(a, b tries) int { return cmp.Or(cmp.Compare(a.row, b.row), cmp.Compare(a.order, b.order)) })
		for planned := s.missing() + s.len(); planned > (len(all)-first)*r.trials; {
			all = append(all, tries{caseKey: caseKey{scenario: int32(i)}})
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

// readCases measures pass^K or pass@K. The shown number is over the cases that are known; in the others,
// unknown calls may pass or not.
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
	r.fewest = m.run.trials
	for _, t := range all {
		if n := len(t.calls); n > 0 && n < m.run.trials {
			r.short++
		}
		total := max(m.run.trials, len(t.calls))
		least = append(least, stats.Count{Hits: t.passed, Total: total})
		most = append(most, stats.Count{Hits: t.passed + t.unknown, Total: total})
		worst, best := least[len(least)-1:], most[len(most)-1:]
		if t.unknown == 0 || measure(worst, k, l).Value == measure(best, k, l).Value {
			known = append(known, worst...) // its unknown calls do not matter
			r.fewest = min(r.fewest, len(t.calls))
			continue
		}
		r.unknown++
		if t.mayCome {
			r.late++
		}
	}
	if len(known) == 0 {
		if gaps := m.gaps(); gaps.N() > 0 {
			return r, gaps.All()
		}
		return r, explain.NoWholeCase()
	}
	r.unit, r.n, r.inferred, r.bounded = criteria.UnitPercent, len(known), true, true
	r.shown = measure(known, k, l).Value
	r.least, r.most = measure(least, k, l), measure(most, k, l)
	return r, why
}

// Case is a dataset row, or a scenario without rows, with its call in each trial.
type Case struct {
	Name     text.Untrusted // its scenario, with a number if that has several
	Scenario text.Untrusted
	// Calls are the calls by trial, as indices in the evidence; -1 where one is missing.
	Calls []int
	// Passed, Failed and Unknown count the calls that passed, that did not, and those of which it is not
	// known.
	Passed, Failed, Unknown int
}

// Flaky reports whether the case passed in some trials and not in others.
func (c Case) Flaky() bool { return c.Passed > 0 && c.Failed > 0 }

// caseList are the cases of a run with several trials: flaky ones first, then those that never passed, by
// scenario. It is empty if the calls of the trials cannot be paired.
func (j *judgement) caseList() []Case {
	r := j.now.roll
	if r.trials < 2 {
		return nil
	}
	all, why := r.cases(nil)
	if !why.IsEmpty() {
		return nil
	}
	numbers := make([]int, len(r.scenarios))
	for _, t := range all {
		numbers[t.scenario]++
	}
	several := slices.Clone(numbers)
	clear(numbers)
	list := make([]Case, len(all))
	for i, t := range all {
		s := &r.scenarios[t.scenario]
		numbers[t.scenario]++
		c := Case{Name: s.title(), Scenario: s.title(), Calls: slices.Repeat([]int{-1}, r.trials), Passed: t.passed, Unknown: t.unknown}
		c.Failed = max(0, max(r.trials, len(t.calls))-t.passed-t.unknown)
		if several[t.scenario] > 1 {
			c.Name = text.Sprintf("%s #%d", c.Name, numbers[t.scenario])
		}
		for _, at := range t.calls {
			c.Calls[r.trialOf(r.brief(at))] = r.index(at)
		}
		list[i] = c
	}
	SortCases(list)
	return list
}

// SortCases puts flaky cases first, then those that never passed, unknown ones, and last those that always
// passed; more failures come first. Cases that are alike keep their order.
func SortCases(list []Case) {
	rank := func(c Case) int {
		switch {
		case c.Flaky():
			return 0
		case c.Failed > 0:
			return 1
		case c.Unknown > 0:
			return 2
		}
		return 3
	}
	slices.SortStableFunc(list, func(a, b Case) int { return cmp.Or(cmp.Compare(rank(a), rank(b)), cmp.Compare(b.Failed, a.Failed)) })
}
