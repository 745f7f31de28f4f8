package brief

import (
	"github.com/agent-gate/agent-gate/internal/report"
	"github.com/agent-gate/agent-gate/internal/text"
	"github.com/agent-gate/agent-gate/internal/verdict"
)

// suiteBrief is what is worth saying of a suite.
type suiteBrief struct {
	Verdict   string  `json:"verdict"`
	Reason    string  `json:"reason"`
	ExitCode  int     `json:"exit_code"`
	Gates     []brief `json:"gates"`
	MoreGates int     `json:"more_gates,omitempty"`
	// Reused says of which gates calls were judged again, whose they are and how old.
	Reused     []string `json:"reused,omitempty"`
	MoreReused int      `json:"more_reused,omitempty"`
	Fine       int      `json:"gates_without_findings"`
	JudgeAgain string   `json:"judge_again,omitempty"`
	// What the command needs is said in a note.
	JudgeAgainNote string `json:"judge_again_note,omitempty"`
	headline       report.Figure
	word           report.Lit
}

// suiteFacts are what is worth saying of a suite, measured once.
type suiteFacts struct {
	suite       report.Suite
	from        Source
	names       []report.Figure // of the gates that are told
	gates       []facts         // of the same
	reused      several
	judge       again
	fine, other int // gates without findings, and with findings that are not told
}

// measureSuite finds out what is worth saying of a suite.
func measureSuite(s report.Suite, from Source, of SuiteOf) suiteFacts {
	const maxGates = 3
	f := suiteFacts{suite: s, from: from, judge: judgeSuiteAgain(s, from, of)}
	places := map[report.Figure]int{}
	var reused []text.Untrusted
	for i, g := range s.Gates {
		places[g.Name] = i
		if note := report.ReuseNote(g.Report); !report.Blank(note) {
			reused = append(reused, text.Sprintf("%s: %s", string(g.Name), note))
		}
	}
	f.reused = several{reused, len(reused)}
	for _, g := range report.WorstGates(s) {
		switch {
		case !report.NeedsAttention(g):
			f.fine++
		case len(f.gates) == maxGates:
			f.other++
		default:
			f.names = append(f.names, g.Name)
			f.gates = append(f.gates, measure(g.Report, of(places[g.Name])))
		}
	}
	return f
}

// cut makes the brief of a size. The gates share the room.
func (f suiteFacts) cut(most limits) suiteBrief {
	s := f.suite
	out := suiteBrief{
		Verdict: string(s.Verdict.Kind), Reason: s.Verdict.Reason.LineMax(2 * most.letters), ExitCode: s.ExitCode, Gates: []brief{},
		MoreGates: f.other, Fine: f.fine,
		headline: report.SuiteHeadline(s), word: report.VerdictWord(s.Verdict.Kind),
	}
	out.JudgeAgain, out.JudgeAgainNote = f.judge.within(most.command)
	out.Reused, out.MoreReused = f.reused.within(most.reused, 2*most.letters)
	for i, g := range f.gates {
		b := g.cut(most)
		b.Gate, b.JudgeAgain, b.JudgeAgainNote, b.Reused = string(f.names[i]), "", "", ""
		out.Gates = append(out.Gates, b)
	}
	return out
}

// words is the suite as lines of text.
func (s suiteBrief) words(l *lines) {
	l.add("%s  %s (exit code %d)", s.word, s.headline, s.ExitCode)
	if len(s.Gates) == 0 && (s.Fine == 0 || s.Verdict == string(verdict.Error)) {
		l.add("  %s", s.Reason)
	}
	for _, note := range s.Reused {
		l.add("  %s", note)
	}
	l.more(s.MoreReused, "gate whose calls were judged again", "gates whose calls were judged again")
	for _, g := range s.Gates {
		l.add("")
		g.words(l)
	}
	if s.MoreGates > 0 {
		l.add("")
		l.more(s.MoreGates, "gate that needs attention", "gates that need attention")
	}
	if s.JudgeAgain+s.JudgeAgainNote != "" {
		l.add("")
	}
	l.command("Judge again:      ", s.JudgeAgain, s.JudgeAgainNote)
}
