package gate

import (
	"context"
	"errors"
	"fmt"
	"time"

	"github.com/agent-gate/agent-gate/internal/client"
	"github.com/agent-gate/agent-gate/internal/config"
	"github.com/agent-gate/agent-gate/internal/gate/event"
	"github.com/agent-gate/agent-gate/internal/gate/evidence"
	"github.com/agent-gate/agent-gate/internal/gate/paid"
	"github.com/agent-gate/agent-gate/internal/gate/patience"
	"github.com/agent-gate/agent-gate/internal/gate/plan"
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

// run is the state of one Gate.Run.
type run struct {
	Gate
	log      *event.Log
	gathered *evidence.Gathered
	// unsure is true when it is not known whether a killed process has run the new evals.
	unsure bool
	began  time.Time
	// end is when the run has to have stopped at the latest; zero for none.
	end time.Time
	// partial is what was read of the ended execution before a page could not be.
	partial client.Execution
	// rerunLost is true once the answer to a rerun was lost and nothing came of it.
	rerunLost bool
	// doubted is true while a terminal status may be the one from before a rerun.
	doubted  bool
	patience *patience.Patience
	paid     *paid.Run
	plan     *plan.Planner
	// evaluated is true once the new evals have run.
	evaluated bool
	// overspent is true once it was said that the run is larger than max-calls.
	overspent bool
	// identifying is true once the run test of an attached execution was looked for.
	identifying bool
	// hosted is true once the server has said that the calls exist: of a text agent that its
	// hosted runner places them.
	hosted bool
	// timeUp is true once the time is up and only a last read is left.
	timeUp bool
	// lateUntil is when the wait for results that are late ends; zero while there is none.
	lateUntil time.Time
	// cancellingSince is since when the execution is seen cancelling; zero when it is not.
	cancellingSince time.Time
	// shortened is true once it was said that texts are cut.
	shortened bool
	// hope is for fail-fast.
	hope hope
}

// Run runs the gate to its end. It returns when the run is judged, or when nothing
// more can be found out; whatever it started and does not need any more is then
// cancelled, unless the input cancel-on-exit forbids it.
func (g Gate) Run(ctx context.Context) Result {
	if g.Config.Waiting.ResultsWait == 0 {
		g.Config.Waiting.ResultsWait = defaultResultsWait
	}
	r := g.begin()
	r.end = r.began.Add(r.Timeout + r.stopTime())
	v := r.judge(ctx)
	found := r.known()
	found.Timing.FinishedAt = time.Now().UTC()
	found.API = verdict.API{Stats: r.API.Stats(), Adopted: r.paid.Adopted(), BaseURLSource: text.New(r.Config.API.BaseURLSource)}
	if base := r.Config.API.BaseURL; base != nil {
		found.API.BaseURL = text.New(base.String())
	}
	return Result{Evidence: found, Verdict: v, Baseline: r.plan.Rules().Baseline}
}

// begin is a run that has done nothing.
func (g Gate) begin() *run {
	r := &run{Gate: g, log: event.NewLog(g.Observe), patience: &patience.Patience{}, gathered: evidence.New(), began: time.Now()}
	if g.Config.DryRun {
		g.Journal = nil
	}
	r.paid = paid.New(g.settings(r.log, r.patience))
	r.plan = plan.New(g.API, r.log, g.Config, g.BaselineName)
	return r
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

// judge does the run's steps and turns whatever ends them into a verdict.
func (r *run) judge(parent context.Context) (v verdict.Verdict) {
	ctx, cancel := context.WithTimeoutCause(parent, r.Timeout, errTimeout)
	defer cancel()
	defer func() {
		// A bug must not leave a paid run going, and must not be taken for a verdict.
		if p := recover(); p != nil {
			r.log.Silence() // it may be what panicked
			v = r.stopped(parent, ctx, fmt.Errorf("internal error, please report it: %v", p))
		}
	}()

	if r.Config.DryRun {
		return r.dryRun(parent, ctx)
	}
	r.inherit()
	err := r.steps(ctx)
	if lost, ok := errors.AsType[lostError](err); ok {
		if !r.endedAnyway(ctx) {
			return r.withTranscripts(ctx, r.failedFast(ctx, lost))
		}
		err = r.ending(ctx)
	}
	if err != nil && errors.Is(context.Cause(ctx), errTimeout) && r.endedMeanwhile(parent) {
		// It had ended when the time was up, and only the last read was missing:
		// that is a result, not a timeout.
		late, cancelLate := context.WithTimeoutCause(parent, min(lastRead, time.Until(r.end)), paid.ErrNoTime)
		defer cancelLate()
		r.timeUp = true
		if err = r.collect(late); err == nil {
			err = r.withoutMore()
		}
		if isUnread(err) && parent.Err() == nil {
			r.paid.Finish() // it has ended: there is nothing to cancel
			return verdict.Errored(verdict.CauseOperational, text.New(err.Error()), r.known(), r.plan.Rules())
		}
	}
	if err != nil {
		return r.stopped(parent, ctx, err)
	}
	r.paid.Finish()
	if c := verdict.Compare(r.known(), r.plan.Rules()); c != nil {
		for _, w := range c.Warnings {
			r.log.Warn(w)
		}
	}
	return r.withTranscripts(ctx, r.explainText(verdict.Judge(r.known(), r.plan.Rules())))
}

// steps are a run from its start to the last call read.
func (r *run) steps(ctx context.Context) error {
	if err := r.start(ctx); err != nil {
		return err
	}
	r.log.Tell(event.Phase{Name: "Wait for the calls"})
	r.hope.watched = true
	if err := r.watch(ctx); err != nil {
		return err
	}
	again, unsure, err := r.paid.SettleInherited(ctx)
	r.unsure = unsure
	if err != nil {
		return err
	}
	if again {
		if err := r.watch(ctx); err != nil {
			return err
		}
	}
	return r.ending(ctx)
}

// ending are the steps from the end of the calls to the last result read.
func (r *run) ending(ctx context.Context) error {
	r.hope.watched = false
	r.sayBlind()
	if err := r.collect(ctx); err != nil {
		return err
	}
	if err := r.plan.CheckCame(r.gathered.Calls()); err != nil {
		return err
	}
	if errors.Is(context.Cause(ctx), errTimeout) {
		return r.withoutMore()
	}
	if err := r.rerun(ctx); err != nil {
		return err
	}
	return r.newEvals(ctx)
}

// withoutMore ends a run whose calls have ended and were read when the time was up: it is
// judged by them.
func (r *run) withoutMore() error {
	if r.Config.Reruns.Attempts > 0 {
		r.log.Note(text.New("The time is up, so nothing is rerun."))
	}
	if r.owesEvals() {
		return r.withoutEvals(text.New("the time was up"))
	}
	return nil
}
