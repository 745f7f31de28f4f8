package terminal

import (
	"github.com/agent-gate/agent-gate/internal/report"
)

// cases counts the cases of a run of several trials, and lists those that did not pass in every trial.
func (s *screen) cases(r report.Report) {
	all := report.Cases(r)
	if len(all) == 0 {
		return
	}
	s.heading(fig(report.CaseCount(all)))
	unsteady, _ := report.SplitCases(all)
	shown := unsteady[:min(len(unsteady), mostCases)]
	rows := make([][]field, 0, len(shown))
	for _, c := range shown {
		rows = append(rows, []field{brief(c.Name, 100), say(c.Kind()).in(caseStyle(c)), signs(c), fig(c.Tally()), fig(report.Counted(c.Endings()))})
	}
	s.grid([]column{{flex: true}, {spare: true}, {}, {}, {flex: true, spare: true}}, rows)
	s.more(len(unsteady)-len(shown), "", "", " in the report")
}

// signs shows how each call of a case ended, trial by trial.
func signs(c report.ShownCase) field {
	f := say("")
	for _, cell := range c.Cells {
		switch {
		case cell.Ending == report.EndPassed || cell.Ending == report.EndSucceeded:
			f = f.and("✓")
		case cell.Ending.Unknown() || cell.Ending == report.EndMissing:
			f = f.and("?")
		default:
			f = f.and("✗")
		}
	}
	return f
}

func caseStyle(c report.ShownCase) style {
	if c.Failed > 0 {
		return red
	}
	return purple
}
