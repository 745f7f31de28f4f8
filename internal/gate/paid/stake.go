package paid

import (
	"context"
	"fmt"
	"time"

	"github.com/google/uuid"

	"github.com/agent-gate/agent-gate/internal/gate/patience"
	"github.com/agent-gate/agent-gate/internal/text"
)

// lateError ends a run that may not execute its run test any more: other starts of the key may have taken its
// place.
type lateError struct{ runTest uuid.UUID }

func (e lateError) Error() string {
	return fmt.Sprintf("run test %s was created for this run, but it took too long to be sure that no other start of the same run-key executes: nothing was started", e.runTest)
}

// stake records a run test that this run has just created for a run-key: until it is executed, other starts of
// the key wait.
func (r *Run) stake(id uuid.UUID) {
	if !r.stakes {
		return
	}
	r.staked = time.Now()
	r.keep(func(rec *Record) { rec.Step, rec.RunTestID, rec.Claim = StepCreated, id, true })
}

// stakeHolds returns an error if other starts of the key wait no longer for the run test to be executed.
func (r *Run) stakeHolds() error {
	if r.record.Claim && time.Since(r.staked) > claimLasts {
		return lateError{r.record.RunTestID}
	}
	return nil
}

// release deletes the run test of a claim that nobody has executed, so that other starts of the key need not
// wait. It reports whether the run test is gone. It is best effort: they wait until the claim ends.
func (r *Run) release(ctx context.Context) bool {
	if !r.record.Claim || r.record.Step != StepCreated {
		return false
	}
	id := r.record.RunTestID
	look, cancel := context.WithTimeoutCause(ctx, lookTime, ErrNoTime)
	defer cancel()
	list, err := r.given.API.Executions(look, id)
	if err == nil && len(list) > 0 {
		r.keep(func(rec *Record) { rec.Claim = false }) // somebody has executed it, if not for the key
		return false
	}
	if err == nil {
		err = r.given.API.DeleteRunTest(look, id)
	}
	if err != nil && !patience.IsMissing(err) {
		r.given.Log.Note(text.Sprintf("Run test %s, which was not executed, could not be deleted, so other starts of the run-key wait for it: %s", id, text.New(err.Error())))
		return false
	}
	r.keep(func(rec *Record) { rec.Claim, rec.RunTestID = false, uuid.Nil })
	return true
}
