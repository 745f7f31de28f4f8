package markdown

import (
	"github.com/agent-gate/agent-gate/internal/report"
)

// distribution draws the distribution of the overall scores, as a chart in Mermaid, which GitHub and GitLab
// draw: a mean of 7 can be all sevens, or tens and ones. No text of strangers gets into it.
func (p *page) distribution(r report.Report) {
	bars, scored := report.ScoreBars(r)
	if len(bars) == 0 {
		return
	}
	labels, values, sep := md(""), md(""), md("")
	highest := 0
	for _, b := range bars {
		labels = labels.then(sep, md(`"`), num(b.Label), md(`"`))
		values = values.then(sep, num(report.Count(b.N)))
		sep = md(", ")
		highest = max(highest, b.N)
	}
	p.block(md("### Overall scores"))
	p.block(
		md("```mermaid\nxychart-beta\n    title \"Overall scores of "), num(report.CountCalls(scored)), md("\"\n"),
		md("    x-axis ["), labels, md("]\n"),
		md("    y-axis \"Calls\" 0 --> "), num(report.Count(highest)), md("\n"),
		md("    bar ["), values, md("]\n```"),
	)
}
