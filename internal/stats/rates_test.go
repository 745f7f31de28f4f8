package stats

import (
	"fmt"
	"math"
	"math/rand/v2"
	"slices"
	"testing"
)

func TestPairedRatesAgreeWithTheLikelihood(t *testing.T) {
	t.Parallel()
	// SciPy: brentq over the difference of the score statistic, whose nuisance rate is in turn
	// a root of the likelihood's slope. 9, 3, 30 and others stand in Tango's paper.
	cases := []struct {
		gained, lost, pairs int
		low, high           float64
	}{
		{9, 3, 30, -0.028759144912106113, 0.4117293480059116},
		{0, 0, 20, -0.16112515805282834, 0.16112515805282834},
		{5, 0, 20, 0.04859355243398891, 0.468700877618744},
		{43, 50, 500, -0.052377607143789404, 0.02414196809445254},
		{1, 4, 12, -0.5650768868714553, 0.1326279607004575},
	}
	for _, c := range cases {
		got := PairedRates(c.gained, c.lost, c.pairs, 0.95)
		agrees(t, got.Interval, 100*c.low, 100*c.high)
		if want := Ratio(c.gained, c.pairs).Value - Ratio(c.lost, c.pairs).Value; !Same(got.Value, want) {
			t.Errorf("got a change of %v, want %v", got.Value, want)
		}
	}
}

func TestRateChangeWithinAgreesWithTheLikelihood(t *testing.T) {
	t.Parallel()
	cases := []struct {
		strata    []Stratum
		low, high float64
	}{
		// One stratum: R. G. Newcombe (1998), table II, method 6.
		{[]Stratum{{56, 70, 48, 80}}, 0.05282971324584467, 0.3381729400158684},
		{[]Stratum{{9, 10, 3, 10}}, 0.17002501642439885, 0.8406495439433284},
		{[]Stratum{{20, 20, 18, 20}}, -0.07313417272830354, 0.30419818247945946},
		// Several: SciPy, brentq over the difference and inside it over the rates.
		{[]Stratum{{18, 20, 25, 40}, {9, 30, 4, 10}, {3, 3, 4, 5}}, -0.1661787490599881, 0.24621537089256215},
		{[]Stratum{{1, 1, 0, 1}, {1, 1, 1, 1}, {0, 1, 0, 1}, {1, 1, 1, 1}, {0, 1, 1, 2}}, -0.5105623522475845, 0.6769046211440547},
		{[]Stratum{{40, 40, 10, 10}, {5, 10, 20, 40}}, -0.10286256157756997, 0.2169223146816286},
	}
	for _, c := range cases {
		agrees(t, RateChangeWithin(c.strata, 0.95).Interval, 100*c.low, 100*c.high)
	}
}

func TestOtherNumbersOfCallsAreNoChange(t *testing.T) {
	t.Parallel()
	// 100 % and 50 % in both runs; all calls together would be 92 % after 60 %.
	strata := []Stratum{{50, 50, 10, 10}, {5, 10, 20, 40}, {1, 3, 3, 9}}
	got := RateChangeWithin(strata, 0.95)
	if got.Value != 0 || got.Against(0) != 0 || !(got.Low < 0 && got.High > 0) {
		t.Errorf("got %v, %v, want 0 exactly", got.Value, got.Interval)
	}
	slices.Reverse(strata)
	if again := RateChangeWithin(strata, 0.95); again.Interval != got.Interval {
		t.Errorf("got %v, in another order %v", got.Interval, again.Interval)
	}
}

// FuzzRateChange holds for both kinds of change: in range, around the change, monotone in the level,
// mirrored when hits and misses are exchanged; pairs also when now and before are.
func FuzzRateChange(f *testing.F) {
	for seed := range uint64(60) {
		f.Add(seed)
	}
	f.Fuzz(func(t *testing.T, seed uint64) {
		r := rand.New(rand.NewPCG(seed, 16))
		var strata, misses []Stratum
		for range 1 + r.IntN(6) {
			n, m := 1+r.IntN(12), 1+r.IntN(12)
			s := Stratum{r.IntN(n + 1), n, r.IntN(m + 1), m}
			strata = append(strata, s)
			misses = append(misses, Stratum{n - s.Hits, n, m - s.BaseHits, m})
		}
		b, c := r.IntN(9), r.IntN(9)
		n := b + c + 1 + r.IntN(20)
		within := func(l Level) Side { return RateChangeWithin(strata, l) }
		pairs := func(l Level) Side { return PairedRates(b, c, n, l) }
		for name, change := range map[string]func(Level) Side{"strata": within, "pairs": pairs} {
			last := Interval{math.Inf(1), math.Inf(-1)}
			for _, l := range []Level{0.5, 0.9, 0.95, 0.9999} {
				got := change(l)
				if !(-100 <= got.Low && got.Low <= got.Value && got.Value <= got.High && got.High <= 100 && got.Low < got.High) {
					t.Errorf("%s %v %d/%d/%d at %v: %v in %v", name, strata, b, c, n, l, got.Value, got.Interval)
				}
				if got.Low > last.Low || got.High < last.High {
					t.Errorf("%s %v %d/%d/%d: at %v %v, below that %v", name, strata, b, c, n, l, got.Interval, last)
				}
				last = got.Interval
			}
		}
		got, other := within(0.95), RateChangeWithin(misses, 0.95)
		agrees(t, other.Interval, -got.High, -got.Low)
		got, other = pairs(0.95), PairedRates(c, b, n, 0.95)
		agrees(t, other.Interval, -got.High, -got.Low)
	})
}

func TestChangesOfRatesErrAtMostOnTheirLevel(t *testing.T) {
	t.Parallel()
	// Nothing changed: true rates per scenario, calls now and before. Score intervals hold on
	// average, not for each rate, hence a point more than 5 %.
	cases := []struct {
		rates     []float64
		now, base int
	}{
		{[]float64{0.9}, 50, 50},
		{[]float64{1, 0.95, 0.9, 0.5}, 20, 10},
		{slices.Repeat([]float64{0.9, 0.5}, 10), 5, 2},
		{slices.Repeat([]float64{0.95, 0.7}, 25), 1, 1},
		{slices.Repeat([]float64{0.98}, 20), 3, 3},
	}
	for i, c := range cases {
		t.Run(fmt.Sprint(len(c.rates), " scenarios"), func(t *testing.T) {
			t.Parallel()
			r := rand.New(rand.NewPCG(uint64(i), 16))
			wrong := 0.0
			for range *tableRuns {
				var strata []Stratum
				for _, p := range c.rates {
					strata = append(strata, Stratum{hitsOf(r, c.now, p), c.now, hitsOf(r, c.base, p), c.base})
				}
				if got := RateChangeWithin(strata, 0.95); got.Low > 0 || got.High < 0 {
					wrong++
				}
			}
			share := 100 * wrong / float64(*tableRuns)
			t.Logf("%d scenarios, %d and %d calls each: %.2f %%", len(c.rates), c.now, c.base, share)
			if most := mostOf(6); share > most {
				t.Errorf("%v %% of the intervals are beside the change, want at most %v", share, most)
			}
		})
	}
}

// hitsOf draws the number of hits in n tries.
func hitsOf(r *rand.Rand, n int, p float64) int {
	hits := 0.0
	for range n {
		hits += yes(r, p)
	}
	return int(hits)
}
