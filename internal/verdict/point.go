package verdict

import (
	"math"
	"math/big"
	"strconv"
)

// A point is a number to compare with a bound. One that comes from counts is exact, so
// that 57 of 100 is 57 percent whatever a float makes of it.
type Point struct {
	value float64
	exact *big.Rat // nil when it was calculated from floats
}

// ratio is hits of total in percent; total is at least 1.
func ratio(hits, total int) Point {
	return Point{
		value: 100 * float64(hits) / float64(total),
		exact: big.NewRat(100*int64(hits), int64(total)),
	}
}

// minus is the difference of two points, exact when both are.
func (p Point) minus(q Point) Point {
	d := Point{value: p.value - q.value}
	if p.exact != nil && q.exact != nil {
		d.exact = new(big.Rat).Sub(p.exact, q.exact)
		d.value, _ = d.exact.Float64()
	}
	return d
}

// against is -1, 0 or 1 as the point is below, at or above the bound. The bound is the
// decimal number that the user wrote; floats are compared as same does.
func (p Point) against(bound float64) int {
	if p.exact != nil {
		if b, ok := new(big.Rat).SetString(strconv.FormatFloat(bound, 'g', -1, 64)); ok {
			return p.exact.Cmp(b)
		}
	}
	switch {
	case same(p.value, bound):
		return 0
	case p.value < bound:
		return -1
	}
	return 1
}

// same reports whether two numbers are equal to people: sums and divisions of decimals
// leave errors in the last digits, which must not decide. The tolerance is a billionth
// of the larger one, and a billionth where both are small. An infinite end of an interval
// equals nothing finite.
func same(a, b float64) bool {
	if math.IsInf(a, 0) || math.IsInf(b, 0) {
		return a == b
	}
	return math.Abs(a-b) <= 1e-9*max(1, math.Abs(a), math.Abs(b))
}

// finite reports whether there is a value, and one to reckon with.
func finite(v float64) bool { return !math.IsNaN(v) && !math.IsInf(v, 0) }
