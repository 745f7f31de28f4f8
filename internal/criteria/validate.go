package criteria

import (
	"math"
	"strings"

	"github.com/agent-gate/agent-gate/internal/text"
)

// Validate returns a *[LineError] for an invalid criterion, such as a rate above 100 percent.
// [Parse] never returns one.
func (c Criterion) Validate() error {
	problem, suggestion := c.fault()
	if problem == "" {
		return nil
	}
	return c.failure(problem, suggestion)
}

// failure is the error with a problem and a suggestion.
func (c Criterion) failure(problem, suggestion string) *LineError {
	return &LineError{Line: c.Line, Text: c.String(), Problem: problem, Suggestion: suggestion}
}

// fault says what is wrong with the criterion, and what was probably meant; empty if it is valid.
func (c Criterion) fault() (problem, suggestion string) {
	m, known := c.Lookup()
	other, elsewhere := Find(c.Metric, !c.Scope.Kind.evals())
	switch {
	case !known && elsewhere:
		return c.wrongScope(other)
	case !known:
		return unknownMetric(c.Metric, c.Scope.Kind.evals())
	case c.Scope.Kind.named() && c.Scope.Name == "":
		return "the " + string(c.Scope.Kind) + " name is empty", ""
	case m.Name == MetricShare && c.Label == "":
		return `share needs a label: share "LABEL"`, ""
	case (m.Family == Case) != (c.K > 0):
		return m.Name + " needs a number of trials, such as " + strings.TrimSuffix(m.Name, "K") + "3", ""
	case m.Family == Case && c.Change:
		return c.name() + " cannot be compared with a baseline", ""
	case m.Family != Average && c.Stat != "":
		return c.name() + " takes no stat: it is " + m.Family.article(), c.name()
	case m.Family == Average && c.Stat != "" && !isStat(c.Stat):
		return "unknown stat " + Show(c.Stat) + "; available: mean, median, min, max, sum, p01 to p99", nearStat(c.Stat)
	}
	switch c.Scope.Kind {
	case ScopeRun, ScopeScenario, ScopeEachScenario, ScopeEval, ScopeEachEval:
	default:
		return "unknown scope " + Show(string(c.Scope.Kind)), ""
	}
	switch c.Op {
	case OpAtLeast, OpAbove, OpAtMost, OpBelow, OpEqual:
	default:
		return unknownOp(c.Op)
	}
	if problem := c.boundFault(m); problem != "" {
		return problem, ""
	}
	return c.toleranceFault(m), ""
}

// toleranceFault says why the tolerance does not fit the criterion; empty if it does.
func (c Criterion) toleranceFault(m Metric) string {
	switch {
	case c.Tolerance == 0:
		return ""
	case m.Family != Rate || c.Change:
		return "only a rate takes a tolerance, and no change of one"
	case c.Op != OpAtLeast && c.Op != OpAtMost:
		return "a tolerance needs >= or <="
	case !(c.Tolerance > 0):
		return "a tolerance is above 0 percentage points"
	case c.Op == OpAtLeast && c.Bound-c.Tolerance <= 0, c.Op == OpAtMost && c.Bound+c.Tolerance >= 100:
		return "with this tolerance every rate would meet it"
	}
	return ""
}

// boundFault says why the bound does not fit the metric; empty if it does.
func (c Criterion) boundFault(m Metric) string {
	switch {
	case math.IsNaN(c.Bound) || math.IsInf(c.Bound, 0):
		return "the threshold must be a finite number"
	case m.Family == Count && c.Bound != math.Trunc(c.Bound):
		return "a number of calls must be a whole number"
	case m.Unit == UnitPercent && c.Change && math.Abs(c.Bound) > 100:
		return "a change of a rate must be -100 to 100 percentage points"
	case c.Change:
		return ""
	case m.Unit == UnitPercent && (c.Bound < 0 || c.Bound > 100):
		return "a rate must be 0 to 100 percent"
	case m.Unit != UnitNone && c.Bound < 0:
		return m.Name + " is never negative"
	}
	return ""
}

// article is the family with its article.
func (f Family) article() string {
	switch f {
	case Count:
		return "a count over all calls"
	case Case:
		return "a share over all cases"
	}
	return "a rate over all calls"
}

// unknownMetric says which metrics there are, and suggests the nearest.
func unknownMetric(name string, evals bool) (problem, suggestion string) {
	allowed := metricNames(evals)
	on := "calls"
	if evals {
		on = "an eval"
	}
	problem = "unknown metric " + Show(name) + "; available for " + on + ": " + strings.Join(allowed, ", ")
	suggestion = nearest(name, allowed)
	if suggestion == "" {
		suggestion = nearest(name, metricNames(!evals))
	}
	return problem, suggestion
}

// wrongScope says which scope a metric belongs in.
func (c Criterion) wrongScope(m Metric) (problem, suggestion string) {
	right := c
	if m.Evals {
		right.Scope = Scope{Kind: ScopeEval, Name: "NAME"}
		return m.Name + " is measured on an eval, not on calls: name an eval, or write each eval", right.String()
	}
	right.Scope = Scope{}
	return c.name() + " is measured on calls, not on an eval", right.String()
}

// unknownOp says which comparisons there are.
func unknownOp(op string) (problem, suggestion string) {
	switch op {
	case "=", "===":
		suggestion = OpEqual
	case "=>", "≥":
		suggestion = OpAtLeast
	case "=<", "≤":
		suggestion = OpAtMost
	}
	return "unknown comparison " + Show(op) + "; available: >= > <= < ==", suggestion
}

// nearStat is the stat that was probably meant.
func nearStat(stat string) string {
	if digits, ok := strings.CutPrefix(stat, "p"); ok && len(digits) == 1 {
		if padded := "p0" + digits; Percentile(padded) > 0 {
			return padded
		}
	}
	switch strings.ToLower(stat) {
	case "avg", "average":
		return StatMean
	case "total":
		return StatSum
	}
	return nearest(stat, []string{StatMean, StatMedian, StatMin, StatMax, StatSum, wordChange})
}

// Show quotes a word of the user, which may contain anything, in one line.
func Show(word string) string { return Quote(text.New(reveal(word)).LineMax(60)) }
