package gate

import (
	"time"

	"github.com/google/uuid"

	"github.com/agent-gate/agent-gate/internal/gate/runname"
	"github.com/agent-gate/agent-gate/internal/text"
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

// keep changes the record and writes it.
func (r *run) keep(change func(*Record)) {
	r.record.BaseURL, r.record.Key = r.Config.API.BaseURL.String(), runname.Key(r.Name)
	change(&r.record)
	if r.Journal == nil {
		return
	}
	if err := r.Journal.Write(r.record); err != nil && !r.journalFailed {
		r.journalFailed = true
		r.log.Warn(text.Sprintf("The state file cannot be written, so cleanup would not find what this run starts: %s", text.New(err.Error())))
	}
}

// finish notes that nothing is left behind.
func (r *run) finish() { r.keep(func(rec *Record) { rec.Step = StepFinished }) }
