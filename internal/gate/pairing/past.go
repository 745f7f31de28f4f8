package pairing

import (
	"slices"

	"github.com/google/uuid"

	"github.com/agent-gate/agent-gate/internal/calls"
	"github.com/agent-gate/agent-gate/internal/text"
	"github.com/agent-gate/agent-gate/internal/verdict"
)

// What an earlier start of the run-key executed of a text agent is told by its calls: which trial an execution
// was of, which conversations it reran, and which of its calls nobody was to hold.

// Past is what an execution of an earlier start was.
type Past struct {
	Trial, Attempt int // from 1
	// Begins is true for the first execution of a trial.
	Begins bool
	// Stands has the call that each conversation stands for: a failed one that it reran, or one that did
	// not fit in. Out are the calls that nobody held.
	Stands map[uuid.UUID]verdict.Call
	Out    []uuid.UUID
	// Cut is true if a rerun was cut short: it is no attempt of those of its conversations that did not end.
	// Dropped is true if the execution does not count at all: nothing in it ended, or it is a further trial
	// that was cut short, of which Ended conversations had ended.
	Cut, Dropped bool
	Ended        int
}

// Reruns reports whether the execution reran conversations.
func (p Past) Reruns() bool { return p.Attempt > 1 }

// Executed is an execution that has ended.
type Executed struct {
	ID    uuid.UUID
	Calls verdict.Calls
}

// place is a slot of a trial, with the call that counts for it.
type place struct {
	verdict.Call
	taken int // the execution that last played it
}

// PastOf finds out what executions were for, oldest first. why says why that cannot be told, or why they are
// no run that can be judged again. What was cut short after the first trial does not keep the rest from counting.
func PastOf(list []Executed, trials int) (all []Past, why text.Untrusted) {
	now := map[slot][]*place{}
	trial, attempt, from := 1, 1, 0 // from is the first execution of the trial
	for i, e := range list {
		ended, cut := endedIn(e.Calls)
		past := Past{Stands: map[uuid.UUID]verdict.Call{}, Begins: i == 0, Ended: ended}
		if i == 0 && cut { // nobody can go on with it
			return nil, text.Sprintf("%s did not come to an end", text.Plural(e.Calls.Len()-ended, "conversation"))
		}
		if i > 0 {
			again, sure := again(e.Calls, now, i)
			success := anySucceeded(now)
			switch {
			case ended == 0, cut && again.succeeded:
				past.Dropped = true
				all = append(all, past)
				continue
			case !sure:
				return nil, text.Sprintf("it is not certain which calls those of execution %s stand for", e.ID)
			case again.succeeded: // which nobody reruns: it is a trial
				why := unfinished(now)
				if !why.IsEmpty() && trial == 1 {
					return nil, why
				}
				if why.IsEmpty() {
					trial++
				} else {
					drop(all[from:])
				}
				attempt, past.Begins, from = 1, true, i
				clear(now)
			case trials > 1 && !success:
				return nil, text.Sprintf("it cannot be told whether execution %s is a rerun or a trial", e.ID)
			default:
				past.Stands, past.Out, past.Cut = again.stands, again.out, cut && again.reruns
				if again.reruns {
					attempt++
				}
			}
		}
		past.Trial, past.Attempt = trial, attempt
		if past.Cut {
			attempt--
		}
		for _, c := range e.Calls.All() {
			old, stands := past.Stands[c.ID]
			switch spot := slotOf(c); {
			case stands:
				for _, p := range now[spot] {
					if p.ID == old.ID && TellsMore(old, c) {
						p.Call = c
					}
				}
			case !slices.Contains(past.Out, c.ID):
				now[spot] = append(now[spot], &place{Call: c, taken: i})
			}
		}
		all = append(all, past)
	}
	why = unfinished(now)
	if !why.IsEmpty() && trial > 1 {
		drop(all[from:])
		trial, why = trial-1, text.Untrusted{}
	}
	if trial > trials {
		return nil, text.Sprintf("it has %s", text.Plural(trial, "trial"))
	}
	return all, why
}

// drop makes executions of a trial that was cut short count no more.
func drop(list []Past) {
	for i := range list {
		list[i].Dropped = true
	}
}

// endedIn counts the conversations of an execution that came to an end. cut is true if others were begun.
func endedIn(list verdict.Calls) (ended int, cut bool) {
	for _, c := range list.All() {
		switch {
		case !WasBegun(c):
		case hasEnded(c):
			ended++
		default:
			cut = true
		}
	}
	return ended, cut
}

// hasEnded reports whether a conversation came to an end of its own: nobody cut it short.
func hasEnded(c verdict.Call) bool {
	return (c.Status == calls.Completed || c.Status == calls.Failed) && c.Outcome() != verdict.Cancelled
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
		if !WasBegun(c) {
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
		if hasEnded(c) {
			found.stands[c.ID] = best.Call
		} else {
			found.out = append(found.out, c.ID)
		}
		found.reruns = found.reruns || WasBegun(best.Call)
		found.succeeded = found.succeeded || best.Outcome() == verdict.Succeeded
	}
	return found, true
}

// rank orders calls of one slot by how likely another execution played them again.
func rank(c verdict.Call) int {
	switch {
	case !WasBegun(c):
		return 0
	case c.Outcome() != verdict.Succeeded:
		return 1
	}
	return 2
}

// WasBegun reports whether a conversation was begun. The server fails those that were not, half an hour later.
func WasBegun(c verdict.Call) bool { return c.StartedAt != nil }

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
			if !WasBegun(p.Call) || !hasEnded(p.Call) {
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

// TellsMore reports whether a conversation that was held again counts in place of the earlier one: not if it
// says nothing about the agent, unless neither did the other.
func TellsMore(old, c verdict.Call) bool {
	outcome := c.Outcome()
	return outcome.Known() || outcome == verdict.Lost && old.Outcome() == verdict.Lost || !WasBegun(old)
}
