package markdown

import (
	"github.com/agent-gate/agent-gate/internal/report"
	"github.com/agent-gate/agent-gate/internal/verdict"
)

// causes says why calls were not good: a row for all that say the same, with the worst of them.
func (p *page) causes(r report.Report, all []report.Cause) {
	if len(all) == 0 {
		return
	}
	p.block(md("### Why"))
	rows(p, []head{{name: md("Calls"), right: true}, {name: md("Why")}, {name: md("Worst")}}, all, causeCells(r, 300), "causes")
}

// causeCells returns the row of a cause, with a reason of at most limit characters.
func causeCells(r report.Report, limit int) func(report.Cause) []span {
	v := report.NewViewer(r)
	return func(c report.Cause) []span {
		worst := md("")
		if call, ok := v.Worst(c); ok {
			worst = callCell(call).then(md(" "), word(call.Title, 80))
			if score := report.ScoreOf(call); score != "" {
				worst = worst.then(md(", "), num(score))
			}
		}
		return []span{num(report.Count(c.Calls)), word(c.Sentence(limit), limit+200), worst}
	}
}

// next is the one thing to do first.
func (p *page) next(r report.Report) {
	if next := nextStep(r); next.s != "" {
		p.block(md("**Next:** "), next)
	}
}

// nextStep is the same as a span, with a link where there is one.
func nextStep(r report.Report) span {
	if call, open := report.NextCall(r); open {
		if u := r.Places.Call(call); u != "" {
			return md("[open call ").then(mono(report.ShortID(call)), md(" in the report]("), num(u), md(")"))
		}
	}
	return word(report.Next(r), 300)
}

// versus compares the run with its baseline: its numbers in one table, then the cases that got worse and
// those that got better.
func (p *page) versus(r report.Report) {
	before := report.Before(r)
	all := report.Versus(r, before)
	if all == nil {
		return
	}
	worse, better := report.CaseChanges(r, before)
	p.block(md("### Against "), word(report.BaselineName(r), 100))
	p.block(word(report.BaselineFacts(r), 300), md(": "), num(report.CountChanges(all, worse, better)).bold(), md(". What both runs played is compared with itself, as in criteria on a change; Better and Worse count it, where one end is the good one. A change that may be none by its interval has no mark."))
	rows(p, []head{
		{name: md("Metric")}, {name: word(report.BaselineName(r), 40), right: true}, {name: md("Now"), right: true}, {name: md("Change"), right: true}, {name: md("")},
		{name: md("Better"), right: true}, {name: md("Worse"), right: true}, {name: md("Compared")},
	}, all, func(m report.MetricChange) []span {
		return []span{word(m.Name, 100), num(m.Then), num(m.Now).bold(), num(m.Change), trend(m.Trend), num(m.Better), num(m.Worse), num(m.Aside())}
	}, "metrics")
	p.caseChanges(r, "Cases that got worse", worse)
	p.caseChanges(r, "Cases that got better", better)
}

func trend(t report.Trend) span {
	switch t {
	case report.Better:
		return md("✅ better")
	case report.Worse:
		return md("❌ worse")
	case report.Steady:
	}
	return md("")
}

// caseChanges lists cases with both scores and both reasons.
func (p *page) caseChanges(r report.Report, heading report.Lit, all []report.CaseChange) {
	if len(all) == 0 {
		return
	}
	p.block(md("**"), md(heading), md(" ("), num(report.Count(len(all))), md(")**"))
	rows(p, []head{{name: md("Case")}, {name: word(report.BaselineName(r), 40)}, {name: md("Now")}}, all, func(c report.CaseChange) []span {
		return []span{word(c.Name, 100), side(c.Then, false), side(c.Now, true)}
	}, "cases")
}

// side is how a case fared in one run, and why.
func side(s report.CaseSide, now bool) span {
	out := num(s.Tally())
	if s.Score != nil {
		out = out.then(md(", score "), num(report.Number(s.Score, 2)).bold())
	}
	if !report.Blank(s.Why) {
		out = out.then(md(": "), word(s.Why, 200))
		if now {
			out = out.then(md(" ("), callCell(s.Call), md(")"))
		}
	}
	return out
}

// label names a check in a list: its subject, value and bound.
func label(c report.CheckRow) span {
	out := checkMark(c.Outcome).then(md(" "), code(report.CheckSubject(c.Check), 150))
	if c.Within {
		out = checkMark(c.Outcome).then(md(" "), word(c.Scope, 150))
	}
	if c.Value.Value != nil {
		out = out.then(md(" "), num(report.CheckValue(c.Check)).bold())
	}
	if need := report.CheckNeed(c.Check); need != "" {
		out = out.then(md(" (need "), num(need), md(")"))
	}
	if n := report.CheckCount(c.Check); n != "" {
		out = out.then(md(", "), num(n))
	}
	if c.Outcome == verdict.NoData || c.Outcome == verdict.Undecided {
		out = out.then(md(", "), md(report.CheckWord(c.Outcome)))
	}
	return out
}

// story is a call that stands for a cause: its id, scenario and score, and why it is worth a look, or that this stands above.
func story(v report.Viewer, cause report.Cause, c report.ShownCall, above bool) span {
	out := callCell(c)
	if above {
		out = out.then(md(", as above: "), word(cause.Short(), 120))
	} else {
		out = out.then(md(" "), word(c.Title, 80))
		if score := report.ScoreOf(c); score != "" {
			out = out.then(md(", "), num(score))
		}
		before := md(": ")
		if !c.Ending.Succeeded() {
			before = md(", ") // the reason begins with how it ended
		}
		out = out.then(before, word(cause.Story(c, 200), 260))
	}
	if like := v.Likeness(cause); like != "" {
		out = out.then(md(" ("), num(like), md(")"))
	}
	return out
}
