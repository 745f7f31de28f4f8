package report

import (
	"github.com/agent-gate/agent-gate/internal/client"
	"github.com/agent-gate/agent-gate/internal/verdict"
)

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

// more says how many rows were left out.
func (s *screen) more(n int, what lit) {
	if n > 0 {
		s.line(say("  and ").figure(count(n)).and(what).in(faint))
	}
}

func attempts(c verdict.Call) field {
	if c.Attempts < 2 {
		return say("")
	}
	return fig(count(c.Attempts)).and(" attempts")
}

func endingStyle(e ending) style {
	switch e {
	case endFailed, endBelowBar:
		return red
	case endPassed:
		return green
	case endLost:
		return purple
	}
	return yellow
}
