package criteria

import (
	"errors"
	"slices"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/agent-gate/agent-gate/internal/text"
)

// written are criteria that are right.
func written(t testing.TB, input string) []Criterion {
	t.Helper()
	c, err := Parse(input)
	if err != nil {
		t.Fatal(err)
	}
	return c
}

// conditions reads pass-when.
func conditions(t testing.TB, input string) []Condition {
	t.Helper()
	c, err := ParseConditions(input)
	if err != nil {
		t.Fatal(err)
	}
	return c
}

// told are mistakes as people read them.
func told(mistakes []Mistake) []string {
	var all []string
	for _, m := range mistakes {
		all = append(all, m.Text().Raw())
	}
	return all
}

func TestCriteriaThatCannotDoTheirWork(t *testing.T) {
	t.Parallel()
	cases := []struct{ line, problem string }{ // an empty problem: it can
		// parts of one
		{"success_rate >= 0.95", "0.95 means 0.95 percent: write 95 for 95 percent, or 0.95% if that is meant"},
		{"each scenario: success_rate >= 0.8", "0.8 means 0.8 percent: write 80 for 80 percent, or 0.8% if that is meant"},
		{"scenario X: first_success_rate > .57", "0.57 means 0.57 percent: write 57 for 57 percent, or 0.57% if that is meant"},
		{"pass_rate >= 1", "1 means 1 percent: write 100 for 100 percent, or 1% if that is meant"},
		{"first_pass_rate >= 0.9", "0.9 means 0.9 percent: write 90 for 90 percent, or 0.9% if that is meant"},
		{"judged_rate >= 0.999", "0.999 means 0.999 percent: write 99.9 for 99.9 percent, or 0.999% if that is meant"},
		{"scored_rate == 1", "1 means 1 percent: write 100 for 100 percent, or 1% if that is meant"},
		{"flaky_rate <= 0.05", "0.05 means 0.05 percent: write 5 for 5 percent, or 0.05% if that is meant"},
		{"each eval: pass_rate >= 0.9", "0.9 means 0.9 percent: write 90 for 90 percent, or 0.9% if that is meant"},
		{"eval x: result_rate >= 1", "1 means 1 percent: write 100 for 100 percent, or 1% if that is meant"},
		{`eval x: share "Polite" >= 0.75`, "0.75 means 0.75 percent: write 75 for 75 percent, or 0.75% if that is meant"},
		{"success_rate >= 1e-9", "0.000000001 means 0.000000001 percent: write 1e-07 for 1e-07 percent, or 0.000000001% if that is meant"},
		{"success_rate >= 0.95%", ""},
		{"success_rate >= 1 %", ""},
		{`eval x: share "Rude" <= 0.5%`, ""},
		{"success_rate >= 1.01", ""},
		{"success_rate.change >= 0.5", ""},
		{"failed_calls <= 1", ""},
		{"overall_score >= 0.7", ""},
		{"duration <= 0.5", ""},
		{"eval x: score >= 0.7", ""}, // which takes to know the eval: see ScoreMistakes
		// bounds that no value can miss
		{"success_rate >= 0", "every value meets it: success_rate is 0 to 100; did you mean success_rate > 0?"},
		{"success_rate <= 100", "every value meets it: success_rate is 0 to 100; did you mean success_rate < 100?"},
		{"eval x: pass_rate >= 0%", `every value meets it: pass_rate is 0 to 100; did you mean eval "x": pass_rate > 0?`},
		{"failed_calls >= 0", "every value meets it: failed_calls is 0 or more; did you mean failed_calls > 0?"},
		{"lost_calls >= 0", "every value meets it: lost_calls is 0 or more; did you mean lost_calls > 0?"},
		{"overall_score >= 0", "every value meets it: overall_score is 0 to 10; did you mean overall_score > 0?"},
		{"overall_score > -1", "every value meets it: overall_score is 0 to 10"},
		{"overall_score.p10 <= 10", "every value meets it: overall_score is 0 to 10; did you mean overall_score.p10 < 10?"},
		{"overall_score.sum >= 0", "every value meets it: overall_score is 0 or more; did you mean overall_score.sum > 0?"},
		{"duration >= 0", "every value meets it: duration is 0 or more; did you mean duration > 0?"},
		{"cost.max >= 0", "every value meets it: cost is 0 or more; did you mean cost.max > 0?"},
		{"success_rate.change >= -100", "every value meets it: a change of success_rate is -100 to 100; did you mean success_rate.change > -100?"},
		{"overall_score.change <= 10", "every value meets it: a change of overall_score is -10 to 10; did you mean overall_score.change < 10?"},
		// bounds that no value can meet
		{"success_rate > 100", "no value meets it: success_rate is 0 to 100; did you mean success_rate >= 100?"},
		{"success_rate < 0", "no value meets it: success_rate is 0 to 100; did you mean success_rate <= 0?"},
		{"failed_calls < 0", "no value meets it: failed_calls is 0 or more; did you mean failed_calls <= 0?"},
		{"overall_score > 10", "no value meets it: overall_score is 0 to 10; did you mean overall_score >= 10?"},
		{"overall_score >= 75", "no value meets it: overall_score is 0 to 10"},
		{"overall_score.min < 0", "no value meets it: overall_score is 0 to 10; did you mean overall_score.min <= 0?"},
		{"overall_score == 11", "no value meets it: overall_score is 0 to 10"},
		{"duration < 0", "no value meets it: duration is 0 or more; did you mean duration <= 0?"},
		{"success_rate.change > 100", "no value meets it: a change of success_rate is -100 to 100; did you mean success_rate.change >= 100?"},
		{"overall_score.change >= 10.5", "no value meets it: a change of overall_score is -10 to 10"},
		// bounds that some values miss and some meet
		{"success_rate == 0", ""},
		{"success_rate == 100", ""},
		{"success_rate <= 0", ""},
		{"success_rate >= 100", ""},
		{"failed_calls == 0", ""},
		{"flaky_calls <= 0", ""},
		{"overall_score <= 0", ""},
		{"overall_score >= 10", ""},
		{"overall_score.sum >= 250", ""},
		{"overall_score.sum.change >= 25", ""},
		{"total_calls.change >= -1000", ""},
		{"duration.change <= -1", ""},
		{"eval x: score >= 0", ""},
		{"eval x: score >= 2000", ""},
		{"eval x: score.change >= -2000", ""},
	}
	for _, c := range cases {
		parsed := written(t, c.line)
		got := told(Set{Criteria: parsed}.Mistakes())
		switch {
		case c.problem == "" && len(got) != 0:
			t.Errorf("%s: got %v, want no mistake", c.line, got)
		case c.problem != "" && (len(got) != 1 || !strings.HasPrefix(got[0], "criteria: line 1: "+parsed[0].String()+": "+c.problem)):
			t.Errorf("%s: got %v, want %s", c.line, got, c.problem)
		}
	}
}

// The range of a metric is checked against values: a bound that some value of its
// range meets and some does not is not a mistake, and any other bound is.
func TestBoundsThatNoIntervalMeets(t *testing.T) {
	t.Parallel()
	for line, want := range map[string]string{ // what to write instead; - for nothing, empty if an interval can meet it
		"success_rate >= 100":             "success_rate >= 100 tolerance 5",
		"success_rate == 100":             "success_rate >= 100 tolerance 5",
		"flaky_rate <= 0":                 "flaky_rate <= 0 tolerance 5",
		"flaky_rate == 0":                 "flaky_rate <= 0 tolerance 5",
		"pass_rate == 90":                 "-",
		"pass^2 >= 100":                   "-",
		"overall_score >= 10":             "-",
		"overall_score == 7":              "-",
		"success_rate.change == 0":        "-",
		"success_rate >= 99.9":            "",
		"success_rate >= 100 tolerance 5": "",
		"overall_score.min >= 10":         "",
		"overall_score.p10 >= 10":         "",
		"failed_calls == 0":               "",
		"cost == 10":                      "",
		`eval "x": score >= 100`:          "", // its range is not known
	} {
		got := ""
		for _, m := range (Set{Criteria: written(t, line)}).MistakesByInterval() {
			if got = m.Err.Suggestion; got == "" {
				got = "-"
			}
		}
		if got != want {
			t.Errorf("%s: got %q, want %q", line, got, want)
		}
		if want != "" && want != "-" {
			written(t, want)
		}
	}
}

func TestUselessBoundsAreThoseThatNoValueTellsApart(t *testing.T) {
	t.Parallel()
	ranges := map[string][]float64{ // values of each, with both ends; up to 1000 where there is no end
		"success_rate": {0, 0.5, 50, 99.9, 100}, "judged_rate": {0, 50, 100}, "success_rate.change": {-100, -99, 0, 99, 100},
		"overall_score": {0, 0.5, 5, 9.9, 10}, "overall_score.change": {-10, 0, 10}, "overall_score.p10": {0, 1, 10},
		"failed_calls": {0, 1, 2, 1000}, "duration": {0, 0.5, 1, 1000}, "failed_calls.change": {-1000, 0, 1000},
	}
	meets := map[string]func(v, bound float64) bool{
		">=": func(v, b float64) bool { return v >= b }, ">": func(v, b float64) bool { return v > b },
		"<=": func(v, b float64) bool { return v <= b }, "<": func(v, b float64) bool { return v < b },
		"==": func(v, b float64) bool { return v == b },
	}
	for subject, values := range ranges {
		for op, holds := range meets {
			for _, bound := range values {
				if bound > 900 || bound < -900 {
					continue
				}
				line := subject + " " + op + " " + FormatBound(bound)
				if strings.HasSuffix(subject, "_rate") {
					line += "%"
				}
				met := 0
				for _, v := range values {
					if holds(v, bound) {
						met++
					}
				}
				useless := met == 0 || met == len(values)
				if got := len(Set{Criteria: written(t, line)}.Mistakes()) > 0; got != useless {
					t.Errorf("%s: a mistake %v, want %v", line, got, useless)
				}
			}
		}
	}
}

func TestMistakesNameTheInputThatTheyStandIn(t *testing.T) {
	t.Parallel()
	r := Set{
		Criteria: append([]Criterion{MinSuccessRate(0), MinOverallScore(0)}, written(t, "\nsuccess_rate >= 0")...),
		PassWhen: conditions(t, "\n\noverall_score >= 0"),
	}
	want := []string{
		"min-success-rate: success_rate >= 0: every value meets it: success_rate is 0 to 100",
		"min-overall-score: overall_score >= 0: every value meets it: overall_score is 0 to 10",
		"criteria: line 2: success_rate >= 0: every value meets it: success_rate is 0 to 100; did you mean success_rate > 0?",
		"pass-when: line 3: overall_score >= 0: every value meets it: overall_score is 0 to 10; did you mean overall_score > 0?",
	}
	if diff := cmp.Diff(want, told(r.Mistakes())); diff != "" {
		t.Errorf("(-want +got)\n%s", diff)
	}
}

func TestCriteriaThatExcludeEachOther(t *testing.T) {
	t.Parallel()
	cases := []struct {
		a, b     string
		excludes bool
	}{
		{"success_rate >= 95", "success_rate <= 90", true},
		{"success_rate >= 95", "success_rate < 95", true},
		{"success_rate > 95", "success_rate <= 95", true},
		{"success_rate >= 95", "success_rate <= 95", false},
		{"success_rate == 95", "success_rate == 96", true},
		{"success_rate == 95", "success_rate >= 95", false},
		{"success_rate >= 95", "first_success_rate <= 90", false},
		{"success_rate >= 95", "pass_rate <= 90", false},
		{"success_rate >= 95", "success_rate.change <= -5", false},
		{"success_rate.change >= 5", "success_rate.change <= -5", true},
		{"failed_calls > 1", "failed_calls < 2", true}, // no whole number lies between
		{"duration > 1", "duration < 2", false},
		{"total_calls >= 10", "total_calls < 10", true},
		{"scenario A: success_rate >= 95", "scenario B: success_rate <= 90", false},
		{"scenario A: success_rate >= 95", "scenario A: success_rate <= 90", true},
		{"each scenario: success_rate >= 95", "scenario A: success_rate <= 90", true},
		{"scenario A: success_rate >= 95", "each scenario: success_rate <= 90", true},
		{"each scenario: success_rate >= 95", "success_rate <= 90", true}, // a rate of the run lies between those of its scenarios
		{"each scenario: success_rate <= 90", "success_rate >= 95", true},
		{"each scenario: success_rate >= 90", "success_rate <= 95", false},
		{"each scenario: pass_rate >= 95", "success_rate <= 90", true},
		{"each scenario: success_rate >= 95", "pass_rate <= 90", false},
		{"each scenario: success_rate <= 90", "pass_rate >= 95", true},
		{"each scenario: overall_score >= 8", "overall_score <= 7", true},
		{"each scenario: overall_score.min >= 8", "overall_score <= 7", true},
		{"each scenario: overall_score.p10 >= 8", "overall_score.p10 <= 7", true},
		{"each scenario: overall_score.median >= 8", "overall_score.median <= 7", false}, // not looked at
		{"each scenario: success_rate.change >= 5", "success_rate.change <= -5", false},
		{"scenario A: success_rate >= 95", "success_rate <= 90", false},
		{"scenario A: failed_calls >= 5", "failed_calls <= 4", true}, // they are of the run, too
		{"scenario A: failed_calls >= 5", "total_calls <= 4", true},
		{"scenario A: failed_calls <= 4", "failed_calls >= 5", false},
		{"each scenario: failed_calls <= 4", "failed_calls >= 5", false},
		{"each scenario: total_calls >= 5", "total_calls <= 4", true},
		{"scenario A: cost.sum >= 5", "cost.sum <= 4", true},
		{"scenario A: duration.max >= 50", "duration.max <= 40", true},
		{"scenario A: duration.min >= 50", "duration.min <= 40", false},
		{"scenario A: duration.min <= 40", "duration.min >= 50", true},
		{"pass_rate >= 95", "success_rate <= 90", true}, // what passed succeeded
		{"pass_rate <= 90", "success_rate >= 95", false},
		{"scenario A: pass_rate >= 95", "scenario A: success_rate <= 90", true},
		{"scenario A: pass_rate >= 95", "scenario B: success_rate <= 90", false},
		{"first_pass_rate >= 95", "first_success_rate <= 90", true},
		{"first_pass_rate >= 95", "success_rate <= 90", false},
		{"flaky_rate >= 50", "success_rate <= 40", true},
		{"failed_calls >= 5", "total_calls <= 4", true},
		{"failed_calls <= 4", "total_calls >= 5", false},
		{"flaky_calls >= 5", "total_calls <= 4", true},
		{"flaky_calls >= 5", "completed_calls <= 4", true},
		{"lost_calls >= 5", "total_calls <= 4", true},
		{"completed_calls > 4", "total_calls < 5", true},
		{"missing_calls >= 5", "total_calls <= 4", false}, // they did not come
		{`eval x: share "Passed" >= 95`, "eval x: pass_rate <= 90", true},
		{`eval x: share "Failed" >= 95`, "eval x: pass_rate >= 90", false}, // not looked at
		{"eval x: pass_rate >= 95", "eval x: score <= 90", false},          // see ScoreMistakes
		{"each eval: pass_rate >= 95", "eval x: pass_rate <= 90", true},
		{"each eval: pass_rate >= 95", "pass_rate <= 90", false},
		{"eval x: pass_rate >= 95", "eval x: result_rate <= 90", false},
		{`eval x: share "a" >= 60`, `eval x: share "a" <= 40`, true},
		{`eval x: share "a" >= 60`, `eval x: share "b" >= 60`, false}, // a call may have several labels
		{"overall_score >= 7", "overall_score.mean <= 6", true},
		{"overall_score.min >= 7", "overall_score.max <= 6", true},
		{"overall_score.min >= 7", "overall_score <= 6", true},
		{"overall_score.max <= 6", "overall_score >= 7", true},
		{"overall_score.min >= 7", "overall_score.p01 <= 6", true},
		{"overall_score.p90 <= 6", "overall_score.p10 >= 7", true},
		{"overall_score.p10 <= 6", "overall_score.p90 >= 7", false},
		{"overall_score.median >= 7", "overall_score.p51 < 7", true},
		{"overall_score.p50 >= 7", "overall_score.median < 7", true},
		{"overall_score.median >= 7", "overall_score.p50 < 7", false}, // of 6 and 8
		{"overall_score.p90 <= 6", "overall_score >= 7", false},
		{"duration.max <= 100", "duration.sum >= 1000", false},
		{"duration.max.change <= -5", "duration.min.change >= 5", false},
	}
	for _, c := range cases {
		for _, lines := range []string{c.a + "\n" + c.b, c.b + "\n" + c.a} {
			got := told(Set{Criteria: written(t, lines)}.Mistakes())
			if (len(got) == 1) != c.excludes || c.excludes && !strings.Contains(got[0], ": nothing can meet both this and line 1, ") {
				t.Errorf("%q: got %v, want excludes %v", lines, got, c.excludes)
			}
		}
	}
	both := Set{Criteria: append([]Criterion{MinSuccessRate(95)}, written(t, "success_rate <= 90")...)}
	want := []string{"criteria: line 1: success_rate <= 90: nothing can meet both this and min-success-rate, success_rate >= 95"}
	if diff := cmp.Diff(want, told(both.Mistakes())); diff != "" {
		t.Errorf("(-want +got)\n%s", diff)
	}
}

func TestConditionsThatCannotDoTheirWork(t *testing.T) {
	t.Parallel()
	cases := []struct{ input, want string }{
		{"overall_score >= 0", "line 1: overall_score >= 0: every value meets it: overall_score is 0 to 10; did you mean overall_score > 0?"},
		{"overall_score > 10", "line 1: overall_score > 10: no value meets it: overall_score is 0 to 10; did you mean overall_score >= 10?"},
		{"duration >= 0", "line 1: duration >= 0: every value meets it: duration is 0 or more; did you mean duration > 0?"},
		{"overall_score >= 8\noverall_score < 6", "line 2: overall_score < 6: nothing can meet both this and line 1, overall_score >= 8"},
		{"eval x score >= 80\neval x score < 60", `line 2: eval "x" score < 60: nothing can meet both this and line 1, eval "x" score >= 80`},
		{"eval x passed\neval x is Failed", `line 2: eval "x" is "Failed": nothing can meet both this and line 1, eval "x" passed`},
		{"eval x passed\neval x score <= 50", `line 2: eval "x" score <= 50: nothing can meet both this and line 1, eval "x" passed`},
		{"eval x passed\neval x is Passed\neval x score >= 70", ""},
		{"eval x is A\neval x is B", ""}, // a call may have several labels
		{"eval x score >= 80\neval y score < 60", ""},
		{"overall_score >= 6\noverall_score <= 9\nduration <= 300\ncost < 50\nresponse_time < 2", ""},
		{"eval x score >= 0.7", ""},
	}
	for _, c := range cases {
		var want []string
		if c.want != "" {
			want = []string{"pass-when: " + c.want}
		}
		if diff := cmp.Diff(want, told(Set{PassWhen: conditions(t, c.input)}.Mistakes())); diff != "" {
			t.Errorf("%q (-want +got)\n%s", c.input, diff)
		}
	}
}

func TestAScoreWrittenAsAPartOfOne(t *testing.T) {
	t.Parallel()
	const unknown = "a score goes from 0 to 100 unless the eval gives plain numbers, which no earlier run shows: write 70 instead of 0.7"
	const known = "the score goes from 0 to 100: write 70 instead of 0.7"
	hundred, plain := map[string]Scale{"x": ScaleHundred}, map[string]Scale{"x": ScalePlain}
	cases := []struct {
		criterion, condition string
		scales               map[string]Scale
		want                 string
	}{
		{"eval x: score >= 0.7", "eval x score >= 0.7", nil, unknown},
		{"eval x: score.p10 >= 0.7", "eval x score > 0.7", map[string]Scale{"other": ScalePlain}, unknown},
		{"eval x: score >= 0.7", "eval x score >= 0.7", hundred, known},
		{"eval x: score >= 0.7", "eval x score >= 0.7", plain, ""},
		{"each eval: score >= 0.7", "", nil, unknown},
		{"each eval: score >= 0.7", "", map[string]Scale{"x": ScaleHundred, "y": ScalePlain}, known},
		{"each eval: score >= 0.7", "", plain, ""},
		{"eval x: score.change >= 0.7", "", hundred, ""},
		{"eval x: score.sum >= 0.7", "", hundred, ""},
		{"eval x: score >= 70", "eval x score >= 70", nil, ""},
		{"eval x: score >= 0", "eval x score >= 0", nil, ""},
		{"eval x: score > 100", "eval x score > 100", plain, ""},
		{"eval x: pass_rate >= 70", "eval x passed", hundred, ""},
		{"overall_score >= 0.7", "overall_score >= 0.7", hundred, ""},
		{"eval x: score >= 0", "eval x score >= 0", hundred, "every value meets it: score is 0 to 100"},
		{"eval x: score > 100", "eval x score > 100", hundred, "no value meets it: score is 0 to 100"},
		{"eval x: score.change >= -100", "", hundred, "every value meets it: score is -100 to 100"},
	}
	for _, c := range cases {
		r := Set{Criteria: written(t, c.criterion), PassWhen: conditions(t, c.condition)}
		var want []string
		if c.want != "" {
			want = append(want, "criteria: line 1: "+r.Criteria[0].String()+": "+c.want)
			if c.condition != "" {
				want = append(want, "pass-when: line 1: "+r.PassWhen[0].String()+": "+c.want)
			}
		}
		got := told(r.ScoreMistakes(c.scales))
		if !slices.EqualFunc(got, want, strings.HasPrefix) {
			t.Errorf("%s, %s with %v: got %v, want %v", c.criterion, c.condition, c.scales, got, want)
		}
	}
}

func TestThePassRateOfAPassFailEvalIsTheMeanOfItsScore(t *testing.T) {
	t.Parallel()
	of := func(s Scale) map[string]Scale { return map[string]Scale{"x": s} }
	for _, c := range []struct {
		criteria string
		scales   map[string]Scale
		excludes bool
	}{
		{"eval x: pass_rate >= 95\neval x: score <= 90", of(ScalePassFail), true},
		{"eval x: score <= 90\neval x: pass_rate >= 95", of(ScalePassFail), true},
		{"eval x: pass_rate <= 90\neval x: score >= 95", of(ScalePassFail), true},
		{"eval x: pass_rate >= 95\neval x: score.max <= 90", of(ScalePassFail), true},
		{"eval x: share \"Passed\" >= 95\neval x: score <= 90", of(ScalePassFail), true},
		{"each eval: pass_rate >= 95\neval x: score <= 90", of(ScalePassFail), true},
		{"each eval: pass_rate >= 95\neach eval: score <= 90", map[string]Scale{"x": ScalePassFail, "y": ScaleHundred, "z": ScalePlain}, true},
		{"eval y: pass_rate >= 95\neach eval: score <= 90", of(ScalePassFail), false},
		{"eval x: pass_rate >= 95\neval y: score <= 90", of(ScalePassFail), false},
		{"eval x: pass_rate >= 90\neval x: score <= 95", of(ScalePassFail), false},
		{"eval x: pass_rate >= 95\neval x: score <= 90", of(ScaleHundred), false},
		{"eval x: pass_rate >= 95\neval x: score <= 90", nil, false},
		// The score is then one of calls that broke off, too.
		{"eval x: pass_rate >= 95\neval x: score <= 90\nsuccess_rate >= 50", of(ScalePassFail), false},
	} {
		r := Set{Criteria: written(t, c.criteria)}
		got := told(r.ScoreMistakes(c.scales))
		if (len(got) == 1) != c.excludes || c.excludes && !strings.Contains(got[0], ": nothing can meet both this and line 1, ") {
			t.Errorf("%q with %v: got %v, want excludes %v", c.criteria, c.scales, got, c.excludes)
		}
		if c.excludes && !r.NeedsScales() {
			t.Errorf("%q: no scales are asked for", c.criteria)
		}
	}
}

func TestScalesAreAskedForWhereTheyTellAMistake(t *testing.T) {
	t.Parallel()
	for line, want := range map[string]bool{
		"eval x: score >= 0.7": true, "eval x: score <= 100": true, "eval x: score > 100": true, "each eval: score >= 0": true, "eval x: score.change <= 100": true,
		"eval x: score >= 70": false, "eval x: pass_rate >= 95": false, "overall_score >= 7": false, "eval x: score.sum <= 1000": false,
	} {
		if got := (Set{Criteria: written(t, line)}).NeedsScales(); got != want {
			t.Errorf("%s: got %t, want %t", line, got, want)
		}
	}
	for line, want := range map[string]bool{"eval x score <= 100": true, "eval x score >= 0.7": true, "eval x score >= 70": false, "eval x passed": false} {
		if got := (Set{PassWhen: conditions(t, line)}).NeedsScales(); got != want {
			t.Errorf("%s: got %t, want %t", line, got, want)
		}
	}
}

func TestNamesThatARunDoesNotHave(t *testing.T) {
	t.Parallel()
	names := func(all ...string) Names {
		n := Names{Known: true}
		for _, name := range all {
			n.All = append(n.All, text.New(name))
		}
		return n
	}
	scenarios, evals := names("Billing Inquiry", "Refund"), names("is_helpful", "tone", "tone")
	const has = `; available: "is_helpful", "tone"`
	many := names("a1", "a2", "a3", "a4", "a5", "a6", "a7", "a8", "a9", "b0")
	cases := []struct {
		criteria, passWhen string
		scenarios, evals   Names
		want               []string
	}{
		{`scenario "Billing Inquiry": success_rate >= 95`, "eval is_helpful passed\noverall_score >= 6", scenarios, evals, nil},
		{"each scenario: success_rate >= 80\neach eval: result_rate >= 90\nsuccess_rate >= 90", "", scenarios, evals, nil},
		{"scenario X: success_rate >= 95\neval y: pass_rate >= 95\neach eval: pass_rate >= 90", "eval z passed", Names{}, Names{}, nil},
		{
			"\neval is_helpfull: pass_rate >= 95", "eval Tone is Polite", scenarios, evals,
			[]string{
				`criteria: line 2: eval "is_helpfull": pass_rate >= 95: no eval named "is_helpfull"` + has + `; did you mean eval "is_helpful"?`,
				`pass-when: line 1: eval "Tone" is "Polite": no eval named "Tone"` + has + `; did you mean eval "tone"?`,
			},
		},
		{
			"scenario \"billing  inquiry\": success_rate >= 95\nscenario Weather: success_rate >= 95", "", scenarios, evals,
			[]string{
				`criteria: line 1: scenario "billing inquiry": success_rate >= 95: no scenario named "billing inquiry"; available: "Billing Inquiry", "Refund"; did you mean scenario "Billing Inquiry"?`,
				`criteria: line 2: scenario "Weather": success_rate >= 95: no scenario named "Weather"; available: "Billing Inquiry", "Refund"`,
			},
		},
		{
			"eval is-helpful: pass_rate >= 95\neval \"is_help\\u{200B}ful\": pass_rate >= 95", "", scenarios, evals,
			[]string{
				`criteria: line 1: eval "is-helpful": pass_rate >= 95: no eval named "is-helpful"` + has + `; did you mean eval "is_helpful"?`,
				`criteria: line 2: eval "is_help\u{200B}ful": pass_rate >= 95: no eval named "is_help<U+200B>ful"` + has + `; did you mean eval "is_helpful"?`,
			},
		},
		{
			"each eval: pass_rate >= 95\neach scenario: success_rate >= 80\neval x: pass_rate >= 90", "", names(), names(),
			[]string{
				"criteria: line 1: each eval: pass_rate >= 95: this run has no evals",
				"criteria: line 2: each scenario: success_rate >= 80: this run has no scenarios",
				`criteria: line 3: eval "x": pass_rate >= 90: this run has no evals`,
			},
		},
		{
			"scenario zzz: success_rate >= 95", "", many, evals,
			[]string{`criteria: line 1: scenario "zzz": success_rate >= 95: no scenario named "zzz"; available: "a1", "a2", "a3", "a4", "a5", "a6", "a7", "a8" and 2 more`},
		},
	}
	for _, c := range cases {
		r := Set{Criteria: written(t, c.criteria), PassWhen: conditions(t, c.passWhen)}
		if diff := cmp.Diff(c.want, told(r.UnknownNames(c.scenarios, c.evals))); diff != "" {
			t.Errorf("%q, %q (-want +got)\n%s", c.criteria, c.passWhen, diff)
		}
	}
}

func TestWhatACommentHides(t *testing.T) {
	t.Parallel()
	const hint = "; write each criterion on its own line, even one that is commented out (in YAML, write criteria: | instead of >, which joins all lines)"
	cases := []struct{ line, hidden string }{
		{"success_rate >= 50 # at least half overall_score >= 9.99 each scenario: success_rate >= 80", "overall_score >= 9.99"},
		{"success_rate >= 50 # at least half each scenario: success_rate >= 80 # and", "each scenario: success_rate >= 80"},
		{"success_rate >= 50 #overall_score>=7", "overall_score>=7"},
		{"success_rate >= 50 # polite\u2028eval tone: share \"Polite\" >= 90", `eval tone: share "Polite" >= 90`},
		{"success_rate >= 50 # polite\reval \"is polite\": pass_rate >= 90%", `eval "is polite": pass_rate >= 90%`},
		{"success_rate >= 50 # then # failed_calls <= 2", "failed_calls <= 2"},
		{"success_rate >= 50 # succes_rate >= 80", "succes_rate >= 80"},
		{"success_rate >= 50 # overall_score => 7", "overall_score => 7"},
		{"# our bar success_rate >= 95 overall_score >= 7", "success_rate >= 95"},
		{"success_rate >= 50 # at least half of them", ""},
		{"success_rate >= 50 # n >= 30 calls, see overall_score", ""},
		{"success_rate >= 50 # 5\" pipes: a \" quote", ""},
		{"# overall_score >= 9.99", ""},
		{"# overall_score >= 9.99 # too strict", ""},
		{"# rates > 5, x <= 3 and y >= 2", ""},
	}
	for _, c := range cases {
		want := ""
		if c.hidden != "" {
			want = "the comment hides the criterion " + c.hidden + hint
		}
		_, err := Parse(c.line)
		got := ""
		if mistake, ok := errors.AsType[*LineError](err); ok {
			got = mistake.Problem
		}
		if got != want {
			t.Errorf("%q: got %q, want %q", c.line, got, want)
		}
	}
	for line, hidden := range map[string]string{
		`eval "x" passed # always overall_score >= 6`:       "overall_score >= 6",
		`eval "x" passed # always eval "y" is "Polite"`:     `eval "y" is "Polite"`,
		"overall_score >= 6 # and eval groundedness passed": "eval groundedness passed",
		"overall_score >= 6 # the eval tone is new":         "",
		"# overall_score >= 6":                              "",
		"# duration <= 9 overall_score >= 6":                "duration <= 9",
	} {
		_, err := ParseConditions(line)
		if hidden == "" && err != nil || hidden != "" && (err == nil || !strings.Contains(err.Error(), "the comment hides the condition "+hidden+"; ") || !strings.Contains(err.Error(), "pass-when: |")) {
			t.Errorf("%q: got %v, want a word about %q", line, err, hidden)
		}
	}
}

func TestInvisibleCharactersAreShown(t *testing.T) {
	t.Parallel()
	cases := []struct{ line, want string }{
		{"success_rate >= 90\u200b", "line 1: success_rate >= 90<U+200B>: character 19 of the line is the invisible U+200B (zero width space): delete it"},
		{"success_rate \u200b>= 90", "line 1: success_rate <U+200B>>= 90: character 14 of the line is the invisible U+200B (zero width space): delete it"},
		{"  success\u00ad_rate >= 90", "line 1: success<U+00AD>_rate >= 90: character 10 of the line is the invisible U+00AD (soft hyphen): delete it"},
		{"success_rate >= 90\u2060", "line 1: success_rate >= 90<U+2060>: character 19 of the line is the invisible U+2060 (word joiner): delete it"},
		{"\u202esuccess_rate >= 90", "line 1: <U+202E>success_rate >= 90: character 1 of the line is the invisible U+202E (it changes the direction of writing): delete it"},
		{"\n\ufeffsuccess_rate >= 90", "line 2: <U+FEFF>success_rate >= 90: character 1 of the line is the invisible U+FEFF (byte order mark): delete it"},
		{"\u200b", "line 1: <U+200B>: character 1 of the line is the invisible U+200B (zero width space): delete it"},
		{"eval is\u200d_polite: pass_rate >= 90", "line 1: eval is<U+200D>_polite: pass_rate >= 90: character 8 of the line is the invisible U+200D (zero width joiner): delete it"},
		{"eval \"is\u200b_polite\": pass_rate >= 90", `line 1: eval "is<U+200B>_polite": pass_rate >= 90: character 9 of the line is the invisible U+200B (zero width space): delete it, or write \u{200B} if the name contains it`},
		{"success_rate >= 90 # \u200b", ""},
		{"eval \"is\\u{200B}_polite\": pass_rate >= 90", ""},
		{"success_rate\u00a0>= 90", ""},
	}
	for _, c := range cases {
		got := ""
		if _, err := Parse(c.line); err != nil {
			got = err.Error()
		}
		if got != c.want {
			t.Errorf("%q: got %q, want %q", c.line, got, c.want)
		}
	}
	got := written(t, "eval \"is\\u{200B}_polite\": pass_rate >= 90")[0]
	if got.Scope.Name != "is\u200b_polite" || got.String() != `eval "is\u{200B}_polite": pass_rate >= 90` {
		t.Errorf("got the name %q and the normal form %s", got.Scope.Name, got)
	}
	if _, err := ParseConditions("overall_score\u200b >= 6"); err == nil || !strings.Contains(err.Error(), "U+200B") {
		t.Errorf("a condition: got %v", err)
	}
}
