package verdict

import (
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/agent-gate/agent-gate/internal/calls"
	"github.com/agent-gate/agent-gate/internal/criteria"
	"github.com/agent-gate/agent-gate/internal/text"
)

// The tests of this file go through the section "A call that passed" of the public interface.

func TestACallPassedWhenItSucceededAndEveryConditionHolds(t *testing.T) {
	t.Parallel()
	text1 := judged("g", "reason", calls.EvalValue{Kind: calls.ValueText, Labels: []text.Untrusted{text.New("x")}})
	cases := []struct {
		name, when string
		call       Call
		want       PassState
	}{
		{"an eval passed", "eval g passed", call("A", passing("g")), Passed},
		{"an eval did not pass", "eval g passed", call("A", failing("g")), NotPassed},
		{"an eval has no result", "eval g passed", call("A", unjudged("g", calls.EvalErrored)), PassUnknown},
		{"an eval is pending for good", "eval g passed", call("A", unjudged("g", calls.EvalPending)), PassUnknown},
		{"an eval was skipped", "eval g passed", call("A", unjudged("g", calls.EvalSkipped)), PassUnknown},
		{"an eval has no such result", "eval g passed", call("A", scoring("g", 1)), PassUnknown},
		{"a score on the bound", "eval g score >= 70", call("A", scoring("g", 0.7)), Passed},
		{"a score below it", "eval g score >= 70", call("A", scoring("g", 0.69)), NotPassed},
		{"a score of a pass", "eval g score >= 70", call("A", passing("g")), Passed},
		{"a plain number", "eval g score <= 3", call("A", numbering("g", 3)), Passed},
		{"a score outside of its range", "eval g score >= 70", call("A", scoring("g", 85)), PassUnknown},
		{"a label", `eval g is "Polite"`, call("A", labelled("g", "Polite")), Passed},
		{"one of several labels", `eval g is "Polite"`, call("A", labelled("g", "Fast", "Polite")), Passed},
		{"another label", `eval g is "Polite"`, call("A", labelled("g", "polite")), NotPassed},
		{"a text is no label", `eval g is "x"`, call("A", text1), PassUnknown},
		{"Passed is a label too", `eval g is "Passed"`, call("A", passing("g")), Passed},
		{"an overall score", "overall_score >= 6", call("A", scored(6)), Passed},
		{"an overall score that is too low", "overall_score >= 6", call("A", scored(5.9)), NotPassed},
		{"no overall score", "overall_score >= 6", call("A"), PassUnknown},
		{"a duration", "duration <= 300", call("A", lasting(300)), Passed},
		{"a duration that is too long", "duration < 300", call("A", lasting(300)), NotPassed},
		{"no duration", "duration <= 300", call("A"), PassUnknown},
		{"a response time", "response_time <= 2", call("A", answering(1)), Passed},
		{"a cost", "cost <= 20", call("A", costing(21)), NotPassed},
		{"all hold", "eval g passed\noverall_score >= 6", call("A", passing("g"), scored(7)), Passed},
		{"one does not", "eval g passed\noverall_score >= 6", call("A", passing("g"), scored(5)), NotPassed},
		{"one is not known", "eval g passed\noverall_score >= 6", call("A", passing("g")), PassUnknown},
		{"one does not, whatever the other is", "eval g passed\noverall_score >= 6", call("A", failing("g")), NotPassed},
		{"a call that failed", "overall_score >= 6", call("A", failed, scored(9)), NotPassed},
		{"a call that broke off", "overall_score >= 6", call("A", crashed, scored(9)), NotPassed},
		{"a call that was skipped", "overall_score >= 6", call("A", skipped, scored(9)), NotPassed},
		{"a call that was lost", "overall_score >= 6", call("A", lost, scored(9)), PassUnknown},
		{"a call that was cancelled", "overall_score >= 6", call("A", cancelled, scored(9)), PassUnknown},
		{"a call that did not end", "overall_score >= 6", call("A", status(calls.Ongoing), scored(9)), PassUnknown},
	}
	for _, c := range cases {
		when, err := criteria.ParseConditions(c.when)
		if err != nil {
			t.Fatal(err)
		}
		e := runOf(c.call, call("B"))
		e.Evals = []calls.EvalConfig{{ID: id("g"), Name: text.New("g")}}
		v := Judge(e, Rules{Set: criteria.Set{Criteria: parsed(t, "pass_rate >= 1"), PassWhen: when}})
		if got := v.Passed[0]; got != c.want {
			t.Errorf("%s: got %d, want %d", c.name, got, c.want)
		}
	}
}

func TestByDefaultACallPassedWhenItsPassFailEvalsDid(t *testing.T) {
	t.Parallel()
	typed := func(name, typ string) calls.EvalConfig {
		return calls.EvalConfig{ID: id(name), Name: text.New(name), Type: text.New(typ)}
	}
	labels := judged("l", "Pass/Fail", calls.EvalValue{Kind: calls.ValueChoices, Labels: []text.Untrusted{text.New("Rude")}})
	const none = "no eval of this run is known to be a Pass/Fail eval, so every successful call counts as passed; set pass-when to define when a call passes"
	cases := []struct {
		name     string
		evals    []calls.EvalConfig
		calls    []Call
		want     CheckOutcome // of pass_rate >= 100
		unknown  int
		warnings []string
	}{
		{"by their results", nil, []Call{call("A", passing("p"), passing("q"))}, Met, 0, nil},
		{"one did not", nil, []Call{call("A", passing("p"), failing("q"))}, NotMet, 0, nil},
		{"one has no result", nil, []Call{call("A", passing("p"), passing("q")), call("A", passing("p"))}, NoData, 1, []string{`eval "q": 1 of 2 successful calls has no result (1 pending)`}},
		{"by the run test, without any result", []calls.EvalConfig{typed("p", "Pass/Fail")}, []Call{call("A"), call("A")}, NoData, 2, []string{`eval "p": 2 of 2 successful calls have no result (2 pending)`}},
		{"scores and labels have no say", nil, []Call{call("A", passing("p"), scoring("s", 0), labelled("t", "Rude"))}, Met, 0, nil},
		{"nor has a Pass/Fail eval whose values are labels", nil, []Call{call("A", passing("p"), labels)}, Met, 0, nil},
		{"where neither tells it is left out", []calls.EvalConfig{typed("x", "")}, []Call{call("A", passing("p"))}, Met, 0,
			[]string{`eval "x": 1 of 1 successful call has no result (1 pending)`, `eval "x" is left out of pass_rate: neither the run test nor a result says whether it is a Pass/Fail eval`}},
		{"no eval at all", nil, []Call{call("A")}, Met, 0, []string{none}},
		{"scores alone", nil, []Call{call("A", scoring("s", 0))}, Met, 0, []string{none}},
	}
	for _, c := range cases {
		e := runOf(c.calls...)
		e.Evals = c.evals
		v := judge(t, e, "pass_rate >= 100")
		if got := only(t, v); got.Outcome != c.want || got.Unknown != c.unknown {
			t.Errorf("%s: got %s without %d (%s), want %s without %d", c.name, got.Outcome, got.Unknown, got.Detail.Raw(), c.want, c.unknown)
		}
		if diff := cmp.Diff(c.warnings, raws(v.Warnings)); diff != "" {
			t.Errorf("%s: warnings (-want +got)\n%s", c.name, diff)
		}
	}
	// Who does not ask for it is not told of it.
	if v := judge(t, runOf(call("A")), "success_rate >= 100"); v.Warnings != nil {
		t.Errorf("got %q", raws(v.Warnings))
	}
}

func TestPassRateTellsCallsBelowTheBarFromThoseThatFailed(t *testing.T) {
	t.Parallel()
	e := asked(runOf(all(
		times(14, call("A", passing("p"))), times(2, call("A", failing("p"))), times(1, call("A", failed)), times(1, call("A", skipped)),
		times(1, call("A", unjudged("p", calls.EvalErrored))), times(1, call("A", lost)),
	)...), "A", 21)
	v := judge(t, e, "pass_rate >= 90")
	const reason = "pass_rate is 77.8%, below 90%: 1 of 18 calls failed, 1 was skipped and 2 are below your bar; 3 more unknown (1 lost, 1 missing, 1 without a Pass/Fail result)"
	if v.Kind != Fail || v.Reason.Raw() != reason {
		t.Errorf("%s\ngot  %s\nwant %s", v.Kind, v.Reason.Raw(), reason)
	}
	if want := "at least 2 more passing calls needed to meet pass_rate >= 90, even if everything unknown turns out well"; v.Flip.Raw() != want {
		t.Errorf("got  %s\nwant %s", v.Flip.Raw(), want)
	}
	if n := v.Counts; n.Passed != 14 || n.Succeeded != 17 || *v.Metrics.PassRate.Value != 100*14./18 || v.Metrics.PassRate.N != 18 {
		t.Errorf("got %+v, pass rate %v of %d", n, *v.Metrics.PassRate.Value, v.Metrics.PassRate.N)
	}
	if s := v.Scenarios[0]; s.Counts != v.Counts || *s.PassRate.Value != 100*14./18 {
		t.Errorf("got %+v", s)
	}
	if len(v.Deciding) != 4 {
		t.Errorf("got %d deciding calls, want the four that are to blame", len(v.Deciding))
	}
}

func TestPassWhenNamesAnEvalThatTheRunDoesNotHave(t *testing.T) {
	t.Parallel()
	when := []criteria.Condition{{Kind: criteria.ConditionPassed, Eval: "polite"}}
	v := Judge(runOf(call("A", passing("is_polite"))), Rules{Set: criteria.Set{Criteria: parsed(t, "pass_rate >= 90"), PassWhen: when}})
	if v.Kind != Error {
		t.Errorf("got %s (%s)", v.Kind, v.Reason)
	}
	want := []string{`pass-when: no eval named "polite", so no call is known to have passed`}
	if diff := cmp.Diff(want, raws(v.Warnings)); diff != "" {
		t.Errorf("warnings (-want +got)\n%s", diff)
	}
	if got := v.Reason.Raw(); got != "pass_rate cannot be judged: the only call is unknown (1 without a result that pass-when needs)" {
		t.Errorf("got %s", got)
	}
}

func TestPassWhenThatDecidesNothingIsToldOf(t *testing.T) {
	t.Parallel()
	polite := runOf(call("A", labelled("tone", "Polite")), call("A", labelled("tone", "Rude")), call("A", labelled("tone", "Polite")))
	for _, c := range []struct {
		when, criteria string
		want           []string
	}{
		{`eval "tone" is "polite"`, "pass_rate >= 1", []string{`pass-when: eval "tone": no result has the label "polite"; available: "Polite", "Rude"`}},
		{`eval "tone" is "Rude"`, "pass_rate >= 1", nil},
		{`eval "tone" is "Polite"`, "each scenario: first_pass_rate >= 1", nil},
		{`eval "tone" is "Polite"`, "success_rate >= 1", []string{"pass-when has no effect: no criterion looks at which calls passed"}},
		{`eval "tone" is "Polite"`, "eval tone: result_rate >= 1", []string{"pass-when has no effect: no criterion looks at which calls passed"}},
	} {
		when, err := criteria.ParseConditions(c.when)
		if err != nil {
			t.Fatal(err)
		}
		v := Judge(polite, Rules{Set: criteria.Set{Criteria: parsed(t, c.criteria), PassWhen: when}})
		if diff := cmp.Diff(c.want, raws(v.Warnings)); diff != "" {
			t.Errorf("%s, %s: warnings (-want +got)\n%s", c.when, c.criteria, diff)
		}
	}
}
