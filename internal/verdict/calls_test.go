package verdict

import (
	"reflect"
	"slices"
	"testing"

	"github.com/google/uuid"

	"github.com/agent-gate/agent-gate/internal/calls"
	"github.com/agent-gate/agent-gate/internal/text"
)

func TestPackedCallsKeepTheirTriesAndTranscripts(t *testing.T) {
	t.Parallel()
	said := &Transcript{Missing: text.New("not found")}
	want := callsOf(runOf(
		call("a", passing("e")),
		call("a", rescued),
		call("a", failed, func(c *Call) { c.Attempts, c.FirstOutcome, c.Transcript = 3, Skipped, said }),
		call("b", func(c *Call) { // rerun by somebody else, as the server tells
			c.Reruns, c.First = 1, &calls.Try{Status: calls.Failed}
			c.Attempts, c.FirstOutcome = 2, Failed
		}),
	).Calls)
	got := pack(want...)
	if again := callsOf(got); !reflect.DeepEqual(want, again) {
		t.Errorf("got %+v, want %+v", again, want)
	}
	if n := len(got.tries); n != 2 {
		t.Errorf("the tries of %d calls are kept, want those of the 2 of which the server tells nothing", n)
	}
	if n := got.Counts(); n != (Counts{Total: 4, Completed: 3, Succeeded: 3, Failed: 1, Flaky: 2, Judged: 4, Planned: 4}) {
		t.Errorf("got counts %+v", n)
	}
	without := got.WithTranscripts(nil)
	if without.At(2).Transcript != nil || got.At(2).Transcript != said {
		t.Error("the transcript is not gone, or gone where it was")
	}
}

func TestCallsAreFoundByTheirIDs(t *testing.T) {
	t.Parallel()
	c := runOf(call("a"), call("b"), call("c")).Calls
	got := c.Places([]uuid.UUID{nth(2), nth(0), uuid.Max})
	if len(got) != 2 || got[nth(0)] != 0 || got[nth(2)] != 2 {
		t.Errorf("got %v", got)
	}
	if !slices.Equal(c.IDs(), []uuid.UUID{nth(0), nth(1), nth(2)}) {
		t.Errorf("got %v", c.IDs())
	}
}

func TestChangedCallsLeaveTheOthersAsTheyWere(t *testing.T) {
	t.Parallel()
	c := runOf(call("a", scored(7)), call("b", scored(8))).Calls
	other := c.With(func(i int, call *Call) {
		if i == 1 {
			call.Status, call.OverallScore = calls.Failed, nil
		}
	})
	if c.At(1).Status != calls.Completed || *c.At(1).OverallScore != 8 {
		t.Errorf("got %+v in the first list", c.At(1))
	}
	if other.At(1).Status != calls.Failed || other.At(1).OverallScore != nil || *other.At(0).OverallScore != 7 {
		t.Errorf("got %+v", callsOf(other))
	}
}

// TestTriesAreThoseOfTheTime makes sure that what a run learns later does not change what it
// knew before.
func TestTriesAreThoseOfTheTime(t *testing.T) {
	t.Parallel()
	tries := map[uuid.UUID]Tries{nth(0): {Attempts: 2, First: Failed}}
	c := CallsOf(packed(calls.Call{ID: nth(0), Status: calls.Completed}), tries)
	tries[nth(0)] = Tries{Attempts: 3, First: Failed}
	if got := c.At(0).Attempts; got != 2 {
		t.Errorf("got %d attempts, want 2", got)
	}
}
