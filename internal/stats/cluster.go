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
