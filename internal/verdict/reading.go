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
	byRow    bool // a change that compares each dataset row with itself
	// enough is roughly how many calls in all would separate the number from the bound; 0 or infinite
	// if no number would.
	enough func(bound float64) float64
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
func read(m measured, stat string, l stats.Level) (r reading, why text.Untrusted) {
	if !m.why.IsEmpty() {
		return r, m.why
	}
	unknown := m.unknown()
	switch m.metric.Family {
	case criteria.Count:
		r = readCount(m.hits, unknown, m.n)
		r.late = m.late
		return r, why
	case criteria.Rate:
		if m.known() == 0 {
			return r, m.gaps().All()
		}
		r = readRate(m.hits, unknown, m.n, l)
		r.late, r.bounded = m.late, true
		return r, why
	}
	values := m.sorted()
	if len(values) == 0 {
		return r, m.gaps().All()
	}
	r = readValues(&m, values, stat, l)
	if v := r.shown; math.IsInf(v, 0) || math.IsNaN(v) {
		return r, tooLarge()
	}
	if unknown == 0 {
		r.bounded = true
		return r, why
	}
	r.unknown, r.late = unknown, m.late
	low, high, ok := m.scale(values)
	switch {
	case ok:
		r.bounded = true
		if stat == criteria.StatSum {
			low = min(low, 0) // a failed call adds nothing
		}
		r.least, r.most = m.filled(values, low, stat, l), m.filled(values, high, stat, l)
	case m.needsScale():
		r.bounded = true
		r.least, r.most = stats.Exactly(stats.Point{Value: math.Inf(-1)}), stats.Exactly(stats.Point{Value: math.Inf(1)})
	}
	return r, why
}

// readValues reduces the known values.
func readValues(m *measured, values []float64, stat string, l stats.Level) reading {
	s := stats.Exactly(stats.Point{Value: reduce(values, stat)})
	var inferred bool
	s.Interval, inferred = m.spread(values, stat, nil, l)
	enough := enoughValues(values, stat, s, l) // from the width before cutting at zero
	if m.metric.NeverNegative() && values[0] >= 0 {
		s.Low = atLeastZero(s.Low)
	}
	r := plain(m.metric.Unit, len(values), s, inferred)
	r.enough = enough
	return r
}

// filled is a stat with every unknown value at v; values are the known ones in ascending order.
func (m *measured) filled(values []float64, v float64, stat string, l stats.Level) stats.Side {
	all := slices.Concat(values, slices.Repeat([]float64{v}, m.unknown()))
	slices.Sort(all)
	s := stats.Exactly(stats.Point{Value: reduce(all, stat)})
	if stat != criteria.StatMean || len(values) > 1 { // one value says nothing about the spread
		s.Interval, _ = m.spread(all, stat, &v, l)
	}
	return s
}

// spread is the interval of a stat of values in ascending order, and whether it has one. fill replaces
// unknown values; nil leaves them out.
func (m *measured) spread(values []float64, stat string, fill *float64, l stats.Level) (i stats.Interval, inferred bool) {
	switch p := criteria.Percentile(stat); {
	case stat == criteria.StatMean:
		var groups [][]float64
		for _, g := range sortedGroups(m.byScenario(fill)) {
			groups = append(groups, g.values)
		}
		return stats.MeanInterval(values, groups, l), true
	case stat == criteria.StatMedian:
		return stats.QuantileInterval(values, 0.5, l), true
	case p > 0:
		return stats.QuantileInterval(values, float64(p)/100, l), true
	}
	return stats.Unbounded(), false
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
	r.enough = func(bound float64) float64 {
		return stats.WilsonCalls(float64(hits)/float64(max(r.n, 1)), bound/100, l)
	}
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

// enoughValues is roughly how many values it takes to separate a stat from a bound. A mean's interval
// narrows with the root of their number; a percentile's is a matter of the share of values below the
// bound.
func enoughValues(sorted []float64, stat string, s stats.Side, l stats.Level) func(float64) float64 {
	n := float64(len(sorted))
	p := float64(criteria.Percentile(stat)) / 100
	switch {
	case stat == criteria.StatMedian:
		p = 0.5
	case p == 0:
		half := (s.High - s.Low) / 2
		return func(bound float64) float64 { return n * half * half / (s.Value - bound) / (s.Value - bound) }
	}
	return func(bound float64) float64 {
		below := 0.0
		for _, v := range sorted {
			if v < bound || v == bound && s.Value <= bound {
				below++
			}
		}
		return stats.WilsonCalls(below/n, p, l)
	}
}
