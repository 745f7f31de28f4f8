package markdown

import (
	"github.com/agent-gate/agent-gate/internal/report"
)

// cases lists the cases that did not pass in every trial, those that never passed first.
func (p *page) cases(r report.Report) {
	all := report.Cases(r)
	if len(all) == 0 {
		return
	}
	p.block(md("### Cases"))
	p.block(num(report.CaseCount(all)), md("."))
	unsteady, _ := report.SplitCases(all)
	heads := []head{{name: md("Case")}, {name: md("Result")}, {name: md("Trials")}}
	rows(p, heads, unsteady, func(c report.ShownCase) []span {
		return []span{word(c.Name, 120), md(c.Kind()).then(md(": "), num(c.Tally())), tries(c)}
	}, "cases")
}

// tries says how each call of a case ended, trial by trial if there are few.
func tries(c report.ShownCase) span {
	if len(c.Cells) > 5 {
		return num(report.Counted(c.Endings()))
	}
	s := md("")
	for i, cell := range c.Cells {
		if i > 0 {
			s = s.then(md(", "))
		}
		s = s.then(md(cell.Ending.Word()))
	}
	return s
}

// fewCases is the comment's line about cases.
func (p *page) fewCases(r report.Report) {
	all := report.Cases(r)
	if len(all) == 0 {
		return
	}
	const named = 3
	line := num(report.CaseCount(all))
	unsteady, _ := report.SplitCases(all)
	for i, c := range unsteady[:min(len(unsteady), named)] {
		if i == 0 {
			line = line.then(md("; "))
		} else {
			line = line.then(md(", "))
		}
		line = line.then(word(c.Name, 80), md(" "), num(c.Tally()))
	}
	if more := len(unsteady) - named; more > 0 {
		line = line.then(md(" and "), num(report.Count(more)), md(" more"))
	}
	p.block(line.then(md(".")))
}

// executions links to the dashboard page of each execution.
func executions(r report.Report) span {
	const most = 20
	line, n := md(""), 0
	for _, link := range report.ExecutionLinks(r.Evidence) {
		if link.URL == "" || n == most {
			continue
		}
		if n++; n > 1 {
			line = line.then(md(", "))
		}
		line = line.then(linked(link))
	}
	return line
}

// linked is the name of an execution, as a link if it has one.
func linked(x report.ExecutionLink) span {
	return num(x.Name).to(x.URL)
}
