package calls

import (
	"encoding/json"
	"time"

	"github.com/google/uuid"

	"github.com/agent-gate/agent-gate/internal/text"
)

// AgentType is the kind of agent a run test talks to; empty if unknown.
type AgentType string

// The agent types. Text agents accept only eval_only reruns.
const (
	AgentVoice AgentType = "voice"
	AgentText  AgentType = "text"
)

// RunTest is a configured test: an agent, scenarios and evals. A field is empty where the
// server did not say.
type RunTest struct {
	ID   uuid.UUID
	Name text.Untrusted
	// Description is what whoever created it says of it.
	Description text.Untrusted
	// AgentVersionID and AgentVersion are the agent version that an execution uses now: the one that was
	// asked for, or the active one. Empty in the documented dialect.
	AgentVersionID uuid.UUID
	AgentVersion   text.Untrusted
	AgentID        uuid.UUID // of the agent definition; uuid.Nil if unknown
	AgentType      AgentType
	AgentName      text.Untrusted
	SourceType     string // "agent_definition" or "prompt"
	// PromptTemplateID is the prompt under test if the source is a prompt (chat.md 9); uuid.Nil
	// otherwise. Such a run test has no agent, and its AgentType is empty.
	PromptTemplateID uuid.UUID
	Scenarios        []Scenario   // nil if the server did not list them
	EvalConfigs      []EvalConfig // nil if the server did not list them
	CreatedAt        *time.Time   // by the server's clock; nil if unknown
}

// Scenario is one situation to test, with one call for each row of its dataset.
type Scenario struct {
	ID          uuid.UUID
	Name        text.Untrusted
	Status      text.Untrusted // "Completed" if ready to run; empty if unknown
	DatasetRows *int           // nil if unknown
}

// EvalConfig is an eval attached to a run test.
type EvalConfig struct {
	ID         uuid.UUID
	TemplateID uuid.UUID
	Name       text.Untrusted
	// Type is the server's own word for what the eval returns: Pass/Fail, score, choices,
	// numeric or reason. Only the deployed server says so, with an execution; otherwise it is
	// empty.
	Type text.Untrusted
	// Definition is the server's own JSON object, from which the eval can be copied to another
	// run test.
	Definition json.RawMessage
}
