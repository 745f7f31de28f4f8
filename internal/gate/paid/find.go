package paid

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"time"

	"github.com/google/uuid"

	"github.com/agent-gate/agent-gate/internal/calls"
	"github.com/agent-gate/agent-gate/internal/gate/patience"
)

// hurriedPause is the wait between looks after a signal.
const hurriedPause = 700 * time.Millisecond

// looks say how to look for an execution whose start is uncertain.
type looks struct {
	// last is for how long, counted in looks that are answered.
	last time.Duration
	// sightings is how often a new execution of a run test that others use too has to be
	// seen, and no second one beside it, before it is taken for ours.
	sightings int
	hurried   bool
}

// looksAfter are the looks after a failure of the request that starts it.
func looksAfter(failure error) looks {
	return looks{last: patience.LookTime(failure), sightings: 4}
}

// looksWithin are the looks of a run that has to stop: half of the time is for the cancel.
func looksWithin(ctx context.Context) looks {
	look := looks{last: patience.LookTotal, sightings: 4}
	if deadline, ok := ctx.Deadline(); ok {
		left := time.Until(deadline)
		look.last = min(look.last, left/2)
		if left <= AfterSignal {
			look = looks{last: 5 * hurriedPause, sightings: 2, hurried: true}
		}
	}
	return look
}

// wait is the pause after a look, counted from 0.
func (l looks) wait(n int) time.Duration {
	if l.hurried {
		return hurriedPause
	}
	return patience.LookPause(n)
}

// noneError says that the list was read to the end of the looks and shows nothing new.
type noneError struct{}

// Error implements error.
func (noneError) Error() string {
	return "it has no new execution so far, and one that shows up later is not watched"
}

// asNone is the noneError of an error.
func asNone(err error) (noneError, bool) { return errors.AsType[noneError](err) }

// findStarted looks for the executions that were not there before, oldest first: one, or
// several on a run test that is this run's alone. Looks that are not answered do not count,
// since the run is paid for: they go on until the context ends.
func (r *Run) findStarted(ctx context.Context, look looks) ([]calls.ExecutionSummary, error) {
	if !r.isShared() {
		look.sightings = 1
	}
	until, sent := time.Now().Add(look.last), r.given.Patience.Trouble() // why it is looked for
	var (
		found          []calls.ExecutionSummary
		why            error = noneError{}
		seen, failures int
	)
	for n := 0; ; n++ {
		now, err := r.given.API.Executions(ctx, r.record.RunTestID)
		wait := look.wait(n)
		switch {
		case err == nil:
			why = noneError{}
			r.given.Patience.Failed(sent)
			if list := r.unknown(now); len(list) > 0 {
				found = list
				seen++
			}
			if len(found) > 1 && r.isShared() {
				return nil, fmt.Errorf("run test %s has %d new executions, so it is not certain which one this run started: check them in the dashboard and cancel those you do not need", r.record.RunTestID, len(found))
			}
			left := time.Until(until)
			if seen >= look.sightings || left <= 0 {
				return found, r.unlessFound(found, why)
			}
			wait = min(wait, left)
		case ctx.Err() != nil:
			r.given.Patience.Keep(err)
			return found, r.unlessFound(found, why)
		default:
			why = fmt.Errorf("its executions could not be read: %w", err)
			r.given.Patience.Failed(err)
			if !r.given.Patience.Outlasts(err) {
				if failures++; failures > len(patience.LookPauses) {
					return found, r.unlessFound(found, why)
				}
			}
			wait = max(wait, patience.RetryAfter(err))
		}
		if patience.Pause(ctx, wait) != nil {
			return found, r.unlessFound(found, why)
		}
	}
}

// unlessFound is the error that nothing was found; nil when something was.
func (r *Run) unlessFound(found []calls.ExecutionSummary, why error) error {
	if len(found) > 0 {
		return nil
	}
	return fmt.Errorf("check run test %s in the dashboard before you run the job again: %w", r.record.RunTestID, why)
}

// isLookedFor reports whether an execution is one of those of a list.
func isLookedFor(list []calls.ExecutionSummary, id uuid.UUID) bool {
	return slices.ContainsFunc(list, func(e calls.ExecutionSummary) bool { return e.ID == id })
}
