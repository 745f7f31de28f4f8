package terminal

import (
	"fmt"
	"io"

	"github.com/agent-gate/agent-gate/internal/report"
	"github.com/agent-gate/agent-gate/internal/text"
	"github.com/agent-gate/agent-gate/internal/verdict"
)

// mostGates is how many gates that need attention are shown with their criteria and calls.
const mostGates = 10

// WriteSuite writes a suite for a log reader: the verdict of all gates, a line for each, worst first, and the
// whole report of those that need attention.
func WriteSuite(w io.Writer, s report.Suite, o Options) error {
	if o.Width == 0 {
		o.Width = 100
	}
	out := &screen{width: min(max(o.Width, 40), 160), colour: o.Colour}
	out.suite(s)
	all := report.WorstGates(s)
	shown := 0
	for _, g := range all {
		if !g.Ran() || !report.NeedsAttention(g) {
			continue
		}
		if shown++; shown <= mostGates {
			out.gate(g)
		}
	}
	out.more(shown-mostGates, " more gates in the reports")
	if _, err := w.Write(out.Bytes()); err != nil {
		return fmt.Errorf("write the terminal report: %w", err)
	}
	return nil
}

// suite writes the verdict of all gates and a line for each.
func (s *screen) suite(r report.Suite) {
	v := r.Verdict
	s.paragraph(say(report.VerdictWord(v.Kind)).in(verdictStyle(v.Kind)).and("  "), said(v.Reason).in(strong), 4)
	if f := report.SuiteSpending(r); f != "" {
		s.paragraph(say(gap), say("Spent: ").figure(f), 3)
	}
	for _, w := range r.Warnings {
		s.paragraph(say("  ! ").in(yellow), brief(w, 400), 3)
	}
	if len(r.Gates) == 0 {
		return
	}
	s.heading(say("Gates"))
	var rows [][]field
	for _, g := range report.WorstGates(r) {
		calls := say("")
		if g.Ran() && report.Ran(g.Report) {
			calls = fig(report.CountCalls(g.Verdict.Counts.Total))
		}
		rows = append(rows, []field{
			say(report.VerdictWord(g.Verdict.Kind)).in(gateStyle(g)), fig(g.Name).in(strong), calls, brief(ownerOf(g), 60).in(faint), brief(g.Verdict.Reason, 300),
		})
	}
	s.grid([]column{{}, {}, {right: true, spare: true}, {flex: true}, {flex: true}}, rows)
}

// gateStyle is the style of a gate's verdict: one that was not started is as bad as an error.
func gateStyle(g report.Gate) style {
	if g.Verdict.Kind == verdict.Skip && report.NeedsAttention(g) {
		return red
	}
	return verdictStyle(g.Verdict.Kind)
}

// ownerOf is the owner of a gate that needs one.
func ownerOf(g report.Gate) text.Untrusted {
	if !report.NeedsAttention(g) {
		return text.Untrusted{}
	}
	return g.Owner
}

// gate writes the report of one gate.
func (s *screen) gate(g report.Gate) {
	r := g.Report
	s.WriteByte('\n')
	s.line(say("=== ").figure(g.Name).in(strong))
	s.sections(r)
}
