package gate

import (
	"context"
	"time"

	"github.com/agent-gate/agent-gate/internal/calls"
	"github.com/agent-gate/agent-gate/internal/gate/event"
	"github.com/agent-gate/agent-gate/internal/gate/patience"
	"github.com/agent-gate/agent-gate/internal/gate/plan"
	"github.com/agent-gate/agent-gate/internal/gate/schedule"
	"github.com/agent-gate/agent-gate/internal/text"
)

// watched is an execution that has ended, or that cannot turn the verdict any more.
type watched struct {
	lost *lost // nil when it has ended
}

// watcher waits for the end of an execution.
type watcher struct {
	*tools
	random func() float64 // for the waits; nil for math/rand
	// cancellingSince is since when the execution is seen cancelling; zero when it is not.
	cancellingSince time.Time
	// overspent is true once it was said that the run is larger than max-calls.
	overspent bool
}

// unknownGrace is how long a fresh execution may be unknown to the server before that
// is believed: the answer to the execute and the reads can come from two databases.
const unknownGrace = 30 * time.Second

// first waits for the calls that were started, as long as there is hope for them.
func (w *watcher) first(ctx context.Context, fast *failFast) (watched, error) {
	return w.until(ctx, fast, w.isOver(ctx))
}

// again waits for an execution that is at work once more.
func (w *watcher) again(ctx context.Context) error {
	_, err := w.until(ctx, nil, w.isOver(ctx))
	return err
}

// isOver tells by a poll whether there is nothing left to wait for.
func (w *watcher) isOver(ctx context.Context) func(calls.Progress) bool {
	return func(p calls.Progress) bool { return p.Status.Terminal() || w.endless(ctx, p) }
}

// until polls the execution until done says so, or until nothing is left to hope for. hope is
// nil where that is not asked.
func (w *watcher) until(ctx context.Context, fast *failFast, done func(calls.Progress) bool) (seen watched, _ error) {
	began := time.Now()
	waits := schedule.New(w.config.Waiting.PollMinInterval, w.config.Waiting.PollMaxInterval)
	if w.random != nil {
		waits.Random = w.random
	}
	warned := map[calls.ExecutionStatus]bool{}
	failures := 0
	for {
		p, err := w.api.Poll(ctx, w.paid.ID())
		elapsed := time.Since(began)
		var asked time.Duration // the wait that the server asked for
		switch {
		case err == nil:
			failures = 0
			w.paid.Learn(p)
			w.patience.Understood()
			if !p.Status.Known() && !warned[p.Status] {
				warned[p.Status] = true
				w.log.Warn(text.Sprintf("The server reported the status %q, which its documentation does not list. Still waiting.", p.Status))
			}
			waits.Observe(p, elapsed)
			w.log.Tell(event.ProgressMade{Progress: p, Elapsed: elapsed, Left: waits.Estimate()})
			if w.paid.CheckTwin(ctx, p.Status.Terminal(), fast == nil) {
				continue // another execution is watched from now on
			}
			if err := w.checkSize(p); err != nil {
				return seen, err
			}
			if done(p) {
				return seen, nil
			}
			if err := w.checkText(p, elapsed); err != nil {
				return seen, err
			}
			if fast == nil {
				break
			}
			if seen.lost = fast.check(ctx, p); seen.lost != nil {
				return seen, nil
			}
		case ctx.Err() != nil:
			return seen, w.patience.CauseOf(ctx, err)
		case !w.patience.Outlasts(err) && !(patience.IsMissing(err) && w.paid.Mine() && elapsed < unknownGrace):
			return seen, err
		default:
			w.patience.Failed(err)
			asked = patience.RetryAfter(err)
			if failures++; failures == 1 {
				w.log.Note(text.Sprintf("A poll failed. Retrying until the timeout: %s", text.New(err.Error())))
			}
		}
		if err := patience.Pause(ctx, max(waits.NextBackOff(), asked)); err != nil {
			return seen, err
		}
	}
}

// checkSize stops a run that turns out larger than max-calls; reruns count.
func (w *watcher) checkSize(p calls.Progress) error {
	limit := w.config.MaxCalls
	if limit == 0 || !w.paid.Mine() || p.Total == nil {
		return nil
	}
	placed := *p.Total + w.gathered.PlacedAgain()
	if p.Status.Terminal() {
		if placed > limit && !w.overspent {
			w.overspent = true
			w.log.Warn(text.Sprintf("The run placed %d calls, more than max-calls %d: they had ended before the server reported their number.", placed, limit))
		}
		return nil
	}
	if placed > limit {
		return plan.ConfigError{Reason: text.Sprintf("the run places %d calls, more than max-calls %d", placed, limit)}
	}
	return nil
}

// endlessAfter is how long an execution has to be seen cancelling with all of its calls
// ended before that is believed to be for ever. Workers finish a cancel within a minute
// (contract, section 4.2), and calls that they end come back as cancelled.
const endlessAfter = time.Minute

// endless reports whether the execution is being cancelled for ever. This run does not
// wait for one that it has cancelled itself.
func (w *watcher) endless(ctx context.Context, p calls.Progress) bool {
	switch {
	case p.Status != calls.ExecutionCancelling:
		w.cancellingSince = time.Time{}
		return false
	case w.cancellingSince.IsZero():
		w.cancellingSince = time.Now()
		return false
	case time.Since(w.cancellingSince) < endlessAfter,
		p.Total != nil && p.Completed != nil && p.Failed != nil && *p.Completed+*p.Failed < *p.Total:
		return false
	}
	e, err := w.api.Collect(ctx, w.paid.ID())
	return err == nil && endless(e)
}
