package report

import (
	"slices"

	"github.com/agent-gate/agent-gate/internal/text"
	"github.com/agent-gate/agent-gate/internal/verdict"
)

func (p *page) scenarios(r Report, base *verdict.Verdict) {
	all := scenarios(r)
	if len(all) == 0 {
		return
	}
	p.block(md("### Scenarios"))
	bar := barred(r)
	unknown := slices.ContainsFunc(all, func(s verdict.ScenarioSummary) bool { return len(unjudged(s.Counts)) > 0 })
	heads := []head{{name: md("Scenario")}}
	if bar {
		heads = append(heads, head{name: md("Passed"), right: true}, head{name: md("Pass rate"), right: true},
			head{name: intervalHeading(r), right: true}, head{name: md("Success rate"), right: true})
	} else {
		heads = append(heads, head{name: md("Succeeded"), right: true}, head{name: md("Success rate"), right: true}, head{name: intervalHeading(r), right: true})
	}
	heads = append(heads, head{name: md("Overall score"), right: true}, head{name: intervalHeading(r), right: true}, head{name: md("Flaky"), right: true})
	if unknown {
		heads = append(heads, head{name: md("Not known")})
	}
	row := func(s verdict.ScenarioSummary) []span {
		of := func(hits int, e verdict.Estimate) span { return num(count(hits)).then(md(" of "), num(count(e.N))) }
		cells := []span{word(titled(s.Name), 120)}
		if bar {
			cells = append(cells, of(s.Counts.Passed, s.PassRate), num(value(s.PassRate)).bold(), num(interval(s.PassRate)), num(value(s.SuccessRate)))
		} else {
			cells = append(cells, of(s.Counts.Succeeded, s.SuccessRate), num(value(s.SuccessRate)).bold(), num(interval(s.SuccessRate)))
		}
		cells = append(cells, num(value(s.OverallScore)).bold(), num(interval(s.OverallScore)), num(count(s.Counts.Flaky)))
		if unknown {
			cells = append(cells, num(counted(unjudged(s.Counts))))
		}
		return cells
	}
	if base == nil {
		rows(p, heads, all, row, "scenarios")
		return
	}
	then := scenariosThen(base)
	heads = append(heads, head{name: md("Success rate, change"), right: true}, head{name: md("Overall score, change"), right: true})
	rows(p, heads, all, func(s verdict.ScenarioSummary) []span {
		before := then(s)
		return append(row(s), changeSpan(s.SuccessRate, before.SuccessRate), changeSpan(s.OverallScore, before.OverallScore))
	}, "scenarios")
}

// changeSpan is how far a number moved since the baseline, where both are known.
func changeSpan(now, then verdict.Estimate) span {
	c := changeOf(now, then, higher)
	switch {
	case c == nil:
		return num(unknown)
	case c.trend == steady:
		return num(c.text)
	}
	return num(c.text).bold()
}

func (p *page) evals(r Report) {
	all := r.Verdict.Evals
	if len(all) == 0 || r.Evidence.Calls.Len() == 0 { // no call, no result
		return
	}
	p.block(md("### Evals"))
	rows(p, []head{
		{name: md("Eval")}, {name: md("Passed"), right: true}, {name: md("Mean score"), right: true}, {name: intervalHeading(r), right: true},
		{name: md("Results"), right: true}, {name: md("Missing"), right: true}, {name: md("Labels")},
	}, all, func(e verdict.EvalSummary) []span {
		passed, mean := num(unknown), num(unknown)
		if e.PassRate.Value != nil {
			passed = num(value(e.PassRate)).bold()
		} else if e.Score.Value != nil {
			mean = num(value(e.Score)).bold()
		}
		return []span{
			word(e.Name, 80), passed, mean, num(headlineInterval(e)),
			num(count(e.Results)), missingParts(e), labelList(e),
		}
	}, "evals")
}

// missingParts counts the results that are missing, by why.
func missingParts(e verdict.EvalSummary) span {
	s := num(count(missing(e)))
	if why := missingWhy(e); why != "" {
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
		s = s.then(word(l.Label, 40), md(" "), num(count(l.Count)))
	}
	return s
}

func (p *page) reruns(r Report) {
	all := r.Evidence.Reruns
	if len(all) == 0 {
		return
	}
	p.block(md("### Reruns"))
	rows(p, []head{
		{name: md("Attempt"), right: true}, {name: md("Type")}, {name: md("Asked for"), right: true},
		{name: md("Accepted"), right: true}, {name: md("Rescued"), right: true}, {name: md("Remarks")},
	}, all, func(x verdict.Rerun) []span {
		return []span{
			num(count(x.Attempt)), md("<code>").then(md(rerunWord(x.Type)), md("</code>")), num(count(x.Requested)),
			num(count(x.Accepted)), num(count(x.Rescued)), remarks(x),
		}
	}, "reruns")
}

// remarks are why a rerun did not do all that was asked.
func remarks(x verdict.Rerun) span {
	s := word(x.Error, 300)
	for i, rejected := range x.Rejected {
		if s.s != "" {
			s = s.then(md("; "))
		}
		if i == 3 {
			return s.then(num(count(len(x.Rejected)-i)), md(" more were rejected"))
		}
		s = s.then(md("rejected "), mono(shortID(rejected.CallID)), md(": "), word(rejected.Reason, 150))
	}
	return s
}

// facts are the ids and numbers that a person needs to look further.
func (p *page) facts(r Report) {
	e := r.Evidence
	p.details(md("Run facts"), func() {
		p.table([]head{{name: md("Fact")}, {name: md("Value")}}, func(yield func(...span) bool) {
			row := func(name lit, value span) {
				if value.s != "" {
					yield(md(name), value)
				}
			}
			row("Run test", word(e.RunTest.Name, 255))
			row("Run test id", mono(fullID(e.RunTest.ID)))
			row("Test execution id", mono(fullID(e.Execution.ID)))
			row("Execution status", word(text.New(string(e.Execution.Status)), 40))
			row("Agent", word(agentOf(e.Execution), 200))
			row("API dialect", word(text.New(string(e.Execution.Dialect)), 40))
			if e.Execution.StartedAt != nil {
				row("Execution started", num(moment(*e.Execution.StartedAt)))
			}
			if e.Execution.CompletedAt != nil {
				row("Execution completed", num(moment(*e.Execution.CompletedAt)))
			}
			if rate := e.Execution.ServerSuccessRate; rate != nil {
				row("Server's own success rate", num(rounded(*rate, verdict.UnitPercent, 1)+"%").then(md(" (completed of all calls)")))
			}
			if b := r.Rules.Baseline; b != nil {
				row("Baseline", mono(fullID(b.Execution.ID)).then(md(", "), num(calls(b.Calls.Len()))))
			}
			if d, ok := took(e.Timing); ok {
				row("Duration of the gate", num(duration(d)))
			}
			m := r.Verdict.Metrics
			estimate := func(name lit, v verdict.Estimate) {
				if v.Value != nil {
					row(name, num(value(v)).then(md(" over "), num(calls(v.N))))
				}
			}
			estimate("Mean call duration", m.Duration)
			estimate("Mean response time", m.ResponseTime)
			estimate("Mean cost of a call", m.Cost)
			row("API requests", num(count(e.API.Requests)))
			row("Polls", num(count(e.API.Polls)))
			row("Retries", num(count(e.API.Retries)))
			row("Lost answers adopted", num(count(e.API.Adopted)))
			if server := server(r); !blank(server) {
				row("API server", word(server, 200))
			}
			row("Criteria decided on", word(text.New(string(r.Rules.DecideOn)), 40))
			row("Exit code", num(count(r.ExitCode)))
			row("Tool", word(text.Sprintf("%s %s", r.Tool.Name, r.Tool.Version), 80))
		})
	})
	if !blank(e.Execution.ErrorReason) {
		p.details(md("What the server said of the execution"), func() { p.fence(e.Execution.ErrorReason) })
	}
}
