package report_test

import (
	"testing"

	"github.com/agent-gate/agent-gate/internal/report"
	"github.com/agent-gate/agent-gate/internal/text"
	"github.com/agent-gate/agent-gate/internal/verdict"
)

func TestACheck_keepsItsScope(t *testing.T) {
	t.Parallel()
	for _, c := range []struct{ name, criterion, scope, subject, full string }{
		{"the run", "success_rate >= 90", "", "success_rate", "success_rate >= 90"},
		{"each, where nothing was judged", "each scenario: success_rate >= 60", "", "each scenario: success_rate", "each scenario: success_rate >= 60"},
		{"each eval, where nothing was judged", "each eval: pass_rate >= 60", "", "each eval: pass_rate", "each eval: pass_rate >= 60"},
		{"one of each", "each scenario: success_rate >= 60", "Refund", "Refund: success_rate", "each scenario: success_rate >= 60 (Refund)"},
		{"a name that occurs in the criterion", "each scenario: success_rate >= 60", "success", "success: success_rate", "each scenario: success_rate >= 60 (success)"},
		{"a name in the criterion", `scenario "Refund": success_rate >= 60`, "Refund", "Refund: success_rate", `scenario "Refund": success_rate >= 60`},
		{"one of two of a name", `scenario "Refund": success_rate >= 60`, "Refund (1a2b3c4d)", "Refund (1a2b3c4d): success_rate", `scenario "Refund": success_rate >= 60 (Refund (1a2b3c4d))`},
	} {
		t.Run(c.name, func(t *testing.T) {
			t.Parallel()
			check := verdict.Check{Criterion: c.criterion, Scope: text.New(c.scope)}
			if got := report.CheckSubject(check).Raw(); got != c.subject {
				t.Errorf("in brief: got %q, want %q", got, c.subject)
			}
			if got := report.CriterionName(check).Raw(); got != c.full {
				t.Errorf("in full: got %q, want %q", got, c.full)
			}
		})
	}
}
