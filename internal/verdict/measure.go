package verdict

import (
	"iter"
	"slices"

	"github.com/agent-gate/agent-gate/internal/criteria"
	"github.com/agent-gate/agent-gate/internal/text"
	"github.com/agent-gate/agent-gate/internal/verdict/explain"
)

// measured is a metric over the calls it covers, before any stat. It does not store rows, of which every
// check has as many as calls: they are made on demand.
type measured struct {
	metric criteria.Metric
	run    *roll
	only   []bool               // which scenarios it covers, by index; nil for all
	alone  bool                 // it is of one scenario, about which its intervals are
	eval   *eval                // for a metric of evals
	label  text.Untrusted       // for a share
	n      int                  // rows
	hits   int                  // rows that count towards a rate or a count
	late   int                  // unknown rows that may still become known
	causes [causeResult + 1]int // number of unknown rows by cause
	// why says why there is nothing to measure; empty if there may be.
	why text.Untrusted
}

// unknown is how many rows are unknown.
func (m *measured) unknown() int {
	n := 0
	for _, c := range m.causes {
		n += c
	}
	return n
}

// known is how many rows are known.
func (m *measured) known() int { return m.n - m.unknown() }

// over reports whether the metric covers the scenario at an index.
func (m *measured) over(scenario int32) bool { return m.only == nil || m.only[scenario] }

// sorted returns the known values in ascending order.
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

// byScenario returns the known values in ascending order, by scenario index. fill replaces unknown
// values; nil leaves them out.
func (m *measured) byScenario(fill *float64) map[int32][]float64 {
	groups := map[int32][]float64{}
	// Rows are mostly grouped by scenario, so one look-up per group is enough.
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

// scale is the range of the metric's values; ok is false if unknown. An overall score is 1 to 10, with 0
// as a fallback for the voice provider's "no" (contract, section 5): if the run has a 0 or scores may
// still arrive, unknown scores may be 0 too.
func (m *measured) scale(sorted []float64) (low, high float64, ok bool) {
	switch {
	case m.metric.Name == criteria.MetricOverallScore:
		low, high = 1, 10
		if m.run.zeros || m.late > 0 {
			low = 0
		}
	case m.metric.Name == criteria.MetricScore && !m.eval.plainNumbers():
		low, high = 0, 100
	default:
		return 0, 0, false
	}
	return low, high, len(sorted) == 0 || sorted[0] >= low && sorted[len(sorted)-1] <= high
}

// passFail reports whether the metric is the score of a Pass/Fail eval, which is its pass rate.
func (m *measured) passFail() bool {
	return m.metric.Name == criteria.MetricScore && m.eval.own == ownPassFail
}

// needsScale reports whether unknown values without a range leave the metric without an answer: for an
// overall score, or if calls failed and no criterion covers that.
func (m *measured) needsScale() bool {
	return m.unknown() > 0 && (m.metric.Name == criteria.MetricOverallScore || m.causes[causeFailed] > 0)
}

// counted returns the metric with its rows counted.
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
	if m.metric.Name == criteria.MetricOverallScore && m.run.zeroMayCome && m.unknown() > 0 {
		m.late = max(m.late, 1) // the scale depends on scores still to arrive
	}
	return m
}

// within restricts the metric to some scenarios.
func (m measured) within(scenarios []bool) measured {
	m.only = scenarios
	return m.counted()
}

// measure measures a metric of calls over the scenarios in only; nil for all.
func (r *roll) measure(m criteria.Metric, only []bool) measured {
	out := measured{metric: m, run: r, only: only, alone: only != nil}.counted()
	switch {
	case m.Name == criteria.MetricMissingCalls && !r.planned(only):
		out.why = text.New("how many calls were planned is not known")
	case m.Family == criteria.Count:
	case out.n == 0 && len(r.marks) == 0:
		out.why = text.New("there are no calls")
	case out.n == 0 && m.Name == criteria.MetricDuration:
		out.why = text.New("no call completed")
	case out.n == 0 && !countsAbsent(m.Name), out.n == 0 && m.Name == criteria.MetricOverallScore, out.n == 0 && m.Name == criteria.MetricScoredRate:
		out.why = text.New("no call succeeded")
	case out.n == 0:
		out.why = text.New("no call can be judged")
	}
	return out
}

// planned reports whether the number of planned calls is known for the scenarios in only; nil for all.
func (r *roll) planned(only []bool) bool {
	for i := range r.scenarios {
		if s := &r.scenarios[i]; (only == nil || only[i]) && s.inPlan && s.planned == nil {
			return false
		}
	}
	return r.planKnown
}

// one is the set of the scenario at an index.
func (r *roll) one(scenario int32) []bool {
	only := make([]bool, len(r.scenarios))
	only[scenario] = true
	return only
}

// measureEval measures a metric of an eval.
func measureEval(m criteria.Metric, e *eval, label string) measured {
	out := measured{metric: m, run: e.run, eval: e, label: text.New(label)}.counted()
	switch {
	case out.n == 0:
		out.why = text.New("no call succeeded, and evals only judge successful calls")
	case m.Name == criteria.MetricResultRate || out.known() > 0:
	case e.twoScales:
		out.why = text.New("its results are not on one scale")
	case e.have == 0 && len(e.calls) == 0:
		out.why = text.New("no call succeeded, and evals only judge successful calls")
	case e.have == 0:
		out.why = e.facts().NoResult()
	default:
		out.why = e.facts().Unfit(m.Name)
	}
	return out
}

// gaps is what the metric does not know, and why.
func (m *measured) gaps() explain.Gaps {
	g := explain.Gaps{
		Metric: m.metric, Eval: m.eval != nil, ByDefault: m.run.byDefault, Of: m.n,
		Lost: m.causes[causeLost], Absent: m.causes[causeAbsent], Unread: m.run.unread, Open: m.causes[causeOpen],
		Cancelled: m.causes[causeCancelled], Failed: m.causes[causeFailed], Results: m.causes[causeResult],
	}
	for i := range m.run.scenarios {
		if m.over(int32(i)) {
			g.Unstarted += m.run.scenarios[i].unstarted
		}
	}
	g.Unstarted = min(g.Unstarted, g.Absent)
	if m.eval != nil {
		g.Missing = missingOf(m.eval.results())
	}
	return g
}

// missingOf counts missing results by cause.
func missingOf(results iter.Seq[evalResult]) (m explain.Missing) {
	for r := range results {
		switch {
		case r.has:
		case r.state == stateErrored:
			m.Errored++
		case r.state == stateSkipped:
			m.Skipped++
		case r.state == statePending:
			m.Pending++
		case r.odd():
			m.Odd++
		default:
			m.Empty++
		}
	}
	return m
}
