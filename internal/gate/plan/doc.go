// Package plan checks everything before a call is paid for: what would run, whether it can be judged
// as requested, and what to compare it with. Mistakes that only the server's responses can show end
// the run here, while it costs nothing.
//
// Read checks.go first: it has the checks in the order of a run. scenarios.go, evals.go, newevals.go,
// prompt.go, criteria.go and baseline.go are their parts, and attached.go is about executions that somebody else
// started. A dry run goes no further: dryrun.go, with its steps in target.go, estimate.go and
// history.go. Nothing here starts or cancels anything; the only thing written is copies of evals that
// the created run test lacks.
package plan
