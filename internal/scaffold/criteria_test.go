package scaffold

import (
	"slices"
	"testing"

	"github.com/google/go-cmp/cmp"
	"github.com/google/uuid"

	"github.com/agent-gate/agent-gate/internal/calls"
	"github.com/agent-gate/agent-gate/internal/text"
	"github.com/agent-gate/agent-gate/internal/verdict"
)

// execution packs calls of which each status is one.
func execution(score *float64, statuses ...calls.Status) calls.Execution {
	var p calls.Packer
	for i, status := range statuses {
		p.Add(calls.Call{ID: uuid.UUID{1, byte(i)}, ScenarioID: uuid.UUID{2}, Scenario: text.New("Refund"), Status: status, OverallScore: score})
	}
	return calls.Execution{Calls: p.List()}
}

func TestCriteria(t *testing.T) {
	t.Parallel()
	const done, failed = calls.Completed, calls.Failed
	for name, test := range map[string]struct {
		e    calls.Execution
		want []string
	}{
		"a rate is rounded down":             {execution(nil, done, done, failed), []string{"success_rate >= 66"}},
		"a score is rounded down to a tenth": {execution(new(7.29), done, done), []string{"success_rate >= 100", "overall_score >= 7.2"}},
		"nothing that no result could miss":  {execution(nil, failed, failed), nil},
		"a tiny rate is no fraction":         {execution(nil, append(slices.Repeat([]calls.Status{failed}, 60), done)...), []string{"success_rate >= 1%"}},
		"an execution without a call":        {execution(nil), nil},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			got := Criteria(calls.RunTest{}, test.e)
			if diff := cmp.Diff(test.want, got); diff != "" {
				t.Errorf("criteria (-want +got):\n%s", diff)
			}
			e := verdict.Evidence{Execution: verdict.Execution{Status: calls.ExecutionCompleted}, Calls: verdict.CallsOf(test.e.Calls, nil)}
			for _, line := range got {
				if !meets(e, line) {
					t.Errorf("%s is not met", line)
				}
			}
		})
	}
}
