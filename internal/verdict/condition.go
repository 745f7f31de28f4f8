package verdict

// Condition is one line of pass-when: what a call that succeeded has to show so that it
// counts as passed.
type Condition struct {
	Line int           // of the input, from 1
	Kind ConditionKind // what is looked at
	Eval string        // name of the eval; empty for a number of the call itself
	// Metric is the number of the call itself: overall_score, duration, response_time or
	// cost; empty for an eval.
	Metric string
	Label  string  // of a ConditionLabel
	Op     string  // >= > <= < == of a ConditionNumber
	Bound  float64 // in the unit of the metric; of an eval's score on the scale of the metric score
}

// ConditionKind is the kind of a condition.
type ConditionKind string

// The kinds of conditions.
const (
	ConditionPassed ConditionKind = "passed" // eval "NAME" passed
	ConditionLabel  ConditionKind = "is"     // eval "NAME" is "LABEL"
	ConditionNumber ConditionKind = "number" // eval "NAME" score >= 70, or overall_score >= 6
)
