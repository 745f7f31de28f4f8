package paid

import (
	"context"

	"github.com/agent-gate/agent-gate/internal/calls"
	"github.com/agent-gate/agent-gate/internal/text"
)

// Cleanup cancels what a killed run left behind, from the record that it kept, and says
// what it did; the sentence is empty when there was nothing to do. It can be repeated:
// an execution that has ended is left alone. Others, of the settings, says whether another
// process of the same job attempt has lived since the one began that was killed.
func Cleanup(ctx context.Context, s Settings, record Record) text.Untrusted {
	if !record.LeftBehind() {
		return text.Untrusted{}
	}
	r := New(s)
	r.record, r.alone, r.late, r.cleaning = record, !record.Shared, true, true
	r.status = calls.ExecutionRunning
	if r.UnderWay() {
		r.status = calls.ExecutionCompleted // it was, when it was asked for more
	}
	r.runTest.ID, r.execution.ID = record.RunTestID, record.ExecutionID
	var done text.Untrusted
	if record.Step != StepFinished {
		done = r.Cancel(ctx, true)
	}
	besides := r.CancelTwins(ctx)
	if done.IsEmpty() || besides.IsEmpty() {
		return text.Join("", done, besides)
	}
	return text.Sprintf("%s; %s", done, besides)
}
