package criteria

import (
	"fmt"
	"math"
	"slices"

	"github.com/agent-gate/agent-gate/internal/text"
)

// reach is the range of numbers that meet a comparison. An open end does not belong to it.
type reach struct {
	low, high         float64
	lowOpen, highOpen bool
}

// reachOf is the range of numbers that meet a bound.
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

// whole is r with its ends moved to whole numbers.
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

// rule is a criterion or a condition, which may be a mistake by itself or beside another.
type rule[T any] interface {
	// useless says why every value or no value meets it; empty if some do.
	useless() (problem, suggestion string)
	// mistake makes a problem with it a [Mistake].
	mistake(problem, suggestion string) Mistake
	// excludes reports whether nothing can meet both.
	excludes(T) bool
	// title names it in a message about another one.
	title() string
}

// excluded says which earlier rule cannot be met together with t; empty if none. Pairs are enough:
// ranges of numbers without a common point always include two without one.
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

// excludes reports whether no run meets both criteria. It only compares criteria on the same
// numbers.
func (c Criterion) excludes(other Criterion) bool {
	m, known := c.Lookup()
	if !known || c.Change != other.Change {
		return false
	}
	mine, its := c.reach(), other.reach()
	if m.Family == Count {
		mine, its = mine.whole(), its.whole()
	}
	return mine.beyond(its) && c.boundedBy(other) || its.beyond(mine) && other.boundedBy(c)
}

// reach is the range of numbers that meet the criterion.
func (c Criterion) reach() reach {
	if c.Op == OpAtMost {
		return reachOf(c.Op, c.Bound+c.Tolerance)
	}
	return reachOf(c.Op, c.Bound-c.Tolerance)
}

// boundedBy reports whether the number of c is never above that of other: it is the same one with
// another stat, covers some of the same calls, or a part of the run. A bound that each scenario
// meets, the run meets too: its rates and means lie between those of its scenarios.
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
			return true // a scenario never has more than the run
		}
	case c.Stat == StatMin && other.Stat == StatMin && c.Scope.Kind == ScopeRun:
		return true // a scenario's minimum is a value of the run
	}
	each := c.Scope.Kind == ScopeEachScenario && other.Scope.Kind == ScopeRun ||
		c.Scope.Kind == ScopeRun && other.Scope.Kind == ScopeEachScenario
	return each && (c.between() || other.between())
}

// sameSubject reports whether both have the same metric.
func (c Criterion) sameSubject(other Criterion) bool {
	return c.Metric == other.Metric && c.K == other.K && c.Label == other.Label && c.Scope.Kind.evals() == other.Scope.Kind.evals()
}

// between reports whether a run's number always lies between those of its scenarios. Sums and
// counts do not, and neither does a median, which may be the mean of two middle values.
func (c Criterion) between() bool {
	m, known := c.Lookup()
	return known && m.Family != Count && c.Stat != StatSum && c.Stat != StatMedian
}

// lesser maps a metric to those it is never above on the same calls. Read-only.
var lesser = map[string][]string{
	MetricPassRate:       {MetricSuccessRate},
	MetricFirstPassRate:  {MetricFirstSuccessRate},
	MetricFlakyRate:      {MetricSuccessRate},
	MetricFailedCalls:    {MetricTotalCalls},
	MetricFlakyCalls:     {MetricCompletedCalls, MetricTotalCalls},
	MetricLostCalls:      {MetricTotalCalls},
	MetricCompletedCalls: {MetricTotalCalls},
}

// partOf reports whether the number of c is never above that of another metric. The share of the
// label Passed is the pass rate.
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

// notAbove reports whether the number of c is never above that of other, which only differs in its
// stat: a minimum is never above a maximum.
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

// rankOf is the position of a stat among the values in ascending order, 0 to 100; -1 for a sum or a
// mean. The median lies between p50, the lower of two middle values, and p51, at least the upper.
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

// reach is the range of scores that meet a condition; ok is false if it is not about scores. Passed
// is the score 100 and Failed 0; they are labels too.
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

// The labels of Pass/Fail evals, as the API spells them.
const (
	labelPassed = "Passed"
	labelFailed = "Failed"
)
