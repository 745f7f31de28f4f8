// Package report is a judged run as a reader wants it: in which order, with which figures, in
// which words. It writes nothing. Each format is a package below this one, which takes a
// [Report] and writes it to an io.Writer; what two of them share is here, and none of them
// imports another.
//
// In the order in which one reads them:
//
//   - report.go: what a format is given
//   - words.go, number.go, link.go: words of ours and figures, which are safe in every format
//   - ending.go, call.go: how calls ended, and which of them a reader wants to see first
//   - criteria.go, rates.go, scenarios.go, evals.go, scores.go, warnings.go: the rest of a run,
//     worst first
//   - change.go, baseline.go: the run beside an earlier one
//   - inert.go: JSON that does nothing in a log
//
// Text from outside stays text.Untrusted here: each format has doors of its own. No format, no
// HTTP and no judgement comes in. Package reporttest has runs for the tests.
package report

import (
	"github.com/agent-gate/agent-gate/internal/ci"
	"github.com/agent-gate/agent-gate/internal/verdict"
)

// BufferSize is how many bytes of a report are written at a time: what is written is also
// searched for secrets, piece by piece.
const BufferSize = 64 << 10

// Report is one judged run, as all renderings see it.
type Report struct {
	Tool     Tool
	CI       ci.Context
	Evidence verdict.Evidence
	Verdict  verdict.Verdict
	Rules    verdict.Rules
	Policy   verdict.Policy
	ExitCode int
}

// Tool names the program that judged.
type Tool struct {
	Name    string // "agent-gate"
	Version string
}
