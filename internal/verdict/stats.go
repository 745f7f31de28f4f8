package verdict

import (
	"cmp"
	"math"
	"slices"
)

// The formulas of this file and their sources are explained in docs/statistics.md.

// An interval is a range that holds the true value at some level of confidence. A side
// on which nothing is known is infinite.
type interval struct{ low, high float64 }

// unbounded says nothing at all.
func unbounded() interval { return interval{math.Inf(-1), math.Inf(1)} }

// around is the interval of one half width on both sides. Numbers so large that their
// spread is beyond floats have none.
func around(middle, half float64) interval {
	if math.IsNaN(half) || math.IsInf(half, 0) {
		return unbounded()
	}
	return interval{middle - half, middle + half}
}

// level is a level of confidence, as a fraction.
type level float64

// upper is the probability below the upper limit of a two-sided interval.
func (l level) upper() float64 { return 1 - (1-float64(l))/2 }

// z is the normal quantile of the level, 1.96 for 0.95.
func (l level) z() float64 { return normalQuantile(l.upper()) }

// t is the quantile of Student's t distribution with df degrees of freedom, at least 1.
func (l level) t(df int) float64 { return studentQuantile(l.upper(), float64(df)) }

// wilson is the score interval of a proportion of hits in total, as fractions (E. B.
// Wilson, 1927). total is at least 1. It never leaves 0 to 1, and it is not empty where
// all or none are hits.
func wilson(hits, total int, l level) interval {
	n, z := float64(total), l.z()
	p := float64(hits) / n
	middle := (p + z*z/(2*n)) / (1 + z*z/n)
	half := z / (1 + z*z/n) * math.Sqrt(p*(1-p)/n+z*z/(4*n*n))
	i := around(middle, half)
	// At both ends the limit is the end itself, which rounding must not miss.
	if hits == 0 {
		i.low = 0
	}
	if hits == total {
		i.high = 1
	}
	return i
}

// newcombe is the interval of the difference of two independent proportions p and q
// whose Wilson intervals are given (R. G. Newcombe, 1998, method 10).
func newcombe(p float64, of interval, q float64, minus interval) interval {
	return interval{
		low:  p - q - math.Hypot(p-of.low, minus.high-q),
		high: p - q + math.Hypot(of.high-p, q-minus.low),
	}
}

// wilsonCalls is how many calls it takes until the Wilson interval around the share p
// does not hold the bound any more, both fractions; 0 when no number does.
func wilsonCalls(p, bound float64, l level) float64 {
	// The bound is outside when (p-bound)² > z²·bound·(1-bound)/n: Wilson's interval
	// is the set of bounds that the score test does not reject.
	if p == bound {
		return 0
	}
	z := l.z()
	return z * z * bound * (1 - bound) / ((p - bound) * (p - bound))
}

// sum adds values in ascending order, so that the order of calls does not change a bit of
// it, and carries along what rounding loses (A. Neumaier, 1974).
func sum(sorted []float64) float64 {
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

// mean of values in ascending order, of which there is at least one. What the division
// rounds off is put back: eighteen times 7.2 has the mean 7.2.
func mean(sorted []float64) float64 {
	n := float64(len(sorted))
	m := sum(sorted) / n
	rest := 0.0
	for _, v := range sorted {
		rest += v - m
	}
	return m + rest/n
}

// nearestRank is the percentile p, 1 to 99, of values in ascending order: the smallest
// value that at least p percent of the values do not exceed.
func nearestRank(sorted []float64, p int) float64 {
	return sorted[nearestRankOf(len(sorted), p)-1]
}

// nearestRankOf is the rank, from 1, of the percentile p among n values in ascending
// order.
func nearestRankOf(n, p int) int { return (p*n + 99) / 100 }

// median is the middle value, or the mean of the two in the middle.
func median(sorted []float64) float64 {
	n := len(sorted)
	if n%2 == 1 {
		return sorted[n/2]
	}
	return sorted[n/2-1]/2 + sorted[n/2]/2
}

// quantileInterval holds the p-quantile, 0 < p < 1, of the distribution that the values
// came from, whatever it is: its limits are values whose ranks the binomial distribution
// gives (H. A. David, Order Statistics, section 7.1). With too few values a side is
// unbounded. Values are in ascending order.
func quantileInterval(sorted []float64, p float64, l level) interval {
	n := len(sorted)
	below := func(k int) float64 { return binomialCDF(k, n, p) }
	tail := 1 - l.upper()
	i := unbounded()
	// The number of values below the quantile is binomial. low is the largest rank
	// with P(fewer than rank are below) <= tail, high the smallest with
	// P(rank or more are below) <= tail.
	low := firstRank(n, func(k int) bool { return below(k) > tail })
	high := firstRank(n, func(k int) bool { return below(k) >= 1-tail }) + 1
	if low >= 1 {
		i.low = sorted[low-1]
	}
	if high <= n {
		i.high = sorted[high-1]
	}
	return i
}

// firstRank is the smallest k of 0 to n for which reached holds, n+1 when there is none.
func firstRank(n int, reached func(int) bool) int {
	low, high := 0, n+1
	for low < high {
		middle := (low + high) / 2
		if reached(middle) {
			high = middle
		} else {
			low = middle + 1
		}
	}
	return low
}

// group holds the values of one scenario, in ascending order.
type group struct{ now, base []float64 }

// sortedMeanInterval is the t interval of the mean of values that come in groups; all
// holds the values of all of them in ascending order. Calls of one scenario are alike, so
// the scenarios are what was drawn: the error is the one that is robust against clusters
// (CR1), with one degree of freedom less than groups. It is never narrower than the
// interval of values that are independent, since two or three groups can agree by chance.
// One group is its values; one value has no interval.
func sortedMeanInterval(all []float64, groups [][]float64, l level) interval {
	n := len(all)
	if n < 2 {
		return unbounded()
	}
	m := mean(all)
	half := l.t(n-1) * math.Sqrt(squares(all, m)/float64(n-1)/float64(n))
	if g := len(groups); g > 1 {
		residuals := make([]float64, g)
		for i, values := range groups {
			residuals[i] = sum(values) - float64(len(values))*m
		}
		slices.SortFunc(residuals, bySize)
		ratio := float64(g) / float64(g-1)
		half = max(half, l.t(g-1)*math.Sqrt(ratio*squares(residuals, 0))/float64(n))
	}
	if half == 0 && n < l.equalValues() {
		return unbounded()
	}
	return around(m, half)
}

// equalValues is how many values that are all alike it takes to believe that there is
// hardly any other: were a quarter of all calls different, so many would not all be alike,
// at the level. Fewer say nothing of how far values spread: two calls can score 8 by
// chance.
func (l level) equalValues() int { return int(math.Ceil(math.Log(1-float64(l)) / math.Log(0.75))) }

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

// pairedChange is the difference of means between two runs over the same groups, which
// are scenarios: in each the difference of its two means, weighted by its values now. Its
// interval is a t interval over the groups; what differs between scenarios cancels out.
// It is never narrower than the error inside the groups alone. With one group it is the
// interval of Welch.
func pairedChange(groups []group, l level) (change float64, i interval) {
	if len(groups) == 1 {
		g := groups[0]
		return mean(g.now) - mean(g.base), welch(g.now, g.base, l)
	}
	total := 0
	for _, g := range groups {
		total += len(g.now)
	}
	weighted := make([]float64, len(groups))
	for i, g := range groups {
		weighted[i] = float64(len(g.now)) / float64(total) * (mean(g.now) - mean(g.base))
	}
	slices.SortFunc(weighted, bySize)
	change = sum(weighted)

	var inside, spread float64
	var residuals []float64
	free := 0
	for _, g := range groups {
		w := float64(len(g.now)) / float64(total)
		m, b := mean(g.now), mean(g.base)
		residuals = append(residuals, w*(m-b-change))
		spread += squares(g.now, m) + squares(g.base, b)
		free += len(g.now) + len(g.base) - 2
		inside += w * w * (1/float64(len(g.now)) + 1/float64(len(g.base)))
	}
	slices.SortFunc(residuals, bySize)
	n := len(groups)
	half := l.t(n-1) * math.Sqrt(float64(n)/float64(n-1)*squares(residuals, 0))
	if free > 0 {
		half = max(half, l.t(free)*math.Sqrt(spread/float64(free)*inside))
	}
	if half == 0 && total < l.equalValues() {
		return change, unbounded()
	}
	return change, around(change, half)
}

// welch is the interval of the difference of the means of two independent samples (B. L.
// Welch, 1947). A sample of one value has no spread to judge by, and so no interval.
func welch(a, b []float64, l level) interval {
	if len(a) < 2 || len(b) < 2 {
		return unbounded()
	}
	na, nb := float64(len(a)), float64(len(b))
	ma, mb := mean(a), mean(b)
	va, vb := squares(a, ma)/(na-1)/na, squares(b, mb)/(nb-1)/nb
	if va+vb == 0 && min(len(a), len(b)) < l.equalValues() {
		return unbounded()
	}
	if va+vb == 0 {
		return around(ma-mb, 0)
	}
	df := (va + vb) * (va + vb) / (va*va/(na-1) + vb*vb/(nb-1))
	return around(ma-mb, studentQuantile(l.upper(), df)*math.Sqrt(va+vb))
}
