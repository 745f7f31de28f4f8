package verdict

import (
	"math"
	"slices"

	"github.com/agent-gate/agent-gate/internal/text"
)

// reading is a metric after its stat: what is compared with the bound.
type reading struct {
	unit  Unit
	n     int     // calls or values that it was measured on
	shown float64 // the number that reports print
	// least and most are the number if everything that is not known counts low, and high.
	// They are the same where all is known, or where no range is (see bounded).
	least, most   side
	unknown, late int // rows that are not known, and those of them that may still be
	// bounded says that least and most hold whatever the rows are that are not known.
	bounded bool
	// inferred says that the interval says where the true number lies. Sums, counts and
	// extremes are what they are.
	inferred bool
	byRow    bool // a change of dataset rows, each with itself
	// enough is about how many calls in all would tell the number from the bound; 0 or
	// infinite when no number would.
	enough func(bound float64) float64
}

// plain is a reading without missing results.
func plain(unit Unit, n int, s side, inferred bool) reading {
	return reading{unit: unit, n: n, shown: s.value, least: s, most: s, inferred: inferred}
}

// estimate is the reading as reports show it.
func (r reading) estimate() Estimate {
	e := Estimate{Value: new(r.shown), N: r.n, Unit: r.unit}
	if low := r.least.low; !math.IsInf(low, 0) {
		e.Low = &low
	}
	if high := r.most.high; !math.IsInf(high, 0) {
		e.High = &high
	}
	return e
}

// read reduces a metric by a stat; rates and counts have none. why is not empty when
// there is nothing to reduce.
func read(m measured, stat string, l level) (r reading, why text.Untrusted) {
	if !m.why.IsEmpty() {
		return r, m.why
	}
	unknown := m.unknown()
	switch m.metric.family {
	case count:
		r = readCount(m.hits, unknown, m.n)
		r.late = m.late
		return r, why
	case rate:
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
		if stat == statSum {
			low = min(low, 0) // a call that failed adds nothing
		}
		r.least, r.most = m.filled(values, low, stat, l), m.filled(values, high, stat, l)
	case m.needsScale():
		r.bounded = true
		r.least, r.most = exactly(Point{value: math.Inf(-1)}), exactly(Point{value: math.Inf(1)})
	}
	return r, why
}

// readValues reduces the values that exist.
func readValues(m *measured, values []float64, stat string, l level) reading {
	s := exactly(Point{value: reduce(values, stat)})
	var inferred bool
	s.Interval, inferred = m.spread(values, stat, nil, l)
	enough := enoughValues(values, stat, s, l) // by the width before a part is cut off
	if m.metric.neverNegative() && values[0] >= 0 {
		s.low = atLeastZero(s.low)
	}
	r := plain(m.metric.unit, len(values), s, inferred)
	r.enough = enough
	return r
}

// filled is a stat where every value that is not known is v; values are those that are, in
// ascending order.
func (m *measured) filled(values []float64, v float64, stat string, l level) side {
	all := slices.Concat(values, slices.Repeat([]float64{v}, m.unknown()))
	slices.Sort(all)
	s := exactly(Point{value: reduce(all, stat)})
	if stat != statMean || len(values) > 1 { // one value says nothing of how far others spread
		s.Interval, _ = m.spread(all, stat, &v, l)
	}
	return s
}

// spread is the interval of a stat of values in ascending order, and whether it has one. Fill
// stands for those that are not known; nil leaves them out.
func (m *measured) spread(values []float64, stat string, fill *float64, l level) (i Interval, inferred bool) {
	switch p := percentile(stat); {
	case stat == statMean:
		var groups [][]float64
		for _, g := range sortedGroups(m.byScenario(fill)) {
			groups = append(groups, g.values)
		}
		return sortedMeanInterval(values, groups, l), true
	case stat == statMedian:
		return quantileInterval(values, 0.5, l), true
	case p > 0:
		return quantileInterval(values, float64(p)/100, l), true
	}
	return unbounded(), false
}

// readCount is a number of calls, of which some are hits and others are not known.
func readCount(hits, unknown, total int) reading {
	r := plain(UnitCalls, total-unknown, exactly(Point{value: float64(hits)}), false)
	r.most = exactly(Point{value: float64(hits + unknown)})
	r.unknown, r.bounded = unknown, true
	return r
}

// readRate is a rate in percent over rows of which some are hits and others are not known.
// It is shown over those that are known.
func readRate(hits, unknown, total int, l level) reading {
	r := reading{
		unit:     UnitPercent,
		n:        total - unknown,
		least:    side{Point: ratio(hits, total), Interval: percent(wilson(hits, total, l))},
		most:     side{Point: ratio(hits+unknown, total), Interval: percent(wilson(hits+unknown, total, l))},
		unknown:  unknown,
		inferred: true,
		bounded:  true,
	}
	r.shown = ratio(hits, max(r.n, 1)).value
	r.enough = func(bound float64) float64 {
		return wilsonCalls(float64(hits)/float64(max(r.n, 1)), bound/100, l)
	}
	return r
}

// reduce takes a stat of values in ascending order, of which there is at least one.
func reduce(sorted []float64, stat string) float64 {
	switch stat {
	case statMedian:
		return median(sorted)
	case statMin:
		return sorted[0]
	case statMax:
		return sorted[len(sorted)-1]
	case statSum:
		return sum(sorted)
	}
	if p := percentile(stat); p > 0 {
		return nearestRank(sorted, p)
	}
	return mean(sorted)
}

// atLeastZero is the lower limit of a number that is never negative. Where nothing is
// known below the number, nothing is claimed either.
func atLeastZero(low float64) float64 {
	if math.IsInf(low, -1) {
		return low
	}
	return max(0, low)
}

// tooLarge says that floats cannot hold the result.
func tooLarge() text.Untrusted { return text.New("the values are too large to calculate with") }

// enoughValues is about how many values it takes to tell a stat from a bound. The width
// of an interval of a mean shrinks with the root of their number; whether a percentile
// lies beyond a bound is a question of the share of values below it.
func enoughValues(sorted []float64, stat string, s side, l level) func(float64) float64 {
	n := float64(len(sorted))
	p := float64(percentile(stat)) / 100
	switch {
	case stat == statMedian:
		p = 0.5
	case p == 0:
		half := (s.high - s.low) / 2
		return func(bound float64) float64 { return n * half * half / (s.value - bound) / (s.value - bound) }
	}
	return func(bound float64) float64 {
		below := 0.0
		for _, v := range sorted {
			if v < bound || v == bound && s.value <= bound {
				below++
			}
		}
		return wilsonCalls(below/n, p, l)
	}
}
