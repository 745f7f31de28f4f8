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

// AttachedRunTest finds the run test of an execution that somebody else started, when
// new evals are to run on it: they are started at the run test. Of its evals it has those that
// run later, since others may be newer than the execution. needed is false when there are none.
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
	// The deployed server does not say which run test an execution belongs to. Evals
	// belong to one: it is a run test that has them and this execution.
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

// attached is the run test of an attached execution, with the evals that run later.
func (p *Planner) attached(t calls.RunTest) (calls.RunTest, bool, error) {
	if err := p.checkNewEvals(t); err != nil {
		return t, false, err
	}
	t.EvalConfigs = slices.DeleteFunc(slices.Clone(t.EvalConfigs), func(e calls.EvalConfig) bool { return !p.RunsLater(e.ID) })
	return t, true, nil
}

// maxIdentified is how many run tests are looked at for the one of an attached execution.
const maxIdentified = 50

// Identified is what the run test of an execution tells of it.
type Identified struct {
	RunTest   calls.RunTest
	Scenarios []calls.Scenario // that it was started with
	// Evals may have no result because they are late. Those that run later are not among them.
	Evals     []calls.EvalConfig
	StartedAt *time.Time // nil when not known
}

// Identify finds out to which run test an execution belongs that somebody else started, so
// that the report names it and what it was to test is known. In the documented dialect the
// execution says so, and its run test is known; in the deployed one it is a run test with the
// scenarios of its calls that lists it. What cannot be found out stays unknown.
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

// identified is what a run test and the list of its executions tell of one of them.
func (p *Planner) identified(id uuid.UUID, t calls.RunTest, list []calls.ExecutionSummary) Identified {
	found := Identified{RunTest: t, Scenarios: t.Scenarios}
	if i := listed(list, id); i >= 0 {
		found.StartedAt = list[i].StartedAt
		if names := list[i].Scenarios.Raw(); names != "" {
			// It may have been started with some of them only.
			found.Scenarios = slices.DeleteFunc(slices.Clone(t.Scenarios), func(s calls.Scenario) bool {
				return !strings.Contains(", "+names+", ", ", "+s.Name.Raw()+", ")
			})
		}
	}
	// Its evals that have no result here may be late, or newer than the execution.
	found.Evals = slices.DeleteFunc(slices.Clone(t.EvalConfigs), func(c calls.EvalConfig) bool { return p.RunsLater(c.ID) })
	return found
}

// CheckCame makes sure that a report that an attached execution is compared with has a
// scenario in common with the calls that came.
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

// listed is the place of an execution in a list; -1 when it is not there.
func listed(list []calls.ExecutionSummary, id uuid.UUID) int {
	return slices.IndexFunc(list, func(e calls.ExecutionSummary) bool { return e.ID == id })
}
