// Package jsonreport writes a judged run as JSON and reads it again, to be judged anew or to be a
// baseline. shape.go is the shape, which docs/report.schema.json describes for users.
//
// Writing: write.go the report, convert.go its parts, calls.go the calls, of which there may be a
// hundred thousand. Reading: read.go the report, restore.go its parts, guard.go what a hostile
// report may take. What was derived from the calls is never read but derived again: no judgement
// comes in.
package jsonreport
