package gate

import (
	"context"

	"github.com/google/uuid"

	"github.com/agent-gate/agent-gate/internal/client"
	"github.com/agent-gate/agent-gate/internal/gate/event"
	"github.com/agent-gate/agent-gate/internal/text"
)

// Cleanup cancels what a killed run left behind, from the record that it kept, and says
// what it did; the sentence is empty when there was nothing to do. It can be repeated:
// an execution that has ended is left alone. Of the gate it uses the API, the base URL
// and the input cancel-on-exit of the configuration, the journal, and Others: whether another
// process of the same job attempt has lived since the one began that was killed.
func (g Gate) Cleanup(ctx context.Context, record Record) text.Untrusted {
	if !record.LeftBehind() {
		return text.Untrusted{}
	}
	r := &run{Gate: g, log: event.NewLog(g.Observe), record: record, owned: record.Owned, guessed: record.Guessed, mine: !record.Shared, last: client.ExecutionRunning, cleaning: true, late: true}
	if r.underWay() {
		r.last = client.ExecutionCompleted // it was, when it was asked for more
	}
	r.evidence.RunTest.ID = record.RunTestID
	r.evidence.Execution.ID = record.ExecutionID
	var done text.Untrusted
	if record.Step != StepFinished {
		done = r.cancel(ctx, true)
	}
	twins := r.cancelTwins(ctx)
	if done.IsEmpty() || twins.IsEmpty() {
		return text.Join("", done, twins)
	}
	return text.Sprintf("%s; %s", done, twins)
}

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
