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

// lost says that no outcome of the open calls can make the run pass.
type lost struct {
	verdict.FailFast
	ended map[uuid.UUID]bool // calls that had certainly ended
}

// failFast decides after each poll whether the run can still pass. It only runs during the
// first wait, before any rerun.
type failFast struct {
	*tools
	trials  ahead     // the calls until the run is judged next
	more    bool      // there may be further trials
	current int       // index of the execution that is watched
	certain bool      // a failed call stays failed: it is a conversation, not a voice call
	said    bool      // warnBlind has run
	idle    bool      // it can decide nothing
	counts  bool      // the server has reported how many calls failed
	total   int       // of the last poll
	grown   time.Time // when total last grew
	failed  int       // in the last poll that was looked into
	settled int       // calls ended when the calls were last read
	next    time.Time // when to read the calls again; zero for no set time
	// since is when each currently failed call was first seen failed.
	since map[uuid.UUID]time.Time
	// ended are the calls that had certainly ended at the last read.
	ended map[uuid.UUID]bool
}

// failFast watches an execution of planned calls.
func (r *run) failFast(planned int, l leg) *failFast {
	return &failFast{tools: r.tools, trials: r.ahead(planned, l.trial), current: l.number - 1, more: l.trial < r.config.Trials.Max, certain: r.paid.OfPrompt()}
}

// ahead is how many calls a run has by the time it is judged next. A run that goes on while it is undecided
// may fail then, whatever further trials would show.
type ahead struct {
	each        int // calls of a trial, by the scenarios' dataset rows; 0 if unknown
	now, judged int // the current trial, and the one after which the run is judged
}

// ahead is that of a run in a trial of so many calls.
func (r *run) ahead(each, trial int) ahead {
	return ahead{each: each, now: trial, judged: max(r.config.Trials.Count, trial)}
}

// with is the number of calls then if there are so many by the end of the current trial.
func (a ahead) with(calls int) int { return max(calls, a.each*a.now) + a.each*(a.judged-a.now) }

// settleTime is how long the number of calls must stay the same to be trusted if the
// scenarios do not tell it: the deployed server looks for calls made by a chat SDK once a
// minute (contract, section 4.3).
const settleTime = time.Minute

// failedFor is how long a call must stay failed before it counts as failed while the execution
// is running: voice calls are briefly failed while their result is fetched and recordings are
// stored (real-server.md, row 1).
const failedFor = 30 * time.Second

// check returns non-nil once no outcome of the remaining calls can meet a criterion.
// Reading the calls is a large request, so the counts of a poll decide when to do it: when
// another call failed, when failed calls have stayed failed long enough, or, for criteria on
// more than counts, when another tenth of the calls has ended.
func (f *failFast) check(ctx context.Context, p calls.Progress) *lost {
	if !f.config.FailFast || !f.paid.Mine() || p.Status.Terminal() || p.Status == calls.ExecutionPending {
		return nil
	}
	counted, byCalls := f.plan.Rules().CanBeLost()
	if f.evalsToCome() {
		byCalls = nil // evals that run later may replace results
	}
	f.warnBlind(len(counted) + len(byCalls))
	if len(counted)+len(byCalls) == 0 || p.Total == nil || p.Completed == nil || p.Failed == nil {
		return nil
	}
	f.counts = true
	if !f.countsAreWhole(*p.Total) {
		return nil
	}
	before := f.gathered.Earlier().Counts()
	state := verdict.FailFast{Calls: f.trials.with(*p.Total + before.Total), Failed: *p.Failed + before.Failed}
	state.Rescuable = f.rescuable(state.Failed, state.Calls)
	ended := *p.Completed + *p.Failed + before.Total
	look := *p.Failed > f.failed ||
		!f.next.IsZero() && !time.Now().Before(f.next) ||
		len(byCalls) > 0 && ended >= f.settled+max(1, state.Calls/10)
	if !look {
		return nil
	}
	f.failed = *p.Failed
	if len(byCalls) == 0 && !f.gathered.HasQuarantine() && len(verdict.Unmeetable(f.seeing(verdict.Calls{}, state), f.plan.Rules())) == 0 {
		return nil // even if all of them stay failed
	}
	f.settled = ended
	// A failed read only costs the chance to stop early.
	e, err := f.api.Collect(ctx, f.paid.ID())
	if err != nil || e.Calls.Len()+before.Total < state.Calls && e.Calls.Len() < *p.Total {
		return nil
	}
	return f.lostWith(f.gathered.Preview(e), state.Calls)
}

// afterwards is check for conversations that are over, of which just evals are to come. The calls were
// just read.
func (f *failFast) afterwards() *lost {
	_, byCalls := f.plan.Rules().CanBeLost()
	if !f.config.FailFast || !f.paid.Mine() || f.evalsToCome() || len(byCalls) == 0 {
		return nil
	}
	read := f.gathered.Calls()
	return f.lostWith(read, f.trials.with(read.Len()))
}

// lostWith returns non-nil if a criterion cannot be met with these of the planned calls.
func (f *failFast) lostWith(read verdict.Calls, planned int) *lost {
	state, seen := f.judged(planned, f.believed(read))
	if len(verdict.Unmeetable(f.seeing(seen, state), f.plan.Rules())) == 0 {
		return nil
	}
	return &lost{FailFast: state, ended: f.ended}
}

// judged returns the state of a run of so many calls, of which these were read, and those of them that are judged.
func (f *failFast) judged(total int, read verdict.Calls) (verdict.FailFast, verdict.Calls) {
	seen := f.gathered.Judged(read)
	aside := read.Len() - seen.Len()
	if f.trials.each > 0 {
		aside = max(aside, f.gathered.Aside()*f.trials.judged)
	}
	state := verdict.FailFast{Calls: max(total-aside, seen.Len()), Failed: seen.Counts().Failed}
	state.Rescuable = f.rescuable(state.Failed, state.Calls)
	return state, seen
}

// seeing is the evidence if these are the calls so far.
func (t *tools) seeing(list verdict.Calls, state verdict.FailFast) verdict.Evidence {
	e := t.known()
	e.Calls, e.FailFast = list, &state
	return e
}

// believed returns the calls, with failed ones as still open until they have stayed failed for
// failedFor.
func (f *failFast) believed(list verdict.Calls) verdict.Calls {
	now := time.Now()
	since := map[uuid.UUID]time.Time{}
	f.ended, f.next = map[uuid.UUID]bool{}, time.Time{}
	out := list.With(func(_ int, c *verdict.Call) {
		switch c.Status {
		case calls.Failed:
			first, seen := f.since[c.ID]
			if !seen {
				first = now
			}
			since[c.ID] = first
			if f.certain || c.Execution < f.current || now.Sub(first) >= failedFor {
				f.ended[c.ID] = true
				return
			}
			c.Status = calls.Analyzing
			if due := first.Add(failedFor); f.next.IsZero() || due.Before(f.next) {
				f.next = due
			}
		default:
			f.ended[c.ID] = c.Status.Terminal()
		}
	})
	f.since = since
	return out
}

// warnBlind says once if fail-fast has no effect or starts late: the user relies on it.
func (f *failFast) warnBlind(looksAt int) {
	if f.said {
		return
	}
	f.said = true
	switch {
	case looksAt == 0:
		f.idle = true
		f.log.Warn(text.New("fail-fast has no effect: under every criterion of this run, later calls can still make up for failed ones"))
	case f.trials.each == 0:
		f.log.Note(text.Sprintf("The scenarios do not tell how many calls to expect: fail-fast waits until the number of calls has not grown for %s.", settleTime))
	}
}

// warnNoCounts warns after the wait if the server never reported the counts fail-fast needs.
func (f *failFast) warnNoCounts() {
	if f.said && !f.idle && !f.counts {
		f.log.Warn(text.New("fail-fast had no effect: while the calls were running, the server did not say how many calls had failed"))
	}
}

// countsAreWhole reports whether the total number of calls is known. While the server is
// still creating calls, more of them may succeed.
func (f *failFast) countsAreWhole(total int) bool {
	if total != f.total {
		f.total, f.grown = total, time.Now()
	}
	if f.more {
		return f.trials.each > 0
	}
	return f.trials.each > 0 || time.Since(f.grown) >= settleTime
}

// rescuable reports whether a rerun may still make a failed call succeed.
func (f *failFast) rescuable(failed, total int) bool {
	before, now := f.gathered.CallsBefore() // which max-calls is not about
	switch {
	case f.config.Reruns.Attempts == 0, f.config.Reruns.Type == calls.RerunEvalOnly:
		return false
	case f.paid.Execution().AgentType == calls.AgentText && !f.config.Agent.Given():
		return false
	case f.config.MaxCalls > 0 && total+failed-before-now > f.config.MaxCalls:
		return false
	}
	return failed <= f.config.Reruns.Max.Of(total)
}

// failedFast cancels the run and judges it as lost. It reads the calls so far, for the reports.
func (r *run) failedFast(ctx context.Context, l lost) verdict.Verdict {
	after, cancel := stopping(ctx, r.toStop())
	defer cancel()
	r.log.Note(text.New("A criterion can no longer be met: cancelling the run (fail-fast)."))
	rest := r.paid.Cancel(after, false)
	r.awaitCancel(ctx)
	r.readCancelled(after)
	if r.paid.Status().Terminal() && (r.paid.Status() != calls.ExecutionCancelled || !r.paid.Cancelled()) && !(r.config.Agent.Given() && r.paid.Cancelled()) {
		// It finished before the cancel: judge it as usual.
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

// cancelGrace is how long to wait for a cancelled execution to end, so the report shows how its
// calls ended. Servers take seconds to a minute (contract, section 4.2).
const cancelGrace = 30 * time.Second

// awaitCancel waits up to cancelGrace for the execution to end.
func (r *run) awaitCancel(ctx context.Context) {
	for waited := time.Duration(0); !r.paid.Status().Terminal() && waited < cancelGrace; waited += 3 * time.Second {
		if patience.Pause(ctx, 3*time.Second) != nil || r.paid.Ended(ctx) {
			return
		}
	}
}

// endedAnyway reports whether the execution ended before it could be cancelled.
func (r *run) endedAnyway(ctx context.Context) bool {
	return r.paid.ID() != uuid.Nil && ctx.Err() == nil && r.paid.Ended(ctx)
}
