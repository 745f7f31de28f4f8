package stats

import (
	"cmp"
	"math"
	"slices"
)

// Sum adds values in ascending order, so that the order of calls does not change a bit of
// it, and carries along what rounding loses (A. Neumaier, 1974).
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

// Mean of values in ascending order, of which there is at least one. What the division
// rounds off is put back: eighteen times 7.2 comes to 7.2.
func Mean(sorted []float64) float64 {
	n := float64(len(sorted))
	m := Sum(sorted) / n
	rest := 0.0
	for _, v := range sorted {
		rest += v - m
	}
	return m + rest/n
}

// MeanInterval is the t interval of the mean of values that come in groups; all
// holds the values of all of them in ascending order. Calls of one scenario are alike, so
// the scenarios are what was drawn: the error is the one that is robust against clusters
// (CR1), with one degree of freedom less than groups. It is never narrower than the
// interval of values that are independent, since two or three groups can agree by chance.
// One group is its values; one value has no interval.
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

// equalValues is how many values that are all alike it takes to believe that there is
// hardly any other: were a quarter of all calls different, so many would not all be alike,
// at the level. Fewer say nothing of how far values spread: two calls can score 8 by
// chance.
func (l Level) equalValues() int { return int(math.Ceil(math.Log(1-float64(l)) / math.Log(0.75))) }

// squares is the sum of squared distances from m.
func squares(values []float64, m float64) float64 {
	total := 0.0
	for _, v := range values {
		total += (v - m) * (v - m)
	}
	return total
}

// bySize orders by magnitude, so that sums of squares do not depend on any order.
func bySize(a, b float64) int { return cmp.Compare(math.Abs(a), math.Abs(b)) }
