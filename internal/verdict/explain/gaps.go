package explain

import (
	"fmt"

	"github.com/agent-gate/agent-gate/internal/criteria"
	"github.com/agent-gate/agent-gate/internal/text"
)

// TooFewTrials says that a metric of cases needs more trials than the run has.
func TooFewTrials(needed, has int) text.Untrusted {
	return text.Sprintf("it needs %d trials, and the run has %d", needed, has)
}

// NoWholeCase says that no case is known: each lacks a call in some trial.
func NoWholeCase() text.Untrusted {
	return text.New("no case has a call in every trial")
}

// Gaps counts the calls or results that a metric covers and does not know, by cause.
type Gaps struct {
	Metric    criteria.Metric
	Eval      bool // its rows are results of an eval, not calls
	ByDefault bool // without pass-when: a call passes if its Pass/Fail evals pass
	Of        int  // all rows
	Lost      int  // the platform lost the call
	Absent    int  // the call was planned, and the server has none
	Unstarted int  // of the absent: its trial was not started
	Unread    bool // absent calls may exist: not all could be read
	Open      int  // the call has not ended
	Cancelled int
	Failed    int     // the call did not succeed, and no criterion covers that
	Results   int     // a score or an eval has no result
	Missing   Missing // for an eval: why results are missing
}

// N is how many rows are unknown.
func (g Gaps) N() int { return g.Lost + g.Absent + g.Open + g.Cancelled + g.Failed + g.Results }

// words says why rows are unknown: "2 lost, 1 missing".
func (g Gaps) words() string {
	absent := "missing"
	if g.Unread {
		absent = "not read"
	}
	return words(
		parts(g.Lost, "lost", g.Absent-g.Unstarted, absent, g.Unstarted, "not started", g.Open, "unfinished", g.Cancelled, "cancelled"),
		g.resultWords(),
		parts(g.Failed, "unsuccessful with no criterion on success"))
}

// resultWords says why results of known calls are unknown.
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
			what = "without a Pass/Fail result"
		}
	}
	return parts(g.Results, what)
}

// counted counts the unknown rows, and says why.
func (g Gaps) counted() string {
	n, what := g.N(), "call"
	if g.Eval {
		what = "result"
	}
	return fmt.Sprintf("%d of %s %s unknown (%s)", n, text.Plural(g.Of, what), be(n), g.words())
}

// All says that nothing is known at all.
func (g Gaps) All() text.Untrusted {
	switch {
	case g.Results == g.Of && g.Metric.Family == criteria.Average:
		return text.New(without(g.Of, overWhat(g.Metric.Name), "value"))
	case g.Metric.Family == criteria.Average || g.Eval:
		return text.Sprintf("there are no values: %s unknown (%s)", allOf(g.Of), g.words())
	}
	return text.Sprintf("%s unknown (%s)", allOf(g.Of), g.words())
}

// without says that none of n things has another one.
func without(n int, what, other string) string {
	if n == 1 {
		return "the only " + what + " has no " + other
	}
	return "none of the " + text.Plural(n, what) + " has a " + other
}

// allOf begins a sentence about all n calls.
func allOf(n int) string {
	if n == 1 {
		return "the only call is"
	}
	return "all " + text.Plural(n, "call") + " are"
}

// Missing counts the calls without a result of an eval, by cause.
type Missing struct {
	Pending, Errored, Skipped int
	Odd                       int // there is a value on an unknown scale
	Empty                     int
}

// n is how many results are missing.
func (m Missing) n() int { return m.Pending + m.Errored + m.Skipped + m.Odd + m.Empty }

// words counts why results are missing.
func (m Missing) words() string {
	return parts(m.Pending, "pending", m.Errored, "errored", m.Skipped, "skipped", m.Odd, "on an unknown scale", m.Empty, "without a value")
}
