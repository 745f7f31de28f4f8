package command

import (
	"bytes"
	"fmt"
	"io"
	"log/slog"
	"slices"
	"strconv"
	"strings"

	"github.com/google/uuid"

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
)

// finish prints a verdict, reports it everywhere, and returns the exit code.
func (s *session) finish(e verdict.Evidence, v verdict.Verdict) int {
	r := s.judged(e, v)
	s.details(v.Kind == verdict.Pass || v.Kind == verdict.Skip, report.OtherWarnings(r), func(w io.Writer, o terminal.Options) error {
		return terminal.Details(w, r, o)
	})
	return s.report(e, v)
}

// options are what the stream of the result can show.
func (s *session) options() terminal.Options {
	return terminal.Options{Width: s.width, Colour: s.colour, Debug: s.level() <= slog.LevelDebug}
}

// details prints what stands above the verdict: everything, folded where the CI system folds, and warnings.
// Of a run without anything to look into, only a fold or the debug level shows it.
func (s *session) details(fine bool, warnings []text.Untrusted, write func(io.Writer, terminal.Options) error) {
	var shown bytes.Buffer
	o := s.options()
	err := write(&shown, o)
	if err == nil && shown.Len() > 0 && (!fine || s.log.Folds() || o.Debug) {
		if s.log.Folds() {
			s.log.Group("Details")
		}
		_, err = s.result.Write(shown.Bytes())
		s.log.EndGroup()
	}
	if err == nil {
		err = terminal.Warnings(s.result, warnings, o)
	}
	if err != nil {
		s.log.Error("Cannot print the result: %s", text.New(err.Error()))
	}
}

// conclude prints the verdict, which is the last that a log shows.
func (s *session) conclude() {
	if s.concluding == nil {
		return
	}
	print := s.concluding
	s.concluding = nil
	fmt.Fprintln(s.result)
	if err := print(s.result, s.options()); err != nil {
		s.log.Error("Cannot print the verdict: %s", text.New(err.Error()))
	}
}

// places are the requested reports, without those at the paths in missing.
func (s *session) places(missing []string) report.Places {
	path := func(p string) text.Untrusted {
		if slices.Contains(missing, p) {
			return text.Untrusted{}
		}
		return text.New(p)
	}
	c := s.config.Reports
	return report.Places{
		HTML: path(c.HTML), JSON: path(c.JSON), JUnit: path(c.JUnit), Summary: path(c.Summary),
		CTRF: path(c.CTRF), Attestation: path(c.Attestation), URL: c.URL,
		NoHTML: c.HTML != "" && slices.Contains(missing, c.HTML),
	}
}

// judged returns what the reports show. Configuration warnings appear in every report:
// what disarms a gate has to be visible where people look, and few read the log.
func (s *session) judged(e verdict.Evidence, v verdict.Verdict) report.Report {
	e.Warnings = append(s.told(), e.Warnings...)
	return report.Report{
		Tool:     s.tool(),
		CI:       s.context,
		Evidence: e,
		Verdict:  v,
		Rules:    s.config.Rules,
		Policy:   s.config.Policy.Policy,
		Settings: s.settings(),
		ExitCode: v.ExitCode(s.config.Policy.Policy),
		Places:   s.places(nil),
	}
}

// settings are what was asked of the run: now, or of the saved one.
func (s *session) settings() *report.Settings {
	if s.name == config.CommandDecide || s.name == config.CommandExplain {
		return s.saved
	}
	c := s.config
	return &report.Settings{
		RerunAttempts: c.Reruns.Attempts, RerunType: c.Reruns.Type, RerunMaxCalls: c.Reruns.Max.String(), NewEvals: c.NewEvalConfigIDs,
	}
}

// report writes a verdict to all reports and outputs and returns the exit code.
func (s *session) report(e verdict.Evidence, v verdict.Verdict) int {
	r := s.judged(e, v)
	s.reported = &reported{kind: v.Kind, tested: tested(s.config.Target), comment: func(w io.Writer, o markdown.CommentOptions) error {
		return markdown.Comment(w, r, o)
	}}
	if s.context.Provider == job.GitHub {
		s.annotate(github.Annotations(r))
	}
	return s.publish(published{
		code: r.ExitCode, soft: r.Policy.SoftFail,
		render: func(code int, warnings []text.Untrusted) renderings {
			r := r
			r.ExitCode, r.Unwritten = code, warnings
			r.Evidence.Warnings = append(slices.Clip(r.Evidence.Warnings), warnings...)
			return renderings{
				json:    func(w io.Writer) error { return jsonreport.Write(w, r) },
				junit:   func(w io.Writer) error { return junit.Write(w, r) },
				html:    func(w io.Writer) error { return html.Write(w, r) },
				summary: func(w io.Writer) error { return markdown.Summary(w, r) },
				metrics: func(w io.Writer) error { return openmetrics.Write(w, r) },
				links:   func(w io.Writer) error { return gitlab.Links(w, r) },
				ctrf:    func(w io.Writer) error { return ctrf.Write(w, r) },
				attest:  func(w io.Writer) error { return intoto.Write(w, r) },
			}
		},
		values: func(code int, path string) []ci.Output { return values(r, code, path) },
		print: func(code int, missing []string) func(io.Writer, terminal.Options) error {
			r := r
			r.ExitCode, r.Places, r.Unwritten = code, s.places(missing), unwritten(missing)
			return func(w io.Writer, o terminal.Options) error { return terminal.Verdict(w, r, o) }
		},
	})
}

// reported is what the comment shows.
type reported struct {
	kind    verdict.Kind
	tested  string // see [tested]
	comment func(io.Writer, markdown.CommentOptions) error
}

// renderings write the report in all formats.
type renderings struct {
	json, junit, html, summary, metrics, links, ctrf, attest func(io.Writer) error
}

// published is a verdict in the form in which it is written.
type published struct {
	code int
	soft bool // soft-fail is on
	// render returns the formats, with an exit code and warnings of reports that cannot be written.
	render func(code int, warnings []text.Untrusted) renderings
	// values returns the outputs; path is that of the JSON report.
	values func(code int, path string) []ci.Output
	// print returns what prints the verdict, given the exit code and the reports that cannot be written.
	print func(code int, missing []string) func(io.Writer, terminal.Options) error
}

// publish writes all reports and outputs and returns the exit code. A report that cannot be written does not
// change the verdict, but a job must not succeed without what it was asked for: exit code 0 becomes 3, unless
// soft-fail promises 0.
func (s *session) publish(p published) int {
	code, incomplete := p.code, p.code
	if p.code == verdict.ExitOK && !p.soft {
		incomplete = verdict.ExitOperational
	}
	goesOn := incomplete == verdict.ExitOK
	formats := p.render(code, nil)
	missing := s.writeReports(formats, nil, goesOn)
	if len(missing) > 0 {
		// The reports that can be written mention those that cannot, and show the resulting
		// exit code.
		code = incomplete
		formats = p.render(code, unwritten(missing))
		s.writeReports(formats, missing, goesOn)
	}
	if err := s.files.AppendSummary(s.redacted(formats.summary)); err != nil {
		s.missed(goesOn || !s.config.Reports.StepSummary, text.Sprintf("Cannot write the job summary: %s", text.New(err.Error())))
		if s.config.Reports.StepSummary { // otherwise nobody asked for it
			code = incomplete
		}
	}
	path := s.config.Reports.JSON
	if slices.Contains(missing, path) {
		path = ""
	}
	if !s.set(p.values(code, path)...) && code != incomplete {
		code = incomplete
		s.set(exitCode(code)) // one of the two files may accept it
	}
	if code != p.code {
		s.incomplete(code)
	}
	s.concluding = p.print(code, missing)
	return code
}

// unwritten are the sentences about reports that cannot be written.
func unwritten(missing []string) (all []text.Untrusted) {
	for _, path := range missing {
		all = append(all, text.Sprintf("The report %s was requested but cannot be written.", text.New(path)))
	}
	return all
}

// writeReports writes the requested reports except those at the paths in without. It
// returns the paths of those that cannot be written; goesOn means that the job goes on without them.
func (s *session) writeReports(formats renderings, without []string, goesOn bool) (missing []string) {
	for _, file := range []struct {
		path  string
		write func(io.Writer) error
	}{
		{s.config.Reports.JSON, formats.json},
		{s.config.Reports.JUnit, formats.junit},
		{s.config.Reports.HTML, formats.html},
		{s.config.Reports.Summary, formats.summary},
		{s.config.Reports.Metrics, formats.metrics},
		{s.config.Reports.Annotations, formats.links},
		{s.config.Reports.CTRF, formats.ctrf},
		{s.config.Reports.Attestation, formats.attest},
	} {
		if file.path == "" || slices.Contains(without, file.path) {
			continue
		}
		if err := ci.WriteFile(file.path, s.redacted(file.write)); err != nil {
			s.missed(goesOn, text.Sprintf("Cannot write the report %s: %s", text.New(file.path), text.New(err.Error())))
			missing = append(missing, file.path)
		}
	}
	return missing
}

// incomplete reports why the exit code is not that of the verdict.
func (s *session) incomplete(code int) {
	message := text.Sprintf("the exit code is %d, since a requested report or output cannot be written", code)
	if s.context.Provider == job.GitHub {
		s.log.Annotate(ci.Annotation{Severity: ci.SeverityError, Title: text.New("agent-gate: reports are missing"), Message: message})
		return
	}
	s.log.Error("agent-gate: %s", message)
}

// redacted renders a report with the keys hidden, wherever they came from.
func (s *session) redacted(render func(io.Writer) error) func(io.Writer) error {
	return func(w io.Writer) error {
		hidden := s.redactor.Writer(w)
		if err := render(hidden); err != nil {
			return err
		}
		return hidden.Flush()
	}
}

// annotate shows annotations on GitHub's run page and pull request.
func (s *session) annotate(all []ci.Annotation) {
	for _, a := range all {
		s.log.Annotate(a)
	}
}

// values returns the outputs of the public interface. Those of the run test and the
// execution were written when they became known, and are repeated for runs that ended
// before. path is that of the JSON report.
func values(r report.Report, code int, path string) []ci.Output {
	e, v := r.Evidence, r.Verdict
	known := e.Execution.ID != uuid.Nil && e.Calls.Len() > 0
	rerun := 0
	for _, x := range e.Reruns {
		rerun += x.Accepted
	}
	return []ci.Output{
		{Name: "verdict", Value: string(v.Kind)},
		{Name: "reason", Value: v.Reason.Line(), Sentence: true},
		exitCode(code),
		{Name: "run-test-id", Value: id(e.RunTest.ID)},
		{Name: "test-execution-id", Value: id(e.Execution.ID)},
		{Name: "test-execution-ids", Value: executionIDs(e)},
		{Name: "dashboard-url", Value: e.Execution.URL},
		{Name: "success-rate", Value: number(v.Metrics.SuccessRate.Value)},
		{Name: "pass-rate", Value: number(v.Metrics.PassRate.Value)},
		{Name: "overall-score", Value: number(v.Metrics.OverallScore.Value)},
		{Name: "total-calls", Value: count(known, v.Counts.Total)},
		{Name: "completed-calls", Value: count(known, v.Counts.Completed)},
		{Name: "failed-calls", Value: count(known, v.Counts.Failed)},
		{Name: "lost-calls", Value: count(known, v.Counts.Lost)},
		{Name: "flaky-calls", Value: count(known, v.Counts.Flaky)},
		{Name: "rerun-calls", Value: count(known, rerun)},
		{Name: "cost-usd", Value: report.Dollars(r)},
		reusedOutput(r),
		{Name: "json-report", Value: path},
	}
}

// reusedOutput is the output reused, of one run or of several gates.
func reusedOutput(all ...report.Report) ci.Output {
	o := ci.Output{Name: "reused"}
	for _, r := range all {
		switch {
		case r.Evidence.Reused != nil:
			o.Value = "true"
		case r.Evidence.Execution.ID != uuid.Nil && o.Value == "":
			o.Value = "false"
		}
	}
	return o
}

// exitCode is the output exit-code.
func exitCode(code int) ci.Output {
	return ci.Output{Name: "exit-code", Value: strconv.Itoa(code)}
}

// id formats a UUID; empty when unknown.
func id(u uuid.UUID) string {
	if u == uuid.Nil {
		return ""
	}
	return u.String()
}

// executionIDs are the UUIDs of all executions; empty if none was started.
func executionIDs(e verdict.Evidence) string {
	if e.Execution.ID == uuid.Nil {
		return ""
	}
	var all []string
	for _, x := range e.Executions() {
		all = append(all, id(x.ID))
	}
	return strings.Join(all, ",")
}

// number formats a measured value with all its digits; empty when there is none.
func number(v *float64) string {
	if v == nil {
		return ""
	}
	return strconv.FormatFloat(*v, 'f', -1, 64)
}

// count formats a number of calls; empty when no call was read.
func count(known bool, n int) string {
	if !known {
		return ""
	}
	return strconv.Itoa(n)
}
