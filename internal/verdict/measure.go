package verdict

import (
	"iter"
	"slices"

	"github.com/agent-gate/agent-gate/internal/text"
)

// measured is a metric on the calls that it is taken over, before any stat. It holds no
// rows: there are as many as calls for every check, and each is made when it is looked at.
type measured struct {
	metric metric
	run    *roll
	only   []bool               // the scenarios that it is taken over, by their places; nil for all
	eval   *eval                // of a metric of evals
	label  text.Untrusted       // of a share
	n      int                  // rows
	hits   int                  // rows that count, of a rate or a count
	late   int                  // rows that are not known, and may still be
	causes [causeResult + 1]int // why rows are not known
	// why says why there is nothing to measure; empty when there may be.
	why text.Untrusted
}

// row is what one call adds to a metric.
type row struct {
	at       int   // place of the call; -1 for one that never came
	scenario int32 // place of its scenario
	// hit says for a rate or a count that the call counts.
	hit bool
	// missing says that what the metric looks at is not known of this call, and late that it
	// may still be.
	missing, late bool
	cause         cause   // of missing
	value         float64 // of an average, unless missing
}

// cause says why something is not known of a call.
type cause uint8

// The causes.
const (
	causeNone      cause = iota
	causeLost            // the platform lost the call
	causeAbsent          // it was planned and never came
	causeOpen            // it has not ended
	causeCancelled       // it was cancelled
	causeFailed          // it did not succeed, and no criterion answers for that
	causeResult          // an eval or a score has no result
)

// unknown is how many rows are not known.
func (m *measured) unknown() int {
	n := 0
	for _, c := range m.causes {
		n += c
	}
	return n
}

// known is how many rows are known.
func (m *measured) known() int { return m.n - m.unknown() }

// over reports whether the metric is taken over the scenario at a place.
func (m *measured) over(scenario int32) bool { return m.only == nil || m.only[scenario] }

// rows are what each call adds to the metric, those that never came included.
func (m *measured) rows() iter.Seq[row] {
	return func(yield func(row) bool) {
		each := m.callRows
		if m.eval != nil {
			each = m.evalRows
		}
		if !each(yield) || !m.metric.countsAbsent() {
			return
		}
		for i := range m.run.scenarios {
			s := &m.run.scenarios[i]
			if !m.over(int32(i)) {
				continue
			}
			absent := s.missing()
			if m.metric.excuses() {
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

// absent is what a call that never came adds.
func (m *measured) absent() row {
	switch m.metric.name {
	case metricJudgedRate:
		return row{at: -1}
	case metricMissingCalls:
		return row{at: -1, hit: true}
	}
	return row{at: -1, missing: true, cause: causeAbsent}
}

// countsAbsent reports whether calls that never came add to the metric. Sums of what came,
// and numbers on which no range is known, are taken over what is there.
func (m metric) countsAbsent() bool {
	switch m.name {
	case metricTotalCalls, metricCompletedCalls, metricLostCalls, metricDuration, metricResponseTime, metricCost:
		return false
	}
	return true
}

// excuses reports whether a criterion on judged_rate takes calls that are not judged out of
// the metric.
func (m metric) excuses() bool {
	switch m.name {
	case metricJudgedRate, metricMissingCalls, metricLostCalls, metricTotalCalls, metricCompletedCalls:
		return false
	}
	return true
}

// callRows yields the rows of a metric of calls; false when it was told to stop.
func (m *measured) callRows(yield func(row) bool) bool {
	for i := range m.run.scenarios {
		if !m.over(int32(i)) {
			continue
		}
		s := &m.run.scenarios[i]
		for at := s.from; at < s.to; at++ {
			r, counts := m.run.row(m.metric.name, at)
			if r.missing && r.cause != causeResult && r.cause != causeFailed && m.run.drops(s, r.late) && m.metric.excuses() {
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

// drops reports whether a call of a scenario of which nothing is known is left out, since a
// criterion says how many of these there may be.
func (r *roll) drops(s *scenario, late bool) bool { return s.tolerated && !late }

// evalRows yields the rows of a metric of evals: the results on calls that succeeded, of a
// score also those on calls that broke off, and what is not known on others. It is false
// when it was told to stop.
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
	if m.metric.name == metricScore && m.run.successBounded {
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

// unsuccessful is what a call that did not succeed adds to a metric of scores or evals. When
// no criterion answers for those that failed, they are not known either.
func (r *roll) unsuccessful(at int) (_ row, counts bool) {
	if unknown, is := r.unknownRow(r.marks[at].outcome); is {
		return unknown, true
	}
	return row{missing: true, cause: causeFailed}, !r.successBounded
}

// unknownRow is the row of a call whose ending says nothing of the agent.
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

// sorted returns the values that exist, in ascending order.
func (m *measured) sorted() []float64 {
	values := make([]float64, 0, m.known())
	for r := range m.rows() {
		if !r.missing {
			values = append(values, r.value)
		}
	}
	slices.Sort(values)
	return values
}

// byScenario returns the values that exist, by the places of their scenarios and in
// ascending order. Fill stands for the values that are not known; nil leaves them out.
func (m *measured) byScenario(fill *float64) map[int32][]float64 {
	groups := map[int32][]float64{}
	// The rows come scenario by scenario, nearly: one look-up for each is enough.
	last := int32(-1)
	var values []float64
	for r := range m.rows() {
		switch {
		case !r.missing:
		case fill == nil:
			continue
		default:
			r.value = *fill
		}
		if r.scenario != last {
			if len(values) > 0 {
				groups[last] = values
			}
			last = r.scenario
			values = groups[last]
		}
		values = append(values, r.value)
	}
	if len(values) > 0 {
		groups[last] = values
	}
	for _, values := range groups {
		slices.Sort(values)
	}
	return groups
}

// scale is the range of the metric's values; ok is false where none is known. An overall
// score is 1 to 10, and 0 is the fallback of the voice provider's "no" (contract, section 5):
// where the run has one, others may be one too, and so may one that still comes.
func (m *measured) scale(sorted []float64) (low, high float64, ok bool) {
	switch {
	case m.metric.name == metricOverallScore:
		low, high = 1, 10
		if m.run.zeros || m.late > 0 {
			low = 0
		}
	case m.metric.name == metricScore && !m.eval.plainNumbers():
		low, high = 0, 100
	default:
		return 0, 0, false
	}
	return low, high, len(sorted) == 0 || sorted[0] >= low && sorted[len(sorted)-1] <= high
}

// needsScale reports whether values that are not known leave the metric without an answer
// where they have no range: an overall score that cannot be bounded, or calls that failed
// and that no criterion answers for.
func (m *measured) needsScale() bool {
	return m.unknown() > 0 && (m.metric.name == metricOverallScore || m.causes[causeFailed] > 0)
}

// counted is the metric with its rows counted.
func (m measured) counted() measured {
	m.n, m.hits, m.late, m.causes = 0, 0, 0, [causeResult + 1]int{}
	for r := range m.rows() {
		m.n++
		switch {
		case r.missing:
			m.causes[r.cause]++
			if r.late {
				m.late++
			}
		case r.hit:
			m.hits++
		}
	}
	if m.metric.name == metricOverallScore && m.run.zeroMayCome && m.unknown() > 0 {
		m.late = max(m.late, 1) // how bad an unknown score may be depends on what comes
	}
	return m
}

// within is the metric over some scenarios only.
func (m measured) within(scenarios []bool) measured {
	m.only = scenarios
	return m.counted()
}

// measure takes a metric of calls over a run, or over some scenarios of it; nil for all.
func (r *roll) measure(m metric, only []bool) measured {
	out := measured{metric: m, run: r, only: only}.counted()
	switch {
	case m.name == metricMissingCalls && !r.planned(only):
		out.why = text.New("how many calls there were to be is not known")
	case m.family == count:
	case out.n == 0 && len(r.marks) == 0:
		out.why = text.New("there are no calls")
	case out.n == 0 && m.name == metricDuration:
		out.why = text.New("no call completed")
	case out.n == 0 && !m.countsAbsent(), out.n == 0 && m.name == metricOverallScore, out.n == 0 && m.name == metricScoredRate:
		out.why = text.New("no call succeeded")
	case out.n == 0:
		out.why = text.New("no call can be judged")
	}
	return out
}

// planned reports whether it is known how many calls some scenarios were to have; nil for all.
func (r *roll) planned(only []bool) bool {
	for i := range r.scenarios {
		if s := &r.scenarios[i]; (only == nil || only[i]) && s.inPlan && s.planned == nil {
			return false
		}
	}
	return r.planKnown
}

// one is the set of the scenario at a place.
func (r *roll) one(scenario int32) []bool {
	only := make([]bool, len(r.scenarios))
	only[scenario] = true
	return only
}

// row is what a call adds to a metric of calls; counts is false when the metric is not
// taken over it. An overall score is that of a call that was held, also when it broke off
// then, and is missing on a call that succeeded without one. A response time is that of a
// call that succeeded, a duration that of a completed one, a cost is paid for every call.
func (r *roll) row(name string, at int) (_ row, counts bool) {
	c := &r.marks[at]
	unknown, is := r.unknownRow(c.outcome)
	switch name {
	case metricFirstSuccessRate, metricFirstPassRate:
		if first, is := r.unknownRow(c.first); is {
			return first, true
		}
		if name == metricFirstSuccessRate || c.first != endSucceeded {
			return row{hit: c.first == endSucceeded}, true
		}
		if c.outcome != endSucceeded {
			return row{missing: true, late: unknown.late, cause: causeResult}, true // its evals are gone
		}
		return c.passedRow(), true
	case metricTotalCalls:
		return row{hit: true}, true
	case metricCompletedCalls:
		return row{hit: c.completed, missing: unknown.late, late: unknown.late, cause: unknown.cause}, true
	case metricLostCalls:
		return row{hit: c.outcome == endLost, missing: unknown.late, late: unknown.late, cause: unknown.cause}, true
	case metricJudgedRate:
		return row{hit: c.outcome.known(), missing: unknown.late, late: unknown.late, cause: unknown.cause}, true
	case metricMissingCalls:
		return row{}, true
	case metricDuration:
		if unknown.late || is && c.completed {
			return unknown, true
		}
		return valueRow(r.numbers(at).DurationSeconds, false), c.completed
	case metricResponseTime:
		if unknown.late {
			return unknown, true
		}
		return valueRow(r.numbers(at).ResponseSeconds, false), c.outcome == endSucceeded
	case metricCost:
		return valueRow(r.numbers(at).CostCents, false), true
	}
	if is {
		return unknown, true
	}
	switch name {
	case metricSuccessRate:
		return row{hit: c.outcome == endSucceeded}, true
	case metricPassRate:
		return c.passedRow(), true
	case metricFlakyRate, metricFlakyCalls:
		return row{hit: c.flaky}, true
	case metricFailedCalls:
		return row{hit: c.outcome == endFailed}, true
	}
	if c.outcome != endSucceeded && !r.successBounded {
		return r.unsuccessful(at)
	}
	score := valueRow(r.numbers(at).OverallScore, r.open)
	switch name {
	case metricScoredRate:
		if score.late {
			return score, c.outcome == endSucceeded
		}
		return row{hit: !score.missing}, c.outcome == endSucceeded
	case metricOverallScore:
		return score, c.outcome == endSucceeded || c.held && (!score.missing || score.late)
	}
	return row{}, false
}

// passedRow is what a call that ended adds to a pass rate.
func (m *mark) passedRow() row {
	switch m.passed {
	case Passed, NotPassed:
		return row{hit: m.passed == Passed}
	}
	return row{missing: true, late: m.passed == PassLate, cause: causeResult}
}

// valueRow is a value, or that it is missing, which may be for a while only.
func valueRow(v float64, open bool) row {
	if !finite(v) {
		return row{missing: true, late: open, cause: causeResult}
	}
	return row{value: v}
}

// measureEval takes a metric of evals.
func measureEval(m metric, e *eval, label string) measured {
	out := measured{metric: m, run: e.run, eval: e, label: text.New(label)}.counted()
	switch {
	case out.n == 0:
		out.why = text.New("no call succeeded, and evals judge only those")
	case m.name == metricResultRate || out.known() > 0:
	case e.twoScales:
		out.why = text.New("its results are not on one scale")
	case e.have == 0 && len(e.calls) == 0:
		out.why = text.New("no call succeeded, and evals judge only those")
	case e.have == 0:
		said, _ := missingWords(e.results())
		out.why = text.Sprintf("%s (%s)", without(len(e.calls), "succeeded call", "result"), said)
	default:
		out.why = text.Sprintf("its results are %s, which have no %s", e.kindWords(), m.name)
	}
	return out
}

// evalRow is what an eval's result on one call adds to the metric.
func (m *measured) evalRow(r *evalResult) row {
	late := r.unknown(m.run.open) == PassLate
	missing := row{missing: true, late: late, cause: causeResult}
	switch m.metric.name {
	case metricPassRate:
		if passed, ok := r.verdict(); ok {
			return row{hit: passed}
		}
	case metricShare:
		if labels, ok := r.labels(); ok {
			return row{hit: slices.Contains(labels, m.label)}
		}
	case metricScore:
		if v, ok := m.eval.score(r); ok {
			return row{value: v}
		}
	case metricResultRate:
		if r.has || !late {
			return row{hit: r.has}
		}
	}
	return missing
}

// kindWords names the kinds of values that the eval has.
func (e *eval) kindWords() string {
	seen := e.kinds | e.oddKinds // a bit for each
	var words []string
	for _, k := range []struct {
		kind kind
		word string
	}{
		{kindPass, "Pass/Fail"},
		{kindScore, "scores"},
		{kindNumeric, "numbers"},
		{kindChoices, "labels"},
		{kindText, "texts"},
	} {
		if seen>>k.kind&1 == 1 {
			words = append(words, k.word)
		}
	}
	return enumerate(words)
}
