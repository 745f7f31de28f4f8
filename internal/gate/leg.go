package gate

import (
	"slices"

	"github.com/google/uuid"

	"github.com/agent-gate/agent-gate/internal/calls"
	"github.com/agent-gate/agent-gate/internal/verdict"
)

// leg is one execution of the run, and what it is for. A run has several if a text agent's conversations
// do not fit into one or are rerun, because the server ends a call 30 minutes after it was made, and
// calls of text agents cannot be rerun in place (chat.md 4.3 and 6).
type leg struct {
	number  int // of the execution within the run, from 1
	trial   int // from 1
	attempt int // from 1; later ones rerun conversations
	// instead are the calls that the execution's stand for; empty if it is to hold all.
	instead []verdict.Call
}

// first reports whether it is the first execution of the run.
func (l leg) first() bool { return l.number == 1 }

// isTrial reports whether it begins a further trial.
func (l leg) isTrial() bool { return !l.first() && l.attempt == 1 && l.instead == nil }

// reruns reports whether it reruns conversations.
func (l leg) reruns() bool { return l.attempt > 1 }

// scenarios returns the scenarios of a run test that it needs; nil for all.
func (l leg) scenarios(t calls.RunTest) []uuid.UUID {
	var some []uuid.UUID
	for _, c := range l.instead {
		at := slices.IndexFunc(t.Scenarios, func(s calls.Scenario) bool {
			return s.ID == c.ScenarioID || c.ScenarioID == uuid.Nil && s.Name == c.Scenario
		})
		if at < 0 {
			return nil // the server does not tell
		}
		if id := t.Scenarios[at].ID; !slices.Contains(some, id) {
			some = append(some, id)
		}
	}
	return some
}

// slot is what a call plays: its scenario and dataset row.
type slot struct {
	scenario string // its id, or else its name
	row      uint64
}

// slotOf returns the slot of a call.
func slotOf(c verdict.Call) slot {
	s := slot{scenario: c.ScenarioID.String(), row: c.Row}
	if c.ScenarioID == uuid.Nil {
		s.scenario = c.Scenario.Raw()
	}
	return s
}

// standIns pairs calls that were made with those that they are to stand for, by what they play. Calls
// that play the same can stand for one another. rest are those that stand for none.
func (l leg) standIns(made verdict.Calls) (standing map[uuid.UUID]verdict.Call, rest []uuid.UUID) {
	waiting := map[slot][]verdict.Call{}
	for _, c := range l.instead {
		waiting[slotOf(c)] = append(waiting[slotOf(c)], c)
	}
	standing = map[uuid.UUID]verdict.Call{}
	for _, c := range made.All() {
		at := slotOf(c)
		if list := waiting[at]; len(list) > 0 && c.Status == calls.Pending {
			standing[c.ID], waiting[at] = list[0], list[1:]
			continue
		}
		rest = append(rest, c.ID)
	}
	return standing, rest
}
