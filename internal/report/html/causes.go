package html

import (
	"github.com/google/uuid"

	"github.com/agent-gate/agent-gate/internal/report"
)

// causeView is why calls were not good, for all that say the same.
type causeView struct {
	Count report.Figure
	Word  report.Lit
	Tone  tone
	Said  words
	// Outcome filters the list of calls; empty for calls that are missing.
	Outcome report.Lit
	Call    report.Figure // id of the worst; empty for none
	Short   report.Figure
}

// openCauses is how many causes are shown before the rest is folded.
const openCauses = 8

// causes returns why calls were not good, most calls first.
func causes(r report.Report) listView[causeView] {
	viewer := report.NewViewer(r)
	return listed(report.Causes(r), openCauses, func(c report.Cause) causeView {
		v := causeView{
			Count: report.Count(c.Calls) + "×", Word: c.Ending.Word(), Tone: endingTone(c.Ending), Outcome: c.Ending.Word(),
			Said: shown(c.SuchAs(c.Words), lineLimit),
		}
		switch {
		case c.Lacking():
			v.Word, v.Said = "no result", shown(c.Sentence(lineLimit), reasonLimit)
		case c.Ending == report.EndBelowBar:
			v.Outcome, v.Said = groupUnpassed, shown(c.Sentence(lineLimit), reasonLimit)
			if viewer.Below(c) < c.Calls { // no outcome has all of them
				v.Word, v.Tone, v.Outcome = "pulled down", warning, ""
			}
		case c.Ending == report.EndMissing:
			v.Outcome = ""
		}
		if c.First != uuid.Nil {
			v.Call, v.Short = report.FullID(c.First), report.ShortID(c.First)
		}
		return v
	})
}
