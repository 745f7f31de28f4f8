package client

import (
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/agent-gate/agent-gate/internal/calls"
	"github.com/agent-gate/agent-gate/internal/text"
	"github.com/agent-gate/agent-gate/test/answers"
)

func TestReadsOfAnExecutionCompleteEachOther(t *testing.T) {
	t.Parallel()
	var m memory
	start, end := at(t, "2026-08-22T10:00:00Z"), at(t, "2026-08-22T10:10:00Z")
	steps := []struct {
		name      string
		got, want calls.Progress
	}{
		{"all that is told is kept",
			calls.Progress{Status: calls.ExecutionCompleted, AgentType: calls.AgentText, RunTestID: answers.RunTest, RunTestName: text.New("n"), StartedAt: start, CompletedAt: end, Completed: new(3)},
			calls.Progress{Status: calls.ExecutionCompleted, AgentType: calls.AgentText, RunTestID: answers.RunTest, RunTestName: text.New("n"), StartedAt: start, CompletedAt: end, Completed: new(3)}},
		{"counts are not, they change",
			calls.Progress{Status: calls.ExecutionCompleted},
			calls.Progress{Status: calls.ExecutionCompleted, AgentType: calls.AgentText, RunTestID: answers.RunTest, RunTestName: text.New("n"), StartedAt: start, CompletedAt: end}},
		{"a rerun has no end yet",
			calls.Progress{Status: calls.ExecutionRunning},
			calls.Progress{Status: calls.ExecutionRunning, AgentType: calls.AgentText, RunTestID: answers.RunTest, RunTestName: text.New("n"), StartedAt: start}},
		{"and not the old one after it",
			calls.Progress{Status: calls.ExecutionCompleted},
			calls.Progress{Status: calls.ExecutionCompleted, AgentType: calls.AgentText, RunTestID: answers.RunTest, RunTestName: text.New("n"), StartedAt: start}},
	}
	for _, s := range steps {
		if diff := cmp.Diff(s.want, m.complete(answers.Execution, s.got), answers.SameText); diff != "" {
			t.Errorf("%s (-want +got):\n%s", s.name, diff)
		}
	}
	if got := m.complete(callA, calls.Progress{Status: calls.ExecutionRunning}); got != (calls.Progress{Status: calls.ExecutionRunning}) {
		t.Errorf("got %+v of another execution", got)
	}
}

func TestDialectIsSettledOnce(t *testing.T) {
	t.Parallel()
	var m memory
	m.learn(calls.DialectUnknown)
	m.learn(calls.DialectDocumented)
	m.learn(calls.DialectDeployed)
	if got := m.knownDialect(); got != calls.DialectDocumented {
		t.Errorf("got %q, want the first that was known", got)
	}
}
