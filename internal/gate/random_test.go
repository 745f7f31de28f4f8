package gate_test

import (
	"context"
	"flag"
	"fmt"
	"net/http"
	"slices"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"github.com/google/uuid"

	"github.com/agent-gate/agent-gate/internal/client"
	"github.com/agent-gate/agent-gate/internal/config"
	"github.com/agent-gate/agent-gate/internal/gate"
	"github.com/agent-gate/agent-gate/internal/gate/paid"
	"github.com/agent-gate/agent-gate/internal/simulator"
	"github.com/agent-gate/agent-gate/internal/simulator/api"
	"github.com/agent-gate/agent-gate/internal/simulator/story"
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
	stats := randomStats{endings: map[string]int{}, seconds: map[string]int{}}
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
	// doubtful: the execution may be that of others, so it is not cancelled.
	doubtful bool
	// twin: a refused start was carried out, and its list lagged for longer than is looked.
	twin bool
	// started is how many executions were paid for.
	started int
	// second is what came of the other gate of the identity.
	second string
}

// randomRun makes the run of a seed.
func randomRun(t *testing.T, seed uint64, aloud bool) (result randomResult) {
	t.Helper()
	d := roll(seed)
	var r *randomWorld
	d.options.OnRequest = func(to api.Endpoint, q *http.Request) {
		if r != nil {
			r.arrives(to, q)
		}
	}
	inWorld(t, d.options, func(w *world) {
		r = &randomWorld{world: w, dice: d, began: time.Now(), terminal: map[uuid.UUID]time.Time{}}
		r.target()
		result = r.tell()
		if aloud {
			t.Logf("%+v\n%+v\ntimeout %s, ends %s after %d requests or %s, foreign at %s", d.options, d.config, d.timeout, d.ending, d.afterRequests, d.after, d.foreign)
			t.Logf("next %q, lag %s, stopping %s", d.next, d.lag, d.stopping)
			t.Logf("stopped after %q", d.afterOperation)
			for _, q := range w.server.Ledger().Requests {
				t.Logf("%8.3fs %s %s %s %d %s", q.At.Sub(r.began).Seconds(), q.Endpoint, q.Path, q.Query, q.Status, q.Fault)
			}
			for i, p := range r.processes {
				for _, rec := range p.records {
					t.Logf("%d: %+v", i, rec)
				}
				t.Logf("%d: %s: %s\n%v", i, p.got.Verdict.Kind, p.got.Verdict.Reason, p.got.Evidence.Warnings)
			}
			t.Logf("%s, %s", result.came, result.second)
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
	began     time.Time
	processes []*process
	stopOnce  sync.Once
	// stoppedAt is when the run was told to stop, or killed.
	stoppedAt time.Time
	killed    bool
	wires     []*wire
	// terminal is since when an execution is seen to have ended, cancels are those that
	// came to the server after that.
	arrivals sync.Mutex
	terminal map[uuid.UUID]time.Time
	lates    []lateCancel
}

// process is one run of the gate.
type process struct {
	gate gate.Gate
	got  gate.Result
	took time.Duration
	// dead is closed when the process is killed.
	dead chan struct{}
	mu   sync.Mutex
	// records is what it noted, of which the last one is its state file.
	records []paid.Record
	// earlier is the process whose work it may take up.
	earlier *process
}

// Write implements paid.Journal: a dead process writes nothing.
func (p *process) Write(record paid.Record) error {
	select {
	case <-p.dead:
	default:
		p.mu.Lock()
		defer p.mu.Unlock()
		p.records = append(p.records, record)
	}
	return nil
}

// noted is the state file of the process.
func (p *process) noted() paid.Record {
	p.mu.Lock()
	defer p.mu.Unlock()
	if len(p.records) == 0 {
		return paid.Record{}
	}
	return p.records[len(p.records)-1]
}

// run runs it to its end.
func (p *process) run(ctx context.Context) {
	began := time.Now()
	p.got = p.gate.Run(ctx)
	p.took = time.Since(began)
}

// wasKilled reports whether it ended without a verdict.
func (p *process) wasKilled() bool {
	select {
	case <-p.dead:
		return true
	default:
		return false
	}
}

// lateCancel is a cancel of an execution that had ended.
type lateCancel struct {
	id        uuid.UUID
	at, since time.Time
}

// arrives looks at the executions when a request comes to the server.
func (r *randomWorld) arrives(to api.Endpoint, q *http.Request) {
	r.arrivals.Lock()
	defer r.arrivals.Unlock()
	for _, e := range r.server.Executions() {
		since, seen := r.terminal[e.ID]
		switch {
		case !e.Status.Terminal():
			delete(r.terminal, e.ID)
		case !seen:
			r.terminal[e.ID] = time.Now()
		case to == api.EndpointCancel && strings.Contains(q.URL.Path, e.ID.String()) && e.Status != story.StatusCancelled:
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
	r.gate.Timeout, r.gate.Stopping = r.timeout, r.stopping
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

// process makes a process of the gate.
func (r *randomWorld) process(sent func(n int, path string, p *process)) *process {
	p := &process{gate: r.gate, dead: make(chan struct{})}
	p.gate.Journal, p.gate.Observe = p, nil
	p.gate.Random = r.jitter(fmt.Sprint("polls ", len(r.processes)))
	p.gate.API = r.wired(p.dead, func(n int, path string) {
		if sent != nil {
			sent(n, path, p)
		}
	})
	r.processes = append(r.processes, p)
	return p
}

// tell makes the run, and that of another gate, cleans up as the CI system does, and looks at
// what came of it.
func (r *randomWorld) tell() randomResult {
	ctx, cancel := context.WithCancelCause(r.t.Context())
	defer cancel(nil)
	var first *process
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
				close(first.dead)
				cancel(gate.ErrTerminated) // what the dead process does from now on has no effect
			}
		})
	}
	if r.ending != endsItself && r.afterOperation == "" {
		timer := time.AfterFunc(r.after, stop)
		defer timer.Stop()
	}
	first = r.process(func(n int, path string, _ *process) {
		if r.ending != endsItself && (n == r.afterRequests || r.afterOperation != "" && strings.HasSuffix(path, r.afterOperation)) {
			stop()
		}
	})
	var besides *process
	var both sync.WaitGroup
	if r.next == nextBesides {
		besides = r.process(nil)
		var alone, begun atomic.Bool // the first one has ended before the second one begins
		first.gate.Others = begun.Load
		besides.gate.Others = func() bool { return !alone.Load() }
		offset := r.between(0, 4*time.Second)
		both.Go(func() {
			time.Sleep(offset)
			begun.Store(true)
			besides.run(r.t.Context())
		})
		first.run(ctx)
		alone.Store(!begun.Load())
	} else {
		first.run(ctx)
	}
	ended := time.Now()
	r.stopOnce.Do(func() {}) // too late to be stopped

	got := first.got
	result := randomResult{came: fmt.Sprintf("%-9s %s %s", r.ending, got.Verdict.Kind, got.Verdict.Cause), stop: -1, cancel: -1}
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
	if n := len(r.running()); n > 0 && r.next != nextBesides && result.stop >= 0 && len(r.options.Faults) == 0 && !r.slow && r.config.Waiting.CancelOnExit &&
		r.config.Target.Mode != config.ModeAttach && r.options.Plan.ExecuteError == "" && !r.doubtful() {
		result.wrongs = append(result.wrongs, fmt.Sprintf("%d executions are running after the signal, although the network is good", n))
	}
	r.checkProcess(&result, first)
	both.Wait()
	switch {
	case besides != nil:
		result.second = fmt.Sprintf("%s: %s %s", r.next, besides.got.Verdict.Kind, besides.got.Verdict.Cause)
		r.checkProcess(&result, besides)
	case r.next == nextAfter:
		result.second = r.again(&result, first)
	}
	result.cleaned, result.late = r.cleanUp()
	r.check(&result)
	return result
}

// again starts the gate once more in the same job attempt. What the first one left without a
// verdict is its to take up; after a verdict it is a run of its own.
func (r *randomWorld) again(result *randomResult, first *process) string {
	time.Sleep(r.between(time.Second, 5*time.Minute))
	second := r.process(nil)
	how := "after a verdict"
	if first.wasKilled() {
		how = "after a kill"
		if left := first.noted(); left.Step.Known() {
			second.gate.Earlier, second.earlier = &left, first
		}
	}
	second.run(r.t.Context())
	r.checkProcess(result, second)
	return fmt.Sprintf("%s: %s %s", how, second.got.Verdict.Kind, second.got.Verdict.Cause)
}

// cleanUp runs cleanup as the CI system does after every job: at once, while faults may
// last. When that left something running, somebody runs it again when the faults are over.
func (r *randomWorld) cleanUp() (cleaned, late bool) {
	clean := func() {
		for _, p := range r.processes {
			if slices.ContainsFunc(r.processes, func(q *process) bool { return q.earlier == p && len(q.records) > 0 }) {
				continue // its state file is gone: another process has taken it over
			}
			after := &process{dead: make(chan struct{}), records: []paid.Record{p.noted()}}
			after.gate = gate.Gate{API: r.wired(after.dead, nil), Config: r.gate.Config, Journal: after, Others: p.gate.Others}
			cleaned = !after.gate.Cleanup(r.t.Context(), p.noted()).IsEmpty() || cleaned
			p.records = append(p.records, after.noted())
		}
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
		return e.Status.Terminal() || e.Status == story.StatusCancelling || r.isForeign(e.ID)
	})
}

// isForeign reports whether somebody else has started an execution.
func (r *randomWorld) isForeign(id uuid.UUID) bool {
	return slices.ContainsFunc(r.server.Ledger().Started, func(e simulator.StartedExecution) bool { return e.ID == id && e.Aside })
}

// randomMaxBody is how much of an answer the client of a random run reads.
const randomMaxBody = 200 << 10
