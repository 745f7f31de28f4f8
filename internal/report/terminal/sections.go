package terminal

import (
	"strings"

	"github.com/agent-gate/agent-gate/internal/calls"
	"github.com/agent-gate/agent-gate/internal/report"
	"github.com/agent-gate/agent-gate/internal/text"
	"github.com/agent-gate/agent-gate/internal/verdict"
)

func (s *screen) scenarios(r report.Report) {
	all := report.Scenarios(r)
	if len(all) == 0 {
		return
	}
	s.heading(say("Scenarios, lowest first"))
	shown, bar := all[:min(len(all), mostScenarios)], report.HasBar(r)
	rows := make([][]field, 0, len(shown))
	for _, sc := range shown {
		hits, rate, success := sc.Counts.Succeeded, sc.SuccessRate, say("")
		if bar {
			hits, rate, success = sc.Counts.Passed, sc.PassRate, fig(report.Value(sc.SuccessRate))
		}
		rows = append(rows, []field{
			brief(report.Titled(sc.Name), 120),
			fig(report.Count(hits)).and("/").figure(report.Count(rate.N)),
			fig(report.Value(rate)).in(strong),
			fig(report.Interval(rate)),
			success,
			fig(report.Value(sc.OverallScore)).in(strong),
			fig(report.Interval(sc.OverallScore)),
			flakyCount(sc.Counts.Flaky),
			fig(report.Counted(report.Unjudged(sc.Counts))).in(purple),
		})
	}
	hits, rate := say("ok"), say("success")
	if bar {
		hits, rate = say("passed"), say("pass rate")
	}
	numbers := []column{
		{head: hits, right: true}, {head: rate, right: true}, {spare: true}, {head: say("success"), right: true, spare: true},
		{head: say("score"), right: true}, {spare: true}, {head: say("flaky"), right: true, spare: true}, {head: say("unjudged"), flex: true},
	}
	if s.width >= 76 || fits(rows, s.width) {
		s.grid(append([]column{{head: say("scenario"), flex: true}}, numbers...), rows)
	} else {
		s.stackedScenarios(numbers, rows)
	}
	s.more(len(all)-len(shown), " scenario", " scenarios", ", no worse than these")
}

// stackedScenarios puts the numbers below the names, for narrow screens.
func (s *screen) stackedScenarios(cols []column, rows [][]field) {
	lines := s.numbers(cols, rows)
	s.WriteString(lines[0]) // the heads
	s.named(rows, lines[1:])
}

// numbers lays out the cells after the first one and returns the lines.
func (s *screen) numbers(cols []column, rows [][]field) []string {
	cells := make([][]field, len(rows))
	for i, row := range rows {
		cells[i] = row[1:]
	}
	table := screen{width: s.width, colour: s.colour}
	table.grid(cols, cells)
	return strings.SplitAfter(table.String(), "\n")
}

// named writes each line below the first cell of its row.
func (s *screen) named(rows [][]field, lines []string) {
	for i, row := range rows {
		s.line(say(gap), field{s: cut(row[0].s, s.width-len(gap))})
		s.WriteString(lines[i])
	}
}

func flakyCount(n int) field {
	if n == 0 {
		return say("")
	}
	return fig(report.Count(n))
}

func (s *screen) evals(r report.Report) {
	all := r.Verdict.Evals
	if len(all) == 0 || r.Evidence.Calls.Len() == 0 { // without calls there are no results
		return
	}
	s.heading(say("Evals"))
	shown := all[:min(len(all), mostEvals)]
	rows := make([][]field, 0, len(shown))
	for _, e := range shown {
		number, what := report.EvalHeadline(e)
		rows = append(rows, []field{
			brief(e.Name, 80),
			fig(number).in(strong),
			say(what),
			fig(report.EvalInterval(e)),
			say("n ").figure(report.Count(e.Results)),
			missingCount(e),
			labels(e),
		})
	}
	cols := []column{{flex: true}, {right: true}, {}, {}, {spare: true}, {}, {flex: true}}
	if fits(rows, s.width) {
		s.grid(cols, rows)
	} else {
		for i := range rows {
			rows[i] = rows[i][:6]
		}
		if s.width >= narrow {
			s.grid(cols[:6], rows)
		} else {
			s.stackedEvals(cols[1:6], rows)
		}
		for _, e := range shown {
			if len(e.Labels) > 0 {
				s.paragraph(say(gap).then(brief(e.Name, 30)).and(": "), labels(e), 2)
			}
		}
	}
	s.more(len(all)-len(shown), " eval", " evals", " in the report")
}

// stackedEvals puts the numbers below the names.
func (s *screen) stackedEvals(cols []column, rows [][]field) {
	s.named(rows, s.numbers(cols, rows))
}

func missingCount(e verdict.EvalSummary) field {
	n := report.MissingResults(e)
	if n == 0 {
		return say("")
	}
	return fig(report.Count(n)).and(" missing").in(yellow)
}

// labels lists the labels that an eval assigned.
func labels(e verdict.EvalSummary) field {
	f := say("")
	for i, l := range e.Labels {
		if i == 8 {
			return f.and(", …")
		}
		if i > 0 {
			f = f.and(", ")
		}
		f = f.then(brief(l.Label, 40)).and(" ").figure(report.Count(l.Count))
	}
	return f
}

func (s *screen) reruns(r report.Report) {
	if len(r.Evidence.Reruns) == 0 {
		return
	}
	s.heading(say("Reruns"))
	for _, x := range r.Evidence.Reruns {
		s.paragraph(say(gap).figure(report.Count(x.Attempt)).and("  "), rerunLine(x), 2)
		for i, rejected := range x.Rejected {
			if i == 3 {
				s.more(len(x.Rejected)-i, " was rejected", " were rejected", "")
				break
			}
			s.paragraph(say("     "), say("rejected ").figure(report.ShortID(rejected.CallID)).and(": ").then(brief(rejected.Reason, 200)), 2)
		}
	}
}

func rerunLine(x verdict.Rerun) field {
	f := say(report.RerunWord(x.Type)).and(": ").figure(report.Count(x.Requested)).and(" requested, ").
		figure(report.Count(x.Accepted)).and(" accepted, ").figure(report.Count(x.Rescued)).and(" recovered")
	if !report.Blank(x.Error) {
		f = f.and("; ").then(brief(x.Error, 300))
	}
	return f
}

func (s *screen) warnings(all []text.Untrusted) {
	if len(all) == 0 {
		return
	}
	s.heading(say("Warnings"))
	for i, w := range all {
		if i == mostCalls {
			s.more(len(all)-i, "", "", " in the report")
			break
		}
		s.paragraph(say("  ! ").in(yellow), brief(w, 400), 3)
	}
}

// facts lists the IDs and numbers needed to investigate further.
func (s *screen) facts(r report.Report) {
	e := r.Evidence
	s.heading(say("Run"))
	var rows [][]field
	row := func(name report.Lit, f field) { rows = append(rows, []field{say(name).in(faint), f}) }
	if !report.Blank(e.RunTest.Name) {
		row("run test", brief(e.RunTest.Name, 120))
	}
	row("run test id", fig(report.FullID(e.RunTest.ID)))
	for i, link := range report.ExecutionLinks(e) {
		if i == mostLinks {
			row("", say("and more in the report"))
			break
		}
		f := fig(report.FullID(e.Executions()[i].ID))
		if link.Name != "" {
			f = f.and(", ").figure(link.Name)
		}
		row("execution", f)
	}
	if e.Execution.Status != "" {
		row("status", said(text.New(string(e.Execution.Status))))
	}
	if !report.Blank(e.Execution.ErrorReason) {
		row("error", brief(e.Execution.ErrorReason, 300))
	}
	if agent := report.Agent(e.Execution); !report.Blank(agent) {
		row("agent", brief(agent, 120))
	}
	if b := e.Against(r.Rules.Baseline); b != nil {
		row("baseline", fig(report.FullID(b.Execution.ID)).and(", ").figure(report.CountCalls(b.Calls.Len())))
	}
	if report.Ran(r) {
		row("intervals", fig(report.Intervals(r)))
	}
	if d, ok := report.Took(e.Timing); ok {
		row("duration", fig(report.Duration(d)))
	}
	for _, s := range report.Spendings(r) {
		if s.Name != "calls" || s.Limit != "" {
			row(s.Name, fig(s.Words()))
		}
	}
	if e.API.Requests > 0 {
		row("requests", fig(report.Count(e.API.Requests)).and(" (polls ").figure(report.Count(e.API.Polls)).and(", retries ").
			figure(report.Count(e.API.Retries)).and(", adopted ").figure(report.Count(e.API.Adopted)).and(")"))
	}
	if server := report.Server(r); !report.Blank(server) {
		row("server", brief(server, 200))
	}
	if e.Execution.Dialect != calls.DialectUnknown {
		row("API", said(text.New(string(e.Execution.Dialect))).and(" dialect"))
	}
	if s.width >= narrow {
		s.grid([]column{{}, {flex: true}}, rows)
		return
	}
	for _, row := range rows { // a cut ID is useless
		if len(gap)+columns(row[0].s)+1+columns(row[1].s) <= s.width {
			s.line(say(gap), row[0], say(" "), row[1])
			continue
		}
		s.line(say(gap), row[0])
		s.paragraph(say(gap+gap), row[1], 3)
	}
}

// narrow is the width in columns below which an ID does not fit beside its label.
const narrow = 52
