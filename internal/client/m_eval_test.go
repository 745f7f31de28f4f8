package client

import (
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/agent-gate/agent-gate/internal/text"
	"github.com/agent-gate/agent-gate/test/answers"
)

func TestPackedEvalsShareWhatIsAlike(t *testing.T) {
	t.Parallel()
	labels := func(names ...string) []text.Untrusted {
		var out []text.Untrusted
		for _, name := range names {
			out = append(out, text.New(name))
		}
		return out
	}
	base := EvalResult{
		ConfigID: answers.CallID(1), Name: text.New("tone"), Type: text.New("choices"), State: EvalScored,
		Value: EvalValue{Kind: ValueChoices, Labels: labels("Polite", "Brief")}, Reason: text.New("because"),
	}
	with := func(change func(*EvalResult)) EvalResult {
		r := base
		change(&r)
		return r
	}
	for _, c := range []struct {
		name   string
		result EvalResult
		shares bool // with base
	}{
		{"the same", base, true},
		{"another reason", with(func(r *EvalResult) { r.Reason = text.New("why not") }), true},
		{"another number", with(func(r *EvalResult) { r.Value.Number = 0.5 }), true},
		{"another second label", with(func(r *EvalResult) { r.Value.Labels = labels("Polite", "Long") }), false},
		{"a label less", with(func(r *EvalResult) { r.Value.Labels = labels("Polite") }), false},
		{"another eval", with(func(r *EvalResult) { r.ConfigID = answers.CallID(2) }), false},
		{"another name", with(func(r *EvalResult) { r.Name = text.New("Tone") }), false},
		{"another type", with(func(r *EvalResult) { r.Type = text.New("Choices") }), false},
		{"another state", with(func(r *EvalResult) { r.State = EvalErrored }), false},
		{"another kind", with(func(r *EvalResult) { r.Value.Kind = ValueText }), false},
		{"passed", with(func(r *EvalResult) { r.Value.Passed = true }), false},
		{"nothing", EvalResult{}, false},
	} {
		kept := packed(Call{Evals: []Eval{NewEval(base), NewEval(c.result)}}).At(0).Evals
		if diff := cmp.Diff([]EvalResult{base, c.result}, []EvalResult{kept[0].Result(), kept[1].Result()}, answers.SameText); diff != "" {
			t.Errorf("%s: (-want +got):\n%s", c.name, diff)
		}
		if got := kept[0].alike == kept[1].alike; got != c.shares {
			t.Errorf("%s: got shared %t, want %t", c.name, got, c.shares)
		}
		if !kept[1].Equal(NewEval(c.result)) {
			t.Errorf("%s: packed and new differ", c.name)
		}
	}
	if got := (Eval{}).Result(); !cmp.Equal(got, EvalResult{}, answers.SameText) {
		t.Errorf("the zero eval is %+v", got)
	}
}
