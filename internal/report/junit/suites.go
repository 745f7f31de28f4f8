package junit

import (
	"fmt"
	"io"
	"iter"

	"github.com/agent-gate/agent-gate/internal/report"
	"github.com/agent-gate/agent-gate/internal/verdict"
)

// WriteSuite writes several gates as JUnit XML: a suite for each, in the order of the suite file, with a case
// for each criterion and each call as [Write] has them. The name of the gate comes first in the class of every
// case, so that no two gates share a name. The size limit is shared out: what one gate leaves is for the next.
func WriteSuite(w io.Writer, s report.Suite) error {
	if err := writeGates(w, s, fileLimit); err != nil {
		return fmt.Errorf("write the JUnit report: %w", err)
	}
	return nil
}

func writeGates(w io.Writer, s report.Suite, limit int) error {
	if len(s.Gates) == 0 { // the suite file is wrong
		return writeFile(w, report.Report{Tool: s.Tool, CI: s.CI, Verdict: s.Verdict, ExitCode: s.ExitCode}, limit)
	}
	var suites []*testSuite
	left := limit - fileReserve
	for i, g := range s.Gates {
		one := suiteOf(g)
		one.measure(left / (len(s.Gates) - i))
		left -= one.size
		suites = append(suites, one)
	}
	if over := report.OverNote(s); !report.Blank(over) { // readers look at cases, and those of the gates may all be good
		all := report.Report{Verdict: verdict.Verdict{Kind: verdict.Error, Cause: verdict.CauseBudget, Reason: over}, ExitCode: verdict.ExitOperational}
		one := suiteOf(report.Gate{Name: "budget", Report: all})
		one.measure(max(left, 0))
		suites = append(suites, one)
	}
	if missing := report.Incomplete(s.ExitCode, s.Unwritten); !report.Blank(missing) { // which is of no gate
		whole := gateSuite(report.Report{
			Tool: s.Tool, CI: s.CI, Evidence: verdict.Evidence{Timing: s.Timing}, Verdict: s.Verdict, ExitCode: s.ExitCode, Unwritten: s.Unwritten,
		})
		whole.name = "run" // of all gates
		whole.measure(fileReserve)
		suites = append(suites, whole)
	}
	return writeSuites(w, suites)
}

// suiteOf returns the one suite of a gate.
func suiteOf(g report.Gate) *testSuite {
	r := g.Report
	if g.NotStarted() {
		r.Verdict.Kind = verdict.Error // readers take a skipped case for a good one
	}
	s := gateSuite(r)
	parts := []iter.Seq[testCase]{s.cases}
	if r.Evidence.Calls.Len() > 0 {
		parts = append(parts, callSuite(r).cases)
	}
	s.name, s.rest = string(g.Name), " more cases in the JSON report"
	if !report.Blank(g.Owner) {
		s.properties = append(s.properties, suiteProperty{Name: "owner", Value: title(g.Owner, 100)})
	}
	s.cases = func(yield func(testCase) bool) {
		for _, cases := range parts {
			for c := range cases {
				c.Class = s.name + "." + c.Class
				if !yield(c) {
					return
				}
			}
		}
	}
	return s
}
