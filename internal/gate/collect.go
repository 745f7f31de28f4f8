package gate

import (
	"context"
	"errors"
	"fmt"
	"time"

	"github.com/google/uuid"

	"github.com/agent-gate/agent-gate/internal/calls"
	"github.com/agent-gate/agent-gate/internal/config"
	"github.com/agent-gate/agent-gate/internal/gate/evidence"
	"github.com/agent-gate/agent-gate/internal/gate/patience"
	"github.com/agent-gate/agent-gate/internal/text"
	"github.com/agent-gate/agent-gate/internal/verdict"
)

// collector reads the calls of an execution that has ended.
type collector struct {
	*tools
	watcher *watcher
	// partial is what was read of the ended execution before a page failed.
	partial calls.Execution
	// identified is true once the run test of an attached execution has been looked for.
	identified bool
	// shortened is true once the run has warned about shortened texts.
	shortened bool
}

// collect reads the execution with all its calls, and reads it again while the verdict depends on
// late results: some servers compute overall scores after the execution has ended (contract,
// section 4.4), and the status can be ahead of the calls. At the timeout, what was read is judged.
func (c *collector) collect(ctx context.Context) error { return c.collectSince(ctx, time.Now()) }

// collectSince is collect for calls that have ended before: the wait for late results began then.
func (c *collector) collectSince(ctx context.Context, began time.Time) error {
	return c.read(ctx, began, false)
}

// lastly reads the execution once, after the timeout.
func (c *collector) lastly(ctx context.Context) error { return c.read(ctx, time.Now(), true) }

// read reads the execution, once if last. began is when the wait for late results began.
func (c *collector) read(ctx context.Context, began time.Time, last bool) error {
	wait := c.config.Waiting.PollMinInterval
	var until time.Time // the end of the wait for late results; zero before it begins
	for {
		e, err := c.calls(ctx, last)
		switch {
		case err != nil && !until.IsZero() && errors.Is(context.Cause(ctx), errTimeout):
			return nil // it was read before
		case err != nil && last:
			return c.takePartial(err)
		case err != nil:
			return err
		case last && !c.isOver(e):
			return errTimeout // it is running again
		case !c.isOver(e):
			// Somebody has started it again: a rerun in the dashboard, or our own.
			c.log.Note(text.Sprintf("The execution is %s again; waiting for it.", e.Status))
			// Two kinds of read may disagree for a while: do not loop between them without a pause.
			if err := patience.Pause(ctx, c.config.Waiting.PollMinInterval); err != nil {
				return err
			}
			if err := c.watcher.again(ctx); err != nil {
				return err
			}
			continue
		}
		c.take(e)
		if !last {
			c.identify(ctx)
		}
		allowed, what := c.config.Waiting.ResultsWait, "missing results"
		switch {
		case last:
			return nil
		case verdict.Awaits(c.known(), c.plan.Rules()) && !c.settledBy(ctx):
		case c.missesCalls():
			allowed, what = min(allowed, missingWait), "missing calls"
		default:
			return nil
		}
		if until.IsZero() {
			c.log.Note(text.Sprintf("The verdict depends on %s; waiting up to %s for them.", text.New(what), allowed))
		}
		until = began.Add(allowed)
		left := time.Until(until)
		if left <= 0 {
			return nil
		}
		if err := patience.Pause(ctx, min(wait, left)); err != nil {
			if errors.Is(err, errTimeout) {
				return nil
			}
			return err
		}
		wait = min(2*wait, c.config.Waiting.PollMaxInterval)
	}
}

// settledBy reads the earlier executions again that lack results, as long as the verdict depends on some, and
// reports whether it does not any more. A failed read changes nothing.
func (c *collector) settledBy(ctx context.Context) bool {
	executions := c.paid.Executions()
	for at, list := range c.gathered.Past() {
		if at >= len(executions) || !verdict.Unresolved(verdict.Evidence{Calls: list, Evals: c.gathered.Evals()}, c.plan.Rules()) {
			continue
		}
		if e, err := c.api.Collect(ctx, executions[at].ID); err == nil {
			c.gathered.TakeLate(at, e)
		}
		if !verdict.Awaits(c.known(), c.plan.Rules()) {
			return true
		}
	}
	return false
}

// missingWait is how long to reread an execution that has just ended for missing calls that the
// verdict depends on: the status can be ahead of the calls. A server that failed to create a call
// record never does so later.
const missingWait = 30 * time.Second

// missesCalls reports whether the verdict depends on planned calls that did not come.
func (c *collector) missesCalls() bool {
	if c.config.Target.Mode == config.ModeAttach || c.config.Agent.Given() || c.paid.Execution().Status != calls.ExecutionCompleted {
		return false // it ended long ago, or in a way after which no more calls come; or this run made them
	}
	return c.gathered.Missing() > 0 && verdict.Judge(c.known(), c.plan.Rules()).Kind == verdict.Error
}

// isOver reports whether an execution that was just read is over.
func (c *collector) isOver(e calls.Execution) bool {
	return e.Status.Terminal() || endless(e) || c.paid.Concluded()
}

// endless is [verdict.Evidence.Endless] for an execution that was just read.
func endless(e calls.Execution) bool {
	return verdict.Evidence{Execution: verdict.Execution{Status: e.Status}, Calls: verdict.CallsOf(e.Calls, nil)}.Endless()
}

// calls reads the execution with all its calls. Like a poll, it retries temporary failures until
// the timeout: the calls are paid for.
func (c *collector) calls(ctx context.Context, last bool) (calls.Execution, error) {
	for failures := 0; ; failures++ {
		e, err := c.api.Collect(ctx, c.paid.ID())
		gone := 0
		if err == nil {
			gone = c.gathered.Gone(e)
		}
		if gone > 0 {
			// A call that was seen once is part of the run, whatever its outcome.
			err = fmt.Errorf("%s read earlier are missing now", text.Plural(gone, "call"))
			if failures >= goneReads {
				return e, err
			}
		}
		switch {
		case err == nil:
			c.patience.Understood()
			return e, nil
		case ctx.Err() != nil:
			c.keepPartial(e)
			return e, c.patience.CauseOf(ctx, err)
		case last:
			c.keepPartial(e)
			return e, err // no more waiting
		case gone == 0 && (!c.patience.Outlasts(err) || patience.TooLarge(err)):
			return e, fmt.Errorf("read the calls: %w", err)
		}
		c.keepPartial(e)
		c.patience.Failed(err)
		if failures == 0 {
			c.log.Note(text.Sprintf("Could not read the calls: %s; retrying until the timeout", text.New(err.Error())))
		}
		if err := patience.Pause(ctx, max(c.config.Waiting.PollMaxInterval, patience.RetryAfter(err))); err != nil {
			return e, err
		}
	}
}

// goneReads is how often to reread an execution from which calls have vanished.
const goneReads = 3

// take makes an execution the evidence.
func (c *collector) take(e calls.Execution) {
	c.paid.Learn(e.Progress)
	c.paid.BelongsTo(e.RunTestID, e.RunTestName)
	c.sayShortened(e)
	c.gathered.Take(e)
	c.spending.Told()
	if n := c.gathered.Repeated(); n > 0 {
		c.log.Warn(text.Sprintf("Execution %s lists %s of an earlier execution of this run: each counts once, in the earlier one.", c.paid.ID(), text.Plural(n, "call")))
	}
}

// sayShortened warns once about shortened texts.
func (c *collector) sayShortened(e calls.Execution) {
	if e.Shortened > 0 && !c.shortened {
		c.shortened = true
		c.log.Warn(text.Sprintf("%d long texts, such as reasons, were shortened or left out because the run has %d calls. The verdict does not depend on them.", e.Shortened, e.Calls.Len()))
	}
}

// keepPartial keeps what was read of an ended execution before a page failed, to judge it at the
// timeout.
func (c *collector) keepPartial(e calls.Execution) {
	if e.Status.Terminal() && e.Calls.Len() > c.partial.Calls.Len() {
		c.partial = e
	}
}

// takePartial makes the part of an ended execution that was read before the timeout the
// evidence.
func (c *collector) takePartial(err error) error {
	e := c.partial
	if e.Calls.Len() == 0 {
		if trouble := c.patience.Trouble(); trouble != nil {
			err = trouble
		}
		return unreadError{err}
	}
	c.paid.Learn(e.Progress)
	c.paid.BelongsTo(e.RunTestID, e.RunTestName)
	c.sayShortened(e)
	unread, total := c.gathered.TakePart(e)
	c.spending.Told()
	c.log.Warn(text.Sprintf("%d of %s could not be read before the timeout: they count as unknown.", unread, text.Plural(total, "call")))
	return nil
}

// identify finds the run test of an attached execution, once.
func (c *collector) identify(ctx context.Context) {
	if c.config.Target.Mode != config.ModeAttach || c.identified {
		return
	}
	c.identified = true
	id, known := c.paid.ID(), c.paid.RunTest().ID
	found, ok := c.plan.Identify(ctx, id, known, c.gathered.Calls())
	if !ok {
		return
	}
	if known == uuid.Nil {
		c.paid.UseRunTest(found.RunTest, false)
		c.paid.UseExecution(id)
	}
	c.paid.FillIn(found.RunTest, found.StartedAt)
	c.gathered.Plan(evidence.PlanOf(found.RunTest, found.Scenarios))
	c.gathered.AddEvals(found.Evals)
}

// unreadError says that the execution has ended but none of its calls could be read in time.
type unreadError struct{ err error }

// Error implements error.
func (e unreadError) Error() string {
	return "the execution has ended, but its calls could not be read before the timeout: " + e.err.Error()
}

// Unwrap returns the last failure.
func (e unreadError) Unwrap() error { return e.err }

// isUnread reports whether an ended execution could not be read in time.
func isUnread(err error) bool {
	_, ok := errors.AsType[unreadError](err)
	return ok
}
