package html

import (
	"github.com/agent-gate/agent-gate/internal/report"
)

// casesView is the matrix of cases and trials.
type casesView struct {
	Count    report.Figure
	Trials   []linkView // with the dashboard page of each, if known
	Roomy    bool       // few enough trials for words beside the signs
	Unsteady listView[caseView]
	Steady   listView[caseView] // passed in every trial: folded as a whole
}

// caseView is a row of the matrix.
type caseView struct {
	Name  words
	Kind  report.Lit
	Tone  tone
	Tally report.Figure
	Tries []tryView
}

// tryView is a cell of the matrix.
type tryView struct {
	Trial report.Figure
	Word  report.Lit
	Tone  tone
	Call  report.Figure // id; empty if there is none
}

// Limits of the matrix.
const (
	openCases   = 25
	roomyTrials = 4
)

// cases returns the matrix; nil for a run of one trial, or if calls cannot be paired.
func cases(r report.Report) *casesView {
	all := report.Cases(r)
	if len(all) == 0 {
		return nil
	}
	v := &casesView{Count: report.CaseCount(all), Trials: trialLinks(r), Roomy: len(all[0].Cells) <= roomyTrials}
	unsteady, steady := report.SplitCases(all)
	view := func(c report.ShownCase) caseView { return showCase(r, c) }
	v.Unsteady = listed(unsteady, openCases, view)
	v.Steady = listed(steady, 0, view)
	return v
}

// trialLinks returns the trials with the link of the execution that began each.
func trialLinks(r report.Report) []linkView {
	out := make([]linkView, r.Evidence.Trials())
	for i, x := range r.Evidence.Executions() {
		if l := &out[x.Trial]; l.URL == "" {
			l.URL = report.ExecutionLinks(r.Evidence)[i].URL
		}
	}
	for i := range out {
		out[i].Name = report.Count(i + 1)
	}
	return out
}

func showCase(r report.Report, c report.ShownCase) caseView {
	v := caseView{Name: named(c.Name), Kind: c.Kind(), Tone: caseTone(c), Tally: c.Tally()}
	for i, cell := range c.Cells {
		t := tryView{Trial: report.Count(i + 1), Word: cell.Ending.Word(), Tone: endingTone(cell.Ending)}
		if cell.Call >= 0 {
			t.Call = report.FullID(r.Evidence.Calls.ID(cell.Call))
		}
		v.Tries = append(v.Tries, t)
	}
	return v
}

func caseTone(c report.ShownCase) tone {
	switch {
	case c.Mixed():
		return warning
	case c.Steady():
		return good
	case c.Failed > 0:
		return bad
	}
	return away
}
