package verdict

import (
	"fmt"
	"math"
	"math/big"
	"reflect"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/agent-gate/agent-gate/internal/calls"
	"github.com/agent-gate/agent-gate/internal/criteria"
	"github.com/agent-gate/agent-gate/internal/stats"
	"github.com/agent-gate/agent-gate/internal/text"
)

// zoo has a call of every outcome, with values on all of them.
func zoo() Evidence {
	values := func(n float64) func(*Call) {
		return func(c *Call) {
			for _, set := range []func(*Call){scored(n), lasting(10 * n), answering(n / 10), costing(100 * n)} {
				set(c)
			}
		}
	}
	return runOf(
		call("A", values(1)),
		call("A", values(2), rescued),
		call("A", values(3), rescued),
		call("B", values(4)),
		call("B"), // succeeded without any value
		call("B", values(6), skipped),
		call("B", values(7), crashed, unscored),
		call("B", values(8), failed),
		call("C", values(9), cancelled),
		call("C", values(10), status(calls.Ongoing)),
	)
}

func TestMetricsOfCalls(t *testing.T) {
	t.Parallel()
	cases := []struct {
		metric string
		want   float64
		n      int
		unit   criteria.Unit
	}{
		{"success_rate", 62.5, 8, criteria.UnitPercent}, // not known are the cancelled one and the open one,
		{"first_success_rate", 37.5, 8, criteria.UnitPercent},
		{"scored_rate", 80, 5, criteria.UnitPercent},
		{"flaky_rate", 25, 8, criteria.UnitPercent},
		{"overall_score", 2.5, 4, criteria.UnitNone},
		{"overall_score.median", 2.5, 4, criteria.UnitNone},
		{"overall_score.min", 1, 4, criteria.UnitNone},
		{"overall_score.max", 4, 4, criteria.UnitNone},
		{"overall_score.sum", 10, 4, criteria.UnitNone},
		{"overall_score.p50", 2, 4, criteria.UnitNone},
		{"overall_score.p51", 3, 4, criteria.UnitNone},
		{"response_time.sum", 1, 4, criteria.UnitSeconds},
		{"duration.sum", 230, 6, criteria.UnitSeconds}, // completed: also the skipped and the crashed one
		{"duration.max", 70, 6, criteria.UnitSeconds},
		{"cost.sum", 5000, 9, criteria.UnitCents}, // all calls cost
		{"cost.max", 1000, 9, criteria.UnitCents},
		{"total_calls", 10, 10, criteria.UnitCalls},
		{"completed_calls", 7, 10, criteria.UnitCalls},
		{"failed_calls", 2, 8, criteria.UnitCalls},
		{"flaky_calls", 2, 8, criteria.UnitCalls},
		{"pass_rate", 62.5, 8, criteria.UnitPercent}, // there is no eval
		{"first_pass_rate", 37.5, 8, criteria.UnitPercent},
		{"judged_rate", 80, 10, criteria.UnitPercent},
		{"lost_calls", 0, 10, criteria.UnitCalls},
		{"scenario A: success_rate", 100, 3, criteria.UnitPercent},
		{"scenario B: success_rate", 40, 5, criteria.UnitPercent},
		{"scenario B: scored_rate", 50, 2, criteria.UnitPercent},
		{"scenario A: first_success_rate", 100. / 3, 3, criteria.UnitPercent},
		{"scenario B: failed_calls", 2, 5, criteria.UnitCalls},
		{"scenario A: overall_score.max", 3, 3, criteria.UnitNone},
	}
	for _, c := range cases {
		got := only(t, beside(t, zoo(), c.metric+" >= 0"))
		if got.Value.Value == nil {
			t.Errorf("%s: got no value, want %v (%s)", c.metric, c.want, got.Detail)
			continue
		}
		near(t, c.metric, *got.Value.Value, c.want)
		if got.Value.N != c.n || got.Value.Unit != c.unit {
			t.Errorf("%s: got n %d and unit %q, want %d and %q", c.metric, got.Value.N, got.Value.Unit, c.n, c.unit)
		}
	}
}

func TestComparisonsOnTheLineAndBesideIt(t *testing.T) {
	t.Parallel()
	// 18 of 20 succeeded; the mean score is 7.2; 2 failed.
	e := runOf(append(times(18, call("A", scored(7.2))), times(2, call("A", failed))...)...)
	outcomes := map[string][3]CheckOutcome{ // below, on, above the bound's number
		">=": {NotMet, Met, Met}, ">": {NotMet, NotMet, Met}, "<=": {Met, Met, NotMet}, "<": {Met, NotMet, NotMet}, "==": {NotMet, Met, NotMet},
	}
	for metric, bounds := range map[string][3]string{ // bounds that the value is below, on, above
		"success_rate": {"90.00001", "90", "89.99999"}, "overall_score": {"7.201", "7.2", "7.199"},
		"overall_score.p10": {"7.201", "7.2", "7.199"}, "failed_calls": {"3", "2", "1"},
	} {
		for op, want := range outcomes {
			for i, bound := range bounds {
				line := metric + " " + op + " " + bound
				c := only(t, beside(t, e, line))
				if c.Outcome != want[i] {
					t.Errorf("%s: got %s, want %s", line, c.Outcome, want[i])
				}
				if (c.Short > 0) != (c.Outcome == NotMet && i != 1) {
					t.Errorf("%s: got short by %v", line, c.Short)
				}
			}
		}
	}
}

func TestShortIsTheDistanceToTheBound(t *testing.T) {
	t.Parallel()
	e := twenty() // 80 percent
	near(t, "below", only(t, judge(t, e, "success_rate >= 95")).Short, 15)
	near(t, "above", only(t, judge(t, e, "success_rate <= 70")).Short, 10)
	near(t, "met", only(t, judge(t, e, "success_rate >= 70")).Short, 0)
	v := Judge(e, Rules{Set: criteria.Set{Criteria: parsed(t, "success_rate >= 81")}, DecideOn: DecideOnInterval})
	if c := only(t, v); c.Outcome != Undecided || c.Short != 0 {
		t.Errorf("undecided: got %s and %v, want no shortfall", c.Outcome, c.Short)
	}
}

func TestRatesCompareAsPeopleReckon(t *testing.T) {
	t.Parallel()
	// Every k of n against the very percentage that k of n is, written with up to four
	// decimals: exactly on the line where that is exact, else on the side where it is.
	for _, n := range []int{1, 2, 3, 7, 8, 16, 19, 20, 25, 40, 64, 100, 125, 128, 200, 500, 625, 999, 1000} {
		for k := range n + 1 {
			p := stats.Ratio(k, n)
			for _, decimals := range []int{0, 1, 2, 4} {
				printed := fmt.Sprintf("%.*f", decimals, 100*float64(k)/float64(n))
				bound := parsed(t, "success_rate >= "+printed)[0].Bound
				decimal, _ := new(big.Rat).SetString(printed)
				want := big.NewRat(int64(100*k), int64(n)).Cmp(decimal)
				if got := p.Against(bound); got != want {
					t.Fatalf("%d of %d against %s: got %d, want %d", k, n, printed, got, want)
				}
			}
		}
	}
	// A few that floats get wrong.
	for _, c := range []struct {
		k, n  int
		bound float64
	}{{57, 100, 57}, {19, 20, 95}, {29, 50, 58}, {7, 25, 28}, {11, 20, 55}, {199, 200, 99.5}, {999, 1000, 99.9}, {143, 1000, 14.3}} {
		if got := stats.Ratio(c.k, c.n).Against(c.bound); got != 0 {
			t.Errorf("%d of %d is %v percent: got %d", c.k, c.n, c.bound, got)
		}
	}
}

func TestMeansCompareAsPeopleReckon(t *testing.T) {
	t.Parallel()
	e := runOf(call("A", scored(0.1)), call("A", scored(0.2)), call("A", scored(0.3)))
	for line, want := range map[string]CheckOutcome{
		"overall_score <= 0.2": Met, "overall_score >= 0.2": Met, "overall_score == 0.2": Met,
		"overall_score > 0.2": NotMet, "overall_score < 0.2": NotMet, "overall_score.sum == 0.6": Met,
		"overall_score >= 0.20001": NotMet, "overall_score <= 0.19999": NotMet,
	} {
		if got := only(t, judge(t, e, line)).Outcome; got != want {
			t.Errorf("%s: got %s, want %s", line, got, want)
		}
	}
}

func TestMeansHaveNoRoundingErrorsToShow(t *testing.T) {
	t.Parallel()
	for _, n := range []int{3, 7, 18, 49, 1000} {
		e := runOf(times(n, call("A", scored(7.2)))...)
		if got := *only(t, judge(t, e, "overall_score >= 7")).Value.Value; got != 7.2 {
			t.Errorf("mean of %d times 7.2: got %v", n, got)
		}
	}
}

func TestTimesAndCostsAreNeverBelowZero(t *testing.T) {
	t.Parallel()
	few := runOf(
		call("A", lasting(10), answering(0.1), costing(1), scored(1)),
		call("A", lasting(12), answering(0.2), costing(2), scored(2)),
		call("B", lasting(400), answering(9), costing(90), scored(10)),
	)
	for _, metric := range []string{"duration", "response_time", "cost"} {
		for line, want := range map[string]CheckOutcome{metric + " > 0": Met, metric + " > 20": Undecided} {
			c := only(t, Judge(few, Rules{Set: criteria.Set{Criteria: parsed(t, line)}, DecideOn: DecideOnInterval}))
			if c.Value.Low == nil || *c.Value.Low <= 0 || c.Outcome != want {
				t.Errorf("%s: got a low end of %v and %s, want one above 0 and %s", line, c.Value.Low, c.Outcome, want)
			}
		}
	}
	// Where a value is 0 there is no logarithm.
	zero := runOf(call("A", lasting(0)), call("A", lasting(12)), call("B", lasting(400)))
	if low := only(t, judge(t, zero, "duration >= 0")).Value.Low; low == nil || *low != 0 {
		t.Errorf("with a 0: got a low end of %v, want 0", low)
	}
	// One value has no interval, and a server that says less than nothing is believed.
	if low := only(t, judge(t, runOf(call("A", lasting(5))), "duration >= 1")).Value.Low; low != nil {
		t.Errorf("one value: got a low end of %v, want none", *low)
	}
	if low := only(t, judge(t, runOf(call("A", costing(-5)), call("A", costing(5))), "cost >= 1")).Value.Low; low == nil || *low >= 0 {
		t.Errorf("a negative cost: got a low end of %v", low)
	}
}

func TestNothingToMeasureIsNoData(t *testing.T) {
	t.Parallel()
	dead := runOf(call("A", failed, lasting(5)), call("A", cancelled))
	bare := runOf(call("A"), call("A"))
	odd := runOf(call("A", scored(math.NaN())), call("A", scored(math.Inf(1))))
	huge := runOf(call("A", numbering("e", 1.7e308)), call("A", numbering("e", 1.7e308)))
	cases := []struct {
		name, line string
		evidence   Evidence
		detail     string
	}{
		{"score, none succeeded", "overall_score >= 0", dead, "there are no values: all 2 calls are unknown (1 cancelled, 1 unsuccessful with no criterion on success)"},
		{"scored rate, none succeeded", "scored_rate >= 0", dead, "all 2 calls are unknown (1 cancelled, 1 unsuccessful with no criterion on success)"},
		{"a rate of calls of which nothing is known", "scenario C: success_rate >= 0", zoo(), "all 2 calls are unknown (1 unfinished, 1 cancelled)"},
		{"duration, none completed", "duration >= 0", dead, "no call completed"},
		{"cost, none told", "cost <= 99", dead, "none of the 2 calls has a value"},
		{"score, none told", "overall_score >= 0", bare, "none of the 2 successful calls has a value"},
		{"duration, none told", "duration.p95 <= 9", bare, "none of the 2 completed calls has a value"},
		{"score that is no number", "overall_score >= 0", odd, "none of the 2 successful calls has a value"},
		{"score beyond floats", "eval e: score.sum >= 0", huge, "the values are too large to calculate with"},
		{"unknown scenario", `scenario "B": success_rate >= 0`, bare, `no scenario named "B"; available: "A"`},
		{"unknown eval", `eval "x": pass_rate >= 0`, bare, "this run has no evals"},
		{"each of no evals", "each eval: pass_rate >= 0", bare, "this run has no evals"},
		{"each scenario without scores", "each scenario: overall_score >= 0", bare, "none of the 2 successful calls has a value"},
		{"no baseline", "success_rate.change >= -100", bare, "there is no baseline to compare with"},
	}
	for _, c := range cases {
		v := judge(t, c.evidence, c.line)
		got := only(t, v)
		if got.Outcome != NoData || got.Detail.Raw() != c.detail || v.Kind != Error || v.Cause != CauseOperational {
			t.Errorf("%s: got %s (%s), verdict %s, want no data (%s)", c.name, got.Outcome, got.Detail.Raw(), v.Kind, c.detail)
		}
		if got.Value.Value != nil || got.Value.Low != nil || got.Value.High != nil {
			t.Errorf("%s: got value %v, want none", c.name, got.Value)
		}
	}
	// Where somebody answers for the failed calls they have no score, which is nothing unknown.
	lost := runOf(call("A", failed, lasting(5)))
	for _, line := range []string{"overall_score >= 0", "scored_rate >= 0"} {
		if got := only(t, beside(t, lost, line)).Detail.Raw(); got != "no call succeeded" {
			t.Errorf("%s of failures: got %s", line, got)
		}
	}
	// All calls failed: the rate is 0, which is a measurement.
	if got := only(t, judge(t, lost, "success_rate >= 1")); got.Outcome != NotMet || *got.Value.Value != 0 {
		t.Errorf("success rate of failures: got %s", got.Outcome)
	}
}

func TestAllSkippedIsNotAPass(t *testing.T) {
	t.Parallel()
	e := runOf(times(5, call("A", skipped, scored(9)))...)
	if v := judge(t, e, "success_rate >= 1"); v.Kind != Fail {
		t.Errorf("success rate: got %s, want a fail", v.Kind)
	}
	if v := judge(t, e, "overall_score >= 1"); v.Kind != Error {
		t.Errorf("score: got %s, want an error", v.Kind)
	}
}

func TestUnknownNamesListWhatThereIsButNotAll(t *testing.T) {
	t.Parallel()
	var calls []Call
	for i := range 11 {
		calls = append(calls, call(fmt.Sprintf("S%02d", i), passing(fmt.Sprintf("E%02d", i))))
	}
	e := runOf(calls...)
	got := only(t, judge(t, e, `scenario "S2": success_rate >= 1`)).Detail.Raw()
	want := `no scenario named "S2"; available: "S00", "S01", "S02", "S03", "S04", "S05", "S06", "S07" and 3 more`
	if got != want {
		t.Errorf("got  %s\nwant %s", got, want)
	}
	got = only(t, judge(t, runOf(calls[:8]...), `scenario "S2": success_rate >= 1`)).Detail.Raw()
	want = `no scenario named "S2"; available: "S00", "S01", "S02", "S03", "S04", "S05", "S06", "S07"`
	if got != want {
		t.Errorf("got  %s\nwant %s", got, want)
	}
	got = only(t, judge(t, e, `eval "E2": pass_rate >= 1`)).Detail.Raw()
	want = `no eval named "E2"; available: "E00", "E01", "E02", "E03", "E04", "E05", "E06", "E07" and 3 more`
	if got != want {
		t.Errorf("got  %s\nwant %s", got, want)
	}
}

func TestEachScenarioIsACheckOfItsOwn(t *testing.T) {
	t.Parallel()
	e := runOf(call("B", failed), call("A"), call(""), call("A"))
	v := judge(t, e, "each scenario: success_rate >= 80")
	type line struct {
		Criterion, Scope string
		Outcome          CheckOutcome
		N                int
	}
	var got []line
	for _, c := range v.Checks {
		got = append(got, line{c.Criterion, c.Scope.Raw(), c.Outcome, c.Value.N})
	}
	want := []line{
		{"each scenario: success_rate >= 80", "(no name)", Met, 1},
		{"each scenario: success_rate >= 80", "A", Met, 2},
		{"each scenario: success_rate >= 80", "B", NotMet, 1},
	}
	if diff := cmp.Diff(want, got); diff != "" {
		t.Errorf("(-want +got)\n%s", diff)
	}
	if v.Kind != Fail {
		t.Errorf("got %s, want a fail", v.Kind)
	}
}

func TestCheckOfANamedScenarioSaysItsScope(t *testing.T) {
	t.Parallel()
	c := only(t, judge(t, twenty(), "scenario Refund: failed_calls <= 3"))
	if c.Criterion != `scenario "Refund": failed_calls <= 3` || c.Scope.Raw() != "Refund" {
		t.Errorf("got %q on %q", c.Criterion, c.Scope.Raw())
	}
	if c := only(t, judge(t, twenty(), "failed_calls <= 3")); !c.Scope.IsEmpty() {
		t.Errorf("the whole run: got scope %q, want none", c.Scope.Raw())
	}
}

func TestSummaries(t *testing.T) {
	t.Parallel()
	v := judge(t, zoo(), "success_rate >= 0")
	if diff := cmp.Diff(Counts{Total: 10, Completed: 7, Failed: 2, Cancelled: 1, Succeeded: 5, Passed: 5, Skipped: 1, Scored: 4, Flaky: 2, Open: 1, Judged: 8, Planned: 10}, v.Counts); diff != "" {
		t.Errorf("counts (-want +got)\n%s", diff)
	}
	m := v.Metrics
	for name, c := range map[string]struct {
		got  Estimate
		want float64
		n    int
		unit criteria.Unit
	}{
		"success rate": {m.SuccessRate, 62.5, 8, criteria.UnitPercent}, "first": {m.FirstSuccessRate, 37.5, 8, criteria.UnitPercent},
		"pass rate": {m.PassRate, 62.5, 8, criteria.UnitPercent}, "first pass rate": {m.FirstPassRate, 37.5, 8, criteria.UnitPercent}, "judged": {m.JudgedRate, 80, 10, criteria.UnitPercent},
		"scored": {m.ScoredRate, 80, 5, criteria.UnitPercent}, "flaky": {m.FlakyRate, 25, 8, criteria.UnitPercent},
		"score": {m.OverallScore, 2.5, 4, criteria.UnitNone}, "duration": {m.Duration, 230. / 6, 6, criteria.UnitSeconds},
		"response": {m.ResponseTime, 0.25, 4, criteria.UnitSeconds}, "cost": {m.Cost, 5000. / 9, 9, criteria.UnitCents},
	} {
		near(t, name, *c.got.Value, c.want)
		if c.got.N != c.n || c.got.Unit != c.unit || c.got.Low == nil || *c.got.Low >= c.want || *c.got.High <= c.want {
			t.Errorf("%s: got %+v", name, c.got)
		}
	}
	var names []string
	for _, s := range v.Scenarios {
		names = append(names, s.Name.Raw())
	}
	if diff := cmp.Diff([]string{"A", "B", "C"}, names); diff != "" {
		t.Errorf("scenarios (-want +got)\n%s", diff)
	}
	b := v.Scenarios[1]
	if diff := cmp.Diff(Counts{Total: 5, Completed: 4, Failed: 2, Succeeded: 2, Passed: 2, Skipped: 1, Scored: 1, Judged: 5, Planned: 5}, b.Counts); diff != "" {
		t.Errorf("counts of B (-want +got)\n%s", diff)
	}
	near(t, "B", *b.SuccessRate.Value, 40)
	near(t, "B", *b.OverallScore.Value, 4)
	if low, high := *b.OverallScore.Low, *b.OverallScore.High; !(1 < low && low < 2 && 9 < high && high < 10) {
		t.Errorf("one value: got the interval %v to %v, want nearly 1 to 10", low, high)
	}
	if got := v.Scenarios[2].OverallScore; got.Value != nil || got.N != 0 {
		t.Errorf("no value: got %+v, want none", got)
	}
}

func TestIntervalsAreOfTheConfidenceThatWasAskedFor(t *testing.T) {
	t.Parallel()
	for confidence, want := range map[float64]stats.Interval{
		0:    {Low: 69.896635477151281, High: 97.213351878623189}, // the default, 95
		95:   {Low: 69.896635477151281, High: 97.213351878623189},
		50:   stats.Percent(stats.Wilson(18, 20, 0.5)),
		99.9: stats.Percent(stats.Wilson(18, 20, 0.999)),
	} {
		e := runOf(append(times(18, call("A")), times(2, call("A", failed))...)...)
		got := only(t, Judge(e, Rules{Set: criteria.Set{Criteria: []criteria.Criterion{criteria.MinSuccessRate(1)}}, Confidence: confidence})).Value
		near(t, "low", *got.Low, want.Low)
		near(t, "high", *got.High, want.High)
	}
}

func TestWarnings(t *testing.T) {
	t.Parallel()
	server := func(rate float64, e Evidence) Evidence {
		e.Execution.ServerSuccessRate = &rate
		return e
	}
	three := func(changes ...func(*Call)) Evidence {
		return runOf(call("A", scored(8)), call("A", scored(7)), call("A", changes...))
	}
	cases := []struct {
		name     string
		evidence Evidence
		criteria string
		want     []string
	}{
		{"nothing to say", three(scored(9)), "success_rate >= 0", nil},
		{"a score is missing", three(), "success_rate >= 0", []string{"1 of 3 successful calls has no overall score"}},
		{"a failed call needs no score", three(failed), "success_rate >= 0", nil},
		{"no scores, and nobody asks", runOf(call("A"), call("A")), "success_rate >= 0", nil},
		{"no scores, and somebody asks", runOf(call("A"), call("A")), "overall_score >= 0", []string{"2 of 2 successful calls have no overall score"}},
		{"a zero among grades", three(scored(0)), "success_rate >= 0",
			[]string{"1 of 3 overall scores is exactly 0 or 1 while others go up to 8: the server may have stored the voice provider's yes or no as a score"}},
		{"a one among grades", three(scored(1)), "success_rate >= 0",
			[]string{"1 of 3 overall scores is exactly 0 or 1 while others go up to 8: the server may have stored the voice provider's yes or no as a score"}},
		{"a grade between", three(scored(1.5)), "success_rate >= 0", nil},
		{"zeros and ones alone", runOf(call("A", scored(0)), call("A", scored(1))), "success_rate >= 0", nil},
		{"flaky", three(scored(9), rescued), "success_rate >= 0", []string{"1 call recovered after a rerun"}},
		{"still ongoing", three(status(calls.Ongoing)), "success_rate >= 0", []string{"the execution has ended, but 1 call has not: it counts as unknown"}},
		{"the server agrees", server(100, three(scored(9))), "success_rate >= 0", nil},
		{"the server rounds", server(66.7, three(failed)), "success_rate >= 0", nil},
		{"the server counts completed calls", server(100, runOf(call("A"), call("A", skipped), call("A", crashed), call("A"))), "success_rate >= 0",
			[]string{"the server's own success rate is 100%, not 50%: it counts all 4 completed calls, including 1 with nothing to judge and 1 ended by a simulation error"}},
		{"the server counts something else", server(90, three(failed)), "success_rate >= 0",
			[]string{"the server's own success rate is 90%, not 66.7%, and 2 of its 3 calls completed"}},
		{"the server's rate is no number", server(math.NaN(), three(scored(9))), "success_rate >= 0", nil},
		{"a duration is missing", runOf(call("A", lasting(5)), call("A")), "duration <= 9\nduration.max <= 9", []string{
			"duration covers 1 of 2 completed calls: the others have no value",
			"duration.max covers 1 of 2 completed calls: the others have no value",
		}},
		{"a missing duration that nobody asks for", runOf(call("A", lasting(5)), call("A")), "success_rate >= 0", nil},
		{"a cost is missing", runOf(call("A", costing(5)), call("A", failed)), "cost <= 9", []string{"1 of 2 calls failed, and no criterion limits that", "cost covers 1 of 2 calls: the others have no value"}},
		{"failed calls, and only durations are bounded", runOf(call("A", lasting(5)), call("A", failed)), "duration.max <= 9\ntotal_calls >= 2",
			[]string{"1 of 2 calls failed, and no criterion limits that"}},
		{"calls with nothing to judge are the same", runOf(call("A", skipped), call("A", failed), call("A")), "total_calls >= 3",
			[]string{"1 of 3 calls failed and 1 was skipped, and no criterion limits that"}},
		{"a bound from the other side", three(failed), "success_rate <= 90", []string{"1 of 3 calls failed, and no criterion limits that"}},
		{"a bound on another scenario", runOf(call("A", failed), call("B")), "scenario B: success_rate >= 90", []string{"1 of 2 calls failed, and no criterion limits that"}},
		{"a bound on its scenario", runOf(call("A", failed), call("B")), "scenario A: success_rate >= 90", nil},
		{"a bound on each scenario", runOf(call("A", failed), call("B")), "each scenario: failed_calls <= 1", nil},
		{"scores take failed calls as unknown", three(failed), "overall_score >= 7", nil},
		{"a score on an unknown scale", three(scored(100)), "overall_score >= 0", []string{"1 overall score is outside 0 to 10 and does not count"}},
		{"scores on an unknown scale", runOf(call("A", scored(-1)), call("A", scored(1e300)), call("A", scored(8)), call("A")), "success_rate >= 0",
			[]string{"1 of 4 successful calls has no overall score", "2 overall scores are outside 0 to 10 and do not count"}},
	}
	for _, c := range cases {
		if diff := cmp.Diff(c.want, raws(judge(t, c.evidence, c.criteria).Warnings)); diff != "" {
			t.Errorf("%s: (-want +got)\n%s", c.name, diff)
		}
	}
}

func TestOutcomeBeforeRerunsOfCallsThatNobodyReran(t *testing.T) {
	t.Parallel()
	cases := []struct {
		name            string
		attempts        int
		first           Outcome
		status          calls.Status
		atOnce, isFlaky bool
	}{
		{"never rerun", 1, Succeeded, calls.Completed, true, false},
		{"never rerun, nothing noted", 0, "", calls.Completed, true, false},
		{"never rerun, something odd noted", 1, Failed, calls.Completed, true, false},
		{"rerun, nothing noted", 2, "", calls.Failed, false, false},
		{"rescued", 2, Failed, calls.Completed, false, true},
		{"rescued from a skip", 3, Skipped, calls.Completed, false, true},
		{"rerun for its evals", 2, Succeeded, calls.Completed, true, false},
		{"spoilt", 2, Succeeded, calls.Failed, true, false},
		{"failed again", 2, Failed, calls.Failed, false, false},
	}
	for _, c := range cases {
		e := runOf(call("A", status(c.status)))
		alter(&e, 0, func(call *Call) { call.Attempts, call.FirstOutcome = c.attempts, c.first })
		m := judge(t, e, "success_rate >= 0").Metrics
		if got := *m.FirstSuccessRate.Value == 100; got != c.atOnce {
			t.Errorf("%s: succeeded at once %v, want %v", c.name, got, c.atOnce)
		}
		if got := *m.FlakyRate.Value == 100; got != c.isFlaky {
			t.Errorf("%s: flaky %v, want %v", c.name, got, c.isFlaky)
		}
	}
}

func TestCriterionWithoutAStatIsOnTheMean(t *testing.T) {
	t.Parallel()
	bare := criteria.Criterion{Metric: "overall_score", Op: ">=", Bound: 5}
	want := only(t, judge(t, twenty(), "overall_score >= 5"))
	got := only(t, Judge(twenty(), Rules{Set: criteria.Set{Criteria: []criteria.Criterion{bare}}}))
	if diff := cmp.Diff(want.Detail.Raw(), got.Detail.Raw()); diff != "" || *got.Value.Value != *want.Value.Value {
		t.Errorf("(-want +got)\n%s", diff)
	}
}

func TestNamesAreKeptAsTheyAre(t *testing.T) {
	t.Parallel()
	evil := "::error::\x1b[31m \"quoted\" \\"
	c := only(t, judge(t, runOf(call(evil)), `scenario "`+"::error::\x1b[31m \\\"quoted\\\" \\\\"+`": success_rate >= 1`))
	if c.Outcome != Met || c.Scope != text.New(evil) {
		t.Errorf("got %s on %q", c.Outcome, c.Scope.Raw())
	}
}

// What the samples of the API come to: "16 of the 18 completed calls have an
// overall_score, sum 98, mean 6.125", the call that broke off among them.
func TestTheGradeOfACallThatBrokeOffCounts(t *testing.T) {
	t.Parallel()
	run := runOf(
		call("A", scored(9), scoring("g", 0.9)),
		call("A", scored(3), scoring("g", 0.3), crashed),
		call("A", scored(1), scoring("g", 0.1), failed),
		call("A", scored(1), scoring("g", 0.1), skipped),
		call("A", scored(1), scoring("g", 0.1), cancelled),
	)
	for criterion, want := range map[string]float64{"overall_score >= 0": 6, `eval "g": score >= 0`: 60, `eval "g": result_rate >= 0`: 100} {
		near(t, criterion, *only(t, beside(t, run, criterion)).Value.Value, want)
	}
	// Where no criterion answers for calls that did not succeed, nothing is known of it either.
	near(t, "by itself", *only(t, judge(t, run, "overall_score >= 0")).Value.Value, 9)
}

func TestCountsAreAddedInEveryField(t *testing.T) {
	t.Parallel()
	var a, b Counts
	x, y := reflect.ValueOf(&a).Elem(), reflect.ValueOf(&b).Elem()
	for i := range x.NumField() {
		x.Field(i).SetInt(int64(i + 1))
		y.Field(i).SetInt(100)
	}
	sum := reflect.ValueOf(a.Plus(b))
	for i := range x.NumField() {
		if got := sum.Field(i).Int(); got != int64(i+101) {
			t.Errorf("%s: got %d, want %d", x.Type().Field(i).Name, got, i+101)
		}
	}
}
