package gate_test

import (
	"context"
	"net/url"
	"os"
	"runtime/debug"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"testing/synctest"
	"time"

	"github.com/google/uuid"

	"github.com/agent-gate/agent-gate/internal/client"
	"github.com/agent-gate/agent-gate/internal/config"
	"github.com/agent-gate/agent-gate/internal/config/kind"
	"github.com/agent-gate/agent-gate/internal/criteria"
	"github.com/agent-gate/agent-gate/internal/gate"
	"github.com/agent-gate/agent-gate/internal/gate/event"
	"github.com/agent-gate/agent-gate/internal/gate/paid"
	"github.com/agent-gate/agent-gate/internal/simulator"
	"github.com/agent-gate/agent-gate/internal/verdict"
)

// TestMain collects garbage less often: little is alive at a time, so every collection costs more than
// it frees.
func TestMain(m *testing.M) {
	debug.SetGCPercent(400)
	os.Exit(m.Run())
}

// world is a simulated server and a gate that speaks to it, inside a synctest bubble.
type world struct {
	t      *testing.T
	server *simulator.Server
	api    *client.Client
	gate   gate.Gate
	// records is what the journal was given.
	records []paid.Record
	// events is what the observer was told.
	events []event.Event
	mu     sync.Mutex
	// signalled is true once the run was told to stop.
	signalled atomic.Bool
	// agent is the agent under test of a story of chats, and agentStarts counts its starts.
	agent       *fake
	agentStarts int32
	// overlaps is true if the server may still be at a request whose connection broke.
	overlaps bool
}

// inWorld runs a story in virtual time.
func inWorld(t *testing.T, options simulator.Options, story func(w *world)) {
	t.Helper()
	synctest.Test(t, func(t *testing.T) {
		w := &world{t: t, server: simulator.New(options)}
		base, err := url.Parse("https://api.example.com")
		if err != nil {
			t.Fatal(err)
		}
		w.api, err = client.New(client.Options{
			BaseURL: base, APIKey: "test-api-key", SecretKey: "test-secret-key", UserAgent: "test", Transport: w.server.Transport(),
		})
		if err != nil {
			t.Fatal(err)
		}
		w.gate = gate.Gate{
			API: w.api,
			Config: config.Config{
				API: config.API{BaseURL: base, DashboardURL: base},
				Target: config.Target{
					Mode:              config.ModeCreate,
					AgentDefinitionID: w.server.AgentID(),
					ScenarioIDs:       w.server.ScenarioIDs(),
				},
				Reruns: config.Reruns{Max: kind.Amount{IsShare: true, Percent: 25}},
				Rules: verdict.Rules{
					Set:        criteria.Set{Criteria: []criteria.Criterion{criteria.MinSuccessRate(90)}},
					Confidence: 95,
					DecideOn:   verdict.DecideOnEstimate,
				},
				Waiting: config.Waiting{
					PollMinInterval: 2 * time.Second,
					PollMaxInterval: 30 * time.Second,
					CancelOnExit:    true,
				},
			},
			Name:    "gate-" + uuid.Nil.String(),
			Timeout: time.Hour,
			Observe: func(e event.Event) { w.events = append(w.events, e) },
			Journal: w,
		}
		story(w)
	})
}

// Write implements paid.Journal.
func (w *world) Write(r paid.Record) error {
	w.mu.Lock()
	defer w.mu.Unlock()
	w.records = append(w.records, r)
	return nil
}

// run runs the gate to its end.
func (w *world) run() gate.Result {
	w.t.Helper()
	return w.gate.Run(w.t.Context())
}

// runStoppedAfter runs the gate and sends a signal after a while.
func (w *world) runStoppedAfter(d time.Duration, signal error) gate.Result {
	w.t.Helper()
	ctx, cancel := context.WithCancelCause(w.t.Context())
	timer := time.AfterFunc(d, func() {
		w.signalled.Store(true)
		cancel(signal)
	})
	defer timer.Stop()
	return w.gate.Run(ctx)
}

// judgeBy sets the criteria.
func (w *world) judgeBy(wanted string) {
	w.t.Helper()
	var err error
	if w.gate.Config.Rules.Criteria, err = criteria.Parse(wanted); err != nil {
		w.t.Fatal(err)
	}
}

// wantVerdict fails the test when the verdict is another.
func (w *world) wantVerdict(got gate.Result, kind verdict.Kind, cause verdict.Cause) {
	w.t.Helper()
	if got.Verdict.Kind != kind || got.Verdict.Cause != cause {
		w.t.Errorf("verdict %s %s (%s), want %s %s", got.Verdict.Kind, got.Verdict.Cause, got.Verdict.Reason, kind, cause)
	}
}

// wantPaid fails the test when not exactly so many executions were started, or when one
// of them is still at work.
func (w *world) wantPaid(executions int) {
	w.t.Helper()
	ledger := w.server.Ledger()
	if got := len(ledger.Started); got != executions {
		w.t.Errorf("%d executions were started, want %d", got, executions)
	}
	if n := w.server.DuplicateReruns(); n != 0 {
		w.t.Errorf("%d calls were rerun twice", n)
	}
	if len(ledger.Leaks) != 0 {
		w.t.Errorf("keys in wrong places: %+v", ledger.Leaks)
	}
}

// wantNothingRunning fails the test when an execution is still at work some time after
// the gate ended: a cancel takes the server a moment.
func (w *world) wantNothingRunning() {
	w.t.Helper()
	time.Sleep(time.Minute)
	if n := w.server.Running(); n != 0 {
		w.t.Errorf("%d executions are still running", n)
	}
}

// bothDialects runs a story against both forms of the API; with the race detector against one, which
// depends on the story's name.
func bothDialects(t *testing.T, options simulator.Options, story func(w *world)) {
	t.Helper()
	for i, dialect := range []simulator.Dialect{simulator.Documented, simulator.Deployed} {
		if gate.UnderRace && len(t.Name())%2 == i {
			continue
		}
		t.Run(string(dialect), func(t *testing.T) {
			t.Parallel()
			options := options
			options.Dialect = dialect
			inWorld(t, options, story)
		})
	}
}

// wantReason fails the test when the reason does not say all of it.
func (w *world) wantReason(got gate.Result, words ...string) {
	w.t.Helper()
	for _, word := range words {
		if reason := got.Verdict.Reason.Line(); !strings.Contains(reason, word) {
			w.t.Errorf("reason %q, want it to say %q", reason, word)
		}
	}
}
