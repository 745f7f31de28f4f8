// Package report presents a judged run the way a reader wants it: in what order, with which
// figures and in which words. It writes nothing. Each format is a package below this one that
// takes a [Report] and writes it to an io.Writer; what two formats share is here, and no format
// imports another.
//
// Read the files in this order:
//
//   - report.go: the input of every format
//   - words.go, number.go, link.go: literals and figures, which are safe in every format
//   - ending.go, call.go, faults.go: how calls ended, which ones to show first, and what speaks against them
//   - causes.go, next.go: why calls were not good, grouped, and what to do first
//   - criteria.go, rates.go, evals.go, scores.go, warnings.go: the rest of a run,
//     worst first
//   - versus.go, baseline.go: the comparison with an earlier run
//   - inert.go: JSON that does nothing in a log
//
// Untrusted text stays text.Untrusted here, because each format has its own doors. Formats,
// HTTP and judgement do not belong here. Package reporttest has runs for the tests.
package report

import (
	"github.com/google/uuid"

	"github.com/agent-gate/agent-gate/internal/calls"
	"github.com/agent-gate/agent-gate/internal/ci/job"
	"github.com/agent-gate/agent-gate/internal/text"
	"github.com/agent-gate/agent-gate/internal/verdict"
)

// BufferSize is the size of the writes of a report, in bytes: what is written is also searched
// for secrets, chunk by chunk.
const BufferSize = 64 << 10

// Report is one judged run, the input of every format.
type Report struct {
	Tool     Tool
	CI       job.Context
	Evidence verdict.Evidence
	Verdict  verdict.Verdict
	Rules    verdict.Rules
	Policy   verdict.Policy
	// Settings are what was asked of the run; nil if unknown.
	Settings *Settings
	ExitCode int
	// Places are where its reports are.
	Places Places
	// Unwritten say which requested reports cannot be written.
	Unwritten []text.Untrusted

	// changes are those from this report on, for a baseline that [Before] made.
	changes *verdict.Changes
}

// Settings are what was asked of a run that can change its verdict, besides rules and policy.
type Settings struct {
	RerunAttempts int
	RerunType     calls.RerunType // empty: auto
	RerunMaxCalls string          // as the input rerun-max-calls
	NewEvals      []uuid.UUID     // to run on the finished execution
}

// SavedBaseline is what a saved report says of its baseline, whose calls it does not have.
type SavedBaseline struct {
	ID uuid.UUID // of the execution; uuid.Nil if unknown
	// NewlyFailing and NewlyPassing are the scenarios that changed against it.
	NewlyFailing, NewlyPassing []text.Untrusted
}

// Tool is the program that judged the run.
type Tool struct {
	Name    string // "agent-gate"
	Version string
}
