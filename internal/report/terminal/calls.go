package terminal

import (
	"github.com/agent-gate/agent-gate/internal/report"
	"github.com/agent-gate/agent-gate/internal/verdict"
)

func (s *screen) unsuccessful(r report.Report) {
	s.ended(r, "Failed or skipped: ", report.Unsuccessful(r), mostCalls)
}

func (s *screen) unknown(r report.Report) {
	s.ended(r, "Not judged: ", report.UnknownCalls(r), mostUnknown)
}

// ended lists calls with why they ended.
func (s *screen) ended(r report.Report, heading report.Lit, all []int, most int) {
	cols := []column{{}, {flex: true}, {spare: true}, {}, {}, {flex: true}}
	s.callList(r, heading, all, most, func(c report.ShownCall) []field {
		return []field{say(c.Ending.Word()).in(endingStyle(c.Ending)), attempts(c.Call), brief(report.Reason(c.Call), 200)}
	}, func(rows [][]field) { s.callGrid(cols, rows) })
}

func (s *screen) low(r report.Report) {
	s.callList(r, "Below your bar, or pulled a criterion down: ", report.Low(r), mostCalls, func(c report.ShownCall) []field {
		return []field{
			say(c.Ending.Word()).in(endingStyle(c.Ending)), say("score ").figure(report.Number(c.OverallScore, 2)),
			fig(report.Number(c.DurationSeconds, 1)).and(" s"), brief(report.CallWhy(c), 300),
		}
	}, func(rows [][]field) {
		s.callGrid([]column{{}, {flex: true}, {spare: true}, {}, {spare: true}, {right: true, spare: true}, {flex: true}}, rows)
	})
}

func (s *screen) flaky(r report.Report) {
	s.callList(r, "Flaky, succeeded only after a rerun: ", report.Flaky(r), mostCalls, func(c report.ShownCall) []field {
		return []field{say(report.OutcomeWord(c.FirstOutcome)).and(" at first"), attempts(c.Call)}
	}, func(rows [][]field) {
		s.grid([]column{{}, {flex: true}, {spare: true}, {spare: true}, {}}, rows)
	})
}

// callList lists at most so many calls under a heading with their total number: each with its
// ID, its scenario, its execution if there are several, and the given cells. all are indexes in the evidence.
func (s *screen) callList(r report.Report, heading report.Lit, all []int, most int, cells func(report.ShownCall) []field, draw func(rows [][]field)) {
	if len(all) == 0 {
		return
	}
	s.heading(say(heading).figure(report.CountCalls(len(all))))
	shown := all[:min(len(all), most)]
	rows := make([][]field, 0, len(shown))
	for _, c := range report.CallsAt(r, shown) {
		rows = append(rows, append([]field{fig(report.ShortID(c.ID)), brief(c.Title, 80), fig(c.In.Name)}, cells(c)...))
	}
	draw(rows)
	s.more(len(all)-len(shown), "", "", " in the report")
}

// callGrid lays out calls with a long last column, which goes onto a line of its own if there
// is no room.
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

// more says how many rows were left out: what is one or many of, and where they are.
func (s *screen) more(n int, one, many, where report.Lit) {
	if n == 1 {
		many = one
	}
	if n > 0 {
		s.line(say("  and ").figure(report.Count(n)).and(" more").and(many).and(where).in(faint))
	}
}

func attempts(c verdict.Call) field {
	if c.Attempts < 2 {
		return say("")
	}
	return fig(report.Count(c.Attempts)).and(" attempts")
}

func endingStyle(e report.Ending) style {
	switch e {
	case report.EndFailed, report.EndBelowBar:
		return red
	case report.EndPassed:
		return green
	case report.EndLost:
		return purple
	}
	return yellow
}
