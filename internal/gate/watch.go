package gate

import (
	"context"
	"fmt"
	"time"

	"github.com/agent-gate/agent-gate/internal/client"
	"github.com/agent-gate/agent-gate/internal/gate/event"
	"github.com/agent-gate/agent-gate/internal/gate/patience"
	"github.com/agent-gate/agent-gate/internal/gate/plan"
	"github.com/agent-gate/agent-gate/internal/gate/schedule"
	"github.com/agent-gate/agent-gate/internal/text"
)

// unknownGrace is how long a fresh execution may be unknown to the server before that
// is believed: the answer to the execute and the reads can come from two databases.
const unknownGrace = 30 * time.Second

// watch polls the execution until it is terminal.
func (r *run) watch(ctx context.Context) error {
	return r.watchUntil(ctx, func(p client.Progress) bool { return p.Status.Terminal() || r.endless(ctx, p) })
}

// watchUntil polls the execution until done says so.
func (r *run) watchUntil(ctx context.Context, done func(client.Progress) bool) error {
	began := time.Now()
	waits := schedule.New(r.Config.Waiting.PollMinInterval, r.Config.Waiting.PollMaxInterval)
	if r.Random != nil {
		waits.Random = r.Random
	}
	warned := map[client.ExecutionStatus]bool{}
	failures := 0
	for {
		p, err := r.API.Poll(ctx, r.paid.ID())
		elapsed := time.Since(began)
		var asked time.Duration // the wait that the server asked for
		switch {
		case err == nil:
			failures = 0
			r.paid.Learn(p)
			r.patience.Understood()
			if !p.Status.Known() && !warned[p.Status] {
				warned[p.Status] = true
				r.log.Warn(text.Sprintf("The server gave the status %q, which is not in its documents; waiting on.", p.Status))
			}
			waits.Observe(p, elapsed)
			r.log.Tell(event.ProgressMade{Progress: p, Elapsed: elapsed, Left: waits.Estimate()})
			if r.paid.CheckTwin(ctx, p.Status.Terminal(), !r.hope.watched) {
				continue // another execution is watched from now on
			}
			if err := r.checkSize(p); err != nil {
				return err
			}
			if done(p) {
				return nil
			}
			if err := r.checkText(p, elapsed); err != nil {
				return err
			}
			if err := r.checkHope(ctx, p); err != nil {
				return err
			}
		case ctx.Err() != nil:
			return r.patience.CauseOf(ctx, err)
		case !r.patience.Outlasts(err) && !(patience.IsMissing(err) && r.paid.Mine() && elapsed < unknownGrace):
			return err
		default:
			r.patience.Failed(err)
			asked = patience.RetryAfter(err)
			if failures++; failures == 1 {
				r.log.Note(text.Sprintf("A poll failed, trying again until the timeout: %s", text.New(err.Error())))
			}
		}
		if err := patience.Pause(ctx, max(waits.NextBackOff(), asked)); err != nil {
			return err
		}
	}
}

// checkSize stops a run that turns out larger than max-calls; reruns count.
func (r *run) checkSize(p client.Progress) error {
	limit := r.Config.MaxCalls
	if limit == 0 || !r.paid.Mine() || p.Total == nil {
		return nil
	}
	placed := *p.Total + r.gathered.PlacedAgain()
	if p.Status.Terminal() {
		if placed > limit && !r.overspent {
			r.overspent = true
			r.log.Warn(text.Sprintf("The run placed %d calls, more than max-calls %d: they had ended before their number showed.", placed, limit))
		}
		return nil
	}
	if placed > limit {
		return plan.ConfigError{Reason: text.Sprintf("the run places %d calls, more than max-calls %d", placed, limit)}
	}
	return nil
}

// calls reads the execution with all its calls. Like a poll, the read outlasts what may
// pass: the calls are paid for.
func (r *run) calls(ctx context.Context) (client.Execution, error) {
	for failures := 0; ; failures++ {
		e, err := r.API.Collect(ctx, r.paid.ID())
		gone := 0
		if err == nil {
			gone = r.gathered.Gone(e)
		}
		if gone > 0 {
			// A call that was seen is part of the run, however it came out.
			err = fmt.Errorf("%d of the calls that were read before are missing now", gone)
			if failures >= goneReads {
				return e, err
			}
		}
		switch {
		case err == nil:
			r.patience.Understood()
			return e, nil
		case ctx.Err() != nil:
			r.keepPartial(e)
			return e, r.patience.CauseOf(ctx, err)
		case r.timeUp:
			r.keepPartial(e)
			return e, err // nothing waits anew
		case gone == 0 && (!r.patience.Outlasts(err) || patience.TooLarge(err)):
			return e, fmt.Errorf("read the calls: %w", err)
		}
		r.keepPartial(e)
		r.patience.Failed(err)
		if failures == 0 {
			r.log.Note(text.Sprintf("The calls could not be read, trying again until the timeout: %s", text.New(err.Error())))
		}
		if err := patience.Pause(ctx, max(r.Config.Waiting.PollMaxInterval, patience.RetryAfter(err))); err != nil {
			return e, err
		}
	}
}

// goneReads is how often an execution that lost calls is read again.
const goneReads = 3
