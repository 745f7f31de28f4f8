package stats

import "math"

// Test decides whether a rate is high enough after looking at it several times, as calls come in. It
// is an exact binomial group-sequential test: at each look the calls so far pass, fail, or go on, and
// the probability of a wrong decision at any look stays below its bound.
//
// Each side may spend its error times (n/N)² up to the look at n of N calls (K. Kim and D. L. DeMets,
// 1987, with ρ = 2; K. K. G. Lan and D. L. DeMets, 1983), so the looks may be at any numbers of calls,
// also other ones than planned, if the numbers do not depend on the results. It assumes independent
// calls with the same rate at every look. A rate that should be low is tested by its misses.
type Test struct {
	notAbove float64 // passing is an error up to this rate
	notBelow float64 // failing is an error from this rate on
	err      float64 // of each side, over all looks
	calls    int     // the planned calls
}

// BarTest passes a rate that is shown to be above the bar, a fraction, and fails one that is shown to be
// below it, each in at most (1-l)/2 of the runs in which it is not; what is neither stays open. calls
// is the number of calls when there is no further look.
func BarTest(bar float64, calls int, l Level) Test {
	return Test{bar, bar, 1 - l.upper(), calls}
}

// ToleranceTest passes a rate that is shown not to be as far below the bar as the tolerance, both
// fractions, and else fails one that is shown to be below the bar, each in at most 1-l of the runs in
// which it is not. With enough calls nothing stays open. A tolerance as large as the bar passes
// everything.
func ToleranceTest(bar, tolerance float64, calls int, l Level) Test {
	return Test{bar - tolerance, bar, 1 - float64(l), calls}
}

// Look is a look at the results: those with Pass or more hits pass, those with at most Fail hits fail,
// if no earlier look decided. Pass is Calls + 1 if nothing passes, Fail is -1 if nothing fails.
type Look struct {
	Calls, Pass, Fail int

	// What a binomial variable may lie beyond the bounds with, to show an interval.
	passTail, failTail float64
}

// Looks are the bounds of looks at ascending numbers of calls, of which none depends on a later one.
// They may end before the planned number of calls.
func (t Test) Looks(calls []int) []Look {
	if t.notAbove < 0 {
		// Whatever the results.
		looks := make([]Look, len(calls))
		for i, n := range calls {
			looks[i] = Look{Calls: n, Fail: -1, passTail: t.err, failTail: t.err}
		}
		return looks
	}
	var looks []Look
	low, high := certain(0), certain(0) // the open results at both rates
	lowSpent, highSpent := 0.0, 0.0
	before := 0
	for _, n := range calls {
		if k := len(looks); k > 0 && looks[k-1].Pass == looks[k-1].Fail+1 {
			// Nothing is open, so nobody will look.
			looks = append(looks, Look{Calls: n, Pass: n + 1, Fail: -1, passTail: t.err, failTail: t.err})
			continue
		}
		low = low.plus(binomial(n-before, t.notAbove))
		high = high.plus(binomial(n-before, t.notBelow))
		part := min(1, float64(n)/float64(max(t.calls, 1)))
		budget := t.err * part * part
		l := Look{Calls: n}
		l.Pass = bound(low, n, t.notAbove, budget-lowSpent, t.err)
		l.passTail = tail(l.Pass, n, t.notAbove, budget-lowSpent)
		l.Fail = n - bound(high.mirrored(n), n, 1-t.notBelow, budget-highSpent, t.err)
		l.failTail = tail(n-l.Fail, n, 1-t.notBelow, budget-highSpent)
		l.Fail = min(l.Fail, l.Pass-1)
		lowSpent += low.from(l.Pass)
		highSpent += high.upTo(l.Fail)
		low, high = low.between(l.Fail, l.Pass), high.between(l.Fail, l.Pass)
		looks = append(looks, l)
		before = n
	}
	return looks
}

// bound is the least number of hits of n which, or more, has at most the probability in the budget
// among the open results. What a single look would not decide with the whole error is not decided
// either: late looks of few open results could afford that.
func bound(open counts, n int, rate, budget, err float64) int {
	alone := firstRank(n, func(k int) bool { return atLeast(k, n, rate) <= err })
	return min(max(open.top(budget), alone), n+1)
}

// tail is a tail probability for [exactLow], with which the limit is above the rate exactly for so many
// hits of n, or more. Smaller ones give wider intervals; this is hardly more than the smallest, as far
// as rounding needs.
func tail(hits, n int, rate, budget float64) float64 {
	if hits > n {
		return min(budget, math.Pow(rate, float64(n))/2)
	}
	most := atLeast(hits-1, n, rate)
	if least := atLeast(hits, n, rate); least > 0 {
		return min(1.001*least, math.Sqrt(least*most))
	}
	return min(budget, most/2)
}

// Interval is the range of rates that the hits at the look agree with, as fractions: the exact interval
// at the level that the look spends on each side, so that a hit more or less at the bounds is what it
// is for the test. Its low end is above the bar exactly when a [BarTest] passes, above the bar less the
// tolerance when a [ToleranceTest] does, and its high end is below the bar exactly when the test fails
// or, with a tolerance, would if it did not pass.
func (l Look) Interval(hits int) Interval {
	return Interval{exactLow(hits, l.Calls, l.passTail), 1 - exactLow(l.Calls-hits, l.Calls, l.failTail)}
}

// Decided is the first look that decides, as an index, for the hits at each look so far, and whether it
// passes; -1 if all is open. A decision stays, whatever later looks show.
func Decided(looks []Look, hits []int) (at int, passes bool) {
	for i, h := range hits {
		if h >= looks[i].Pass {
			return i, true
		}
		if h <= looks[i].Fail {
			return i, false
		}
	}
	return -1, false
}

// Spent is the level of an interval at the look at now of total calls, after one at before calls: its
// two-sided error is what the spending of [Test] allows for this look. With intervals at these levels
// the error over all looks is at most 1-l, for any metric, since it is at most their sum.
func (l Level) Spent(before, now, total int) Level {
	part := func(n int) float64 {
		x := min(1, float64(n)/float64(max(total, 1)))
		return x * x
	}
	return 1 - (1-l)*Level(part(now)-part(before))
}
