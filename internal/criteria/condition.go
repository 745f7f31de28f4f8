package criteria

import "math"

// Condition is one line of pass-when: what a successful call must meet to count as passed.
type Condition struct {
	Line int           // of the input, from 1
	Kind ConditionKind // what it looks at
	Eval string        // name of the eval; empty for a number of the call itself
	// Metric is the number of the call itself: overall_score, duration, response_time or
	// cost; empty for an eval.
	Metric string
	Label  string  // for a ConditionLabel
	Op     string  // >= > <= < ==, for a ConditionNumber
	Bound  float64 // in the unit of the metric; for an eval on the scale of the metric score
}

// ConditionKind is the kind of a condition.
type ConditionKind string

// The kinds of conditions.
const (
	ConditionPassed ConditionKind = "passed" // eval "NAME" passed
	ConditionLabel  ConditionKind = "is"     // eval "NAME" is "LABEL"
	ConditionNumber ConditionKind = "number" // eval "NAME" score >= 70, or overall_score >= 6
)

// String is the normal form; [ParseConditions] reads it back as the same condition.
func (c Condition) String() string {
	subject := c.subject()
	switch c.Kind {
	case ConditionPassed:
		return subject + " " + wordPassed
	case ConditionLabel:
		return subject + " " + wordIs + " " + Quote(c.Label)
	case ConditionNumber:
		return subject + " " + c.Op + " " + FormatBound(c.Bound)
	}
	return subject + " " + string(c.Kind)
}

// subject is the left side: what the condition looks at.
func (c Condition) subject() string {
	switch {
	case c.Eval == "" && c.Metric != "":
		return c.Metric
	case c.Kind == ConditionNumber:
		return string(ScopeEval) + " " + Quote(c.Eval) + " " + MetricScore
	}
	return string(ScopeEval) + " " + Quote(c.Eval)
}

// metric looks up the number that the condition compares; known is false if a call has no such
// number.
func (c Condition) metric() (m Metric, known bool) {
	if c.Metric == "" {
		return Find(MetricScore, true)
	}
	m, known = Find(c.Metric, false)
	return m, known && m.Family == Average
}

// Validate returns a *[LineError] for an invalid condition. [ParseConditions] never returns one.
func (c Condition) Validate() error {
	problem, suggestion := c.fault()
	if problem == "" {
		return nil
	}
	return c.failure(problem, suggestion)
}

// failure is the error with a problem and a suggestion.
func (c Condition) failure(problem, suggestion string) *LineError {
	return &LineError{Line: c.Line, Text: c.String(), Problem: problem, Suggestion: suggestion}
}

// fault says what is wrong with the condition, and what was probably meant; empty if it is valid.
func (c Condition) fault() (problem, suggestion string) {
	m, known := c.metric()
	switch {
	case !known:
		return unknownNumber(c.Metric)
	case c.Metric == "" && c.Eval == "":
		return "the eval name is empty", ""
	case c.Metric != "" && (c.Eval != "" || c.Kind != ConditionNumber):
		return c.Metric + " is a number of the call itself, so it needs a threshold", c.Metric + " >= NUMBER"
	}
	switch c.Kind {
	case ConditionPassed:
		return "", ""
	case ConditionLabel:
		if c.Label == "" {
			return "the label is empty", ""
		}
		return "", ""
	case ConditionNumber:
	default:
		return "unknown condition " + Show(string(c.Kind)), ""
	}
	switch c.Op {
	case OpAtLeast, OpAbove, OpAtMost, OpBelow, OpEqual:
	default:
		return unknownOp(c.Op)
	}
	switch {
	case math.IsNaN(c.Bound) || math.IsInf(c.Bound, 0):
		return "the threshold must be a finite number", ""
	case m.NeverNegative() && c.Bound < 0:
		return m.Name + " is never negative", ""
	}
	return "", ""
}
