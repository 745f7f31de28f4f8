package gate_test

import (
	"fmt"
	"math/rand/v2"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/agent-gate/agent-gate/internal/config"
	"github.com/agent-gate/agent-gate/internal/config/kind"
	"github.com/agent-gate/agent-gate/internal/simulator"
	"github.com/agent-gate/agent-gate/internal/simulator/story"
	"github.com/agent-gate/agent-gate/internal/verdict"
)

// TestTheVerdictIsTheTruth makes random runs in a world in which calls never come, are lost,
// end after their execution, pass through failed, and in which scores and evals come late or
// never. An oracle knows what is true of every call. It shares no code with the judgement:
// it tries the worst and the best of everything that nobody knows. The verdict has to be a
// pass exactly when the criteria hold both ways, and a fail exactly when one holds in neither.
//
//	go test ./internal/gate -run TestTheVerdictIsTheTruth -v -random-runs 10000
func TestTheVerdictIsTheTruth(t *testing.T) {
	t.Parallel()
	if *randomSeed > 0 {
		t.Log(truthRun(t, *randomSeed))
		return
	}
	kinds := map[verdict.Kind]int{}
	t.Run("runs", func(t *testing.T) {
		const workers = 2
		counts := make([]map[verdict.Kind]int, workers)
		t.Run("workers", func(t *testing.T) {
			for worker := range workers {
				counts[worker] = map[verdict.Kind]int{}
				t.Run(fmt.Sprint(worker), func(t *testing.T) {
					t.Parallel()
					for seed := worker + 1; seed <= *randomRuns; seed += workers {
						counts[worker][truthRun(t, uint64(seed))]++
					}
				})
			}
		})
		for _, c := range counts {
			for kind, n := range c {
				kinds[kind] += n
			}
		}
	})
	t.Logf("%d runs: %v", *randomRuns, kinds)
	for _, kind := range []verdict.Kind{verdict.Pass, verdict.Fail, verdict.Error} {
		if kinds[kind] == 0 && *randomRuns >= 30 {
			t.Errorf("none of the runs is a %s: the worlds do not tell much", kind)
		}
	}
}

// lot is what becomes of one planned call, and what is true of it in the end.
type lot struct {
	scenario string
	outcome  story.Outcome
	// before and after are how it ends at first, and after the one rerun that the gate may
	// make of it.
	before, after truth
}

// truth is what is true of a call. What nobody can know is left open.
type truth struct {
	came  bool
	ended string // succeeded, failed, lost, open
	score int    // 1-10; 0 when nobody knows
	eval  string // passed, failed; empty when nobody knows
}

// truthWorld is a random world.
type truthWorld struct {
	*rand.Rand
	scenarios     []story.Scenario
	lots          []lot
	criteria      []string
	reruns        bool
	platformFails bool
	failFast      bool
}

// resultsWait is how long these runs wait for what is late; arrives and never are shorter and
// longer than that.
const (
	truthWait = 5 * time.Minute
	arrives   = 90 * time.Second
	tooLate   = 3 * time.Hour
)

func newTruthWorld(seed uint64) *truthWorld {
	w := &truthWorld{Rand: rand.New(rand.NewPCG(seed, 12))}
	w.reruns, w.platformFails, w.failFast = w.IntN(3) == 0, w.IntN(6) == 0, w.IntN(4) == 0
	odd := w.IntN(5) // how much goes wrong; 0 for nothing
	for i := range 1 + w.IntN(3) {
		s := story.Scenario{Name: string(rune('A' + i)), Rows: 1 + w.IntN(4)}
		w.scenarios = append(w.scenarios, s)
		gone := odd > 2 && w.IntN(8) == 0
		for range s.Rows {
			w.lots = append(w.lots, w.draw(s.Name, odd, gone))
		}
	}
	for range 1 + w.IntN(3) {
		if c := w.criterion(); !slices.Contains(w.criteria, c) {
			w.criteria = append(w.criteria, c)
		}
	}
	return w
}

// draw draws what becomes of a call.
func (w *truthWorld) draw(scenario string, odd int, gone bool) lot {
	good := truth{came: true, ended: "succeeded", score: 1 + w.IntN(10), eval: "passed"}
	o := story.Succeeds(float64(good.score))
	result := story.EvalPassed()
	if w.IntN(4) == 0 {
		result, good.eval = story.EvalFailed(), "failed"
	}
	if odd > 0 {
		switch w.IntN(12) {
		case 0:
			result, good.eval = story.EvalErrored(), ""
		case 1:
			result, good.eval = story.EvalPending(), ""
		case 2:
			result = result.Late(arrives)
		case 3:
			result, good.eval = result.Late(tooLate), ""
		case 4:
			o, good.score = story.Unscored(), 0
		case 5:
			o = story.ScoredLate(float64(good.score), arrives)
		case 6:
			o, good.score = story.ScoredLate(float64(good.score), tooLate), 0
		}
	}
	o = o.With("polite", result)
	f := lot{scenario: scenario, before: good, after: good}
	failed, lost := truth{came: true, ended: "failed"}, truth{came: true, ended: "lost"}
	kind := w.IntN(40 / max(odd, 1))
	switch {
	case gone || odd > 1 && kind == 0:
		o, f.before, f.after = story.NeverComes(), truth{}, truth{}
	case odd == 0 && kind > 4:
	case kind == 1:
		o, f.before, f.after = story.Fails("no-answer"), failed, failed
	case kind == 2:
		o, f.before = o.After(story.Fails("Call initiation failed: busy")), failed
	case odd > 1 && kind == 3:
		o, f.before, f.after = story.Lost(""), lost, lost
	case odd > 1 && kind == 4:
		o, f.before = o.After(story.Lost("")), lost
	case odd > 1 && kind == 5:
		o = o.Lagging(arrives)
	case odd > 2 && kind == 6:
		open := truth{came: true, ended: "open"}
		o, f.before, f.after = o.Lagging(tooLate), open, open
	case odd > 1 && kind == 7:
		o = o.Wavering(time.Duration(1+w.IntN(20)) * time.Second)
	}
	f.outcome = o
	return f
}

// criterion draws a criterion.
func (w *truthWorld) criterion() string {
	percent := []int{20, 50, 60, 75, 80, 90, 95, 100}[w.IntN(8)]
	switch w.IntN(9) {
	case 0, 1:
		return fmt.Sprintf("success_rate >= %d", percent)
	case 2:
		return fmt.Sprintf("pass_rate >= %d", percent)
	case 3:
		return fmt.Sprintf("eval polite: pass_rate >= %d", percent)
	case 4:
		return fmt.Sprintf("overall_score >= %d", 2+w.IntN(8))
	case 5:
		return fmt.Sprintf("each scenario: success_rate >= %d", percent)
	case 6:
		return fmt.Sprintf("failed_calls <= %d", w.IntN(3))
	case 7:
		return fmt.Sprintf("lost_calls <= %d", w.IntN(2))
	}
	return fmt.Sprintf("judged_rate >= %d", percent)
}

// truthRun makes the run of a seed, compares the verdict with the truth, and returns it.
func truthRun(t *testing.T, seed uint64) (judged verdict.Kind) {
	t.Helper()
	w := newTruthWorld(seed)
	calls := map[int]story.Outcome{}
	for i, f := range w.lots {
		calls[i] = f.outcome
	}
	inWorld(t, simulator.Options{
		Dialect: simulator.Deployed, Seed: seed, Scenarios: w.scenarios, Plan: story.Plan{Calls: calls},
		Evals: []story.Eval{{Name: "polite", Type: story.TypePassFail}}, AttachEvals: true,
	}, func(world *world) {
		world.judgeBy(strings.Join(w.criteria, "\n"))
		c := &world.gate.Config
		c.Rules.PlatformFails, c.FailFast, c.Waiting.ResultsWait = w.platformFails, w.failFast, truthWait
		if w.reruns {
			c.Reruns = config.Reruns{Attempts: 1, Max: kind.Amount{IsShare: true, Percent: 100}}
		}
		got := world.run()
		judged = got.Verdict.Kind
		if want := w.verdict(); judged != want {
			t.Errorf("-random-seed %d: verdict %s (%s), and the truth is %s\ncriteria %q, reruns %t, platform fails %t, fail-fast %t\n%s",
				seed, judged, got.Verdict.Reason, want, w.criteria, w.reruns, w.platformFails, w.failFast, w.tell())
		}
		world.wantPaid(1)
	})
	return judged
}

// tell lists the calls of the world.
func (w *truthWorld) tell() string {
	var b strings.Builder
	for _, f := range w.lots {
		fmt.Fprintf(&b, "  %s: %+v, then %+v\n", f.scenario, f.before, f.after)
	}
	return b.String()
}

// ends are the calls as they are in the end.
func (w *truthWorld) ends() []truth {
	all := make([]truth, len(w.lots))
	for i, f := range w.lots {
		all[i] = f.before
		if again := f.before.ended == "failed" || f.before.ended == "lost"; w.reruns && again {
			all[i] = f.after
		}
		if w.platformFails && all[i].ended == "lost" {
			all[i].ended = "failed"
		}
	}
	return all
}

// verdict is what the rules make of the truth.
func (w *truthWorld) verdict() verdict.Kind {
	ends := w.ends()
	if !slices.ContainsFunc(ends, func(c truth) bool { return c.came }) {
		return verdict.Error
	}
	tolerant := slices.ContainsFunc(w.criteria, func(c string) bool { return strings.HasPrefix(c, "judged_rate") })
	bounded := slices.ContainsFunc(w.criteria, func(c string) bool {
		return strings.HasPrefix(c, "success_rate") || strings.HasPrefix(c, "pass_rate") || strings.HasPrefix(c, "failed_calls")
	})
	unmet, open := false, false
	for _, c := range w.criteria {
		for _, scenario := range w.scopes(c) {
			var calls []truth
			for i, f := range w.lots {
				if scenario == "" || f.scenario == scenario {
					calls = append(calls, ends[i])
				}
			}
			worst, best, any := truthOf(c, calls, tolerant, bounded)
			unmet = unmet || any && !best
			open = open || !any || worst != best
		}
	}
	if unmet {
		return verdict.Fail
	}
	for _, s := range w.scenarios {
		judged := false
		for i, f := range w.lots {
			judged = judged || f.scenario == s.Name && ends[i].judged()
		}
		open = open || !judged && !tolerant
	}
	if open {
		return verdict.Error
	}
	return verdict.Pass
}

// judged reports whether the call says something of the agent.
func (c truth) judged() bool { return c.came && (c.ended == "succeeded" || c.ended == "failed") }

// scopes are the scenarios that a criterion is on; the empty one is the whole run.
func (w *truthWorld) scopes(criterion string) []string {
	if !strings.HasPrefix(criterion, "each scenario") {
		return []string{""}
	}
	var names []string
	for _, s := range w.scenarios {
		names = append(names, s.Name)
	}
	return names
}

// truthOf says whether a criterion holds when everything that nobody knows is as bad, and as
// good, as it can be; any is false when there is nothing that it could be held against.
func truthOf(criterion string, calls []truth, tolerant, bounded bool) (worst, best, any bool) {
	at := strings.LastIndexByte(criterion, ' ')
	var bound float64
	if _, err := fmt.Sscan(criterion[at+1:], &bound); err != nil {
		panic(err)
	}
	metric, _, _ := strings.Cut(strings.TrimPrefix(criterion, "each scenario: "), " >= ")
	metric, _, _ = strings.Cut(metric, " <= ")
	var low, high []float64 // of each call: 0 or 1, or a score
	add := func(l, h float64) { low, high = append(low, l), append(high, h) }
	known := 0
	for _, c := range calls {
		if !c.judged() && tolerant && metric != "judged_rate" && metric != "lost_calls" {
			continue
		}
		l, h, counts, isKnown := c.value(metric, bounded)
		if counts {
			add(l, h)
		}
		if counts && isKnown {
			known++
		}
	}
	total := func(values []float64) (sum float64) {
		for _, v := range values {
			sum += v
		}
		return sum
	}
	switch metric {
	case "failed_calls", "lost_calls":
		return total(high) <= bound, total(low) <= bound, true
	case "overall_score":
		n := float64(len(low))
		return known > 0 && total(low) >= bound*n, total(high) >= bound*n, known > 0
	}
	n := float64(len(low))
	return known > 0 && 100*total(low) >= bound*n, 100*total(high) >= bound*n, known > 0
}

// value is the least and the most that a call can be to a metric; counts is false when the
// metric is not about it.
func (c truth) value(metric string, bounded bool) (low, high float64, counts, known bool) {
	is := func(yes bool) (float64, float64, bool, bool) {
		if yes {
			return 1, 1, true, true
		}
		return 0, 0, true, true
	}
	switch metric {
	case "judged_rate":
		return is(c.judged())
	case "lost_calls":
		low, high, _, known = is(c.came && c.ended == "lost")
		return low, high, c.came, known
	}
	if !c.judged() {
		if metric == "overall_score" {
			return 1, 10, true, false
		}
		return 0, 1, true, false
	}
	switch metric {
	case "success_rate":
		return is(c.ended == "succeeded")
	case "failed_calls":
		return is(c.ended == "failed")
	case "pass_rate":
		if c.ended == "succeeded" && c.eval == "" {
			return 0, 1, true, false
		}
		return is(c.ended == "succeeded" && c.eval == "passed")
	case "eval polite: pass_rate":
		switch {
		case c.ended == "failed":
			return 0, 1, !bounded, false
		case c.eval == "":
			return 0, 1, true, false
		}
		return is(c.eval == "passed")
	}
	switch { // overall_score
	case c.ended == "failed":
		return 1, 10, !bounded, false
	case c.score == 0:
		return 1, 10, true, false
	}
	return float64(c.score), float64(c.score), true, true
}
