package dialect

import (
	"cmp"
	"encoding/json"
	"fmt"
	"io"
	"slices"
	"strings"

	"github.com/google/uuid"

	"github.com/agent-gate/agent-gate/internal/calls"
	"github.com/agent-gate/agent-gate/internal/client/jsonstream"
	"github.com/agent-gate/agent-gate/internal/text"
)

// Started reads the response to an execute, or to a request that starts chats.
func (a Answers) Started(r io.Reader) (calls.Started, error) {
	w, err := readAnswer[executeAnswer](r)
	if err != nil {
		return calls.Started{}, err
	}
	return w.started()
}

// executeAnswer is the response to an execute. Older servers use camelCase.
type executeAnswer struct {
	ID            words       `json:"execution_id"`
	OldID         words       `json:"executionId"`
	Scenarios     tally       `json:"total_scenarios"`
	ScenarioIDs   list[words] `json:"scenario_ids"`
	TestID        words       `json:"test_execution_id"`
	CamelTestID   words       `json:"testExecutionId"`
	OldScenarios  count       `json:"totalScenarios"`
	OldScenarioID list[words] `json:"scenarioIds"`
	Calls         count       `json:"total_calls"`
	OldCalls      count       `json:"totalCalls"`
}

// tally is a number, or a list whose length counts: total_scenarios is a number in the response
// to an execute, and a list of ids in that to a chat-execute (chat.md 2).
type tally struct{ count }

// UnmarshalJSON implements json.Unmarshaler.
func (n *tally) UnmarshalJSON(b []byte) error {
	var all list[json.RawMessage]
	if err := json.Unmarshal(b, &all); err != nil || all == nil {
		return cmp.Or(err, n.count.UnmarshalJSON(b))
	}
	n.v = new(len(all))
	return nil
}

// started converts the response.
func (w executeAnswer) started() (calls.Started, error) {
	id := cmp.Or(w.ID.id(), w.OldID.id(), w.TestID.id(), w.CamelTestID.id())
	if id == uuid.Nil {
		return calls.Started{}, Nonsense("it has no execution_id, or one that is not a UUID")
	}
	n := max(len(w.ScenarioIDs), len(w.OldScenarioID))
	if said := cmp.Or(w.Scenarios.v, w.OldScenarios.v); said != nil {
		n = *said
	}
	started := calls.Started{ExecutionID: id, Scenarios: n}
	if said := cmp.Or(w.Calls.v, w.OldCalls.v); said != nil {
		started.Calls = *said
	}
	return started, nil
}

// ListedExecution is an entry in the list of executions, with the reason of a failure.
type ListedExecution struct {
	calls.ExecutionSummary
	Reason text.Untrusted
}

// Executions reads a list of executions in either dialect, newest first.
func (a Answers) Executions(r io.Reader) ([]ListedExecution, error) {
	var out []ListedExecution
	s := jsonstream.New(r)
	item := func() error {
		var w object[struct {
			ID        words   `json:"id"`
			Status    words   `json:"status"`
			StartTime instant `json:"start_time"`
			StartedAt instant `json:"started_at"`
			CreatedAt instant `json:"created_at"`
			Reason    words   `json:"error_reason"`
			Scenarios words   `json:"scenarios"`
			Version   words   `json:"agent_version"`
		}]
		if err := readInto(s, &w); err != nil {
			return err
		}
		id := w.v.ID.id()
		if id == uuid.Nil {
			return Nonsense("an execution has no id, or one that is not a UUID")
		}
		out = append(out, ListedExecution{
			ExecutionSummary: calls.ExecutionSummary{
				ID:        id,
				Status:    calls.ExecutionStatus(keyword(w.v.Status, a.secrets)),
				StartedAt: cmp.Or(w.v.StartTime.v, w.v.StartedAt.v, w.v.CreatedAt.v),
				Scenarios: a.secrets.Keep(string(w.v.Scenarios)),

				AgentVersion: a.secrets.Keep(string(w.v.Version)),
			},
			Reason: a.secrets.Keep(string(w.v.Reason)),
		})
		return nil
	}
	seen, err := document{lists: map[string]func() error{plainList: item, "results": item}}.read(s)
	if err != nil {
		return nil, err
	}
	if !seen["results"] && !seen[plainList] {
		return nil, Nonsense("it has no list of executions")
	}
	// The deployed server sorts by creation; for others nothing is documented. If a time is
	// missing, keep the server's order.
	if !slices.ContainsFunc(out, func(e ListedExecution) bool { return e.StartedAt == nil }) {
		slices.SortStableFunc(out, func(a, b ListedExecution) int { return b.StartedAt.Compare(*a.StartedAt) })
	}
	return out, nil
}

// metricsAnswer is what is read of an execution's metrics. The stored columns total_calls,
// completed_calls and failed_calls can be stale, so only the live counts are used.
type metricsAnswer struct {
	ID          words   `json:"execution_id"`
	Status      words   `json:"status"`
	StartedAt   instant `json:"started_at"`
	CompletedAt instant `json:"completed_at"`
	Metrics     object[struct {
		Calls object[struct {
			Total     count `json:"total"`
			Completed count `json:"completed"`
			Failed    count `json:"failed"`
		}] `json:"calls"`
	}] `json:"metrics"`
}

// Metrics reads the status and the live counts of an execution. A response about another
// execution is an error.
func (a Answers) Metrics(execution uuid.UUID) func(io.Reader) (calls.Progress, error) {
	return func(r io.Reader) (calls.Progress, error) {
		w, err := readAnswer[metricsAnswer](r)
		if err != nil {
			return calls.Progress{}, err
		}
		if w.Status == "" {
			return calls.Progress{}, Nonsense("the execution has no status")
		}
		if id := w.ID.id(); id != execution {
			return calls.Progress{}, Nonsense("the answer is about another execution, %s", id)
		}
		live := w.Metrics.v.Calls.v
		return calls.Progress{
			Status:      calls.ExecutionStatus(keyword(w.Status, a.secrets)),
			Total:       live.Total.v,
			Completed:   live.Completed.v,
			Failed:      live.Failed.v,
			StartedAt:   w.StartedAt.v,
			CompletedAt: w.CompletedAt.v,
		}, nil
	}
}

// Cancelled reads the response to a cancel.
func (a Answers) Cancelled(r io.Reader) (calls.CancelResult, error) {
	said, err := io.ReadAll(r)
	if err != nil {
		return calls.CancelResult{}, err
	}
	if len(strings.TrimSpace(string(said))) == 0 {
		return calls.CancelResult{}, nil // 202 and 204 need no body
	}
	w, err := readAnswer[struct {
		Success json.RawMessage `json:"success"`
		Message words           `json:"message"`
	}](strings.NewReader(string(said)))
	if err == nil && string(w.Success) == "false" {
		err = fmt.Errorf("it says that nothing was cancelled: %s", string(w.Message))
	}
	return calls.CancelResult{Message: a.secrets.Keep(string(w.Message))}, err
}
