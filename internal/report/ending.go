package report

import (
	"slices"

	"github.com/agent-gate/agent-gate/internal/verdict"
)

// An Ending is how a call ended, in the terms of the public interface.
type Ending int

// The endings, in the order of interest.
const (
	EndFailed Ending = iota
	EndSkipped
	EndBelowBar // succeeded but did not pass
	EndLost
	EndOpen
	EndCancelled
	EndSucceeded // whether it passed is unknown
	EndPassed
	EndMissing // planned, and did not come: only counted, since there is no call
)

// endingWords are the terms for the endings.
var endingWords = [...]Lit{
	EndFailed:    "failed",
	EndSkipped:   "skipped",
	EndBelowBar:  "below your bar",
	EndLost:      "lost",
	EndOpen:      "unfinished",
	EndCancelled: "cancelled",
	EndSucceeded: "succeeded",
	EndPassed:    "passed",
	EndMissing:   "missing",
}

// Word returns the term for the ending.
func (e Ending) Word() Lit { return endingWords[e] }

// Unsuccessful reports whether the call ended without success, because of the agent or because
// there was nothing to judge.
func (e Ending) Unsuccessful() bool { return e == EndFailed || e == EndSkipped }

// Succeeded reports whether the call succeeded, passed or not.
func (e Ending) Succeeded() bool { return e == EndBelowBar || e == EndSucceeded || e == EndPassed }

// Unknown reports whether the call says nothing about the agent.
func (e Ending) Unknown() bool { return e == EndLost || e == EndOpen || e == EndCancelled }

// endingOf converts an outcome, ignoring whether the call passed.
func endingOf(o verdict.Outcome) Ending {
	switch o {
	case verdict.Succeeded:
		return EndSucceeded
	case verdict.Skipped:
		return EndSkipped
	case verdict.Cancelled:
		return EndCancelled
	case verdict.Lost:
		return EndLost
	case verdict.Open:
		return EndOpen
	}
	return EndFailed
}

// OutcomeWord returns the term for an outcome.
func OutcomeWord(o verdict.Outcome) Lit { return endingOf(o).Word() }

// OutcomeOf returns the outcome of a call under the report's rules, which may count lost calls
// as failed.
func OutcomeOf(r Report, c *verdict.Call) verdict.Outcome {
	o := c.Outcome()
	if o == verdict.Lost && r.Rules.PlatformFails {
		return verdict.Failed
	}
	return o
}

// HasBar reports whether anything distinguishes a passed call from one that only succeeded:
// pass-when, or a Pass/Fail eval. Otherwise every succeeded call counts as passed (interface,
// "A call that passed"), and it would be misleading to say so.
func HasBar(r Report) bool {
	return len(r.Rules.PassWhen) > 0 || slices.ContainsFunc(r.Verdict.Evals, func(e verdict.EvalSummary) bool { return e.PassFail })
}

// An EndingCount is the number of calls with an ending.
type EndingCount struct {
	Ending Ending
	N      int
}

// EndingCounts counts calls by ending, without zeros, in reading order: first the calls that
// say something about the agent, then the others. hasBar is the result of HasBar.
func EndingCounts(n verdict.Counts, hasBar bool) []EndingCount {
	if !hasBar {
		n.Passed, n.BelowBar = 0, 0
	}
	all := []EndingCount{
		{EndPassed, n.Passed},
		{EndSucceeded, n.Succeeded - n.Passed - n.BelowBar},
		{EndBelowBar, n.BelowBar},
		{EndFailed, n.Failed},
		{EndSkipped, n.Skipped},
		{EndLost, n.Lost},
		{EndMissing, n.Missing},
		{EndOpen, n.Open},
		{EndCancelled, n.Cancelled},
	}
	return slices.DeleteFunc(all, func(t EndingCount) bool { return t.N <= 0 })
}

// Counted formats counts of endings.
func Counted(all []EndingCount) Figure {
	var f Figure
	for _, t := range all {
		if f != "" {
			f += ", "
		}
		f += Count(t.N) + " " + t.Ending.figure()
	}
	return f
}

// Unjudged counts the calls that could not be judged.
func Unjudged(n verdict.Counts) []EndingCount {
	return slices.DeleteFunc(EndingCounts(n, false), func(t EndingCount) bool { return !t.Ending.Unknown() && t.Ending != EndMissing })
}

// Census formats how many calls were planned (if known), created, judged and scored; just the
// number of calls if these are equal. Of a run that was not read as a whole, it says how many were read.
func Census(r Report) Figure {
	n := r.Verdict.Counts
	var planned Figure
	if len(r.Evidence.Plan) > 0 {
		planned = Count(n.Planned) + " planned, "
	}
	switch {
	case Unread(r):
		return planned + "none read"
	case !r.Evidence.Unread && n.Planned == n.Total && n.Total == n.Judged:
		f := CountCalls(n.Total)
		if n.Scored != n.Total && n.Scored > 0 {
			f += ", " + Count(n.Scored) + " scored"
		}
		return f
	}
	var came Figure = " created, "
	if r.Evidence.Unread {
		came = " read, "
	}
	return planned + Count(n.Total) + came + Count(n.Judged) + " judged, " + Count(n.Scored) + " scored"
}

// Unread reports whether the run made calls of which none could be read.
func Unread(r Report) bool { return r.Evidence.Unread && r.Evidence.Calls.Len() == 0 }
