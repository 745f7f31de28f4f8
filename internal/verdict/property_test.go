package verdict

import (
	"flag"
	"fmt"
	"maps"
	"math/rand/v2"
	"reflect"
	"slices"
	"strings"
	"testing"

	"github.com/google/uuid"

	"github.com/agent-gate/agent-gate/internal/calls"
	"github.com/agent-gate/agent-gate/internal/criteria"
	"github.com/agent-gate/agent-gate/internal/text"
)

// RandomRuns is how many random runs the oracle is asked about. Each property is held against a tenth of them.
var RandomRuns = flag.Int("random-runs", 600, "how many random runs to judge")

// randomRun makes any run: all outcomes, values that are missing, evals of all kinds.
func randomRun(r *rand.Rand) Evidence {
	maybe := func(share float64, v float64) *float64 {
		if r.Float64() < share {
			return &v
		}
		return nil
	}
	plan := map[string]int{}
	statuses := []calls.Status{calls.Completed, calls.Completed, calls.Completed, calls.Failed, calls.Cancelled, calls.Ongoing}
	states := []calls.EvalState{calls.EvalScored, calls.EvalScored, calls.EvalScored, calls.EvalPending, calls.EvalErrored, calls.EvalSkipped, calls.EvalEmpty}
	list := make([]Call, r.IntN(30))
	for i := range list {
		c := &list[i]
		c.Scenario = text.New(string(rune('A' + r.IntN(4))))
		plan[c.Scenario.Raw()]++
		c.Status = statuses[r.IntN(len(statuses))]
		c.ProcessingSkipped = r.IntN(8) == 0
		if r.IntN(8) == 0 {
			crashed(c)
		}
		if r.IntN(15) == 0 {
			lost(c)
		}
		c.OverallScore = maybe(0.8, float64(r.IntN(101))/10)
		c.DurationSeconds = maybe(0.8, r.Float64()*300)
		c.ResponseSeconds = maybe(0.5, r.Float64())
		c.CostCents = maybe(0.5, float64(r.IntN(90)))
		if r.IntN(5) == 0 {
			rescued(c)
		}
		for _, e := range []func(*Call){
			passing("p"), failing("p"), scoring("s", r.Float64()), numbering("n", r.NormFloat64()), labelled("t", "x"), labelled("t", "y", "x"),
		} {
			if r.IntN(2) == 0 {
				e(c)
				change(&c.Evals[len(c.Evals)-1], func(e *calls.EvalResult) { e.State = states[r.IntN(len(states))] })
			}
		}
	}
	e := runOf(list...)
	if r.IntN(6) == 0 {
		e.Execution.Status = calls.ExecutionFailed
	}
	if r.IntN(2) == 0 {
		for _, name := range slices.Sorted(maps.Keys(plan)) {
			p := Planned{Name: text.New(name)}
			if r.IntN(4) > 0 {
				p.Calls = new(plan[name] + max(0, r.IntN(4)-2))
			}
			e.Plan = append(e.Plan, p)
		}
	}
	e.Evals = []calls.EvalConfig{{ID: id("p"), Name: text.New("p")}, {ID: id("late"), Name: text.New("late")}}
	return e
}

// randomRules makes rules of any few criteria.
func randomRules(t *testing.T, r *rand.Rand) Rules {
	t.Helper()
	lines := []string{
		"success_rate", "first_success_rate", "scored_rate", "flaky_rate", "overall_score", "overall_score.p10", "overall_score.median",
		"duration.p95", "duration.max", "response_time", "cost.sum", "total_calls", "failed_calls", "completed_calls", "flaky_calls",
		"each scenario: success_rate", "scenario A: overall_score", "eval p: pass_rate", "eval s: score", `eval t: share "x"`,
		"each eval: result_rate", "each eval: pass_rate", "each eval: score", "success_rate.change", "overall_score.change",
		"pass_rate", "first_pass_rate", "judged_rate", "lost_calls", "missing_calls", "each scenario: judged_rate", "each scenario: pass_rate",
		"duration.p95.change", "eval p: pass_rate.change", "each scenario: failed_calls.change",
	}
	ops := []string{">=", ">", "<=", "<", "=="}
	var input strings.Builder
	used := map[string]bool{}
	for range 1 + r.IntN(4) {
		line := lines[r.IntN(len(lines))] + " " + ops[r.IntN(len(ops))] + fmt.Sprintf(" %d", []int{0, 1, 5, 50, 80, 100}[r.IntN(6)])
		if !used[line] {
			input.WriteString(line + "\n")
			used[line] = true
		}
	}
	rules := Rules{Set: criteria.Set{Criteria: parsed(t, input.String())}, Confidence: 50 + 49*r.Float64()}
	if r.IntN(2) == 0 {
		rules.DecideOn = DecideOnInterval
	}
	rules.PlatformFails = r.IntN(4) == 0
	if r.IntN(2) == 0 {
		rules.Baseline = before(randomRun(r))
	}
	return rules
}

// forRandomRuns runs a property on many runs, each told by its seed.
func forRandomRuns(t *testing.T, property func(t *testing.T, r *rand.Rand, e Evidence, rules Rules)) {
	t.Helper()
	for seed := range uint64(*RandomRuns / 10) {
		r := rand.New(rand.NewPCG(seed, 1))
		e, rules := randomRun(r), randomRules(t, r)
		property(t, r, e, rules)
		if t.Failed() {
			t.Fatalf("with seed %d, criteria %v", seed, rules.Criteria)
		}
	}
}

func TestNoVerdictPassesUnlessEveryCheckIsMet(t *testing.T) {
	t.Parallel()
	seen := map[Kind]int{}
	forRandomRuns(t, func(t *testing.T, _ *rand.Rand, e Evidence, rules Rules) {
		v := Judge(e, rules)
		seen[v.Kind]++
		allMet := len(v.Checks) >= len(rules.Criteria)
		for _, c := range v.Checks {
			allMet = allMet && c.Outcome == Met && c.Value.Value != nil
		}
		for _, s := range v.Scenarios {
			allMet = allMet && (s.Counts.Judged > 0 || rules.BoundsJudged(s.Name.Raw()))
		}
		if (v.Kind == Pass) != allMet {
			t.Errorf("got %s, all met %v", v.Kind, allMet)
		}
		if (v.ExitCode(Policy{}) == 0) != (v.Kind == Pass) {
			t.Errorf("got exit code %d for %s", v.ExitCode(Policy{}), v.Kind)
		}
		if v.Reason.IsEmpty() || (v.Kind == Error) != (v.Cause != "") {
			t.Errorf("got %s, cause %q, reason %q", v.Kind, v.Cause, v.Reason.Raw())
		}
	})
	for _, k := range []Kind{Pass, Fail, Inconclusive, Error} {
		if seen[k] == 0 {
			t.Errorf("no random run came out as %s: %v", k, seen)
		}
	}
}

func TestJudgeDoesNotDependOnTheOrderOfCalls(t *testing.T) {
	t.Parallel()
	forRandomRuns(t, func(t *testing.T, r *rand.Rand, e Evidence, rules Rules) {
		want := Judge(e, rules)
		if again := Judge(e, rules); !reflect.DeepEqual(want, again) {
			t.Errorf("the same run again:\n%+v\n%+v", want, again)
		}
		shuffled := e
		list := callsOf(e.Calls)
		r.Shuffle(len(list), func(i, j int) { list[i], list[j] = list[j], list[i] })
		shuffled.Calls = pack(list...)
		shuffled.Evals = slices.Clone(e.Evals)
		slices.Reverse(shuffled.Evals)
		if b := rules.Baseline; b != nil {
			other := *b
			list := callsOf(b.Calls)
			slices.Reverse(list)
			other.Calls = pack(list...)
			rules.Baseline = &other
		}
		got := Judge(shuffled, rules)
		passed := map[uuid.UUID]PassState{}
		for i, p := range want.Passed {
			passed[e.Calls.ID(i)] = p
		}
		for i, p := range got.Passed {
			if id := shuffled.Calls.ID(i); p != passed[id] {
				t.Errorf("call %s: shuffled passed %d, want %d", id, p, passed[id])
			}
		}
		got.Passed = want.Passed
		if !reflect.DeepEqual(want, got) {
			t.Errorf("shuffled:\n%+v\n%+v", want, got)
		}
	})
}

func TestJudgeLeavesItsEvidenceAlone(t *testing.T) {
	t.Parallel()
	forRandomRuns(t, func(t *testing.T, _ *rand.Rand, e Evidence, rules Rules) {
		before := callsOf(e.Calls)
		Judge(e, rules)
		if !reflect.DeepEqual(before, callsOf(e.Calls)) {
			t.Error("the calls were changed")
		}
	})
}

func TestOneMoreSucceededCallNeverLowersTheSuccessRate(t *testing.T) {
	t.Parallel()
	forRandomRuns(t, func(t *testing.T, _ *rand.Rand, e Evidence, _ Rules) {
		rules := Rules{Set: criteria.Set{Criteria: []criteria.Criterion{criteria.MinSuccessRate(80)}}}
		was := Judge(e, rules)
		more := call("A", scored(9))
		more.ID, more.Attempts, more.FirstOutcome = uuid.Max, 1, Succeeded
		e.Calls = pack(append(callsOf(e.Calls), more)...)
		is := Judge(e, rules)
		old := 0.0
		if v := was.Metrics.SuccessRate.Value; v != nil {
			old = *v
		}
		if *is.Metrics.SuccessRate.Value < old || was.Kind == Pass && is.Kind != Pass {
			t.Errorf("%v became %v, %s became %s", old, *is.Metrics.SuccessRate.Value, was.Kind, is.Kind)
		}
	})
}

func TestOneFailureMoreNeverTurnsAFailIntoAPass(t *testing.T) {
	t.Parallel()
	forRandomRuns(t, func(t *testing.T, r *rand.Rand, e Evidence, _ Rules) {
		if e.Calls.Len() == 0 {
			return
		}
		rules := Rules{Set: criteria.Set{Criteria: parsed(t, "success_rate >= 50\nfirst_success_rate >= 40\nfailed_calls <= 9\neach scenario: success_rate >= 20")}}
		was := Judge(e, rules)
		alter(&e, r.IntN(e.Calls.Len()), func(c *Call) { c.Status, c.Attempts, c.FirstOutcome = calls.Failed, 1, Failed })
		if is := Judge(e, rules); was.Kind == Fail && is.Kind == Pass {
			t.Error("a failure turned a fail into a pass")
		}
	})
}

func TestIntervalsHoldTheirEstimates(t *testing.T) {
	t.Parallel()
	forRandomRuns(t, func(t *testing.T, _ *rand.Rand, e Evidence, rules Rules) {
		for _, c := range Judge(e, rules).Checks {
			v := c.Value
			if v.Value == nil {
				continue
			}
			const slack = 1e-9
			if v.Low != nil && *v.Low > *v.Value+slack || v.High != nil && *v.High < *v.Value-slack {
				t.Errorf("%s: %v is not in %v to %v", c.Criterion, *v.Value, v.Low, v.High)
			}
			if v.Unit == criteria.UnitPercent && (*v.Value > 100 || *v.Value < -100) {
				t.Errorf("%s: %v percent", c.Criterion, *v.Value)
			}
		}
	})
}

func TestDecidingByIntervalIsStricterThanByEstimate(t *testing.T) {
	t.Parallel()
	forRandomRuns(t, func(t *testing.T, _ *rand.Rand, e Evidence, rules Rules) {
		rules.DecideOn = DecideOnEstimate
		byEstimate := Judge(e, rules)
		rules.DecideOn = DecideOnInterval
		byInterval := Judge(e, rules)
		for i, c := range byInterval.Checks {
			if est := byEstimate.Checks[i].Outcome; c.Outcome == Met && est != Met || c.Outcome == NotMet && est != NotMet {
				t.Errorf("%s: %s by interval, %s by estimate", c.Criterion, c.Outcome, est)
			}
		}
	})
}

// hundredThousand is a run of 100,000 calls in 100 scenarios with four evals.
func hundredThousand() Evidence {
	r := rand.New(rand.NewPCG(1, 2))
	calls := make([]Call, 100_000)
	for i := range calls {
		c := call(fmt.Sprintf("scenario %d", i%100), scored(float64(1+r.IntN(10))), lasting(r.Float64()*300), costing(12),
			passing("polite"), scoring("grounded", r.Float64()), labelled("tone", "Polite"), numbering("length", r.NormFloat64()))
		if r.IntN(20) == 0 {
			failed(&c)
		}
		calls[i] = c
	}
	return runOf(calls...)
}

const manyCriteria = "success_rate >= 90\noverall_score >= 5\noverall_score.p10 >= 1\nduration.p95 <= 300\ncost.sum <= 2000000\n" +
	"each scenario: success_rate >= 50\neach scenario: overall_score >= 3\neach eval: result_rate >= 99\neval polite: pass_rate >= 98\n" +
	"eval grounded: score.median >= 40\nfailed_calls <= 1"

// It takes about half a second on one core of 2025; two seconds would be too long.
func BenchmarkJudgeOfAHundredThousandCalls(b *testing.B) {
	e, rules := hundredThousand(), Rules{Set: criteria.Set{Criteria: parsed(b, manyCriteria)}, DecideOn: DecideOnInterval}
	for b.Loop() {
		if v := Judge(e, rules); v.Kind != Fail {
			b.Fatal(v.Kind)
		}
	}
}
