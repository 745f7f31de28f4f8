package plan

import (
	"context"
	"slices"
	"strings"
	"time"

	"github.com/google/uuid"

	"github.com/agent-gate/agent-gate/internal/calls"
	"github.com/agent-gate/agent-gate/internal/config"
	"github.com/agent-gate/agent-gate/internal/text"
	"github.com/agent-gate/agent-gate/internal/verdict"
)

// AttachedRunTest finds the run test of an attached execution if new evals will run on it: they are
// started on the run test. It returns the run test with only the new evals, because others may be
// newer than the execution. needed is false if there are no new evals.
func (p *Planner) AttachedRunTest(ctx context.Context, execution uuid.UUID) (t calls.RunTest, needed bool, _ error) {
	if len(p.config.NewEvalConfigIDs) == 0 {
		return t, false, nil
	}
	progress, err := p.api.Poll(ctx, execution)
	if err != nil {
		return t, false, err
	}
	if progress.RunTestID != uuid.Nil {
		t, err := p.api.RunTest(ctx, progress.RunTestID)
		if err != nil {
			return t, false, err
		}
		return p.attached(t)
	}
	// The deployed server does not say which run test an execution belongs to. Evals belong to
	// one run test, so look for one that has these evals and this execution.
	for t, err := range p.api.RunTests(ctx, "") {
		if err != nil {
			return t, false, err
		}
		if p.checkNewEvals(t) != nil {
			continue
		}
		executions, err := p.api.Executions(ctx, t.ID)
		if err != nil {
			return t, false, err
		}
		if listed(executions, execution) >= 0 {
			return p.attached(t)
		}
	}
	return t, false, ConfigError{Reason: text.Sprintf("new-eval-config-ids: no run test has these eval configs and, among its newest executions, %s. "+
		"The server does not say which run test an execution belongs to. Check that the eval configs belong to the run test of this execution, "+
		"or run new evals in the job that starts the execution, with run-test-id", execution)}
}

// attached returns the run test of an attached execution, with only the new evals.
func (p *Planner) attached(t calls.RunTest) (calls.RunTest, bool, error) {
	if err := p.checkNewEvals(t); err != nil {
		return t, false, err
	}
	t.EvalConfigs = slices.DeleteFunc(slices.Clone(t.EvalConfigs), func(e calls.EvalConfig) bool { return !p.RunsLater(e.ID) })
	return t, true, nil
}

// maxIdentified limits how many run tests Identify looks at.
const maxIdentified = 50

// Identified is what the run test of an execution says about it.
type Identified struct {
	RunTest   calls.RunTest
	Scenarios []calls.Scenario // the ones it was started with
	// Evals are those that may still produce results, without the new evals.
	Evals     []calls.EvalConfig
	StartedAt *time.Time // nil if unknown
}

// Identify finds the run test of an attached execution, for the report and for the planned calls. In
// the documented dialect the execution names it (known); in the deployed one it is the run test that
// has the scenarios of the calls and lists the execution. ok is false if it is not found.
func (p *Planner) Identify(ctx context.Context, id, known uuid.UUID, calls verdict.Calls) (found Identified, ok bool) {
	if known != uuid.Nil {
		t, err := p.api.RunTest(ctx, known)
		if err != nil {
			p.log.Note(text.Sprintf("Could not read the run test of the execution, so it is not known how many calls were planned: %s", text.New(err.Error())))
			return found, false
		}
		list, _ := p.api.Executions(ctx, known) // it only tells which scenarios were chosen
		return p.identified(id, t, list), true
	}
	var scenarios []uuid.UUID
	for _, c := range calls.All() {
		if c.ScenarioID != uuid.Nil && !slices.Contains(scenarios, c.ScenarioID) {
			scenarios = append(scenarios, c.ScenarioID)
		}
	}
	if len(scenarios) == 0 {
		return found, false
	}
	looked := 0
	for t, err := range p.api.RunTests(ctx, "") {
		if looked++; err != nil || looked > maxIdentified {
			break
		}
		if slices.ContainsFunc(scenarios, func(s uuid.UUID) bool { return scenarioIndex(t.Scenarios, s) < 0 }) {
			continue
		}
		list, err := p.api.Executions(ctx, t.ID)
		if err == nil && listed(list, id) >= 0 {
			return p.identified(id, t, list), true
		}
	}
	p.log.Note(text.New("No run test was found for this execution, so it is not known how many calls were planned."))
	return found, false
}

// identified returns what a run test and its list of executions say about one execution.
func (p *Planner) identified(id uuid.UUID, t calls.RunTest, list []calls.ExecutionSummary) Identified {
	found := Identified{RunTest: t, Scenarios: t.Scenarios}
	if i := listed(list, id); i >= 0 {
		found.StartedAt = list[i].StartedAt
		if names := list[i].Scenarios.Raw(); names != "" {
			// It may have been started with a subset.
			found.Scenarios = slices.DeleteFunc(slices.Clone(t.Scenarios), func(s calls.Scenario) bool {
				return !strings.Contains(", "+names+", ", ", "+s.Name.Raw()+", ")
			})
		}
	}
	// Its evals that have no result here may be late, or newer than the execution.
	found.Evals = slices.DeleteFunc(slices.Clone(t.EvalConfigs), func(c calls.EvalConfig) bool { return p.RunsLater(c.ID) })
	return found
}

// CheckCame makes sure that the baseline report of an attached execution shares a scenario with its
// calls.
func (p *Planner) CheckCame(calls verdict.Calls) error {
	b := p.config.Rules.Baseline
	if p.config.Target.Mode != config.ModeAttach || p.config.Baseline.File == "" || b == nil || calls.Len() == 0 {
		return nil
	}
	var came []verdict.Planned
	for i := range calls.Len() {
		c := calls.Brief(i)
		if p := (verdict.Planned{ID: c.ScenarioID, Name: c.Scenario}); !slices.Contains(came, p) {
			came = append(came, p)
		}
	}
	if b.SharesScenario(came) {
		return nil
	}
	return p.noSharedScenario()
}

// listed returns the index of an execution in a list; -1 if missing.
func listed(list []calls.ExecutionSummary, id uuid.UUID) int {
	return slices.IndexFunc(list, func(e calls.ExecutionSummary) bool { return e.ID == id })
}
