package stats

import (
	"slices"
	"testing"
)

func TestMeanIntervalOfOneGroupAgreesWithSciPy(t *testing.T) {
	t.Parallel()
	// scipy.stats.ttest_1samp(values, 0).confidence_interval(level)
	cases := []struct {
		values    []float64
		level     Level
		low, high float64
	}{
		{[]float64{6, 7, 7.5, 8, 9}, 0.95, 6.1117774474011028, 8.8882225525988972},
		{[]float64{1, 2}, 0.95, -4.8531023680873471, 7.8531023680873471},
		{[]float64{2, 3, 3.5, 4, 5, 8, 10}, 0.9, 2.9467066726129838, 7.1961504702441568},
		{[]float64{44, 60, 61, 75, 90.5, 180}, 0.99, 4.3155459944248662, 165.85112067224179},
	}
	for _, c := range cases {
		got := meanInterval([][]float64{c.values}, c.level)
		agrees(t, got, c.low, c.high)
	}
}

func TestMeanIntervalOfGroupsAgreesWithStatsmodels(t *testing.T) {
	t.Parallel()
	// statsmodels.OLS(values, ones).fit(cov_type="cluster", use_t=True).conf_int(1-level)
	cases := []struct {
		groups    [][]float64
		level     Level
		low, high float64
	}{
		{[][]float64{{7, 8, 9}, {2, 3, 4, 5}, {9, 9}}, 0.95, -1.5868377082609495, 14.031282152705394},
		{[][]float64{{1, 2}, {5, 6, 7}, {8}, {3, 4}}, 0.9, 1.6077396361906224, 7.3922603638093758},
	}
	for _, c := range cases {
		got := meanInterval(c.groups, c.level)
		agrees(t, got, c.low, c.high)
	}
}

func TestMeanIntervalIsNeverNarrowerThanThatOfIndependentValues(t *testing.T) {
	t.Parallel()
	// Both groups have the same mean, so the clustered error alone is zero.
	grouped := meanInterval([][]float64{{1, 9}, {2, 8}}, 0.95)
	plain := meanInterval([][]float64{{1, 2, 8, 9}}, 0.95)
	if grouped != plain {
		t.Errorf("got %v, want %v", grouped, plain)
	}
}

func TestMeanIntervalOfOneValueIsUnbounded(t *testing.T) {
	t.Parallel()
	if got := meanInterval([][]float64{{7}}, 0.95); got != Unbounded() {
		t.Errorf("got %v, want none", got)
	}
	if got := meanInterval([][]float64{{1e300, 1.5e300}}, 0.95); got != Unbounded() {
		t.Errorf("a spread beyond floats: got %v, want none", got)
	}
}

func TestEqualValuesHaveAnIntervalOnlyWhenThereAreMany(t *testing.T) {
	t.Parallel()
	for _, c := range []struct {
		level Level
		least int // log(1-level) / log(3/4), rounded up
	}{{0.95, 11}, {0.99, 17}, {0.5, 3}} {
		alike := slices.Repeat([]float64{8}, c.least)
		if got := meanInterval([][]float64{alike}, c.level); got != (Interval{8, 8}) {
			t.Errorf("%v: %d equal values: got %v, want 8 to 8", c.level, c.least, got)
		}
		if got := meanInterval([][]float64{alike[1:]}, c.level); got != Unbounded() {
			t.Errorf("%v: %d equal values: got %v, want no interval", c.level, c.least-1, got)
		}
	}
}

func TestSumLosesNothing(t *testing.T) {
	t.Parallel()
	for _, c := range []struct {
		values []float64
		want   float64
	}{
		{nil, 0},
		{[]float64{0.1, 0.2, 0.3}, 0.6},
		{[]float64{-1e16, 1, 1e16}, 1},
		{[]float64{-1e16, 0.5, 0.75, 1e16}, 1.25},
		{[]float64{-1e17, -1e16, 3, 5, 1.1e17}, 8},
		{[]float64{3, 1e16, 1e16 + 2}, 2e16 + 5},
	} {
		if got := Sum(c.values); got != c.want {
			t.Errorf("%v: got %v, want %v", c.values, got, c.want)
		}
	}
}

// meanInterval is sortedMeanInterval of groups alone.
func meanInterval(groups [][]float64, l Level) Interval {
	all := slices.Concat(groups...)
	slices.Sort(all)
	return MeanInterval(all, groups, l)
}
