package gate

import (
	"context"
	"errors"
	"time"

	"github.com/agent-gate/agent-gate/internal/calls"
	"github.com/agent-gate/agent-gate/internal/gate/event"
	"github.com/agent-gate/agent-gate/internal/text"
	"github.com/agent-gate/agent-gate/internal/verdict"
)

// further runs the executions after the first: for conversations that could not be held in time, and to
// rerun those that did not succeed.
func (r *run) further(ctx context.Context, from ready, last leg) (*lost, error) {
	if !r.config.Agent.Given() {
		return nil, nil
	}
	for {
		next, ok := r.next(last)
		if !ok {
			return nil, nil
		}
		lost, err := r.again(ctx, from, next)
		if lost != nil || err != nil || r.abandoned {
			return lost, err
		}
		last = next
	}
}

// next decides what is to be executed after an execution; ok is false if nothing is.
func (r *run) next(last leg) (next leg, ok bool) {
	next = leg{number: last.number + 1, trial: last.trial, attempt: last.attempt}
	if next.instead = r.talker.leftOver(); len(next.instead) > 0 {
		r.log.Note(text.Sprintf("%s did not fit into the 25 minutes that calls live: another execution holds them.", text.Plural(len(next.instead), "conversation")))
		return next, true
	}
	if last.attempt > r.config.Reruns.Attempts {
		return next, false
	}
	all := r.gathered.Trial()
	list, refusal := r.rerunner.rerunnable(all, calls.RerunCallAndEval)
	if !refusal.IsEmpty() {
		r.gathered.AddRerun(verdict.Rerun{Attempt: last.attempt, Type: calls.RerunCallAndEval, Error: refusal})
		r.log.Note(refusal)
	}
	places := all.Places(list)
	for _, id := range list {
		next.instead = append(next.instead, all.At(places[id]))
	}
	if len(next.instead) == 0 {
		return next, false
	}
	next.attempt++
	return next, true
}

// again runs one more execution of the run. A failure does not end the run, which is judged without it.
func (r *run) again(ctx context.Context, from ready, l leg) (*lost, error) {
	record := verdict.Rerun{Attempt: l.attempt - 1, Type: calls.RerunCallAndEval, Requested: len(l.instead)}
	if l.reruns() {
		r.log.Tell(event.Phase{Name: "Rerun"})
		r.log.Note(text.Sprintf("Rerunning %d of %d conversations, attempt %d of %d.", len(l.instead), r.gathered.Trial().Len(), record.Attempt, r.config.Reruns.Attempts))
	} else {
		r.log.Tell(event.Phase{Name: "Further conversations"})
	}
	var lost *lost
	err := r.under.alive()
	if err == nil {
		r.leave(ctx)
		r.paid.Next(l.trial - 1)
		r.gathered.Next(false)
		r.renew()
		lost, err = r.execute(ctx, from, l)
	}
	if died, ok := errors.AsType[diedError](err); ctx.Err() != nil || ok && died.open {
		return lost, err
	}
	if err != nil {
		record.Error = r.abandon(ctx, err)
		err = nil
	} else {
		record.Accepted, record.Rescued = len(r.talker.begun), r.recovered(l)
	}
	if l.reruns() {
		r.gathered.AddRerun(record)
	}
	return lost, err
}

// recovered counts the conversations of a rerun that succeeded.
func (r *run) recovered(l leg) (n int) {
	for _, c := range r.gathered.Current().All() {
		if l.reruns() && c.Outcome() == verdict.Succeeded {
			n++
		}
	}
	return n
}

// abandon stops a further execution that failed, and returns why it did.
func (r *run) abandon(ctx context.Context, why error) text.Untrusted {
	r.abandoned = true
	said := text.New(why.Error())
	after, cancel := stopping(ctx, min(stopOtherwise, max(stopNow, time.Until(r.end))))
	defer cancel()
	for _, rest := range []text.Untrusted{r.paid.Cancel(after, false), r.paid.CancelTwins(after)} {
		if !rest.IsEmpty() {
			said = text.Sprintf("%s; %s", said, rest)
		}
	}
	r.log.Warn(text.Sprintf("A further execution failed, and the run is judged without it: %s", said))
	return said
}
