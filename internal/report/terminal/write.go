// Package terminal writes a judged run for a terminal or a log: write.go has the details from top
// to bottom, block.go the verdict that stands below them, and failed.go the checks in it. criteria.go,
// cases.go, calls.go and sections.go are the sections of the details, and screen.go lays out lines and
// columns. Only the fields of screen.go get onto the screen, so untrusted text has to go through the
// door of lines.
package terminal

import (
	"bytes"
	"fmt"
	"io"

	"github.com/agent-gate/agent-gate/internal/report"
	"github.com/agent-gate/agent-gate/internal/text"
	"github.com/agent-gate/agent-gate/internal/verdict"
)

// Options are the capabilities of the terminal or CI log.
type Options struct {
	// Width is the number of columns, limited to 40 to 160; 0 means unknown: nothing is cut to a width.
	Width int
	// Colour allows SGR sequences. Without it the report has no control characters.
	Colour bool
	// Debug adds the facts of the run: ids, requests, dialect.
	Debug bool
}

// unlimited is the width of a log, whose reader sees long lines whole.
const unlimited = 1 << 20

func newScreen(o Options) *screen {
	if o.Width == 0 {
		return &screen{width: unlimited, colour: o.Colour}
	}
	return &screen{width: min(max(o.Width, 40), 160), colour: o.Colour}
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

// Details writes everything that a log reader may want to know, worst first, to stand above the verdict.
// Only links exceed the width.
func Details(w io.Writer, r report.Report, o Options) error {
	s := newScreen(o)
	s.sections(r, o.Debug, saysReason(r))
	if _, err := w.Write(bytes.TrimLeft(s.Bytes(), "\n")); err != nil {
		return fmt.Errorf("write the details: %w", err)
	}
	return nil
}

// sections writes the details of a run from top to bottom. told means that the verdict below says the whole reason.
func (s *screen) sections(r report.Report, debug, told bool) {
	s.background(r, told)
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
	if debug {
		s.facts(r)
	}
}

// background says what decided and how far away another verdict was.
func (s *screen) background(r report.Report, told bool) {
	v := r.Verdict
	if report.Blank(v.Reason) || v.Kind == verdict.Skip {
		return
	}
	if !told {
		s.paragraph(field{}, said(v.Reason).in(strong), 4)
	}
	if !report.Blank(v.Flip) {
		s.paragraph(say(gap), say(report.FlipLabel(v.Kind)).and(": ").then(said(v.Flip)), 3)
	}
	if c := report.Comparison(r); !report.Blank(c) {
		s.paragraph(say(gap), say("Baseline: ").then(said(c)), 4)
	}
	if note := report.LookNote(r); !report.Blank(note) {
		s.paragraph(say(gap), said(note), 4)
	}
	if spent := report.SpendingLine(r); spent != "" {
		s.paragraph(say(gap), say("Spent: ").figure(spent), 3)
	}
}

// Warnings writes the warnings of a run; nothing without any.
func Warnings(w io.Writer, all []text.Untrusted, o Options) error {
	s := newScreen(o)
	s.warnings(all)
	if _, err := w.Write(s.Bytes()); err != nil {
		return fmt.Errorf("write the warnings: %w", err)
	}
	return nil
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
