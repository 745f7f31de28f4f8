package gate

import (
	"context"
	"errors"
	"time"

	"github.com/google/uuid"

	"github.com/agent-gate/agent-gate/internal/client"
	"github.com/agent-gate/agent-gate/internal/config"
	"github.com/agent-gate/agent-gate/internal/gate/evidence"
	"github.com/agent-gate/agent-gate/internal/gate/patience"
	"github.com/agent-gate/agent-gate/internal/text"
	"github.com/agent-gate/agent-gate/internal/verdict"
)

// collect reads the execution with all its calls, and reads it again for as long as the
// verdict depends on what is still to come: an overall score is a task of its own on some
// servers and ends after the execution (contract, section 4.4), and a status can run ahead
// of its calls. When the time is up, what has been read is judged: its end is known.
func (r *run) collect(ctx context.Context) error {
	wait := r.Config.Waiting.PollMinInterval
	began := time.Now()
	for {
		e, err := r.calls(ctx)
		switch {
		case err != nil && !r.lateUntil.IsZero() && errors.Is(context.Cause(ctx), errTimeout):
			return r.settle() // it was read before
		case err != nil && r.timeUp:
			return r.takePartial(err)
		case err != nil:
			return err
		case r.timeUp && !e.Status.Terminal() && !endless(e):
			return errTimeout // it is at work again
		case !e.Status.Terminal() && !endless(e):
			// Somebody has started it again: a rerun in the dashboard, or our own.
			r.log.Note(text.Sprintf("The execution is %s again; waiting for it.", e.Status))
			// Two reads may disagree for a while: they are not asked in a circle.
			if err := patience.Pause(ctx, r.Config.Waiting.PollMinInterval); err != nil {
				return err
			}
			if err := r.watch(ctx); err != nil {
				return err
			}
			continue
		}
		r.take(e)
		if !r.timeUp {
			r.identify(ctx)
		}
		allowed, what := r.Config.Waiting.ResultsWait, "results that are still missing"
		switch {
		case r.timeUp:
			return r.settle()
		case verdict.Awaits(r.known(), r.plan.Rules()):
		case r.missesCalls():
			allowed, what = min(allowed, missingWait), "planned calls that are not there"
		default:
			return r.settle()
		}
		if r.lateUntil.IsZero() {
			r.log.Note(text.Sprintf("The verdict depends on %s; waiting up to %s for them.", text.New(what), allowed))
		}
		r.lateUntil = began.Add(allowed)
		left := time.Until(r.lateUntil)
		if left <= 0 {
			return r.settle()
		}
		if err := patience.Pause(ctx, min(wait, left)); err != nil {
			if errors.Is(err, errTimeout) {
				return r.settle()
			}
			return err
		}
		wait = min(2*wait, r.Config.Waiting.PollMaxInterval)
	}
}

// missingWait is how long an execution that has just ended is read again for planned calls
// that are not there and that the verdict depends on: its status can run ahead of its calls.
// A server that could not make a record of a call never does.
const missingWait = 30 * time.Second

// missesCalls reports whether the verdict depends on planned calls that did not come.
func (r *run) missesCalls() bool {
	if r.Config.Target.Mode == config.ModeAttach || r.paid.Execution().Status != client.ExecutionCompleted {
		return false // its end is not now, or no sign of calls to come
	}
	v := verdict.Judge(r.known(), r.plan.Rules())
	return v.Kind == verdict.Error && v.Counts.Missing > 0
}

// settle ends the wait for what is late: what is missing now stays unknown. Work that is
// asked for after this has results of its own to wait for.
func (r *run) settle() error {
	r.lateUntil = time.Time{}
	return nil
}

// endless is [verdict.Evidence.Endless] of an execution that was just read.
func endless(e client.Execution) bool {
	return verdict.Evidence{Execution: verdict.Execution{Status: e.Status}, Calls: verdict.CallsOf(e.Calls, nil)}.Endless()
}

// endlessAfter is how long an execution has to be seen cancelling with all of its calls
// ended before that is believed to be for ever. Workers finish a cancel within a minute
// (contract, section 4.2), and calls that they end come back as cancelled.
const endlessAfter = time.Minute

// endless reports whether the execution is being cancelled for ever. This run does not
// wait for one that it has cancelled itself.
func (r *run) endless(ctx context.Context, p client.Progress) bool {
	switch {
	case p.Status != client.ExecutionCancelling:
		r.cancellingSince = time.Time{}
		return false
	case r.cancellingSince.IsZero():
		r.cancellingSince = time.Now()
		return false
	case time.Since(r.cancellingSince) < endlessAfter,
		p.Total != nil && p.Completed != nil && p.Failed != nil && *p.Completed+*p.Failed < *p.Total:
		return false
	}
	e, err := r.API.Collect(ctx, r.paid.ID())
	return err == nil && endless(e)
}

// known is the evidence so far.
func (r *run) known() verdict.Evidence {
	e := r.gathered.Evidence()
	e.Timing.StartedAt = r.began.UTC()
	e.RunTest, e.Execution, e.Warnings = r.paid.RunTest(), r.paid.Execution(), r.log.Warnings()
	return e
}

// take makes what was read the evidence.
func (r *run) take(e client.Execution) {
	r.paid.Learn(e.Progress)
	r.paid.BelongsTo(e.RunTestID, e.RunTestName)
	r.sayShortened(e)
	r.gathered.Take(e)
}

// sayShortened says once that texts are cut.
func (r *run) sayShortened(e client.Execution) {
	if e.Shortened > 0 && !r.shortened {
		r.shortened = true
		r.log.Warn(text.Sprintf("%d reasons and other texts are cut or left out, since the run has %d calls. Nothing is judged by them.", e.Shortened, e.Calls.Len()))
	}
}

// keepPartial keeps what was read of an ended execution before a page could not be: when the
// time is up it is judged.
func (r *run) keepPartial(e client.Execution) {
	if e.Status.Terminal() && e.Calls.Len() > r.partial.Calls.Len() {
		r.partial = e
	}
}

// takePartial makes the part of an ended execution the evidence that could be read until the
// time was up.
func (r *run) takePartial(err error) error {
	e := r.partial
	if e.Calls.Len() == 0 {
		if trouble := r.patience.Trouble(); trouble != nil {
			err = trouble
		}
		return unreadError{err}
	}
	r.paid.Learn(e.Progress)
	r.paid.BelongsTo(e.RunTestID, e.RunTestName)
	r.sayShortened(e)
	unread, total := r.gathered.TakePart(e)
	r.log.Warn(text.Sprintf("%d of %s could not be read before the time was up: nothing is known of them.", unread, text.Plural(total, "call")))
	return r.settle()
}

// identify finds out once what an execution was to test that somebody else started.
func (r *run) identify(ctx context.Context) {
	if r.Config.Target.Mode != config.ModeAttach || r.identifying {
		return
	}
	r.identifying = true
	id, known := r.paid.ID(), r.paid.RunTest().ID
	found, ok := r.plan.Identify(ctx, id, known, r.gathered.Calls())
	if !ok {
		return
	}
	if known == uuid.Nil {
		r.paid.UseRunTest(found.RunTest, false)
		r.paid.UseExecution(id)
	}
	r.paid.FillIn(found.RunTest, found.StartedAt)
	r.gathered.Plan(evidence.PlanOf(found.Scenarios))
	r.gathered.AddEvals(found.Evals)
}
