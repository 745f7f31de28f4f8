package report

import (
	"cmp"
	"slices"
	"strings"

	"github.com/google/uuid"

	"github.com/agent-gate/agent-gate/internal/text"
	"github.com/agent-gate/agent-gate/internal/verdict"
)

// Checks are the criteria as they came out, worst first: those that are not met, and among
// the scenarios or evals of one criterion the farthest off; of those that are met the
// closest to the bound.
func Checks(r Report) []verdict.Check {
	rank := []verdict.CheckOutcome{verdict.NotMet, verdict.NoData, verdict.Undecided, verdict.Met}
	order := map[string]int{} // of the criteria
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

// notJudged are the criteria of a run that was started and stopped before it was judged.
func notJudged(r Report) []verdict.Check {
	if r.Verdict.Kind != verdict.Error || r.Evidence.Execution.ID == uuid.Nil {
		return nil
	}
	var out []verdict.Check
	for _, c := range r.Rules.Criteria {
		out = append(out, verdict.Check{Criterion: c.String(), Scope: text.New(c.Scope.Name), Outcome: verdict.NoData, Detail: text.New("not judged: the run was stopped")})
	}
	return out
}

// SampleSize is how many values a check was taken on, and how many are not known.
func SampleSize(c verdict.Check) Figure {
	if c.Unknown == 0 {
		return Count(c.Value.N)
	}
	return Count(c.Value.N) + ", " + Count(c.Unknown) + " unknown"
}

// CriterionName is a criterion with what it was measured on, where the criterion
// itself says only "each".
func CriterionName(c verdict.Check) text.Untrusted {
	if NamesScope(c) {
		return text.New(c.Criterion)
	}
	return text.Sprintf("%s (%s)", c.Criterion, c.Scope)
}

// NamesScope reports whether a criterion says itself what it was measured on.
func NamesScope(c verdict.Check) bool {
	return Blank(c.Scope) || strings.Contains(c.Criterion, c.Scope.Raw())
}
