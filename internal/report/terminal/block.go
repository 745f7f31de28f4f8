package terminal

import (
	"fmt"
	"io"
	"strings"

	"github.com/google/uuid"

	"github.com/agent-gate/agent-gate/internal/report"
	"github.com/agent-gate/agent-gate/internal/text"
	"github.com/agent-gate/agent-gate/internal/verdict"
)

// screenful is how many rows a verdict may take: those of a terminal that nobody has enlarged, less the
// line of the prompt. Links that are wider than the screen may take more.
const screenful = 23

// How many rows the parts of a verdict take, at most.
const (
	blockReason = 4 // of a run that could not be judged
	blockChecks = 6
	blockWithin = 3 // checks of one criterion
	blockCalls  = 3 // for each check
	blockCauses = 3
	blockLost   = 1 // for each gate
	blockFirst  = 6 // for the checks of the first gate, so that one shows a call
	blockWarned = 3
)

// Verdict writes what a reader in a hurry needs, to stand at the end of the log: the verdict, the failed
// checks with their worst calls, why calls failed, where the reports are, and what to do next.
func Verdict(w io.Writer, r report.Report, o Options) error {
	s := newScreen(o)
	s.block(r)
	if _, err := w.Write(s.Bytes()); err != nil {
		return fmt.Errorf("write the verdict: %w", err)
	}
	return nil
}

// block writes the verdict of a run.
func (s *screen) block(r report.Report) {
	v := r.Verdict
	s.headline(r)
	if d := report.Disarmed(r); d != "" {
		s.paragraph(say("  ! ").in(yellow), say(d).in(yellow), 3)
	}
	for _, note := range []text.Untrusted{report.ReuseNote(r), report.QuarantineNote(r)} {
		if !report.Blank(note) {
			s.paragraph(say(gap), brief(note, 300), 2)
		}
	}
	s.unwritten(r.Unwritten)
	var causes []report.Cause
	var of map[uuid.UUID]int
	if v.Kind != verdict.Pass && v.Kind != verdict.Skip {
		causes, of = report.CausesByCall(r)
	}
	end := s.ending(r)
	switch v.Kind {
	case verdict.Pass:
		if c := report.Comparison(r); !report.Blank(c) {
			s.paragraph(say(gap), say("against ").then(said(c)).in(faint), 1)
		} else if !report.Blank(v.Flip) {
			s.paragraph(say(gap), say("closest: ").then(said(v.Flip)).in(faint), 1)
		}
	case verdict.Fail, verdict.Inconclusive, verdict.Error:
		if v.Kind == verdict.Error && !saysReason(r) {
			s.paragraph(say(gap), said(v.Reason), blockReason)
		}
		left := screenful - s.rows() - end.rows()
		why := s.apart() // at most so many rows
		why.causes(causes, nil, blockCauses)
		told := s.failedChecks(r, causes, of, left-why.rows())
		s.causes(causes, told, blockCauses)
	case verdict.Skip:
	}
	s.WriteString(end.String())
}

// unwritten says which requested reports cannot be written.
func (s *screen) unwritten(all []text.Untrusted) {
	for _, w := range all[:min(len(all), blockWarned)] {
		s.paragraph(say("  ! ").in(red), said(w), 2)
	}
}

// rows is how many rows of the screen there are so far: a line that is wider takes several.
func (s *screen) rows() (n int) {
	for line := range strings.Lines(s.String()) {
		n += max((columns(plain(strings.TrimSuffix(line, "\n")))+s.width-1)/s.width, 1)
	}
	return n
}

// apart returns an empty screen like this one.
func (s *screen) apart() *screen { return &screen{width: s.width, colour: s.colour} }

// headline is the first line of the verdict: what became of the checks, and what the run took.
func (s *screen) headline(r report.Report) {
	v := r.Verdict
	badge := say(report.VerdictWord(v.Kind)).in(verdictStyle(v.Kind))
	switch {
	case v.Kind == verdict.Skip && report.IsDryRun(r): // its reason begins with OK
		s.paragraph(field{}, said(v.Reason).in(green), blockReason)
	case saysReason(r):
		s.paragraph(badge.and("  "), said(v.Reason).in(strong), blockReason)
	default:
		s.paragraph(badge.and("  "), fig(report.Headline(r)).in(strong), 2)
	}
}

// saysReason reports whether the first line has the reason of the verdict: where no check decided.
func saysReason(r report.Report) bool {
	v := r.Verdict
	return !report.Blank(v.Reason) && (v.Kind == verdict.Skip || len(v.Checks) == 0 || r.Evidence.FailFast != nil)
}

// causes says why calls failed or could not be judged, at most so many: what no call has told.
func (s *screen) causes(all []report.Cause, told map[int]bool, most int) {
	n, last := 0, s.apart() // instead of a row that says that there is one more
	for i, c := range all {
		if told[i] {
			continue
		}
		n++
		out := s
		if n > most {
			out = last
		}
		if n <= most+1 {
			lead := say("  ").figure(report.Count(c.Calls)).and("× ").in(causeStyle(c))
			out.paragraph(lead, brief(c.Sentence(160), 260).in(causeStyle(c)), 2)
		}
	}
	if n == most+1 && last.rows() == 1 {
		s.Write(last.Bytes())
		return
	}
	if n > most {
		left := report.Count(n - most)
		s.line(say("  and ").figure(left).figure(report.Plural(left, " other reason", " other reasons")).and(" in the reports").in(faint))
	}
}

func causeStyle(c report.Cause) style {
	if c.Gone() {
		return purple
	}
	return normal
}

// ending says where the reports are, and what to do next.
func (s *screen) ending(r report.Report) *screen {
	out := s.apart()
	out.places(r.Places, report.ExecutionLinks(r.Evidence))
	out.next(report.Next(r))
	return out
}

// places names the reports and links to the run.
func (s *screen) places(p report.Places, runs []report.ExecutionLink) {
	var paths []field
	for _, path := range []text.Untrusted{p.HTML, p.JSON, p.JUnit, p.Summary, p.CTRF, p.Attestation} {
		if !report.Blank(path) {
			paths = append(paths, said(path))
		}
	}
	if page := p.Page(); page != "" {
		paths = append([]field{fig(page)}, paths...)
	}
	left := say("")
	for i, f := range paths {
		if i > 0 {
			left = left.and(" · ")
		}
		left = left.then(f)
	}
	right := say("")
	more := 0
	for _, link := range runs {
		switch {
		case link.URL == "":
		case right.s == "":
			right = fig(link.URL)
		default:
			more++
		}
	}
	if more > 0 {
		right = right.and(" and ").figure(report.Count(more)).and(" more")
	}
	const reports, run = "Report  ", "Run     "
	switch {
	case left.s != "" && right.s != "" && len(reports)+columns(left.s)+6+len("Run  ")+columns(right.s) <= s.width:
		s.line(say(reports).in(faint), left, say("      "), say("Run  ").in(faint), right)
		return
	case left.s != "":
		s.line(say(reports).in(faint), left)
	}
	if right.s != "" {
		s.line(say(run).in(faint), right)
	}
}

// next is the line of what to do next, whole: a link or command that is cut is useless.
func (s *screen) next(t text.Untrusted) {
	if !report.Blank(t) {
		s.line(say("Next    ").in(faint), said(t).in(strong))
	}
}
