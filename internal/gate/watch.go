package gate

import (
	"context"
	"time"

	"github.com/agent-gate/agent-gate/internal/budget"
	"github.com/agent-gate/agent-gate/internal/calls"
	"github.com/agent-gate/agent-gate/internal/gate/event"
	"github.com/agent-gate/agent-gate/internal/gate/patience"
	"github.com/agent-gate/agent-gate/internal/gate/plan"
	"github.com/agent-gate/agent-gate/internal/gate/schedule"
	"github.com/agent-gate/agent-gate/internal/text"
)

// watched is the outcome of the wait for an execution.
type watched struct {
	lost *lost // set by fail-fast; nil if the execution has ended
}

// watcher waits for the end of an execution.
type watcher struct {
	*tools
	random func() float64 // spreads the waits; nil for math/rand
	// cancellingSince is when the execution was first seen cancelling; zero if it is not.
	cancellingSince time.Time
	// endedSince is when the calls of a prompt had all ended while the execution went on.
	endedSince time.Time
	// lookedAt is when its calls were last read to see that.
	lookedAt time.Time
	// overspent is true once the run has warned that it is over max-calls.
	overspent bool
}

// unknownGrace is how long to retry when the server does not know a new execution: the response to
// execute and the reads can come from different databases.
const unknownGrace = 30 * time.Second

// first waits for the started calls, unless fail-fast ends the wait.
func (w *watcher) first(ctx context.Context, fast *failFast) (watched, error) {
	w.endedSince = time.Time{}
	return w.until(ctx, fast, w.isOver(ctx))
}

// again waits for an execution that is running again.
func (w *watcher) again(ctx context.Context) error {
	_, err := w.until(ctx, nil, w.isOver(ctx))
	return err
}

// isOver returns a test of whether a poll shows that the execution is over.
func (w *watcher) isOver(ctx context.Context) func(calls.Progress) bool {
	return func(p calls.Progress) bool {
		return p.Status.Terminal() || w.endless(ctx, p) || w.isPromptOver(ctx, p)
	}
}

// until polls the execution until done returns true, or until fail-fast ends the wait; fast may be
// nil.
func (w *watcher) until(ctx context.Context, fast *failFast, done func(calls.Progress) bool) (seen watched, _ error) {
	began := time.Now()
	waits := schedule.New(w.config.Waiting.PollMinInterval, w.config.Waiting.PollMaxInterval)
	if w.random != nil {
		waits.Random = w.random
	}
	failures, gone := 0, w.spending.Gone()
	for {
		p, err := w.api.Poll(ctx, w.paid.ID())
		elapsed := time.Since(began)
		var asked time.Duration // the wait that the server requested
		switch {
		case err == nil:
			failures = 0
			w.paid.Learn(p)
			w.patience.Understood()
			if !p.Status.Known() {
				w.log.Warn(text.Sprintf("The server reported the status %q, which its documentation does not list. Still waiting.", p.Status))
			}
			waits.Observe(p, elapsed)
			w.log.Tell(event.ProgressMade{Progress: p, Elapsed: elapsed, Left: waits.Estimate()})
			if w.paid.CheckTwin(ctx, p.Status.Terminal(), fast == nil) {
				continue // now watching another execution
			}
			if err := w.checkSize(p); err != nil {
				return seen, err
			}
			if done(p) {
				return seen, nil
			}
			if w.paid.Mine() {
				if err := w.spending.Check(ctx, w.paid.ID(), p); err != nil {
					if w.paid.Ended(ctx) {
						continue // nothing is left to stop
					}
					return seen, err
				}
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
				w.log.Note(text.Sprintf("A poll failed: %s; retrying until the timeout", text.New(err.Error())))
			}
		}
		woken, err := patience.PauseUnless(ctx, max(waits.NextBackOff(), asked), gone)
		if err != nil {
			return seen, err
		}
		if woken {
			gone = nil // once
		}
	}
}

// checkSize stops a run that turns out to be over max-calls, including reruns, or over the budget that it
// shares with others.
func (w *watcher) checkSize(p calls.Progress) error {
	limit := w.config.MaxCalls
	if limit == 0 && w.company == nil || !w.paid.Mine() || p.Total == nil {
		return nil
	}
	before, _ := w.gathered.CallsBefore() // which an earlier start has paid for
	placed := w.gathered.PlacedAgain() + w.gathered.Earlier().Len() - before
	if !w.gathered.IsPaidBefore() {
		placed += *p.Total
	}
	if why := w.overShare(placed); !why.IsEmpty() && !p.Status.Terminal() {
		return budget.ExceededError{Reason: why}
	}
	if limit == 0 {
		return nil
	}
	if p.Status.Terminal() {
		if placed > limit && !w.overspent {
			w.overspent = true
			w.log.Warn(text.Sprintf("The run placed %d calls, more than max-calls %d: they had ended before the server reported their number.", placed, limit))
		}
		return nil
	}
	if placed <= limit {
		return nil
	}
	why := text.Sprintf("the run places %d calls, more than max-calls %d", placed, limit)
	if w.gathered.Earlier().Len() > 0 { // a trial that is larger than the ones before
		return budget.ExceededError{Reason: why}
	}
	return plan.ConfigError{Reason: why}
}

// overShare says that calls are too many for the budget shared with other gates; empty if they are not.
func (t *tools) overShare(placed int) text.Untrusted {
	if t.company == nil {
		return text.Untrusted{}
	}
	return t.company.Placed(placed)
}

// endlessAfter is how long an execution must be cancelling with all of its calls ended before it
// counts as stuck. Workers finish a cancel within a minute (contract, section 4.2), and calls that
// they end come back as cancelled.
const endlessAfter = time.Minute

// endless reports whether the execution is stuck cancelling. A run does not wait for an execution
// that it has cancelled itself.
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
