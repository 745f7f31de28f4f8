package report

import (
	"github.com/agent-gate/agent-gate/internal/text"
	"github.com/agent-gate/agent-gate/internal/verdict"
)

// pageView is what the template page/page.tmpl shows, section by section.
type pageView struct {
	pageAssets

	Tone     tone
	Verdict  Lit
	Name     words // of the run
	Context  []words
	Disarmed Lit
	Reason   words
	Lost     []words // why the platform lost calls
	Flip     words
	Since    words // beside the baseline
	Links    []linkView
	Blamed   *jumpView
	Level    Figure // of the intervals, percent

	Counts []part // how the calls ended
	Census Figure // how many were planned, came, were judged and have a score
	Stats  []statView

	Criteria  listView[checkView]
	Warnings  listView[words]
	Scores    *scoresView
	Scenarios listView[scenarioView]
	Calls     callsView
	Flaky     listView[callView]
	Reruns    listView[rerunView]
	Evals     listView[evalSummaryView]
	Baseline  *baselineView
	Facts     []runFactView
	Error     words // what the server said of the execution
	Tool      words
}

// linkView leads out of the page.
type linkView struct {
	Name Lit
	URL  Figure
}

// statView is one headline number.
type statView struct {
	Name   Lit
	Value  Figure
	Note   Figure
	Change *changeView // against the baseline
}

// listView is a list of which the first part is open, the next is behind a click, and the
// rest is only counted.
type listView[T any] struct {
	Open   []T
	Folded []T
	Left   Figure // empty when nothing is left out
}

// Any reports whether the list holds anything.
func (l listView[T]) Any() bool { return len(l.Open)+len(l.Folded) > 0 }

// Count is how many items are behind the click.
func (l listView[T]) Count() Figure { return Count(len(l.Folded)) }

// foldedItems is how many items of a list are behind a click at most.
const foldedItems = 1000

// listed makes a list of which the first items are open.
func listed[T, V any](items []T, open int, view func(T) V) listView[V] {
	var l listView[V]
	for i, item := range items {
		switch {
		case i < open:
			l.Open = append(l.Open, view(item))
		case i < open+foldedItems:
			l.Folded = append(l.Folded, view(item))
		default:
			l.Left = Count(len(items) - i)
			return l
		}
	}
	return l
}

func newPage(r Report, assets pageAssets, calls callsView) pageView {
	e, v := r.Evidence, r.Verdict
	base := BaselineVerdict(r)
	var counts []part
	if Ran(r) {
		counts = endingParts(v.Counts, Barred(r))
	}
	var lost []words
	for _, sentence := range LostSentences(r) {
		lost = append(lost, shown(sentence, reasonLimit))
	}
	return pageView{
		pageAssets: assets,
		Tone:       verdictTone(v.Kind),
		Verdict:    VerdictWord(v.Kind),
		Name:       shown(e.RunTest.Name, nameLimit),
		Context:    contextWords(r),
		Disarmed:   Disarmed(r),
		Reason:     shown(v.Reason, reasonLimit),
		Lost:       lost,
		Flip:       shown(v.Flip, reasonLimit),
		Since:      shown(Comparison(r), reasonLimit),
		Links:      links(r),
		Blamed:     blamed(r),
		Level:      Decimal(Level(r), 1),
		Counts:     counts,
		Census:     Census(r),
		Stats:      headlines(r, base),
		Criteria:   criteriaList(r),
		Warnings:   listed(OtherWarnings(r), 5, func(w text.Untrusted) words { return shown(w, reasonLimit) }),
		Scores:     scores(r),
		Scenarios:  scenarioList(r, base),
		Reruns:     listed(e.Reruns, 10, showRerun),
		Evals:      evalSummaries(r),
		Baseline:   showBaseline(r, base),
		Facts:      runFacts(r),
		Error:      shown(e.Execution.ErrorReason, reasonLimit),
		Tool:       shown(text.Sprintf("%s %s", r.Tool.Name, r.Tool.Version), nameLimit),
		Calls:      calls,
		Flaky:      listed(Flaky(r), 10, calls.data.call),
	}
}

// contextWords say what was tested, where and when.
func contextWords(r Report) []words {
	var out []words
	add := func(t text.Untrusted) {
		if !Blank(t) {
			out = append(out, shown(t, nameLimit))
		}
	}
	c := r.CI
	add(c.Repository)
	add(c.Ref)
	if len(c.SHA) >= 7 {
		add(text.New(c.SHA[:7]))
	}
	if c.PullNumber > 0 {
		add(text.Sprintf("#%d", c.PullNumber))
	}
	add(Agent(r.Evidence.Execution))
	if t := r.Evidence.Timing.FinishedAt; !t.IsZero() {
		add(text.New(string(Moment(t))))
	}
	return out
}

// links are where a reader may want to go next.
func links(r Report) []linkView {
	var out []linkView
	for _, l := range []linkView{
		{"Dashboard", Link(r.Evidence.Execution.URL)},
		{"CI job", Link(r.CI.JobURL)},
	} {
		if l.URL != "" {
			out = append(out, l)
		}
	}
	return out
}

// headlines are the headline numbers.
func headlines(r Report, base *verdict.Verdict) []statView {
	n, m := r.Verdict.Counts, r.Verdict.Metrics
	var then verdict.Metrics
	if base != nil {
		then = base.Metrics
	}
	var out []statView
	add := func(name Lit, e, before verdict.Estimate, note Figure, wanted Direction) {
		if Finite(e.Value) == nil {
			return
		}
		if i := Interval(e); i != "" {
			note += " · " + i
		}
		out = append(out, statView{Name: name, Value: Value(e), Note: note, Change: showChange(e, before, wanted)})
	}
	over := func(e verdict.Estimate) Figure { return "over " + CountCalls(e.N) }

	for _, rate := range HeadlineRates(r, base) {
		note := Count(rate.Hits) + " of " + CountCalls(rate.Now.N)
		if rate.First {
			note = Count(n.Flaky) + " flaky"
		}
		add(rate.Title, rate.Now, rate.Then, note, Higher)
	}
	add("Overall score", m.OverallScore, then.OverallScore, over(m.OverallScore), Higher)
	add("Mean duration", m.Duration, then.Duration, over(m.Duration), Neither)
	add("Cost of a call", m.Cost, then.Cost, over(m.Cost), Neither)
	return out
}
