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
	calls  span // that a metric of calls is taken over
	eval   eval // that a metric of evals is taken over, with a label for a share
	label  text.Untrusted
	only   map[text.Untrusted]bool // the scenarios that it is taken over; nil for all
	n      int                     // rows
	// why says why there is nothing to measure; empty when there may be.
	why text.Untrusted
}

// rows are what each call adds to the metric.
func (m *measured) rows() iter.Seq[row] {
	return func(yield func(row) bool) {
		for at := m.calls.from; at < m.calls.to; at++ {
			if !m.over(at) {
				continue
			}
			r, counts := m.run.row(m.metric.name, at)
			r.at = at
			if counts && !yield(r) {
				return
			}
		}
		for result := range m.results() {
			r := evalRow(m.metric.name, &result, m.label)
			r.at = result.at
			if !yield(r) {
				return
			}
		}
	}
}

// over reports whether the metric is taken over the scenario of a call.
func (m *measured) over(at int) bool { return m.only == nil || m.only[m.run.scenarioOf(at)] }

// results are the eval's results on the calls that a metric of evals is taken over: the
// succeeded ones, and for a score also those that broke off and have one.
func (m *measured) results() iter.Seq[evalResult] {
	return func(yield func(evalResult) bool) {
		for r := range m.eval.results() {
			if m.over(r.at) && !yield(r) {
				return
			}
		}
		if m.metric.name != metricScore {
			return
		}
		for _, r := range m.eval.others {
			if m.over(r.at) && !yield(r) {
				return
			}
		}
	}
}

// within is the metric over the calls of some scenarios.
func (m measured) within(scenarios map[text.Untrusted]bool) measured {
	m.only, m.n = scenarios, 0
	for range m.rows() {
		m.n++
	}
	return m
}

// scenarios are those of the calls that it is taken over.
func (m *measured) scenarios() map[text.Untrusted]bool {
	names := map[text.Untrusted]bool{}
	for r := range m.rows() {
		names[m.run.scenarioOf(r.at)] = true
	}
	return names
}

// row is what one call adds to a metric.
type row struct {
	at int // place of the call
	// hit says for a rate or a count that the call counts.
	hit bool
	// missing says that what the metric looks at is not known of this call.
	missing bool
	value   float64 // of an average, unless missing
}

// hits counts the rows that count, and those of which it is not known.
func (m *measured) hits() (hits, missing int) {
	for r := range m.rows() {
		switch {
		case r.missing:
			missing++
		case r.hit:
			hits++
		}
	}
	return hits, missing
}

// sorted returns the values that exist, in ascending order.
func (m *measured) sorted() []float64 {
	values := make([]float64, 0, m.n)
	for r := range m.rows() {
		if !r.missing {
			values = append(values, r.value)
		}
	}
	slices.Sort(values)
	return values
}

// byScenario returns the values that exist, by scenario and in ascending order.
func (m *measured) byScenario() map[text.Untrusted][]float64 {
	groups := map[text.Untrusted][]float64{}
	// The rows come scenario by scenario, nearly: one look-up for each is enough.
	var name text.Untrusted
	var values []float64
	for r := range m.rows() {
		if r.missing {
			continue
		}
		if scenario := m.run.scenarioOf(r.at); scenario != name {
			if len(values) > 0 {
				groups[name] = values
			}
			name = scenario
			values = groups[name]
		}
		values = append(values, r.value)
	}
	if len(values) > 0 {
		groups[name] = values
	}
	for _, values := range groups {
		slices.Sort(values)
	}
	return groups
}

// measure takes a metric of calls over calls of one run or scenario.
func (r *roll) measure(m metric, calls span) measured {
	out := measured{metric: m, run: r, calls: calls}
	for range out.rows() {
		out.n++
	}
	switch {
	case calls.len() == 0:
		out.why = text.New("there are no calls")
	case out.n == 0 && m.name == metricDuration:
		out.why = text.New("no call completed")
	case out.n == 0:
		out.why = text.New("no call succeeded")
	}
	return out
}

// row is what a call adds to a metric of calls; counts is false when the metric is not
// taken over it. An overall score is that of a call that was held, also when it broke off
// then, and is missing on a call that succeeded without one. A response time is that of a
// call that succeeded, a duration that of a completed one, a cost is paid for every call.
func (r *roll) row(name string, at int) (_ row, counts bool) {
	c := r.marks[at]
	switch name {
	case metricSuccessRate:
		return row{hit: c.outcome == endSucceeded}, true
	case metricFirstSuccessRate:
		return row{hit: c.first == endSucceeded}, true
	case metricScoredRate:
		return row{hit: finite(r.numbers(at).OverallScore)}, c.outcome == endSucceeded
	case metricFlakyRate, metricFlakyCalls:
		return row{hit: c.flaky}, true
	case metricTotalCalls:
		return row{hit: true}, true
	case metricCompletedCalls:
		return row{hit: c.completed}, true
	case metricFailedCalls:
		return row{hit: c.outcome == endFailed}, true
	case metricOverallScore:
		v := valueRow(r.numbers(at).OverallScore)
		return v, c.outcome == endSucceeded || c.held && !v.missing
	case metricResponseTime:
		return valueRow(r.numbers(at).ResponseSeconds), c.outcome == endSucceeded
	case metricDuration:
		return valueRow(r.numbers(at).DurationSeconds), c.completed
	case metricCost:
		return valueRow(r.numbers(at).CostCents), true
	}
	return row{}, false
}

// valueRow is a value, or that it is missing.
func valueRow(v float64) row {
	if !finite(v) {
		return row{missing: true}
	}
	return row{value: v}
}

// measureEval takes a metric of evals over the succeeded calls, and a score also over
// those that broke off and have one.
func measureEval(m metric, e eval, label string) measured {
	out := measured{metric: m, run: e.run, eval: e, label: text.New(label)}
	results, fitting := 0, 0
	for r := range out.results() {
		out.n++
		if r.has {
			results++
		}
		if !evalRow(m.name, &r, out.label).missing {
			fitting++
		}
	}
	switch {
	case out.n == 0:
		out.why = text.New("no call succeeded, and evals judge only those")
	case m.name == metricResultRate:
	case results == 0:
		out.why = text.Sprintf("none of the %s has a result (%s)", text.Plural(len(e.calls), "succeeded call"), missingWords(e.results()))
	case fitting == 0:
		out.why = text.Sprintf("its results are %s, which have no %s", e.kinds(), m.name)
	}
	return out
}

// evalRow is what an eval's result on one call adds to a metric.
func evalRow(name string, r *evalResult, label text.Untrusted) row {
	switch name {
	case metricPassRate:
		passed, ok := r.verdict()
		return row{hit: passed, missing: !ok}
	case metricShare:
		labels, ok := r.labels()
		return row{hit: slices.Contains(labels, label), missing: !ok}
	case metricScore:
		v, ok := r.score()
		return row{value: v, missing: !ok}
	case metricResultRate:
		return row{hit: r.has}
	}
	return row{missing: true}
}

// kinds names the kinds of results that the eval has.
func (e *eval) kinds() string {
	var seen uint // a bit for each
	for r := range e.results() {
		if r.has {
			seen |= 1 << r.kind
		}
	}
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
