// Package report renders a judged run: for the terminal, as a job summary, as JSON,
// as JUnit, as HTML, and as what GitHub and GitLab show beside a job. Every rendering takes the same [Report] and writes to an io.Writer.
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
