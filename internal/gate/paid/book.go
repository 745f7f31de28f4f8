package paid

import (
	"github.com/google/uuid"

	"github.com/agent-gate/agent-gate/internal/gate/event"
	"github.com/agent-gate/agent-gate/internal/text"
)

// book holds the record and keeps it where it survives the process. Nothing else changes the
// record once the run has begun.
type book struct {
	record  Record
	log     *event.Log
	journal Journal // nil for none
	// failed is true once the journal could not be written: one warning is enough.
	failed bool
	// baseURL and key stand in the record.
	baseURL, key string
}

// keep changes the record and writes it.
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

// Reruns is how many rerun attempts were begun, also by a killed process.
func (b *book) Reruns() int { return b.record.Reruns }

// BeginRerun notes, before a rerun is asked for, which attempt it is and which calls it
// places of which the first try failed.
func (b *book) BeginRerun(attempt int, failed []uuid.UUID) {
	b.keep(func(rec *Record) {
		rec.Step, rec.Reruns = StepRerunning, attempt
		rec.note(failed)
	})
}

// BeginEvals notes, before new evals are asked for, that they may run.
func (b *book) BeginEvals() { b.keep(func(rec *Record) { rec.Step = StepEvaluating }) }

// Settled notes that it is known what became of the work that was asked for last.
func (b *book) Settled() { b.keep(func(rec *Record) { rec.Step = StepStarted }) }

// EvalsTaken notes that the new evals were taken up.
func (b *book) EvalsTaken() {
	b.keep(func(rec *Record) { rec.Step, rec.Evaluated = StepStarted, true })
}

// Finish notes that nothing is left behind.
func (b *book) Finish() { b.keep(func(rec *Record) { rec.Step = StepFinished }) }
