package simulator_test

import (
	"fmt"
	"slices"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"github.com/agent-gate/agent-gate/internal/simulator"
	"github.com/agent-gate/agent-gate/internal/simulator/story"
)

// inBothDialects runs a test in a synctest bubble, once per dialect.
func inBothDialects(t *testing.T, o simulator.Options, test func(t *testing.T, w world)) {
	for _, d := range []simulator.Dialect{simulator.Documented, simulator.Deployed} {
		t.Run(string(d), func(t *testing.T) {
			t.Parallel()
			synctest.Test(t, func(t *testing.T) {
				o := o
				o.Dialect = d
				test(t, newWorld(t, o))
			})
		})
	}
}

func TestAnExecutionGoesThroughItsStates(t *testing.T) {
	t.Parallel()
	stuck := func(s story.Status) story.Plan { return story.Plan{Stuck: s} }
	cases := []struct {
		name string
		plan story.Plan
		want []string
		// after is when to stop polling; 0 polls until the end.
		after time.Duration
	}{
		{name: "good", want: []string{"pending", "running", "evaluating", "completed"}},
		{name: "mixed results are completed", plan: story.Plan{Calls: map[int]story.Outcome{0: story.Fails("")}}, want: []string{"pending", "running", "evaluating", "completed"}},
		{name: "all calls fail before they connect", plan: story.Plan{Default: story.Fails("no balance")}, want: []string{"pending", "failed"}},
		{name: "all calls fail in mid-call", plan: story.Plan{Default: story.Outcome{Fails: true, Connects: true}}, want: []string{"pending", "running", "failed"}},
		{
			name: "the last open call fails and nothing is left to evaluate", want: []string{"pending", "running", "completed"},
			plan: story.Plan{Calls: map[int]story.Outcome{19: {Fails: true, Connects: true, Talk: time.Hour}}},
		},
		{name: "no calls", plan: story.Plan{NoCalls: true}, want: []string{"pending", "completed"}},
		{name: "setup fails", plan: story.Plan{SetupError: "Failed to create call execution records"}, want: []string{"pending", "failed"}},
		{name: "cancelled by somebody else", plan: story.Plan{CancelAfter: 40 * time.Second}, want: []string{"pending", "running", "cancelling", "cancelled"}},
		{name: "runner dies", plan: story.Plan{FailAfter: 40 * time.Second, FailReason: "runner lost"}, want: []string{"pending", "running", "failed"}},
		{name: "stuck in pending", plan: stuck(story.StatusPending), after: 24 * time.Hour, want: []string{"pending"}},
		{name: "stuck in running", plan: stuck(story.StatusRunning), after: 24 * time.Hour, want: []string{"pending", "running"}},
		{name: "stuck in evaluating", plan: stuck(story.StatusEvaluating), after: 24 * time.Hour, want: []string{"pending", "running", "evaluating"}},
		{
			name: "unknown status for a while", want: []string{"pending", "running", "warming_up", "running", "evaluating", "completed"},
			plan: story.Plan{Statuses: []story.StatusWindow{{From: 20 * time.Second, To: 40 * time.Second, Status: "warming_up"}}},
		},
		{name: "long evaluation", plan: story.Plan{EvaluatingTime: time.Hour}, want: []string{"pending", "running", "evaluating", "completed"}},
	}
	for _, c := range cases {
		t.Run(c.name, func(t *testing.T) {
			t.Parallel()
			inBothDialects(t, simulator.Options{Plan: c.plan}, func(t *testing.T, w world) {
				began := time.Now()
				id := w.start()
				var got []string
				for {
					if st := w.status(id); len(got) == 0 || got[len(got)-1] != st {
						got = append(got, st)
					}
					past := time.Since(began)
					if terminal(got[len(got)-1]) || c.after > 0 && past > c.after {
						break
					}
					if past > 36*time.Hour {
						t.Fatalf("never ended, states %v", got)
					}
					if past < 20*time.Minute {
						past = 0 // look closely at first
					}
					time.Sleep(max(2*time.Second, past/5))
				}
				if !slices.Equal(got, c.want) {
					t.Errorf("got %v, want %v", got, c.want)
				}
				if running := w.Running(); (running == 0) != terminal(got[len(got)-1]) {
					t.Errorf("%d executions are running after %v", running, got)
				}
				if c.plan.EvaluatingTime > 0 && time.Since(began) < c.plan.EvaluatingTime {
					t.Errorf("evaluation took less than %s", c.plan.EvaluatingTime)
				}
			})
		})
	}
}

func TestNoMoreCallsRunAtOnceThanAllowed(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		w := newWorld(t, simulator.Options{Concurrency: 3})
		id := w.start()
		most := 0
		for !terminal(w.status(id)) {
			ongoing := 0
			for _, c := range w.Executions()[0].Calls {
				if c.Status == story.StatusOngoing {
					ongoing++
				}
			}
			most = max(most, ongoing)
			time.Sleep(time.Second)
		}
		if most != 3 {
			t.Errorf("at most %d calls ran at once, want 3", most)
		}
	})
}

func TestCallsLastBetweenTwentyAndThreeHundredSeconds(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		w := newWorld(t, simulator.Options{Scenarios: []story.Scenario{{Name: "x", Rows: 400}}, Concurrency: 400})
		id := w.start()
		w.finish(id)
		var sum int
		for _, r := range w.rows(id) {
			var seconds int
			if _, err := fmt.Sscan(fmt.Sprint(r["duration"]), &seconds); err != nil || seconds < 20 || seconds > 300 {
				t.Fatalf("got duration %v", r["duration"])
			}
			sum += seconds
		}
		if mean := sum / 400; mean < 70 || mean > 130 {
			t.Errorf("calls last %d s in the mean", mean)
		}
	})
}

func TestCancelStopsAnExecution(t *testing.T) {
	t.Parallel()
	cases := []struct {
		name    string
		plan    story.Plan
		message string
		next    string // status right after the answer
		end     string // a minute later
	}{
		{name: "through its workflow", message: "Cancellation signal sent to workflow", next: "cancelling", end: "cancelled"},
		{name: "at once without workers", plan: story.Plan{SyncCancel: true}, message: "Test execution cancellation initiated", next: "cancelled", end: "cancelled"},
		{name: "never while workers are down", plan: story.Plan{Stuck: story.StatusCancelling}, message: "Cancellation signal sent to workflow", next: "cancelling", end: "cancelling"},
	}
	for _, c := range cases {
		t.Run(c.name, func(t *testing.T) {
			t.Parallel()
			inBothDialects(t, simulator.Options{Plan: c.plan}, func(t *testing.T, w world) {
				id := w.start()
				time.Sleep(30 * time.Second)
				placed := w.CallsPlaced()
				got := w.post(executionPath(id)+"cancel/", "").decode(t, 200)
				if got["message"] != c.message || got["success"] != true {
					t.Errorf("got answer %v", got)
				}
				if st := w.status(id); st != c.next {
					t.Errorf("got %s right after the answer, want %s", st, c.next)
				}
				time.Sleep(time.Minute)
				if st := w.status(id); st != c.end {
					t.Errorf("got %s a minute later, want %s", st, c.end)
				}
				if n := w.CallsPlaced(); n != placed {
					t.Errorf("%d calls were placed after the cancel", n-placed)
				}
				for _, call := range w.Executions()[0].Calls {
					if c.end == "cancelled" && !call.Status.Terminal() {
						t.Errorf("call %d is still %s", call.Index, call.Status)
					}
				}
			})
		})
	}
}

func TestCancelOfAFinishedExecution(t *testing.T) {
	t.Parallel()
	inBothDialects(t, simulator.Options{}, func(t *testing.T, w world) {
		id := w.start()
		w.finish(id)
		got := w.post(executionPath(id)+"cancel/", "")
		if w.deployed() {
			got.decode(t, 200)
			time.Sleep(time.Hour)
			if st := w.status(id); st != "cancelling" {
				t.Errorf("got %s, want cancelling: the deployed server takes the cancel of a closed workflow", st)
			}
			w.rerun(id, "call_and_eval", 0).decode(t, 400)
			if n := len(w.rows(id)); n != 20 {
				t.Errorf("got %d rows", n)
			}
			return
		}
		got.decode(t, 400)
		if st := w.status(id); st != "completed" {
			t.Errorf("got %s, want completed", st)
		}
	})
}

// deployed detects the dialect by an endpoint that only the deployed one has.
func (w world) deployed() bool {
	return w.get("/sdk/api/v1/simulation/metrics/").status != 404
}

func TestAFailedCancelLeavesTheExecutionCancelling(t *testing.T) {
	t.Parallel()
	inBothDialects(t, simulator.Options{Plan: story.Plan{CancelError: "no connection"}}, func(t *testing.T, w world) {
		id := w.start()
		got := w.post(executionPath(id)+"cancel/", "").decode(t, 400)
		if text := got["error"]; text != "Failed to cancel test execution: no connection" {
			t.Errorf("got %q", text)
		}
		if st := w.status(id); st != "cancelling" {
			t.Errorf("got %s, want cancelling", st)
		}
	})
}

func TestAnExecuteThatFailsLeavesAPendingExecution(t *testing.T) {
	t.Parallel()
	inBothDialects(t, simulator.Options{Plan: story.Plan{ExecuteError: "no connection"}}, func(t *testing.T, w world) {
		run := w.create("x")
		w.post("/simulate/run-tests/"+run.String()+"/execute/", "").decode(t, 400)
		time.Sleep(time.Hour)
		left := w.Executions()
		if len(left) != 1 || left[0].Status != story.StatusPending || len(left[0].Calls) != 0 {
			t.Errorf("got %+v, want one pending execution without calls", left)
		}
	})
}

func TestOutcomesShowInRows(t *testing.T) {
	t.Parallel()
	calls := map[int]story.Outcome{
		0: story.Succeeds(6.5),
		1: story.Fails("Insufficient balance to make calls."),
		2: story.Skipped(""),
		3: story.ProcessingError(),
		4: story.NoTranscript(),
		5: story.Unscored(),
		6: story.ScoredLate(4, time.Minute),
		7: {NoReason: true, Fails: true, Connects: true},
	}
	synctest.Test(t, func(t *testing.T) {
		w := newWorld(t, simulator.Options{WholeRows: true, Plan: story.Plan{Calls: calls}})
		id := w.start()
		w.finish(id)
		for index, want := range map[int]map[string]any{
			0: {"status": "completed", "overall_score": "6.5", "processing_skipped": false},
			1: {"status": "failed", "ended_reason": "Insufficient balance to make calls.", "overall_score": nil, "start_time": nil, "processing_skipped": true},
			2: {"status": "completed", "overall_score": nil, "processing_skipped": true, "processing_skip_reason": story.SkipAgentSilent},
			3: {"status": "completed", "ended_reason": "Error processing simulation"},
			4: {"status": "completed", "overall_score": nil, "processing_skipped": false},
			5: {"status": "completed", "overall_score": nil, "processing_skipped": false},
			6: {"status": "completed", "overall_score": nil},
			7: {"status": "failed", "ended_reason": nil},
		} {
			row := w.rowOf(id, index)
			for key, v := range want {
				if got := row[key]; got != v && fmt.Sprint(got) != fmt.Sprint(v) {
					t.Errorf("call %d: %s is %v, want %v", index, key, got, v)
				}
			}
		}
		before := w.rowOf(id, 6)["timestamp"]
		time.Sleep(time.Minute)
		late := w.rowOf(id, 6)
		if fmt.Sprint(late["overall_score"]) != "4.0" || late["timestamp"] == before {
			t.Errorf("the late score is %v, written at %v", late["overall_score"], late["timestamp"])
		}
		if first := w.rows(id)[0]["id"]; first != late["id"] {
			t.Errorf("the row written last is not the first one")
		}
	})
}

func TestRowsThatAreSavedWholeMoveWhileCallsRun(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		w := newWorld(t, simulator.Options{WholeRows: true})
		id := w.start()
		orders := map[string]bool{}
		var last string
		for !terminal(w.status(id)) {
			var ids []string
			for _, r := range w.rows(id) {
				ids = append(ids, fmt.Sprint(r["id"])[:8])
			}
			orders[strings.Join(ids, " ")] = true
			time.Sleep(20 * time.Second)
		}
		if len(orders) < 10 {
			t.Errorf("rows came in only %d orders", len(orders))
		}
		for range 3 {
			var ids []string
			for _, r := range w.rows(id) {
				ids = append(ids, fmt.Sprint(r["id"])[:8])
			}
			if now := strings.Join(ids, " "); last != "" && now != last {
				t.Errorf("rows moved after the end")
			} else {
				last = now
			}
		}
	})
}

func TestACountCanDisagreeWithTheRows(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		w := newWorld(t, simulator.Options{Plan: story.Plan{MissingRows: 2, LostRecords: 3}})
		id := w.start()
		w.finish(id)
		m := w.get(executionPath(id)+"?limit=100").decode(t, 200)
		if got, rows := fmt.Sprint(m["count"]), len(m["results"].([]any)); got != "17" || rows != 15 {
			t.Errorf("got count %s and %d rows, want 17 and 15", got, rows)
		}
	})
}

func TestSpeedShortensTheClockAndNotTheCalls(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		slow := newWorld(t, simulator.Options{})
		fast := newWorld(t, simulator.Options{Speed: 100})
		a, b := slow.start(), fast.start()
		slow.finish(a)
		fast.finish(b)
		duration := func(w world) time.Duration {
			e := w.Executions()[0]
			return e.EndedAt.Sub(e.StartedAt)
		}
		if x, y := duration(slow), duration(fast); (x/100 - y).Abs() > time.Millisecond {
			t.Errorf("got %s, want a hundredth of %s", y, x)
		}
		for i := range 5 {
			if x, y := slow.rowOf(a, i)["duration"], fast.rowOf(b, i)["duration"]; x != y {
				t.Errorf("call %d lasts %v and %v seconds", i, x, y)
			}
		}
	})
}
