package criteria

import (
	"fmt"
	"math"
	"slices"

	"github.com/agent-gate/agent-gate/internal/text"
)

// reach are the numbers that a comparison asks for. An open end is not one of them.
type reach struct {
	low, high         float64
	lowOpen, highOpen bool
}

// reachOf are the numbers that keep a bound.
func reachOf(op string, bound float64) reach {
	r := reach{low: math.Inf(-1), high: math.Inf(1)}
	switch op {
	case OpAtLeast, OpAbove:
		r.low, r.lowOpen = bound, op == OpAbove
	case OpAtMost, OpBelow:
		r.high, r.highOpen = bound, op == OpBelow
	case OpEqual:
		r.low, r.high = bound, bound
	}
	return r
}

// beyond reports whether all of r is above all of other.
func (r reach) beyond(other reach) bool {
	return r.low > other.high || r.low == other.high && (r.lowOpen || other.highOpen)
}

// holds reports whether all of other is in r.
func (r reach) holds(other reach) bool {
	return (r.low < other.low || r.low == other.low && (!r.lowOpen || other.lowOpen)) &&
		(r.high > other.high || r.high == other.high && (!r.highOpen || other.highOpen))
}

// whole are the whole numbers of r.
func (r reach) whole() reach {
	if r.lowOpen {
		r.low++
	}
	if r.highOpen {
		r.high--
	}
	r.lowOpen, r.highOpen = false, false
	return r
}

// rule is a criterion or a condition, as far as it can be a mistake by itself or beside another.
type rule[T any] interface {
	// useless says why it decides nothing; empty when it can decide.
	useless() (problem, suggestion string)
	// mistake is one of it.
	mistake(problem, suggestion string) Mistake
	// excludes reports whether nothing can meet both.
	excludes(T) bool
	// title names it for a message about another one.
	title() string
}

// excluded says which of the earlier ones leaves nothing that could meet this one; empty when
// none does. Looking at pairs is enough: bounds on one line of numbers that have nothing in
// common hold two that have nothing in common.
func excluded[T rule[T]](t T, earlier []T) string {
	for _, other := range earlier {
		if t.excludes(other) {
			return "nothing can meet both this and " + other.title()
		}
	}
	return ""
}

func (c Criterion) title() string {
	if c.Line == 0 {
		return c.input() + ", " + c.String()
	}
	return fmt.Sprintf("line %d, %s", c.Line, text.New(reveal(c.String())).LineMax(120))
}

func (c Condition) title() string {
	return fmt.Sprintf("line %d, %s", c.Line, text.New(reveal(c.String())).LineMax(120))
}

// excludes reports whether no run meets both criteria, which is told only of those on the
// same numbers.
func (c Criterion) excludes(other Criterion) bool {
	m, known := c.Lookup()
	if !known || c.Change != other.Change {
		return false
	}
	mine, its := reachOf(c.Op, c.Bound), reachOf(other.Op, other.Bound)
	if m.Family == Count {
		mine, its = mine.whole(), its.whole()
	}
	return mine.beyond(its) && c.boundedBy(other) || its.beyond(mine) && other.boundedBy(c)
}

// boundedBy reports whether bounds that put the number of c above that of other cannot both be
// kept. So it is where the one is never above the other: it is the same with another stat, is
// of some of the calls that the other is of, or of a part of the run. What each scenario keeps,
// the run keeps too: its rates and means lie between those of its scenarios.
func (c Criterion) boundedBy(other Criterion) bool {
	if c.Scope.meets(other.Scope) {
		return c.sameSubject(other) && c.notAbove(other) || !c.Change && c.partOf(other)
	}
	if c.Change || c.Scope.Kind.evals() || other.Scope.Kind.evals() {
		return false
	}
	lower := c.sameSubject(other) && c.notAbove(other) || c.partOf(other)
	m, _ := c.Lookup()
	switch {
	case !lower:
		return false
	case m.Family == Count, c.Stat == StatSum && other.Stat == StatSum, c.Stat == StatMax && other.Stat == StatMax:
		if other.Scope.Kind == ScopeRun {
			return true // of a scenario there is no more than of the run
		}
	case c.Stat == StatMin && other.Stat == StatMin && c.Scope.Kind == ScopeRun:
		return true // the least of a scenario is one of the run
	}
	each := c.Scope.Kind == ScopeEachScenario && other.Scope.Kind == ScopeRun ||
		c.Scope.Kind == ScopeRun && other.Scope.Kind == ScopeEachScenario
	return each && (c.between() || other.between())
}

// sameSubject reports whether the two are of one metric.
func (c Criterion) sameSubject(other Criterion) bool {
	return c.Metric == other.Metric && c.Label == other.Label && c.Scope.Kind.evals() == other.Scope.Kind.evals()
}

// between reports whether the number of a run lies between those of its scenarios. A sum and a
// count do not, and a median may lie beyond, where it is that of two values in the middle.
func (c Criterion) between() bool {
	m, known := c.Lookup()
	return known && m.Family != Count && c.Stat != StatSum && c.Stat != StatMedian
}

// lesser are metrics that are never above others on the same calls, with those. It is never
// written.
var lesser = map[string][]string{
	MetricPassRate:       {MetricSuccessRate},
	MetricFirstPassRate:  {MetricFirstSuccessRate},
	MetricFlakyRate:      {MetricSuccessRate},
	MetricFailedCalls:    {MetricTotalCalls},
	MetricFlakyCalls:     {MetricCompletedCalls, MetricTotalCalls},
	MetricLostCalls:      {MetricTotalCalls},
	MetricCompletedCalls: {MetricTotalCalls},
}

// partOf reports whether the number of c is never above that of another metric. The rate of the
// label Passed is the pass rate, where there are both.
func (c Criterion) partOf(other Criterion) bool {
	if c.Scope.Kind.evals() || other.Scope.Kind.evals() {
		passed := func(c Criterion) bool {
			return c.Metric == MetricPassRate || c.Metric == MetricShare && c.Label == labelPassed
		}
		return passed(c) && passed(other) && c.Scope.Kind.evals() == other.Scope.Kind.evals()
	}
	return slices.Contains(lesser[c.Metric], other.Metric)
}

// meets reports whether some scenario, eval or run is in both scopes.
func (s Scope) meets(other Scope) bool {
	each := func(a, b Scope) bool {
		return a.Kind == ScopeEachScenario && b.Kind == ScopeScenario || a.Kind == ScopeEachEval && b.Kind == ScopeEval
	}
	return s == other || each(s, other) || each(other, s)
}

// notAbove reports whether the number of c is never above that of other, which differs from
// it in the stat alone: a minimum is never above a maximum.
func (c Criterion) notAbove(other Criterion) bool {
	if c.Stat == other.Stat {
		return true
	}
	if c.Change {
		return false
	}
	if c.Stat == StatMean || other.Stat == StatMean {
		return c.Stat == StatMin || other.Stat == StatMax
	}
	mine, its := rankOf(c.Stat), rankOf(other.Stat)
	return mine >= 0 && its >= 0 && mine <= its
}

// rankOf is where a stat stands among the values in ascending order, 0 to 100; -1 for a sum
// or a mean. The median lies between p50, which is the lower one of two in the middle, and
// p51, which is at least the upper one.
func rankOf(stat string) float64 {
	switch stat {
	case StatMin:
		return 0
	case StatMax:
		return 100
	case StatMedian:
		return 50.5
	}
	if p := Percentile(stat); p > 0 {
		return float64(p)
	}
	return -1
}

// excludes reports whether no call meets both conditions.
func (c Condition) excludes(other Condition) bool {
	if c.Eval != other.Eval || c.Metric != other.Metric {
		return false
	}
	mine, ok := c.reach()
	its, too := other.reach()
	return ok && too && (mine.beyond(its) || its.beyond(mine))
}

// reach are the scores that meet a condition; ok is false when it does not speak of them.
// What passed has the score 100, and what failed 0, which are their labels too.
func (c Condition) reach() (r reach, ok bool) {
	switch {
	case c.Kind == ConditionNumber:
		return reachOf(c.Op, c.Bound), true
	case c.Kind == ConditionPassed || c.Kind == ConditionLabel && c.Label == labelPassed:
		return reachOf(OpEqual, 100), true
	case c.Kind == ConditionLabel && c.Label == labelFailed:
		return reachOf(OpEqual, 0), true
	}
	return reach{}, false
}

// The labels of Pass/Fail evals, which are the API's own words.
const (
	labelPassed = "Passed"
	labelFailed = "Failed"
)
