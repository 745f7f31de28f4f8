package report

import (
	"github.com/agent-gate/agent-gate/internal/text"
	"github.com/agent-gate/agent-gate/internal/verdict"
)

// A ShownCase is a case with its call in each trial.
type ShownCase struct {
	verdict.Case
	Cells []CaseCell // by trial
}

// A CaseCell is what became of a case in one trial.
type CaseCell struct {
	Ending Ending
	Call   int // index in the evidence; -1 if there is none
}

// Steady reports whether the case passed in every trial.
func (c ShownCase) Steady() bool { return c.Passed == len(c.Cells) }

// Tally formats in how many trials the case passed. Those in which that is not known, such as those with a lost call,
// are not the agent's, and stand apart.
func (c ShownCase) Tally() Figure {
	unknown := Count(c.Unknown) + " unknown"
	f := "passed " + Count(c.Passed) + " of " + Count(c.Passed+c.Failed)
	switch {
	case c.Unknown == 0:
		return f
	case c.Passed+c.Failed == 0:
		return unknown
	}
	return f + ", " + unknown
}

// Endings counts how the calls that did not pass ended.
func (c ShownCase) Endings() []EndingCount {
	var out []EndingCount
	for e := range EndMissing + 1 {
		n := 0
		for _, cell := range c.Cells {
			if cell.Ending == e {
				n++
			}
		}
		if n > 0 && e != EndPassed && e != EndSucceeded {
			out = append(out, EndingCount{e, n})
		}
	}
	return out
}

// Kind is the word for a case that did not pass in every trial.
func (c ShownCase) Kind() Lit {
	switch {
	case c.Steady():
		return "passed"
	case c.Mixed():
		return "mixed"
	case c.Failed > 0:
		return "not passed"
	}
	return "unknown"
}

// Cases returns the cases of a run of several trials: those that never passed first, then mixed ones,
// last those that passed in every trial. There are none if calls of different trials cannot be paired.
func Cases(r Report) []ShownCase {
	v := NewViewer(r)
	out := make([]ShownCase, len(r.Verdict.Cases))
	for i, c := range r.Verdict.Cases {
		c.Name = Titled(c.Name)
		out[i] = ShownCase{Case: c, Cells: make([]CaseCell, len(c.Calls))}
		for trial, at := range c.Calls {
			cell := CaseCell{Ending: EndMissing, Call: at}
			if at >= 0 {
				cell.Ending = v.endingAt(at)
			}
			out[i].Cells[trial] = cell
		}
	}
	return out
}

// SplitCases separates the cases that did not pass in every trial from those that did.
func SplitCases(all []ShownCase) (unsteady, steady []ShownCase) {
	for _, c := range all {
		if c.Steady() {
			steady = append(steady, c)
		} else {
			unsteady = append(unsteady, c)
		}
	}
	return unsteady, steady
}

// CaseCount counts the cases by how they fared; empty without any.
func CaseCount(all []ShownCase) Figure {
	if len(all) == 0 {
		return ""
	}
	n := map[Lit]int{}
	for _, c := range all {
		n[c.Kind()]++
	}
	f := Count(len(all)) + Plural(Count(len(all)), " case", " cases") + " in " + Count(len(all[0].Cells)) + " trials: " +
		Count(n["passed"]) + " passed every time"
	if k := n["not passed"]; k > 0 {
		f += ", " + Count(k) + " never passed"
	}
	if k := n["mixed"]; k > 0 {
		f += ", " + Count(k) + " mixed"
	}
	if k := n["unknown"]; k > 0 {
		f += ", " + Count(k) + " unknown"
	}
	return f
}

// CaseNames returns the name of each call's case, by index in the evidence; nil if there are no cases.
func CaseNames(r Report) []text.Untrusted {
	if len(r.Verdict.Cases) == 0 {
		return nil
	}
	names := make([]text.Untrusted, r.Evidence.Calls.Len())
	for _, c := range r.Verdict.Cases {
		for _, at := range c.Calls {
			if at >= 0 {
				names[at] = c.Name
			}
		}
	}
	return names
}

// Looks returns the looks of a run that goes on while it is undecided, the last one included; none for
// any other run, and for one that ended before the first look.
func Looks(r Report) []verdict.Look {
	e := r.Evidence
	if e.Looks == nil || e.Trials() < e.Looks.First {
		return nil
	}
	var out []verdict.Look
	for _, l := range e.Looks.Past {
		if l.Trials < e.Trials() {
			out = append(out, l)
		}
	}
	return append(out, verdict.Look{Trials: e.Trials(), Calls: e.Calls.Len(), Kind: r.Verdict.Kind, Reason: r.Verdict.Reason})
}

// LookNote says when a run that may go on was judged, and why it did not go on; empty for any other.
func LookNote(r Report) text.Untrusted {
	looks := Looks(r)
	if looks == nil || r.Rules.DecideOn != verdict.DecideOnInterval {
		return text.Untrusted{}
	}
	const named = 4 // looks, before they are abridged
	var after Figure
	for i, l := range looks {
		last := i == len(looks)-1
		switch {
		case i == 0:
		case last:
			after += " and "
		case len(looks) > named && i == 2:
			after += ", …"
			continue
		case len(looks) > named && i > 2:
			continue
		default:
			after += ", "
		}
		after += Count(l.Trials)
	}
	last := looks[len(looks)-1]
	note := text.Sprintf("Judged after %s%s of at most %d.", string(after), string(Plural(Count(last.Trials), " trial", " trials")), r.Evidence.Looks.Max)
	if r.Evidence.Looks.Several() {
		note = text.Sprintf("%s Each look has its own, stricter level, so that looking several times does not raise the error.", note)
	}
	if why := r.Evidence.Looks.Stopped; !Blank(why) {
		note = text.Sprintf("%s No further trial: %s.", note, why)
	}
	return note
}

// CriteriaInterval is the heading above the intervals of criteria: with several looks they are at the
// level of this look, in place of the confidence.
func CriteriaInterval(r Report) Figure {
	if r.Evidence.Looks.Several() && r.Rules.DecideOn == verdict.DecideOnInterval {
		return "interval at this look"
	}
	return Decimal(Level(r), 1) + "% interval"
}

// MissingCalls says why planned calls did not come: their trial was not started, or the server never created
// them.
func MissingCalls(n verdict.Counts) Figure {
	of := " of " + Count(n.Planned) + Plural(Count(n.Planned), " planned call", " planned calls")
	never := n.Missing - n.Unstarted
	switch {
	case n.Unstarted == 0:
		return "the server never created " + Count(never) + of
	case never == 0:
		return "no trial was started for " + Count(n.Unstarted) + of
	}
	return "no trial was started for " + Count(n.Unstarted) + of + ", and the server never created " + Count(never)
}
