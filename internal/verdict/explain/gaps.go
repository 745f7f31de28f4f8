package explain

import (
	"fmt"

	"github.com/agent-gate/agent-gate/internal/criteria"
	"github.com/agent-gate/agent-gate/internal/text"
)

// Gaps are what a metric does not know of the calls or results that it is taken over, by why.
type Gaps struct {
	Metric    criteria.Metric
	Eval      bool // its rows are results of an eval, and not calls
	ByDefault bool // a call passed when its Pass/Fail evals did, without conditions
	Of        int  // rows in all
	Lost      int  // the platform lost the call
	Absent    int  // it was planned and never came
	Unread    bool // those that are absent may have come
	Open      int  // it has not ended
	Cancelled int
	Failed    int     // it did not succeed, and no criterion answers for that
	Results   int     // a score or an eval has no result
	Missing   Missing // of the eval: why results are missing
}

// N is how many rows are not known.
func (g Gaps) N() int { return g.Lost + g.Absent + g.Open + g.Cancelled + g.Failed + g.Results }

// words says why rows are not known: "2 lost, 1 missing".
func (g Gaps) words() string {
	absent := "missing"
	if g.Unread {
		absent = "not read"
	}
	return words(
		parts(g.Lost, "lost", g.Absent, absent, g.Open, "not ended", g.Cancelled, "cancelled"),
		g.resultWords(),
		parts(g.Failed, "unsuccessful with no criterion on success"))
}

// resultWords says why results are not known of calls that are.
func (g Gaps) resultWords() string {
	if g.Eval {
		return words(g.Missing.words(), parts(g.Results-g.Missing.n(), "without a "+g.Metric.Name))
	}
	what := "without a value"
	switch g.Metric.Name {
	case criteria.MetricOverallScore, criteria.MetricScoredRate:
		what = "without a score"
	case criteria.MetricPassRate, criteria.MetricFirstPassRate:
		what = "without a result that pass-when needs"
		if g.ByDefault {
			what = "without a result of a Pass/Fail eval"
		}
	}
	return parts(g.Results, what)
}

// counted counts the rows that are not known, and says why they are not.
func (g Gaps) counted() string {
	n, is, what := g.N(), "are", "call"
	if n == 1 {
		is = "is"
	}
	if g.Eval {
		what = "result"
	}
	return fmt.Sprintf("%d of %s %s unknown (%s)", n, text.Plural(g.Of, what), is, g.words())
}

// All says that nothing at all is known.
func (g Gaps) All() text.Untrusted {
	switch {
	case g.Results == g.Of && g.Metric.Family == criteria.Average:
		return text.New(without(g.Of, overWhat(g.Metric.Name), "value"))
	case g.Metric.Family == criteria.Average || g.Eval:
		return text.Sprintf("there is no value at all: %s unknown (%s)", allOf(g.Of), g.words())
	}
	return text.Sprintf("%s unknown (%s)", allOf(g.Of), g.words())
}

// without says of n things that none of them has another one.
func without(n int, what, other string) string {
	if n == 1 {
		return "the only " + what + " has no " + other
	}
	return "none of the " + text.Plural(n, what) + " has a " + other
}

// allOf begins a sentence about calls that are all alike.
func allOf(n int) string {
	if n == 1 {
		return "the only call is"
	}
	return "all " + text.Plural(n, "call") + " are"
}

// Missing counts the calls on which an eval has no result, by why.
type Missing struct {
	Pending, Errored, Skipped int
	Odd                       int // there is a value, on no known scale
	Empty                     int
}

// n is how many results are missing.
func (m Missing) n() int { return m.Pending + m.Errored + m.Skipped + m.Odd + m.Empty }

// words counts why results are missing.
func (m Missing) words() string {
	return parts(m.Pending, "pending", m.Errored, "errored", m.Skipped, "skipped", m.Odd, "on no known scale", m.Empty, "without a value")
}
