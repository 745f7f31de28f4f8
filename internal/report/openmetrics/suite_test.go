package openmetrics

import (
	"testing"

	"github.com/agent-gate/agent-gate/internal/report/reporttest"
)

func TestMetricsOfASuiteHaveTheGateAsALabel(t *testing.T) {
	t.Parallel()
	out := string(reporttest.Written(t, WriteSuite, reporttest.Suite()))
	reporttest.Golden(t, "suite.metrics", []byte(out))
	got := readMetrics(t, out)
	for _, key := range []string{`agent_gate_success_rate_percent{gate="booking"}`, `agent_gate_success_rate_percent{gate="support-voice"}`} {
		if _, ok := got[key]; !ok {
			t.Errorf("%s is missing", key)
		}
	}
}
