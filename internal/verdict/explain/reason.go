package explain

import (
	"fmt"

	"github.com/agent-gate/agent-gate/internal/criteria"
	"github.com/agent-gate/agent-gate/internal/stats"
	"github.com/agent-gate/agent-gate/internal/text"
)

// MaxItems is how many criteria a sentence names before it only counts the rest.
const MaxItems = 3

// Blame describes the calls that keep a criterion from being met.
type Blame struct {
	Calls int  // how many there are
	Less  bool // the number is too large: fewer or smaller ones would meet it
	// Pivot is the number that their values are below or above; set for averages only.
	Pivot float64
	// How they ended; set for rates and counts only.
	Succeeded, Failed, Skipped, Lost, Open, Cancelled int
	Missing                                           Missing // why results are missing, for a result rate
	// Scenario is the one that most of them are in, or all if All is set. It is empty when that
	// says nothing.
	Scenario text.Untrusted
	All      bool
}

// Unmet is the reason of a failed verdict: the criterion that is missed and the calls to blame.
// rest is how many more checks are not met.
func (f Facts) Unmet(b Blame, rest int) text.Untrusted {
	return andMore(f.unmet(b), rest, "not met")
}

// Undecided is the reason of an inconclusive verdict: the interval does not decide. rest is how
// many more checks are undecided.
func (f Facts) Undecided(rest int) text.Untrusted {
	said := text.Sprintf("%s is %s, but its %s (%s) includes the threshold %s: %s",
		f.subject(), f.quantity(), f.level(), f.ends(), f.threshold(), f.more())
	if f.Low == nil && f.High == nil {
		said = text.Sprintf("%s is %s: %s, %s", f.subject(), f.quantity(), f.interval(), f.more())
	}
	return andMore(said, rest, "undecided")
}

// Unjudged is the reason of a verdict without data. rest is how many more checks have none.
func (f Facts) Unjudged(why text.Untrusted, rest int) text.Untrusted {
	return andMore(text.Sprintf("%s cannot be judged: %s", f.subject(), why), rest, "without data")
}

// andMore counts the other checks with the same outcome.
func andMore(said text.Untrusted, rest int, how string) text.Untrusted {
	if rest == 0 {
		return said
	}
	return text.Sprintf("%s; %s %s", said, text.Plural(rest, "more check"), how)
}

func (f Facts) unmet(b Blame) text.Untrusted {
	c := f.Criterion
	number := f.quantity()
	if f.ByInterval && f.Inferred {
		number += " (" + f.interval() + ")"
	}
	said := text.Sprintf("%s is %s, %s %s", f.subject(), number, f.misses(), f.threshold())
	if f.Metric.Family == criteria.Case {
		return text.Sprintf("%s: %s%s%s", said, f.cases(), b.mostly(), f.besides())
	}
	n := f.Known - f.Hits
	if b.Less {
		n = f.Hits
	}
	switch {
	case f.Metric.Family != criteria.Average && n == 0, f.Metric.Family == criteria.Average && b.Calls == 0:
		return text.Sprintf("%s%s", said, f.besides())
	case c.Stat == criteria.StatSum:
		return text.Sprintf("%s: the sum of %s", said, f.values())
	}
	mostly := b.mostly()
	if c.Scope.Kind == criteria.ScopeScenario {
		mostly = text.Untrusted{} // the subject names it
	}
	if f.Metric.Family == criteria.Average {
		return text.Sprintf("%s: %d of %s %s%s%s", said, b.Calls, f.values(), f.beyond(b), mostly, f.besides())
	}
	return text.Sprintf("%s: %s%s%s", said, f.blamed(b, n), mostly, f.besides())
}

// besides counts what is unknown beside what decided.
func (f Facts) besides() string {
	if n := f.Gaps.N(); n > 0 && !f.Criterion.Change {
		return fmt.Sprintf("; %d more unknown (%s)", n, f.Gaps.words())
	}
	return ""
}

// beyond says on which side of which number the blamed values are.
func (f Facts) beyond(b Blame) string {
	side := " below "
	if b.Less {
		side = " " + f.above() + " "
	}
	return be(b.Calls) + side + quantity(f.Metric.Unit, b.Pivot)
}

// blamed counts the n calls to blame for a rate or a count, by how they ended where that says
// more.
func (f Facts) blamed(b Blame, n int) text.Untrusted {
	of := text.Plural(f.Known, f.noun())
	if !b.Less && !f.Metric.Evals {
		switch f.Metric.Name {
		case criteria.MetricSuccessRate:
			return text.New(ended(of, b.Failed, b.Skipped, 0))
		case criteria.MetricPassRate:
			return text.New(ended(of, b.Failed, b.Skipped, b.Succeeded))
		}
	}
	return text.Sprintf("%d of %s %s%s", n, of, predicate(f.Criterion, n, b.Less), f.kinds(b))
}

// ended counts calls that are not good, the worst first: "3 of 20 calls failed and 1 was skipped".
// of is all calls; below those below the bar of pass-when.
func ended(of string, failed, skipped, below int) string {
	var all []string
	for _, kind := range []struct {
		n         int
		one, many string
	}{
		{failed, "failed", "failed"},
		{skipped, "was skipped", "were skipped"},
		{below, "is below your bar", "are below your bar"},
	} {
		count := fmt.Sprint(kind.n)
		if len(all) == 0 {
			count += " of " + of
		}
		switch kind.n {
		case 0:
		case 1:
			all = append(all, count+" "+kind.one)
		default:
			all = append(all, count+" "+kind.many)
		}
	}
	return enumerate(all)
}

// kinds counts why calls could not be judged, or why results are missing.
func (f Facts) kinds(b Blame) string {
	if b.Less {
		return ""
	}
	switch f.Metric.Name {
	case criteria.MetricJudgedRate:
		return inBrackets(parts(b.Lost, "lost", f.Known-f.Hits-b.Calls, "missing", b.Open, "unfinished", b.Cancelled, "cancelled"))
	case criteria.MetricResultRate:
		return inBrackets(b.Missing.words())
	}
	return ""
}

// mostly names the scenario that most of the calls are in; empty when that says nothing.
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

// AllMet is the reason of a passed verdict with of checks; first are the criteria that it names.
func AllMet(first []Closest, of int) text.Untrusted {
	var items []text.Untrusted
	more := of
	for _, f := range first {
		more -= f.Of
		item := text.Sprintf("%s %s (%s)", f.subject(), f.quantity(), f.basis())
		if f.First != nil {
			item = text.Sprintf("%s %s (%s before reruns), %s", f.subject(), f.quantity(), f.first(), f.basis())
		}
		if f.Of > 1 {
			item = text.Sprintf("%s, the tightest of %d", item, f.Of)
		}
		items = append(items, item)
	}
	said := text.Join("; ", items...)
	if more > 0 {
		said = text.Sprintf("%s; and %d more", said, more)
	}
	switch of {
	case 1:
		return text.Sprintf("the only check is met: %s", said)
	case 2:
		return text.Sprintf("both checks are met: %s", said)
	default:
		return text.Sprintf("all %d checks are met: %s", of, said)
	}
}

// first prints the number before reruns.
func (f Facts) first() string { return quantity(f.Unit, *f.First, f.Criterion.Bound) }

// NeedsReruns warns that the criterion is met only after reruns.
func (f Facts) NeedsReruns() text.Untrusted {
	how := "not be met"
	if criteria.Holds(f.Criterion.Op, stats.Point{Value: *f.First}.Against(f.Criterion.Bound)) {
		how = "not be met by its interval"
	}
	return text.Sprintf("without reruns %s would %s: %s before them, %s after", f.Criterion, how, f.first(), f.quantity())
}

// basis says what the number was measured on.
func (f Facts) basis() string {
	on := number(float64(f.Hits)) + " of " + number(float64(f.Known))
	switch {
	case f.Criterion.Change || f.Metric.Family == criteria.Average:
		on = f.values()
	case f.Metric.Family == criteria.Case:
		on = f.cases()
	}
	if f.Unknown > 0 {
		on = fmt.Sprintf("%s, %d unknown", on, f.Unknown)
	}
	if shown := f.shown(true); shown != "" {
		on += ", " + shown
	}
	return on
}
