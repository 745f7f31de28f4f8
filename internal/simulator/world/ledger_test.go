package world_test

import (
	"slices"
	"testing"
	"time"

	"github.com/google/uuid"

	"github.com/agent-gate/agent-gate/internal/simulator/story"
	"github.com/agent-gate/agent-gate/internal/simulator/world"
)

func TestAPlacedCallIsInTheLedgerFromThenOn(t *testing.T) {
	t.Parallel()
	w, e := start(t, world.Options{Deployed: true}, story.Plan{})
	done := end(t, e, begin)
	calls := w.Ledger(done).Calls
	if len(calls) != 8 || !slices.IsSortedFunc(calls, func(a, b world.PlacedCall) int { return a.At.Compare(b.At) }) {
		t.Fatalf("got %+v, want the 8 calls by time", calls)
	}
	for i, c := range calls {
		if c.ExecutionID != e.ID || c.Attempt != 0 {
			t.Errorf("got %+v, want the first attempt of the execution", c)
		}
		now := w.Ledger(c.At).Calls
		if len(now) <= i || w.CallsPlaced(c.At) != len(now) {
			t.Errorf("when call %d is placed the ledger has %d, CallsPlaced %d", i, len(now), w.CallsPlaced(c.At))
		}
	}
	if n := w.CallsPlaced(calls[0].At.Add(-1)); n != 0 {
		t.Errorf("%d calls are placed before the first one", n)
	}
}

func TestTheLedgerTellsClientsFromTheDashboard(t *testing.T) {
	t.Parallel()
	w, e := start(t, world.Options{Deployed: true}, story.Plan{})
	rt := &world.RunTest{Name: "by a client", Created: begin}
	w.Create(rt)
	aside := w.AddExecution(e.RunTest.ID, begin.Add(time.Second))
	w.CancelExecution(aside, begin.Add(time.Minute))
	e.NoteCancel(begin.Add(2 * time.Minute))

	l := w.Ledger(begin.Add(3 * time.Minute))
	if want := []world.CreatedRunTest{{ID: rt.ID, Name: "by a client", At: begin}}; !slices.Equal(l.Created, want) {
		t.Errorf("created: %+v, want %+v", l.Created, want)
	}
	if want := []world.StartedExecution{
		{ID: e.ID, RunTestID: e.RunTest.ID, Calls: 8, At: begin},
		{ID: aside, RunTestID: e.RunTest.ID, Calls: 8, Aside: true, At: begin.Add(time.Second)},
	}; !slices.Equal(l.Started, want) {
		t.Errorf("started: %+v, want %+v", l.Started, want)
	}
	if want := []world.Cancel{{ExecutionID: e.ID, Was: story.StatusRunning, At: begin.Add(2 * time.Minute)}}; !slices.Equal(l.Cancels, want) {
		t.Errorf("cancels: %+v, want %+v", l.Cancels, want)
	}
	l.Created[0].Name = "changed"
	if name := w.Ledger(begin).Created[0].Name; name != "by a client" {
		t.Errorf("the ledger shares its entries: %s", name)
	}
}

func TestWhichRerunsPlaceCallsAndWhichAreBlind(t *testing.T) {
	t.Parallel()
	for _, c := range []struct {
		name       string
		types      []string
		read       string // when a client reads the execution: "", "running" or "ended"
		placed     int
		duplicates []int
	}{
		{"call_and_eval places calls", []string{world.CallAndEval}, "", 10, []int{0}},
		{"eval_only does not", []string{world.EvalOnly}, "", 8, []int{0}},
		{"nobody read how the first one ended", []string{world.CallAndEval, world.CallAndEval}, "", 12, []int{0, 2}},
		{"somebody read it before it ended", []string{world.CallAndEval, world.CallAndEval}, "running", 12, []int{0, 2}},
		{"somebody read how it ended", []string{world.CallAndEval, world.CallAndEval}, "ended", 12, []int{0, 0}},
		{"evaluating again costs no call", []string{world.CallAndEval, world.EvalOnly}, "", 10, []int{0, 0}},
	} {
		t.Run(c.name, func(t *testing.T) {
			t.Parallel()
			w, e := start(t, world.Options{Deployed: true}, story.Plan{})
			now := end(t, e, begin)
			chosen := []uuid.UUID{e.Calls[1].ID, e.Calls[5].ID}
			for _, typ := range c.types {
				calls, refused := e.SelectCalls(chosen, false)
				running, _, dispatch := e.Rerun(typ, calls, refused, e.Status(now), now)
				if len(running) != 2 || dispatch != "" {
					t.Fatalf("%d calls run, error %q", len(running), dispatch)
				}
				if c.read == "running" {
					e.NoteRead(now.Add(time.Second))
				}
				now = end(t, e, now.Add(time.Second))
				if c.read == "ended" {
					e.NoteRead(now)
				}
			}
			l := w.Ledger(now)
			if len(l.Calls) != c.placed || w.CallsPlaced(now) != c.placed {
				t.Errorf("%d calls are in the ledger, CallsPlaced %d, want %d", len(l.Calls), w.CallsPlaced(now), c.placed)
			}
			sum := 0
			for i, r := range l.Reruns {
				sum += c.duplicates[i]
				if r.Duplicates != c.duplicates[i] || r.Type != c.types[i] || r.Was != story.StatusCompleted || !slices.Equal(r.CallIDs, chosen) || r.DispatchFailed {
					t.Errorf("rerun %d: %+v, want %d duplicates", i, r, c.duplicates[i])
				}
			}
			if got := w.DuplicateReruns(); got != sum || len(l.Reruns) != len(c.types) {
				t.Errorf("%d reruns with %d duplicates, want %d with %d", len(l.Reruns), got, len(c.types), sum)
			}
		})
	}
}

// What is left behind is in the contract, section 3.9, and real-server.md, row 10.
func TestARerunThatCannotBeDispatched(t *testing.T) {
	t.Parallel()
	for _, c := range []struct {
		typ    string
		status story.Status
		reason string
	}{
		{world.CallAndEval, story.StatusFailed, "Rerun dispatch failed: no worker"},
		{world.EvalOnly, story.StatusCompleted, ""},
	} {
		w, e := start(t, world.Options{Deployed: true}, story.Plan{RerunDispatchError: "no worker", Default: story.Outcome{EndedReason: "customer-ended-call"}})
		now := end(t, e, begin)
		calls, _ := e.SelectCalls([]uuid.UUID{e.Calls[2].ID}, false)
		running, refused, dispatch := e.Rerun(c.typ, calls, nil, e.Status(now), now)
		if len(running) != 0 || dispatch != "no worker" || !slices.Equal(refused, []world.RefusedRerun{{ID: e.Calls[2].ID.String(), Text: "Async dispatch failed: no worker"}}) {
			t.Errorf("%s: got %d running, refused %v, error %q", c.typ, len(running), refused, dispatch)
		}
		if got := e.Status(now); got != c.status {
			t.Errorf("%s: the execution is %s, want %s", c.typ, got, c.status)
		}
		if got := e.Calls[2].Status(now); got != c.status {
			t.Errorf("%s: the call is %s, want %s", c.typ, got, c.status)
		}
		if got := e.Calls[2].EndedReason(now); got == nil || c.reason != "" && *got != c.reason {
			t.Errorf("%s: the call ended by %v, want %q", c.typ, got, c.reason)
		}
		l := w.Ledger(now)
		if len(l.Calls) != 8 || len(l.Reruns) != 1 || !l.Reruns[0].DispatchFailed {
			t.Errorf("%s: %d placed calls, reruns %+v", c.typ, len(l.Calls), l.Reruns)
		}
	}
}

// The rules are those of the contract, facts 16 and 17.
func TestWhichCallsARerunSelects(t *testing.T) {
	t.Parallel()
	for _, deployed := range []bool{false, true} {
		_, e := start(t, world.Options{Deployed: deployed}, story.Plan{RerunRejects: map[int]string{6: "locked"}})
		_, other := start(t, world.Options{Deployed: deployed, Seed: 1}, story.Plan{})
		id := func(i int) uuid.UUID { return e.Calls[i].ID }
		stranger := other.Calls[0].ID
		for _, c := range []struct {
			name                  string
			ids                   []uuid.UUID
			all                   bool
			documented, ofDeploy  []int
			refusedHere, refusedD int // in the documented and the deployed dialect
		}{
			{"ids", []uuid.UUID{id(3), id(1)}, false, []int{3, 1}, []int{3, 1}, 0, 0},
			{"an id twice", []uuid.UUID{id(3), id(3)}, false, []int{3}, []int{3}, 0, 0},
			{"an unknown id", []uuid.UUID{id(3), stranger}, false, []int{3}, []int{3}, 1, 0},
			{"an id that is turned down", []uuid.UUID{id(3), id(6)}, false, []int{3}, []int{3}, 1, 1},
			{"all", nil, true, []int{0, 1, 2, 3, 4, 5, 7}, []int{0, 1, 2, 3, 4, 5, 7}, 1, 1},
			{"all with ids", []uuid.UUID{id(0), id(6)}, true, []int{0, 1, 2, 3, 4, 5, 7}, []int{1, 2, 3, 4, 5, 7}, 1, 0},
		} {
			want, refusals := c.documented, c.refusedHere
			if deployed {
				want, refusals = c.ofDeploy, c.refusedD
			}
			calls, refused := e.SelectCalls(c.ids, c.all)
			if got := indices(calls); !slices.Equal(got, want) || len(refused) != refusals {
				t.Errorf("deployed %t, %s: got %v and %v, want %v and %d refused", deployed, c.name, got, refused, want, refusals)
			}
		}
	}
}
