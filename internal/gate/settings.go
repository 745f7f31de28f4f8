package gate

import (
	"context"
	"errors"
	"time"

	"github.com/agent-gate/agent-gate/internal/config"
	"github.com/agent-gate/agent-gate/internal/gate/event"
	"github.com/agent-gate/agent-gate/internal/gate/paid"
	"github.com/agent-gate/agent-gate/internal/gate/patience"
	"github.com/agent-gate/agent-gate/internal/gate/runname"
	"github.com/agent-gate/agent-gate/internal/text"
	"github.com/agent-gate/agent-gate/internal/verdict"
)

// The causes with which a run's context is cancelled from outside. The exit code
// follows from them.
var (
	ErrInterrupted = errors.New("interrupted (SIGINT)")
	ErrTerminated  = errors.New("terminated (SIGTERM)")
)

// defaultResultsWait is how long late results are waited for where nobody said.
const defaultResultsWait = 10 * time.Minute

// errTimeout is the cause when the input timeout has passed.
var errTimeout = errors.New("timed out")

// Gate is one run of the gate. Its fields are set before Run and not changed.
type Gate struct {
	API    API
	Config config.Config
	// Name is the name of the run test to create. The same job attempt always gives
	// the same one (see [runname.Of]), so that a lost create can be looked up.
	Name string
	// Description is that of the run test to create (see [runname.Description]).
	Description string
	// Timeout bounds the whole run; it is the input, or less when the CI job itself
	// ends sooner.
	Timeout time.Duration
	// BaselineName is how the names of the gate runs begin that the baseline is looked
	// for among (see [runname.Baseline]); empty when it is not known.
	BaselineName string
	// Random gives numbers from 0 to 1 that spread the waits between polls, so that many
	// jobs do not poll in step. Nil means math/rand.
	Random func() float64
	// Observe is told what happens while it happens. It must return quickly.
	Observe func(event.Event)
	// Journal keeps what was started, for cleanup after a kill.
	Journal paid.Journal
	// Others reports whether another process of the same job attempt, with the same inputs,
	// lives besides this one, or has lived since this one began: what is new under the name of
	// the run test may then be its. It is asked before and after each request in doubt. Nil
	// when there is none to be known of.
	Others func() bool
	// Stopping is how long the run may go on after Timeout to stop: the last reads, the
	// search after a lost start, the cancel. 0 means half of Timeout, from 10 s to a minute.
	Stopping time.Duration
	// Earlier is what an earlier process of the same job attempt, with the same inputs, noted
	// before it was killed without a verdict; nil when there was none. It is taken up.
	Earlier *paid.Record
}

// Result is what a run found out and how it was judged.
type Result struct {
	Evidence verdict.Evidence
	Verdict  verdict.Verdict
	// Baseline is what the run was compared with; nil without one.
	Baseline *verdict.Baseline
}

// Run runs the gate to its end. It returns when the run is judged, or when nothing
// more can be found out; whatever it started and does not need any more is then
// cancelled, unless the input cancel-on-exit forbids it.
func (g Gate) Run(ctx context.Context) Result {
	if g.Config.Waiting.ResultsWait == 0 {
		g.Config.Waiting.ResultsWait = defaultResultsWait
	}
	r := g.begin()
	v := r.judge(ctx)
	found := r.known()
	found.Timing.FinishedAt = time.Now().UTC()
	found.API = verdict.API{Stats: g.API.Stats(), Adopted: r.paid.Adopted(), BaseURLSource: text.New(g.Config.API.BaseURLSource)}
	if base := g.Config.API.BaseURL; base != nil {
		found.API.BaseURL = text.New(base.String())
	}
	return Result{Evidence: found, Verdict: v, Baseline: r.plan.Rules().Baseline}
}

// settings are what the paid run is given.
func (g Gate) settings(log *event.Log, p *patience.Patience) paid.Settings {
	base := ""
	if g.Config.API.BaseURL != nil {
		base = g.Config.API.BaseURL.String()
	}
	return paid.Settings{
		API: g.API, Log: log, Patience: p, Journal: g.Journal, Others: g.Others,
		BaseURL: base, Key: runname.Key(g.Name), Page: g.Config.API.ExecutionURL,
		PollMaxInterval: g.Config.Waiting.PollMaxInterval, CancelOnExit: g.Config.Waiting.CancelOnExit,
	}
}

// Cleanup cancels what a killed run left behind, see [paid.Cleanup]. Of the gate it uses the
// API, the base URL and the input cancel-on-exit of the configuration, the journal, and Others.
func (g Gate) Cleanup(ctx context.Context, record paid.Record) text.Untrusted {
	return paid.Cleanup(ctx, g.settings(event.NewLog(g.Observe), &patience.Patience{}), record)
}
