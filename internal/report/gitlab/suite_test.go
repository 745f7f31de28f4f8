package gitlab

import (
	"encoding/json"
	"testing"

	"github.com/agent-gate/agent-gate/internal/budget"
	"github.com/agent-gate/agent-gate/internal/report"
	"github.com/agent-gate/agent-gate/internal/report/reporttest"
)

func TestSuiteLinksHaveASectionForEachGateUpToGitLabsLimit(t *testing.T) {
	t.Parallel()
	gates := reporttest.ManyGates(40, reporttest.Failing())
	for _, c := range []struct {
		suite                   report.Suite
		sections, others, bytes int
	}{
		{reporttest.Suite(), 2, 0, 80 << 10},
		{reporttest.SuiteOf(budget.Limits{}, gates...), 20, 21, 80 << 10},
	} {
		written := reporttest.Written(t, SuiteLinks, c.suite)
		var sections map[string][]externalLink
		if err := json.Unmarshal(written, &sections); err != nil {
			t.Fatal(err)
		}
		if len(sections) != c.sections || len(sections["agent-gate: other gates"]) != c.others || len(written) > c.bytes {
			t.Errorf("%d sections with %d links of other gates, %d bytes; want %d, %d, at most %d",
				len(sections), len(sections["agent-gate: other gates"]), len(written), c.sections, c.others, c.bytes)
		}
	}
}
