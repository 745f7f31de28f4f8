package dialect

import (
	"io"

	"github.com/google/uuid"

	"github.com/agent-gate/agent-gate/internal/calls"
)

// NewEvals reads the response to a run-new-evals.
func (a Answers) NewEvals(r io.Reader) (calls.NewEvalsResult, error) {
	w, err := readAnswer[struct {
		Message   words `json:"message"`
		RunTestID words `json:"run_test_id"`
		Calls     count `json:"call_execution_count"`
	}](r)
	if err != nil {
		return calls.NewEvalsResult{}, err
	}
	if w.Message == "" && w.RunTestID.id() == uuid.Nil && w.Calls.v == nil {
		return calls.NewEvalsResult{}, Nonsense("it does not say whether evals were started")
	}
	return calls.NewEvalsResult{
		Message:        a.secrets.Keep(string(w.Message)),
		DispatchFailed: dispatchFailed.compiled().MatchString(string(w.Message)),
		Calls:          w.Calls.v,
	}, nil
}

// AddedEvals reads the ids of the eval configs that were added to a run test.
func (a Answers) AddedEvals(r io.Reader) ([]uuid.UUID, error) {
	w, err := readAnswer[struct {
		Made *list[object[struct {
			ID words `json:"id"`
		}]] `json:"created_eval_configs"`
	}](r)
	if err != nil {
		return nil, err
	}
	if w.Made == nil {
		return nil, Nonsense("it does not say which evals were added")
	}
	var made []uuid.UUID
	for _, e := range *w.Made {
		if id := e.v.ID.id(); id != uuid.Nil {
			made = append(made, id)
		}
	}
	return made, nil
}
