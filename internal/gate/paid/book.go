package paid

import (
	"github.com/google/uuid"

	"github.com/agent-gate/agent-gate/internal/gate/event"
	"github.com/agent-gate/agent-gate/internal/text"
)

// book holds the record and writes each change to the journal. Nothing else changes the record once
// the run has begun.
type book struct {
	record  Record
	log     *event.Log
	journal Journal // nil for none
	// failed is true after the first failed write: one warning is enough.
	failed bool
	// baseURL and key go into every record.
	baseURL, key string
}

// keep changes the record and writes it to the journal.
func (b *book) keep(change func(*Record)) {
	b.record.BaseURL, b.record.Key = b.baseURL, b.key
	change(&b.record)
	if b.journal == nil {
		return
	}
	if err := b.journal.Write(b.record); err != nil && !b.failed {
		b.failed = true
		b.log.Warn(text.Sprintf("The state file cannot be written, so cleanup would not find what this run starts: %s", text.New(err.Error())))
	}
}

// Reruns returns how many rerun attempts were begun, including by a killed process.
func (b *book) Reruns() int { return b.record.Reruns }

// BeginRerun records, before a rerun is requested, its attempt (from 1) and the calls whose first
// try failed.
func (b *book) BeginRerun(attempt int, failed []uuid.UUID) {
	b.keep(func(rec *Record) {
		rec.Step, rec.Reruns = StepRerunning, attempt
		rec.note(failed)
	})
}

// BeginEvals records, before new evals are requested, that they may run.
func (b *book) BeginEvals() { b.keep(func(rec *Record) { rec.Step = StepEvaluating }) }

// Settled records that the outcome of the last request for more work is known.
func (b *book) Settled() { b.keep(func(rec *Record) { rec.Step = StepStarted }) }

// EvalsTaken records that the server started the new evals.
func (b *book) EvalsTaken() {
	b.keep(func(rec *Record) { rec.Step, rec.Evaluated = StepStarted, true })
}

// Leave records that the execution is left to the next run of the same job attempt.
func (b *book) Leave() { b.keep(func(rec *Record) { rec.Left = true }) }

// Finish records that nothing is left to clean up.
func (b *book) Finish() { b.keep(func(rec *Record) { rec.Step = StepFinished }) }
