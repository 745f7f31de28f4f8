package gate_test

import (
	"context"
	"flag"
	"fmt"
	"net/http"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/google/uuid"

	"github.com/agent-gate/agent-gate/internal/client"
	"github.com/agent-gate/agent-gate/internal/config"
	"github.com/agent-gate/agent-gate/internal/gate"
	"github.com/agent-gate/agent-gate/internal/simulator"
)

// The random runs of TestRandomRuns: all of them by
//
//	go test ./internal/gate -run TestRandomRuns -v -random-runs 10000
//
// and one again by -random-seed N.
var (
	randomRuns = flag.Int("random-runs", gate.RandomSlice, "how many random runs TestRandomRuns makes")
	randomSeed = flag.Uint64("random-seed", 0, "make only the random run of this seed, and tell its story")
)

// TestRandomRuns makes runs with random calls, faults, latencies, signals and kills, and
// holds each of them against what must never be.
func TestRandomRuns(t *testing.T) {
	t.Parallel()
	if *randomSeed > 0 {
		for _, wrong := range randomRun(t, *randomSeed, true).wrongs {
			t.Error(wrong)
		}
		return
	}
	const workers = 4
	stats := randomStats{endings: map[string]int{}}
	t.Run("runs", func(t *testing.T) {
		for worker := range workers {
			t.Run(fmt.Sprint(worker), func(t *testing.T) {
				t.Parallel()
				for seed := worker + 1; seed <= *randomRuns; seed += workers {
					result := randomRun(t, uint64(seed), false)
					stats.add(result)
					for _, wrong := range result.wrongs {
						t.Errorf("-random-seed %d: %s", seed, wrong)
					}
				}
			})
		}
	})
	t.Log("\n" + stats.String())
}

// randomResult is what came of a random run.
type randomResult struct {
	wrongs []string
	came   string // ending and verdict
	// stop is the time from a signal to the end of the run, cancel that from the signal
	// to the cancel that the server got; negative when there was none.
	stop, cancel time.Duration
	// cleaned: cleanup had to end something. late: the first cleanup could not, because
	// of faults, and a later one did.
	cleaned, late bool
	faults        int // that struck
	reruns        int
	ambiguous     bool // nobody could tell whose execution it was
}

// randomRun makes the run of a seed.
func randomRun(t *testing.T, seed uint64, aloud bool) (result randomResult) {
	t.Helper()
	d := roll(seed)
	var r *randomWorld
	d.options.OnRequest = func(to simulator.Endpoint, q *http.Request) {
		if r != nil {
			r.arrives(to, q)
		}
	}
	inWorld(t, d.options, func(w *world) {
		r = &randomWorld{world: w, dice: d, began: time.Now(), kill: make(chan struct{}), terminal: map[uuid.UUID]time.Time{}}
		r.target()
		result = r.tell()
		if aloud {
			t.Logf("%+v\n%+v\ntimeout %s, ends %s after %d requests or %s, foreign at %s", d.options, d.config, d.timeout, d.ending, d.afterRequests, d.after, d.foreign)
			t.Logf("stopped after %q", d.afterOperation)
			for _, q := range w.server.Ledger().Requests {
				t.Logf("%8.3fs %s %s %s %d %s", q.At.Sub(r.began).Seconds(), q.Endpoint, q.Path, q.Query, q.Status, q.Fault)
			}
			for _, rec := range w.records {
				t.Logf("%+v", rec)
			}
			t.Logf("%s: %s", result.came, r.got.Verdict.Reason)
			for _, e := range w.server.Executions() {
				t.Logf("%s %s ended %.3fs %+v", e.ID, e.Status, e.EndedAt.Sub(r.began).Seconds(), e.Calls)
			}
		}
	})
	return result
}

// randomWorld is a world in which a random run happens.
type randomWorld struct {
	*world
	*dice
	began time.Time
	// kill is closed when the process dies.
	kill     chan struct{}
	killed   bool
	stopOnce sync.Once
	// stoppedAt is when the run was told to stop, or killed.
	stoppedAt time.Time
	got       gate.Result
	wires     []*wire
	// terminal is since when an execution is seen to have ended, cancels are those that
	// came to the server after that.
	arrivals sync.Mutex
	terminal map[uuid.UUID]time.Time
	lates    []lateCancel
}

// lateCancel is a cancel of an execution that had ended.
type lateCancel struct {
	id        uuid.UUID
	at, since time.Time
}

// arrives looks at the executions when a request comes to the server.
func (r *randomWorld) arrives(to simulator.Endpoint, q *http.Request) {
	r.arrivals.Lock()
	defer r.arrivals.Unlock()
	for _, e := range r.server.Executions() {
		since, seen := r.terminal[e.ID]
		switch {
		case !e.Status.Terminal():
			delete(r.terminal, e.ID)
		case !seen:
			r.terminal[e.ID] = time.Now()
		case to == simulator.EndpointCancel && strings.Contains(q.URL.Path, e.ID.String()) && e.Status != simulator.StatusCancelled:
			r.lates = append(r.lates, lateCancel{e.ID, time.Now(), since})
		}
	}
}

// target puts what is to be run into the world.
func (r *randomWorld) target() {
	base := r.gate.Config.API
	target := r.gate.Config.Target
	r.gate.Config = r.config
	r.gate.Config.API = base
	r.gate.Timeout = r.timeout
	r.gate.Random = r.jitter("polls")
	switch r.config.Target.Mode {
	case config.ModeCreate:
		r.gate.Config.Target = target
	case config.ModeExecute:
		runTest := r.server.AddRunTest("nightly")
		r.server.AddExecution(runTest, 24*time.Hour)
		r.gate.Config.Target.RunTestID = runTest
		for _, at := range r.foreign {
			time.AfterFunc(at, func() { r.server.AddExecution(runTest, 0) })
		}
	case config.ModeAttach:
		r.gate.Config.Target.TestExecutionID = r.server.AddExecution(r.server.AddRunTest("nightly"), time.Second)
	}
}

// Write implements gate.Journal: a dead process writes nothing.
func (r *randomWorld) Write(record gate.Record) error {
	select {
	case <-r.kill:
		return nil
	default:
		return r.world.Write(record)
	}
}

// wired is a client over a wire to the server.
func (r *randomWorld) wired(cut chan struct{}, sent func(int, string)) *client.Client {
	x := &wire{to: r.server.Transport(), cut: cut, sent: sent, latency: r.latency, kinds: map[string]int{}}
	r.wires = append(r.wires, x)
	c, err := client.New(client.Options{
		BaseURL: r.gate.Config.API.BaseURL, APIKey: "test-api-key", SecretKey: "test-secret-key", UserAgent: "test",
		MaxBody: randomMaxBody, Transport: x, Random: r.jitter(fmt.Sprint("client ", len(r.wires))),
	})
	if err != nil {
		r.t.Fatal(err)
	}
	return c
}

// tell makes the run, cleans up as the CI system does, and looks at what came of it.
func (r *randomWorld) tell() randomResult {
	ctx, cancel := context.WithCancelCause(r.t.Context())
	defer cancel(nil)
	stop := func() {
		r.stopOnce.Do(func() {
			r.stoppedAt = time.Now()
			switch r.ending {
			case endsSIGINT:
				cancel(gate.ErrInterrupted)
			case endsTERM:
				cancel(gate.ErrTerminated)
			case endsKILL:
				r.killed = true
				close(r.kill)
				cancel(gate.ErrTerminated) // what the dead process does from now on has no effect
			}
		})
	}
	if r.ending != endsItself && r.afterOperation == "" {
		timer := time.AfterFunc(r.after, stop)
		defer timer.Stop()
	}
	r.gate.Journal = r
	r.gate.API = r.wired(r.kill, func(n int, path string) {
		if r.ending != endsItself && (n == r.afterRequests || r.afterOperation != "" && strings.HasSuffix(path, r.afterOperation)) {
			stop()
		}
	})
	r.got = r.gate.Run(ctx)
	ended := time.Now()
	r.stopOnce.Do(func() {}) // too late to be stopped

	result := randomResult{came: fmt.Sprintf("%-9s %s %s", r.ending, r.got.Verdict.Kind, r.got.Verdict.Cause), stop: -1, cancel: -1}
	if r.killed {
		result.came = fmt.Sprintf("%-9s killed", r.ending)
	}
	if !r.stoppedAt.IsZero() && !r.killed {
		result.stop = ended.Sub(r.stoppedAt)
		for _, c := range r.server.Ledger().Cancels {
			if !c.At.Before(r.stoppedAt) {
				result.cancel = c.At.Sub(r.stoppedAt)
				break
			}
		}
	}
	judged := r.server.Executions()
	if n := len(r.running()); n > 0 && result.stop >= 0 && len(r.options.Faults) == 0 && !r.slow && r.config.Waiting.CancelOnExit &&
		r.config.Target.Mode != config.ModeAttach && r.options.Plan.ExecuteError == "" {
		result.wrongs = append(result.wrongs, fmt.Sprintf("%d executions are running after the signal, although the network is good", n))
	}
	result.cleaned, result.late = r.cleanUp()
	r.check(&result, judged)
	return result
}

// cleanUp runs cleanup as the CI system does after every job: at once, while faults may
// last. When that left something running, somebody runs it again when the faults are over.
func (r *randomWorld) cleanUp() (cleaned, late bool) {
	clean := func() {
		r.mu.Lock()
		var last gate.Record
		if n := len(r.records); n > 0 {
			last = r.records[n-1]
		}
		r.mu.Unlock()
		post := gate.Gate{API: r.wired(make(chan struct{}), nil), Config: r.gate.Config, Journal: r.world}
		cleaned = !post.Cleanup(r.t.Context(), last).IsEmpty() || cleaned
	}
	time.Sleep(r.between(0, 10*time.Second))
	clean()
	time.Sleep(2 * time.Minute)
	if len(r.running()) > 0 && time.Since(r.began) < r.faultsEnd {
		late = true
		time.Sleep(r.faultsEnd - time.Since(r.began))
		clean()
		time.Sleep(2 * time.Minute)
	}
	return cleaned, late
}

// running are the executions of this run that have not ended and were not told to end.
func (r *randomWorld) running() []simulator.ExecutionState {
	return slices.DeleteFunc(r.server.Executions(), func(e simulator.ExecutionState) bool {
		return e.Status.Terminal() || e.Status == simulator.StatusCancelling || r.isForeign(e.ID)
	})
}

// isForeign reports whether somebody else has started an execution.
func (r *randomWorld) isForeign(id uuid.UUID) bool {
	return slices.ContainsFunc(r.server.Ledger().Started, func(e simulator.StartedExecution) bool { return e.ID == id && e.Aside })
}

// randomMaxBody is how much of an answer the client of a random run reads.
const randomMaxBody = 200 << 10
