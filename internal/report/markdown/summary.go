package markdown

import (
	"fmt"
	"io"

	"github.com/agent-gate/agent-gate/internal/report"
	"github.com/agent-gate/agent-gate/internal/verdict"
)

// SummaryLimit is the maximum size of [Summary], in bytes. GitHub drops a job summary above 1
// MiB as a whole (actions/runner, FileCommandManager: AttachmentSizeLimit), and counts before
// it masks secrets.
const SummaryLimit = 900 << 10

// How many rows of a long list a summary shows; the next ones are folded, and what does not fit
// there is counted.
const (
	summaryRows   = 20
	summaryFolded = 2000
)

// The maximum size of each section, in bytes. They add up to less than SummaryLimit, so no
// section can push another one out.
const (
	shareCriteria  = 160 << 10
	shareCalls     = 180 << 10
	shareLow       = 80 << 10
	shareUnknown   = 60 << 10
	shareFlaky     = 60 << 10
	shareScenarios = 120 << 10
	shareEvals     = 60 << 10
	shareMissing   = 60 << 10
	shareReruns    = 40 << 10
	shareWarnings  = 20 << 10
	shareFacts     = 20 << 10
	shareCases     = 30 << 10
	shareCauses    = 30 << 10
	shareVersus    = 40 << 10
	shareAside     = 40 << 10
)

// Summary writes the report as Markdown, for GitHub's job summary and for GitLab: the verdict and its
// reason, why calls were not good, what changed against the baseline, the criteria, the failed and skipped
// calls, then everything else, worst first. It never exceeds [SummaryLimit].
func Summary(w io.Writer, r report.Report) error {
	p := &page{limit: SummaryLimit}
	p.block(md("## "), verdictMark(r.Verdict.Kind), md(" Agent gate: "), md(report.VerdictWord(r.Verdict.Kind)))
	p.whole(r)
	if _, err := w.Write(p.Bytes()); err != nil {
		return fmt.Errorf("write the summary: %w", err)
	}
	return nil
}

// whole writes everything but the heading.
func (p *page) whole(r report.Report) {
	causes := report.Causes(r)
	p.decision(r, 1000)
	p.within(shareCauses, func() { p.causes(r, causes) })
	p.next(r)
	p.numbers(r)
	p.within(shareVersus, func() { p.versus(r) })
	p.within(shareCriteria, func() { p.criteria(r) })
	p.within(shareWarnings, func() { p.warnings(r) })
	p.within(shareCases, func() { p.cases(r) })
	p.within(shareCalls, func() { p.unsuccessful(r) })
	p.within(shareLow, func() { p.low(r, causes) })
	p.within(shareUnknown, func() { p.unknown(r) })
	p.within(shareAside, func() { p.aside(r) })
	p.within(shareFlaky, func() { p.flaky(r) })
	p.within(shareScenarios, func() { p.scenarios(r) })
	p.distribution(r)
	p.within(shareEvals, func() { p.evals(r) })
	p.within(shareMissing, func() { p.missing(r) })
	p.within(shareReruns, func() { p.reruns(r) })
	p.within(shareFacts, func() { p.facts(r) })
}

// decision says whether the verdict is enforced, and its reason, of at most limit characters.
func (p *page) decision(r report.Report, limit int) {
	if d := report.Disarmed(r); d != "" {
		p.block(md("> ⚠️ ").then(md(d).bold()))
	}
	if !report.Blank(r.Verdict.Reason) {
		p.block(word(r.Verdict.Reason, limit).bold())
	}
	if note := report.ReuseNote(r); !report.Blank(note) {
		p.block(md("> ♻️ "), word(note, limit))
	}
}

// numbers summarise the run: how its calls ended, the rates, what is lacking, and what it took.
func (p *page) numbers(r report.Report) {
	v := r.Verdict
	p.headline(r)
	if !report.Blank(v.Flip) {
		p.block(md(report.FlipLabel(v.Kind)), md(": "), word(v.Flip, 500))
	}
	if note := report.LookNote(r); !report.Blank(note) {
		p.block(word(note, 1000))
	}
	if spent := report.SpendingLine(r); spent != "" {
		p.block(md("Spent: "), num(spent))
	}
}

// headline summarises the run in two lines: how its calls ended, and the rates.
func (p *page) headline(r report.Report) {
	n, m := r.Verdict.Counts, r.Verdict.Metrics
	line, sep := md(""), md("")
	part := func(spans ...span) {
		line = line.then(sep).then(spans...)
		sep = md(" · ")
	}
	if report.Ran(r) {
		census := num(report.Census(r)).bold()
		if counted := report.Counted(report.EndingCounts(n, report.HasBar(r))); counted != "" {
			census = census.then(md(": "), num(counted))
		}
		part(census)
		if n.Flaky > 0 {
			part(num(report.Count(n.Flaky)).bold(), md(" flaky"))
		}
		p.block(line)
		line, sep = md(""), md("")
	}
	for _, rate := range report.HeadlineRates(r) {
		if rate.First {
			line = line.then(md(", "), num(report.Value(rate.Now)).bold(), md(" before reruns"))
			continue
		}
		part(md(rate.Name), md(" "), num(report.Value(rate.Now)).bold())
	}
	if m.OverallScore.Value != nil {
		part(md("overall score "), num(report.Value(m.OverallScore)).bold(), md(" over "), num(report.CountCalls(m.OverallScore.N)))
	}
	if u := report.Link(r.Evidence.Execution.URL); u != "" && len(r.Evidence.Further) == 0 {
		part(anchor("Open the run in the dashboard", u))
	} else if all := executions(r); all.s != "" {
		part(md("Dashboard: ").then(all))
	}
	if u := r.Places.Page(); u != "" {
		part(anchor("Open the HTML report", u))
	}
	if line.s != "" {
		p.block(line)
	}
}

func (p *page) criteria(r report.Report) {
	all := report.CheckRows(r)
	if len(all) == 0 {
		return
	}
	p.block(md("### Criteria"))
	rows(p, []head{
		{name: md("Result")}, {name: md("Criterion")}, {name: md("Measured"), right: true},
		{name: num(report.CriteriaInterval(r)), right: true}, {name: md("n"), right: true}, {name: md("Why")},
	}, all, criterionCells, "criteria")
}

// criterionCells returns the row of a criterion.
func criterionCells(c report.CheckRow) []span {
	const limit = 300
	if c.Several() {
		return []span{checkMarkdown(c.Outcome), code(c.Title(), limit), num(c.Tally()), md(""), md(""), md("")}
	}
	n := num(report.SampleSize(c.Check))
	if c.Value.Value == nil && c.Value.N == 0 && c.Unknown == 0 {
		n = num(report.Unknown)
	}
	name := code(c.Title(), limit)
	if c.Within {
		name = md("↳ ").then(word(c.Scope, limit))
	}
	return []span{checkMarkdown(c.Outcome), name, num(report.CheckValue(c.Check)), num(report.CheckInterval(c.Check)), n, why(c.Check, limit)}
}

// why says by how much a criterion is missed, or why it is undecided.
func why(c verdict.Check, limit int) span {
	switch f := report.MissedBy(c); {
	case f != "":
		return md("missed by ").then(num(f))
	case c.Outcome == verdict.Met || report.Blank(c.Detail):
		return md("")
	}
	return word(c.Detail, limit)
}

func (p *page) warnings(r report.Report) {
	all := report.OtherWarnings(r)
	if len(all) == 0 {
		return
	}
	written := 0
	for _, w := range all {
		if written == summaryRows || !p.write(md("- ⚠️ "), word(w, 400), md("\n")) {
			break
		}
		written++
	}
	p.write(md("\n"))
	p.more(len(all)-written, "warnings")
}

// rows writes a table of all items: the first ones visible, the next ones folded, and the
// number of those that did not fit.
func rows[T any](p *page, heads []head, items []T, row func(T) []span, what report.Lit) {
	some := func(items []T) func(func(...span) bool) {
		return func(yield func(...span) bool) {
			for _, item := range items {
				if !yield(row(item)...) {
					return
				}
			}
		}
	}
	const more = 100 // bytes reserved for the sentence that counts the rest
	limit := p.limit
	p.limit -= more
	open := items[:min(len(items), summaryRows)]
	written := p.table(heads, some(open))
	if rest := items[written:]; written == len(open) && len(rest) > 0 {
		fold := func(n int) (fits int) {
			p.details(num(report.Count(n)).then(md(" more "), md(counted(n, what))), func() { fits = p.table(heads, some(rest[:n])) })
			return fits
		}
		start, n := p.Len(), min(len(rest), summaryFolded)
		fits := fold(n)
		if fits > 0 && fits < n {
			// The summary line has to say how many there are.
			p.Truncate(start)
			fits = fold(fits)
		}
		written += fits
	}
	p.limit = limit
	p.more(len(items)-written, what)
}

// more counts what was left out.
func (p *page) more(n int, what report.Lit) {
	if n > 0 {
		p.block(md("…and "), num(report.Count(n)), md(" more "), md(counted(n, what)), md(" in the JSON report."))
	}
}

// counted is the word for n things, given that for several.
func counted(n int, several report.Lit) report.Lit {
	one, known := map[report.Lit]report.Lit{
		"calls": "call", "cases": "case", "causes": "cause", "criteria": "criterion", "eval results": "eval result", "evals": "eval",
		"gates": "gate", "metrics": "metric", "reruns": "rerun", "scenarios": "scenario", "warnings": "warning",
	}[several]
	if n == 1 && known {
		return one
	}
	return several
}

// intervalHeading names the level of the intervals.
func intervalHeading(r report.Report) span {
	return num(report.Decimal(report.Level(r), 1)).then(md("% interval"))
}

func verdictMark(k verdict.Kind) span {
	switch k {
	case verdict.Pass:
		return md("✅")
	case verdict.Skip, verdict.Inconclusive:
		return md("⚠️")
	}
	return md("❌")
}

func checkMarkdown(o verdict.CheckOutcome) span {
	return checkMark(o).then(md(" "), md(report.CheckWord(o)))
}

func checkMark(o verdict.CheckOutcome) span {
	switch o {
	case verdict.Met:
		return md("✅")
	case verdict.NotMet:
		return md("❌")
	}
	return md("⚠️")
}
