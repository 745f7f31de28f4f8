package markdown

import (
	"slices"

	"github.com/agent-gate/agent-gate/internal/criteria"
	"github.com/agent-gate/agent-gate/internal/report"
	"github.com/agent-gate/agent-gate/internal/text"
	"github.com/agent-gate/agent-gate/internal/verdict"
)

func (p *page) scenarios(r report.Report) {
	all := report.Scenarios(r)
	if len(all) == 0 {
		return
	}
	p.block(md("### Scenarios"))
	bar := report.HasBar(r)
	unknown := slices.ContainsFunc(all, func(s verdict.ScenarioSummary) bool { return len(report.Unjudged(s.Counts)) > 0 })
	heads := []head{{name: md("Scenario")}}
	if bar {
		heads = append(heads, head{name: md("Passed"), right: true}, head{name: md("Pass rate"), right: true},
			head{name: intervalHeading(r), right: true}, head{name: md("Success rate"), right: true})
	} else {
		heads = append(heads, head{name: md("Succeeded"), right: true}, head{name: md("Success rate"), right: true}, head{name: intervalHeading(r), right: true})
	}
	heads = append(heads, head{name: md("Overall score"), right: true}, head{name: intervalHeading(r), right: true}, head{name: md("Flaky"), right: true})
	if unknown {
		heads = append(heads, head{name: md("Not judged")})
	}
	row := func(s verdict.ScenarioSummary) []span {
		of := func(hits int, e verdict.Estimate) span {
			return num(report.Count(hits)).then(md(" of "), num(report.Count(e.N)))
		}
		cells := []span{word(report.Titled(s.Name), 120)}
		if bar {
			cells = append(cells, of(s.Counts.Passed, s.PassRate), num(report.Value(s.PassRate)).bold(), num(report.Interval(s.PassRate)), num(report.Value(s.SuccessRate)))
		} else {
			cells = append(cells, of(s.Counts.Succeeded, s.SuccessRate), num(report.Value(s.SuccessRate)).bold(), num(report.Interval(s.SuccessRate)))
		}
		cells = append(cells, num(report.Value(s.OverallScore)).bold(), num(report.Interval(s.OverallScore)), num(report.Count(s.Counts.Flaky)))
		if unknown {
			cells = append(cells, num(report.Counted(report.Unjudged(s.Counts))))
		}
		return cells
	}
	rows(p, heads, all, row, "scenarios")
}

func (p *page) evals(r report.Report) {
	all := r.Verdict.Evals
	if len(all) == 0 || r.Evidence.Calls.Len() == 0 { // without calls there are no results
		return
	}
	p.block(md("### Evals"))
	rows(p, []head{
		{name: md("Eval")}, {name: md("Passed"), right: true}, {name: md("Mean score"), right: true}, {name: intervalHeading(r), right: true},
		{name: md("Results"), right: true}, {name: md("Missing"), right: true}, {name: md("Labels")},
	}, all, func(e verdict.EvalSummary) []span {
		passed, mean := num(report.Unknown), num(report.Unknown)
		if e.PassRate.Value != nil {
			passed = num(report.Value(e.PassRate)).bold()
		} else if e.Score.Value != nil {
			mean = num(report.Value(e.Score)).bold()
		}
		return []span{
			word(e.Name, 80), passed, mean, num(report.EvalInterval(e)),
			num(report.Count(e.Results)), missingParts(e), labelList(e),
		}
	}, "evals")
}

// missingParts counts the missing results by reason.
func missingParts(e verdict.EvalSummary) span {
	s := num(report.Count(report.MissingResults(e)))
	if why := report.MissingWhy(e); why != "" {
		s = s.then(md(" ("), num(why), md(")"))
	}
	return s
}

func labelList(e verdict.EvalSummary) span {
	s := md("")
	for i, l := range e.Labels {
		if i == 10 {
			return s.then(md(", …"))
		}
		if i > 0 {
			s = s.then(md(", "))
		}
		s = s.then(word(l.Label, 40), md(" "), num(report.Count(l.Count)))
	}
	return s
}

func (p *page) reruns(r report.Report) {
	all := r.Evidence.Reruns
	if len(all) == 0 {
		return
	}
	p.block(md("### Reruns"))
	rows(p, []head{
		{name: md("Attempt"), right: true}, {name: md("Type")}, {name: md("Requested"), right: true},
		{name: md("Accepted"), right: true}, {name: md("Recovered"), right: true}, {name: md("Notes")},
	}, all, func(x verdict.Rerun) []span {
		return []span{
			num(report.Count(x.Attempt)), md("<code>").then(md(report.RerunWord(x.Type)), md("</code>")), num(report.Count(x.Requested)),
			num(report.Count(x.Accepted)), num(report.Count(x.Rescued)), remarks(x),
		}
	}, "reruns")
}

// remarks says why a rerun did not do everything that was requested.
func remarks(x verdict.Rerun) span {
	s := word(x.Error, 300)
	for i, rejected := range x.Rejected {
		if s.s != "" {
			s = s.then(md("; "))
		}
		if i == 3 {
			return s.then(num(report.Count(len(x.Rejected)-i)), md(" more were rejected"))
		}
		s = s.then(md("rejected "), mono(report.ShortID(rejected.CallID)), md(": "), word(rejected.Reason, 150))
	}
	return s
}

// facts lists the IDs and numbers needed to investigate further.
func (p *page) facts(r report.Report) {
	e := r.Evidence
	p.details(md("Run details"), func() {
		p.table([]head{{name: md("Detail")}, {name: md("Value")}}, func(yield func(...span) bool) {
			row := func(name report.Lit, value span) {
				if value.s != "" {
					yield(md(name), value)
				}
			}
			row("Run test", word(e.RunTest.Name, 255))
			row("Run test id", mono(report.FullID(e.RunTest.ID)))
			row("Test execution id", mono(report.FullID(e.Execution.ID)))
			for i, link := range report.ExecutionLinks(e)[1:] {
				row("Further execution", mono(report.FullID(e.Further[i].ID)).then(md(", "), linked(link)))
			}
			row("Execution status", word(text.New(string(e.Execution.Status)), 40))
			row("Agent", word(report.Agent(e.Execution), 200))
			row("API dialect", word(text.New(string(e.Execution.Dialect)), 40))
			if e.Execution.StartedAt != nil {
				row("Execution started", num(report.Moment(*e.Execution.StartedAt)))
			}
			if e.Execution.CompletedAt != nil {
				row("Execution completed", num(report.Moment(*e.Execution.CompletedAt)))
			}
			if rate := e.Execution.ServerSuccessRate; rate != nil {
				row("Server's success rate", num(report.Rounded(*rate, criteria.UnitPercent, 1)+"%").then(md(" (completed out of all calls)")))
			}
			if b := e.Against(r.Rules.Baseline); b != nil {
				row("Baseline", mono(report.FullID(b.Execution.ID)).then(md(", "), num(report.CountCalls(b.Calls.Len()))))
			}
			if d, ok := report.Took(e.Timing); ok {
				row("Gate duration", num(report.Duration(d)))
			}
			m := r.Verdict.Metrics
			estimate := func(name report.Lit, v verdict.Estimate) {
				if v.Value != nil {
					row(name, num(report.Value(v)).then(md(" over "), num(report.CountCalls(v.N))))
				}
			}
			estimate("Mean call duration", m.Duration)
			estimate("Mean response time", m.ResponseTime)
			estimate("Mean cost per call", m.Cost)
			row("API requests", num(report.Count(e.API.Requests)))
			row("Polls", num(report.Count(e.API.Polls)))
			row("Retries", num(report.Count(e.API.Retries)))
			row("Adopted after a lost answer", num(report.Count(e.API.Adopted)))
			if server := report.Server(r); !report.Blank(server) {
				row("API server", word(server, 200))
			}
			row("Intervals", num(report.Intervals(r)))
			row("Decided on", word(text.New(string(r.Rules.DecideOn)), 40))
			row("Exit code", num(report.Count(r.ExitCode)))
			row("Tool", word(text.Sprintf("%s %s", r.Tool.Name, r.Tool.Version), 80))
		})
	})
	if !report.Blank(e.Execution.ErrorReason) {
		p.details(md("Server's error message"), func() { p.fence(e.Execution.ErrorReason) })
	}
}
