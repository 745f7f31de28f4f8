package stats

import "math"

// DecidedByEnd is the probability that one of the looks decides, given the hits at those that have
// been: 1 if one of these does. The true rate is taken as anything between 0 and 1 that the results
// make likely (a uniform prior, so the further hits are beta-binomial).
func DecidedByEnd(looks []Look, hits []int) float64 {
	if at, _ := Decided(looks, hits); at >= 0 {
		return 1
	}
	s, n := 0, 0
	if k := len(hits); k > 0 {
		s, n = hits[k-1], looks[k-1].Calls
	}
	ahead := looks[len(hits):]
	if len(ahead) == 0 {
		return 0
	}
	// The posterior over the log odds x is a bell, and so falls the chance to decide where it is
	// not flat; the trapezoidal rule needs a point for each standard error of all calls to be
	// precise to eight digits.
	a, b := float64(s+1), float64(n-s+1)
	middle := math.Log(a / b)
	weight := func(x float64) float64 { // relative to the middle
		return math.Exp(a*(x-middle) - (a+b)*(softplus(x)-softplus(middle)))
	}
	step := 0.5 * math.Sqrt((a+b)/a/b*(a+b)/(float64(ahead[len(ahead)-1].Calls)+2))
	decided, total := 0.0, 0.0
	add := func(x float64) bool {
		w := weight(x)
		c := chances(ahead, certain(s), n, 1/(1+math.Exp(-x)))
		decided += w * (c.Pass + c.Fail)
		total += w
		return w > 1e-10
	}
	for x := middle; add(x); x += step {
	}
	for x := middle - step; add(x); x -= step {
	}
	return min(decided/total, 1)
}

// Error is the standard error that an interval of a mean at this level is made of, about; infinite if it
// has no ends.
func (l Level) Error(i Interval) float64 { return (i.High - i.Low) / 2 / l.z() }

// Passes is the chance that a number which is now so far above a bound stays there, if it moves by a
// normally distributed distance with this standard deviation.
func Passes(distance, deviation float64) float64 {
	switch {
	case distance > 0 && deviation == 0:
		return 1
	case deviation == 0:
		return 0
	case math.IsInf(deviation, 1):
		return 0.5 // nothing is known
	}
	return math.Erfc(-distance/deviation/math.Sqrt2) / 2
}

// softplus is ln(1+e^x) without overflow.
func softplus(x float64) float64 { return max(x, 0) + math.Log1p(math.Exp(-math.Abs(x))) }

// Planning assumes that a run is repeated until it decides in this share of cases.
const power = 0.8

// mostCalls is where planning ends: nobody makes more.
const mostCalls = 10_000_000

// MoreCalls is how many more calls it takes until, in 80 % of cases, the Wilson interval around the
// share of hits in all calls leaves out the bound, a fraction, if the share of hits so far is the true
// rate. It is 0 if ten million are not enough. It is a plan and no promise: the true rate may be
// another. total is at least 1.
func MoreCalls(hits, total int, bound float64, l Level) int {
	rate := float64(hits) / float64(total)
	enough := func(more int) bool {
		n := total + more
		look := FixedLook(n, func(k int) bool { return Wilson(k, n, l).Low > bound }, func(k int) bool { return Wilson(k, n, l).High < bound })
		return atLeast(look.Pass-hits, more, rate)+binomialCDF(look.Fail-hits, more, rate) >= power
	}
	if rate == bound {
		return 0
	}
	low, high := 0, 1
	for !enough(high) {
		if high >= mostCalls {
			return 0
		}
		low, high = high, min(2*high, mostCalls)
	}
	// Hits are whole numbers, so a few calls more may be worse. This finds one step up.
	for high-low > 1 {
		if middle := low + (high-low)/2; enough(middle) {
			high = middle
		} else {
			low = middle
		}
	}
	return high
}

// MoreValues is how many more values it takes until, in 80 % of cases, an interval that now reaches half
// to both sides leaves out a bound that far away, if it narrows with the root of their number n and its
// middle is the true value. It is 0 if ten million are not enough.
func MoreValues(n int, half, distance float64, l Level) int {
	ratio := half / distance * (1 + normalQuantile(power)/l.z())
	more := math.Ceil(float64(n)*ratio*ratio) - float64(n)
	if math.IsNaN(more) || more > mostCalls {
		return 0
	}
	return max(1, int(more))
}
