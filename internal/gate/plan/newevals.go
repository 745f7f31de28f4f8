package plan

import (
	"slices"

	"github.com/google/uuid"

	"github.com/agent-gate/agent-gate/internal/calls"
	"github.com/agent-gate/agent-gate/internal/config"
	"github.com/agent-gate/agent-gate/internal/text"
)

// checkNewEvals makes sure that the evals of new-eval-config-ids belong to the run test, because the
// server runs no others on its executions (contract, section 3.11).
func (p *Planner) checkNewEvals(t calls.RunTest) error {
	var missing []text.Untrusted
	for _, id := range p.config.NewEvalConfigIDs {
		if !slices.ContainsFunc(t.EvalConfigs, func(e calls.EvalConfig) bool { return e.ID == id }) {
			missing = append(missing, text.New(id.String()))
		}
	}
	if len(missing) == 0 {
		return nil
	}
	hint := text.Untrusted{}
	if p.config.Target.Mode == config.ModeCreate {
		hint = text.New(". For evals that run with the calls of a created run test, use eval-config-ids or evaluations-config")
	}
	return ConfigError{Reason: text.Sprintf("new-eval-config-ids: %s is not an eval config of run test %s, and the server runs no others on its executions. Available: %s%s",
		text.Join(", ", missing...), t.ID, evalNames(t.EvalConfigs), hint)}
}

// evalNames lists evals with their ids.
func evalNames(evals []calls.EvalConfig) text.Untrusted {
	if len(evals) == 0 {
		return text.New("none")
	}
	const shown = 10
	var all []text.Untrusted
	for i, e := range evals {
		if i == shown {
			all = append(all, text.Sprintf("%d more", len(evals)-i))
			break
		}
		all = append(all, text.Sprintf("%s %q", e.ID, e.Name))
	}
	return text.Join(", ", all...)
}

// RunsLater reports whether an eval runs only after the calls have ended.
func (p *Planner) RunsLater(id uuid.UUID) bool { return slices.Contains(p.config.NewEvalConfigIDs, id) }
