package simulator_test

import (
	"fmt"
	"slices"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"github.com/google/uuid"

	"github.com/agent-gate/agent-gate/internal/simulator"
	"github.com/agent-gate/agent-gate/internal/simulator/story"
)

// What the vendor's server was observed to do. Comments name the row of real-server.md.

// course polls the call with the given index every second, until the given time after the
// end of the execution, and returns the statuses it shows.
func (w world) course(id uuid.UUID, index int, after time.Duration) []string {
	w.t.Helper()
	var seen []string
	var ended time.Time
	for ended.IsZero() || time.Since(ended) <= after {
		if st := w.rowOf(id, index)["status"].(string); len(seen) == 0 || seen[len(seen)-1] != st {
			seen = append(seen, st)
		}
		if ended.IsZero() && terminal(w.status(id)) {
			ended = time.Now()
		}
		time.Sleep(time.Second)
	}
	return seen
}

func TestAVoiceCallCanBeShownAsFailedBeforeItCompletes(t *testing.T) { // row 1
	t.Parallel()
	for _, c := range []struct {
		name    string
		outcome story.Outcome
		skipped bool
		score   string
	}{
		{"with a transcript it is evaluated", story.Succeeds(8), false, "8.0"},
		{"without one it is skipped", story.Skipped(""), true, "<nil>"},
	} {
		t.Run(c.name, func(t *testing.T) {
			t.Parallel()
			synctest.Test(t, func(t *testing.T) {
				o := c.outcome.Lasting(30 * time.Second).Ending("call.in-progress.error-x").Wavering(25 * time.Second)
				w := newWorld(t, simulator.Options{Scenarios: []story.Scenario{{Name: "x", Rows: 4}}, Plan: story.Plan{Calls: map[int]story.Outcome{0: o}}})
				id := w.execute(w.AddRunTest("x"))
				for w.callStatus(id, 0) != story.StatusFailed {
					time.Sleep(time.Second)
				}
				row := w.rowOf(id, 0)
				if row["ended_reason"] != "call.in-progress.error-x" || row["processing_skipped"] != false || len(row["eval_outputs"].(map[string]any)) > 0 || row["overall_score"] != nil {
					t.Errorf("while it is shown as failed: %v, skipped %v", row["ended_reason"], row["processing_skipped"])
				}
				if w.Executions()[0].Calls[0].Final {
					t.Error("the failure is called final")
				}
				failed := time.Now()
				if got, want := w.course(id, 0, 0), []string{"failed", "analyzing", "completed"}; !slices.Equal(got, want) {
					t.Errorf("got states %v, want %v", got, want)
				}
				if time.Since(failed) < 20*time.Second {
					t.Error("the failure was shown for less than 20 s")
				}
				row = w.rowOf(id, 0)
				if row["processing_skipped"] != c.skipped || fmt.Sprint(row["overall_score"]) != c.score || row["ended_reason"] != "call.in-progress.error-x" {
					t.Errorf("at the end: skipped %v, score %v, %v", row["processing_skipped"], row["overall_score"], row["ended_reason"])
				}
			})
		})
	}
}

func TestCancelledCallsFailAfterwards(t *testing.T) { // row 2
	t.Parallel()
	for _, c := range []struct {
		name  string
		plan  story.Plan
		after time.Duration // of the cancel
		want  []string      // statuses of the execution, from cancelling
	}{
		{"all of them, and the execution", story.Plan{CancelFails: 1}, 20 * time.Second, []string{"cancelling", "cancelled", "failed"}},
		{"all that were open, beside completed ones", story.Plan{CancelFails: 1}, 2 * time.Minute, []string{"cancelling", "cancelled"}},
		{"some of them", story.Plan{CancelFails: 0.5}, 20 * time.Second, []string{"cancelling", "cancelled"}},
		{"not without workers", story.Plan{CancelFails: 1, SyncCancel: true}, 20 * time.Second, []string{"cancelled"}},
	} {
		t.Run(c.name, func(t *testing.T) {
			t.Parallel()
			synctest.Test(t, func(t *testing.T) {
				w := newWorld(t, simulator.Options{Plan: c.plan})
				id := w.execute(w.AddRunTest("x"))
				time.Sleep(c.after)
				w.post(executionPath(id)+"cancel/", "").decode(t, 200)
				var got []string
				for range 600 {
					if st := w.status(id); len(got) == 0 || got[len(got)-1] != st {
						got = append(got, st)
					}
					time.Sleep(50 * time.Millisecond)
				}
				if !slices.Equal(got, c.want) {
					t.Errorf("got states %v, want %v", got, c.want)
				}
				count := map[string]int{}
				for _, call := range w.Executions()[0].Calls {
					switch {
					case call.Status == story.StatusFailed:
						count["failed"]++
						if reason := *call.Reason; reason != "Activity cancelled" && !strings.HasPrefix(reason, "call.") {
							t.Errorf("got reason %q", reason)
						}
					default:
						count[string(call.Status)]++
					}
				}
				if some := c.plan.CancelFails == 0.5; some != (count["failed"] > 0 && count["cancelled"] > 0) {
					t.Errorf("got calls %v", count)
				}
			})
		})
	}
}

func TestAHostedChatHasNoTimeBetweenItsMessages(t *testing.T) { // row 3
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		o := simulator.Options{Agent: simulator.Text, HostedText: true, Plan: story.Plan{Default: story.Outcome{}.Lasting(95 * time.Second)}}
		w := newWorld(t, o)
		id := w.start()
		w.finish(id)
		if row := w.rowOf(id, 0); fmt.Sprintf("%v %v", row["duration"], row["duration_seconds"]) != "0.0 95" {
			t.Errorf("got duration %v and duration_seconds %v", row["duration"], row["duration_seconds"])
		}
	})
}

func TestTiedRowsComeInAnotherOrderOnEachPage(t *testing.T) { // row 4
	t.Parallel()
	w := newWorld(t, simulator.Options{Scenarios: []story.Scenario{{Name: "one", Rows: 250}}, Evals: []story.Eval{}, Plan: story.Plan{TiedRows: true}})
	id := w.AddExecution(w.AddRunTest("x"), 1000*time.Hour)
	read := func(limit int) (all []string, different int) {
		seen := map[string]bool{}
		for page := 1; page <= (250+limit-1)/limit; page++ {
			for _, r := range w.get(executionPath(id)+fmt.Sprintf("?limit=%d&page=%d", limit, page)).decode(t, 200)["results"].([]any) {
				call := r.(map[string]any)["id"].(string)
				all, seen[call] = append(all, call), true
			}
		}
		return all, len(seen)
	}
	first, different := read(50)
	if len(first) != 250 || different >= 250 || different < 240 {
		t.Errorf("%d different calls in %d rows, want some repeated and some missing", different, len(first))
	}
	if again, _ := read(50); !slices.Equal(again, first) {
		t.Error("the same pages came in another order")
	}
	if _, different := read(250); different != 250 {
		t.Errorf("one page of all rows has %d different calls, want 250", different)
	}
}

func TestRowsThatFailTogetherAreTied(t *testing.T) { // rows 4 and 10
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		w := newWorld(t, simulator.Options{Plan: story.Plan{RerunDispatchError: "down", Calls: map[int]story.Outcome{3: story.Fails("no-answer")}}})
		id := w.start()
		w.finish(id)
		placed := w.CallsPlaced()
		got := w.post(executionPath(id)+"rerun-calls/", `{"rerun_type":"call_and_eval","select_all":true}`).decode(t, 200)
		if got["dispatch_error"] != "down" || w.status(id) != "failed" {
			t.Errorf("got %v, and the execution is %s", got["dispatch_error"], w.status(id))
		}
		times := map[any]bool{}
		for _, row := range w.rows(id) {
			times[row["timestamp"]] = true
			if row["status"] != "failed" || row["ended_reason"] != "Rerun dispatch failed: down" || row["overall_score"] != nil || row["duration"] != nil || row["start_time"] != nil || len(row["eval_outputs"].(map[string]any)) > 0 {
				t.Fatalf("the call is not wiped: %v %v, score %v", row["status"], row["ended_reason"], row["overall_score"])
			}
			past := row["rerun_snapshots"].([]any)
			if len(past) != 1 {
				t.Fatalf("got %d snapshots", len(past))
			}
		}
		if len(times) != 1 {
			t.Errorf("the rows have %d different times, want one", len(times))
		}
		if n := w.CallsPlaced(); n != placed {
			t.Errorf("%d calls placed, want the %d of before", n, placed)
		}
	})
}

func TestTheCancelOfAFinishedExecutionFallsBackToTheDatabase(t *testing.T) { // row 5
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		w := newWorld(t, simulator.Options{Plan: story.Plan{FallbackCancel: true}})
		id := w.start()
		w.finish(id)
		got := w.post(executionPath(id)+"cancel/", "").decode(t, 200)
		if got["message"] != "Test execution cancellation initiated" || w.status(id) != "cancelled" {
			t.Errorf("got %v, status %s", got["message"], w.status(id))
		}
	})
}

func TestAnExecuteThatFailsLeavesAPendingExecutionOfASharedRunTest(t *testing.T) { // row 6
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		w := newWorld(t, simulator.Options{PlanFor: func(n int) story.Plan {
			if n == 1 {
				return story.Plan{ExecuteError: "Failed client connect"}
			}
			return story.Plan{}
		}})
		run := w.AddRunTest("nightly")
		w.finish(w.execute(run))
		w.post("/simulate/run-tests/"+run.String()+"/execute/", `{}`).decode(t, 400)
		w.finish(w.execute(run))
		time.Sleep(time.Hour)
		var got []any
		for _, r := range w.get("/simulate/run-tests/"+run.String()+"/executions/").decode(t, 200)["results"].([]any) {
			got = append(got, r.(map[string]any)["status"])
		}
		if want := []any{"Completed", "Pending", "Completed"}; !slices.Equal(got, want) {
			t.Errorf("got %v, want %v", got, want)
		}
	})
}
