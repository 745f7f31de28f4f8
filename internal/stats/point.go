package stats

import (
	"math"
	"math/big"
	"strconv"
)

// Point is a number to compare with a bound. A ratio of counts is exact: 57 of 100 is 57 percent,
// whatever a float makes of it.
type Point struct {
	Value float64
	exact *big.Rat // nil when it was calculated from floats
}

// Ratio is hits of total in percent; total is at least 1.
func Ratio(hits, total int) Point {
	return Point{
		Value: 100 * float64(hits) / float64(total),
		exact: big.NewRat(100*int64(hits), int64(total)),
	}
}

// Minus is the difference of two points, exact when both are.
func (p Point) Minus(q Point) Point {
	d := Point{Value: p.Value - q.Value}
	if p.exact != nil && q.exact != nil {
		d.exact = new(big.Rat).Sub(p.exact, q.exact)
		d.Value, _ = d.exact.Float64()
	}
	return d
}

// Against is -1, 0 or 1 if the point is below, at or above the bound. The bound is taken as the
// decimal number that the user wrote; floats are compared by [Same].
func (p Point) Against(bound float64) int {
	if p.exact != nil {
		if b, ok := new(big.Rat).SetString(strconv.FormatFloat(bound, 'g', -1, 64)); ok {
			return p.exact.Cmp(b)
		}
	}
	switch {
	case Same(p.Value, bound):
		return 0
	case p.Value < bound:
		return -1
	}
	return 1
}

// Same reports whether two numbers are equal for a reader: sums and divisions of decimals leave
// errors in the last digits, which must not decide. The tolerance is a billionth of the larger
// number, and at least a billionth. An infinite end of an interval equals nothing finite.
func Same(a, b float64) bool {
	if math.IsInf(a, 0) || math.IsInf(b, 0) {
		return a == b
	}
	return math.Abs(a-b) <= 1e-9*max(1, math.Abs(a), math.Abs(b))
}

// Finite reports whether v is a usable number: neither NaN, which stands for a missing value, nor
// infinite.
func Finite(v float64) bool { return !math.IsNaN(v) && !math.IsInf(v, 0) }
