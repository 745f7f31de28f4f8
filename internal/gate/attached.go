package gate

import (
	"context"
	"slices"
	"strings"
	"time"

	"github.com/google/uuid"

	"github.com/agent-gate/agent-gate/internal/client"
	"github.com/agent-gate/agent-gate/internal/config"
	"github.com/agent-gate/agent-gate/internal/text"
	"github.com/agent-gate/agent-gate/internal/verdict"
)

// maxIdentified is how many run tests are looked at for the one of an attached execution.
const maxIdentified = 50

// identify finds out to which run test an execution belongs that somebody else started, so
// that the report names it and what it was to test is known. In the documented dialect the
// execution says so; in the deployed one it is a run test with its scenarios that lists it.
// What cannot be found out stays unknown.
func (r *run) identify(ctx context.Context) {
	if r.Config.Target.Mode != config.ModeAttach || r.identifying {
		return
	}
	r.identifying = true // once
	id := r.paid.ID()
	if known := r.paid.RunTest().ID; known != uuid.Nil {
		t, err := r.API.RunTest(ctx, known)
		if err != nil {
			r.log.Note(text.Sprintf("The run test of the execution could not be read, so how many calls were planned is not known: %s", text.New(err.Error())))
			return
		}
		list, _ := r.API.Executions(ctx, known) // it only tells which scenarios were chosen
		r.identified(t, list)
		return
	}
	var scenarios []uuid.UUID
	for _, c := range r.evidence.Calls.All() {
		if c.ScenarioID != uuid.Nil && !slices.Contains(scenarios, c.ScenarioID) {
			scenarios = append(scenarios, c.ScenarioID)
		}
	}
	if len(scenarios) == 0 {
		return
	}
	looked := 0
	for t, err := range r.API.RunTests(ctx, "") {
		if looked++; err != nil || looked > maxIdentified {
			break
		}
		if slices.ContainsFunc(scenarios, func(s uuid.UUID) bool { return scenarioIndex(t.Scenarios, s) < 0 }) {
			continue
		}
		list, err := r.API.Executions(ctx, t.ID)
		if err == nil && lists(list, id) {
			r.paid.UseRunTest(t, false)
			r.paid.UseExecution(id)
			r.identified(t, list)
			return
		}
	}
	r.log.Note(text.New("No run test was found that this execution belongs to, so how many calls were planned is not known."))
}

// identified takes over what the run test of an attached execution tells of it.
func (r *run) identified(t client.RunTest, list []client.ExecutionSummary) {
	chosen := t.Scenarios
	var startedAt *time.Time
	i := slices.IndexFunc(list, func(s client.ExecutionSummary) bool { return s.ID == r.paid.ID() })
	if i >= 0 {
		startedAt = list[i].StartedAt
		if names := list[i].Scenarios.Raw(); names != "" {
			// It may have been started with some of them only.
			chosen = slices.DeleteFunc(slices.Clone(chosen), func(s client.Scenario) bool {
				return !strings.Contains(", "+names+", ", ", "+s.Name.Raw()+", ")
			})
		}
	}
	r.paid.FillIn(t, startedAt)
	r.evidence.Plan = planOf(chosen)
	// Its evals that have no result here may be late, or newer than the execution.
	r.evidence.Evals = mergeEvals(r.evidence.Evals, slices.DeleteFunc(slices.Clone(t.EvalConfigs), func(c client.EvalConfig) bool {
		return runsLater(r.Config, c.ID)
	}))
}

// checkAttachedBaseline makes sure that a report that an attached execution is compared with
// has a scenario in common with it.
func (r *run) checkAttachedBaseline() error {
	b := r.Config.Rules.Baseline
	if r.Config.Target.Mode != config.ModeAttach || r.Config.Baseline.File == "" || b == nil || r.evidence.Calls.Len() == 0 {
		return nil
	}
	var came []verdict.Planned
	for i := range r.evidence.Calls.Len() {
		c := r.evidence.Calls.Brief(i)
		if p := (verdict.Planned{ID: c.ScenarioID, Name: c.Scenario}); !slices.Contains(came, p) {
			came = append(came, p)
		}
	}
	if b.SharesScenario(came) {
		return nil
	}
	return r.noSharedScenario()
}
