package plan

import (
	"context"
	"slices"
	"time"

	"github.com/google/uuid"

	"github.com/agent-gate/agent-gate/internal/budget"
	"github.com/agent-gate/agent-gate/internal/calls"
	"github.com/agent-gate/agent-gate/internal/config"
	"github.com/agent-gate/agent-gate/internal/text"
)

const (
	// maxHistory limits how many run tests of the same agent are searched for completed executions.
	maxHistory = 5
	// maxSearched limits how many run tests are looked at to find those: a list takes 0.15 s for each
	// (real-server.md, row 13).
	maxSearched = 100
	// maxExecutions is how many executions an estimate rests on at most: each is read with all its calls.
	maxExecutions = 3
)

// pastRun is an earlier execution of the same.
type pastRun struct {
	id uuid.UUID
	e  calls.Execution
}

// history reads the newest completed executions of run tests, as far as they can be read; if there are none, those that
// failed with calls, which cost something too.
func (p *Planner) history(ctx context.Context, past []uuid.UUID) (found []pastRun) {
	var failed []uuid.UUID
	read := func(id uuid.UUID) (enough bool) {
		if e, err := p.api.Collect(ctx, id); err == nil && e.Calls.Len() > 0 {
			found = append(found, pastRun{id, e})
		}
		return len(found) == maxExecutions
	}
	for _, t := range past {
		list, err := p.api.Executions(ctx, t)
		if err != nil {
			continue
		}
		for _, s := range list {
			switch s.Status {
			case calls.ExecutionCompleted:
				if read(s.ID) {
					return found
				}
			case calls.ExecutionFailed:
				failed = append(failed, s.ID)
			}
		}
	}
	if len(found) == 0 {
		for _, id := range failed[:min(len(failed), maxExecutions)] {
			read(id)
		}
	}
	return found
}

// Estimate estimates what all trials of a run test will take, from earlier executions of the same; nil if
// there are none. planned are the calls of a trial; 0 if unknown. A failed read only costs the estimate.
func (p *Planner) Estimate(ctx context.Context, t calls.RunTest, planned int) *budget.Estimate {
	chosen, _ := p.chosen(t)
	return p.estimateOf(p.history(ctx, p.same(ctx, t)), chosen, planned)
}

// same returns the run tests that may have run the same before: the one that the user named, or earlier
// ones with the same agent and scenarios.
func (p *Planner) same(ctx context.Context, t calls.RunTest) (past []uuid.UUID) {
	if p.config.Target.Mode == config.ModeExecute {
		return []uuid.UUID{p.config.Target.RunTestID}
	}
	looked := 0
	for other, err := range p.api.RunTests(ctx, "") {
		if looked++; err != nil || looked > maxSearched || len(past) == maxHistory {
			break
		}
		if other.ID != t.ID && other.AgentID == p.config.Target.AgentDefinitionID && sameScenarios(other, calls.RunTest{}, p.config.Target.ScenarioIDs) {
			past = append(past, other.ID)
		}
	}
	return past
}

// estimateOf estimates calls of the chosen scenarios; of all if none are known.
func (p *Planner) estimateOf(past []pastRun, chosen []calls.Scenario, planned int) *budget.Estimate {
	isChosen := func(c calls.Call) bool {
		return len(chosen) == 0 || slices.ContainsFunc(chosen, func(s calls.Scenario) bool {
			return s.ID == c.ScenarioID || c.ScenarioID == uuid.Nil && (s.Name == c.Scenario || s.Name.IsEmpty())
		})
	}
	var spent []budget.Spent
	for _, run := range past {
		var s budget.Spent
		for _, c := range run.e.Calls.All() {
			if isChosen(c) {
				s.Add(budget.Last(c)) // reruns are not planned
			}
		}
		spent = append(spent, s)
	}
	return budget.EstimateOf(planned, p.config.Trials.Count, spent)
}

// readHistory estimates the calls and notes what the newest comparable execution was like. It is no
// problem if there is none or it cannot be read.
func (d *dryRun) readHistory(ctx context.Context) error {
	if d.config.Target.Mode == config.ModeAttach {
		return nil
	}
	var ids []uuid.UUID
	for _, t := range d.past {
		ids = append(ids, t.ID)
	}
	found := d.history(ctx, ids)
	if len(found) == 0 {
		d.log.Note(text.New("History: no execution that ended to estimate minutes and cost from."))
		return nil
	}
	newest := found[0]
	// In the deployed dialect only a poll has the times.
	if p, err := d.api.Poll(ctx, newest.id); err == nil {
		newest.e.StartedAt, newest.e.CompletedAt = p.StartedAt, p.CompletedAt
	}
	d.log.Note(newest.words())
	planned := 0
	if list := placed(d.runTest, d.scenarios); list != nil {
		planned = *list
	}
	d.found.Estimate = d.estimateOf(found, d.scenarios, planned)
	d.found.OverBudget = d.config.Limits().Forbids(d.found.Estimate)
	return nil
}

// words describes the size, duration and cost of the execution, as far as the server says.
func (p pastRun) words() text.Untrusted {
	out := text.Sprintf("History: the newest %s execution, %s, had %d calls", string(p.e.Status), p.id, p.e.Calls.Len())
	if p.e.StartedAt != nil && p.e.CompletedAt != nil && p.e.CompletedAt.After(*p.e.StartedAt) {
		out = text.Sprintf("%s, took %s", out, p.e.CompletedAt.Sub(*p.e.StartedAt).Round(time.Second))
	}
	var s budget.Spent
	for _, c := range p.e.Calls.All() {
		s.Add(budget.Of(c))
	}
	if s.Priced > 0 {
		out = text.Sprintf("%s, cost %s for %d of them", out, budget.Dollars(s.Cents), s.Priced)
	}
	return text.Sprintf("%s.", out)
}
