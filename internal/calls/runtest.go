package calls

import (
	"encoding/json"
	"time"

	"github.com/google/uuid"

	"github.com/agent-gate/agent-gate/internal/text"
)

// AgentType is what kind of agent a run test speaks to; empty when the server did
// not say.
type AgentType string

// The agent types. Text agents accept only eval_only reruns.
const (
	AgentVoice AgentType = "voice"
	AgentText  AgentType = "text"
)

// RunTest is a configured test: an agent, scenarios and evals. What the server did
// not say is empty.
type RunTest struct {
	ID         uuid.UUID
	Name       text.Untrusted
	AgentID    uuid.UUID // of the agent definition; uuid.Nil when not said
	AgentType  AgentType
	AgentName  text.Untrusted
	SourceType string // "agent_definition" or "prompt"
	// PromptTemplateID is the prompt that takes the agent's place when the source is a prompt
	// (chat.md 9); uuid.Nil otherwise. Such a run test has no agent and says no agent type.
	PromptTemplateID uuid.UUID
	Scenarios        []Scenario   // nil when the server did not say which it has
	EvalConfigs      []EvalConfig // nil when the server did not say which it has
	CreatedAt        *time.Time   // by the server's clock; nil when not said
}

// Scenario is one situation that calls are made of, one call for each row of its
// dataset.
type Scenario struct {
	ID          uuid.UUID
	Name        text.Untrusted
	Status      text.Untrusted // "Completed" when it is ready to run; empty when not said
	DatasetRows *int           // nil when not said
}

// EvalConfig is an eval attached to a run test.
type EvalConfig struct {
	ID         uuid.UUID
	TemplateID uuid.UUID
	Name       text.Untrusted
	// Type is the server's own word for what the eval returns: Pass/Fail, score, choices,
	// numeric or reason. Only the deployed server says so, with an execution; empty when it
	// did not.
	Type text.Untrusted
	// Definition is the server's own object, from which the eval can be copied into
	// another run test.
	Definition json.RawMessage
}
