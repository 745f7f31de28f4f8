package gate

import (
	"context"
	"errors"
	"math"
	"strings"

	"github.com/agent-gate/agent-gate/internal/calls"
	"github.com/agent-gate/agent-gate/internal/criteria"
	"github.com/agent-gate/agent-gate/internal/gate/event"
	"github.com/agent-gate/agent-gate/internal/text"
	"github.com/agent-gate/agent-gate/internal/verdict"
)

// further runs the executions after the first: for conversations that could not be held in time, to
// rerun those that did not succeed, and for further trials.
func (r *run) further(ctx context.Context, from ready, last leg) (*lost, error) {
	for {
		next, ok := r.next(from, last)
		if !ok {
			return nil, nil
		}
		if ok, err := r.mayBegin(ctx, from, next); !ok || err != nil {
			return nil, err
		}
		lost, err := r.again(ctx, from, next)
		r.paid.LeaveUnused(ctx)
		if lost != nil || err != nil || r.abandoned {
			return lost, err
		}
		last = next
	}
}

// next decides what is to be executed after an execution; ok is false if nothing is.
func (r *run) next(from ready, last leg) (next leg, ok bool) {
	next = leg{number: last.number + 1, trial: last.trial, attempt: last.attempt}
	if r.config.Agent.Given() {
		if next.instead = r.talker.leftOver(); len(next.instead) > 0 {
			r.log.Note(text.Sprintf("%s did not fit into the 25 minutes that calls live: another execution holds them.", text.Plural(len(next.instead), "conversation")))
			return next, true
		}
		if next.instead = r.toRerun(last); len(next.instead) > 0 {
			next.attempt++
			return next, true
		}
	}
	next.trial, next.attempt = last.trial+1, 1
	return next, r.oneMore(from, last)
}

// toRerun picks the conversations of a trial that are to be held again.
func (r *run) toRerun(last leg) (list []verdict.Call) {
	if last.attempt > r.config.Reruns.Attempts {
		return nil
	}
	all, untold := r.gathered.Trial(), r.untold()
	ids, refusal := r.rerunner.rerunnable(all, calls.RerunCallAndEval, untold)
	if !refusal.IsEmpty() {
		r.gathered.AddRerun(verdict.Rerun{Attempt: last.attempt, Type: calls.RerunCallAndEval, Error: refusal})
		r.log.Note(refusal)
	}
	places := all.Places(ids)
	for _, id := range ids {
		list = append(list, all.At(places[id]))
	}
	return list
}

// again runs one more execution of the run. A failure does not end the run, which is judged without it.
func (r *run) again(ctx context.Context, from ready, l leg) (*lost, error) {
	record := verdict.Rerun{Attempt: l.attempt - 1, Type: calls.RerunCallAndEval, Requested: len(l.instead)}
	r.tellLeg(l, record)
	number := -1
	if l.reruns() {
		number = r.gathered.AddRerun(record)
	}
	lost, err := r.executeAgain(ctx, from, l)
	if record.Accepted = len(r.talker.begun); record.Accepted > 0 {
		record.Rescued = r.recovered()
	}
	died, ok := errors.AsType[diedError](err)
	switch {
	case err == nil:
	case ok && died.open:
		record.Error = text.New(died.why.Error())
	case ctx.Err() != nil, isOverBudget(err):
		record.Error = text.Sprintf("cut short: %s", text.New(err.Error()))
	default:
		record.Error = r.abandon(ctx, err)
		if l.isTrial() {
			r.readMade(ctx, false)
		}
		err = nil
	}
	if l.reruns() {
		r.gathered.AmendRerun(number, record)
	}
	return lost, err
}

// executeAgain leaves the execution before and runs another one.
func (r *run) executeAgain(ctx context.Context, from ready, l leg) (*lost, error) {
	if err := r.under.alive(); err != nil {
		r.talker.renew()
		return nil, err
	}
	r.conclusion(ctx)
	r.talker.renew() // what was made is needed until then
	r.paid.Next(l.trial - 1)
	r.gathered.Next(l.isTrial())
	r.gathered.PlanTrials(max(r.config.Trials.Count, l.trial))
	r.renew()
	return r.execute(ctx, from, l)
}

// tellLeg tells what the next execution is for.
func (r *run) tellLeg(l leg, record verdict.Rerun) {
	switch {
	case l.isTrial():
		r.log.Tell(event.TrialBegan{Number: l.trial})
		r.log.Tell(event.Phase{Name: "Start"})
		r.log.Note(text.Sprintf("Executing the run test again: trial %d of %s.", l.trial, r.outOf(l.trial)))
	case l.reruns():
		r.log.Tell(event.Phase{Name: "Rerun"})
		r.log.Note(text.Sprintf("Rerunning %d of %d conversations, attempt %d of %d.", len(l.instead), r.gathered.Trial().Len(), record.Attempt, r.config.Reruns.Attempts))
	default:
		r.log.Tell(event.Phase{Name: "Further conversations", Waits: true})
	}
}

// outOf says how many trials there are to be.
func (r *run) outOf(trial int) text.Untrusted {
	if trials := r.config.Trials; trials.GoOn() {
		return text.Sprintf("at most %d", max(trials.Max, trial))
	}
	return text.Sprintf("%d", max(r.config.Trials.Count, trial))
}

// recovered counts the conversations of a rerun that succeeded.
func (r *run) recovered() (n int) {
	for _, c := range r.gathered.Current().All() {
		if c.Outcome() == verdict.Succeeded {
			n++
		}
	}
	return n
}

// abandon stops a further execution that failed, and returns why it did.
func (r *run) abandon(ctx context.Context, why error) text.Untrusted {
	said := text.New(why.Error())
	if r.under.alive() != nil && len(r.talker.made) == 0 {
		r.leave(ctx) // nothing was started
		r.abandoned = true
	} else {
		r.abandoned = true
		after, cancel := stopping(ctx, r.toStop())
		defer cancel()
		for _, rest := range []text.Untrusted{r.paid.Cancel(after, false), r.paid.CancelTwins(after)} {
			if !rest.IsEmpty() {
				said = text.Sprintf("%s; %s", said, rest)
			}
		}
	}
	r.log.Warn(text.Sprintf("A further execution failed, and the run is judged without it: %s", said))
	return said
}

// tooManyCalls says that the next trial would pass max-calls; empty if it would not.
func (r *run) tooManyCalls(from ready) text.Untrusted {
	limit, next := r.config.MaxCalls, r.callsATrial(from)
	placed := r.placed()
	if limit == 0 || placed+next <= limit {
		return text.Untrusted{}
	}
	return text.Sprintf("%d more calls would make %d, over max-calls %d", next, placed+next, limit)
}

// callsATrial is how many calls a trial has.
func (r *run) callsATrial(from ready) int {
	if from.calls > 0 {
		return from.calls
	}
	return r.gathered.Trial().Len()
}

// sealed reports whether fail-fast keeps the next trial from being started: none of its calls could
// change that a criterion is missed.
func (r *run) sealed(from ready, last leg) bool {
	if !r.config.FailFast {
		return false
	}
	fast := r.failFast(r.callsATrial(from), last)
	all := r.gathered.Calls()
	state, read := fast.judged(fast.trials.with(all.Len()), all)
	state.Rescuable = false // reruns are over
	if !verdict.Sealed(r.seeing(read, state), r.plan.Rules()) {
		return false
	}
	r.log.Note(text.Sprintf("A criterion can no longer be met: not starting trial %d (fail-fast).", last.trial+1))
	return true
}

// oneMore decides whether there is to be another trial.
func (r *run) oneMore(from ready, last leg) bool {
	trials := r.config.Trials
	if last.trial < trials.Count {
		if why := r.tooManyCalls(from); !why.IsEmpty() {
			r.log.Warn(text.Sprintf("Trial %d of %d was not started, so its calls are unknown: %s.", last.trial+1, trials.Count, why))
			return false
		}
		why := r.spending.Refuses(r.callsATrial(from))
		if why.IsEmpty() && from.calls == 0 && r.company != nil { // nothing could be reserved for it before
			why = r.company.More(r.callsATrial(from), r.spending.Each())
		}
		if !why.IsEmpty() {
			r.gathered.PlanTrials(last.trial)
			r.log.Warn(text.Sprintf("Judged after %d of %s: %s.", last.trial, text.Plural(trials.Count, "trial"), why))
			return false
		}
		return !r.sealed(from, last)
	}
	if !trials.GoOn() {
		return false
	}
	return r.undecided(from, last)
}

// planLooks says when a run that goes on while it is undecided is judged, once the calls of a trial are known;
// nil for any other run.
func (r *run) planLooks(each int) *verdict.Looks {
	looks := r.gathered.Looks()
	if looks == nil && each > 0 && r.config.Trials.GoOn() {
		limit := r.config.MaxCalls
		if limit > 0 {
			earlier, now := r.gathered.CallsBefore()
			if r.starter.same.Ended && len(r.starter.same.Held) == 0 {
				now = each // it is read later
			}
			limit += earlier + now
		}
		first, most := r.config.Trials.Within(limit, each)
		looks = &verdict.Looks{First: first, Max: most}
		r.gathered.LookAt(looks)
	}
	return looks
}

// warnCounts says once that counts grow with the trials of a run that goes on while it is undecided.
func (r *run) warnCounts() {
	if !r.config.Trials.GoOn() {
		return
	}
	var counts []string
	for _, c := range r.config.Rules.Criteria {
		if m, _ := c.Lookup(); m.Family == criteria.Count && !c.Change {
			counts = append(counts, c.String())
		}
	}
	if len(counts) == 0 {
		return
	}
	r.log.Warn(text.Sprintf("A count is over the calls of all trials together, of which there may be %d to %d, and grows with each; a rate does not: %s.",
		r.config.Trials.Count, r.config.Trials.Max, text.New(strings.Join(counts, "; "))))
}

// undecided looks at the calls so far, and reports whether a further trial is worth its calls: a criterion
// is undecided, none is missed, and the limits allow it.
func (r *run) undecided(from ready, last leg) bool {
	looks := r.planLooks(r.callsATrial(from))
	e := r.known()
	v := verdict.Judge(e, r.plan.Rules())
	if looks == nil || !mayDecide(e, v) {
		return false
	}
	looks.Stopped = r.enough(from, last, e)
	if !looks.Stopped.IsEmpty() {
		r.log.Note(text.Sprintf("No further trial: %s.", looks.Stopped))
		return false
	}
	looks.Past = append(looks.Past, verdict.Look{Trials: e.Trials(), Calls: e.Calls.Len(), Kind: v.Kind, Reason: v.Reason})
	r.log.Note(text.Sprintf("Undecided after %s: %s.", text.Plural(e.Trials(), "trial"), v.Reason))
	return true
}

// mayDecide reports whether further calls may decide a run: no criterion is missed, and one is undecided,
// or too much is unknown among the calls so far to tell.
func mayDecide(e verdict.Evidence, v verdict.Verdict) bool {
	if v.Kind != verdict.Error {
		return v.Kind == verdict.Inconclusive
	}
	open := false
	for _, c := range v.Checks {
		if c.Outcome == verdict.NoData && c.Value.Value == nil {
			return false // more calls would not help
		}
		open = open || c.Outcome == verdict.NoData
	}
	return open && e.Unevaluated.IsEmpty()
}

// tenth prints a chance under one in ten in percent: never as the 10 that it is under.
func tenth(chance float64) text.Untrusted {
	if chance < 0.095 {
		return text.Sprintf("%.0f", 100*chance)
	}
	return text.Sprintf("%.1f", math.Floor(1000*chance)/10)
}

// enough says why no further trial is begun although the run is undecided; empty if one is.
func (r *run) enough(from ready, last leg, e verdict.Evidence) text.Untrusted {
	if last.trial >= r.config.Trials.Max {
		return text.Sprintf("max-trials %d is reached", r.config.Trials.Max)
	}
	if why := r.tooManyCalls(from); !why.IsEmpty() {
		return why
	}
	if why := r.spending.Refuses(r.callsATrial(from)); !why.IsEmpty() {
		return why
	}
	if chance := verdict.DecidedByEnd(e, r.plan.Rules()); chance < verdict.LeastChance {
		return text.Sprintf("the chance to be decided by %s is %s%%", text.Plural(e.Looks.Max, "trial"), tenth(chance))
	}
	if r.company != nil {
		return r.company.More(r.callsATrial(from), r.spending.Each())
	}
	return text.Untrusted{}
}
