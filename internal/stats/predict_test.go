package stats

import (
	"math"
	"testing"
)

func TestDecidedByEndAgreesWithSciPy(t *testing.T) {
	t.Parallel()
	// The recursion over looks with scipy.stats.betabinom.pmf(hits, calls, 1+s, 1+n-s).
	looks := BarTest(0.9, 200, 0.95).Looks(every(20, 200))
	cases := []struct {
		hits []int
		want float64
	}{
		{nil, 0.91445460044583},
		{[]int{18}, 0.49240745162849026},
		{[]int{20}, 0.7885438129989845},
		{[]int{18, 36}, 0.30049341026577414},
		{[]int{18, 36, 54, 72}, 0.08904517877645544}, // under 1 in 10: give up
		{[]int{19, 38, 57, 76}, 0.6010658097457171},
		{[]int{18, 36, 54, 72, 90, 109, 127, 145, 163}, 5.2744678768821316e-08},
		{[]int{18, 36, 54, 72, 95, 114, 133, 152, 170}, 0.6602423791706769},
		{[]int{20, 40, 60}, 1},
		{[]int{18, 36, 54, 72, 90, 108, 126, 144, 162, 180}, 0},
	}
	for _, c := range cases {
		if got := DecidedByEnd(looks, c.hits); math.Abs(got-c.want) > 1e-9 {
			t.Errorf("%v: got %v, want %v", c.hits, got, c.want)
		}
	}
	// With tolerance, and many calls ahead.
	tolerance := ToleranceTest(0.95, 0.1, 93, 0.95).Looks([]int{20, 40, 60, 80, 93})
	if got := DecidedByEnd(tolerance, []int{19}); got < 0.8 || got > 1 {
		t.Errorf("with tolerance: got %v", got)
	}
	many := BarTest(0.9, 20_000, 0.95).Looks(every(1000, 20_000))
	if few, more := DecidedByEnd(many, []int{901}), DecidedByEnd(many, []int{915}); !(0.5 < few && few < more && more < 1) {
		t.Errorf("20,000 calls: got %v near the bar, %v above it", few, more)
	}
}

func TestMoreCallsAgreesWithSciPy(t *testing.T) {
	t.Parallel()
	// The sum of scipy.stats.binom.pmf over the hits that decide first reaches 0.8, after less, at
	// any of these numbers of calls.
	cases := []struct {
		hits, total int
		bound       float64
		ups         []int
	}{
		{19, 20, 0.9, []int{197, 209, 222}},
		{57, 60, 0.9, []int{144, 157, 169}},
		{85, 100, 0.9, []int{163, 170, 177, 185, 192}},
		{20, 20, 0.95, []int{53}},
		{18, 20, 0.95, []int{146, 157, 169}},
	}
	for _, c := range cases {
		got := MoreCalls(c.hits, c.total, c.bound, 0.95)
		found := false
		for _, up := range c.ups {
			found = found || got == up
		}
		if !found {
			t.Errorf("%d of %d at %v: got %d, want one of %v", c.hits, c.total, c.bound, got, c.ups)
		}
	}
	for _, c := range []struct {
		hits, total int
		bound       float64
	}{{18, 20, 0.9}, {90_000_001, 100_000_000, 0.9}, {20, 20, 1}, {0, 20, 0}} {
		if got := MoreCalls(c.hits, c.total, c.bound, 0.95); got != 0 {
			t.Errorf("%d of %d at %v: got %d, want 0: no number decides", c.hits, c.total, c.bound, got)
		}
	}
}

func TestMoreCallsAreMoreThanHalfOfRunsNeed(t *testing.T) {
	t.Parallel()
	// Where the measured share itself would decide is right in about half of the runs.
	for _, c := range []struct {
		hits, total int
		bound       float64
	}{{19, 20, 0.9}, {85, 100, 0.9}, {50, 100, 0.6}} {
		p, z := float64(c.hits)/float64(c.total), Level(0.95).z()
		half := z*z*c.bound*(1-c.bound)/((p-c.bound)*(p-c.bound)) - float64(c.total)
		if got := MoreCalls(c.hits, c.total, c.bound, 0.95); float64(got) < 1.2*half {
			t.Errorf("%d of %d at %v: got %d, want more than %v", c.hits, c.total, c.bound, got, half)
		}
	}
}

func TestMoreValuesDecideInFourOfFiveRuns(t *testing.T) {
	t.Parallel()
	// 20 values of standard deviation 1, half wide 1.96/√20, and a bound half a standard deviation away: a
	// test at 95 % with a power of 80 % takes ((1.96+0.84)/0.5)² = 31.4 values.
	half := 1.959964 / math.Sqrt(20)
	cases := []struct {
		n              int
		half, distance float64
		want           int
	}{
		{20, half, 0.5, 12}, {20, half, -0.5, 12}, {20, half, 10, 1}, {20, half, 0, 0}, {20, math.Inf(1), 1, 0}, {20, 0, 1, 1},
	}
	for _, c := range cases {
		if got := MoreValues(c.n, c.half, c.distance, 0.95); got != c.want {
			t.Errorf("%d values, ±%v, %v away: got %d, want %d", c.n, c.half, c.distance, got, c.want)
		}
	}
}

// The states in which a run is given up are those whose chance to be decided later is too small, by the sum
// for a single one.
func TestARunIsGivenUpWhereItsChanceIsTooSmall(t *testing.T) {
	t.Parallel()
	const least = 0.1
	for _, looks := range [][]Look{
		BarTest(0.9, 200, 0.95).Looks([]int{20, 40, 60, 80, 100, 120, 140, 160, 180, 200}),
		BarTest(0.5, 9, 0.9).Looks([]int{1, 3, 9}),
		ToleranceTest(0.95, 0.1, 100, 0.95).Looks([]int{25, 50, 100}),
	} {
		course := GivingUp(looks, least)
		for i, l := range looks[:len(looks)-1] {
			for hits := l.Fail + 1; hits < l.Pass; hits++ {
				chance := DecidedByEnd(looks[i:], []int{hits})
				given := course.hopeless[i]
				if math.Abs(chance-least) > 1e-6 && (chance < least) != (given.low <= hits && hits <= given.high) {
					t.Errorf("%d of %d: a chance of %v, given up from %d to %d", hits, l.Calls, chance, given.low, given.high)
				}
			}
		}
		for _, rate := range []float64{0, 0.3, 0.9, 0.97, 1} {
			all, some := GivingUp(looks, 0).Chances(rate), course.Chances(rate)
			if sum := some.Pass + some.Fail + some.Open; math.Abs(sum-1) > 1e-9 || some.Pass > all.Pass+1e-12 || some.Fail > all.Fail+1e-12 || some.Calls > all.Calls+1e-9 {
				t.Errorf("at %v: got %+v, without giving up %+v", rate, some, all)
			}
		}
	}
}
