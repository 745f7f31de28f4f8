package gate

import (
	"slices"

	"github.com/google/uuid"

	"github.com/agent-gate/agent-gate/internal/calls"
	"github.com/agent-gate/agent-gate/internal/gate/paid"
	"github.com/agent-gate/agent-gate/internal/text"
	"github.com/agent-gate/agent-gate/internal/verdict"
)

// What an earlier start of the run-key executed of a text agent is told by its calls: which trial an execution
// was of, which conversations it reran, and which of its calls nobody was to hold.

// pastLeg is an execution of an earlier start.
type pastLeg struct {
	leg
	// stands has the call that each conversation stands for: a failed one that it reran, or one that did
	// not fit in. out are the calls that nobody held.
	stands map[uuid.UUID]verdict.Call
	out    []uuid.UUID
}

// place is a slot of a trial, with the call that counts for it.
type place struct {
	verdict.Call
	taken int // the execution that last played it
}

// pastLegs finds out what executions were for, oldest first. why says why that cannot be told, or why they are
// no run that can be judged again.
func pastLegs(list []paid.Held, trials int) (legs []pastLeg, why text.Untrusted) {
	now := map[slot][]*place{}
	at := leg{number: 1, trial: 1, attempt: 1}
	for i, held := range list {
		all := verdict.CallsOf(held.Read.Calls, nil)
		past := pastLeg{leg: at, stands: map[uuid.UUID]verdict.Call{}}
		if i > 0 {
			again, sure := again(all, now, i)
			success := anySucceeded(now)
			switch {
			case !sure:
				return nil, text.Sprintf("it is not certain which calls those of execution %s stand for", held.Execution.ID)
			case again.succeeded: // which nobody reruns: it is a trial
				if why := unfinished(now); !why.IsEmpty() {
					return nil, why
				}
				at.trial, at.attempt = at.trial+1, 1
				clear(now)
			case trials > 1 && !success:
				return nil, text.Sprintf("it cannot be told whether execution %s is a rerun or a trial", held.Execution.ID)
			default:
				past.stands, past.out = again.stands, again.out
				if again.reruns {
					at.attempt++
				}
			}
			at.number = i + 1
			past.leg = at
			for _, old := range past.stands {
				past.instead = append(past.instead, old)
			}
		}
		for _, c := range all.All() {
			old, stands := past.stands[c.ID]
			switch spot := slotOf(c); {
			case stands:
				for _, p := range now[spot] {
					if p.ID == old.ID && tellsMore(old, c) {
						p.Call = c
					}
				}
			case !slices.Contains(past.out, c.ID):
				now[spot] = append(now[spot], &place{Call: c, taken: i})
			}
		}
		legs = append(legs, past)
	}
	if at.trial > trials {
		return nil, text.Sprintf("it has %s", text.Plural(at.trial, "trial"))
	}
	return legs, unfinished(now)
}

// playedAgain is what an execution played of a trial.
type playedAgain struct {
	stands            map[uuid.UUID]verdict.Call
	out               []uuid.UUID
	reruns, succeeded bool
}

// again pairs the calls of an execution with those of the trial so far. sure is false if one of them could be
// another row.
func again(all verdict.Calls, now map[slot][]*place, execution int) (found playedAgain, sure bool) {
	rows := map[string]int{}
	for at, places := range now {
		rows[at.scenario] += len(places)
	}
	found.stands = map[uuid.UUID]verdict.Call{}
	for _, c := range all.All() {
		if !wasBegun(c) {
			found.out = append(found.out, c.ID)
			continue
		}
		at := slotOf(c)
		var best *place
		for _, p := range now[at] {
			if p.taken < execution && (best == nil || rank(p.Call) < rank(best.Call)) {
				best = p
			}
		}
		if best == nil || at.row == 0 && rows[at.scenario] > 1 {
			return found, false
		}
		best.taken = execution
		found.stands[c.ID] = best.Call
		found.reruns = found.reruns || wasBegun(best.Call)
		found.succeeded = found.succeeded || best.Outcome() == verdict.Succeeded
	}
	return found, true
}

// rank orders calls of one slot by how likely another execution played them again.
func rank(c verdict.Call) int {
	switch {
	case !wasBegun(c):
		return 0
	case c.Outcome() != verdict.Succeeded:
		return 1
	}
	return 2
}

// wasBegun reports whether a conversation was begun. The server fails those that were not, half an hour later.
func wasBegun(c verdict.Call) bool { return c.StartedAt != nil }

// anySucceeded reports whether a call succeeded.
func anySucceeded(now map[slot][]*place) bool {
	for _, places := range now {
		if slices.ContainsFunc(places, func(p *place) bool { return p.Outcome() == verdict.Succeeded }) {
			return true
		}
	}
	return false
}

// unfinished says how many conversations of a trial did not come to an end; empty if all did.
func unfinished(now map[slot][]*place) text.Untrusted {
	n := 0
	for _, places := range now {
		for _, p := range places {
			if !wasBegun(p.Call) || p.Status != calls.Completed && p.Status != calls.Failed {
				n++
			}
		}
	}
	switch {
	case len(now) == 0:
		return text.New("it has no calls")
	case n > 0:
		return text.Sprintf("%s did not come to an end", text.Plural(n, "conversation"))
	}
	return text.Untrusted{}
}

// tellsMore reports whether a conversation that was held again counts in place of the earlier one: not if it
// says nothing about the agent, unless neither did the other.
func tellsMore(old, c verdict.Call) bool {
	outcome := c.Outcome()
	return outcome.Known() || outcome == verdict.Lost && old.Outcome() == verdict.Lost || !wasBegun(old)
}

// unlike says why executions that an earlier start held cannot be judged again.
func (s *starter) unlike(list []paid.Held) text.Untrusted {
	_, why := pastLegs(list, s.config.Trials.Max)
	return why
}

// resumeHeld takes up the executions of an earlier start as if this run had held their conversations. It
// returns the last of them.
func (r *run) resumeHeld(list []paid.Held) (last leg) {
	legs, _ := pastLegs(list, r.config.Trials.Max)
	var ended []verdict.Execution
	for i, past := range legs {
		held := list[i]
		if held.RunTest.ID != r.starter.same.RunTest.ID {
			r.gathered.SameEvals(r.starter.same.RunTest.EvalConfigs, held.RunTest.EvalConfigs)
		}
		if i > 0 {
			r.gathered.Next(past.isTrial())
		}
		r.gathered.Take(held.Read)
		again := r.standAgain(past)
		r.gathered.Take(held.Read) // with the attempts that are known now
		if past.reruns() {
			r.gathered.AddRerun(again)
		}
		if i < len(legs)-1 {
			e := r.paid.EndedExecution(held.Execution.ID, held.Read.Progress, past.trial-1)
			e.Status = calls.ExecutionCompleted // as it was judged by its calls then
			ended = append(ended, e)
		}
		last = past.leg
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
func (r *run) standAgain(past pastLeg) verdict.Rerun {
	record := verdict.Rerun{Attempt: past.attempt - 1, Type: calls.RerunCallAndEval}
	now, before := r.gathered.Current(), r.gathered.Earlier()
	for _, c := range now.All() {
		old, stands := past.stands[c.ID]
		if !stands {
			continue
		}
		if at, ok := before.Places([]uuid.UUID{old.ID})[old.ID]; ok {
			old = before.At(at) // with its attempts
		}
		if !wasBegun(old) {
			r.gathered.Replace(old, c.ID, false)
			continue
		}
		record.Requested, record.Accepted = record.Requested+1, record.Accepted+1
		if !tellsMore(old, c) {
			r.gathered.TriedAgain(old, c.ID)
			continue
		}
		r.gathered.Replace(old, c.ID, true)
		if c.Outcome() == verdict.Succeeded {
			record.Rescued++
		}
	}
	r.gathered.LeaveOut(past.out...)
	return record
}
