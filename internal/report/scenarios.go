package report

import (
	"cmp"
	"slices"

	"github.com/agent-gate/agent-gate/internal/verdict"
)

// Scenarios returns the scenarios: untested ones first, then by pass rate, success rate and
// score, lowest first.
func Scenarios(r Report) []verdict.ScenarioSummary {
	out := slices.Clone(r.Verdict.Scenarios)
	untested := func(s verdict.ScenarioSummary) int { return min(s.Counts.Judged, 1) }
	slices.SortStableFunc(out, func(a, b verdict.ScenarioSummary) int {
		return cmp.Or(
			cmp.Compare(untested(a), untested(b)),
			CompareValues(a.PassRate.Value, b.PassRate.Value),
			CompareValues(a.SuccessRate.Value, b.SuccessRate.Value),
			CompareValues(a.OverallScore.Value, b.OverallScore.Value),
		)
	})
	return out
}

// CompareValues compares optional values; nil comes last.
func CompareValues(a, b *float64) int {
	switch {
	case a == nil && b == nil:
		return 0
	case a == nil:
		return 1
	case b == nil:
		return -1
	}
	return cmp.Compare(*a, *b)
}
