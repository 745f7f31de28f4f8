package stats

import (
	"math"
	"slices"
)

// Group holds the values of one scenario, in ascending order.
type Group struct{ Now, Base []float64 }

// PairedChange is the difference of means between two runs over the same groups, i.e. scenarios: each
// group's difference of means, weighted by its number of values now, so that differences between
// scenarios cancel out. Its interval is that of these scenarios run again: a t interval with the error
// within the groups, for one group Welch's. If no group has two values in a run, it is a t interval over
// the groups.
func PairedChange(groups []Group, l Level) (change float64, i Interval) {
	c := compare(groups)
	switch {
	case len(groups) == 1:
		i = welch(groups[0].Now, groups[0].Base, l)
	case c.free > 0:
		i = c.around(c.within(l), l)
	default:
		i = c.around(c.between(l), l)
	}
	return c.change, i
}

// PairedChangeOver is [PairedChange] if the groups are a sample: its interval, a t interval over the
// groups, is that of groups like these. It is never narrower than that of the same ones. There are at
// least two.
func PairedChangeOver(groups []Group, l Level) (change float64, i Interval) {
	c := compare(groups)
	return c.change, c.around(max(c.between(l), c.within(l)), l)
}

// comparison is two runs over the same groups.
type comparison struct {
	groups []Group
	total  int // values now
	change float64
	// spread is the sum of squares within the groups, with so many degrees of freedom.
	spread float64
	free   int
}

func compare(groups []Group) comparison {
	c := comparison{groups: groups}
	for _, g := range groups {
		c.total += len(g.Now)
	}
	weighted := make([]float64, len(groups))
	for i, g := range groups {
		m, b := Mean(g.Now), Mean(g.Base)
		weighted[i] = c.weight(g) * (m - b)
		c.spread += squares(g.Now, m) + squares(g.Base, b)
		c.free += len(g.Now) + len(g.Base) - 2
	}
	slices.SortFunc(weighted, bySize)
	c.change = Sum(weighted)
	return c
}

// weight is a group's share of the values now.
func (c comparison) weight(g Group) float64 { return float64(len(g.Now)) / float64(c.total) }

// between is how far the interval over the groups reaches to each side.
func (c comparison) between(l Level) float64 {
	var residuals []float64
	for _, g := range c.groups {
		residuals = append(residuals, c.weight(g)*(Mean(g.Now)-Mean(g.Base)-c.change))
	}
	slices.SortFunc(residuals, bySize)
	n := len(c.groups)
	return l.t(n-1) * math.Sqrt(float64(n)/float64(n-1)*squares(residuals, 0))
}

// within is how far the interval by the error within the groups reaches to each side; 0 if that is
// unknown because every group has one value.
func (c comparison) within(l Level) float64 {
	if c.free == 0 {
		return 0
	}
	inside := 0.0
	for _, g := range c.groups {
		w := c.weight(g)
		inside += w * w * (1/float64(len(g.Now)) + 1/float64(len(g.Base)))
	}
	return l.t(c.free) * math.Sqrt(c.spread/float64(c.free)*inside)
}

// around is the interval that reaches half to both sides. A few values can be equal by chance.
func (c comparison) around(half float64, l Level) Interval {
	if half == 0 && c.total < l.equalValues() {
		return Unbounded()
	}
	return around(c.change, half)
}

// RangedChange is [PairedChange] of independent values on known ranges, those now and those of the base.
// Its interval never leaves the range of differences and always has a width: it is made of [Gaffke]'s
// intervals of the two means, as if their distances to the means were standard errors (MOVER, G. Y. Zou
// and A. Donner, 2008).
func RangedChange(groups []Group, now, base Interval, l Level) (change float64, i Interval) {
	c := compare(groups)
	var all, fromLow, fromHigh []float64
	most, values := 1.0, 0
	for _, g := range groups {
		values += len(g.Base)
	}
	for _, g := range groups {
		all = append(all, g.Now...)
		// A base value counts as much as its group's weight says. Stretched by that from one end of the
		// range, the values have the weighted mean, and the interval holds on this side.
		r := c.weight(g) * float64(values) / float64(len(g.Base))
		most = max(most, r)
		for _, v := range g.Base {
			fromLow = append(fromLow, base.Low+r*(v-base.Low))
			fromHigh = append(fromHigh, base.High-r*(base.High-v))
		}
	}
	for _, v := range [][]float64{all, fromLow, fromHigh} {
		slices.Sort(v)
	}
	width := most * (base.High - base.Low)
	a := Gaffke(all, now.Low, now.High, l)
	low := Gaffke(fromLow, base.Low, base.Low+width, l).Low
	high := Gaffke(fromHigh, base.High-width, base.High, l).High
	m := Mean(all)
	b := m - c.change
	return c.change, Interval{
		Low:  max(c.change-math.Hypot(m-a.Low, high-b), now.Low-base.High),
		High: min(c.change+math.Hypot(a.High-m, b-low), now.High-base.Low),
	}
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
