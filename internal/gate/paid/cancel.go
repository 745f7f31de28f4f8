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

// AfterSignal is the time that stopping may take after a signal. GitHub sends SIGTERM 7.5 s
// after SIGINT and kills 2.5 s later (docs: workflow cancellation), GitLab kills about 10 s
// after SIGTERM; the report has to be written in that time too.
const AfterSignal = 5 * time.Second

const (
	// lookTime bounds each of the reads that tell whether there is something to
	// cancel; after a signal two of them leave half of the time for the cancel.
	lookTime = AfterSignal / 4
	// cancelPause is the wait between the first cancels, and between the later ones,
	// of which only a run without a signal has some. Repeating a cancel does no harm to
	// an execution that is at work, which is read before each.
	cancelPause, laterCancelPause = 600 * time.Millisecond, 5 * time.Second
	hastyCancels                  = 6
	// confirmPause is the wait before the one read that confirms a cancel.
	confirmPause = 300 * time.Millisecond
)

// ErrNoTime ends what takes longer than there is time to stop.
var ErrNoTime = errors.New("no time was left to wait for a response")

// Cancel stops the execution that this run started and says what became of it; empty
// when there is nothing to say. optional is true when cancel-on-exit may forbid it.
//
// An execution that has ended is left alone: the deployed server would turn a finished
// one into a cancelled one (contract, section 3.12). So is one that somebody else
// started.
func (r *Run) Cancel(ctx context.Context, optional bool) text.Untrusted {
	switch {
	case r.searched:
		return text.Untrusted{} // the reason says that it is not certain
	case r.record.Step == StepExecuting:
		// The execute was cut off: it may have been carried out.
		found, err := r.findStarted(ctx, looksWithin(ctx))
		if err != nil {
			return text.Sprintf("it is not certain whether the execution was started: %s", text.New(err.Error()))
		}
		r.adopt(ctx, found, text.New("The start was interrupted"))
	}
	id := r.execution.ID
	switch {
	case id == uuid.Nil:
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
	case optional && !r.given.CancelOnExit:
		r.keep(func(rec *Record) { rec.Resent = false })
		r.Finish() // cleanup must leave it alone too
		return text.Sprintf("execution %s was left running, because cancel-on-exit is false", id)
	}
	if r.Ended(ctx) {
		return r.atRest(ctx, id)
	}
	return r.order(ctx, id)
}

// order sends the cancel and says what came of it, after one more read: a cancel is an
// order and not an end, and an answer that was lost does not mean that it was not obeyed.
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

// sendCancel sends the cancel until it is taken, the execution has ended, or the time is
// up. Of that it keeps what the read that confirms it takes.
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

// atRest says that an execution has ended by itself, unless work on it is under way
// that does not show yet: a rerun whose answer did not come may still be taken up. Then
// it is looked at for a while, and when it cannot be read cleanup has to look again.
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

// Ended reads whether the execution is terminal: to cancel one that has ended would
// spoil it. When it cannot be read, the newest status seen counts.
func (r *Run) Ended(ctx context.Context) bool {
	r.look(ctx, r.execution.ID)
	return r.status.Terminal()
}

// look reads the status of the execution, in one of two places, and reports whether one
// of them could be read.
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
