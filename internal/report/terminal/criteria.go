package terminal

import (
	"slices"
	"strings"

	"github.com/agent-gate/agent-gate/internal/report"
	"github.com/agent-gate/agent-gate/internal/verdict"
)

func (s *screen) criteria(r report.Report) {
	all := report.CheckRows(r)
	if len(all) == 0 {
		return
	}
	s.heading(say("Criteria"))
	shown := all[:min(len(all), mostChecks)]
	rows := make([][]field, 0, len(shown))
	for _, c := range shown {
		rows = append(rows, checkRow(c))
	}
	if fits(rows, s.width) {
		s.grid([]column{{}, {}, {right: true}, {}, {}, {}}, rows)
	} else {
		s.stackedChecks(rows)
	}
	s.more(len(all)-len(shown), " criterion", " criteria", whereChecks(all[len(shown):]))
}

// checkRow returns sign and outcome, criterion, measured value, interval, sample size, and by
// how much it is missed or why it is undecided.
func checkRow(r report.CheckRow) []field {
	c, name := r.Check, said(r.Title())
	switch {
	case r.Several():
		return []field{checkMark(c.Outcome), name, fig(r.Tally()).in(strong), say(""), say(""), say("")}
	case r.Within:
		name = say("↳ ").then(said(c.Scope))
	}
	row := []field{
		checkMark(c.Outcome),
		name,
		fig(report.CheckValue(c)).in(strong),
		fig(report.CheckInterval(c)),
		say("n ").figure(report.SampleSize(c)),
		say(""),
	}
	if c.Value.Value == nil {
		row[2], row[4] = say(""), say("")
	}
	if f := report.MissedBy(c); f != "" {
		row[5] = say("missed by ").figure(f).in(red)
	} else if c.Outcome != verdict.Met {
		row[5] = said(c.Detail)
	}
	return row
}

// stackedChecks puts the numbers below the criterion, for narrow screens.
func (s *screen) stackedChecks(rows [][]field) {
	mark := 0
	for _, row := range rows {
		mark = max(mark, columns(row[0].s))
	}
	indent := field{s: strings.Repeat(" ", mark+2*len(gap))}
	for _, row := range rows {
		pad := strings.Repeat(" ", mark-columns(row[0].s))
		s.paragraph(field{s: gap + row[0].s + pad + gap, style: row[0].style}, row[1], 2)
		line, used := []field{indent}, columns(indent.s)
		for _, f := range row[2:5] {
			if f.s == "" {
				continue
			}
			if len(line) > 1 && used+columns(f.s) > s.width {
				s.line(line...)
				line, used = []field{indent}, columns(indent.s)
			}
			line, used = append(line, f, say(gap)), used+columns(f.s)+len(gap)
		}
		wide := 0
		for _, f := range append(line, row[5]) {
			wide += columns(f.s)
		}
		if beside := row[5].style == red && wide <= s.width; beside {
			line, row[5].s = append(line, row[5]), ""
		}
		if len(line) > 1 {
			s.line(line...)
		}
		s.paragraph(indent, row[5], 3)
	}
}

func checkMark(o verdict.CheckOutcome) field {
	switch o {
	case verdict.Met:
		return say("✓ ").and(report.CheckWord(o)).in(green)
	case verdict.NotMet:
		return say("✗ ").and(report.CheckWord(o)).in(red)
	}
	return say("? ").and(report.CheckWord(o)).in(yellow)
}

// whereChecks says what became of the criteria left out at the end of the list, and where they are.
func whereChecks(left []report.CheckRow) report.Lit {
	if slices.ContainsFunc(left, func(c report.CheckRow) bool { return c.Outcome != verdict.Met }) {
		return " in the JSON report, not all of them met"
	}
	return ", all met"
}

func (s *screen) measured(r report.Report) {
	m := r.Verdict.Metrics
	if !report.Ran(r) {
		return
	}
	s.heading(fig(report.Census(r)))
	if counts := countsLine(r); counts.s != "" {
		s.paragraph(say(gap), counts, 3)
	}
	var rows [][]field
	row := func(name report.Lit, e verdict.Estimate) {
		if e.Value != nil {
			rows = append(rows, []field{say(name), fig(report.Value(e)).in(strong), fig(report.Interval(e)), say("n ").figure(report.Count(e.N))})
		}
	}
	for _, h := range report.HeadlineRates(r) {
		row(h.Name, h.Now)
	}
	if report.Reran(r) {
		row("flaky", m.FlakyRate)
	}
	row("overall score", m.OverallScore)
	row("mean duration", m.Duration)
	row("cost per call", m.Cost)
	if len(rows) > 0 {
		s.grid([]column{{}, {right: true}, {head: intervalHead(r)}, {spare: true}}, rows)
	}
}

// intervalHead is the column heading with the confidence level.
func intervalHead(r report.Report) field {
	return fig(report.Decimal(report.Level(r), 1)).and("% interval")
}

func countsLine(r report.Report) field {
	n := r.Verdict.Counts
	f := fig(report.Counted(report.EndingCounts(n, report.HasBar(r))))
	if n.Flaky > 0 {
		f = f.and("; ").figure(report.Count(n.Flaky)).and(" flaky (succeeded only after a rerun)")
	}
	return f
}
