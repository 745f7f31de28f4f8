package verdict_test

import (
	"testing"

	"github.com/google/uuid"

	"github.com/agent-gate/agent-gate/internal/calls"
	"github.com/agent-gate/agent-gate/internal/criteria"
	"github.com/agent-gate/agent-gate/internal/text"
	"github.com/agent-gate/agent-gate/internal/verdict"
)

// ends are calls with the statuses and reasons.
func ends(all ...calls.Call) verdict.Calls {
	var p calls.Packer
	for i, c := range all {
		c.ID, c.Scenario = uuid.UUID{byte(i + 1)}, text.New("refunds")
		p.Add(c)
	}
	return verdict.CallsOf(p.List(), nil)
}

func TestADeadAgentFailsARunOfChats(t *testing.T) {
	t.Parallel()
	good := calls.Call{Status: calls.Completed}
	dead := calls.Call{Status: calls.Failed, EndedReason: text.New("agent: process died (exit status 1): KeyError")}
	for _, c := range []struct {
		name  string
		agent calls.AgentType
		last  calls.Call
		want  verdict.Kind
	}{
		{"it died", calls.AgentText, dead, verdict.Fail},
		{"nobody says what agent", "", dead, verdict.Fail},
		{"somebody says so of a voice agent", calls.AgentVoice, dead, verdict.Pass},
		{"it failed otherwise", calls.AgentText, calls.Call{Status: calls.Failed, EndedReason: text.New("agent: empty answer")}, verdict.Pass},
		{"a call that completed", calls.AgentText, calls.Call{Status: calls.Completed, EndedReason: dead.EndedReason}, verdict.Pass},
	} {
		e := verdict.Evidence{Execution: verdict.Execution{Status: calls.ExecutionCompleted, AgentType: c.agent}, Calls: ends(good, good, c.last)}
		v := verdict.Judge(e, verdict.Rules{Set: criteria.Set{Criteria: []criteria.Criterion{criteria.MinSuccessRate(50)}}})
		if v.Kind != c.want || v.Kind == verdict.Fail && v.Reason != dead.EndedReason {
			t.Errorf("%s: %s, %q, want %s", c.name, v.Kind, v.Reason.Line(), c.want)
		}
	}
}

func TestConversationsAtTheTurnLimitAreCounted(t *testing.T) {
	t.Parallel()
	e := verdict.Evidence{Calls: ends(
		calls.Call{Status: calls.Failed, EndedReason: text.New("turn limit (30)")},
		calls.Call{Status: calls.Failed, EndedReason: text.New("turn limit (30)")},
		calls.Call{Status: calls.Completed, EndedReason: text.New("turn limit (30)")},
		calls.Call{Status: calls.Failed, EndedReason: text.New("agent: turn limit (30)")},
	)}
	if n := e.Counts(); n.TurnLimit != 2 || n.Failed != 3 {
		t.Errorf("counts %+v, want 2 at the turn limit of 3 failed", n)
	}
}
