package markdown

import (
	"fmt"
	"io"

	"github.com/agent-gate/agent-gate/internal/report"
	"github.com/agent-gate/agent-gate/internal/text"
	"github.com/agent-gate/agent-gate/internal/verdict"
)

// Shares of a suite's summary and comment, in bytes: the table of gates, and the warnings of the suite.
const (
	shareGates        = 60 << 10
	shareSuite        = 10 << 10
	shareCommentGates = 24 << 10
)

// How many gates a comment lists, and of how many it shows more than a line.
const (
	commentGates     = 50
	commentUnfolding = 10
)

// SuiteSummary writes a suite as Markdown, for GitHub's job summary and for GitLab: the verdict of all gates, a
// line for each, worst first, then each gate's own summary, folded unless it needs attention. It never exceeds
// [SummaryLimit]: the gates that come first leave the others their part of it.
func SuiteSummary(w io.Writer, s report.Suite) error {
	p := &page{limit: SummaryLimit}
	p.block(md("## "), verdictMark(s.Verdict.Kind), md(" Agent gate: "), md(report.VerdictWord(s.Verdict.Kind)))
	p.suiteVerdict(s, 1000)
	all := report.WorstGates(s)
	p.within(shareGates, func() {
		rows(p, gateHeads(), all, gateCells(300), "gates")
	})
	ran := 0
	for _, g := range all {
		if g.Ran() {
			ran++
		}
	}
	for _, g := range all {
		if !g.Ran() {
			continue
		}
		p.within((p.limit-p.Len())/ran, func() { p.gate(g) })
		ran--
	}
	if _, err := w.Write(p.Bytes()); err != nil {
		return fmt.Errorf("write the summary: %w", err)
	}
	return nil
}

// suiteVerdict says what became of the gates, what they took, and what to know of all of them.
func (p *page) suiteVerdict(s report.Suite, limit int) {
	if len(s.Gates) > 0 {
		p.block(num(report.SuiteHeadline(s)).bold())
	}
	if len(s.Gates) == 0 || s.Verdict.Kind == verdict.Error {
		p.block(word(s.Verdict.Reason, limit))
	}
	if u := s.Places.Page(); u != "" {
		p.block(anchor("Open the HTML report", u))
	}
	p.within(shareSuite, func() {
		for _, w := range s.Warnings {
			p.block(md("- ⚠️ "), word(w, 400))
		}
	})
}

// gateHeads are the headings of the table of gates.
func gateHeads() []head {
	return []head{{name: md("Gate")}, {name: md("Verdict")}, {name: md("Calls"), right: true}, {name: md("Why")}}
}

// gateCells returns the row of a gate, with at most limit characters of its reason. Its owner stands beside its name if
// it needs one; the door of cells breaks the mention, so that nobody is called.
func gateCells(limit int) func(report.Gate) []span {
	return func(g report.Gate) []span {
		name, calls := gateName(g).bold(), num(report.Unknown)
		if g.Ran() && report.Ran(g.Report) {
			calls = num(report.Count(g.Verdict.Counts.Total) + report.InQuarantine(g.Report))
		}
		if report.NeedsAttention(g) && !report.Blank(g.Owner) {
			name = name.then(md(" "), word(g.Owner, 100))
		}
		why := word(g.Verdict.Reason, limit)
		if d := report.Disarmed(g.Report); d != "" {
			why = md("⚠️ ").then(md(d), md(" "), why)
		}
		return []span{name, gateMark(g).then(md(" "), md(report.VerdictWord(g.Verdict.Kind))), calls, why}
	}
}

// gateName is the name of a gate, whose underscores are no Markdown.
func gateName(g report.Gate) span { return word(text.New(string(g.Name)), 64) }

// gateMark is the mark of a gate's verdict: one that was not started is no better than one that failed.
func gateMark(g report.Gate) span {
	if g.NotStarted() {
		return md("❌")
	}
	return verdictMark(g.Verdict.Kind)
}

// gate writes the summary of one gate, folded unless it needs attention.
func (p *page) gate(g report.Gate) {
	title := gateMark(g).then(md(" "), gateName(g), md(": "), md(report.VerdictWord(g.Verdict.Kind)))
	whole := func() { p.whole(g.Report) }
	if !report.NeedsAttention(g) {
		p.details(title, whole)
		return
	}
	if p.block(md("## "), title) {
		if !report.Blank(g.Owner) {
			p.block(md("Owner: "), word(g.Owner, 100))
		}
		whole()
	}
}

// SuiteComment writes a suite as a Markdown comment on a pull or merge request: the verdict, a line for each
// gate, worst first, and everything else folded. It stays within GitHub's limit.
func SuiteComment(w io.Writer, s report.Suite, o CommentOptions) error {
	p := newComment(s.Verdict.Kind, o)
	p.suiteVerdict(s, commentText)
	all := report.WorstGates(s)
	p.within(shareCommentGates, func() { few(p, gateHeads(), all, commentGates, gateCells(commentCell), "gates") })
	var worst []report.Gate
	for _, g := range all {
		if g.Ran() && report.NeedsAttention(g) && len(worst) < commentUnfolding {
			worst = append(worst, g)
		}
	}
	for i, g := range worst {
		p.within((p.limit-p.Len())/(len(worst)-i), func() {
			p.details(md("What decided ").then(gateName(g)), func() {
				p.brief(g.Report)
				p.folded(g.Report)
			})
		})
	}
	return p.endComment(w, report.Report{CI: s.CI, Places: s.Places, Evidence: verdict.Evidence{Timing: s.Timing}}, o)
}
