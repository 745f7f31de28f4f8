package verdict

import (
	"math/rand/v2"
	"testing"

	"github.com/agent-gate/agent-gate/internal/criteria"
)

// A sample that meets both of two criteria shows that they do not exclude each other.
func TestNoSampleMeetsCriteriaThatExcludeEachOther(t *testing.T) {
	t.Parallel()
	stats := []string{"", ".median", ".min", ".max", ".p01", ".p10", ".p50", ".p51", ".p90", ".p99"}
	ops := []string{">=", ">", "<=", "<", "=="}
	found := 0
	for seed := range uint64(4000) {
		r := rand.New(rand.NewPCG(seed, 7))
		pick := func(all []string) string { return all[r.IntN(len(all))] }
		line := func() string {
			return "overall_score" + pick(stats) + " " + pick(ops) + " " + criteria.FormatBound(1+float64(r.IntN(8)))
		}
		a, b := line(), line()
		if a == b {
			continue
		}
		rules := Rules{Set: criteria.Set{Criteria: parsed(t, a+"\n"+b)}}
		if len(rules.Mistakes()) == 0 {
			continue
		}
		found++
		for range 5 {
			calls := make([]Call, 1+r.IntN(6))
			for i := range calls {
				calls[i] = call("A", scored(float64(1+r.IntN(9))))
			}
			if v := Judge(runOf(calls...), rules); v.Kind == Pass {
				t.Fatalf("seed %d: a run passes %s and %s", seed, a, b)
			}
		}
	}
	if found < 100 {
		t.Errorf("only %d pairs excluded each other", found)
	}
}
