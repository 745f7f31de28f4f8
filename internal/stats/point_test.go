package stats

import (
	"math"
	"testing"
)

func TestNumbersThatAreTheSame(t *testing.T) {
	t.Parallel()
	inf := math.Inf(1)
	cases := []struct {
		a, b float64
		want bool
	}{
		{1, 1, true}, {1, 1 + 1e-10, true}, {1, 1 + 1e-8, false}, {0, 1e-10, true}, {0, 1e-8, false},
		{1e12, 1e12 + 100, true}, {1e12, 1e12 + 10000, false}, {-5, 5, false},
		{inf, inf, true}, {inf, 5, false}, {5, -inf, false}, {-inf, inf, false},
	}
	for _, c := range cases {
		if Same(c.a, c.b) != c.want || Same(c.b, c.a) != c.want {
			t.Errorf("%v and %v: want %v", c.a, c.b, c.want)
		}
	}
}
