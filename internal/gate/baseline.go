package gate

import (
	"context"
	"errors"
	"slices"
	"time"

	"github.com/google/uuid"

	"github.com/agent-gate/agent-gate/internal/client"
	"github.com/agent-gate/agent-gate/internal/gate/paid"
	"github.com/agent-gate/agent-gate/internal/gate/runname"
	"github.com/agent-gate/agent-gate/internal/text"
	"github.com/agent-gate/agent-gate/internal/verdict"
)

// maxBaselines is how many gate runs of the target branch are looked at for one that has
// completed.
const maxBaselines = 20

// namedBaseline uses an execution that the user named. What cannot be compared with is
// told before anything is made or paid for: the run would not be judged.
func (r *run) namedBaseline(ctx context.Context) error {
	id := r.Config.Baseline.ExecutionID
	if id == uuid.Nil {
		return nil
	}
	if id == r.Config.Target.TestExecutionID {
		return configError{text.Sprintf("baseline: %s is the execution that is judged", id)}
	}
	e, err := r.API.Collect(ctx, id)
	if failure, ok := errors.AsType[*client.Error](err); ok && failure.Kind == client.KindNotFound {
		return configError{text.Sprintf("baseline: there is no test execution %s", id)}
	}
	switch {
	case err != nil:
		return err
	case e.Status != client.ExecutionCompleted && e.Status != client.ExecutionFailed:
		return configError{text.Sprintf("baseline: test execution %s did not run to its end: it is %s", id, e.Status)}
	case e.Calls.Len() == 0:
		return configError{text.Sprintf("baseline: test execution %s has no calls", id)}
	}
	r.useBaseline(e, verdict.Execution{ID: id, StartedAt: e.StartedAt}, client.RunTest{ID: e.RunTestID, Name: e.RunTestName})
	return nil
}

// autoBaseline looks for the newest completed gate run of the target branch. Without one
// the run goes on: the first run of a branch has none. Where the branch is not known, none
// can ever be found, which is said before a call is paid for. t is the run test, empty when it is
// not known.
func (r *run) autoBaseline(ctx context.Context, t client.RunTest) error {
	if !r.Config.Baseline.Auto {
		return nil
	}
	if r.BaselineName == "" {
		why := text.New("baseline: auto compares with the target branch, and neither a CI system nor its event says here which one that is; give the id of a test execution or a JSON report")
		if r.Config.Rules.NeedsBaseline() {
			return configError{why}
		}
		r.log.Warn(why)
		return nil
	}
	found, err := r.searchBaseline(ctx, t)
	switch {
	case ctx.Err() != nil:
		return context.Cause(ctx)
	case err != nil && r.Config.Rules.NeedsBaseline():
		return err
	case err != nil:
		r.log.Warn(text.Sprintf("No baseline, looking for it failed: %s", text.New(err.Error())))
	case !found && r.Config.Rules.NeedsBaseline():
		r.log.Warn(text.Sprintf("%s: the criteria with .change will have no data, and the run cannot pass. The first run of a branch makes its baseline.", r.noBaseline()))
	case !found:
		r.log.Note(text.Sprintf("%s.", r.noBaseline()))
	}
	return nil
}

// noBaseline says what was looked for and not found.
func (r *run) noBaseline() text.Untrusted {
	return text.Sprintf("No baseline: no gate run that has completed is named %q with a commit and an id behind it", r.BaselineName)
}

// searchBaseline goes through the gate runs of the target branch, newest first, those
// with the same scenarios before others, and uses the first that has completed.
func (r *run) searchBaseline(ctx context.Context, t client.RunTest) (found bool, _ error) {
	var same, other []client.RunTest
	for candidate, err := range r.API.RunTests(ctx, r.BaselineName) {
		if err != nil {
			return false, err
		}
		switch {
		case !runname.IsRunOf(r.BaselineName, candidate.Name.Raw()), candidate.ID == t.ID:
			continue
		case t.AgentID != uuid.Nil && candidate.AgentID != uuid.Nil && candidate.AgentID != t.AgentID:
			continue // another gate of this branch
		case sameScenarios(candidate, t, r.Config.Target.ScenarioIDs):
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
		executions, err := r.API.Executions(ctx, candidate.ID)
		if err != nil {
			return false, err
		}
		i := slices.IndexFunc(executions, func(e client.ExecutionSummary) bool {
			return e.Status == client.ExecutionCompleted && e.ID != r.Config.Target.TestExecutionID
		})
		if i < 0 {
			continue
		}
		e, err := r.API.Collect(ctx, executions[i].ID)
		if err != nil {
			return false, err
		}
		if e.Status != client.ExecutionCompleted || e.Calls.Len() == 0 {
			continue
		}
		r.useBaseline(e, verdict.Execution{ID: executions[i].ID, StartedAt: executions[i].StartedAt}, candidate)
		return true, nil
	}
	return false, nil
}

// sameScenarios reports whether a run test has the scenarios that will run, and no
// others.
func sameScenarios(candidate, t client.RunTest, chosen []uuid.UUID) bool {
	if len(chosen) == 0 {
		for _, s := range t.Scenarios {
			chosen = append(chosen, s.ID)
		}
	}
	return len(chosen) == len(candidate.Scenarios) && !slices.ContainsFunc(chosen, func(id uuid.UUID) bool {
		return scenarioIndex(candidate.Scenarios, id) < 0
	})
}

// useBaseline compares the run with an execution.
func (r *run) useBaseline(e client.Execution, x verdict.Execution, t client.RunTest) {
	x.CompletedAt, x.AgentType, x.AgentName = e.CompletedAt, e.AgentType, t.AgentName
	x.URL = paid.ExecutionURL(r.Config.API.DashboardURL, t.ID, x.ID)
	b := verdict.BaselineOfExecution(x, e)
	if b.RunTest.ID == uuid.Nil {
		b.RunTest = verdict.RunTest{ID: t.ID, Name: t.Name}
	}
	b.Evals = mergeEvals(b.Evals, t.EvalConfigs)
	r.Config.Rules.Baseline = b
	name := text.Untrusted{}
	if !b.RunTest.Name.IsEmpty() {
		name = text.Sprintf(" of run test %s", b.RunTest.Name)
	}
	when := text.Untrusted{}
	if x.StartedAt != nil {
		when = text.Sprintf(", started %s", x.StartedAt.UTC().Format(time.RFC3339))
	}
	r.log.Note(text.Sprintf("Baseline: test execution %s%s, %d calls%s.", x.ID, name, e.Calls.Len(), when))
}

// compare warns of what makes the run and its baseline incomparable.
func (r *run) compare() {
	if c := verdict.Compare(r.known(), r.Config.Rules); c != nil {
		for _, w := range c.Warnings {
			r.log.Warn(w)
		}
	}
}
