package verdict

import (
	"cmp"
	"slices"

	"github.com/google/uuid"
)

// Unsuccessful are the calls that did not succeed, worst first: those that decided the
// verdict in their own order, then failed, cancelled and skipped calls, and among them
// those that not even a rerun helped. Deciding is that of the [Verdict].
func Unsuccessful(calls []Call, deciding []uuid.UUID) []Call {
	place := make(map[uuid.UUID]int, len(deciding))
	for i, id := range deciding {
		place[id] = i - len(deciding) // below 0, where all others are
	}
	rank := []Outcome{Failed, Cancelled, Skipped}
	var out []Call
	for _, c := range calls {
		if c.Outcome() != Succeeded {
			out = append(out, c)
		}
	}
	slices.SortStableFunc(out, func(a, b Call) int {
		return cmp.Or(
			cmp.Compare(place[a.ID], place[b.ID]),
			cmp.Compare(slices.Index(rank, a.Outcome()), slices.Index(rank, b.Outcome())),
			cmp.Compare(b.Attempts, a.Attempts),
		)
	})
	return out
}
