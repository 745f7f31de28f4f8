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
	p := posteriorOf(s, n)
	step := p.step(ahead[len(ahead)-1].Calls)
	decided, total := 0.0, 0.0
	add := func(x float64) bool {
		w := p.weight(x)
		c := Course{Looks: ahead}.chances(certain(s), n, 1/(1+math.Exp(-x)))
		decided += w * (c.Pass + c.Fail)
		total += w
		return w > 1e-10
	}
	for x := p.middle; add(x); x += step {
	}
	for x := p.middle - step; add(x); x -= step {
	}
	return min(decided/total, 1)
}

// decidedLater is the chance of [DecidedByEnd] after each look but the last, for all numbers of hits
// between its bounds.
func decidedLater(looks []Look) [][]float64 {
	last := len(looks) - 1
	var decided, total [][]float64
	var known [][]posterior // at the open numbers
	low, high, step := math.Inf(1), math.Inf(-1), math.Inf(1)
	for i, l := range looks {
		n := l.open()
		decided, total, known = append(decided, make([]float64, n)), append(total, make([]float64, n)), append(known, nil)
		for k := 0; k < n && i < last; k++ {
			p := posteriorOf(l.Fail+1+k, l.Calls)
			known[i] = append(known[i], p)
			low, high = min(low, p.middle-7*p.deviation()), max(high, p.middle+7*p.deviation())
			step = min(step, p.step(looks[last].Calls))
		}
	}
	for x := low; x <= high; x += step {
		rate := 1 / (1 + math.Exp(-x))
		later := make([]float64, looks[last].open()) // nothing decides after the last look
		for i := last - 1; i >= 0; i-- {
			more := binomial(looks[i+1].Calls-looks[i].Calls, rate)
			from := looks[i+1].Fail - looks[i].Fail - more.first // the hits that leave the least open number open
			now := more.decided(from, later, looks[i].open())
			for k, p := range known[i] {
				w := p.weight(x)
				decided[i][k] += w * now[k]
				total[i][k] += w
			}
			later = now
		}
	}
	for i := range decided[:last] {
		for k := range decided[i] {
			decided[i][k] /= total[i][k]
		}
	}
	return decided[:last]
}

// open is how many numbers of hits are between the bounds.
func (l Look) open() int { return max(l.Pass-l.Fail-1, 0) }

// decided is the chance that further hits decide, for n open numbers in ascending order. From the first of
// them, c.p[from] is that of the least number that is still open, whose chances to be decided later are in
// later.
func (c counts) decided(from int, later []float64, n int) []float64 {
	below := make([]float64, len(c.p)+1) // the probability of fewer
	for i, p := range c.p {
		below[i+1] = below[i] + p
	}
	out := make([]float64, n)
	for k := range out {
		at := from - k // of the least open number
		low, high := min(max(at, 0), len(c.p)), min(max(at+len(later), 0), len(c.p))
		out[k] = below[low] + below[len(c.p)] - below[high]
		for j := low; j < high; j++ {
			out[k] += c.p[j] * later[j-at]
		}
	}
	return out
}

// posterior is what hits and misses make likely of a rate that could be anything, over its log odds x:
// a bell.
type posterior struct{ a, b, middle float64 }

func posteriorOf(hits, calls int) posterior {
	a, b := float64(hits+1), float64(calls-hits+1)
	return posterior{a, b, math.Log(a / b)}
}

// weight is relative to that of the middle.
func (p posterior) weight(x float64) float64 {
	return math.Exp(p.a*(x-p.middle) - (p.a+p.b)*(softplus(x)-softplus(p.middle)))
}

// deviation is the standard deviation, about.
func (p posterior) deviation() float64 { return math.Sqrt((p.a + p.b) / p.a / p.b) }

// step is between points of the trapezoidal rule: the chance to decide by so many calls falls where it
// is not flat as a bell does, and needs a point for each standard error of all calls to be precise to
// eight digits.
func (p posterior) step(calls int) float64 {
	return 0.5 * p.deviation() * math.Sqrt((p.a+p.b)/(float64(calls)+2))
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
