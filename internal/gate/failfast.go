package gate

import (
	"context"
	"time"

	"github.com/google/uuid"

	"github.com/agent-gate/agent-gate/internal/calls"
	"github.com/agent-gate/agent-gate/internal/gate/patience"
	"github.com/agent-gate/agent-gate/internal/text"
	"github.com/agent-gate/agent-gate/internal/verdict"
)

// lost is a run that cannot turn the verdict any more, whatever becomes of its open calls.
type lost struct {
	verdict.FailFast
	ended map[uuid.UUID]bool // the calls that had surely ended
}

// hope is what is left of a run whose calls go on: it looks between the polls of the first
// wait, in which reruns have not begun.
type hope struct {
	*tools
	planned int       // calls of the scenarios' dataset rows; 0 when not known
	said    bool      // it was said what fail-fast looks at
	counts  bool      // the server has said how many calls have failed
	total   int       // of the last poll
	grown   time.Time // when the total was seen to grow last
	failed  int       // at the last look
	settled int       // at the last look at the calls
	next    time.Time // when the calls have to be looked at again; zero for no such time
	// since is when each call that is failed now was first seen so.
	since map[uuid.UUID]time.Time
	// ended are the calls that had surely ended at the last look.
	ended map[uuid.UUID]bool
}

// settleTime is how long the number of calls has to stay the same to be believed, where
// it is not known from the scenarios: the deployed server looks every minute for calls
// that a chat SDK has made (contract, section 4.3).
const settleTime = time.Minute

// failedFor is how long a call has to stay failed while the execution is at work until that
// is believed: a voice call passes through failed while its result is fetched and recordings
// are stored (real-server.md, row 1).
const failedFor = 30 * time.Second

// check ends the wait once no outcome of the calls that remain can meet a criterion.
// The counts of a poll tell when it is worth reading the calls, which is a large read: when
// one more has failed, when those that failed have stayed so for long enough, or, for
// criteria that look at more than that, when another tenth of the calls has ended.
func (h *hope) check(ctx context.Context, p calls.Progress) *lost {
	if !h.config.FailFast || !h.paid.Mine() || p.Status.Terminal() || p.Status == calls.ExecutionPending {
		return nil
	}
	counted, byCalls := h.plan.Rules().CanBeLost()
	if h.evalsToCome() {
		byCalls = nil // the evals that run later may replace results
	}
	h.saySight(len(counted) + len(byCalls))
	if len(counted)+len(byCalls) == 0 || p.Total == nil || p.Completed == nil || p.Failed == nil {
		return nil
	}
	h.counts = true
	if !h.countsAreWhole(*p.Total) {
		return nil
	}
	state := verdict.FailFast{Calls: max(*p.Total, h.planned), Failed: *p.Failed}
	state.Rescuable = h.rescuable(state.Failed, state.Calls)
	ended := *p.Completed + *p.Failed
	look := *p.Failed > h.failed ||
		!h.next.IsZero() && !time.Now().Before(h.next) ||
		len(byCalls) > 0 && ended >= h.settled+max(1, state.Calls/10)
	if !look {
		return nil
	}
	h.failed = *p.Failed
	if len(byCalls) == 0 && len(verdict.Unmeetable(verdict.Evidence{FailFast: &state}, h.plan.Rules())) == 0 {
		return nil // not even if all of them stay failed
	}
	h.settled = ended
	// A read that fails costs only the chance to stop early.
	e, err := h.api.Collect(ctx, h.paid.ID())
	if err != nil || e.Calls.Len() < state.Calls && e.Calls.Len() < *p.Total {
		return nil
	}
	seen := h.believed(verdict.CallsOf(e.Calls, nil))
	state.Failed = seen.Counts().Failed
	state.Rescuable = h.rescuable(state.Failed, state.Calls)
	if len(verdict.Unmeetable(verdict.Evidence{Calls: seen, Evals: h.gathered.Evals(), FailFast: &state}, h.plan.Rules())) > 0 {
		return &lost{FailFast: state, ended: h.ended}
	}
	return nil
}

// believed are the calls as far as their state is final: one that failed counts as open
// until it has been seen failed for long enough.
func (h *hope) believed(list verdict.Calls) verdict.Calls {
	now := time.Now()
	since := map[uuid.UUID]time.Time{}
	h.ended, h.next = map[uuid.UUID]bool{}, time.Time{}
	out := list.With(func(_ int, c *verdict.Call) {
		switch c.Status {
		case calls.Failed:
			first, seen := h.since[c.ID]
			if !seen {
				first = now
			}
			since[c.ID] = first
			if now.Sub(first) >= failedFor {
				h.ended[c.ID] = true
				return
			}
			c.Status = calls.Analyzing
			if due := first.Add(failedFor); h.next.IsZero() || due.Before(h.next) {
				h.next = due
			}
		default:
			h.ended[c.ID] = c.Status.Terminal()
		}
	})
	h.since = since
	return out
}

// saySight says once what fail-fast cannot see: whoever asked for it counts on it.
func (h *hope) saySight(looksAt int) {
	if h.said {
		return
	}
	h.said = true
	switch {
	case looksAt == 0:
		h.log.Warn(text.New("fail-fast has no effect: under every criterion of this run, later calls can still make up for failed ones"))
	case h.planned == 0:
		h.log.Note(text.Sprintf("The scenarios do not tell how many calls to expect: fail-fast waits until the number of calls has not grown for %s.", settleTime))
	}
}

// sayBlind says after the wait that fail-fast could not see anything.
func (h *hope) sayBlind() {
	if h.said && !h.counts {
		h.log.Warn(text.New("fail-fast had no effect: while the calls were running, the server did not say how many calls had failed"))
	}
}

// countsAreWhole reports whether all calls of the run are in the counts, or known to come.
// While records are being made the number of calls grows, and so does the share of those
// that may yet succeed.
func (h *hope) countsAreWhole(total int) bool {
	if total != h.total {
		h.total, h.grown = total, time.Now()
	}
	return h.planned > 0 || time.Since(h.grown) >= settleTime
}

// rescuable reports whether a rerun may still make a failed call succeed.
func (h *hope) rescuable(failed, total int) bool {
	switch {
	case h.config.Reruns.Attempts == 0, h.config.Reruns.Type == calls.RerunEvalOnly:
		return false
	case h.paid.Execution().AgentType == calls.AgentText:
		return false
	case h.config.MaxCalls > 0 && total+failed > h.config.MaxCalls:
		return false
	}
	return failed <= h.config.Reruns.Max.Of(total)
}

// failedFast cancels the run and judges it by what is lost. Its calls so far are read,
// for the reports.
func (r *run) failedFast(ctx context.Context, l lost) verdict.Verdict {
	after, cancel := stopping(ctx, min(stopOtherwise, max(stopNow, time.Until(r.end))))
	defer cancel()
	r.log.Note(text.New("A criterion can no longer be met: cancelling the run (fail-fast)."))
	rest := r.paid.Cancel(after, false)
	r.awaitCancel(ctx)
	e, err := r.api.Collect(after, r.paid.ID())
	if e.Calls.Len() > 0 {
		r.collector.take(e) // it may be incomplete, and still say which calls failed
	} else if err != nil {
		r.log.Warn(text.Sprintf("Could not read the calls after cancelling: %s", text.New(err.Error())))
	}
	if r.paid.Status().Terminal() && (r.paid.Status() != calls.ExecutionCancelled || !r.paid.Cancelled()) {
		// It has run to its end all the same: there is nothing left to guess.
		r.log.Warn(text.Sprintf("fail-fast saved nothing: %s", rest))
		return verdict.Judge(r.known(), r.plan.Rules())
	}
	if open := r.gathered.CutShort(l.FailFast, l.ended); open > 0 {
		r.log.Warn(text.Sprintf("%s had not ended when read after the cancel: shown as cancelled.", text.Plural(open, "call")))
	}
	if r.paid.Status().Terminal() {
		rest = text.Sprintf("execution %s is %s", r.paid.ID(), r.paid.Status())
	}
	v := verdict.Judge(r.known(), r.plan.Rules())
	v.Reason = text.Sprintf("%s; %s", v.Reason, rest)
	return v
}

// cancelGrace is how long a cancelled run is waited for, so that its calls can be reported
// as they ended. Servers take seconds to a minute (contract, section 4.2).
const cancelGrace = 30 * time.Second

// awaitCancel waits a while until the execution has ended.
func (r *run) awaitCancel(ctx context.Context) {
	for waited := time.Duration(0); !r.paid.Status().Terminal() && waited < cancelGrace; waited += 3 * time.Second {
		if patience.Pause(ctx, 3*time.Second) != nil || r.paid.Ended(ctx) {
			return
		}
	}
}

// endedAnyway reports whether the execution has ended before it could be cancelled.
func (r *run) endedAnyway(ctx context.Context) bool {
	return r.paid.ID() != uuid.Nil && ctx.Err() == nil && r.paid.Ended(ctx)
}
