package evidence

import (
	"cmp"
	"slices"

	"github.com/google/uuid"

	"github.com/agent-gate/agent-gate/internal/calls"
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
