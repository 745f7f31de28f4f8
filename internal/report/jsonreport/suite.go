package jsonreport

import (
	"bufio"
	"bytes"
	"cmp"
	"io"

	"github.com/agent-gate/agent-gate/internal/budget"
	"github.com/agent-gate/agent-gate/internal/report"
	"github.com/agent-gate/agent-gate/internal/text"
	"github.com/agent-gate/agent-gate/internal/verdict"
)

// suiteSchemaID is the value of a suite report's schema key. docs/suite-report.schema.json describes the shape.
const suiteSchemaID = "agent-gate/suite/v1"

// WriteSuite writes several gates as one JSON object with the schema [suiteSchemaID]: the verdict of all, and
// for each gate its verdict and its whole report, which is null for a gate that was skipped.
func WriteSuite(w io.Writer, s report.Suite) error {
	o := &object{w: bufio.NewWriterSize(w, report.BufferSize)}
	o.key("schema", suiteSchemaID)
	o.key("verdict", s.Verdict.Kind)
	o.key("cause", nullable(string(s.Verdict.Cause)))
	o.key("reason", orNull(s.Verdict.Reason))
	o.key("exit_code", s.ExitCode)
	o.key("tool", jsonTool(s.Tool))
	o.key("ci", ciJSON(s.CI))
	o.key("budget", accountJSON(s.Budget, s.Budget.Spent, s.Started()))
	o.key("timing", timingJSON(s.Timing))
	list(o, "warnings", s.Warnings, func(t text.Untrusted) text.Untrusted { return t })
	o.start("gates")
	o.put("[")
	for i, g := range s.Gates {
		if i > 0 {
			o.put(",")
		}
		o.put("\n    ")
		o.gate(g)
	}
	o.put("]")
	o.end()
	o.put("\n")
	return o.finish()
}

// gate writes one gate of a suite.
func (o *object) gate(g report.Gate) {
	in := &object{w: bufio.NewWriterSize(indented{o.w, "    "}, report.BufferSize)}
	in.key("name", string(g.Name))
	in.key("owner", orNull(g.Owner))
	in.key("verdict", g.Verdict.Kind)
	in.key("cause", nullable(string(g.Verdict.Cause)))
	in.key("reason", orNull(g.Verdict.Reason))
	in.key("exit_code", g.ExitCode)
	in.start("report")
	if g.Ran() {
		nested := &object{w: bufio.NewWriterSize(indented{in.w, "  "}, report.BufferSize)}
		nested.report(g.Report)
		in.err = cmp.Or(in.err, nested.finish())
	} else {
		in.put("null")
	}
	in.end()
	o.err = cmp.Or(o.err, in.finish())
}

// indented writes JSON deeper. Inside of a text there are no line ends.
type indented struct {
	w  io.Writer
	by string
}

// Write implements io.Writer.
func (i indented) Write(p []byte) (int, error) {
	if _, err := i.w.Write(bytes.ReplaceAll(p, []byte("\n"), []byte("\n"+i.by))); err != nil {
		return 0, err
	}
	return len(p), nil
}

// SavedSuite is a suite report as it was saved.
type SavedSuite struct {
	Meta   Meta // of the whole; its rules are empty
	Budget budget.Account
	Timing verdict.Timing
	// Warnings are those of the suite itself.
	Warnings []text.Untrusted
	Gates    []SavedGate
}

// SavedGate is one gate of a saved suite report.
type SavedGate struct {
	Name     report.Figure
	Owner    text.Untrusted
	Verdict  verdict.Verdict // kind, cause and reason
	ExitCode int
	// Ran is false for a gate that was skipped, of which there is nothing else.
	Ran      bool
	Evidence verdict.Evidence
	Meta     Meta
}
