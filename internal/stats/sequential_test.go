package stats

import (
	"math"
	"math/rand/v2"
	"slices"
	"testing"
)

// bounds are the looks as users see them: calls, least hits that pass, most that fail.
func bounds(looks []Look) [][3]int {
	var all [][3]int
	for _, l := range looks {
		all = append(all, [3]int{l.Calls, l.Pass, l.Fail})
	}
	return all
}

func TestLooksAgreeWithSciPy(t *testing.T) {
	t.Parallel()
	// The same recursion over dictionaries, with scipy.stats.binom.pmf.
	cases := []struct {
		test       Test
		want       [][3]int
		pass, fail float64 // how often a rate at the bar is decided
	}{
		{ // the example of docs/statistics.md
			BarTest(0.9, 200, 0.95),
			[][3]int{{20, 21, 11}, {40, 41, 28}, {60, 60, 46}, {80, 79, 63}, {100, 98, 81}, {120, 116, 98}, {140, 135, 116}, {160, 153, 134}, {180, 171, 152}, {200, 189, 170}},
			0.024949370432856458, 0.024027367147329916,
		},
		{ // unequal
			BarTest(0.8, 150, 0.99),
			[][3]int{{7, 8, -1}, {30, 31, 14}, {31, 32, 15}, {90, 83, 59}, {150, 133, 106}},
			0.00429829382160189, 0.00460257401901893,
		},
		{ // ended early
			BarTest(0.5, 80, 0.9),
			[][3]int{{12, 12, 0}, {25, 20, 5}, {60, 38, 22}},
			0.027029291741444143, 0.027029291741444146,
		},
		{
			ToleranceTest(0.95, 0.1, 93, 0.95),
			[][3]int{{20, 21, 14}, {40, 40, 33}, {60, 57, 52}, {80, 75, 71}, {93, 86, 84}},
			0.03335075216843847, 0.04311765973073177,
		},
	}
	for _, c := range cases {
		var calls []int
		for _, w := range c.want {
			calls = append(calls, w[0])
		}
		looks := c.test.Looks(calls)
		if got := bounds(looks); !slices.Equal(got, c.want) {
			t.Errorf("got %v, want %v", got, c.want)
		}
		pass, fail := GivingUp(looks, 0).Chances(c.test.notAbove).Pass, GivingUp(looks, 0).Chances(c.test.notBelow).Fail
		if math.Abs(pass-c.pass) > 1e-12 || math.Abs(fail-c.fail) > 1e-12 {
			t.Errorf("%v: wrong in %.17g and %.17g, want %v and %v", c.want, pass, fail, c.pass, c.fail)
		}
	}
}

func TestChancesAgreeWithSciPy(t *testing.T) {
	t.Parallel()
	bar := BarTest(0.9, 200, 0.95).Looks(every(20, 200))
	tolerance := ToleranceTest(0.95, 0.1, 93, 0.95).Looks([]int{20, 40, 60, 80, 93})
	cases := []struct {
		looks []Look
		rate  float64
		want  Chances
	}{
		{bar, 0.97, Chances{0.983905786773286, 6.049637010239308e-09, 0.016094207177076297, 113.70547590453174}},
		{bar, 0.9, Chances{0.024949370432856458, 0.024027367147329916, 0.9510232624198103, 197.58591133735558}},
		{bar, 0.8, Chances{1.918773713522033e-06, 0.9756947429272845, 0.02430333829900129, 100.3155942541868}},
		{tolerance, 0.97, Chances{0.9938457660474141, 0.002050229454773243, 0.004104004497812227, 56.53499205058623}},
		{tolerance, 0.9, Chances{0.30960564034942417, 0.582932666237654, 0.10746169341292065, 74.32942675959298}},
	}
	for _, c := range cases {
		got := GivingUp(c.looks, 0).Chances(c.rate)
		for _, d := range []float64{got.Pass - c.want.Pass, got.Fail - c.want.Fail, got.Open - c.want.Open, (got.Calls - c.want.Calls) / 200} {
			if math.Abs(d) > 1e-12 {
				t.Errorf("%v: got %v, want %v", c.rate, got, c.want)
			}
		}
	}
}

func TestOneLookWithTolerance(t *testing.T) {
	t.Parallel()
	// At a bar of 95 with a tolerance of 10, nothing stays open from 93 calls on, or, since results
	// are whole numbers, hardly anything.
	for n := range 300 {
		look := ToleranceTest(0.95, 0.1, n, 0.95).Looks([]int{n})[0]
		open := look.Pass - look.Fail - 1
		if n < 93 && open == 0 || n == 93 && open > 0 || n > 93 && open > 1 || n > 101 && open > 0 {
			t.Errorf("%d calls: %d results stay open", n, open)
		}
	}
	look := ToleranceTest(0.95, 0.1, 40, 0.95).Looks([]int{40})[0]
	// scipy.stats: binom.sf(37, 40, 0.85) = 0.0486, binom.cdf(35, 40, 0.95) = 0.0480
	if look.Pass != 38 || look.Fail != 35 {
		t.Errorf("40 calls: got %+v, want 38 to pass and 35 to fail", look)
	}
	everything := ToleranceTest(0.05, 0.1, 40, 0.95).Looks([]int{20, 40})
	for _, l := range everything {
		if l.Pass != 0 || l.Fail != -1 {
			t.Errorf("a tolerance beyond the bar: got %+v, want everything to pass", l)
		}
	}
}

func TestBarsThatCannotBeShown(t *testing.T) {
	t.Parallel()
	// No number of calls shows that a rate is above 100 %; one miss shows that it is below.
	for _, l := range BarTest(1, 100, 0.95).Looks([]int{0, 10, 100}) {
		if l.Pass != l.Calls+1 || l.Fail != l.Calls-1 {
			t.Errorf("bar 100 %%: got %+v", l)
		}
	}
	for _, l := range BarTest(0, 100, 0.95).Looks([]int{0, 10, 100}) {
		if l.Pass != 1 || l.Fail != -1 {
			t.Errorf("bar 0 %%: got %+v", l)
		}
	}
}

// FuzzLooks holds for any test what it promises: the errors, an interval that says what was decided,
// bounds that do not depend on later looks.
func FuzzLooks(f *testing.F) {
	for seed := range uint64(60) {
		f.Add(seed)
	}
	f.Fuzz(func(t *testing.T, seed uint64) {
		r := rand.New(rand.NewPCG(seed, 16))
		var calls []int
		n := 0
		for range 1 + r.IntN(8) {
			n += r.IntN(60)
			calls = append(calls, n)
		}
		bar := []float64{0.5, 0.8, 0.9, 0.95, 0.99, 1, r.Float64()}[r.IntN(7)]
		level := []Level{0.5, 0.8, 0.95, 0.99, 0.9999}[r.IntN(5)]
		planned := n + r.IntN(2)*r.IntN(200)
		test := BarTest(bar, planned, level)
		if r.IntN(2) == 0 {
			test = ToleranceTest(bar, bar*r.Float64(), planned, level)
		}
		looks := test.Looks(calls)
		if got := test.Looks(calls[:len(calls)/2]); !slices.Equal(got, looks[:len(calls)/2]) {
			t.Errorf("%+v at %v: later looks change %v to %v", test, calls, got, looks)
		}
		if got := GivingUp(looks, 0).Chances(test.notAbove).Pass; got > test.err*(1+1e-9) {
			t.Errorf("%+v at %v: passes in %v, want at most %v", test, calls, got, test.err)
		}
		if got := GivingUp(looks, 0).Chances(test.notBelow).Fail; got > test.err*(1+1e-9) {
			t.Errorf("%+v at %v: fails in %v, want at most %v", test, calls, got, test.err)
		}
		for k, l := range looks {
			if k > 0 && looks[k-1].Pass == looks[k-1].Fail+1 {
				break // everything is decided
			}
			if l.Fail >= l.Pass || l.Fail < -1 || l.Pass > l.Calls+1 {
				t.Errorf("%+v at %v: %+v", test, calls, l)
			}
			last := Interval{-1, -1}
			for hits := 0; hits <= l.Calls && l.Calls > 0; hits++ {
				got := l.Interval(hits)
				p := float64(hits) / float64(l.Calls)
				if !(last.Low <= got.Low && got.Low <= p && p <= got.High && last.High <= got.High && got.High <= 1) {
					t.Errorf("%+v at %+v: %d hits %v, one less %v", test, l, hits, got, last)
				}
				if (got.Low > test.notAbove) != (hits >= l.Pass) || (got.High < test.notBelow && hits < l.Pass) != (hits <= l.Fail) {
					t.Errorf("%+v at %+v: %d hits have %v", test, l, hits, got)
				}
				last = got
			}
		}
	})
}

func TestWhatIsShownErrsAtMostOnItsLevelForAnyRate(t *testing.T) {
	t.Parallel()
	// Exact: how often the interval at the look that decides, or at the last one, is beside the
	// true rate. The bar is one rate; this holds for the others.
	for _, bar := range []float64{0.5, 0.8, 0.9, 0.95, 0.99} {
		looks := BarTest(bar, 200, 0.95).Looks(every(20, 200))
		for rate := 0.02; rate < 1; rate += 0.02 {
			open, calls := certain(0), 0
			above, below := 0.0, 0.0
			for k, l := range looks {
				open = open.plus(binomial(l.Calls-calls, rate))
				for i, p := range open.p {
					hits := open.first + i
					if l.Fail < hits && hits < l.Pass && k < len(looks)-1 {
						continue
					}
					got := l.Interval(hits)
					above += p * oneIf(got.Low > rate)
					below += p * oneIf(got.High < rate)
				}
				open, calls = open.between(l.Fail, l.Pass), l.Calls
			}
			if above > 0.025 || below > 0.025 {
				t.Errorf("bar %v, rate %.2f: above it in %v, below it in %v", bar, rate, above, below)
			}
		}
	}
}

func TestADecisionStays(t *testing.T) {
	t.Parallel()
	looks := BarTest(0.9, 200, 0.95).Looks(every(20, 200))
	cases := []struct {
		hits   []int
		at     int
		passes bool
	}{
		{nil, -1, false},
		{[]int{20, 40}, -1, false},
		{[]int{20, 40, 60}, 2, true},
		{[]int{20, 40, 60, 60, 60, 60}, 2, true},
		{[]int{11, 31, 51}, 0, false},
		{[]int{18, 36, 54, 72, 90, 108, 126, 144, 162, 180}, -1, false},
		{[]int{18, 36, 54, 74, 93, 113, 132, 151, 170, 189}, 9, true},
	}
	for _, c := range cases {
		if at, passes := Decided(looks, c.hits); at != c.at || passes != c.passes {
			t.Errorf("%v: got look %d, passes %v, want %d, %v", c.hits, at, passes, c.at, c.passes)
		}
	}
}

func TestSpentLevelsAddUp(t *testing.T) {
	t.Parallel()
	sum, before := 0.0, 0
	for _, now := range []int{7, 30, 30, 90, 150, 160} {
		level := Level(0.95).Spent(before, now, 150)
		if level < 0.95 || level > 1 {
			t.Errorf("from %d to %d: level %v", before, now, level)
		}
		sum += 1 - float64(level)
		before = now
	}
	if math.Abs(sum-0.05) > 1e-12 {
		t.Errorf("spent %v, want 0.05", sum)
	}
	if got := Level(0.95).Spent(0, 150, 150); math.Abs(float64(got-0.95)) > 1e-15 {
		t.Errorf("the only look: got %v", got)
	}
}

func TestFixedLookFindsTheBounds(t *testing.T) {
	t.Parallel()
	rule := func(n int) Look {
		return FixedLook(n, func(k int) bool { return Wilson(k, n, 0.95).Low >= 0.9 }, func(k int) bool { return Wilson(k, n, 0.95).High < 0.9 })
	}
	if got := rule(20); got.Pass != 21 || got.Fail != 15 {
		t.Errorf("20 calls: got %+v, want no pass, and fail at 15", got)
	}
	if got := rule(100); got.Pass != 96 || got.Fail != 84 {
		t.Errorf("100 calls: got %+v, want pass at 96 and fail at 84", got)
	}
	// scipy.stats.binom.sf(95, 100, 0.97)
	got := GivingUp([]Look{rule(100)}, 0).Chances(0.97)
	if math.Abs(got.Pass-0.81785) > 1e-5 || got.Calls != 100 {
		t.Errorf("100 calls at 97 %%: got %+v", got)
	}
}

func TestManyCallsTakeLittleTime(t *testing.T) {
	t.Parallel()
	looks := BarTest(0.9, 400_000, 0.95).Looks(every(20_000, 400_000))
	got := GivingUp(looks, 0).Chances(0.9)
	if got.Pass > 0.025 || got.Pass < 0.024 || got.Fail > 0.025 || got.Fail < 0.024 {
		t.Errorf("20 looks at 400,000 calls: wrong in %v and %v, want a little less than 0.025", got.Pass, got.Fail)
	}
}

// every are the multiples of a number up to the last.
func every(step, last int) []int {
	var all []int
	for n := step; n <= last; n += step {
		all = append(all, n)
	}
	return all
}

func BenchmarkLooks(b *testing.B) {
	for b.Loop() {
		BarTest(0.9, 2000, 0.95).Looks(every(100, 2000))
	}
}
