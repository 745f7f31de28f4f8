package client

import (
	"context"
	"encoding/json"
	"fmt"

	"github.com/google/uuid"

	"github.com/agent-gate/agent-gate/internal/calls"
	"github.com/agent-gate/agent-gate/internal/client/jsonstream"
)

// copiedFields are the fields of an eval config that a create accepts and that do not belong to
// the original alone (contract, section 3.1).
var copiedFields = [...]string{"template_id", "name", "config", "mapping", "filters", "error_localizer", "model"}

// CopyOf returns the evaluations_config entry that creates the same eval on another run test.
// It is an error if the server did not say what the eval consists of.
func CopyOf(e calls.EvalConfig) (json.RawMessage, error) {
	var definition map[string]json.RawMessage
	if json.Unmarshal(e.Definition, &definition) != nil || e.TemplateID == uuid.Nil {
		return nil, fmt.Errorf("the server does not say which template eval config %s was made from", e.ID)
	}
	entry := map[string]json.RawMessage{}
	for _, field := range copiedFields {
		if value := definition[field]; !jsonstream.IsNull(value) {
			entry[field] = value
		}
	}
	return json.Marshal(entry)
}

// CopiesOf returns the evaluations_config that creates the same evals on another run test; nil for none.
func CopiesOf(evals []calls.EvalConfig) (json.RawMessage, error) {
	if len(evals) == 0 {
		return nil, nil
	}
	entries := make([]json.RawMessage, len(evals))
	for i, e := range evals {
		var err error
		if entries[i], err = CopyOf(e); err != nil {
			return nil, err
		}
	}
	return json.Marshal(entries)
}

// AddEvalConfigs attaches evals to a run test, each given as an evaluations_config entry, and
// returns the ids of those created. An entry with an unknown template creates none. It is never
// sent twice: the server rejects names that the run test already has (contract, section 3.11).
func (c *Client) AddEvalConfigs(ctx context.Context, runTestID uuid.UUID, entries []json.RawMessage) ([]uuid.UUID, error) {
	r := post("add eval configs", "/simulate/run-tests/"+runTestID.String()+"/eval-configs/",
		map[string]any{"evaluations_config": entries}, runTestInputs)
	return fetch(ctx, c, r, c.answers.AddedEvals)
}
