package paid

import (
	"slices"
	"time"

	"github.com/google/uuid"
)

// Journal stores a Record outside the process, to find and cancel what a killed run left behind.
type Journal interface {
	// Write replaces the stored record. An error is a warning and does not stop the run.
	Write(Record) error
}

// Step is how far a run has got.
type Step string

// The steps, in order. Nothing is paid for before StepExecuting.
const (
	StepCreating   Step = "creating"
	StepCreated    Step = "created"
	StepExecuting  Step = "executing" // the execute may have taken effect
	StepStarted    Step = "started"
	StepRerunning  Step = "rerunning"
	StepEvaluating Step = "evaluating" // running new evals; places no calls
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
	// Key identifies the run: two starts with one key are the same run (see [runname.Key]).
	Key string `json:"key,omitempty"`
	// Judged is true once the run has a verdict: it is never resumed, and what it left running
	// only has to be cancelled.
	Judged      bool        `json:"judged,omitempty"`
	BaseURL     string      `json:"base_url"`
	RunTestName string      `json:"run_test_name,omitempty"`
	RunTestID   uuid.UUID   `json:"run_test_id,omitzero"`
	ExecutionID uuid.UUID   `json:"execution_id,omitzero"`
	Owned       bool        `json:"owned"`            // this run started the execution
	Before      []uuid.UUID `json:"before,omitempty"` // executions that were there before ours
	// Claim is true if this run made the run test and has not executed it, for which other starts of a run-key wait.
	Claim bool `json:"claim,omitempty"`
	// Left is true if the command start has left the execution to the next run of the same job attempt: nobody
	// is to clean it up.
	Left bool `json:"left,omitempty"`
	// Turn is the run test of a turn that this run has not left: other starts of the key wait for it.
	Turn uuid.UUID `json:"turn,omitzero"`
	// Part is true if the run test is a copy that has only a part of the run's scenarios.
	Part bool `json:"part,omitempty"`
	// Ended are the executions of the run that had ended before the current one was started.
	Ended []uuid.UUID `json:"ended,omitempty"`
	// Loose are those of them that are over for the run and could not be cancelled.
	Loose []uuid.UUID `json:"loose,omitempty"`
	// Shared is true if others may execute the run test too. SentAt is when the execute was
	// sent, by this machine's clock: executions that start much later are theirs.
	Shared bool      `json:"shared,omitempty"`
	SentAt time.Time `json:"sent_at,omitzero"`
	// Guessed is true if the execution is presumed to be this run's because it is the only new
	// one on a shared run test: it is never cancelled.
	Guessed bool `json:"guessed,omitempty"`
	// Resent is true if the execute was refused and sent again: a second execution may show up.
	Resent bool `json:"resent,omitempty"`
	// Chats is true if the execution's conversations were held by the process: nobody goes on with
	// them, so it is cancelled whatever cancel-on-exit says.
	Chats bool `json:"chats,omitempty"`
	// Reruns is how many rerun attempts were begun. Evaluated is true once the server started
	// the new evals.
	Reruns int `json:"reruns,omitempty"`
	// Rerun are the calls placed again. None of them had succeeded before.
	Rerun     []uuid.UUID `json:"rerun,omitempty"`
	Evaluated bool        `json:"evaluated,omitempty"`
}

// Unfinished reports whether the run started calls and stopped before its verdict.
func (rec Record) Unfinished() bool { return !rec.Judged && (rec.Left || rec.LeftBehind()) }

// LeftBehind reports whether the run may have left something running that has to be cancelled, or a run test that
// it made and has not executed.
func (rec Record) LeftBehind() bool {
	if rec.Left {
		return false
	}
	if rec.Resent && !rec.Shared && rec.RunTestID != uuid.Nil || len(rec.Loose) > 0 {
		return true
	}
	switch rec.Step {
	case StepCreated:
		return rec.Claim
	case StepExecuting:
		return true
	case StepStarted, StepRerunning, StepEvaluating:
		return rec.Owned && rec.ExecutionID != uuid.Nil
	}
	return false
}

// Resumable reports whether a later process of the same job attempt, on the server at baseURL, can
// resume the run.
func (rec Record) Resumable(baseURL string) bool {
	return rec.BaseURL == baseURL && rec.Step.Known() && rec.Step != StepFinished && rec.Step != StepCreating
}

// maxNoted limits Record.Rerun, to keep the record small. So many failures are not flaky calls.
const maxNoted = 2000

// note adds calls to Rerun, each once.
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
