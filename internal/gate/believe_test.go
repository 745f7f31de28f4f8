package gate_test

import (
	"bytes"
	"context"
	"io"
	"net/http"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/google/uuid"

	"github.com/agent-gate/agent-gate/internal/calls"
	"github.com/agent-gate/agent-gate/internal/client"
	"github.com/agent-gate/agent-gate/internal/config"
	"github.com/agent-gate/agent-gate/internal/config/kind"
	"github.com/agent-gate/agent-gate/internal/criteria"
	"github.com/agent-gate/agent-gate/internal/gate"
	"github.com/agent-gate/agent-gate/internal/gate/event"
	"github.com/agent-gate/agent-gate/internal/simulator"
	"github.com/agent-gate/agent-gate/internal/simulator/api"
	"github.com/agent-gate/agent-gate/internal/simulator/story"
	"github.com/agent-gate/agent-gate/internal/text"
	"github.com/agent-gate/agent-gate/internal/verdict"
)

// replica answers reads from before a rerun for a while after it, like a copy of a
// database that lags behind.
type replica struct {
	to  http.RoundTripper
	lag time.Duration

	mu    sync.Mutex
	known map[string][]byte
	until time.Time
}

// RoundTrip implements http.RoundTripper.
func (r *replica) RoundTrip(req *http.Request) (*http.Response, error) {
	resp, err := r.to.RoundTrip(req)
	if err != nil || resp.StatusCode != http.StatusOK {
		return resp, err
	}
	r.mu.Lock()
	defer r.mu.Unlock()
	fresh, err := io.ReadAll(resp.Body)
	if err != nil {
		return nil, err
	}
	switch old, seen := r.known[req.URL.String()]; {
	case strings.HasSuffix(req.URL.Path, "/rerun-calls/"):
		r.until = time.Now().Add(r.lag)
	case req.Method != http.MethodGet:
	case seen && time.Now().Before(r.until):
		fresh = old
	default:
		r.known[req.URL.String()] = fresh
	}
	resp.ContentLength = int64(len(fresh))
	resp.Header.Del("Content-Length")
	resp.Body = io.NopCloser(bytes.NewReader(fresh))
	return resp, nil
}

// through makes the gate speak through a transport.
func (w *world) through(transport http.RoundTripper) {
	w.t.Helper()
	c, err := client.New(client.Options{
		BaseURL: w.gate.Config.API.BaseURL, APIKey: "test-api-key", SecretKey: "test-secret-key", UserAgent: "test", Transport: transport,
	})
	if err != nil {
		w.t.Fatal(err)
	}
	w.api, w.gate.API = c, c
}

func TestAnEndFromBeforeTheRerunIsNotBelieved(t *testing.T) {
	t.Parallel()
	bothDialects(t, simulator.Options{Plan: flakyPlan()}, func(w *world) {
		w.through(&replica{to: w.server.Transport(), lag: 40 * time.Second, known: map[string][]byte{}})
		w.gate.Config.Reruns.Attempts = 1
		w.gate.Config.Rules.Criteria = []criteria.Criterion{criteria.MinSuccessRate(95)}
		got := w.run()
		w.wantVerdict(got, verdict.Pass, "") // only the rerun makes it 95 %
		w.wantPaid(1)
		if n := w.server.CallsPlaced(); n != 22 {
			t.Errorf("%d calls were placed, want 22", n)
		}
	})
}

func TestATimeoutWhileTheRerunDoesNotShowYetIsNoVerdict(t *testing.T) {
	t.Parallel()
	for _, dialect := range []simulator.Dialect{simulator.Documented, simulator.Deployed} {
		t.Run(string(dialect), func(t *testing.T) {
			t.Parallel()
			var rerunAt time.Duration
			// 18 of 20 pass, but when the time is up two calls are under way again.
			story := func(w *world) gate.Result {
				w.through(&replica{to: w.server.Transport(), lag: 40 * time.Second, known: map[string][]byte{}})
				w.gate.Random = func() float64 { return 0.5 }
				w.gate.Config.Reruns.Attempts = 1
				began := time.Now()
				w.gate.Observe = func(e event.Event) {
					if phase, ok := e.(event.Phase); ok && phase.Name == "Rerun" {
						rerunAt = time.Since(began)
					}
				}
				return w.run()
			}
			options := simulator.Options{Dialect: dialect, Plan: flakyPlan()}
			inWorld(t, options, func(w *world) { w.wantVerdict(story(w), verdict.Pass, "") })
			inWorld(t, options, func(w *world) {
				w.gate.Timeout = rerunAt + 20*time.Second
				w.wantVerdict(story(w), verdict.Error, verdict.CauseTimeout)
			})
		})
	}
}

func TestARerunThatEndedBeforeItsLossWasNoticedCounts(t *testing.T) {
	t.Parallel()
	plan := flakyPlan()
	plan.Calls = map[int]story.Outcome{3: story.Flaky(1, "no-answer").Lasting(time.Second)}
	plan.EvaluatingTime = time.Second
	fault := simulator.Fault{Endpoint: api.EndpointRerun, Kind: simulator.FaultSlow}
	bothDialects(t, simulator.Options{Plan: plan, Faults: []simulator.Fault{fault}}, func(w *world) {
		w.gate.Config.Reruns.Attempts = 2
		w.gate.Config.Rules.Criteria = []criteria.Criterion{criteria.MinSuccessRate(100)}
		got := w.run()
		w.wantVerdict(got, verdict.Pass, "")
		w.wantPaid(1)
		if got.Evidence.API.Adopted != 1 || len(w.server.Ledger().Reruns) != 1 {
			t.Errorf("%d answers were found by looking, %d reruns; want one of each", got.Evidence.API.Adopted, len(w.server.Ledger().Reruns))
		}
	})
}

func TestNoRerunFollowsOneThatMayStillBeTakenUp(t *testing.T) {
	t.Parallel()
	fault := simulator.Fault{Endpoint: api.EndpointRerun, Kind: simulator.FaultReset}
	bothDialects(t, simulator.Options{Plan: flakyPlan(), Faults: []simulator.Fault{fault}}, func(w *world) {
		w.gate.Config.Reruns.Attempts = 5
		got := w.run()
		w.wantVerdict(got, verdict.Pass, "") // 18 of 20, 90 are asked for
		if n := w.server.Ledger().Counts[api.EndpointRerun]; n != 1 {
			t.Errorf("%d reruns were sent, want the one whose answer was lost", n)
		}
		if len(got.Evidence.Reruns) != 1 || !strings.Contains(got.Evidence.Reruns[0].Error.Line(), "shows no sign of the rerun") {
			t.Errorf("reruns %+v, want one that says what is not certain", got.Evidence.Reruns)
		}
	})
}

func TestACallThatIsOnNoPageIsNotLeftOutOfTheJudgement(t *testing.T) {
	t.Parallel()
	bothDialects(t, simulator.Options{Plan: story.Plan{MissingRows: 1}}, func(w *world) {
		got := w.run()
		w.wantVerdict(got, verdict.Error, verdict.CauseOperational)
		if reason := got.Verdict.Reason.Line(); !strings.Contains(reason, "20 calls, but it listed 19") {
			t.Errorf("reason %q, want it to give both numbers", reason)
		}
	})
	bothDialects(t, simulator.Options{Plan: story.Plan{Reshuffle: 3}, PageSize: 3, RefuseLimit: true}, func(w *world) {
		got := w.run()
		w.wantVerdict(got, verdict.Pass, "")
		if n := got.Evidence.Calls.Len(); n != 20 {
			t.Errorf("%d calls were read, want all 20", n)
		}
	})
}

func TestAnExecutionThatSomebodyRerunsMeanwhileIsWaitedFor(t *testing.T) {
	t.Parallel()
	var w *world
	var once sync.Once
	options := simulator.Options{Dialect: simulator.Deployed, Plan: flakyPlan()}
	options.OnRequest = func(to api.Endpoint, r *http.Request) {
		if to != api.EndpointExecution || r.URL.Query().Get("limit") != "100" || w == nil {
			return
		}
		once.Do(func() { // between the last poll and the reading of the calls
			e := w.server.Executions()[0]
			w.rerunAside(e.ID, e.Calls[3].ID)
		})
	}
	inWorld(t, options, func(inner *world) {
		w = inner
		w.gate.Config.Rules.Criteria = []criteria.Criterion{criteria.MinSuccessRate(95)}
		got := w.run()
		w.wantVerdict(got, verdict.Pass, "") // 19 of 20 after somebody's rerun
	})
}

// rerunAside reruns a call as somebody does in the dashboard.
func (w *world) rerunAside(execution, call uuid.UUID) {
	w.t.Helper()
	c, err := client.New(client.Options{
		BaseURL: w.gate.Config.API.BaseURL, APIKey: "test-api-key", SecretKey: "test-secret-key", UserAgent: "test", Transport: w.server.Transport(),
	})
	if err != nil {
		w.t.Fatal(err)
	}
	if _, err := c.RerunCalls(w.t.Context(), execution, calls.RerunCallAndEval, []uuid.UUID{call}); err != nil {
		w.t.Error(err)
	}
}

// disagreeing says for a while that an execution is running when its calls are read,
// although it has ended.
type disagreeing struct {
	to    http.RoundTripper
	until time.Time
}

// RoundTrip implements http.RoundTripper.
func (d disagreeing) RoundTrip(req *http.Request) (*http.Response, error) {
	resp, err := d.to.RoundTrip(req)
	if err != nil || req.URL.Query().Get("limit") != "100" || time.Now().After(d.until) {
		return resp, err
	}
	body, err := io.ReadAll(resp.Body)
	if err != nil {
		return nil, err
	}
	// Behind the calls and their own states.
	i := bytes.LastIndex(body, []byte(`"status":"completed"`))
	body = append(append(append([]byte{}, body[:i]...), `"status":"running"`...), body[i+len(`"status":"completed"`):]...)
	resp.Body, resp.ContentLength = io.NopCloser(bytes.NewReader(body)), int64(len(body))
	resp.Header.Del("Content-Length")
	return resp, nil
}

func TestReadsThatDisagreeAreNotAskedInACircle(t *testing.T) {
	t.Parallel()
	inWorld(t, simulator.Options{Dialect: simulator.Deployed}, func(w *world) {
		w.through(disagreeing{to: w.server.Transport(), until: time.Now().Add(8 * time.Minute)})
		got := w.run()
		w.wantVerdict(got, verdict.Pass, "")
		if n := w.server.Ledger().Total(); n > 1000 {
			t.Errorf("%d requests in eight minutes", n)
		}
	})
}

func TestEvalsThatStayPendingAreReportedMissing(t *testing.T) {
	t.Parallel()
	criteria, err := criteria.Parse("eval is_helpful: pass_rate >= 96")
	if err != nil {
		t.Fatal(err)
	}
	plan := story.Plan{Calls: map[int]story.Outcome{4: story.Succeeds(9).With("is_helpful", story.EvalPending())}}
	bothDialects(t, simulator.Options{Plan: plan, AttachEvals: true}, func(w *world) {
		w.gate.Config.Rules.Criteria = criteria
		began := time.Now()
		got := w.run()
		w.wantVerdict(got, verdict.Error, verdict.CauseOperational) // 19 of 19 or of 20: not decided
		if took := time.Since(began); took > 20*time.Minute {
			t.Errorf("it took %s to give up on the eval", took)
		}
	})
}

// TestAResultThatDidNotComeIsWaitedForOnce reruns another call meanwhile, whose results are
// worth waiting for.
func TestResultsThatDoNotComeAreWaitedForAfterEachRerunAndNotForEver(t *testing.T) {
	t.Parallel()
	plan := story.Plan{Calls: map[int]story.Outcome{
		4: story.Succeeds(9).With("is_helpful", story.EvalPending()),
		7: story.Flaky(1, "no-answer").With("is_helpful", story.EvalPending()),
	}}
	bothDialects(t, simulator.Options{Plan: plan, AttachEvals: true}, func(w *world) {
		w.judgeBy("eval is_helpful: pass_rate >= 95\nsuccess_rate >= 90") // 18 of 18 to 20
		w.gate.Config.Reruns = config.Reruns{Attempts: 1, Type: calls.RerunCallAndEval, Max: kind.Amount{IsShare: true, Percent: 100}}
		began := time.Now()
		got := w.run()
		w.wantVerdict(got, verdict.Error, verdict.CauseOperational)
		if n := strings.Count(w.said(), "waiting up to 10m0s for them"); n != 2 {
			t.Errorf("it was waited %d times, want after the calls and after the rerun:\n%s", n, w.said())
		}
		if took := time.Since(began); took > 35*time.Minute {
			t.Errorf("it took %s", took)
		}
	})
}

// shortened is a server whose execution has so many calls that texts were cut.
type shortened struct{ gate.API }

func (s shortened) Collect(ctx context.Context, execution uuid.UUID) (calls.Execution, error) {
	e, err := s.API.Collect(ctx, execution)
	e.Shortened = 300
	return e, err
}

func TestTextsThatAreCutAreSaidOnce(t *testing.T) {
	t.Parallel()
	bothDialects(t, simulator.Options{Plan: flakyPlan()}, func(w *world) {
		w.gate.API = shortened{w.gate.API}
		w.gate.Config.Reruns.Attempts = 1
		got := w.run()
		const want = "300 long texts, such as reasons, were shortened or left out because the run has 20 calls. The verdict does not depend on them."
		if n := slices.IndexFunc(got.Evidence.Warnings, func(x text.Untrusted) bool { return x.Raw() == want }); n < 0 {
			t.Errorf("the warnings %q do not say %q", got.Evidence.Warnings, want)
		}
		if n := strings.Count(w.said(), want); n != 1 {
			t.Errorf("it was said %d times", n)
		}
	})
}
