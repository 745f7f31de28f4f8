package stats

import "math"

// Interval is a range that contains the true value at some confidence level. An unknown end is
// infinite.
type Interval struct{ Low, High float64 }

// Unbounded is the interval that says nothing.
func Unbounded() Interval { return Interval{math.Inf(-1), math.Inf(1)} }

// around is the interval half wide on both sides of middle. It is unbounded where half overflows.
func around(middle, half float64) Interval {
	if math.IsNaN(half) || math.IsInf(half, 0) {
		return Unbounded()
	}
	return Interval{middle - half, middle + half}
}

// Level is the confidence level of an interval, as a fraction: 0.95.
type Level float64

// upper is the probability below the upper limit of a two-sided interval.
func (l Level) upper() float64 { return 1 - (1-float64(l))/2 }

// z is the normal quantile of the level, 1.96 for 0.95.
func (l Level) z() float64 { return normalQuantile(l.upper()) }

// t is the quantile of Student's t distribution with df degrees of freedom, at least 1.
func (l Level) t(df int) float64 { return studentQuantile(l.upper(), float64(df)) }

// Wilson is the score interval of the proportion of hits in total, as fractions (E. B. Wilson,
// 1927). total is at least 1. It stays within 0 to 1, and has a width even if all or none are hits.
func Wilson(hits, total int, l Level) Interval {
	return score(float64(hits)/float64(total), float64(total), l.z())
}

// score is Wilson's interval of the proportion p of n, with the quantile z.
func score(p, n, z float64) Interval {
	middle := (p + z*z/(2*n)) / (1 + z*z/n)
	half := z / (1 + z*z/n) * math.Sqrt(p*(1-p)/n+z*z/(4*n*n))
	i := around(middle, half)
	// At both ends the limit is exact, and rounding must not miss it.
	if p == 0 {
		i.Low = 0
	}
	if p == 1 {
		i.High = 1
	}
	return i
}

// Widened is the interval with another one as far as that is within a range from low to high; it is never
// narrower than before.
func (i Interval) Widened(other Interval, low, high float64) Interval {
	return Interval{min(i.Low, max(other.Low, low)), max(i.High, min(other.High, high))}
}

// Percent converts an interval of fractions to percent.
func Percent(i Interval) Interval { return Interval{100 * i.Low, 100 * i.High} }

// Side is a number and its interval, in the metric's unit.
type Side struct {
	Point
	Interval
}

// Exactly is a number without an interval.
func Exactly(p Point) Side { return Side{p, Unbounded()} }
