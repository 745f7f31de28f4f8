// Package gate runs the gate once and leaves nothing running. Each phase is a type whose fields
// only it writes; what all phases share is fixed at the start (tools, in run.go), and what passes
// from one phase to the next is in their signatures:
//
//	plan.go     checks everything before paying for calls    → ready
//	start.go    starts the execution                         ready → started
//	talks.go    holds its conversations, with a text agent    started → (settle.go) evidence
//	watch.go    waits for its end, or fail-fast (failfast.go) started → watched
//	collect.go  reads its calls                              → evidence
//	rerun.go    reruns failed calls                          evidence → evidence
//	newevals.go runs new evals on the calls                  evidence → evidence
//	run.go      runs the phases in order and judges          evidence → verdict
//
// settings.go is the input of a run and the API it needs; package plan stops a dry run.
// choice.go picks the calls to rerun, work.go is shared by reruns and new evals, turn.go lets starts of a run-key do
// that one after the other, textagent.go is
// special to text agents and prompts: a text agent's run can have several executions (leg.go, further.go), whose
// calls stand for one another. stop.go ends a run that cannot be judged, and transcripts.go reads
// transcripts once the verdict is known.
//
// The packages below know less: paid who owns the execution and how to cancel it, plan what can
// be checked for free, evidence what a verdict is based on, pairing which calls play the same, spending what it costs and may cost, patience which failures to retry,
// schedule when to poll, runname how run tests are named, event what observers are told. None of
// them knows a phase. Reports and the CI system have no place here.
package gate
