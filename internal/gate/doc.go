// Package gate runs the gate once, and leaves nothing behind. Each phase is a type of its own
// with the few fields that it alone writes; what all of them use is fixed at the beginning
// (run.go, tools), and what passes from one to the next stands in their signatures:
//
//	plan.go     what is known before a call is paid      → ready
//	start.go    the execution is known and paid for      ready → started
//	watch.go    it has ended, or is lost (failfast.go)   started → watched
//	collect.go  its calls are read                       → evidence
//	rerun.go    what failed is placed again              evidence → evidence
//	newevals.go evals run on the calls that came         evidence → evidence
//	run.go      the phases in their order, the verdict   evidence → verdict
//
// settings.go is what a run is given, api.go what it needs of the API. dryrun.go stops after the
// plan. choice.go says which calls a rerun would help, work.go is what reruns and new evals have
// in common, textagent.go what is special about text agents. stop.go ends a run that cannot be
// judged, and transcripts.go reads what was said, when the verdict is known.
//
// The rooms below know less: package paid whose the execution is and how it is cancelled, plan
// what can be checked for nothing, evidence what a verdict is made of, patience how long a fault
// is outlasted, schedule when to poll, runname what a run test is called, event what is told.
// None of them knows of another phase. How the run is reported, and where it runs, does not
// come in here.
package gate
