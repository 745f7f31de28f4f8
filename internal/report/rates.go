package report

import (
	"slices"

	"github.com/google/uuid"

	"github.com/agent-gate/agent-gate/internal/verdict"
)

// ran reports whether there is anything to count: an execution, or calls.
func ran(r Report) bool {
	return r.Verdict.Counts.Total > 0 || r.Evidence.Execution.ID != uuid.Nil && r.Verdict.Counts.Planned > 0
}

// reran reports whether some call was rerun.
func reran(r Report) bool {
	return r.Verdict.Counts.Flaky > 0 || slices.ContainsFunc(r.Evidence.Reruns, func(x verdict.Rerun) bool { return x.Accepted > 0 })
}

// A headlineRate is a rate of the run's calls, with what it was in the baseline.
type headlineRate struct {
	name, title, key lit
	hits             int
	now, then        verdict.Estimate
	first            bool // before reruns
}

// headlineRates are the rates that are shown beside the criteria: how many calls passed, where
// that is more than that they succeeded, and how many succeeded, each followed by what it was
// before reruns. Base is the baseline, or nil.
func headlineRates(r Report, base *verdict.Verdict) []headlineRate {
	n, m := r.Verdict.Counts, r.Verdict.Metrics
	var then verdict.Metrics
	if base != nil {
		then = base.Metrics
	}
	all := []headlineRate{
		{"pass rate", "Pass rate", "pass_rate", n.Passed, m.PassRate, then.PassRate, false},
		{"before reruns", "Before reruns", "first_pass_rate", 0, m.FirstPassRate, then.FirstPassRate, true},
		{"success rate", "Success rate", "success_rate", n.Succeeded, m.SuccessRate, then.SuccessRate, false},
		{"before reruns", "Before reruns", "first_success_rate", 0, m.FirstSuccessRate, then.FirstSuccessRate, true},
	}
	if !barred(r) {
		all = all[2:]
	}
	return slices.DeleteFunc(all, func(h headlineRate) bool { return finite(h.now.Value) == nil || h.first && !reran(r) })
}
