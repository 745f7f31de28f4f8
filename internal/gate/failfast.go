package gate

import (
	"context"
	"time"

	"github.com/google/uuid"

	"github.com/agent-gate/agent-gate/internal/client"
	"github.com/agent-gate/agent-gate/internal/text"
	"github.com/agent-gate/agent-gate/internal/verdict"
)

// lostError ends the wait for calls that cannot turn the verdict any more.
type lostError struct {
	checks []verdict.Check
	open   int // calls that had not ended
	total  int
}

// Error implements error.
func (e lostError) Error() string { return "a criterion can no longer be met" }

// hope is what checkHope remembers between polls.
type hope struct {
	watched bool // this is the first wait, in which reruns have not begun
	planned int  // calls of the scenarios' dataset rows; 0 when not known
	total   int  // of the last poll
	failed  int  // at the last look
}

// checkHope ends the wait once no outcome of the calls that remain can meet a criterion.
// It looks again only when more calls have failed. The counts of a poll are enough for
// criteria on the whole run; for those on scenarios the calls are read.
func (r *run) checkHope(ctx context.Context, p client.Progress) error {
	if !r.Config.FailFast || !r.owned || !r.hope.watched || p.Status.Terminal() || p.Status == client.ExecutionPending ||
		p.Total == nil || p.Completed == nil || p.Failed == nil {
		return nil
	}
	// While the records are being made the number of calls grows, and so does the share
	// of those that may yet succeed.
	growing := *p.Total != r.hope.total && *p.Total > r.hope.planned && r.hope.planned == 0
	r.hope.total = *p.Total
	if growing || *p.Failed <= r.hope.failed {
		return nil
	}
	r.hope.failed = *p.Failed
	total := max(*p.Total, r.hope.planned)
	rescuable := r.rescuable(*p.Failed, total)
	lost := verdict.Lost(counted(*p.Failed, total), runWide(r.Config.Rules), rescuable)
	if len(lost) == 0 && r.Config.Rules.LooksAtScenarios() {
		// A read that fails costs only the chance to stop early.
		if e, err := r.API.Collect(ctx, r.evidence.Execution.ID); err == nil && len(e.Calls) >= total {
			lost = verdict.Lost(firstTries(e.Calls), r.Config.Rules, rescuable)
		}
	}
	if len(lost) == 0 {
		return nil
	}
	return lostError{checks: lost, open: max(0, *p.Total-*p.Completed-*p.Failed), total: *p.Total}
}

// rescuable reports whether a rerun may still make a failed call succeed.
func (r *run) rescuable(failed, total int) bool {
	switch {
	case r.Config.Reruns.Attempts == 0, r.Config.Reruns.Type == client.RerunEvalOnly:
		return false
	case r.evidence.Execution.AgentType == client.AgentText:
		return false
	case r.Config.MaxCalls > 0 && total+failed > r.Config.MaxCalls:
		return false
	}
	return failed <= r.Config.Reruns.Max.Of(total)
}

// counted are calls of which so many have failed and the others are open.
func counted(failed, total int) []verdict.Call {
	calls := make([]verdict.Call, total)
	for i := range calls {
		calls[i].Attempts, calls[i].Status = 1, client.CallPending
		if i < failed {
			calls[i].Status = client.CallFailed
		}
	}
	return calls
}

// runWide are the rules without criteria on scenarios and evals.
func runWide(r verdict.Rules) verdict.Rules {
	var wide []verdict.Criterion
	for _, c := range r.Criteria {
		if c.Scope.Kind == verdict.ScopeRun {
			wide = append(wide, c)
		}
	}
	r.Criteria = wide
	return r
}

// firstTries are calls before any rerun.
func firstTries(calls []client.Call) []verdict.Call {
	out := make([]verdict.Call, len(calls))
	for i, c := range calls {
		out[i] = verdict.Call{Call: c, Attempts: 1, FirstOutcome: verdict.OutcomeOf(c)}
	}
	return out
}

// failedFast cancels the run and judges it by what is lost. Its calls so far are read,
// for the reports.
func (r *run) failedFast(ctx context.Context, lost lostError) verdict.Verdict {
	after, cancel := stopping(ctx, stopOtherwise)
	defer cancel()
	r.note(text.New("A criterion can no longer be met: cancelling the run (fail-fast)."))
	rest := r.cancel(after, false)
	r.awaitCancel(ctx)
	if e, err := r.API.Collect(after, r.evidence.Execution.ID); len(e.Calls) > 0 {
		r.take(e) // it may be incomplete, and still say which calls failed
		r.cutShort()
	} else if err != nil {
		r.warn(text.Sprintf("The calls could not be read after the cancel: %s", text.New(err.Error())))
	}
	first := lost.checks[0]
	what := text.New(first.Criterion)
	if !first.Scope.IsEmpty() {
		what = text.Sprintf("%s on %q", what, first.Scope)
	}
	reason := text.Sprintf("%s can no longer be met, in the best case: %s; cancelled early (fail-fast), which saved or cut short %d of %d calls; %s",
		what, first.Detail, lost.open, lost.total, rest)
	return verdict.FailedFast(lost.checks, reason, r.evidence, r.Config.Rules)
}

// cancelGrace is how long a cancelled run is waited for, so that its calls can be reported
// as they ended. Servers take seconds to a minute (contract, section 4.2).
const cancelGrace = 30 * time.Second

// awaitCancel waits a while until the execution has ended.
func (r *run) awaitCancel(ctx context.Context) {
	for waited := time.Duration(0); !r.last.Terminal() && waited < cancelGrace; waited += 3 * time.Second {
		if pause(ctx, 3*time.Second) != nil || r.ended(ctx, r.evidence.Execution.ID) {
			return
		}
	}
}

// cutShort counts the calls that are still open as cancelled: they are, by this run's own
// order, and not failures of the agent.
func (r *run) cutShort() {
	open := 0
	for i := range r.evidence.Calls {
		if c := &r.evidence.Calls[i]; !c.Status.Terminal() {
			open++
			c.Status, c.FirstOutcome = client.CallCancelled, verdict.Cancelled
		}
	}
	if open > 0 {
		r.warn(text.Sprintf("%d calls had not ended yet when they were read after the cancel; they are shown as cancelled.", open))
	}
}

// endedAnyway reports whether the execution has ended before it could be cancelled.
func (r *run) endedAnyway(ctx context.Context) bool {
	return r.evidence.Execution.ID != uuid.Nil && ctx.Err() == nil && r.ended(ctx, r.evidence.Execution.ID)
}
