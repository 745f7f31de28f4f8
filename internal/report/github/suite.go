package github

import (
	"github.com/agent-gate/agent-gate/internal/ci"
	"github.com/agent-gate/agent-gate/internal/report"
	"github.com/agent-gate/agent-gate/internal/text"
)

// SuiteAnnotations returns what GitHub shows of a suite: first the verdict of each gate that needs attention,
// then what the gates have to say, worst gate first. Titles begin with the gate's name. There are at most
// nine per severity, and the last one counts what was left out.
func SuiteAnnotations(s report.Suite) []ci.Annotation {
	var first, rest []ci.Annotation
	if over := report.OverNote(s); !report.Blank(over) {
		first = append(first, ci.Annotation{Severity: ci.SeverityError, Title: text.New("agent-gate: over the budget"), Message: over})
	}
	for _, g := range report.WorstGates(s) {
		if !g.Ran() && !report.NeedsAttention(g) {
			continue
		}
		for i, a := range Annotations(g.Report) {
			a.Title = text.Sprintf("%s: %s", string(g.Name), a.Title)
			if i == 0 && report.NeedsAttention(g) {
				if g.NotStarted() {
					a.Severity = ci.SeverityError
				}
				first = append(first, a)
				continue
			}
			rest = append(rest, a)
		}
	}
	all := append(first, rest...)
	total := map[ci.Severity]int{}
	for _, a := range all {
		total[a.Severity]++
	}
	var out []ci.Annotation
	written := map[ci.Severity]int{}
	for _, a := range all {
		n := written[a.Severity]
		if n == perLevel {
			continue
		}
		if left := total[a.Severity] - n; n == perLevel-1 && left > 1 {
			a.Title = text.Sprintf("and %d more", left)
			a.Message = text.Sprintf("%d more of all gates; the reports list them", left)
		}
		written[a.Severity]++
		out = append(out, a)
	}
	return out
}
