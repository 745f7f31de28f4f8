package stats

import (
	"math"
	"slices"
	"testing"
)

func TestWelchAgreesWithSciPy(t *testing.T) {
	t.Parallel()
	// scipy.stats.ttest_ind(now, base, equal_var=False).confidence_interval(level)
	cases := []struct {
		now, base         []float64
		level             Level
		change, low, high float64
	}{
		{[]float64{6, 7, 8, 9}, []float64{5, 6, 7.5}, 0.95, 1.333333333333333, -1.245901260938719, 3.9125679276053851},
		{[]float64{1, 2, 4}, []float64{1, 3, 3, 8, 9}, 0.9, -2.4666666666666663, -5.976098979361252, 1.0427656460279184},
	}
	for _, c := range cases {
		change, got := PairedChange([]Group{{c.now, c.base}}, c.level)
		if d := math.Abs(change - c.change); !(d <= 1e-9) {
			t.Errorf("got a change of %.17g, want %.17g", change, c.change)
		}
		agrees(t, got, c.low, c.high)
	}
	// Two samples of the same spread: t.interval(0.95, 2, 4, sqrt(2)) of SciPy.
	change, got := PairedChange([]Group{{[]float64{5, 7}, []float64{1, 3}}}, 0.95)
	if d := math.Abs(change - 4); !(d <= 1e-9) {
		t.Errorf("got a change of %.17g, want %.17g", change, 4.)
	}
	agrees(t, got, 4-math.Sqrt2*Level(0.95).t(2), 4+math.Sqrt2*Level(0.95).t(2))
	for _, g := range []Group{{[]float64{1}, []float64{1, 2}}, {[]float64{1, 2}, []float64{1}}} {
		if _, got := PairedChange([]Group{g}, 0.95); got != Unbounded() {
			t.Errorf("one value on a side: got %v, want no interval", got)
		}
	}
	alike := slices.Repeat([]float64{3}, 11)
	if _, got := PairedChange([]Group{{alike, alike}}, 0.95); got != (Interval{0, 0}) {
		t.Errorf("no spread: got %v, want 0 to 0", got)
	}
	if _, got := PairedChange([]Group{{alike[:10], alike}}, 0.95); got != Unbounded() {
		t.Errorf("ten equal values: got %v, want no interval", got)
	}
}

func TestPairedChangeAgreesWithFirstPrinciples(t *testing.T) {
	t.Parallel()
	// NumPy sums and scipy.stats.t.ppf; the second is scipy.stats.ttest_rel, since there
	// each scenario has one value; in the third the error inside the scenarios is larger.
	cases := []struct {
		groups            []Group
		level             Level
		change, low, high float64
	}{
		{[]Group{{[]float64{7, 8}, []float64{6, 7}}, {[]float64{3}, []float64{5}}, {[]float64{8, 9, 9}, []float64{7, 9}}},
			0.95, 0.33333333333333304, -2.1850699655226116, 2.8517366321892776},
		{[]Group{{[]float64{5}, []float64{4}}, {[]float64{6}, []float64{4}}, {[]float64{7}, []float64{6.5}}},
			0.95, 1.1666666666666667, -0.73062485013171274, 3.0639581834650462},
		{[]Group{{[]float64{1, 9}, []float64{2, 8}}, {[]float64{3, 7}, []float64{2, 6}}},
			0.9, 0.5, -5.6232637084371042, 6.6232637084371042},
		{[]Group{{[]float64{1, 5, 9}, []float64{2, 8}}, {[]float64{3, 7}, []float64{2, 6}}},
			0.9, 0.40000000000000002, -4.5653670476015327, 5.3653670476015334},
	}
	for _, c := range cases {
		change, got := PairedChange(c.groups, c.level)
		if d := math.Abs(change - c.change); !(d <= 1e-9) {
			t.Errorf("got a change of %.17g, want %.17g", change, c.change)
		}
		agrees(t, got, c.low, c.high)
	}
}
