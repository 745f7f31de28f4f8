// Package terminal writes a judged run for a terminal or a log: write.go is the report from top
// to bottom, criteria.go, cases.go, calls.go and sections.go are its sections, and screen.go lays out
// lines and columns. Only the fields of screen.go get onto the screen, so untrusted text has to
// go through the door of lines.
package terminal

import (
	"fmt"
	"io"

	"github.com/agent-gate/agent-gate/internal/report"
	"github.com/agent-gate/agent-gate/internal/verdict"
)

// Options are the capabilities of the terminal or CI log.
type Options struct {
	// Width is the number of columns, limited to 40 to 160; 0 means unknown and counts as 100.
	Width int
	// Colour allows SGR sequences. Without it the report has no control characters.
	Colour bool
}

// Limits of long lists; the other reports have the rest.
const (
	mostCalls     = 10
	mostUnknown   = 5
	mostScenarios = 15
	mostEvals     = 15
	mostChecks    = 25
	mostCases     = 10
	mostLinks     = 5
)

// Write writes the report for a log reader: the verdict and its reason first, then the
// criteria, then where to look. Only links exceed the width.
func Write(w io.Writer, r report.Report, o Options) error {
	if o.Width == 0 {
		o.Width = 100
	}
	s := &screen{width: min(max(o.Width, 40), 160), colour: o.Colour}
	s.sections(r)
	if _, err := w.Write(s.Bytes()); err != nil {
		return fmt.Errorf("write the terminal report: %w", err)
	}
	return nil
}

// sections writes a report from top to bottom.
func (s *screen) sections(r report.Report) {
	s.verdict(r)
	s.criteria(r)
	s.measured(r)
	s.cases(r)
	s.unsuccessful(r)
	s.low(r)
	s.unknown(r)
	s.flaky(r)
	s.scenarios(r)
	s.evals(r)
	s.reruns(r)
	s.warnings(r)
	s.facts(r)
}

func (s *screen) verdict(r report.Report) {
	v := r.Verdict
	badge := say(report.VerdictWord(v.Kind)).in(verdictStyle(v.Kind))
	body := say("no reason given")
	if !report.Blank(v.Reason) {
		body = said(v.Reason)
	}
	s.paragraph(badge.and("  "), body.in(strong), 4)
	for _, sentence := range report.LostSentences(r) {
		s.paragraph(say("  ! ").in(purple), brief(sentence, 400).in(purple), 3)
	}
	if !report.Blank(v.Flip) {
		s.paragraph(say(gap), say(report.FlipLabel(v.Kind)).and(": ").then(said(v.Flip)), 3)
	}
	if c := report.Comparison(r); !report.Blank(c) {
		s.paragraph(say(gap), say("Baseline: ").then(said(c)), 4)
	}
	if note := report.ReuseNote(r); !report.Blank(note) {
		s.paragraph(say(gap), brief(note, 400), 4)
	}
	if d := report.Disarmed(r); d != "" {
		s.paragraph(say("  ! ").in(yellow), say(d).in(yellow), 3)
	}
	if note := report.LookNote(r); !report.Blank(note) {
		s.paragraph(say(gap), said(note), 4)
	}
	for i, link := range report.ExecutionLinks(r.Evidence) {
		switch {
		case link.URL == "":
		case i == mostLinks:
			s.line(say(gap), say("and more in the report"))
			return
		case link.Name != "":
			s.line(say(gap), fig(link.Name), say(":"))
			s.line(say(gap), fig(link.URL))
		default:
			s.line(say(gap), fig(link.URL))
		}
	}
}

func verdictStyle(k verdict.Kind) style {
	switch k {
	case verdict.Pass:
		return green
	case verdict.Inconclusive, verdict.Skip:
		return yellow
	}
	return red
}
