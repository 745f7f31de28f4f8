package demo

import (
	"context"
	"strings"

	"github.com/agent-gate/agent-gate/internal/agent"
	"github.com/agent-gate/agent-gate/internal/text"
)

// TextAgent is the demo's text agent. It grants whatever the customers of the demo want.
type TextAgent struct{}

var _ agent.Agent = TextAgent{}

// Ready implements [agent.Agent].
func (TextAgent) Ready(context.Context) error { return nil }

// Ask implements [agent.Agent].
func (TextAgent) Ask(_ context.Context, q agent.Question) (agent.Answer, error) {
	said := "That is settled. Is there anything else?"
	switch scenario := strings.ToLower(q.Scenario.Line()); {
	case strings.Contains(scenario, "refund"):
		said = "I am sorry about that. The full refund is on its way."
	case strings.Contains(scenario, "billing"):
		said = "You are right, that is a duplicate. It is credited today."
	case strings.Contains(scenario, "subscription"):
		said = "Your subscription is cancelled as of the end of the month."
	case strings.Contains(scenario, "appointment"):
		said = "You are booked for Tuesday at nine. A reminder follows."
	}
	return agent.Answer{Content: text.New(said)}, nil
}

// Dead implements [agent.Agent].
func (TextAgent) Dead() <-chan struct{} { return nil }

// Err implements [agent.Agent].
func (TextAgent) Err() error { return nil }

// Close implements [agent.Agent].
func (TextAgent) Close() error { return nil }
