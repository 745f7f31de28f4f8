package explain

import (
	"github.com/agent-gate/agent-gate/internal/criteria"
	"github.com/agent-gate/agent-gate/internal/text"
)

// Facts are what the sentences about one check are made of.
type Facts struct {
	Criterion criteria.Criterion // on one scenario or eval, where the user's is on each
	Metric    criteria.Metric
	Unit      criteria.Unit // of the number: that of a change of a rate is points
	// Shown is the number that the criterion is about, and N the calls or values that it was
	// measured on. Low and High are the ends of its interval, nil where nothing is known.
	Shown     float64
	N         int
	Low, High *float64
	Level     float64 // of the interval, in percent
	// Hits are the calls that count for a rate or a count, of those that are known.
	Hits, Known int
	// Unknown is what the number was taken without. Bounded says that the outcome is the same
	// whatever that would have been.
	Unknown int
	Bounded bool
	Gaps    Gaps // of the metric: what is not known, and why
	// Inferred says that the number has an interval, and ByInterval that the interval decides.
	Inferred, ByInterval bool
	ByRow                bool // a change of dataset rows, each with itself
	// Lacking says that there is no data to decide by, and Open that the interval does not
	// decide. More is about how many calls would, then; 0 when no sensible number of them would.
	Lacking, Open bool
	More          int
}

// subject is what was measured, on what.
func (f Facts) subject() string { return f.Criterion.Subject() }

// quantity prints the number, so that it does not read as the bound unless it is.
func (f Facts) quantity() string { return quantity(f.Unit, f.Shown, f.Criterion.Bound) }

// bound prints the criterion's bound.
func (f Facts) bound() string { return criteria.FormatBound(f.Criterion.Bound) + suffix(f.Unit) }

// interval prints the interval with its level.
func (f Facts) interval() string {
	level := number(f.Level) + "% interval"
	if f.Low == nil && f.High == nil {
		return "too few values for a " + level
	}
	return level + " " + rangeWords(f.Unit, f.Low, f.High, f.Criterion.Bound)
}

// more says what it would take to decide.
func (f Facts) more() string {
	switch {
	case f.Low == nil && f.High == nil:
		return "it takes more values to decide"
	case f.More == 0:
		return "the bound is so close to it that no sensible number of calls would decide"
	case f.Criterion.Change:
		return "about " + text.Plural(f.More, "more call") + " in each run would decide"
	}
	return "about " + text.Plural(f.More, "more call") + " would decide"
}

// noun names the calls that the metric is taken over.
func (f Facts) noun() string {
	switch {
	case f.Metric.Evals || f.Metric.Name == criteria.MetricScoredRate:
		return "succeeded call"
	case f.Metric.Name == criteria.MetricJudgedRate || f.Metric.Name == criteria.MetricMissingCalls:
		return "planned call"
	}
	return "call"
}
