package html

import (
	"unicode/utf8"

	"github.com/agent-gate/agent-gate/internal/calls"
	"github.com/agent-gate/agent-gate/internal/report"
	"github.com/agent-gate/agent-gate/internal/text"
	"github.com/agent-gate/agent-gate/internal/verdict"
)

// talkView is the transcript of a call.
type talkView struct {
	Turns []turnView
	Note  words // why there are no turns, or how many are left out; may be empty
}

// turnView is one turn of a transcript.
type turnView struct {
	Side side
	Who  report.Lit
	Time report.Figure // from the start of the call; empty if unknown
	Text words
}

// A side is the position of a turn, and a class in the style sheet.
type side report.Lit

// The sides. No other class of the page has these names.
const (
	sideAgent    side = "t-agent"
	sideCustomer side = "t-customer"
	sideOther    side = "t-other"
)

// sides returns all sides, in the order of their numbers in the script, and their labels.
func sides() ([]side, []report.Lit) {
	return []side{sideAgent, sideCustomer, sideOther}, []report.Lit{"Agent", "Customer", "Tool or system"}
}

// sideOf returns the index of a role in sides.
func sideOf(r calls.Role) int {
	switch r {
	case calls.RoleAgent:
		return 0
	case calls.RoleCustomer:
		return 1
	}
	return 2
}

// talk returns the transcript of a call; nil if it was not requested. It is cut to what the
// client keeps of a call, even if a saved report has more.
func talk(c verdict.Call) *talkView {
	t := c.Transcript
	switch {
	case t == nil:
		return nil
	case !report.Blank(t.Missing):
		return &talkView{Note: shown(text.Sprintf("The transcript could not be read: %s", t.Missing), reasonLimit)}
	}
	all, who := sides()
	out, left, room := &talkView{}, t.Left, calls.MaxTurnCharacters
	for i, turn := range t.Turns {
		said := shown(turn.Text, room)
		if len(out.Turns) == calls.MaxTurns || room <= 0 {
			left += len(t.Turns) - i
			break
		}
		if said != shown(turn.Text, room+1) {
			left++
		}
		room -= utf8.RuneCountInString(string(said))
		if said != "" {
			n := sideOf(turn.Role)
			out.Turns = append(out.Turns, turnView{Side: all[n], Who: who[n], Time: clock(turn.StartSeconds), Text: said})
		}
	}
	switch {
	case left > 0:
		out.Note = own("Long transcript: ") + printed(report.Count(left)+report.Plural(report.Count(left), " more turn was", " more turns were")+" cut or left out.")
	case len(out.Turns) == 0:
		out.Note = own("The server has no transcript of this call.")
	}
	return out
}

// clock formats a time within a call, such as 1:05; empty if unknown.
func clock(seconds *float64) report.Figure {
	if report.Finite(seconds) == nil || *seconds < 0 || *seconds > 1e6 {
		return ""
	}
	whole := int(*seconds)
	pair := func(n int) report.Figure { return ":" + report.Count(n/10) + report.Count(n%10) }
	if whole >= 3600 {
		return report.Count(whole/3600) + pair(whole/60%60) + pair(whole%60)
	}
	return report.Count(whole/60) + pair(whole%60)
}
