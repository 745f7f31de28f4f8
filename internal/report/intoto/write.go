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
	nameLimit = 255
	testLimit = 300
)

// A predicate is the result of one run. Its tests are criteria. All of its texts come through a door.
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
	p.add(r, "")
	p.Result = resultOf(r.Verdict)
	if p.URL == "" {
		p.URL = string(report.Link(r.Evidence.Execution.URL))
	}
	return p.write(w)
}

// WriteSuite writes the predicate of several gates. The name of the gate comes first in the name of each test.
// It passed only if every gate did that had to run, whatever their policies make of the exit code.
func WriteSuite(w io.Writer, s report.Suite) error {
	p := newPredicate(s.CI)
	p.Result = resultOf(s.Verdict)
	for _, g := range s.Gates {
		p.add(g.Report, string(g.Name)+": ")
		if g.Verdict.Kind == verdict.Skip && g.Verdict.Cause != "" && g.Verdict.Cause != verdict.CauseBudget {
			continue // it did not have to run
		}
		if result := resultOf(g.Verdict); result == failed || result == warned && p.Result == passed {
			p.Result = result
		}
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

// add adds the criteria of a run, and what it was configured by.
func (p *predicate) add(r report.Report, prefix string) {
	for _, c := range r.Verdict.Checks {
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
	if r.Verdict.Kind == verdict.Skip {
		return
	}
	p.Configuration = append(p.Configuration, criteriaOf(r, prefix))
	if r.Evidence.Execution.ID != uuid.Nil {
		p.Configuration = append(p.Configuration, runOf(r, prefix))
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

// runOf describes the execution that was judged.
func runOf(r report.Report, prefix string) descriptor {
	e := r.Evidence
	d := descriptor{Name: prefix + "run", URI: "urn:uuid:" + e.Execution.ID.String(), Annotations: map[string]any{
		"verdict": string(r.Verdict.Kind), "exit_code": r.ExitCode, "test_execution_id": e.Execution.ID.String(),
		"tool": text.Sprintf("%s %s", r.Tool.Name, r.Tool.Version).LineMax(80),
	}}
	if !report.Blank(e.RunTest.Name) {
		d.Annotations["run_test"] = e.RunTest.Name.LineMax(nameLimit)
	}
	if e.RunTest.ID != uuid.Nil {
		d.Annotations["run_test_id"] = e.RunTest.ID.String()
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
// was not judged, or is undecided, cannot be relied on.
func resultOf(v verdict.Verdict) string {
	switch v.Kind {
	case verdict.Pass:
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
