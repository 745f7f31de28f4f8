package gate_test

import (
	"context"
	"fmt"
	"hash/fnv"
	"maps"
	"math/rand/v2"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/google/uuid"

	"github.com/agent-gate/agent-gate/internal/budget"
	"github.com/agent-gate/agent-gate/internal/client"
	"github.com/agent-gate/agent-gate/internal/config"
	"github.com/agent-gate/agent-gate/internal/config/kind"
	"github.com/agent-gate/agent-gate/internal/criteria"
	"github.com/agent-gate/agent-gate/internal/gate"
	"github.com/agent-gate/agent-gate/internal/gate/company"
	"github.com/agent-gate/agent-gate/internal/gate/paid"
	"github.com/agent-gate/agent-gate/internal/simulator"
	"github.com/agent-gate/agent-gate/internal/simulator/api"
	"github.com/agent-gate/agent-gate/internal/simulator/story"
	"github.com/agent-gate/agent-gate/internal/verdict"
)

// companyDice is a random suite: everything about it follows from its seed.
type companyDice struct {
	*rand.Rand
	seed  uint64
	rows  []int // of each gate's scenario
	gates []func(*config.Config)
	short int // the gate with a short timeout; -1 for none
	limit int // calls of all gates; 0 for none
	// minutes is the common limit of call minutes; 0 for none.
	minutes float64
	slow    int // the gate whose calls last long; -1 for none
	ending  ending
	after   time.Duration
	faults  []simulator.Fault
}

func rollCompany(seed uint64) *companyDice {
	d := &companyDice{Rand: rand.New(rand.NewPCG(seed, 29)), seed: seed, short: -1, slow: -1}
	total := 0
	for range 2 + d.IntN(4) {
		rows, reruns, trials, bar := 2+d.IntN(7), d.IntN(3), 1+d.IntN(2), float64(20+d.IntN(80))
		d.rows = append(d.rows, rows)
		total += rows * trials
		d.gates = append(d.gates, func(c *config.Config) {
			c.Reruns = config.Reruns{Attempts: reruns, Max: kind.Amount{IsShare: true, Percent: 100}}
			c.Trials = config.Trials{Count: trials, Max: trials}
			c.Rules.Criteria = []criteria.Criterion{criteria.MinSuccessRate(bar)}
		})
	}
	if d.IntN(2) == 0 {
		d.limit = 1 + int(float64(total)*(0.2+1.4*d.Float64()))
	}
	if d.IntN(4) == 0 {
		d.short = d.IntN(len(d.rows))
	}
	d.ending = []ending{endsItself, endsItself, endsItself, endsTERM, endsKILL}[d.IntN(5)]
	d.after = time.Duration(d.IntN(8*60)) * time.Second
	for range d.IntN(3) { // fewer than a request is sent again
		d.faults = append(d.faults, simulator.Fault{
			Kind:     []simulator.FaultKind{simulator.FaultServerError, simulator.FaultReset, simulator.FaultBadGateway, simulator.FaultTruncated}[d.IntN(4)],
			Endpoint: []api.Endpoint{api.EndpointExecution, api.EndpointMetrics, api.EndpointRunTest, api.EndpointExecutions}[d.IntN(4)],
			After:    d.IntN(6), Count: 1 + d.IntN(2),
		})
	}
	if d.IntN(3) == 0 {
		d.minutes = float64(total) * (0.2 + 3*d.Float64())
		d.slow = d.IntN(len(d.rows))
	}
	return d
}

func (d *companyDice) dialect() simulator.Dialect {
	return []simulator.Dialect{simulator.Documented, simulator.Deployed}[d.seed%2]
}

// scenario is the name of a gate's scenario.
func (d *companyDice) scenario(gate int) string { return fmt.Sprintf("scenario %d", gate) }

// options is the server. What becomes of a call depends on its row alone, so that it is the same whichever
// gates run.
func (d *companyDice) options(faults []simulator.Fault) simulator.Options {
	o := simulator.Options{
		Dialect: d.dialect(), Seed: d.seed, Faults: faults,
		Plan: story.Plan{Each: func(ref story.CallRef) (story.Outcome, bool) {
			h := fnv.New64a()
			fmt.Fprint(h, d.seed, ref.Scenario, ref.Row.Row)
			o := story.Outcome{Talk: time.Duration(60+h.Sum64()%120) * time.Second}
			if d.slow >= 0 && ref.Scenario == d.scenario(d.slow) {
				o.Talk *= 8
			}
			switch h.Sum64() >> 20 % 6 {
			case 0:
				o.Fails, o.FailReason = true, "no-answer"
			case 1:
				o.FailFirst, o.FailReason = 1, "no-answer"
			}
			return o, true
		}},
	}
	for i, rows := range d.rows {
		o.Scenarios = append(o.Scenarios, story.Scenario{Name: d.scenario(i), Rows: rows})
	}
	return o
}

// recorder is the journal of one gate, whose last record is its state file.
type recorder struct {
	mu   sync.Mutex
	last paid.Record
}

// Write implements paid.Journal.
func (r *recorder) Write(record paid.Record) error {
	r.mu.Lock()
	defer r.mu.Unlock()
	r.last = record
	return nil
}

// gateOf makes a gate of the suite in a world.
func (d *companyDice) gateOf(w *world, i int, transport *wire) (gate.Gate, *recorder) {
	g, journal := w.gate, &recorder{}
	d.gates[i](&g.Config)
	g.Config.Gate = fmt.Sprintf("gate-%d", i)
	g.Config.Target.ScenarioIDs = w.server.ScenarioIDs()[i : i+1]
	g.Name = g.Config.Gate + "-" + uuid.NewSHA1(uuid.Nil, []byte{byte(i)}).String()
	g.Observe, g.Journal = nil, journal
	if d.short == i {
		g.Timeout = 90 * time.Second
	}
	var err error
	g.API, err = client.New(client.Options{BaseURL: g.Config.API.BaseURL, APIKey: "test-api-key", SecretKey: "test-secret-key", Transport: transport})
	if err != nil {
		w.t.Fatal(err)
	}
	return g, journal
}

// wireTo is a network without latency.
func wireTo(w *world) *wire {
	return &wire{to: w.server.Transport(), latency: func(string, int) time.Duration { return 0 }, kinds: map[string]int{}, cut: make(chan struct{})}
}

// placed is how many calls the server was made to place, each try of a call once.
func placed(w *world) (n int) {
	for _, e := range w.server.Executions() {
		for _, c := range e.Calls {
			n += c.Attempts
		}
	}
	return n
}

// TestRandomCompanies runs several gates side by side with random calls, budgets, faults, signals and kills:
// nothing is left running, the budget is never passed, and each gate that ran comes to the verdict to which
// it comes alone.
//
//	go test ./internal/gate -run TestRandomCompanies -v -random-runs 1000
func TestRandomCompanies(t *testing.T) {
	t.Parallel()
	runs := uint64(*randomRuns)
	if *randomRuns == gate.RandomSlice { // each is a suite
		runs /= 4
	}
	came := map[string]int{}
	for seed := range runs {
		d := rollCompany(seed)
		var got []gate.Result
		var members []*company.Member
		inWorld(t, d.options(d.faults), func(w *world) {
			got, members = d.run(w)
			// The documented API does not tell how many calls a start will place.
			if n := placed(w); d.limit > 0 && n > d.limit && d.dialect() == simulator.Deployed {
				t.Errorf("seed %d: %d calls were placed, the budget is %d", seed, n, d.limit)
			}
			if late := d.late(w); late > 0 {
				t.Errorf("seed %d: %d calls went on after the %v minutes of the budget were used up", seed, late, d.minutes)
			}
			w.wantNothingRunning()
		})
		for i := range d.rows {
			if d.ending != endsItself {
				came[string(d.ending)]++
				continue
			}
			if members[i].Refusal() != nil {
				came["not started"]++
				if got[i].Verdict.Cause != verdict.CauseBudget {
					t.Errorf("seed %d: gate %d was refused and is %s %s", seed, i, got[i].Verdict.Kind, got[i].Verdict.Cause)
				}
				continue
			}
			if strings.Contains(fmt.Sprint(got[i].Evidence.Reruns, got[i].Evidence.Warnings), "budget") {
				came["without all reruns and trials"]++
				continue
			}
			if got[i].Verdict.Cause == verdict.CauseBudget {
				came["over the budget"]++
				continue
			}
			var alone gate.Result
			inWorld(t, d.options(nil), func(w *world) {
				g, _ := d.gateOf(w, i, wireTo(w))
				alone = g.Run(w.t.Context())
			})
			a, b := got[i].Verdict, alone.Verdict
			if a.Cause == verdict.CauseTimeout && i == d.short {
				came["timed out"]++ // alone it may have been in time by a second
				continue
			}
			if b.Cause != verdict.CauseTimeout && (a.Kind != b.Kind || a.Cause != b.Cause || a.Counts != b.Counts) {
				t.Errorf("seed %d: gate %d is %s %s (%s; %v), alone %s %s (%s)", seed, i, a.Kind, a.Cause, a.Reason, got[i].Evidence.Warnings, b.Kind, b.Cause, b.Reason)
			}
			came[string(alone.Verdict.Kind)]++
		}
		if t.Failed() {
			return
		}
	}
	t.Log(came)
	if runs < 150 {
		return // too few for all that can come
	}
	for _, want := range []string{"pass", "fail", "not started", "without all reruns and trials", "over the budget", "timed out", string(endsTERM), string(endsKILL)} {
		if came[want] == 0 {
			t.Errorf("no gate came to %q among %v", want, maps.Keys(came))
		}
	}
}

// late counts the calls that went on although it should have been noticed that the minutes were used up.
func (d *companyDice) late(w *world) (n int) {
	over, minutes := time.Time{}, 0.0
	_, ends := w.spent(0)
	for _, e := range ends {
		if minutes += e.seconds / 60; minutes > d.minutes {
			over = e.at
			break
		}
	}
	if d.minutes == 0 || over.IsZero() || len(d.faults) > 0 || d.ending == endsKILL {
		return 0
	}
	for _, e := range ends {
		if e.at.After(over.Add(noticedWithin + cancelledWithin)) {
			n++
		}
	}
	return n
}

// cancelledWithin is how long the server may take to end the calls of an execution that is cancelled.
const cancelledWithin = time.Minute

// run runs the suite in a world, and cleans up after a kill.
func (d *companyDice) run(w *world) ([]gate.Result, []*company.Member) {
	var names []string
	for i := range d.rows {
		names = append(names, fmt.Sprintf("gate-%d", i))
	}
	members := company.New(names, budget.Limits{Calls: d.limit, Minutes: d.minutes}, 0).Members()
	network := wireTo(w)
	got, journals := make([]gate.Result, len(d.rows)), make([]*recorder, len(d.rows))
	ctx, cancel := context.WithCancelCause(w.t.Context())
	defer cancel(nil)
	stop := func() {}
	switch d.ending {
	case endsTERM:
		stop = func() { cancel(gate.ErrTerminated) }
	case endsKILL:
		stop = func() {
			close(network.cut)
			cancel(gate.ErrTerminated) // nothing of what it does then gets out
		}
	}
	timer := time.AfterFunc(d.after, stop)
	defer timer.Stop()
	var running sync.WaitGroup
	for i := range d.rows {
		g, journal := d.gateOf(w, i, network)
		journals[i] = journal
		g.Company = members[i]
		running.Go(func() {
			got[i] = g.Run(ctx)
			members[i].Over(got[i].Verdict, got[i].Evidence.Budget.Spent)
		})
	}
	running.Wait()
	if d.ending != endsKILL {
		return got, members
	}
	time.Sleep(time.Minute)
	for i := range d.rows {
		if left := journals[i].last; left.LeftBehind() {
			g, _ := d.gateOf(w, i, wireTo(w))
			g.Cleanup(w.t.Context(), left)
		}
	}
	return got, members
}
