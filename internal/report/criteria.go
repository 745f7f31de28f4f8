package report

import (
	"cmp"
	"slices"
	"strings"

	"github.com/google/uuid"

	"github.com/agent-gate/agent-gate/internal/text"
	"github.com/agent-gate/agent-gate/internal/verdict"
)

// Checks returns the checks, worst first: unmet ones first, and within one criterion the
// scenario or eval that is furthest off; among met ones the closest to the threshold.
func Checks(r Report) []verdict.Check {
	rank := []verdict.CheckOutcome{verdict.NotMet, verdict.NoData, verdict.Undecided, verdict.Met}
	order := map[string]int{} // by criterion
	for _, c := range r.Verdict.Checks {
		if _, known := order[c.Criterion]; !known {
			order[c.Criterion] = len(order)
		}
	}
	out := slices.Clone(r.Verdict.Checks)
	if len(out) == 0 {
		return notJudged(r)
	}
	slices.SortStableFunc(out, func(a, b verdict.Check) int {
		off := cmp.Compare(a.Margin, b.Margin)
		if a.Outcome == verdict.NotMet {
			off = -off
		}
		return cmp.Or(
			cmp.Compare(slices.Index(rank, a.Outcome), slices.Index(rank, b.Outcome)),
			cmp.Compare(order[a.Criterion], order[b.Criterion]),
			off,
		)
	})
	return out
}

// notJudged returns the criteria of a run that was stopped before it was judged.
func notJudged(r Report) []verdict.Check {
	if r.Verdict.Kind != verdict.Error || r.Evidence.Execution.ID == uuid.Nil {
		return nil
	}
	var out []verdict.Check
	for _, c := range r.Rules.Criteria {
		out = append(out, verdict.Check{Criterion: c.String(), Scope: text.New(c.Scope.Name), Outcome: verdict.NoData, Tolerance: c.Tolerance, Detail: text.New("not judged: the run was stopped")})
	}
	return out
}

// SampleSize formats how many values a check was measured on, and how many are unknown.
func SampleSize(c verdict.Check) Figure {
	if c.Unknown == 0 {
		return Count(c.Value.N)
	}
	return Count(c.Value.N) + ", " + Count(c.Unknown) + " unknown"
}

// CriterionName is the criterion, followed by what it was measured on if the criterion itself
// only says "each".
func CriterionName(c verdict.Check) text.Untrusted {
	if NamesScope(c) {
		return text.New(c.Criterion)
	}
	return text.Sprintf("%s (%s)", c.Criterion, c.Scope)
}

// NamesScope reports whether the criterion itself names what it was measured on.
func NamesScope(c verdict.Check) bool {
	return Blank(c.Scope) || strings.Contains(c.Criterion, c.Scope.Raw())
}
