package html

import (
	"github.com/agent-gate/agent-gate/internal/criteria"
	"github.com/agent-gate/agent-gate/internal/report"
	"github.com/agent-gate/agent-gate/internal/text"
	"github.com/agent-gate/agent-gate/internal/verdict"
)

// pageView is the input of the template page/page.tmpl, section by section.
type pageView struct {
	pageAssets

	Tone      tone
	Verdict   report.Lit
	Name      words // of the run
	Context   []words
	Disarmed  report.Lit
	Reason    words
	Lost      []words // why the platform lost calls
	Flip      words
	FlipLabel report.Lit
	Since     words // compared with the baseline
	Reused    words // whose calls are judged again
	Looks     words // when a run that goes on was judged
	Links     []linkView
	Blamed    *jumpView
	Level     report.Figure // of the intervals, in percent
	Interval  report.Figure // what the intervals of criteria are

	Counts []part        // how the calls ended
	Census report.Figure // how many were planned, created, judged and scored
	Stats  []statView

	Causes    listView[causeView]
	Criteria  criteriaView
	Warnings  listView[words]
	Scores    *scoresView
	Cases     *casesView
	Scenarios listView[scenarioView]
	Calls     callsView
	Aside     listView[asideView] // in quarantine
	Flaky     listView[callView]
	Reruns    listView[rerunView]
	Evals     listView[evalSummaryView]
	Baseline  *baselineView
	Facts     []runFactView
	Error     words // the server's error message
	Tool      words
}

// linkView is a link out of the page.
type linkView struct {
	Name report.Figure
	URL  report.Figure
}

// statView is a headline number.
type statView struct {
	Name   report.Lit
	Value  report.Figure
	Note   report.Figure
	Change *changeView // from the baseline
}

// listView is a list whose first part is open, whose next part is folded, and whose rest is
// only counted.
type listView[T any] struct {
	Open   []T
	Folded []T
	Left   report.Figure // empty if nothing is left out
}

// Any reports whether the list has items.
func (l listView[T]) Any() bool { return len(l.Open)+len(l.Folded) > 0 }

// Count is the number of folded items.
func (l listView[T]) Count() report.Figure { return report.Count(len(l.Folded)) }

// foldedItems is the maximum number of folded items.
const foldedItems = 1000

// listed makes a listView with the given number of open items.
func listed[T, V any](items []T, open int, view func(T) V) listView[V] {
	var l listView[V]
	for i, item := range items {
		switch {
		case i < open:
			l.Open = append(l.Open, view(item))
		case i < open+foldedItems:
			l.Folded = append(l.Folded, view(item))
		default:
			l.Left = report.Count(len(items) - i)
			return l
		}
	}
	return l
}

func newPage(r report.Report, assets pageAssets, calls callsView) pageView {
	e, v := r.Evidence, r.Verdict
	before := report.Before(r)
	var counts []part
	if report.Ran(r) {
		counts = endingParts(v.Counts, report.HasBar(r))
	}
	var lost []words
	for _, sentence := range report.LostSentences(r) {
		lost = append(lost, shown(sentence, reasonLimit))
	}
	return pageView{
		pageAssets: assets,
		Tone:       verdictTone(v.Kind),
		Verdict:    report.VerdictWord(v.Kind),
		Name:       shown(e.RunTest.Name, nameLimit),
		Context:    contextWords(r),
		Disarmed:   report.Disarmed(r),
		Reason:     shown(v.Reason, reasonLimit),
		Lost:       lost,
		Flip:       shown(v.Flip, reasonLimit),
		FlipLabel:  report.FlipLabel(v.Kind),
		Since:      shown(report.Comparison(r), reasonLimit),
		Links:      links(r),
		Blamed:     blamed(r),
		Looks:      shown(report.LookNote(r), reasonLimit),
		Reused:     shown(report.ReuseNote(r), reasonLimit),
		Level:      report.Decimal(report.Level(r), 1),
		Interval:   report.CriteriaInterval(r),
		Counts:     counts,
		Census:     report.Census(r),
		Stats:      headlines(r, before),
		Causes:     causes(r),
		Criteria:   criteriaList(r),
		Warnings:   listed(report.OtherWarnings(r), 5, func(w text.Untrusted) words { return shown(w, reasonLimit) }),
		Scores:     scores(r),
		Cases:      cases(r),
		Scenarios:  scenarioList(r, before),
		Reruns:     listed(e.Reruns, 10, showRerun),
		Evals:      evalSummaries(r),
		Baseline:   showBaseline(r, before),
		Facts:      runFacts(r),
		Error:      shown(e.Execution.ErrorReason, reasonLimit),
		Tool:       shown(text.Sprintf("%s %s", r.Tool.Name, r.Tool.Version), nameLimit),
		Calls:      calls,
		Aside:      listed(report.QuarantinedCalls(r), 0, showAside),
		Flaky:      listed(report.Flaky(r), 10, calls.data.call),
	}
}

// contextWords returns what was tested, where and when.
func contextWords(r report.Report) []words {
	var out []words
	add := func(t text.Untrusted) {
		if !report.Blank(t) {
			out = append(out, shown(t, nameLimit))
		}
	}
	c := r.CI
	add(c.Repository)
	add(c.Ref)
	add(text.New(string(report.ShortCommit(c.SHA))))
	if c.PullNumber > 0 {
		add(text.Sprintf("#%d", c.PullNumber))
	}
	add(report.Agent(r.Evidence.Execution))
	if t := r.Evidence.Timing.FinishedAt; !t.IsZero() {
		add(text.New(string(report.Moment(t))))
	}
	return out
}

// links returns the links out of the page.
func links(r report.Report) []linkView {
	out := executionLinks(r)
	for i := range out {
		if name := out[i].Name; name == "" {
			out[i].Name = "Dashboard"
		} else {
			out[i].Name = "Dashboard, " + name
		}
	}
	if len(out) > fewLinks {
		out = out[:1] // the section Run has them all
	}
	if u := report.Link(r.CI.JobURL); u != "" {
		out = append(out, linkView{"CI job", u})
	}
	return out
}

// fewLinks is how many executions the head of the page links to.
const fewLinks = 4

// executionLinks returns links to the dashboard pages of the executions; an only one has no name.
func executionLinks(r report.Report) []linkView {
	var out []linkView
	for _, x := range report.ExecutionLinks(r.Evidence) {
		if x.URL != "" {
			out = append(out, linkView(x))
		}
	}
	return out
}

// headlines returns the headline numbers.
func headlines(r report.Report, before *report.Report) []statView {
	n, m := r.Verdict.Counts, r.Verdict.Metrics
	var out []statView
	add := func(name report.Lit, e verdict.Estimate, note report.Figure, metric string) {
		if report.Finite(e.Value) == nil {
			return
		}
		if i := report.Interval(e); i != "" {
			note += " · " + i
		}
		out = append(out, statView{Name: name, Value: report.Value(e), Note: note, Change: showChange(report.ChangeOf(before, metric))})
	}
	over := func(e verdict.Estimate) report.Figure { return "over " + report.CountCalls(e.N) }

	for _, rate := range report.HeadlineRates(r) {
		note := report.Count(rate.Hits) + " of " + report.CountCalls(rate.Now.N)
		if rate.First {
			note = report.Count(n.Flaky) + " flaky"
		}
		add(rate.Title, rate.Now, note, string(rate.Key))
	}
	add("Overall score", m.OverallScore, over(m.OverallScore), criteria.MetricOverallScore)
	add("Mean duration", m.Duration, over(m.Duration), criteria.MetricDuration)
	add("Cost per call", m.Cost, over(m.Cost), criteria.MetricCost)
	return append(out, spendingStats(r)...)
}
