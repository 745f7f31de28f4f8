package report_test

import (
	"testing"

	"github.com/agent-gate/agent-gate/internal/report"
	"github.com/agent-gate/agent-gate/internal/report/reporttest"
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

func TestCases_thatPassInSomeTrialsAreMixedNotFlaky(t *testing.T) {
	t.Parallel()
	all := report.Cases(reporttest.Trials())
	if got, want := report.CaseCount(all), report.Figure("9 cases in 3 trials: 3 passed every time, 1 never passed, 3 mixed, 2 unknown"); got != want {
		t.Errorf("got %q, want %q", got, want)
	}
	if all[0].Kind() != "not passed" || all[1].Kind() != "mixed" {
		t.Errorf("the first are %q and %q", all[0].Kind(), all[1].Kind())
	}
}
