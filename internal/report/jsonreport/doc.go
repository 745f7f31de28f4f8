// Package jsonreport writes a judged run as JSON and reads it again, to judge it anew or to use it
// as a baseline. shape.go is the shape, which docs/report.schema.json describes for users.
//
// To write: write.go is the report, convert.go its parts, and calls.go the calls, of which there
// may be 100,000. To read: read.go is the report, restore.go its parts, meta.go what it says besides
// its evidence, and guard.go limits what a hostile report may take. What was derived from the calls
// is never read but derived again, by package verdict, except to tell what decided: judgement does
// not belong here.
package jsonreport
