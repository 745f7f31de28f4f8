package client

import (
	"cmp"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"slices"
	"strings"

	"github.com/google/uuid"
)

// page is one answer to GET test-executions/{id}/, of either dialect.
type page struct {
	dialect  Dialect // DialectUnknown when the answer does not show it
	progress Progress
	total    *int // all calls of the execution, as the server says; nil when it does not
	pages    int  // 0 when the server does not say
	evals    []EvalConfig
	calls    []Call // as they came, duplicates included
	spoken   map[uuid.UUID]Transcript
}

// pageReader reads pages of one execution.
type pageReader struct {
	execution uuid.UUID
	calls     bool // read the calls too; a poll does not need them
	secrets   *redactor
	// spoken are the calls of which the turns are kept, where the list has some. Nobody's
	// are, unless they were asked for.
	spoken map[uuid.UUID]bool
}

// read reads one page. It is an error when the answer is not about this execution, has
// no status, or holds a call without an id; and when the calls are read, that it does
// not say how many there are.
func (p pageReader) read(r io.Reader) (page, error) {
	var (
		id, runTest, runTestName, status, agentType, reason words
		listed, totalCalls                                  total
		completed, failed, totalPages                       count
		rate                                                number
		started, ended                                      instant
		columns                                             list[object[column]]
		got                                                 = page{spoken: map[uuid.UUID]Transcript{}}
	)
	row := func(dec *json.Decoder) error {
		if !p.calls {
			return skip(dec)
		}
		var raw json.RawMessage
		if err := dec.Decode(&raw); err != nil {
			return err
		}
		var w callRow
		if err := exactly(raw, &w); err != nil {
			return err
		}
		call, err := w.call(p.secrets)
		got.calls = append(got.calls, call)
		if err != nil || !p.spoken[call.ID] {
			return err
		}
		said, ok, err := listedTurns(raw, p.secrets)
		if ok {
			got.spoken[call.ID] = said
		}
		return err
	}
	seen, err := document{
		fields: map[string]any{
			"id": &id, "run_test": &runTest, "run_test_name": &runTestName, "status": &status,
			"agent_type": &agentType, "error_reason": &reason, "count": &listed, "total_calls": &totalCalls,
			"completed_calls": &completed, "failed_calls": &failed, "success_rate": &rate,
			"started_at": &started, "completed_at": &ended, "total_pages": &totalPages, "column_order": &columns,
		},
		lists: map[string]func(*json.Decoder) error{"results": row, "calls": row},
	}.read(r)
	if err != nil {
		return page{}, err
	}
	switch {
	case seen["results"] && seen["count"]:
		got.dialect = DialectDeployed
	case seen["calls"] && seen["id"]:
		got.dialect = DialectDocumented
	}
	if status == "" {
		return page{}, errors.New("the execution has no status")
	}
	if !seen["results"] && !seen["calls"] {
		return page{}, errors.New("the execution has no list of calls")
	}
	if named := id.id(); named != uuid.Nil && named != p.execution {
		return page{}, fmt.Errorf("the answer is about another execution, %s", named)
	}
	own, other := totalCalls, listed
	if seen["results"] {
		own, other = listed, totalCalls
	}
	got.total = cmp.Or(own.v, other.v)
	terminal := ExecutionStatus(keyword(status, p.secrets)).Terminal()
	switch {
	case !p.calls: // a poll does not need it
	case own.unusable || other.unusable:
		return page{}, fmt.Errorf("its number of calls is not a whole number from 0 to %d", maxTotal)
	case own.v == nil && terminal:
		// Without it nothing shows that no call is missing. While the execution is at
		// work they may be missing.
		return page{}, errors.New("the server did not say how many calls there are")
	case own.v != nil && other.v != nil:
		got.total = new(max(*own.v, *other.v))
	}
	if totalPages.v != nil {
		got.pages = *totalPages.v
	}
	got.evals = evalColumns(columns, p.secrets)
	got.progress = Progress{
		Status:      ExecutionStatus(keyword(status, p.secrets)),
		Total:       got.total,
		Completed:   completed.v,
		Failed:      failed.v,
		SuccessRate: rate.v,
		AgentType:   AgentType(keyword(agentType, p.secrets)),
		ErrorReason: p.secrets.text(string(reason)),
		StartedAt:   started.v,
		CompletedAt: ended.v,
		RunTestID:   runTest.id(),
		RunTestName: p.secrets.text(string(runTestName)),
	}
	return got, nil
}

// keyword is a status or another word of the API's own vocabulary, in lower case. One
// endpoint of the deployed server writes them in Title Case (contract, section 3.5).
func keyword(w words, secrets *redactor) string {
	return strings.ToLower(strings.TrimSpace(secrets.text(string(w)).Raw()))
}

// column is an entry of the deployed dialect's column_order.
type column struct {
	ID   words `json:"id"`
	Name words `json:"column_name"`
	Type words `json:"type"`
}

// evalColumns are the evals among the columns of an execution (contract, section 3.7).
func evalColumns(columns list[object[column]], secrets *redactor) []EvalConfig {
	var out []EvalConfig
	for _, c := range columns {
		if id := c.v.ID.id(); c.v.Type == "evaluation" && id != uuid.Nil {
			out = append(out, EvalConfig{ID: id, Name: secrets.text(string(c.v.Name))})
		}
	}
	slices.SortFunc(out, func(a, b EvalConfig) int {
		return cmp.Or(cmp.Compare(a.Name.Raw(), b.Name.Raw()), cmp.Compare(a.ID.String(), b.ID.String()))
	})
	return out
}

// callRow is what is read of a call. The deployed dialect has 63 fields (contract,
// section 9), the documented one 8; the transcript, the scenario graph and the other
// large ones are not among these.
type callRow struct {
	ID              words           `json:"id"`
	Status          words           `json:"status"`
	Scenario        words           `json:"scenario"`
	ScenarioID      words           `json:"scenario_id"`
	OverallScore    number          `json:"overall_score"`
	Duration        number          `json:"duration"`
	DurationSeconds number          `json:"duration_seconds"`
	ResponseTime    number          `json:"response_time"`
	ResponseTimeMS  number          `json:"response_time_ms"`
	CostCents       number          `json:"cost_cents"`
	EndedReason     words           `json:"ended_reason"`
	Skipped         skipMark        `json:"processing_skipped"`
	SkipReason      words           `json:"processing_skip_reason"`
	EvalOutputs     json.RawMessage `json:"eval_outputs"`
	Timestamp       instant         `json:"timestamp"`
	StartTime       instant         `json:"start_time"`
	CreatedAt       instant         `json:"created_at"`
}

// call is the row in the model's terms.
func (w callRow) call(secrets *redactor) (Call, error) {
	id := w.ID.id()
	if id == uuid.Nil {
		return Call{}, errors.New("a call has no id, or one that is not a UUID")
	}
	response := w.ResponseTime.v
	if response == nil && w.ResponseTimeMS.v != nil {
		response = new(*w.ResponseTimeMS.v / 1000)
	}
	return Call{
		ID:                id,
		Scenario:          secrets.text(string(w.Scenario)),
		ScenarioID:        w.ScenarioID.id(),
		Status:            CallStatus(keyword(w.Status, secrets)),
		OverallScore:      w.OverallScore.v,
		DurationSeconds:   cmp.Or(w.Duration.v, w.DurationSeconds.v),
		ResponseSeconds:   response,
		CostCents:         w.CostCents.v,
		EndedReason:       secrets.text(string(w.EndedReason)),
		ProcessingSkipped: bool(w.Skipped),
		SkipReason:        secrets.text(string(w.SkipReason)),
		Evals:             readEvals(w.EvalOutputs, secrets),
		UpdatedAt:         w.Timestamp.v,
		// The documented dialect only says when the call was created.
		StartedAt: cmp.Or(w.StartTime.v, w.CreatedAt.v),
	}, nil
}
