package stats

import (
	"fmt"
	"math"
	"math/rand/v2"
	"slices"
	"testing"
)

func TestRateOverAgreesWithFirstPrinciples(t *testing.T) {
	t.Parallel()
	// NumPy: the roots of (p-q)² = t²·q(1-q)/effective calls, with scipy.stats.t.ppf.
	cases := []struct {
		scenarios []Count
		level     Level
		low, high float64
	}{
		{[]Count{{5, 5}, {4, 5}, {5, 5}, {0, 5}, {5, 5}, {5, 5}}, 0.95, 0.3132541576895068, 0.9722813063709471},
		{[]Count{{9, 10}, {20, 20}, {3, 5}, {7, 7}, {1, 2}, {1, 1}, {8, 10}}, 0.9, 0.6279685789589715, 0.9753160862193104},
	}
	for _, c := range cases {
		agrees(t, RateOver(c.scenarios, c.level), c.low, c.high)
	}
	all := make([]Count, 12)
	for i := range all {
		all[i] = Count{10, 10}
	}
	agrees(t, RateOver(all, 0.95), 0.712405655620501, 1)
}

func TestRateOverScenariosIsWiderThanOverCalls(t *testing.T) {
	t.Parallel()
	r := rand.New(rand.NewPCG(1, 16))
	for range 200 {
		scenarios := make([]Count, 2+r.IntN(20))
		var misses []Count
		hits, n := 0, 0
		for i := range scenarios {
			total := 1 + r.IntN(10)
			scenarios[i] = Count{r.IntN(total + 1), total}
			misses = append(misses, Count{total - scenarios[i].Hits, total})
			hits, n = hits+scenarios[i].Hits, n+total
		}
		calls, last := Wilson(hits, n, 0.95), Interval{1, 0}
		for _, level := range []Level{0.5, 0.9, 0.95, 0.999} {
			got, mirrored := RateOver(scenarios, level), RateOver(misses, level)
			p := float64(hits) / float64(n)
			if !(0 <= got.Low && got.Low <= p && p <= got.High && got.High <= 1 && got.Low <= last.Low && got.High >= last.High) {
				t.Errorf("%v: %v at %v, after %v", scenarios, got, level, last)
			}
			if level == 0.95 && (got.Low > calls.Low || got.High < calls.High) {
				t.Errorf("%v: %v, and %v over the calls", scenarios, got, calls)
			}
			agrees(t, mirrored, 1-got.High, 1-got.Low)
			last = got
		}
	}
}

// agents are true rates of a scenario drawn at random.
var agents = []struct {
	name string
	mean float64
	rate func(r *rand.Rand) float64
}{
	{"all scenarios 90 %", 0.9, func(*rand.Rand) float64 { return 0.9 }},
	{"even from 80 to 100 %", 0.9, func(r *rand.Rand) float64 { return 0.8 + 0.2*r.Float64() }},
	{"mostly near 100 %, some far below", 0.9, func(r *rand.Rand) float64 { return math.Pow(r.Float64(), 1.0/9) }},
	{"10 % of scenarios never work", 0.9, func(r *rand.Rand) float64 { return yes(r, 0.9) }},
	{"10 % never work, others 99 %", 0.891, func(r *rand.Rand) float64 { return 0.99 * yes(r, 0.9) }},
}

func TestRateOverScenariosPassesLittleByChance(t *testing.T) {
	t.Parallel()
	for a, agent := range agents {
		for _, scenarios := range []int{10, 20, 50} {
			for _, calls := range []int{5, 20} {
				r := rand.New(rand.NewPCG(uint64(1000*a+10*scenarios+calls), 16))
				var above, below, unaware float64
				for range *tableRuns {
					counts := make([]Count, scenarios)
					hits := 0
					for i := range counts {
						counts[i] = Count{hitsOf(r, calls, agent.rate(r)), calls}
						hits += counts[i].Hits
					}
					got := RateOver(counts, 0.95)
					above += oneIf(got.Low > agent.mean)
					below += oneIf(got.High < agent.mean)
					unaware += oneIf(Wilson(hits, scenarios*calls, 0.95).Low > agent.mean)
				}
				percent := func(n float64) float64 { return 100 * n / float64(*tableRuns) }
				t.Logf("%-34s %2d scenarios, %2d calls: above the rate %4.2f %%, below %4.2f %%; Wilson above %5.2f %%",
					agent.name, scenarios, calls, percent(above), percent(below), percent(unaware))
				if most := mostOf(4); percent(above) > most {
					t.Errorf("%s, %d scenarios, %d calls: above the true rate in %v %% of runs, want at most %v", agent.name, scenarios, calls, percent(above), most)
				}
			}
		}
	}
}

func oneIf(b bool) float64 {
	if b {
		return 1
	}
	return 0
}

func TestLogMeanIntervalAgreesWithSciPy(t *testing.T) {
	t.Parallel()
	// m·exp(±scipy.stats.t.ppf(0.975, 5)·se/m)
	got := LogMeanInterval([]float64{0.02, 0.03, 0.03, 0.05, 0.11, 0.4}, nil, 0.95)
	agrees(t, got, 0.02503289021716952, 0.4545131496631582)
	if got := LogMeanInterval([]float64{3}, nil, 0.95); got != (Interval{0, math.Inf(1)}) {
		t.Errorf("one value: got %v", got)
	}
	zeros := make([]float64, 20)
	if got := LogMeanInterval(zeros, nil, 0.95); got != (Interval{0, 0}) {
		t.Errorf("only zeros: got %v", got)
	}
	// The groups count as they do for MeanInterval.
	groups := [][]float64{{1, 1, 2}, {5, 6, 6}, {9, 9, 11}}
	all := []float64{1, 1, 2, 5, 6, 6, 9, 9, 11}
	grouped, alone := LogMeanInterval(all, groups, 0.95), LogMeanInterval(all, nil, 0.95)
	if !(grouped.Low < alone.Low && grouped.High > alone.High) {
		t.Errorf("got %v over groups, %v over values", grouped, alone)
	}
}

func TestLogMeanIntervalIsBetterPlacedThanT(t *testing.T) {
	t.Parallel()
	const n = 20
	for _, shape := range []struct {
		name string
		mean float64
		draw func(r *rand.Rand) float64
	}{
		{"log-normal", math.Exp(0.5), func(r *rand.Rand) float64 { return math.Exp(r.NormFloat64()) }},
		{"exponential", 1, (*rand.Rand).ExpFloat64},
	} {
		r := rand.New(rand.NewPCG(2, 16))
		var log, plain float64
		for range 1000 {
			values := make([]float64, n)
			for i := range values {
				values[i] = shape.draw(r)
			}
			log += oneIf(LogMeanInterval(values, nil, 0.95).High < shape.mean)
			plain += oneIf(MeanInterval(values, nil, 0.95).High < shape.mean)
		}
		if got := fmt.Sprintf("%.1f %% instead of %.1f %%", log/10, plain/10); log > 0.8*plain {
			t.Errorf("%s: below the mean in %s", shape.name, got)
		}
	}
}

func TestNoFillingLeavesTheIntervalsThatHoldAnyOfThem(t *testing.T) {
	t.Parallel()
	r := rand.New(rand.NewPCG(7, 16))
	for range 300 {
		g := 2 + r.IntN(8)
		scenarios, unknown := make([]Count, g), make([]int, g)
		for i := range scenarios {
			total := 1 + r.IntN(5)
			if unknown[i] = r.IntN(total + 1); i < 2 {
				unknown[i] = r.IntN(total)
			}
			scenarios[i] = Count{r.IntN(total - unknown[i] + 1), total}
		}
		rates := RateOverAny(scenarios, unknown, 0.95)
		values := make([]Values, g)
		for i, s := range scenarios {
			values[i] = Values{s.Total, unknown[i], float64(s.Hits), float64(s.Hits + unknown[i])}
		}
		means := MeanOverAny(values, 0.95)
		for range 50 {
			filled := slices.Clone(scenarios)
			groups := make([][]float64, g)
			var all []float64
			for i := range filled {
				gone := 0 // they turn out not to count
				if i > 1 || filled[i].Total-unknown[i] > 0 {
					gone = r.IntN(unknown[i] + 1)
				}
				filled[i].Hits += r.IntN(unknown[i] - gone + 1)
				filled[i].Total -= gone
				groups[i] = append(make([]float64, filled[i].Total-filled[i].Hits), slices.Repeat([]float64{1}, filled[i].Hits)...)
				all = append(all, groups[i]...)
			}
			slices.Sort(all)
			filled = slices.DeleteFunc(filled, func(c Count) bool { return c.Total == 0 })
			groups = slices.DeleteFunc(groups, func(g []float64) bool { return len(g) == 0 })
			if i := RateOver(filled, 0.95); i.Low < rates.Low-1e-12 || i.High > rates.High+1e-12 {
				t.Fatalf("%v of %v with %v unknown: %v is outside %v", filled, scenarios, unknown, i, rates)
			}
			m := MeanOverAny(exactly(groups), 0.95)
			if m.Low < means.Low-1e-12 || m.High > means.High+1e-12 {
				t.Fatalf("%v of %v with %v unknown: mean %v is outside %v", filled, scenarios, unknown, m, means)
			}
			// The interval of the values is that of the scenarios, or the wider one of the calls.
			if i := MeanInterval(all, groups, 0.95); len(all) > 2 && (i.Low > m.Low+1e-12 || i.High < m.High-1e-12) {
				t.Fatalf("%v: got %v for the mean, want %v at least", groups, i, m)
			}
		}
		want := RateOver(scenarios, 0.95)
		agrees(t, RateOverAny(scenarios, make([]int, g), 0.95), want.Low, want.High)
	}
}

// exactly is groups of which all values are known.
func exactly(groups [][]float64) []Values {
	var all []Values
	for _, g := range groups {
		all = append(all, Values{len(g), 0, Sum(g), Sum(g)})
	}
	return all
}
