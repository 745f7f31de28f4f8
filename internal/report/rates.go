package report

import (
	"slices"

	"github.com/google/uuid"

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

// A HeadlineRate is a rate over the run's calls, now and in the baseline.
type HeadlineRate struct {
	Name, Title, Key Lit
	Hits             int
	Now, Then        verdict.Estimate
	First            bool // before reruns
}

// HeadlineRates returns the rates shown beside the criteria: the pass rate, if it differs from
// the success rate by definition, and the success rate, each followed by its value before
// reruns. base is the baseline, or nil.
func HeadlineRates(r Report, base *verdict.Verdict) []HeadlineRate {
	n, m := r.Verdict.Counts, r.Verdict.Metrics
	var then verdict.Metrics
	if base != nil {
		then = base.Metrics
	}
	all := []HeadlineRate{
		{"pass rate", "Pass rate", "pass_rate", n.Passed, m.PassRate, then.PassRate, false},
		{"before reruns", "Before reruns", "first_pass_rate", 0, m.FirstPassRate, then.FirstPassRate, true},
		{"success rate", "Success rate", "success_rate", n.Succeeded, m.SuccessRate, then.SuccessRate, false},
		{"before reruns", "Before reruns", "first_success_rate", 0, m.FirstSuccessRate, then.FirstSuccessRate, true},
	}
	if !HasBar(r) {
		all = all[2:]
	}
	return slices.DeleteFunc(all, func(h HeadlineRate) bool { return Finite(h.Now.Value) == nil || h.First && !Reran(r) })
}
