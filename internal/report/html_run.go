package report

import (
	"github.com/agent-gate/agent-gate/internal/client"
	"github.com/agent-gate/agent-gate/internal/text"
	"github.com/agent-gate/agent-gate/internal/verdict"
)

// htmlEvalSummary is an eval's results over the succeeded calls.
type htmlEvalSummary struct {
	Name     words
	Type     words
	Value    figure
	What     lit
	Interval figure
	Bar      *intervalBar
	Results  figure
	Missing  figure // empty for none
	Why      figure // of the missing ones
	Failed   figure // empty for none
	Labels   []htmlLabel
}

// htmlLabel is how often an eval gave a label.
type htmlLabel struct {
	Name  words
	N     figure
	Share *extent
}

// htmlLabels is how many labels of an eval are shown.
const htmlLabels = 8

func evalSummaries(r Report) htmlList[htmlEvalSummary] {
	if r.Evidence.Calls.Len() == 0 {
		return htmlList[htmlEvalSummary]{} // no call, no result
	}
	return listed(r.Verdict.Evals, 50, evalSummaryView)
}

func evalSummaryView(e verdict.EvalSummary) htmlEvalSummary {
	v := htmlEvalSummary{Name: named(e.Name), Type: shown(e.Type, htmlName), Interval: headlineInterval(e), Results: count(e.Results) + plural(count(e.Results), " result", " results")}
	v.Value, v.What = headline(e)
	if finite(e.PassRate.Value) != nil {
		v.Bar = bare(e.PassRate, scale{0, 100}, neutral)
	} else {
		v.Bar = bare(e.Score, axis(e.Score, false), neutral)
	}
	if e.Failed > 0 {
		v.Failed = count(e.Failed)
	}
	if n := missing(e); n > 0 {
		v.Missing, v.Why = count(n), missingWhy(e)
	}
	total := 0
	for _, l := range e.Labels {
		total += l.Count
	}
	for i, l := range e.Labels {
		if i == htmlLabels {
			v.Labels = append(v.Labels, htmlLabel{Name: own("…"), N: count(len(e.Labels)-i) + " more"})
			break
		}
		v.Labels = append(v.Labels, htmlLabel{
			Name: shown(l.Label, 60), N: count(l.Count),
			Share: scale{0, float64(total)}.extent(0, float64(l.Count)),
		})
	}
	return v
}

// htmlRerun is one attempt to rerun calls.
type htmlRerun struct {
	Attempt, Requested, Accepted, Rescued figure
	Type                                  lit
	Remarks                               []words
}

func rerunView(x verdict.Rerun) htmlRerun {
	v := htmlRerun{
		Attempt: count(x.Attempt), Requested: count(x.Requested), Accepted: count(x.Accepted), Rescued: count(x.Rescued),
		Type: rerunWord(x.Type),
	}
	if !blank(x.Error) {
		v.Remarks = append(v.Remarks, shown(x.Error, htmlReason))
	}
	for i, rejected := range x.Rejected {
		if i == 10 {
			v.Remarks = append(v.Remarks, shown(text.Sprintf("%d more were rejected", len(x.Rejected)-i), htmlLine))
			break
		}
		v.Remarks = append(v.Remarks, shown(text.Sprintf("rejected %s: %s", string(shortID(rejected.CallID)), rejected.Reason), htmlLine))
	}
	return v
}

// htmlChange is how far a number moved since the baseline.
type htmlChange struct {
	Text figure
	Then figure
	Tone tone
}

// changeView compares two estimates; nil when one of them is not known.
func changeView(now, then verdict.Estimate, wanted direction) *htmlChange {
	c := changeOf(now, then, wanted)
	if c == nil {
		return nil
	}
	v := &htmlChange{Text: c.text, Then: c.then, Tone: neutral}
	switch c.trend {
	case better:
		v.Tone = good
	case worse:
		v.Tone = bad
	}
	return v
}

// htmlBaseline compares the run with an earlier one.
type htmlBaseline struct {
	ID    figure
	URL   figure
	When  figure
	Calls figure
	Rows  []htmlComparison
}

// htmlComparison is one number, now and in the baseline.
type htmlComparison struct {
	Name      lit
	Now, Then figure
	Change    *htmlChange
}

func baselineView(r Report, base *verdict.Verdict) *htmlBaseline {
	if base == nil {
		return nil
	}
	b := r.Rules.Baseline
	v := &htmlBaseline{ID: fullID(b.Execution.ID), URL: link(b.Execution.URL), Calls: calls(b.Calls.Len())}
	if b.Execution.CompletedAt != nil {
		v.When = moment(*b.Execution.CompletedAt)
	}
	now, then := r.Verdict.Metrics, base.Metrics
	type row struct {
		name      lit
		now, then verdict.Estimate
		wanted    direction
	}
	var all []row
	if barred(r) {
		all = append(all,
			row{"Pass rate", now.PassRate, then.PassRate, higher},
			row{"Pass rate before reruns", now.FirstPassRate, then.FirstPassRate, higher})
	}
	for _, m := range append(all, []row{
		{"Success rate", now.SuccessRate, then.SuccessRate, higher},
		{"Success rate before reruns", now.FirstSuccessRate, then.FirstSuccessRate, higher},
		{"Flaky", now.FlakyRate, then.FlakyRate, lower},
		{"Overall score", now.OverallScore, then.OverallScore, higher},
		{"Mean duration", now.Duration, then.Duration, neither},
		{"Mean response time", now.ResponseTime, then.ResponseTime, neither},
		{"Cost of a call", now.Cost, then.Cost, neither},
	}...) {
		if m.now.Value != nil || m.then.Value != nil {
			v.Rows = append(v.Rows, htmlComparison{Name: m.name, Now: value(m.now), Then: value(m.then), Change: changeView(m.now, m.then, m.wanted)})
		}
	}
	return v
}

// htmlRunFact is a fact of the run: words of others, or a figure.
type htmlRunFact struct {
	Name   lit
	Words  words
	Figure figure
	Mono   bool
}

// runFacts are the ids and numbers that a person needs to look further.
func runFacts(r Report) []htmlRunFact {
	e := r.Evidence
	var facts []htmlRunFact
	say := func(name lit, t text.Untrusted) {
		if !blank(t) {
			facts = append(facts, htmlRunFact{Name: name, Words: shown(t, htmlLine)})
		}
	}
	print := func(name lit, f figure, mono bool) {
		if f != "" && f != unknown {
			facts = append(facts, htmlRunFact{Name: name, Figure: f, Mono: mono})
		}
	}
	say("Run test", e.RunTest.Name)
	print("Run test id", fullID(e.RunTest.ID), true)
	print("Test execution id", fullID(e.Execution.ID), true)
	say("Execution status", text.New(string(e.Execution.Status)))
	say("Agent", agentOf(e.Execution))
	if e.Execution.StartedAt != nil {
		print("Execution started", moment(*e.Execution.StartedAt), false)
	}
	if e.Execution.CompletedAt != nil {
		print("Execution completed", moment(*e.Execution.CompletedAt), false)
	}
	if rate := finite(e.Execution.ServerSuccessRate); rate != nil {
		print("Server's own success rate", rounded(*rate, verdict.UnitPercent, 1)+"% (completed of all calls)", false)
	}
	if d, ok := took(e.Timing); ok {
		print("Duration of the gate", duration(d), false)
	}
	if m := r.Verdict.Metrics.ResponseTime; m.Value != nil {
		print("Mean response time", value(m), false)
	}
	if e.API.Requests > 0 {
		print("API requests", count(e.API.Requests)+" (polls "+count(e.API.Polls)+", retries "+count(e.API.Retries)+", lost answers adopted "+count(e.API.Adopted)+")", false)
	}
	say("API server", server(r))
	if e.Execution.Dialect != client.DialectUnknown {
		say("API dialect", text.New(string(e.Execution.Dialect)))
	}
	say("Criteria decided on", text.New(string(r.Rules.DecideOn)))
	say("Repository", r.CI.Repository)
	say("Commit", text.New(r.CI.SHA))
	say("Workflow", r.CI.Workflow)
	say("Job", r.CI.Job)
	print("Exit code", count(r.ExitCode), false)
	return facts
}
