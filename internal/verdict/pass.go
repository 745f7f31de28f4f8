package verdict

import (
	"cmp"
	"slices"

	"github.com/agent-gate/agent-gate/internal/criteria"
	"github.com/agent-gate/agent-gate/internal/stats"
	"github.com/agent-gate/agent-gate/internal/text"
	"github.com/agent-gate/agent-gate/internal/verdict/explain"
)

// PassState says whether a call passed.
type PassState uint8

// Whether a call passed.
const (
	// PassUnknown: the call is unknown, or a condition has no result to look at.
	PassUnknown PassState = iota
	// PassLate: the same, but it may still become known.
	PassLate
	Passed
	NotPassed
)

// and combines two conditions: one that does not hold is enough.
func (p PassState) and(q PassState) PassState {
	switch {
	case p == NotPassed || q == NotPassed:
		return NotPassed
	case p == PassLate || q == PassLate:
		return PassLate
	case p == PassUnknown || q == PassUnknown:
		return PassUnknown
	}
	return Passed
}

// markPassed marks the calls that passed: those that succeeded and meet every condition or, without
// conditions, passed every Pass/Fail eval. It returns warnings about that.
func (r *roll) markPassed(evals []eval, conditions []criteria.Condition) (notes []text.Untrusted) {
	var succeeded []int32
	for at := range r.marks {
		switch m := &r.marks[at]; {
		case m.outcome == endSucceeded:
			m.passed = Passed
			succeeded = append(succeeded, int32(at))
		case m.outcome.known():
			m.passed = NotPassed
		case m.outcome == endOpen && r.open:
			m.passed = PassLate
		}
	}
	if len(conditions) == 0 {
		return r.markByEvals(evals)
	}
	for _, c := range conditions {
		if c.Eval == "" {
			for _, at := range succeeded {
				r.marks[at].passed = r.marks[at].passed.and(r.numberHolds(c, int(at)))
			}
			continue
		}
		found := false
		for i := range evals {
			if e := &evals[i]; e.name.Raw() == c.Eval {
				found = true
				if c.Kind == criteria.ConditionLabel {
					if w := e.lacksLabel(c.Label); !w.IsEmpty() {
						notes = append(notes, explain.InPassWhen(w))
					}
				}
				e.mark(func(result evalResult) PassState { return e.holds(c, &result, r.open) })
			}
		}
		if !found && len(succeeded) > 0 {
			unknown := PassUnknown
			if r.open {
				unknown = PassLate // its results may still name it
			}
			for _, at := range succeeded {
				r.marks[at].passed = r.marks[at].passed.and(unknown)
			}
			notes = append(notes, explain.PassWhenWithoutEval(c.Eval))
		}
	}
	return notes
}

// passStates says whether each call passed, in the order of the evidence.
func (r *roll) passStates() []PassState {
	states := make([]PassState, len(r.marks))
	for at, m := range r.marks {
		states[r.index(at)] = m.passed
	}
	return states
}

// markByEvals is the default: a call passes if every Pass/Fail eval passes.
func (r *roll) markByEvals(evals []eval) (notes []text.Untrusted) {
	judged := false
	for i := range evals {
		e := &evals[i]
		passFail, known := e.isPassFail()
		switch {
		case !known && r.open:
			e.mark(func(result evalResult) PassState { // it may turn out to be one
				if result.unknown(true) == PassLate {
					return PassLate
				}
				return Passed
			})
		case !known && len(e.calls) > 0:
			notes = append(notes, explain.MaybePassFail(e.title()))
		case passFail:
			judged = true
			e.mark(func(result evalResult) PassState { return passed(&result, r.open) })
		}
	}
	if !judged {
		notes = append(notes, explain.NoPassFail())
	}
	return notes
}

// mark applies the eval's results to their calls. They are passed by value: a pointer would allocate
// each.
func (e *eval) mark(holds func(evalResult) PassState) {
	for result := range e.results() {
		m := &e.run.marks[result.at]
		m.passed = m.passed.and(holds(result))
	}
}

// passed says whether a Pass/Fail result passed.
func passed(r *evalResult, open bool) PassState {
	if passed, ok := r.verdict(); ok {
		return passStateOf(passed)
	}
	return r.unknown(open)
}

// unknown says whether a missing result may still arrive.
func (r *evalResult) unknown(open bool) PassState {
	if open && r.state == statePending {
		return PassLate
	}
	return PassUnknown
}

func passStateOf(holds bool) PassState {
	if holds {
		return Passed
	}
	return NotPassed
}

// holds says whether a result of the eval meets a condition.
func (e *eval) holds(c criteria.Condition, r *evalResult, open bool) PassState {
	switch c.Kind {
	case criteria.ConditionPassed:
		return passed(r, open)
	case criteria.ConditionLabel:
		if labels, ok := r.labels(); ok {
			for _, l := range labels {
				if l.Raw() == c.Label {
					return Passed
				}
			}
			return NotPassed
		}
	case criteria.ConditionNumber:
		if v, ok := e.score(r); ok {
			return passStateOf(criteria.Holds(c.Op, stats.Point{Value: v}.Against(c.Bound)))
		}
	}
	return r.unknown(open)
}

// numberHolds says whether a number of the call meets a condition.
func (r *roll) numberHolds(c criteria.Condition, at int) PassState {
	numbers := r.numbers(at)
	v, late := r.score(at), r.open
	switch c.Metric {
	case criteria.MetricOverallScore:
	case criteria.MetricDuration:
		v, late = numbers.DurationSeconds, false
	case criteria.MetricResponseTime:
		v, late = numbers.ResponseSeconds, false
	case criteria.MetricCost:
		v, late = numbers.CostCents, false
	default:
		return PassUnknown
	}
	switch {
	case stats.Finite(v):
		return passStateOf(criteria.Holds(c.Op, stats.Point{Value: v}.Against(c.Bound)))
	case late:
		return PassLate
	}
	return PassUnknown
}

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

// Mixed reports whether the case passed in some trials and not in others.
func (c Case) Mixed() bool { return c.Passed > 0 && c.Failed > 0 }

// caseList are the cases of a run with several trials: those that never passed first, then mixed ones, by
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

// SortCases puts cases that never passed first, then mixed ones, unknown ones, and last those that always
// passed; more failures come first. Cases that are alike keep their order.
func SortCases(list []Case) {
	rank := func(c Case) int {
		switch {
		case c.Mixed():
			return 1
		case c.Failed > 0:
			return 0
		case c.Unknown > 0:
			return 2
		}
		return 3
	}
	slices.SortStableFunc(list, func(a, b Case) int { return cmp.Or(cmp.Compare(rank(a), rank(b)), cmp.Compare(b.Failed, a.Failed)) })
}
