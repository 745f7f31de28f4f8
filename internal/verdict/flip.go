package verdict

import (
	"math"
	"slices"
	"sort"

	"github.com/agent-gate/agent-gate/internal/criteria"
	"github.com/agent-gate/agent-gate/internal/stats"
	"github.com/agent-gate/agent-gate/internal/text"
	"github.com/agent-gate/agent-gate/internal/verdict/explain"
)

// flip is the smallest change that would have changed the verdict: what would have met the criteria that
// are not met, or what would have broken the one that is met most narrowly.
func (j *judgement) flip(kind Kind) text.Untrusted {
	switch kind {
	case Fail:
		var wanted []text.Untrusted
		all := j.decisive(NotMet)
		first := all[:min(len(all), explain.MaxItems)]
		for _, f := range first {
			if s := j.toMeet(f); !s.IsEmpty() {
				wanted = append(wanted, s)
			}
		}
		return explain.Flip(wanted, len(all)-len(first))
	case Pass:
		return j.toBreak()
	}
	return text.Untrusted{}
}

// toMeet is the smallest change that would meet a criterion; empty if there is none.
func (j *judgement) toMeet(f finding) text.Untrusted {
	if f.measured.metric.Family == criteria.Case {
		return text.Untrusted{} // it depends on which calls of which cases
	}
	if j.inSteps(f) {
		met := func(o CheckOutcome) bool { return o == Met }
		if n, ok := j.steps(f, f.wantsLess(), met); ok {
			return j.facts(f).Steps(n, true)
		}
		if n, ok := j.steps(f.atBest(), f.wantsLess(), met); ok && f.measured.unknown() > 0 && !f.criterion.Change {
			return j.facts(f).StepsAtBest(n)
		}
		return text.Untrusted{}
	}
	c := f.criterion
	if n, ok := j.valuesBeyond(f, f.wantsLess()); ok {
		if n < 0 {
			return text.Untrusted{}
		}
		return j.facts(f).Moved(n, f.wantsLess(), true)
	}
	// By interval, all of it has to cross the bound.
	edge := j.edge(f, f.wantsLess())
	if math.IsInf(edge, 0) || c.Op == criteria.OpEqual && edge != f.reading.shown {
		return text.Untrusted{}
	}
	shift, ok := j.shift(f, f.wantsLess(), func(o CheckOutcome) bool { return o == Met })
	if !ok {
		return text.Untrusted{}
	}
	return j.facts(f).Shifted(shift, f.wantsLess(), true)
}

// atBest is the finding with everything unknown counted in its favour.
func (f finding) atBest() finding {
	if !f.wantsLess() {
		f.measured.hits += f.measured.unknown()
	}
	f.measured.causes = [causeResult + 1]int{}
	return f
}

// valuesBeyond is how many values keep a percentile, a minimum or a maximum on its side of the bound,
// with everything unknown counted against the criterion; negative if the known values cannot change
// that. ok is false for stats that no number of values decides, such as means. less means that the
// values would have to get smaller.
func (j *judgement) valuesBeyond(f finding, less bool) (n int, ok bool) {
	c := f.criterion
	if c.Change || c.Op == criteria.OpEqual || j.rules.DecideOn == DecideOnInterval && f.reading.inferred {
		return 0, false
	}
	values := f.measured.sorted()
	known := len(values)
	if low, high, ok := f.measured.scale(values); ok {
		worst := low
		if f.wantsLess() {
			worst = high
		}
		values = append(values, slices.Repeat([]float64{worst}, f.measured.unknown())...)
	}
	var rank int // of the value that is the stat, from 1
	switch p := criteria.Percentile(c.Stat); {
	case c.Stat == criteria.StatMin:
		rank = 1
	case c.Stat == criteria.StatMax:
		rank = len(values)
	case p > 0:
		rank = stats.NearestRank(len(values), p)
	default:
		return 0, false
	}
	atBound := c.Op == criteria.OpAbove || c.Op == criteria.OpAtMost // the bound itself counts as low
	low, movable := 0, 0                                             // values on the low side, and known ones that could cross
	for i, v := range values {
		against := stats.Point{Value: v}.Against(c.Bound)
		isLow := against < 0 || against == 0 && atBound
		if isLow {
			low++
		}
		if i < known && isLow != less {
			movable++
		}
	}
	n = low - rank + 1
	if less {
		n = rank - low
	}
	if n > movable {
		n = -1
	}
	return n, true
}

// toBreak is the smallest change that would break a met criterion: in calls if any criterion counts
// calls, because those are comparable, otherwise in the metric's unit.
func (j *judgement) toBreak() text.Untrusted {
	fewest, narrowest := math.MaxInt, math.Inf(1)
	var byCalls text.Untrusted
	var tightest finding
	for _, f := range j.findings {
		c := f.criterion
		if f.measured.metric.Family == criteria.Case {
			continue
		}
		if j.inSteps(f) {
			ways := []bool{!f.wantsLess()}
			if c.Op == criteria.OpEqual {
				ways = []bool{true, false} // with none there cannot be fewer
			}
			for _, fewer := range ways {
				if n, ok := j.steps(f, fewer, func(o CheckOutcome) bool { return o != Met }); ok && max(n, -n) < fewest {
					fewest = max(n, -n)
					byCalls = j.facts(f).Steps(n, false)
				}
			}
			continue
		}
		if n, ok := j.valuesBeyond(f, !f.wantsLess()); ok {
			if n >= 0 && n < fewest {
				fewest = n
				byCalls = j.facts(f).Moved(n, !f.wantsLess(), false)
			}
			continue
		}
		shift := c.Bound - j.edge(f, f.wantsLess())
		if size := math.Abs(shift) / max(math.Abs(c.Bound), 1); size < narrowest && c.Op != criteria.OpEqual {
			narrowest, tightest = size, f
		}
	}
	if !byCalls.IsEmpty() || math.IsInf(narrowest, 1) {
		return byCalls
	}
	shift, ok := j.shift(tightest, !tightest.wantsLess(), func(o CheckOutcome) bool { return o != Met })
	if !ok {
		return text.Untrusted{}
	}
	return j.facts(tightest).Shifted(shift, !tightest.wantsLess(), false)
}

// shift is how far a number has to move, all of its values alike, for a wanted outcome. The interval of a
// mean on a known range changes with it, and ok is false if no mean on the range would do.
func (j *judgement) shift(f finding, less bool, wanted func(CheckOutcome) bool) (by float64, ok bool) {
	const searched = 2000 // values; with more the interval hardly changes
	c, m := f.criterion, &f.measured
	values := m.sorted()
	low, high, ranged := m.scale(values)
	if j.rules.DecideOn != DecideOnInterval || c.Change || c.Stat != criteria.StatMean || !ranged || f.population || m.passFail() || len(values) > searched {
		return c.Bound - j.edge(f, f.wantsLess()), true
	}
	b := j.basis(j.lookLevel())
	moved := func(by float64) (reading, float64) {
		shifted := make([]float64, len(values))
		for i, v := range values {
			shifted[i] = min(max(v+by, low), high)
		}
		r := f.reading
		r.least, r.most = m.filled(shifted, low, c.Stat, b), m.filled(shifted, high, c.Stat, b)
		r.shown = stats.Mean(shifted)
		return r, r.shown - f.reading.shown
	}
	near, far := 0.0, high-low
	if less {
		far = -far
	}
	if r, _ := moved(far); !wanted(r.decide(c.Op, c.Bound, j.rules.DecideOn)) {
		return 0, false
	}
	for range 30 {
		middle := near + (far-near)/2
		if r, _ := moved(middle); wanted(r.decide(c.Op, c.Bound, j.rules.DecideOn)) {
			far = middle
		} else {
			near = middle
		}
	}
	_, by = moved(far)
	return by, true
}

// inSteps reports whether calls that count more or less move the criterion. The interval of a change, or over
// scenarios, also depends on which calls these are.
func (j *judgement) inSteps(f finding) bool {
	if f.measured.metric.Family == criteria.Average {
		return false
	}
	return j.rules.DecideOn != DecideOnInterval || !f.reading.inferred || !f.criterion.Change && !f.population
}

// edge is the number that must be on the right side of the bound: the value with everything unknown
// counted against it or, by interval, the end nearest to the wrong side.
func (j *judgement) edge(f finding, upper bool) float64 {
	byInterval := j.rules.DecideOn == DecideOnInterval && f.reading.inferred
	switch {
	case byInterval && upper:
		return f.reading.most.High
	case byInterval:
		return f.reading.least.Low
	case upper:
		return f.reading.most.Value
	}
	return f.reading.least.Value
}

// steps is how many more calls (fewer if negative) have to count for a rate or a count to get a wanted
// outcome; ok is false if no number does.
func (j *judgement) steps(f finding, fewer bool, wanted func(CheckOutcome) bool) (n int, ok bool) {
	c := f.criterion
	hits, unknown, total := f.measured.hits, f.measured.unknown(), f.measured.n
	at := func(n int) CheckOutcome {
		if f.measured.metric.Family == criteria.Count {
			if c.Change {
				r := plain(criteria.UnitCalls, total, stats.Exactly(stats.Point{Value: f.reading.shown + float64(n)}), false)
				r.most = stats.Exactly(stats.Point{Value: f.reading.most.Value + float64(n)})
				return r.decide(c.Op, c.Bound, j.rules.DecideOn)
			}
			return readCount(hits+n, max(0, min(unknown, total-hits-n)), max(total, hits+n)).decide(c.Op, c.Bound, j.rules.DecideOn)
		}
		if c.Change {
			r := f.reading
			step := stats.Ratio(-n, r.of)
			r.least, r.most, r.shown = stats.Exactly(r.least.Minus(step)), stats.Exactly(r.most.Minus(step)), r.shown-step.Value
			return r.decide(c.Op, c.Bound, DecideOnEstimate)
		}
		return readRate(hits+n, min(unknown, total-hits-n), total, j.lookLevel()).ruled(f.reading.rule).decide(c.Op, c.Bound, j.rules.DecideOn)
	}
	limit := total - unknown - hits
	if c.Change && f.measured.metric.Family == criteria.Rate {
		hits, limit = f.reading.down, f.reading.up
	}
	switch {
	case fewer:
		limit = hits
	case c.Metric == criteria.MetricTotalCalls:
		limit = int(min(math.Abs(c.Bound)+math.Abs(f.reading.shown)+1, 1e6))
	}
	sign := 1
	if fewer {
		sign = -1
	}
	if c.Op == criteria.OpEqual {
		// Only one number is equal, so there is nothing to search.
		n = sign
		if wanted(Met) {
			scale := float64(total) / 100
			switch {
			case f.measured.metric.Family == criteria.Count:
				scale = 1
			case c.Change:
				scale = float64(f.reading.of) / 100
			}
			n = int(math.Round((c.Bound - f.reading.shown) * scale))
		}
		return n, max(n, -n) <= limit && wanted(at(n))
	}
	n = 1 + sort.Search(limit, func(i int) bool { return wanted(at(sign * (i + 1))) })
	return sign * n, n <= limit
}
