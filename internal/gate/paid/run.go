package paid

import (
	"context"
	"errors"
	"time"

	"github.com/google/uuid"

	"github.com/agent-gate/agent-gate/internal/calls"
	"github.com/agent-gate/agent-gate/internal/client"
	"github.com/agent-gate/agent-gate/internal/gate/event"
	"github.com/agent-gate/agent-gate/internal/gate/patience"
	"github.com/agent-gate/agent-gate/internal/text"
)

// API is what is needed of the Future AGI API to start, to find and to cancel.
type API interface {
	// CreateRunTest makes a run test. It places no call.
	CreateRunTest(ctx context.Context, body client.CreateRunTest) (calls.RunTest, error)
	// RunTest reads a run test.
	RunTest(ctx context.Context, id uuid.UUID) (calls.RunTest, error)
	// FindRunTest looks a run test up by its exact name; found is false only when
	// the server surely has none.
	FindRunTest(ctx context.Context, name string) (id uuid.UUID, found bool, err error)
	// Execute starts the calls of a run test. It is never sent twice, not even after a
	// refusal.
	Execute(ctx context.Context, runTestID uuid.UUID, body client.Execute) (calls.Started, error)
	// Executions lists the newest executions of a run test, newest first.
	Executions(ctx context.Context, runTestID uuid.UUID) ([]calls.ExecutionSummary, error)
	// Poll reads where an execution stands, in one small request.
	Poll(ctx context.Context, executionID uuid.UUID) (calls.Progress, error)
	// Cancel asks the server to stop an execution.
	Cancel(ctx context.Context, executionID uuid.UUID) (calls.CancelResult, error)
	// ClockAhead is how far the server's clock is ahead of this machine's; known is false
	// before its first answer.
	ClockAhead() (ahead time.Duration, known bool)
}

// Settings are what a paid run is given. They are not changed.
type Settings struct {
	API      API
	Log      *event.Log
	Patience *patience.Patience
	// Journal keeps what was started, for cleanup after a kill; nil for none.
	Journal Journal
	// Others reports whether another process of the same job attempt, with the same inputs,
	// lives besides this one, or has lived since this one began: what is new under the name of
	// the run test may then be its. It is asked before and after each request in doubt. Nil
	// when there is none to be known of.
	Others func() bool
	// BaseURL and Key are noted in each record.
	BaseURL, Key string
	// Page is where an execution can be looked at; empty when that is not known.
	Page func(runTest, execution uuid.UUID) string
	// PollMaxInterval is the wait between reads that fail.
	PollMaxInterval time.Duration
	// CancelOnExit is false when what was started may go on.
	CancelOnExit bool
}

// Run is the paid run of one process.
type Run struct {
	given Settings
	claim
	sight
	twins     twins
	inherited inheritance
	adopted   int
	// hosted is true once the server has said that the calls exist.
	hosted bool
	// searched is true once an execution whose start is uncertain was looked for to
	// the end.
	searched bool
	// cleaning is true for the command cleanup.
	cleaning bool
}

// New is a run that has started nothing.
func New(s Settings) *Run {
	return &Run{given: s, claim: claim{
		book:   book{log: s.Log, journal: s.Journal, baseURL: s.BaseURL, key: s.Key},
		others: s.Others, clockAhead: s.API.ClockAhead,
	}}
}

// Adopted counts what was taken for this run's without an answer that said so.
func (r *Run) Adopted() int { return r.adopted }

// Adopt counts work on the execution that was taken up without a usable answer.
func (r *Run) Adopt() { r.adopted++ }

// Hosted reports whether the server has said that the calls exist: of a text agent that its
// hosted runner places them.
func (r *Run) Hosted() bool { return r.hosted }

// UseRunTest notes the run test everywhere it is needed.
func (r *Run) UseRunTest(t calls.RunTest, created bool) {
	r.runTest.ID, r.runTest.Name = t.ID, t.Name
	r.execution.AgentType, r.execution.AgentName = t.AgentType, t.AgentName
	r.keep(func(rec *Record) {
		rec.RunTestID, rec.Shared = t.ID, !r.alone
		if r.inherited.step == "" {
			rec.Step = StepCreated
		}
	})
	r.given.Log.Tell(event.RunTestKnown{ID: t.ID, Name: t.Name, Created: created})
}

// UseExecution notes the execution everywhere it is needed.
func (r *Run) UseExecution(id uuid.UUID) { r.use(id, r.Mine(), r.Guessed()) }

// use notes the execution, and whose it is.
func (r *Run) use(id uuid.UUID, mine, guessed bool) {
	r.execution.ID = id
	r.execution.URL = r.given.Page(r.runTest.ID, id)
	r.keep(func(rec *Record) {
		rec.Step, rec.ExecutionID, rec.Owned, rec.Guessed = StepStarted, id, mine, guessed
	})
	r.given.Log.Tell(event.ExecutionKnown{ID: id, URL: r.execution.URL})
}

// Consider names an execution that others have started, of which nothing is noted.
func (r *Run) Consider(id uuid.UUID) { r.execution.ID = id }

// Attach uses an execution that somebody else started.
func (r *Run) Attach(id uuid.UUID) {
	r.Consider(id)
	r.given.Log.Note(text.Sprintf("Attaching to test execution %s: no new calls are placed.", id))
	r.UseExecution(id)
}

// BelongsTo notes the run test of an attached execution, which only the execution knows.
func (r *Run) BelongsTo(id uuid.UUID, name text.Untrusted) {
	if id == uuid.Nil || r.runTest.ID != uuid.Nil {
		return
	}
	r.runTest.ID, r.runTest.Name = id, name
	r.execution.URL = r.given.Page(id, r.execution.ID)
	r.given.Log.Tell(event.RunTestKnown{ID: id, Name: name})
	r.given.Log.Tell(event.ExecutionKnown{ID: r.execution.ID, URL: r.execution.URL})
}

// MaySendAgain reports whether a request for more work that was sent so often may be sent
// once more: after a refusal that had no effect, to an execution that nobody else works on.
func (r *Run) MaySendAgain(sent error, sends int) bool {
	failure, ok := errors.AsType[*client.Error](sent)
	return ok && failure.Refused && r.Mine() && sends < mostSends
}
