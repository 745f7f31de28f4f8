package report_test

import (
	"strings"
	"testing"

	"github.com/agent-gate/agent-gate/internal/budget"
	"github.com/agent-gate/agent-gate/internal/report"
	"github.com/agent-gate/agent-gate/internal/report/reporttest"
)

func TestReuseNote_countsTheRerunsOfThisRun(t *testing.T) {
	t.Parallel()
	for spent, want := range map[int]string{
		0: "Judged again: no new calls were placed (run-key run).",
		1: "Judged again: only 1 new call was placed (run-key run).",
		3: "Judged again: only 3 new calls were placed (run-key run).",
	} {
		r := reporttest.Reused()
		r.Evidence.Budget.Spent.Calls = spent
		if got := report.ReuseNote(r).Line(); !strings.HasPrefix(got, want) {
			t.Errorf("%d calls: got %q, want %q", spent, got, want)
		}
	}
}

func TestSpendings_compareOnlySumsThatLackNothing(t *testing.T) {
	t.Parallel()
	r := against(t, scored(t, "now", true, map[string][]float64{"Refund": {9, 9}}), scored(t, "then", true, map[string][]float64{"Refund": {9, 9}}))
	for _, c := range []struct {
		name         string
		spent        budget.Spent
		used, change report.Figure
	}{
		{"everything is known", budget.Spent{Calls: 2, Priced: 2, Cents: 117}, "$1.17", "+$1.00"},
		{"one call has no known cost", budget.Spent{Calls: 2, Priced: 1, Cents: 8}, "at least $0.08", ""},
	} {
		t.Run(c.name, func(t *testing.T) {
			t.Parallel()
			r := r
			r.Evidence.Budget.Spent = c.spent
			for _, s := range report.Spendings(r) {
				if s.Name == "cost" && (s.Used != c.used || s.Change != c.change) {
					t.Errorf("%s, %q from the baseline, want %s, %q", s.Used, s.Change, c.used, c.change)
				}
			}
		})
	}
}
