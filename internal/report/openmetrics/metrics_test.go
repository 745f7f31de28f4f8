package openmetrics

import (
	"fmt"
	"math"
	"regexp"
	"strconv"
	"strings"
	"testing"

	"github.com/agent-gate/agent-gate/internal/calls"
	"github.com/agent-gate/agent-gate/internal/report"
	"github.com/agent-gate/agent-gate/internal/report/reporttest"
	"github.com/agent-gate/agent-gate/internal/verdict"
)

func metricsOf(t *testing.T, r report.Report) string {
	t.Helper()
	return string(reporttest.Written(t, Write, r))
}

// The part of the OpenMetrics 1.0 grammar that gauges need.
var (
	metricHead   = regexp.MustCompile(`^# (TYPE|UNIT|HELP) ([a-z_]+) (.+)$`)
	metricSample = regexp.MustCompile(`^([a-z_]+)(\{(?:gate="[a-z0-9_-]+",?)?(?:(?:criterion|origin)="((?:[^"\\\n]|\\["\\n])*)")?\})? (-?[0-9]+(?:\.[0-9]+)?)$`)
)

// readMetrics parses metrics strictly: each family once, starting with its type, the unit as
// the end of its name, each sample once and in its family, and the end mark.
func readMetrics(t *testing.T, content string) map[string]float64 {
	t.Helper()
	body, ok := strings.CutSuffix(content, "# EOF\n")
	if !ok {
		t.Fatalf("the end is %q", content[max(0, len(content)-40):])
	}
	samples, families := map[string]float64{}, map[string]bool{}
	family := ""
	for line := range strings.Lines(body) {
		line = strings.TrimSuffix(line, "\n")
		if m := metricHead.FindStringSubmatch(line); m != nil {
			if m[1] == "TYPE" {
				family = m[2]
				if families[family] || m[3] != "gauge" {
					t.Errorf("family %s a second time, or no gauge: %s", family, line)
				}
				families[family] = true
			}
			if m[2] != family || m[1] == "UNIT" && !strings.HasSuffix(family, "_"+m[3]) {
				t.Errorf("in family %s stands %s", family, line)
			}
			continue
		}
		m := metricSample.FindStringSubmatch(line)
		if m == nil || m[1] != family || !strings.HasPrefix(family, "agent_gate_") {
			t.Fatalf("in family %s stands %q", family, line)
		}
		key := m[1] + m[2]
		if _, twice := samples[key]; twice {
			t.Errorf("two samples of %s", key)
		}
		v, err := strconv.ParseFloat(m[4], 64)
		if err != nil {
			t.Error(err)
		}
		samples[key] = v
	}
	return samples
}

func TestMetricsLookAsTheyDid(t *testing.T) {
	t.Parallel()
	for name, r := range reporttest.Cases() {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			reporttest.Golden(t, name+".metrics", []byte(metricsOf(t, r)))
		})
	}
}

func TestMetricsSayWhetherCallsAreJudgedAgain(t *testing.T) {
	t.Parallel()
	const name = "agent_gate_reused"
	got := readMetrics(t, metricsOf(t, reporttest.Reused()))
	if age := got[name+`_age_seconds{origin="Gate on acme/support _17, attempt 1 \\:\\:error::forged"}`]; got[name] != 1 || age != 11520 {
		t.Errorf("got %v, and the age is %v", got[name], age)
	}
	if own, ok := readMetrics(t, metricsOf(t, reporttest.Passing()))[name]; own != 0 || !ok {
		t.Errorf("calls of its own: %v, %v", own, ok)
	}
	if v, ok := readMetrics(t, metricsOf(t, reporttest.SkippedRun()))[name]; ok {
		t.Errorf("nothing was started, and it is %v", v)
	}
}

func TestMetricsKeepTheFormat(t *testing.T) {
	t.Parallel()
	all := reporttest.Cases()
	for i, s := range reporttest.HostileTexts(t) {
		all[fmt.Sprintf("hostile-%d", i)] = reporttest.Poisoned(s)
	}
	for name, r := range all {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			content := metricsOf(t, r)
			got := readMetrics(t, content)
			for line := range strings.Lines(content) {
				// GitLab drops everything after a number sign, even in quotes.
				if !strings.HasPrefix(line, "# ") && strings.Contains(line, "#") {
					t.Errorf("GitLab would cut %q", line)
				}
			}
			_, counted := got["agent_gate_calls"]
			if want := r.Evidence.Calls.Len() > 0; counted != want {
				t.Errorf("calls are counted: %v, want %v", counted, want)
			}
		})
	}
}

func TestMetricsLeaveOutWhatIsNotKnown(t *testing.T) {
	t.Parallel()
	r := reporttest.NewRun("unscored", calls.AgentText)
	r.Call("a", calls.Completed, -1, "")
	out := r.Report(verdict.Verdict{Kind: verdict.Error}, 3)
	out.Verdict.Metrics.Duration.Value = new(math.NaN())
	out.Verdict.Checks = []verdict.Check{
		{Criterion: "overall_score >= 7", Outcome: verdict.NoData},
		{Criterion: "success_rate >= 99", Outcome: verdict.Undecided, Value: out.Verdict.Metrics.SuccessRate},
	}
	got := readMetrics(t, metricsOf(t, out))
	for _, name := range []string{
		"agent_gate_overall_score", "agent_gate_response_time_seconds", "agent_gate_call_duration_seconds",
		`agent_gate_criterion_value{criterion="overall_score >= 7"}`,
		`agent_gate_criterion_met{criterion="overall_score >= 7"}`, `agent_gate_criterion_met{criterion="success_rate >= 99"}`,
	} {
		if v, ok := got[name]; ok {
			t.Errorf("%s is %v, and not known", name, v)
		}
	}
	if got[`agent_gate_criterion_value{criterion="success_rate >= 99"}`] != 100 {
		t.Errorf("the undecided criterion measured 100, got %v", got)
	}
}

func TestMetricsTellCriteriaOfOneNameApart(t *testing.T) {
	t.Parallel()
	r := reporttest.Passing()
	c := r.Verdict.Checks[0]
	r.Verdict.Checks = nil
	for _, name := range []string{"eval \"a#\": score >= 1", "eval \"a_\": score >= 1", "eval \"a_\": score >= 1"} {
		c.Criterion = name
		r.Verdict.Checks = append(r.Verdict.Checks, c)
	}
	values := 0
	for name := range readMetrics(t, metricsOf(t, r)) {
		if strings.HasPrefix(name, "agent_gate_criterion_value{") {
			values++
		}
	}
	if values != 3 {
		t.Errorf("%d values, want 3", values)
	}
}

func TestMetricsOfManyCriteriaAreLimited(t *testing.T) {
	t.Parallel()
	r := reporttest.Passing()
	c := r.Verdict.Checks[0]
	for i := range 2 * shownCriteria {
		c.Criterion = fmt.Sprintf("total_calls >= %d", i)
		r.Verdict.Checks = append(r.Verdict.Checks, c)
	}
	c.Criterion, c.Outcome = "the worst", verdict.NotMet
	r.Verdict.Checks = append(r.Verdict.Checks, c)
	got := metricsOf(t, r)
	if n := strings.Count(got, "\nagent_gate_criterion_value{"); n != shownCriteria || !strings.Contains(got, `criterion_met{criterion="the worst"} 0`) {
		t.Errorf("%d criteria, want %d with the worst among them", n, shownCriteria)
	}
}

func TestMetricsCountWhatIsNotKnown(t *testing.T) {
	t.Parallel()
	out := metricsOf(t, reporttest.Gaps())
	for _, want := range []string{
		"agent_gate_planned_calls 16\n", "agent_gate_calls 11\n", "agent_gate_judged_calls 7\n", "agent_gate_passed_calls 4\n",
		"agent_gate_lost_calls 2\n", "agent_gate_missing_calls 5\n", "agent_gate_pass_rate_percent 66.6667\n", "agent_gate_judged_rate_percent 43.75\n",
	} {
		if !strings.Contains(out, want) {
			t.Errorf("there is no line %q", want)
		}
	}
}
