package simulator

import (
	"time"

	"github.com/google/uuid"

	"github.com/agent-gate/agent-gate/internal/simulator/story"
	"github.com/agent-gate/agent-gate/internal/simulator/world"
)

// What tests do and see without the API, as a user of the vendor's dashboard would.

// Types of package world, for tests whose own names hide that package.
type (
	// StartedExecution is an execution that was started, over the API or not.
	StartedExecution = world.StartedExecution
	// PlacedCall is one attempt at a call that was placed.
	PlacedCall = world.PlacedCall
	// Cancel is a cancel of an existing execution.
	Cancel = world.Cancel
	// Chats are the switches of the chat protocol.
	Chats = world.Chats
	// HeldChat is one chat call and what a client did to it.
	HeldChat = world.HeldChat
	// ChatTally sums up the chats of a ledger; see [world.Ledger.ChatTally].
	ChatTally = world.ChatTally
	// ExecutionState is the state of an execution.
	ExecutionState = world.ExecutionState
)

// AgentID returns the organization's agent definition.
func (s *Server) AgentID() uuid.UUID { return s.world.AgentID() }

// ScenarioIDs returns the ids of [Options.Scenarios], in order.
func (s *Server) ScenarioIDs() []uuid.UUID {
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.world.ScenarioIDs()
}

// PublishAgent makes a new agent version the active one.
func (s *Server) PublishAgent() {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.world.PublishAgent()
}

// EvalConfigs returns [Options.Evals] with their ids filled in.
func (s *Server) EvalConfigs() []story.Eval { return s.world.EvalConfigs() }

// AddRunTest adds a run test with all scenarios and evals of the options. The ledger does
// not record it.
func (s *Server) AddRunTest(name string) uuid.UUID {
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.world.AddRunTest(name, time.Now())
}

// AddPromptRunTest makes a run test of the one prompt of the organization, with all
// scenarios and evals of the options. The ledger does not count it.
func (s *Server) AddPromptRunTest(name string) uuid.UUID {
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.world.AddPromptRunTest(name, time.Now())
}

// PromptTemplate is the id of the prompt.
func (s *Server) PromptTemplate() uuid.UUID { return s.world.Prompt().Template }

// AddExecution starts an execution of a run test, the given time ago. The ledger records it
// with Aside set. It panics if there is no such run test.
func (s *Server) AddExecution(runTest uuid.UUID, ago time.Duration) uuid.UUID {
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.world.AddExecution(runTest, time.Now().Add(-ago))
}

// CancelExecution cancels an execution. The ledger does not record it. An unknown id is
// ignored.
func (s *Server) CancelExecution(id uuid.UUID) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.world.CancelExecution(id, time.Now())
}

// Executions returns the states of all executions, in the order of their start.
func (s *Server) Executions() []ExecutionState {
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.world.Executions(time.Now())
}

// Running returns how many executions have not ended.
func (s *Server) Running() int {
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.world.Running(time.Now())
}

// CallsPlaced returns how many attempts at calls have been placed, reruns included.
func (s *Server) CallsPlaced() int {
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.world.CallsPlaced(time.Now())
}

// DuplicateReruns returns how many calls were placed again before any client had read the
// end of their previous rerun.
func (s *Server) DuplicateReruns() int {
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.world.DuplicateReruns()
}
