package paid

import (
	"slices"
	"time"

	"github.com/google/uuid"
)

// Journal keeps a Record where it survives the process, so that what a killed run
// left behind can be found and cancelled.
type Journal interface {
	// Write replaces what was kept. An error is reported and does not stop the run.
	Write(Record) error
}

// Step says how far a run has come.
type Step string

// The steps, in order. Before StepExecuting nothing is paid.
const (
	StepCreating   Step = "creating"
	StepCreated    Step = "created"
	StepExecuting  Step = "executing" // the execute may have been carried out
	StepStarted    Step = "started"
	StepRerunning  Step = "rerunning"
	StepEvaluating Step = "evaluating" // new evals; no call is placed
	StepFinished   Step = "finished"   // nothing is left to clean up
)

// Known reports whether a step is one of these.
func (s Step) Known() bool {
	switch s {
	case StepCreating, StepCreated, StepExecuting, StepStarted, StepRerunning, StepEvaluating, StepFinished:
		return true
	}
	return false
}

// Record is what a run has started. It holds no secret.
type Record struct {
	Step Step `json:"step"`
	// Key is what makes two starts the same: the end of the run test's name (see [runname.Key]).
	Key string `json:"key,omitempty"`
	// Judged is true once the run has given its verdict: it is not taken up any more, and
	// what it left running only has to be cancelled.
	Judged      bool        `json:"judged,omitempty"`
	BaseURL     string      `json:"base_url"`
	RunTestName string      `json:"run_test_name,omitempty"`
	RunTestID   uuid.UUID   `json:"run_test_id,omitzero"`
	ExecutionID uuid.UUID   `json:"execution_id,omitzero"`
	Owned       bool        `json:"owned"`            // this run started the execution
	Before      []uuid.UUID `json:"before,omitempty"` // executions that were there before ours
	// Shared is true when others may execute the run test too, and SentAt is when the
	// execute was sent, by this machine's clock: what started much later is theirs.
	Shared bool      `json:"shared,omitempty"`
	SentAt time.Time `json:"sent_at,omitzero"`
	// Guessed is true when the execution is taken for this run's because it is the only new
	// one of a shared run test: it is never cancelled.
	Guessed bool `json:"guessed,omitempty"`
	// Resent is true when the execute was refused and sent again: a second execution may
	// show up.
	Resent bool `json:"resent,omitempty"`
	// Reruns is how many rerun attempts were begun, and Evaluated is true once the new evals
	// were taken up.
	Reruns int `json:"reruns,omitempty"`
	// Rerun are the calls that were placed again. None of them had succeeded before.
	Rerun     []uuid.UUID `json:"rerun,omitempty"`
	Evaluated bool        `json:"evaluated,omitempty"`
}

// Unfinished reports whether a run that kept this record last has started calls and was
// stopped before it could give a verdict.
func (rec Record) Unfinished() bool { return !rec.Judged && rec.LeftBehind() }

// LeftBehind reports whether a run that kept this record last may have left something
// behind that has to be cancelled.
func (rec Record) LeftBehind() bool {
	if rec.Resent && !rec.Shared && rec.RunTestID != uuid.Nil {
		return true
	}
	switch rec.Step {
	case StepExecuting:
		return true
	case StepStarted, StepRerunning, StepEvaluating:
		return rec.Owned && rec.ExecutionID != uuid.Nil
	}
	return false
}

// Resumable reports whether a later process of the same job attempt, at this server, can take
// up what a run that kept this record last has left. A start that gave its verdict is over.
func (rec Record) Resumable(baseURL string) bool {
	return rec.BaseURL == baseURL && rec.Step.Known() && rec.Step != StepFinished && rec.Step != StepCreating
}

// maxNoted is how many calls are noted that were placed again: the record stays small, and so
// many failures are no flakes.
const maxNoted = 2000

// note notes calls that are placed again, each once.
func (rec *Record) note(calls []uuid.UUID) {
	for _, id := range calls {
		if !slices.Contains(rec.Rerun, id) {
			rec.Rerun = append(rec.Rerun, id)
		}
	}
	if len(rec.Rerun) > maxNoted {
		rec.Rerun = nil
	}
}
