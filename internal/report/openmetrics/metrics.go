// Package openmetrics writes the numbers of a judged run as OpenMetrics text.
package openmetrics

import (
	"bytes"
	"fmt"
	"io"
	"slices"
	"strconv"
	"strings"

	"github.com/google/uuid"

	"github.com/agent-gate/agent-gate/internal/report"
	"github.com/agent-gate/agent-gate/internal/text"
	"github.com/agent-gate/agent-gate/internal/verdict"
)

// shownCriteria is the maximum number of criteria, worst first: the merge request widget lists
// all of them.
const shownCriteria = 500

// originLimit is the maximum length of the origin of reused calls, in characters.
const originLimit = 300

// Write writes the numbers of the report as OpenMetrics text 1.0, for GitLab's
// artifacts:reports:metrics, which shows changes from the target branch. An unknown number has
// no line. The names and units are fixed and listed in docs/metrics-report.md.
func Write(w io.Writer, r report.Report) error {
	m := &metrics{}
	m.report(r)
	return m.writeTo(w)
}

// WriteSuite writes the numbers of each gate like [Write], with the label gate.
func WriteSuite(w io.Writer, s report.Suite) error {
	m := &metrics{}
	for _, g := range s.Gates {
		if g.Ran() {
			m.gate = string(g.Name)
			m.report(g.Report)
		}
	}
	return m.writeTo(w)
}

// report adds the numbers of a report.
func (m *metrics) report(r report.Report) {
	v := r.Verdict
	m.estimate("success_rate_percent", "percent", "Calls that succeeded, after reruns.", v.Metrics.SuccessRate)
	m.estimate("first_success_rate_percent", "percent", "Calls that succeeded before any rerun.", v.Metrics.FirstSuccessRate)
	m.estimate("pass_rate_percent", "percent", "Calls that passed, after reruns.", v.Metrics.PassRate)
	m.estimate("first_pass_rate_percent", "percent", "Calls that passed before any rerun.", v.Metrics.FirstPassRate)
	m.estimate("judged_rate_percent", "percent", "Planned calls that could be judged.", v.Metrics.JudgedRate)
	m.estimate("scored_rate_percent", "percent", "Succeeded calls that have an overall score.", v.Metrics.ScoredRate)
	m.estimate("flaky_rate_percent", "percent", "Calls that succeeded only after a rerun.", v.Metrics.FlakyRate)
	m.estimate("overall_score", "", "Mean overall score, in the API's unit.", v.Metrics.OverallScore)
	m.estimate("call_duration_seconds", "seconds", "Mean duration of a call.", v.Metrics.Duration)
	m.estimate("response_time_seconds", "seconds", "Mean response time of the agent.", v.Metrics.ResponseTime)
	m.estimate("call_cost_cents", "cents", "Mean cost per call, in US cents.", v.Metrics.Cost)
	if r.Evidence.Execution.ID != uuid.Nil && r.Evidence.Calls.Len() > 0 {
		m.counts(v.Counts)
	}
	if s, ok := report.Spent(r); ok && (s.Priced > 0 || s.Calls == 0) {
		m.one("run_cost_cents", "cents", "Known cost of all calls, with reruns, in US cents.", report.Decimal(s.Cents, 4))
	}
	if s, ok := report.Spent(r); ok && (s.Timed > 0 || s.Calls == 0) {
		m.one("run_call_seconds", "seconds", "Known duration of all calls together, with reruns.", report.Decimal(s.Seconds, 3))
	}
	m.criteria(r)
	if d, ok := report.Took(r.Evidence.Timing); ok {
		m.one("run_duration_seconds", "seconds", "How long the gate ran.", report.Decimal(d.Seconds(), 3))
	}
	m.reuse(r)
	m.one("api_requests", "requests", "Requests sent to the API.", report.Count(r.Evidence.API.Requests))
}

// reuse says whether an earlier start paid for the calls, how old they are, and which start that was.
func (m *metrics) reuse(r report.Report) {
	const name, help = "reused", "Whether an earlier start of the run-key paid for the calls (1) or this one (0)."
	from := r.Evidence.Reused
	if from == nil {
		if r.Evidence.Execution.ID != uuid.Nil {
			m.one(name, "", help, "0")
		}
		return
	}
	m.one(name, "", help, "1")
	if age, ok := report.Age(r); ok {
		label := ""
		if !report.Blank(from.Origin) {
			label = `origin="` + text.New(from.Origin.LineMax(originLimit)).Label() + `"`
		}
		m.sample("reused_age_seconds", "seconds", "How long before this run its calls were started.", label, report.Decimal(age.Seconds(), 0))
	}
}

// metrics builds OpenMetrics text. All metrics are gauges, because each run starts anew. The format wants
// all samples of a metric together, so they are kept by metric until they are written.
type metrics struct {
	gate     string // label of the samples to come; empty for none
	families []*family
}

// family is a metric with its samples, as text.
type family struct {
	name, unit, help report.Lit
	samples          bytes.Buffer
}

// writeTo writes everything.
func (m *metrics) writeTo(w io.Writer) error {
	var b bytes.Buffer
	for _, f := range m.families {
		fmt.Fprintf(&b, "# TYPE agent_gate_%s gauge\n", f.name)
		if f.unit != "" {
			fmt.Fprintf(&b, "# UNIT agent_gate_%s %s\n", f.name, f.unit)
		}
		fmt.Fprintf(&b, "# HELP agent_gate_%s %s\n", f.name, f.help)
		b.Write(f.samples.Bytes())
	}
	b.WriteString("# EOF\n")
	if _, err := b.WriteTo(w); err != nil {
		return fmt.Errorf("write the metrics: %w", err)
	}
	return nil
}

// sample adds a sample to a metric; label is empty or one more label, escaped. The format requires a unit to be
// the last word of the name.
func (m *metrics) sample(name, unit, help report.Lit, label string, value report.Figure) {
	i := slices.IndexFunc(m.families, func(f *family) bool { return f.name == name })
	if i < 0 {
		i = len(m.families)
		m.families = append(m.families, &family{name: name, unit: unit, help: help})
	}
	var labels []string
	if m.gate != "" {
		labels = append(labels, `gate="`+m.gate+`"`)
	}
	if label != "" {
		labels = append(labels, label)
	}
	all := ""
	if len(labels) > 0 {
		all = "{" + strings.Join(labels, ",") + "}"
	}
	fmt.Fprintf(&m.families[i].samples, "agent_gate_%s%s %s\n", name, all, value)
}

// one adds a metric that has one value.
func (m *metrics) one(name, unit, help report.Lit, f report.Figure) {
	m.sample(name, unit, help, "", f)
}

func (m *metrics) estimate(name, unit, help report.Lit, e verdict.Estimate) {
	if f, ok := metricValue(e); ok {
		m.one(name, unit, help, f)
	}
}

// metricValue formats a value with at most four decimals: GitLab compares and shows the text.
func metricValue(e verdict.Estimate) (report.Figure, bool) {
	if report.Finite(e.Value) == nil {
		return "", false
	}
	return report.Rounded(*e.Value, e.Unit, 4), true
}

func (m *metrics) counts(n verdict.Counts) {
	for _, c := range []struct {
		name, help report.Lit
		n          int
	}{
		{"planned_calls", "Calls that were planned.", n.Planned},
		{"calls", "Calls that were created.", n.Total},
		{"judged_calls", "Calls that were created, ended and were not lost.", n.Judged},
		{"passed_calls", "Calls that passed.", n.Passed},
		{"lost_calls", "Calls lost by the platform.", n.Lost},
		{"missing_calls", "Planned calls that did not come.", n.Missing},
		{"succeeded_calls", "Calls that succeeded, after reruns.", n.Succeeded},
		{"completed_calls", "Calls with the status completed.", n.Completed},
		{"failed_calls", "Calls that failed.", n.Failed},
		{"cancelled_calls", "Calls that were cancelled.", n.Cancelled},
		{"skipped_calls", "Calls with nothing to judge.", n.Skipped},
		{"scored_calls", "Succeeded calls that have an overall score.", n.Scored},
		{"flaky_calls", "Calls that succeeded only after a rerun.", n.Flaky},
	} {
		m.one(c.name, "calls", c.help, report.Count(c.n))
	}
}

// criteria writes what each criterion measured and whether it is met. Undecided criteria and
// those without data are neither.
func (m *metrics) criteria(r report.Report) {
	all := report.Checks(r)
	all = all[:min(len(all), shownCriteria)]
	labels := criterionLabels(all)
	m.samples("criterion_value", "Measured value of each criterion, in its own unit.", labels, func(i int) (report.Figure, bool) {
		return metricValue(all[i].Value)
	})
	m.samples("criterion_met", "Whether each criterion is met (1) or not (0).", labels, func(i int) (report.Figure, bool) {
		switch all[i].Outcome {
		case verdict.Met:
			return "1", true
		case verdict.NotMet:
			return "0", true
		}
		return "", false
	})
}

// samples writes a metric with a sample per criterion that has a value.
func (m *metrics) samples(name, help report.Lit, labels []string, value func(int) (report.Figure, bool)) {
	for i, label := range labels {
		if f, ok := value(i); ok {
			m.sample(name, "", help, `criterion="`+label+`"`, f)
		}
	}
}

// criterionLabels returns the criteria as label values. Duplicates are numbered, because two
// samples with the same labels make the file invalid.
func criterionLabels(all []verdict.Check) []string {
	taken := make(map[string]bool, len(all))
	out := make([]string, 0, len(all))
	for _, c := range all {
		name := report.CriterionName(c)
		label := name.Label()
		for n := 2; taken[label]; n++ {
			label = text.Sprintf("%s (%s)", text.New(name.LineMax(300)), strconv.Itoa(n)).Label()
		}
		taken[label] = true
		out = append(out, label)
	}
	return out
}
