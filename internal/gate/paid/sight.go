package paid

import (
	"time"

	"github.com/google/uuid"

	"github.com/agent-gate/agent-gate/internal/calls"
	"github.com/agent-gate/agent-gate/internal/text"
	"github.com/agent-gate/agent-gate/internal/verdict"
)

// sight is the last known state of the execution.
type sight struct {
	runTest   verdict.RunTest
	execution verdict.Execution
	// status is the latest known status, from whatever source; progress is the latest poll.
	status   calls.ExecutionStatus
	progress calls.Progress
	// cancelled is true once this run has sent a cancel.
	cancelled bool
	// prompt is true if the run test tests a prompt.
	prompt bool
	// concluded is true once all calls have ended, whatever the server's status says.
	concluded bool
	// runs says why it may still run although it was to be cancelled; empty if it does not. further is true
	// for an execution after the first.
	runs    text.Untrusted
	further bool
}

// RunTest returns the run test; empty if unknown.
func (s *sight) RunTest() verdict.RunTest { return s.runTest }

// Execution returns the execution as last seen. One that was concluded counts as completed, but for a further
// one that could not be cancelled: the status of the first decides whether a run can be judged.
func (s *sight) Execution() verdict.Execution {
	e := s.execution
	if s.concluded && (!s.further || s.runs.IsEmpty()) {
		e.Status = calls.ExecutionCompleted
	}
	if !s.runs.IsEmpty() {
		e.ErrorReason = s.runs
	}
	return e
}

// StillRuns records why an execution that is over for this run may still run on the server.
func (s *sight) StillRuns(why text.Untrusted) { s.runs = why }

// Conclude records that the execution is over because all of its calls have ended. The status of a
// chat execution can be late for ever (chat.md 0.5).
func (s *sight) Conclude() { s.concluded = true }

// Concluded reports whether the execution was concluded.
func (s *sight) Concluded() bool { return s.concluded }

// OfPrompt reports whether the run test tests a prompt, whose conversations the server holds.
func (s *sight) OfPrompt() bool { return s.prompt }

// describe records what the run test tests.
func (s *sight) describe(t calls.RunTest) {
	e := &s.execution
	e.AgentType, e.AgentName = t.AgentType, t.AgentName
	s.prompt = t.OfPrompt()
	if s.prompt && e.ID == uuid.Nil {
		e.PromptVersion = t.Prompt.Version // an execution that exists may have run an earlier one
	}
}

// ID returns the id of the execution; uuid.Nil if there is none.
func (s *sight) ID() uuid.UUID { return s.execution.ID }

// Status returns the latest known status of the execution.
func (s *sight) Status() calls.ExecutionStatus { return s.status }

// Progress returns the latest poll.
func (s *sight) Progress() calls.Progress { return s.progress }

// Cancelled reports whether this run has sent a cancel.
func (s *sight) Cancelled() bool { return s.cancelled }

// Expect sets the status that the execution must have by now, without reading it.
func (s *sight) Expect(status calls.ExecutionStatus) { s.status = status }

// Learn records a poll or read.
func (s *sight) Learn(p calls.Progress) {
	if s.cancelled && p.Status == calls.ExecutionFailed {
		// Calls ended by our own cancel come back as failed, and so does the execution
		// (real-server.md, row 2).
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

// FillIn adds what the execution itself lacks: the agent, from its run test, and the start time,
// from the list of executions.
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
	s.prompt = s.prompt || t.OfPrompt()
}
