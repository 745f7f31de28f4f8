package simulator_test

import (
	"fmt"
	"slices"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"github.com/agent-gate/agent-gate/internal/simulator"
	"github.com/agent-gate/agent-gate/internal/simulator/api"
	"github.com/agent-gate/agent-gate/internal/simulator/story"
)

func TestWhatThePlatformLosesSaysSo(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		w := newWorld(t, simulator.Options{Plan: story.Plan{Calls: map[int]story.Outcome{
			0: story.Lost(story.EndedNoBalance),
			1: story.Lost(story.EndedMonitoring),
			2: story.Rescued(story.EndedNoNumber),
			3: story.Succeeds(8).After(story.Lost(""), story.Fails("no-answer")),
			4: story.Fails("Call initiation failed: provider answered 503"),
			5: story.ProviderError(""),
			6: story.Skipped("").Ending("call.start.error-get-transport"),
		}}})
		id := w.start()
		w.finish(id)
		w.want(id, 0, "failed", story.EndedNoBalance)
		w.want(id, 1, "failed", story.EndedMonitoring)
		w.want(id, 2, "failed", story.EndedNoNumber)
		w.want(id, 4, "failed", "Call initiation failed: provider answered 503")
		w.want(id, 5, "completed", story.ProviderErrors()[0])
		w.want(id, 6, "completed", "call.start.error-get-transport")
		if row := w.rowOf(id, 0); row["start_time"] != nil || w.rowOf(id, 1)["start_time"] == nil {
			t.Error("a call whose monitoring fails has reached the agent, one without balance has not")
		}
		if row := w.rowOf(id, 5); row["overall_score"] == nil || row["processing_skipped"] != false {
			t.Error("a call with a transcript is judged, whatever the provider says")
		}
		w.rerun(id, "call_and_eval", 0, 1, 2, 3, 4).decode(t, 200)
		w.finish(id)
		w.want(id, 0, "failed", story.EndedNoBalance)
		w.want(id, 3, "failed", "no-answer")
		w.want(id, 4, "failed", "Call initiation failed: provider answered 503")
		if st := w.callStatus(id, 2); st != story.StatusCompleted {
			t.Errorf("the rescued call is %s", st)
		}
		w.rerun(id, "call_and_eval", 3).decode(t, 200)
		w.finish(id)
		if row := w.rowOf(id, 3); row["status"] != "completed" || fmt.Sprint(row["overall_score"]) != "8.0" {
			t.Errorf("call 3 is %v after two reruns", row["status"])
		}
	})
}

// want checks the status and ended_reason of a call.
func (w world) want(id fmt.Stringer, index int, status, reason string) {
	w.t.Helper()
	for _, e := range w.Executions() {
		if e.ID != id {
			continue
		}
		row := w.rowOf(e.ID, index)
		if row["status"] != status || row["ended_reason"] != reason {
			w.t.Errorf("call %d is %v, %v, want %s, %s", index, row["status"], row["ended_reason"], status, reason)
		}
	}
}

func TestDrawnReasonsTellWhoLostTheCall(t *testing.T) {
	t.Parallel()
	for _, c := range []struct {
		name  string
		rates story.Rates
		want  []string
	}{
		{"agent", story.Rates{Fail: 0.5, Dropped: 0.5}, story.AgentReasons()},
		{"flaky agent", story.Rates{Flaky: 1}, story.AgentReasons()},
		{"platform", story.Rates{Lost: 0.5, Rescued: 0.5}, story.LostReasons()},
		{"provider", story.Rates{ProviderError: 1}, story.ProviderErrors()},
	} {
		t.Run(c.name, func(t *testing.T) {
			t.Parallel()
			w := newWorld(t, simulator.Options{Scenarios: []story.Scenario{{Name: "x", Rows: 200}}, Plan: story.Plan{Rates: c.rates}})
			id := w.AddExecution(w.AddRunTest("x"), 1000*time.Hour)
			seen := map[string]bool{}
			for _, row := range w.rows(id) {
				reason := row["ended_reason"].(string)
				if seen[reason] = true; !slices.Contains(c.want, reason) {
					t.Fatalf("got %q, want one of %q", reason, c.want)
				}
			}
			if len(seen) < 2 {
				t.Errorf("got only %v", seen)
			}
		})
	}
}

func TestAnActivityThatFailsSaysSoHalfASecondLater(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		w := newWorld(t, simulator.Options{Plan: story.Plan{Calls: map[int]story.Outcome{0: story.Lost(story.EndedActivityFailed)}}})
		id := w.start()
		for w.callStatus(id, 0) != story.StatusFailed {
			time.Sleep(100 * time.Millisecond)
		}
		if got := w.rowOf(id, 0)["ended_reason"]; got != nil {
			t.Errorf("at first the reason is %v, want null", got)
		}
		time.Sleep(500 * time.Millisecond)
		w.want(id, 0, "failed", story.EndedActivityFailed)
	})
}

func TestPlannedCallsCanStayAway(t *testing.T) {
	t.Parallel()
	inBothDialects(t, simulator.Options{Plan: story.Plan{
		MissingScenarios: []string{"Billing dispute"},
		Rows:             map[story.Row]story.Outcome{{Scenario: "Appointment booking", Row: 2}: story.NeverComes()},
		Calls:            map[int]story.Outcome{18: story.Fails("no-answer")},
	}}, func(t *testing.T, w world) {
		id := w.start()
		w.finish(id)
		e := w.Executions()[0]
		if e.Planned != 20 || len(e.Calls) != 14 {
			t.Fatalf("%d of %d planned calls came, want 14 of 20", len(e.Calls), e.Planned)
		}
		for _, c := range e.Calls {
			if c.Scenario == "Billing dispute" || c.Scenario == "Appointment booking" && c.Row.Row == 2 {
				t.Errorf("call %+v came", c)
			}
			if failed := c.Status == story.StatusFailed; failed != (c.Index == 18) {
				t.Errorf("call %d is %s: the fates of others must not move", c.Index, c.Status)
			}
		}
	})
}

func TestAScenarioWithoutADatasetMakesOneCall(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		w := newWorld(t, simulator.Options{Scenarios: []story.Scenario{{Name: "plain", NoDataset: true}, {Name: "rows", Rows: 3}}})
		run := w.AddRunTest("x")
		detail := w.get("/simulate/run-tests/"+run.String()+"/").decode(t, 200)["scenarios_detail"].([]any)[0].(map[string]any)
		if detail["dataset"] != nil || fmt.Sprint(detail["dataset_rows"]) != "0" {
			t.Errorf("got dataset %v with %v rows", detail["dataset"], detail["dataset_rows"])
		}
		id := w.execute(run)
		w.finish(id)
		if n := len(w.rows(id)); n != 4 {
			t.Errorf("got %d calls, want 4", n)
		}
	})
}

func TestResultsComeLateOrNever(t *testing.T) {
	t.Parallel()
	minute := time.Minute
	for _, c := range []struct {
		name  string
		plan  story.Plan
		late  bool // not there at the end
		after string
	}{
		{"at once", story.Plan{}, false, "score eval"},
		{"all late, by the plan", story.Plan{LateScores: minute, LateEvals: minute}, true, "score eval"},
		{"all never, by the plan", story.Plan{LateScores: story.Forever, LateEvals: story.Forever}, true, ""},
		{"late, by the call", story.Plan{Default: story.Outcome{}.Late(minute)}, true, "score eval"},
		{"never, by the call", story.Plan{Default: story.Outcome{}.Late(story.Forever)}, true, ""},
		{"the call's word counts", story.Plan{LateScores: story.Forever, LateEvals: story.Forever, Default: story.Outcome{}.Late(minute)}, true, "score eval"},
		{"scores alone", story.Plan{LateScores: story.Forever, LateEvals: minute}, true, "eval"},
	} {
		t.Run(c.name, func(t *testing.T) {
			t.Parallel()
			synctest.Test(t, func(t *testing.T) {
				w := newWorld(t, simulator.Options{Evals: []story.Eval{{Name: "is_helpful", Type: story.TypePassFail}}, Plan: c.plan})
				id := w.execute(w.AddRunTest("x"))
				w.finish(id)
				has := func() string {
					row := w.rowOf(id, 0)
					var list []string
					if row["overall_score"] != nil {
						list = append(list, "score")
					}
					for _, out := range row["eval_outputs"].(map[string]any) {
						if len(out.(map[string]any)) > 0 {
							list = append(list, "eval")
						}
					}
					return strings.Join(list, " ")
				}
				if got := has(); (got == "") != c.late {
					t.Errorf("at the end it has %q", got)
				}
				time.Sleep(24 * time.Hour)
				if got := has(); got != c.after {
					t.Errorf("a day later it has %q, want %q", got, c.after)
				}
			})
		})
	}
}

func TestACallCanEndAfterItsExecution(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		w := newWorld(t, simulator.Options{Plan: story.Plan{Calls: map[int]story.Outcome{
			0: story.Succeeds(8).Lagging(40 * time.Second),
			1: story.Outcome{Fails: true, Connects: true, FailReason: "max-duration-reached"}.Lagging(40 * time.Second),
			2: story.Succeeds(8).Lagging(story.Forever),
			3: story.Rescued(""),
		}}})
		id := w.start()
		w.finish(id)
		states := func() string {
			return fmt.Sprintf("%s %s %s", w.callStatus(id, 0), w.callStatus(id, 1), w.callStatus(id, 2))
		}
		if got := states(); w.status(id) != "completed" || got != "analyzing analyzing analyzing" {
			t.Errorf("at the end of the execution, %s, the calls are %s", w.status(id), got)
		}
		// A rerun of another call neither waits for them nor ends them.
		w.rerun(id, "call_and_eval", 3).decode(t, 200)
		time.Sleep(41 * time.Second)
		if got := states(); got != "completed failed analyzing" {
			t.Errorf("40 s later the calls are %s", got)
		}
		w.finish(id)
		if row := w.rowOf(id, 0); fmt.Sprint(row["overall_score"]) != "8.0" {
			t.Errorf("the late call has score %v", row["overall_score"])
		}
		time.Sleep(24 * time.Hour)
		if got := states(); got != "completed failed analyzing" {
			t.Errorf("a day later the calls are %s", got)
		}
	})
}

func TestEveryAnswerOfTheServerHasARequestID(t *testing.T) {
	t.Parallel()
	w := newWorld(t, simulator.Options{Faults: []simulator.Fault{
		{Endpoint: api.EndpointHealth, Kind: simulator.FaultServerError}, {Endpoint: api.EndpointRunTests, Kind: simulator.FaultBadGateway},
	}})
	seen := map[string]bool{}
	for _, path := range []string{"/api/public/health", "/health/", "/simulate/nothing/", "/simulate/run-tests/x/", "/simulate/run-tests"} {
		id := w.get(path).header.Get("X-Request-Id")
		if id == "" || seen[id] {
			t.Errorf("%s: got request id %q", path, id)
		}
		seen[id] = true
	}
	if id := w.get("/simulate/run-tests/").header.Get("X-Request-Id"); id != "" {
		t.Errorf("a proxy's answer has the request id %q", id)
	}
}
