package criteria

import (
	"math"
	"strconv"

	"github.com/agent-gate/agent-gate/internal/text"
)

// The inputs that rules come from.
const (
	inputCriteria = "criteria"
	inputPassWhen = "pass-when"
	inputMinRate  = "min-success-rate"
	inputMinScore = "min-overall-score"
)

// Mistake is a criterion or a condition that can be read and cannot do its work. It is told
// before a call is paid for.
type Mistake struct {
	Input string // that it stands in, such as "criteria"
	Err   *LineError
}

// Text is the mistake in one line: "criteria: line 2: …".
func (m Mistake) Text() text.Untrusted { return text.New(m.Input + ": " + m.Err.Error()) }

// mistake is one of the criterion.
func (c Criterion) mistake(problem, suggestion string) Mistake {
	if c.Line == 0 {
		suggestion = "" // the input takes only a number
	}
	return Mistake{Input: c.input(), Err: c.failure(problem, suggestion)}
}

// mistake is one of the condition.
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

// mistakesIn are those of the criteria, or of the conditions.
func mistakesIn[T rule[T]](rules []T) []Mistake {
	var all []Mistake
	var able []T // those that can do their work
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

// useless says why the criterion decides nothing; empty when it can decide.
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

// useless says why the condition decides nothing; empty when it can decide.
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

// FractionOfPercent says what to write instead of a bound in percent that is above 0, at most
// 1 and without %.
func FractionOfPercent(bound float64) string {
	given, percent := shortBound(bound), asPercent(bound)
	return given + " means " + given + " percent: write " + percent + " for " + percent + " percent, or " + given + "% if that is meant"
}

// asPercent is a part of one in percent, without the errors of binary fractions.
func asPercent(part float64) string {
	if rounded := math.Round(part*1e8) / 1e6; rounded > 0 {
		return FormatBound(rounded)
	}
	return shortBound(part * 100)
}

// shortBound is a number for a sentence, which one with hundreds of zeros would fill.
func shortBound(v float64) string {
	if s := FormatBound(v); len(s) < 20 {
		return s
	}
	return strconv.FormatFloat(v, 'g', 3, 64)
}

// MaxOverallScore is the highest overall score; the lowest is 1, or 0 on some servers
// (contract, section 5).
const MaxOverallScore = 10

// values are the values that the metric can have.
func (m Metric) values() reach {
	switch {
	case m.Unit == UnitPercent:
		return reach{low: 0, high: 100}
	case m.Name == MetricOverallScore:
		return reach{low: 0, high: MaxOverallScore}
	case m.Unit == UnitNone:
		return reach{low: math.Inf(-1), high: math.Inf(1)} // a score of an eval, which may be any number
	}
	return reach{low: 0, high: math.Inf(1)}
}

// values are the values that the number of the criterion can have, as far as the metric tells
// those of one call.
func (c Criterion) values(one reach) reach {
	if c.Stat == StatSum {
		one.high = math.Inf(1) // of numbers that are never negative, and of any number
	}
	if c.Change {
		return reach{low: one.low - one.high, high: one.high - one.low}
	}
	return one
}

// useless says why a comparison with the bound comes out alike for all values; empty when it
// does not. Op is the comparison that was probably meant, empty when there is none. Name is
// what has the values.
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
