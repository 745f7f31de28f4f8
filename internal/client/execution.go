package client

import (
	"context"
	"time"

	"github.com/google/uuid"

	"github.com/agent-gate/agent-gate/internal/calls"
)

// executionInputs are the inputs that identify the execution, for hints.
const executionInputs = "test-execution-id"

// cancelTimeout is for a cancel, which the deployed server may take 30 s to answer (contract,
// section 3.12).
const cancelTimeout = 45 * time.Second

// Execute is the body of an execute.
type Execute struct {
	ScenarioIDs []uuid.UUID // empty for all scenarios of the run test
	SimulatorID uuid.UUID   // uuid.Nil for none
}

// Execute starts the calls of a run test. It is never sent twice, not even after a refusal:
// look for an execution before calling it again. A response without an execution id is an error
// that is not Unsent, because calls may have been placed.
func (c *Client) Execute(ctx context.Context, runTestID uuid.UUID, body Execute) (calls.Started, error) {
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

// executionsLimit is how many executions a list request asks for.
const executionsLimit = 50

// Executions lists the newest executions of a run test, newest first.
func (c *Client) Executions(ctx context.Context, runTestID uuid.UUID) ([]calls.ExecutionSummary, error) {
	items, err := fetchLimited(ctx, c, c.listExecutions(runTestID), executionsLimit, c.answers.Executions)
	var out []calls.ExecutionSummary
	for _, item := range items {
		out = append(out, item.ExecutionSummary)
	}
	return out, err
}

// listExecutions returns the request for the executions of a run test.
func (c *Client) listExecutions(runTestID uuid.UUID) request {
	return get("list executions", "/simulate/run-tests/"+runTestID.String()+"/executions/", runTestInputs)
}

// Cancel asks the server to stop an execution, and does not wait: the server may take a while
// or never stop, which the status shows. It is sent once. Repeating it is harmless while the
// execution is running, but turns one that has ended into a cancelled one (contract, section
// 3.12): check the status before each try.
func (c *Client) Cancel(ctx context.Context, executionID uuid.UUID) (calls.CancelResult, error) {
	// No body: the deployed server rejects any.
	r := post("cancel execution", "/simulate/test-executions/"+executionID.String()+"/cancel/", nil, executionInputs)
	r.timeout = max(cancelTimeout, c.timeout)
	r.tries = 1
	return fetch(ctx, c, r, c.answers.Cancelled)
}
