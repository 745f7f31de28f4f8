package paid

import (
	"context"
	"errors"
	"time"

	"github.com/google/uuid"

	"github.com/agent-gate/agent-gate/internal/calls"
	"github.com/agent-gate/agent-gate/internal/client"
	"github.com/agent-gate/agent-gate/internal/gate/patience"
	"github.com/agent-gate/agent-gate/internal/text"
)

// AfterSignal is how long stopping may take after a signal. GitHub sends SIGTERM 7.5 s after SIGINT
// and kills 2.5 s later (docs: workflow cancellation); GitLab kills about 10 s after SIGTERM. The
// reports must be written within that time too.
const AfterSignal = 5 * time.Second

const (
	// lookTime bounds each read that checks for something to cancel; after a signal two of them
	// leave half of the time for the cancel.
	lookTime = AfterSignal / 4
	// cancelPause is the wait between the first hastyCancels cancels, laterCancelPause between
	// later ones, for which only a run without a signal has time. Repeating a cancel does not
	// harm a running execution, and the status is read before each.
	cancelPause, laterCancelPause = 600 * time.Millisecond, 5 * time.Second
	hastyCancels                  = 6
	// confirmPause is the wait before the read that confirms a cancel.
	confirmPause = 300 * time.Millisecond
)

// ErrNoTime is the cause when the time for stopping is over.
var ErrNoTime = errors.New("no time was left to wait for a response")

// Cancel cancels the execution that this run started and says what happened; empty if there is
// nothing to say. optional is true if cancel-on-exit applies.
//
// It does not cancel an execution that has ended, because the deployed server would mark it as
// cancelled (contract, section 3.12), nor one that somebody else started.
func (r *Run) Cancel(ctx context.Context, optional bool) text.Untrusted {
	switch {
	case r.searched:
		return text.Untrusted{} // the reason already says what is not certain
	case r.record.Step == StepExecuting:
		// The execute was interrupted: it may have taken effect.
		found, err := r.findStarted(ctx, looksWithin(ctx))
		if err != nil {
			return text.Sprintf("it is not certain whether the execution was started: %s", text.New(err.Error()))
		}
		r.adopt(ctx, found, text.New("The start was interrupted"))
	}
	id := r.execution.ID
	switch {
	case id == uuid.Nil && len(r.earlier) > 0:
		r.Finish()
		return text.Untrusted{}
	case id == uuid.Nil:
		if claimed := r.record.RunTestID; r.release(ctx) {
			return text.Sprintf("nothing was started, and run test %s was deleted again", claimed)
		}
		return text.New("nothing was started")
	case r.Guessed():
		if !r.cleaning {
			r.Finish()
		}
		return text.Sprintf("execution %s was not cancelled, because others may have started it: check it in the dashboard, and cancel it there if it is this run's", id)
	case !r.Mine() && r.UnderWay():
		return text.Sprintf("execution %s was left running, because this run did not start it; the rerun or new evals that this run requested may still be running there", id)
	case !r.Mine() && r.status.Terminal():
		return text.Sprintf("execution %s is %s", id, r.status)
	case !r.Mine():
		return text.Sprintf("execution %s was left running, because this run did not start it", id)
	case optional && r.mayGoOn():
		r.keep(func(rec *Record) { rec.Resent = false })
		r.Finish() // cleanup must not cancel it either
		return text.Sprintf("execution %s was left running, because cancel-on-exit is false", id)
	}
	if r.Ended(ctx) {
		return r.atRest(ctx, id)
	}
	return r.order(ctx, id)
}

// mayGoOn reports whether the user wants the execution to go on when the run stops.
func (r *Run) mayGoOn() bool { return !r.given.CancelOnExit && !r.record.Chats }

// order sends the cancel, reads the status once more and says what happened: an accepted cancel does
// not mean that the execution has ended, nor a lost response that the cancel had no effect.
func (r *Run) order(ctx context.Context, id uuid.UUID) text.Untrusted {
	failed := r.sendCancel(ctx, id)
	read := patience.Pause(ctx, confirmPause) == nil && r.look(ctx, id)
	switch {
	case r.status.Terminal():
		r.Finish()
		return text.Sprintf("execution %s is %s", id, r.status)
	case r.status == calls.ExecutionCancelling:
		r.Finish()
		return text.Sprintf("execution %s is being cancelled", id)
	case failed != nil:
		return text.Sprintf("cancelling execution %s failed, so check it in the dashboard: %s", id, text.New(failed.Error()))
	case !read:
		return text.Sprintf("the server accepted the cancel of execution %s, but the status could not be read afterwards", id)
	}
	return text.Sprintf("the server accepted the cancel of execution %s, which is still %s", id, r.status)
}

// sendCancel sends the cancel until it is accepted, the execution has ended, or time runs out. It
// leaves time for the read that confirms it.
func (r *Run) sendCancel(ctx context.Context, id uuid.UUID) error {
	if deadline, ok := ctx.Deadline(); ok {
		var cancel context.CancelFunc
		ctx, cancel = context.WithDeadlineCause(ctx, deadline.Add(-lookTime-confirmPause), ErrNoTime)
		defer cancel()
	}
	r.cancelled = true // from here on
	for try := 1; ; try++ {
		_, err := r.given.API.Cancel(ctx, id)
		failure, ok := errors.AsType[*client.Error](err)
		if !ok {
			return err
		}
		wait := cancelPause
		if try >= hastyCancels {
			wait = laterCancelPause
		}
		switch failure.Kind {
		case client.KindUnauthorized, client.KindForbidden, client.KindNotFound:
			return err
		}
		if deadline, ok := ctx.Deadline(); ok && failure.RetryAfter < time.Until(deadline) {
			wait = max(wait, failure.RetryAfter)
		}
		if patience.Pause(ctx, wait) != nil || r.Ended(ctx) || r.status == calls.ExecutionCancelling {
			return err
		}
	}
}

// atRest says that an execution has already ended, unless a rerun or new evals whose outcome is
// unknown may still start. Then it watches for a while; if it cannot read the status, cleanup has to
// check again.
func (r *Run) atRest(ctx context.Context, id uuid.UUID) text.Untrusted {
	if !r.UnderWay() {
		r.Finish()
		return text.Sprintf("execution %s had already ended (%s)", id, r.status)
	}
	read := false
	for _, wait := range patience.LookPauses {
		deadline, ok := ctx.Deadline()
		if ok && time.Until(deadline) < wait+AfterSignal/2 || patience.Pause(ctx, wait) != nil {
			read = false
			break
		}
		if read = r.look(ctx, id); read && !r.status.Terminal() {
			return r.order(ctx, id)
		}
	}
	if !read {
		return text.Sprintf("execution %s had already ended (%s), but the server may still start the rerun or new evals requested last: check it in the dashboard", id, r.status)
	}
	r.Finish()
	return text.Sprintf("execution %s had already ended (%s)", id, r.status)
}

// Ended reads whether the execution is terminal, because cancelling an ended one would spoil it. If
// it cannot be read, the last known status counts.
func (r *Run) Ended(ctx context.Context) bool {
	r.look(ctx, r.execution.ID)
	return r.status.Terminal()
}

// look reads the status of the execution, from a poll or else from the list of executions, and
// reports whether it succeeded.
func (r *Run) look(ctx context.Context, id uuid.UUID) bool {
	look, cancel := context.WithTimeoutCause(ctx, lookTime, ErrNoTime)
	defer cancel()
	if p, err := r.given.API.Poll(look, id); err == nil {
		r.Learn(p)
		return true
	}
	if r.runTest.ID == uuid.Nil {
		return false
	}
	list, cancelList := context.WithTimeoutCause(ctx, lookTime, ErrNoTime)
	defer cancelList()
	executions, err := r.given.API.Executions(list, r.runTest.ID)
	if err != nil {
		return false
	}
	for _, e := range executions {
		if e.ID == id {
			r.status = e.Status
			return true
		}
	}
	return false
}
