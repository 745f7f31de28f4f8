package verdict

import (
	"math"
	"slices"
	"testing"
)

// The reference numbers come from SciPy 1.17.1 and statsmodels 0.14, whose functions are
// named at each table. They were printed with 17 digits.

func TestWilsonAgreesWithSciPy(t *testing.T) {
	t.Parallel()
	// scipy.stats.binomtest(hits, total).proportion_ci(level, method="wilson")
	cases := []struct {
		hits, total int
		level       level
		low, high   float64
	}{
		{18, 20, 0.95, 0.69896635477151281, 0.97213351878623189},
		{0, 20, 0.95, 0, 0.16112515805281935},
		{20, 20, 0.95, 0.83887484194718076, 1},
		{1, 1, 0.95, 0.20654931437723745, 1},
		{0, 1, 0.9, 0, 0.73013405121594577},
		{57, 100, 0.95, 0.47215389549212305, 0.66266701475889878},
		{499, 500, 0.99, 0.98319122670847736, 0.99976514550561169},
		{3, 7, 0.5, 0.31060347774975139, 0.55525721599154509},
		{16, 20, 0.999, 0.43520966809797551, 0.95405232986733268},
		{95000, 100000, 0.95, 0.94863181748965342, 0.95133361070902167},
	}
	for _, c := range cases {
		got := wilson(c.hits, c.total, c.level)
		near(t, "low", got.low, c.low)
		near(t, "high", got.high, c.high)
	}
	if got := wilson(7, 7, 0.95); got.high != 1 {
		t.Errorf("all hits: got high %v, want exactly 1", got.high)
	}
	if got := wilson(0, 7, 0.95); got.low != 0 {
		t.Errorf("no hits: got low %v, want exactly 0", got.low)
	}
}

func TestMeanIntervalOfOneGroupAgreesWithSciPy(t *testing.T) {
	t.Parallel()
	// scipy.stats.ttest_1samp(values, 0).confidence_interval(level)
	cases := []struct {
		values    []float64
		level     level
		low, high float64
	}{
		{[]float64{6, 7, 7.5, 8, 9}, 0.95, 6.1117774474011028, 8.8882225525988972},
		{[]float64{1, 2}, 0.95, -4.8531023680873471, 7.8531023680873471},
		{[]float64{2, 3, 3.5, 4, 5, 8, 10}, 0.9, 2.9467066726129838, 7.1961504702441568},
		{[]float64{44, 60, 61, 75, 90.5, 180}, 0.99, 4.3155459944248662, 165.85112067224179},
	}
	for _, c := range cases {
		got := meanInterval([][]float64{c.values}, c.level)
		near(t, "low", got.low, c.low)
		near(t, "high", got.high, c.high)
	}
}

func TestMeanIntervalOfGroupsAgreesWithStatsmodels(t *testing.T) {
	t.Parallel()
	// statsmodels.OLS(values, ones).fit(cov_type="cluster", use_t=True).conf_int(1-level)
	cases := []struct {
		groups    [][]float64
		level     level
		low, high float64
	}{
		{[][]float64{{7, 8, 9}, {2, 3, 4, 5}, {9, 9}}, 0.95, -1.5868377082609495, 14.031282152705394},
		{[][]float64{{1, 2}, {5, 6, 7}, {8}, {3, 4}}, 0.9, 1.6077396361906224, 7.3922603638093758},
	}
	for _, c := range cases {
		got := meanInterval(c.groups, c.level)
		near(t, "low", got.low, c.low)
		near(t, "high", got.high, c.high)
	}
}

func TestMeanIntervalIsNeverNarrowerThanThatOfIndependentValues(t *testing.T) {
	t.Parallel()
	// Both groups have the same mean, so that the clustered error alone is zero.
	grouped := meanInterval([][]float64{{1, 9}, {2, 8}}, 0.95)
	plain := meanInterval([][]float64{{1, 2, 8, 9}}, 0.95)
	if grouped != plain {
		t.Errorf("got %v, want %v", grouped, plain)
	}
}

func TestMeanIntervalOfOneValueIsUnbounded(t *testing.T) {
	t.Parallel()
	if got := meanInterval([][]float64{{7}}, 0.95); got != unbounded() {
		t.Errorf("got %v, want none", got)
	}
	if got := meanInterval([][]float64{{1e300, 1.5e300}}, 0.95); got != unbounded() {
		t.Errorf("a spread beyond floats: got %v, want none", got)
	}
}

func TestWelchAgreesWithSciPy(t *testing.T) {
	t.Parallel()
	// scipy.stats.ttest_ind(now, base, equal_var=False).confidence_interval(level)
	cases := []struct {
		now, base         []float64
		level             level
		change, low, high float64
	}{
		{[]float64{6, 7, 8, 9}, []float64{5, 6, 7.5}, 0.95, 1.333333333333333, -1.245901260938719, 3.9125679276053851},
		{[]float64{1, 2, 4}, []float64{1, 3, 3, 8, 9}, 0.9, -2.4666666666666663, -5.976098979361252, 1.0427656460279184},
	}
	for _, c := range cases {
		change, got := pairedChange([]group{{c.now, c.base}}, c.level)
		near(t, "change", change, c.change)
		near(t, "low", got.low, c.low)
		near(t, "high", got.high, c.high)
	}
	// Two samples of the same spread: t.interval(0.95, 2, 4, sqrt(2)) of SciPy.
	change, got := pairedChange([]group{{[]float64{5, 7}, []float64{1, 3}}}, 0.95)
	near(t, "change", change, 4)
	near(t, "low", got.low, 4-math.Sqrt2*level(0.95).t(2))
	near(t, "high", got.high, 4+math.Sqrt2*level(0.95).t(2))
	for _, g := range []group{{[]float64{1}, []float64{1, 2}}, {[]float64{1, 2}, []float64{1}}} {
		if _, got := pairedChange([]group{g}, 0.95); got != unbounded() {
			t.Errorf("one value on a side: got %v, want no interval", got)
		}
	}
	alike := slices.Repeat([]float64{3}, 11)
	if _, got := pairedChange([]group{{alike, alike}}, 0.95); got != (Interval{0, 0}) {
		t.Errorf("no spread: got %v, want 0 to 0", got)
	}
	if _, got := pairedChange([]group{{alike[:10], alike}}, 0.95); got != unbounded() {
		t.Errorf("ten equal values: got %v, want no interval", got)
	}
}

func TestEqualValuesHaveAnIntervalOnlyWhenThereAreMany(t *testing.T) {
	t.Parallel()
	for _, c := range []struct {
		level level
		least int // log(1-level) / log(3/4), rounded up
	}{{0.95, 11}, {0.99, 17}, {0.5, 3}} {
		alike := slices.Repeat([]float64{8}, c.least)
		if got := meanInterval([][]float64{alike}, c.level); got != (Interval{8, 8}) {
			t.Errorf("%v: %d equal values: got %v, want 8 to 8", c.level, c.least, got)
		}
		if got := meanInterval([][]float64{alike[1:]}, c.level); got != unbounded() {
			t.Errorf("%v: %d equal values: got %v, want no interval", c.level, c.least-1, got)
		}
	}
}

func TestPairedChangeAgreesWithFirstPrinciples(t *testing.T) {
	t.Parallel()
	// NumPy sums and scipy.stats.t.ppf; the second is scipy.stats.ttest_rel, since there
	// each scenario has one value; in the third the error inside the scenarios is larger.
	cases := []struct {
		groups            []group
		level             level
		change, low, high float64
	}{
		{[]group{{[]float64{7, 8}, []float64{6, 7}}, {[]float64{3}, []float64{5}}, {[]float64{8, 9, 9}, []float64{7, 9}}},
			0.95, 0.33333333333333304, -2.1850699655226116, 2.8517366321892776},
		{[]group{{[]float64{5}, []float64{4}}, {[]float64{6}, []float64{4}}, {[]float64{7}, []float64{6.5}}},
			0.95, 1.1666666666666667, -0.73062485013171274, 3.0639581834650462},
		{[]group{{[]float64{1, 9}, []float64{2, 8}}, {[]float64{3, 7}, []float64{2, 6}}},
			0.9, 0.5, -5.6232637084371042, 6.6232637084371042},
		{[]group{{[]float64{1, 5, 9}, []float64{2, 8}}, {[]float64{3, 7}, []float64{2, 6}}},
			0.9, 0.40000000000000002, -4.5653670476015327, 5.3653670476015334},
	}
	for _, c := range cases {
		change, got := pairedChange(c.groups, c.level)
		near(t, "change", change, c.change)
		near(t, "low", got.low, c.low)
		near(t, "high", got.high, c.high)
	}
}

func TestNewcombeAgreesWithStatsmodels(t *testing.T) {
	t.Parallel()
	// statsmodels confint_proportions_2indep(..., method="newcomb", compare="diff")
	cases := []struct {
		k1, n1, k2, n2 int
		low, high      float64
	}{
		{56, 70, 48, 80, 0.052431472402364981, 0.33387265403690614},
		{9, 10, 3, 10, 0.17052272393450291, 0.80901797353548799},
		{20, 20, 18, 20, -0.076534872164198048, 0.3010336452284873},
		{0, 10, 0, 20, -0.16112515805281941, 0.27753279986288926},
	}
	for _, c := range cases {
		got := newcombe(float64(c.k1)/float64(c.n1), wilson(c.k1, c.n1, 0.95), float64(c.k2)/float64(c.n2), wilson(c.k2, c.n2, 0.95))
		near(t, "low", got.low, c.low)
		near(t, "high", got.high, c.high)
	}
}

func TestQuantileIntervalAgreesWithSciPy(t *testing.T) {
	t.Parallel()
	// scipy.stats.quantile_test(range(1, n+1), p=p).confidence_interval(level); with the
	// values 1 to n the limits are their ranks.
	inf := math.Inf(1)
	cases := []struct {
		n         int
		p         float64
		level     level
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
		got := quantileInterval(ranks(c.n), c.p, c.level)
		if want := (Interval{c.low, c.high}); got != want {
			t.Errorf("p %v of %d at %v: got %v, want %v", c.p, c.n, c.level, got, want)
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
		if got := sum(c.values); got != c.want {
			t.Errorf("%v: got %v, want %v", c.values, got, c.want)
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
		if got := nearestRank(ranks(c.n), c.p); got != c.want {
			t.Errorf("p%02d of 1 to %d: got %v, want %v", c.p, c.n, got, c.want)
		}
	}
}

func TestReduce(t *testing.T) {
	t.Parallel()
	values := []float64{1, 2, 4, 9}
	for stat, want := range map[string]float64{
		"": 4, "mean": 4, "median": 3, "min": 1, "max": 9, "sum": 16, "p25": 1, "p26": 2, "p50": 2, "p75": 4, "p76": 9,
	} {
		if got := reduce(values, stat); got != want {
			t.Errorf("%q: got %v, want %v", stat, got, want)
		}
	}
	if got := reduce([]float64{1, 2, 9}, "median"); got != 2 {
		t.Errorf("median of three: got %v, want 2", got)
	}
}

func TestWilsonCallsIsEnoughAndNoMore(t *testing.T) {
	t.Parallel()
	// With a share that stays as it is, the interval of so many calls just leaves the
	// bound out.
	for _, c := range []struct{ p, bound float64 }{{0.9, 0.8}, {0.8, 0.9}, {0.5, 0.45}, {0.98, 0.95}, {1, 0.95}, {0, 0.02}} {
		n := wilsonCalls(c.p, c.bound, 0.95)
		z := level(0.95).z()
		for _, s := range []struct {
			n       float64
			outside bool
		}{{n * 1.001, true}, {n * 0.999, false}} {
			middle := (c.p + z*z/(2*s.n)) / (1 + z*z/s.n)
			half := z / (1 + z*z/s.n) * math.Sqrt(c.p*(1-c.p)/s.n+z*z/(4*s.n*s.n))
			if outside := c.bound < middle-half || c.bound > middle+half; outside != s.outside {
				t.Errorf("share %v, bound %v, %v calls: outside %v, want %v", c.p, c.bound, s.n, outside, s.outside)
			}
		}
	}
	if got := wilsonCalls(0.9, 0.9, 0.95); got != 0 {
		t.Errorf("on the bound: got %v, want 0, since no number would", got)
	}
}

// meanInterval is sortedMeanInterval of groups alone.
func meanInterval(groups [][]float64, l level) Interval {
	all := slices.Concat(groups...)
	slices.Sort(all)
	return sortedMeanInterval(all, groups, l)
}
