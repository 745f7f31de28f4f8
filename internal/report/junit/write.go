// Package junit writes a judged run as JUnit XML. write.go writes the report; gate.go is the
// suite of criteria, calls.go and names.go the suite of calls; suite.go counts and limits them.
// xml.go writes the XML by hand, because a report has up to 100,000 cases.
package junit

import (
	"fmt"
	"io"

	"github.com/agent-gate/agent-gate/internal/report"
)

// fileLimit is the maximum size of a report, in bytes: GitLab rejects files of 30 MB or more
// (doc/ci/testing/unit_test_reports.md).
const fileLimit = 29_000_000

// fileReserve is reserved for everything but cases.
const fileReserve = 64 << 10

// gateClass is the class of cases that are not calls. For Jenkins, what comes before the last
// dot is a package.
const gateClass = "agent-gate.criteria"

// Write writes the report as JUnit XML: a suite "gate" with a case per criterion, and a suite
// with a case per call. Failures are failed calls, calls below the bar and unmet criteria;
// errors are missing data, unfinished and cancelled calls, and errors of the run; lost and
// missing calls are skipped. Flaky calls are marked. The file stays within GitLab's limit: a
// case as bad as the worst of them counts the cases that do not fit. Cases are generated twice,
// since their counts come first, and never held in memory.
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
