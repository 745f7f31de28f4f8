package plan

import (
	"github.com/google/uuid"

	"github.com/agent-gate/agent-gate/internal/calls"
	"github.com/agent-gate/agent-gate/internal/text"
)

// checkPrompt checks whether a run test of a prompt can be executed: the server holds both sides of its
// conversations.
func (p *Planner) checkPrompt(t calls.RunTest) error {
	input := text.New(p.config.Agent.Input())
	switch {
	case p.config.Agent.Given():
		return ConfigError{Reason: text.Sprintf("%s: run test %s tests a prompt, and the server holds those conversations itself. Remove %s, or use a run test of a text agent", input, t.ID, input)}
	case p.config.Target.SimulatorID != uuid.Nil:
		return ConfigError{Reason: text.Sprintf("simulator-id: run test %s tests a prompt, and the API takes no simulator for those; remove it", t.ID)}
	case t.Prompt.TemplateID == uuid.Nil:
		return ConfigError{Reason: text.Sprintf("run test %s tests a prompt, but the server does not say which one, so it cannot be executed", t.ID)}
	}
	p.log.Note(text.Sprintf("This run test tests the prompt %s. The server holds its conversations.", t.Prompt.Title()))
	return nil
}

// checkRows makes sure that every chosen scenario makes a call. A prompt makes none for a scenario
// without a dataset (chat.md 9), and a run in which a scenario was not tested cannot pass.
func checkRows(t calls.RunTest, chosen []calls.Scenario) error {
	var empty []text.Untrusted
	for _, s := range chosen {
		if s.DatasetRows != nil && t.CallsOf(*s.DatasetRows) == 0 {
			empty = append(empty, text.Sprintf("%q", s.Name))
		}
	}
	if len(empty) == 0 {
		return nil
	}
	what := text.Sprintf("scenario %s has no dataset", empty[0])
	if len(empty) > 1 {
		what = text.Sprintf("%d scenarios have no dataset (%s)", len(empty), text.Join(", ", empty...))
	}
	return ConfigError{Reason: text.Sprintf("%s: with a prompt the server makes no call without a dataset row, so it would not be tested. Add rows, or choose other scenarios with scenario-ids", what)}
}
