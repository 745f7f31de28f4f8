package paid

import (
	"time"

	"github.com/google/uuid"

	"github.com/agent-gate/agent-gate/internal/calls"
	"github.com/agent-gate/agent-gate/internal/verdict"
)

// sight is what was last seen of the execution.
type sight struct {
	runTest   verdict.RunTest
	execution verdict.Execution
	// status is the newest that is known, also by other means than a poll, and progress is
	// the newest that a poll told.
	status   calls.ExecutionStatus
	progress calls.Progress
	// cancelled is true once this run has ordered the execution to be cancelled.
	cancelled bool
}

// RunTest is the run test that is used; empty when it is not known.
func (s *sight) RunTest() verdict.RunTest { return s.runTest }

// Execution is the execution as it was last seen.
func (s *sight) Execution() verdict.Execution { return s.execution }

// ID is the id of the execution; uuid.Nil when there is none.
func (s *sight) ID() uuid.UUID { return s.execution.ID }

// Status is the newest status that is known of the execution.
func (s *sight) Status() calls.ExecutionStatus { return s.status }

// Progress is the newest that a poll told of how many calls have ended.
func (s *sight) Progress() calls.Progress { return s.progress }

// Cancelled reports whether this run has ordered the execution to be cancelled.
func (s *sight) Cancelled() bool { return s.cancelled }

// Expect notes a status that the execution must have by now, without having read it.
func (s *sight) Expect(status calls.ExecutionStatus) { s.status = status }

// Learn keeps what a read told.
func (s *sight) Learn(p calls.Progress) {
	if s.cancelled && p.Status == calls.ExecutionFailed {
		// The calls that the cancel of this run has ended come back as failed, and with them
		// the execution (real-server.md, row 2).
		p.Status = calls.ExecutionCancelled
	}
	s.status, s.progress = p.Status, p
	e := &s.execution
	e.Status, e.ServerSuccessRate = p.Status, p.SuccessRate
	e.StartedAt, e.CompletedAt = p.StartedAt, p.CompletedAt
	e.ErrorReason = p.ErrorReason
	if p.AgentType != "" {
		e.AgentType = p.AgentType
	}
}

// FillIn adds what the execution itself did not tell: the agent, by its run test, and when
// it began, by the list of executions.
func (s *sight) FillIn(t calls.RunTest, startedAt *time.Time) {
	e := &s.execution
	if e.AgentName.IsEmpty() {
		e.AgentName = t.AgentName
	}
	if e.AgentType == "" {
		e.AgentType = t.AgentType
	}
	if e.StartedAt == nil {
		e.StartedAt = startedAt
	}
}
