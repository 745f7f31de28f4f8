package stats

import (
	"math"
	"slices"
)

// Group holds the values of one scenario, in ascending order.
type Group struct{ Now, Base []float64 }

// PairedChange is the difference of means between two runs over the same groups, i.e. scenarios:
// each group's difference of means, weighted by its number of values now. Its interval is a t
// interval over the groups; differences between scenarios cancel out. It is never narrower than the
// error within the groups. With one group it is Welch's interval.
func PairedChange(groups []Group, l Level) (change float64, i Interval) {
	if len(groups) == 1 {
		g := groups[0]
		return Mean(g.Now) - Mean(g.Base), welch(g.Now, g.Base, l)
	}
	total := 0
	for _, g := range groups {
		total += len(g.Now)
	}
	weighted := make([]float64, len(groups))
	for i, g := range groups {
		weighted[i] = float64(len(g.Now)) / float64(total) * (Mean(g.Now) - Mean(g.Base))
	}
	slices.SortFunc(weighted, bySize)
	change = Sum(weighted)

	var inside, spread float64
	var residuals []float64
	free := 0
	for _, g := range groups {
		w := float64(len(g.Now)) / float64(total)
		m, b := Mean(g.Now), Mean(g.Base)
		residuals = append(residuals, w*(m-b-change))
		spread += squares(g.Now, m) + squares(g.Base, b)
		free += len(g.Now) + len(g.Base) - 2
		inside += w * w * (1/float64(len(g.Now)) + 1/float64(len(g.Base)))
	}
	slices.SortFunc(residuals, bySize)
	n := len(groups)
	half := l.t(n-1) * math.Sqrt(float64(n)/float64(n-1)*squares(residuals, 0))
	if free > 0 {
		half = max(half, l.t(free)*math.Sqrt(spread/float64(free)*inside))
	}
	if half == 0 && total < l.equalValues() {
		return change, Unbounded()
	}
	return change, around(change, half)
}

// welch is the interval of the difference of the means of two independent samples (B. L. Welch,
// 1947). It is unbounded if a sample has one value, which has no spread.
func welch(a, b []float64, l Level) Interval {
	if len(a) < 2 || len(b) < 2 {
		return Unbounded()
	}
	na, nb := float64(len(a)), float64(len(b))
	ma, mb := Mean(a), Mean(b)
	va, vb := squares(a, ma)/(na-1)/na, squares(b, mb)/(nb-1)/nb
	if va+vb == 0 && min(len(a), len(b)) < l.equalValues() {
		return Unbounded()
	}
	if va+vb == 0 {
		return around(ma-mb, 0)
	}
	df := (va + vb) * (va + vb) / (va*va/(na-1) + vb*vb/(nb-1))
	return around(ma-mb, studentQuantile(l.upper(), df)*math.Sqrt(va+vb))
}
