package verdict

import (
	"iter"
	"slices"

	"github.com/agent-gate/agent-gate/internal/criteria"
	"github.com/agent-gate/agent-gate/internal/stats"
)

// row is what one call adds to a metric.
type row struct {
	at       int   // position of the call; -1 for a missing call
	scenario int32 // index of its scenario
	// hit means that the call counts towards a rate or a count.
	hit bool
	// missing means that the call is unknown to the metric, late that it may still become known.
	missing, late bool
	cause         cause   // of missing
	value         float64 // for an average, unless missing
}

// cause is why a call is unknown to a metric.
type cause uint8

// The causes.
const (
	causeNone      cause = iota
	causeLost            // the platform lost the call
	causeAbsent          // it was planned, and the server has none
	causeOpen            // it has not ended
	causeCancelled       // it was cancelled
	causeFailed          // it did not succeed, and no criterion covers that
	causeResult          // an eval or a score has no result
)

// rows iterates over what each call adds to the metric, including missing calls.
func (m *measured) rows() iter.Seq[row] {
	return func(yield func(row) bool) {
		each := m.callRows
		if m.eval != nil {
			each = m.evalRows
		}
		if !each(yield) || !countsAbsent(m.metric.Name) {
			return
		}
		for i := range m.run.scenarios {
			s := &m.run.scenarios[i]
			if !m.over(int32(i)) {
				continue
			}
			absent := s.missing()
			if excuses(m.metric.Name) {
				absent -= s.excused()
			}
			for range absent {
				r := m.absent()
				r.scenario = int32(i)
				if !yield(r) {
					return
				}
			}
		}
	}
}

// absent is what a missing call adds.
func (m *measured) absent() row {
	switch m.metric.Name {
	case criteria.MetricJudgedRate:
		return row{at: -1}
	case criteria.MetricMissingCalls:
		if !m.run.unread {
			return row{at: -1, hit: true}
		}
	}
	return row{at: -1, missing: true, cause: causeAbsent}
}

// countsAbsent reports whether missing calls add to the metric. Counts of existing calls, and numbers
// without a known range, only cover existing calls.
func countsAbsent(metric string) bool {
	switch metric {
	case criteria.MetricTotalCalls, criteria.MetricCompletedCalls, criteria.MetricLostCalls, criteria.MetricDuration, criteria.MetricResponseTime, criteria.MetricCost:
		return false
	}
	return true
}

// excuses reports whether a criterion on judged_rate excludes calls that are not judged from the metric.
func excuses(metric string) bool {
	switch metric {
	case criteria.MetricJudgedRate, criteria.MetricMissingCalls, criteria.MetricLostCalls, criteria.MetricTotalCalls, criteria.MetricCompletedCalls:
		return false
	}
	return true
}

// callRows yields the rows of a metric of calls; false if told to stop.
func (m *measured) callRows(yield func(row) bool) bool {
	for i := range m.run.scenarios {
		if !m.over(int32(i)) {
			continue
		}
		s := &m.run.scenarios[i]
		for at := s.from; at < s.to; at++ {
			r, counts := m.run.row(m.metric.Name, at)
			if r.missing && r.cause != causeResult && r.cause != causeFailed && m.run.drops(s, r.late) && excuses(m.metric.Name) {
				continue
			}
			r.at, r.scenario = at, int32(i)
			if counts && !yield(r) {
				return false
			}
		}
	}
	return true
}

// drops reports whether an unknown call of the scenario is left out, because a criterion on judged_rate
// limits how many there may be.
func (r *roll) drops(s *scenario, late bool) bool { return s.tolerated && !late }

// evalRows yields the rows of a metric of evals: results on successful calls, for a score also on calls
// that broke off, and unknown rows for others. It is false if told to stop.
func (m *measured) evalRows(yield func(row) bool) bool {
	for result := range m.eval.results() {
		if !m.over(m.run.marks[result.at].scenario) {
			continue
		}
		r := m.evalRow(&result)
		r.at, r.scenario = result.at, m.run.marks[result.at].scenario
		if !yield(r) {
			return false
		}
	}
	if m.metric.Name == criteria.MetricScore && m.run.successBounded {
		for _, result := range m.eval.others {
			if !m.over(m.run.marks[result.at].scenario) {
				continue
			}
			r := m.evalRow(&result)
			r.at, r.scenario = result.at, m.run.marks[result.at].scenario
			if (!r.missing || r.late) && !yield(r) {
				return false
			}
		}
	}
	for at := range m.run.marks {
		mark := &m.run.marks[at]
		if mark.outcome == endSucceeded || !m.over(mark.scenario) {
			continue
		}
		r, counts := m.run.unsuccessful(at)
		if !counts || r.cause != causeFailed && m.run.drops(&m.run.scenarios[mark.scenario], r.late) {
			continue
		}
		r.at, r.scenario = at, mark.scenario
		if !yield(r) {
			return false
		}
	}
	return true
}

// unsuccessful is what a call that did not succeed adds to a metric of scores or evals. If no criterion
// covers failures, it is unknown.
func (r *roll) unsuccessful(at int) (_ row, counts bool) {
	if unknown, is := r.unknownRow(r.marks[at].outcome); is {
		return unknown, true
	}
	return row{missing: true, cause: causeFailed}, !r.successBounded
}

// unknownRow is the row of a call whose ending says nothing about the agent.
func (r *roll) unknownRow(e ending) (_ row, is bool) {
	switch e {
	case endLost:
		return row{missing: true, cause: causeLost}, true
	case endCancelled:
		return row{missing: true, cause: causeCancelled}, true
	case endOpen:
		return row{missing: true, cause: causeOpen, late: r.open}, true
	}
	return row{}, false
}

// row is what a call adds to a metric of calls; counts is false if the metric does not cover it. Overall
// scores cover calls that took place, even if they broke off, and are missing on successful calls
// without one. Response times cover successful calls, durations completed calls, and costs all.
func (r *roll) row(name string, at int) (_ row, counts bool) {
	c := &r.marks[at]
	unknown, is := r.unknownRow(c.outcome)
	switch name {
	case criteria.MetricFirstSuccessRate, criteria.MetricFirstPassRate:
		if first, is := r.unknownRow(c.first); is {
			return first, true
		}
		if name == criteria.MetricFirstSuccessRate || c.first != endSucceeded {
			return row{hit: c.first == endSucceeded}, true
		}
		if c.outcome != endSucceeded {
			return row{missing: true, late: unknown.late, cause: causeResult}, true // the evals of its first attempt are gone
		}
		return c.passedRow(), true
	case firstFailedCalls:
		if first, is := r.unknownRow(c.first); is {
			return first, true
		}
		return row{hit: c.first == endFailed}, true
	case criteria.MetricTotalCalls:
		return row{hit: true}, true
	case criteria.MetricCompletedCalls:
		return row{hit: c.completed, missing: unknown.late, late: unknown.late, cause: unknown.cause}, true
	case criteria.MetricLostCalls:
		return row{hit: c.outcome == endLost, missing: unknown.late, late: unknown.late, cause: unknown.cause}, true
	case criteria.MetricJudgedRate:
		return row{hit: c.outcome.known(), missing: unknown.late, late: unknown.late, cause: unknown.cause}, true
	case criteria.MetricMissingCalls:
		return row{}, true
	case criteria.MetricDuration:
		if unknown.late || is && c.completed {
			return unknown, true
		}
		return valueRow(r.numbers(at).DurationSeconds, false), c.completed
	case criteria.MetricResponseTime:
		if unknown.late {
			return unknown, true
		}
		return valueRow(r.numbers(at).ResponseSeconds, false), c.outcome == endSucceeded
	case criteria.MetricCost:
		return valueRow(r.numbers(at).CostCents, false), true
	}
	if is {
		return unknown, true
	}
	switch name {
	case criteria.MetricSuccessRate:
		return row{hit: c.outcome == endSucceeded}, true
	case criteria.MetricPassRate, criteria.MetricPassAll, criteria.MetricPassAny:
		return c.passedRow(), true
	case criteria.MetricFlakyRate, criteria.MetricFlakyCalls:
		return row{hit: c.flaky}, true
	case criteria.MetricFailedCalls:
		return row{hit: c.outcome == endFailed}, true
	}
	if c.outcome != endSucceeded && !r.successBounded {
		return r.unsuccessful(at)
	}
	score := valueRow(r.score(at), r.open)
	switch name {
	case criteria.MetricScoredRate:
		if score.late {
			return score, c.outcome == endSucceeded
		}
		return row{hit: !score.missing}, c.outcome == endSucceeded
	case criteria.MetricOverallScore:
		return score, c.outcome == endSucceeded || c.held && (!score.missing || score.late)
	}
	return row{}, false
}

// passedRow is what an ended call adds to a pass rate.
func (m *mark) passedRow() row {
	switch m.passed {
	case Passed, NotPassed:
		return row{hit: m.passed == Passed}
	}
	return row{missing: true, late: m.passed == PassLate, cause: causeResult}
}

// valueRow is a row with a value, or a missing one that may still arrive if open.
func valueRow(v float64, open bool) row {
	if !stats.Finite(v) {
		return row{missing: true, late: open, cause: causeResult}
	}
	return row{value: v}
}

// evalRow is what an eval's result on one call adds to the metric.
func (m *measured) evalRow(r *evalResult) row {
	late := r.unknown(m.run.open) == PassLate
	missing := row{missing: true, late: late, cause: causeResult}
	switch m.metric.Name {
	case criteria.MetricPassRate:
		if passed, ok := r.verdict(); ok {
			return row{hit: passed}
		}
	case criteria.MetricShare:
		if labels, ok := r.labels(); ok {
			return row{hit: slices.Contains(labels, m.label)}
		}
	case criteria.MetricScore:
		if v, ok := m.eval.score(r); ok {
			return row{value: v, hit: r.kind == kindPass && r.passed}
		}
	case criteria.MetricResultRate:
		if r.has || !late {
			return row{hit: r.has}
		}
	}
	return missing
}
