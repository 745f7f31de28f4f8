package verdict_test

import (
	"fmt"
	"maps"
	"math/rand/v2"
	"slices"
	"strings"
	"testing"

	"github.com/agent-gate/agent-gate/internal/criteria"
	"github.com/agent-gate/agent-gate/internal/verdict"
)

// The tests in this file know the truth: they have a small implementation of the public interface's
// metrics over fully known runs, and try every way in which unknown parts may have been. They only
// share types and the parser with the package.

// asked is what the oracle says about one criterion.
type asked struct {
	always, never bool // it holds under every filling that was tried, under none
	undefined     bool // in some there was nothing to measure
	exhaustive    bool // all were tried
}

// oracle judges a world by rules.
type oracle struct {
	world world
	rules verdict.Rules
	r     *rand.Rand
}

// end is how a call ended by the rules.
func (o oracle) end(c theCall) theCall {
	if o.rules.PlatformFails {
		if c.end == lost {
			c.end = failed
		}
		if c.rerun && c.first == lost {
			c.first = failed
		}
	}
	return c
}

// tolerated reports whether a criterion says how many calls of a scenario may be unknown.
func (o oracle) tolerated(scenario string) bool {
	return slices.ContainsFunc(o.rules.Criteria, func(c criteria.Criterion) bool {
		return c.Metric == "judged_rate" && !strings.HasPrefix(c.Op, "<") && (c.Scope.Kind != criteria.ScopeScenario || c.Scope.Name == scenario)
	})
}

// bounded reports whether a criterion answers for calls that did not succeed.
func (o oracle) bounded() bool {
	return slices.ContainsFunc(o.rules.Criteria, func(c criteria.Criterion) bool {
		if c.Scope.Kind != criteria.ScopeRun || c.Change {
			return false
		}
		switch c.Metric {
		case "success_rate", "first_success_rate", "pass_rate", "first_pass_rate", "completed_calls":
			return !strings.HasPrefix(c.Op, "<")
		case "failed_calls":
			return !strings.HasPrefix(c.Op, ">")
		}
		return false
	})
}

// absent counts the calls that were planned and never came, by scenario.
func (o oracle) absent() map[string]int {
	n := map[string]int{}
	maps.Copy(n, o.world.planned)
	for _, c := range o.world.calls {
		n[c.scenario]--
	}
	for scenario := range n {
		n[scenario] = max(0, n[scenario])
	}
	return n
}

// untested reports whether a scenario has no judged call, and no criterion says that it
// need not have one.
func (o oracle) untested() bool {
	return slices.ContainsFunc(o.world.names, func(name string) bool {
		return !o.tolerated(name) && !slices.ContainsFunc(o.world.calls, func(c theCall) bool { return c.scenario == name && o.end(c).end.known() })
	})
}

// low is the lowest overall score that there may be.
func (o oracle) low() float64 {
	for _, c := range o.world.calls {
		if (c.end == succeeded || c.end == crashed) && c.score != nil && *c.score < 1 {
			return 0
		}
	}
	return 1
}

// ask asks about a criterion on the run, a scenario or an eval.
func (o oracle) ask(c criteria.Criterion, most int) asked {
	in := func(scenario string) bool { return c.Scope.Kind != criteria.ScopeScenario || c.Scope.Name == scenario }
	var calls []theCall
	for _, call := range o.world.calls {
		if in(call.scenario) {
			calls = append(calls, o.end(call))
		}
	}
	absent := o.absent()
	maps.DeleteFunc(absent, func(scenario string, _ int) bool { return !in(scenario) })
	if v, ok, plain := o.plain(c, calls, absent); plain {
		holds := ok && compare(v, c.Op, c.Bound)
		return asked{always: holds, never: ok && !holds, undefined: !ok, exhaustive: true}
	}
	s := newSpace(calls, absent, o.tolerated, o.bounded(), o.rules.PassWhen, o.low(), strings.HasPrefix(c.Metric, "first_"))
	a := asked{always: true, never: true}
	a.exhaustive = s.truths(o.r, most, func(t truth) bool {
		v, ok := t.value(c)
		switch {
		case !ok:
			a.undefined = true
		case compare(v, c.Op, c.Bound):
			a.never = false
		default:
			a.always = false
		}
		return a.always || a.never
	})
	return a
}

// plain measures what there is nothing to fill in for: what came is what came, how much can be
// judged is known, and of numbers without a range only those count that exist.
func (o oracle) plain(c criteria.Criterion, calls []theCall, absent map[string]int) (v float64, ok, plain bool) {
	count := func(hit func(theCall) bool) float64 {
		n := 0
		for _, c := range calls {
			if hit(c) {
				n++
			}
		}
		return float64(n)
	}
	gone := 0
	for _, n := range absent {
		gone += n
	}
	completed := func(c theCall) bool { return c.end == succeeded || c.end == crashed || c.end == skipped }
	switch {
	case c.Metric == "total_calls":
		return float64(len(calls)), true, true
	case c.Metric == "completed_calls":
		return count(completed), true, true
	case c.Metric == "lost_calls":
		return count(func(c theCall) bool { return c.end == lost }), true, true
	case c.Metric == "missing_calls":
		return float64(gone), o.world.planned != nil, true
	case c.Metric == "judged_rate":
		planned := float64(len(calls) + gone)
		return 100 * count(func(c theCall) bool { return c.end.known() }) / planned, planned > 0, true
	case c.Metric == "duration":
		var values []float64
		for _, c := range calls {
			if completed(c) && c.duration != nil {
				values = append(values, *c.duration)
			}
		}
		v, ok = stat(values, c.Stat)
		return v, ok, true
	case c.Metric == "score" && c.Scope.Name == "number":
		var values []float64
		for _, c := range calls {
			switch r := c.result("number"); {
			case c.end == succeeded && r.has, c.end == crashed && r.has && o.bounded():
				values = append(values, r.score)
			case c.end.known() && c.end != succeeded && !o.bounded():
				return 0, false, true // no criterion covers it, and no range is known
			}
		}
		v, ok = stat(values, c.Stat)
		return v, ok, true
	}
	return 0, false, false
}

// checks are the criteria that an "each" criterion expands to.
func (o oracle) checks() []criteria.Criterion {
	var all []criteria.Criterion
	for _, c := range o.rules.Criteria {
		switch c.Scope.Kind {
		case criteria.ScopeEachScenario:
			for _, name := range slices.Sorted(slices.Values(o.world.names)) {
				c.Scope = criteria.Scope{Kind: criteria.ScopeScenario, Name: name}
				all = append(all, c)
			}
		case criteria.ScopeEachEval:
			for _, name := range slices.Sorted(slices.Values(evalNames)) {
				c.Scope = criteria.Scope{Kind: criteria.ScopeEval, Name: name}
				all = append(all, c)
			}
		default:
			all = append(all, c)
		}
	}
	return all
}

// randomCriteria are criteria of all kinds.
func randomCriteria(t *testing.T, r *rand.Rand) verdict.Rules {
	t.Helper()
	rates := []string{
		"success_rate", "success_rate", "first_success_rate", "pass_rate", "pass_rate", "first_pass_rate", "scored_rate", "flaky_rate", "judged_rate",
		"each scenario: success_rate", "each scenario: pass_rate", "each scenario: judged_rate", `scenario "A": success_rate`, `scenario "A": judged_rate`,
		"each scenario: scored_rate", `eval "pass": pass_rate`, `eval "label": share "x"`, `eval "score": result_rate`, "each eval: result_rate",
	}
	scores := []string{"overall_score", "overall_score.p50", "overall_score.min", "overall_score.max", "each scenario: overall_score"}
	others := []string{`eval "score": score`, `eval "pass": score`, `eval "number": score`, `eval "score": score.p50`, "duration", "duration.max", "overall_score.sum"}
	counts := []string{"failed_calls", "failed_calls", "total_calls", "completed_calls", "flaky_calls", "lost_calls", "missing_calls", `scenario "A": failed_calls`}
	var lines []string
	for range 1 + r.IntN(3) {
		pick := func(from []string) string { return from[r.IntN(len(from))] }
		op := pick([]string{">=", ">=", ">=", "<=", ">", "<", "=="})
		var line string
		var bound float64
		switch r.IntN(5) {
		case 0, 1:
			line, bound = pick(rates), float64([]int{25, 50, 60, 75, 80, 100}[r.IntN(6)])
		case 2:
			line, bound = pick(scores), 1+float64(r.IntN(19))/2
		case 3:
			line, bound = pick(others), float64(r.IntN(15))*10
		default:
			line, bound = pick(counts), float64(r.IntN(5))
			if op == ">=" {
				op = "<="
			}
		}
		if line = fmt.Sprintf("%s %s %v", line, op, bound); !slices.Contains(lines, line) {
			lines = append(lines, line)
		}
	}
	wanted, err := criteria.Parse(strings.Join(lines, "\n"))
	if err != nil {
		t.Fatal(err)
	}
	rules := verdict.Rules{Set: criteria.Set{Criteria: wanted}, PlatformFails: r.IntN(6) == 0}
	for _, c := range []criteria.Condition{
		{Kind: criteria.ConditionPassed, Eval: "pass"},
		{Kind: criteria.ConditionNumber, Eval: "score", Op: ">=", Bound: 70},
		{Kind: criteria.ConditionLabel, Eval: "label", Label: "x"},
		{Kind: criteria.ConditionNumber, Metric: "overall_score", Op: ">=", Bound: 6},
		{Kind: criteria.ConditionNumber, Metric: "duration", Op: "<=", Bound: 200},
	} {
		if r.IntN(8) == 0 {
			rules.PassWhen = append(rules.PassWhen, c)
		}
	}
	return rules
}

// TestNoVerdictThatAnotherTruthWouldTurn holds the verdicts of random runs against the truth:
// no pass unless all criteria hold whatever the unknown was, no fail unless one does not
// whatever it was, and an answer where all ways in which it may have been agree.
func TestNoVerdictThatAnotherTruthWouldTurn(t *testing.T) {
	t.Parallel()
	const most = 80
	seen, open := map[verdict.Kind]int{}, map[verdict.Kind]int{}
	for seed := range uint64(*verdict.RandomRuns) {
		r := rand.New(rand.NewPCG(seed, 12))
		o := oracle{world: randomWorld(r), rules: randomCriteria(t, r), r: r}
		v := verdict.Judge(o.world.evidence(), o.rules)
		seen[v.Kind]++
		if len(o.world.calls) == 0 {
			if v.Kind != verdict.Error {
				t.Errorf("a run without calls: %s", v.Kind)
			}
			continue
		}
		checks := o.checks()
		if len(v.Checks) != len(checks) {
			t.Fatalf("seed %d: got %d checks, want %d", seed, len(v.Checks), len(checks))
		}
		allHold, someNever, unknown := true, false, 0
		for i, c := range checks {
			got, a := v.Checks[i], o.ask(c, most)
			unknown += got.Unknown
			allHold = allHold && a.always && !a.undefined
			someNever = someNever || a.never && !(a.always && a.undefined)
			switch got.Outcome {
			case verdict.Met:
				if !a.always {
					t.Errorf("seed %d: %s is met, but not by every truth: %s", seed, c, got.Detail)
				}
			case verdict.NotMet:
				if !a.never {
					t.Errorf("seed %d: %s is not met, but it is by some truth: %s", seed, c, got.Detail)
				}
			case verdict.NoData:
				// Where nothing at all is known nothing is claimed, and of flaky calls, first tries,
				// sums and equality less than is known.
				loose := c.Stat == "sum" || got.Value.Value == nil || strings.Contains(c.Metric, "flaky") || strings.HasPrefix(c.Metric, "first_") || c.Op == "=="
				if a.exhaustive && a.always != a.never && !a.undefined && !loose {
					t.Errorf("seed %d: %s has no data, but every truth agrees (%t): %s", seed, c, a.always, got.Detail)
				}
			case verdict.Undecided:
				t.Errorf("seed %d: %s is undecided on the estimate", seed, c)
			}
		}
		switch {
		case v.Kind == verdict.Pass && (!allHold || o.untested()):
			t.Errorf("seed %d: it passes, but all hold: %t, untested: %t", seed, allHold, o.untested())
		case v.Kind == verdict.Fail && !someNever:
			t.Errorf("seed %d: it fails, but every criterion holds by some truth", seed)
		}
		if unknown > 0 {
			open[v.Kind]++
		}
		if t.Failed() {
			var lines []string
			for _, c := range o.rules.Criteria {
				lines = append(lines, c.String())
			}
			t.Fatalf("seed %d: %s: %s\ncriteria %s\npass when %+v, platform fails %t\n%s", seed, v.Kind, v.Reason, strings.Join(lines, "; "), o.rules.PassWhen, o.rules.PlatformFails, o.world)
		}
	}
	t.Logf("verdicts %v, of them with something unknown %v", seen, open)
	for _, k := range []verdict.Kind{verdict.Pass, verdict.Fail, verdict.Error} {
		if open[k] < *verdict.RandomRuns/100 {
			t.Errorf("only %d runs with something unknown came out as %s", open[k], k)
		}
	}
}
