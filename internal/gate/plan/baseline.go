package plan

import (
	"context"
	"errors"
	"slices"
	"time"

	"github.com/google/uuid"

	"github.com/agent-gate/agent-gate/internal/calls"
	"github.com/agent-gate/agent-gate/internal/client"
	"github.com/agent-gate/agent-gate/internal/gate/evidence"
	"github.com/agent-gate/agent-gate/internal/gate/runname"
	"github.com/agent-gate/agent-gate/internal/text"
	"github.com/agent-gate/agent-gate/internal/verdict"
)

// maxBaselines limits how many gate runs of the target branch are searched for a completed one.
const maxBaselines = 20

// NamedBaseline uses the execution that the user named. If it cannot be a baseline, the run ends
// before anything is created or paid for.
func (p *Planner) NamedBaseline(ctx context.Context) error {
	id := p.config.Baseline.ExecutionID
	if id == uuid.Nil {
		return nil
	}
	if id == p.config.Target.TestExecutionID {
		return ConfigError{Reason: text.Sprintf("baseline: %s is the execution being judged", id)}
	}
	e, err := p.api.Collect(ctx, id)
	if failure, ok := errors.AsType[*client.Error](err); ok && failure.Kind == client.KindNotFound {
		return ConfigError{Reason: text.Sprintf("baseline: there is no test execution %s", id)}
	}
	switch {
	case err != nil:
		return err
	case e.Status != calls.ExecutionCompleted && e.Status != calls.ExecutionFailed:
		return ConfigError{Reason: text.Sprintf("baseline: test execution %s did not finish: it is %s", id, e.Status)}
	case e.Calls.Len() == 0:
		return ConfigError{Reason: text.Sprintf("baseline: test execution %s has no calls", id)}
	}
	p.useBaseline(e, verdict.Execution{ID: id, StartedAt: e.StartedAt}, calls.RunTest{ID: e.RunTestID, Name: e.RunTestName})
	return nil
}

// AutoBaseline finds the newest completed gate run of the target branch. Without one the run goes
// on, because the first run of a branch has none. If the target branch is unknown, no baseline can
// ever be found: that is a mistake if a criterion needs one, else a warning. t is the run test;
// empty if unknown.
func (p *Planner) AutoBaseline(ctx context.Context, t calls.RunTest) error {
	if !p.config.Baseline.Auto {
		return nil
	}
	if p.baselineName == "" {
		why := text.New("baseline: auto compares with the target branch, but neither the CI system nor its event tells which one that is; give the id of a test execution or a JSON report instead")
		if p.config.Rules.NeedsBaseline() {
			return ConfigError{Reason: why}
		}
		p.log.Warn(why)
		return nil
	}
	found, err := p.searchBaseline(ctx, t)
	switch {
	case ctx.Err() != nil:
		return context.Cause(ctx)
	case err != nil && p.config.Rules.NeedsBaseline():
		return err
	case err != nil:
		p.log.Warn(text.Sprintf("No baseline: looking for one failed: %s", text.New(err.Error())))
	case !found && p.config.Rules.NeedsBaseline():
		p.log.Warn(text.Sprintf("%s. Criteria with .change will have no data, so the run cannot pass. The first run of a branch creates its baseline.", p.noBaseline()))
	case !found:
		p.log.Note(text.Sprintf("%s.", p.noBaseline()))
	}
	return nil
}

// noBaseline says what was searched for and not found.
func (p *Planner) noBaseline() text.Untrusted {
	return text.Sprintf("No baseline: no completed gate run is named %q followed by a commit and an id", p.baselineName)
}

// searchBaseline uses the first completed gate run of the target branch: newest first, but runs with
// the same scenarios before others.
func (p *Planner) searchBaseline(ctx context.Context, t calls.RunTest) (found bool, _ error) {
	var same, other []calls.RunTest
	for candidate, err := range p.api.RunTests(ctx, p.baselineName) {
		if err != nil {
			return false, err
		}
		switch {
		case !runname.IsRunOf(p.baselineName, candidate.Name.Raw()), candidate.ID == t.ID:
			continue
		case t.AgentID != uuid.Nil && candidate.AgentID != uuid.Nil && candidate.AgentID != t.AgentID:
			continue // another gate of this branch
		case sameScenarios(candidate, t, p.config.Target.ScenarioIDs):
			same = append(same, candidate)
		default:
			other = append(other, candidate)
		}
		if len(same) >= maxBaselines {
			break
		}
	}
	candidates := append(same, other...)
	for _, candidate := range candidates[:min(len(candidates), maxBaselines)] {
		executions, err := p.api.Executions(ctx, candidate.ID)
		if err != nil {
			return false, err
		}
		i := slices.IndexFunc(executions, func(e calls.ExecutionSummary) bool {
			return e.Status == calls.ExecutionCompleted && e.ID != p.config.Target.TestExecutionID
		})
		if i < 0 {
			continue
		}
		e, err := p.api.Collect(ctx, executions[i].ID)
		if err != nil {
			return false, err
		}
		if e.Status != calls.ExecutionCompleted || e.Calls.Len() == 0 {
			continue
		}
		p.useBaseline(e, verdict.Execution{ID: executions[i].ID, StartedAt: executions[i].StartedAt}, candidate)
		return true, nil
	}
	return false, nil
}

// useBaseline makes an execution the baseline.
func (p *Planner) useBaseline(e calls.Execution, x verdict.Execution, t calls.RunTest) {
	x.CompletedAt, x.AgentType, x.AgentName = e.CompletedAt, e.AgentType, t.AgentName
	x.URL = p.config.API.ExecutionURL(t.ID, x.ID)
	b := verdict.BaselineOfExecution(x, e)
	if b.RunTest.ID == uuid.Nil {
		b.RunTest = verdict.RunTest{ID: t.ID, Name: t.Name}
	}
	b.Evals = evidence.MergeEvals(b.Evals, t.EvalConfigs)
	p.config.Rules.Baseline = b
	name := text.Untrusted{}
	if !b.RunTest.Name.IsEmpty() {
		name = text.Sprintf(" of run test %s", b.RunTest.Name)
	}
	when := text.Untrusted{}
	if x.StartedAt != nil {
		when = text.Sprintf(", started %s", x.StartedAt.UTC().Format(time.RFC3339))
	}
	p.log.Note(text.Sprintf("Baseline: test execution %s%s, %d calls%s.", x.ID, name, e.Calls.Len(), when))
}

// checkBaseline makes sure, before a call is paid for, that a baseline report shares a scenario with
// the run.
func (p *Planner) checkBaseline(planned []verdict.Planned) error {
	b := p.config.Rules.Baseline
	if p.config.Baseline.File == "" || b == nil || len(planned) == 0 || b.SharesScenario(planned) {
		return nil
	}
	return p.noSharedScenario()
}

// CheckBaselineIDs is checkBaseline by scenario ids alone, before a run test is created.
func (p *Planner) CheckBaselineIDs() error {
	b := p.config.Rules.Baseline
	if p.config.Baseline.File == "" || b == nil {
		return nil
	}
	for i := range b.Calls.Len() {
		if id := b.Calls.Brief(i).ScenarioID; id == uuid.Nil || slices.Contains(p.config.Target.ScenarioIDs, id) {
			return nil // shared, or unknown
		}
	}
	return p.noSharedScenario()
}

// noSharedScenario is the error of a report without a shared scenario.
func (p *Planner) noSharedScenario() error {
	return ConfigError{Reason: text.Sprintf("baseline: the report %s has none of the scenarios of this run, so there is nothing to compare", text.New(p.config.Baseline.File))}
}
