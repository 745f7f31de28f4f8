package gate

import (
	"context"
	"errors"
	"fmt"

	"github.com/google/uuid"

	"github.com/agent-gate/agent-gate/internal/calls"
	"github.com/agent-gate/agent-gate/internal/client"
	"github.com/agent-gate/agent-gate/internal/config"
	"github.com/agent-gate/agent-gate/internal/gate/paid"
	"github.com/agent-gate/agent-gate/internal/gate/pairing"
	"github.com/agent-gate/agent-gate/internal/gate/patience"
	"github.com/agent-gate/agent-gate/internal/gate/runname"
	"github.com/agent-gate/agent-gate/internal/text"
	"github.com/agent-gate/agent-gate/internal/verdict"
)

// started is a known execution. It is paid for, unless somebody else started it.
type started struct {
	calls int  // planned; 0 if unknown
	taken bool // an earlier start of the run-key began it
}

// inherit takes over what an earlier process left behind, if it had the same target.
func (s *starter) inherit() {
	left, target := s.earlier, s.config.Target
	switch {
	case left == nil, !left.Resumable(s.config.API.BaseURL.String()),
		target.Mode == config.ModeAttach && left.ExecutionID != target.TestExecutionID,
		target.Mode == config.ModeExecute && left.RunTestID != target.RunTestID && !left.Part && !s.config.FindsByKey():
		return
	}
	s.gathered.PlacedBefore(left.Rerun)
	s.paid.Inherit(*left)
}

// start executes the run test, exactly once, unless the execution already exists: started by
// somebody else or by a killed process.
func (s *starter) start(ctx context.Context, from ready, l leg) (started, error) {
	target := s.config.Target
	begun := started{calls: from.calls}
	if target.Mode == config.ModeAttach {
		return begun, nil
	}
	if same := s.same; same.Execution.ID != uuid.Nil {
		s.same = paid.Same{}
		s.paid.TakeSame(same)
		if same.Ended {
			s.gathered.PaidBefore()
		}
		begun.taken = true
		return begun, nil
	}
	if s.config.Agent.Given() {
		return begun, s.startChats(ctx, from, l)
	}
	if taken, err := s.paid.TakeUp(ctx); taken || err != nil {
		return begun, err
	}
	if from.runTest.OfPrompt() {
		return begun, s.paid.ExecutePrompt(ctx, from.runTest, from.fresh && l.first(), target.ScenarioIDs)
	}
	return begun, s.paid.Execute(ctx, from.runTest.ID, from.fresh && l.first(), client.Execute{ScenarioIDs: target.ScenarioIDs, SimulatorID: target.SimulatorID})
}

// nameOf returns the name that copies of the run test have in theirs: of a run-key there can be several run
// tests.
func (s *starter) nameOf(t calls.RunTest) string {
	if s.config.FindsByKey() && !t.Name.IsEmpty() {
		return t.Name.Raw()
	}
	return s.name
}

// startChats is start for conversations that this run holds: what a killed process held cannot be
// resumed.
func (s *starter) startChats(ctx context.Context, from ready, l leg) error {
	if err := s.paid.AbandonChats(ctx); err != nil {
		return err
	}
	if err := s.present(l); err != nil {
		return err
	}
	some := l.scenarios(from.runTest)
	if s.config.Target.Mode == config.ModeExecute && some == nil {
		some = s.config.Target.ScenarioIDs
	}
	if len(some) >= len(from.runTest.Scenarios) {
		some = nil
	}
	s.paid.LeaveCopy()
	err := s.paid.ExecuteChats(ctx, from.runTest.ID, from.fresh && l.first(), some)
	if !errors.Is(err, client.ErrNoSubsets) {
		return err
	}
	part, fresh, err := s.copyOf(ctx, from.runTest, some, runname.Part(s.nameOf(from.runTest), l.number))
	if err != nil {
		return cannotCopy(from.runTest, client.ErrNoSubsets, err)
	}
	if lacking := s.gathered.SameEvals(from.runTest.EvalConfigs, part.EvalConfigs); lacking > 0 {
		return cannotCopy(from.runTest, client.ErrNoSubsets, fmt.Errorf("%d evals would not run there", lacking))
	}
	s.paid.UseCopy(part)
	return s.paid.ExecuteChats(ctx, part.ID, fresh, nil)
}

// resume reads the trials that a killed process, or an earlier start of the run-key, had finished, and returns
// which execution comes next.
func (r *run) resume(ctx context.Context) (leg, error) {
	if len(r.starter.same.Held) > 0 {
		return r.resumeHeld(), nil
	}
	next := leg{number: 1, trial: 1, attempt: 1}
	var ended []verdict.Execution
	before := r.paid.InheritedEnded()
	for _, e := range r.starter.same.Earlier {
		before = append(before, e.ID)
	}
	own := len(r.paid.InheritedEnded())
	for i, id := range before {
		e, err := patience.Persist(ctx, r.patience, r.config.Waiting.PollMaxInterval, func() (calls.Execution, error) { return r.api.Collect(ctx, id) })
		switch {
		case ctx.Err() != nil:
			return next, context.Cause(ctx)
		case patience.IsMissing(err):
			continue
		case err != nil:
			return next, err
		}
		if i >= own {
			r.gathered.PaidBefore()
		}
		r.gathered.Take(e)
		ended = append(ended, r.paid.EndedExecution(id, e.Progress, next.trial-1))
		r.gathered.Next(true)
		next.number, next.trial = next.number+1, next.trial+1
	}
	if len(ended) > 0 {
		r.paid.Resume(ended, len(ended))
		r.gathered.PlanTrials(max(r.config.Trials.Count, next.trial))
		r.log.Warn(text.Sprintf("An earlier start of this run had finished %s: their %s are judged too.", text.Plural(len(ended), "trial"), text.Plural(r.gathered.Earlier().Len(), "call")))
	}
	return next, nil
}

// trialsBefore is how many trials an earlier start of the run-key has paid for.
func (s *starter) trialsBefore() int {
	n := len(s.same.Earlier)
	switch all := s.past(); {
	case len(all) > 0:
		return all[len(all)-1].Trial
	case s.same.Ended:
		n++
	}
	return n
}

// past is what the executions that an earlier start held were of its run; none if it held none.
func (s *starter) past() []pairing.Past {
	all, _ := pairing.PastOf(executed(s.same.Held), s.config.Trials.Max)
	return all
}

// isNew reports whether nothing of the run was started before.
func (s *starter) isNew() bool { return s.same.Execution.ID == uuid.Nil && !s.paid.Resumes() }

// whole returns those executions that an earlier start held which are judged again, or why none can be.
func (s *starter) whole(list []paid.Held) (whole []paid.Held, why text.Untrusted) {
	all, why := pairing.PastOf(executed(list), s.config.Trials.Max)
	if !why.IsEmpty() {
		return nil, why
	}
	for i, past := range all {
		switch {
		case !past.Dropped:
			whole = append(whole, list[i])
		case past.Ended > 0:
			s.log.Warn(text.Sprintf("Execution %s of the same run-key was a trial that was cut short. It does not count, although %s had ended.", list[i].Execution.ID, text.Plural(past.Ended, "conversation")))
		}
	}
	return whole, why
}

// executed are executions with their calls.
func executed(list []paid.Held) []pairing.Executed {
	all := make([]pairing.Executed, len(list))
	for i, e := range list {
		all[i] = pairing.Executed{ID: e.Execution.ID, Calls: verdict.CallsOf(e.Read.Calls, nil)}
	}
	return all
}

// resumeHeld takes up the executions that an earlier start held as if this run had held their conversations. It
// returns the last of them.
func (r *run) resumeHeld() (last leg) {
	list, all := r.starter.same.Held, r.starter.past()
	var ended []verdict.Execution
	for i, past := range all {
		held := list[i]
		if held.RunTest.ID != r.starter.same.RunTest.ID {
			r.gathered.SameEvals(r.starter.same.RunTest.EvalConfigs, held.RunTest.EvalConfigs)
		}
		if i > 0 {
			r.gathered.Next(past.Begins)
		}
		r.gathered.PaidBefore()
		r.gathered.Take(held.Read)
		again := r.standAgain(past)
		r.gathered.Take(held.Read) // with the attempts that are known now
		if past.Reruns() {
			r.gathered.AddRerun(again)
		}
		if i < len(all)-1 {
			e := r.paid.EndedExecution(held.Execution.ID, held.Read.Progress, past.Trial-1)
			e.Status = calls.ExecutionCompleted // as it was judged by its calls then
			ended = append(ended, e)
		}
		last = leg{number: i + 1, trial: past.Trial, attempt: past.Attempt}
		if past.Cut {
			last.attempt-- // the rest of it may be rerun
		}
	}
	r.paid.Resume(ended, last.trial-1)
	r.gathered.PlanTrials(max(r.config.Trials.Count, last.trial))
	if len(ended) > 0 {
		r.log.Warn(text.Sprintf("An earlier start of this run had %s: their %s are judged too.", text.Plural(len(list), "execution"), text.Plural(r.gathered.Calls().Len(), "call")))
	}
	return last
}

// standAgain makes calls of an execution that was just taken stand for earlier ones, and sums up what it
// reran.
func (r *run) standAgain(past pairing.Past) verdict.Rerun {
	record := verdict.Rerun{Attempt: past.Attempt - 1, Type: calls.RerunCallAndEval}
	now, before := r.gathered.Current(), r.gathered.Earlier()
	ids := make([]uuid.UUID, 0, len(past.Stands))
	for _, old := range past.Stands {
		ids = append(ids, old.ID)
	}
	places := before.Places(ids)
	for _, c := range now.All() {
		old, stands := past.Stands[c.ID]
		if !stands {
			continue
		}
		if at, ok := places[old.ID]; ok {
			old = before.At(at) // with its attempts
		}
		if !pairing.WasBegun(old) {
			r.gathered.Replace(old, c.ID, false)
			continue
		}
		record.Requested, record.Accepted = record.Requested+1, record.Accepted+1
		if !pairing.TellsMore(old, c) {
			r.gathered.TriedAgain(old, c.ID)
			continue
		}
		r.gathered.Replace(old, c.ID, true)
		if c.Outcome() == verdict.Succeeded {
			record.Rescued++
		}
	}
	r.gathered.LeaveOut(past.Out...)
	return record
}
