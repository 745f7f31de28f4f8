package gate_test

import (
	"bytes"
	"context"
	"encoding/json"
	"fmt"
	"hash/fnv"
	"io"
	"math/rand/v2"
	"net/http"
	"slices"
	"sync"
	"time"

	"github.com/agent-gate/agent-gate/internal/config"
	"github.com/agent-gate/agent-gate/internal/config/kind"
	"github.com/agent-gate/agent-gate/internal/criteria"
	"github.com/agent-gate/agent-gate/internal/simulator"
	"github.com/agent-gate/agent-gate/internal/simulator/api"
	"github.com/agent-gate/agent-gate/internal/simulator/story"
	"github.com/agent-gate/agent-gate/internal/verdict"
)

// wire is the network between a gate and a server. It takes time; what was sent arrives,
// although the sender may have given up or died meanwhile; and once it is cut, nothing
// more is sent or received.
type wire struct {
	to http.RoundTripper
	// latency is how long a message is under way that is the n-th of its kind.
	latency func(kind string, n int) time.Duration
	// sent is told of every request that is sent, counting from 1.
	sent func(n int, path string)

	mu       sync.Mutex
	n        int
	kinds    map[string]int
	messages []message
	cut      chan struct{}
}

// message is a request that was under way.
type message struct {
	path                     string
	sent, arrived, delivered time.Time // delivered: the answer; zero when it was not
	whole                    bool      // the answer was one that can be used
}

// RoundTrip implements http.RoundTripper.
func (x *wire) RoundTrip(req *http.Request) (*http.Response, error) {
	ctx := req.Context()
	select {
	case <-x.cut:
		<-ctx.Done()
		return nil, context.Cause(ctx)
	default:
	}
	var body []byte
	if req.Body != nil {
		var err error
		if body, err = io.ReadAll(req.Body); err != nil {
			return nil, err
		}
		_ = req.Body.Close()
	}
	x.mu.Lock()
	x.n++
	n := x.n
	kind := req.URL.RequestURI()
	x.kinds[kind]++
	there, back := x.latency(kind+" there", x.kinds[kind]), x.latency(kind+" back", x.kinds[kind])
	x.messages = append(x.messages, message{path: req.URL.Path, sent: time.Now()})
	x.mu.Unlock()

	type answer struct {
		resp    *http.Response
		err     error
		arrived time.Time
		whole   bool
	}
	answers := make(chan answer, 1)
	go func() {
		time.Sleep(there)
		// No server works on a request for ever.
		detached, cancel := context.WithTimeout(context.WithoutCancel(ctx), 10*time.Minute)
		defer cancel()
		arrived := req.Clone(detached)
		arrived.Body = io.NopCloser(bytes.NewReader(body))
		got := answer{arrived: time.Now()}
		if got.resp, got.err = x.to.RoundTrip(arrived); got.err == nil {
			said, broken := io.ReadAll(got.resp.Body)
			got.whole = broken == nil && got.resp.StatusCode == http.StatusOK && len(said) <= randomMaxBody && json.Valid(said)
			got.resp.Body = io.NopCloser(io.MultiReader(bytes.NewReader(said), failing{broken}))
		}
		time.Sleep(back)
		answers <- got
	}()
	if x.sent != nil {
		x.sent(n, req.URL.Path)
	}
	select {
	case a := <-answers:
		x.mu.Lock()
		defer x.mu.Unlock()
		m := &x.messages[n-1]
		m.arrived, m.delivered, m.whole = a.arrived, time.Now(), a.whole
		return a.resp, a.err
	case <-ctx.Done():
		return nil, context.Cause(ctx)
	case <-x.cut:
		<-ctx.Done()
		return nil, context.Cause(ctx)
	}
}

// failing ends like the body that was received.
type failing struct{ err error }

func (f failing) Read([]byte) (int, error) {
	if f.err == nil {
		return 0, io.EOF
	}
	return 0, f.err
}

// ending is how a random run is stopped.
type ending string

const (
	endsItself ending = "by itself"
	endsSIGINT ending = "SIGINT"
	endsTERM   ending = "SIGTERM"
	endsKILL   ending = "SIGKILL"
)

// dice is a random run: everything about it follows from its seed.
type dice struct {
	*rand.Rand
	seed    uint64
	options simulator.Options
	fates   []fate
	config  config.Config
	timeout time.Duration
	ending  ending
	// The run is stopped when so many requests were sent, or one to this operation, or
	// after so much time.
	afterRequests  int
	afterOperation string
	after          time.Duration
	// foreign are the times at which somebody else executes the shared run test.
	foreign []time.Duration
	// stopping is what is kept back for stopping after the timeout, as of a job's limit; 0
	// for none.
	stopping time.Duration
	// next is whether, and how, another gate of the same identity runs.
	next next
	// lag is how far lists lag behind.
	lag time.Duration
	// bound is the success rate that is asked for, faultsEnd when the last fault ends.
	bound     float64
	faultsEnd time.Duration
	slow      bool // the network takes time
}

// next is whether another gate of the same identity runs.
type next string

const (
	nextNone    next = ""
	nextAfter   next = "after"        // once the first one has ended, or was killed
	nextBesides next = "side by side" // at the same time
)

// fate is what becomes of a call.
type fate struct {
	failures int // attempts that fail; many: all
	hidden   bool
	outcome  story.Outcome
}

// roll makes the random run of a seed.
func roll(seed uint64) *dice {
	d := &dice{Rand: rand.New(rand.NewPCG(seed, 0)), seed: seed, timeout: time.Hour}
	d.options = simulator.Options{
		Dialect:   pickOne(d, simulator.Documented, simulator.Deployed),
		Seed:      seed,
		Scenarios: []story.Scenario{{Name: "one", Rows: 1 + d.IntN(4)}, {Name: "two", Rows: 1 + d.IntN(3)}},
		Evals:     []story.Eval{},
	}
	if d.chance(20) {
		d.options.RefuseLimit, d.options.PageSize = true, 1+d.IntN(4)
	}
	if d.chance(15) {
		d.options.Evals = laterEvals()
		d.options.AttachEvals = true
	}
	d.rollCalls()
	d.rollPlan()
	d.rollFaults()
	d.rollConfig()
	d.rollEnding()
	d.slow = d.chance(50)
	d.rollWorld()
	return d
}

// chance is true in so many of a hundred cases.
func (d *dice) chance(percent int) bool { return d.IntN(100) < percent }

// pickOne picks one of the values.
func pickOne[T any](d *dice, values ...T) T { return values[d.IntN(len(values))] }

// between is a time from lo to hi.
func (d *dice) between(lo, hi time.Duration) time.Duration {
	return lo + time.Duration(d.Int64N(int64(hi-lo)+1))
}

// latency is how long the n-th message of a kind is under way. It does not depend on the
// order in which requests that are sent at the same time are served.
func (d *dice) latency(kind string, n int) time.Duration {
	h := fnv.New64a()
	fmt.Fprint(h, d.seed, kind, n)
	draw := &dice{Rand: rand.New(rand.NewPCG(h.Sum64(), d.seed))}
	switch {
	case !d.slow, draw.chance(40):
		return 0
	case draw.chance(4):
		return draw.between(0, 8*time.Second)
	}
	return draw.between(0, 400*time.Millisecond)
}

// jitter are numbers for the waits of the gate or of a client, of which each has its own.
func (d *dice) jitter(of string) func() float64 {
	h := fnv.New64a()
	fmt.Fprint(h, d.seed, of)
	source := rand.New(rand.NewPCG(h.Sum64(), d.seed))
	var mu sync.Mutex
	return func() float64 {
		mu.Lock()
		defer mu.Unlock()
		return source.Float64()
	}
}

// rollCalls decides about every call.
func (d *dice) rollCalls() {
	bad := pickOne(d, 0, 10, 30, 100)
	for range 8 {
		f := fate{outcome: story.Succeeds(float64(5 + d.IntN(6)))}
		if d.chance(bad) {
			switch d.IntN(5) {
			case 0:
				f = fate{failures: 99, outcome: story.Fails("no-answer")}
			case 1, 2:
				n := 1 + d.IntN(2)
				f = fate{failures: n, outcome: story.Flaky(n, "")}
			case 3:
				f = fate{hidden: true, outcome: story.Skipped("")}
			case 4:
				f = fate{hidden: true, outcome: story.ProcessingError()}
			}
		}
		d.fates = append(d.fates, f)
	}
	d.options.Plan.Each = func(c story.CallRef) (story.Outcome, bool) {
		return d.fates[c.Index%len(d.fates)].outcome, true
	}
	if d.chance(10) {
		d.options.Plan.Evals = map[string]story.EvalResult{"is_helpful": story.EvalErrored().Times(1)}
	}
}

// rollPlan makes some executions take an unusual course.
func (d *dice) rollPlan() {
	p := &d.options.Plan
	switch d.IntN(60) {
	case 0:
		p.Stuck = pickOne(d, story.StatusPending, story.StatusRunning, story.StatusEvaluating)
	case 1:
		p.SetupError = "Failed to create call execution records"
	case 2:
		p.NoCalls = true
	case 3:
		p.ExecuteError = "Temporal is down"
	case 4:
		p.CancelAfter = d.between(0, 4*time.Minute)
	case 5:
		p.FailAfter = d.between(0, 4*time.Minute)
	case 6, 7:
		p.StuckReruns = true
	case 8, 9:
		p.RerunDispatchError = "Failed client connect"
	case 10:
		p.MissingRows = 1
	case 11:
		p.LostRecords = 1
	case 12:
		from := d.between(0, 3*time.Minute)
		p.Statuses = []story.StatusWindow{{From: from, To: from + d.between(0, 3*time.Minute), Status: "warming_up"}}
	case 13:
		p.CancelError = "Temporal is down"
	case 14:
		p.Reshuffle = 1 + d.IntN(3)
	case 15, 16:
		p.RerunRejects = map[int]string{d.IntN(4): "busy"}
	case 17:
		p.Stuck = story.StatusCancelling
	}
	p.SyncCancel = d.chance(20)
}

// rollFaults makes requests go wrong.
func (d *dice) rollFaults() {
	endpoints := []api.Endpoint{
		"", api.EndpointCreate, api.EndpointIDByName, api.EndpointRunTests, api.EndpointRunTest,
		api.EndpointExecute, api.EndpointExecute, api.EndpointExecutions, api.EndpointExecution,
		api.EndpointMetrics, api.EndpointRerun, api.EndpointRerun, api.EndpointCancel, api.EndpointNewEvals,
	}
	n := 0
	if d.chance(60) {
		n = 1 + d.IntN(5)
	}
	for range n {
		x := pickOne(d, troubles()...)
		f := x.fault
		if f.Kind == simulator.FaultHuge {
			f.Size = randomMaxBody
		}
		f.Endpoint = endpoints[d.IntN(len(endpoints))]
		f.After = d.IntN(4)
		f.Count = pickOne(d, 1, 1, 1, 2, 4, 12)
		f.To = d.between(time.Minute, 90*time.Minute)
		if f.Kind == simulator.FaultSlow || f.Kind == simulator.FaultStall {
			f.Delay = d.between(time.Second, 45*time.Second)
		}
		d.options.Faults = append(d.options.Faults, f)
		d.faultsEnd = max(d.faultsEnd, f.To)
	}
	if d.chance(10) {
		from := d.between(0, 10*time.Minute)
		f := simulator.Outage(pickOne(d, simulator.FaultRefused, simulator.FaultBadGateway, simulator.FaultReset), from, from+d.between(0, 90*time.Minute))
		d.options.Faults = append(d.options.Faults, f)
		d.faultsEnd = max(d.faultsEnd, f.To)
	}
}

// rollWorld decides about clocks, lists, a job's limit, and other gates.
func (d *dice) rollWorld() {
	if d.chance(20) {
		d.options.Skew = d.between(-20*time.Minute, 20*time.Minute)
	}
	if d.chance(20) {
		d.lag = d.between(time.Second, 45*time.Second)
		for _, list := range []api.Endpoint{api.EndpointExecutions, api.EndpointIDByName, api.EndpointRunTests} {
			d.options.Faults = append(d.options.Faults, simulator.Fault{Endpoint: list, Kind: simulator.FaultLag, Delay: d.lag, Count: simulator.Always})
		}
	}
	if d.chance(20) {
		d.stopping = d.between(5*time.Second, time.Minute)
	}
	if d.chance(10) {
		// The start is refused, and carried out or not.
		refused := pickOne(d, simulator.FaultRateLimit, simulator.FaultUnavailable, simulator.FaultStatus)
		f := simulator.Fault{Endpoint: pickOne(d, api.EndpointExecute, api.EndpointExecute, api.EndpointRerun, api.EndpointCreate),
			Kind: refused, Status: http.StatusConflict, Handled: d.chance(60), Count: 1 + d.IntN(3)}
		if d.chance(50) {
			f.RetryAfter = d.between(time.Second, time.Minute)
		}
		d.options.Faults = slices.Insert(d.options.Faults, 0, f)
	}
	if d.config.Target.Mode == config.ModeCreate {
		d.next = pickOne(d, nextNone, nextNone, nextAfter, nextBesides)
	} else {
		d.next = pickOne(d, nextNone, nextAfter)
	}
	if len(d.foreign) > 0 && d.chance(60) {
		d.foreign[0] = d.between(0, 3*time.Second) // in the same moment
	}
}

// rollConfig decides what the user asks for. The target is filled in by the world.
func (d *dice) rollConfig() {
	d.bound = pickOne(d, 50.0, 80, 100)
	d.config = config.Config{
		Target: config.Target{Mode: pickOne(d, config.ModeCreate, config.ModeCreate, config.ModeCreate, config.ModeExecute, config.ModeExecute, config.ModeAttach)},
		Reruns: config.Reruns{Attempts: d.IntN(4), Max: kind.Amount{IsShare: true, Percent: pickOne(d, 25.0, 100, 100)}},
		Rules: verdict.Rules{
			Set:        criteria.Set{Criteria: []criteria.Criterion{criteria.MinSuccessRate(d.bound)}},
			Confidence: 95,
			DecideOn:   verdict.DecideOnEstimate,
		},
		FailFast: d.chance(15),
		Waiting: config.Waiting{
			PollMinInterval: d.between(time.Second, 10*time.Second),
			PollMaxInterval: d.between(10*time.Second, time.Minute),
			CancelOnExit:    !d.chance(5),
		},
	}
	if d.config.Target.Mode == config.ModeExecute && len(d.options.Evals) > 0 {
		d.config.NewEvalConfigIDs = append(d.config.NewEvalConfigIDs, simulator.New(d.options).EvalConfigs()[1].ID)
	}
	if d.chance(10) {
		d.config.MaxCalls = 1 + d.IntN(8)
	}
	if d.chance(20) {
		d.timeout = d.between(time.Second, 10*time.Minute)
	}
	if d.config.Target.Mode == config.ModeExecute {
		for range d.IntN(3) {
			d.foreign = append(d.foreign, d.between(0, 15*time.Minute))
		}
		slices.Sort(d.foreign)
	}
}

// rollEnding decides how the run is stopped, and when: at some time, or in the middle of
// a request.
func (d *dice) rollEnding() {
	d.ending = pickOne(d, endsItself, endsItself, endsItself, endsSIGINT, endsSIGINT, endsTERM, endsTERM, endsKILL, endsKILL, endsKILL)
	switch d.IntN(4) {
	case 0:
		d.afterRequests = 1 + d.IntN(25)
	case 1:
		d.afterOperation = pickOne(d, "/create/", "/execute/", "/execute/", "/rerun-calls/", "/rerun-calls/", "/rerun-calls/", "/run-new-evals/")
	}
	d.after = d.between(0, 6*time.Minute)
}
