package verdict

import (
	"slices"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
	"github.com/google/uuid"

	"github.com/agent-gate/agent-gate/internal/calls"
	"github.com/agent-gate/agent-gate/internal/criteria"
	"github.com/agent-gate/agent-gate/internal/text"
)

// The tests of this file go through the section "What is not known" of the public interface,
// sentence by sentence.

// asked gives a run the plan of its scenarios: how many calls each was to have.
func asked(e Evidence, plan ...any) Evidence {
	e.Plan = []Planned{}
	for i := 0; i < len(plan); i += 2 {
		p := Planned{Name: text.New(plan[i].(string))}
		if n, ok := plan[i+1].(int); ok {
			p.Calls = &n
		}
		e.Plan = append(e.Plan, p)
	}
	return e
}

// gaps has 20 planned calls: 15 succeeded, 1 failed, 2 were lost, 2 never came.
func gaps() Evidence {
	return asked(runOf(all(times(15, call("A", scored(8))), times(1, call("A", failed)), times(2, call("A", lost)))...), "A", 20)
}

// line is a criterion with its expected outcome.
type line struct {
	criterion string
	want      CheckOutcome
	detail    string // begins the check's own; empty for any
}

// holdLines judges by each criterion together with one on success.
func holdLines(t *testing.T, name string, e Evidence, rules Rules, lines []line) {
	t.Helper()
	for _, l := range lines {
		r := rules
		r.Criteria = append(parsed(t, l.criterion), criteria.MinSuccessRate(0))
		if c := Judge(e, r).Checks[0]; c.Outcome != l.want || !strings.HasPrefix(c.Detail.Raw(), l.detail) {
			t.Errorf("%s, %s: got %s (%s)\nwant %s (%s)", name, l.criterion, c.Outcome, c.Detail.Raw(), l.want, l.detail)
		}
	}
}

func TestARateOrACountIsDecidedOnlyWhenTheUnknownCannotTurnIt(t *testing.T) {
	t.Parallel()
	const unknown = "; 4 of 20 calls are unknown (2 lost, 2 missing)"
	holdLines(t, "lost and missing", gaps(), Rules{}, []line{
		{"success_rate >= 75", Met, "15 of 16 calls succeeded, 95% interval 53.1–99.1%" + unknown + ", which cannot change the outcome"},
		{"success_rate >= 76", NoData, "15 of 16 calls succeeded" + unknown + ", which could decide either way"},
		{"success_rate >= 95", NoData, ""},
		{"success_rate >= 95.1", NotMet, "15 of 16 calls succeeded"},
		{"success_rate <= 94", NoData, ""},
		{"success_rate <= 95", Met, ""},
		{"success_rate <= 74", NotMet, ""},
		{"success_rate == 80", NoData, ""}, // it may be that
		{"success_rate == 74", NotMet, ""},
		{"failed_calls <= 5", Met, "1 of 16 calls failed" + unknown + ", which cannot change the outcome"},
		{"failed_calls <= 4", NoData, ""},
		{"failed_calls <= 0", NotMet, ""},
		{"pass_rate >= 75", Met, ""},
		{"pass_rate >= 76", NoData, ""},
		{"flaky_rate <= 20", Met, ""},
		{"flaky_rate <= 19", NoData, ""},
		{"flaky_calls <= 4", Met, ""},
		{"flaky_calls <= 3", NoData, ""},
		{"scored_rate >= 78", Met, "15 of 15 successful calls have an overall score"}, // 15 of 19
		{"scored_rate >= 79", NoData, ""},
		{"judged_rate >= 80", Met, "16 of 20 planned calls could be judged"},
		{"judged_rate >= 81", NotMet, "16 of 20 planned calls could be judged"},
		{"lost_calls <= 2", Met, "2 of 18 calls were lost by the platform"},
		{"lost_calls <= 1", NotMet, "2 of 18 calls were lost by the platform"},
		{"missing_calls <= 2", Met, "2 of 20 planned calls are missing"},
		{"missing_calls <= 1", NotMet, "2 of 20 planned calls are missing"},
		{"total_calls == 18", Met, "18 of 18 calls were made"}, // what came
		{"completed_calls == 15", Met, ""},
	})
	holdLines(t, "cancelled and at work", runOf(call("A"), call("A", failed), call("A", cancelled), call("A", status(calls.Ongoing))), Rules{}, []line{
		{"success_rate >= 25", Met, ""},
		{"success_rate >= 26", NoData, "1 of 2 calls succeeded; 2 of 4 calls are unknown (1 unfinished, 1 cancelled), which could decide either way"},
		{"success_rate >= 76", NotMet, ""},
		{"judged_rate >= 51", NotMet, ""},
		{"total_calls == 4", Met, ""},
		{"completed_calls == 1", Met, ""},
	})
	reason := "success_rate cannot be judged: 15 of 16 calls succeeded; 4 of 20 calls are unknown (2 lost, 2 missing), which could decide either way"
	if v := judge(t, gaps(), "success_rate >= 90"); v.Kind != Error || v.Cause != CauseOperational || v.Reason.Raw() != reason {
		t.Errorf("got %s, %s", v.Kind, v.Reason)
	}
	v := judge(t, gaps(), "success_rate >= 75")
	if want := "the only check is met: success_rate 93.8% (15 of 16, 4 unknown)"; v.Kind != Pass || v.Reason.Raw() != want {
		t.Errorf("got %s, %s", v.Kind, v.Reason)
	}
	want := []string{
		"2 calls never reached your agent: no balance left (top up and run again)",
		`2 of 20 planned calls are missing: the server never created them (scenario "A")`,
	}
	if diff := cmp.Diff(want, raws(v.Warnings)); diff != "" {
		t.Errorf("warnings (-want +got)\n%s", diff)
	}
	if diff := cmp.Diff([]LostCalls{{calls.PlatformFailure{Words: "no balance left", Advice: "top up and run again"}, 2}}, v.Lost); diff != "" {
		t.Errorf("lost (-want +got)\n%s", diff)
	}
}

func TestTheCriteriaAreHeldAgainstWhatWasPlanned(t *testing.T) {
	t.Parallel()
	// 50 rows were planned, and one call came.
	e := asked(runOf(call("A", scored(9), passing("e"))), "A", 50)
	for criterion, want := range map[string]Kind{
		"success_rate >= 90": Error, "pass_rate >= 90": Error, "failed_calls <= 2": Error, "overall_score >= 7": Error, "eval e: pass_rate >= 95": Error,
		"each scenario: success_rate >= 80": Error, "missing_calls <= 0": Fail, "judged_rate >= 90": Fail,
	} {
		if v := judge(t, e, criterion); v.Kind != want {
			t.Errorf("%s: got %s, want %s (%s)", criterion, v.Kind, want, v.Reason)
		}
	}
	// A scenario without a dataset, or whose rows are not known, is one call at least.
	e = asked(runOf(call("A")), "A", nil, "B", nil)
	if n := judge(t, e, "success_rate >= 1").Counts; n.Planned != 2 || n.Missing != 1 || n.Total != 1 {
		t.Errorf("got counts %+v", n)
	}
	// More calls than planned are fine.
	if v := judge(t, asked(runOf(call("A"), call("A")), "A", 1), "success_rate >= 100\nmissing_calls <= 0"); v.Kind != Pass || v.Counts.Planned != 2 {
		t.Errorf("more than planned: got %s, %+v", v.Kind, v.Counts)
	}
	// If the plan is unknown, it is unknown whether calls are missing.
	for name, e := range map[string]Evidence{"no plan": runOf(call("A")), "rows that are not known": asked(runOf(call("A")), "A", nil)} {
		v := judge(t, e, "missing_calls <= 0")
		if c := only(t, v); c.Outcome != NoData || c.Detail.Raw() != "how many calls were planned is not known" {
			t.Errorf("%s: got %s (%s)", name, c.Outcome, c.Detail.Raw())
		}
		v = judge(t, e, "judged_rate >= 90")
		if v.Kind != Pass || !slices.Contains(raws(v.Warnings), "judged_rate only covers existing calls: how many calls were planned is not known") {
			t.Errorf("%s, judged_rate: got %s, %q", name, v.Kind, raws(v.Warnings))
		}
	}
}

func TestEachScenarioSpeaksOfTheScenariosThatWereAskedFor(t *testing.T) {
	t.Parallel()
	e := asked(runOf(times(2, call("A"))...), "A", 2, "B", 2)
	v := judge(t, e, "each scenario: success_rate >= 80")
	if len(v.Checks) != 2 || v.Checks[0].Outcome != Met || v.Checks[1].Outcome != NoData || v.Checks[1].Scope.Raw() != "B" || v.Kind != Error {
		t.Errorf("got %s, %+v", v.Kind, v.Checks)
	}
	if want := `scenario "B": success_rate cannot be judged: all 2 calls are unknown (2 missing)`; v.Reason.Raw() != want {
		t.Errorf("got  %s\nwant %s", v.Reason.Raw(), want)
	}
	if len(v.Scenarios) != 2 || v.Scenarios[1].Counts != (Counts{Missing: 2, Planned: 2}) {
		t.Errorf("got %+v", v.Scenarios)
	}
}

func TestAScenarioOfWhichNoCallCanBeJudgedIsAnError(t *testing.T) {
	t.Parallel()
	good := times(18, call("A", passing("e"), lasting(10)))
	cases := []struct {
		name, criteria string
		evidence       Evidence
		want           Kind
		reason         string
	}{
		{"it never came", "total_calls >= 1", asked(runOf(good...), "A", 18, "B", 2), Error, `scenario "B" was not tested: none of its calls can be judged (2 missing)`},
		{"it was lost", "success_rate >= 80", runOf(append(good, times(2, call("B", lost))...)...), Error, `scenario "B" was not tested: none of its calls can be judged (2 lost)`},
		{"it was cancelled", "success_rate >= 80", runOf(append(good, call("B", cancelled))...), Error, `scenario "B" was not tested: none of its calls can be judged (1 cancelled)`},
		{"it did not end", "success_rate >= 80", runOf(append(good, call("B", status(calls.Ongoing)))...), Error, `scenario "B" was not tested: none of its calls can be judged (1 unfinished)`},
		{"two of them", "success_rate >= 80", asked(runOf(append(good, call("B", lost))...), "A", 18, "B", 1, "C", 1), Error,
			`2 scenarios were not tested: none of their calls can be judged (1 lost, 1 missing): "B", "C"`},
		{"a criterion on another scenario", "scenario A: success_rate >= 80", asked(runOf(good...), "A", 18, "B", 2), Error, ""},
		{"one that is surely not met comes first", "total_calls >= 1\ncompleted_calls >= 40", asked(runOf(good...), "A", 18, "B", 2), Fail, ""},
		{"one call is enough", "success_rate >= 80", asked(runOf(append(good, call("B"))...), "A", 18, "B", 2), Pass, ""},
		{"also one that failed", "success_rate >= 80", asked(runOf(append(good, call("B", failed))...), "A", 18, "B", 2), Pass, ""},
		{"also one that was skipped", "success_rate >= 80", asked(runOf(append(good, call("B", skipped))...), "A", 18, "B", 2), Pass, ""},
		{"evals without a result do not change that", "success_rate >= 80", runOf(append(good, call("B", unjudged("e", calls.EvalErrored)))...), Pass, ""},
		{"the user has said how many there may be", "success_rate >= 80\njudged_rate >= 90", asked(runOf(good...), "A", 18, "B", 2), Pass, ""},
		{"of that scenario", "success_rate >= 80\nscenario B: judged_rate >= 0", asked(runOf(good...), "A", 18, "B", 2), Pass, ""},
		{"of another scenario", "total_calls >= 1\nscenario A: judged_rate >= 0", asked(runOf(good...), "A", 18, "B", 2), Error, ""},
		{"a bound from above says nothing", "total_calls >= 1\njudged_rate <= 95", asked(runOf(good...), "A", 18, "B", 2), Error, ""},
	}
	for _, c := range cases {
		v := judge(t, c.evidence, c.criteria)
		if v.Kind != c.want || c.reason != "" && v.Reason.Raw() != c.reason {
			t.Errorf("%s: got %s (%s), want %s (%s)", c.name, v.Kind, v.Reason, c.want, c.reason)
		}
		if v.Kind == Error && v.Cause != CauseOperational {
			t.Errorf("%s: got cause %s", c.name, v.Cause)
		}
	}
}

func TestJudgedRateSaysHowMuchMayBeUnknown(t *testing.T) {
	t.Parallel()
	// Over the 16 judged calls all is known: rates, counts and means.
	for criterion, want := range map[string]CheckOutcome{
		"success_rate >= 93": Met, "success_rate >= 94": NotMet, "failed_calls <= 1": Met, "failed_calls <= 0": NotMet, "overall_score >= 8": Met,
		"overall_score.min >= 8": Met, "scored_rate >= 100": Met, "pass_rate >= 93": Met, "first_success_rate >= 94": NotMet, "flaky_rate <= 0": Met,
		"missing_calls <= 1": NotMet, "lost_calls <= 1": NotMet, "total_calls == 18": Met,
	} {
		v := judge(t, gaps(), "judged_rate >= 80\n"+criterion+"\nsuccess_rate >= 1")
		if c := v.Checks[1]; c.Outcome != want || c.Unknown != 0 {
			t.Errorf("%s: got %s without %d (%s), want %s", criterion, c.Outcome, c.Unknown, c.Detail.Raw(), want)
		}
	}
	// It is judged like any other: not met is a fail.
	v := judge(t, gaps(), "judged_rate >= 81\nsuccess_rate >= 90")
	if want := "judged_rate is 80%, below 81%: 4 of 20 planned calls could not be judged (2 lost, 2 missing)"; v.Kind != Fail || v.Reason.Raw() != want {
		t.Errorf("got %s: %s, want %s", v.Kind, v.Reason.Raw(), want)
	}
	// Results that are missing on judged calls stay unknown.
	e := gaps()
	alter(&e, 0, unscored)
	if c := judge(t, e, "judged_rate >= 80\noverall_score >= 8\nsuccess_rate >= 1").Checks[1]; c.Outcome != NoData || c.Unknown != 1 {
		t.Errorf("a score is missing: got %s without %d (%s)", c.Outcome, c.Unknown, c.Detail.Raw())
	}
	// What one scenario may lack no other may.
	two := asked(runOf(call("A"), call("B")), "A", 2, "B", 2)
	v = judge(t, two, "scenario A: judged_rate >= 50\nsuccess_rate >= 100\nscenario A: success_rate >= 100\nscenario B: success_rate >= 100")
	var got []CheckOutcome
	for _, c := range v.Checks {
		got = append(got, c.Outcome)
	}
	if diff := cmp.Diff([]CheckOutcome{Met, NoData, Met, NoData}, got); diff != "" {
		t.Errorf("per scenario (-want +got)\n%s", diff)
	}
	if v := judge(t, two, "each scenario: judged_rate >= 50\neach scenario: success_rate >= 100"); v.Kind != Pass {
		t.Errorf("each scenario: got %s (%s)", v.Kind, v.Reason)
	}
}

func TestPlatformFailuresCountAsFailedWhereTheUserSaysSo(t *testing.T) {
	t.Parallel()
	e := runOf(append(times(15, call("A")), call("A", failed), call("A", lost), call("A", func(c *Call) { c.Attempts, c.FirstOutcome = 2, Lost }))...)
	holdLines(t, "failed", e, Rules{PlatformFails: true}, []line{
		{"success_rate >= 88", Met, "16 of 18 calls succeeded"},
		{"success_rate >= 89", NotMet, ""},
		{"failed_calls == 2", Met, ""},
		{"lost_calls == 0", Met, ""},
		{"judged_rate >= 100", Met, ""},
		{"first_success_rate <= 84", Met, "15 of 18 calls succeeded on the first attempt"},
		{"flaky_calls == 1", Met, ""},
	})
	n := Judge(e, Rules{Set: criteria.Set{Criteria: parsed(t, "success_rate >= 80")}, PlatformFails: true}).Counts
	if n.Failed != 2 || n.Lost != 0 || n.Judged != 18 || n.Flaky != 1 {
		t.Errorf("got %+v", n)
	}
	holdLines(t, "unknown", e, Rules{}, []line{
		{"success_rate >= 89", NoData, "16 of 17 calls succeeded; 1 of 18 calls is unknown (1 lost)"},
		{"failed_calls == 1", NoData, ""},
		{"lost_calls == 1", Met, ""},
		{"first_success_rate >= 88", Met, "16 of 17 calls succeeded on the first attempt"}, // the try that the platform lost does not count
		{"flaky_calls <= 1", Met, "0 of 17 calls recovered after a rerun"},
	})
}

func TestFirstRatesTakeTheFirstTryThatThePlatformDidNotLose(t *testing.T) {
	t.Parallel()
	rerun := func(first Outcome, changes ...func(*Call)) Call {
		return call("A", append(changes, func(c *Call) { c.Attempts, c.FirstOutcome = 2, first })...)
	}
	for name, c := range map[string]struct {
		call        Call
		first       CheckOutcome // of first_success_rate >= 100
		flaky       bool
		firstPasses CheckOutcome
	}{
		"lost, then it succeeded":        {rerun(Lost), Met, false, Met},
		"lost, then it failed":           {rerun(Lost, failed), NotMet, false, NotMet},
		"failed, then it succeeded":      {rerun(Failed), NotMet, true, NotMet},
		"failed, then it was lost":       {rerun(Failed, lost), NotMet, false, NotMet},
		"succeeded, then it was lost":    {rerun(Succeeded, lost), Met, false, NoData},
		"lost twice":                     {rerun(Lost, lost), NoData, false, NoData},
		"cancelled, then it succeeded":   {rerun(Cancelled), Met, false, Met},
		"its evals alone were run again": {rerun(Succeeded, passing("e")), Met, false, Met},
	} {
		e := runOf(call("A", passing("e")), c.call)
		v := judge(t, e, "first_success_rate >= 100\nfirst_pass_rate >= 100")
		if got := v.Checks[0].Outcome; got != c.first {
			t.Errorf("%s: first_success_rate got %s, want %s", name, got, c.first)
		}
		if want := c.firstPasses; want != Met && v.Checks[1].Outcome != want {
			t.Errorf("%s: first_pass_rate got %s, want %s", name, v.Checks[1].Outcome, want)
		}
		if got := v.Counts.Flaky == 1; got != c.flaky {
			t.Errorf("%s: flaky %t, want %t", name, got, c.flaky)
		}
	}
}

func TestScenariosAreToldApartByTheirIDs(t *testing.T) {
	t.Parallel()
	of := func(id uuid.UUID) func(*Call) { return func(c *Call) { c.ScenarioID = id } }
	one, two := uuid.UUID{0: 0x1a}, uuid.UUID{0: 0x2b}
	e := runOf(call("Refund", of(one)), call("Refund", of(one)), call("Refund", of(two), failed))
	e.Plan = []Planned{{ID: one, Name: text.New("Refund"), Calls: new(2)}, {ID: two, Name: text.New("Refund"), Calls: new(2)}}
	for _, line := range []string{"each scenario: success_rate >= 80", "scenario Refund: success_rate >= 80"} {
		v := judge(t, e, line)
		if len(v.Checks) != 2 || v.Checks[0].Scope.Raw() != "Refund (1a000000)" || v.Checks[0].Outcome != Met || v.Checks[1].Scope.Raw() != "Refund (2b000000)" || v.Checks[1].Outcome != NotMet {
			t.Errorf("%s: got %+v", line, v.Checks)
		}
		if want := `scenario "Refund (2b000000)": success_rate is 0%, below 80%: 1 of 1 call failed; 1 more unknown (1 missing)`; v.Reason.Raw() != want {
			t.Errorf("%s: got %s", line, v.Reason.Raw())
		}
		if got := []string{v.Scenarios[0].Name.Raw(), v.Scenarios[1].Name.Raw()}; !slices.Equal(got, []string{"Refund (1a000000)", "Refund (2b000000)"}) {
			t.Errorf("%s: got %q", line, got)
		}
	}
	// One that was renamed meanwhile is one scenario.
	e = runOf(call("Refund", of(one)), call("Refunds", of(one)))
	if v := judge(t, e, "each scenario: success_rate >= 80"); len(v.Checks) != 1 {
		t.Errorf("renamed: got %+v", v.Checks)
	}
	// A call that only names its scenario belongs to the one of that name.
	e = runOf(call("Refund", of(one)), call("Refund"))
	if v := judge(t, e, "each scenario: success_rate >= 80"); len(v.Checks) != 1 || v.Checks[0].Value.N != 2 {
		t.Errorf("without an id: got %+v", v.Checks)
	}
}

// A call is missing because its trial was not started, because it was not read, or because the server never
// created it.
func TestMissingCallsAreToldApart(t *testing.T) {
	t.Parallel()
	for _, c := range []struct {
		calls, trials int
		unread        bool
		want, words   string
	}{
		{20, 3, false, "40 of 60 planned calls are missing: no trial was started for them", "40 not started"},
		{19, 3, false, `41 of 60 planned calls are missing: no trial was started for 40, and the server never created 1 (scenario "A")`, "1 missing, 40 not started"},
		{19, 1, false, `1 of 20 planned calls is missing: the server never created it (scenario "A")`, "1 missing"},
		{30, 2, true, "10 of 40 planned calls were not read: the server may have made them", "10 not read"},
	} {
		e := asked(runOf(times(c.calls, call("A"))...), "A", 20*c.trials)
		e.PlannedTrials, e.Unread = c.trials, c.unread
		if c.unread {
			e.Further = []Execution{{Trial: 1}}
		}
		v := judge(t, e, "success_rate >= 99")
		if said := raws(v.Warnings); !slices.Contains(said, c.want) || !strings.Contains(v.Checks[0].Detail.Raw(), "("+c.words+")") {
			t.Errorf("%d calls of %d trials: %q, %s; want %q and %q", c.calls, c.trials, said, v.Checks[0].Detail.Raw(), c.want, c.words)
		}
	}
}
