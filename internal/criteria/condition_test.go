package criteria

import (
	"errors"
	"math"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
)

func TestParseConditionsReadsTheWholeGrammar(t *testing.T) {
	t.Parallel()
	cases := []struct {
		line string
		want Condition
		text string // the normal form
	}{
		{`eval "is_helpful" passed`, Condition{Kind: ConditionPassed, Eval: "is_helpful"}, `eval "is_helpful" passed`},
		{"eval is_helpful passed # always", Condition{Kind: ConditionPassed, Eval: "is_helpful"}, `eval "is_helpful" passed`},
		{`eval "groundedness" score >= 70`, Condition{Kind: ConditionNumber, Eval: "groundedness", Op: ">=", Bound: 70}, `eval "groundedness" score >= 70`},
		{"eval groundedness score<.5", Condition{Kind: ConditionNumber, Eval: "groundedness", Op: "<", Bound: 0.5}, `eval "groundedness" score < 0.5`},
		{"eval words score > -5", Condition{Kind: ConditionNumber, Eval: "words", Op: ">", Bound: -5}, `eval "words" score > -5`},
		{`eval "tone" is "Polite"`, Condition{Kind: ConditionLabel, Eval: "tone", Label: "Polite"}, `eval "tone" is "Polite"`},
		{`eval "tone" is "Very \"polite\""`, Condition{Kind: ConditionLabel, Eval: "tone", Label: `Very "polite"`}, `eval "tone" is "Very \"polite\""`},
		{"eval tone is Polite", Condition{Kind: ConditionLabel, Eval: "tone", Label: "Polite"}, `eval "tone" is "Polite"`},
		{"eval passed passed", Condition{Kind: ConditionPassed, Eval: "passed"}, `eval "passed" passed`},
		{"eval score score == 1", Condition{Kind: ConditionNumber, Eval: "score", Op: "==", Bound: 1}, `eval "score" score == 1`},
		{"overall_score >= 6", Condition{Kind: ConditionNumber, Metric: "overall_score", Op: ">=", Bound: 6}, "overall_score >= 6"},
		{"duration <= 300 s", Condition{Kind: ConditionNumber, Metric: "duration", Op: "<=", Bound: 300}, "duration <= 300"},
		{"response_time<1.5s", Condition{Kind: ConditionNumber, Metric: "response_time", Op: "<", Bound: 1.5}, "response_time < 1.5"},
		{"cost <= 25", Condition{Kind: ConditionNumber, Metric: "cost", Op: "<=", Bound: 25}, "cost <= 25"},
	}
	for _, c := range cases {
		c.want.Line = 1
		got := conditions(t, c.line)
		if diff := cmp.Diff([]Condition{c.want}, got); diff != "" {
			t.Errorf("%s: (-want +got)\n%s", c.line, diff)
			continue
		}
		if got[0].String() != c.text {
			t.Errorf("%s: got normal form %q, want %q", c.line, got[0].String(), c.text)
		}
	}
}

func TestParseConditionsCountsLinesAndSkipsBlankOnes(t *testing.T) {
	t.Parallel()
	got := conditions(t, "\ufeff\r\n# first\r\n eval x passed\r\n\r\n\toverall_score >= 7 # second\r\n")
	if len(got) != 2 || got[0].Line != 3 || got[1].Line != 5 {
		t.Errorf("got %+v", got)
	}
	if got, err := ParseConditions("# nothing\n\n"); got != nil || err != nil {
		t.Errorf("got %v, %v, want nothing", got, err)
	}
}

func TestParseConditionsRefuses(t *testing.T) {
	t.Parallel()
	const starts = `a condition starts with eval "NAME" or one of overall_score, duration, response_time, cost`
	const asked = `; available: passed, is "LABEL", score >= NUMBER`
	cases := []struct{ line, problem, suggestion string }{
		// what is looked at
		{"success_rate >= 95", "success_rate is a rate over all calls, but a condition looks at one; " + starts, ""},
		{"failed_calls <= 2", "failed_calls is a count over all calls, but a condition looks at one; " + starts, ""},
		{"score >= 70", "score is measured on an eval; " + starts, `eval "NAME" passed`},
		{"overal_score >= 7", `unknown "overal_score"; ` + starts, "overall_score"},
		{"evals x passed", `unknown "evals"; ` + starts, "eval"},
		{"latency <= 3", `unknown "latency"; ` + starts, ""},
		{"duration.p95 <= 180", `a condition looks at one call, which has one duration: it takes no stat ".p95"`, "duration"},
		{"overall_score.change >= 0", `a condition looks at one call, which has one overall_score: it takes no stat ".change"`, "overall_score"},
		{"each eval passed", `a condition looks at one call, so its only scope is eval "NAME"`, ""},
		{"scenario X overall_score >= 7", `a condition looks at one call, so its only scope is eval "NAME"`, ""},
		{">= 7", starts, ""},
		{`"is_helpful" passed`, starts, ""},
		// evals
		{"eval", `missing name after eval: write eval "NAME" passed`, ""},
		{`eval "" passed`, "the eval name is empty", ""},
		{"eval x", "missing check after the eval" + asked, `eval "x" passed`},
		{`eval "x": passed`, "a condition takes no colon after the eval", `eval "x" passed`},
		{`eval "x": score >= 70`, "a condition takes no colon after the eval", `eval "x" score >= 70`},
		{`eval "tone": is "Polite"`, "a condition takes no colon after the eval", `eval "tone" is "Polite"`},
		{"eval x >= 70", `unexpected ">=" after the eval` + asked, `eval "x" score >= 70`},
		{`eval tone == "Polite"`, `unexpected "==" after the eval` + asked, `eval "tone" is "Polite"`},
		{"eval x failed", `unexpected "failed" after the eval` + asked, ""},
		{"eval x pass", `unexpected "pass" after the eval` + asked, `eval "x" passed`},
		{"eval x Passed", `unexpected "Passed" after the eval` + asked, "passed"},
		{"eval x pass_rate >= 98", `unexpected "pass_rate" after the eval` + asked, `eval "x" passed`},
		{"eval x score.mean >= 70", `unexpected "score.mean" after the eval` + asked, `eval "x" score`},
		{`eval x share "Polite"`, `unexpected "share" after the eval` + asked, `eval "x" is "LABEL"`},
		{"eval is helpful passed", "write a name with spaces in double quotes", `eval "is helpful" …`},
		{"eval very helpful passed", "write a name with spaces in double quotes", `eval "very helpful" …`},
		{"eval very very helpful score >= 7", "write a name with spaces in double quotes", `eval "very very helpful" …`},
		// labels
		{"eval x is", `missing label after is: write is "LABEL"`, ""},
		{`eval x is ""`, `missing label after is: write is "LABEL"`, ""},
		{"eval x is Very Polite", "write a label with spaces in double quotes", `eval "x" is "Very Polite"`},
		{`eval x is "Polite" "Rude"`, `unexpected "Rude" at the end; write each condition on its own line`, ""},
		{"eval x passed overall_score >= 7", `unexpected "overall_score" at the end; write each condition on its own line`, ""},
		// bounds
		{"overall_score", "missing comparison: write overall_score >= NUMBER", ""},
		{"eval x score", `missing comparison: write eval "x" score >= NUMBER`, ""},
		{"overall_score => 7", `unknown comparison "=>"; available: >= > <= < ==`, ">="},
		{"overall_score >=", "missing number after >=", ""},
		{"overall_score >= high", `not a number: "high"`, ""},
		{"overall_score >= NaN", "the threshold must be a finite number", ""},
		{"overall_score >= 7 8", `wrong unit "8": overall_score takes no unit`, "overall_score >= 7"},
		{"eval x score >= 75%", `wrong unit "%": score takes no unit`, `eval "x" score >= 75`},
		{"duration <= 3 min", `wrong unit "min": duration is in seconds`, ""},
		{"duration <= -1", "duration is never negative", ""},
		{`eval "x passed`, "missing closing quote", ""},
	}
	for _, c := range cases {
		got, err := ParseConditions(c.line)
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

func TestParseConditionsReportsAllMistakesAtOnce(t *testing.T) {
	t.Parallel()
	_, err := ParseConditions("eval x passed\neval x pased\noverall_score > lots\neval \"x\" passed")
	if err == nil {
		t.Fatal("got no error")
	}
	want := []string{
		`line 2: eval x pased: unexpected "pased" after the eval; available: passed, is "LABEL", score >= NUMBER; did you mean passed?`,
		`line 3: overall_score > lots: not a number: "lots"`,
		`line 4: eval "x" passed: line 1 has the same condition`,
	}
	if diff := cmp.Diff(want, strings.Split(err.Error(), "\n")); diff != "" {
		t.Errorf("(-want +got)\n%s", diff)
	}
}

func TestValidateFindsConditionsThatNoParserLetsThrough(t *testing.T) {
	t.Parallel()
	for name, c := range map[string]Condition{
		"nothing":             {},
		"no kind":             {Eval: "x"},
		"no eval":             {Kind: ConditionPassed},
		"no label":            {Kind: ConditionLabel, Eval: "x"},
		"no comparison":       {Kind: ConditionNumber, Eval: "x"},
		"a rate":              {Kind: ConditionNumber, Metric: "success_rate", Op: ">="},
		"an eval and a score": {Kind: ConditionNumber, Eval: "x", Metric: "overall_score", Op: ">="},
		"a score that passed": {Kind: ConditionPassed, Metric: "overall_score"},
		"no number":           {Kind: ConditionNumber, Metric: "overall_score", Op: ">=", Bound: math.NaN()},
		"an unknown kind":     {Kind: "like", Eval: "x"},
	} {
		if err := c.Validate(); err == nil {
			t.Errorf("%s: got no error", name)
		}
	}
	for _, c := range conditions(t, "eval x passed\neval x is L\neval x score >= 7\nduration <= 9") {
		if err := c.Validate(); err != nil {
			t.Errorf("%s: %v", c, err)
		}
	}
}

func FuzzParseConditions(f *testing.F) {
	for _, s := range []string{
		`eval "is_helpful" passed`, `eval "a \"b\" \\" score >= -1e3 # x`, `eval x is "#"`, "overall_score >= .5\n\nduration > 1 s", "\ufeff\r\n", `eval "`,
		"eval x: passed", "success_rate => 9,5", "cost >= 1e-320", "eval x score >= 1e308", "eval \"\\u{200B}\" passed", "eval x passed # eval y passed",
		"# eval y passed overall_score >= 7", "eval x == y z", "eval very helpful passed",
	} {
		f.Add(s)
	}
	f.Fuzz(func(t *testing.T, input string) {
		checkParsed(t, input, ParseConditions, func(c Condition) Condition { c.Line = 1; return c })
	})
}
