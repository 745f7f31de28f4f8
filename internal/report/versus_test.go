package report_test

import (
	"fmt"
	"strings"
	"testing"

	"github.com/agent-gate/agent-gate/internal/calls"
	"github.com/agent-gate/agent-gate/internal/criteria"
	"github.com/agent-gate/agent-gate/internal/report"
	"github.com/agent-gate/agent-gate/internal/report/reporttest"
	"github.com/agent-gate/agent-gate/internal/text"
	"github.com/agent-gate/agent-gate/internal/verdict"
)

// scored are calls of scenarios by their overall scores: below 5 they fail is_helpful, 0 is a failed call, and -2
// one that the platform lost.
func scored(t *testing.T, name string, rows bool, scores map[string][]float64) verdict.Evidence {
	t.Helper()
	run := reporttest.NewRun(name, calls.AgentVoice)
	for _, scenario := range []string{"Billing", "Refund", "Other"} {
		for i, score := range scores[scenario] {
			status, ended := calls.Completed, "no-answer"
			switch score {
			case 0:
				status, score = calls.Failed, -1
			case -2:
				status, score, ended = calls.Failed, -1, reporttest.NoBalance
			}
			c := run.Call(scenario, status, score, ended)
			if rows {
				c.Row = uint64(i + 1)
			}
		}
	}
	return run.Done()
}

func against(t *testing.T, now, then verdict.Evidence) report.Report {
	t.Helper()
	r := judged(t, now, "pass_rate >= 50")
	then.Execution.Status = calls.ExecutionCompleted
	r.Rules.Baseline = verdict.BaselineOf(then)
	return r
}

func TestCaseChanges_pairWhatBothRunsPlayed(t *testing.T) {
	t.Parallel()
	for _, c := range []struct {
		name      string
		rows      bool
		then, now map[string][]float64
		want      string
	}{
		{"by row", true, map[string][]float64{"Refund": {9, 2}}, map[string][]float64{"Refund": {3, 8}}, "worse Refund #1 9 → 3; better Refund #2 2 → 8"},
		{"by scenario where rows are unknown", false, map[string][]float64{"Refund": {9, 9}, "Billing": {9}}, map[string][]float64{"Refund": {9, 3}, "Billing": {9}}, "worse Refund 9 → 6"},
		{"most calls first, then the score", true, map[string][]float64{"Refund": {9}, "Billing": {9}, "Other": {9}}, map[string][]float64{"Refund": {7}, "Billing": {0}, "Other": {6}}, "worse Billing 9 → –; worse Other 9 → 6; worse Refund 9 → 7"},
		{"a little is noise", true, map[string][]float64{"Refund": {9}}, map[string][]float64{"Refund": {8.5}}, ""},
		{"what only one run has is no change", true, map[string][]float64{"Refund": {9}}, map[string][]float64{"Billing": {2}}, ""},
	} {
		t.Run(c.name, func(t *testing.T) {
			t.Parallel()
			r := against(t, scored(t, "now", c.rows, c.now), scored(t, "then", c.rows, c.then))
			worse, better := report.CaseChanges(r, report.Before(r))
			var lines []string
			for i, x := range append(worse, better...) {
				word := "worse"
				if i >= len(worse) {
					word = "better"
				}
				lines = append(lines, fmt.Sprintf("%s %s %s → %s", word, x.Name, report.Number(x.Then.Score, 1), report.Number(x.Now.Score, 1)))
			}
			if got := strings.Join(lines, "; "); got != c.want {
				t.Errorf("got %q, want %q", got, c.want)
			}
		})
	}
}

func TestComparison_countsCallsThatPassedAndNoLostOneAgainstTheAgent(t *testing.T) {
	t.Parallel()
	full, lacking := map[string][]float64{"Refund": {9, 9, 9, 9, 9}}, map[string][]float64{"Refund": {9, 9, 9, 0, -2}}
	for _, c := range []struct {
		name      string
		then, now map[string][]float64
		want      string
	}{
		{"now", full, lacking, "newly failing: Refund (5 of 5 → 3 of 4 passed)"},
		{"in the baseline", lacking, full, "newly passing: Refund (3 of 4 → 5 of 5 passed)"},
		{"which pass less often, although all take place", full, map[string][]float64{"Refund": {9, 2, 2, 2, 0}}, "; pass rate 100% → 20%; success rate 100% → 80% over 5 dataset rows; overall score 9 → 3.75 over 4 dataset rows; newly failing: Refund (5 of 5 → 1 of 5 passed); newly passing: none"},
		{"which passed not always before", lacking, map[string][]float64{"Refund": {9, 2, 2, 2, 2}}, "; newly failing: none; worse: Refund (3 of 4 → 1 of 5 passed); newly passing: none"},
		{"which pass more often, not always", map[string][]float64{"Refund": {2, 2}}, map[string][]float64{"Refund": {9, 2}}, "; newly failing: none; newly passing: none; better: Refund (0 of 2 → 1 of 2 passed)"},
	} {
		t.Run(c.name, func(t *testing.T) {
			t.Parallel()
			got := report.Comparison(against(t, scored(t, "now", true, c.now), scored(t, "then", true, c.then))).Line()
			if !strings.Contains(got, c.want) {
				t.Errorf("got %q, want %q in it", got, c.want)
			}
		})
	}
}

func TestComparison_countsCallsThatSucceededWhereNothingTellsTheseApart(t *testing.T) {
	t.Parallel()
	bare := func(name string, statuses ...calls.Status) verdict.Evidence {
		run := reporttest.NewRun(name, calls.AgentVoice)
		for _, status := range statuses {
			run.Call("Refund", status, -1, "no-answer").Evals = nil
		}
		e := run.Done()
		e.Evals = nil
		return e
	}
	r := against(t, bare("now", calls.Completed, calls.Failed), bare("then", calls.Completed, calls.Completed))
	if got, want := report.Comparison(r).Line(), "newly failing: Refund (2 of 2 → 1 of 2 succeeded)"; !strings.Contains(got, want) {
		t.Errorf("got %q, want %q in it", got, want)
	}
}

func TestVersus_comparesEvalsAndCostToo(t *testing.T) {
	t.Parallel()
	r := against(t, scored(t, "now", true, map[string][]float64{"Refund": {9, 3}}), scored(t, "then", true, map[string][]float64{"Refund": {9, 9}}))
	var names []string
	for _, m := range report.Versus(r, report.Before(r)) {
		names = append(names, m.Name.Line())
	}
	want := "pass rate, success rate, overall score, eval groundedness, eval is_helpful, duration of a call, response time, cost of a call"
	if got := strings.Join(names, ", "); got != want {
		t.Errorf("got %s, want %s", got, want)
	}
	if m := report.Versus(r, report.Before(r))[0]; m.Then != "100%" || m.Now != "50%" || m.Change != "-50 points" || m.Trend != report.Steady {
		t.Errorf("the pass rate is %+v", m)
	}
	bare := judged(t, r.Evidence, "pass_rate >= 50")
	if all := report.Versus(bare, report.Before(bare)); all != nil {
		t.Errorf("without a baseline there are %d rows", len(all))
	}
}

func TestVersus_saysWhatIsComparedAndWhatAllCallsCameTo(t *testing.T) {
	t.Parallel()
	for _, c := range []struct {
		name      string
		rows      bool
		then, now map[string][]float64
		want      report.MetricChange // of the pass rate
	}{
		{
			"what one run lacks is not compared", true,
			map[string][]float64{"Refund": {9, 9, 9, 2}}, map[string][]float64{"Refund": {9, 2, -2, 2}, "Other": {2}},
			report.MetricChange{Then: "66.7%", Now: "33.3%", Change: "-33.3 points", Over: "3 dataset rows", Better: "0", Worse: "1", All: "75% → 25%"},
		},
		{
			"scenarios where rows are unknown", false,
			map[string][]float64{"Refund": {9, 2}, "Billing": {2, 2}}, map[string][]float64{"Refund": {2, 2}, "Billing": {9, 2}},
			report.MetricChange{Then: "25%", Now: "25%", Change: "no change", Over: "2 scenarios", Better: "1", Worse: "1"},
		},
		{
			"nothing that both have", true,
			map[string][]float64{"Refund": {9}}, map[string][]float64{"Billing": {2}},
			report.MetricChange{Then: "100%", Now: "0%"},
		},
	} {
		t.Run(c.name, func(t *testing.T) {
			t.Parallel()
			r := against(t, scored(t, "now", c.rows, c.now), scored(t, "then", c.rows, c.then))
			got := report.Versus(r, report.Before(r))[0]
			if c.want.Name = text.New("pass rate"); got != c.want {
				t.Errorf("got %+v, want %+v", got, c.want)
			}
		})
	}
}

func TestVersus_marksNoChangeThatMayBeNoneByItsInterval(t *testing.T) {
	t.Parallel()
	few, many := []float64{9, 9}, make([]float64, 30)
	worse := make([]float64, 30)
	for i := range many {
		many[i], worse[i] = 9, 3
	}
	for _, c := range []struct {
		name      string
		then, now []float64
		want      report.Trend
	}{
		{"two calls show nothing", few, []float64{9, 3}, report.Steady},
		{"thirty do", many, worse, report.Worse},
		{"in both directions", worse, many, report.Better},
	} {
		t.Run(c.name, func(t *testing.T) {
			t.Parallel()
			r := against(t, scored(t, "now", true, map[string][]float64{"Refund": c.now}), scored(t, "then", true, map[string][]float64{"Refund": c.then}))
			if m := report.Versus(r, report.Before(r))[0]; m.Trend != c.want {
				t.Errorf("the pass rate is %+v, want trend %d", m, c.want)
			}
		})
	}
}

func TestVersus_leavesNoEmptyCellWhereNoEndIsTheGoodOne(t *testing.T) {
	t.Parallel()
	calls := map[string][]float64{"Refund": {9, 9}}
	r := against(t, scored(t, "now", true, calls), scored(t, "then", true, calls))
	for _, m := range report.Versus(r, report.Before(r)) {
		if m.Over != "" && (m.Better == "" || m.Worse == "") {
			t.Errorf("%s is better in %q and worse in %q", m.Name, m.Better, m.Worse)
		}
	}
}

func TestCountChanges_saysWhatItCounts(t *testing.T) {
	t.Parallel()
	metrics := func(worse, better int) (all []report.MetricChange) {
		for range worse {
			all = append(all, report.MetricChange{Trend: report.Worse})
		}
		for range better {
			all = append(all, report.MetricChange{Trend: report.Better})
		}
		return append(all, report.MetricChange{})
	}
	for _, c := range []struct {
		metrics                 []report.MetricChange
		worseCases, betterCases int
		want                    report.Figure
	}{
		{metrics(7, 0), 7, 1, "7 metrics clearly worse, none better; 7 cases worse, 1 better"},
		{metrics(1, 2), 0, 1, "1 metric clearly worse, 2 better; 1 case better, none worse"},
		{metrics(0, 0), 0, 0, "no metric clearly worse or better; no case worse or better"},
	} {
		got := report.CountChanges(c.metrics, make([]report.CaseChange, c.worseCases), make([]report.CaseChange, c.betterCases))
		if got != c.want {
			t.Errorf("got %q, want %q", got, c.want)
		}
	}
}

func TestTheBaseline_isToldAlikeByCriteriaTableAndLists(t *testing.T) {
	t.Parallel()
	now := scored(t, "now", true, map[string][]float64{"Billing": {9, 0, -2, 2, 3}, "Refund": {9, 1.5}})
	then := scored(t, "then", true, map[string][]float64{"Billing": {9, 3, 9, 9, 3}, "Refund": {2, 2, 9}})
	r := judged(t, now, "pass_rate.change >= 0\nsuccess_rate.change >= 0\noverall_score.change >= 0\neval is_helpful: pass_rate.change >= 0\nduration.change <= 0")
	then.Execution.Status = calls.ExecutionCompleted
	r.Rules.Baseline = verdict.BaselineOf(then)
	r.Verdict = verdict.Judge(r.Evidence, r.Rules)

	before := report.Before(r)
	table := map[string]report.MetricChange{}
	for _, m := range report.Versus(r, before) {
		table[m.Name.Raw()] = m
	}
	for name, check := range map[string]verdict.Check{
		"pass rate": r.Verdict.Checks[0], "success rate": r.Verdict.Checks[1], "overall score": r.Verdict.Checks[2],
		"eval is_helpful": r.Verdict.Checks[3], "duration of a call": r.Verdict.Checks[4],
	} {
		want := strings.TrimPrefix(string(report.Value(check.Value)), "-")
		if got := strings.TrimLeft(string(table[name].Change), "-+"); got != want && (got != "no change" || !strings.HasPrefix(want, "0")) {
			t.Errorf("%s changed by %s in the table, and by %s in the criterion", name, got, want)
		}
	}
	worse, better := report.CaseChanges(r, before)
	var lines []string
	for _, c := range append(worse, better...) {
		lines = append(lines, fmt.Sprintf("%s: %s → %s", c.Name, c.Then.Tally(), c.Now.Tally()))
	}
	want := []string{"Billing #4: 1 of 1 passed → 0 of 1 passed", "Billing #2: 1 of 1 succeeded → 0 of 1 succeeded", "Refund #1: 0 of 1 passed → 1 of 1 passed"}
	if got := strings.Join(lines, "\n"); got != strings.Join(want, "\n") {
		t.Errorf("the cases are\n%s\nwant\n%s", got, strings.Join(want, "\n"))
	}
	if m := table["pass rate"]; m.Worse != "1" || m.Better != "1" {
		t.Errorf("the pass rate is worse in %s and better in %s, want 1 and 1, as the lists say", m.Worse, m.Better)
	}
	if m := table["success rate"]; m.Worse != "1" || m.Better != "0" {
		t.Errorf("the success rate is worse in %s and better in %s, want 1 and 0, as the lists say", m.Worse, m.Better)
	}
}

func TestABaselineThatWasCancelled_isShownAndNotComparedWith(t *testing.T) {
	t.Parallel()
	r := against(t, scored(t, "now", true, map[string][]float64{"Refund": {2}}), scored(t, "then", true, map[string][]float64{"Refund": {9}}))
	r.Rules.Baseline.Execution.Status = calls.ExecutionCancelled
	before := report.Before(r)
	if m := report.Versus(r, before)[0]; m.Then != "100%" || m.Now != "0%" || m.Change != "" || m.Over != "" {
		t.Errorf("the pass rate is %+v", m)
	}
	if worse, better := report.CaseChanges(r, before); len(worse)+len(better) > 0 {
		t.Errorf("worse are %+v, better %+v", worse, better)
	}
}

func TestCallWhy_saysWhichNumberPulledAChangeDown(t *testing.T) {
	t.Parallel()
	now, then := scored(t, "now", true, map[string][]float64{"Refund": {9, 6}}), scored(t, "then", true, map[string][]float64{"Refund": {9, 10}})
	r := judged(t, now, "success_rate >= 50")
	r.Rules.Criteria, _ = criteria.Parse("eval groundedness: score.change >= -2")
	then.Execution.Status = calls.ExecutionCompleted
	r.Rules.Baseline = verdict.BaselineOf(then)
	r.Verdict = verdict.Judge(r.Evidence, r.Rules)
	v := report.NewViewer(r)
	causes := v.CheckCauses(r.Verdict.Checks[0])
	if len(causes) == 0 {
		t.Fatalf("no calls, of %+v", r.Verdict.Checks)
	}
	worst, _ := v.Worst(causes[0])
	if got, want := report.CallWhy(worst).Raw(), "groundedness 54, below what the baseline allows"; !strings.HasPrefix(got, want) {
		t.Errorf("got %q, want %q", got, want)
	}
}

func TestABaseline_isMeasuredWithoutWhatIsInQuarantineNow(t *testing.T) {
	t.Parallel()
	now := scored(t, "now", true, map[string][]float64{"Billing": {9, 3}, "Refund": {9, 9}})
	now = now.SetAside([]verdict.Quarantined{{Scenario: text.New("Refund"), Reason: text.New("flaky")}})
	// Refund stands between the calls that are compared, so that no index is right by chance.
	then := scored(t, "then", true, map[string][]float64{"Billing": {9, 9}, "Refund": {2, 0}, "Other": {9, 9}})
	r := against(t, now, then)

	before := report.Before(r)
	versus := report.Versus(r, before)
	if m := versus[0]; m.Name.Raw() != "pass rate" || m.Then != "100%" || m.Now != "50%" || m.Change != "-50 points" {
		t.Errorf("the pass rate is %+v", m)
	}
	if m := versus[2]; m.Name.Raw() != "overall score" || m.Then != "9" || m.Now != "6" {
		t.Errorf("the overall score is %+v", m)
	}
	var scenarios []string
	for _, s := range before.Verdict.Scenarios {
		scenarios = append(scenarios, s.Name.Line())
	}
	if got, want := strings.Join(scenarios, ", "), "Billing, Other"; got != want {
		t.Errorf("the baseline's scenarios are %s, want %s", got, want)
	}
	worse, better := report.CaseChanges(r, report.Before(r))
	if len(worse) != 1 || len(better) != 0 || worse[0].Name.Raw() != "Billing #2" || worse[0].Then.Tally() != "1 of 1 passed" {
		t.Errorf("worse are %+v, better %+v", worse, better)
	}
	if r.Rules.Baseline.Calls.Len() != 6 {
		t.Errorf("the baseline itself has %d calls left", r.Rules.Baseline.Calls.Len())
	}

	r = against(t, now, scored(t, "then", true, map[string][]float64{"Refund": {2, 0}}))
	if all := report.Versus(r, report.Before(r)); all != nil {
		t.Errorf("with a baseline of nothing but quarantine there are %d rows", len(all))
	}
}

func TestCheckGroups_foldWhatIsMet(t *testing.T) {
	t.Parallel()
	e := scored(t, "now", true, map[string][]float64{"Refund": {9}, "Billing": {0}, "Other": {9}})
	r := judged(t, e, "each scenario: success_rate >= 80\nsuccess_rate >= 10")
	groups := report.CheckGroups(r)
	if len(groups) != 2 {
		t.Fatalf("%d groups, want 2", len(groups))
	}
	g := groups[0]
	if !g.Several() || g.Tally() != "2 of 3 met" || len(g.Open) != 1 || g.Open[0].Scope.Raw() != "Billing" || g.Title().Raw() != "each scenario: success_rate >= 80" {
		t.Errorf("the first is %+v", g)
	}
	if groups[1].Several() || groups[1].Outcome != verdict.Met || len(groups[1].Open) != 0 {
		t.Errorf("the second is %+v", groups[1])
	}
}
