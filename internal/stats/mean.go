package stats

import (
	"cmp"
	"math"
	"slices"
)

// Sum adds values, which must be in ascending order so that the order of calls cannot change a
// bit of the result. It compensates for rounding (A. Neumaier, 1974).
func Sum(sorted []float64) float64 {
	total, lost := 0.0, 0.0
	for _, v := range sorted {
		next := total + v
		if math.Abs(total) >= math.Abs(v) {
			lost += total - next + v
		} else {
			lost += v - next + total
		}
		total = next
	}
	return total + lost
}

// Mean is the mean of at least one value, in ascending order. It corrects what the division rounds
// off: the mean of eighteen times 7.2 is 7.2.
func Mean(sorted []float64) float64 {
	n := float64(len(sorted))
	m := Sum(sorted) / n
	rest := 0.0
	for _, v := range sorted {
		rest += v - m
	}
	return m + rest/n
}

// MeanInterval is the t interval of the mean of grouped values; all holds every value in ascending
// order. Calls of one scenario are alike, so the scenarios are the sample: it uses the
// cluster-robust error (CR1), with one degree of freedom less than groups. It is never narrower
// than the interval of independent values, because two or three groups can agree by chance. One
// group counts as independent values; one value has no interval.
func MeanInterval(all []float64, groups [][]float64, l Level) Interval {
	n := len(all)
	if n < 2 {
		return Unbounded()
	}
	m := Mean(all)
	half := l.t(n-1) * math.Sqrt(squares(all, m)/float64(n-1)/float64(n))
	if g := len(groups); g > 1 {
		residuals := make([]float64, g)
		for i, values := range groups {
			residuals[i] = Sum(values) - float64(len(values))*m
		}
		slices.SortFunc(residuals, bySize)
		ratio := float64(g) / float64(g-1)
		half = max(half, l.t(g-1)*math.Sqrt(ratio*squares(residuals, 0))/float64(n))
	}
	if half == 0 && n < l.equalValues() {
		return Unbounded()
	}
	return around(m, half)
}

// equalValues is how many equal values it takes to believe that nearly all are equal: if a quarter
// of all calls differed, that many would not all be equal, at the level. Fewer say nothing about
// the spread: two calls can score 8 by chance.
func (l Level) equalValues() int { return int(math.Ceil(math.Log(1-float64(l)) / math.Log(0.75))) }

// squares is the sum of squared distances from m.
func squares(values []float64, m float64) float64 {
	total := 0.0
	for _, v := range values {
		total += (v - m) * (v - m)
	}
	return total
}

// bySize orders by magnitude. Sums of squares then do not depend on the input order.
func bySize(a, b float64) int { return cmp.Compare(math.Abs(a), math.Abs(b)) }
