package verdict

import (
	"math"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/agent-gate/agent-gate/internal/calls"
	"github.com/agent-gate/agent-gate/internal/criteria"
	"github.com/agent-gate/agent-gate/internal/stats"
	"github.com/agent-gate/agent-gate/internal/text"
)

func TestChangeOfAStatDecidesOnTheDifference(t *testing.T) {
	t.Parallel()
	then := before(runOf(call("A", lasting(40)), call("A", lasting(60)), call("A", failed)))
	now := runOf(call("A", lasting(30)), call("A", lasting(40)))
	for line, want := range map[string]CheckOutcome{
		"duration.max.change <= -20": Met, "duration.max.change < -20": NotMet, "duration.max.change >= -20": Met, "duration.max.change >= -19.9": NotMet,
		"duration.min.change == -10": Met, "failed_calls.change <= -1": Met, "failed_calls.change < -1": NotMet, "duration.sum.change == -30": Met,
	} {
		if c := only(t, Judge(now, Rules{Set: criteria.Set{Criteria: parsed(t, line)}, Baseline: then})); c.Outcome != want {
			t.Errorf("%s: got %s, want %s", line, c.Outcome, want)
		}
	}
}

func TestChangeBeyondFloatsIsNoData(t *testing.T) {
	t.Parallel()
	now, then := runOf(call("A", numbering("e", 1.7e308))), runOf(call("A", numbering("e", -1.7e308)))
	c := only(t, Judge(now, Rules{Set: criteria.Set{Criteria: parsed(t, "eval e: score.change >= 0")}, Baseline: before(then)}))
	if c.Outcome != NoData || c.Detail.Raw() != "the values are too large to calculate with" {
		t.Errorf("got %s (%s), want no data", c.Outcome, c.Detail.Raw())
	}
}

func TestMoreCallsWouldDecideAChange(t *testing.T) {
	t.Parallel()
	// -34.27 to 14.32, a half width of 24.30 around -10, at a distance of 15 to the bound: (24.30/15)² times
	// 20 calls, 52.5, are enough in half of the runs, and (1+0.84/1.96)² times as many, 107.1, in 80 %.
	then := before(runOf(all(times(9, call("Billing")), times(9, call("Refund")), times(2, call("Refund", failed)))...))
	v := Judge(twenty(), Rules{Set: criteria.Set{Criteria: parsed(t, "success_rate.change >= -25\nsuccess_rate.change >= -10")}, Baseline: then, DecideOn: DecideOnInterval})
	for i, want := range []string{
		"80% now, 90% in the baseline, compared scenario by scenario, 95% interval -34.3 to 14.3 points; about 88 more calls in each run would decide (80% chance at the measured value)",
		"80% now, 90% in the baseline, compared scenario by scenario, 95% interval -34.3 to 14.3 points; the threshold is too close for any reasonable number of calls to decide",
	} {
		if got := v.Checks[i].Detail.Raw(); got != want || v.Checks[i].Outcome != Undecided {
			t.Errorf("%s\ngot  %s\nwant %s", v.Checks[i].Outcome, got, want)
		}
	}
}

// before makes a run a baseline.
func before(e Evidence) *Baseline {
	return &Baseline{Execution: e.Execution, Calls: e.Calls, Evals: e.Evals}
}

func TestChangeOfARate(t *testing.T) {
	t.Parallel()
	// 80 percent now, 90 then: 10 points less.
	then := before(runOf(all(times(9, call("Billing")), times(9, call("Refund")), times(2, call("Refund", failed)))...))
	for bound, want := range map[string]CheckOutcome{
		">= -10": Met, "> -10": NotMet, ">= -9.99": NotMet, "<= -10": Met, "== -10": Met, "< -9": Met, "> -11": Met,
	} {
		c := only(t, Judge(twenty(), Rules{Set: criteria.Set{Criteria: parsed(t, "success_rate.change "+bound)}, Baseline: then}))
		if c.Outcome != want {
			t.Errorf("success_rate.change %s: got %s, want %s", bound, c.Outcome, want)
		}
		near(t, "change", *c.Value.Value, -10)
		want := stats.RateChangeWithin([]stats.Stratum{{Hits: 8, Total: 9, BaseHits: 9, BaseTotal: 9}, {Hits: 8, Total: 11, BaseHits: 9, BaseTotal: 11}}, 0.95)
		near(t, "low", *c.Value.Low, want.Low)
		near(t, "high", *c.Value.High, want.High)
		if c.Value.N != 20 || c.Value.Unit != criteria.UnitPoints {
			t.Errorf("success_rate.change %s: got n %d and unit %q", bound, c.Value.N, c.Value.Unit)
		}
	}
	// About -34.3 to 14.3 points.
	for bound, want := range map[string]CheckOutcome{
		">= -35": Met, ">= -34": Undecided, ">= 14": Undecided, ">= 15": NotMet, "<= 15": Met, "<= -35": NotMet,
	} {
		v := Judge(twenty(), Rules{Set: criteria.Set{Criteria: parsed(t, "success_rate.change "+bound)}, Baseline: then, DecideOn: DecideOnInterval})
		if c := only(t, v); c.Outcome != want {
			t.Errorf("by interval, success_rate.change %s: got %s, want %s (%v to %v)", bound, c.Outcome, want, *c.Value.Low, *c.Value.High)
		}
	}
}

func TestChangeOfARateIsExact(t *testing.T) {
	t.Parallel()
	then := before(runOf(append(times(57, call("A")), times(43, call("A", failed))...)...))
	now := runOf(append(times(52, call("A")), times(48, call("A", failed))...)...)
	for bound, want := range map[string]CheckOutcome{">= -5": Met, "> -5": NotMet, "== -5": Met} {
		if c := only(t, Judge(now, Rules{Set: criteria.Set{Criteria: parsed(t, "success_rate.change "+bound)}, Baseline: then})); c.Outcome != want {
			t.Errorf("success_rate.change %s: got %s, want %s", bound, c.Outcome, want)
		}
	}
}

func TestChangeOfAMeanIsPairedByScenario(t *testing.T) {
	t.Parallel()
	// Each scenario is 1 lower, but more calls are of the one with high scores: the plain
	// difference would be +1.
	then := before(runOf(append(times(3, call("hard", scored(3))), call("easy", scored(9)))...))
	now := runOf(append(times(3, call("easy", scored(8))), call("hard", scored(2)))...)
	c := only(t, Judge(now, Rules{Set: criteria.Set{Criteria: parsed(t, "overall_score.change >= -0.5")}, Baseline: then}))
	if c.Outcome != NotMet || c.Detail.Raw() != "mean change over 4 values, compared scenario by scenario, 95% interval -5.06 to 5.31" {
		t.Errorf("got %s (%s)", c.Outcome, c.Detail.Raw())
	}
	near(t, "change", *c.Value.Value, -1)

	// Scenarios that only one side has are left out, and told of.
	now.Calls = pack(append(callsOf(now.Calls), callsOf(runOf(call("new", scored(10))).Calls)...)...)
	then.Calls = pack(append(callsOf(then.Calls), callsOf(runOf(call("old", scored(1))).Calls)...)...)
	v := Judge(now, Rules{Set: criteria.Set{Criteria: parsed(t, "overall_score.change >= -0.5")}, Baseline: then})
	near(t, "change", *only(t, v).Value.Value, -1)
	if only(t, v).Value.N != 4 {
		t.Errorf("got n %d, want 4", only(t, v).Value.N)
	}
	want := []string{`not in the baseline: scenario "new"`, `only in the baseline: scenario "old"`}
	if diff := cmp.Diff(want, raws(v.Warnings)); diff != "" {
		t.Errorf("warnings (-want +got)\n%s", diff)
	}
}

func TestChangeOfAMeanIsPairedByRowWhereRowsAreKnown(t *testing.T) {
	t.Parallel()
	row := func(n uint64) func(*Call) { return func(c *Call) { c.Row = n } }
	then := before(runOf(call("A", row(1), scored(2)), call("A", row(2), scored(5)), call("A", row(3), scored(9)), call("B", row(3), scored(1))))
	// Each row is about 1 lower. One is played twice, one is new, one is gone.
	now := runOf(call("A", row(1), scored(1.1)), call("A", row(2), scored(3.9)), call("A", row(2), scored(4.1)), call("A", row(3), scored(7.9)), call("B", row(4), scored(10)))
	c := only(t, Judge(now, Rules{Set: criteria.Set{Criteria: parsed(t, "overall_score.change >= -0.5")}, Baseline: then}))
	near(t, "change", *c.Value.Value, -1)
	// The differences -0.9, -1 and -1.1 alone count.
	if c.Outcome != NotMet || c.Value.N != 3 {
		t.Errorf("got %s of %d (%s)", c.Outcome, c.Value.N, c.Detail)
	}
	if want := "mean change over 3 dataset rows, each compared with itself"; !strings.HasPrefix(c.Detail.Raw(), want) {
		t.Errorf("got %q, want %q", c.Detail.Raw(), want)
	}

	// A row that is not known, and rows that have nothing in common, leave the scenarios.
	for name, change := range map[string]func(e *Evidence){
		"a row that is not known": func(e *Evidence) { alter(e, 0, func(c *Call) { c.Row = 0 }) },
		"no row in common": func(e *Evidence) {
			e.Calls = e.Calls.With(func(_ int, c *Call) { c.Row += 100 })
		},
	} {
		e := now
		change(&e)
		if c := only(t, Judge(e, Rules{Set: criteria.Set{Criteria: parsed(t, "overall_score.change >= -0.5")}, Baseline: then})); !strings.Contains(c.Detail.Raw(), "scenario by scenario") {
			t.Errorf("%s: got %q", name, c.Detail)
		}
	}
}

func TestChangeOfAPassFailScoreIsThatOfItsPassRate(t *testing.T) {
	t.Parallel()
	good := runOf(times(11, call("A", passing("polite")))...)
	for _, line := range []string{`eval "polite": score.change >= -5`, `eval "polite": pass_rate.change >= -5`} {
		c := only(t, Judge(good, Rules{Set: criteria.Set{Criteria: parsed(t, line)}, Baseline: before(good), DecideOn: DecideOnInterval}))
		if c.Outcome != Undecided || math.Abs(*c.Value.Low+26.79) > 0.01 || math.Abs(*c.Value.High-26.79) > 0.01 {
			t.Errorf("%s: got %s, %v to %v", line, c.Outcome, *c.Value.Low, *c.Value.High)
		}
	}
}

func TestARunComparedWithItselfHasNotChanged(t *testing.T) {
	t.Parallel()
	var calls []Call
	for i := range 12 {
		calls = append(calls, call("A", scored(float64(i)/2), func(c *Call) { c.Row = uint64(i + 1) }))
	}
	e := runOf(calls...)
	c := only(t, Judge(e, Rules{Set: criteria.Set{Criteria: parsed(t, "overall_score.change == 0")}, Baseline: before(e)}))
	// Run again, it would have other scores.
	if *c.Value.Value != 0 || c.Outcome != Met || *c.Value.Low != -*c.Value.High || *c.Value.High < 1 {
		t.Errorf("got %s, %v to %v (%s)", c.Outcome, *c.Value.Low, *c.Value.High, c.Detail)
	}
}

func TestChangeOfOtherStatsIsTheDifference(t *testing.T) {
	t.Parallel()
	then := before(runOf(call("A", lasting(10)), call("A", lasting(20)), call("A", lasting(60)), call("A", failed), call("B", lasting(999))))
	now := runOf(call("A", lasting(30)), call("A", lasting(40)), call("A", failed), call("A", failed), call("C", failed))
	for line, want := range map[string]float64{
		"duration.max": -20, "duration.min": 20, "duration.median": 15, "duration.p50": 10, "duration.sum": -20,
		"success_rate": -25,                                        // the scenarios B and C are left out
		"failed_calls": 2, "total_calls": 0, "completed_calls": -2, // a count is what it is
	} {
		for _, on := range []DecideOn{DecideOnEstimate, DecideOnInterval} {
			c := only(t, Judge(now, Rules{Set: criteria.Set{Criteria: parsed(t, line+".change >= -100")}, Baseline: then, DecideOn: on}))
			near(t, line, *c.Value.Value, want)
			if c.Outcome != Met {
				t.Errorf("%s: got %s, want met", line, c.Outcome)
			}
			if hasInterval := line == "success_rate"; (c.Value.Low != nil) != hasInterval {
				t.Errorf("%s: got an interval %v, want %v", line, c.Value.Low != nil, hasInterval)
			}
		}
	}
}

func TestChangeWithinOneScenario(t *testing.T) {
	t.Parallel()
	then := before(runOf(call("A"), call("A", failed), call("B")))
	now := runOf(call("A"), call("A"), call("C"))
	v := Judge(now, Rules{Set: criteria.Set{Criteria: parsed(t, "each scenario: success_rate.change >= 0")}, Baseline: then})
	if len(v.Checks) != 2 {
		t.Fatalf("got %d checks, want 2", len(v.Checks))
	}
	near(t, "A", *v.Checks[0].Value.Value, 50)
	if c := v.Checks[1]; c.Outcome != NoData || c.Detail.Raw() != "in the baseline there is no such scenario" {
		t.Errorf("C: got %s (%s), want no data", c.Outcome, c.Detail.Raw())
	}
}

func TestChangeOfEvals(t *testing.T) {
	t.Parallel()
	now := runOf(call("A", passing("e")), call("A", passing("e")), call("A", failing("e")), call("A", unjudged("e", calls.EvalPending)))
	then := runOf(call("A", passing("e")), call("A", failing("e")), call("A", failing("e")), call("A", failing("e")))
	then.Calls = then.Calls.With(func(_ int, c *Call) { // a created run test has configs of its own
		change(&c.Evals[0], func(r *calls.EvalResult) { r.ConfigID = id("e of then") })
	})
	// 50 to 75 percent now, 25 then.
	for bound, want := range map[string]CheckOutcome{">= 25": Met, ">= 26": NoData, ">= 50": NoData, ">= 51": NotMet, "<= 50": Met, "== 30": NoData, "== 60": NotMet} {
		c := only(t, Judge(now, Rules{Set: criteria.Set{Criteria: parsed(t, "eval e: pass_rate.change "+bound)}, Baseline: before(then)}))
		if c.Outcome != want {
			t.Errorf("pass_rate.change %s: got %s, want %s", bound, c.Outcome, want)
		}
		near(t, "change", *c.Value.Value, 200./3-25)
	}
	c := only(t, Judge(now, Rules{Set: criteria.Set{Criteria: parsed(t, "eval e: pass_rate.change >= 26")}, Baseline: before(then)}))
	want := "66.7% now, 25% in the baseline; 1 of 4 results is unknown (1 pending), which could decide either way"
	if c.Detail.Raw() != want {
		t.Errorf("got  %s\nwant %s", c.Detail.Raw(), want)
	}
	// Missing results of the baseline count for both sides too: -50 to -25 points.
	for bound, want := range map[string]CheckOutcome{">= -50": Met, ">= -49": NoData, ">= -25": NoData, ">= -24": NotMet} {
		c := only(t, Judge(then, Rules{Set: criteria.Set{Criteria: parsed(t, "eval e: pass_rate.change "+bound)}, Baseline: before(now)}))
		if c.Outcome != want {
			t.Errorf("reversed, pass_rate.change %s: got %s, want %s", bound, c.Outcome, want)
		}
		near(t, "reversed", *c.Value.Value, 25-200./3)
	}
	// Missing results on both sides that do not matter are told of all the same.
	c = only(t, Judge(now, Rules{Set: criteria.Set{Criteria: parsed(t, "eval e: pass_rate.change >= -90")}, Baseline: before(now)}))
	want = "66.7% now, 66.7% in the baseline, 95% interval -74.2 to 74.2 points; 1 of 4 results is unknown (1 pending), and 1 of 4 results is unknown (1 pending) in the baseline, which cannot change the outcome"
	if c.Detail.Raw() != want || c.Outcome != Met {
		t.Errorf("%s\ngot  %s\nwant %s", c.Outcome, c.Detail.Raw(), want)
	}
	// A mean is shown over the results that exist.
	near(t, "score", *only(t, Judge(now, Rules{Set: criteria.Set{Criteria: parsed(t, "eval e: score.change >= 0")}, Baseline: before(then)})).Value.Value, 200./3-25)
}

func TestChangesCountWhatIsNotKnownOnBothSides(t *testing.T) {
	t.Parallel()
	sure := runOf(append(times(9, call("A", scored(8))), call("A", scored(8)))...)
	open := map[string]Evidence{
		"lost":    runOf(append(times(9, call("A", scored(8))), call("A", lost))...),
		"missing": asked(runOf(times(9, call("A", scored(8)))...), "A", 10),
	}
	for name, e := range open {
		// 90 to 100 percent now, 100 then; a mean of 7.3 to 8.2 now, 8 then.
		holdLines(t, name+" now", e, Rules{Baseline: BaselineOf(sure)}, []line{
			{"success_rate.change >= -10", Met, "100% now, 100% in the baseline"},
			{"success_rate.change >= -9", NoData, "100% now, 100% in the baseline; 1 of 10 calls is unknown (1 " + name + "), which could decide either way"},
			{"success_rate.change <= 0", Met, ""},
			{"success_rate.change >= 1", NotMet, ""},
			{"overall_score.change >= -0.7", Met, "mean change over 9 values, compared scenario by scenario"},
			{"overall_score.change >= -0.69", NoData, "mean change over 9 values, compared scenario by scenario; 1 of 10 calls is unknown (1 " + name + "), which could decide either way"},
			{"overall_score.change >= 0.21", NotMet, ""},
			{"overall_score.min.change >= -7", Met, "8 now, 8 in the baseline"},
			{"overall_score.min.change >= -6", NoData, ""},
			{"failed_calls.change <= 1", Met, ""},
			{"failed_calls.change <= 0", NoData, ""},
		})
		holdLines(t, name+" then", sure, Rules{Baseline: BaselineOf(e)}, []line{
			{"success_rate.change >= 0", Met, "100% now, 100% in the baseline"},
			{"success_rate.change <= 9", NoData, "100% now, 100% in the baseline; 1 of 10 calls is unknown (1 " + name + ") in the baseline, which could decide either way"},
			{"success_rate.change <= 10", Met, ""},
			{"overall_score.change >= -0.2", Met, ""},
			{"overall_score.change >= -0.19", NoData, ""},
			{"overall_score.change >= 0.8", NotMet, ""},
		})
	}
	// The same row by row: a missing call is a row with any possible value.
	row := func(e Evidence) Evidence {
		e.Calls = e.Calls.With(func(i int, c *Call) { c.Row = uint64(i + 1) })
		return e
	}
	holdLines(t, "by row", row(open["lost"]), Rules{Baseline: BaselineOf(row(sure))}, []line{
		{"overall_score.change >= -0.7", Met, "mean change over 9 dataset rows, each compared with itself"}, {"overall_score.change >= -0.69", NoData, ""},
	})
	holdLines(t, "by row", row(open["missing"]), Rules{Baseline: BaselineOf(row(sure))}, []line{
		{"overall_score.change >= -0.9", Met, "mean change over 9 dataset rows, each compared with itself"}, {"overall_score.change >= -0.89", NoData, ""},
	})
	// A scenario without calls is not a new scenario.
	gone := asked(runOf(times(9, call("A"))...), "A", 9, "B", 9)
	then := BaselineOf(runOf(append(times(9, call("A")), times(9, call("B"))...)...))
	holdLines(t, "a scenario that never came", gone, Rules{Baseline: then}, []line{{"success_rate.change >= -5", NoData, ""}, {"success_rate.change >= -50", Met, ""}})
}

func TestEvalsThatTheBaselineDoesNotHave(t *testing.T) {
	t.Parallel()
	now := runOf(call("A", passing("e")))
	twice := runOf(call("A", passing("e"), passing("e")))
	alter(&twice, 0, func(c *Call) {
		change(&c.Evals[0], func(r *calls.EvalResult) { r.ConfigID = id("1") })
		change(&c.Evals[1], func(r *calls.EvalResult) { r.ConfigID = id("2") })
	})
	same := runOf(call("A", failing("e"), passing("e")))
	alter(&same, 0, func(c *Call) { change(&c.Evals[1], func(r *calls.EvalResult) { r.ConfigID = id("other") }) })
	for _, c := range []struct {
		name    string
		base    Evidence
		outcome CheckOutcome
		detail  string
	}{
		{"none of the name", runOf(call("A", passing("f"))), NoData, "the baseline has no eval of this name"},
		{"two of the name", twice, NoData, "the baseline has 2 evals of this name"},
		{"two of the name, one of the id", same, Met, "100% now, 0% in the baseline, 95% interval -58.7 to 100 points"},
		{"without results", runOf(call("A", unjudged("e", calls.EvalPending))), NoData, "in the baseline the only successful call has no result (1 pending)"},
		{"of another kind", runOf(call("A", numbering("e", 3))), NoData, "in the baseline its results are numbers, which have no pass_rate"},
	} {
		got := only(t, Judge(now, Rules{Set: criteria.Set{Criteria: parsed(t, "eval e: pass_rate.change >= 1")}, Baseline: before(c.base)}))
		if got.Outcome != c.outcome || got.Detail.Raw() != c.detail {
			t.Errorf("%s: got %s (%s), want %s (%s)", c.name, got.Outcome, got.Detail.Raw(), c.outcome, c.detail)
		}
	}
}

func TestBaselinesThatCannotBeComparedWith(t *testing.T) {
	t.Parallel()
	good := twenty()
	with := func(s calls.ExecutionStatus) *Baseline {
		b := before(twenty())
		b.Execution.Status = s
		return b
	}
	cases := []struct {
		name     string
		baseline *Baseline
		line     string
		detail   string
	}{
		{"none", nil, "success_rate.change >= -100", "there is no baseline to compare with"},
		{"none, for an eval", nil, "each eval: pass_rate.change >= -100", "there is no baseline to compare with"},
		{"none, for a mean", nil, "overall_score.change >= -100", "there is no baseline to compare with"},
		{"empty", before(runOf()), "success_rate.change >= -100", "the baseline has no calls"},
		{"cancelled", with(calls.ExecutionCancelled), "success_rate.change >= -100", "the baseline did not finish: its execution is cancelled"},
		{"running", with(calls.ExecutionRunning), "success_rate.change >= -100", "the baseline did not finish: its execution is running"},
		{"of unknown status", with(""), "success_rate.change >= -100", "the baseline did not finish: its execution is in no known state"},
		{"without scores", before(runOf(call("Refund"))), "overall_score.change >= -100", "in the baseline the only successful call has no value"},
		{"without scores, another stat", before(runOf(call("Refund"))), "overall_score.min.change >= -100", "in the baseline the only successful call has no value"},
		{"without successes", before(runOf(call("Refund", failed))), "overall_score.change >= -100", "in the baseline there are no values: the only call is unknown (1 unsuccessful with no criterion on success)"},
		{"of other scenarios", before(runOf(call("X", scored(9)))), "overall_score.change >= -100", "the baseline has none of the scenarios of this run"},
		{"of other scenarios, a rate", before(runOf(call("X"))), "success_rate.change >= -100", "the baseline has none of the scenarios of this run"},
	}
	for _, c := range cases {
		e := good
		e.Evals = []calls.EvalConfig{{ID: id("e"), Name: text.New("e")}}
		v := Judge(e, Rules{Set: criteria.Set{Criteria: parsed(t, c.line)}, Baseline: c.baseline})
		got := only(t, v)
		if got.Outcome != NoData || got.Detail.Raw() != c.detail || v.Kind != Error {
			t.Errorf("%s: got %s (%s), want no data (%s)", c.name, got.Outcome, got.Detail.Raw(), c.detail)
		}
	}
	// What this run lacks comes first, and without a comparison the baseline is ignored.
	v := Judge(runOf(call("A")), Rules{Set: criteria.Set{Criteria: parsed(t, "overall_score.change >= 0")}, Baseline: before(runOf(call("A")))})
	if got := only(t, v).Detail.Raw(); got != "the only successful call has no value" {
		t.Errorf("got %q", got)
	}
	if v := Judge(good, Rules{Set: criteria.Set{Criteria: parsed(t, "success_rate >= 80")}, Baseline: before(runOf())}); v.Kind != Pass {
		t.Errorf("a baseline that is not needed: got %s, want a pass", v.Kind)
	}
	// Nor is it told of.
	if v := Judge(good, Rules{Set: criteria.Set{Criteria: parsed(t, "success_rate >= 80")}, Baseline: before(runOf(call("X")))}); len(v.Warnings) != 1 {
		t.Errorf("a baseline that is not needed: got %v, want the missing score alone", raws(v.Warnings))
	}
	// Only one side has more.
	for _, c := range []struct {
		now, then Evidence
		want      []string
	}{
		{runOf(call("A")), runOf(call("A"), call("B")), []string{`only in the baseline: scenario "B"`}},
		{runOf(call("A"), call("B")), runOf(call("A")), []string{`not in the baseline: scenario "B"`}},
		{runOf(call("A")), runOf(call("A")), nil},
	} {
		v := Judge(c.now, Rules{Set: criteria.Set{Criteria: parsed(t, "success_rate.change >= 0")}, Baseline: before(c.then)})
		if diff := cmp.Diff(c.want, raws(v.Warnings)); diff != "" {
			t.Errorf("warnings (-want +got)\n%s", diff)
		}
	}
	failed := with(calls.ExecutionFailed)
	if v := Judge(good, Rules{Set: criteria.Set{Criteria: parsed(t, "success_rate.change >= 0")}, Baseline: failed}); v.Kind != Pass {
		t.Errorf("a failed baseline with calls: got %s, want a pass", v.Kind)
	}
}
