package stats

import (
	"math"
	"math/rand/v2"
	"slices"
	"testing"
)

func changeAgain(groups []Group, l Level) (float64, Interval) {
	c := Compare(groups)
	return c.Change, c.Again(l)
}

func changeOver(groups []Group, l Level) (float64, Interval) {
	c := Compare(groups)
	return c.Change, c.Over(l)
}

func changeRanged(groups []Group, now, base Interval, l Level) (float64, Interval) {
	c := Compare(groups)
	return c.Change, c.Ranged(now, base, l)
}

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
		change, got := changeAgain([]Group{{c.now, c.base}}, c.level)
		if d := math.Abs(change - c.change); !(d <= 1e-9) {
			t.Errorf("got a change of %.17g, want %.17g", change, c.change)
		}
		agrees(t, got, c.low, c.high)
	}
	// Two samples of the same spread: t.interval(0.95, 2, 4, sqrt(2)) of SciPy.
	change, got := changeAgain([]Group{{[]float64{5, 7}, []float64{1, 3}}}, 0.95)
	if d := math.Abs(change - 4); !(d <= 1e-9) {
		t.Errorf("got a change of %.17g, want %.17g", change, 4.)
	}
	agrees(t, got, 4-math.Sqrt2*Level(0.95).t(2), 4+math.Sqrt2*Level(0.95).t(2))
	for _, g := range []Group{{[]float64{1}, []float64{1, 2}}, {[]float64{1, 2}, []float64{1}}} {
		if _, got := changeAgain([]Group{g}, 0.95); got != Unbounded() {
			t.Errorf("one value on a side: got %v, want no interval", got)
		}
	}
	alike := slices.Repeat([]float64{3}, 11)
	if _, got := changeAgain([]Group{{alike, alike}}, 0.95); got != (Interval{0, 0}) {
		t.Errorf("no spread: got %v, want 0 to 0", got)
	}
	if _, got := changeAgain([]Group{{alike[:10], alike}}, 0.95); got != Unbounded() {
		t.Errorf("ten equal values: got %v, want no interval", got)
	}
}

func TestPairedChangeOfTheSameGroupsGoesByTheErrorWithinThem(t *testing.T) {
	t.Parallel()
	// NumPy sums and scipy.stats.t.ppf with 5 degrees of freedom; one value in each is ttest_rel.
	for _, c := range []struct {
		groups            []Group
		change, low, high float64
	}{
		{[]Group{{[]float64{7, 8}, []float64{6, 7}}, {[]float64{3}, []float64{5}}, {[]float64{8, 9, 9}, []float64{7, 9}}},
			0.33333333333333304, -1.0146911537470853, 1.6813578204137514},
		{[]Group{{[]float64{5}, []float64{4}}, {[]float64{6}, []float64{4}}, {[]float64{7}, []float64{6.5}}},
			1.1666666666666667, -0.73062485013171274, 3.0639581834650462},
	} {
		change, got := changeAgain(c.groups, 0.95)
		if d := math.Abs(change - c.change); !(d <= 1e-9) {
			t.Errorf("got a change of %.17g, want %.17g", change, c.change)
		}
		agrees(t, got, c.low, c.high)
	}
}

func TestRangedChangeOfZerosAndOnesIsMadeOfTwoExactIntervals(t *testing.T) {
	t.Parallel()
	// d -/+ hypot of the distances of scipy.stats.beta.ppf's ends of Clopper and Pearson.
	of := func(hits, n int) []float64 {
		return append(slices.Repeat([]float64{0}, n-hits), slices.Repeat([]float64{1}, hits)...)
	}
	for _, c := range []struct {
		hits, n, baseHits, baseN int
		change, low, high        float64
	}{
		{9, 10, 14, 20, 0.2, -0.1896432855346189, 0.4616242821890818},
		{11, 11, 11, 11, 0, -0.28491415291815436, 0.28491415291815436},
		{0, 5, 3, 7, -0.42857142857142855, -0.8159484323599169, 0.188619853789663},
	} {
		change, got := changeRanged([]Group{{of(c.hits, c.n), of(c.baseHits, c.baseN)}}, Interval{0, 1}, Interval{0, 1}, 0.95)
		if d := math.Abs(change - c.change); !(d <= 1e-9) {
			t.Errorf("got a change of %.17g, want %.17g", change, c.change)
		}
		agrees(t, got, c.low, c.high)
	}
}

func TestRangedChangeStaysWithinItsRangeAndHasAWidth(t *testing.T) {
	t.Parallel()
	random := rand.New(rand.NewPCG(1, 2))
	some := func() (all []float64) {
		for range 1 + random.IntN(4) {
			all = append(all, float64(random.IntN(3))*4.5+1)
		}
		slices.Sort(all)
		return all
	}
	for range 300 {
		var groups []Group
		for range 1 + random.IntN(4) {
			groups = append(groups, Group{some(), some()})
		}
		change, i := changeRanged(groups, Interval{1, 10}, Interval{0, 10}, 0.95)
		if !(-9 <= i.Low && i.Low <= change && change <= i.High && i.High <= 10 && i.Low < i.High) {
			t.Fatalf("%v: got %v around %v", groups, i, change)
		}
		// A value that grows moves no end the other way.
		g := &groups[random.IntN(len(groups))]
		g.Now[len(g.Now)-1] = 10
		if _, more := changeRanged(groups, Interval{1, 10}, Interval{0, 10}, 0.95); more.Low < i.Low-1e-9 || more.High < i.High-1e-9 {
			t.Fatalf("%v: got %v after %v", groups, more, i)
		}
	}
}

// TestRangedChangeErrsAtMostOnItsLevel simulates runs of scenarios of other difficulty, without a true change.
func TestRangedChangeErrsAtMostOnItsLevel(t *testing.T) {
	t.Parallel()
	random := rand.New(rand.NewPCG(3, 4))
	const runs = 400
	below := 0
	draw := func(n int, p float64) (all []float64) {
		for range n {
			if random.Float64() < p {
				all = append(all, 100)
			} else {
				all = append(all, 0)
			}
		}
		slices.Sort(all)
		return all
	}
	for range runs {
		groups := []Group{{draw(8, 0.95), draw(4, 0.95)}, {draw(4, 0.5), draw(8, 0.5)}, {draw(3, 1), draw(3, 1)}}
		if _, i := changeRanged(groups, Interval{0, 100}, Interval{0, 100}, 0.95); i.Low > 0 {
			below++
		}
	}
	if share := float64(below) / runs; share > 0.025 {
		t.Errorf("the low end was above the true change in %.3f of the runs", share)
	}
}

func TestPairedChangeOverAgreesWithFirstPrinciples(t *testing.T) {
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
		change, got := changeOver(c.groups, c.level)
		if d := math.Abs(change - c.change); !(d <= 1e-9) {
			t.Errorf("got a change of %.17g, want %.17g", change, c.change)
		}
		agrees(t, got, c.low, c.high)
	}
}
