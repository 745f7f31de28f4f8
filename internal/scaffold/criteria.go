package scaffold

import (
	"fmt"
	"sort"

	"github.com/agent-gate/agent-gate/internal/calls"
	"github.com/agent-gate/agent-gate/internal/criteria"
	"github.com/agent-gate/agent-gate/internal/verdict"
)

// Criteria returns criteria that a completed execution of a run test would just meet: the
// highest bounds, in whole percent and tenths of the score, that hold whatever is unknown
// of it. It is empty if it meets none.
func Criteria(t calls.RunTest, e calls.Execution) []string {
	evidence := verdict.Evidence{
		Execution: verdict.Execution{Status: calls.ExecutionCompleted},
		Calls:     verdict.CallsOf(e.Calls, nil),
		Evals:     e.Evals,
	}
	var lines []string
	for _, m := range []struct {
		name string
		line func(step int) string
	}{
		{"success_rate", percent("success_rate")},
		{"pass_rate", percent("pass_rate")},
		{"overall_score", func(step int) string { return fmt.Sprintf("overall_score >= %g", float64(step)/10) }},
	} {
		if m.name == "pass_rate" && len(e.Evals) == 0 && len(t.EvalConfigs) == 0 {
			continue // every call that succeeded would pass
		}
		// A bound of 0 is one that nothing misses, so the steps begin with 1.
		missed := sort.Search(steps, func(i int) bool { return !meets(evidence, m.line(i+1)) })
		if missed > 0 {
			lines = append(lines, m.line(missed))
		}
	}
	return lines
}

// steps is how many bounds of a criterion there are: 1 to 100 percent, 0.1 to 10 points.
const steps = 100

// percent returns the criterion for a rate, by the bound.
func percent(rate string) func(int) string {
	return func(bound int) string {
		if bound == 1 { // which would be taken for a fraction
			return rate + " >= 1%"
		}
		return fmt.Sprintf("%s >= %d", rate, bound)
	}
}

// meets reports whether an execution meets one criterion.
func meets(e verdict.Evidence, line string) bool {
	parsed, err := criteria.Parse(line)
	if err != nil || len(parsed) != 1 {
		return false
	}
	checks := verdict.Judge(e, verdict.Rules{Set: criteria.Set{Criteria: parsed}}).Checks
	return len(checks) == 1 && checks[0].Outcome == verdict.Met
}
