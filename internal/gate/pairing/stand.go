package pairing

import (
	"github.com/google/uuid"

	"github.com/agent-gate/agent-gate/internal/calls"
	"github.com/agent-gate/agent-gate/internal/verdict"
)

// StandIns pairs calls that were made with those that they are to stand for, by what they play. Calls
// that play the same can stand for one another. rest are those that stand for none.
//
// Where the server does not tell which dataset row a call plays, calls of a scenario can only stand for
// just as many: one row more or less, and it would be a guess which is which.
func StandIns(waitingFor []verdict.Call, made verdict.Calls) (standing map[uuid.UUID]verdict.Call, rest []uuid.UUID) {
	waiting, due, came := map[slot][]verdict.Call{}, map[string]int{}, map[string]int{}
	for _, c := range waitingFor {
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
