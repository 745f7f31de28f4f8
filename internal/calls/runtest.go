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
	SourceType     string // "agent_definition" or SourcePrompt
	// Prompt is what is under test if the source is a prompt. Such a run test has no agent: its
	// AgentType is text, as the server says of its executions, and its AgentName the prompt's.
	Prompt      Prompt
	Scenarios   []Scenario   // nil if the server did not list them
	EvalConfigs []EvalConfig // nil if the server did not list them
	// ToolEvaluation is whether the agent's calls of tools are evaluated too; nil if unknown.
	ToolEvaluation *bool
	CreatedAt      *time.Time // by the server's clock; nil if unknown
}

// SourcePrompt is the source type of a run test of a prompt, whose conversations the server
// holds (chat.md 9).
const SourcePrompt = "prompt"

// OfPrompt reports whether the run test tests a prompt instead of an agent.
func (t RunTest) OfPrompt() bool { return t.SourceType == SourcePrompt }

// CallsOf is how many calls a scenario makes that has so many dataset rows: one for each, and one
// without a dataset, where a prompt makes none (chat.md 3 and 9).
func (t RunTest) CallsOf(rows int) int {
	if t.OfPrompt() {
		return rows
	}
	return max(rows, 1)
}

// Prompt is a prompt template in one of its versions. A field is empty where the server did not
// say.
type Prompt struct {
	TemplateID uuid.UUID
	Name       text.Untrusted
	VersionID  uuid.UUID
	Version    text.Untrusted // its name, such as v1
}

// Title names the prompt and its version for people.
func (p Prompt) Title() text.Untrusted {
	name := text.Sprintf("%q", p.Name)
	if p.Name.IsEmpty() {
		name = text.New(p.TemplateID.String())
	}
	switch {
	case !p.Version.IsEmpty():
		return text.Sprintf("%s version %s", name, p.Version)
	case p.VersionID != uuid.Nil:
		return text.Sprintf("%s version %s", name, p.VersionID)
	}
	return name
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
