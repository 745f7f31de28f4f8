package stats

import (
	"cmp"
	"math"
	"math/big"
	"slices"
)

// PairedRates is the change of a rate, in percentage points, over pairs of calls of the same row now
// and before: gained pairs are hits now and were not before, lost ones the other way round. pairs is
// at least 1. The interval is Tango's score interval (T. Tango, 1998), from -100 to 100: the
// differences that a score test of these pairs does not reject. It assumes independent pairs.
func PairedRates(gained, lost, pairs int, l Level) Side {
	b, c, n := float64(gained), float64(lost), float64(pairs)
	score := func(d float64) float64 {
		// lost/n has the largest likelihood at q, if the difference is d.
		x, y := (2*n-b+c)*d-b-c, -c*d*(1-d)
		q := (math.Sqrt(max(x*x-8*n*y, 0)) - x) / (4 * n)
		return distance(b/n-c/n, d, (2*q+d*(1-d))/n)
	}
	return Side{
		Point:    Ratio(gained, pairs).Minus(Ratio(lost, pairs)),
		Interval: Percent(within(b/n-c/n, l.z(), score)),
	}
}

// Stratum is the same kind of calls, such as those of one scenario, now and in the baseline: how many
// there are, at least one each, and how many of them are hits.
type Stratum struct{ Hits, Total, BaseHits, BaseTotal int }

// RateChangeWithin is the change of a rate within strata, in percentage points, where calls are not
// paired: each stratum's difference of rates, weighted by its number of calls now. It is 0 if no
// stratum's rate changed, however many calls each has in the two runs. There is at least one stratum.
//
// The interval is the stratified score interval of O. S. Miettinen and M. Nurminen (1985) with these
// weights, from -100 to 100. Unlike the sum of the strata's own intervals it holds for many strata of
// a few calls too. It assumes independent calls within the strata, and speaks of these strata.
func RateChangeWithin(strata []Stratum, l Level) Side {
	total := 0
	for _, s := range strata {
		total += s.Total
	}
	// Equal strata count once: their order cannot change a bit, and there are fewer.
	strata = slices.Clone(strata)
	slices.SortFunc(strata, func(a, b Stratum) int {
		return cmp.Or(a.Total-b.Total, a.BaseTotal-b.BaseTotal, a.Hits-b.Hits, a.BaseHits-b.BaseHits)
	})
	var kinds []Stratum
	var times []float64
	change := new(big.Rat)
	for i, s := range strata {
		if i == 0 || s != strata[i-1] {
			kinds, times = append(kinds, s), append(times, 0)
		}
		times[len(times)-1]++
	}
	for i, s := range kinds {
		// Its difference times its calls now.
		d := big.NewRat(int64(s.Total)*int64(s.BaseHits), int64(s.BaseTotal))
		d.Sub(big.NewRat(int64(s.Hits), 1), d)
		change.Add(change, d.Mul(d, big.NewRat(int64(times[i]), 1)))
	}
	change.Quo(change, big.NewRat(int64(total), 1))
	middle, _ := change.Float64()
	score := func(d float64) float64 {
		v := 0.0
		for i, s := range kinds {
			w := float64(s.Total) / float64(total)
			v += times[i] * w * w * s.variance(d)
		}
		return distance(middle, d, v)
	}
	p := Point{exact: change.Mul(change, big.NewRat(100, 1))}
	p.Value, _ = p.exact.Float64()
	return Side{p, Percent(within(middle, l.z(), score))}
}

// variance is that of the difference of the stratum's rates, as most likely if the difference is d.
// With the factor n/(n-1) it is right on average for strata of any size.
func (s Stratum) variance(d float64) float64 {
	n, m := float64(s.Total), float64(s.BaseTotal)
	q := s.likely(d)
	p := min(max(q+d, 0), 1)
	return (p*(1-p)/n + q*(1-q)/m) * (n + m) / (n + m - 1)
}

// likely is the rate of the baseline with the largest likelihood, if the rate now is larger by d.
func (s Stratum) likely(d float64) float64 {
	n, m := float64(s.Total), float64(s.BaseTotal)
	x, y := float64(s.Hits), float64(s.BaseHits)
	// The likelihood has one maximum between these ends, where its slope changes sign.
	low, high := max(0, -d), min(1, 1-d)
	slope := func(q float64) float64 {
		return ratio(x, q+d) - ratio(n-x, 1-q-d) + ratio(y, q) - ratio(m-y, 1-q)
	}
	for range 60 {
		q := low + (high-low)/2
		if slope(q) > 0 {
			low = q
		} else {
			high = q
		}
	}
	return low + (high-low)/2
}

// ratio is x/p, and 0 if both are.
func ratio(x, p float64) float64 {
	if x == 0 {
		return 0
	}
	return x / max(p, 0)
}

// distance is how many standard errors a difference d is from the measured one.
func distance(measured, d, variance float64) float64 {
	if measured == d {
		return 0
	}
	return math.Abs(measured-d) / math.Sqrt(max(variance, 0))
}

// within is the range of differences around the measured one, from -1 to 1, that are at most z standard
// errors away.
func within(measured, z float64, score func(d float64) float64) Interval {
	end := func(far float64) float64 {
		near := measured
		for range 60 {
			d := near + (far-near)/2
			if score(d) <= z {
				near = d
			} else {
				far = d
			}
		}
		return near
	}
	return Interval{end(-1), end(1)}
}
