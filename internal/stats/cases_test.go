package stats

import (
	"math"
	"math/rand/v2"
	"slices"
	"testing"
)

func TestPassAllAndAnyCountChoices(t *testing.T) {
	t.Parallel()
	// By hand: itertools.combinations over the tries of each case.
	cases := []struct {
		cases    []Count
		k        int
		all, any float64
	}{
		{[]Count{{3, 3}}, 3, 100, 100},
		{[]Count{{2, 3}}, 3, 0, 100},
		{[]Count{{2, 3}}, 2, 100. / 3, 100},
		{[]Count{{1, 4}}, 2, 0, 50},
		{[]Count{{3, 3}, {2, 3}, {0, 3}, {1, 3}}, 1, 50, 50},
		{[]Count{{3, 3}, {2, 3}, {0, 3}, {1, 3}}, 2, 100. / 3, 100 * (1 + 1 + 2./3) / 4},
		{[]Count{{3, 3}, {4, 5}}, 3, 70, 100},
		{[]Count{{2, 2}, {3, 3}}, 3, 50, 50}, // two tries show nothing about three
		// Python: math.comb(90000, 3) / math.comb(100000, 3), and the same of 10000
		{[]Count{{90_000, 100_000}}, 3, 72.89975699612994, 100 * (1 - 0.000999730011700405)},
	}
	for _, c := range cases {
		if got := PassAll(c.cases, c.k, 0.95).Value; math.Abs(got-c.all) > 1e-9 {
			t.Errorf("pass^%d of %v: got %v, want %v", c.k, c.cases, got, c.all)
		}
		if got := PassAny(c.cases, c.k, 0.95).Value; math.Abs(got-c.any) > 1e-9 {
			t.Errorf("pass@%d of %v: got %v, want %v", c.k, c.cases, got, c.any)
		}
	}
	// Exact: 80 % is 80 %, from thirds.
	if got := PassAll([]Count{{3, 3}, {3, 3}, {3, 3}, {3, 3}, {2, 3}}, 3, 0.95); got.Against(80) != 0 {
		t.Errorf("got %v, want 80 exactly", got.Value)
	}
}

func TestPassAllAndAnyHaveTheIntervalOfTheirCases(t *testing.T) {
	t.Parallel()
	// With as many tries as k a case is passed or not.
	cases := repeatedCounts(Count{3, 3}, 19, Count{2, 3}, 1)
	got, exact := PassAll(cases, 3, 0.95), ClopperPearson(19, 20, 0.95)
	agrees(t, got.Interval, 100*exact.Low, 100*exact.High)
	// Otherwise each counts in part.
	cases = repeatedCounts(Count{5, 5}, 6, Count{4, 5}, 3, Count{1, 5}, 1)
	got = PassAll(cases, 2, 0.95)
	want := Gaffke(repeated(0, 1, 60, 3, 100, 6), 0, 100, 0.95)
	agrees(t, got.Interval, want.Low, want.High)
}

func TestMoreTriesAreHarderToPassAllAndEasierToPassAny(t *testing.T) {
	t.Parallel()
	r := rand.New(rand.NewPCG(6, 16))
	for range 100 {
		cases := make([]Count, 1+r.IntN(20))
		for i := range cases {
			total := 5 + r.IntN(10)
			cases[i] = Count{r.IntN(total + 1), total}
		}
		rate := PassAll(cases, 1, 0.95).Value
		if any := PassAny(cases, 1, 0.95).Value; any != rate {
			t.Errorf("%v: pass^1 %v, pass@1 %v", cases, rate, any)
		}
		all, some := rate, rate
		for k := 2; k <= 5; k++ {
			nextAll, nextSome := PassAll(cases, k, 0.95), PassAny(cases, k, 0.95)
			if nextAll.Value > all || nextSome.Value < some {
				t.Errorf("%v at %d: %v after %v, %v after %v", cases, k, nextAll.Value, all, nextSome.Value, some)
			}
			for _, s := range []Side{nextAll, nextSome} {
				if !(0 <= s.Low && s.Low <= s.Value+1e-9 && s.Value-1e-9 <= s.High && s.High <= 100 && s.Low < s.High) {
					t.Errorf("%v at %d: %v in %v", cases, k, s.Value, s.Interval)
				}
			}
			all, some = nextAll.Value, nextSome.Value
		}
	}
}

func TestPassAllIsRightOnAverage(t *testing.T) {
	t.Parallel()
	// Five tries that pass with 0.8 each: the estimate of pass^3 averages 0.8³, exactly summed.
	sumAll, sumAny := 0.0, 0.0
	for c := range 6 {
		p := atLeast(c, 5, 0.8) - atLeast(c+1, 5, 0.8)
		sumAll += p * PassAll([]Count{{c, 5}}, 3, 0.95).Value
		sumAny += p * PassAny([]Count{{c, 5}}, 3, 0.95).Value
	}
	if math.Abs(sumAll-51.2) > 1e-9 || math.Abs(sumAny-99.2) > 1e-9 {
		t.Errorf("on average %v and %v, want 51.2 and 99.2", sumAll, sumAny)
	}
}

// repeatedCounts is counts, each followed by its number of times.
func repeatedCounts(pairs ...any) []Count {
	var all []Count
	for i := 0; i < len(pairs); i += 2 {
		all = append(all, slices.Repeat([]Count{pairs[i].(Count)}, pairs[i+1].(int))...)
	}
	return all
}
