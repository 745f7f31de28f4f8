package client

import (
	"context"
	"encoding/json"
	"fmt"

	"github.com/google/uuid"
)

// copiedFields are the fields of an eval config that make a copy of it: those that a
// create takes, without the ones that belong to the original alone (contract, section
// 3.1).
var copiedFields = [...]string{"template_id", "name", "config", "mapping", "filters", "error_localizer", "model"}

// CopyOf is the entry of an evaluations_config that makes the same eval on another run
// test. It is an error when the server did not say what the eval is made of.
func CopyOf(e EvalConfig) (json.RawMessage, error) {
	var definition map[string]json.RawMessage
	if json.Unmarshal(e.Definition, &definition) != nil || e.TemplateID == uuid.Nil {
		return nil, fmt.Errorf("the server does not say from which template eval config %s is made", e.ID)
	}
	entry := map[string]json.RawMessage{}
	for _, field := range copiedFields {
		if value := definition[field]; !isNull(value) {
			entry[field] = value
		}
	}
	return json.Marshal(entry)
}

// AddEvalConfigs attaches evals to a run test, each an entry of an evaluations_config.
// It returns the ids of the evals that were made; an entry whose template the server
// does not know makes none. It is never sent twice: the server refuses a name that the
// run test has (contract, section 3.11).
func (c *Client) AddEvalConfigs(ctx context.Context, runTestID uuid.UUID, entries []json.RawMessage) ([]uuid.UUID, error) {
	r := post("add eval configs", "/simulate/run-tests/"+runTestID.String()+"/eval-configs/",
		map[string]any{"evaluations_config": entries}, runTestInputs)
	return fetch(ctx, c, r, c.answers.AddedEvals)
}
