package verdict

import (
	"cmp"
	"slices"

	"github.com/google/uuid"
)

// Unsuccessful are the places of the calls that did not succeed, worst first: those that decided the
// verdict in their own order, then failed, skipped, lost and other calls, and among them
// those that not even a rerun helped. Deciding is that of the [Verdict].
func Unsuccessful(calls Calls, deciding []uuid.UUID) []int {
	place := make(map[uuid.UUID]int, len(deciding))
	for i, id := range deciding {
		place[id] = i - len(deciding) // below 0, where all others are
	}
	rank := []Outcome{Failed, Skipped, Lost, Open, Cancelled}
	type entry struct{ at, decided, outcome, attempts int }
	var all []entry
	for i := range calls.Len() {
		c := calls.Brief(i)
		if o := c.Outcome(); o != Succeeded {
			all = append(all, entry{at: i, decided: place[c.ID], outcome: slices.Index(rank, o), attempts: c.Attempts})
		}
	}
	slices.SortFunc(all, func(a, b entry) int {
		return cmp.Or(
			cmp.Compare(a.decided, b.decided),
			cmp.Compare(a.outcome, b.outcome),
			cmp.Compare(b.attempts, a.attempts),
			cmp.Compare(a.at, b.at),
		)
	})
	out := make([]int, len(all))
	for i, e := range all {
		out[i] = e.at
	}
	return out
}
