// Package story decides what happens in a simulated API: which calls are made, what is
// said in them, how they end and what their evals find. It has no clock, no state and no
// HTTP; everything follows from a plan and a seed. It must not import any other package
// of this project.
//
// Reading order: plan, outcome and lost describe executions and calls; rates and result
// draw or script them; cast, script and library hold the scenarios and their dialogue;
// conversation, judge, values, measures and hostile turn them into what the API returns.
// seed is the random source below it all.
package story

import "time"

// Status is the status of an execution or a call, in lower case.
type Status string

// The statuses. Executions are never queued, ongoing or analyzing; calls are never
// running, evaluating or cancelling (contract, sections 4.1 and 4.5).
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

// Terminal reports whether an execution or call with this status has ended.
func (s Status) Terminal() bool {
	return s == StatusCompleted || s == StatusFailed || s == StatusCancelled
}

// Plan scripts one execution. With the zero value every call succeeds, with a score of 7
// to 10 and good eval results. All durations are in simulated time.
type Plan struct {
	// The outcome of a call is looked up in this order: Each, Rows, Calls, Rates,
	// Default. Calls is keyed by index: scenario by scenario, row by row, from 0.
	Each    func(CallRef) (Outcome, bool)
	Rows    map[Row]Outcome
	Calls   map[int]Outcome
	Rates   Rates
	Default Outcome
	// Evals scripts results by eval name, for calls whose own outcome does not.
	Evals map[string]EvalResult
	// Hostile fills names, reasons and summaries with [HostileTexts], which try to
	// forge output.
	Hostile bool

	// ExecuteError makes execute answer 400 "Failed to start test execution: ..." and
	// leaves an execution pending forever.
	ExecuteError string
	// SetupError makes the execution fail before any call, with this error_reason.
	SetupError string
	// NoCalls makes the execution complete without any call.
	NoCalls bool
	// LostRecords is how many of the planned calls are never created, counted from the
	// last: the server logs and skips records that it cannot create. [Outcome.Never]
	// drops a particular call. MissingScenarios names scenarios without any call.
	LostRecords      int
	MissingScenarios []string
	// LateScores and LateEvals delay overall_score and eval results by this long after
	// the end of the execution, on calls whose own outcome sets no delay; [Forever] is
	// never.
	LateScores, LateEvals time.Duration
	// MissingRows is how many calls are counted but appear on no page.
	MissingRows int
	// Reshuffle is how many reads of rows after the end still find a new order, as when
	// someone updates rows between two pages.
	Reshuffle int
	// TiedRows gives all rows of a deployed execution the same updated_at, as the job
	// that ends abandoned chats does. Their order then depends on limit and page, so
	// pages repeat and skip rows; a single page with all rows is complete
	// (real-server.md, row 4).
	TiedRows bool
	// Stuck is the status that the execution never leaves: pending, running,
	// evaluating, or (once cancelled) cancelling. Chats then stay analyzing once the customer has
	// ended them.
	Stuck Status
	// StuckReruns keeps reruns and new evals from ending.
	StuckReruns bool
	// CancelAfter is when someone else cancels the execution; 0 is never. CancelBegun is after
	// how many begun chats that happens, whose pace is that of whoever holds them; 0 is never.
	CancelAfter time.Duration
	CancelBegun int
	// FailAfter is when the runner dies: open calls fail without an ended_reason and
	// the execution fails with FailReason; 0 is never.
	FailAfter  time.Duration
	FailReason string
	// Statuses overrides the status that the API shows, for a while.
	Statuses []StatusWindow

	// SetupTime is the time from the start to the first call record; 0 draws 2-5 s.
	SetupTime time.Duration
	// RecordTime is the time from the first to the last call record, while count
	// grows; 0 is 50 ms per call, at most a minute. The documented dialect and hosted
	// chats ignore it: their records appear at once.
	RecordTime time.Duration
	// EvaluatingTime is the minimum time from the end of the last conversation to the
	// end of the execution; 0 leaves it to the calls (3-10 s each) and a tick.
	EvaluatingTime time.Duration
	// CancelTime is how long an asynchronous cancel takes; 0 draws 3-10 s.
	CancelTime time.Duration
	// SyncCancel makes every cancel take effect at once, as on a server without workers.
	SyncCancel bool
	// FallbackCancel makes the cancel of a finished execution fall back to the
	// database, which sets it to cancelled. Without it, and without SyncCancel, such an
	// execution of the deployed dialect stays cancelling forever (real-server.md, row 5).
	FallbackCancel bool
	// CancelFails is the share, 0 to 1, of voice calls stopped by an asynchronous cancel
	// that go from cancelled to failed a quarter of a second later, with
	// [EndedActivityCancelled] or the provider's reason. If no other call is left, the
	// execution goes from cancelled to failed within a second. On the real server it is
	// most of them (real-server.md, row 2).
	CancelFails float64
	// CancelError makes cancel answer 400 and leave the execution cancelling.
	CancelError string
	// RerunDispatchError makes reruns answer 200 although nothing was dispatched. In the
	// deployed dialect a call_and_eval rerun has wiped its calls by then: they and the
	// execution are failed (real-server.md, row 10).
	RerunDispatchError string
	// RerunRejects are the errors of the calls, by index, that reruns reject.
	RerunRejects map[int]string
	// NewEvalsDispatchFails makes run-new-evals answer 200 although nothing was
	// dispatched; only the message says so.
	NewEvalsDispatchFails bool
}

// CallRef identifies a call for [Plan.Each]. Execution counts executions from 0.
type CallRef struct {
	Execution int
	Index     int
	Row
}

// Row is a row of a scenario's dataset, counted from 0.
type Row struct {
	Scenario string
	Row      int
}

// StatusWindow shows Status for an execution from From until To, in simulated time since
// its start.
type StatusWindow struct {
	From, To time.Duration
	Status   Status
}

// Shown returns the status that the API shows: st, unless a window overrides it.
func (p *Plan) Shown(st Status, since time.Duration) Status {
	for _, w := range p.Statuses {
		if since >= w.From && since < w.To {
			return w.Status
		}
	}
	return st
}

// LifelikePlan is a mixed plan for demos: most calls go well, some fail for good, some
// recover when rerun, some score badly.
func LifelikePlan() Plan {
	return Plan{Rates: Rates{
		Fail: 0.02, Flaky: 0.04, Rescued: 0.04, Low: 0.10, Skipped: 0.02, Unscored: 0.02,
		EvalFail: 0.05, EvalError: 0.005, EvalEmpty: 0.005, EvalRare: 0.03,
	}}
}
