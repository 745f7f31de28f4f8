// Package paid owns the paid run: one run test, one execution, and whose they are. A start
// costs money and the API has no idempotency keys, so it happens exactly once, and what was
// started is never left behind.
//
// The parts, in the order of a run: record.go is what the journal keeps, and book.go changes
// it; claim.go is the one place that answers "is it mine?"; sight.go is what was last seen of
// the execution; run.go holds these together. create.go and execute.go start, find.go looks
// for what a lost answer has started, takeup.go takes over what a killed process has left,
// twin.go ends a second execution, cancel.go the first one, and cleanup.go does that after a
// kill.
//
// How good the execution is does not matter here: nothing is read of calls, and nothing is
// judged. Of package verdict it has the names of the run test and the execution alone.
package paid
