package criteria

import (
	"errors"
	"math"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
)

func TestParseCriteriaReadsTheWholeGrammar(t *testing.T) {
	t.Parallel()
	run := Scope{}
	eval := func(name string) Scope { return Scope{Kind: ScopeEval, Name: name} }
	const joined = "می\u200cخواهم ❤\ufe0f" // as people write, with a joiner and a selector
	cases := []struct {
		line string
		want Criterion
		text string // the normal form
	}{
		{"success_rate >= 95", Criterion{Scope: run, Metric: "success_rate", Op: ">=", Bound: 95}, "success_rate >= 95"},
		{"success_rate>=95%", Criterion{Metric: "success_rate", Op: ">=", Bound: 95}, "success_rate >= 95"},
		{"  first_success_rate > 80 %  # a comment", Criterion{Metric: "first_success_rate", Op: ">", Bound: 80}, "first_success_rate > 80"},
		{"scored_rate == 100", Criterion{Metric: "scored_rate", Op: "==", Bound: 100}, "scored_rate == 100"},
		{"flaky_rate < 2.5", Criterion{Metric: "flaky_rate", Op: "<", Bound: 2.5}, "flaky_rate < 2.5"},
		{"overall_score >= 7.5", Criterion{Metric: "overall_score", Stat: "mean", Op: ">=", Bound: 7.5}, "overall_score >= 7.5"},
		{"overall_score.mean >= 7.5", Criterion{Metric: "overall_score", Stat: "mean", Op: ">=", Bound: 7.5}, "overall_score >= 7.5"},
		{"overall_score.p10 >= 5", Criterion{Metric: "overall_score", Stat: "p10", Op: ">=", Bound: 5}, "overall_score.p10 >= 5"},
		{"duration.p95 <= 180", Criterion{Metric: "duration", Stat: "p95", Op: "<=", Bound: 180}, "duration.p95 <= 180"},
		{"duration.max<=180s", Criterion{Metric: "duration", Stat: "max", Op: "<=", Bound: 180}, "duration.max <= 180"},
		{"response_time.median < 1.5 s", Criterion{Metric: "response_time", Stat: "median", Op: "<", Bound: 1.5}, "response_time.median < 1.5"},
		{"cost.sum <= 2500", Criterion{Metric: "cost", Stat: "sum", Op: "<=", Bound: 2500}, "cost.sum <= 2500"},
		{"cost.min >= 0", Criterion{Metric: "cost", Stat: "min", Op: ">=", Bound: 0}, "cost.min >= 0"},
		{"total_calls == 20", Criterion{Metric: "total_calls", Op: "==", Bound: 20}, "total_calls == 20"},
		{"completed_calls >= 18", Criterion{Metric: "completed_calls", Op: ">=", Bound: 18}, "completed_calls >= 18"},
		{"failed_calls <= 2", Criterion{Metric: "failed_calls", Op: "<=", Bound: 2}, "failed_calls <= 2"},
		{"flaky_calls <= 0", Criterion{Metric: "flaky_calls", Op: "<=", Bound: 0}, "flaky_calls <= 0"},
		{"each scenario: success_rate >= 80", Criterion{Scope: Scope{Kind: ScopeEachScenario}, Metric: "success_rate", Op: ">=", Bound: 80}, "each scenario: success_rate >= 80"},
		{`scenario "Billing Inquiry": success_rate >= 95`, Criterion{Scope: Scope{Kind: ScopeScenario, Name: "Billing Inquiry"}, Metric: "success_rate", Op: ">=", Bound: 95}, `scenario "Billing Inquiry": success_rate >= 95`},
		{"scenario Refund:success_rate>=95", Criterion{Scope: Scope{Kind: ScopeScenario, Name: "Refund"}, Metric: "success_rate", Op: ">=", Bound: 95}, `scenario "Refund": success_rate >= 95`},
		{`eval "is_polite": pass_rate >= 98`, Criterion{Scope: eval("is_polite"), Metric: "pass_rate", Op: ">=", Bound: 98}, `eval "is_polite": pass_rate >= 98`},
		{"eval v1.2: score.p05 >= 70", Criterion{Scope: eval("v1.2"), Metric: "score", Stat: "p05", Op: ">=", Bound: 70}, `eval "v1.2": score.p05 >= 70`},
		{`eval "tone": share "Polite" >= 90`, Criterion{Scope: eval("tone"), Metric: "share", Label: "Polite", Op: ">=", Bound: 90}, `eval "tone": share "Polite" >= 90`},
		{`eval tone: share Polite >= 90%`, Criterion{Scope: eval("tone"), Metric: "share", Label: "Polite", Op: ">=", Bound: 90}, `eval "tone": share "Polite" >= 90`},
		{"each eval: result_rate >= 99", Criterion{Scope: Scope{Kind: ScopeEachEval}, Metric: "result_rate", Op: ">=", Bound: 99}, "each eval: result_rate >= 99"},
		{"success_rate.change >= -5", Criterion{Metric: "success_rate", Change: true, Op: ">=", Bound: -5}, "success_rate.change >= -5"},
		{"overall_score.change >= -.5", Criterion{Metric: "overall_score", Stat: "mean", Change: true, Op: ">=", Bound: -0.5}, "overall_score.change >= -0.5"},
		{"duration.p95.change <= +1e1", Criterion{Metric: "duration", Stat: "p95", Change: true, Op: "<=", Bound: 10}, "duration.p95.change <= 10"},
		{`eval tone: share "Polite".change >= 0`, Criterion{Scope: eval("tone"), Metric: "share", Label: "Polite", Change: true, Op: ">=", Bound: 0}, `eval "tone": share "Polite".change >= 0`},
		{`eval "a # is no comment": pass_rate >= 10 # this is`, Criterion{Scope: eval("a # is no comment"), Metric: "pass_rate", Op: ">=", Bound: 10}, `eval "a # is no comment": pass_rate >= 10`},
		{`scenario "say \"hi\" \\ go": success_rate >= 10`, Criterion{Scope: Scope{Kind: ScopeScenario, Name: `say "hi" \ go`}, Metric: "success_rate", Op: ">=", Bound: 10}, `scenario "say \"hi\" \\ go": success_rate >= 10`},
		{"pass_rate >= 98", Criterion{Metric: "pass_rate", Op: ">=", Bound: 98}, "pass_rate >= 98"},
		{"scenario Refund: pass_rate >= 98", Criterion{Scope: Scope{Kind: ScopeScenario, Name: "Refund"}, Metric: "pass_rate", Op: ">=", Bound: 98}, `scenario "Refund": pass_rate >= 98`},
		{"each scenario: first_pass_rate.change >= -3", Criterion{Scope: Scope{Kind: ScopeEachScenario}, Metric: "first_pass_rate", Change: true, Op: ">=", Bound: -3}, "each scenario: first_pass_rate.change >= -3"},
		{"judged_rate >= 90%", Criterion{Metric: "judged_rate", Op: ">=", Bound: 90}, "judged_rate >= 90"},
		{"lost_calls <= 2", Criterion{Metric: "lost_calls", Op: "<=", Bound: 2}, "lost_calls <= 2"},
		{"each scenario: missing_calls == 0", Criterion{Scope: Scope{Kind: ScopeEachScenario}, Metric: "missing_calls", Op: "==", Bound: 0}, "each scenario: missing_calls == 0"},
		{"flaky_rate <= 0.5%", Criterion{Metric: "flaky_rate", Op: "<=", Bound: 0.5}, "flaky_rate <= 0.5%"},
		{"flaky_rate <= 1 %", Criterion{Metric: "flaky_rate", Op: "<=", Bound: 1}, "flaky_rate <= 1%"},
		{"success_rate >= .95", Criterion{Metric: "success_rate", Op: ">=", Bound: 0.95, Fraction: true}, "success_rate >= 0.95"},
		{"eval x: pass_rate >= 1", Criterion{Scope: eval("x"), Metric: "pass_rate", Op: ">=", Bound: 1, Fraction: true}, `eval "x": pass_rate >= 1`},
		{"success_rate.change >= 0.5", Criterion{Metric: "success_rate", Change: true, Op: ">=", Bound: 0.5}, "success_rate.change >= 0.5"},
		{"eval x: score >= 0.7", Criterion{Scope: eval("x"), Metric: "score", Stat: "mean", Op: ">=", Bound: 0.7}, `eval "x": score >= 0.7`},
		{"success_rate\u00a0>=\u202f95\u3000", Criterion{Metric: "success_rate", Op: ">=", Bound: 95}, "success_rate >= 95"},
		{`eval "` + joined + `": pass_rate >= 95`, Criterion{Scope: eval(joined), Metric: "pass_rate", Op: ">=", Bound: 95}, `eval "` + joined + `": pass_rate >= 95`},
		{"overall_score >= -0", Criterion{Metric: "overall_score", Stat: "mean", Op: ">=", Bound: 0}, "overall_score >= 0"},
		{"failed_calls.change <= -3", Criterion{Metric: "failed_calls", Change: true, Op: "<=", Bound: -3}, "failed_calls.change <= -3"},
		{"success_rate >= 0", Criterion{Metric: "success_rate", Op: ">=", Bound: 0}, "success_rate >= 0"},
		{"success_rate >= 100", Criterion{Metric: "success_rate", Op: ">=", Bound: 100}, "success_rate >= 100"},
		{"pass^3 >= 80", Criterion{Metric: "pass^K", K: 3, Op: ">=", Bound: 80}, "pass^3 >= 80"},
		{"each scenario: pass@2 >= 90 %", Criterion{Scope: Scope{Kind: ScopeEachScenario}, Metric: "pass@K", K: 2, Op: ">=", Bound: 90}, "each scenario: pass@2 >= 90"},
		{"success_rate >= 95 tolerance 5", Criterion{Metric: "success_rate", Op: ">=", Bound: 95, Tolerance: 5}, "success_rate >= 95 tolerance 5"},
		{"flaky_rate <= 1 % tolerance 2.5%", Criterion{Metric: "flaky_rate", Op: "<=", Bound: 1, Tolerance: 2.5}, "flaky_rate <= 1% tolerance 2.5"},
		{"success_rate.change >= -100", Criterion{Metric: "success_rate", Change: true, Op: ">=", Bound: -100}, "success_rate.change >= -100"},
	}
	for _, c := range cases {
		got := written(t, c.line)
		c.want.Line = 1
		if diff := cmp.Diff([]Criterion{c.want}, got); diff != "" {
			t.Errorf("%s: (-want +got)\n%s", c.line, diff)
			continue
		}
		if got[0].String() != c.text {
			t.Errorf("%s: got normal form %q, want %q", c.line, got[0].String(), c.text)
		}
		if math.Signbit(got[0].Bound) && got[0].Bound == 0 {
			t.Errorf("%s: the bound is minus zero", c.line)
		}
	}
}

func TestParseCriteriaCountsLinesAndSkipsBlankOnes(t *testing.T) {
	t.Parallel()
	got := written(t, "\ufeff\r\n# first\r\n success_rate >= 95\r\n\r\n\toverall_score >= 7 # second\r\n")
	var lines []int
	for _, c := range got {
		lines = append(lines, c.Line)
	}
	if diff := cmp.Diff([]int{3, 5}, lines); diff != "" {
		t.Errorf("lines (-want +got)\n%s", diff)
	}
	for _, empty := range []string{"", "\n \n", "# nothing", "\ufeff"} {
		if got, err := Parse(empty); got != nil || err != nil {
			t.Errorf("%q: got %v, %v, want nothing", empty, got, err)
		}
	}
}

func TestParseCriteriaAllowsContradictions(t *testing.T) {
	t.Parallel()
	if got := written(t, "success_rate >= 95\nsuccess_rate <= 90\nsuccess_rate >= 90"); len(got) != 3 {
		t.Errorf("got %d criteria, want 3", len(got))
	}
}

func TestParseCriteriaRefuses(t *testing.T) {
	t.Parallel()
	const onCalls = "; available for calls: success_rate, first_success_rate, pass_rate, first_pass_rate, pass^K, pass@K, scored_rate, flaky_rate, judged_rate, overall_score, duration, response_time, cost, total_calls, completed_calls, failed_calls, flaky_calls, lost_calls, missing_calls"
	const onEvals = "; available for an eval: pass_rate, score, share, result_rate"
	const stats = "; available: mean, median, min, max, sum, p01 to p99"
	const ops = "; available: >= > <= < =="
	cases := []struct{ line, problem, suggestion string }{
		// metrics
		{"succes_rate >= 95", `unknown metric "succes_rate"` + onCalls, "success_rate"},
		{"Success_Rate >= 95", `unknown metric "Success_Rate"` + onCalls, "success_rate"},
		{"failed_call <= 3", `unknown metric "failed_call"` + onCalls, "failed_calls"},
		{"latency <= 3", `unknown metric "latency"` + onCalls, ""},
		{"pass_rat >= 3", `unknown metric "pass_rat"` + onCalls, "pass_rate"},
		{"eval x: scroe >= 3", `unknown metric "scroe"` + onEvals, "score"},
		{">= 95", "missing metric; available: success_rate, first_success_rate, pass_rate, first_pass_rate, pass^K, pass@K, scored_rate, flaky_rate, judged_rate, overall_score, duration, response_time, cost, total_calls, completed_calls, failed_calls, flaky_calls, lost_calls, missing_calls", ""},
		{"eval x: >= 95", "missing metric; available: pass_rate, score, share, result_rate", ""},
		// metrics in the wrong scope
		{"result_rate >= 98", "result_rate is measured on an eval, not on calls: name an eval, or write each eval", `eval "NAME": result_rate >= 98`},
		{"scenario Refund: result_rate >= 98%", "result_rate is measured on an eval, not on calls: name an eval, or write each eval", `eval "NAME": result_rate >= 98%`},
		{"eval x: first_pass_rate >= 5", "first_pass_rate is measured on calls, not on an eval", "first_pass_rate >= 5"},
		{"eval x: judged_rate >= 5", "judged_rate is measured on calls, not on an eval", "judged_rate >= 5"},
		{`share "Polite" >= 90`, "share is measured on an eval, not on calls: name an eval, or write each eval", `eval "NAME": share "Polite" >= 90`},
		{"eval x: success_rate >= 5", "success_rate is measured on calls, not on an eval", "success_rate >= 5"},
		{"each eval: duration.max <= 5s", "duration is measured on calls, not on an eval", "duration.max <= 5s"},
		// cases
		{"pass^K >= 80", "pass^K needs a number of trials, such as pass^3", ""},
		{"pass^3.mean >= 80", "pass^3 takes no stat: it is a share over all cases", "pass^3"},
		{"pass@3.change >= 0", "pass@3 cannot be compared with a baseline", ""},
		{"eval x: pass^3 >= 80", "pass^3 is measured on calls, not on an eval", "pass^3 >= 80"},
		// tolerances
		{"success_rate >= 95 tolerance", "missing number after tolerance: write the percentage points, such as tolerance 5", ""},
		{"success_rate >= 95 tolerance much", `not a number of percentage points: "much"`, ""},
		{"success_rate >= 95 tolerance 0", "a tolerance is above 0 percentage points", ""},
		{"success_rate >= 95 tolerance 95", "with this tolerance every rate would meet it", ""},
		{"flaky_rate <= 5 tolerance 95", "with this tolerance every rate would meet it", ""},
		{"success_rate > 95 tolerance 5", "a tolerance needs >= or <=", ""},
		{"success_rate.change >= -5 tolerance 2", "only a rate takes a tolerance, and no change of one", ""},
		{"overall_score >= 7 tolerance 2", "only a rate takes a tolerance, and no change of one", ""},
		{"pass^3 >= 80 tolerance 2", "only a rate takes a tolerance, and no change of one", ""},
		{"success_rate >= 95 tolerance 5 6", `unexpected "6" after the number; write each criterion on its own line`, ""},
		// stats
		{"success_rate.mean >= 3", "success_rate takes no stat: it is a rate over all calls", "success_rate"},
		{"failed_calls.p95 <= 3", "failed_calls takes no stat: it is a count over all calls", "failed_calls"},
		{"eval x: pass_rate.min >= 3", "pass_rate takes no stat: it is a rate over all calls", "pass_rate"},
		{"duration.p5 <= 3", `unknown stat "p5"` + stats, "p05"},
		{"duration.p00 <= 3", `unknown stat "p00"` + stats, ""},
		{"duration.p0 <= 3", `unknown stat "p0"` + stats, ""},
		{"duration.p100 <= 3", `unknown stat "p100"` + stats, ""},
		{"duration.p+5 <= 3", `unknown stat "p+5"` + stats, ""},
		{"duration.avg <= 3", `unknown stat "avg"` + stats, "mean"},
		{"cost.total <= 3", `unknown stat "total"` + stats, "sum"},
		{"duration.medain <= 3", `unknown stat "medain"` + stats, "median"},
		{"duration.chnage <= 3", `unknown stat "chnage"` + stats, "change"},
		{"duration. <= 3", `missing stat after "duration."`, ""},
		{"duration.change.p95 <= 3", "nothing can follow .change: write the stat before it", "duration.p95.change"},
		{"duration.p95.chang <= 3", `unexpected ".chang"; a metric takes one stat, then .change`, "change"},
		{"duration.p95.change.p95 <= 3", `unexpected ".change.p95"; a metric takes one stat, then .change`, ""},
		// labels
		{"eval x: share >= 3", `share needs a label in double quotes`, `share "LABEL"`},
		{"eval x: share v1.2 >= 3", `share needs a label in double quotes`, `share "LABEL"`},
		{`eval x: share "" >= 3`, `share needs a label: share "LABEL"`, ""},
		{`eval x: share.change "P" >= 3`, "write the label right after share", `share "LABEL".change`},
		{`eval x: share. "P" >= 3`, "write the label right after share", `share "LABEL".`},
		{`eval x: share "P".mean >= 3`, `unexpected ".mean" after the label; only .change can follow it, and a label with spaces needs double quotes`, ""},
		{"eval x: share Very Polite >= 3", `unexpected "Polite" after the label; only .change can follow it, and a label with spaces needs double quotes`, ""},
		// scopes
		{"scenario Billing Inquiry: success_rate >= 95", "write a name with spaces in double quotes", `scenario "Billing Inquiry": …`},
		{`scenario "Billing" success_rate >= 95`, `missing colon after the scope: write scenario "Billing":`, ""},
		{"each scenario success_rate >= 95", "missing colon after the scope: write each scenario:", ""},
		{"eval: pass_rate >= 95", `missing name after eval: write eval "NAME":`, ""},
		{`eval "": pass_rate >= 95`, "the eval name is empty", ""},
		{"each scenarios: success_rate >= 3", `expected "scenario:" or "eval:" after each`, ""},
		{`each "scenario": success_rate >= 3`, `expected "scenario:" or "eval:" after each`, ""},
		{"scenarios X: success_rate >= 3", `unknown scope "scenarios"; available: scenario NAME, each scenario, eval NAME, each eval`, "scenario"},
		{"evl X: pass_rate >= 3", `unknown scope "evl"; available: scenario NAME, each scenario, eval NAME, each eval`, "eval"},
		// quotes
		{`eval "x: pass_rate >= 3`, "missing closing quote", ""},
		{`eval "x\`, `inside quotes a backslash can only precede " or \: write \\ for a backslash`, ""},
		{`eval "C:\dir": pass_rate >= 3`, `inside quotes a backslash can only precede " or \: write \\ for a backslash`, ""},
		// comparisons
		{"success_rate => 95", `unknown comparison "=>"` + ops, ">="},
		{"success_rate =< 95", `unknown comparison "=<"` + ops, "<="},
		{"success_rate = 95", `unknown comparison "="` + ops, "=="},
		{"success_rate ≥ 95", `unknown comparison "≥"` + ops, ">="},
		{"success_rate ≤ 95", `unknown comparison "≤"` + ops, "<="},
		{"success_rate != 95", `unknown comparison "!="` + ops, ""},
		{"success_rate 95", `expected a comparison, found "95"` + ops, ""},
		{"success_rate: 95", `unknown scope "success_rate"; available: scenario NAME, each scenario, eval NAME, each eval`, ""},
		{"success_rate", "missing comparison: write success_rate >= NUMBER", ""},
		// numbers
		{"success_rate >=", "missing number after >=", ""},
		{"success_rate >= high", `not a number: "high"`, ""},
		{`success_rate >= "95"`, `expected a number, found "95"`, ""},
		{"success_rate >= 9,5", `not a number: "9,5"; write decimals with a point, and thousands without a separator`, ""},
		{"success_rate >= .", `not a number: "."`, ""},
		{"success_rate >= -", `not a number: "-"`, ""},
		{"success_rate >= NaN", "the threshold must be a finite number", ""},
		{"overall_score >= -Inf", "the threshold must be a finite number", ""},
		{"overall_score >= 1e999", "the threshold must be a finite number", ""},
		{"overall_score >= 0x10", `wrong unit "x10": overall_score takes no unit`, "overall_score >= 0"},
		{"overall_score >= 1_000", `wrong unit "_000": overall_score takes no unit`, "overall_score >= 1"},
		{"overall_score >= 1e", `wrong unit "e": overall_score takes no unit`, "overall_score >= 1"},
		{"success_rate >= 95 overall_score >= 3", `unexpected "overall_score" after the number; write each criterion on its own line`, ""},
		{"success_rate >= 95 %% 3", `unexpected "%%" after the number; write each criterion on its own line`, ""},
		// units
		{"success_rate >= 95s", `wrong unit "s": success_rate is in percent`, "success_rate >= 95"},
		{"duration.p95 <= 3 min", `wrong unit "min": duration is in seconds`, ""},
		{"duration <= 300ms", `wrong unit "ms": duration is in seconds`, ""},
		{"duration <= 300%", `wrong unit "%": duration is in seconds`, ""},
		{"cost <= 5c", `wrong unit "c": cost is in US cents and takes no unit`, ""},
		{"failed_calls <= 5%", `wrong unit "%": failed_calls is a number of calls and takes no unit`, ""},
		{"overall_score >= 75%", `wrong unit "%": overall_score takes no unit`, "overall_score >= 75"},
		{"eval x: score >= 75%", `wrong unit "%": score takes no unit`, `eval "x": score >= 75`},
		// bounds that no value has
		{"success_rate >= 100.1", "a rate must be 0 to 100 percent", ""},
		{"success_rate >= -0.1", "a rate must be 0 to 100 percent", ""},
		{"eval x: pass_rate >= 101", "a rate must be 0 to 100 percent", ""},
		{"success_rate.change >= -100.5", "a change of a rate must be -100 to 100 percentage points", ""},
		{"success_rate.change >= 100.5", "a change of a rate must be -100 to 100 percentage points", ""},
		{"failed_calls <= -1", "failed_calls is never negative", ""},
		{"failed_calls <= 1.5", "a number of calls must be a whole number", ""},
		{"failed_calls.change <= 1.5", "a number of calls must be a whole number", ""},
		{"duration <= -1", "duration is never negative", ""},
		{"cost.max <= -0.01", "cost is never negative", ""},
	}
	for _, c := range cases {
		got, err := Parse(c.line)
		mistake, ok := errors.AsType[*LineError](err)
		if !ok || got != nil {
			t.Errorf("%s: got %v, %v, want a CriterionError alone", c.line, got, err)
			continue
		}
		want := &LineError{Line: 1, Text: c.line, Problem: c.problem, Suggestion: c.suggestion}
		if diff := cmp.Diff(want, mistake); diff != "" {
			t.Errorf("%s: (-want +got)\n%s", c.line, diff)
		}
	}
}

func TestParseCriteriaReportsAllMistakesAtOnce(t *testing.T) {
	t.Parallel()
	rest, err := Parse("succes_rate >= 95\noverall_score >= 7\n  # fine\nfailed_calls < many \noverall_score.mean >= 7.0")
	if err == nil {
		t.Fatal("got no error")
	}
	if len(rest) != 1 || rest[0].Line != 2 {
		t.Errorf("got %v beside the error, want the line that can be read", rest)
	}
	want := []string{
		`line 1: succes_rate >= 95: unknown metric "succes_rate"; available for calls: success_rate, first_success_rate, pass_rate, first_pass_rate, pass^K, pass@K, scored_rate, flaky_rate, judged_rate, overall_score, duration, response_time, cost, total_calls, completed_calls, failed_calls, flaky_calls, lost_calls, missing_calls; did you mean success_rate?`,
		`line 4: failed_calls < many: not a number: "many"`,
		`line 5: overall_score.mean >= 7.0: line 2 has the same criterion`,
	}
	if diff := cmp.Diff(want, strings.Split(err.Error(), "\n")); diff != "" {
		t.Errorf("(-want +got)\n%s", diff)
	}
	joined, ok := err.(interface{ Unwrap() []error })
	if !ok {
		t.Fatalf("got a %T, want joined errors", err)
	}
	for _, e := range joined.Unwrap() {
		if _, ok := errors.AsType[*LineError](e); !ok {
			t.Errorf("got a %T among the mistakes, want a *CriterionError", e)
		}
	}
}

func TestCriterionErrorPrintsOneHarmlessLine(t *testing.T) {
	t.Parallel()
	_, err := Parse("::error::\x1b[31m" + strings.Repeat("x", 1000) + " >= 1")
	if err == nil {
		t.Fatal("got no error")
	}
	got := err.Error()
	if strings.ContainsAny(got, "\x1b\n") || strings.Contains(got, "::error") || len(got) > 700 {
		t.Errorf("got %q", got)
	}
}

func TestConstructorsAreCriteriaLikeTheOthers(t *testing.T) {
	t.Parallel()
	for _, c := range []struct {
		made Criterion
		line string
	}{
		{MinSuccessRate(95), "success_rate >= 95"},
		{MinSuccessRate(0.95), "success_rate >= 0.95%"},
		{MinOverallScore(7.5), "overall_score >= 7.5"},
	} {
		want := written(t, c.line)[0]
		want.Line = 0
		if diff := cmp.Diff(want, c.made); diff != "" {
			t.Errorf("%s (-parsed +made)\n%s", c.line, diff)
		}
		if err := c.made.Validate(); err != nil {
			t.Errorf("%s: %v", c.line, err)
		}
	}
}

func TestValidateFindsWhatNoParserLetsThrough(t *testing.T) {
	t.Parallel()
	cases := []struct {
		name      string
		criterion Criterion
		want      string
	}{
		{"bound above", MinSuccessRate(101), "success_rate >= 101: a rate must be 0 to 100 percent"},
		{"bound is no number", MinOverallScore(math.NaN()), "overall_score >= NaN: the threshold must be a finite number"},
		{"bound is infinite", MinSuccessRate(math.Inf(1)), "success_rate >= +Inf: the threshold must be a finite number"},
		{"no metric", Criterion{Op: ">="}, ""},
		{"no comparison", Criterion{Metric: "success_rate"}, ""},
		{"unknown scope", Criterion{Metric: "success_rate", Scope: Scope{Kind: "all"}, Op: ">="}, ""},
		{"no scenario name", Criterion{Metric: "success_rate", Scope: Scope{Kind: ScopeScenario}, Op: ">="}, ""},
		{"no eval name", Criterion{Metric: "score", Scope: Scope{Kind: ScopeEval}, Op: ">="}, ""},
		{"no label", Criterion{Metric: "share", Scope: Scope{Kind: ScopeEachEval}, Op: ">="}, ""},
	}
	for _, c := range cases {
		err := c.criterion.Validate()
		if err == nil {
			t.Errorf("%s: got no error", c.name)
			continue
		}
		if c.want != "" && err.Error() != c.want {
			t.Errorf("%s: got %q, want %q", c.name, err, c.want)
		}
	}
}

func TestNormalFormHasNoMinusZero(t *testing.T) {
	t.Parallel()
	if got := MinOverallScore(math.Copysign(0, -1)).String(); got != "overall_score >= 0" {
		t.Errorf("got %q", got)
	}
}

func TestEveryMetricAndStatIsParsedWhereItBelongs(t *testing.T) {
	t.Parallel()
	stats := []string{"", ".mean", ".median", ".min", ".max", ".sum", ".p01", ".p50", ".p99"}
	for _, m := range metrics {
		for _, stat := range stats {
			for _, scope := range []string{"", "scenario X: ", "each scenario: ", "eval X: ", "each eval: "} {
				name := strings.Replace(m.Name, "K", "3", 1)
				if m.Name == MetricShare {
					name += ` "X"`
				}
				line := scope + name + stat + " >= 1"
				_, err := Parse(line)
				onEvals := strings.Contains(scope, "eval")
				want := (onEvals == m.Evals || m.Name == MetricPassRate) && (stat == "" || m.Family == Average)
				if got := err == nil; got != want {
					t.Errorf("%s: parsed %v, want %v (%v)", line, got, want, err)
				}
			}
		}
	}
}

func FuzzParseCriteria(f *testing.F) {
	for _, s := range []string{
		"success_rate >= 95", `scenario "a \"b\" \\": overall_score.p10.change < -1e3 # x`, `eval x: share "#".change == 0%`,
		"each eval: score.sum <= .5\n\neach scenario: duration > 1 s", "\ufeff\r\n", `eval "`, "a:b:c", "success_rate => 9,5",
		"overall_score >= 1e-320", "overall_score >= 1e308", "pass_rate >= 1", "flaky_rate <= 0.5 %", "success_rate >= 1e-320", "judged_rate > 0.1%",
		"success_rate >= 90\u200b", "pass_rate >= 90 # overall_score >= 7", "# a >= 1 success_rate >= 2 share \"x\" >= 3",
	} {
		f.Add(s)
	}
	f.Fuzz(func(t *testing.T, input string) {
		checkParsed(t, input, Parse, func(c Criterion) Criterion { c.Line = 1; return c })
	})
}

// checkParsed checks that parsed lines are valid, and that their normal form parses again. first
// moves it to line 1.
func checkParsed[T interface {
	Validate() error
	String() string
}](t *testing.T, input string, parse func(string) ([]T, error), first func(T) T) {
	t.Helper()
	parsed, err := parse(input)
	if err != nil {
		if err.Error() == "" {
			t.Errorf("got %v beside %v", parsed, err)
		}
	}
	for _, c := range parsed {
		if fault := c.Validate(); fault != nil {
			t.Errorf("parsed %#v, which is not valid: %v", c, fault)
		}
		again, err := parse(c.String())
		if err != nil {
			t.Fatalf("%q does not parse: %v", c.String(), err)
		}
		if diff := cmp.Diff([]T{first(c)}, again); diff != "" {
			t.Errorf("%q (-first +second)\n%s", c.String(), diff)
		}
	}
}
