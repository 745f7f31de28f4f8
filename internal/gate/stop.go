package gate

import (
	"context"
	"errors"
	"strings"
	"time"

	"github.com/google/uuid"

	"github.com/agent-gate/agent-gate/internal/budget"
	"github.com/agent-gate/agent-gate/internal/calls"
	"github.com/agent-gate/agent-gate/internal/gate/paid"
	"github.com/agent-gate/agent-gate/internal/gate/patience"
	"github.com/agent-gate/agent-gate/internal/gate/plan"
	"github.com/agent-gate/agent-gate/internal/text"
	"github.com/agent-gate/agent-gate/internal/verdict"
)

const (
	// stopOtherwise is how long stopping may take without a signal: enough for the deployed
	// server's own retries, up to 30 s (contract, section 3.12). With a short timeout it is half
	// of that, but at least stopAtLeast.
	stopOtherwise = time.Minute
	stopAtLeast   = 10 * time.Second
	// stopNow is for a cancel when no time is left.
	stopNow = 2 * time.Second
	// lastRead bounds the last read of an execution that had ended before the timeout.
	lastRead = time.Minute
)

// stopped ends a run that cannot be judged: it cancels what this run started and says why in one
// sentence. parent ends on a signal, ctx also on the timeout.
func (r *run) stopped(parent, ctx context.Context, err error) verdict.Verdict {
	cause, reason := r.classify(parent, ctx, err)
	signalled := cause == verdict.CauseInterrupted || cause == verdict.CauseTerminated
	allowed := r.toStop()
	if signalled {
		allowed = paid.AfterSignal
	}
	after, cancel := stopping(parent, allowed)
	defer cancel()
	outside := signalled || cause == verdict.CauseTimeout // not because of what the server said
	if outside {
		reason = r.howFar(reason)
	}
	r.under.shut()
	rest := r.paid.Cancel(after, outside)
	over, ok := errors.AsType[budget.ExceededError](err)
	switch {
	case ok && !outside:
		r.readRest(after, over.Ended)
	case len(r.talker.begun) > 0:
		r.readHeld(after)
	default:
		r.readMade(after, cause == verdict.CauseTimeout)
	}
	if twins := r.paid.CancelTwins(after); !twins.IsEmpty() {
		rest = text.Sprintf("%s; %s", rest, twins)
	}
	if !rest.IsEmpty() && !strings.Contains(reason.Raw(), rest.Raw()) {
		reason = text.Sprintf("%s; %s", reason, rest)
	}
	return verdict.Errored(cause, reason, r.known(), r.plan.Rules())
}

// isOverBudget reports whether a run ends because it is over its budget.
func isOverBudget(err error) bool {
	_, over := errors.AsType[budget.ExceededError](err)
	return over
}

// readRest reads the calls of a run that was just cancelled, for the reports. Those that had not ended
// before count as cancelled.
func (r *run) readRest(ctx context.Context, ended map[uuid.UUID]bool) {
	if r.paid.ID() == uuid.Nil || !r.paid.Cancelled() {
		return
	}
	r.awaitCancel(ctx)
	if r.readCancelled(ctx) && !r.config.Agent.Given() { // we know how our own conversations ended
		r.gathered.CutOff(ended)
	}
}

// readHeld reads the calls of a run that stops while or after it held conversations, for the reports. What is
// known of them without the server is told even if it cannot be read.
func (r *run) readHeld(ctx context.Context) {
	if !r.readCancelled(ctx) && r.gathered.Read() == 0 {
		r.gathered.Take(r.talker.read)
	}
}

// lookAtMade bounds the read of what a further execution made that was cut off.
const lookAtMade = 10 * time.Second

// readMade reads the calls of an execution that ends unread, for the reports: of a further one, since those of the others
// are there, and of any that timed out, since most of its calls may have ended. It leaves time for the reports.
func (r *run) readMade(ctx context.Context, timedOut bool) {
	if r.paid.ID() == uuid.Nil || r.gathered.Earlier().Len() == 0 && !timedOut || r.gathered.Read() > 0 {
		return
	}
	allowed := lookAtMade
	if deadline, ok := ctx.Deadline(); ok {
		allowed = min(allowed, time.Until(deadline)/2)
	}
	quick, cancel := context.WithTimeoutCause(ctx, allowed, paid.ErrNoTime)
	defer cancel()
	if r.readCancelled(quick) && r.paid.Cancelled() && !r.config.Agent.Given() {
		r.gathered.CutOff(nil)
	}
}

// readCancelled reads the calls of an execution that was just cancelled. Even if not all could be read, they
// say which failed. It reports whether there are any.
func (r *run) readCancelled(ctx context.Context) bool {
	e, err := r.api.Collect(ctx, r.paid.ID())
	if err != nil {
		r.log.Warn(text.Sprintf("Could not read the calls after cancelling: %s", text.New(err.Error())))
	}
	if e.Calls.Len() == 0 {
		return false
	}
	r.collector.take(e)
	if err != nil {
		r.gathered.MayLack()
	}
	return true
}

// afterDeath cancels and judges a run whose agent died while a conversation was open: that fails it,
// whatever was not reached.
func (r *run) afterDeath(ctx context.Context) verdict.Verdict {
	after, cancel := stopping(ctx, r.toStop())
	defer cancel()
	rest := r.paid.Cancel(after, false)
	r.awaitCancel(after)
	r.readCancelled(after)
	v := verdict.Judge(r.known(), r.plan.Rules())
	v.Reason = text.Sprintf("%s; %s", v.Reason, rest)
	return v
}

// stopTime is how long the run may go on after its timeout.
func (g Gate) stopTime() time.Duration {
	if g.Stopping > 0 {
		return g.Stopping
	}
	return DefaultStopping(g.Timeout)
}

// DefaultStopping is how much longer than its timeout a run may take to stop if nothing else bounds
// it: half of the timeout, between 10 s and a minute.
func DefaultStopping(timeout time.Duration) time.Duration {
	return min(stopOtherwise, max(stopAtLeast, timeout/2))
}

// toStop is how long stopping may take without a signal.
func (r *run) toStop() time.Duration { return min(stopOtherwise, max(stopNow, time.Until(r.end))) }

// howFar adds to a reason how many calls had ended, if the last poll says.
func (r *run) howFar(reason text.Untrusted) text.Untrusted {
	if n := len(r.talker.rows); n > 0 {
		return text.Sprintf("%s when %d of %s had ended", reason, r.talker.ended, text.Plural(n, "conversation"))
	}
	p := r.paid.Progress()
	if r.patience.Trouble() != nil || p.Status.Terminal() || p.Total == nil || p.Completed == nil || p.Failed == nil {
		return reason
	}
	return text.Sprintf("%s when %d of %s had ended", reason, *p.Completed+*p.Failed, text.Plural(*p.Total, "call"))
}

// stopping returns a context for work that must be done even if parent has ended or ends: it lasts
// as long as allowed, but at most paid.AfterSignal once parent ends.
func stopping(parent context.Context, allowed time.Duration) (context.Context, context.CancelFunc) {
	lasting, end := context.WithCancelCause(context.WithoutCancel(parent))
	after, cancel := context.WithTimeoutCause(lasting, allowed, paid.ErrNoTime)
	release := context.AfterFunc(parent, func() {
		if patience.Pause(after, paid.AfterSignal) == nil {
			end(paid.ErrNoTime)
		}
	})
	return after, func() {
		release()
		cancel()
		end(nil)
	}
}

// classify returns why the run ends.
func (r *run) classify(parent, ctx context.Context, err error) (verdict.Cause, text.Untrusted) {
	cause := context.Cause(ctx)
	if parent.Err() != nil {
		cause = context.Cause(parent) // even if the timeout came first
	}
	switch {
	case errors.Is(cause, ErrInterrupted):
		return verdict.CauseInterrupted, text.Sprintf("%s", ErrInterrupted)
	case errors.Is(cause, ErrTerminated):
		return verdict.CauseTerminated, text.Sprintf("%s", ErrTerminated)
	case errors.Is(cause, errTimeout):
		reason := text.Sprintf("%s after %s", errTimeout, r.timeout)
		if last := r.patience.Last(err); last != nil {
			reason = text.Sprintf("%s; last failure before that: %s", reason, text.New(last.Error()))
		}
		if r.unbegunText() {
			reason = text.Sprintf("%s; the server had begun no call of this text agent: %s", reason, text.New(hostedOff))
		}
		return verdict.CauseTimeout, reason
	}
	if apart, ok := errors.AsType[NotStartedError](err); ok {
		return apart.Cause, apart.Reason
	}
	if over, ok := errors.AsType[budget.ExceededError](err); ok {
		return verdict.CauseBudget, over.Reason
	}
	if failure, ok := errors.AsType[plan.ConfigError](err); ok {
		return verdict.CauseConfig, failure.Reason
	}
	return verdict.CauseOperational, text.New(err.Error())
}

// endedMeanwhile reads once more, after the timeout, whether the execution has ended. During a
// rerun a terminal status does not count: it may date from before. Nor does it after conversations
// that the timeout cut short: closing them is what ended the execution.
func (r *run) endedMeanwhile(parent context.Context) bool {
	if r.talker.cut {
		return false
	}
	if r.paid.Concluded() {
		return parent.Err() == nil
	}
	if r.paid.ID() == uuid.Nil || r.asker.doubted || r.paid.UnderWay() || parent.Err() != nil {
		return false
	}
	return r.paid.Ended(parent) || r.promptOver(parent)
}

// promptOver reads, after the timeout, whether all calls of a prompt have ended and the verdict depends on
// nothing that may still come. The execution then counts as completed: its status can be late for ever
// (chat.md 0.5).
func (r *run) promptOver(parent context.Context) bool {
	if !r.paid.OfPrompt() || !r.paid.Mine() {
		return false
	}
	ctx, cancel := context.WithTimeoutCause(parent, min(lastRead, time.Until(r.end))/2, paid.ErrNoTime)
	defer cancel()
	e, err := r.api.Collect(ctx, r.paid.ID())
	if err != nil || e.Calls.Len() == 0 {
		return false
	}
	r.collector.take(e)
	for _, c := range e.Calls.All() {
		if !c.Status.Terminal() {
			return false
		}
	}
	asEnded := r.known()
	last := &asEnded.Execution
	if n := len(asEnded.Further); n > 0 {
		last = &asEnded.Further[n-1]
	}
	last.Status = calls.ExecutionCompleted
	if verdict.Awaits(asEnded, r.plan.Rules()) {
		return false
	}
	r.paid.Conclude()
	return true
}
