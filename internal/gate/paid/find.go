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
	"github.com/agent-gate/agent-gate/internal/text"
)

// hurriedPause is the wait between searches after a signal.
const hurriedPause = 700 * time.Millisecond

// looks configure the search for an execution whose start is uncertain.
type looks struct {
	// last is how long to search, as far as the reads succeed.
	last time.Duration
	// sightings is how many times the only new execution on a shared run test must be seen
	// before it is presumed to be ours.
	sightings int
	hurried   bool
}

// looksAfter is the search after a failed start.
func looksAfter(failure error) looks {
	return looks{last: patience.LookTime(failure), sightings: 4}
}

// looksWithin is the search when the run must stop: half of the time is left for the cancel.
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

// wait returns the pause after the n-th read, from 0.
func (l looks) wait(n int) time.Duration {
	if l.hurried {
		return hurriedPause
	}
	return patience.LookPause(n)
}

// noneError says that the search ended without anything new.
type noneError struct{}

// Error implements error.
func (noneError) Error() string {
	return "it has no new execution so far, and one that shows up later is not watched"
}

// asNone unwraps a noneError.
func asNone(err error) (noneError, bool) { return errors.AsType[noneError](err) }

// findStarted searches for new executions, oldest first: one, or several on a run test that only this
// run uses. Failed reads do not count, because the run is paid for: it retries until the context
// ends.
func (r *Run) findStarted(ctx context.Context, look looks) ([]calls.ExecutionSummary, error) {
	if !r.isShared() {
		look.sightings = 1
	}
	until, sent := time.Now().Add(look.last), r.given.Patience.Trouble() // the failure that made the search necessary
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
			found = slices.DeleteFunc(found, r.isNeighbours) // it may have been named since
			left, busy := time.Until(until), r.neighbourStarts()
			if len(found) == 0 || busy {
				seen = 0
			}
			if seen >= look.sightings || left <= 0 || r.isUncertain(found) && !busy {
				return r.result(found, why)
			}
			wait = min(wait, left)
		case ctx.Err() != nil:
			r.given.Patience.Keep(err)
			return r.result(found, why)
		default:
			why = fmt.Errorf("its executions could not be read: %w", err)
			r.given.Patience.Failed(err)
			if !r.given.Patience.Outlasts(err) {
				if failures++; failures > len(patience.LookPauses) {
					return r.result(found, why)
				}
			}
			wait = max(wait, patience.RetryAfter(err))
		}
		if patience.Pause(ctx, wait) != nil {
			return r.result(found, why)
		}
	}
}

// isUncertain reports whether it is not certain which of the new executions this run started.
func (r *Run) isUncertain(found []calls.ExecutionSummary) bool {
	return r.isShared() && (len(found) > 1 || len(found) > 0 && r.neighbourStarts())
}

// result ends a search. It is an error if nothing was found, or if it is not certain what.
func (r *Run) result(found []calls.ExecutionSummary, why error) ([]calls.ExecutionSummary, error) {
	switch {
	case r.isUncertain(found):
		return nil, fmt.Errorf("run test %s has %s, so it is not certain which one this run started: check them in the dashboard and cancel those you do not need", r.record.RunTestID, text.Plural(len(found), "new execution"))
	case len(found) == 0:
		return nil, fmt.Errorf("check run test %s in the dashboard before you run the job again: %w", r.record.RunTestID, why)
	}
	return found, nil
}

// isListed reports whether an execution is in a list.
func isListed(list []calls.ExecutionSummary, id uuid.UUID) bool {
	return slices.ContainsFunc(list, func(e calls.ExecutionSummary) bool { return e.ID == id })
}
