package verdict

import (
	"slices"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/agent-gate/agent-gate/internal/calls"
	"github.com/agent-gate/agent-gate/internal/criteria"
	"github.com/agent-gate/agent-gate/internal/text"
)

func TestScoresThatAreNotKnownStandAtBothEndsOfTheirRange(t *testing.T) {
	t.Parallel()
	nine := times(9, call("A", scored(8)))
	// 72 of nine, and one from 1 to 10: 7.3 to 8.2.
	tenth := map[string]Evidence{
		"no score":     runOf(append(nine, call("A"))...),
		"lost":         runOf(append(nine, call("A", lost))...),
		"missing":      asked(runOf(nine...), "A", 10),
		"not ended":    runOf(append(nine, call("A", status(calls.Ongoing)))...),
		"cancelled":    runOf(append(nine, call("A", cancelled))...),
		"no number":    runOf(append(nine, call("A", scored(inf())))...),
		"lost at last": runOf(append(nine, call("A", lost, scored(9)))...),
	}
	for name, e := range tenth {
		holdLines(t, name, e, Rules{}, []line{
			{"overall_score >= 7.3", Met, "mean of 9 calls"},
			{"overall_score >= 7.31", NoData, "mean of 9 calls"},
			{"overall_score >= 8.2", NoData, ""},
			{"overall_score >= 8.21", NotMet, ""},
			{"overall_score.min >= 1", Met, ""},
			{"overall_score.min >= 2", NoData, ""},
			{"overall_score.max <= 9", NoData, ""},
			{"overall_score.p10 >= 2", NoData, ""},
			{"overall_score.p20 >= 8", Met, ""},
			{"overall_score.median >= 8", Met, ""},
			{"overall_score.sum >= 72", Met, ""},
			{"overall_score.sum >= 73", NoData, ""},
			{"overall_score.sum <= 82", Met, ""},
		})
	}
	// Where a 0 occurs the range begins at 0: 72 of ten, and one from 0 to 10. So it does where
	// the 0 is one of another scenario.
	zero := runOf(all(nine, times(1, call("A")), times(1, call("B", scored(0))))...)
	holdLines(t, "a zero", zero, Rules{}, []line{
		{"scenario A: overall_score >= 7.2", Met, ""}, {"scenario A: overall_score >= 7.21", NoData, ""}, {"scenario A: overall_score.min >= 1", NoData, ""},
	})
	// The shown value is over known calls, and the interval covers every possible value.
	c := only(t, beside(t, tenth["no score"], "overall_score >= 7"))
	if *c.Value.Value != 8 || c.Value.N != 9 || c.Unknown != 1 || *c.Value.Low > 7.3 || *c.Value.High < 8.2 {
		t.Errorf("got %v (%v to %v) of %d without %d", *c.Value.Value, *c.Value.Low, *c.Value.High, c.Value.N, c.Unknown)
	}
	// Scores outside the range are on an unknown scale: they are not results, and do not widen it.
	for _, odd := range []float64{-1, 10.1, 11, 85, 1e300} {
		e := runOf(append(nine, call("A", scored(odd)))...)
		holdLines(t, "outside", e, Rules{}, []line{
			{"overall_score >= 7.3", Met, "mean of 9 calls"}, {"overall_score >= 7.31", NoData, "mean of 9 calls"}, {"overall_score.max <= 9", NoData, ""}, {"scored_rate >= 91", NotMet, ""},
		})
		if v := judge(t, e, "overall_score >= 7"); v.Counts.Scored != 9 || v.Metrics.OverallScore.N != 9 {
			t.Errorf("%v: got %+v, %d values", odd, v.Counts, v.Metrics.OverallScore.N)
		}
		when := []criteria.Condition{{Kind: criteria.ConditionNumber, Metric: criteria.MetricOverallScore, Op: criteria.OpAtLeast, Bound: 1}}
		if v := Judge(e, Rules{Set: criteria.Set{Criteria: parsed(t, "pass_rate >= 1"), PassWhen: when}}); v.Passed[9] != PassUnknown {
			t.Errorf("%v: got %d, want that nobody knows whether it passed", odd, v.Passed[9])
		}
	}
	holdLines(t, "all outside", runOf(call("A", scored(85)), call("A", scored(75))), Rules{}, []line{{"overall_score >= 8", NoData, ""}})
	holdLines(t, "the ends", runOf(call("A", scored(10)), call("A", scored(0))), Rules{}, []line{{"overall_score == 5", Met, ""}})
}

// inf is a score that is none.
func inf() float64 {
	big := 1e308
	return big * 10
}

func TestResultsThatAreNotKnownStandAtBothEndsOfTheirRange(t *testing.T) {
	t.Parallel()
	nine := times(9, call("A", scoring("s", 0.8), passing("p"), labelled("l", "x")))
	for name, e := range map[string]Evidence{
		"pending": runOf(append(nine, call("A", unjudged("s", calls.EvalPending), unjudged("p", calls.EvalPending), unjudged("l", calls.EvalPending)))...),
		"errored": runOf(append(nine, call("A", unjudged("s", calls.EvalErrored), unjudged("p", calls.EvalErrored), unjudged("l", calls.EvalErrored)))...),
		"absent":  runOf(append(nine, call("A"))...),
		"lost":    runOf(append(nine, call("A", lost))...),
		"missing": asked(runOf(nine...), "A", 10),
	} {
		holdLines(t, name, e, Rules{}, []line{
			{"eval s: score >= 72", Met, "mean of 9 results"},
			{"eval s: score >= 72.1", NoData, "mean of 9 results"},
			{"eval s: score >= 82.1", NotMet, ""},
			{"eval s: score.min >= 1", NoData, ""},
			{"eval p: score >= 90", Met, ""},
			{"eval p: score >= 91", NoData, ""},
			{"eval p: pass_rate >= 90", Met, "9 of 9 successful calls passed"},
			{"eval p: pass_rate >= 91", NoData, "9 of 9 successful calls passed; 1 of 10 results is unknown"},
			{`eval l: share "x" >= 90`, Met, ""},
			{`eval l: share "x" >= 91`, NoData, ""},
			{`eval l: share "y" <= 10`, Met, ""},
			{`eval l: share "y" <= 9`, NoData, ""},
		})
	}
	// Afterwards a missing result counts as missing, and one of a call that never came is unknown.
	holdLines(t, "result rate", runOf(append(nine, call("A", unjudged("s", calls.EvalPending)))...), Rules{}, []line{{"eval s: result_rate >= 91", NotMet, ""}})
	holdLines(t, "result rate", asked(runOf(nine...), "A", 10), Rules{}, []line{{"eval s: result_rate >= 91", NoData, "9 of 9 successful calls have a result; 1 of 10 results is unknown (1 missing)"}})
}

func TestNumbersWithoutARangeAreTakenOverWhatThereIsWithAWarning(t *testing.T) {
	t.Parallel()
	e := asked(runOf(call("A", numbering("n", 50), lasting(10), answering(1), costing(5)), call("A", unjudged("n", calls.EvalErrored)), call("A", lost, costing(1))), "A", 4)
	for criterion, want := range map[string]string{
		"eval n: score >= 40": `eval "n": score covers 1 of 4 results: the others have no value (1 lost, 1 missing, 1 errored)`,
		"duration.max <= 20":  "duration.max covers 1 of 2 completed calls: the others have no value",
		"response_time <= 2":  "response_time covers 1 of 2 successful calls: the others have no value",
		"cost.sum <= 6":       "cost.sum covers 2 of 3 calls: the others have no value",
	} {
		v := beside(t, e, criterion)
		if c := only(t, v); c.Outcome != Met || !slices.Contains(raws(v.Warnings), want) {
			t.Errorf("%s: got %s, warnings %q, want %q", criterion, c.Outcome, raws(v.Warnings), want)
		}
	}
	// Calls that failed and that no criterion answers for leave it open all the same.
	failures := runOf(append(times(9, call("A", failed)), call("A", numbering("n", 50)))...)
	if c := only(t, judge(t, failures, "eval n: score >= 40")); c.Outcome != NoData {
		t.Errorf("failures: got %s (%s)", c.Outcome, c.Detail.Raw())
	}
}

func TestAFailedCallIsSomebodysBusiness(t *testing.T) {
	t.Parallel()
	// 9 of 10 calls failed, and the one that did not is perfect.
	e := runOf(append(times(9, call("A", failed)), call("A", passing("polite"), scored(10), labelled("tone", "x"), scoring("s", 1)))...)
	const unknown = "9 of 10 results are unknown (9 unsuccessful with no criterion on success), which could decide either way"
	for _, line := range []string{
		`eval "polite": pass_rate >= 95`, `eval "s": score >= 95`, `eval "tone": share "x" >= 95`, `eval "polite": result_rate >= 95`,
		"overall_score >= 7", "overall_score.p10 >= 7", "scored_rate >= 95",
		`scenario "A": overall_score >= 7`, "each scenario: overall_score >= 7",
	} {
		if v := judge(t, e, line); v.Kind != Error {
			t.Errorf("%s: got %s (%s)", line, v.Kind, v.Reason)
		}
		// A criterion without a scope that bounds success answers for them, whatever its bound.
		for _, bound := range []string{"success_rate >= 5", "first_success_rate >= 5", "pass_rate >= 5", "first_pass_rate >= 5", "failed_calls <= 9", "completed_calls >= 1"} {
			if v := judge(t, e, line+"\n"+bound); v.Kind != Pass {
				t.Errorf("%s and %s: got %s (%s)", line, bound, v.Kind, v.Reason)
			}
		}
		// Others do not: on a scenario, from the other side, or of a change.
		for _, bound := range []string{`scenario "A": success_rate >= 5`, "each scenario: success_rate >= 5", "success_rate <= 50", "failed_calls >= 5", "total_calls >= 1", "duration >= 0", "judged_rate >= 90"} {
			if v := judge(t, e, line+"\n"+bound); v.Kind != Error {
				t.Errorf("%s and %s: got %s (%s)", line, bound, v.Kind, v.Reason)
			}
		}
	}
	if got, want := judge(t, e, `eval "polite": pass_rate >= 95`).Reason.Raw(), `eval "polite": pass_rate cannot be judged: 1 of 1 successful call passed; `+unknown; got != want {
		t.Errorf("got  %s\nwant %s", got, want)
	}
	// It is not met for sure where even ten good ones would not do.
	rude := runOf(append(times(9, call("A", failed)), call("A", failing("polite")))...)
	if v := judge(t, rude, `eval "polite": pass_rate >= 95`); v.Kind != Fail {
		t.Errorf("rude: got %s (%s)", v.Kind, v.Reason)
	}
}

func TestValuesThatAreNotOnOneScaleAreNoResult(t *testing.T) {
	t.Parallel()
	// Passes and scores are both on 0 to 100; other numbers are on a scale of their own.
	two := runOf(call("A", passing("e")), call("A", numbering("e", 7)), call("A", scoring("e", 0.5)))
	for _, line := range []string{"eval e: score >= 0", "eval e: pass_rate >= 0", "eval e: result_rate >= 1", `eval e: share "Passed" >= 0`} {
		c := only(t, beside(t, two, line))
		if want := map[bool]CheckOutcome{true: NotMet, false: NoData}[line == "eval e: result_rate >= 1"]; c.Outcome != want {
			t.Errorf("%s: got %s (%s), want %s", line, c.Outcome, c.Detail.Raw(), want)
		}
	}
	v := judge(t, two, "eval e: score >= 0")
	if got := only(t, v).Detail.Raw(); got != "its results are not on one scale" {
		t.Errorf("got %s", got)
	}
	if s := v.Evals[0]; s.Results != 0 || s.Passed != 0 || s.Errored != 3 || s.Score.Value != nil {
		t.Errorf("got %+v", s)
	}
	want := []string{`eval "e": its results mix Pass/Fail, scores and numbers, which are not on one scale, so none of them counts`}
	if diff := cmp.Diff(want, raws(v.Warnings)); diff != "" {
		t.Errorf("warnings (-want +got)\n%s", diff)
	}
	// A score outside of 0 to 1 is none, and the others are.
	odd := runOf(append(times(9, call("A", scoring("e", 0.5))), call("A", scoring("e", 85)))...)
	holdLines(t, "outside", odd, Rules{}, []line{
		{"eval e: score >= 45", Met, "mean of 9 results"}, {"eval e: score >= 46", NoData, "mean of 9 results; 1 of 10 results is unknown (1 on an unknown scale)"}, {"eval e: result_rate >= 91", NotMet, ""},
	})
	if s := judge(t, odd, "success_rate >= 1").Evals[0]; s.Results != 9 || s.Errored != 1 {
		t.Errorf("got %+v", s)
	}
	// A value of another kind is not a score either, and a warning says so.
	mixed := runOf(append(times(9, call("A", scoring("e", 0.5))), call("A", labelled("e", "x")))...)
	holdLines(t, "mixed", mixed, Rules{}, []line{{"eval e: score >= 46", NoData, "mean of 9 results; 1 of 10 results is unknown (1 without a score), which could decide either way"}})
}

func TestAwaitsWhatCanStillTurnTheVerdict(t *testing.T) {
	t.Parallel()
	pendingPass := unjudged("e", calls.EvalPending)
	scores := func(v float64, without int) Evidence {
		return runOf(all(times(10-without, call("A", scored(v))), times(without, call("A")))...)
	}
	evals := func(good, bad int, rest ...Call) Evidence {
		e := runOf(all(times(good, call("A", passing("e"))), times(bad, call("A", failing("e"))), rest)...)
		e.Evals = []calls.EvalConfig{{ID: id("e"), Name: text.New("e"), Type: text.New("Pass/Fail")}}
		return e
	}
	atWork := call("A", status(calls.Ongoing))
	cases := []struct {
		name     string
		evidence Evidence
		criteria string
		want     bool
	}{
		{"ten scores are there, and ten come later", runOf(all(times(10, call("A", scored(9))), times(10, call("A")))...), "overall_score >= 7\nsuccess_rate >= 1", true},
		{"all scores are there", scores(9, 0), "overall_score >= 7\nsuccess_rate >= 1", false},
		{"one score that cannot turn it", scores(9, 1), "overall_score >= 8\nsuccess_rate >= 1", false},
		{"one score that can", scores(9, 1), "overall_score >= 8.2\nsuccess_rate >= 1", true},
		{"one score that cannot make it good", scores(2, 1), "overall_score >= 7\nsuccess_rate >= 1", false},
		{"a score that nobody asks for", scores(9, 1), "success_rate >= 1", false},
		{"the number of scores", scores(9, 1), "scored_rate >= 95\nsuccess_rate >= 1", true},
		{"no score at all", scores(9, 10), "overall_score >= 7\nsuccess_rate >= 1", true},
		{"a result that can turn it", evals(9, 0, call("A", pendingPass)), "eval e: pass_rate >= 95", true},
		{"a result that cannot", evals(9, 0, call("A", pendingPass)), "eval e: pass_rate >= 90", false},
		{"a result that errored does not come", evals(9, 0, call("A", unjudged("e", calls.EvalErrored))), "eval e: pass_rate >= 95", false},
		{"a result of which there is no entry yet", evals(9, 0, call("A")), "eval e: pass_rate >= 95", true},
		{"a result of an eval that nobody asks for", evals(9, 0, call("A", pendingPass)), "success_rate >= 1", false},
		{"how many results there are", evals(9, 0, call("A", pendingPass)), "eval e: result_rate >= 95", true},
		{"whether calls passed", evals(9, 0, call("A", pendingPass)), "pass_rate >= 95", true},
		{"whether calls passed, when it is sure", evals(9, 0, call("A", pendingPass)), "pass_rate >= 90", false},
		{"a call at work", evals(9, 0, atWork), "success_rate >= 95", true},
		{"a call at work that cannot turn it", evals(9, 0, atWork), "success_rate >= 90", false},
		{"a call at work may be completed", evals(9, 0, atWork), "completed_calls >= 10", true},
		{"a scenario of which one call is at work", runOf(call("A"), call("B", status(calls.Ongoing))), "success_rate >= 10", true},
		{"what is good enough or unknown", evals(1, 0, call("A", pendingPass), call("A", lost)), "eval e: pass_rate >= 60", true},
		{"a scenario of which no call can be judged for good", evals(1, 0, call("A", pendingPass), call("B", lost)), "eval e: pass_rate >= 60", false},
		{"it fails for another reason", scores(9, 1), "overall_score >= 8.2\nsuccess_rate > 100", false},
		{"it is an error for another reason", scores(9, 1), "scored_rate >= 10\ncost <= 5\nsuccess_rate >= 1", false},
		{"an error that may still be a fail", scores(9, 1), "overall_score >= 8.2\ncost <= 5\nsuccess_rate >= 1", true},
		{"a missing call does not come", asked(evals(9, 0), "A", 10), "success_rate >= 95", false},
		{"a lost call does not come", evals(9, 0, call("A", lost)), "success_rate >= 95", false},
		{"an eval whose name is not known yet", runOf(call("A", func(c *Call) {
			c.Evals = []calls.Eval{calls.NewEval(calls.EvalResult{ConfigID: id("e"), State: calls.EvalPending})}
		})), "eval e: pass_rate >= 90", true},
		{"an eval of which nobody has heard", evals(9, 0), "eval f: pass_rate >= 90", false},
		{"a score that may be the 0 which widens the range of others", runOf(call("A", scored(2)), call("A", failed), call("B", scored(9)), call("B")), "scenario A: overall_score >= 1.5", true},
		{"no criteria", scores(9, 1), "", false},
	}
	for _, c := range cases {
		if got := Awaits(c.evidence, Rules{Set: criteria.Set{Criteria: parsed(t, c.criteria)}}); got != c.want {
			t.Errorf("%s: got %t, want %t", c.name, got, c.want)
		}
	}
	// By interval the spread of what comes counts too.
	for line, want := range map[string]bool{"overall_score >= 5": true, "overall_score.p50 >= 5": false} {
		if got := Awaits(scores(9, 1), Rules{Set: criteria.Set{Criteria: parsed(t, line+"\nsuccess_rate >= 1")}, DecideOn: DecideOnInterval}); got != want {
			t.Errorf("by interval, %s: got %t, want %t", line, got, want)
		}
	}
	e := scores(9, 1)
	e.Unevaluated = text.New("the new evals were not run")
	if Awaits(e, Rules{Set: criteria.Set{Criteria: parsed(t, "scored_rate >= 10\nsuccess_rate >= 1")}}) {
		t.Error("it is an error whatever comes, and is waited for")
	}
	running := scores(9, 1)
	running.Execution.Status = calls.ExecutionRunning
	if Awaits(running, Rules{Set: criteria.Set{Criteria: parsed(t, "overall_score >= 8.2\nsuccess_rate >= 1")}}) {
		t.Error("a run that has not ended has no late results")
	}
}
