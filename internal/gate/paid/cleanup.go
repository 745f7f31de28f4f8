package paid

import (
	"context"

	"github.com/agent-gate/agent-gate/internal/calls"
	"github.com/agent-gate/agent-gate/internal/text"
)

// Cleanup cancels what a killed run left behind, by its record, and says what it did; empty if there
// was nothing to do. It can be repeated: it does not cancel an execution that has ended.
// Settings.Others reports here whether another process of the same job attempt has run since the
// killed one began.
func Cleanup(ctx context.Context, s Settings, record Record) text.Untrusted {
	if !record.LeftBehind() {
		return text.Untrusted{}
	}
	r := New(s)
	r.record, r.alone, r.late, r.cleaning = record, !record.Shared, true, true
	r.status = calls.ExecutionRunning
	if r.UnderWay() {
		r.status = calls.ExecutionCompleted // as it was when more work was requested
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
