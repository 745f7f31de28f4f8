package verdict

import (
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
