package report_test

import (
	"fmt"
	"strings"
	"testing"

	"github.com/agent-gate/agent-gate/internal/report"
	"github.com/agent-gate/agent-gate/internal/text"
	"github.com/agent-gate/agent-gate/internal/verdict"
)

func TestQuarantinedCalls_areAllOfThemWorstFirst(t *testing.T) {
	t.Parallel()
	e := scored(t, "now", true, map[string][]float64{"Billing": {9}, "Refund": {9, 3, -2, 0}})
	r := judged(t, e.SetAside([]verdict.Quarantined{{Scenario: text.New("Refund"), Reason: text.New("flaky")}}), "pass_rate >= 50")
	var got []string
	for _, c := range report.QuarantinedCalls(r) {
		got = append(got, fmt.Sprintf("%s %s %t", c.Ending.Word(), report.Number(c.OverallScore, 1), report.Blank(report.QuarantinedWhy(c))))
	}
	want := []string{"failed – false", "below your bar 3 false", "lost – false", "passed 9 true"}
	if strings.Join(got, "; ") != strings.Join(want, "; ") {
		t.Errorf("got %q, want %q", got, want)
	}
	if all := report.QuarantinedCalls(judged(t, e, "pass_rate >= 50")); all != nil {
		t.Errorf("without a quarantine there are %d", len(all))
	}
}
