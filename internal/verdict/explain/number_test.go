package explain

import (
	"math"
	"testing"

	"github.com/agent-gate/agent-gate/internal/criteria"
)

func TestNumbersDoNotReadAsWhatTheyAreNot(t *testing.T) {
	t.Parallel()
	cases := []struct {
		unit   criteria.Unit
		v      float64
		limits []float64
		want   string
	}{
		{criteria.UnitNone, 7.5, nil, "7.5"},
		{criteria.UnitNone, 7, nil, "7"},
		{criteria.UnitNone, 7.126, nil, "7.13"},
		{criteria.UnitNone, -0.001, nil, "0"},
		{criteria.UnitNone, -2.5, nil, "-2.5"},
		{criteria.UnitNone, 7.4999, []float64{7.5}, "7.4999"},
		{criteria.UnitNone, 7.5000000000001, []float64{7.5}, "7.5"},   // the same to people
		{criteria.UnitNone, 7.49999998, []float64{7.5}, "7.49999998"}, // the most decimals
		{criteria.UnitNone, 99.999, nil, "100"},                       // no percentage
		{criteria.UnitNone, 100000, nil, "100000"},                    // zeros before the point stay
		{criteria.UnitPercent, 99.999, nil, "99.999%"},                // not all
		{criteria.UnitPercent, 0.001, nil, "0.001%"},                  // not none
		{criteria.UnitPercent, 100, nil, "100%"},                      // all
		{criteria.UnitPercent, 94.999, []float64{95}, "94.999%"},      // not the bound
		{criteria.UnitPercent, 94.9951, []float64{95}, "94.995%"},     // as many decimals as it takes
		{criteria.UnitSeconds, 12.345, nil, "12.3 s"},                 // units
		{criteria.UnitCents, 3, nil, "3 cents"},
		{criteria.UnitCalls, 3, nil, "3"},
		{criteria.UnitPoints, -5, nil, "-5 points"},
		{criteria.UnitNone, math.Nextafter(5, 6), []float64{5}, "5"},
		{criteria.UnitNone, 5 + 1e-8, []float64{5}, "5.00000001"},
		{criteria.UnitNone, 5 + 6e-9, []float64{5}, "5.00000001"},
		{criteria.UnitPercent, 100 - 1e-12, nil, "100%"},
		{criteria.UnitPercent, 100 * 99999 / 100000., nil, "99.999%"},
		{criteria.UnitPercent, 100 * 999999 / 1000000., nil, "99.9999%"},
		{criteria.UnitPercent, 100 * 1e-9, nil, "0.0000001%"},
		{criteria.UnitPercent, 1e-10, nil, "0%"}, // the same as none
		{criteria.UnitNone, 1e15, nil, "1000000000000000"},
		{criteria.UnitNone, 0.05, []float64{0}, "0.05"},
		{criteria.UnitNone, 0.004, []float64{0}, "0.004"},
		{criteria.UnitNone, 0.004, []float64{5}, "0"},
		{criteria.UnitNone, 4.996, []float64{0, 5}, "4.996"},
		{criteria.UnitNone, 4.996, []float64{5, 0}, "4.996"},
		{criteria.UnitPercent, 4.996, []float64{5}, "4.996%"},
		{criteria.UnitPercent, 50.001, []float64{5}, "50%"},
		{criteria.UnitPercent, -50.001, []float64{-50}, "-50.001%"},
		{criteria.UnitSeconds, 180.0004, []float64{180}, "180.0004 s"},
		{criteria.UnitSeconds, 180.0004, []float64{180.0004}, "180 s"}, // it is the limit
		{criteria.UnitSeconds, 180.0004, []float64{1, 2, 3, 4}, "180 s"},
	}
	for _, c := range cases {
		if got := quantity(c.unit, c.v, c.limits...); got != c.want {
			t.Errorf("%v %s beside %v: got %q, want %q", c.v, c.unit, c.limits, got, c.want)
		}
	}
}

func TestIntervalsInWords(t *testing.T) {
	t.Parallel()
	cases := []struct {
		unit      criteria.Unit
		low, high *float64
		bound     float64
		want      string
	}{
		{criteria.UnitPercent, new(58.3984), new(91.9335), 95, "58.4–91.9%"},
		{criteria.UnitPercent, new(99.98), new(100.0), 95, "99.98–100%"},
		{criteria.UnitPercent, new(0.0), new(0.02), 95, "0–0.02%"},
		{criteria.UnitPercent, new(94.98), new(99.0), 95, "94.98–99%"},
		{criteria.UnitPercent, new(90.0), new(94.98), 95, "90–94.98%"},
		{criteria.UnitNone, new(99.98), new(100.0), 95, "99.98–100"},
		{criteria.UnitNone, new(6.123), new(7.456), 7, "6.12–7.46"},
		{criteria.UnitNone, new(-0.5), new(7.456), 7, "-0.5 to 7.46"},
		{criteria.UnitNone, new(-3.0), new(-1.0), 7, "-3 to -1"},
		{criteria.UnitNone, new(0.0), new(1.0), 7, "0–1"},
		{criteria.UnitNone, new(-1.0), new(0.0), 7, "-1 to 0"},
		{criteria.UnitNone, new(-0.5), new(0.0), 7, "-0.5 to 0"},
		{criteria.UnitSeconds, new(60.04), nil, 7, "60 s or more"},
		{criteria.UnitSeconds, nil, new(60.06), 7, "up to 60.1 s"},
		{criteria.UnitSeconds, nil, nil, 7, "unknown"},
		{criteria.UnitPoints, new(-5.04), new(3.0), 7, "-5 to 3 points"},
	}
	for _, c := range cases {
		if got := rangeWords(c.unit, c.low, c.high, c.bound); got != c.want {
			t.Errorf("got %q, want %q", got, c.want)
		}
	}
}
