package gate

import (
	"cmp"
	"context"
	"fmt"
	"slices"

	"github.com/google/uuid"

	"github.com/agent-gate/agent-gate/internal/calls"
	"github.com/agent-gate/agent-gate/internal/gate/event"
	"github.com/agent-gate/agent-gate/internal/text"
	"github.com/agent-gate/agent-gate/internal/verdict"
)

// rerunner reruns what did not succeed.
type rerunner struct {
	*tools
	asker     *asker
	collector *collector
	// lost is true once the answer to a rerun was lost and nothing came of it.
	lost bool
}

// rerun reruns what did not succeed, as often as rerun-attempts allows.
func (r *rerunner) rerun(ctx context.Context) error {
	if r.paid.Guessed() && r.config.Reruns.Attempts > 0 {
		r.log.Warn(text.New("Nothing is rerun, since the execution may be that of others."))
		return nil
	}
	// What a killed process has begun counts.
	for attempt := 1 + r.paid.Reruns(); attempt <= r.config.Reruns.Attempts; attempt++ {
		again := false
		for _, typ := range []calls.RerunType{calls.RerunCallAndEval, calls.RerunEvalOnly} {
			calls, refusal := r.rerunnable(typ)
			if !refusal.IsEmpty() {
				r.gathered.AddRerun(verdict.Rerun{Attempt: attempt, Type: typ, Error: refusal})
				r.log.Note(refusal)
			}
			if len(calls) == 0 {
				continue
			}
			done, err := r.rerunCallsOnce(ctx, attempt, typ, calls)
			if err != nil {
				return err
			}
			if r.lost {
				return nil
			}
			again = again || done
		}
		if !again {
			return nil
		}
	}
	return nil
}

// rerunnable are the calls that a rerun of this type would help: those that did not
// succeed for call_and_eval, those that succeeded without all their results for
// eval_only. Never the other way round: an eval_only rerun of a failed call makes the
// deployed server call it completed (contract, fact 19). Calls that the platform lost come
// first. Where too many calls failed for a flake, they alone are rerun.
func (r *rerunner) rerunnable(typ calls.RerunType) (list []uuid.UUID, refusal text.Untrusted) {
	if chosen := r.config.Reruns.Type; chosen != "" && chosen != typ {
		return nil, refusal
	}
	var lost, others []uuid.UUID
	for _, c := range r.gathered.Calls().All() {
		switch outcome := c.Outcome(); {
		case typ == calls.RerunEvalOnly:
			if outcome == verdict.Succeeded && r.lacksEvals(c) {
				others = append(others, c.ID)
			}
		case outcome == verdict.Lost:
			lost = append(lost, c.ID)
		case outcome != verdict.Succeeded && outcome != verdict.Open: // one at work may still end
			others = append(others, c.ID)
		}
	}
	all := slices.Concat(lost, others)
	if len(all) == 0 {
		return nil, refusal
	}
	if len(others) > 0 {
		if refusal = r.refusal(typ, len(others), len(all)); refusal.IsEmpty() {
			return all, refusal
		}
	}
	if len(lost) > 0 {
		ofLost := r.refusal(typ, 0, len(lost))
		if ofLost.IsEmpty() {
			return lost, refusal
		}
		refusal = cmp.Or(refusal, ofLost)
	}
	return nil, refusal
}

// lacksEvals tells whether an eval that the verdict depends on has no result on the call.
func (r *rerunner) lacksEvals(c verdict.Call) bool {
	have := map[uuid.UUID]bool{}
	for _, e := range c.Evals {
		have[e.ConfigID()] = true
		if r.plan.RunsLater(e.ConfigID()) || !r.plan.Rules().LooksAtEval(e.Name().Raw()) && !r.looksAtConfig(e.ConfigID()) {
			continue
		}
		switch e.State() {
		case calls.EvalPending, calls.EvalErrored, calls.EvalEmpty:
			return true
		}
	}
	for _, e := range r.gathered.Evals() {
		if !have[e.ID] && !r.plan.RunsLater(e.ID) && r.plan.Rules().LooksAtEval(e.Name.Raw()) {
			return true
		}
	}
	return false
}

// looksAtConfig reports whether a criterion looks at an eval config by its name, which
// results that are pending do not have.
func (r *rerunner) looksAtConfig(id uuid.UUID) bool {
	return slices.ContainsFunc(r.gathered.Evals(), func(e calls.EvalConfig) bool {
		return e.ID == id && r.plan.Rules().LooksAtEval(e.Name.Raw())
	})
}

// rerunCallsOnce sends one rerun and waits for its end. done is false when nothing was
// rerun; why stands in the evidence then, and the run is judged as it is.
func (r *rerunner) rerunCallsOnce(ctx context.Context, attempt int, typ calls.RerunType, list []uuid.UUID) (done bool, _ error) {
	record := verdict.Rerun{Attempt: attempt, Type: typ, Requested: len(list)}
	r.log.Tell(event.Phase{Name: "Rerun"})
	before := r.gathered.Calls()
	r.log.Note(text.Sprintf("Rerunning %d of %d calls (%s), attempt %d of %d.", len(list), before.Len(), typ, attempt, r.config.Reruns.Attempts))
	var failed []uuid.UUID
	if typ == calls.RerunCallAndEval {
		failed = r.gathered.FailedAtFirst(list)
	}
	r.paid.BeginRerun(attempt, failed)
	result, err := r.sendRerun(ctx, typ, list, before)
	if err != nil {
		if ctx.Err() != nil {
			return false, r.patience.CauseOf(ctx, err)
		}
		record.Error = text.New(err.Error())
	} else if !result.DispatchError.IsEmpty() {
		r.afterDispatch(ctx, typ)
		record.Error = text.Sprintf("the server took the rerun and could not start it: %s%s", result.DispatchError, r.wiped(typ))
	}
	r.paid.Settled()
	record.Accepted, record.Rejected = len(result.Accepted), result.Rejected
	if !record.Error.IsEmpty() || record.Accepted == 0 {
		if record.Error.IsEmpty() {
			record.Error = text.Sprintf("the server rerun none of the %d calls", len(list))
		}
		r.gathered.AddRerun(record)
		r.log.Warn(text.Sprintf("Rerun attempt %d did nothing: %s", attempt, record.Error))
		return false, nil
	}

	r.gathered.CountTries(result.Accepted)
	r.paid.Expect(calls.ExecutionRunning)
	r.gathered.AddRerun(record)
	if err := r.awaitRerun(ctx, result.Accepted, before); err != nil {
		return false, err
	}
	if err := r.collector.collect(ctx); err != nil {
		return false, err
	}
	if typ == calls.RerunEvalOnly {
		r.gathered.KeepEnded(result.Accepted, before)
	}
	r.gathered.Rescued(r.rescued(list, before))
	return true, nil
}

// afterDispatch reads where the execution stands after a rerun that the server took and
// could not start. No further rerun is sent: it would be refused, or fail the same way.
func (r *rerunner) afterDispatch(ctx context.Context, typ calls.RerunType) {
	r.lost = true
	if typ == calls.RerunEvalOnly {
		return // the server puts the state back (contract, section 3.9)
	}
	if p, err := r.api.Poll(ctx, r.paid.ID()); err == nil {
		r.paid.Learn(p)
	}
}

// wiped says what a rerun of calls that could not be started has done to them: the deployed
// server sets them to failed first (real-server.md, row 10). They are judged as they were.
func (r *rerunner) wiped(typ calls.RerunType) string {
	if typ == calls.RerunEvalOnly {
		return ""
	}
	return "; it may have wiped these calls there, so they are judged as they were read before"
}

// refusal says why a rerun of calls is not sent; empty when it may be. Failed are those of
// them that the platform did not lose: many of them at once are no flake.
func (r *rerunner) refusal(typ calls.RerunType, failed, list int) text.Untrusted {
	total := r.gathered.Calls().Len()
	if limit := r.config.Reruns.Max.Of(total); failed > limit {
		return text.Sprintf("%d of %d calls need a rerun, more than rerun-max-calls %s allows (%d): that is no flake, so they are not rerun.", failed, total, r.config.Reruns.Max, limit)
	}
	if typ != calls.RerunCallAndEval {
		return text.Untrusted{}
	}
	if r.paid.Execution().AgentType == calls.AgentText {
		return text.Sprintf("%d of %d calls did not succeed; they are not rerun, since the server places no call of a text agent again (only eval_only is possible there).", list, total)
	}
	if limit := r.config.MaxCalls; limit > 0 && total+r.gathered.PlacedAgain()+list > limit {
		return text.Sprintf("%d more calls would make it %d, more than max-calls %d: they are not rerun.", list, total+r.gathered.PlacedAgain()+list, limit)
	}
	return text.Untrusted{}
}

// sendRerun asks for a rerun. When the answer is lost, or a refusal, it finds out whether the
// rerun was carried out. When it shows no sign of that it is sent again after a refusal, on an
// execution that this run started; else no further rerun is sent, since this one may still be
// taken up.
func (r *rerunner) sendRerun(ctx context.Context, typ calls.RerunType, list []uuid.UUID, before verdict.Calls) (result calls.RerunResult, _ error) {
	again := text.New("The server refused the rerun, and the execution shows no sign of it: sending it again.")
	sent, err := r.asker.send(ctx, list, before, again, func() (err error) {
		result, err = r.api.RerunCalls(ctx, r.paid.ID(), typ, list)
		return err
	})
	switch sent {
	case wasAnswered:
		return result, err
	case wasTakenUp:
		r.log.Warn(text.Sprintf("The rerun had no usable answer, but the execution has changed since (%s): it was taken up.", r.paid.Status()))
		return calls.RerunResult{Accepted: list}, nil
	case wasNotSeen:
		r.lost = true
		err = fmt.Errorf("%w; the execution shows no sign of it", err)
	case wasNotRead:
	}
	return calls.RerunResult{}, err
}

// awaitRerun waits until a rerun has ended.
func (r *rerunner) awaitRerun(ctx context.Context, accepted []uuid.UUID, before verdict.Calls) error {
	changed, err := r.asker.awaitChange(ctx, accepted, before)
	if err == nil && !changed {
		r.log.Warn(text.Sprintf("The server accepted a rerun of %d calls, but none of them changed within %s.", len(accepted), workGrace))
	}
	return err
}

// rescued counts the rerun calls that did not succeed before and do now, or that
// lacked results before and have them now.
func (r *rerunner) rescued(asked []uuid.UUID, before verdict.Calls) int {
	n := 0
	earlier, places := before.Places(asked), r.gathered.Calls().Places(asked)
	for id, at := range places {
		c := r.gathered.Calls().At(at)
		if !r.gathered.WasRerun(id) || c.Outcome() != verdict.Succeeded {
			continue
		}
		was := before.At(earlier[id])
		if was.Outcome() != verdict.Succeeded || r.lacksEvals(was) && !r.lacksEvals(c) {
			n++
		}
	}
	return n
}
