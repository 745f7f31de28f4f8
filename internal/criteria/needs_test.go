package criteria

import "testing"

func TestNeedsBaseline(t *testing.T) {
	t.Parallel()
	cases := map[string]bool{
		"success_rate >= 2":                false,
		"eval x: score >= 2":               false,
		"success_rate.change >= 1":         true,
		"eval x: pass_rate.change >= 1":    true,
		"overall_score.p10.change >= -0.5": true,
	}
	for line, want := range cases {
		// Another criterion must not hide what the one needs.
		r := Set{Criteria: written(t, "failed_calls <= 3\n"+line)}
		if got := r.NeedsBaseline(); got != want {
			t.Errorf("%s: got %v", line, got)
		}
	}
	if (Set{}).NeedsBaseline() {
		t.Error("no criteria need something")
	}
}

func TestWhatARuleLooksAt(t *testing.T) {
	t.Parallel()
	when := []Condition{{Kind: ConditionPassed, Eval: "e"}}
	for _, c := range []struct {
		criteria string
		when     []Condition
		want     bool
	}{
		{"success_rate >= 90", nil, false}, {"eval e: pass_rate >= 90", nil, true}, {"eval f: pass_rate >= 90", nil, false}, {"each eval: result_rate >= 90", nil, true},
		{"pass_rate >= 90", nil, true}, {"first_pass_rate >= 90", nil, true}, {"pass_rate >= 90", when, true}, {"success_rate >= 90", when, false},
		{"pass_rate >= 90", []Condition{{Kind: ConditionPassed, Eval: "f"}}, false},
	} {
		if got := (Set{Criteria: written(t, c.criteria), PassWhen: c.when}).LooksAtEval("e"); got != c.want {
			t.Errorf("%s, %+v: got %t, want %t", c.criteria, c.when, got, c.want)
		}
	}
}

func TestRulesKnowWhatCanBeLost(t *testing.T) {
	t.Parallel()
	for line, want := range map[string][2]int{
		"success_rate >= 90":                   {1, 0},
		"success_rate <= 90":                   {0, 0},
		"each scenario: success_rate >= 90":    {0, 1},
		"each scenario: overall_score >= 9":    {0, 0},
		"overall_score.min >= 9":               {0, 1},
		`scenario "a": failed_calls <= 1`:      {0, 1},
		"each eval: pass_rate >= 90":           {0, 1},
		"scenario a: success_rate.change >= 0": {0, 0},
	} {
		counted, byCalls := (Set{Criteria: written(t, line)}).CanBeLost()
		if got := [2]int{len(counted), len(byCalls)}; got != want {
			t.Errorf("%s: got %d, want %d", line, got, want)
		}
	}
}
