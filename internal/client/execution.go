package client

import (
	"context"
	"time"

	"github.com/google/uuid"
)

// executionInputs are the inputs that say which execution is meant.
const executionInputs = "test-execution-id"

// cancelTimeout bounds a cancel: the deployed server may take 30 s to answer one
// (contract, section 3.12).
const cancelTimeout = 45 * time.Second

// Execute is the body of an execute.
type Execute struct {
	ScenarioIDs []uuid.UUID // none: all scenarios of the run test
	SimulatorID uuid.UUID   // uuid.Nil: none
}

// Execute starts the calls of a run test. It is never sent twice, not even after a refusal:
// look first, then call it again. An answer without an
// execution id is a failure that is not Unsent: the calls may be placed.
func (c *Client) Execute(ctx context.Context, runTestID uuid.UUID, body Execute) (Started, error) {
	fields := map[string]any{}
	if len(body.ScenarioIDs) > 0 {
		fields["scenario_ids"] = body.ScenarioIDs
	}
	if body.SimulatorID != uuid.Nil {
		fields["simulator_id"] = body.SimulatorID
	}
	r := postOnce("execute run test", "/simulate/run-tests/"+runTestID.String()+"/execute/", fields,
		runTestInputs+", scenario-ids and simulator-id")
	started, err := fetch(ctx, c, r, c.answers.Started)
	if err == nil {
		c.memory.rememberExecution(started.ExecutionID, runTestID)
	}
	return started, err
}

// executionsLimit is how many executions a list is asked for.
const executionsLimit = 50

// Executions lists the newest executions of a run test, newest first.
func (c *Client) Executions(ctx context.Context, runTestID uuid.UUID) ([]ExecutionSummary, error) {
	items, err := fetchLimited(ctx, c, c.listExecutions(runTestID), executionsLimit, c.answers.Executions)
	var out []ExecutionSummary
	for _, item := range items {
		out = append(out, item.ExecutionSummary)
	}
	return out, err
}

// listExecutions is the request for the executions of a run test.
func (c *Client) listExecutions(runTestID uuid.UUID) request {
	return get("list executions", "/simulate/run-tests/"+runTestID.String()+"/executions/", runTestInputs)
}

// Cancel asks the server to stop an execution. The server may go on for a while, or
// for ever: the status tells. It is sent once. Repeating it does no harm to an execution
// that is at work, but turns one that has ended meanwhile into a cancelled one (contract,
// section 3.12): look at the status before each try.
func (c *Client) Cancel(ctx context.Context, executionID uuid.UUID) (CancelResult, error) {
	// No body: the deployed server refuses any.
	r := post("cancel execution", "/simulate/test-executions/"+executionID.String()+"/cancel/", nil, executionInputs)
	r.timeout = max(cancelTimeout, c.timeout)
	r.tries = 1
	return fetch(ctx, c, r, c.answers.Cancelled)
}
