package evidence

import (
	"slices"

	"github.com/google/uuid"

	"github.com/agent-gate/agent-gate/internal/calls"
	"github.com/agent-gate/agent-gate/internal/text"
	"github.com/agent-gate/agent-gate/internal/verdict"
)

// PlanOf returns the planned calls of scenarios of a run test: one for each dataset row, and one for a
// scenario without a dataset, but none of a prompt. A scenario whose rows are unknown has no number of
// calls.
func PlanOf(t calls.RunTest, scenarios []calls.Scenario) []verdict.Planned {
	if scenarios == nil {
		return nil
	}
	plan := make([]verdict.Planned, len(scenarios))
	for i, s := range scenarios {
		plan[i] = verdict.Planned{ID: s.ID, Name: s.Name}
		if s.DatasetRows != nil {
			plan[i].Calls = new(t.CallsOf(*s.DatasetRows))
		}
	}
	return plan
}

// timesTrials returns the planned calls of several trials.
func timesTrials(plan []verdict.Planned, trials int) []verdict.Planned {
	if trials == 1 {
		return plan
	}
	plan = slices.Clone(plan)
	for i, p := range plan {
		if p.Calls != nil {
			plan[i].Calls = new(*p.Calls * trials)
		}
	}
	return plan
}

// planWith adds unread calls to a plan. Those that the plan does not account for may belong to any
// scenario whose number of calls is unknown.
func planWith(plan []verdict.Planned, calls verdict.Calls, unread int) []verdict.Planned {
	came := map[uuid.UUID]int{}
	named := map[text.Untrusted]int{} // calls that only name their scenario
	var found []verdict.Planned
	for _, c := range calls.All() {
		if c.ScenarioID == uuid.Nil {
			if named[c.Scenario]++; named[c.Scenario] == 1 {
				found = append(found, verdict.Planned{Name: c.Scenario})
			}
			continue
		}
		if came[c.ScenarioID]++; came[c.ScenarioID] == 1 {
			found = append(found, verdict.Planned{ID: c.ScenarioID, Name: c.Scenario})
		}
	}
	if plan == nil {
		plan = found
	}
	cameOf := func(p verdict.Planned) int { return came[p.ID] + named[p.Name] }
	open := false
	for _, p := range plan {
		if p.Calls == nil {
			open = true
			continue
		}
		unread -= max(0, *p.Calls-cameOf(p))
	}
	out := slices.Clone(plan)
	for i, p := range out {
		switch {
		case unread <= 0:
		case p.Calls == nil:
			out[i].Calls = new(cameOf(p) + unread)
		case !open: // more calls than planned
			out[i].Calls = new(max(*p.Calls, cameOf(p)) + unread)
		}
	}
	return out
}
