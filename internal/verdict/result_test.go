package verdict

import (
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/agent-gate/agent-gate/internal/calls"
	"github.com/agent-gate/agent-gate/internal/criteria"
	"github.com/agent-gate/agent-gate/internal/text"
)

func TestOneOddValueDoesNotTakeAnEvalOutOfThePassRate(t *testing.T) {
	t.Parallel()
	pass, fail := calls.EvalValue{Kind: calls.ValuePass, Passed: true}, calls.EvalValue{Kind: calls.ValuePass}
	score := calls.EvalValue{Kind: calls.ValueScore, Number: 0.9}
	label := calls.EvalValue{Kind: calls.ValueChoices, Labels: []text.Untrusted{text.New("Rude")}}
	words := calls.EvalValue{Kind: calls.ValueText, Labels: []text.Untrusted{text.New("Rude")}}
	for _, c := range []struct {
		name, told string // the type that the run test gives
		nine, one  func(*Call)
		want       CheckOutcome // of pass_rate >= 90
		passFail   bool
	}{
		{"a label among fails", "", judged("e", "Pass/Fail", fail), judged("e", "Pass/Fail", label), NotMet, true},
		{"a label among passes", "", judged("e", "Pass/Fail", pass), judged("e", "Pass/Fail", label), Met, true},
		{"a text among fails", "", judged("e", "", fail), judged("e", "", words), NotMet, true},
		{"a score among fails", "Pass/Fail", judged("e", "Pass/Fail", fail), judged("e", "score", score), NotMet, true},
		{"a fail among labels", "", judged("e", "Pass/Fail", label), judged("e", "Pass/Fail", fail), NoData, true},
		{"fails that call themselves scores", "Pass/Fail", judged("e", "score", fail), judged("e", "score", fail), NotMet, true},
		{"the same, and the run test does not tell", "", judged("e", "score", fail), judged("e", "score", fail), NotMet, true},
		{"the same, and the run test says so too", "score", judged("e", "score", fail), judged("e", "score", fail), NotMet, true},
		{"scores of a Pass/Fail eval", "Pass/Fail", judged("e", "score", score), judged("e", "score", score), NoData, true},
		{"a result alone says Pass/Fail", "", judged("e", "score", score), judged("e", "Pass/Fail", fail), NoData, true},
		{"a true among scores", "score", judged("e", "score", score), judged("e", "score", pass), Met, false},
		{"labels alone", "Pass/Fail", judged("e", "Pass/Fail", label), judged("e", "Pass/Fail", label), Met, false},
		{"labels and texts", "Pass/Fail", judged("e", "Pass/Fail", label), judged("e", "Pass/Fail", words), Met, false},
	} {
		e := runOf(append(times(9, call("A", c.nine)), call("A", c.one))...)
		e.Evals = []calls.EvalConfig{{ID: id("e"), Name: text.New("e"), Type: text.New(c.told)}}
		v := judge(t, e, "pass_rate >= 90")
		if got := only(t, v); got.Outcome != c.want || v.Evals[0].PassFail != c.passFail {
			t.Errorf("%s: got %s (%s), Pass/Fail %t, want %s, %t", c.name, got.Outcome, got.Detail.Raw(), v.Evals[0].PassFail, c.want, c.passFail)
		}
	}
}

func TestValuesOfAnotherKindAreNoResult(t *testing.T) {
	t.Parallel()
	pass := calls.EvalValue{Kind: calls.ValuePass, Passed: true}
	untyped := calls.EvalValue{Kind: calls.ValueScore, Number: 0.9}
	told := func(typ string, list ...Call) Evidence {
		e := runOf(list...)
		e.Evals = []calls.EvalConfig{{ID: id("e"), Name: text.New("e"), Type: text.New(typ)}}
		return e
	}
	scores := times(9, call("A", scoring("e", 0.9)))
	for name, e := range map[string]Evidence{
		"by the run test":     told("score", append(scores, call("A", judged("e", "Pass/Fail", pass)))...),
		"by most results":     runOf(append(scores, call("A", judged("e", "score", pass)))...),
		"by untyped results":  runOf(append(times(9, call("A", judged("e", "", untyped))), call("A", judged("e", "", pass)))...),
		"against one of type": runOf(append(scores, call("A", passing("e")))...),
	} {
		holdLines(t, name, e, Rules{}, []line{
			{"eval e: score >= 81", Met, "mean of 9 results"}, {"eval e: score >= 91", NoData, "mean of 9 results"}, {"eval e: score.max <= 90", NoData, ""}, {"eval e: result_rate >= 91", NotMet, ""},
		})
		want := []string{`eval "e": its results mix Pass/Fail and scores: 1 (not a score) does not count`}
		if diff := cmp.Diff(want, raws(judge(t, e, "success_rate >= 1").Warnings)); diff != "" {
			t.Errorf("%s: warnings (-want +got)\n%s", name, diff)
		}
	}
	for name, e := range map[string]Evidence{
		"by the run test": told("Pass/Fail", append(times(9, call("A", passing("e"))), call("A", numbering("e", 100)))...),
		"by most results": runOf(append(times(9, call("A", passing("e"))), call("A", scoring("e", 1)))...),
	} {
		holdLines(t, "passes "+name, e, Rules{}, []line{
			{"eval e: score >= 90", Met, ""}, {"eval e: score >= 91", NoData, ""}, {"eval e: pass_rate >= 91", NoData, ""}, {`eval e: share "Passed" >= 91`, NoData, ""},
		})
		if s := judge(t, e, "success_rate >= 1").Evals[0]; s.Results != 9 || s.Passed != 9 || s.Errored != 1 {
			t.Errorf("%s: got %+v", name, s)
		}
	}
}

func TestLabelsSoFarMayBeFollowedByAPass(t *testing.T) {
	t.Parallel()
	label := judged("e", "Pass/Fail", calls.EvalValue{Kind: calls.ValueChoices, Labels: []text.Untrusted{text.New("Rude")}})
	e := runOf(append(times(9, call("A", label)), call("A", unjudged("e", calls.EvalPending)))...)
	if !Awaits(e, Rules{Set: criteria.Set{Criteria: parsed(t, "pass_rate >= 95")}}) {
		t.Error("the result that may make it a Pass/Fail eval is not waited for")
	}
	choices := runOf(append(times(9, call("A", labelled("e", "Rude"))), call("A", unjudged("e", calls.EvalPending)))...)
	if Awaits(choices, Rules{Set: criteria.Set{Criteria: parsed(t, "pass_rate >= 95")}}) {
		t.Error("a label that decides nothing is waited for")
	}
}
