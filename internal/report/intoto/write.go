// Package intoto writes the predicate of an in-toto attestation of type test-result v0.1
// (https://in-toto.io/attestation/test-result/v0.1), for actions/attest: what was tested, and with what
// result. A deployment can then verify that the gate passed. Read write.go.
package intoto

import (
	"bytes"
	"encoding/json"
	"fmt"
	"io"

	"github.com/google/uuid"

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

// A predicate is the result of one run. Tests are criteria.
type predicate struct {
	Result        string       `json:"result"`
	Configuration []descriptor `json:"configuration"`
	URL           string       `json:"url,omitempty"`
	PassedTests   []string     `json:"passedTests"`
	WarnedTests   []string     `json:"warnedTests"`
	FailedTests   []string     `json:"failedTests"`
}

// A descriptor names what the run was configured by.
type descriptor struct {
	Name        string            `json:"name"`
	URI         string            `json:"uri,omitempty"`
	Digest      map[string]string `json:"digest,omitempty"`
	Annotations map[string]string `json:"annotations,omitempty"`
}

// Write writes the predicate.
func Write(w io.Writer, r report.Report) error {
	var b bytes.Buffer
	e := json.NewEncoder(&b)
	e.SetEscapeHTML(false)
	e.SetIndent("", "  ")
	if err := e.Encode(predicateOf(r)); err != nil {
		return fmt.Errorf("write the attestation: %w", err)
	}
	if _, err := w.Write(report.Inert(b.Bytes())); err != nil {
		return fmt.Errorf("write the attestation: %w", err)
	}
	return nil
}

func predicateOf(r report.Report) predicate {
	p := predicate{Result: resultOf(r.Verdict.Kind), PassedTests: []string{}, WarnedTests: []string{}, FailedTests: []string{}}
	for _, c := range r.Verdict.Checks {
		name := report.CriterionName(c).LineMax(300)
		switch c.Outcome {
		case verdict.Met:
			p.PassedTests = append(p.PassedTests, name)
		case verdict.NotMet:
			p.FailedTests = append(p.FailedTests, name)
		case verdict.Undecided, verdict.NoData:
			p.WarnedTests = append(p.WarnedTests, name)
		}
	}
	p.URL = r.CI.JobURL
	if u := r.Evidence.Execution.URL; p.URL == "" && u != "" {
		p.URL = string(report.Link(u))
	}
	run := descriptor{Name: r.Evidence.RunTest.Name.LineMax(255), Annotations: map[string]string{
		"tool": text.Sprintf("%s %s", r.Tool.Name, r.Tool.Version).LineMax(80), "verdict": string(r.Verdict.Kind),
	}}
	if run.Name == "" {
		run.Name = "agent-gate"
	}
	if id := r.Evidence.RunTest.ID; id != uuid.Nil {
		run.Annotations["run_test_id"] = id.String()
	}
	if id := r.Evidence.Execution.ID; id != uuid.Nil {
		run.Annotations["test_execution_id"] = id.String()
		run.URI = string(report.Link(r.Evidence.Execution.URL))
	}
	if isHash(r.CI.SHA) {
		run.Digest = map[string]string{"gitCommit": r.CI.SHA}
	}
	p.Configuration = []descriptor{run}
	return p
}

// resultOf is the result of a verdict. Only a pass is PASSED, whatever the policy makes of the exit code:
// what was not judged, or is undecided, cannot be relied on.
func resultOf(k verdict.Kind) string {
	switch k {
	case verdict.Pass:
		return passed
	case verdict.Inconclusive, verdict.Skip:
		return warned
	case verdict.Fail, verdict.Error:
	}
	return failed
}

// isHash reports whether a text is the hash of a commit.
func isHash(s string) bool {
	if len(s) != 40 && len(s) != 64 {
		return false
	}
	for _, c := range s {
		if (c < '0' || c > '9') && (c < 'a' || c > 'f') {
			return false
		}
	}
	return true
}
