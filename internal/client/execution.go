package client

import (
	"cmp"
	"context"
	"encoding/json"
	"fmt"
	"io"
	"slices"
	"strings"
	"time"

	"github.com/google/uuid"

	"github.com/agent-gate/agent-gate/internal/text"
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
	started, err := fetch(ctx, c, r, func(body io.Reader) (Started, error) {
		w, err := readAnswer[executeAnswer](body)
		if err != nil {
			return Started{}, err
		}
		return w.started()
	})
	if err == nil {
		c.memory.rememberExecution(started.ExecutionID, runTestID)
	}
	return started, err
}

// executeAnswer is the answer to an execute; the names in camelCase are those of older
// servers.
type executeAnswer struct {
	ID            words       `json:"execution_id"`
	OldID         words       `json:"executionId"`
	Scenarios     count       `json:"total_scenarios"`
	ScenarioIDs   list[words] `json:"scenario_ids"`
	TestID        words       `json:"test_execution_id"`
	CamelTestID   words       `json:"testExecutionId"`
	OldScenarios  count       `json:"totalScenarios"`
	OldScenarioID list[words] `json:"scenarioIds"`
	Calls         count       `json:"total_calls"`
	OldCalls      count       `json:"totalCalls"`
}

// started is the answer in the model's terms.
func (w executeAnswer) started() (Started, error) {
	id := cmp.Or(w.ID.id(), w.OldID.id(), w.TestID.id(), w.CamelTestID.id())
	if id == uuid.Nil {
		return Started{}, nonsense("it has no execution_id, or one that is not a UUID")
	}
	n := max(len(w.ScenarioIDs), len(w.OldScenarioID))
	if said := cmp.Or(w.Scenarios.v, w.OldScenarios.v); said != nil {
		n = *said
	}
	started := Started{ExecutionID: id, Scenarios: n}
	if said := cmp.Or(w.Calls.v, w.OldCalls.v); said != nil {
		started.Calls = *said
	}
	return started, nil
}

// executionsLimit is how many executions a list is asked for.
const executionsLimit = 50

// Executions lists the newest executions of a run test, newest first.
func (c *Client) Executions(ctx context.Context, runTestID uuid.UUID) ([]ExecutionSummary, error) {
	items, err := fetchLimited(ctx, c, c.listExecutions(runTestID), executionsLimit, c.readExecutions)
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

// listedExecution is a line of the list of executions, with what only explain needs.
type listedExecution struct {
	ExecutionSummary
	reason text.Untrusted
}

// readExecutions reads a list of executions, in the deployed shape or in that of the
// documented execution.
func (c *Client) readExecutions(r io.Reader) ([]listedExecution, error) {
	var out []listedExecution
	s := newScanner(r)
	item := func() error {
		var w object[struct {
			ID        words   `json:"id"`
			Status    words   `json:"status"`
			StartTime instant `json:"start_time"`
			StartedAt instant `json:"started_at"`
			CreatedAt instant `json:"created_at"`
			Reason    words   `json:"error_reason"`
			Scenarios words   `json:"scenarios"`
		}]
		if err := readInto(s, &w); err != nil {
			return err
		}
		id := w.v.ID.id()
		if id == uuid.Nil {
			return nonsense("an execution has no id, or one that is not a UUID")
		}
		out = append(out, listedExecution{
			ExecutionSummary: ExecutionSummary{
				ID:        id,
				Status:    ExecutionStatus(keyword(w.v.Status, c.secrets)),
				StartedAt: cmp.Or(w.v.StartTime.v, w.v.StartedAt.v, w.v.CreatedAt.v),
				Scenarios: c.secrets.text(string(w.v.Scenarios)),
			},
			reason: c.secrets.text(string(w.v.Reason)),
		})
		return nil
	}
	seen, err := document{lists: map[string]func() error{plainList: item, "results": item}}.read(s)
	if err != nil {
		return nil, err
	}
	if !seen["results"] && !seen[plainList] {
		return nil, nonsense("it has no list of executions")
	}
	// The deployed server sorts by creation; no document says what another one does.
	// Without all the times its order is the best there is.
	if !slices.ContainsFunc(out, func(e listedExecution) bool { return e.StartedAt == nil }) {
		slices.SortStableFunc(out, func(a, b listedExecution) int { return b.StartedAt.Compare(*a.StartedAt) })
	}
	return out, nil
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
	return fetch(ctx, c, r, func(body io.Reader) (CancelResult, error) {
		said, err := io.ReadAll(body)
		if err != nil {
			return CancelResult{}, err
		}
		if len(strings.TrimSpace(string(said))) == 0 {
			return CancelResult{}, nil // 202 and 204 need no words
		}
		w, err := readAnswer[struct {
			Success json.RawMessage `json:"success"`
			Message words           `json:"message"`
		}](strings.NewReader(string(said)))
		if err == nil && string(w.Success) == "false" {
			err = fmt.Errorf("it says that nothing was cancelled: %s", string(w.Message))
		}
		return CancelResult{Message: c.secrets.text(string(w.Message))}, err
	})
}
