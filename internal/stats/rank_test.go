package stats

import (
	"math"
	"testing"
)

func TestQuantileIntervalAgreesWithSciPy(t *testing.T) {
	t.Parallel()
	// scipy.stats.quantile_test(range(1, n+1), p=p).confidence_interval(level); with the
	// values 1 to n the limits are their ranks.
	inf := math.Inf(1)
	cases := []struct {
		n         int
		p         float64
		level     Level
		low, high float64
	}{
		{20, 0.5, 0.95, 6, 15},
		{100, 0.95, 0.95, 90, 100},
		{20, 0.95, 0.95, 17, inf},
		{73, 0.95, 0.95, 65, 73},
		{72, 0.95, 0.95, 64, 72},
		{5, 0.5, 0.95, -inf, inf},
		{6, 0.5, 0.95, 1, 6},
		{30, 0.1, 0.9, 1, 7},
		{1, 0.5, 0.5, -inf, inf},
	}
	for _, c := range cases {
		got := QuantileInterval(ranks(c.n), c.p, c.level)
		if want := (Interval{c.low, c.high}); got != want {
			t.Errorf("p %v of %d at %v: got %v, want %v", c.p, c.n, c.level, got, want)
		}
	}
}

func TestNearestRank(t *testing.T) {
	t.Parallel()
	cases := []struct {
		n, p int
		want float64
	}{
		{1, 1, 1}, {1, 99, 1}, {2, 50, 1}, {2, 51, 2}, {20, 5, 1}, {20, 6, 2},
		{20, 95, 19}, {20, 96, 20}, {100, 1, 1}, {100, 99, 99}, {101, 99, 100}, {10, 10, 1}, {10, 11, 2},
	}
	for _, c := range cases {
		if got := Percentile(ranks(c.n), c.p); got != c.want {
			t.Errorf("p%02d of 1 to %d: got %v, want %v", c.p, c.n, got, c.want)
		}
	}
}

// ranks are the values 1 to n.
func ranks(n int) []float64 {
	values := make([]float64, n)
	for i := range values {
		values[i] = float64(i + 1)
	}
	return values
}
