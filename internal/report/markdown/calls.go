package markdown

import (
	"github.com/agent-gate/agent-gate/internal/calls"
	"github.com/agent-gate/agent-gate/internal/report"
	"github.com/agent-gate/agent-gate/internal/text"
	"github.com/agent-gate/agent-gate/internal/verdict"
)

func (p *page) unsuccessful(r report.Report) {
	all := report.Unsuccessful(r)
	if len(all) == 0 {
		return
	}
	p.endedCalls(r, "Failed or skipped calls", all)
	p.clickThrough(r)
}

// unknown lists the calls that could not be judged, which are not the agent's fault.
func (p *page) unknown(r report.Report) {
	if all := report.UnknownCalls(r); len(all) > 0 {
		p.endedCalls(r, "Calls not judged", all)
	}
}

// endedCalls lists calls with why they ended.
func (p *page) endedCalls(r report.Report, heading report.Lit, all []int) {
	p.block(md("### "), md(heading), md(" ("), num(report.Count(len(all))), md(")"))
	rows(p, unsuccessfulHeads(), all, report.ByIndex(r, unsuccessfulCells(100)), "calls")
}

func unsuccessfulHeads() []head {
	return []head{{name: md("Call")}, {name: md("Scenario")}, {name: md("Outcome")}, {name: md("Attempts"), right: true}, {name: md("Reason")}}
}

// unsuccessfulCells returns the cells of a call; the scenario is cut at limit characters, the
// reason at twice as many.
func unsuccessfulCells(limit int) func(report.ShownCall) []span {
	return func(c report.ShownCall) []span {
		return []span{
			callCell(c), word(c.Title, limit), md(c.Ending.Word()), num(report.Count(max(c.Attempts, 1))), word(report.Reason(c.Call), 2*limit),
		}
	}
}

// callCell is a call's id, which links to the call in the HTML report if its address is known, followed by a
// link to its execution if there are several.
func callCell(c report.ShownCall) span {
	id := mono(report.ShortID(c.ID)).to(c.Page)
	if c.In.Name == "" {
		return id
	}
	return id.then(md(" "), linked(c.In))
}

// clickThrough links to the dashboard, where calls can be listened to and read. It has no URL
// for a single call, only the list of an execution's calls.
func (p *page) clickThrough(r report.Report) {
	if u := report.Link(r.Evidence.Execution.URL); u != "" && len(r.Evidence.Further) == 0 {
		p.block(anchor("See these calls in the dashboard", u))
	}
}

func (p *page) low(r report.Report, causes []report.Cause) {
	all := report.Low(r)
	if len(all) == 0 {
		return
	}
	p.block(md("### "), md(lowHeading), md(" ("), num(report.Count(len(all))), md(")"))
	told := map[text.Untrusted]bool{} // the reasons that stand above
	for _, c := range causes {
		told[c.Words] = true
	}
	rows(p, lowHeads(), all, report.ByIndex(r, func(c report.ShownCall) []span {
		for i := range c.Faults {
			if told[c.Faults[i].Reason] {
				c.Faults[i].Reason = text.Untrusted{}
			}
		}
		return lowCells(c)
	}), "calls")
}

// lowHeading is the heading above low calls.
const lowHeading report.Lit = "Calls below your bar, or that pulled a criterion down"

func lowHeads() []head {
	return []head{
		{name: md("Call")}, {name: md("Scenario")}, {name: md("Outcome")}, {name: md("Overall score"), right: true}, {name: md("Duration"), right: true}, {name: md("Why")},
	}
}

func lowCells(c report.ShownCall) []span {
	return []span{
		callCell(c), word(c.Title, 100), md(c.Ending.Word()), num(report.Number(c.OverallScore, 2)),
		num(report.Number(c.DurationSeconds, 1)).then(md(" s")), word(report.CallWhy(c), 300),
	}
}

// aside lists the calls in quarantine, folded: nothing is judged by them.
func (p *page) aside(r report.Report) {
	all := report.QuarantinedCalls(r)
	if len(all) == 0 {
		return
	}
	p.details(md("In quarantine, not judged (").then(num(report.Count(len(all))), md(")")), func() {
		const more = 100 // bytes reserved for the sentence that counts the rest
		p.limit -= more
		written := p.table([]head{
			{name: md("Call")}, {name: md("Scenario")}, {name: md("Outcome")}, {name: md("Overall score"), right: true}, {name: md("Why")},
		}, func(yield func(...span) bool) {
			for _, c := range all {
				if !yield(mono(report.ShortID(c.ID)), word(c.Title, 100), md(c.Ending.Word()), num(report.Number(c.OverallScore, 2)), word(report.QuarantinedWhy(c), 300)) {
					return
				}
			}
		})
		p.limit += more
		p.more(len(all)-written, "calls")
	})
}

func (p *page) flaky(r report.Report) {
	all := report.Flaky(r)
	if len(all) == 0 {
		return
	}
	p.block(md("### Flaky calls ("), num(report.Count(len(all))), md(")"))
	p.block(md("These succeeded only after a rerun."))
	rows(p, []head{
		{name: md("Call")}, {name: md("Scenario")}, {name: md("First outcome")}, {name: md("Attempts"), right: true},
	}, all, report.ByIndex(r, func(c report.ShownCall) []span {
		return []span{callCell(c), word(c.Title, 100), md(report.OutcomeWord(c.FirstOutcome)), num(report.Count(c.Attempts))}
	}), "calls")
}

func (p *page) missing(r report.Report) {
	first, n := missingEvals(r, summaryFolded)
	if n == 0 {
		return
	}
	p.details(md("Missing eval results (").then(num(report.Count(n)), md(")")), func() {
		const more = 100 // bytes reserved for the sentence that counts the rest
		p.limit -= more
		written := p.table([]head{
			{name: md("Call")}, {name: md("Scenario")}, {name: md("Eval")}, {name: md("State")}, {name: md("Reason")},
		}, func(yield func(...span) bool) {
			for _, m := range first {
				if !yield(callCell(m.call), word(m.call.Title, 100), word(m.eval.Name(), 60),
					md(report.EvalStateWord(m.eval)), word(m.eval.Reason, 200)) {
					return
				}
			}
		})
		p.limit += more
		p.more(n-written, "eval results")
	})
}

// missingEval is an eval without a result on a call that succeeded.
type missingEval struct {
	call report.ShownCall
	eval calls.Eval
}

// missingEvals returns the first of these, up to limit, and their total number.
func missingEvals(r report.Report, limit int) (first []missingEval, n int) {
	v := report.NewViewer(r)
	for i, c := range r.Evidence.Calls.All() {
		if c.Outcome() != verdict.Succeeded {
			continue
		}
		for _, e := range c.Evals {
			if e.State() == calls.EvalScored {
				continue
			}
			if n++; n <= limit {
				first = append(first, missingEval{call: v.At(i), eval: e})
			}
		}
	}
	return first, n
}
