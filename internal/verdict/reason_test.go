package verdict

import (
	"slices"
	"testing"

	"github.com/google/go-cmp/cmp"
	"github.com/google/uuid"

	"github.com/agent-gate/agent-gate/internal/calls"
	"github.com/agent-gate/agent-gate/internal/criteria"
	"github.com/agent-gate/agent-gate/internal/stats"
)

func TestReasonAndFlip(t *testing.T) {
	t.Parallel()
	polite := runOf(all(
		times(12, call("A", passing("polite"), labelled("tone", "Polite"))),
		times(3, call("A", failing("polite"), labelled("tone", "Rude"))),
		times(1, call("A", unjudged("polite", calls.EvalPending), unjudged("tone", calls.EvalErrored))),
	)...)
	graded := runOf(all(times(6, call("Billing", scored(8))), times(2, call("Billing", scored(4))), times(4, call("Refund", scored(6))), times(3, call("Refund", scored(3))))...)
	flaky := runOf(append(times(8, call("A")), call("A", rescued), call("B", rescued))...)
	costly := runOf(call("A", costing(30), lasting(60)), call("A", costing(50), lasting(200)), call("B", costing(40), lasting(90)))
	then := before(runOf(append(times(18, call("Billing", scored(9))), times(2, call("Refund", scored(5)))...)...))
	steady := runOf(append(times(10, call("A", scored(6.5))), times(10, call("A", scored(7.5)))...)...)
	cases := []struct {
		name     string
		evidence Evidence
		criteria string
		rules    Rules
		reason   string
		flip     string
	}{
		{"a rate is too low", twenty(), "success_rate >= 95", Rules{},
			`success_rate is 80%, below 95%: 3 of 20 calls failed and 1 was skipped, most in scenario "Refund"`,
			"3 more successful calls needed to meet success_rate >= 95"},
		{"one call is enough", twenty(), "success_rate >= 80.1", Rules{},
			`success_rate is 80%, below 80.1%: 3 of 20 calls failed and 1 was skipped, most in scenario "Refund"`,
			"1 more successful call needed to meet success_rate >= 80.1"},
		{"strictly more than it is", twenty(), "success_rate > 80", Rules{},
			`success_rate is 80%, not above 80%: 3 of 20 calls failed and 1 was skipped, most in scenario "Refund"`,
			"1 more successful call needed to meet success_rate > 80"},
		{"a rate is too high", twenty(), "success_rate <= 50", Rules{},
			`success_rate is 80%, above 50%: 16 of 20 calls succeeded`,
			"6 fewer successful calls needed to meet success_rate <= 50"},
		{"a rate that cannot be", twenty(), "success_rate > 100", Rules{},
			`success_rate is 80%, not above 100%: 3 of 20 calls failed and 1 was skipped, most in scenario "Refund"`, ""},
		{"a rate is not equal", twenty(), "success_rate == 85", Rules{},
			`success_rate is 80%, not 85%: 3 of 20 calls failed and 1 was skipped, most in scenario "Refund"`,
			"1 more successful call needed to meet success_rate == 85"},
		{"a rate is not equal, above", twenty(), "success_rate == 70", Rules{},
			`success_rate is 80%, not 70%: 16 of 20 calls succeeded`,
			"2 fewer successful calls needed to meet success_rate == 70"},
		{"no number of calls is equal", twenty(), "success_rate == 81", Rules{},
			`success_rate is 80%, not 81%: 3 of 20 calls failed and 1 was skipped, most in scenario "Refund"`, ""},
		{"a mean is too low", graded, "overall_score >= 7.5", Rules{},
			`overall_score is 5.93, below 7.5: 9 of 15 calls are below 7.5, most in scenario "Refund"`,
			"the mean must rise by 1.57 to meet overall_score >= 7.5"},
		{"a percentile is too low", graded, "overall_score.p10 >= 4", Rules{},
			`overall_score.p10 is 3, below 4: 3 of 15 calls are below 4, all in scenario "Refund"`,
			"2 calls must rise to 4 to meet overall_score.p10 >= 4"},
		{"strictly above", graded, "overall_score.min > 3", Rules{},
			`overall_score.min is 3, not above 3`,
			"3 calls must rise above 3 to meet overall_score.min > 3"},
		{"values are too high", costly, "duration.p95 <= 180", Rules{},
			`duration.p95 is 200 s, over 180 s: 1 of 3 calls is over 180 s`,
			"1 call must drop to 180 s to meet duration.p95 <= 180"},
		{"a sum is too high", costly, "cost.sum <= 100", Rules{},
			`cost.sum is 120 cents, over 100 cents: the sum of 3 calls`,
			"the sum must drop by 20 cents to meet cost.sum <= 100"},
		{"a count is too high", twenty(), "failed_calls <= 2", Rules{},
			`failed_calls is 3, above 2: 3 of 20 calls failed, most in scenario "Refund"`,
			"1 fewer failed call needed to meet failed_calls <= 2"},
		{"a count is too low", twenty(), "total_calls >= 25", Rules{},
			`total_calls is 20, below 25`, "5 more calls needed to meet total_calls >= 25"},
		{"completed calls", twenty(), "completed_calls == 20", Rules{},
			`completed_calls is 18, not 20: 2 of 20 calls did not complete, all in scenario "Refund"`,
			"2 more completed calls needed to meet completed_calls == 20"},
		{"flaky calls", flaky, "flaky_calls == 0", Rules{},
			`flaky_calls is 2, not 0: 2 of 10 calls recovered after a rerun`,
			"2 fewer flaky calls needed to meet flaky_calls == 0"},
		{"flaky rate", flaky, "flaky_rate <= 10", Rules{},
			`flaky_rate is 20%, above 10%: 2 of 10 calls recovered after a rerun`,
			"1 fewer flaky call needed to meet flaky_rate <= 10"},
		{"first attempts", flaky, "first_success_rate >= 95", Rules{},
			`first_success_rate is 80%, below 95%: 2 of 10 calls did not succeed on the first attempt`,
			"2 more calls that succeed on the first attempt needed to meet first_success_rate >= 95"},
		{"scored rate", twenty(), "scored_rate >= 95\nsuccess_rate >= 0", Rules{},
			`scored_rate is 93.8%, below 95%: 1 of 16 successful calls has no overall score`,
			"1 more scored call needed to meet scored_rate >= 95"},
		{"pass rate", polite, "eval polite: pass_rate >= 98", Rules{},
			`eval "polite": pass_rate is 80%, below 98%: 3 of 15 successful calls did not pass; 1 more unknown (1 pending)`,
			`at least 3 more passing calls needed to meet eval "polite": pass_rate >= 98, even if everything unknown turns out well`},
		{"share", polite, `eval tone: share "Polite" >= 98`, Rules{},
			`eval "tone": share "Polite" is 80%, below 98%: 3 of 15 successful calls are not "Polite"; 1 more unknown (1 errored)`,
			`at least 3 more "Polite" results needed to meet eval "tone": share "Polite" >= 98, even if everything unknown turns out well`},
		{"share from above", polite, `eval tone: share "Rude" <= 10`, Rules{},
			`eval "tone": share "Rude" is 20%, above 10%: 3 of 15 successful calls are "Rude"; 1 more unknown (1 errored)`,
			`3 fewer "Rude" results needed to meet eval "tone": share "Rude" <= 10`},
		{"share from above that missing results would break", polite, `eval tone: share "Rude" <= 5`, Rules{},
			`eval "tone": share "Rude" is 20%, above 5%: 3 of 15 successful calls are "Rude"; 1 more unknown (1 errored)`,
			`at least 3 fewer "Rude" results needed to meet eval "tone": share "Rude" <= 5, even if everything unknown turns out well`},
		{"result rate", polite, "eval tone: result_rate >= 99", Rules{},
			`eval "tone": result_rate is 93.8%, below 99%: 1 of 16 successful calls has no result (1 errored)`,
			`1 more result needed to meet eval "tone": result_rate >= 99`},
		{"the worst scenario", twenty(), "each scenario: success_rate >= 90", Rules{},
			`scenario "Refund": success_rate is 72.7%, below 90%: 2 of 11 calls failed and 1 was skipped; 1 more check not met`,
			`2 more successful calls needed to meet scenario "Refund": success_rate >= 90; 1 more successful call needed to meet scenario "Billing": success_rate >= 90`},
		{"more than a sentence takes", twenty(), "failed_calls <= 2\nfailed_calls <= 1\nfailed_calls < 1\nfailed_calls <= 0\nfailed_calls == 2", Rules{},
			`failed_calls is 3, above 2: 3 of 20 calls failed, most in scenario "Refund"; 4 more checks not met`,
			"1 fewer failed call needed to meet failed_calls <= 2; 2 fewer failed calls needed to meet failed_calls <= 1; 3 fewer failed calls needed to meet failed_calls < 1; 2 more checks would still not be met"},
		{"as many as a sentence takes", twenty(), "failed_calls <= 2\nfailed_calls <= 1\nfailed_calls < 1", Rules{},
			`failed_calls is 3, above 2: 3 of 20 calls failed, most in scenario "Refund"; 2 more checks not met`,
			"1 fewer failed call needed to meet failed_calls <= 2; 2 fewer failed calls needed to meet failed_calls <= 1; 3 fewer failed calls needed to meet failed_calls < 1"},
		{"a rate fell", twenty(), "success_rate.change >= -5", Rules{Baseline: then},
			`success_rate.change is -20 points, below -5 points: 3 of 20 calls failed and 1 was skipped, most in scenario "Refund"`,
			"3 more successful calls needed to meet success_rate.change >= -5"},
		{"a mean fell", graded, "overall_score.change >= -1", Rules{Baseline: then},
			`overall_score.change is -1.2, below -1: 9 of 15 values are below 6.13, most in scenario "Refund"`,
			"the change must rise by 0.2 to meet overall_score.change >= -1"},
		{"by interval, not met", twenty(), "success_rate >= 92", Rules{DecideOn: DecideOnInterval},
			`success_rate is 80% (95% interval 58.4–91.9%), below 92%: 3 of 20 calls failed and 1 was skipped, most in scenario "Refund"`, ""},
		{"by interval, calls that would do", twenty(), "success_rate >= 40\nsuccess_rate <= 50", Rules{DecideOn: DecideOnInterval},
			`success_rate is 80% (95% interval 58.4–91.9%), above 50%: 16 of 20 calls succeeded`,
			"11 fewer successful calls needed to meet success_rate <= 50"},
		{"by interval, a mean", steady, "overall_score >= 8", Rules{DecideOn: DecideOnInterval},
			"overall_score is 7 (95% interval 5.97–7.54), below 8: 20 of 20 calls are below 8",
			"the mean must rise by 2.43 to meet overall_score >= 8"},
		{"by interval, a mean that is too high", steady, "overall_score < 5", Rules{DecideOn: DecideOnInterval},
			"overall_score is 7 (95% interval 5.97–7.54), not below 5: 20 of 20 calls are above 5",
			"the mean must drop by more than 3.03 to meet overall_score < 5"},
		{"by interval, no mean is equal", steady, "overall_score == 5", Rules{DecideOn: DecideOnInterval},
			"overall_score is 7 (95% interval 5.97–7.54), not 5: 20 of 20 calls are above 5", ""},
		{"a mean is not equal", steady, "overall_score == 5", Rules{},
			"overall_score is 7, not 5: 20 of 20 calls are above 5", "the mean must drop by 2 to meet overall_score == 5"},
		{"by interval, a percentile without an upper limit", steady, "overall_score.p95 <= 6", Rules{DecideOn: DecideOnInterval},
			"overall_score.p95 is 7.5 (95% interval 7.5 or more), above 6: 20 of 20 calls are above 6", ""},
		{"by interval, a percentile that may be anything above", steady, "overall_score.p95 <= 8", Rules{DecideOn: DecideOnInterval},
			"overall_score.p95 is 7.5, but its 95% interval (7.5 or more) includes the threshold 8: about 53 more calls would decide (80% chance at the measured value)", ""},
		{"by interval, undecided", twenty(), "success_rate >= 85", Rules{DecideOn: DecideOnInterval},
			"success_rate is 80%, but its 95% interval (58.4–91.9%) includes the threshold 85%: about 418 more calls would decide (80% chance at the measured value)", ""},
		{"by interval, on the bound", twenty(), "success_rate >= 80\nsuccess_rate <= 80", Rules{DecideOn: DecideOnInterval, Confidence: 90},
			"success_rate is 80%, but its 90% interval (62.2–90.7%) includes the threshold 80%: the threshold is too close for any reasonable number of calls to decide; 1 more check undecided", ""},
		{"no data", twenty(), "cost <= 5\nduration <= 5", Rules{},
			"cost cannot be judged: none of the 20 calls has a value; 1 more check without data", ""},
		{"pass, one", twenty(), "success_rate >= 75", Rules{},
			"the only check is met: success_rate 80% (16 of 20)",
			"success_rate 80% (need 75): 2 fewer successful calls would fail it"},
		{"pass, two, the narrower one", twenty(), "success_rate >= 75\nfailed_calls <= 3", Rules{},
			"both checks are met: success_rate 80% (16 of 20); failed_calls 3 (3 of 20)",
			"failed_calls 3 (need at most 3): 1 more failed call would fail it"},
		{"pass, an equality", twenty(), "total_calls == 20", Rules{},
			"the only check is met: total_calls 20 (20 of 20)",
			"total_calls 20 (need exactly 20): 1 fewer call would fail it"},
		{"pass, values alone", graded, "overall_score >= 5\noverall_score.max <= 8.5", Rules{},
			"both checks are met: overall_score 5.93 (15 calls); overall_score.max 8 (15 calls)",
			"overall_score.max 8 (need at most 8.5): 1 call rising above 8.5 would fail it"},
		{"pass, each and many", twenty(), "each scenario: success_rate >= 50\noverall_score >= 5\nfailed_calls <= 5\ntotal_calls > 3\nscored_rate > 5", Rules{},
			`all 6 checks are met: scenario "Refund": success_rate 72.7% (8 of 11), the tightest of 2; overall_score 5.93 (15 calls, 1 unknown); failed_calls 3 (3 of 20); and 2 more`,
			`scenario "Refund": success_rate 72.7% (need 50): 3 fewer successful calls would fail it`},
		{"pass, the narrowest by its size", steady, "overall_score >= 6\noverall_score.sum > 135", Rules{},
			"both checks are met: overall_score 7 (20 calls); overall_score.sum 140 (20 calls)",
			"overall_score.sum 140 (need above 135): a sum 5 lower would fail it"},
		{"pass, the narrowest by its size, in any order", steady, "overall_score.sum > 135\noverall_score >= 6", Rules{},
			"both checks are met: overall_score.sum 140 (20 calls); overall_score 7 (20 calls)",
			"overall_score.sum 140 (need above 135): a sum 5 lower would fail it"},
		{"pass, an equality of values tells nothing", steady, "overall_score == 7\noverall_score.max < 10", Rules{},
			"both checks are met: overall_score 7 (20 calls); overall_score.max 7.5 (20 calls)",
			"overall_score.max 7.5 (need below 10): 1 call rising to 10 would fail it"},
		{"pass, the closest from below", twenty(), "each scenario: success_rate <= 95", Rules{},
			`both checks are met: scenario "Billing": success_rate 88.9% (8 of 9), the tightest of 2`,
			`scenario "Billing": success_rate 88.9% (need at most 95): 1 more successful call would fail it`},
		{"pass by interval, a mean", steady, "overall_score >= 5.5", Rules{DecideOn: DecideOnInterval},
			"the only check is met: overall_score 7 (20 calls)",
			"overall_score 7 (need 5.5): a mean more than 0.57 lower would no longer meet it"},
		{"pass by a mean right at the bound", runOf(append(times(9, call("A", scored(9))), call("A", scored(1)))...), "overall_score >= 8.2", Rules{},
			"the only check is met: overall_score 8.2 (10 calls)",
			"overall_score 8.2 (need 8.2): a slightly lower mean would fail it"},
		{"pass by a percentile right at the bound", runOf(append(times(9, call("A", scored(9))), call("A", scored(1)))...), "overall_score.p50 >= 9", Rules{},
			"the only check is met: overall_score.p50 9 (10 calls)",
			"overall_score.p50 9 (need 9): 4 calls dropping below 9 would fail it"},
		{"pass that nothing can break", twenty(), "success_rate >= 0", Rules{},
			"the only check is met: success_rate 80% (16 of 20)", ""},
		{"pass by interval", twenty(), "success_rate >= 57", Rules{DecideOn: DecideOnInterval},
			"the only check is met: success_rate 80% (16 of 20)",
			"success_rate 80% (need 57): 1 fewer successful call would no longer meet it"},
		{"a rate that rounds to its bound", runOf(append(times(18999, call("A")), times(1001, call("A", failed))...)...), "success_rate >= 95", Rules{},
			"success_rate is 94.995%, below 95%: 1001 of 20000 calls failed",
			"1 more successful call needed to meet success_rate >= 95"},
	}
	for _, c := range cases {
		c.rules.Criteria = parsed(t, c.criteria)
		v := Judge(c.evidence, c.rules)
		if got := v.Reason.Raw(); got != c.reason {
			t.Errorf("%s: reason\ngot  %s\nwant %s", c.name, got, c.reason)
		}
		if got := v.Flip.Raw(); got != c.flip {
			t.Errorf("%s: flip\ngot  %s\nwant %s", c.name, got, c.flip)
		}
	}
}

func TestFlipIsTrue(t *testing.T) {
	t.Parallel()
	// What would meet a rate does, and one call less does not.
	for n := 1; n <= 40; n++ {
		for succeeded := range n + 1 {
			for _, bound := range []float64{50, 90, 95, 99.5, 100} {
				j := newJudgement(runOf(append(times(succeeded, call("A")), times(n-succeeded, call("A", failed))...)...), Rules{})
				j.check(0, criteria.MinSuccessRate(bound))
				f := j.findings[0]
				if f.Outcome != NotMet {
					continue
				}
				steps, ok := j.steps(f, false, func(o CheckOutcome) bool { return o == Met })
				if !ok || stats.Ratio(succeeded+steps, n).Against(bound) < 0 || stats.Ratio(succeeded+steps-1, n).Against(bound) >= 0 {
					t.Fatalf("%d of %d, %v: got %d more, %v", succeeded, n, bound, steps, ok)
				}
			}
		}
	}
}

func TestDecidingCallsAreWorstFirst(t *testing.T) {
	t.Parallel()
	e := runOf(
		call("A", scored(9)), call("A", scored(2)), call("A", scored(5)), // 0 1 2
		call("A", skipped), call("A", cancelled), call("A", failed), // 3 4 5
		call("A", passing("e"), scored(8)), call("A", failing("e"), scored(4)), call("A", unjudged("e", calls.EvalPending), scored(8)), // 6 7 8
	)
	cases := []struct {
		criteria string
		want     []int
	}{
		{"success_rate >= 99", []int{5, 3}}, // nobody is to blame for what is not known
		{"success_rate <= 1", []int{1, 7, 2, 6, 8, 0}},
		{"failed_calls <= 0", []int{5}},
		{"overall_score.min >= 8", []int{1, 7, 2}},
		{"overall_score.max <= 7", []int{0, 6, 8}},
		{"overall_score.max <= 8", []int{0}},
		{"overall_score.min >= 4", []int{1}},
		{"overall_score.sum <= 7", []int{0, 6, 8, 2, 7, 1}},
		{"overall_score.sum >= 70", []int{1, 7, 2, 6, 8, 0}},
		{"eval e: pass_rate >= 99", []int{7}},
		{"success_rate >= 10", nil},
		{"success_rate >= 99\ncost <= 3", []int{5, 3}},
		{"eval e: pass_rate >= 99\noverall_score.min >= 8", []int{7, 1, 2}}, // 7 is blamed twice
	}
	for _, c := range cases {
		v := judge(t, e, c.criteria)
		var want []uuid.UUID
		for _, i := range c.want {
			want = append(want, e.Calls.ID(i))
		}
		if diff := cmp.Diff(want, v.Deciding); diff != "" {
			t.Errorf("%s (-want +got)\n%s", c.criteria, diff)
		}
	}
}

func TestMatteredCallsAreWorstFirst(t *testing.T) {
	t.Parallel()
	e := runOf(
		call("A", passing("e"), scored(2)), call("A", failing("e"), scored(4)), call("A", failing("e"), scored(1)), // 0 1 2
		call("A", lost), call("A", skipped), call("A", failed), call("A", cancelled), // 3 4 5 6
		call("A", failing("e"), scored(2)), call("A", passing("e"), scored(9)), // 7 8
	)
	for _, c := range []struct {
		name, criteria string
		rules          Rules
		want           []int
	}{
		{"failed, skipped, below the bar by score, then those that the platform lost", "pass_rate >= 90", Rules{}, []int{5, 4, 2, 7, 1, 3, 6}},
		{"what only pulled a criterion down comes after what is below the bar", "pass_rate >= 90\noverall_score.min >= 3", Rules{}, []int{5, 4, 2, 7, 1, 0, 3, 6}},
		{"a lost call that counts as failed", "pass_rate >= 90", Rules{PlatformFails: true}, []int{3, 5, 4, 2, 7, 1, 6}},
		{"nothing decided", "total_calls >= 1", Rules{}, []int{5, 4, 2, 7, 1, 3, 6}},
	} {
		t.Run(c.name, func(t *testing.T) {
			t.Parallel()
			all, err := criteria.Parse(c.criteria)
			if err != nil {
				t.Fatal(err)
			}
			c.rules.Criteria = all
			if got := Mattered(e.Calls, Judge(e, c.rules), c.rules); !slices.Equal(got, c.want) {
				t.Errorf("got %v, want %v", got, c.want)
			}
		})
	}
}
