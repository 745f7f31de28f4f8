package gate

import (
	"context"
	"fmt"
	"strings"

	"github.com/agent-gate/agent-gate/internal/client"
	"github.com/agent-gate/agent-gate/internal/config"
	"github.com/agent-gate/agent-gate/internal/text"
)

// planBaseline looks for the baseline as a run would.
func (r *run) planBaseline(ctx context.Context, p *plan) error {
	if r.evidence.Plan = planOf(p.scenarios); r.Config.Target.Mode != config.ModeAttach {
		if err := r.checkBaseline(); err != nil {
			return err
		}
	}
	if err := r.namedBaseline(ctx); err != nil {
		return err
	}
	if err := r.autoBaseline(ctx, p.runTest); err != nil {
		return err
	}
	if r.Config.Baseline.Auto && r.Config.Rules.Baseline == nil && r.Config.Rules.NeedsBaseline() {
		p.problems = append(p.problems, text.Sprintf("%s, and the criteria with .change need one", r.noBaseline()))
	}
	return nil
}

// planCalls checks the agent and the scenarios, and counts the calls.
func (r *run) planCalls(_ context.Context, p *plan) error {
	if r.Config.Target.Mode == config.ModeAttach {
		return nil
	}
	for _, s := range p.scenarios {
		// The execute would be refused (contract, section 2).
		if status := s.Status.Raw(); status != "" && !strings.EqualFold(status, "completed") {
			p.problems = append(p.problems, text.Sprintf("scenario %s %q is not ready: its status is %s", s.ID, s.Name, s.Status))
		}
		rows := "an unknown number of calls"
		if s.DatasetRows != nil {
			rows = fmt.Sprintf("calls: %d", max(*s.DatasetRows, 1))
		}
		r.log.Note(text.Sprintf("Scenario %s %q, %s.", s.ID, s.Name, rows))
	}
	if calls := placed(p.scenarios); calls != nil && len(p.scenarios) > 0 {
		if limit := r.Config.MaxCalls; limit > 0 && *calls > limit {
			p.problems = append(p.problems, text.Sprintf("the run would place %d calls, more than max-calls %d", *calls, limit))
		}
		again := 0
		if r.Config.Reruns.Type != client.RerunEvalOnly && p.runTest.AgentType != client.AgentText {
			again = r.Config.Reruns.Attempts * min(*calls, r.Config.Reruns.Max.Of(*calls))
		}
		if limit := r.Config.MaxCalls; limit > 0 {
			again = min(again, max(0, limit-*calls))
		}
		r.log.Note(text.Sprintf("Calls: about %d; reruns add %d at most.", *calls, again))
	} else {
		r.log.Note(text.New("Calls: not known, since the server does not say how many rows the scenarios have."))
	}
	return r.checkAgent(p.runTest)
}

// planCriteria looks for criteria on scenarios and evals that will not be there.
func (r *run) planCriteria(ctx context.Context, p *plan) error {
	for _, c := range r.Config.Rules.Criteria {
		r.log.Note(text.Sprintf("Criterion: %s", text.New(c.String())))
	}
	p.problems = append(p.problems, r.mistakes(ctx, p.scenarios, evalNamesOf(p.evals, p.knowsEvals), p.past)...)
	return nil
}
