package junit

import (
	"encoding/xml"
	"fmt"
	"math"
	"testing"

	joshdk "github.com/joshdk/go-junit"
	jstemmer "github.com/jstemmer/go-junit-report/v2/junit"

	"github.com/agent-gate/agent-gate/internal/report"
	"github.com/agent-gate/agent-gate/internal/report/reporttest"
	"github.com/agent-gate/agent-gate/internal/verdict"
)

// The readers below are libraries that know nothing of this program. .ci/run checks the golden
// files with readers in other languages and with the schema.

// wantedCounts are the expected numbers of cases, by result.
type wantedCounts struct{ tests, failures, errors, skipped int }

// expectedCounts counts from the run, not from the report.
func expectedCounts(r report.Report) wantedCounts {
	var n wantedCounts
	switch r.Verdict.Kind {
	case verdict.Error:
		n.errors++
	case verdict.Skip:
		n.skipped++
	}
	if report.Disarmed(r) != "" {
		n.skipped++
	}
	n.tests = n.errors + n.skipped + len(r.Verdict.Checks) + r.Evidence.Calls.Len()
	for _, c := range r.Verdict.Checks {
		switch c.Outcome {
		case verdict.NotMet, verdict.Undecided:
			n.failures++
		case verdict.NoData:
			n.errors++
		}
	}
	for _, c := range r.Evidence.Calls.All() {
		switch c.Outcome() {
		case verdict.Succeeded:
			switch state := reporttest.PassState(c); {
			case state == verdict.NotPassed:
				n.failures++
			case state == verdict.PassUnknown && report.HasBar(r):
				n.skipped++
			}
		case verdict.Failed:
			n.failures++
		case verdict.Cancelled, verdict.Open:
			n.errors++
		case verdict.Skipped, verdict.Lost:
			n.skipped++
		}
	}
	for _, s := range r.Verdict.Scenarios {
		if s.Counts.Missing > 0 {
			n.tests++
			n.skipped++
		}
	}
	return n
}

// readByJstemmer reads a report with go-junit-report. It returns the counts in the file and the
// counted cases.
func readByJstemmer(report []byte) (said, found wantedCounts, err error) {
	var suites jstemmer.Testsuites
	if err := xml.Unmarshal(report, &suites); err != nil {
		return said, found, err
	}
	said = wantedCounts{tests: suites.Tests, failures: suites.Failures, errors: suites.Errors}
	for _, s := range suites.Suites {
		said.skipped += s.Skipped
		for _, c := range s.Testcases {
			found.tests++
			switch {
			case c.Failure != nil:
				found.failures++
			case c.Error != nil:
				found.errors++
			case c.Skipped != nil:
				found.skipped++
			}
		}
	}
	return said, found, nil
}

// readByJoshdk reads with go-junit, which ignores the counts in the file.
func readByJoshdk(report []byte) (wantedCounts, error) {
	suites, err := joshdk.Ingest(report)
	var n wantedCounts
	for _, s := range suites {
		n.tests += s.Totals.Tests
		n.failures += s.Totals.Failed
		n.errors += s.Totals.Error
		n.skipped += s.Totals.Skipped
	}
	return n, err
}

func TestJUnitIsReadByTheLibrariesOfOthers(t *testing.T) {
	t.Parallel()
	all := reporttest.Cases()
	for i, s := range reporttest.HostileTexts(t) {
		all[fmt.Sprintf("hostile-%d", i)] = reporttest.Poisoned(s)
	}
	for name, r := range all {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			report, want := reporttest.Written(t, Write, r), expectedCounts(r)
			said, found, err := readByJstemmer(report)
			if err != nil || said != want || found != want {
				t.Errorf("go-junit-report reads %+v and finds %+v, error %v, want %+v", said, found, err, want)
			}
			if got, err := readByJoshdk(report); err != nil || got != want {
				t.Errorf("go-junit reads %+v, error %v, want %+v", got, err, want)
			}
		})
	}
}

func TestJUnitDurationsAreReadByTheLibrariesOfOthers(t *testing.T) {
	t.Parallel()
	r := reporttest.Failing()
	want := 0.0
	for _, c := range r.Evidence.Calls.All() {
		if c.DurationSeconds != nil {
			want += *c.DurationSeconds
		}
	}
	suites, err := joshdk.Ingest(reporttest.Written(t, Write, r))
	if err != nil {
		t.Fatal(err)
	}
	if got := suites[1].Totals.Duration.Seconds(); math.Abs(got-want) > 0.01 {
		t.Errorf("%v seconds, want %v", got, want)
	}
}
