package client

import (
	"encoding/json"
	"math"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/agent-gate/agent-gate/internal/text"
	"github.com/agent-gate/agent-gate/test/answers"
)

func labels(s ...string) []text.Untrusted {
	var out []text.Untrusted
	for _, l := range s {
		out = append(out, text.New(l))
	}
	return out
}

func TestEvalStateComesFromValueAndFlags(t *testing.T) {
	t.Parallel()
	cases := []struct {
		name, raw string
		want      EvalState
	}{
		{"not finished", `{}`, EvalPending},
		{"null for it", `null`, EvalPending},
		{"finished", `{"value": "Passed", "type": "Pass/Fail", "error": false, "status": "completed", "skipped": false}`, EvalScored},
		{"finished, status capitalised", `{"value": "Passed", "type": "Pass/Fail", "error": false, "status": "Completed", "skipped": false}`, EvalScored},
		{"without flags", `{"value": "Passed", "type": "Pass/Fail"}`, EvalScored},
		{"error flag", `{"value": null, "type": "score", "error": true, "status": "completed"}`, EvalErrored},
		{"error flag with a value", `{"value": "Passed", "type": "Pass/Fail", "error": true}`, EvalErrored},
		{"error as text", `{"value": "Passed", "error": "error"}`, EvalErrored},
		{"status error", `{"value": null, "error": false, "status": "error"}`, EvalErrored},
		{"status Failed", `{"value": "Passed", "error": false, "status": "Failed"}`, EvalErrored},
		{"skipped flag", `{"value": null, "type": null, "error": false, "status": "skipped", "skipped": true}`, EvalSkipped},
		{"skipped by status", `{"value": "Passed", "status": "skipped"}`, EvalSkipped},
		{"null without an error", `{"value": null, "type": "score", "error": false, "status": "completed", "skipped": false}`, EvalEmpty},
		{"no value at all", `{"name": "x"}`, EvalEmpty},
		{"empty string", `{"value": " ", "type": "Pass/Fail"}`, EvalEmpty},
		{"score that is no number", `{"value": "n/a", "type": "score"}`, EvalEmpty},
		{"too large for a number", `{"value": 1e999, "type": "score"}`, EvalEmpty},
		{"no choice", `{"value": [], "type": "choices"}`, EvalEmpty},
		{"object without a score", `{"value": {"x": 1}, "type": "score"}`, EvalEmpty},
		{"fields of the wrong types", `{"value": 0.5, "type": 7, "name": [], "status": null}`, EvalScored},
		{"marks that say no", `{"value": 0.5, "error": 0, "skipped": "False", "status": " COMPLETED "}`, EvalScored},
		{"marks that are not there", `{"value": 0.5, "error": null, "skipped": false}`, EvalScored},
		{"error is an empty list", `{"value": "Passed", "error": []}`, EvalEmpty},
		{"error is an empty object", `{"value": "Passed", "error": {}}`, EvalEmpty},
		{"error is an empty text", `{"value": "Passed", "error": " "}`, EvalEmpty},
		{"skipped is an empty list", `{"value": "Passed", "skipped": []}`, EvalEmpty},
		{"skipped is an empty object", `{"value": "Passed", "skipped": {}}`, EvalEmpty},
		{"skipped is an empty text", `{"value": "Passed", "skipped": ""}`, EvalEmpty},
		{"error says what went wrong", `{"value": "Passed", "error": {"code": 1}}`, EvalErrored},
		{"skipped although error is not clear", `{"value": "Passed", "error": [], "skipped": true}`, EvalSkipped},
		{"skipped says yes", `{"value": "Passed", "type": "Pass/Fail", "skipped": "yes"}`, EvalSkipped},
		{"skipped is true as a text", `{"value": "Passed", "skipped": "true"}`, EvalSkipped},
		{"skipped is one", `{"value": "Passed", "skipped": 1}`, EvalSkipped},
		{"skipped is no mark", `{"value": "Passed", "skipped": "no"}`, EvalSkipped},
		{"skipped is not a number", `{"value": "Passed", "skipped": NaN}`, EvalScored},
		{"error is no mark", `{"value": "Passed", "error": "maybe"}`, EvalErrored},
		{"a status that the API does not know", `{"value": "Passed", "status": "in_review"}`, EvalEmpty},
		{"a status that is no word", `{"value": "Passed", "status": 1}`, EvalEmpty},
		{"not a number", `{"value": NaN, "type": "score"}`, EvalEmpty},
		{"not a choice", `{"value": NaN, "type": "choices"}`, EvalEmpty},
		{"infinite in a choice", `{"value": [-Infinity], "type": "choices"}`, EvalEmpty},
		{"an infinite score of a choice", `{"value": {"score": Infinity}, "type": "score"}`, EvalEmpty},
		{"not a number as a whole", `NaN`, EvalPending},
	}
	for _, c := range cases {
		t.Run(c.name, func(t *testing.T) {
			t.Parallel()
			if got := readEval(json.RawMessage(c.raw), noSecrets()); got.State != c.want {
				t.Errorf("got %q (%+v), want %q", got.State, got.Value, c.want)
			}
		})
	}
}

func TestEvalValueOfEveryType(t *testing.T) {
	t.Parallel()
	passed, failed := EvalValue{Kind: ValuePass, Passed: true}, EvalValue{Kind: ValuePass}
	score := func(n float64, l ...string) EvalValue {
		return EvalValue{Kind: ValueScore, Number: n, Labels: labels(l...)}
	}
	choices := func(l ...string) EvalValue { return EvalValue{Kind: ValueChoices, Labels: labels(l...)} }
	cases := []struct {
		name, typ, raw string
		want           EvalValue
	}{
		{"passed", "Pass/Fail", `"Passed"`, passed},
		{"passed in capitals", "Pass/Fail", `"PASSED"`, passed},
		{"failed", "Pass/Fail", `"failed"`, failed},
		{"true", "Pass/Fail", `true`, passed},
		{"false", "Pass/Fail", `false`, failed},
		{"true as text", "Pass/Fail", `"True"`, passed},
		{"one", "Pass/Fail", `1`, passed},
		{"zero", "Pass/Fail", `0.0`, failed},
		{"neither one nor zero", "Pass/Fail", `0.5`, EvalValue{}},
		{"choice of a deterministic template", "Pass/Fail", `"self_service"`, choices("self_service")},
		{"several such choices", "Pass/Fail", `["self_service", "human_agent"]`, choices("self_service", "human_agent")},
		{"passed in a list", "Pass/Fail", `["Passed"]`, passed},
		{"score", "score", `0.82`, score(0.82)},
		{"score of zero", "score", `0.0`, score(0)},
		{"score as text", "score", `"0.5"`, score(0.5)},
		{"score a rounding above one", "score", `1.0000000001`, score(1)},
		{"score with its choice", "score", `{"score": 0.75, "choice": "Good"}`, score(0.75, "Good")},
		{"score with its choices", "score", `{"score": 0.75, "choices": ["Resolved", "Refunded"]}`, score(0.75, "Resolved", "Refunded")},
		{"score null with its choice", "score", `{"score": null, "choice": "Good"}`, choices("Good")},
		{"score outside of 0-1", "score", `85`, EvalValue{Kind: ValueNumeric, Number: 85}},
		{"score that is passed", "score", `"Passed"`, passed},
		{"not a score", "score", `"NaN"`, EvalValue{}},
		{"choices", "choices", `["Polite", "Concise"]`, choices("Polite", "Concise")},
		{"choices of numbers", "choices", `[1, 2.5, true, null, {}, []]`, choices("1", "2.5", "true")},
		{"one choice", "choices", `"Polite"`, choices("Polite")},
		{"one choice that is a number", "choices", `3`, choices("3")},
		{"a choice called Passed", "choices", `"Passed"`, choices("Passed")},
		{"scored choice", "choices", `{"score": 0.6, "choices": ["a"]}`, score(0.6, "a")},
		{"numeric", "numeric", `1342.5`, EvalValue{Kind: ValueNumeric, Number: 1342.5}},
		{"numeric between zero and one", "numeric", `0.5`, EvalValue{Kind: ValueNumeric, Number: 0.5}},
		{"numeric below zero", "numeric", `-3`, EvalValue{Kind: ValueNumeric, Number: -3}},
		{"reason", "reason", `"Free text."`, EvalValue{Kind: ValueText, Labels: labels("Free text.")}},
		{"reason that reads like a verdict", "reason", `"Passed"`, EvalValue{Kind: ValueText, Labels: labels("Passed")}},
		{"no type, verdict", "", `"Passed"`, passed},
		{"no type, number", "", `0.8`, EvalValue{Kind: ValueNumeric, Number: 0.8}},
		{"no type, list", "", `["a"]`, choices("a")},
		{"no type, text", "", `"anything"`, EvalValue{Kind: ValueText, Labels: labels("anything")}},
		{"null", "Pass/Fail", `null`, EvalValue{}},
	}
	for _, c := range cases {
		t.Run(c.name, func(t *testing.T) {
			t.Parallel()
			entry, err := json.Marshal(map[string]any{"value": json.RawMessage(c.raw), "type": c.typ})
			if err != nil {
				t.Fatal(err)
			}
			if diff := cmp.Diff(c.want, readEval(entry, noSecrets()).Value, answers.SameText); diff != "" {
				t.Errorf("(-want +got):\n%s", diff)
			}
		})
	}
}

func TestEvalsAreOrderedAndNamed(t *testing.T) {
	t.Parallel()
	kept := readEvals(json.RawMessage(`{
		"cee593dd-84b8-422f-9105-674222e6052f": {"value": "Passed", "type": "Pass/Fail", "name": "b", "reason": "because"},
		"4f1121eb-08dc-4426-8682-f565a2fcf64f": {"output": ["x"], "output_type": "choices", "name": "a"},
		"by name": "Failed",
		"8a0401b9-30e1-4bb4-a248-947fee185bb6": {}
	}`), noSecrets())
	var got []EvalResult
	for _, e := range kept {
		got = append(got, e.Result())
	}
	want := []EvalResult{
		{ConfigID: words("8a0401b9-30e1-4bb4-a248-947fee185bb6").id(), State: EvalPending},
		{ConfigID: words("4f1121eb-08dc-4426-8682-f565a2fcf64f").id(), Name: text.New("a"), Type: text.New("choices"),
			State: EvalScored, Value: EvalValue{Kind: ValueChoices, Labels: labels("x")}},
		{ConfigID: words("cee593dd-84b8-422f-9105-674222e6052f").id(), Name: text.New("b"), Type: text.New("Pass/Fail"),
			State: EvalScored, Value: EvalValue{Kind: ValuePass, Passed: true}, Reason: text.New("because")},
		{Name: text.New("by name"), State: EvalScored, Value: EvalValue{Kind: ValuePass}},
	}
	if diff := cmp.Diff(want, got, answers.SameText); diff != "" {
		t.Errorf("(-want +got):\n%s", diff)
	}
	for _, raw := range []string{`null`, `[]`, `"x"`, ``} {
		if got := readEvals(json.RawMessage(raw), noSecrets()); got != nil {
			t.Errorf("%q: got %v, want none", raw, got)
		}
	}
}

func TestAbsurdSizesAreCut(t *testing.T) {
	t.Parallel()
	long, err := json.Marshal(strings.Repeat("x", 3*maxText))
	if err != nil {
		t.Fatal(err)
	}
	many := strings.Repeat(`"y",`, 5*maxLabels)
	e := readEval(json.RawMessage(`{"value": [`+many+string(long)+`], "type": "choices", "reason": `+string(long)+`}`), noSecrets())
	if got := len(e.Reason.Raw()); got != maxText+len("…") {
		t.Errorf("got a reason of %d bytes", got)
	}
	if got := len(e.Value.Labels); got != maxLabels {
		t.Errorf("got %d labels, want %d", got, maxLabels)
	}
}

func FuzzEvalValue(f *testing.F) {
	for _, s := range []string{
		`{}`, `{"value":"Passed","type":"Pass/Fail"}`, `{"value":{"score":0.5,"choice":"x"},"type":"score"}`,
		`{"value":[1,"a"],"type":"choices","error":false}`, `{"value":1e999,"type":"numeric"}`, `{"output":true}`, `"Passed"`, `[[]]`,
	} {
		f.Add([]byte(s))
	}
	f.Fuzz(func(t *testing.T, raw []byte) {
		if !json.Valid(raw) {
			return
		}
		e := readEval(json.RawMessage(raw), noSecrets())
		if (e.State == EvalScored) != (e.Value.Kind != ValueNone) {
			t.Errorf("state %q with value %+v", e.State, e.Value)
		}
		v := e.Value
		if math.IsNaN(v.Number) || math.IsInf(v.Number, 0) {
			t.Errorf("got number %v", v.Number)
		}
		if v.Kind == ValueScore && (v.Number < 0 || v.Number > 1) {
			t.Errorf("got score %v", v.Number)
		}
		if (v.Kind == ValueChoices || v.Kind == ValueText) && len(v.Labels) == 0 {
			t.Error("labels without a label")
		}
		if v.Passed && v.Kind != ValuePass {
			t.Errorf("passed, but %q", v.Kind)
		}
	})
}
