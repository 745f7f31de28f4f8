package jsonreport

import (
	"bufio"
	"bytes"
	"cmp"
	"encoding/json"
	"fmt"
	"io"

	"github.com/google/uuid"

	"github.com/agent-gate/agent-gate/internal/report"
	"github.com/agent-gate/agent-gate/internal/text"
	"github.com/agent-gate/agent-gate/internal/verdict"
)

// intervalFor is what the intervals speak of.
func intervalFor(r verdict.Rules) verdict.IntervalFor {
	return cmp.Or(r.IntervalFor, verdict.IntervalForSuite)
}

// Write writes the report as one JSON object with the schema [schemaID]. Each call is encoded
// on a line of its own, so a report of 100,000 calls needs no more memory than one of ten.
func Write(w io.Writer, r report.Report) error {
	buffered := bufio.NewWriterSize(w, report.BufferSize)
	o := &object{w: buffered}
	o.report(r)
	o.put("\n")
	return o.finish()
}

// finish returns the first error, or that of writing the rest.
func (o *object) finish() error {
	if o.err == nil {
		o.err = o.w.Flush()
	}
	if o.err != nil {
		return fmt.Errorf("write the JSON report: %w", o.err)
	}
	return nil
}

// report writes the keys of a report, and its end.
func (o *object) report(r report.Report) {
	v, e := r.Verdict, r.Evidence

	o.key("schema", schemaID)
	o.key("verdict", v.Kind)
	o.key("cause", nullable(string(v.Cause)))
	o.key("reason", orNull(v.Reason))
	o.key("flip", orNull(v.Flip))
	o.key("exit_code", r.ExitCode)
	o.key("soft_fail", r.Policy.SoftFail)
	o.key("confidence", report.Level(r))
	o.key("decide_on", nullable(string(r.Rules.DecideOn)))
	o.key("interval_for", intervalFor(r.Rules))
	o.key("judged_by", judgedByJSON(r))
	o.key("tool", jsonTool(r.Tool))
	o.key("ci", ciJSON(r.CI))
	o.key("run_test", jsonRunTest{ID: idOrNull(e.RunTest.ID), Name: orNull(e.RunTest.Name)})
	o.key("run", runJSON(r))
	o.key("execution", executionJSON(e.Execution))
	list(o, "executions", executionsOf(e), executionJSON)
	o.key("counts", countsJSON(v.Counts))
	o.key("metrics", metricsJSON(v.Metrics))
	o.key("checks", report.CountChecks(r))
	list(o, "criteria", report.AllChecks(r), checkJSON)
	list(o, "scenarios", v.Scenarios, scenarioJSON)
	list(o, "evals", v.Evals, evalSummaryJSON)
	list(o, "eval_configs", e.Evals, evalConfigJSON)
	list(o, "plan", e.Plan, plannedJSON)
	o.key("unread", e.Unread)
	o.calls("calls", e.Calls, r)
	list(o, "quarantine", v.Aside, quarantinedJSON)
	list(o, "quarantined_plan", e.Quarantine.Plan, plannedJSON)
	o.calls("quarantined_calls", e.Quarantine.Calls, asideOf(r))
	o.key("platform", platformJSON(v.Lost))
	o.key("budget", budgetJSON(r))
	list(o, "reruns", e.Reruns, rerunJSON)
	o.key("baseline", baselineJSON(r))
	o.key("api", jsonAPI{
		Requests: e.API.Requests, Polls: e.API.Polls, Retries: e.API.Retries, Adopted: e.API.Adopted,
		BaseURL: orNull(e.API.BaseURL), BaseURLSource: orNull(e.API.BaseURLSource),
	})
	o.key("timing", timingJSON(e.Timing))
	same := func(t text.Untrusted) text.Untrusted { return t }
	list(o, "warnings", report.Warnings(r), same)
	list(o, "run_warnings", e.Warnings, same)
	o.key("stopped", stoppedJSON(v))
	o.key("fail_fast", (*jsonFailFast)(e.FailFast))
	o.key("unevaluated", orNull(e.Unevaluated))
	o.end()
}

// object writes the top level of the report key by key, and keeps the first error.
type object struct {
	w    *bufio.Writer
	keys int
	err  error
}

func (o *object) start(name report.Lit) {
	lead := ",\n  \""
	if o.keys == 0 {
		lead = "{\n  \""
	}
	o.keys++
	o.put(lead + string(name) + "\": ")
}

func (o *object) end() { o.put("\n}") }

func (o *object) put(s string) {
	if o.err == nil {
		_, o.err = o.w.WriteString(s)
	}
}

func (o *object) encode(v any, indent bool) {
	if o.err != nil {
		return
	}
	var b bytes.Buffer
	e := json.NewEncoder(&b)
	e.SetEscapeHTML(false)
	if indent {
		e.SetIndent("  ", "  ")
	}
	if o.err = e.Encode(v); o.err == nil {
		_, o.err = o.w.Write(report.Inert(bytes.TrimRight(b.Bytes(), "\n")))
	}
}

// key writes a key with its value, indented.
func (o *object) key(name report.Lit, v any) {
	o.start(name)
	o.encode(v, true)
}

// list writes a key with an array, one element per line.
func list[T, J any](o *object, name report.Lit, items []T, convert func(T) J) {
	o.start(name)
	if len(items) == 0 {
		o.put("[]")
		return
	}
	for i, item := range items {
		if i == 0 {
			o.put("[\n    ")
		} else {
			o.put(",\n    ")
		}
		o.encode(convert(item), false)
	}
	o.put("\n  ]")
}

// calls writes calls of a report, one per line.
func (o *object) calls(name report.Lit, all verdict.Calls, r report.Report) {
	o.start(name)
	if all.Len() == 0 {
		o.put("[]")
		return
	}
	var line jsonBuffer
	mark := marker(r)
	for i, c := range all.All() {
		line.b = line.b[:0]
		line.put(",\n    ")
		if i == 0 {
			line.b = line.b[:0]
			line.put("[\n    ")
		}
		line.call(&c, mark(i, &c))
		if line.err != nil {
			o.err = line.err
		}
		if o.err != nil {
			return
		}
		_, o.err = o.w.Write(line.b)
	}
	o.put("\n  ]")
}

// asideOf is a report as if what is in quarantine was all there is. Whether its calls passed is not said.
func asideOf(r report.Report) report.Report {
	r.Evidence.Calls, r.Verdict = r.Evidence.Quarantine.Calls, verdict.Verdict{}
	return r
}

func quarantinedJSON(a verdict.Aside) jsonQuarantined {
	q := jsonQuarantined{Scenario: a.Scenario, Reason: a.Reason, Owner: a.Owner, Counts: countsJSON(a.Counts)}
	if day := a.LastDay(); day != "" {
		q.Until = &day
	}
	return q
}

func nullable(s string) *string {
	if s == "" {
		return nil
	}
	return &s
}

// positive is a number that is not known, or does not apply, unless it is above 0.
func positive(v float64) *float64 {
	if v > 0 {
		return &v
	}
	return nil
}

func executionJSON(e verdict.Execution) jsonExecution {
	return jsonExecution{
		ID:                idOrNull(e.ID),
		Status:            stringOrNull(string(e.Status)),
		URL:               stringOrNull(e.URL),
		Dialect:           stringOrNull(string(e.Dialect)),
		StartedAt:         utc(e.StartedAt),
		CompletedAt:       utc(e.CompletedAt),
		AgentType:         stringOrNull(string(e.AgentType)),
		AgentName:         orNull(e.AgentName),
		PromptVersion:     orNull(e.PromptVersion),
		ServerSuccessRate: report.Finite(e.ServerSuccessRate),
		ErrorReason:       orNull(e.ErrorReason),
		Trial:             e.Trial + 1,
	}
}

// executionsOf returns the executions of a run; none if nothing was started.
func executionsOf(e verdict.Evidence) []verdict.Execution {
	if e.Execution.ID == uuid.Nil {
		return nil
	}
	return e.Executions()
}

func metricsJSON(m verdict.Metrics) jsonMetrics {
	return jsonMetrics{
		SuccessRate:      estimateJSON(m.SuccessRate),
		FirstSuccessRate: estimateJSON(m.FirstSuccessRate),
		PassRate:         estimateJSON(m.PassRate),
		FirstPassRate:    estimateJSON(m.FirstPassRate),
		JudgedRate:       estimateJSON(m.JudgedRate),
		ScoredRate:       estimateJSON(m.ScoredRate),
		FlakyRate:        estimateJSON(m.FlakyRate),
		OverallScore:     estimateJSON(m.OverallScore),
		Duration:         estimateJSON(m.Duration),
		ResponseTime:     estimateJSON(m.ResponseTime),
		Cost:             estimateJSON(m.Cost),
	}
}

func checkJSON(c verdict.Check) jsonCriterion {
	return jsonCriterion{
		Criterion: c.Criterion,
		Scope:     orNull(c.Scope),
		Actual:    report.Finite(c.Value.Value),
		Low:       report.Finite(c.Value.Low),
		High:      report.Finite(c.Value.High),
		Tolerance: positive(c.Tolerance),
		Outcome:   string(c.Outcome),
		N:         c.Value.N,
		Unknown:   c.Unknown,
		Detail:    orNull(c.Detail),
	}
}

func countsJSON(c verdict.Counts) jsonCounts {
	return jsonCounts{
		Total: c.Total, Completed: c.Completed, Failed: c.Failed, Cancelled: c.Cancelled, Succeeded: c.Succeeded,
		Skipped: c.Skipped, Scored: c.Scored, Flaky: c.Flaky, Passed: c.Passed, Lost: c.Lost, Open: c.Open,
		Judged: c.Judged, Missing: c.Missing, Planned: c.Planned, TurnLimit: c.TurnLimit,
	}
}

func plannedJSON(p verdict.Planned) jsonPlanned {
	return jsonPlanned{ID: idOrNull(p.ID), Name: orNull(p.Name), Calls: p.Calls}
}

func platformJSON(lost []verdict.LostCalls) jsonPlatform {
	p := jsonPlatform{Reasons: []jsonPlatformReason{}}
	for _, l := range lost {
		p.Reasons = append(p.Reasons, jsonPlatformReason{Reason: l.Words, Calls: l.Calls})
	}
	return p
}

func scenarioJSON(s verdict.ScenarioSummary) jsonScenario {
	return jsonScenario{
		Name:         s.Name,
		ID:           idOrNull(s.ID),
		Counts:       countsJSON(s.Counts),
		SuccessRate:  estimateJSON(s.SuccessRate),
		PassRate:     estimateJSON(s.PassRate),
		OverallScore: estimateJSON(s.OverallScore),
	}
}

func evalSummaryJSON(e verdict.EvalSummary) jsonEvalSummary {
	labels := make([]jsonLabel, 0, len(e.Labels))
	for _, l := range e.Labels {
		labels = append(labels, jsonLabel(l))
	}
	return jsonEvalSummary{
		ID:       idOrNull(e.ConfigID),
		Name:     orNull(e.Name),
		Type:     orNull(e.Type),
		Results:  e.Results,
		Passed:   e.Passed,
		Failed:   e.Failed,
		Errored:  e.Errored,
		Pending:  e.Pending,
		Skipped:  e.Skipped,
		PassRate: estimateJSON(e.PassRate),
		Score:    estimateJSON(e.Score),
		Labels:   labels,
	}
}
