// Package junit writes a judged run as JUnit XML. write.go is the report, gate.go the suite of
// criteria, calls.go and names.go that of the calls, suite.go what is counted and left out, and
// xml.go the XML, by hand since a report has up to a hundred thousand cases.
package junit

import (
	"fmt"
	"io"

	"github.com/agent-gate/agent-gate/internal/report"
)

// fileLimit is the most that a report takes, in bytes: GitLab refuses a file of 30 MB
// or more (doc/ci/testing/unit_test_reports.md).
const fileLimit = 29_000_000

// fileReserve is kept for everything that is not a case.
const fileReserve = 64 << 10

// gateClass is the class of the cases that are not calls. Jenkins takes what stands
// before the last dot for a package.
const gateClass = "agent-gate.criteria"

// Write writes the report as Write XML: a suite "gate" with a case for each criterion,
// and a suite with a case for each call. A call that failed or is below the bar and a
// criterion that is not met are failures; no data, calls that did not end and errors of the
// run are errors; calls that the platform lost, and those that never came, are skipped. A
// flaky call says so. It is never larger than GitLab takes: what does not fit is counted by
// a case that is as bad as the worst of them. The cases are made twice, since their numbers
// stand before them, and never held.
func Write(w io.Writer, r report.Report) error {
	if err := writeFile(w, r, fileLimit); err != nil {
		return fmt.Errorf("write the JUnit report: %w", err)
	}
	return nil
}

func writeFile(w io.Writer, r report.Report, limit int) error {
	gate := gateSuite(r)
	gate.measure((limit - fileReserve) / 2)
	suites := []*testSuite{gate}
	if r.Evidence.Calls.Len() > 0 {
		calls := callSuite(r)
		calls.measure(limit - fileReserve - gate.size)
		suites = append(suites, calls)
	}
	return writeSuites(w, suites)
}
