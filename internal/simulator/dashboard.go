package simulator

import (
	"time"

	"github.com/google/uuid"

	"github.com/agent-gate/agent-gate/internal/simulator/story"
	"github.com/agent-gate/agent-gate/internal/simulator/world"
)

// What a test does and sees beside the API, as somebody in the dashboard would.

// The records of a ledger and of a look, under the names that tests know them by.
type (
	// StartedExecution is an execution that began, over the API or aside.
	StartedExecution = world.StartedExecution
	// PlacedCall is one attempt at a call that began.
	PlacedCall = world.PlacedCall
	// Cancel is a cancel of a known execution.
	Cancel = world.Cancel
	// Chats are the switches of the chat protocol.
	Chats = world.Chats
	// HeldChat is one chat call and what a client did to it.
	HeldChat = world.HeldChat
	// ChatTally sums up the chats of a ledger; see [world.Paid.ChatTally].
	ChatTally = world.ChatTally
	// ExecutionState is where an execution stands.
	ExecutionState = world.ExecutionState
)

// AgentID is the agent definition that the server knows.
func (s *Server) AgentID() uuid.UUID { return s.world.AgentID() }

// ScenarioIDs are the ids of [Options.Scenarios], in their order.
func (s *Server) ScenarioIDs() []uuid.UUID {
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.world.ScenarioIDs()
}

// EvalConfigs are the eval configs of [Options.Evals] with their ids filled in.
func (s *Server) EvalConfigs() []story.Eval { return s.world.EvalConfigs() }

// AddRunTest makes a run test with all scenarios and evals of the options, as somebody
// does in the dashboard. The ledger does not count it.
func (s *Server) AddRunTest(name string) uuid.UUID {
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.world.AddRunTest(name, time.Now())
}

// AddPromptRunTest makes a run test of the one prompt of the organisation, with all
// scenarios and evals of the options. The ledger does not count it.
func (s *Server) AddPromptRunTest(name string) uuid.UUID {
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.world.AddPromptRunTest(name, time.Now())
}

// PromptTemplate is the id of the prompt.
func (s *Server) PromptTemplate() uuid.UUID { return s.world.Prompt().Template }

// AddExecution starts an execution of a run test, as somebody does in the dashboard,
// the given time ago. The ledger marks it as started aside. It panics when there is no
// such run test.
func (s *Server) AddExecution(runTest uuid.UUID, ago time.Duration) uuid.UUID {
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.world.AddExecution(runTest, time.Now().Add(-ago))
}

// CancelExecution cancels an execution as somebody in the dashboard does. The ledger
// does not count it.
func (s *Server) CancelExecution(id uuid.UUID) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.world.CancelExecution(id, time.Now())
}

// Executions tells where all executions stand now, in the order of their start.
func (s *Server) Executions() []ExecutionState {
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.world.Executions(time.Now())
}

// Running is how many executions have not ended now.
func (s *Server) Running() int {
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.world.Running(time.Now())
}

// CallsPlaced is how many attempts at calls have begun so far, reruns included.
func (s *Server) CallsPlaced() int {
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.world.CallsPlaced(time.Now())
}

// DuplicateReruns is how many calls were placed again blindly: although nobody had read
// the end of their last rerun.
func (s *Server) DuplicateReruns() int {
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.world.DuplicateReruns()
}
