package report

import (
	"slices"

	"github.com/agent-gate/agent-gate/internal/verdict"
)

// An ending is how a call came out, in the words of the public interface.
type ending int

// The endings, those first that one wants to see first.
const (
	endFailed ending = iota
	endSkipped
	endBelowBar // succeeded, and did not pass
	endLost
	endOpen
	endCancelled
	endSucceeded // whether it passed is not known
	endPassed
	endMissing // planned, and never came: no call ends so, they are only counted
)

// endingWords are the words for the endings. They are never changed.
var endingWords = [...]lit{
	endFailed:    "failed",
	endSkipped:   "skipped",
	endBelowBar:  "below your bar",
	endLost:      "lost",
	endOpen:      "not ended",
	endCancelled: "cancelled",
	endSucceeded: "succeeded",
	endPassed:    "passed",
	endMissing:   "missing",
}

// word says how the call came out.
func (e ending) word() lit { return endingWords[e] }

// unsuccessful reports whether the call ended without success. It is the agent's, or there
// was nothing to judge.
func (e ending) unsuccessful() bool { return e == endFailed || e == endSkipped }

// succeeded reports whether the call succeeded, whether it passed or not.
func (e ending) succeeded() bool { return e == endBelowBar || e == endSucceeded || e == endPassed }

// unknown reports whether nothing is known of the agent.
func (e ending) unknown() bool { return e == endLost || e == endOpen || e == endCancelled }

// endingOf is how a call ended, where it is of no interest whether it passed.
func endingOf(o verdict.Outcome) ending {
	switch o {
	case verdict.Succeeded:
		return endSucceeded
	case verdict.Skipped:
		return endSkipped
	case verdict.Cancelled:
		return endCancelled
	case verdict.Lost:
		return endLost
	case verdict.Open:
		return endOpen
	}
	return endFailed
}

// outcomeWord is the word for such an ending.
func outcomeWord(o verdict.Outcome) lit { return endingOf(o).word() }

// outcomeOf is how a call ended by the rules: what the platform lost may count as failed.
func outcomeOf(r Report, c *verdict.Call) verdict.Outcome {
	o := c.Outcome()
	if o == verdict.Lost && r.Rules.PlatformFails {
		return verdict.Failed
	}
	return o
}

// barred reports whether anything tells a call that passed from one that only succeeded:
// pass-when, or a Pass/Fail eval. Where nothing does, every call that succeeded counts as
// passed (interface, "A call that passed"), and to call it so would mislead.
func barred(r Report) bool {
	return len(r.Rules.PassWhen) > 0 || slices.ContainsFunc(r.Verdict.Evals, func(e verdict.EvalSummary) bool { return e.PassFail })
}

// An endingCount is how many calls have an ending.
type endingCount struct {
	ending ending
	n      int
}

// endingCounts count calls by their endings, those that are there, in the order in which they are
// read: what is known of the agent, and then what is not.
func endingCounts(n verdict.Counts, barred bool) []endingCount {
	if !barred {
		n.Passed, n.BelowBar = 0, 0
	}
	all := []endingCount{
		{endPassed, n.Passed},
		{endSucceeded, n.Succeeded - n.Passed - n.BelowBar},
		{endBelowBar, n.BelowBar},
		{endFailed, n.Failed},
		{endSkipped, n.Skipped},
		{endLost, n.Lost},
		{endMissing, n.Missing},
		{endOpen, n.Open},
		{endCancelled, n.Cancelled},
	}
	return slices.DeleteFunc(all, func(t endingCount) bool { return t.n <= 0 })
}

// counted prints counts of endings.
func counted(all []endingCount) figure {
	var f figure
	for _, t := range all {
		if f != "" {
			f += ", "
		}
		f += count(t.n) + " " + t.ending.figure()
	}
	return f
}

// unjudged counts the calls of which nothing is known.
func unjudged(n verdict.Counts) []endingCount {
	return slices.DeleteFunc(endingCounts(n, false), func(t endingCount) bool { return !t.ending.unknown() && t.ending != endMissing })
}

// census is how many calls were planned, as far as that is known, came, could be judged and
// have a score; short where these are the same.
func census(r Report) figure {
	n := r.Verdict.Counts
	if n.Planned == n.Total && n.Total == n.Judged {
		f := calls(n.Total)
		if n.Scored != n.Total && n.Scored > 0 {
			f += ", " + count(n.Scored) + " scored"
		}
		return f
	}
	f := count(n.Total) + " came, " + count(n.Judged) + " judged, " + count(n.Scored) + " scored"
	if len(r.Evidence.Plan) > 0 {
		f = count(n.Planned) + " planned, " + f
	}
	return f
}
