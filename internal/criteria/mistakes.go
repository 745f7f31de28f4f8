package criteria

import (
	"math"
	"strconv"

	"github.com/agent-gate/agent-gate/internal/text"
)

// The inputs with criteria and conditions.
const (
	inputCriteria = "criteria"
	inputPassWhen = "pass-when"
	inputMinRate  = "min-success-rate"
	inputMinScore = "min-overall-score"
)

// Mistake is a valid criterion or condition that cannot work. It is reported before any call is
// paid for.
type Mistake struct {
	Input string // its input, such as "criteria"
	Err   *LineError
}

// Text is the mistake in one line: "criteria: line 2: …".
func (m Mistake) Text() text.Untrusted { return text.New(m.Input + ": " + m.Err.Error()) }

// mistake makes a problem with the criterion a [Mistake].
func (c Criterion) mistake(problem, suggestion string) Mistake {
	if c.Line == 0 {
		suggestion = "" // its input only takes a number
	}
	return Mistake{Input: c.input(), Err: c.failure(problem, suggestion)}
}

// mistake makes a problem with the condition a [Mistake].
func (c Condition) mistake(problem, suggestion string) Mistake {
	return Mistake{Input: inputPassWhen, Err: c.failure(problem, suggestion)}
}

// input is the input that the criterion comes from.
func (c Criterion) input() string {
	switch {
	case c.Line > 0:
	case c.Metric == MetricSuccessRate:
		return inputMinRate
	case c.Metric == MetricOverallScore:
		return inputMinScore
	}
	return inputCriteria
}

// mistakesIn finds the mistakes among criteria or among conditions.
func mistakesIn[T rule[T]](rules []T) []Mistake {
	var all []Mistake
	var able []T // those without a mistake
	for _, t := range rules {
		problem, suggestion := t.useless()
		if problem == "" {
			problem = excluded(t, able)
		}
		if problem != "" {
			all = append(all, t.mistake(problem, suggestion))
			continue
		}
		able = append(able, t)
	}
	return all
}

// useless says why every value or no value meets the criterion; empty if some do.
func (c Criterion) useless() (problem, suggestion string) {
	m, known := c.Lookup()
	switch {
	case !known:
		return "", ""
	case c.Fraction:
		return FractionOfPercent(c.Bound), ""
	}
	name := c.Metric
	if c.Change {
		name = "a change of " + name
	}
	problem, op := c.values(m.values()).useless(c.Op, c.Bound, name)
	return problem, c.with(op)
}

// with is the criterion with another comparison; empty without one.
func (c Criterion) with(op string) string {
	if op == "" {
		return ""
	}
	c.Op = op
	return c.String()
}

// useless says why every value or no value meets the condition; empty if some do.
func (c Condition) useless() (problem, suggestion string) {
	m, known := c.metric()
	if !known || c.Kind != ConditionNumber {
		return "", ""
	}
	problem, op := m.values().useless(c.Op, c.Bound, m.Name)
	return problem, c.with(op)
}

// with is the condition with another comparison; empty without one.
func (c Condition) with(op string) string {
	if op == "" {
		return ""
	}
	c.Op = op
	return c.String()
}

// MistakesByInterval are the criteria that no interval can meet, so that a run which is decided by
// intervals never passes: no number of calls shows that a rate or an overall score is one exact number, or
// at the very end of its range.
func (s Set) MistakesByInterval() []Mistake {
	var all []Mistake
	for _, c := range s.Criteria {
		if problem, suggestion := c.unshowable(); problem != "" {
			all = append(all, c.mistake(problem, suggestion))
		}
	}
	return all
}

// unshowable says why no interval can meet the criterion; empty if one can.
func (c Criterion) unshowable() (problem, suggestion string) {
	m, known := c.Lookup()
	ranged := m.Family == Rate || m.Family == Case || m.Name == MetricOverallScore && (c.Stat == StatMean || c.Stat == "")
	if !known || !ranged || c.Tolerance > 0 {
		return "", ""
	}
	within := c.values(m.values())
	lowest, highest := c.Bound == within.low, c.Bound == within.high
	switch {
	case c.Op == OpAtLeast && highest, c.Op == OpAtMost && lowest, c.Op == OpEqual:
	default:
		return "", ""
	}
	if m.Family == Rate && !c.Change && (highest || lowest) {
		suggested := c
		suggested.Tolerance = 5
		if c.Op == OpEqual && highest {
			suggested.Op = OpAtLeast
		} else if c.Op == OpEqual {
			suggested.Op = OpAtMost
		}
		suggestion = suggested.String()
	}
	return "no interval can meet it: no number of calls shows that it is exactly " + shortBound(c.Bound) + " (decide-on: interval)", suggestion
}

// FractionOfPercent says what to write instead of a bound in percent above 0 and up to 1 without %.
func FractionOfPercent(bound float64) string {
	given, percent := shortBound(bound), asPercent(bound)
	return given + " means " + given + " percent: write " + percent + " for " + percent + " percent, or " + given + "% if that is meant"
}

// asPercent is a fraction in percent, without the errors of binary fractions.
func asPercent(part float64) string {
	if rounded := math.Round(part*1e8) / 1e6; rounded > 0 {
		return FormatBound(rounded)
	}
	return shortBound(part * 100)
}

// shortBound is a number short enough for a sentence.
func shortBound(v float64) string {
	if s := FormatBound(v); len(s) < 20 {
		return s
	}
	return strconv.FormatFloat(v, 'g', 3, 64)
}

// MaxOverallScore is the highest overall score; the lowest is 1, or 0 on some servers
// (contract, section 5).
const MaxOverallScore = 10

// values is the range of the metric on one call.
func (m Metric) values() reach {
	switch {
	case m.Unit == UnitPercent:
		return reach{low: 0, high: 100}
	case m.Name == MetricOverallScore:
		return reach{low: 0, high: MaxOverallScore}
	case m.Unit == UnitNone:
		return reach{low: math.Inf(-1), high: math.Inf(1)} // an eval's score may be any number
	}
	return reach{low: 0, high: math.Inf(1)}
}

// values is the range of the criterion's number, given the metric's range on one call.
func (c Criterion) values(one reach) reach {
	if c.Stat == StatSum {
		one.high = math.Inf(1) // for numbers that are never negative and for any number
	}
	if c.Change {
		return reach{low: one.low - one.high, high: one.high - one.low}
	}
	return one
}

// useless says why every value in r or none meets a comparison with the bound; empty if some do.
// meant is the comparison that was probably meant; empty without a guess. name is the metric.
func (r reach) useless(op string, bound float64, name string) (problem, meant string) {
	asked := reachOf(op, bound)
	switch {
	case asked.holds(r):
		problem = "every value meets it: "
		switch {
		case op == OpAtLeast && bound == r.low:
			meant = OpAbove
		case op == OpAtMost && bound == r.high:
			meant = OpBelow
		}
	case asked.beyond(r) || r.beyond(asked):
		problem = "no value meets it: "
		switch {
		case op == OpBelow && bound == r.low:
			meant = OpAtMost
		case op == OpAbove && bound == r.high:
			meant = OpAtLeast
		}
	default:
		return "", ""
	}
	if math.IsInf(r.high, 1) {
		return problem + name + " is " + FormatBound(r.low) + " or more", meant
	}
	return problem + name + " is " + FormatBound(r.low) + " to " + FormatBound(r.high), meant
}
