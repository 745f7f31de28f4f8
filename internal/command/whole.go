package command

import (
	"encoding/json"
	"io"
	"slices"
	"strings"

	"github.com/agent-gate/agent-gate/internal/ci"
	"github.com/agent-gate/agent-gate/internal/ci/job"
	"github.com/agent-gate/agent-gate/internal/config"
	"github.com/agent-gate/agent-gate/internal/report"
	"github.com/agent-gate/agent-gate/internal/report/ctrf"
	"github.com/agent-gate/agent-gate/internal/report/github"
	"github.com/agent-gate/agent-gate/internal/report/gitlab"
	"github.com/agent-gate/agent-gate/internal/report/html"
	"github.com/agent-gate/agent-gate/internal/report/intoto"
	"github.com/agent-gate/agent-gate/internal/report/jsonreport"
	"github.com/agent-gate/agent-gate/internal/report/junit"
	"github.com/agent-gate/agent-gate/internal/report/markdown"
	"github.com/agent-gate/agent-gate/internal/report/openmetrics"
	"github.com/agent-gate/agent-gate/internal/report/terminal"
	"github.com/agent-gate/agent-gate/internal/text"
	"github.com/agent-gate/agent-gate/internal/verdict"
	"github.com/agent-gate/agent-gate/internal/verdict/whole"
)

// finishGates makes one verdict of those of the gates, reports it, and returns the exit code.
func (s *session) finishGates(gates []report.Gate) int {
	var all []whole.Gate
	for _, g := range gates {
		all = append(all, whole.Gate{Name: string(g.Name), Kind: g.Verdict.Kind, Cause: g.Verdict.Cause, Reason: g.Verdict.Reason, ExitCode: g.ExitCode})
	}
	v, code := whole.Judge(all, report.OverBudget(gates, s.budget()))
	return s.finishSuite(gates, v, code)
}

// finishSuite prints the verdict on a suite and reports it everywhere. There are no gates if the file is wrong.
func (s *session) finishSuite(gates []report.Gate, v verdict.Verdict, code int) int {
	r := s.whole(gates, v, code)
	if s.name == config.CommandStart && v.Kind == verdict.Skip {
		s.set(exitCode(code), gatesOutput(r), executionsOutput(r))
		return code
	}
	if len(gates) > 0 {
		s.details(!slices.ContainsFunc(gates, report.NeedsAttention), r.AllWarnings(), func(w io.Writer, o terminal.Options) error {
			return terminal.SuiteDetails(w, r, o)
		})
	}
	s.reported = &reported{kind: v.Kind, tested: s.suite.Path, comment: func(w io.Writer, o markdown.CommentOptions) error {
		return markdown.SuiteComment(w, r, o)
	}}
	if s.context.Provider == job.GitHub {
		s.annotate(github.SuiteAnnotations(r))
	}
	return s.publish(published{
		code: code,
		soft: len(gates) > 0 && !slices.ContainsFunc(gates, func(g report.Gate) bool { return !g.Policy.SoftFail }),
		render: func(code int, warnings []text.Untrusted) renderings {
			r := r
			r.ExitCode, r.Unwritten = code, warnings
			r.Warnings = append(slices.Clip(r.Warnings), warnings...)
			return renderings{
				json:    func(w io.Writer) error { return jsonreport.WriteSuite(w, r) },
				junit:   func(w io.Writer) error { return junit.WriteSuite(w, r) },
				html:    func(w io.Writer) error { return html.WriteSuite(w, r) },
				summary: func(w io.Writer) error { return markdown.SuiteSummary(w, r) },
				metrics: func(w io.Writer) error { return openmetrics.WriteSuite(w, r) },
				links:   func(w io.Writer) error { return gitlab.SuiteLinks(w, r) },
				ctrf:    func(w io.Writer) error { return ctrf.WriteSuite(w, r) },
				attest:  func(w io.Writer) error { return intoto.WriteSuite(w, r) },
			}
		},
		values: func(code int, path string) []ci.Output { return suiteValues(r, code, path) },
		print: func(code int, missing []string) func(io.Writer, terminal.Options) error {
			r := r
			r.ExitCode, r.Places, r.Unwritten = code, s.places(missing), unwritten(missing)
			r.Gates = placed(r.Gates, r.Places)
			return func(w io.Writer, o terminal.Options) error { return terminal.SuiteVerdict(w, r, o) }
		},
	})
}

// whole returns what the reports show of a suite.
func (s *session) whole(gates []report.Gate, v verdict.Verdict, code int) report.Suite {
	places, timing := s.places(nil), s.timing()
	if s.took != nil {
		timing = *s.took
	}
	gates = placed(gates, places)
	r := report.Suite{
		Tool: s.tool(), CI: s.context, Verdict: v, ExitCode: code, Gates: gates,
		Budget: report.SumBudget(gates, s.budget()),
		Timing: timing, Places: places, Warnings: s.told(),
	}
	if why := r.Budget.Unheld(); !why.IsEmpty() && !slices.Contains(r.Warnings, why) {
		r.Warnings = append(r.Warnings, why)
	}
	for _, g := range gates { // of gates that passed, some reports have just a line
		for _, note := range []text.Untrusted{report.ReuseNote(g.Report), report.QuarantineNote(g.Report)} {
			named := text.Sprintf("%s: %s", string(g.Name), note)
			if !report.Blank(note) && !slices.Contains(r.Warnings, named) { // as in a saved report
				r.Warnings = append(r.Warnings, named)
			}
		}
	}
	return r
}

// placed returns gates whose reports are at the places of the suite.
func placed(gates []report.Gate, places report.Places) []report.Gate {
	gates = slices.Clone(gates)
	for i := range gates {
		gates[i].Places = places
		gates[i].Places.Gate = gates[i].Name
	}
	return gates
}

// suiteValues returns the outputs of a suite: those of all gates together.
func suiteValues(r report.Suite, code int, path string) []ci.Output {
	n, known := report.TotalCounts(r)
	rerun := 0
	var runs []report.Report
	for _, g := range r.Gates {
		runs = append(runs, g.Report)
		for _, x := range g.Evidence.Reruns {
			rerun += x.Accepted
		}
	}
	return []ci.Output{
		{Name: "verdict", Value: string(r.Verdict.Kind)},
		{Name: "reason", Value: r.Verdict.Reason.Line(), Sentence: true},
		exitCode(code),
		gatesOutput(r),
		executionsOutput(r),
		{Name: "total-calls", Value: count(known, n.Total)},
		{Name: "completed-calls", Value: count(known, n.Completed)},
		{Name: "failed-calls", Value: count(known, n.Failed)},
		{Name: "lost-calls", Value: count(known, n.Lost)},
		{Name: "flaky-calls", Value: count(known, n.Flaky)},
		{Name: "rerun-calls", Value: count(known, rerun)},
		{Name: "cost-usd", Value: report.SuiteDollars(r)},
		reusedOutput(runs...),
		{Name: "json-report", Value: path},
	}
}

// executionsOutput is the output test-execution-ids: of all gates, in the order of the file.
func executionsOutput(r report.Suite) ci.Output {
	var all []string
	for _, g := range r.Gates {
		if ids := executionIDs(g.Evidence); ids != "" {
			all = append(all, ids)
		}
	}
	return ci.Output{Name: "test-execution-ids", Value: strings.Join(all, ",")}
}

// gatesOutput is the output gates: the verdict of each, by name, in the order of the file.
func gatesOutput(r report.Suite) ci.Output {
	var object, plain strings.Builder
	for i, g := range r.Gates {
		if i > 0 {
			object.WriteByte(',')
			plain.WriteByte(',')
		}
		name, _ := json.Marshal(string(g.Name)) // a text always can be
		kind, _ := json.Marshal(string(g.Verdict.Kind))
		object.Write(name)
		object.WriteByte(':')
		object.Write(kind)
		plain.WriteString(string(g.Name) + ":" + string(g.Verdict.Kind))
	}
	return ci.Output{Name: "gates", Value: "{" + object.String() + "}", Plain: plain.String()}
}
