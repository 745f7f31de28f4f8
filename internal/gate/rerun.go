package gate

import (
	"context"
	"fmt"
	"time"

	"github.com/google/uuid"

	"github.com/agent-gate/agent-gate/internal/calls"
	"github.com/agent-gate/agent-gate/internal/gate/event"
	"github.com/agent-gate/agent-gate/internal/gate/evidence"
	"github.com/agent-gate/agent-gate/internal/gate/patience"
	"github.com/agent-gate/agent-gate/internal/text"
	"github.com/agent-gate/agent-gate/internal/verdict"
)

// rerunner reruns calls that did not succeed.
type rerunner struct {
	*tools
	asker     *asker
	collector *collector
	settler   *settler
	// noMore is true once a rerun got no usable response or could not be started: another one
	// could place the same calls twice.
	noMore bool
}

// rerun reruns calls that did not succeed, up to rerun-attempts times.
func (r *rerunner) rerun(ctx context.Context) error {
	if r.paid.Guessed() && r.config.Reruns.Attempts > 0 {
		r.log.Warn(text.New("Not rerunning: the execution may belong to someone else."))
		return nil
	}
	if r.paid.OfPrompt() && r.paid.Concluded() && r.config.Reruns.Attempts > 0 {
		r.log.Note(text.New("Not rerunning: the server has not ended the execution, so the end of a rerun could not be seen."))
		return nil
	}
	// Attempts of a killed process count.
	for attempt := 1 + r.paid.Reruns(); attempt <= r.config.Reruns.Attempts; attempt++ {
		again := false
		for _, typ := range r.types() {
			calls, refusal, err := r.inTurn(ctx, attempt, typ)
			if err != nil {
				return err
			}
			if !refusal.IsEmpty() {
				r.gathered.AddRerun(verdict.Rerun{Attempt: attempt, Type: typ, Error: refusal})
				r.log.Note(refusal)
			}
			if r.noMore {
				return nil
			}
			if len(calls) == 0 {
				continue
			}
			done, err := r.rerunCallsOnce(ctx, attempt, typ, calls)
			if err != nil {
				return err
			}
			if r.noMore {
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

// types returns the types of reruns of an execution, in their order. Conversations that this run holds
// are rerun in further executions.
func (r *rerunner) types() []calls.RerunType {
	if r.config.Agent.Given() {
		return []calls.RerunType{calls.RerunEvalOnly}
	}
	return []calls.RerunType{calls.RerunCallAndEval, calls.RerunEvalOnly}
}

// rerunCallsOnce sends one rerun and waits for its end. done is false if nothing was rerun;
// the evidence then says why.
func (r *rerunner) rerunCallsOnce(ctx context.Context, attempt int, typ calls.RerunType, list []uuid.UUID) (done bool, _ error) {
	record := verdict.Rerun{Attempt: attempt, Type: typ, Requested: len(list)}
	r.log.Tell(event.Phase{Name: "Rerun"})
	before := r.gathered.Current()
	r.log.Note(text.Sprintf("Rerunning %d of %d calls (%s), attempt %d of %d.", len(list), before.Len(), typ, attempt, r.config.Reruns.Attempts))
	var failed []uuid.UUID
	if typ == calls.RerunCallAndEval {
		failed = r.gathered.FailedAtFirst(list)
	}
	if r.config.Agent.Given() {
		r.settler.talker.retire(ctx)
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
		record.Error = text.Sprintf("the server accepted the rerun but could not start it: %s%s", result.DispatchError, r.wiped(typ))
	}
	r.paid.Settled()
	record.Accepted, record.Rejected = len(result.Accepted), result.Rejected
	if err == nil {
		r.back(typ, len(list)-len(result.Accepted))
	}
	if !record.Error.IsEmpty() || record.Accepted == 0 {
		if record.Error.IsEmpty() {
			record.Error = text.Sprintf("the server accepted none of the %d calls", len(list))
		}
		r.gathered.AddRerun(record)
		r.log.Warn(text.Sprintf("Rerun attempt %d had no effect: %s", attempt, record.Error))
		return false, nil
	}

	if typ == calls.RerunCallAndEval {
		r.gathered.PlaceAgain(result.Accepted)
		r.spending.Begin(len(result.Accepted))
		defer r.spending.Rest()
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
	r.gathered.Recovered(r.recovered(list, before))
	return true, nil
}

// afterDispatch reads the execution's status after the server accepted a rerun but could not
// start it. No further rerun is sent: it would be refused or fail the same way.
func (r *rerunner) afterDispatch(ctx context.Context, typ calls.RerunType) {
	r.noMore = true
	if typ == calls.RerunEvalOnly {
		return // the server restores the status (contract, section 3.9)
	}
	if p, err := r.api.Poll(ctx, r.paid.ID()); err == nil {
		r.paid.Learn(p)
	}
}

// wiped says what a rerun that could not be started did to its calls: the deployed server first
// sets them to failed (real-server.md, row 10). They are judged as they were before.
func (r *rerunner) wiped(typ calls.RerunType) string {
	if typ == calls.RerunEvalOnly {
		return ""
	}
	return "; it may have erased these calls, so they are judged as they were read before"
}

// sendRerun requests a rerun. If the response is lost or a refusal, it finds out whether the
// rerun was started anyway. If not, it is sent again only after a refusal, on an execution that
// this run started; otherwise no further rerun is sent, because this one may still start.
func (r *rerunner) sendRerun(ctx context.Context, typ calls.RerunType, list []uuid.UUID, before verdict.Calls) (result calls.RerunResult, _ error) {
	again := text.New("The server refused the rerun, and the execution shows no sign of it. Sending it again")
	sent, err := r.asker.send(ctx, list, before, again, func() (err error) {
		result, err = r.api.RerunCalls(ctx, r.paid.ID(), typ, list)
		return err
	})
	switch sent {
	case wasAnswered:
		return result, err
	case wasTakenUp:
		r.log.Warn(text.Sprintf("The rerun request got no usable response, but the execution has changed since (%s): the rerun counts as accepted.", r.paid.Status()))
		return calls.RerunResult{Accepted: list}, nil
	case wasNotSeen:
		r.noMore = true
		err = fmt.Errorf("%w; the execution shows no sign of the rerun", err)
	case wasNotRead:
	}
	return calls.RerunResult{}, err
}

// awaitRerun waits for a rerun to end.
func (r *rerunner) awaitRerun(ctx context.Context, accepted []uuid.UUID, before verdict.Calls) error {
	await := r.asker.awaitChange
	if r.config.Agent.Given() {
		await = r.awaitEvals
	}
	changed, err := await(ctx, accepted, before)
	if err == nil && !changed {
		r.log.Warn(text.Sprintf("The server accepted a rerun of %d calls, but none of them changed within %s.", len(accepted), workGrace))
	}
	return err
}

// awaitEvals is [asker.awaitChange] for the evals of conversations that this run held. The execution's status
// can be late for ever (chat.md 0.5), so it ends when all results are there, or when results-wait is over.
func (r *rerunner) awaitEvals(ctx context.Context, list []uuid.UUID, before verdict.Calls) (changed bool, _ error) {
	r.asker.doubted = true
	wait, began := r.config.Waiting.PollMinInterval, time.Now()
	for {
		e, err := r.collector.calls(ctx, false)
		if err != nil {
			return changed, err
		}
		r.collector.take(e)
		r.log.Tell(event.ProgressMade{Progress: e.Progress, Elapsed: time.Since(began)})
		changed = changed || !e.Status.Terminal() || evidence.Changed(e, list, before)
		r.asker.doubted = !changed
		over := e.Status.Terminal() && (changed || time.Since(began) > workGrace)
		if over || changed && !r.lacking(list) {
			break
		}
		left := time.Until(began.Add(r.config.Waiting.ResultsWait))
		if left <= 0 {
			r.log.Note(text.Sprintf("Not waiting any longer for the evals of %s.", text.Plural(len(list), "call")))
			break
		}
		if err := patience.Pause(ctx, min(wait, left)); err != nil {
			return changed, err
		}
		wait = min(2*wait, r.config.Waiting.PollMaxInterval)
	}
	r.asker.doubted = false
	if !r.paid.Status().Terminal() {
		r.paid.Conclude()
	}
	return changed, nil
}

// lacking reports whether one of the calls has no result of an eval that the verdict depends on.
func (r *rerunner) lacking(list []uuid.UUID) bool {
	now := r.gathered.Current()
	for _, at := range now.Places(list) {
		if r.lacksEvals(now.At(at)) {
			return true
		}
	}
	return false
}

// recovered counts the rerun calls that now succeed but did not before, or now have results
// that they lacked before.
func (r *rerunner) recovered(asked []uuid.UUID, before verdict.Calls) int {
	n := 0
	now := r.gathered.Current()
	earlier, places := before.Places(asked), now.Places(asked)
	for id, at := range places {
		c := now.At(at)
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
