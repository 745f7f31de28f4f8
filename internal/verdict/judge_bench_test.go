package verdict

import (
	"fmt"
	"math/rand/v2"
	"runtime"
	"testing"

	"github.com/agent-gate/agent-gate/internal/calls"
	"github.com/agent-gate/agent-gate/internal/criteria"
	"github.com/agent-gate/agent-gate/internal/text"
)

// largeRun is a run of n calls of 40 scenarios with 5 evals each.
func largeRun(n int, seed uint64) Evidence {
	random := rand.New(rand.NewPCG(seed, 1))
	list := make([]Call, 0, n)
	for i := range n {
		c := call(fmt.Sprintf("Scenario %d", i*40/n),
			scored(float64(random.IntN(19))/2), lasting(30+200*random.Float64()), answering(random.Float64()), costing(12),
			judged("is_polite", "Pass/Fail", calls.EvalValue{Kind: calls.ValuePass, Passed: random.IntN(10) > 0}),
			judged("groundedness", "score", calls.EvalValue{Kind: calls.ValueScore, Number: random.Float64()}),
			judged("tone", "choices", calls.EvalValue{Kind: calls.ValueChoices, Labels: []text.Untrusted{text.New("Polite")}}),
			judged("words", "numeric", calls.EvalValue{Kind: calls.ValueNumeric, Number: float64(random.IntN(100))}),
			judged("solved", "score", calls.EvalValue{Kind: calls.ValueScore, Number: float64(random.IntN(5)) / 4, Labels: []text.Untrusted{text.New("Good")}}))
		if random.IntN(20) == 0 {
			failed(&c)
		}
		list = append(list, c)
	}
	return runOf(list...)
}

// largeRules are criteria of all kinds.
func largeRules(tb testing.TB, baseline *Baseline) Rules {
	tb.Helper()
	wanted, err := criteria.Parse(`success_rate >= 95
overall_score >= 4
overall_score.p10 >= 0.5
each scenario: success_rate >= 80
each scenario: overall_score >= 3
eval "is_polite": pass_rate >= 70
eval "groundedness": score >= 20
eval "tone": share "Polite" >= 90
each eval: result_rate >= 95
failed_calls <= 2
duration.p95 <= 180 s
success_rate.change >= -5
overall_score.change >= -1
eval "groundedness": score.change >= -5`)
	if err != nil {
		tb.Fatal(err)
	}
	return Rules{Set: criteria.Set{Criteria: wanted}, Baseline: baseline}
}

// TestJudgingTakesLittleMemory bounds what is allocated for a call: mostly its values, sorted
// for each check.
//
//nolint:paralleltest // other tests would be counted too
func TestJudgingTakesLittleMemory(t *testing.T) {
	const calls, most = 5000, 750
	e := largeRun(calls, 1)
	rules := largeRules(t, nil)
	rules.Criteria = rules.Criteria[:11]
	var before, after runtime.MemStats
	runtime.ReadMemStats(&before)
	Judge(e, rules)
	runtime.ReadMemStats(&after)
	got := (after.TotalAlloc - before.TotalAlloc) / calls
	t.Logf("%d bytes a call", got)
	if got > most {
		t.Errorf("got %d bytes a call, at most %d are allowed", got, most)
	}
}

func BenchmarkJudge(b *testing.B) {
	for _, n := range []int{1000, 100_000} {
		now, before := largeRun(n, 1), largeRun(n, 2)
		for _, way := range []struct {
			name     string
			baseline *Baseline
		}{{"alone", nil}, {"beside a baseline", &Baseline{Execution: before.Execution, Calls: before.Calls}}} {
			rules := largeRules(b, way.baseline)
			if way.baseline == nil {
				rules.Criteria = rules.Criteria[:11]
			}
			b.Run(fmt.Sprintf("%d calls %s", n, way.name), func(b *testing.B) {
				b.ReportAllocs()
				for b.Loop() {
					if v := Judge(now, rules); v.Kind != Fail {
						b.Fatalf("got %s: %s", v.Kind, v.Reason)
					}
				}
			})
		}
	}
}
