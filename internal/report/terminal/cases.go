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
		rows = append(rows, []field{brief(c.Name, 100), say(c.Kind()).in(caseStyle(c)), fig(c.Tally()), endings(c)})
	}
	s.grid([]column{{flex: true}, {spare: true}, {}, {flex: true, spare: true}}, rows)
	s.more(len(unsteady)-len(shown), " more in the report")
}

// endings says how each call of a case ended, trial by trial.
func endings(c report.ShownCase) field {
	f := say("")
	for i, cell := range c.Cells {
		if i > 0 {
			f = f.and(", ")
		}
		f = f.and(cell.Ending.Word())
	}
	return f
}

func caseStyle(c report.ShownCase) style {
	if c.Failed > 0 {
		return red
	}
	return purple
}
