package markdown

import (
	"cmp"
	"math"
	"slices"

	"github.com/agent-gate/agent-gate/internal/criteria"
	"github.com/agent-gate/agent-gate/internal/report"
	"github.com/agent-gate/agent-gate/internal/text"
	"github.com/agent-gate/agent-gate/internal/verdict"
)

// Charts are Mermaid, which GitHub and GitLab draw. Untrusted text only gets into one through
// the door of diagrams.

// A chart is a bar chart, optionally with a line.
type chart struct {
	kind   report.Lit // "xychart-beta", or with " horizontal"
	title  span
	labels []span
	axis   span // of the values: name and range
	bars   []report.Figure
	line   []report.Figure // empty for none
}

func (p *page) chart(c chart) {
	list := func(spans []span, around report.Lit) span {
		out, sep := md(""), md("")
		for _, s := range spans {
			out = out.then(sep, md(around), s, md(around))
			sep = md(", ")
		}
		return out
	}
	series := func(name report.Lit, values []report.Figure) span {
		if len(values) == 0 {
			return md("")
		}
		var spans []span
		for _, v := range values {
			spans = append(spans, num(v))
		}
		return md("    ").then(md(name), md(" ["), list(spans, ""), md("]\n"))
	}
	p.block(
		md("```mermaid\n"), md(c.kind), md("\n"),
		md("    title \""), c.title, md("\"\n"),
		md("    x-axis ["), list(c.labels, `"`), md("]\n"),
		md("    y-axis "), c.axis, md("\n"),
		series("bar", c.bars), series("line", c.line), md("```"),
	)
}

// distribution draws the distribution of the overall scores: a mean of 7 can be all sevens, or
// tens and ones.
func (p *page) distribution(r report.Report) {
	bars, scored := report.ScoreBars(r)
	if len(bars) == 0 {
		return
	}
	c := chart{kind: "xychart-beta", title: md("Overall scores of ").then(num(report.CountCalls(scored)))}
	highest := 0
	for _, b := range bars {
		c.labels, c.bars = append(c.labels, num(b.Label)), append(c.bars, report.Count(b.N))
		highest = max(highest, b.N)
	}
	c.axis = md(`"Calls" 0 --> `).then(num(report.Count(highest)))
	p.block(md("### Overall scores"))
	p.chart(c)
}

const (
	// drawnScenarios is the maximum number of scenarios in a chart: with more, their names
	// overlap.
	drawnScenarios = 12
	// drawnName is the maximum length of a name beside a bar, in characters.
	drawnName = 32
)

// progress draws the success rates of the scenarios and those of the baseline, largest change
// first. It draws nothing if nothing changed, or for a single scenario, where a number says
// more. Mermaid draws two bar series on top of each other, so the baseline is a line.
func (p *page) progress(r report.Report, base *verdict.Verdict) {
	if base == nil {
		return
	}
	type pair struct {
		name      text.Untrusted
		now, then float64
	}
	var all []pair
	changed := false
	then := report.BaselineScenarios(base)
	for _, s := range r.Verdict.Scenarios {
		now, before := report.Finite(s.SuccessRate.Value), report.Finite(then(s).SuccessRate.Value)
		if now == nil || before == nil {
			continue
		}
		all = append(all, pair{s.Name, *now, *before})
		changed = changed || *now != *before
	}
	if len(all) < 2 || !changed {
		return
	}
	slices.SortStableFunc(all, func(a, b pair) int {
		return cmp.Or(cmp.Compare(math.Abs(b.now-b.then), math.Abs(a.now-a.then)), cmp.Compare(a.now-a.then, b.now-b.then))
	})
	title := md("Success rate (line: baseline)")
	if len(all) > drawnScenarios {
		title = title.then(md(", "), num(report.Count(drawnScenarios)), md(" of "), num(report.Count(len(all))))
		all = all[:drawnScenarios]
	}
	c := chart{kind: "xychart-beta horizontal", title: title, axis: md(`"percent" 0 --> 100`)}
	taken := map[span]bool{}
	for i, s := range all {
		// Two bars with the same label would be drawn on top of each other.
		label := inDiagram(s.name, drawnName)
		if label.s == "" || taken[label] {
			label = label.then(md(" "), num(report.Count(i+1)))
		}
		taken[label] = true
		c.labels = append(c.labels, label)
		c.bars, c.line = append(c.bars, report.Rounded(s.now, criteria.UnitPercent, 1)), append(c.line, report.Rounded(s.then, criteria.UnitPercent, 1))
	}
	p.block(md("### Compared with the baseline"))
	p.chart(c)
}
