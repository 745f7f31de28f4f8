package evidence

import (
	"testing"

	"github.com/google/uuid"

	"github.com/agent-gate/agent-gate/internal/calls"
)

// listing is an execution that lists calls with these ids, which have completed.
func listing(ids ...byte) calls.Execution {
	var p calls.Packer
	for _, id := range ids {
		p.Add(calls.Call{ID: uuid.UUID{id}, Status: calls.Completed, CostCents: new(10.0)})
	}
	return calls.Execution{Calls: p.List(), Progress: calls.Progress{Status: calls.ExecutionCompleted}}
}

func TestACallThatTwoExecutionsListCountsInTheFirst(t *testing.T) {
	t.Parallel()
	g := New()
	g.Take(listing(1, 2))
	g.Next(true)
	if n := g.SpentIn(listing(2, 3)).Calls; n != 3 {
		t.Errorf("%d calls are paid for before the read, want 3", n)
	}
	g.Take(listing(2, 3))
	if got := g.Calls(); got.Len() != 3 || g.Repeated() != 1 || g.Read() != 2 {
		t.Errorf("%d calls, %d repeated of %d read, want 3, 1 of 2", got.Len(), g.Repeated(), g.Read())
	}
	for _, c := range g.Calls().All() {
		if want := map[byte]int{1: 0, 2: 0, 3: 1}[c.ID[0]]; c.Execution != want {
			t.Errorf("call %d is of execution %d, want %d", c.ID[0], c.Execution, want)
		}
	}
	if s := g.Spent(); s.Calls != 3 || s.Cents != 30 {
		t.Errorf("spent %+v, want that of 3 calls", s)
	}
	g.Next(true)
	if g.Repeated() != 0 {
		t.Error("the next execution repeats calls before it was read")
	}
}

func TestLateResultsFillInWhatAnEarlierExecutionLacks(t *testing.T) {
	t.Parallel()
	score := func(e calls.Execution, v float64) calls.Execution {
		var p calls.Packer
		for i := range e.Calls.Len() {
			c := e.Calls.At(i)
			c.OverallScore = &v
			p.Add(c)
		}
		e.Calls = p.List()
		return e
	}
	g := New()
	g.Take(listing(1))
	g.Next(true)
	g.Take(score(listing(2), 3))
	g.Next(true)
	g.TakeLate(0, score(listing(1, 9), 7))
	g.TakeLate(1, score(listing(2), 8))
	for _, c := range g.Calls().All() {
		want := map[byte]float64{1: 7, 2: 3}[c.ID[0]] // what was read stays
		if c.OverallScore == nil || *c.OverallScore != want || c.Execution != int(c.ID[0])-1 {
			t.Errorf("call %d of execution %d has the score %v, want %v", c.ID[0], c.Execution, c.OverallScore, want)
		}
	}
	if n := g.Calls().Len(); n != 2 {
		t.Errorf("%d calls, want 2", n)
	}
}
