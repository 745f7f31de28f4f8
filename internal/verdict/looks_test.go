package verdict

import (
	"fmt"
	"math"
	"slices"
	"strings"
	"testing"

	"github.com/google/uuid"

	"github.com/agent-gate/agent-gate/internal/calls"
	"github.com/agent-gate/agent-gate/internal/text"
)

// looked is the evidence of a run with trials of 20 calls, of which hits succeeded in all, that may go on.
func looked(trials, hits int, l *Looks) Evidence {
	e := Evidence{Execution: Execution{ID: uuid.New(), Status: calls.ExecutionCompleted}, Looks: l}
	for t := 1; t < trials; t++ {
		e.Further = append(e.Further, Execution{ID: uuid.New(), Status: calls.ExecutionCompleted, Trial: t})
	}
	var p CallPacker
	for n := range 20 * trials {
		c := Call{Call: calls.Call{ID: uuid.UUID{1, byte(n >> 8), byte(n)}, Scenario: text.New("refunds"), ScenarioID: uuid.UUID{1}, Status: calls.Completed, Execution: n / 20}, Attempts: 1, FirstOutcome: Succeeded}
		if n >= hits {
			c.Status, c.FirstOutcome = calls.Failed, Failed
		}
		p.Add(c)
	}
	p.Sort()
	e.Calls = p.Calls()
	return e
}

// The bounds are those of an exact group-sequential test that spends 2.5 % · (n/N)² on each side.
func TestLooksDecideByTheSequentialTest(t *testing.T) {
	t.Parallel()
	passes := []int{21, 41, 60, 79, 98, 116, 135, 153, 171, 189}
	fails := []int{11, 28, 46, 63, 81, 98, 116, 134, 152, 170}
	rules := byCriteria(t, "success_rate >= 90")
	rules.DecideOn = DecideOnInterval
	for i := range passes {
		trials := i + 1
		n := 20 * trials
		at := func(hits int) CheckOutcome {
			v := Judge(looked(trials, hits, &Looks{First: 1, Max: 10}), rules)
			check := v.Checks[0]
			low, high := *check.Value.Low, *check.Value.High
			agrees := map[CheckOutcome]bool{Met: low > 90, NotMet: high < 90, Undecided: low <= 90 && high >= 90}
			if !agrees[check.Outcome] || low < 0 || high > 100 || low >= high {
				t.Errorf("%d of %d at look %d is %s, but its interval is %v to %v", hits, n, trials, check.Outcome, low, high)
			}
			return check.Outcome
		}
		if passes[i] <= n && (at(passes[i]) != Met || at(passes[i]-1) != Undecided) {
			t.Errorf("look %d: %d of %d do not pass exactly", trials, passes[i], n)
		}
		if at(fails[i]) != NotMet || fails[i]+1 < passes[i] && at(fails[i]+1) != Undecided {
			t.Errorf("look %d: %d of %d do not fail exactly", trials, fails[i], n)
		}
	}
	// A low rate is tested by its misses.
	low := byCriteria(t, "flaky_rate <= 10")
	low.DecideOn = DecideOnInterval
	if o := Judge(looked(3, 60, &Looks{First: 1, Max: 10}), low).Checks[0]; o.Outcome != Met || *o.Value.High >= 10 {
		t.Errorf("no flaky call of 60: %s, up to %v", o.Outcome, *o.Value.High)
	}
}

func TestOneLookIsJudgedAsAlways(t *testing.T) {
	t.Parallel()
	for _, line := range []string{"success_rate >= 90", "overall_score >= 5"} {
		rules := byCriteria(t, line)
		rules.DecideOn = DecideOnInterval
		one, none := Judge(looked(2, 40, &Looks{First: 2, Max: 2}), rules), Judge(looked(2, 40, nil), rules)
		if one.Kind != none.Kind || one.Reason != none.Reason {
			t.Errorf("%s: %s %s, want %s %s", line, one.Kind, one.Reason.Line(), none.Kind, none.Reason.Line())
		}
	}
}

// Each side errs in at most 5 % of runs: 93 calls settle a bar of 95 with a tolerance of 10.
func TestAToleranceSettlesWhatAnIntervalLeavesOpen(t *testing.T) {
	t.Parallel()
	one := func(total, hits int, line string) (CheckOutcome, string) {
		e := looked(1, 20, nil)
		var p CallPacker
		for n := range total {
			c := Call{Call: calls.Call{ID: uuid.UUID{1, byte(n >> 8), byte(n)}, Scenario: text.New("refunds"), Status: calls.Completed}, Attempts: 1, FirstOutcome: Succeeded}
			if n >= hits {
				c.Status, c.FirstOutcome = calls.Failed, Failed
			}
			p.Add(c)
		}
		e.Calls = p.Calls()
		v := Judge(e, byCriteria(t, line))
		return v.Checks[0].Outcome, v.Checks[0].Detail.Line()
	}
	const line = "success_rate >= 95 tolerance 10"
	open := 0
	met, missed := -1, -1
	for hits := range 94 {
		switch o, _ := one(93, hits, line); o {
		case Undecided:
			open++
		case Met:
			if met < 0 {
				met = hits
			}
		case NotMet:
			missed = hits
		}
	}
	if open != 0 || met != missed+1 {
		t.Errorf("of 93 calls, %d results are open, the first that is met is %d, the last that is not %d", open, met, missed)
	}
	binomial := func(from, to int, rate float64) (sum float64) {
		for k := from; k <= to; k++ {
			a, _ := math.Lgamma(94)
			b, _ := math.Lgamma(float64(k) + 1)
			c, _ := math.Lgamma(float64(93-k) + 1)
			sum += math.Exp(a - b - c + float64(k)*math.Log(rate) + float64(93-k)*math.Log1p(-rate))
		}
		return sum
	}
	if wrong := binomial(met, 93, 0.85); wrong > 0.05 {
		t.Errorf("an agent at 85 %% is met with probability %v", wrong)
	}
	if wrong := binomial(0, missed, 0.95); wrong > 0.05 {
		t.Errorf("an agent at 95 %% is not met with probability %v", wrong)
	}
	if o, _ := one(20, 18, line); o != Undecided {
		t.Errorf("18 of 20: %s, want undecided", o)
	}
	if o, said := one(93, 93, line); o != Met || !strings.Contains(said, "shown not to be below 85%") {
		t.Errorf("93 of 93: %s, %s", o, said)
	}
	if o, said := one(93, 40, line); o != NotMet || !strings.Contains(said, "shown to be below 95%") {
		t.Errorf("40 of 93: %s, %s", o, said)
	}
	if o, said := one(93, 40, "success_rate <= 5 tolerance 10"); o != NotMet || !strings.Contains(said, "shown to be above 5%") {
		t.Errorf("40 of 93 of a low rate: %s, %s", o, said)
	}
}

func TestUnknownCallsKeepALookOpen(t *testing.T) {
	t.Parallel()
	rules := byCriteria(t, "success_rate >= 90")
	rules.DecideOn = DecideOnInterval
	for _, c := range []struct {
		lost int
		want CheckOutcome
	}{{0, Met}, {1, NoData}} {
		e := looked(3, 60, &Looks{First: 1, Max: 10})
		e.Calls = e.Calls.With(func(i int, call *Call) {
			if i < c.lost {
				call.Status, call.FirstOutcome, call.EndedReason = calls.Failed, Lost, text.New("Activity task failed")
			}
		})
		if o := Judge(e, rules).Checks[0].Outcome; o != c.want {
			t.Errorf("%d lost of 60: %s, want %s", c.lost, o, c.want)
		}
	}
}

func TestTheChanceToBeDecided(t *testing.T) {
	t.Parallel()
	rules := byCriteria(t, "success_rate >= 90")
	rules.DecideOn = DecideOnInterval
	last := 1.0
	for _, hits := range []int{40, 39, 38, 37, 36} {
		chance := DecidedByEnd(looked(2, hits, &Looks{First: 1, Max: 4}), rules)
		if chance < 0 || chance > 1 || hits >= 38 && chance > last {
			t.Errorf("%d of 40: %v after %v", hits, chance, last)
		}
		last = chance
	}
	if far := DecidedByEnd(looked(2, 40, &Looks{First: 1, Max: 10}), rules); far < 0.7 {
		t.Errorf("40 of 40 with 8 trials to come: %v", far)
	}
	if last := DecidedByEnd(looked(4, 72, &Looks{First: 1, Max: 4}), rules); last != 0 {
		t.Errorf("at the last look: %v, want 0", last)
	}
}

// Nothing is known of a criterion's true number, so these chances are compared with what is plain to see.
func TestTheChanceToBeDecidedOfWhatNoExactTestDecides(t *testing.T) {
	t.Parallel()
	// scores has a run of trials of 20 scores, which are middle, and as many above as below by spread.
	scores := func(trials int, middle, spread float64) Evidence {
		e := looked(trials, 20*trials, &Looks{First: 1, Max: 10})
		e.Calls = e.Calls.With(func(i int, c *Call) {
			c.OverallScore = new(middle + spread*float64(i%3-1))
		})
		return e
	}
	cases := func(trials, good, bad int) Evidence {
		outcomes := append(slices.Repeat([]string{strings.Repeat("p", trials)}, good), slices.Repeat([]string{strings.Repeat("f", trials)}, bad)...)
		e := played(true, outcomes...)
		e.Looks = &Looks{First: 1, Max: 10}
		return e
	}
	for _, c := range []struct {
		name     string
		e        Evidence
		line     string
		from, to float64
	}{
		{"a mean well above the bar", scores(1, 8, 2), "overall_score >= 7", 0.5, 1},
		{"a mean at the bar, early", scores(1, 7, 2), "overall_score >= 7", 0.1, 0.6},
		{"a mean at the bar, late", scores(9, 7, 2), "overall_score >= 7", 0, 0.05},
		{"only the highest score, and a bar just below", scores(2, 10, 0), "overall_score >= 9.999", 0, 0.01},
		{"only the highest score, and a bar that more calls reach", scores(1, 10, 0), "overall_score >= 9.5", 0.99, 1},
		{"cases that more trials do not add to", cases(2, 20, 0), "pass^2 >= 90", 0, 0.01},
		{"cases far from the bar are decided", cases(2, 2, 18), "pass^2 >= 90", 1, 1},
		{"a duration at the bar, late", scores(9, 7, 2), "duration <= 30", 1, 1}, // not known at all
	} {
		rules := byCriteria(t, c.line)
		rules.DecideOn = DecideOnInterval
		if got := DecidedByEnd(c.e, rules); !(c.from <= got && got <= c.to) {
			t.Errorf("%s: got %v, want %v to %v", c.name, got, c.from, c.to)
		}
	}
}

func TestTrialsThatAreRepeatedAreTrials(t *testing.T) {
	t.Parallel()
	e := played(true, "pf", "pp", "ff")
	more := e.repeated(2, 5)
	if n := more.Trials(); n != 5 || more.Calls.Len() != 15 || *more.Plan[0].Calls != 15 || len(more.Further) != 4 {
		t.Errorf("got %d trials, %d calls of %d planned", n, more.Calls.Len(), *more.Plan[0].Calls)
	}
	v := Judge(more, byCriteria(t, "pass@3 >= 60\npass^3 >= 0.1%"))
	if len(v.Cases) != 3 || v.Counts.Succeeded != 3+5 {
		t.Errorf("got %d cases and %d of 15 that succeeded", len(v.Cases), v.Counts.Succeeded)
	}
}

// What would change the verdict does: the stated number of calls, and no fewer.
func TestFlipsOfLooksAndTolerancesAreTrue(t *testing.T) {
	t.Parallel()
	for _, line := range []string{"success_rate >= 90", "success_rate >= 90 tolerance 5"} {
		rules := byCriteria(t, line)
		rules.DecideOn = DecideOnInterval
		for hits := range 61 {
			v := Judge(looked(3, hits, &Looks{First: 1, Max: 10}), rules)
			if v.Kind != Fail || v.Flip.IsEmpty() {
				continue
			}
			var more int
			if _, err := fmt.Sscanf(v.Flip.Line(), "%d more successful call", &more); err != nil {
				t.Fatalf("%s: %d of 60: %q", line, hits, v.Flip.Line())
			}
			at := func(n int) Kind { return Judge(looked(3, n, &Looks{First: 1, Max: 10}), rules).Kind }
			if at(hits+more) != Pass || at(hits+more-1) == Pass {
				t.Errorf("%s: %d of 60: %q is not true", line, hits, v.Flip.Line())
			}
		}
	}
}
