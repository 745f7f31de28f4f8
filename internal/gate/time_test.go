package gate_test

import (
	"context"
	"fmt"
	"net/http"
	"strings"
	"testing"
	"time"

	"github.com/google/uuid"

	"github.com/agent-gate/agent-gate/internal/calls"
	"github.com/agent-gate/agent-gate/internal/gate"
	"github.com/agent-gate/agent-gate/internal/simulator"
	"github.com/agent-gate/agent-gate/internal/simulator/api"
	"github.com/agent-gate/agent-gate/internal/simulator/story"
	"github.com/agent-gate/agent-gate/internal/verdict"
)

// TestNothingWaitsBeyondWhatIsKeptBack lets each request of a run go wrong for ever, in ways
// that are waited for, and holds that the run ends when it has to.
func TestNothingWaitsBeyondWhatIsKeptBack(t *testing.T) {
	t.Parallel()
	for _, fault := range []simulator.Fault{
		{Kind: simulator.FaultRefused}, {Kind: simulator.FaultNoHost}, {Kind: simulator.FaultStall}, {Kind: simulator.FaultSlow},
		{Kind: simulator.FaultLost}, {Kind: simulator.FaultBadGateway}, {Kind: simulator.FaultRateLimit, RetryAfter: time.Minute},
		{Kind: simulator.FaultUnavailable, RetryAfter: 20 * time.Second, Handled: true},
	} {
		for _, endpoint := range []api.Endpoint{
			"", api.EndpointCreate, api.EndpointIDByName, api.EndpointExecute, api.EndpointExecutions,
			api.EndpointExecution, api.EndpointMetrics, api.EndpointCancel, api.EndpointRerun,
		} {
			t.Run(fmt.Sprint(fault.Kind, " of ", endpoint), func(t *testing.T) {
				t.Parallel()
				fault := fault
				fault.Endpoint, fault.Count = endpoint, simulator.Always
				plan := story.Plan{Default: story.Fails("").Lasting(5 * time.Second)}
				for _, limit := range []struct{ timeout, stopping, want time.Duration }{
					{10 * time.Second, 0, 20 * time.Second},
					{15 * time.Second, 10 * time.Second, 25 * time.Second},
					{50 * time.Second, 5 * time.Second, 55 * time.Second},
				} {
					bothDialects(t, simulator.Options{Faults: []simulator.Fault{fault}, Plan: plan}, func(w *world) {
						w.gate.Timeout, w.gate.Stopping = limit.timeout, limit.stopping
						w.gate.Config.Reruns.Attempts, w.gate.Config.Reruns.Max.Percent = 2, 100
						began := time.Now()
						got := w.run()
						if took := time.Since(began); took > limit.want+time.Second {
							t.Errorf("timeout %s: it took %s (%s)", limit.timeout, took, got.Verdict.Reason)
						}
						if reason := got.Verdict.Reason.Line(); strings.Contains(reason, "context") || strings.Contains(reason, "deadline exceeded") {
							t.Errorf("the reason is not clear: %s", reason)
						}
					})
				}
			})
		}
	}
}

func TestTheReasonOfATimeoutIsTheLastFailure(t *testing.T) {
	t.Parallel()
	for want, fault := range map[string]simulator.Fault{
		"connection refused": {Kind: simulator.FaultRefused},
		"no such host":       {Kind: simulator.FaultNoHost},
		"502 Bad Gateway":    {Kind: simulator.FaultBadGateway, Endpoint: api.EndpointExecutions},
		"Rate limit exceeded": {
			Kind: simulator.FaultRateLimit, RetryAfter: 7 * time.Second, Endpoint: api.EndpointExecute,
		},
	} {
		fault.Count = simulator.Always
		faults := []simulator.Fault{fault}
		if fault.Endpoint == api.EndpointExecutions {
			faults = append(faults, simulator.Fault{Endpoint: api.EndpointExecute, Kind: simulator.FaultReset})
		}
		bothDialects(t, simulator.Options{Faults: faults}, func(w *world) {
			w.gate.Timeout = 8 * time.Second
			got := w.run()
			w.wantVerdict(got, verdict.Error, verdict.CauseTimeout)
			w.wantReason(got, "timed out after 8s", want)
		})
	}
}

func TestARunThatTimedOutShowsTheCallsThatHadEnded(t *testing.T) {
	t.Parallel()
	stuck := story.Plan{Default: story.Succeeds(9), Calls: map[int]story.Outcome{3: {Stuck: story.StatusOngoing}}}
	bothDialects(t, simulator.Options{Plan: stuck}, func(w *world) {
		got := w.run()
		w.wantVerdict(got, verdict.Error, verdict.CauseTimeout)
		n := got.Verdict.Counts
		if n.Total != 20 || n.Succeeded != 19 || n.Cancelled != 1 {
			t.Errorf("the calls are %+v, want 19 that succeeded and one that was cut off", n)
		}
		if got.Evidence.Budget.Spent.Timed != 19 {
			t.Errorf("spent is %+v, want what the calls took that had ended", got.Evidence.Budget.Spent)
		}
		w.wantNothingRunning()
	})
}

// halfRead is a run of 250 calls of which the last page cannot be read, so that the time is up
// over it.
func halfRead(t *testing.T, plan story.Plan, tale func(w *world)) {
	t.Helper()
	for _, dialect := range []simulator.Dialect{simulator.Documented, simulator.Deployed} {
		t.Run(string(dialect), func(t *testing.T) {
			t.Parallel()
			var w *world
			options := simulator.Options{
				Dialect: dialect, Plan: plan, Concurrency: 250, PageSize: 100, Evals: []story.Eval{},
				Scenarios: []story.Scenario{{Name: "one", Rows: 120}, {Name: "two", Rows: 130}},
				OnRequest: func(to api.Endpoint, r *http.Request) {
					if w != nil && to == api.EndpointExecution && r.URL.Query().Get("page") == "3" {
						w.server.Inject(simulator.Fault{Endpoint: to, Kind: simulator.FaultBadGateway})
					}
				},
			}
			inWorld(t, options, func(inner *world) {
				w = inner
				w.gate.Timeout = 15 * time.Minute
				tale(w)
			})
		})
	}
}

func TestWhatWasReadInTimeIsJudgedWithTheRestAsUnknown(t *testing.T) {
	t.Parallel()
	quick := story.Plan{Default: story.Succeeds(9).Lasting(time.Minute)}
	halfRead(t, quick, func(w *world) {
		w.judgeBy("success_rate >= 50")
		got := w.run()
		w.wantVerdict(got, verdict.Pass, "") // 200 of 250 are enough, however the others came out
		w.wantWarning(got, "50 of 250 calls could not be read")
		if n := len(w.server.Ledger().Cancels); n != 0 {
			t.Errorf("%d cancels were sent for an execution that had ended", n)
		}
	})
	halfRead(t, quick, func(w *world) {
		w.judgeBy("success_rate >= 90")
		if got := w.run(); got.Verdict.Kind == verdict.Pass || got.Verdict.Kind == verdict.Fail || got.Verdict.Cause == verdict.CauseTimeout {
			t.Errorf("verdict %s %s (%s), although it depends on what was not read", got.Verdict.Kind, got.Verdict.Cause, got.Verdict.Reason)
		}
	})
	bad := quick
	bad.Default = story.Fails("").Lasting(time.Minute)
	halfRead(t, bad, func(w *world) {
		w.judgeBy("success_rate >= 50")
		w.wantVerdict(w.run(), verdict.Fail, "") // 50 of 250 cannot save it
	})
}

func TestAnEndedRunOfWhichNothingCouldBeReadIsNoTimeout(t *testing.T) {
	t.Parallel()
	bothDialects(t, simulator.Options{Plan: story.Plan{Default: story.Succeeds(9).Lasting(time.Minute)}}, func(w *world) {
		w.gate.API = &blind{API: w.gate.API, world: w}
		w.gate.Timeout = 10 * time.Minute
		got := w.run()
		w.wantVerdict(got, verdict.Error, verdict.CauseOperational)
		w.wantReason(got, "has ended", "could not be read", "502")
	})
}

// blind is a server that gives no calls.
type blind struct {
	gate.API
	world *world
}

func (b *blind) Collect(ctx context.Context, execution uuid.UUID) (calls.Execution, error) {
	b.world.server.Inject(simulator.Fault{Endpoint: api.EndpointExecution, Kind: simulator.FaultBadGateway, Count: 6})
	return b.API.Collect(ctx, execution)
}
