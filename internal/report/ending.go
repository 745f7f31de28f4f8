package report

import (
	"slices"

	"github.com/agent-gate/agent-gate/internal/verdict"
)

// An Ending is how a call came out, in the words of the public interface.
type Ending int

// The endings, those first that one wants to see first.
const (
	EndFailed Ending = iota
	EndSkipped
	EndBelowBar // succeeded, and did not pass
	EndLost
	EndOpen
	EndCancelled
	EndSucceeded // whether it passed is not known
	EndPassed
	EndMissing // planned, and never came: no call ends so, they are only counted
)

// endingWords are the words for the endings. They are never changed.
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

// Word says how the call came out.
func (e Ending) Word() Lit { return endingWords[e] }

// Unsuccessful reports whether the call ended without success. It is the agent's, or there
// was nothing to judge.
func (e Ending) Unsuccessful() bool { return e == EndFailed || e == EndSkipped }

// Succeeded reports whether the call succeeded, whether it passed or not.
func (e Ending) Succeeded() bool { return e == EndBelowBar || e == EndSucceeded || e == EndPassed }

// Unknown reports whether nothing is known of the agent.
func (e Ending) Unknown() bool { return e == EndLost || e == EndOpen || e == EndCancelled }

// endingOf is how a call ended, where it is of no interest whether it passed.
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

// OutcomeWord is the word for such an ending.
func OutcomeWord(o verdict.Outcome) Lit { return endingOf(o).Word() }

// OutcomeOf is how a call ended by the rules: what the platform lost may count as failed.
func OutcomeOf(r Report, c *verdict.Call) verdict.Outcome {
	o := c.Outcome()
	if o == verdict.Lost && r.Rules.PlatformFails {
		return verdict.Failed
	}
	return o
}

// HasBar reports whether anything tells a call that passed from one that only succeeded:
// pass-when, or a Pass/Fail eval. Where nothing does, every call that succeeded counts as
// passed (interface, "A call that passed"), and to call it so would mislead.
func HasBar(r Report) bool {
	return len(r.Rules.PassWhen) > 0 || slices.ContainsFunc(r.Verdict.Evals, func(e verdict.EvalSummary) bool { return e.PassFail })
}

// An EndingCount is how many calls have an ending.
type EndingCount struct {
	Ending Ending
	N      int
}

// EndingCounts count calls by their endings, those that are there, in the order in which they are
// read: what is known of the agent, and then what is not.
func EndingCounts(n verdict.Counts, barred bool) []EndingCount {
	if !barred {
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

// Counted prints counts of endings.
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

// Unjudged counts the calls of which nothing is known.
func Unjudged(n verdict.Counts) []EndingCount {
	return slices.DeleteFunc(EndingCounts(n, false), func(t EndingCount) bool { return !t.Ending.Unknown() && t.Ending != EndMissing })
}

// Census is how many calls were planned, as far as that is known, came, could be judged and
// have a score; short where these are the same.
func Census(r Report) Figure {
	n := r.Verdict.Counts
	if n.Planned == n.Total && n.Total == n.Judged {
		f := CountCalls(n.Total)
		if n.Scored != n.Total && n.Scored > 0 {
			f += ", " + Count(n.Scored) + " scored"
		}
		return f
	}
	f := Count(n.Total) + " made, " + Count(n.Judged) + " judged, " + Count(n.Scored) + " scored"
	if len(r.Evidence.Plan) > 0 {
		f = Count(n.Planned) + " planned, " + f
	}
	return f
}
