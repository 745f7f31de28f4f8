package client

import (
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/agent-gate/agent-gate/internal/text"
	"github.com/agent-gate/agent-gate/test/answers"
)

func TestReadsOfAnExecutionCompleteEachOther(t *testing.T) {
	t.Parallel()
	var m memory
	start, end := at(t, "2026-08-22T10:00:00Z"), at(t, "2026-08-22T10:10:00Z")
	steps := []struct {
		name      string
		got, want Progress
	}{
		{"all that is told is kept",
			Progress{Status: ExecutionCompleted, AgentType: AgentText, RunTestID: answers.RunTest, RunTestName: text.New("n"), StartedAt: start, CompletedAt: end, Completed: new(3)},
			Progress{Status: ExecutionCompleted, AgentType: AgentText, RunTestID: answers.RunTest, RunTestName: text.New("n"), StartedAt: start, CompletedAt: end, Completed: new(3)}},
		{"counts are not, they change",
			Progress{Status: ExecutionCompleted},
			Progress{Status: ExecutionCompleted, AgentType: AgentText, RunTestID: answers.RunTest, RunTestName: text.New("n"), StartedAt: start, CompletedAt: end}},
		{"a rerun has no end yet",
			Progress{Status: ExecutionRunning},
			Progress{Status: ExecutionRunning, AgentType: AgentText, RunTestID: answers.RunTest, RunTestName: text.New("n"), StartedAt: start}},
		{"and not the old one after it",
			Progress{Status: ExecutionCompleted},
			Progress{Status: ExecutionCompleted, AgentType: AgentText, RunTestID: answers.RunTest, RunTestName: text.New("n"), StartedAt: start}},
	}
	for _, s := range steps {
		if diff := cmp.Diff(s.want, m.complete(answers.Execution, s.got), answers.SameText); diff != "" {
			t.Errorf("%s (-want +got):\n%s", s.name, diff)
		}
	}
	if got := m.complete(callA, Progress{Status: ExecutionRunning}); got != (Progress{Status: ExecutionRunning}) {
		t.Errorf("got %+v of another execution", got)
	}
}

func TestDialectIsSettledOnce(t *testing.T) {
	t.Parallel()
	var m memory
	m.learn(DialectUnknown)
	m.learn(DialectDocumented)
	m.learn(DialectDeployed)
	if got := m.knownDialect(); got != DialectDocumented {
		t.Errorf("got %q, want the first that was known", got)
	}
}
