package gate

import (
	"context"
	"errors"
	"time"

	"github.com/google/uuid"

	"github.com/agent-gate/agent-gate/internal/agent"
	"github.com/agent-gate/agent-gate/internal/budget"
	"github.com/agent-gate/agent-gate/internal/calls"
	"github.com/agent-gate/agent-gate/internal/client"
	"github.com/agent-gate/agent-gate/internal/config"
	"github.com/agent-gate/agent-gate/internal/gate/event"
	"github.com/agent-gate/agent-gate/internal/gate/paid"
	"github.com/agent-gate/agent-gate/internal/gate/patience"
	"github.com/agent-gate/agent-gate/internal/gate/plan"
	"github.com/agent-gate/agent-gate/internal/gate/runname"
	"github.com/agent-gate/agent-gate/internal/gate/spending"
	"github.com/agent-gate/agent-gate/internal/gate/talk"
	"github.com/agent-gate/agent-gate/internal/text"
	"github.com/agent-gate/agent-gate/internal/verdict"
)

// The causes with which callers cancel a run's context. They determine the exit code.
var (
	ErrInterrupted = errors.New("interrupted (SIGINT)")
	ErrTerminated  = errors.New("terminated (SIGTERM)")
)

// defaultResultsWait is how long to wait for late results if the input is not set.
const defaultResultsWait = 10 * time.Minute

// errTimeout is the cause once the timeout has passed.
var errTimeout = errors.New("timed out")

// Gate is one run of the gate. Its fields are set before Run and not changed.
type Gate struct {
	API    API
	Config config.Config
	// Name is the name of the run test to create. It is the same for the whole job attempt
	// (see [runname.Of]), to look up a run test whose creation got no response.
	Name string
	// Description describes the run test to create (see [runname.Description]).
	Description string
	// Timeout bounds the whole run: the input, or less if the CI job itself ends sooner.
	Timeout time.Duration
	// BaselineName is the prefix of the run test names to search for a baseline (see
	// [runname.Baseline]); empty if unknown.
	BaselineName string
	// Random returns numbers in [0,1) that spread the waits between polls, to keep jobs from
	// polling in step. Nil means math/rand.
	Random func() float64
	// Observe receives events as they happen. It must return quickly.
	Observe func(event.Event)
	// Journal records what was started, for cleanup after a kill.
	Journal paid.Journal
	// Others reports whether another process of the same job attempt and inputs is running, or
	// has run since this one began: new executions may then be that process's. It is called
	// before and after each request with an uncertain outcome. Nil if unknown.
	Others func() bool
	// Stopping is how much longer than Timeout the run may take to stop: last reads, the search
	// after a lost start, the cancel. 0 means half of Timeout, between 10 s and a minute.
	Stopping time.Duration
	// Earlier is the record of an earlier process of the same job attempt and inputs that was
	// killed without a verdict, which this run resumes; nil if there was none.
	Earlier *paid.Record
	// Agent starts the agent under test if Config.Agent is given; nil otherwise. The agent calls
	// warn, from any goroutine, with what the reports should say about it. The context does not
	// end before the run does: the gate closes the agent.
	Agent func(ctx context.Context, warn func(text.Untrusted)) (agent.Agent, error)

	// Quarantine has the scenarios that run and are shown, and that are not judged.
	Quarantine []verdict.Quarantined

	// Company is what the gate has in common with others that run at the same time; nil if it is alone.
	Company Company

	startOnly bool // see Start
}

// Company is what gates that run side by side have in common. Its methods may be called at the same time.
type Company interface {
	// Ready is called once everything is checked that costs nothing, and waits until all gates are ready or
	// have failed. calls is how many this one plans, 0 if unknown, and e what they will take, nil if unknown.
	// An error ends the gate before anything is paid for.
	Ready(ctx context.Context, calls int, e *budget.Estimate) error
	// More reserves further calls, for reruns and trials, of which each takes what it took so far, and says
	// why there are none; empty if it did.
	More(calls int, each budget.Spent) text.Untrusted
	// Back gives back calls of More that are not placed after all.
	Back(calls int)
	// Placed tells how many calls the gate has placed or will place by what the server has made. It says why
	// that is too much; empty if it is not.
	Placed(calls int) text.Untrusted
	// Slots limits the conversations of all gates together; nil for no limit beside each gate's own.
	Slots() chan struct{}
	// Record tells how far the gate has come, and Beside how far the others have: two may execute one run test.
	Record(paid.Record)
	Beside() []paid.Record
	// The common budget of money and minutes.
	spending.Share
}

// share returns the budget that a gate shares with others; nil if it is alone.
func share(c Company) spending.Share {
	if c == nil {
		return nil
	}
	return c
}

// NotStartedError is the error with which [Company.Ready] ends a gate although nothing is wrong with it.
type NotStartedError struct {
	Cause  verdict.Cause
	Reason text.Untrusted
}

// Error implements error.
func (e NotStartedError) Error() string { return e.Reason.Line() }

// Result is what a run found out and how it was judged.
type Result struct {
	Evidence verdict.Evidence
	Verdict  verdict.Verdict
	// Baseline is what the run was compared with; nil if nothing.
	Baseline *verdict.Baseline
}

// Run runs the gate to its end. It returns when the run is judged or cannot be judged; whatever
// it started and no longer needs is then cancelled, unless cancel-on-exit is false.
func (g Gate) Run(ctx context.Context) Result {
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

// Start runs the gate until the server has accepted the execution, and leaves it to a later run with the same
// run-key. The verdict is skipped then, and its reason says what was started.
func (g Gate) Start(ctx context.Context) Result {
	g.startOnly = true
	return g.Run(ctx)
}

// settings returns the settings of the paid run.
func (g Gate) settings(log *event.Log, p *patience.Patience) paid.Settings {
	base := ""
	if g.Config.API.BaseURL != nil {
		base = g.Config.API.BaseURL.String()
	}
	journal := g.Journal
	var beside func() []paid.Record
	if g.Company != nil {
		journal, beside = told{g.Company, journal}, g.Company.Beside
	}
	return paid.Settings{
		API: g.API, Log: log, Patience: p, Journal: journal, Others: g.Others, Beside: beside,
		BaseURL: base, Key: runname.Key(g.Name), Page: g.Config.API.ExecutionURL,
		PollMaxInterval: g.Config.Waiting.PollMaxInterval, CancelOnExit: g.Config.Waiting.CancelOnExit,
	}
}

// told is a journal of which the company is told.
type told struct {
	company Company
	next    paid.Journal // nil for none
}

// Write implements [paid.Journal].
func (t told) Write(r paid.Record) error {
	t.company.Record(r)
	if t.next == nil {
		return nil
	}
	return t.next.Write(r)
}

// Cleanup cancels what a killed run left behind, see [paid.Cleanup]. It only uses the gate's API,
// Journal, Others, and from Config the base URL and cancel-on-exit.
func (g Gate) Cleanup(ctx context.Context, record paid.Record) text.Untrusted {
	return paid.Cleanup(ctx, g.settings(event.NewLog(g.Observe), &patience.Patience{}), record)
}

// API is what the gate needs of the Future AGI API; *client.Client implements it.
type API interface {
	paid.API
	plan.API
	phaseAPI
	// Stats counts the requests so far.
	Stats() calls.Stats
}

// phaseAPI is what the phases call themselves. Only package paid can start or cancel an
// execution.
type phaseAPI interface {
	// RunTest reads a run test.
	RunTest(ctx context.Context, id uuid.UUID) (calls.RunTest, error)
	// Poll reads the status and counts of an execution, in one small request.
	Poll(ctx context.Context, executionID uuid.UUID) (calls.Progress, error)
	// Collect reads an execution with all pages of its calls, each call once.
	Collect(ctx context.Context, executionID uuid.UUID) (calls.Execution, error)
	// RerunCalls reruns calls of a terminal execution. It is never sent twice.
	RerunCalls(ctx context.Context, executionID uuid.UUID, typ calls.RerunType, calls []uuid.UUID) (calls.RerunResult, error)
	// RunNewEvals runs evals on a completed execution. It is never sent twice.
	RunNewEvals(ctx context.Context, runTestID uuid.UUID, body client.RunNewEvals) (calls.NewEvalsResult, error)
	// Transcripts reads the transcripts of calls, several at a time, with one result for each
	// call, in their order.
	Transcripts(ctx context.Context, executionID uuid.UUID, calls []uuid.UUID) []client.TranscriptResult
	// The conversations.
	talk.API
}
