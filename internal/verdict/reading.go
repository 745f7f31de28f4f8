package verdict

import (
	"math"
	"slices"

	"github.com/agent-gate/agent-gate/internal/criteria"
	"github.com/agent-gate/agent-gate/internal/stats"
	"github.com/agent-gate/agent-gate/internal/text"
)

// reading is a metric after its stat: what is compared with the bound.
type reading struct {
	unit  criteria.Unit
	n     int     // calls or values that it was measured on
	shown float64 // the number that reports print
	hits  int     // calls that count towards a rate
	rule  *rule   // decides a rate in place of its interval; nil for none
	// least and most are the number with every unknown at its lowest and at its highest. They are
	// equal if all is known, or if no range is (see bounded).
	least, most   stats.Side
	unknown, late int // unknown rows, and how many of them may still become known
	// bounded means that the number is between least and most whatever the unknown rows are.
	bounded bool
	// inferred means that the interval estimates a true number. Sums, counts and extremes have none.
	inferred bool
	// fewest is the fewest calls of a known case, and short how many cases have no call in some trial.
	fewest, short int
	byRow         bool // a change that compares each dataset row with itself
	grouped       bool // a change of a rate within several scenarios
	over          compared
	// of is how many calls a change of a rate divides by: each more that counts adds one of them. up is how
	// many known ones do not count yet, down how many do.
	of, up, down int
	// further is how many more calls would probably separate the number from the bound; 0 if none would.
	further func(bound float64) int
}

// basis is what intervals are made by.
type basis struct {
	level stats.Level
	// population means that intervals speak of scenarios like these, not of these run again.
	population bool
}

// plain is a reading without unknown rows.
func plain(unit criteria.Unit, n int, s stats.Side, inferred bool) reading {
	return reading{unit: unit, n: n, shown: s.Value, least: s, most: s, inferred: inferred}
}

// estimate is the reading for reports.
func (r reading) estimate() Estimate {
	e := Estimate{Value: new(r.shown), N: r.n, Unit: r.unit}
	if low := r.least.Low; !math.IsInf(low, 0) {
		e.Low = &low
	}
	if high := r.most.High; !math.IsInf(high, 0) {
		e.High = &high
	}
	return e
}

// read reduces a metric by a stat; rates and counts have none. why is set if there is nothing to
// reduce.
func read(m measured, stat string, b basis) (r reading, why text.Untrusted) {
	if !m.why.IsEmpty() {
		return r, m.why
	}
	switch {
	case m.metric.Family == criteria.Count:
		r = readCount(m.hits, m.unknown(), m.n)
		r.late = m.late
		return r, why
	case m.metric.Family == criteria.Rate, stat == criteria.StatMean && m.passFail():
		if m.known() == 0 {
			return r, m.gaps().All()
		}
		r = readRate(m.hits, m.unknown(), m.n, b.level)
		if b.population && !m.alone {
			r.overScenarios(&m, b.level)
		}
		r.unit, r.late = m.metric.Unit, m.late
		return r, why
	}
	values := m.sorted()
	if len(values) == 0 {
		return r, m.gaps().All()
	}
	r = plain(m.metric.Unit, len(values), stats.Exactly(stats.Point{Value: reduce(values, stat)}), infers(stat))
	if v := r.shown; math.IsInf(v, 0) || math.IsNaN(v) {
		return r, tooLarge()
	}
	r.unknown, r.late = m.unknown(), m.late
	low, high, ok := m.scale(values)
	if r.unknown > 0 && ok {
		r.bounded = true
		worst := low
		if stat == criteria.StatSum {
			worst = min(low, 0) // a failed call adds nothing
		}
		r.least, r.most = m.filled(values, worst, stat, b), m.filled(values, high, stat, b)
		if over, _ := m.asSample(b); over && stat == criteria.StatMean {
			whole := stats.Interval{Low: r.least.Low, High: r.most.High}.Widened(m.meanOverAny(low, high, b.level), low, high)
			r.least.Low, r.most.High = whole.Low, whole.High
		}
		r.further = furtherValues(values, stat, stats.Side{Point: r.least.Point, Interval: stats.Interval{Low: r.least.Low, High: r.most.High}}, b.level)
		return r, why
	}
	s := r.least
	s.Interval = m.spread(values, stat, nil, b)
	r.further = furtherValues(values, stat, s, b.level) // from the width before cutting at zero
	if m.metric.NeverNegative() && values[0] >= 0 {
		s.Low = atLeastZero(s.Low)
	}
	r.least, r.most = s, s
	switch {
	case r.unknown == 0:
		r.bounded = true
	case m.needsScale():
		r.bounded = true
		r.least, r.most = stats.Exactly(stats.Point{Value: math.Inf(-1)}), stats.Exactly(stats.Point{Value: math.Inf(1)})
	}
	return r, why
}

// filled is a stat with every unknown value at v; values are the known ones in ascending order.
func (m *measured) filled(values []float64, v float64, stat string, b basis) stats.Side {
	all := slices.Concat(values, slices.Repeat([]float64{v}, m.unknown()))
	slices.Sort(all)
	s := stats.Exactly(stats.Point{Value: reduce(all, stat)})
	s.Interval = m.spread(all, stat, &v, b)
	return s
}

// infers reports whether a stat estimates a true number, and so has an interval.
func infers(stat string) bool {
	return stat == criteria.StatMean || stat == criteria.StatMedian || criteria.Percentile(stat) > 0
}

// spread is the interval of a stat of values in ascending order. fill replaces unknown values; nil
// leaves them out.
func (m *measured) spread(values []float64, stat string, fill *float64, b basis) stats.Interval {
	switch p := criteria.Percentile(stat); {
	case stat == criteria.StatMean:
		return m.meanInterval(values, fill, b)
	case stat == criteria.StatMedian:
		return stats.QuantileInterval(values, 0.5, b.level)
	case p > 0:
		return stats.QuantileInterval(values, float64(p)/100, b.level)
	}
	return stats.Unbounded()
}

// meanInterval is the interval of a mean. That of values on a known range never leaves it, and always
// has a width.
func (m *measured) meanInterval(values []float64, fill *float64, b basis) stats.Interval {
	low, high, ranged := m.scale(values)
	var groups [][]float64
	switch over, has := m.asSample(b); {
	case !has:
		return stats.Unbounded()
	case over:
		for _, g := range sortedGroups(m.byScenario(fill)) {
			groups = append(groups, g.values)
		}
	}
	switch {
	case ranged && groups == nil:
		return stats.Gaffke(values, low, high, b.level)
	case ranged:
		// A few scenarios can agree by chance, and all values can be equal.
		return stats.Gaffke(values, low, high, b.level).Widened(stats.MeanInterval(values, groups, b.level), low, high)
	case values[0] > 0:
		if i := stats.LogMeanInterval(values, groups, b.level); !math.IsInf(i.High, 1) {
			return i
		}
		return stats.Unbounded() // that such values cannot be below 0 is not known of all
	}
	return stats.MeanInterval(values, groups, b.level)
}

// readCount is a number of calls: hits, of total with some unknown.
func readCount(hits, unknown, total int) reading {
	r := plain(criteria.UnitCalls, total-unknown, stats.Exactly(stats.Point{Value: float64(hits)}), false)
	r.most = stats.Exactly(stats.Point{Value: float64(hits + unknown)})
	r.unknown, r.bounded = unknown, true
	return r
}

// readRate is a rate in percent: hits, of total with some unknown. The shown rate is over known rows.
func readRate(hits, unknown, total int, l stats.Level) reading {
	r := reading{
		unit:     criteria.UnitPercent,
		n:        total - unknown,
		hits:     hits,
		least:    stats.Side{Point: stats.Ratio(hits, total), Interval: stats.Percent(stats.Wilson(hits, total, l))},
		most:     stats.Side{Point: stats.Ratio(hits+unknown, total), Interval: stats.Percent(stats.Wilson(hits+unknown, total, l))},
		unknown:  unknown,
		inferred: true,
		bounded:  true,
	}
	r.shown = stats.Ratio(hits, max(r.n, 1)).Value
	r.further = func(bound float64) int { return furtherCalls(hits, max(r.n, 1), bound/100, l) }
	return r
}

// reduce computes a stat of at least one value, in ascending order.
func reduce(sorted []float64, stat string) float64 {
	switch stat {
	case criteria.StatMedian:
		return stats.Median(sorted)
	case criteria.StatMin:
		return sorted[0]
	case criteria.StatMax:
		return sorted[len(sorted)-1]
	case criteria.StatSum:
		return stats.Sum(sorted)
	}
	if p := criteria.Percentile(stat); p > 0 {
		return stats.Percentile(sorted, p)
	}
	return stats.Mean(sorted)
}

// atLeastZero cuts the lower limit of a number that is never negative. An unbounded limit stays.
func atLeastZero(low float64) float64 {
	if math.IsInf(low, -1) {
		return low
	}
	return max(0, low)
}

// tooLarge says that the result overflows.
func tooLarge() text.Untrusted { return text.New("the values are too large to calculate with") }

// furtherValues is how many more values would probably separate a stat from a bound. A mean's interval
// narrows with the root of their number; a percentile's is a matter of the share of values below the
// bound.
func furtherValues(sorted []float64, stat string, s stats.Side, l stats.Level) func(float64) int {
	n := len(sorted)
	p := float64(criteria.Percentile(stat)) / 100
	switch {
	case stat == criteria.StatMedian:
		p = 0.5
	case p == 0:
		return func(bound float64) int { return stats.MoreValues(n, (s.High-s.Low)/2, s.Value-bound, l) }
	}
	return func(bound float64) int {
		below := 0
		for _, v := range sorted {
			if v < bound || v == bound && s.Value <= bound {
				below++
			}
		}
		return furtherCalls(below, n, p, l)
	}
}

// furtherCalls is how many more calls would probably separate a share from a bound, both fractions.
func furtherCalls(hits, total int, bound float64, l stats.Level) int {
	if bound <= 0 || bound >= 1 {
		return 0 // no number of calls shows that none will ever fail
	}
	return stats.MoreCalls(hits, total, bound, l)
}
