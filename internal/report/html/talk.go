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
	Turns    []turnView
	Measured words      // latency and interruptions; empty if the server does not tell
	Audio    []linkView // recordings
	Note     words      // why there are no turns, or how many are left out; may be empty
}

// turnView is one turn of a transcript.
type turnView struct {
	Side side
	Who  report.Lit
	Time report.Figure // from the start of the call, and after which silence; empty if unknown
	Text words
	// Quoted are the evals whose reasons quote the turn, if any.
	Quoted words
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
	out, left, room := &talkView{Measured: measured(t.Transcript)}, t.Left, calls.MaxTurnCharacters
	for _, r := range report.Recordings(t.Transcript) {
		out.Audio = append(out.Audio, linkView(r))
	}
	quoted := quotedBy(c)
	var before *calls.Turn // the last that was spoken
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
			view := turnView{Side: all[n], Who: who[n], Time: clock(turn.StartSeconds), Text: said}
			if len(quoted[i]) > 0 {
				view.Quoted = own("quoted by ") + shown(text.Join(", ", quoted[i]...), lineLimit)
			}
			if turn.Role != calls.RoleOther {
				view.Time += silence(before, turn)
				before = &t.Turns[i]
			}
			out.Turns = append(out.Turns, view)
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

// noticeable is the silence or overlap between two speakers, in seconds, from which it is shown.
const noticeable = 0.3

// silence says how long the agent took to answer, or that a turn interrupted the other speaker; empty if
// unknown.
func silence(before *calls.Turn, turn calls.Turn) report.Figure {
	if before == nil || before.Role == turn.Role || report.Finite(before.EndSeconds) == nil || report.Finite(turn.StartSeconds) == nil {
		return ""
	}
	switch gap := *turn.StartSeconds - *before.EndSeconds; {
	case gap <= -noticeable:
		return " · interrupts"
	case turn.Role != calls.RoleAgent:
	case gap >= 100:
		return " · after " + clock(&gap)
	case gap >= noticeable:
		return " · after " + report.Decimal(gap, 1) + " s"
	}
	return ""
}

// measured says what the server measured of a conversation.
func measured(t calls.Transcript) words {
	var all []text.Untrusted
	if l := report.Finite(t.AgentLatencySeconds); l != nil {
		all = append(all, text.Sprintf("agent answers after %s s on average", string(report.Decimal(*l, 2))))
	}
	for _, side := range []struct {
		who string
		n   *int
	}{{"agent", t.AgentInterruptions}, {"customer", t.CustomerInterruptions}} {
		if side.n != nil {
			all = append(all, text.Sprintf("%s interrupts %s", side.who, text.Plural(*side.n, "time")))
		}
	}
	return shown(text.Join(", ", all...), lineLimit)
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
