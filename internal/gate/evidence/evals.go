package evidence

import (
	"cmp"
	"slices"

	"github.com/google/uuid"

	"github.com/agent-gate/agent-gate/internal/calls"
	"github.com/agent-gate/agent-gate/internal/verdict"
)

// MergeEvals adds new evals, and fills in missing details of known ones: run tests lack the types, and
// executions the definitions.
func MergeEvals(have, found []calls.EvalConfig) []calls.EvalConfig {
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
			continue // evals without ids cannot be matched
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

// SameEvals makes results of the evals of a copy of the run test count as results of the originals. It
// returns how many originals have no copy.
func (g *Gathered) SameEvals(originals, copied []calls.EvalConfig) (lacking int) {
	g.copies = map[uuid.UUID]uuid.UUID{}
	for _, e := range originals {
		at := slices.IndexFunc(copied, func(c calls.EvalConfig) bool { return c.TemplateID == e.TemplateID && c.Name == e.Name })
		if at < 0 {
			lacking++
			continue
		}
		g.copies[copied[at].ID] = e.ID
	}
	return lacking
}

// originals returns eval configs with copies as their originals.
func (g *Gathered) originals(evals []calls.EvalConfig) []calls.EvalConfig {
	if len(g.copies) == 0 {
		return evals
	}
	evals = slices.Clone(evals)
	for i, e := range evals {
		if original, ok := g.copies[e.ID]; ok {
			evals[i].ID = original
		}
	}
	return evals
}

// asOriginal returns calls with results of copied evals as results of their originals.
func (g *Gathered) asOriginal(list verdict.Calls) verdict.Calls {
	if len(g.copies) == 0 {
		return list
	}
	return list.With(func(_ int, c *verdict.Call) {
		c.Evals = slices.Clone(c.Evals)
		for i, e := range c.Evals {
			if original, ok := g.copies[e.ConfigID()]; ok {
				result := e.Result()
				result.ConfigID = original
				c.Evals[i] = calls.NewEval(result)
			}
		}
	})
}
