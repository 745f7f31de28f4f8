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

// standIns pairs calls that were made with those that they are to stand for, by what they play. Calls
// that play the same can stand for one another. rest are those that stand for none.
//
// Where the server does not tell which dataset row a call plays, calls of a scenario can only stand for
// just as many: one row more or less, and it would be a guess which is which.
func (l leg) standIns(made verdict.Calls) (standing map[uuid.UUID]verdict.Call, rest []uuid.UUID) {
	waiting, due, came := map[slot][]verdict.Call{}, map[string]int{}, map[string]int{}
	for _, c := range l.instead {
		at := slotOf(c)
		waiting[at] = append(waiting[at], c)
		due[at.scenario]++
	}
	for _, c := range made.All() {
		came[slotOf(c).scenario]++
	}
	standing = map[uuid.UUID]verdict.Call{}
	for _, c := range made.All() {
		at := slotOf(c)
		told := at.row != 0 || came[at.scenario] == due[at.scenario]
		if list := waiting[at]; told && len(list) > 0 && c.Status == calls.Pending {
			standing[c.ID], waiting[at] = list[0], list[1:]
			continue
		}
		rest = append(rest, c.ID)
	}
	return standing, rest
}
