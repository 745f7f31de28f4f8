package evidence

import (
	"testing"

	"github.com/google/uuid"

	"github.com/agent-gate/agent-gate/internal/calls"
	"github.com/agent-gate/agent-gate/internal/text"
	"github.com/agent-gate/agent-gate/internal/verdict"
)

func TestCallsAreAsThisRunEndedThem(t *testing.T) {
	t.Parallel()
	failed, lost, cancelled, other := uuid.UUID{1}, uuid.UUID{2}, uuid.UUID{3}, uuid.UUID{4}
	var p calls.Packer
	p.Add(
		calls.Call{ID: failed, Status: calls.Failed, EndedReason: text.New("Error processing simulation"), ProcessingSkipped: true},
		calls.Call{ID: lost, Status: calls.Ongoing},
		calls.Call{ID: cancelled, Status: calls.Failed},
		calls.Call{ID: other, Status: calls.Completed},
	)
	g := New()
	g.Settle(failed, Ending{calls.Failed, text.New("agent: empty answer")})
	g.Settle(lost, Ending{calls.Failed, text.New("simulator: no answer")})
	g.Settle(cancelled, Ending{calls.Cancelled, text.New("cancelled: interrupted")})
	g.Take(calls.Execution{Calls: p.List()})
	want := map[uuid.UUID]verdict.Outcome{
		failed: verdict.Failed, lost: verdict.Lost, cancelled: verdict.Cancelled, other: verdict.Succeeded,
	}
	for _, c := range g.Calls().All() {
		if c.Outcome() != want[c.ID] || c.FirstOutcome != want[c.ID] || c.Attempts != 1 {
			t.Errorf("call %s: %s, at first %s, %d attempts, want %s", c.ID, c.Outcome(), c.FirstOutcome, c.Attempts, want[c.ID])
		}
		if c.ID == failed && c.EndedReason.Line() != "agent: empty answer" {
			t.Errorf("reason %q", c.EndedReason.Line())
		}
	}
	if n := len(g.Endings()); n != 3 {
		t.Errorf("%d endings, want 3", n)
	}
}

func TestOnlyWhatThisRunHeardIsSaid(t *testing.T) {
	t.Parallel()
	g := New()
	g.Say(map[uuid.UUID]calls.Transcript{{1}: {Left: 3}})
	if said, ok := g.Said(uuid.UUID{1}); !ok || said.Left != 3 {
		t.Errorf("got %+v, %t", said, ok)
	}
	if _, ok := g.Said(uuid.UUID{2}); ok {
		t.Error("a call that was not held has a transcript")
	}
}
