package story

import "github.com/google/uuid"

// Scenario is a named situation with a dataset; each row becomes one call.
type Scenario struct {
	ID     uuid.UUID // drawn if nil
	Name   string
	Rows   int    // 0 is 5
	Status string // "" is "Completed"; with any other, execute refuses the scenario
	// NoDataset makes it a scenario without a dataset, which becomes one call.
	NoDataset bool
}

// Eval is an eval config of the organisation.
type Eval struct {
	ID         uuid.UUID // drawn if nil
	TemplateID uuid.UUID // drawn if nil
	Name       string
	// Type is Pass/Fail, score, choices, numeric or reason.
	Type string
	// Choices are the labels, the good one first. A Pass/Fail eval with choices returns
	// one of them instead of Passed or Failed; a score eval with choices returns an
	// object with score and choice.
	Choices []string
	// OnRequest attaches the eval to the run test without running it with the calls:
	// only run-new-evals runs it.
	OnRequest bool
}

// The eval types.
const (
	TypePassFail = "Pass/Fail"
	TypeScore    = "score"
	TypeChoices  = "choices"
	TypeNumeric  = "numeric"
	TypeReason   = "reason"
)

// DefaultScenarios are the scenarios with a script of their own.
func DefaultScenarios() []Scenario {
	return []Scenario{
		{Name: "Refund for a damaged order"},
		{Name: "Billing dispute"},
		{Name: "Cancel a subscription"},
		{Name: "Appointment booking"},
	}
}

// DefaultEvals has one eval for each kind of result.
func DefaultEvals() []Eval {
	return []Eval{
		{Name: "is_helpful", Type: TypePassFail},
		{Name: "groundedness", Type: TypeScore},
		{Name: "tone", Type: TypeChoices, Choices: []string{"Polite", "Neutral", "Rude"}},
		{Name: "agent_words", Type: TypeNumeric},
		{Name: "issue_summary", Type: TypeReason},
		{Name: "resolution_quality", Type: TypeScore, Choices: []string{"Resolved", "Partly resolved", "Unresolved"}},
		{Name: "escalation_path", Type: TypePassFail, Choices: []string{"self_service", "human_agent", "none"}},
	}
}
