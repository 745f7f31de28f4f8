package explain

import (
	"fmt"

	"github.com/agent-gate/agent-gate/internal/criteria"
	"github.com/agent-gate/agent-gate/internal/text"
)

// MaxItems is how many criteria a sentence speaks of before it only counts the rest.
const MaxItems = 3

// Blame is which calls keep a criterion from being met.
type Blame struct {
	Calls int  // how many there are
	Less  bool // the number is too large, so that fewer or smaller ones would do
	// Pivot is the number beyond which their values lie, of an average.
	Pivot float64
	// How they ended, of a rate or a count.
	Succeeded, Failed, Skipped, Lost, Open, Cancelled int
	Missing                                           Missing // why results are missing, of a result rate
	// Scenario is the one in which most of them are, or all; empty when that tells nothing.
	Scenario text.Untrusted
	All      bool
}

// Unmet is the reason of a verdict: what is missed, and which calls are to blame. Rest is how
// many more checks are not met.
func (f Facts) Unmet(b Blame, rest int) text.Untrusted {
	return andMore(f.unmet(b), rest, "not met")
}

// Undecided is the reason of a verdict: the interval does not tell. Rest is how many more
// checks are undecided.
func (f Facts) Undecided(rest int) text.Untrusted {
	said := text.Sprintf("%s %s (%s) cannot be told from %s: %s", f.subject(), f.quantity(), f.interval(), f.bound(), f.more())
	return andMore(said, rest, "undecided")
}

// Unjudged is the reason of a verdict: there is no data, and why. Rest is how many more checks
// are without.
func (f Facts) Unjudged(why text.Untrusted, rest int) text.Untrusted {
	return andMore(text.Sprintf("%s cannot be judged: %s", f.subject(), why), rest, "without data")
}

// andMore counts the other checks that came out alike.
func andMore(said text.Untrusted, rest int, how string) text.Untrusted {
	if rest == 0 {
		return said
	}
	return text.Sprintf("%s (and %s %s)", said, text.Plural(rest, "more check"), how)
}

func (f Facts) unmet(b Blame) text.Untrusted {
	c := f.Criterion
	said := text.Sprintf("%s %s %s %s", f.subject(), f.quantity(), reversed(c.Op), f.bound())
	if f.ByInterval && f.Inferred {
		said = text.Sprintf("%s %s (%s) %s %s", f.subject(), f.quantity(), f.interval(), reversed(c.Op), f.bound())
	}
	n := f.Known - f.Hits
	if b.Less {
		n = f.Hits
	}
	switch {
	case f.Metric.Family != criteria.Average && n == 0, f.Metric.Family == criteria.Average && b.Calls == 0:
		return text.Sprintf("%s%s", said, f.besides())
	case c.Stat == criteria.StatSum:
		return text.Sprintf("%s, the sum of %s", said, text.Plural(f.N, "value"))
	}
	mostly := b.mostly()
	if c.Scope.Kind == criteria.ScopeScenario {
		mostly = text.Untrusted{} // it was said
	}
	if f.Metric.Family == criteria.Average {
		return text.Sprintf("%s: %d of %s %s%s%s", said, b.Calls, text.Plural(f.N, "value"), f.beyond(b), mostly, f.besides())
	}
	return text.Sprintf("%s: %d of %s %s%s%s%s", said, n, text.Plural(f.Known, f.noun()),
		predicate(c, n, b.Less), f.kinds(b), mostly, f.besides())
}

// besides counts what is not known beside what decided.
func (f Facts) besides() string {
	if n := f.Gaps.N(); n > 0 && !f.Criterion.Change {
		return fmt.Sprintf("; %d more unknown (%s)", n, f.Gaps.words())
	}
	return ""
}

// beyond says on which side of which number the values lie that are to blame.
func (f Facts) beyond(b Blame) string {
	are, side := "are", " below "
	if b.Calls == 1 {
		are = "is"
	}
	if b.Less {
		side = " above "
	}
	return are + side + quantity(f.Metric.Unit, b.Pivot)
}

// kinds counts how calls ended that did not succeed, or why results are missing.
func (f Facts) kinds(b Blame) string {
	if b.Less {
		return ""
	}
	switch f.Metric.Name {
	case criteria.MetricSuccessRate:
		return inBrackets(parts(b.Failed, "failed", b.Skipped, "skipped"))
	case criteria.MetricPassRate:
		if f.Metric.Evals {
			return ""
		}
		return inBrackets(parts(b.Succeeded, "below your bar", b.Failed, "failed", b.Skipped, "skipped"))
	case criteria.MetricJudgedRate:
		return inBrackets(parts(b.Lost, "lost", f.Known-f.Hits-b.Calls, "missing", b.Open, "not ended", b.Cancelled, "cancelled"))
	case criteria.MetricResultRate:
		return inBrackets(b.Missing.words())
	}
	return ""
}

// mostly says in which scenario most of the calls are, when that tells something.
func (b Blame) mostly() text.Untrusted {
	switch {
	case b.Scenario.IsEmpty():
		return text.Untrusted{}
	case b.All:
		return text.Sprintf(", all in scenario %s", criteria.Quote(b.Scenario.Raw()))
	}
	return text.Sprintf(", most in scenario %s", criteria.Quote(b.Scenario.Raw()))
}

// Closest is the check of a criterion that is met most narrowly.
type Closest struct {
	Facts
	Of int // checks of the criterion
}

// AllMet is the reason of a verdict that all of so many criteria are met, of which the first are given.
func AllMet(first []Closest, of int) text.Untrusted {
	var items []text.Untrusted
	for _, f := range first {
		item := text.Sprintf("%s %s (%s)", f.subject(), f.quantity(), f.basis())
		if f.Of > 1 {
			item = text.Sprintf("%s, the closest of %d", item, f.Of)
		}
		items = append(items, item)
	}
	said := text.Join("; ", items...)
	if more := of - len(items); more > 0 {
		said = text.Sprintf("%s; and %d more", said, more)
	}
	switch of {
	case 1:
		return text.Sprintf("the only criterion is met: %s", said)
	case 2:
		return text.Sprintf("both criteria are met: %s", said)
	default:
		return text.Sprintf("all %d criteria are met: %s", of, said)
	}
}

// basis says what the number was measured on.
func (f Facts) basis() string {
	on := number(float64(f.Hits)) + " of " + number(float64(f.Known))
	if f.Criterion.Change || f.Metric.Family == criteria.Average {
		on = text.Plural(f.N, "value")
	}
	if f.Unknown > 0 {
		on = fmt.Sprintf("%s, %d unknown", on, f.Unknown)
	}
	return on
}
