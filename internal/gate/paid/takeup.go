package paid

import (
	"context"
	"time"

	"github.com/google/uuid"

	"github.com/agent-gate/agent-gate/internal/calls"
	"github.com/agent-gate/agent-gate/internal/gate/patience"
	"github.com/agent-gate/agent-gate/internal/text"
)

// earlierLook is how long after a killed process sent its execute the execution may show up: the
// request may have been slow, and lists lag.
const earlierLook = 2 * time.Minute

// inheritance is how far the killed process had got whose run is resumed.
type inheritance struct {
	step Step // empty if there is none
	// left is true if it was no killed process but a start, which has left the execution to this run.
	left bool
	// evaluated is true if its new evals have run, and unsure if that is unknown.
	evaluated, unsure bool
}

// Inherit takes over what a killed process of the same job attempt left without a verdict. From now
// on it belongs to this run, which records it and cancels it if it has to stop.
func (r *Run) Inherit(left Record) {
	r.inherited = inheritance{step: left.Step, evaluated: left.Evaluated, left: left.Left}
	left.Left = false
	r.record, r.alone = left, !left.Shared
	r.runTest.ID, r.execution.ID = left.RunTestID, left.ExecutionID
	r.status = calls.ExecutionRunning
	r.keep(func(*Record) {})
}

// Inherits reports whether a killed process left anything, if only a run test.
func (r *Run) Inherits() bool { return r.inherited.step != "" }

// Resumes reports whether a killed process had started an execution, or may have.
func (r *Run) Resumes() bool {
	return r.inherited.step != "" && r.inherited.step != StepCreated
}

// InheritedEnded returns the executions that a killed process had finished before its last one.
func (r *Run) InheritedEnded() []uuid.UUID {
	if r.inherited.step == "" || r.record.Chats {
		return nil
	}
	return r.record.Ended
}

// Evaluated reports whether a killed process ran the new evals.
func (r *Run) Evaluated() bool { return r.inherited.evaluated }

// Unsure reports whether a killed process requested the new evals, with an unknown outcome.
func (r *Run) Unsure() bool { return r.inherited.unsure }

// InheritedRunTest reads the run test of a killed process; found is false if there is none.
func (r *Run) InheritedRunTest(ctx context.Context) (t calls.RunTest, found bool, _ error) {
	if r.inherited.step == "" || r.record.RunTestID == uuid.Nil {
		return t, false, nil
	}
	if r.record.Part {
		return t, false, r.AbandonChats(ctx)
	}
	t, err := r.given.API.RunTest(ctx, r.record.RunTestID)
	if patience.IsMissing(err) {
		r.disinherit()
		return t, false, nil
	}
	return t, err == nil, err
}

// disinherit forgets what a killed process left: there is nothing to resume.
func (r *Run) disinherit() {
	r.inherited = inheritance{}
	r.execution.ID = uuid.Nil
	r.keep(func(rec *Record) {
		if rec.Part {
			*rec = Record{Step: StepCreated, Loose: rec.Loose}
			return
		}
		ended := rec.Ended
		if rec.Chats {
			ended = nil
		}
		*rec = Record{Step: StepCreated, RunTestName: rec.RunTestName, RunTestID: rec.RunTestID, Shared: rec.Shared, Ended: ended, Loose: rec.Loose}
	})
}

// TakeUp finds and resumes the execution of a killed process; taken is false if a new one has to be
// started.
func (r *Run) TakeUp(ctx context.Context) (taken bool, _ error) {
	switch r.inherited.step {
	case "":
		return false, nil
	case StepCreated:
		r.disinherit()
		return false, nil
	case StepExecuting:
		return r.takeUpStart(ctx)
	}
	r.leaveKilled(ctx)
	id := r.record.ExecutionID
	p, err := r.standing(ctx, id)
	switch {
	case patience.IsMissing(err):
		r.given.Log.Warn(text.Sprintf("An earlier process of this job was killed after starting execution %s, which the server no longer has. Starting a new one.", id))
	case err != nil:
		return false, err
	case r.isGone(p):
		r.given.Log.Note(text.Sprintf("An earlier process of this job was killed, and its execution %s is %s. Starting a new one.", id, p.Status))
	default:
		r.resume(id, p)
		return true, nil
	}
	r.disinherit()
	return false, nil
}

// isGone reports whether the execution of a killed process is cancelled, so that a new one has to be started.
func (r *Run) isGone(p calls.Progress) bool {
	return p.Status == calls.ExecutionCancelled || p.Status == calls.ExecutionCancelling && !r.UnderWay()
}

// LeaveCancelled forgets what a killed process of a run-key left if its execution is gone: several starts of the key
// can have had that one, and only one of them starts another.
func (r *Run) LeaveCancelled(ctx context.Context) error {
	if !r.Resumes() || r.inherited.step == StepExecuting || r.record.Chats {
		return nil
	}
	p, err := r.standing(ctx, r.record.ExecutionID)
	switch {
	case patience.IsMissing(err), err == nil && r.isGone(p):
		r.given.Log.Note(text.Sprintf("An earlier process of this job was killed, and its execution %s is gone.", r.record.ExecutionID))
		r.leaveKilled(ctx)
		r.disinherit()
		return nil
	}
	return err
}

// takeUpStart searches for the execution of a process that was killed while starting it.
func (r *Run) takeUpStart(ctx context.Context) (taken bool, _ error) {
	r.late = true
	defer func() { r.late = false }()
	look := looks{last: max(0, time.Until(r.record.SentAt.Add(earlierLook))), sightings: 2}
	found, err := r.findStarted(ctx, look)
	if ctx.Err() != nil {
		return false, context.Cause(ctx)
	}
	if _, none := asNone(err); none {
		r.given.Log.Note(text.New("An earlier process of this job was killed while starting an execution, and none has shown up. Starting a new one."))
		r.disinherit()
		return false, nil
	}
	if err != nil {
		r.searched = true
		return false, err
	}
	r.adopt(ctx, found, text.New("An earlier process of this job was killed while starting an execution"))
	return true, nil
}

// resume watches the execution of a killed process as if this run had started it.
func (r *Run) resume(id uuid.UUID, p calls.Progress) {
	step := r.inherited.step
	if !r.inherited.left {
		r.adopted++
	}
	switch {
	case r.inherited.left:
		r.UseExecution(id)
		r.given.Log.Note(text.Sprintf("Taking up execution %s (%s), which start began in this job attempt.", id, p.Status))
	case r.Guessed():
		r.guess(id, text.New("An earlier process of this job was killed after a start that got no usable response"))
	default:
		r.UseExecution(id)
		r.given.Log.Warn(text.Sprintf("Resuming execution %s (%s), started by an earlier process of this job that was killed. No new execution is started.", id, p.Status))
	}
	r.Learn(p)
	if step == StepRerunning || step == StepEvaluating {
		r.keep(func(rec *Record) { rec.Step = step }) // SettleInherited finds out the outcome
	}
}

// standing polls an execution, retrying temporary failures until the context ends.
func (r *Run) standing(ctx context.Context, id uuid.UUID) (calls.Progress, error) {
	return persist(ctx, r, func() (calls.Progress, error) { return r.given.API.Poll(ctx, id) })
}

// persist is [patience.Persist] with the settings of the run.
func persist[T any](ctx context.Context, r *Run, read func() (T, error)) (T, error) {
	return patience.Persist(ctx, r.given.Patience, r.given.PollMaxInterval, read)
}

// SettleInherited waits for the outcome of the rerun or new evals that a killed process requested
// last: the execution starts running within a minute, or it does not. Neither is requested again.
// again is true if the execution is running and must be watched again.
func (r *Run) SettleInherited(ctx context.Context) (again bool, _ error) {
	if r.inherited.step != StepRerunning && r.inherited.step != StepEvaluating {
		return false, nil
	}
	atWork := !r.status.Terminal()
	for look := 0; !atWork && look < len(patience.LookPauses); look++ {
		if err := patience.Pause(ctx, patience.LookPauses[look]); err != nil {
			return false, err
		}
		p, err := r.standing(ctx, r.execution.ID)
		if err != nil {
			return false, err
		}
		r.Learn(p)
		atWork = !p.Status.Terminal()
	}
	if r.inherited.step == StepEvaluating {
		r.inherited.evaluated = r.inherited.evaluated || atWork
		r.inherited.unsure = !r.inherited.evaluated
	}
	r.keep(func(rec *Record) { rec.Step, rec.Evaluated = StepStarted, r.inherited.evaluated })
	r.inherited.step = StepStarted
	return !r.status.Terminal(), nil
}
