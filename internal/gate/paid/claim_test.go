package paid

import (
	"slices"
	"testing"
	"time"

	"github.com/google/uuid"

	"github.com/agent-gate/agent-gate/internal/calls"
	"github.com/agent-gate/agent-gate/internal/gate/event"
)

// sentAt is when the start of these tests was sent.
var sentAt = time.Date(2026, 3, 1, 12, 0, 0, 0, time.UTC)

// startedAfter is an execution that began so long after the start was sent.
func startedAfter(id byte, d time.Duration) calls.ExecutionSummary {
	return calls.ExecutionSummary{ID: uuid.UUID{id}, StartedAt: new(sentAt.Add(d))}
}

// claimOf is a claim by a record, with a clock of the server that is not ahead.
func claimOf(record Record, others func() bool, measured bool) *claim {
	record.SentAt = sentAt
	return &claim{
		book: book{record: record, log: &event.Log{}}, others: others,
		clockAhead: func() (time.Duration, bool) { return 0, measured },
	}
}

func TestWhatIsNewIsThisRuns(t *testing.T) {
	t.Parallel()
	list := []calls.ExecutionSummary{ // newest first
		startedAfter(4, time.Hour), startedAfter(3, time.Second), startedAfter(2, -time.Minute), startedAfter(1, -time.Hour),
	}
	before := []uuid.UUID{{1}}
	lives, alone := func() bool { return true }, func() bool { return false }
	for _, c := range []struct {
		name     string
		record   Record
		others   func() bool
		measured bool
		late     bool
		want     []byte
	}{
		{"on a run test of its own", Record{Before: before}, nil, true, false, []byte{2, 3, 4}},
		{"but not the one that is watched", Record{Before: before, ExecutionID: uuid.UUID{3}}, alone, true, false, []byte{2, 4}},
		{"but not what began before the start, where others may start too", Record{Before: before, Shared: true}, nil, true, false, []byte{3, 4}},
		{"the same once another gate lives", Record{Before: before}, lives, true, false, []byte{3, 4}},
		{"when the clocks were not compared", Record{Before: before, Shared: true}, nil, false, false, []byte{2, 3, 4}},
		{"but not what began too late, where time has passed", Record{Before: before, Shared: true}, nil, true, true, []byte{3}},
		{"except on a run test of its own", Record{Before: before}, nil, true, true, []byte{2, 3, 4}},
	} {
		t.Run(c.name, func(t *testing.T) {
			t.Parallel()
			claim := claimOf(c.record, c.others, c.measured)
			claim.late = c.late
			var got []byte
			for _, e := range claim.unknown(list) {
				got = append(got, e.ID[0])
			}
			if !slices.Equal(got, c.want) {
				t.Errorf("got %v, want %v", got, c.want)
			}
		})
	}
}

func TestARunTestOnceSharedStaysShared(t *testing.T) {
	t.Parallel()
	lives := false
	c := claimOf(Record{}, func() bool { return lives }, true)
	for _, step := range []struct{ lives, want bool }{{false, false}, {true, true}, {false, true}} {
		lives = step.lives
		if got := c.isShared(); got != step.want {
			t.Errorf("another gate lives: %t; shared: %t, want %t", step.lives, got, step.want)
		}
	}
	if !c.record.Shared {
		t.Error("the record does not say that others may execute the run test")
	}
}
