package gate

import (
	"context"
	"time"

	"github.com/google/uuid"

	"github.com/agent-gate/agent-gate/internal/client"
	"github.com/agent-gate/agent-gate/internal/config"
	"github.com/agent-gate/agent-gate/internal/gate/patience"
	"github.com/agent-gate/agent-gate/internal/text"
	"github.com/agent-gate/agent-gate/internal/verdict"
)

// earlierLook is how long after a killed process sent its execute the execution may show: the
// request may have been under way for a while, and lists lag.
const earlierLook = 2 * time.Minute

// inherit takes over what a killed process of the same job attempt has left without a verdict.
// From here on it is this run's: its own record names it, and when this run has to stop it
// cancels it. A start that gave its verdict is over: of it nothing is taken up.
func (r *run) inherit() {
	e := r.Earlier
	if e == nil || e.BaseURL != r.Config.API.BaseURL.String() || !e.Step.Known() || e.Step == StepFinished || e.Step == StepCreating {
		return
	}
	target := r.Config.Target
	switch target.Mode {
	case config.ModeAttach:
		if e.ExecutionID != target.TestExecutionID {
			return
		}
	case config.ModeExecute:
		if e.RunTestID != target.RunTestID {
			return
		}
	}
	r.inherited = e.Step
	r.record = *e
	r.mine = !e.Shared
	r.owned, r.guessed = e.Owned, e.Guessed
	r.evaluated = e.Evaluated
	for _, id := range e.Rerun {
		r.tries[id] = verdict.Tries{Attempts: 2, First: verdict.Failed}
	}
	r.evidence.RunTest.ID, r.evidence.Execution.ID = e.RunTestID, e.ExecutionID
	r.last = client.ExecutionRunning
	r.keep(func(*Record) {})
}

// inheritedRunTest reads the run test of a killed process; found is false when there is none.
func (r *run) inheritedRunTest(ctx context.Context) (t client.RunTest, found bool, _ error) {
	if r.inherited == "" || r.record.RunTestID == uuid.Nil {
		return t, false, nil
	}
	t, err := r.API.RunTest(ctx, r.record.RunTestID)
	if patience.IsMissing(err) {
		r.disinherit()
		return t, false, nil
	}
	return t, err == nil, err
}

// disinherit forgets what a killed process has left: there is nothing to take up.
func (r *run) disinherit() {
	r.inherited, r.owned, r.guessed, r.evaluated = "", false, false, false
	r.evidence.Execution.ID = uuid.Nil
	r.keep(func(rec *Record) {
		*rec = Record{Step: StepCreated, RunTestName: rec.RunTestName, RunTestID: rec.RunTestID, Shared: rec.Shared}
	})
}

// takeUp finds the execution of a killed process and uses it; taken is false when a new one has
// to be started.
func (r *run) takeUp(ctx context.Context) (taken bool, _ error) {
	switch r.inherited {
	case "":
		return false, nil
	case StepCreated:
		r.disinherit()
		return false, nil
	case StepExecuting:
		return r.takeUpStart(ctx)
	}
	id := r.record.ExecutionID
	p, err := r.standing(ctx, id)
	switch {
	case patience.IsMissing(err):
		r.log.Warn(text.Sprintf("An earlier process of this job attempt was killed after it had started execution %s, which the server does not know any more: a new one is started.", id))
	case err != nil:
		return false, err
	case p.Status == client.ExecutionCancelled, p.Status == client.ExecutionCancelling && !r.underWay():
		r.log.Note(text.Sprintf("An earlier process of this job attempt was killed, and its execution %s is %s: a new one is started.", id, p.Status))
	default:
		r.resume(id, p)
		return true, nil
	}
	r.disinherit()
	return false, nil
}

// takeUpStart looks for the execution of a process that was killed in the middle of its start.
func (r *run) takeUpStart(ctx context.Context) (taken bool, _ error) {
	r.late = true
	defer func() { r.late = false }()
	look := looks{last: max(0, time.Until(r.record.SentAt.Add(earlierLook))), sightings: 2}
	found, err := r.findStarted(ctx, look)
	if ctx.Err() != nil {
		return false, context.Cause(ctx)
	}
	if _, none := asNone(err); none {
		r.log.Note(text.New("An earlier process of this job attempt was killed while it started an execution, and none shows up: a new one is started."))
		r.disinherit()
		return false, nil
	}
	if err != nil {
		r.searched = true
		return false, err
	}
	r.adopt(ctx, found, text.New("An earlier process of this job attempt was killed while it started an execution"))
	return true, nil
}

// resume watches the execution of a killed process as if this run had started it.
func (r *run) resume(id uuid.UUID, p client.Progress) {
	r.adopted++
	step := r.inherited
	switch {
	case r.guessed:
		r.guess(id, text.New("An earlier process of this job attempt was killed after a start without a usable answer"))
	default:
		r.useExecution(id)
		r.log.Warn(text.Sprintf("An earlier process of this job attempt was killed before its verdict: its execution %s (%s) is taken up, and no new one is started.", id, p.Status))
	}
	r.learn(p)
	if step == StepRerunning || step == StepEvaluating {
		r.keep(func(rec *Record) { rec.Step = step }) // what became of it shows later
	}
}

// standing reads where an execution stands. Like a poll, the read outlasts what may pass.
func (r *run) standing(ctx context.Context, id uuid.UUID) (client.Progress, error) {
	for {
		p, err := r.API.Poll(ctx, id)
		switch {
		case err == nil:
			r.patience.Answered()
			return p, nil
		case ctx.Err() != nil:
			return p, context.Cause(ctx)
		case patience.IsMissing(err) || !r.patience.Outlasts(err):
			return p, err
		}
		r.patience.Failed(err)
		if err := patience.Pause(ctx, max(r.Config.Waiting.PollMaxInterval, patience.RetryAfter(err))); err != nil {
			return p, err
		}
	}
}

// settleInherited waits until it shows what became of the rerun or the new evals that a killed
// process asked for last: the execution gets to work, or it does not within a minute. Neither
// is asked for again.
func (r *run) settleInherited(ctx context.Context) error {
	if r.inherited != StepRerunning && r.inherited != StepEvaluating {
		return nil
	}
	atWork := !r.last.Terminal()
	for look := 0; !atWork && look < len(patience.LookPauses); look++ {
		if err := patience.Pause(ctx, patience.LookPauses[look]); err != nil {
			return err
		}
		p, err := r.standing(ctx, r.evidence.Execution.ID)
		if err != nil {
			return err
		}
		r.learn(p)
		atWork = !p.Status.Terminal()
	}
	if r.inherited == StepEvaluating {
		if atWork {
			r.evaluated = true
		} else if r.owesEvals() {
			r.unsure = true
		}
	}
	r.keep(func(rec *Record) { rec.Step, rec.Evaluated = StepStarted, r.evaluated })
	r.inherited = StepStarted
	if r.last.Terminal() {
		return nil
	}
	return r.watch(ctx)
}
