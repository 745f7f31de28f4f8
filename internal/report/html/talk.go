package html

import (
	"unicode/utf8"

	"github.com/agent-gate/agent-gate/internal/calls"
	"github.com/agent-gate/agent-gate/internal/report"
	"github.com/agent-gate/agent-gate/internal/text"
	"github.com/agent-gate/agent-gate/internal/verdict"
)

// talkView is what was said in a call.
type talkView struct {
	Turns []turnView
	Note  words // why there are no turns, or how many are not here; may be empty
}

// turnView is what one side said at a time.
type turnView struct {
	Side side
	Who  report.Lit
	Time report.Figure // from the beginning of the call; empty when not known
	Text words
}

// A side is where a turn stands, and a class of the style sheet.
type side report.Lit

// The sides. No other class of the page has their names.
const (
	sideAgent    side = "t-agent"
	sideCustomer side = "t-customer"
	sideOther    side = "t-other"
)

// sides are all sides, in the order of the script's numbers for them, and who they are.
func sides() ([]side, []report.Lit) {
	return []side{sideAgent, sideCustomer, sideOther}, []report.Lit{"Agent", "Customer", "Tool or system"}
}

// sideOf is the place in the list of sides.
func sideOf(r calls.Role) int {
	switch r {
	case calls.RoleAgent:
		return 0
	case calls.RoleCustomer:
		return 1
	}
	return 2
}

// talk is the transcript of a call; nil when it was not asked for. It holds no more than
// the client keeps of a call, also of a saved report that does.
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

// clock is a time in a call, such as 1:05; empty when it is not known.
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
