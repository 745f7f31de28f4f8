package html

import (
	"github.com/agent-gate/agent-gate/internal/calls"
	"github.com/agent-gate/agent-gate/internal/criteria"
	"github.com/agent-gate/agent-gate/internal/report"
	"github.com/agent-gate/agent-gate/internal/text"
	"github.com/agent-gate/agent-gate/internal/verdict"
)

// evalSummaryView is the results of an eval over the succeeded calls.
type evalSummaryView struct {
	Name     words
	Type     words
	Value    report.Figure
	What     report.Lit
	Interval report.Figure
	Bar      *intervalBar
	Results  report.Figure
	Missing  report.Figure // empty for none
	Why      report.Figure // the missing ones, by reason
	Failed   report.Figure // empty for none
	Labels   []labelView
}

// labelView is how often an eval assigned a label.
type labelView struct {
	Name  words
	N     report.Figure
	Share *extent
}

// shownLabels is how many labels of an eval are shown.
const shownLabels = 8

func evalSummaries(r report.Report) listView[evalSummaryView] {
	if r.Evidence.Calls.Len() == 0 {
		return listView[evalSummaryView]{} // without calls there are no results
	}
	all := newRanges(r)
	return listed(r.Verdict.Evals, 50, func(e verdict.EvalSummary) evalSummaryView { return showEvalSummary(e, all) })
}

func showEvalSummary(e verdict.EvalSummary, all ranges) evalSummaryView {
	v := evalSummaryView{Name: named(e.Name), Type: shown(e.Type, nameLimit), Interval: report.EvalInterval(e), Results: report.Count(e.Results) + report.Plural(report.Count(e.Results), " result", " results")}
	v.Value, v.What = report.EvalHeadline(e)
	if report.Finite(e.PassRate.Value) != nil {
		v.Bar = bare(e.PassRate, scale{0, 100}, neutral)
	} else {
		v.Bar = bare(e.Score, axis(e.Score, all.eval(e.Name), false), neutral)
	}
	if e.Failed > 0 {
		v.Failed = report.Count(e.Failed)
	}
	if n := report.MissingResults(e); n > 0 {
		v.Missing, v.Why = report.Count(n), report.MissingWhy(e)
	}
	total := 0
	for _, l := range e.Labels {
		total += l.Count
	}
	for i, l := range e.Labels {
		if i == shownLabels {
			v.Labels = append(v.Labels, labelView{Name: own("…"), N: report.Count(len(e.Labels)-i) + " more"})
			break
		}
		v.Labels = append(v.Labels, labelView{
			Name: shown(l.Label, 60), N: report.Count(l.Count),
			Share: scale{0, float64(total)}.extent(0, float64(l.Count)),
		})
	}
	return v
}

// rerunView is one rerun attempt.
type rerunView struct {
	Attempt, Requested, Accepted, Rescued report.Figure
	Type                                  report.Lit
	Remarks                               []words
}

func showRerun(x verdict.Rerun) rerunView {
	v := rerunView{
		Attempt: report.Count(x.Attempt), Requested: report.Count(x.Requested), Accepted: report.Count(x.Accepted), Rescued: report.Count(x.Rescued),
		Type: report.RerunWord(x.Type),
	}
	if !report.Blank(x.Error) {
		v.Remarks = append(v.Remarks, shown(x.Error, reasonLimit))
	}
	for i, rejected := range x.Rejected {
		if i == 10 {
			v.Remarks = append(v.Remarks, shown(text.Sprintf("%d more were rejected", len(x.Rejected)-i), lineLimit))
			break
		}
		v.Remarks = append(v.Remarks, shown(text.Sprintf("rejected %s: %s", string(report.ShortID(rejected.CallID)), rejected.Reason), lineLimit))
	}
	return v
}

// changeView is the difference of a number from the baseline.
type changeView struct {
	Text report.Figure
	Then report.Figure
	Over report.Figure // what is compared; empty for everything
	Tone tone
}

// showChange shows a change; nil if there is none.
func showChange(c *report.Change) *changeView {
	if c == nil {
		return nil
	}
	return &changeView{Text: c.Text, Then: c.Then, Over: c.Over, Tone: trendTone(c.Trend)}
}

// trendTone is neutral for what is neither better nor worse.
func trendTone(t report.Trend) tone {
	switch t {
	case report.Better:
		return good
	case report.Worse:
		return bad
	case report.Steady:
	}
	return neutral
}

// runFactView is a fact about the run: a text or a figure.
type runFactView struct {
	Name   report.Lit
	Words  words
	Figure report.Figure
	Mono   bool
	Note   report.Figure // behind the figure
	URL    report.Figure // of the figure; empty for none
}

// runFacts returns the IDs and numbers needed to investigate further.
func runFacts(r report.Report) []runFactView {
	e := r.Evidence
	var facts []runFactView
	say := func(name report.Lit, t text.Untrusted) {
		if !report.Blank(t) {
			facts = append(facts, runFactView{Name: name, Words: shown(t, lineLimit)})
		}
	}
	print := func(name report.Lit, f report.Figure, mono bool) {
		if f != "" && f != report.Unknown {
			facts = append(facts, runFactView{Name: name, Figure: f, Mono: mono})
		}
	}
	say("Run test", e.RunTest.Name)
	print("Run test id", report.FullID(e.RunTest.ID), true)
	executions := report.ExecutionLinks(e)
	for i, x := range e.Executions() {
		if id := report.FullID(x.ID); id != report.Unknown {
			f := runFactView{Name: "Test execution id", Figure: id, Mono: true}
			if f.Note = executions[i].Name; f.Note != "" {
				f.URL = executions[i].URL
			}
			facts = append(facts, f)
		}
	}
	say("Execution status", text.New(string(e.Execution.Status)))
	say("Agent", report.Agent(e.Execution))
	if e.Execution.StartedAt != nil {
		print("Execution started", report.Moment(*e.Execution.StartedAt), false)
	}
	if e.Execution.CompletedAt != nil {
		print("Execution completed", report.Moment(*e.Execution.CompletedAt), false)
	}
	if rate := report.Finite(e.Execution.ServerSuccessRate); rate != nil {
		print("Server's success rate", report.Rounded(*rate, criteria.UnitPercent, 1)+"% (completed out of all calls)", false)
	}
	if d, ok := report.Took(e.Timing); ok {
		print("Gate duration", report.Duration(d), false)
	}
	print("Spent", report.SpendingLine(r), false)
	if m := r.Verdict.Metrics.ResponseTime; m.Value != nil {
		print("Mean response time", report.Value(m), false)
	}
	if e.API.Requests > 0 {
		print("API requests", report.Count(e.API.Requests)+" (polls "+report.Count(e.API.Polls)+", retries "+report.Count(e.API.Retries)+", adopted after a lost answer "+report.Count(e.API.Adopted)+")", false)
	}
	say("API server", report.Server(r))
	if e.Execution.Dialect != calls.DialectUnknown {
		say("API dialect", text.New(string(e.Execution.Dialect)))
	}
	print("Intervals", report.Intervals(r), false)
	say("Decided on", text.New(string(r.Rules.DecideOn)))
	say("Repository", r.CI.Repository)
	say("Commit", text.New(r.CI.SHA))
	say("Workflow", r.CI.Workflow)
	say("Job", r.CI.Job)
	print("Exit code", report.Count(r.ExitCode), false)
	return facts
}
