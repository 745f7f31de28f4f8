package brief

import (
	"github.com/agent-gate/agent-gate/internal/report"
)

// suiteBrief is what is worth saying of a suite.
type suiteBrief struct {
	Verdict    string  `json:"verdict"`
	Reason     string  `json:"reason"`
	ExitCode   int     `json:"exit_code"`
	Gates      []brief `json:"gates"`
	MoreGates  int     `json:"more_gates,omitempty"`
	Fine       int     `json:"gates_without_findings"`
	JudgeAgain string  `json:"judge_again,omitempty"`
	headline   report.Figure
	word       report.Lit
}

// gatherSuite picks what is worth saying of a suite. Its gates share the room.
func gatherSuite(s report.Suite, from Source, of SuiteOf, most limits) suiteBrief {
	const maxGates = 3
	out := suiteBrief{
		Verdict: string(s.Verdict.Kind), Reason: s.Verdict.Reason.LineMax(2 * most.letters), ExitCode: s.ExitCode, Gates: []brief{},
		JudgeAgain: judgeAgain(from, most.command), headline: report.SuiteHeadline(s), word: report.VerdictWord(s.Verdict.Kind),
	}
	places := map[report.Figure]int{}
	for i, g := range s.Gates {
		places[g.Name] = i
	}
	for _, g := range report.WorstGates(s) {
		switch {
		case !report.NeedsAttention(g):
			out.Fine++
		case len(out.Gates) == maxGates:
			out.MoreGates++
		default:
			b := gather(g.Report, of(places[g.Name]), most)
			b.Gate, b.JudgeAgain = string(g.Name), ""
			out.Gates = append(out.Gates, b)
		}
	}
	return out
}

// words is the suite as lines of text.
func (s suiteBrief) words(l *lines) {
	l.add("%s  %s (exit code %d)", s.word, s.headline, s.ExitCode)
	if len(s.Gates) == 0 && s.Fine == 0 {
		l.add("  %s", s.Reason)
	}
	for _, g := range s.Gates {
		l.add("")
		g.words(l)
	}
	if s.MoreGates > 0 {
		l.add("")
		l.more(s.MoreGates, "gates that need attention")
	}
	if s.JudgeAgain != "" {
		l.add("\nJudge again:      %s", s.JudgeAgain)
	}
}
