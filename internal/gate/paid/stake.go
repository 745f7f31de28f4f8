package paid

import (
	"context"
	"fmt"
	"time"

	"github.com/google/uuid"

	"github.com/agent-gate/agent-gate/internal/calls"
	"github.com/agent-gate/agent-gate/internal/client"
	"github.com/agent-gate/agent-gate/internal/gate/patience"
	"github.com/agent-gate/agent-gate/internal/text"
)

// lateError ends a run that may not execute its run test any more: other starts of the key may have taken its
// place.
type lateError struct{ runTest uuid.UUID }

func (e lateError) Error() string {
	return fmt.Sprintf("run test %s was created for this run, but it took too long to be sure that no other start of the same run-key executes: nothing was started", e.runTest)
}

// CreateOwn is [Run.Create] for the run test that the run is to execute: if it ends before that, it deletes it.
func (r *Run) CreateOwn(ctx context.Context, body client.CreateRunTest) (calls.RunTest, bool, error) {
	r.stakes = true
	defer func() { r.stakes = false }()
	return r.Create(ctx, body)
}

// stake records that this run has just created the run test that it is to execute. Other starts of a run-key wait
// for that.
func (r *Run) stake(id uuid.UUID) {
	if !r.stakes {
		return
	}
	r.keep(func(rec *Record) { rec.Step, rec.RunTestID, rec.Claim = StepCreated, id, true })
}

// stakeHolds returns an error if other starts of the key wait no longer for the run test to be executed.
func (r *Run) stakeHolds() error {
	if r.record.Claim && !r.stakeEnds.IsZero() && time.Now().After(r.stakeEnds) {
		return lateError{r.record.RunTestID}
	}
	if !r.TurnHolds() {
		return errTurnLate
	}
	return nil
}

// ReleaseInherited deletes what a killed process had created and never executed.
func (r *Run) ReleaseInherited(ctx context.Context) {
	if r.inherited.step == StepCreated && r.record.Claim {
		r.release(ctx)
		r.disinherit()
	}
}

// remove deletes a run test, unless that is done already.
func (r *Run) remove(ctx context.Context, id uuid.UUID) error {
	if err := r.given.API.DeleteRunTest(ctx, id); !patience.IsMissing(err) {
		return err
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
		err = r.remove(look, id)
	}
	if err != nil && !patience.IsMissing(err) {
		r.given.Log.Note(text.Sprintf("Run test %s, which was not executed, could not be deleted: %s", id, text.New(err.Error())))
		return false
	}
	r.keep(func(rec *Record) { rec.Claim, rec.RunTestID = false, uuid.Nil })
	return true
}
