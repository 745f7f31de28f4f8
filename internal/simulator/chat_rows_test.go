package simulator_test

import (
	"fmt"
	"slices"
	"strings"
	"sync"
	"testing"
	"testing/synctest"
	"time"

	"github.com/agent-gate/agent-gate/internal/simulator"
	"github.com/agent-gate/agent-gate/internal/simulator/story"
)

// The table of chat.md 3: calls and has_more of each batch, until the 400.
func TestRowsComeInTheBatchesOfTheServer(t *testing.T) {
	t.Parallel()
	for _, c := range []struct {
		name      string
		scenarios []story.Scenario
		plan      story.Plan
		want      string
	}{
		{"12 plain scenarios", plain(12), story.Plan{}, "9/false 3/false"},
		{"9 plain", plain(9), story.Plan{}, "9/false"},
		{"10 plain", plain(10), story.Plan{}, "9/false 1/false"},
		{"9 rows and 1 plain", slices.Concat(dataset(9), plain(1)), story.Plan{}, "9/false 1/false"},
		{"3 rows and 8 plain", slices.Concat(dataset(3), plain(8)), story.Plan{}, "9/false 2/false"},
		{"12 rows", dataset(12), story.Plan{}, "10/true 2/false"},
		{"9 rows and 1 row", dataset(9, 1), story.Plan{}, "10/false"},
		{"9, 1 and 1 rows", dataset(9, 1, 1), story.Plan{}, "10/true 1/false"},
		{"what is left is broken", dataset(10, 2), story.Plan{MissingScenarios: []string{"Data 1"}}, "10/true"},
		{"everything is broken", dataset(2), story.Plan{MissingScenarios: []string{"Data 0"}}, ""},
	} {
		t.Run(c.name, func(t *testing.T) {
			t.Parallel()
			synctest.Test(t, func(t *testing.T) {
				w, run := chats(t, simulator.Options{Plan: c.plan}, c.scenarios...)
				id := w.startChats(run)
				var got []string
				for {
					a := w.post(batchPath(id), `{}`)
					if a.status == 400 {
						sameWords(t, "../chat/batch-400-none-left", a, 400)
						break
					}
					m := w.inside(a)
					got = append(got, fmt.Sprintf("%d/%v", len(m["call_execution_ids"].([]any)), m["has_more"]))
				}
				if s := strings.Join(got, " "); s != c.want {
					t.Errorf("got %q, want %q", s, c.want)
				}
			})
		})
	}
}

func TestTwoBatchesAtOnceMakeRowsTwiceUnlessLocked(t *testing.T) {
	t.Parallel()
	for _, c := range []struct {
		name, body    string
		locked        bool
		calls, double int
	}{
		{"without lock", `{}`, false, 20, 10},
		{"locked", `{"count":8}`, true, 12, 0},
	} {
		t.Run(c.name, func(t *testing.T) {
			t.Parallel()
			synctest.Test(t, func(t *testing.T) {
				w, run := chats(t, simulator.Options{}, dataset(12)...)
				id := w.startChats(run)
				path := batchPath(id)
				if c.locked {
					path = runner + "test-executions/" + id.String() + "/batch/"
				}
				var wg sync.WaitGroup
				for range 2 {
					wg.Go(func() { w.post(path, c.body) })
				}
				wg.Wait()
				got := w.Ledger().ChatTally()
				if got.Calls != c.calls || got.DoubleRows != c.double {
					t.Errorf("got %d calls, %d rows twice; want %d and %d", got.Calls, got.DoubleRows, c.calls, c.double)
				}
			})
		})
	}
}

func TestALockedBatchCountsExactly(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		w, run := chats(t, simulator.Options{}, plain(12)...)
		id := w.startChats(run)
		path := runner + "test-executions/" + id.String() + "/batch/"
		sameKeys(t, "../chat/alk-batch-200", w.post(path, `{"count":1}`), 200)
		m := w.inside(w.post(path, `{"count":100}`))
		if n := len(m["call_execution_ids"].([]any)); n != 11 || m["has_more"] != false {
			t.Errorf("got %d calls, has_more %v", n, m["has_more"])
		}
		sameWords(t, "../chat/alk-batch-400-none-left", w.post(path, `{}`), 400)
	})
}

func TestASubsetIsStartedAndIgnoredByTheJob(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		w, run := chats(t, simulator.Options{}, dataset(2, 3)...)
		started := w.post(runner+"run-tests/"+run.String()+"/test-executions/", encode(t, map[string]any{"scenario_ids": w.ScenarioIDs()[1:]}))
		sameKeys(t, "../chat/alk-start-200", started, 200)
		w.after(80*time.Second, w.Executions()[0].ID)
		e := w.Executions()[0]
		if e.Status != story.StatusPending || len(w.place(e.ID)) != 3 {
			t.Errorf("got %+v", w.Executions()[0])
		}
	})
}

func TestRowsOfAnEndedExecutionCanNeverBegin(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		w, run := chats(t, simulator.Options{}, dataset(3)...)
		id := w.startChats(run)
		if got := w.after(70*time.Second, id); got != "completed:" {
			t.Fatalf("without rows it is %q", got)
		}
		rows := w.post(batchPath(id), `{}`)
		sameKeys(t, "../chat/batch-200-on-completed", rows, 200)
		call := w.inside(rows)["call_execution_ids"].([]any)[0].(string)
		sameWords(t, "../chat/begin-400-late-row", w.begin(call), 400)
		if got := w.after(80*time.Minute, id); got != "completed: failed failed failed" {
			t.Errorf("after 80 minutes: %q", got)
		}
	})
}
