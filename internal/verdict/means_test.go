package verdict

import (
	"math/rand/v2"
	"testing"

	"github.com/agent-gate/agent-gate/internal/calls"
	"github.com/agent-gate/agent-gate/internal/criteria"
)

// byInterval judges by intervals.
func byInterval(t *testing.T, e Evidence, input string) Verdict {
	t.Helper()
	return Judge(e, Rules{Set: criteria.Set{Criteria: parsed(t, input)}, DecideOn: DecideOnInterval})
}

func TestEqualValuesAreNotCertain(t *testing.T) {
	t.Parallel()
	// Eleven calls that all pass: at a true rate of 95 % that happens in more than half of the runs.
	e := runOf(times(11, call("A", scored(8), passing("p"), scoring("s", 1)))...)
	for _, line := range []string{"eval p: score >= 99", "eval p: pass_rate >= 99", "eval s: score >= 99", "overall_score >= 7.9"} {
		if c := only(t, byInterval(t, e, line)); c.Outcome != Undecided || *c.Value.High-*c.Value.Low < 1 {
			t.Errorf("%s: got %s (%s), want undecided", line, c.Outcome, c.Detail.Raw())
		}
	}
}

func TestAScoreOfAPassFailEvalIsItsPassRate(t *testing.T) {
	t.Parallel()
	pending := func(c *Call) {
		passing("p")(c)
		change(&c.Evals[0], func(e *calls.EvalResult) { e.State = calls.EvalErrored })
	}
	runs := map[string]Evidence{
		"all known":    runOf(all(times(17, call("A", passing("p"))), times(3, call("B", failing("p"))))...),
		"all passed":   runOf(times(5, call("A", passing("p")))...),
		"one call":     runOf(call("A", failing("p"))),
		"some unknown": runOf(all(times(15, call("A", passing("p"))), times(3, call("B", failing("p"))), times(2, call("B", pending)))...),
	}
	for name, e := range runs {
		for _, interval := range []DecideOn{DecideOnEstimate, DecideOnInterval} {
			for _, bound := range []string{"50", "75", "83", "85", "90", "99"} {
				rules := Rules{Set: criteria.Set{Criteria: parsed(t, "eval p: score >= "+bound+"\neval p: pass_rate >= "+bound)}, DecideOn: interval}
				v := Judge(e, rules)
				score, rate := v.Checks[0], v.Checks[1]
				if *score.Value.Low != *rate.Value.Low || *score.Value.High != *rate.Value.High || *score.Value.Value != *rate.Value.Value || score.Outcome != rate.Outcome || score.Unknown != rate.Unknown {
					t.Errorf("%s, by %s, %s: score %s, %v to %v; pass rate %s, %v to %v", name, interval, bound, score.Outcome, *score.Value.Low, *score.Value.High, rate.Outcome, *rate.Value.Low, *rate.Value.High)
				}
			}
		}
	}
}

func TestMeansOnAKnownRangeHaveGaffkesInterval(t *testing.T) {
	t.Parallel()
	cases := []struct {
		name      string
		e         Evidence
		line      string
		low, high float64 // -1 is not looked at
	}{
		// N. Gaffke's interval of 0 and 1 is Clopper and Pearson's.
		{"19 of 20", runOf(append(times(19, call("A", scoring("s", 1))), call("A", scoring("s", 0)))...), "eval s: score >= 2", 75.127, 99.873},
		{"20 of 20", runOf(times(20, call("A", scoring("s", 1)))...), "eval s: score >= 2", 83.157, 100},
		{"8 of 10", runOf(append(times(8, call("A", scored(10))), times(2, call("A", scored(1)))...)...), "overall_score >= 2", 1 + 9*0.44391, -1},
		{"from 0 where one occurs", runOf(append(times(8, call("A", scored(10))), times(2, call("A", scored(0)))...)...), "overall_score >= 2", 4.4391, -1},
	}
	for _, c := range cases {
		got := only(t, judge(t, c.e, c.line)).Value
		if d := *got.Low - c.low; d > 1e-3 || d < -1e-3 {
			t.Errorf("%s: got %v, want %v at the low end", c.name, *got.Low, c.low)
		}
		if d := *got.High - c.high; c.high >= 0 && (d > 1e-3 || d < -1e-3) {
			t.Errorf("%s: got %v, want %v at the high end", c.name, *got.High, c.high)
		}
	}
}

func TestMeansOnAKnownRangeStayWithinIt(t *testing.T) {
	t.Parallel()
	lines := []string{"overall_score >= 5", "eval s: score >= 50", "eval p: score >= 50"}
	forRandomRuns(t, func(t *testing.T, r *rand.Rand, e Evidence, rules Rules) {
		rules.Criteria, rules.Baseline = parsed(t, lines[r.IntN(len(lines))]), nil
		wider := rules
		rules.Confidence, wider.Confidence = 80, 95
		rules.IntervalFor = []IntervalFor{IntervalForSuite, IntervalForPopulation}[r.IntN(2)]
		wider.IntervalFor = rules.IntervalFor
		v, w := Judge(e, rules), Judge(e, wider)
		for i, c := range v.Checks {
			if c.Value.Low == nil || c.Value.High == nil {
				continue
			}
			low, high := 0.0, 10.0
			if rules.Criteria[0].Scope.Kind == criteria.ScopeEval {
				high = 100
			}
			outer := w.Checks[i].Value
			if *c.Value.Low < low || *c.Value.High > high || *c.Value.High <= *c.Value.Low {
				t.Errorf("%s: %v to %v", c.Criterion, *c.Value.Low, *c.Value.High)
			}
			if *outer.Low > *c.Value.Low+1e-9 || *outer.High < *c.Value.High-1e-9 {
				t.Errorf("%s: at 95 %% %v to %v, at 80 %% %v to %v", c.Criterion, *outer.Low, *outer.High, *c.Value.Low, *c.Value.High)
			}
		}
	})
}

func TestTheMeanThatAFlipNamesIsTheOneThatDecides(t *testing.T) {
	t.Parallel()
	r := rand.New(rand.NewPCG(3, 16))
	tried := 0
	for range 100 {
		scores := make([]float64, 8+r.IntN(20))
		list := make([]Call, len(scores))
		run := func(by float64) Evidence {
			for i, v := range scores {
				list[i] = call("A", scored(min(max(v+by, 1), 10)))
			}
			return runOf(list...)
		}
		for i := range scores {
			scores[i] = 4 + 2*r.Float64()
		}
		line := []string{"overall_score >= 6", "overall_score <= 4", "overall_score >= 3"}[r.IntN(3)]
		rules := Rules{Set: criteria.Set{Criteria: parsed(t, line)}, DecideOn: DecideOnInterval}
		e := run(0)
		j := newJudgement(e, rules)
		j.check(0, rules.Criteria[0])
		f := j.findings[0]
		wanted, less := Met, f.wantsLess()
		if f.Outcome == Met {
			wanted, less = Undecided, !less
		}
		by, ok := j.shift(f, less, func(o CheckOutcome) bool { return (o == Met) == (wanted == Met) })
		if !ok || by > 3.9 || by < -2.9 { // beyond, values are cut at the ends of the scale
			continue
		}
		tried++
		far, near := Judge(run(by*1.01), rules).Checks[0].Outcome, Judge(run(by*0.99), rules).Checks[0].Outcome
		if (far == Met) != (wanted == Met) || (near == Met) == (wanted == Met) {
			t.Errorf("%s, %s, moved by %v: %s just before, %s just after", line, f.Outcome, by, near, far)
		}
	}
	if tried < 50 {
		t.Errorf("only %d runs were tried", tried)
	}
}

func TestAFewEqualTimesSayNothingOfTheirSpread(t *testing.T) {
	t.Parallel()
	e := runOf(times(10, call("A", lasting(60), numbering("n", 5)))...)
	for _, line := range []string{"duration <= 100", "eval n: score <= 100"} {
		if c := only(t, byInterval(t, e, line)); c.Outcome != Undecided || c.Value.Low != nil || c.Value.High != nil {
			t.Errorf("%s: got %s (%s), want no interval", line, c.Outcome, c.Detail.Raw())
		}
	}
}
