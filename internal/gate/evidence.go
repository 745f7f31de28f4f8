package gate

import (
	"cmp"
	"reflect"
	"slices"

	"github.com/google/uuid"

	"github.com/agent-gate/agent-gate/internal/client"
	"github.com/agent-gate/agent-gate/internal/text"
	"github.com/agent-gate/agent-gate/internal/verdict"
)

// known is the evidence so far.
func (r *run) known() verdict.Evidence {
	e := r.evidence
	e.RunTest, e.Execution = r.paid.RunTest(), r.paid.Execution()
	return e
}

// take makes what was read the evidence.
func (r *run) take(e client.Execution) {
	r.evidence.Unread = false
	r.paid.Learn(e.Progress)
	r.paid.BelongsTo(e.RunTestID, e.RunTestName)
	r.evidence.Evals = mergeEvals(r.evidence.Evals, e.Evals)
	if e.Shortened > 0 && !r.shortened {
		r.shortened = true
		r.log.Warn(text.Sprintf("%d reasons and other texts are cut or left out, since the run has %d calls. Nothing is judged by them.", e.Shortened, e.Calls.Len()))
	}
	// The server may keep the tries before this run's own reruns too: they count once.
	r.evidence.Calls = verdict.CallsOf(e.Calls, r.tries)
	r.withoutStale()
}

// countTries counts a rerun of calls, and keeps how they came out before the first one.
func (r *run) countTries(rerun []uuid.UUID) {
	for id, at := range r.evidence.Calls.Places(rerun) {
		c := r.evidence.Calls.Brief(at)
		r.tries[id] = verdict.Tries{Attempts: c.Attempts + 1, First: c.FirstKnown()}
	}
}

// withoutStale takes away the results of evals that were to run anew and did not: what is
// there is an answer to another question.
func (r *run) withoutStale() {
	if len(r.stale) == 0 {
		return
	}
	r.evidence.Calls = r.evidence.Calls.With(func(_ int, c *verdict.Call) {
		c.Evals = slices.DeleteFunc(slices.Clone(c.Evals), func(e client.Eval) bool { return slices.Contains(r.stale, e.ConfigID()) })
	})
}

// planOf is what the run test's scenarios were to be: one call for each row of their
// datasets, and one for a scenario without a dataset.
func planOf(scenarios []client.Scenario) []verdict.Planned {
	if scenarios == nil {
		return nil
	}
	plan := make([]verdict.Planned, len(scenarios))
	for i, s := range scenarios {
		plan[i] = verdict.Planned{ID: s.ID, Name: s.Name}
		if s.DatasetRows != nil {
			plan[i].Calls = new(max(*s.DatasetRows, 1))
		}
	}
	return plan
}

// mergeEvals adds the evals that are new, and to those that are there what was not known of
// them: run tests do not tell the types, and executions not what evals are made of.
func mergeEvals(have, found []client.EvalConfig) []client.EvalConfig {
	have = slices.Clone(have)
	places := map[uuid.UUID]int{}
	for i := len(have) - 1; i >= 0; i-- {
		places[have[i].ID] = i
	}
	for _, e := range found {
		at, known := places[e.ID]
		if !known {
			places[e.ID] = len(have)
			have = append(have, e)
			continue
		}
		if e.ID == uuid.Nil {
			continue // one of several that have no ids
		}
		first := &have[at]
		first.TemplateID = cmp.Or(first.TemplateID, e.TemplateID)
		first.Name = cmp.Or(first.Name, e.Name)
		first.Type = cmp.Or(first.Type, e.Type)
		if first.Definition == nil {
			first.Definition = e.Definition
		}
	}
	return have
}

// differs tells whether a call has changed between two reads.
func differs(a, b client.Call) bool {
	return a.Status != b.Status ||
		a.EndedReason != b.EndedReason ||
		a.ProcessingSkipped != b.ProcessingSkipped ||
		!reflect.DeepEqual(a.UpdatedAt, b.UpdatedAt) ||
		!reflect.DeepEqual(a.StartedAt, b.StartedAt) ||
		!reflect.DeepEqual(a.OverallScore, b.OverallScore) ||
		!reflect.DeepEqual(a.DurationSeconds, b.DurationSeconds) ||
		!slices.EqualFunc(a.Evals, b.Evals, client.Eval.Equal)
}
