package verdict

import (
	"math"
	"slices"
)

// group holds the values of one scenario, in ascending order.
type group struct{ now, base []float64 }

// pairedChange is the difference of means between two runs over the same groups, which
// are scenarios: in each the difference of its two means, weighted by its values now. Its
// interval is a t interval over the groups; what differs between scenarios cancels out.
// It is never narrower than the error inside the groups alone. With one group it is the
// interval of Welch.
func pairedChange(groups []group, l level) (change float64, i Interval) {
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
func welch(a, b []float64, l level) Interval {
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
