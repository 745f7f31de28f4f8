// Package story is what happens in a simulated API and why: which calls come, what is
// said in them, how they end and how they are judged. It knows no clock, no state and no
// HTTP: everything follows from a plan and a seed.
//
// Read plan, outcome and lost for the fates of executions and calls, rates and scripted
// for how they are drawn or given, cast, script and library for who speaks, then
// conversation, values, judged and measures for what comes of it. The seed is at the
// bottom. Nothing of the project may be imported.
package story

import "time"

// Status is the state of an execution or of a call, in lower case.
type Status string

// The states. An execution has all but queued, ongoing and analyzing; a call has all
// but running, evaluating and cancelling (contract, sections 4.1 and 4.5).
const (
	StatusPending    Status = "pending"
	StatusRunning    Status = "running"
	StatusEvaluating Status = "evaluating"
	StatusCompleted  Status = "completed"
	StatusFailed     Status = "failed"
	StatusCancelling Status = "cancelling"
	StatusCancelled  Status = "cancelled"
	StatusQueued     Status = "queued"
	StatusOngoing    Status = "ongoing"
	StatusAnalyzing  Status = "analyzing"
)

// Terminal reports whether an execution or call in this state has ended.
func (s Status) Terminal() bool {
	return s == StatusCompleted || s == StatusFailed || s == StatusCancelled
}

// Plan is the story of one execution. The zero value is the good one: every call
// succeeds with a score of 7 to 10 and good eval results. All durations are simulated.
type Plan struct {
	// What becomes of a call is looked up in this order: Each, Rows, Calls, Rates,
	// Default. Calls is by index: scenario by scenario, row by row, from 0.
	Each    func(CallRef) (Outcome, bool)
	Rows    map[Row]Outcome
	Calls   map[int]Outcome
	Rates   Rates
	Default Outcome
	// Evals scripts results by eval name for all calls that do not script it
	// themselves.
	Evals map[string]EvalResult
	// Hostile fills names, reasons and summaries with texts that try to forge output,
	// those of [HostileTexts].
	Hostile bool

	// ExecuteError makes execute answer 400 "Failed to start test execution: ..." and
	// leave a pending execution behind for ever.
	ExecuteError string
	// SetupError makes the execution fail before any call, with this error_reason.
	SetupError string
	// NoCalls makes the execution complete without any call.
	NoCalls bool
	// LostRecords is how many calls fewer than announced come to be: the server logs
	// and skips records that it cannot create. They are the last ones; see
	// [Outcome.Never] for others. MissingScenarios are the names of scenarios of which
	// no call comes.
	LostRecords      int
	MissingScenarios []string
	// LateScores and LateEvals are when overall_score and eval results come after the
	// end of the execution, on calls that do not script it themselves; [Forever] is
	// never.
	LateScores, LateEvals time.Duration
	// MissingRows is how many calls are counted but shown on no page.
	MissingRows int
	// Reshuffle is how many reads of rows after the end still find them in another
	// order, as when somebody touches rows between two pages.
	Reshuffle int
	// TiedRows gives all rows of a deployed execution one updated_at, as the job that
	// ends forgotten chats does. Their order then depends on limit and page, so that
	// pages repeat and skip rows; one page of all rows is whole (real-server.md, row 4).
	TiedRows bool
	// Stuck is the state that the execution never leaves: pending, running,
	// evaluating, or (once cancelled) cancelling.
	Stuck Status
	// StuckReruns makes reruns and new evals never end.
	StuckReruns bool
	// CancelAfter is when somebody else cancels the execution; 0 is never.
	CancelAfter time.Duration
	// FailAfter is when the runner dies: open calls fail without an ended_reason and
	// the execution fails with FailReason; 0 is never.
	FailAfter  time.Duration
	FailReason string
	// Statuses overrides the state shown, for a while.
	Statuses []StatusWindow

	// SetupTime is the time from the start to the first call record; 0 is 2-5 s.
	SetupTime time.Duration
	// RecordTime is the time from the first to the last call record, while count
	// grows; 0 is 50 ms for each call and at most a minute. It is nothing in the
	// documented dialect and for hosted chats.
	RecordTime time.Duration
	// EvaluatingTime is the least time from the end of the last conversation to the
	// end of the execution; 0 leaves it to the calls (3-10 s each) and a tick.
	EvaluatingTime time.Duration
	// CancelTime is how long an asynchronous cancel takes; 0 is 3-10 s.
	CancelTime time.Duration
	// SyncCancel makes every cancel take effect at once, as without workers.
	SyncCancel bool
	// FallbackCancel makes the cancel of an execution that has ended take effect in the
	// database: it is cancelled. Without it, and without SyncCancel, such an execution
	// of the deployed dialect is cancelling for ever (real-server.md, row 5).
	FallbackCancel bool
	// CancelFails is the share, 0 to 1, of the voice calls ended by an asynchronous
	// cancel that are cancelled at first and failed a quarter of a second later, with
	// [EndedActivityCancelled] or the provider's reason. When every call has failed,
	// the execution goes from cancelled to failed within a second (real-server.md, row
	// 2: on the server it is most of them).
	CancelFails float64
	// CancelError makes cancel answer 400 and leave the execution in cancelling.
	CancelError string
	// RerunDispatchError makes reruns answer 200 although nothing was dispatched. A
	// call_and_eval rerun of the deployed dialect has wiped its calls by then: they and
	// the execution are failed (real-server.md, row 10).
	RerunDispatchError string
	// RerunRejects are the errors of calls, by index, that reruns turn down.
	RerunRejects map[int]string
	// NewEvalsDispatchFails makes run-new-evals answer 200 although nothing was
	// dispatched; only the message says so.
	NewEvalsDispatchFails bool
}

// CallRef names a call to [Plan.Each]. Execution counts executions from 0.
type CallRef struct {
	Execution int
	Index     int
	Row
}

// Row is a dataset row of a scenario, counted from 0.
type Row struct {
	Scenario string
	Row      int
}

// StatusWindow shows Status for an execution between two times since its start.
type StatusWindow struct {
	From, To time.Duration
	Status   Status
}

// Shown is the state that a window overrides st with.
func (p *Plan) Shown(st Status, since time.Duration) Status {
	for _, w := range p.Statuses {
		if since >= w.From && since < w.To {
			return w.Status
		}
	}
	return st
}

// LifelikePlan is a mixed story for demos: most calls are good, some fail for good,
// some only at first, by the agent or since the platform lost them, some are judged badly.
func LifelikePlan() Plan {
	return Plan{Rates: Rates{
		Fail: 0.02, Flaky: 0.04, Rescued: 0.04, Low: 0.10, Skipped: 0.02, Unscored: 0.02,
		EvalFail: 0.05, EvalError: 0.005, EvalEmpty: 0.005, EvalRare: 0.03,
	}}
}
