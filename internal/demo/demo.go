// Package demo is what the demo brings along: scenarios, the stories of the simulated API, and a text agent.
// It runs nothing itself. plans.go has the stories, agent.go the agent.
package demo

import (
	"github.com/google/uuid"

	"github.com/agent-gate/agent-gate/internal/simulator/story"
)

// AgentID is the demo's agent. The simulated API accepts any.
const AgentID = "0a9e0000-0000-4000-8000-000000000001"

// Prompt is a run test of a prompt on the simulated API.
const Prompt = "0a9e0000-0000-4000-8000-000000000021"

// Scenarios are the scenarios of the demo.
func Scenarios() []story.Scenario {
	return []story.Scenario{
		{ID: uuid.MustParse("0a9e0000-0000-4000-8000-000000000011"), Name: "Refund for a damaged order"},
		{ID: uuid.MustParse("0a9e0000-0000-4000-8000-000000000012"), Name: "Billing dispute"},
		{ID: uuid.MustParse("0a9e0000-0000-4000-8000-000000000013"), Name: "Cancel a subscription"},
		{ID: uuid.MustParse("0a9e0000-0000-4000-8000-000000000014"), Name: "Appointment booking"},
	}
}
