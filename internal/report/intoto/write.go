// Package intoto writes the predicate of an in-toto attestation of type test-result v0.1, for actions/attest:
// what was judged, by which criteria, and with what result. A deployment can then verify that the gate passed.
//
// https://github.com/in-toto/attestation/blob/main/spec/predicates/test-result.md
package intoto

import (
	"crypto/sha256"
	"encoding/hex"
	"fmt"
	"io"
	"strings"

	"github.com/google/uuid"

	"github.com/agent-gate/agent-gate/internal/ci/job"
	"github.com/agent-gate/agent-gate/internal/report"
	"github.com/agent-gate/agent-gate/internal/text"
	"github.com/agent-gate/agent-gate/internal/verdict"
)

// PredicateType is the type of the predicate.
const PredicateType = "https://in-toto.io/attestation/test-result/v0.1"

// The results of the predicate.
const (
	passed = "PASSED"
	warned = "WARNED"
	failed = "FAILED"
)

// Limits of texts, in characters.
const (
	nameLimit   = 255
	testLimit   = 300
	reasonLimit = 2000
)

// runTest is the name of what is not a criterion: the run as a whole.
const runTest = "run"

// A predicate is the result of one run. Its tests are checks, and the run where no check says why it did not pass. All of its texts come through a door.
type predicate struct {
	Result        string       `json:"result"`
	Configuration []descriptor `json:"configuration"`
	URL           string       `json:"url,omitempty"`
	PassedTests   []string     `json:"passedTests"`
	WarnedTests   []string     `json:"warnedTests"`
	FailedTests   []string     `json:"failedTests"`
}

// A descriptor names a part of what the run was configured by. It needs a URI or a digest.
type descriptor struct {
	Name        string            `json:"name"`
	URI         string            `json:"uri,omitempty"`
	Digest      map[string]string `json:"digest,omitempty"`
	Annotations map[string]any    `json:"annotations,omitempty"`
}

// Write writes the predicate of a run.
func Write(w io.Writer, r report.Report) error {
	p := newPredicate(r.CI)
	p.Result = resultOf(r.Verdict, r.ExitCode)
	p.add(r, "", p.Result)
	if p.URL == "" {
		p.URL = string(report.Link(r.Evidence.Execution.URL))
	}
	return p.write(w)
}

// WriteSuite writes the predicate of several gates. The name of the gate comes first in the name of each test.
// It passed only if every gate did that had to run, whatever their policies make of the exit code.
func WriteSuite(w io.Writer, s report.Suite) error {
	p := newPredicate(s.CI)
	p.Result = resultOf(s.Verdict, s.ExitCode)
	whole := report.Report{Tool: s.Tool, Verdict: s.Verdict, ExitCode: s.ExitCode, Unwritten: s.Unwritten}
	p.Configuration = append(p.Configuration, runOf(whole, "", string(report.SuiteDisarmed(s))))
	for _, g := range s.Gates {
		result := resultOf(g.Verdict, g.ExitCode)
		if g.Verdict.Kind == verdict.Skip && g.Verdict.Cause != "" && g.Verdict.Cause != verdict.CauseBudget {
			result = passed // it did not have to run
		}
		p.add(g.Report, string(g.Name)+": ", result)
		if result == failed || result == warned && p.Result == passed {
			p.Result = result
		}
	}
	// Such as a suite file that is wrong, or a report that cannot be written.
	if p.Result == failed && len(p.FailedTests) == 0 || p.Result == warned && len(p.WarnedTests) == 0 {
		p.tests(whole, "", p.Result)
	}
	return p.write(w)
}

// newPredicate returns a predicate about a commit.
func newPredicate(c job.Context) *predicate {
	p := &predicate{Configuration: []descriptor{}, URL: string(report.Link(c.JobURL)), PassedTests: []string{}, WarnedTests: []string{}, FailedTests: []string{}}
	if isHash(c.SHA) {
		d := descriptor{Name: "commit", Digest: map[string]string{"gitCommit": c.SHA}}
		if !report.Blank(c.Repository) {
			d.Annotations = map[string]any{"repository": c.Repository.LineMax(nameLimit)}
		}
		p.Configuration = append(p.Configuration, d)
	}
	return p
}

// add adds the checks of a run with such a result, what it was configured by, and what became of it.
func (p *predicate) add(r report.Report, prefix, result string) {
	p.tests(r, prefix, result)
	if r.Verdict.Kind != verdict.Skip {
		p.Configuration = append(p.Configuration, criteriaOf(r, prefix))
	}
	p.Configuration = append(p.Configuration, runOf(r, prefix, string(report.Disarmed(r))))
}

// tests adds the checks of a run. What did not pass for another reason has a test of its own, so that the lists
// say as much as the result.
func (p *predicate) tests(r report.Report, prefix, result string) {
	n := report.CountChecks(r)
	switch {
	case result == failed && n.Failed == 0:
		p.FailedTests = append(p.FailedTests, prefix+runTest)
	case result == warned && n.Undecided+n.NotJudged == 0:
		p.WarnedTests = append(p.WarnedTests, prefix+runTest)
	}
	for _, c := range report.AllChecks(r) {
		name := prefix + report.CriterionName(c).LineMax(testLimit)
		switch c.Outcome {
		case verdict.Met:
			p.PassedTests = append(p.PassedTests, name)
		case verdict.NotMet:
			p.FailedTests = append(p.FailedTests, name)
		case verdict.Undecided, verdict.NoData:
			p.WarnedTests = append(p.WarnedTests, name)
		}
	}
}

// criteriaOf describes the criteria, so that a policy can tell that the right ones were used.
func criteriaOf(r report.Report, prefix string) descriptor {
	lines := []string{}
	for _, c := range r.Rules.Criteria {
		lines = append(lines, text.New(c.String()).LineMax(testLimit))
	}
	sum := sha256.Sum256([]byte(strings.Join(lines, "\n") + "\n"))
	return descriptor{Name: prefix + "criteria", Digest: map[string]string{"sha256": hex.EncodeToString(sum[:])}, Annotations: map[string]any{"criteria": lines}}
}

// runOf describes what became of a run, why, and the execution that was judged. One that has none has the nil
// UUID. policy says what the policy makes of the verdict; empty if nothing.
func runOf(r report.Report, prefix string, policy string) descriptor {
	e, v := r.Evidence, r.Verdict
	d := descriptor{Name: prefix + runTest, URI: "urn:uuid:" + e.Execution.ID.String(), Annotations: map[string]any{
		"verdict": string(v.Kind), "exit_code": r.ExitCode,
		"tool": text.Sprintf("%s %s", r.Tool.Name, r.Tool.Version).LineMax(80),
	}}
	note := func(name report.Lit, value string) {
		if value != "" {
			d.Annotations[string(name)] = value
		}
	}
	note("reason", report.JobReason(v, r.ExitCode, r.Unwritten).LineMax(reasonLimit))
	note("cause", string(v.Cause))
	note("policy", policy)
	note("run_test", e.RunTest.Name.LineMax(nameLimit))
	if e.RunTest.ID != uuid.Nil {
		note("run_test_id", e.RunTest.ID.String())
	}
	if e.Execution.ID != uuid.Nil {
		note("test_execution_id", e.Execution.ID.String())
	}
	if from := report.ReuseOf(r); from != nil {
		d.Annotations["reused"] = from
	}
	if u := report.Link(e.Execution.URL); u != "" {
		d.URI = string(u)
	}
	return d
}

func (p *predicate) write(w io.Writer) error {
	b, err := report.IndentedJSON(p)
	if err == nil {
		_, err = w.Write(b)
	}
	if err != nil {
		return fmt.Errorf("write the attestation: %w", err)
	}
	return nil
}

// resultOf is the result of a verdict. Only a pass is PASSED, whatever the policy makes of the exit code: what
// was not judged, or is undecided, cannot be relied on. Nor is a pass whose job fails, for want of a report.
func resultOf(v verdict.Verdict, exit int) string {
	switch v.Kind {
	case verdict.Pass:
		if exit != verdict.ExitOK {
			return failed
		}
		return passed
	case verdict.Inconclusive:
		return warned
	case verdict.Skip:
		if v.Cause == verdict.CauseBudget {
			return failed // it had to run
		}
		return warned
	case verdict.Fail, verdict.Error:
	}
	return failed
}

// isHash reports whether a text is the hash of a commit.
func isHash(s string) bool {
	b, err := hex.DecodeString(s)
	return err == nil && (len(b) == 20 || len(b) == 32)
}
