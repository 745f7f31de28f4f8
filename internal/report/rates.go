package report

import (
	"cmp"
	"slices"

	"github.com/google/uuid"

	"github.com/agent-gate/agent-gate/internal/criteria"
	"github.com/agent-gate/agent-gate/internal/verdict"
)

// Ran reports whether there is anything to count: an execution or calls.
func Ran(r Report) bool {
	return r.Verdict.Counts.Total > 0 || r.Evidence.Execution.ID != uuid.Nil && r.Verdict.Counts.Planned > 0
}

// Reran reports whether any call was rerun.
func Reran(r Report) bool {
	return r.Verdict.Counts.Flaky > 0 || slices.ContainsFunc(r.Evidence.Reruns, func(x verdict.Rerun) bool { return x.Accepted > 0 })
}

// A HeadlineRate is a rate over the run's calls.
type HeadlineRate struct {
	Name, Title Lit
	Key         Lit // the metric, as in a criterion
	Hits        int
	Now         verdict.Estimate
	First       bool // before reruns
}

// HeadlineRates returns the rates shown beside the criteria: the pass rate, if it differs from
// the success rate by definition, and the success rate, each followed by its value before
// reruns.
func HeadlineRates(r Report) []HeadlineRate {
	n, m := r.Verdict.Counts, r.Verdict.Metrics
	all := []HeadlineRate{
		{"pass rate", "Pass rate", criteria.MetricPassRate, n.Passed, m.PassRate, false},
		{"before reruns", "Before reruns", criteria.MetricFirstPassRate, 0, m.FirstPassRate, true},
		{"success rate", "Success rate", criteria.MetricSuccessRate, n.Succeeded, m.SuccessRate, false},
		{"before reruns", "Before reruns", criteria.MetricFirstSuccessRate, 0, m.FirstSuccessRate, true},
	}
	if !HasBar(r) {
		all = all[2:]
	}
	return slices.DeleteFunc(all, func(h HeadlineRate) bool { return Finite(h.Now.Value) == nil || h.First && !Reran(r) })
}

// InQuarantine is what follows the number of a run's calls, which leaves out those in quarantine; empty if there are none.
func InQuarantine(r Report) Figure { return inQuarantine(r.Evidence.Quarantine.Calls.Len()) }

func inQuarantine(n int) Figure {
	if n == 0 {
		return ""
	}
	return " + " + Count(n) + " in quarantine"
}

// Headline says in one line what became of the checks, and what the run took.
func Headline(r Report) Figure {
	f := CountChecks(r).Words()
	for _, took := range tookWhat(r) {
		f += " · " + took
	}
	return f
}

// tookWhat are the calls, the time and the money that the run took, as far as known.
func tookWhat(r Report) (all []Figure) {
	if Ran(r) {
		calls := CountCalls(r.Verdict.Counts.Total) + InQuarantine(r)
		if s, ok := Spent(r); ok && Unread(r) {
			calls = CountCalls(s.Calls) + ", none read"
		}
		if n := r.Verdict.Counts.Flaky; n > 0 {
			calls += ", " + Count(n) + " flaky"
		}
		all = append(all, calls)
	}
	if d, ok := Took(r.Evidence.Timing); ok && r.Evidence.Execution.ID != uuid.Nil {
		all = append(all, Duration(d))
	}
	for _, s := range Spendings(r) {
		if s.Name == "cost" {
			all = append(all, s.named())
		}
	}
	return all
}

// IsDryRun reports whether the run was a dry run that found nothing wrong.
func IsDryRun(r Report) bool {
	e := r.Evidence
	return r.Verdict.Kind == verdict.Skip && r.Verdict.Cause == "" && (len(e.Plan) > 0 || e.RunTest.ID != uuid.Nil || e.Execution.ID != uuid.Nil)
}

// ScoreOf formats the overall score of a call: "4/10" on the usual scale; empty without one.
func ScoreOf(c ShownCall) Figure {
	v := Finite(c.OverallScore)
	switch {
	case v == nil || !c.Ending.Succeeded():
		return ""
	case verdict.OnScoreScale(*v):
		return Decimal(*v, 2) + "/10"
	}
	return Decimal(*v, 2)
}

// Scenarios returns the scenarios: untested ones first, then by pass rate, success rate and
// score, lowest first.
func Scenarios(r Report) []verdict.ScenarioSummary {
	if Unread(r) {
		return nil // there is nothing to say of them
	}
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
