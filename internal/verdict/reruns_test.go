package verdict

import (
	"fmt"
	"math/rand/v2"
	"slices"
	"strings"
	"testing"

	"github.com/agent-gate/agent-gate/internal/calls"
	"github.com/agent-gate/agent-gate/internal/criteria"
)

func TestAVerdictThatNeedsRerunsSaysSo(t *testing.T) {
	t.Parallel()
	run := func(first, recovered, failing int) Evidence {
		return runOf(all(times(first, call("A")), times(recovered, call("A", rescued)), times(failing, call("B", failed)))...)
	}
	cases := []struct {
		name     string
		e        Evidence
		criteria string
		on       DecideOn
		reason   string
		warning  string
	}{
		{"a rate", run(86, 13, 1), "success_rate >= 95", "",
			"the only check is met: success_rate 99% (86% before reruns), 99 of 100",
			"without reruns success_rate >= 95 would not be met: 86% before them, 99% after"},
		{"a rate that is met anyway", run(86, 13, 1), "success_rate >= 80", "", "the only check is met: success_rate 99% (99 of 100)", ""},
		{"a pass rate", run(86, 13, 1), "pass_rate > 90", "",
			"the only check is met: pass_rate 99% (86% before reruns), 99 of 100",
			"without reruns pass_rate > 90 would not be met: 86% before them, 99% after"},
		{"a count", run(86, 13, 1), "failed_calls <= 5", "",
			"the only check is met: failed_calls 1 (14 before reruns), 1 of 100",
			"without reruns failed_calls <= 5 would not be met: 14 before them, 1 after"},
		{"by interval", run(93, 6, 1), "success_rate >= 90", DecideOnInterval,
			"the only check is met: success_rate 99% (93% before reruns), 99 of 100",
			"without reruns success_rate >= 90 would not be met by its interval: 93% before them, 99% after"},
		{"one scenario", run(86, 13, 0), `each scenario: success_rate >= 95`, "",
			`the only check is met: scenario "A": success_rate 100% (86.9% before reruns), 99 of 99`,
			`without reruns scenario "A": success_rate >= 95 would not be met: 86.9% before them, 100% after`},
		{"after others that a sentence names", run(86, 13, 1), "total_calls >= 1\ncompleted_calls >= 1\nfailed_calls <= 99\nlost_calls <= 9\nsuccess_rate >= 95", "",
			"all 5 checks are met: total_calls 100 (100 of 100); completed_calls 99 (99 of 100); failed_calls 1 (1 of 100); success_rate 99% (86% before reruns), 99 of 100; and 1 more",
			"without reruns success_rate >= 95 would not be met: 86% before them, 99% after"},
		{"by a tolerance", run(93, 0, 7), "success_rate >= 95 tolerance 10", "",
			"the only check is met: success_rate 93% (93 of 100, shown not to be below 85%)", ""},
		{"by a tolerance, after reruns", run(80, 13, 7), "success_rate >= 95 tolerance 10", "",
			"the only check is met: success_rate 93% (80% before reruns), 93 of 100, shown not to be below 85%",
			"without reruns success_rate >= 95 tolerance 10 would not be met: 80% before them, 93% after"},
		{"too many reruns are not enough", run(80, 5, 15), "success_rate >= 95", "",
			`success_rate is 85%, below 95%: 15 of 100 calls failed, all in scenario "B"`, ""},
	}
	for _, c := range cases {
		v := Judge(c.e, Rules{Set: criteria.Set{Criteria: parsed(t, c.criteria)}, DecideOn: c.on})
		if got := v.Reason.Raw(); got != c.reason {
			t.Errorf("%s\ngot  %s\nwant %s", c.name, got, c.reason)
		}
		warned := slices.DeleteFunc(raws(v.Warnings), func(w string) bool { return !strings.HasPrefix(w, "without reruns") })
		if want := slices.DeleteFunc([]string{c.warning}, func(w string) bool { return w == "" }); !slices.Equal(warned, want) {
			t.Errorf("%s\nwarned %q\nwant   %q", c.name, warned, want)
		}
	}
}

func TestWhatIsEqualCanBreakBothWays(t *testing.T) {
	t.Parallel()
	none := runOf(times(5, call("A"))...)
	for line, want := range map[string]string{
		"failed_calls == 0":   "failed_calls 0 (need exactly 0): 1 more failed call would fail it",
		"flaky_rate == 0":     "flaky_rate 0% (need exactly 0): 1 more flaky call would fail it",
		"success_rate == 100": "success_rate 100% (need exactly 100): 1 fewer successful call would fail it",
	} {
		if got := judge(t, none, line).Flip.Raw(); got != want {
			t.Errorf("%s\ngot  %s\nwant %s", line, got, want)
		}
	}
}

// TestFlipsAreTheFewestCallsThatDecide changes as many calls as a flip says, and one fewer.
func TestFlipsAreTheFewestCallsThatDecide(t *testing.T) {
	t.Parallel()
	lines := []string{"success_rate", "failed_calls", "success_rate.change", "success_rate.change", "success_rate.change"}
	tried := map[string]int{}
	random := func(r *rand.Rand, rows bool) []Call {
		var list []Call
		for s := range 1 + r.IntN(3) {
			for k := range 1 + r.IntN(6) {
				c := call(string(rune('A' + s)))
				if r.IntN(3) == 0 {
					failed(&c)
				}
				if rows {
					c.Row = uint64(1 + k/(1+r.IntN(2)))
				}
				list = append(list, c)
			}
		}
		return list
	}
	for seed := range uint64(600) {
		r := rand.New(rand.NewPCG(seed, 18))
		line := lines[r.IntN(len(lines))]
		bound := []int{0, 50, 75, 80, 100}[r.IntN(5)]
		switch line {
		case "failed_calls":
			bound = r.IntN(6)
		case "success_rate.change":
			bound = []int{-40, -20, -5, 0, 10, 20, 30}[r.IntN(7)]
		}
		rows := r.IntN(2) == 0
		then := runOf(random(r, rows)...)
		rules := Rules{Set: criteria.Set{Criteria: parsed(t, fmt.Sprintf("%s %s %d", line, []string{">=", ">", "<=", "<", "=="}[r.IntN(5)], bound))}, Baseline: before(then)}
		e := runOf(random(r, rows)...)
		v := Judge(e, rules)
		flip := v.Flip.Raw()
		if line == "success_rate.change" || v.Kind == Pass {
			_, after, _ := strings.Cut(flip, "): ")
			if v.Kind == Pass {
				flip = after
			}
		}
		var n int
		var way, what string
		if _, err := fmt.Sscanf(flip, "%d %s %s", &n, &way, &what); err != nil {
			continue
		}
		// These calls can change: those that are compared with the baseline.
		succeed := (way == "more") == (what == "successful")
		var places []int
		for i, c := range callsOf(e.Calls) {
			shared := false
			for _, old := range callsOf(then.Calls) {
				shared = shared || old.Scenario == c.Scenario && (!pairedByRow(e, then) || old.Row == c.Row)
			}
			if (c.Outcome() == Succeeded) != succeed && (shared || line != "success_rate.change") {
				places = append(places, i)
			}
		}
		if len(places) < n {
			t.Fatalf("seed %d: %s: %s, but only %d calls can change", seed, rules.Criteria[0], flip, len(places))
		}
		r.Shuffle(len(places), func(i, j int) { places[i], places[j] = places[j], places[i] })
		turned := func(k int) Kind {
			list := callsOf(e.Calls)
			for _, i := range places[:k] {
				list[i].Status = calls.Failed
				if succeed {
					list[i].Status = calls.Completed
				}
				list[i].FirstOutcome = list[i].Outcome()
			}
			changed := e
			changed.Calls = pack(list...)
			return Judge(changed, rules).Kind
		}
		tried[line+" "+string(v.Kind)]++
		if got := turned(n); got == v.Kind {
			t.Fatalf("seed %d: %s is %s: %s; but with %d it still is", seed, rules.Criteria[0], v.Kind, v.Flip.Raw(), n)
		}
		if got := turned(n - 1); n > 1 && rules.Criteria[0].Op != "==" && got != v.Kind {
			t.Fatalf("seed %d: %s is %s: %s; but %d are enough", seed, rules.Criteria[0], v.Kind, v.Flip.Raw(), n-1)
		}
	}
	t.Logf("tried %v", tried)
	for _, kind := range []Kind{Pass, Fail} {
		if n := tried["success_rate.change "+string(kind)]; n < 30 {
			t.Errorf("only %d flips of a change that is %s", n, kind)
		}
	}
}

// pairedByRow reports whether the runs are compared row by row: some row is in both.
func pairedByRow(now, then Evidence) bool {
	for _, c := range callsOf(now.Calls) {
		for _, old := range callsOf(then.Calls) {
			if c.Row > 0 && old.Row == c.Row && old.Scenario == c.Scenario {
				return true
			}
		}
	}
	return false
}
