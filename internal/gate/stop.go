package gate

import (
	"context"
	"errors"
	"strings"
	"time"

	"github.com/google/uuid"

	"github.com/agent-gate/agent-gate/internal/client"
	"github.com/agent-gate/agent-gate/internal/gate/patience"
	"github.com/agent-gate/agent-gate/internal/text"
	"github.com/agent-gate/agent-gate/internal/verdict"
)

// The time that stopping may take. GitHub sends SIGTERM 7.5 s after SIGINT and kills
// 2.5 s later (docs: workflow cancellation), GitLab kills about 10 s after SIGTERM; the
// report has to be written in that time too.
const (
	stopAfterSignal = 5 * time.Second
	// stopOtherwise leaves room for the deployed server's own tries, up to 30 s
	// (contract, section 3.12). A short timeout leaves less, half of itself, and at least
	// stopAtLeast.
	stopOtherwise = time.Minute
	stopAtLeast   = 10 * time.Second
	// stopNow is for a cancel when there is no time left at all.
	stopNow = 2 * time.Second
	// lastRead bounds the reading of an execution that had ended when the time was up.
	lastRead = time.Minute
	// lookTime bounds each of the reads that tell whether there is something to
	// cancel; after a signal two of them leave half of the time for the cancel.
	lookTime = stopAfterSignal / 4
	// cancelPause is the wait between the first cancels, and between the later ones,
	// of which only a run without a signal has some. Repeating a cancel does no harm to
	// an execution that is at work, which is read before each.
	cancelPause, laterCancelPause = 600 * time.Millisecond, 5 * time.Second
	hastyCancels                  = 6
	// confirmPause is the wait before the one read that confirms a cancel.
	confirmPause = 300 * time.Millisecond
)

// unreadError says that the execution has ended, and that nothing of it could be read in time.
type unreadError struct{ err error }

// Error implements error.
func (e unreadError) Error() string {
	return "the execution has ended, but its calls could not be read before the time was up: " + e.err.Error()
}

// Unwrap returns the last failure.
func (e unreadError) Unwrap() error { return e.err }

// errNoTime ends what takes longer than there is time to stop.
var errNoTime = errors.New("there was no time left to wait for an answer")

// stopped ends a run that could not be judged: it cancels what this run started, and
// says why in one sentence. Parent ends with a signal, ctx also when the time is up.
func (r *run) stopped(parent, ctx context.Context, err error) verdict.Verdict {
	cause, reason := r.classify(parent, ctx, err)
	signalled := cause == verdict.CauseInterrupted || cause == verdict.CauseTerminated
	allowed := min(stopOtherwise, max(stopNow, time.Until(r.end)))
	if signalled {
		allowed = stopAfterSignal
	}
	after, cancel := stopping(parent, allowed)
	defer cancel()
	outside := signalled || cause == verdict.CauseTimeout // not because of what the server said
	if outside {
		reason = r.howFar(reason)
	}
	rest := r.cancel(after, outside)
	if twins := r.cancelTwins(after); !twins.IsEmpty() {
		rest = text.Sprintf("%s; %s", rest, twins)
	}
	if !rest.IsEmpty() && !strings.Contains(reason.Raw(), rest.Raw()) {
		reason = text.Sprintf("%s; %s", reason, rest)
	}
	return verdict.Errored(cause, reason, r.evidence, r.Config.Rules)
}

// stopTime is how long the run may go on after its timeout.
func (r *run) stopTime() time.Duration {
	if r.Stopping > 0 {
		return r.Stopping
	}
	return DefaultStopping(r.Timeout)
}

// DefaultStopping is how long a run with a timeout may go on after it where nothing else
// bounds it.
func DefaultStopping(timeout time.Duration) time.Duration {
	return min(stopOtherwise, max(stopAtLeast, timeout/2))
}

// howFar adds to a reason how many calls had ended, when the last poll told.
func (r *run) howFar(reason text.Untrusted) text.Untrusted {
	p := r.progress
	if r.patience.Trouble() != nil || p.Status.Terminal() || p.Total == nil || p.Completed == nil || p.Failed == nil {
		return reason
	}
	return text.Sprintf("%s when %d of %s had ended", reason, *p.Completed+*p.Failed, text.Plural(*p.Total, "call"))
}

// stopping is a context for what has to be done although parent has ended or may end: it
// lasts as long as allowed, and no longer than the time after a signal once parent ends.
func stopping(parent context.Context, allowed time.Duration) (context.Context, context.CancelFunc) {
	lasting, end := context.WithCancelCause(context.WithoutCancel(parent))
	after, cancel := context.WithTimeoutCause(lasting, allowed, errNoTime)
	release := context.AfterFunc(parent, func() {
		if patience.Pause(after, stopAfterSignal) == nil {
			end(errNoTime)
		}
	})
	return after, func() {
		release()
		cancel()
		end(nil)
	}
}

// classify tells why the run ends.
func (r *run) classify(parent, ctx context.Context, err error) (verdict.Cause, text.Untrusted) {
	cause := context.Cause(ctx)
	if parent.Err() != nil {
		cause = context.Cause(parent) // also when the time was up before
	}
	switch {
	case errors.Is(cause, ErrInterrupted):
		return verdict.CauseInterrupted, text.Sprintf("%s", ErrInterrupted)
	case errors.Is(cause, ErrTerminated):
		return verdict.CauseTerminated, text.Sprintf("%s", ErrTerminated)
	case errors.Is(cause, errTimeout):
		reason := text.Sprintf("%s after %s", errTimeout, r.Timeout)
		if last := r.patience.Last(err); last != nil {
			reason = text.Sprintf("%s; the last failure before: %s", reason, text.New(last.Error()))
		}
		return verdict.CauseTimeout, reason
	}
	if failure, ok := errors.AsType[configError](err); ok {
		return verdict.CauseConfig, failure.reason
	}
	return verdict.CauseOperational, text.New(err.Error())
}

// isUnread reports whether an ended execution could not be read in time.
func isUnread(err error) bool {
	_, ok := errors.AsType[unreadError](err)
	return ok
}

// cancel stops the execution that this run started and says what became of it; empty
// when there is nothing to say. optional is true when cancel-on-exit may forbid it.
//
// An execution that has ended is left alone: the deployed server would turn a finished
// one into a cancelled one (contract, section 3.12). So is one that somebody else
// started.
func (r *run) cancel(ctx context.Context, optional bool) text.Untrusted {
	switch {
	case r.searched:
		return text.Untrusted{} // the reason says that it is not certain
	case r.record.Step == StepExecuting:
		// The execute was cut off: it may have been carried out.
		found, err := r.findStarted(ctx, looksWithin(ctx))
		if err != nil {
			return text.Sprintf("whether the execution was started is not certain: %s", text.New(err.Error()))
		}
		r.adopt(ctx, found, text.New("The start was cut off"))
	}
	id := r.evidence.Execution.ID
	switch {
	case id == uuid.Nil:
		return text.New("nothing was started")
	case r.guessed:
		if !r.cleaning {
			r.finish()
		}
		return text.Sprintf("execution %s is left alone: it is only taken for this run's, since it is the only new one of a run test that others use too; look at it in the dashboard, and cancel it there when it is this run's", id)
	case !r.owned && r.underWay():
		return text.Sprintf("execution %s goes on, since this run did not start it; what this run asked for last, a rerun or new evals, may still be at work there", id)
	case !r.owned && r.last.Terminal():
		return text.Sprintf("execution %s is %s", id, r.last)
	case !r.owned:
		return text.Sprintf("execution %s goes on, since this run did not start it", id)
	case optional && !r.Config.Waiting.CancelOnExit:
		r.keep(func(rec *Record) { rec.Resent = false })
		r.finish() // cleanup must leave it alone too
		return text.Sprintf("execution %s goes on, since cancel-on-exit is false", id)
	}
	if r.ended(ctx, id) {
		return r.atRest(ctx, id)
	}
	return r.order(ctx, id)
}

// order sends the cancel and says what came of it, after one more read: a cancel is an
// order and not an end, and an answer that was lost does not mean that it was not obeyed.
func (r *run) order(ctx context.Context, id uuid.UUID) text.Untrusted {
	failed := r.sendCancel(ctx, id)
	read := patience.Pause(ctx, confirmPause) == nil && r.look(ctx, id)
	switch {
	case r.last.Terminal():
		r.finish()
		return text.Sprintf("execution %s is %s", id, r.last)
	case r.last == client.ExecutionCancelling:
		r.finish()
		return text.Sprintf("execution %s is being cancelled", id)
	case failed != nil:
		return text.Sprintf("cancelling execution %s failed, look at it in the dashboard: %s", id, text.New(failed.Error()))
	case !read:
		return text.Sprintf("the server took the order to cancel execution %s, but it could not be read whether it obeyed", id)
	}
	return text.Sprintf("the server took the order to cancel execution %s, and it is %s so far", id, r.last)
}

// sendCancel sends the cancel until it is taken, the execution has ended, or the time is
// up. Of that it keeps what the read that confirms it takes.
func (r *run) sendCancel(ctx context.Context, id uuid.UUID) error {
	if deadline, ok := ctx.Deadline(); ok {
		var cancel context.CancelFunc
		ctx, cancel = context.WithDeadlineCause(ctx, deadline.Add(-lookTime-confirmPause), errNoTime)
		defer cancel()
	}
	r.cancelled = true // from here on
	for try := 1; ; try++ {
		_, err := r.API.Cancel(ctx, id)
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
		if patience.Pause(ctx, wait) != nil || r.ended(ctx, id) || r.last == client.ExecutionCancelling {
			return err
		}
	}
}

// atRest says that an execution has ended by itself, unless work on it is under way
// that does not show yet: a rerun whose answer did not come may still be taken up. Then
// it is looked at for a while, and when it cannot be read cleanup has to look again.
func (r *run) atRest(ctx context.Context, id uuid.UUID) text.Untrusted {
	if !r.underWay() {
		r.finish()
		return text.Sprintf("execution %s had ended by itself (%s)", id, r.last)
	}
	read := false
	for _, wait := range patience.LookPauses {
		deadline, ok := ctx.Deadline()
		if ok && time.Until(deadline) < wait+stopAfterSignal/2 || patience.Pause(ctx, wait) != nil {
			read = false
			break
		}
		if read = r.look(ctx, id); read && !r.last.Terminal() {
			return r.order(ctx, id)
		}
	}
	if !read {
		return text.Sprintf("execution %s had ended (%s), but the server may still take up what was asked of it last: look at it in the dashboard", id, r.last)
	}
	r.finish()
	return text.Sprintf("execution %s had ended by itself (%s)", id, r.last)
}

// underWay reports whether a request to do more work on the execution was sent whose
// answer is not known.
func (r *run) underWay() bool {
	return r.record.Step == StepRerunning || r.record.Step == StepEvaluating
}

// ended reads whether the execution is terminal: to cancel one that has ended would
// spoil it. When it cannot be read, the newest status seen counts.
func (r *run) ended(ctx context.Context, id uuid.UUID) bool {
	r.look(ctx, id)
	return r.last.Terminal()
}

// look reads the status of the execution, in one of two places, and reports whether one
// of them could be read.
func (r *run) look(ctx context.Context, id uuid.UUID) bool {
	look, cancel := context.WithTimeoutCause(ctx, lookTime, errNoTime)
	defer cancel()
	if p, err := r.API.Poll(look, id); err == nil {
		r.learn(p)
		return true
	}
	if r.evidence.RunTest.ID == uuid.Nil {
		return false
	}
	list, cancelList := context.WithTimeoutCause(ctx, lookTime, errNoTime)
	defer cancelList()
	executions, err := r.API.Executions(list, r.evidence.RunTest.ID)
	if err != nil {
		return false
	}
	for _, e := range executions {
		if e.ID == id {
			r.last = e.Status
			return true
		}
	}
	return false
}

// endedMeanwhile reads once more, after the time was up, whether the execution had
// ended. While a rerun is awaited a terminal status may be the one from before.
func (r *run) endedMeanwhile(parent context.Context) bool {
	return r.evidence.Execution.ID != uuid.Nil && !r.doubted && !r.underWay() && parent.Err() == nil && r.ended(parent, r.evidence.Execution.ID)
}
