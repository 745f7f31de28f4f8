package stats

import (
	"math"
	"slices"
)

// Count is how many calls of one scenario, or of one case, are hits, of at least one call.
type Count struct{ Hits, Total int }

// doubt is the number of misses (or hits, if there are fewer) whose distribution over the scenarios
// says as much as the suspicion that all calls of a scenario end alike. Without it, ten scenarios that
// happen to miss the one that never works pass a bar above the true rate in a third of all runs.
const doubt = 4

// RateOver is the interval of the rate of hits, as fractions, if the scenarios are a sample: the rate
// in scenarios like these, over their calls. It is [Wilson]'s with the effective number of calls and a
// t quantile with one degree of freedom less than scenarios (E. L. Korn and B. I. Graubard, 1998).
//
// The effective number is the calls divided by the design effect: how many times as much the rate
// varies over the scenarios (its cluster-robust variance, CR1) as that of independent calls, at least
// 1. With few misses that is hardly known, and the estimate is drawn to the largest possible effect,
// as if each scenario were one call; entirely so without a miss. There are at least two scenarios,
// independent of each other and of no influence on how many calls each gets.
func RateOver(scenarios []Count, l Level) Interval {
	hits, calls := 0, 0
	for _, s := range scenarios {
		hits += s.Hits
		calls += s.Total
	}
	g, n := float64(len(scenarios)), float64(calls)
	p := float64(hits) / n
	effect := 1.0
	if 0 < hits && hits < calls {
		residuals := make([]float64, len(scenarios))
		for i, s := range scenarios {
			residuals[i] = float64(s.Hits) - p*float64(s.Total)
		}
		slices.SortFunc(residuals, bySize)
		effect = max(effect, g/(g-1)*squares(residuals, 0)/(n*p*(1-p)))
	}
	known := float64(min(hits, calls-hits))
	effect = (known*effect + doubt*n/g) / (known + doubt)
	return score(p, n/effect, l.t(len(scenarios)-1))
}

// RateOverAny holds [RateOver]'s interval however the unknown calls of each scenario end, also if they turn
// out not to count at all: scenarios counts them as misses, and unknown says how many there are in each. At
// least two scenarios have a known call.
func RateOverAny(scenarios []Count, unknown []int, l Level) Interval {
	hits, calls, open, sure := 0, 0, 0, 0
	for i, s := range scenarios {
		hits += s.Hits
		calls += s.Total
		open += unknown[i]
		if s.Total > unknown[i] {
			sure++
		}
	}
	g, n := float64(sure), float64(calls)
	low, high := float64(hits)/n, float64(hits+open)/n
	residuals := make([]float64, len(scenarios))
	for i, s := range scenarios {
		residuals[i] = max(float64(s.Hits+unknown[i])-low*float64(s.Total), high*float64(s.Total)-float64(s.Hits))
	}
	slices.Sort(residuals)
	// The effect times the fewer of hits and misses is at most the larger of that number and of the
	// variance of the residuals by the larger of both rates. A rate nearest to one half is worst.
	p := min(max(0.5, low), high)
	most := max(n*min(p, 1-p), g/(g-1)*squares(residuals, 0)/max(p, 1-p))
	fewest := float64(min(hits, calls-hits-open))
	effect := (most + doubt*n/g) / (fewest + doubt)
	least := (n - float64(open)) / effect
	t := l.t(sure - 1)
	return Interval{score(low, least, t).Low, score(high, least, t).High}
}

// Values are those of one scenario: how many there are, how many of them are unknown and may turn out not to
// count, and their least and largest sum.
type Values struct {
	N, Unknown  int
	Least, Most float64
}

// MeanOverAny holds the t interval of the mean over the scenarios (see [MeanInterval]), however the unknown
// values turn out. At least two scenarios have a known value.
func MeanOverAny(scenarios []Values, l Level) Interval {
	n, open, low, high, sure := 0, 0, 0.0, 0.0, 0
	for _, s := range scenarios {
		n += s.N
		open += s.Unknown
		low += s.Least
		high += s.Most
		if s.N > s.Unknown {
			sure++
		}
	}
	low, high = low/float64(n), high/float64(n)
	residuals := make([]float64, len(scenarios))
	for i, s := range scenarios {
		residuals[i] = max(s.Most-low*float64(s.N), high*float64(s.N)-s.Least)
	}
	slices.Sort(residuals)
	g := float64(sure)
	half := l.t(sure-1) * math.Sqrt(g/(g-1)*squares(residuals, 0)) / float64(n-open)
	return Interval{low - half, high + half}
}

// LogMeanInterval is the interval of the mean of values without an upper bound that are never
// negative, such as costs and times; the arguments are those of [MeanInterval]. It is that interval on
// a logarithmic scale, m·exp(±t·se/m) (the delta method): as far up as down in ratio, never below 0,
// around the mean, and, since such values are skewed, better placed than m±t·se. It holds for any
// distribution when there are many values, which D. R. Cox's interval, from the moments of the
// logarithms, does not: that is for log-normal values alone.
func LogMeanInterval(all []float64, groups [][]float64, l Level) Interval {
	i := MeanInterval(all, groups, l)
	if i == Unbounded() {
		return Interval{0, math.Inf(1)}
	}
	m := Mean(all)
	if m <= 0 {
		return i
	}
	factor := math.Exp((i.High - i.Low) / 2 / m)
	return Interval{m / factor, m * factor}
}
