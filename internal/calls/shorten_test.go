package calls

import (
	"strings"
	"testing"

	"github.com/agent-gate/agent-gate/internal/text"
)

func TestValuesThatAreTextsAreCutAsReasonsAre(t *testing.T) {
	t.Parallel()
	long := text.New(strings.Repeat("words ", 200))
	said := EvalResult{State: EvalScored, Value: EvalValue{Kind: ValueText, Labels: []text.Untrusted{long}}}
	chosen := EvalResult{State: EvalScored, Value: EvalValue{Kind: ValueChoices, Labels: []text.Untrusted{long}}}
	call := Call{Evals: []Eval{NewEval(said), NewEval(chosen)}}
	if n := Shorten([]Call{call}, 500); n != 1 {
		t.Errorf("%d texts were cut, want 1", n)
	}
	if got := call.Evals[0].Value().Labels[0].Raw(); len(got) != 480+len("…") {
		t.Errorf("%d bytes of a text are left", len(got))
	}
	if got := call.Evals[1].Value().Labels[0]; got != long {
		t.Error("a label was cut, by which the call is judged")
	}
}

func TestReasonsOfManyCallsAreCut(t *testing.T) {
	t.Parallel()
	long, short := strings.Repeat("because ", 60), "because "
	yes := EvalResult{State: EvalScored, Value: EvalValue{Kind: ValuePass, Passed: true}}
	no, lost := EvalResult{State: EvalScored, Value: EvalValue{Kind: ValuePass}}, EvalResult{State: EvalErrored}
	for _, c := range []struct {
		name    string
		share   int
		results []EvalResult
		reasons []string
		want    []int // bytes left of each
	}{
		{"there is room for all", 5000, []EvalResult{yes, no, lost}, []string{long, long, long}, []int{480, 480, 480}},
		{"one no goes before a yes", 1000, []EvalResult{yes, no, yes}, []string{long, long, long}, []int{230, 480, 230}},
		{"what is missing is a no", 700, []EvalResult{yes, lost}, []string{long, long}, []int{180, 480}},
		{"what a short one leaves is for the others", 800, []EvalResult{no, no}, []string{short, long}, []int{8, 480}},
		{"too little is nothing", 550, []EvalResult{no, yes}, []string{long, long}, []int{480, 0}},
		{"a hundred thousand calls", 83, []EvalResult{no, yes, yes}, []string{long, long, long}, []int{63, 0, 0}},
		{"no reason", 0, []EvalResult{no}, []string{""}, []int{0}},
	} {
		t.Run(c.name, func(t *testing.T) {
			t.Parallel()
			calls := make([]Call, 2)
			for i := range calls {
				calls[i].EndedReason, calls[i].SkipReason = text.New(long), text.New(short)
				for k, r := range c.results {
					r.Reason = text.New(c.reasons[k])
					calls[i].Evals = append(calls[i].Evals, NewEval(r))
				}
			}
			Shorten(calls, c.share)
			for _, call := range calls {
				if got := len(call.EndedReason.Raw()); got != min(len(long), max(c.share, 100)+len("…")) || call.SkipReason.Raw() != short {
					t.Errorf("%d bytes are left of why it ended, and it was skipped because %q", got, call.SkipReason.Raw())
				}
				for k, e := range call.Evals {
					got := strings.TrimSuffix(e.Reason.Raw(), "…")
					if len(got) != c.want[k] || !strings.HasPrefix(c.reasons[k], got) {
						t.Errorf("eval %d: got %d bytes of its reason, want %d", k, len(got), c.want[k])
					}
				}
			}
		})
	}
}
