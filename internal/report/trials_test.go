package report_test

import (
	"testing"

	"github.com/agent-gate/agent-gate/internal/report"
	"github.com/agent-gate/agent-gate/internal/verdict"
)

func TestTallyOfACase_leavesOutTrialsThatAreNotTheAgents(t *testing.T) {
	t.Parallel()
	for want, c := range map[report.Figure]verdict.Case{
		"passed 2 of 3":            {Passed: 2, Failed: 1},
		"passed 2 of 2, 1 unknown": {Passed: 2, Unknown: 1},
		"3 unknown":                {Unknown: 3},
	} {
		if got := (report.ShownCase{Case: c}).Tally(); got != want {
			t.Errorf("got %q, want %q", got, want)
		}
	}
}
