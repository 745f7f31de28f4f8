package verdict

import (
	"fmt"
	"math/rand/v2"
	"strings"
	"testing"

	"github.com/agent-gate/agent-gate/internal/calls"
	"github.com/agent-gate/agent-gate/internal/criteria"
	"github.com/agent-gate/agent-gate/internal/stats"
	"github.com/agent-gate/agent-gate/internal/text"
)

// inScenarios are so many scenarios of so many calls each.
func inScenarios(scenarios, calls int, how func(scenario, call int) Call) Evidence {
	var list []Call
	for s := range scenarios {
		for c := range calls {
			one := how(s, c)
			one.Scenario = text.New(fmt.Sprintf("S%02d", s))
			list = append(list, one)
		}
	}
	return runOf(list...)
}

// population are rules with intervals over scenarios.
func population(t *testing.T, input string) Rules {
	t.Helper()
	return Rules{Set: criteria.Set{Criteria: parsed(t, input)}, DecideOn: DecideOnInterval, IntervalFor: IntervalForPopulation}
}

// oneBroken is ten scenarios of five calls, of which all calls of the first fail.
func oneBroken() Evidence {
	return inScenarios(10, 5, func(s, _ int) Call {
		if s == 0 {
			return call("", failed)
		}
		return call("", scored(8), passing("p"))
	})
}

func TestIntervalsForThePopulationAreOverScenarios(t *testing.T) {
	t.Parallel()
	e := oneBroken()
	counts := []stats.Count{{Hits: 0, Total: 5}}
	for range 9 {
		counts = append(counts, stats.Count{Hits: 5, Total: 5})
	}
	v := Judge(e, population(t, "success_rate >= 50"))
	want := stats.Percent(stats.RateOver(counts, 0.95))
	c := only(t, v)
	near(t, "low", *c.Value.Low, want.Low)
	near(t, "high", *c.Value.High, want.High)
	near(t, "headline", *v.Metrics.SuccessRate.Low, want.Low)
	// Forty-five of fifty calls are 78 to 96 % if they are independent.
	if *c.Value.Low > 65 {
		t.Errorf("got %v, want much less than for independent calls", *c.Value.Low)
	}
	// Of one scenario the interval is about that scenario.
	c = only(t, Judge(e, population(t, `scenario "S01": success_rate >= 50`)))
	near(t, "one scenario", *c.Value.Low, stats.Percent(stats.Wilson(5, 5, 0.95)).Low)
	if c := only(t, Judge(e, population(t, "success_rate >= 95"))); c.Outcome != Undecided || !strings.HasSuffix(c.Detail.Raw(), "more scenarios are needed to decide") {
		t.Errorf("got %s (%s)", c.Outcome, c.Detail.Raw())
	}
}

func TestAPopulationNeedsASample(t *testing.T) {
	t.Parallel()
	good := func(int, int) Call { return call("", scored(8), lasting(60), passing("p")) }
	few := inScenarios(9, 5, good)
	large := runOf(append(callsOf(inScenarios(10, 2, good).Calls), times(10, call("S00", scored(8), lasting(60), passing("p")))...)...)
	tooFew := "interval-for: population needs at least 10 scenarios with calls, and there are 9: use interval-for: suite"
	tooLarge := `interval-for: population needs scenarios with at most 30% of the calls each, and "S00" has 12 of 30: use interval-for: suite`
	for _, line := range []string{"success_rate >= 50", "overall_score >= 2", "duration <= 900", "eval p: pass_rate >= 50", "eval p: score >= 50", "each eval: result_rate >= 50"} {
		for _, on := range []DecideOn{DecideOnEstimate, DecideOnInterval} {
			rules := population(t, line)
			rules.DecideOn = on
			for _, run := range []struct {
				e    Evidence
				want string
			}{{few, tooFew}, {large, tooLarge}} {
				v := Judge(run.e, rules)
				if c := only(t, v); c.Outcome != NoData || c.Detail.Raw() != run.want || v.Kind != Error {
					t.Errorf("%s by %s: got %s (%s)", line, on, c.Outcome, c.Detail.Raw())
				}
				if m := v.Metrics.SuccessRate; m.Value == nil || m.Low != nil {
					t.Errorf("%s: got a success rate of %v from %v, want a value without an interval", line, m.Value, m.Low)
				}
			}
		}
	}
	// What has no interval over scenarios is judged all the same.
	for _, line := range []string{"failed_calls <= 1", "duration.p95 <= 900", "overall_score.min >= 2", "each scenario: success_rate >= 40", `scenario "S01": overall_score >= 2`} {
		rules := population(t, line)
		rules.DecideOn = DecideOnEstimate
		if v := Judge(few, rules); v.Kind != Pass {
			t.Errorf("%s: got %s (%s)", line, v.Kind, v.Reason.Raw())
		}
	}
}

func TestAPopulationIsRefusedBeforeTheStart(t *testing.T) {
	t.Parallel()
	plan := func(calls ...int) (all []Planned) {
		for i, n := range calls {
			p := Planned{Name: text.New(fmt.Sprintf("S%02d", i)), Calls: &n}
			if n == 0 {
				p.Calls = nil
			}
			all = append(all, p)
		}
		return all
	}
	cases := []struct {
		name    string
		plan    []Planned
		line    string
		refused bool
	}{
		{"nothing known", nil, "success_rate >= 50", false},
		{"nine", plan(1, 1, 1, 1, 1, 1, 1, 1, 1), "success_rate >= 50", true},
		{"nine of unknown size", plan(0, 0, 0, 0, 0, 0, 0, 0, 0), "success_rate >= 50", true},
		{"ten", plan(1, 1, 1, 1, 1, 1, 1, 1, 1, 1), "success_rate >= 50", false},
		{"ten of unknown size", plan(0, 9, 1, 1, 1, 1, 1, 1, 1, 1), "success_rate >= 50", false},
		{"a large one", plan(5, 1, 1, 1, 1, 1, 1, 1, 1, 1), "success_rate >= 50", true},
		{"nearly too large", plan(3, 1, 1, 1, 1, 1, 1, 1, 0+1, 1), "success_rate >= 50", false},
		{"nothing over scenarios", plan(1), "failed_calls <= 2\neach scenario: success_rate >= 50\noverall_score.p10 >= 3", false},
		{"a mean", plan(1), "overall_score >= 5", true},
	}
	for _, c := range cases {
		rules := population(t, c.line)
		if got := rules.NotASample(c.plan); got.IsEmpty() == c.refused {
			t.Errorf("%s: got %q, want refused: %t", c.name, got.Raw(), c.refused)
		}
		rules.IntervalFor = IntervalForSuite
		if got := rules.NotASample(c.plan); !got.IsEmpty() {
			t.Errorf("%s: got %q for the suite", c.name, got.Raw())
		}
	}
}

func TestAToleranceSpeaksOfTheseScenarios(t *testing.T) {
	t.Parallel()
	rules := population(t, "success_rate >= 90 tolerance 5")
	if v := Judge(oneBroken(), rules); v.Cause != CauseConfig {
		t.Errorf("got %s (%s), want a mistake", v.Kind, v.Reason.Raw())
	}
	rules.Criteria = parsed(t, `scenario "S01": success_rate >= 90 tolerance 5`)
	if got := rules.Conflict(); got != "" {
		t.Errorf("got %q, want none for one scenario", got)
	}
}

func TestNoRateIsLostEarlyForAPopulation(t *testing.T) {
	t.Parallel()
	rules := population(t, "success_rate >= 99\neach scenario: success_rate >= 99\nfailed_calls <= 2")
	rules.DecideOn = DecideOnEstimate
	e := oneBroken()
	e.FailFast = &FailFast{Calls: 50, Failed: 5}
	for _, c := range Unmeetable(e, rules) {
		if c.Criterion == "success_rate >= 99" {
			t.Errorf("%s is lost early: %s", c.Criterion, c.Detail.Raw())
		}
	}
	if n := len(Unmeetable(e, rules)); n != 2 {
		t.Errorf("got %d lost, want the scenario and the count", n)
	}
	if counted, byCalls := rules.CanBeLost(); len(counted) != 1 || len(byCalls) != 1 {
		t.Errorf("got %v and %v", counted, byCalls)
	}
}

// fillings are ways in which the unknown calls and results of a run may have been: all good, all bad, and some
// at random.
func fillings(r *rand.Rand, e Evidence, n int) []Evidence {
	var all []Evidence
	for way := range n {
		good := func() bool {
			switch way {
			case 0:
				return true
			case 1:
				return false
			}
			return r.IntN(2) == 0
		}
		list := callsOf(e.Calls)
		for i := range list {
			c := &list[i]
			if c.Outcome() == Lost {
				c.Status, c.EndedReason, c.OverallScore = calls.Failed, text.Untrusted{}, nil
				if good() {
					c.Status, c.OverallScore = calls.Completed, new([]float64{1, 5, 10}[r.IntN(3)])
				}
				c.FirstOutcome = c.Outcome()
			}
			if c.Outcome() == Succeeded && c.OverallScore == nil {
				c.OverallScore = new(1.0)
				if good() {
					c.OverallScore = new(10.0)
				}
			}
		}
		filled := e
		filled.Calls = pack(list...)
		all = append(all, filled)
	}
	return all
}

// TestNoFillingContradictsAnInterval holds verdicts by interval against what the unknown may have been.
func TestNoFillingContradictsAnInterval(t *testing.T) {
	t.Parallel()
	lines := []string{"success_rate", "success_rate", "overall_score", "success_rate.change", "success_rate.change", `scenario "S01": success_rate`}
	seen := map[CheckOutcome]int{}
	random := func(r *rand.Rand, unknown, bad float64, rows bool) Evidence {
		rate := make([]float64, 14)
		for i := range rate {
			rate[i] = 1 - bad*r.Float64()
		}
		return inScenarios(10+r.IntN(4), 1+r.IntN(3), func(s, c int) Call {
			one := call("", scored(float64(1+r.IntN(10))))
			switch {
			case r.Float64() < unknown:
				lost(&one)
			case r.Float64() > rate[s]:
				failed(&one)
			case r.Float64() < unknown:
				unscored(&one)
			}
			if rows {
				one.Row = uint64(c + 1)
			}
			return one
		})
	}
	for seed := range uint64(250) {
		r := rand.New(rand.NewPCG(seed, 17))
		unknown, bad := []float64{0.02, 0.1, 0.3}[r.IntN(3)], []float64{0, 0.2, 1}[r.IntN(3)]
		line := lines[r.IntN(len(lines))]
		bound := []int{20, 40, 60, 70, 80}[r.IntN(5)]
		switch {
		case line == "overall_score":
			bound /= 10
		case strings.HasSuffix(line, "change"):
			bound = []int{-60, -30, -10, 0, 10, 30}[r.IntN(6)]
		}
		rules := population(t, fmt.Sprintf("%s %s %d\nfailed_calls <= 1000", line, []string{">=", "<="}[r.IntN(2)], bound))
		rules.IntervalFor = []IntervalFor{IntervalForSuite, IntervalForPopulation}[r.IntN(2)]
		rules.Confidence = []float64{50, 80, 95}[r.IntN(3)]
		rows := r.IntN(2) == 0
		rules.Baseline = before(random(r, 0, bad, rows))
		e := random(r, unknown, bad, rows)
		c := Judge(e, rules).Checks[0]
		seen[c.Outcome]++
		if c.Outcome != Met && c.Outcome != NotMet {
			continue
		}
		for _, filled := range fillings(r, e, 12) {
			if got := Judge(filled, rules).Checks[0]; got.Outcome != c.Outcome {
				t.Fatalf("seed %d: %s for the %s is %s (%s), but it may be %s (%s)", seed, rules.Criteria[0], rules.IntervalFor, c.Outcome, c.Detail.Raw(), got.Outcome, got.Detail.Raw())
			}
		}
	}
	t.Logf("outcomes %v", seen)
	if seen[Met] < 25 || seen[NotMet] < 25 || seen[NoData] < 5 {
		t.Errorf("got outcomes %v, want some of each", seen)
	}
}
