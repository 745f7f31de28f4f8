package report

import (
	"github.com/agent-gate/agent-gate/internal/text"
	"github.com/agent-gate/agent-gate/internal/verdict"
)

// htmlPage is what the template page/page.tmpl shows, section by section.
type htmlPage struct {
	htmlAssets

	Tone     tone
	Verdict  Lit
	Name     words // of the run
	Context  []words
	Disarmed Lit
	Reason   words
	Lost     []words // why the platform lost calls
	Flip     words
	Since    words // beside the baseline
	Links    []htmlLink
	Blamed   *htmlJump
	Level    Figure // of the intervals, percent

	Counts []part // how the calls ended
	Census Figure // how many were planned, came, were judged and have a score
	Stats  []htmlStat

	Criteria  htmlList[htmlCheck]
	Warnings  htmlList[words]
	Scores    *htmlScores
	Scenarios htmlList[htmlScenario]
	Calls     htmlCalls
	Flaky     htmlList[htmlCall]
	Reruns    htmlList[htmlRerun]
	Evals     htmlList[htmlEvalSummary]
	Baseline  *htmlBaseline
	Facts     []htmlRunFact
	Error     words // what the server said of the execution
	Tool      words
}

// htmlLink leads out of the page.
type htmlLink struct {
	Name Lit
	URL  Figure
}

// htmlStat is one headline number.
type htmlStat struct {
	Name   Lit
	Value  Figure
	Note   Figure
	Change *htmlChange // against the baseline
}

// htmlList is a list of which the first part is open, the next is behind a click, and the
// rest is only counted.
type htmlList[T any] struct {
	Open   []T
	Folded []T
	Left   Figure // empty when nothing is left out
}

// Any reports whether the list holds anything.
func (l htmlList[T]) Any() bool { return len(l.Open)+len(l.Folded) > 0 }

// Count is how many items are behind the click.
func (l htmlList[T]) Count() Figure { return Count(len(l.Folded)) }

// htmlFolded is how many items of a list are behind a click at most.
const htmlFolded = 1000

// listed makes a list of which the first items are open.
func listed[T, V any](items []T, open int, view func(T) V) htmlList[V] {
	var l htmlList[V]
	for i, item := range items {
		switch {
		case i < open:
			l.Open = append(l.Open, view(item))
		case i < open+htmlFolded:
			l.Folded = append(l.Folded, view(item))
		default:
			l.Left = Count(len(items) - i)
			return l
		}
	}
	return l
}

func newHTMLPage(r Report, assets htmlAssets, calls htmlCalls) htmlPage {
	e, v := r.Evidence, r.Verdict
	base := BaselineVerdict(r)
	var counts []part
	if Ran(r) {
		counts = endingParts(v.Counts, Barred(r))
	}
	var lost []words
	for _, sentence := range LostSentences(r) {
		lost = append(lost, shown(sentence, htmlReason))
	}
	return htmlPage{
		htmlAssets: assets,
		Tone:       verdictTone(v.Kind),
		Verdict:    VerdictWord(v.Kind),
		Name:       shown(e.RunTest.Name, htmlName),
		Context:    contextWords(r),
		Disarmed:   Disarmed(r),
		Reason:     shown(v.Reason, htmlReason),
		Lost:       lost,
		Flip:       shown(v.Flip, htmlReason),
		Since:      shown(Comparison(r), htmlReason),
		Links:      links(r),
		Blamed:     blamed(r),
		Level:      Decimal(Level(r), 1),
		Counts:     counts,
		Census:     Census(r),
		Stats:      headlines(r, base),
		Criteria:   criteriaList(r),
		Warnings:   listed(OtherWarnings(r), 5, func(w text.Untrusted) words { return shown(w, htmlReason) }),
		Scores:     scores(r),
		Scenarios:  scenarioList(r, base),
		Reruns:     listed(e.Reruns, 10, rerunView),
		Evals:      evalSummaries(r),
		Baseline:   baselineView(r, base),
		Facts:      runFacts(r),
		Error:      shown(e.Execution.ErrorReason, htmlReason),
		Tool:       shown(text.Sprintf("%s %s", r.Tool.Name, r.Tool.Version), htmlName),
		Calls:      calls,
		Flaky:      listed(Flaky(r), 10, calls.data.call),
	}
}

// contextWords say what was tested, where and when.
func contextWords(r Report) []words {
	var out []words
	add := func(t text.Untrusted) {
		if !Blank(t) {
			out = append(out, shown(t, htmlName))
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
func links(r Report) []htmlLink {
	var out []htmlLink
	for _, l := range []htmlLink{
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
func headlines(r Report, base *verdict.Verdict) []htmlStat {
	n, m := r.Verdict.Counts, r.Verdict.Metrics
	var then verdict.Metrics
	if base != nil {
		then = base.Metrics
	}
	var out []htmlStat
	add := func(name Lit, e, before verdict.Estimate, note Figure, wanted Direction) {
		if Finite(e.Value) == nil {
			return
		}
		if i := Interval(e); i != "" {
			note += " · " + i
		}
		out = append(out, htmlStat{Name: name, Value: Value(e), Note: note, Change: changeView(e, before, wanted)})
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
