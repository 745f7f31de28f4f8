package verdict

import (
	"strings"
	"testing"

	"github.com/google/uuid"

	"github.com/agent-gate/agent-gate/internal/calls"
	"github.com/agent-gate/agent-gate/internal/text"
)

// rowsIn is a run of trials that had these rows of one scenario.
func rowsIn(trials ...[]uint64) Evidence {
	e := Evidence{Execution: Execution{Status: calls.ExecutionCompleted}}
	var p CallPacker
	for t, rows := range trials {
		if t > 0 {
			e.Further = append(e.Further, Execution{Status: calls.ExecutionCompleted, Trial: t})
		}
		for _, row := range rows {
			c := calls.Call{ID: uuid.UUID{byte(t), byte(row)}, Scenario: text.New("A"), ScenarioID: uuid.UUID{1}, Row: row, Status: calls.Completed, Execution: t}
			p.Add(Call{Call: c, Attempts: 1, FirstOutcome: Succeeded})
		}
	}
	p.Sort()
	e.Calls = p.Calls()
	return e
}

// A row that not every trial had is unknown in the others, and the sentence says so.
func TestCasesThatNotEveryTrialHasAreSaid(t *testing.T) {
	t.Parallel()
	for _, c := range []struct {
		trials [][]uint64
		line   string
		want   CheckOutcome
		said   string
	}{
		{[][]uint64{{1, 2}, {1, 2, 3}, {1, 2, 3}}, "pass^3 >= 95", NoData, "2 cases with 3 calls each; 1 case has no call in some trial, which could decide either way"},
		{[][]uint64{{1, 2}, {1, 2, 3}, {1, 2, 3}}, "pass@1 >= 60", Met, "1 case has no call in some trial, which cannot change the outcome"},
		{[][]uint64{{1, 2}, {1, 2, 3}, {1, 2, 3}}, "pass@2 >= 60", Met, "3 cases with 2 to 3 calls each"},
		{[][]uint64{{1}, {2}}, "pass^2 >= 95", NoData, "no case has a call in every trial"},
	} {
		check := judge(t, rowsIn(c.trials...), "success_rate >= 0.5%\n"+c.line).Checks[1]
		if said := check.Detail.Line(); check.Outcome != c.want || !strings.Contains(said, c.said) {
			t.Errorf("%s: %s, %q; want %s, %q", c.line, check.Outcome, said, c.want, c.said)
		}
	}
}
