package stats

import (
	"math"
	"slices"
)

// Group holds the values of one scenario, in ascending order.
type Group struct{ Now, Base []float64 }

// Comparison is two runs over the same groups, i.e. scenarios.
type Comparison struct {
	// Change is the difference of means: each group's, weighted by its number of values now, so that
	// differences between groups cancel out.
	Change float64

	groups []Group
	total  int // values now
	// spread is the sum of squares within the groups, with so many degrees of freedom.
	spread float64
	free   int
}

// Compare compares two runs over at least one group, each with values in both.
func Compare(groups []Group) Comparison {
	c := Comparison{groups: groups}
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
	c.Change = Sum(weighted)
	return c
}

// Again is the interval of the change if these groups are run again: a t interval with the error within
// the groups, for one group Welch's. If no group has two values in a run, it is a t interval over the
// groups.
func (c Comparison) Again(l Level) Interval {
	switch {
	case len(c.groups) == 1:
		return welch(c.groups[0].Now, c.groups[0].Base, l)
	case c.free > 0:
		return c.around(c.within(l), l)
	}
	return c.around(c.between(l), l)
}

// Over is the interval of the change if the groups are a sample, for groups like these: a t interval over
// the groups, never narrower than the error within them. There are at least two.
func (c Comparison) Over(l Level) Interval { return c.around(max(c.between(l), c.within(l)), l) }

// weight is a group's share of the values now.
func (c Comparison) weight(g Group) float64 { return float64(len(g.Now)) / float64(c.total) }

// between is how far the interval over the groups reaches to each side.
func (c Comparison) between(l Level) float64 {
	var residuals []float64
	for _, g := range c.groups {
		residuals = append(residuals, c.weight(g)*(Mean(g.Now)-Mean(g.Base)-c.Change))
	}
	slices.SortFunc(residuals, bySize)
	n := len(c.groups)
	return l.t(n-1) * math.Sqrt(float64(n)/float64(n-1)*squares(residuals, 0))
}

// within is how far the interval by the error within the groups reaches to each side; 0 if that is
// unknown because every group has one value.
func (c Comparison) within(l Level) float64 {
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
func (c Comparison) around(half float64, l Level) Interval {
	if half == 0 && c.total < l.equalValues() {
		return Unbounded()
	}
	return around(c.Change, half)
}

// Ranged is the interval of the change of independent values on known ranges, those now and those of the
// base, if these groups are run again. It never leaves the range of differences and always has a width: it
// is made of [Gaffke]'s intervals of the two means, as if their distances to the means were standard errors
// (MOVER, G. Y. Zou and A. Donner, 2008).
func (c Comparison) Ranged(now, base Interval, l Level) Interval {
	var all, fromLow, fromHigh []float64
	most, values := 1.0, 0
	for _, g := range c.groups {
		values += len(g.Base)
	}
	for _, g := range c.groups {
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
	b := m - c.Change
	return Interval{
		Low:  max(c.Change-math.Hypot(m-a.Low, high-b), now.Low-base.High),
		High: min(c.Change+math.Hypot(a.High-m, b-low), now.High-base.Low),
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
