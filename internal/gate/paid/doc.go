// Package paid owns the paid run: one run test, one execution, and who they belong to. A start
// costs money and the API has no idempotency keys, so this package starts exactly once and never
// leaves anything running.
//
// Read record.go first: it is what the journal keeps, and book.go changes it. claim.go is the one
// place that answers "is it mine?", sight.go is the last known state of the execution, and run.go
// combines them. Then in the order of a run: create.go and execute.go start, find.go looks for an
// execution whose start got no response, chats.go and prompts.go do the same for chats and prompts,
// takeup.go resumes what a killed process started, twin.go cancels a second execution, cancel.go the
// first one, and cleanup.go does so after a kill.
//
// Nothing here reads calls or judges. From package verdict it only uses the types of the run test
// and the execution.
package paid
