package criteria

import "slices"

// BoundsSuccess reports whether a criterion on the whole run limits calls that did not succeed, at
// whatever bound.
func (s Set) BoundsSuccess() bool {
	return slices.ContainsFunc(s.Criteria, func(c Criterion) bool {
		return c.Scope.Kind == ScopeRun && !c.Change && c.answersForFailures()
	})
}

// BoundsJudged reports whether a criterion says how many calls of a scenario must be judged.
func (s Set) BoundsJudged(scenario string) bool {
	return slices.ContainsFunc(s.Criteria, func(c Criterion) bool {
		if c.Metric != MetricJudgedRate || c.Change || c.WantsLittle() {
			return false
		}
		return c.Scope.Kind != ScopeScenario || c.Scope.Name == scenario
	})
}

// NeedsPassing reports whether a criterion looks at which calls passed.
func (s Set) NeedsPassing() bool {
	return slices.ContainsFunc(s.Criteria, func(c Criterion) bool {
		switch c.Metric {
		case MetricPassRate, MetricFirstPassRate, MetricPassAll, MetricPassAny:
			return !c.Scope.Kind.evals()
		}
		return false
	})
}

// NeedsScores reports whether a criterion looks at overall scores.
func (s Set) NeedsScores() bool {
	return slices.ContainsFunc(s.Criteria, func(c Criterion) bool {
		return c.Metric == MetricOverallScore || c.Metric == MetricScoredRate
	})
}

// LooksAtEval reports whether a criterion or a condition in use looks at the results of an eval.
func (s Set) LooksAtEval(name string) bool {
	for _, c := range s.Criteria {
		if c.Scope.Kind == ScopeEachEval || c.Scope.Kind == ScopeEval && c.Scope.Name == name {
			return true
		}
	}
	if len(s.PassWhen) == 0 {
		return s.NeedsPassing() // by default every Pass/Fail eval
	}
	return s.NeedsPassing() && slices.ContainsFunc(s.PassWhen, func(c Condition) bool { return c.Eval == name })
}

// NeedsBaseline reports whether a criterion compares with a baseline. Only then is one looked for.
func (s Set) NeedsBaseline() bool {
	return slices.ContainsFunc(s.Criteria, func(c Criterion) bool { return c.Change })
}

// CanBeLost returns the criteria that can be known to fail before the run has ended: those decided
// by counts of calls alone, and those that need the calls.
func (s Set) CanBeLost() (counted, byCalls []Criterion) {
	for _, c := range s.Criteria {
		m, _ := c.Lookup()
		_, ok := c.OnlyWorse()
		switch {
		case !ok:
		case c.Scope.Kind == ScopeRun && m.Family != Average:
			counted = append(counted, c)
		default:
			byCalls = append(byCalls, c)
		}
	}
	return counted, byCalls
}

// NoticesFailures reports whether a criterion limits calls of a scenario that did not succeed, or
// treats them as unknown.
func (s Set) NoticesFailures(scenario string) bool {
	return slices.ContainsFunc(s.Criteria, func(c Criterion) bool {
		switch {
		case c.Scope.Kind.evals():
			return true
		case c.Scope.Kind == ScopeScenario && c.Scope.Name != scenario:
			return false
		case c.Metric == MetricOverallScore, c.Metric == MetricScoredRate:
			return true
		}
		return c.answersForFailures()
	})
}

// answersForFailures reports whether too many calls that do not succeed make the criterion fail.
func (c Criterion) answersForFailures() bool {
	switch c.Metric {
	case MetricSuccessRate, MetricFirstSuccessRate, MetricPassRate, MetricFirstPassRate, MetricPassAll, MetricPassAny, MetricCompletedCalls:
		return !c.Scope.Kind.evals() && !c.WantsLittle()
	case MetricFailedCalls:
		return c.Op != OpAtLeast && c.Op != OpAbove
	}
	return false
}

// OnlyWorse returns the criterion in a form to check against the best case of a running test; ok is
// false if later calls can make up for earlier ones.
func (c Criterion) OnlyWorse() (_ Criterion, ok bool) {
	if c.Change {
		return c, false
	}
	falls, grows := false, false // with every bad call
	switch c.Metric {
	case MetricSuccessRate, MetricFirstSuccessRate, MetricCompletedCalls, MetricPassRate, MetricFirstPassRate, MetricShare:
		falls = true
	case MetricFailedCalls:
		grows = true
	case MetricOverallScore, MetricScore, MetricDuration, MetricResponseTime, MetricCost:
		falls, grows = c.Stat == StatMin, c.Stat == StatMax
	}
	if c.Op == OpEqual {
		c.Op = OpAtMost
		if falls {
			c.Op = OpAtLeast
		}
	}
	switch c.Op {
	case OpAtLeast, OpAbove:
		return c, falls
	case OpAtMost, OpBelow:
		return c, grows
	}
	return c, false
}

// ComparesFirstTries reports whether a criterion compares first tries or flakiness with a baseline.
func (s Set) ComparesFirstTries() bool {
	return slices.ContainsFunc(s.Criteria, func(c Criterion) bool {
		return c.Change && slices.Contains([]string{MetricFirstSuccessRate, MetricFirstPassRate, MetricFlakyRate, MetricFlakyCalls}, c.Metric)
	})
}
