package paid

import (
	"context"
	"slices"

	"github.com/google/uuid"

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
	r.leaveKilled(ctx)
	var done []text.Untrusted
	if record.Step != StepFinished {
		done = append(done, r.Cancel(ctx, true))
	}
	done = append(done, r.CancelTwins(ctx), r.cancelLoose(ctx))
	return text.Join("; ", slices.DeleteFunc(done, text.Untrusted.IsEmpty)...)
}

// cancelLoose cancels executions that could not be cancelled when they were over, and says what happened.
func (r *Run) cancelLoose(ctx context.Context) text.Untrusted {
	var all []text.Untrusted
	for _, id := range r.record.Loose {
		all = append(all, r.cancelTwin(ctx, id))
	}
	r.keep(func(rec *Record) {
		rec.Loose = slices.DeleteFunc(slices.Clone(rec.Loose), func(id uuid.UUID) bool { return slices.Contains(rec.Before, id) })
	})
	return text.Join("; ", all...)
}
