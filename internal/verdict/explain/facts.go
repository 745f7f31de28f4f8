package explain

import (
	"fmt"

	"github.com/agent-gate/agent-gate/internal/criteria"
	"github.com/agent-gate/agent-gate/internal/text"
)

// Facts are what sentences about one check are made of.
type Facts struct {
	Criterion criteria.Criterion // on one scenario or eval, even if the user wrote "each"
	Metric    criteria.Metric
	Unit      criteria.Unit // of Shown: points for a change of a rate
	// Shown is the measured number, and N the calls or values it was measured on. Low and High
	// are the ends of its interval; nil means unbounded.
	Shown     float64
	N         int
	Low, High *float64
	Level     float64 // of the interval, in percent
	// Hits are the calls that count towards a rate or a count, out of those that are known.
	Hits, Known int
	// Unknown is how many calls or values the number leaves out. Bounded means that they cannot
	// change the outcome.
	Unknown int
	Bounded bool
	Gaps    Gaps // what is unknown, and why
	// Inferred means that the number has an interval, ByInterval that the interval decides.
	Inferred, ByInterval bool
	ByRow                bool // a change that compares each dataset row with itself
	Grouped              bool // a change of a rate within several scenarios
	Population           bool // the interval is over scenarios
	// Ranked means that the interval takes calls as independent although they are of several scenarios.
	Ranked bool
	// First is the number before reruns if the criterion is met only after them; nil otherwise.
	First *float64
	// Trials are those of a metric of cases; then N counts cases, not calls.
	Trials int
	// FewestCalls is how many calls the case with the fewest has, and Short how many cases have none in some trial.
	FewestCalls, Short int
	// Look is the current look, from 1, of Looks that the run may be judged at; 0 for one look only.
	Look, Looks int
	Stopped     text.Untrusted // why the run did not go on although it is undecided
	// Lacking means that there is no data to decide by, Open that the interval does not decide.
	// More is how many more calls would probably decide then; 0 if no reasonable number would.
	Lacking, Open, Met bool
	More               int
}

// subject says what was measured, on what.
func (f Facts) subject() string { return f.Criterion.Subject() }

// quantity prints the number. It only reads like the threshold if it equals it.
func (f Facts) quantity() string { return quantity(f.Unit, f.Shown, f.Criterion.Bound) }

// threshold prints the criterion's bound.
func (f Facts) threshold() string { return criteria.FormatBound(f.Criterion.Bound) + suffix(f.Unit) }

// interval prints the interval with its level.
func (f Facts) interval() string {
	if f.Low == nil && f.High == nil {
		return "too few values for a " + f.level()
	}
	return f.level() + " " + f.ends()
}

func (f Facts) level() string {
	if f.Look > 0 {
		return fmt.Sprintf("interval at look %d of %d", f.Look, f.Looks)
	}
	return number(f.Level) + "% interval"
}

// shown says what a tolerance let the rate be shown to be; empty without one, or while it is open.
func (f Facts) shown(met bool) string {
	c := f.Criterion
	far, edge := "below", c.Bound-c.Tolerance
	if c.Op == criteria.OpAtMost {
		far, edge = "above", c.Bound+c.Tolerance
	}
	switch {
	case c.Tolerance == 0 || f.Open || f.Lacking:
		return ""
	case met:
		return "shown not to be " + far + " " + criteria.FormatBound(edge) + suffix(f.Unit)
	}
	return "shown to be " + far + " " + f.threshold()
}

// ends prints the ends of the interval that are known.
func (f Facts) ends() string { return rangeWords(f.Unit, f.Low, f.High, f.Criterion.Bound) }

// more says what it would take to decide.
func (f Facts) more() string {
	switch {
	case f.Looks > 0 && !f.Stopped.IsEmpty():
		return "no further trial, because " + f.Stopped.Line()
	case f.Looks > 0:
		return "a further trial may decide"
	case f.Low == nil && f.High == nil:
		return "more values are needed to decide"
	case f.Population:
		return "more scenarios are needed to decide"
	case f.More == 0:
		return "the threshold is too close for any reasonable number of calls to decide"
	case f.Criterion.Change:
		return "about " + text.Plural(f.More, "more call") + " in each run would decide (80% chance at the measured value)"
	}
	return "about " + text.Plural(f.More, "more call") + " would decide (80% chance at the measured value)"
}

// misses says how the number stands to a threshold that it does not meet.
func (f Facts) misses() string {
	switch f.Criterion.Op {
	case criteria.OpAtLeast:
		return "below"
	case criteria.OpAbove:
		return "not " + f.above()
	case criteria.OpAtMost:
		return f.above()
	case criteria.OpBelow:
		return "not below"
	}
	return "not"
}

// above is the word for a larger number: time and money are over a limit.
func (f Facts) above() string {
	switch f.Metric.Unit {
	case criteria.UnitSeconds, criteria.UnitCents:
		return "over"
	}
	return "above"
}

// noun names the calls that the metric covers.
func (f Facts) noun() string {
	switch {
	case f.Metric.Evals || f.Metric.Name == criteria.MetricScoredRate:
		return "successful call"
	case f.Metric.Name == criteria.MetricJudgedRate || f.Metric.Name == criteria.MetricMissingCalls:
		return "planned call"
	}
	return "call"
}

// value names what an average takes its values from.
func (f Facts) value() string {
	switch {
	case f.Criterion.Change:
		return "value" // of pairs, which are not all calls
	case f.Metric.Evals:
		return "result"
	}
	return "call"
}

// values counts the values that the number was measured on.
func (f Facts) values() string { return text.Plural(f.N, f.value()) }
