package pairing

import (
	"testing"

	"github.com/google/uuid"

	"github.com/agent-gate/agent-gate/internal/calls"
	"github.com/agent-gate/agent-gate/internal/text"
	"github.com/agent-gate/agent-gate/internal/verdict"
)

// rows are pending calls of one scenario that play these dataset rows; 0 is one that the server does not tell.
func rows(first byte, list ...uint64) []verdict.Call {
	var all []verdict.Call
	for i, row := range list {
		all = append(all, verdict.Call{Call: calls.Call{
			ID: uuid.UUID{first, byte(i)}, ScenarioID: uuid.UUID{1}, Scenario: text.New("refunds"), Status: calls.Pending, Row: row,
		}, Attempts: 1})
	}
	return all
}

func TestCallsStandForThoseThatPlayTheSame(t *testing.T) {
	t.Parallel()
	for _, c := range []struct {
		name          string
		waiting, made []uint64
		standing      int
	}{
		{"a row of three", []uint64{2}, []uint64{1, 2, 3}, 1},
		{"rows that are alike", []uint64{2}, []uint64{2, 2}, 1},
		{"the row is gone", []uint64{2}, []uint64{1, 3}, 0},
		{"a scenario without rows", []uint64{0}, []uint64{0}, 1},
		{"all of a scenario", []uint64{0, 0, 0}, []uint64{0, 0, 0}, 3},
		{"one more than waited for", []uint64{0}, []uint64{0, 0}, 0},
		{"one less than waited for", []uint64{0, 0}, []uint64{0}, 0},
		{"one of several is not told", []uint64{0}, []uint64{1, 0}, 0},
		{"the row was told before", []uint64{2}, []uint64{0}, 0},
		{"the row is told now", []uint64{0}, []uint64{2}, 0},
	} {
		var made verdict.CallPacker
		made.Add(rows('m', c.made...)...)
		standing, rest := StandIns(rows('w', c.waiting...), made.Calls())
		if len(standing) != c.standing || len(rest) != len(c.made)-c.standing {
			t.Errorf("%s: %d stand for others and %d do not, want %d of %d", c.name, len(standing), len(rest), c.standing, len(c.made))
		}
	}
}

func TestCallsThatCannotBeToldApartAreFound(t *testing.T) {
	t.Parallel()
	for _, c := range []struct {
		name    string
		trial   []uint64
		planned int
		untold  bool // the last of them
	}{
		{"the only call", []uint64{0}, 1, false},
		{"others are missing", []uint64{0}, 3, true},
		{"one of several", []uint64{1, 0}, 2, true},
		{"a row that is told", []uint64{0, 1}, 2, false},
	} {
		all := rows('t', c.trial...)
		var trial verdict.CallPacker
		trial.Add(all...)
		u := FindUntold(trial.Calls(), []verdict.Planned{{ID: uuid.UUID{1}, Calls: &c.planned}})
		if got := u.Has(all[len(all)-1]); got != c.untold {
			t.Errorf("%s: %t, want %t", c.name, got, c.untold)
		}
	}
}
