package plan

import (
	"slices"

	"github.com/google/uuid"

	"github.com/agent-gate/agent-gate/internal/calls"
	"github.com/agent-gate/agent-gate/internal/gate/evidence"
	"github.com/agent-gate/agent-gate/internal/text"
)

// chosen returns the scenarios of the run test that will run; none if the server does not list
// them.
func (p *Planner) chosen(t calls.RunTest) ([]calls.Scenario, error) {
	ids := p.config.Target.ScenarioIDs
	if len(ids) == 0 || t.Scenarios == nil {
		return t.Scenarios, nil
	}
	var chosen []calls.Scenario
	for _, id := range ids {
		i := scenarioIndex(t.Scenarios, id)
		if i < 0 {
			return nil, ConfigError{Reason: text.Sprintf("scenario %s is not part of run test %s; correct scenario-ids", id, t.ID)}
		}
		chosen = append(chosen, t.Scenarios[i])
	}
	return chosen, nil
}

// placed returns how many calls scenarios of a run test place; nil if the server does not say.
func placed(t calls.RunTest, scenarios []calls.Scenario) *int {
	if len(scenarios) == 0 {
		return nil
	}
	calls := 0
	for _, p := range evidence.PlanOf(t, scenarios) {
		if p.Calls == nil {
			return nil
		}
		calls += *p.Calls
	}
	return &calls
}

// scenarioIndex finds a scenario by id; -1 if missing.
func scenarioIndex(scenarios []calls.Scenario, id uuid.UUID) int {
	for i, s := range scenarios {
		if s.ID == id {
			return i
		}
	}
	return -1
}

// sameScenarios reports whether a run test has exactly the scenarios that will run.
func sameScenarios(candidate, t calls.RunTest, chosen []uuid.UUID) bool {
	if len(chosen) == 0 {
		for _, s := range t.Scenarios {
			chosen = append(chosen, s.ID)
		}
	}
	return len(chosen) == len(candidate.Scenarios) && !slices.ContainsFunc(chosen, func(id uuid.UUID) bool {
		return scenarioIndex(candidate.Scenarios, id) < 0
	})
}

// hasAll reports whether all ids are keys.
func hasAll[T any](m map[uuid.UUID]T, ids []uuid.UUID) bool {
	for _, id := range ids {
		if _, ok := m[id]; !ok {
			return false
		}
	}
	return true
}
