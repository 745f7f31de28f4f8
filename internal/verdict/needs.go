package verdict

import "slices"

// boundsSuccess reports whether a criterion on the whole run answers for calls that did not
// succeed, whatever its bound is.
func (s Set) boundsSuccess() bool {
	return slices.ContainsFunc(s.Criteria, func(c Criterion) bool {
		return c.Scope.Kind == ScopeRun && !c.Change && c.answersForFailures()
	})
}

// boundsJudged reports whether a criterion says how many calls of a scenario may be without
// judgement.
func (s Set) boundsJudged(scenario string) bool {
	return slices.ContainsFunc(s.Criteria, func(c Criterion) bool {
		if c.Metric != metricJudgedRate || c.Change || c.Op == opAtMost || c.Op == opBelow {
			return false
		}
		return c.Scope.Kind != ScopeScenario || c.Scope.Name == scenario
	})
}

// needsPassing reports whether a criterion looks at which calls passed.
func (s Set) needsPassing() bool {
	return slices.ContainsFunc(s.Criteria, func(c Criterion) bool {
		return (c.Metric == metricPassRate || c.Metric == metricFirstPassRate) && !c.Scope.Kind.evals()
	})
}

// needsScores reports whether a criterion looks at overall scores.
func (s Set) needsScores() bool {
	return slices.ContainsFunc(s.Criteria, func(c Criterion) bool {
		return c.Metric == metricOverallScore || c.Metric == metricScoredRate
	})
}

// LooksAtEval reports whether a criterion or a condition of pass-when looks at the results
// of an eval.
func (s Set) LooksAtEval(name string) bool {
	for _, c := range s.Criteria {
		if c.Scope.Kind == ScopeEachEval || c.Scope.Kind == ScopeEval && c.Scope.Name == name {
			return true
		}
	}
	if len(s.PassWhen) == 0 {
		return s.needsPassing() // by default every Pass/Fail eval
	}
	return s.needsPassing() && slices.ContainsFunc(s.PassWhen, func(c Condition) bool { return c.Eval == name })
}

// NeedsBaseline reports whether a criterion compares with the baseline: only then is it
// worth looking for one.
func (s Set) NeedsBaseline() bool {
	return slices.ContainsFunc(s.Criteria, func(c Criterion) bool { return c.Change })
}

// CanBeLost returns the criteria that a run can be known to miss before it has ended: those that
// counts of calls tell of, and those for which one has to know the calls.
func (s Set) CanBeLost() (counted, byCalls []Criterion) {
	for _, c := range s.Criteria {
		m, _ := c.metric()
		_, ok := c.onlyWorse()
		switch {
		case !ok:
		case c.Scope.Kind == ScopeRun && m.family != average:
			counted = append(counted, c)
		default:
			byCalls = append(byCalls, c)
		}
	}
	return counted, byCalls
}

// noticesFailures reports whether a criterion answers for calls of a scenario that did not
// succeed, or takes them as unknown.
func (s Set) noticesFailures(scenario string) bool {
	return slices.ContainsFunc(s.Criteria, func(c Criterion) bool {
		switch {
		case c.Scope.Kind.evals():
			return true
		case c.Scope.Kind == ScopeScenario && c.Scope.Name != scenario:
			return false
		case c.Metric == metricOverallScore, c.Metric == metricScoredRate:
			return true
		}
		return c.answersForFailures()
	})
}

// answersForFailures reports whether the criterion looks at how many calls do not succeed, and
// is not met when there are too many.
func (c Criterion) answersForFailures() bool {
	switch c.Metric {
	case metricSuccessRate, metricFirstSuccessRate, metricPassRate, metricFirstPassRate, metricCompletedCalls:
		return !c.Scope.Kind.evals() && c.Op != opAtMost && c.Op != opBelow
	case metricFailedCalls:
		return c.Op != opAtLeast && c.Op != opAbove
	}
	return false
}

// onlyWorse returns the criterion in the form in which a best case can be compared with
// its bound; ok is false when the calls to come can make up for those that have ended.
func (c Criterion) onlyWorse() (_ Criterion, ok bool) {
	if c.Change {
		return c, false
	}
	falls, grows := false, false // with every call that goes wrong
	switch c.Metric {
	case metricSuccessRate, metricFirstSuccessRate, metricCompletedCalls, metricPassRate, metricFirstPassRate, metricShare:
		falls = true
	case metricFailedCalls:
		grows = true
	case metricOverallScore, metricScore, metricDuration, metricResponseTime, metricCost:
		falls, grows = c.Stat == statMin, c.Stat == statMax
	}
	if c.Op == opEqual {
		c.Op = opAtMost
		if falls {
			c.Op = opAtLeast
		}
	}
	switch c.Op {
	case opAtLeast, opAbove:
		return c, falls
	case opAtMost, opBelow:
		return c, grows
	}
	return c, false
}

// comparesFirstTries reports whether a criterion compares what reruns change with a baseline.
func (s Set) comparesFirstTries() bool {
	return slices.ContainsFunc(s.Criteria, func(c Criterion) bool {
		return c.Change && slices.Contains([]string{metricFirstSuccessRate, metricFirstPassRate, metricFlakyRate, metricFlakyCalls}, c.Metric)
	})
}
