package report

import (
	"github.com/agent-gate/agent-gate/internal/client"
	"github.com/agent-gate/agent-gate/internal/text"
	"github.com/agent-gate/agent-gate/internal/verdict"
)

// evalSummaryView is an eval's results over the succeeded calls.
type evalSummaryView struct {
	Name     words
	Type     words
	Value    Figure
	What     Lit
	Interval Figure
	Bar      *intervalBar
	Results  Figure
	Missing  Figure // empty for none
	Why      Figure // of the missing ones
	Failed   Figure // empty for none
	Labels   []labelView
}

// labelView is how often an eval gave a label.
type labelView struct {
	Name  words
	N     Figure
	Share *extent
}

// shownLabels is how many labels of an eval are shown.
const shownLabels = 8

func evalSummaries(r Report) listView[evalSummaryView] {
	if r.Evidence.Calls.Len() == 0 {
		return listView[evalSummaryView]{} // no call, no result
	}
	return listed(r.Verdict.Evals, 50, showEvalSummary)
}

func showEvalSummary(e verdict.EvalSummary) evalSummaryView {
	v := evalSummaryView{Name: named(e.Name), Type: shown(e.Type, nameLimit), Interval: EvalInterval(e), Results: Count(e.Results) + Plural(Count(e.Results), " result", " results")}
	v.Value, v.What = EvalHeadline(e)
	if Finite(e.PassRate.Value) != nil {
		v.Bar = bare(e.PassRate, scale{0, 100}, neutral)
	} else {
		v.Bar = bare(e.Score, axis(e.Score, false), neutral)
	}
	if e.Failed > 0 {
		v.Failed = Count(e.Failed)
	}
	if n := MissingResults(e); n > 0 {
		v.Missing, v.Why = Count(n), MissingWhy(e)
	}
	total := 0
	for _, l := range e.Labels {
		total += l.Count
	}
	for i, l := range e.Labels {
		if i == shownLabels {
			v.Labels = append(v.Labels, labelView{Name: own("…"), N: Count(len(e.Labels)-i) + " more"})
			break
		}
		v.Labels = append(v.Labels, labelView{
			Name: shown(l.Label, 60), N: Count(l.Count),
			Share: scale{0, float64(total)}.extent(0, float64(l.Count)),
		})
	}
	return v
}

// rerunView is one attempt to rerun calls.
type rerunView struct {
	Attempt, Requested, Accepted, Rescued Figure
	Type                                  Lit
	Remarks                               []words
}

func showRerun(x verdict.Rerun) rerunView {
	v := rerunView{
		Attempt: Count(x.Attempt), Requested: Count(x.Requested), Accepted: Count(x.Accepted), Rescued: Count(x.Rescued),
		Type: RerunWord(x.Type),
	}
	if !Blank(x.Error) {
		v.Remarks = append(v.Remarks, shown(x.Error, reasonLimit))
	}
	for i, rejected := range x.Rejected {
		if i == 10 {
			v.Remarks = append(v.Remarks, shown(text.Sprintf("%d more were rejected", len(x.Rejected)-i), lineLimit))
			break
		}
		v.Remarks = append(v.Remarks, shown(text.Sprintf("rejected %s: %s", string(ShortID(rejected.CallID)), rejected.Reason), lineLimit))
	}
	return v
}

// changeView is how far a number moved since the baseline.
type changeView struct {
	Text Figure
	Then Figure
	Tone tone
}

// showChange compares two estimates; nil when one of them is not known.
func showChange(now, then verdict.Estimate, wanted Direction) *changeView {
	c := ChangeOf(now, then, wanted)
	if c == nil {
		return nil
	}
	v := &changeView{Text: c.Text, Then: c.Then, Tone: neutral}
	switch c.Trend {
	case Better:
		v.Tone = good
	case Worse:
		v.Tone = bad
	}
	return v
}

// baselineView compares the run with an earlier one.
type baselineView struct {
	ID    Figure
	URL   Figure
	When  Figure
	Calls Figure
	Rows  []comparisonView
}

// comparisonView is one number, now and in the baseline.
type comparisonView struct {
	Name      Lit
	Now, Then Figure
	Change    *changeView
}

func showBaseline(r Report, base *verdict.Verdict) *baselineView {
	if base == nil {
		return nil
	}
	b := r.Rules.Baseline
	v := &baselineView{ID: FullID(b.Execution.ID), URL: Link(b.Execution.URL), Calls: CountCalls(b.Calls.Len())}
	if b.Execution.CompletedAt != nil {
		v.When = Moment(*b.Execution.CompletedAt)
	}
	now, then := r.Verdict.Metrics, base.Metrics
	type row struct {
		name      Lit
		now, then verdict.Estimate
		wanted    Direction
	}
	var all []row
	if Barred(r) {
		all = append(all,
			row{"Pass rate", now.PassRate, then.PassRate, Higher},
			row{"Pass rate before reruns", now.FirstPassRate, then.FirstPassRate, Higher})
	}
	for _, m := range append(all, []row{
		{"Success rate", now.SuccessRate, then.SuccessRate, Higher},
		{"Success rate before reruns", now.FirstSuccessRate, then.FirstSuccessRate, Higher},
		{"Flaky", now.FlakyRate, then.FlakyRate, Lower},
		{"Overall score", now.OverallScore, then.OverallScore, Higher},
		{"Mean duration", now.Duration, then.Duration, Neither},
		{"Mean response time", now.ResponseTime, then.ResponseTime, Neither},
		{"Cost of a call", now.Cost, then.Cost, Neither},
	}...) {
		if m.now.Value != nil || m.then.Value != nil {
			v.Rows = append(v.Rows, comparisonView{Name: m.name, Now: Value(m.now), Then: Value(m.then), Change: showChange(m.now, m.then, m.wanted)})
		}
	}
	return v
}

// runFactView is a fact of the run: words of others, or a figure.
type runFactView struct {
	Name   Lit
	Words  words
	Figure Figure
	Mono   bool
}

// runFacts are the ids and numbers that a person needs to look further.
func runFacts(r Report) []runFactView {
	e := r.Evidence
	var facts []runFactView
	say := func(name Lit, t text.Untrusted) {
		if !Blank(t) {
			facts = append(facts, runFactView{Name: name, Words: shown(t, lineLimit)})
		}
	}
	print := func(name Lit, f Figure, mono bool) {
		if f != "" && f != Unknown {
			facts = append(facts, runFactView{Name: name, Figure: f, Mono: mono})
		}
	}
	say("Run test", e.RunTest.Name)
	print("Run test id", FullID(e.RunTest.ID), true)
	print("Test execution id", FullID(e.Execution.ID), true)
	say("Execution status", text.New(string(e.Execution.Status)))
	say("Agent", Agent(e.Execution))
	if e.Execution.StartedAt != nil {
		print("Execution started", Moment(*e.Execution.StartedAt), false)
	}
	if e.Execution.CompletedAt != nil {
		print("Execution completed", Moment(*e.Execution.CompletedAt), false)
	}
	if rate := Finite(e.Execution.ServerSuccessRate); rate != nil {
		print("Server's own success rate", Rounded(*rate, verdict.UnitPercent, 1)+"% (completed of all calls)", false)
	}
	if d, ok := Took(e.Timing); ok {
		print("Duration of the gate", Duration(d), false)
	}
	if m := r.Verdict.Metrics.ResponseTime; m.Value != nil {
		print("Mean response time", Value(m), false)
	}
	if e.API.Requests > 0 {
		print("API requests", Count(e.API.Requests)+" (polls "+Count(e.API.Polls)+", retries "+Count(e.API.Retries)+", lost answers adopted "+Count(e.API.Adopted)+")", false)
	}
	say("API server", Server(r))
	if e.Execution.Dialect != client.DialectUnknown {
		say("API dialect", text.New(string(e.Execution.Dialect)))
	}
	say("Criteria decided on", text.New(string(r.Rules.DecideOn)))
	say("Repository", r.CI.Repository)
	say("Commit", text.New(r.CI.SHA))
	say("Workflow", r.CI.Workflow)
	say("Job", r.CI.Job)
	print("Exit code", Count(r.ExitCode), false)
	return facts
}
