package terminal

import (
	"bytes"
	"fmt"
	"io"
	"maps"
	"strings"

	"github.com/agent-gate/agent-gate/internal/report"
	"github.com/agent-gate/agent-gate/internal/text"
	"github.com/agent-gate/agent-gate/internal/verdict"
)

// mostGates is how many gates that need attention are shown with their criteria and calls.
const mostGates = 10

// SuiteDetails writes everything that a log reader may want to know of a suite, to stand above its verdict: a
// line for each gate, worst first, and the details of those that need attention.
func SuiteDetails(w io.Writer, s report.Suite, o Options) error {
	out := newScreen(o)
	out.gates(s)
	shown := 0
	for _, g := range report.WorstGates(s) {
		if !g.Ran() || !report.NeedsAttention(g) {
			continue
		}
		if shown++; shown <= mostGates {
			out.gate(g, o.Debug)
		}
	}
	out.more(shown-mostGates, " gate", " gates", " in the reports")
	if _, err := w.Write(bytes.TrimLeft(out.Bytes(), "\n")); err != nil {
		return fmt.Errorf("write the details: %w", err)
	}
	return nil
}

// gates writes a line for each gate.
func (s *screen) gates(r report.Suite) {
	if len(r.Gates) == 0 {
		return
	}
	s.heading(say("Gates"))
	var rows [][]field
	for _, g := range report.WorstGates(r) {
		calls := say("")
		if g.Ran() && report.Ran(g.Report) {
			calls = fig(report.CountCalls(g.Verdict.Counts.Total) + report.InQuarantine(g.Report))
		}
		rows = append(rows, []field{
			say(report.VerdictWord(g.Verdict.Kind)).in(gateStyle(g)), fig(g.Name).in(strong), calls, brief(ownerOf(g), 60).in(faint), brief(g.Verdict.Reason, 300),
		})
	}
	s.grid([]column{{}, {}, {right: true, spare: true}, {flex: true}, {flex: true}}, rows)
	if f := report.SuiteSpending(r); f != "" {
		s.paragraph(say(gap), say("Spent: ").figure(f), 3)
	}
}

// SuiteVerdict writes the verdict of a suite, to stand at the end of the log: the gates that need attention
// with what decided, the others in one line, where the reports are, and what to do next.
func SuiteVerdict(w io.Writer, r report.Suite, o Options) error {
	s := newScreen(o)
	s.suite(r)
	if _, err := w.Write(s.Bytes()); err != nil {
		return fmt.Errorf("write the verdict: %w", err)
	}
	return nil
}

func (s *screen) suite(r report.Suite) {
	v := r.Verdict
	if report.IsDryRunOfAll(r) {
		s.paragraph(field{}, fig(report.SuiteDryRun(r)).in(green), blockReason)
	} else {
		s.paragraph(say(report.VerdictWord(v.Kind)).in(verdictStyle(v.Kind)).and("  "), fig(report.SuiteHeadline(r)).in(strong), 2)
	}
	if len(r.Gates) == 0 {
		s.paragraph(say(gap), said(v.Reason), blockReason)
	}
	if over := report.OverNote(r); !report.Blank(over) {
		s.paragraph(say(gap), said(text.Sprintf("Over the budget: %s", over)), blockReason)
	}
	s.unwritten(r.Unwritten)
	var worst, rest []report.Gate
	for _, g := range report.WorstGates(r) {
		if report.NeedsAttention(g) || report.Disarmed(g.Report) != "" {
			worst = append(worst, g)
		} else {
			rest = append(rest, g)
		}
	}
	end := s.apart()
	end.others(rest)
	var runs []report.ExecutionLink
	for _, g := range worst {
		runs = append(runs, report.ExecutionLinks(g.Evidence)...)
	}
	end.places(r.Places, runs[:min(len(runs), 1)])
	end.next(report.SuiteNext(r))
	room := screenful - s.rows() - end.rows() - blockFirst
	var shown []*screen
	judged := 0
	for i, g := range worst {
		head := s.apart()
		head.apartGate(g)
		left := room - head.rows()
		if i+1 < len(worst) {
			left-- // for how many more there are
		}
		if left < 0 && i > 0 {
			break
		}
		room -= head.rows()
		shown = append(shown, head)
		if len(g.Verdict.Checks) > 0 {
			judged++
		}
	}
	if room += blockFirst; len(worst) > len(shown) {
		room--
	}
	least := blockFirst
	for i, head := range shown {
		s.Write(head.Bytes())
		if len(worst[i].Verdict.Checks) > 0 {
			inner := s.whyGate(worst[i], max(room/judged, min(room, least)), least)
			s.WriteString(inner.String())
			room -= inner.rows()
			judged--
		}
		least = 1
	}
	s.more(len(worst)-len(shown), " gate", " gates", " in the reports")
	s.WriteString(end.String())
}

// apartGate is a gate that needs attention, or is not enforced: what became of it.
func (s *screen) apartGate(g report.Gate) {
	mark := say("  ✓ ")
	if report.NeedsAttention(g) {
		mark = say("  ✗ ")
	}
	line := []field{mark.in(gateStyle(g)), fig(g.Name).in(strong), say(gap).and(report.VerdictWord(g.Verdict.Kind)).in(gateStyle(g)), say(gap)}
	if owner := ownerOf(g); !report.Blank(owner) {
		line = append(line, brief(owner, 60).and(gap))
	}
	what := fig(report.Headline(g.Report))
	if len(g.Verdict.Checks) == 0 || g.Verdict.Kind == verdict.Skip {
		what = brief(g.Verdict.Reason, 200)
	}
	s.fitted(append(line, what))
	if d := report.Disarmed(g.Report); d != "" {
		s.paragraph(say("    ! ").in(yellow), say(d).in(yellow), 2)
	}
}

// whyGate are the failed checks of a gate, and which calls never reached its agent, in so many rows, of which the checks have
// at least some.
func (s *screen) whyGate(g report.Gate, room, least int) *screen {
	out := s.apart()
	if room <= 0 {
		return out
	}
	inner := screen{width: max(s.width-2, 38), colour: s.colour}
	causes, of := report.CausesByCall(g.Report)
	// Of what no check has told, the calls that say nothing about the agent are worth a row.
	others := map[int]bool{}
	for i, c := range causes {
		others[i] = !c.Gone()
	}
	lost := inner.apart()
	lost.causes(causes, others, blockLost)
	if room-lost.rows() < least {
		lost.Reset()
	}
	told := inner.failedChecks(g.Report, causes, of, room-lost.rows())
	if lost.Len() > 0 {
		maps.Copy(others, told)
		inner.causes(causes, others, blockLost)
	}
	for line := range strings.Lines(inner.String()) {
		out.WriteString(gap + line)
	}
	return out
}

// others names the gates that need nothing, in one line.
func (s *screen) others(all []report.Gate) {
	if len(all) == 0 {
		return
	}
	names := say("")
	for i, g := range all {
		if i > 0 {
			names = names.and(", ")
		}
		names = names.figure(g.Name)
		switch {
		case g.Verdict.Cause == verdict.CauseUnchanged:
			names = names.and(" (unchanged)")
		case g.Verdict.Kind != verdict.Pass:
			names = names.and(" (").and(report.VerdictWord(g.Verdict.Kind)).and(")")
		}
	}
	s.paragraph(say("  ✓ ").in(green), names, 2)
}

// gateStyle is the style of a gate's verdict: one that was not started is as bad as an error.
func gateStyle(g report.Gate) style {
	if g.NotStarted() {
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

// gate writes the details of one gate.
func (s *screen) gate(g report.Gate, debug bool) {
	s.WriteByte('\n')
	s.line(say("=== ").figure(g.Name).in(strong))
	s.sections(g.Report, debug, false)
}
