package report

import (
	"fmt"
	"io"
	"strings"

	"github.com/agent-gate/agent-gate/internal/client"
	"github.com/agent-gate/agent-gate/internal/verdict"
)

// TerminalOptions is what a terminal, or a CI system's log, can show.
type TerminalOptions struct {
	// Width is the number of columns; 0 when it is not known, which makes it 100.
	// Below 40 it counts as 40, and above 160 as 160.
	Width int
	// Colour allows SGR sequences. Without it the report has no control characters.
	Colour bool
}

// How much a terminal shows of long lists; the other reports have the rest.
const (
	terminalCalls     = 10
	terminalUnknown   = 5
	terminalScenarios = 15
	terminalEvals     = 15
	terminalChecks    = 25
)

// Terminal writes the report for a person who looks at a log: the verdict and what
// decided it first, then the criteria, then where to look. Only links are longer than
// the width.
func Terminal(w io.Writer, r Report, o TerminalOptions) error {
	if o.Width == 0 {
		o.Width = 100
	}
	s := &screen{width: min(max(o.Width, 40), 160), colour: o.Colour}
	s.verdict(r)
	s.criteria(r)
	s.measured(r)
	s.unsuccessful(r)
	s.low(r)
	s.unknown(r)
	s.flaky(r)
	s.scenarios(r)
	s.evals(r)
	s.reruns(r)
	s.warnings(r)
	s.facts(r)
	if _, err := w.Write(s.Bytes()); err != nil {
		return fmt.Errorf("write the terminal report: %w", err)
	}
	return nil
}

func (s *screen) verdict(r Report) {
	v := r.Verdict
	badge := say(verdictWord(v.Kind)).in(verdictStyle(v.Kind))
	body := say("no reason given")
	if !blank(v.Reason) {
		body = said(v.Reason)
	}
	s.paragraph(badge.and("  "), body.in(strong), 4)
	for _, sentence := range lostSentences(r) {
		s.paragraph(say("  ! ").in(purple), brief(sentence, 400).in(purple), 3)
	}
	if !blank(v.Flip) {
		s.paragraph(say(gap), say("What would change it: ").then(said(v.Flip)), 3)
	}
	if c := comparison(r); !blank(c) {
		s.paragraph(say(gap), say("Baseline: ").then(said(c)), 4)
	}
	if d := disarmed(r); d != "" {
		s.paragraph(say("  ! ").in(yellow), say(d).in(yellow), 3)
	}
	if u := link(r.Evidence.Execution.URL); u != "" {
		s.line(say(gap), fig(u))
	}
}

func (s *screen) criteria(r Report) {
	all := checks(r)
	if len(all) == 0 {
		return
	}
	s.heading(say("Criteria"))
	shown := all[:min(len(all), terminalChecks)]
	rows := make([][]field, 0, len(shown))
	for _, c := range shown {
		rows = append(rows, checkRow(c))
	}
	if fits(rows, s.width) {
		s.grid([]column{{}, {}, {right: true}, {}, {}, {}}, rows)
	} else {
		s.stackedChecks(rows)
	}
	s.more(len(all)-len(shown), moreChecks(all[len(shown):]))
}

// checkRow is mark and word, criterion, measured value, interval, n, and by how much
// it is missed or why it is not decided.
func checkRow(c verdict.Check) []field {
	row := []field{
		checkMark(c.Outcome),
		said(criterionName(c)),
		fig(valueTo(c.Value, checkPlaces(c))).in(strong),
		fig(interval(c.Value)),
		say("n ").figure(sampleSize(c)),
		say(""),
	}
	if c.Value.Value == nil {
		row[2], row[4] = say(""), say("")
	}
	if f := missedBy(c); f != "" {
		row[5] = say("missed by ").figure(f).in(red)
	} else if c.Outcome != verdict.Met {
		row[5] = said(c.Detail)
	}
	return row
}

// stackedChecks puts the numbers below the criterion, for screens too narrow for both.
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

func (s *screen) measured(r Report) {
	m := r.Verdict.Metrics
	if !ran(r) {
		return
	}
	s.heading(fig(census(r)))
	s.paragraph(say(gap), countsLine(r), 3)
	var rows [][]field
	row := func(name lit, e verdict.Estimate) {
		if e.Value != nil {
			rows = append(rows, []field{say(name), fig(value(e)).in(strong), fig(interval(e)), say("n ").figure(count(e.N))})
		}
	}
	for _, h := range headlineRates(r, nil) {
		row(h.name, h.now)
	}
	if reran(r) {
		row("flaky", m.FlakyRate)
	}
	row("overall score", m.OverallScore)
	row("mean duration", m.Duration)
	row("cost per call", m.Cost)
	if len(rows) > 0 {
		s.grid([]column{{}, {right: true}, {head: intervalHead(r)}, {spare: true}}, rows)
	}
}

// intervalHead names the level of the intervals.
func intervalHead(r Report) field {
	return fig(decimal(level(r), 1)).and("% interval")
}

func countsLine(r Report) field {
	n := r.Verdict.Counts
	f := fig(counted(endingCounts(n, barred(r))))
	if n.Flaky > 0 {
		f = f.and("; ").figure(count(n.Flaky)).and(" flaky, succeeding only after a rerun")
	}
	return f
}

func (s *screen) unsuccessful(r Report) {
	s.ended(r, "Did not succeed: ", unsuccessful(r), terminalCalls)
}

func (s *screen) unknown(r Report) {
	s.ended(r, "Nothing is known of: ", unknownCalls(r), terminalUnknown)
}

// ended lists calls with why they ended.
func (s *screen) ended(r Report, heading lit, all []int, most int) {
	cols := []column{{}, {flex: true}, {}, {}, {flex: true}}
	s.callList(r, heading, all, most, func(c shownCall) []field {
		return []field{say(c.ending.word()).in(endingStyle(c.ending)), attempts(c.Call), brief(reason(c.Call), 200)}
	}, func(rows [][]field) { s.callGrid(cols, rows) })
}

// callGrid writes calls whose last column is the longest: below the others where there
// is no room beside them.
func (s *screen) callGrid(cols []column, rows [][]field) {
	if s.width >= 76 || fits(rows, s.width) {
		s.grid(cols, rows)
		return
	}
	last := len(cols) - 1
	for _, row := range rows {
		s.grid(cols[:last], [][]field{row[:last]})
		if row[last].s != "" {
			s.line(say("            "), field{s: cut(row[last].s, s.width-12)})
		}
	}
}

// callList shows calls under a heading that counts them, at most so many: each with its id, its scenario and the cells that tell more. They are given by their
// places in the evidence.
func (s *screen) callList(r Report, heading lit, all []int, most int, cells func(shownCall) []field, draw func(rows [][]field)) {
	if len(all) == 0 {
		return
	}
	s.heading(say(heading).figure(calls(len(all))))
	shown := all[:min(len(all), most)]
	rows := make([][]field, 0, len(shown))
	for _, c := range callsAt(r, shown) {
		rows = append(rows, append([]field{fig(shortID(c.ID)), brief(c.title, 80)}, cells(c)...))
	}
	draw(rows)
	s.more(len(all)-len(shown), " more in the report")
}

func attempts(c verdict.Call) field {
	if c.Attempts < 2 {
		return say("")
	}
	return fig(count(c.Attempts)).and(" attempts")
}

func (s *screen) low(r Report) {
	s.callList(r, "Below your bar, or pulled a criterion down: ", low(r), terminalCalls, func(c shownCall) []field {
		return []field{
			say(c.ending.word()).in(endingStyle(c.ending)), say("score ").figure(number(c.OverallScore, 2)),
			fig(number(c.DurationSeconds, 1)).and(" s"), evalNames(failedEvals(c.Call)),
		}
	}, func(rows [][]field) {
		s.callGrid([]column{{}, {flex: true}, {}, {spare: true}, {right: true, spare: true}, {flex: true}}, rows)
	})
}

// evalNames lists evals and, where they have no result, why.
func evalNames(evals []client.Eval) field {
	f := say("")
	for i, e := range evals {
		if i == 5 {
			return f.and(", …")
		}
		if i > 0 {
			f = f.and(", ")
		}
		f = f.then(brief(e.Name(), 40)).and(" ").and(evalStateWord(e))
	}
	return f
}

func (s *screen) flaky(r Report) {
	s.callList(r, "Flaky, succeeded only after a rerun: ", flaky(r), terminalCalls, func(c shownCall) []field {
		return []field{say("first ").and(outcomeWord(c.FirstOutcome)), attempts(c.Call)}
	}, func(rows [][]field) {
		s.grid([]column{{}, {flex: true}, {spare: true}, {}}, rows)
	})
}

// more says how many rows were left out.
func (s *screen) more(n int, what lit) {
	if n > 0 {
		s.line(say("  and ").figure(count(n)).and(what).in(faint))
	}
}
