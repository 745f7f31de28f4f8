package verdict_test

import (
	"maps"
	"math"
	"math/rand/v2"
	"slices"
	"strings"

	"github.com/agent-gate/agent-gate/internal/criteria"
)

// truth is a run of which everything is known, for one criterion.
type truth struct {
	calls   []theCall
	bounded bool // a criterion answers for calls that did not succeed
	when    []criteria.Condition
}

// passed is whether a call passed.
func (t truth) passed(c theCall) bool {
	if c.end != succeeded {
		return false
	}
	if len(t.when) == 0 {
		return c.result("pass").pass // the only Pass/Fail eval
	}
	for _, w := range t.when {
		r, ok := c.result(w.Eval), false
		switch {
		case w.Kind == criteria.ConditionPassed:
			ok = r.pass
		case w.Kind == criteria.ConditionLabel:
			ok = r.label == w.Label
		case w.Eval != "":
			ok = compare(r.score, w.Op, w.Bound)
		case w.Metric == "overall_score":
			ok = compare(*c.score, w.Op, w.Bound)
		case w.Metric == "duration":
			ok = compare(*c.duration, w.Op, w.Bound)
		}
		if !ok {
			return false
		}
	}
	return true
}

// graded are the calls that a metric of scores and evals is taken over: those that succeeded,
// and for the others what they might have come to, when no criterion answers for them.
func (t truth) graded() []theCall {
	var all []theCall
	for _, c := range t.calls {
		switch {
		case c.end == succeeded:
			all = append(all, c)
		case !t.bounded:
			p := *c.pretend
			p.scenario, p.row = c.scenario, c.row
			all = append(all, p)
		}
	}
	return all
}

// value is a metric; ok is false when there is nothing that it could be of.
func (t truth) value(c criteria.Criterion) (v float64, ok bool) {
	hits, n := 0, 0
	count := func(calls []theCall, hit func(theCall) bool) (float64, bool) {
		for _, call := range calls {
			if n++; hit(call) {
				hits++
			}
		}
		if strings.HasSuffix(c.Metric, "_calls") {
			return float64(hits), true
		}
		return 100 * float64(hits) / float64(n), n > 0
	}
	name := c.Scope.Name
	switch c.Metric {
	case "success_rate":
		return count(t.calls, func(c theCall) bool { return c.end == succeeded })
	case "first_success_rate":
		return count(t.calls, func(c theCall) bool { return c.first == succeeded })
	case "first_pass_rate":
		return count(t.calls, func(c theCall) bool {
			return c.first == succeeded && (c.end == succeeded && t.passed(c) || c.end != succeeded && c.firstPassed)
		})
	case "failed_calls":
		return count(t.calls, func(c theCall) bool { return c.end == failed || c.end == crashed })
	case "flaky_rate", "flaky_calls":
		return count(t.calls, func(c theCall) bool { return c.end == succeeded && c.first != succeeded })
	case "scored_rate":
		return count(t.graded(), func(c theCall) bool { return c.score != nil && !c.unscored })
	case "result_rate":
		return count(t.graded(), func(c theCall) bool { return c.result(name).has })
	case "share":
		return count(t.graded(), func(call theCall) bool { return call.result(name).label == c.Label })
	case "pass_rate":
		if name != "" && c.Scope.Kind == criteria.ScopeEval {
			return count(t.graded(), func(c theCall) bool { return c.result(name).pass })
		}
		return count(t.calls, t.passed)
	}
	var values []float64
	for _, v := range t.values(c) {
		values = append(values, v.value)
	}
	return stat(values, c.Stat)
}

// valued is a value of a call.
type valued struct {
	scenario string
	row      uint64
	value    float64
}

// values are those that an average is taken over.
func (t truth) values(c criteria.Criterion) []valued {
	var all []valued
	add := func(call theCall, v float64) { all = append(all, valued{call.scenario, call.row, v}) }
	for _, call := range t.graded() {
		if c.Metric == "score" {
			add(call, onHundred(c.Scope.Name, call.result(c.Scope.Name)))
		} else {
			add(call, *call.score)
		}
	}
	for _, call := range t.calls {
		switch r := call.result(c.Scope.Name); {
		case call.end != crashed || !t.bounded:
		case c.Metric == "score" && r.has:
			add(call, onHundred(c.Scope.Name, r))
		case c.Metric == "overall_score" && call.score != nil:
			add(call, *call.score)
		}
	}
	return all
}

// onHundred is a result on the scale of the metric score.
func onHundred(eval string, r result) float64 {
	switch {
	case eval != "pass":
		return r.score
	case r.pass:
		return 100
	}
	return 0
}

// stat reduces values; ok is false when there are none.
func stat(values []float64, name string) (v float64, ok bool) {
	if len(values) == 0 {
		return 0, false
	}
	slices.Sort(values)
	sum := 0.0
	for _, v := range values {
		sum += v
	}
	switch n := len(values); name {
	case "sum":
		return sum, true
	case "min":
		return values[0], true
	case "max":
		return values[n-1], true
	case "p50":
		return values[(n+1)/2-1], true
	default:
		return sum / float64(n), true
	}
}

// compare compares as people do, to the ninth digit.
func compare(v float64, op string, bound float64) bool {
	equal := math.Abs(v-bound) <= 1e-9*max(1, math.Abs(v), math.Abs(bound))
	switch op {
	case ">=":
		return v > bound || equal
	case ">":
		return v > bound && !equal
	case "<=":
		return v < bound || equal
	case "<":
		return v < bound && !equal
	}
	return equal
}

// unit is something that is not known, and how it may have been.
type unit []func(*truth)

// space is everything that is not known of a run, for one criterion.
type space struct {
	base  truth
	units []unit
	low   float64 // of overall scores
}

// newSpace finds what is not known of the calls that a criterion is taken over.
func newSpace(calls []theCall, absent map[string]int, tolerated func(string) bool, bounded bool, when []criteria.Condition, low float64, first bool) space {
	s := space{base: truth{bounded: bounded, when: when}, low: low}
	for _, c := range calls {
		known := c.end.known()
		if first && !known {
			known = c.rerun && c.first.known()
		}
		if !known && tolerated(c.scenario) {
			continue
		}
		s.add(c)
	}
	for _, scenario := range slices.Sorted(maps.Keys(absent)) {
		for range absent[scenario] {
			if !tolerated(scenario) {
				s.add(theCall{scenario: scenario, end: missing})
			}
		}
	}
	return s
}

// add adds a call with what is not known of it.
func (s *space) add(c theCall) {
	if !c.rerun || !c.first.known() {
		c.first = missing // as it is now
	}
	at := len(s.base.calls)
	s.base.calls = append(s.base.calls, c)
	fill := func(how func(*theCall)) func(*truth) { return func(t *truth) { how(&t.calls[at]) } }
	settle := func(c *theCall) {
		if c.first == missing {
			c.first = c.end
		}
	}
	if c.end.known() {
		s.base.calls[at].first = map[bool]end{true: c.end, false: c.first}[c.first == missing]
		if c.end == succeeded {
			s.values(c, at)
		}
	} else {
		good := func(c *theCall) { c.end = succeeded; *c = s.filled(*c, true); settle(c) }
		s.units = append(s.units, unit{
			fill(func(c *theCall) { c.end = failed; settle(c) }),
			fill(func(c *theCall) { c.end = succeeded; *c = s.filled(*c, false); settle(c) }),
			fill(good),
			fill(func(c *theCall) { // it may have been rerun
				if c.first == missing {
					c.first = failed
				}
				good(c)
			}),
			fill(func(c *theCall) { // it may have come without any result, which then is no result
				good(c)
				c.unscored = true
				for i := range c.evals {
					c.evals[i].has = false
				}
			}),
		})
	}
	if c.end != succeeded && !s.base.bounded {
		none := s.filled(theCall{}, true)
		none.unscored = true
		for i := range none.evals {
			none.evals[i].has = false
		}
		s.units = append(s.units, unit{
			fill(func(c *theCall) { c.pretend = new(s.filled(theCall{}, false)) }),
			fill(func(c *theCall) { c.pretend = new(s.filled(theCall{}, true)) }),
			fill(func(c *theCall) { c.pretend = &none }),
		})
	}
	if c.first == succeeded && c.end != succeeded {
		s.units = append(s.units, unit{
			fill(func(c *theCall) { c.firstPassed = false }),
			fill(func(c *theCall) { c.firstPassed = true }),
		})
	}
}

// values are the values that a call which succeeded lacks.
func (s *space) values(c theCall, at int) {
	worst, best := s.filled(theCall{}, false), s.filled(theCall{}, true)
	for i := range c.evals {
		if c.evals[i].has {
			continue
		}
		set := func(r result) func(*truth) {
			r.has = false // result_rate looks at this
			return func(t *truth) { t.calls[at].evals[i] = r }
		}
		s.units = append(s.units, unit{set(worst.evals[i]), set(best.evals[i])})
	}
	if c.score == nil {
		set := func(v float64) func(*truth) {
			return func(t *truth) {
				t.calls[at].score = &v
				t.calls[at].unscored = true
			}
		}
		s.units = append(s.units, unit{set(s.low), set(10)})
	}
	if c.duration == nil {
		s.units = append(s.units, unit{
			func(t *truth) { t.calls[at].duration = new(0.0) },
			func(t *truth) { t.calls[at].duration = new(1e9) },
		})
	}
}

// filled is a call with the best or the worst values.
func (s *space) filled(c theCall, best bool) theCall {
	r, score, duration := result{has: true, label: "y"}, s.low, 1e9
	if best {
		r, score, duration = result{has: true, pass: true, score: 100, label: "x"}, 10, 0
	}
	c.score, c.duration = &score, &duration
	for i := range c.evals {
		c.evals[i] = r
	}
	return c
}

// truths yields ways in which the run may have been: all of them when there are few, else
// the extreme ones and some at random.
func (s *space) truths(r *rand.Rand, most int, yield func(truth) bool) (all bool) {
	product := 1
	for _, u := range s.units {
		if product *= len(u); product > most {
			break
		}
	}
	n := min(product, most)
	for i := range n {
		t := s.base
		t.calls = slices.Clone(s.base.calls)
		rest := i
		for _, u := range s.units {
			choice := rest % len(u)
			rest /= len(u)
			if product > most {
				switch {
				case i < 5:
					choice = i % len(u)
				default:
					choice = r.IntN(len(u))
				}
			}
			u[choice](&t)
		}
		if !yield(t) {
			break
		}
	}
	return product <= most
}
