package simulator_test

import (
	"fmt"
	"net/http"
	"reflect"
	"slices"
	"strings"
	"sync"
	"testing"
	"testing/synctest"
	"time"

	"github.com/google/uuid"

	"github.com/agent-gate/agent-gate/internal/simulator"
	"github.com/agent-gate/agent-gate/internal/simulator/api"
	"github.com/agent-gate/agent-gate/internal/simulator/story"
)

func TestTheLedgerCountsWhatWasPaidFor(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		w := newWorld(t, simulator.Options{Plan: story.Plan{Calls: map[int]story.Outcome{0: story.Fails("")}}})
		aside := w.AddExecution(w.AddRunTest("of somebody else"), 0)
		run := w.create("mine")
		id := w.execute(run)
		time.Sleep(10 * time.Second)
		if n := w.CallsPlaced(); n < 20 || n > 22 { // ten at once, and more if some failed early
			t.Errorf("%d calls were placed after ten seconds", n)
		}
		w.finish(aside)
		w.finish(id)
		w.rerun(id, "call_and_eval", 0).decode(t, 200)
		w.finish(id)
		w.post(executionPath(id)+"cancel/", "").decode(t, 200)

		l := w.Ledger()
		if len(l.Created) != 1 || l.Created[0].ID != run || l.Created[0].Name != "mine" {
			t.Errorf("created: %+v", l.Created)
		}
		if len(l.Started) != 2 || !l.Started[0].Aside || l.Started[1].Aside || l.Started[1].ID != id || l.Started[1].Calls != 20 {
			t.Errorf("started: %+v", l.Started)
		}
		if len(l.Calls) != 41 || !slices.IsSortedFunc(l.Calls, func(a, b simulator.PlacedCall) int { return a.At.Compare(b.At) }) {
			t.Errorf("got %d placed calls, want 41 in order", len(l.Calls))
		}
		last := l.Calls[40]
		if last.Attempt != 1 || last.ExecutionID != id || last.CallID != w.Executions()[1].Calls[0].ID {
			t.Errorf("the last placed call is %+v", last)
		}
		if len(l.Reruns) != 1 || l.Reruns[0].Was != story.StatusCompleted || l.Reruns[0].Type != "call_and_eval" {
			t.Errorf("reruns: %+v", l.Reruns)
		}
		if len(l.Cancels) != 1 || l.Cancels[0].Was != story.StatusCompleted {
			t.Errorf("cancels: %+v", l.Cancels)
		}
		if l.Counts[api.EndpointExecute] != 1 || l.Counts[api.EndpointCancel] != 1 || l.Total() != len(l.Requests) {
			t.Errorf("counts: %v of %d requests", l.Counts, len(l.Requests))
		}
		if len(l.Leaks) != 0 || !slices.Equal(l.Hosts, []string{"api.example.com"}) {
			t.Errorf("leaks %v, hosts %v", l.Leaks, l.Hosts)
		}
		for _, r := range l.Requests {
			if strings.Contains(fmt.Sprint(r), "of-the-test") {
				t.Fatalf("a key is in the ledger: %+v", r)
			}
		}
	})
}

func TestKeysInWrongPlacesAreNoted(t *testing.T) {
	t.Parallel()
	cases := []struct {
		where string
		send  func(req *http.Request)
	}{
		{"query", func(req *http.Request) { req.URL.RawQuery = "k=the%2Bsecret" }},
		{"path", func(req *http.Request) { req.URL.Path = "/the+secret/" }},
		{"header User-Agent", func(req *http.Request) { req.Header.Set("User-Agent", "x the+secret") }},
		{"Authorization header", func(req *http.Request) { req.Header.Set("Authorization", "x") }},
		{"other host", func(req *http.Request) { req.URL.Host = "elsewhere.example" }},
	}
	for _, c := range cases {
		t.Run(c.where, func(t *testing.T) {
			t.Parallel()
			s := simulator.New(simulator.Options{})
			for i, change := range []func(*http.Request){func(*http.Request) {}, c.send} {
				req, err := http.NewRequestWithContext(t.Context(), "GET", host+"/api/public/health", nil)
				if err != nil {
					t.Fatal(err)
				}
				req.Host = ""
				req.Header.Set("X-Api-Key", "the-key")
				req.Header.Set("X-Secret-Key", "the+secret")
				change(req)
				roundTrip(t, s.Transport(), req)
				leaks := s.Ledger().Leaks
				if i == 0 && len(leaks) != 0 {
					t.Fatalf("a good request leaks: %v", leaks)
				}
				if i == 1 && (len(leaks) != 1 || leaks[0].Where != c.where) {
					t.Errorf("got %v, want one leak in %s", leaks, c.where)
				}
			}
		})
	}
}

// tell runs an execution to its end and returns everything read on the way.
func tell(t *testing.T, o simulator.Options) []string {
	var told []string
	synctest.Test(t, func(t *testing.T) {
		w := newWorld(t, o)
		id := w.start()
		told = append(told, id.String())
		told = append(told, w.finish(id)...)
		told = append(told, string(w.get(executionPath(id)).body))
		for _, c := range w.Executions()[0].Calls[:3] {
			told = append(told, string(w.get("/simulate/call-executions/"+c.ID.String()+"/").body))
		}
	})
	return told
}

func TestTheSameSeedTellsTheSameStory(t *testing.T) {
	t.Parallel()
	for _, d := range []simulator.Dialect{simulator.Documented, simulator.Deployed} {
		t.Run(string(d), func(t *testing.T) {
			o := simulator.Options{Dialect: d, Seed: 42, Plan: story.LifelikePlan()}
			first, second := tell(t, o), tell(t, o)
			if !reflect.DeepEqual(first, second) {
				t.Error("two servers with the same options differ")
			}
			o.Seed = 43
			if other := tell(t, o); other[0] == first[0] || other[len(other)-1] == first[len(first)-1] {
				t.Error("two seeds tell the same story")
			}
		})
	}
}

func TestReadingAnExecutionDoesNotChangeIt(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		o := simulator.Options{Seed: 5, Plan: story.LifelikePlan()}
		watched, left := newWorld(t, o), newWorld(t, o)
		a, b := watched.start(), left.start()
		watched.finish(a)
		time.Sleep(time.Hour)
		if !reflect.DeepEqual(watched.rows(a), left.rows(b)) {
			t.Error("reading an execution changed it")
		}
	})
}

func TestRatesGiveTheirShares(t *testing.T) {
	t.Parallel()
	w := newWorld(t, simulator.Options{
		Scenarios: []story.Scenario{{Name: "x", Rows: 1000}},
		Evals:     []story.Eval{{Name: "is_helpful", Type: story.TypePassFail}},
		Plan:      story.Plan{Rates: story.Rates{Fail: 0.1, Flaky: 0.1, Low: 0.2, EvalFail: 0.1}},
	})
	id := w.AddExecution(w.AddRunTest("x"), 10000*time.Hour)
	failed, low, bad, judged := 0, 0, 0, 0
	for _, r := range w.rows(id) {
		if r["status"] == "failed" {
			failed++
			continue
		}
		var score float64
		if _, err := fmt.Sscan(fmt.Sprint(r["overall_score"]), &score); err != nil {
			t.Fatal(err)
		}
		if score < 5 {
			low++
			continue
		}
		for _, v := range r["eval_outputs"].(map[string]any) {
			judged++
			if v.(map[string]any)["value"] == "Failed" {
				bad++
			}
		}
	}
	for name, share := range map[string][3]float64{
		"failed":        {float64(failed) / 1000, 0.17, 0.23}, // fail and flaky
		"low":           {float64(low) / 1000, 0.17, 0.23},
		"eval failures": {float64(bad) / float64(judged), 0.07, 0.13},
	} {
		if share[0] < share[1] || share[0] > share[2] {
			t.Errorf("the share of %s is %.3f, want %.2f to %.2f", name, share[0], share[1], share[2])
		}
	}
}

func TestManyClientsAtOnce(t *testing.T) {
	t.Parallel()
	w := newWorld(t, simulator.Options{Speed: 1e6, Plan: story.LifelikePlan()})
	run := w.AddRunTest("x")
	var group sync.WaitGroup
	for i := range 8 {
		group.Go(func() {
			for range 5 {
				got := w.post("/simulate/run-tests/"+run.String()+"/execute/", "")
				var started struct {
					ID uuid.UUID `json:"execution_id"`
				}
				if err := unmarshal(got.body, &started); err != nil {
					t.Error(err)
					return
				}
				w.get(executionPath(started.ID) + "?limit=5")
				w.get("/sdk/api/v1/simulation/metrics/?execution_id=" + started.ID.String())
				if i%2 == 0 {
					w.post(executionPath(started.ID)+"cancel/", "")
				}
				w.post(executionPath(started.ID)+"rerun-calls/", `{"rerun_type":"call_and_eval","select_all":true}`)
				w.Inject(simulator.Fault{Endpoint: api.EndpointOther, Kind: simulator.FaultSlow})
				w.Ledger()
				w.Running()
			}
		})
	}
	group.Wait()
	if n := len(w.Ledger().Started); n != 40 {
		t.Errorf("%d executions were started, want 40", n)
	}
}

func TestHostileTextsAreThoseOfTheSample(t *testing.T) {
	t.Parallel()
	var want []string
	if err := unmarshal(sample(t, "hostile-texts.json"), &want); err != nil {
		t.Fatal(err)
	}
	got := story.HostileTexts()
	if len(got) != len(want) {
		t.Fatalf("got %d texts, want %d", len(got), len(want))
	}
	for i := range want {
		if strings.TrimSpace(got[i]) != strings.TrimSpace(want[i]) {
			t.Errorf("text %d is %.60q, want %.60q", i, got[i], want[i])
		}
	}
	w := newWorld(t, simulator.Options{Plan: story.Plan{Hostile: true, Calls: map[int]story.Outcome{1: story.Fails("")}}})
	id := w.AddExecution(w.AddRunTest("x"), time.Hour)
	for i, text := range got[:5] {
		row := w.rowOf(id, i)
		if row["scenario"] != text || row["ended_reason"] != text {
			t.Errorf("call %d: scenario %q, ended_reason %q", i, row["scenario"], row["ended_reason"])
		}
	}
}

func TestTheHookSeesRequestsBeforeTheyAreHandled(t *testing.T) {
	t.Parallel()
	var seen []api.Endpoint
	var w world
	w = newWorld(t, simulator.Options{OnRequest: func(e api.Endpoint, _ *http.Request) {
		seen = append(seen, e)
		if e == api.EndpointExecute && w.CallsPlaced() != 0 {
			t.Error("calls were placed before the request was handled")
		}
	}})
	w.start()
	if want := []api.Endpoint{api.EndpointCreate, api.EndpointExecute}; !slices.Equal(seen, want) {
		t.Errorf("got %v, want %v", seen, want)
	}
}
