// Package ctrf writes a run in the Common Test Report Format (https://ctrf.io), which tools of many test
// frameworks read: one test for each criterion and for each call. Read write.go.
package ctrf

import (
	"bytes"
	"encoding/json"
	"fmt"
	"io"
	"math"
	"strconv"
	"time"

	"github.com/agent-gate/agent-gate/internal/report"
	"github.com/agent-gate/agent-gate/internal/text"
	"github.com/agent-gate/agent-gate/internal/verdict"
)

// specVersion is the version of the format's specification.
const specVersion = "0.0.0"

// maxCalls limits the calls of a report, worst first: readers hold all tests in memory.
const maxCalls = 20_000

// A document is a report in the format.
type document struct {
	ReportFormat string  `json:"reportFormat"`
	SpecVersion  string  `json:"specVersion"`
	GeneratedBy  string  `json:"generatedBy"`
	Results      results `json:"results"`
}

type results struct {
	Tool        tool        `json:"tool"`
	Summary     summary     `json:"summary"`
	Tests       []test      `json:"tests"`
	Environment environment `json:"environment"`
	Extra       extra       `json:"extra"`
}

type tool struct {
	Name    string `json:"name"`
	Version string `json:"version,omitempty"`
}

// A summary counts tests. Start and Stop are in milliseconds since 1970.
type summary struct {
	Tests   int   `json:"tests"`
	Passed  int   `json:"passed"`
	Failed  int   `json:"failed"`
	Pending int   `json:"pending"`
	Skipped int   `json:"skipped"`
	Other   int   `json:"other"`
	Flaky   int   `json:"flaky"`
	Start   int64 `json:"start"`
	Stop    int64 `json:"stop"`
}

// The statuses of tests.
const (
	passed  = "passed"
	failed  = "failed"
	skipped = "skipped"
	other   = "other"
)

// A test is a criterion or a call. Duration is in milliseconds.
type test struct {
	Name      string   `json:"name"`
	Status    string   `json:"status"`
	Duration  int64    `json:"duration"`
	Suite     []string `json:"suite,omitempty"`
	Message   string   `json:"message,omitempty"`
	RawStatus string   `json:"rawStatus,omitempty"`
	Type      string   `json:"type,omitempty"`
	Retries   int      `json:"retries,omitempty"`
	Flaky     bool     `json:"flaky,omitempty"`
}

type environment struct {
	ReportName     string `json:"reportName,omitempty"`
	BuildURL       string `json:"buildUrl,omitempty"`
	RepositoryName string `json:"repositoryName,omitempty"`
	Commit         string `json:"commit,omitempty"`
	BranchName     string `json:"branchName,omitempty"`
}

// extra is what the format has no place for.
type extra struct {
	Verdict  string `json:"verdict"`
	Reason   string `json:"reason,omitempty"`
	ExitCode int    `json:"exitCode"`
}

// Write writes the report.
func Write(w io.Writer, r report.Report) error {
	var b bytes.Buffer
	e := json.NewEncoder(&b)
	e.SetEscapeHTML(false)
	e.SetIndent("", "  ")
	if err := e.Encode(documentOf(r)); err != nil {
		return fmt.Errorf("write the CTRF report: %w", err)
	}
	if _, err := w.Write(report.Inert(b.Bytes())); err != nil {
		return fmt.Errorf("write the CTRF report: %w", err)
	}
	return nil
}

func documentOf(r report.Report) document {
	res := results{
		Tool: tool{Name: r.Tool.Name, Version: r.Tool.Version},
		Environment: environment{
			ReportName: r.Evidence.RunTest.Name.LineMax(255), BuildURL: r.CI.JobURL,
			RepositoryName: r.CI.Repository.LineMax(255), Commit: r.CI.SHA, BranchName: r.CI.Ref.LineMax(255),
		},
		Extra: extra{Verdict: string(r.Verdict.Kind), Reason: r.Verdict.Reason.LineMax(2000), ExitCode: r.ExitCode},
		Tests: append(criteriaOf(r), callsOf(r)...),
	}
	res.Summary = summary{Tests: len(res.Tests), Start: milliseconds(r.Evidence.Timing.StartedAt), Stop: milliseconds(r.Evidence.Timing.FinishedAt)}
	for _, t := range res.Tests {
		switch t.Status {
		case passed:
			res.Summary.Passed++
		case failed:
			res.Summary.Failed++
		case skipped:
			res.Summary.Skipped++
		default:
			res.Summary.Other++
		}
		if t.Flaky {
			res.Summary.Flaky++
		}
	}
	return document{ReportFormat: "CTRF", SpecVersion: specVersion, GeneratedBy: r.Tool.Name, Results: res}
}

// criteriaOf returns a test for each criterion, or one for a run that was not judged.
func criteriaOf(r report.Report) []test {
	tests := []test{}
	if len(r.Verdict.Checks) == 0 {
		status := other
		switch r.Verdict.Kind {
		case verdict.Pass:
			status = passed
		case verdict.Fail:
			status = failed
		case verdict.Skip:
			status = skipped
		}
		return append(tests, test{Name: "run", Status: status, Suite: []string{"gate"}, Message: r.Verdict.Reason.LineMax(2000), RawStatus: string(r.Verdict.Kind), Type: "gate"})
	}
	names := map[string]int{}
	for _, c := range report.Checks(r) {
		t := test{
			Name: report.CriterionName(c).LineMax(300), Status: other, Suite: []string{"gate"}, Message: c.Detail.LineMax(2000),
			RawStatus: string(c.Outcome), Type: "criterion",
		}
		switch c.Outcome {
		case verdict.Met:
			t.Status = passed
		case verdict.NotMet:
			t.Status = failed
		case verdict.Undecided, verdict.NoData:
		}
		t.Name = unique(names, t.Name)
		tests = append(tests, t)
	}
	return tests
}

// callsOf returns a test for each call, worst first.
func callsOf(r report.Report) []test {
	var tests []test
	v, names := report.NewViewer(r), map[string]int{}
	worst, rest := report.WorstFirst(r)
	for _, at := range append(worst, rest...) {
		if len(tests) == maxCalls {
			break
		}
		c := v.At(at)
		t := test{
			Suite: []string{"calls", c.Title.LineMax(255)}, RawStatus: string(c.Ending.Word()), Type: "call",
			Retries: max(c.Attempts-1, 0), Flaky: c.Flaky(), Status: statusOf(c.Ending),
		}
		t.Name = unique(names, text.Sprintf("%s: call %s", c.Title, string(report.ShortID(c.ID))).LineMax(300))
		if d := report.Finite(c.DurationSeconds); d != nil {
			t.Duration = int64(math.Round(max(*d, 0) * 1000))
		}
		if t.Status != passed {
			t.Message = report.CallWhy(c).LineMax(2000)
		}
		tests = append(tests, t)
	}
	return tests
}

// statusOf is the status of a call in the format's terms: what the platform lost is neither passed nor failed.
func statusOf(e report.Ending) string {
	switch e {
	case report.EndPassed, report.EndSucceeded:
		return passed
	case report.EndFailed, report.EndBelowBar:
		return failed
	case report.EndSkipped:
		return skipped
	}
	return other
}

// unique returns a name that no earlier test has.
func unique(taken map[string]int, name string) string {
	taken[name]++
	if n := taken[name]; n > 1 {
		return unique(taken, name+" ("+strconv.Itoa(n)+")")
	}
	return name
}

// milliseconds is a time since 1970; 0 if unknown.
func milliseconds(t time.Time) int64 {
	if t.IsZero() {
		return 0
	}
	return t.UnixMilli()
}
