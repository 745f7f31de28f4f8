package verdict

import (
	"os"
	"strings"
	"testing"
)

func TestCriteriaPageIsTrue(t *testing.T) {
	t.Parallel()
	raw, err := os.ReadFile("../../docs/criteria.md")
	if err != nil {
		t.Fatal(err)
	}
	page := string(raw)
	examples := 0
	for i, block := range strings.Split(page, "```criteria\n") {
		if i == 0 {
			continue
		}
		block, _, _ = strings.Cut(block, "```")
		examples += len(criteria(t, block))
	}
	if examples < 16 {
		t.Errorf("the page has %d examples, want 16 at least", examples)
	}
	for _, m := range metrics {
		name := "| `" + m.name + "` | "
		if m.name == metricShare {
			name = "| `share \"LABEL\"` | "
		}
		_, row, found := strings.Cut(page, name)
		unit := map[Unit]string{UnitPercent: "% |", UnitSeconds: "seconds |", UnitCents: "US cents |", UnitCalls: "calls |"}[m.unit]
		if !found || !strings.HasPrefix(row, unit) {
			t.Errorf("the page has no row of %s in its unit", m.name)
		}
	}
}
