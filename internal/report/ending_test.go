package report_test

import (
	"maps"
	"slices"
	"testing"

	"github.com/agent-gate/agent-gate/internal/criteria"
	"github.com/agent-gate/agent-gate/internal/report"
	"github.com/agent-gate/agent-gate/internal/report/reporttest"
	"github.com/agent-gate/agent-gate/internal/verdict"
)

func TestACallIsNotCalledPassedWhereNothingTells(t *testing.T) {
	t.Parallel()
	r := reporttest.Passing()
	for i := range r.Verdict.Evals {
		r.Verdict.Evals[i].PassFail = false
	}
	for i := range r.Verdict.Passed { // by default every succeeded call
		r.Verdict.Passed[i] = verdict.Passed
	}
	if got := report.Counted(report.EndingCounts(r.Verdict.Counts, report.HasBar(r))); got != "3 succeeded" {
		t.Errorf("the calls are called %q", got)
	}
	if e := report.NewViewer(r).Brief(0).Ending; e != report.EndSucceeded {
		t.Errorf("a call is %s", e.Word())
	}
	r.Rules.PassWhen = []criteria.Condition{{Metric: "overall_score", Op: ">=", Bound: 1}}
	if got := report.Counted(report.EndingCounts(r.Verdict.Counts, report.HasBar(r))); got != "3 passed" {
		t.Errorf("with pass-when they are called %q", got)
	}
}

func TestScenariosOfOneNameAreToldApartByTheirIDs(t *testing.T) {
	t.Parallel()
	r := reporttest.Gaps()
	titles := map[string]bool{}
	for _, s := range r.Verdict.Scenarios {
		titles[s.Name.Raw()] = true
	}
	v := report.NewViewer(r)
	seen := map[string]bool{}
	for i := range r.Evidence.Calls.Len() {
		title := v.Brief(i).Title.Raw()
		if !titles[title] {
			t.Errorf("a call is of scenario %q, which is none", title)
		}
		seen[title] = true
	}
	if len(seen) != 3 {
		t.Errorf("the calls are of %v", slices.Sorted(maps.Keys(seen)))
	}
}
