package paid

import (
	"context"
	"errors"
	"iter"
	"slices"
	"time"

	"github.com/google/uuid"

	"github.com/agent-gate/agent-gate/internal/calls"
	"github.com/agent-gate/agent-gate/internal/client"
	"github.com/agent-gate/agent-gate/internal/gate/event"
	"github.com/agent-gate/agent-gate/internal/gate/patience"
	"github.com/agent-gate/agent-gate/internal/text"
	"github.com/agent-gate/agent-gate/internal/verdict"
)

// API is the part of the Future AGI API that starts, finds and cancels executions.
type API interface {
	// CreateRunTest creates a run test. It places no calls.
	CreateRunTest(ctx context.Context, body client.CreateRunTest) (calls.RunTest, error)
	// DeleteRunTest deletes a run test, which the server refuses while an execution is running.
	DeleteRunTest(ctx context.Context, id uuid.UUID) error
	// RunTest reads a run test.
	RunTest(ctx context.Context, id uuid.UUID) (calls.RunTest, error)
	// FindRunTest looks up a run test by its exact name; found is false only if the server
	// certainly has none.
	FindRunTest(ctx context.Context, name string) (id uuid.UUID, found bool, err error)
	// Execute starts the calls of a run test. It is never retried, not even after a refusal.
	Execute(ctx context.Context, runTestID uuid.UUID, body client.Execute) (calls.Started, error)
	// ChatExecute starts a chat execution of all scenarios, and StartSubset one of some. Neither
	// creates calls. Both are never retried.
	ChatExecute(ctx context.Context, runTestID uuid.UUID) (calls.Started, error)
	StartSubset(ctx context.Context, runTestID uuid.UUID, scenarioIDs []uuid.UUID) (calls.Started, error)
	// ExecutePrompt starts the calls of a run test of a prompt. It is never retried.
	ExecutePrompt(ctx context.Context, templateID, runTestID uuid.UUID, scenarioIDs []uuid.UUID) (calls.Started, error)
	// PlaceRows creates up to count calls of a chat execution. It is never retried.
	PlaceRows(ctx context.Context, executionID uuid.UUID, count int) (calls.PlacedRows, error)
	// Executions lists the newest executions of a run test, newest first.
	Executions(ctx context.Context, runTestID uuid.UUID) ([]calls.ExecutionSummary, error)
	// RunTests iterates over the run tests whose name contains search, newest first.
	RunTests(ctx context.Context, search string) iter.Seq2[calls.RunTest, error]
	// Collect reads an execution with all pages of its calls, each call once.
	Collect(ctx context.Context, executionID uuid.UUID) (calls.Execution, error)
	// Poll reads the status and counts of an execution, in one small request.
	Poll(ctx context.Context, executionID uuid.UUID) (calls.Progress, error)
	// Cancel asks the server to stop an execution.
	Cancel(ctx context.Context, executionID uuid.UUID) (calls.CancelResult, error)
	// ClockAhead is how far the server's clock is ahead of this machine's; known is false before
	// the first response.
	ClockAhead() (ahead time.Duration, known bool)
}

// Settings configure a paid run. They do not change.
type Settings struct {
	API      API
	Log      *event.Log
	Patience *patience.Patience
	// Journal records what was started, for cleanup after a kill; nil for none.
	Journal Journal
	// Others reports whether another process of the same job attempt and inputs is running, or
	// has run since this one began: new executions may then be that process's. It is called
	// before and after each request with an uncertain outcome. Nil if unknown.
	Others func() bool
	// Beside returns the records of the other gates of this process, as far as they have come; nil if it has one
	// gate.
	Beside func() []Record
	// BaseURL and Key go into every record.
	BaseURL, Key string
	// Page returns the dashboard URL of an execution; empty if unknown.
	Page func(runTest, execution uuid.UUID) string
	// PollMaxInterval is the wait after a failed read.
	PollMaxInterval time.Duration
	// CancelOnExit is false if the execution may continue when the run stops.
	CancelOnExit bool
}

// Run is the paid run of one process.
type Run struct {
	given Settings
	claim
	sight
	// first is the run test of the first execution. Others can have copies of it. earlier are the
	// executions of the run that had ended before the current one was started.
	first     verdict.RunTest
	firstOwn  bool // only this run uses it
	earlier   []verdict.Execution
	twins     twins
	inherited inheritance
	adopted   int
	reused    *verdict.Reused // nil unless an earlier start of the run-key paid for the calls
	// hosted is true once the server has confirmed that the calls exist.
	hosted bool
	// useless says why run tests of the run-key are not judged again.
	useless map[uuid.UUID]text.Untrusted
	noted   []text.Untrusted // see noteOnce
	// abandoned are executions of the run-key whose process was killed: nobody holds their conversations.
	abandoned []uuid.UUID
	// stakes is true while the run test is created that this run is to execute. stakeEnds is until when it may do
	// so; zero if nobody waits for it.
	stakes    bool
	stakeEnds time.Time
	// turn is this run's turn among the starts of the run-key.
	turn turn
	// seen are the executions of the run-key that were there when this run looked for its own.
	seen map[uuid.UUID]bool
	// searched is true once the search for an uncertain start is over.
	searched bool
	// cleaning is true for the command cleanup.
	cleaning bool
}

// New makes a run that has started nothing.
func New(s Settings) *Run {
	return &Run{given: s, claim: claim{
		book:   book{log: s.Log, journal: s.Journal, baseURL: s.BaseURL, key: s.Key},
		others: s.Others, beside: s.Beside, clockAhead: s.API.ClockAhead,
	}}
}

// Adopted returns how many things were attributed to this run without a response that says so.
func (r *Run) Adopted() int { return r.adopted }

// Reused says whose calls are judged again; nil if they are this run's own.
func (r *Run) Reused() *verdict.Reused { return r.reused }

// Adopt counts work on the execution that started without a usable response.
func (r *Run) Adopt() { r.adopted++ }

// Hosted reports whether the server has confirmed that the calls exist, which for a text agent means
// that its hosted runner places them.
func (r *Run) Hosted() bool { return r.hosted }

// UseRunTest records the run test and tells the observer.
func (r *Run) UseRunTest(t calls.RunTest, created bool) {
	r.runTest.ID, r.runTest.Name = t.ID, t.Name
	r.describe(t)
	r.keep(func(rec *Record) {
		rec.Claim = rec.Claim && rec.RunTestID == t.ID
		rec.RunTestID, rec.Shared = t.ID, !r.alone
		if r.inherited.step == "" {
			rec.Step = StepCreated
		}
	})
	r.given.Log.Tell(event.RunTestKnown{ID: t.ID, Name: t.Name, Created: created})
}

// UseCopy records a copy of the run test that has only a part of its scenarios.
func (r *Run) UseCopy(t calls.RunTest) {
	r.runTest.ID, r.runTest.Name = t.ID, t.Name
	r.keep(func(rec *Record) { rec.Step, rec.RunTestID, rec.Shared, rec.Part = StepCreated, t.ID, !r.alone, true })
	r.given.Log.Note(text.Sprintf("Created run test %s %q, which has only the scenarios to execute.", t.ID, t.Name))
}

// LeaveCopy records that the next execution is of the first run test again, after one of a copy.
func (r *Run) LeaveCopy() {
	if len(r.earlier) == 0 || r.runTest.ID == r.first.ID {
		return
	}
	r.runTest, r.alone = r.first, r.firstOwn
	r.keep(func(rec *Record) { rec.RunTestID, rec.Shared, rec.Part = r.first.ID, !r.firstOwn, false })
}

// Executions returns the executions of the run, in their order; at least one, which is empty if nothing
// was started.
func (r *Run) Executions() []verdict.Execution {
	if r.execution.ID == uuid.Nil && len(r.earlier) > 0 {
		return r.earlier
	}
	return append(slices.Clone(r.earlier), r.Execution())
}

// FirstRunTest returns the run test of the first execution; empty if unknown.
func (r *Run) FirstRunTest() verdict.RunTest {
	if len(r.earlier) == 0 {
		return r.runTest
	}
	return r.first
}

// Next leaves an execution that has ended, so that another one of the run can be started. trial is the
// index of the trial that the next one is of, from 0.
func (r *Run) Next(trial int) {
	if len(r.earlier) == 0 {
		r.first, r.firstOwn = r.runTest, r.alone
	}
	r.earlier = append(r.earlier, r.Execution())
	agent, runs := r.execution, !r.runs.IsEmpty()
	r.sight = sight{runTest: r.runTest, prompt: r.prompt, further: true, execution: verdict.Execution{
		AgentType: agent.AgentType, AgentName: agent.AgentName, PromptVersion: agent.PromptVersion, Trial: trial,
	}}
	r.twins, r.inherited, r.hosted, r.searched = twins{}, inheritance{}, false, false
	r.keep(func(rec *Record) {
		if runs {
			rec.Loose = append(rec.Loose, rec.ExecutionID)
		}
		rec.Step, rec.Ended = StepCreated, append(rec.Ended, rec.ExecutionID)
		rec.ExecutionID, rec.Owned, rec.Guessed = uuid.Nil, false, false
		rec.Reruns, rec.Rerun, rec.Evaluated = 0, nil, false
	})
}

// Resume records the executions that a killed process, or an earlier start of the run-key, had finished. trial
// is the index of the trial that the next one is of.
func (r *Run) Resume(earlier []verdict.Execution, trial int) {
	r.first, r.firstOwn, r.earlier = r.runTest, r.alone, earlier
	r.execution.Trial = trial
}

// EndedExecution describes an execution of this run that has ended.
func (r *Run) EndedExecution(id uuid.UUID, p calls.Progress, trial int) verdict.Execution {
	s := sight{execution: verdict.Execution{ID: id, URL: r.given.Page(r.runTest.ID, id), Trial: trial}}
	s.Learn(p)
	return s.execution
}

// UseExecution records the execution and tells the observer.
func (r *Run) UseExecution(id uuid.UUID) { r.use(id, r.Mine(), r.Guessed()) }

// use records the execution and who it belongs to.
func (r *Run) use(id uuid.UUID, mine, guessed bool) {
	r.execution.ID = id
	r.execution.URL = r.given.Page(r.runTest.ID, id)
	r.keep(func(rec *Record) {
		rec.Step, rec.ExecutionID, rec.Owned, rec.Guessed = StepStarted, id, mine, guessed
	})
	r.given.Log.Tell(event.ExecutionKnown{ID: id, URL: r.execution.URL, Before: len(r.earlier)})
}

// Consider names an execution that somebody else started, without recording it.
func (r *Run) Consider(id uuid.UUID) { r.execution.ID = id }

// Attach uses an execution that somebody else started.
func (r *Run) Attach(id uuid.UUID) {
	r.Consider(id)
	r.given.Log.Note(text.Sprintf("Attaching to test execution %s: no new calls are placed.", id))
	r.UseExecution(id)
}

// BelongsTo records the run test of an attached execution, once the execution tells it.
func (r *Run) BelongsTo(id uuid.UUID, name text.Untrusted) {
	if id == uuid.Nil || r.runTest.ID != uuid.Nil {
		return
	}
	r.runTest.ID, r.runTest.Name = id, name
	r.execution.URL = r.given.Page(id, r.execution.ID)
	r.given.Log.Tell(event.RunTestKnown{ID: id, Name: name})
	r.given.Log.Tell(event.ExecutionKnown{ID: r.execution.ID, URL: r.execution.URL})
}

// MaySendAgain reports whether a request for more work that was sent so many times may be sent again:
// only after a refusal, on an execution that this run started, and as long as its turn holds.
func (r *Run) MaySendAgain(sent error, sends int) bool {
	failure, ok := errors.AsType[*client.Error](sent)
	return ok && failure.Refused && r.Mine() && r.TurnHolds() && sends < mostSends
}
