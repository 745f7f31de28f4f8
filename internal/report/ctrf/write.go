// Package ctrf writes a judged run in the Common Test Report Format (https://ctrf.io), which tools of many
// test frameworks read: a test for each criterion and each call. write.go has the document, tests.go the
// tests.
package ctrf

import (
	"encoding/json"
	"fmt"
	"io"
	"time"

	"github.com/agent-gate/agent-gate/internal/ci/job"
	"github.com/agent-gate/agent-gate/internal/report"
	"github.com/agent-gate/agent-gate/internal/text"
	"github.com/agent-gate/agent-gate/internal/verdict"
)

// specVersion is the version of the format's specification.
const specVersion = "0.0.0"

// maxCalls is the maximum number of calls, worst first: readers hold all tests in memory.
const maxCalls = 20_000

// A document is a report in the format. All of its texts come through a door.
type document struct {
	ReportFormat string  `json:"reportFormat"`
	SpecVersion  string  `json:"specVersion"`
	GeneratedBy  string  `json:"generatedBy"`
	Results      results `json:"results"`
}

type results struct {
	Tool        tool         `json:"tool"`
	Summary     summary      `json:"summary"`
	Tests       []test       `json:"tests"`
	Environment *environment `json:"environment,omitempty"`
	Extra       extra        `json:"extra"`
}

type tool struct {
	Name    string `json:"name"`
	Version string `json:"version,omitempty"`
}

// A summary counts tests. Start and Stop are in milliseconds since 1970, Duration in milliseconds.
type summary struct {
	Tests    int   `json:"tests"`
	Passed   int   `json:"passed"`
	Failed   int   `json:"failed"`
	Pending  int   `json:"pending"`
	Skipped  int   `json:"skipped"`
	Other    int   `json:"other"`
	Flaky    int   `json:"flaky"`
	Suites   int   `json:"suites"`
	Start    int64 `json:"start"`
	Stop     int64 `json:"stop"`
	Duration int64 `json:"duration"`
}

type environment struct {
	ReportName     string `json:"reportName,omitempty"`
	BuildID        string `json:"buildId,omitempty"`
	BuildName      string `json:"buildName,omitempty"`
	BuildURL       string `json:"buildUrl,omitempty"`
	RepositoryName string `json:"repositoryName,omitempty"`
	Commit         string `json:"commit,omitempty"`
	BranchName     string `json:"branchName,omitempty"`
}

// extra is what the format has no place for.
type extra struct {
	Verdict  string `json:"verdict"`
	Reason   string `json:"reason,omitempty"`
	ExitCode int    `json:"exit_code"`
	// Policy says why the exit code is not that of the verdict, or never would be.
	Policy string `json:"policy,omitempty"`
	// Checks counts the checks, without calls.
	Checks report.CheckCounts `json:"checks"`
	// Reused says whose calls were judged again; nil if the run paid for its own.
	Reused *report.Reuse `json:"reused,omitempty"`
	// ReusedGates are the gates of a suite whose calls were judged again.
	ReusedGates []reusedGate `json:"reused_gates,omitempty"`
}

// A reusedGate is a gate whose calls were judged again.
type reusedGate struct {
	Gate string `json:"gate"`
	*report.Reuse
}

// Write writes the report: a test for each criterion and each call. Failed are unmet criteria, and those
// without a result if that fails the job, failed calls, and calls below the bar; calls that say nothing about
// the agent are other. A run that fails the job always has a failed test.
func Write(w io.Writer, r report.Report) error {
	d := newDocument(r.Tool, r.CI, r.Verdict, r.ExitCode, r.Evidence.Timing)
	d.name(r.Evidence.RunTest.Name)
	d.Results.Extra.Policy, d.Results.Extra.Checks = string(report.Disarmed(r)), report.CountChecks(r)
	d.Results.Extra.Reused = report.ReuseOf(r)
	d.add(testsOf(r, nil, maxCalls))
	return d.write(w)
}

// WriteSuite writes several gates in one report. The name of the gate comes first in the suite of each test.
func WriteSuite(w io.Writer, s report.Suite) error {
	d := newDocument(s.Tool, s.CI, s.Verdict, s.ExitCode, s.Timing)
	if len(s.Gates) == 0 || !report.Blank(report.OverNote(s)) { // what is wrong is no gate's own
		d.add(testsOf(report.Report{Verdict: s.Verdict, ExitCode: s.ExitCode}, nil, 0))
	}
	d.Results.Extra.Policy, d.Results.Extra.Checks = string(report.SuiteDisarmed(s)), report.CountSuiteChecks(s)
	left := maxCalls
	for i, g := range s.Gates {
		most := left / (len(s.Gates) - i)
		left -= min(most, g.Evidence.Calls.Len())
		d.add(testsOf(g.Report, []string{string(g.Name)}, most))
		if from := report.ReuseOf(g.Report); from != nil {
			d.Results.Extra.ReusedGates = append(d.Results.Extra.ReusedGates, reusedGate{string(g.Name), from})
		}
	}
	if missing := report.Incomplete(s.ExitCode, s.Unwritten); !report.Blank(missing) { // which is of no gate
		d.add([]test{runTest(report.Report{Verdict: s.Verdict, ExitCode: s.ExitCode, Unwritten: s.Unwritten}, []string{"criteria"})})
	}
	return d.write(w)
}

func newDocument(t report.Tool, c job.Context, v verdict.Verdict, exit int, timing verdict.Timing) *document {
	e := environment{
		BuildID: c.RunID, BuildName: c.Workflow.LineMax(nameLimit), BuildURL: string(report.Link(c.JobURL)),
		RepositoryName: c.Repository.LineMax(nameLimit), Commit: c.SHA, BranchName: c.Ref.LineMax(nameLimit),
	}
	d := &document{ReportFormat: "CTRF", SpecVersion: specVersion, GeneratedBy: t.Name, Results: results{
		Tool:  tool{Name: t.Name, Version: t.Version},
		Tests: []test{},
		Extra: extra{Verdict: string(v.Kind), Reason: v.Reason.LineMax(messageLimit), ExitCode: exit},
		Summary: summary{
			Start: milliseconds(timing.StartedAt), Stop: milliseconds(timing.FinishedAt),
		},
	}}
	if took, ok := report.Took(timing); ok {
		d.Results.Summary.Duration = max(took.Milliseconds(), 0)
	}
	if e != (environment{}) {
		d.Results.Environment = &e
	}
	return d
}

// name names the report.
func (d *document) name(t text.Untrusted) {
	if report.Blank(t) {
		return
	}
	if d.Results.Environment == nil {
		d.Results.Environment = &environment{}
	}
	d.Results.Environment.ReportName = t.LineMax(nameLimit)
}

// add adds tests and counts them.
func (d *document) add(tests []test) {
	s := &d.Results.Summary
	d.Results.Tests = append(d.Results.Tests, tests...)
	s.Tests += len(tests)
	for _, t := range tests {
		switch t.Status {
		case passed:
			s.Passed++
		case failed:
			s.Failed++
		case skipped:
			s.Skipped++
		default:
			s.Other++
		}
		if t.Flaky {
			s.Flaky++
		}
	}
}

func (d *document) write(w io.Writer) error {
	suites := map[string]bool{}
	for _, t := range d.Results.Tests {
		key, err := json.Marshal(t.Suite)
		if err != nil {
			return fmt.Errorf("write the CTRF report: %w", err)
		}
		suites[string(key)] = true
	}
	d.Results.Summary.Suites = len(suites)
	b, err := report.IndentedJSON(d)
	if err == nil {
		_, err = w.Write(b)
	}
	if err != nil {
		return fmt.Errorf("write the CTRF report: %w", err)
	}
	return nil
}

// milliseconds is a time since 1970; 0 if unknown.
func milliseconds(t time.Time) int64 {
	if t.IsZero() {
		return 0
	}
	return t.UnixMilli()
}
