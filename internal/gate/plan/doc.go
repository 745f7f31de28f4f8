// Package plan is what is known before a call is paid: what would run, whether it can be
// judged as asked, and what it is compared with. Mistakes that only the server's answers can
// show end the run here, while it costs nothing.
//
// checks.go reads first and has them in the order of a run; scenarios.go, evals.go,
// criteria.go and baseline.go are what they look at, attached.go finds out about an execution
// that somebody else started. A dry run goes no further: dryrun.go, with its steps in target.go,
// estimate.go and history.go. Nothing here starts or cancels; the one thing that is written are
// the copies of evals that the created run test lacks.
package plan
