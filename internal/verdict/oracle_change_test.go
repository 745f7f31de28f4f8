package verdict_test

import (
	"maps"
	"math/rand/v2"
	"slices"
	"strings"
	"testing"

	"github.com/agent-gate/agent-gate/internal/criteria"
	"github.com/agent-gate/agent-gate/internal/verdict"
)

// numberRows gives each call the dataset row that it is of. Of one that never came the run
// does not know it.
func numberRows(calls []theCall) {
	n := map[string]uint64{}
	for i := range calls {
		n[calls[i].scenario]++
		calls[i].row = n[calls[i].scenario]
	}
}

// only are the calls of some scenarios.
func (t truth) only(scenarios map[string]bool) truth {
	t.calls = slices.DeleteFunc(slices.Clone(t.calls), func(c theCall) bool { return !scenarios[c.scenario] })
	return t
}

// change is a metric now minus then, over the scenarios that both runs have.
func change(now, then truth, c criteria.Criterion, both map[string]bool, byRow bool) (v float64, ok bool) {
	if !strings.HasSuffix(c.Metric, "_calls") {
		now, then = now.only(both), then.only(both)
	}
	rate := strings.HasSuffix(c.Metric, "_rate")
	if c.Stat != "mean" && !rate {
		a, aOK := now.value(c)
		b, bOK := then.value(c)
		return a - b, aOK && bOK
	}
	key := func(v valued) valued {
		if !byRow {
			v.row = 0
		}
		v.value = 0
		return v
	}
	group := func(values []valued) map[valued][]float64 {
		groups := map[valued][]float64{}
		for _, v := range values {
			groups[key(v)] = append(groups[key(v)], v.value)
		}
		return groups
	}
	mean := func(values []float64) float64 { m, _ := stat(values, "mean"); return m }
	a, b := group(now.each(c)), group(then.each(c))
	sum, n := 0.0, 0.0
	for k, values := range a {
		if len(b[k]) == 0 {
			continue
		}
		weight := float64(len(values))
		if byRow && !rate {
			weight = 1
		}
		sum += weight * (mean(values) - mean(b[k]))
		n += weight
	}
	return sum / n, n > 0
}

// each are the values that a mean is taken over, or for a rate 100 for a call that counts and 0 for one that
// does not.
func (t truth) each(c criteria.Criterion) []valued {
	if c.Stat == "mean" {
		return t.values(c)
	}
	var all []valued
	for _, call := range t.calls {
		one := t
		one.calls = []theCall{call}
		if v, ok := one.value(c); ok {
			all = append(all, valued{call.scenario, call.row, v})
		}
	}
	return all
}

// TestNoChangeThatAnotherTruthWouldTurn holds comparisons with a baseline against every way in
// which what is not known of either run may have been.
func TestNoChangeThatAnotherTruthWouldTurn(t *testing.T) {
	t.Parallel()
	outcomes := map[verdict.CheckOutcome]int{}
	metrics := []string{"success_rate", "pass_rate", "overall_score", "overall_score", "overall_score.max", "overall_score.p50", `eval "score": score`, `eval "pass": pass_rate`, "failed_calls"}
	for seed := range uint64(*verdict.RandomRuns / 10) {
		r := rand.New(rand.NewPCG(seed, 14))
		w := randomWorld(r)
		if len(w.calls) == 0 || len(w.baseline) == 0 {
			continue
		}
		if r.IntN(2) == 0 {
			numberRows(w.calls)
			numberRows(w.baseline)
		}
		line := metrics[r.IntN(len(metrics))] + ".change " + []string{">=", ">", "<=", "<"}[r.IntN(4)] + []string{" -50", " -20", " -5", " -1", " 0", " 1", " 20"}[r.IntN(6)]
		if r.IntN(2) == 0 {
			line += "\nsuccess_rate >= 1"
		}
		wanted, err := criteria.Parse(line)
		if err != nil {
			t.Fatal(err)
		}
		c := wanted[0]
		rules := verdict.Rules{Set: criteria.Set{Criteria: wanted}, Baseline: w.earlier()}
		got := verdict.Judge(w.evidence(), rules).Checks[0]
		outcomes[got.Outcome]++
		if got.Outcome == verdict.NoData {
			continue
		}
		o := oracle{world: w, rules: rules, r: r}
		none := func(string) bool { return false }
		earlier := oracle{world: world{calls: w.baseline}, rules: rules}
		low := min(o.low(), earlier.low())
		now := newSpace(w.calls, o.absent(), none, o.bounded(), nil, low, false)
		numberMissing(now.base.calls)
		then := newSpace(w.baseline, nil, none, o.bounded(), nil, low, false)
		both := shared(now, then, c)
		byRow := pairsOf(w, c, o.bounded(), both)
		now.truths(r, 60, func(a truth) bool {
			then.truths(r, 20, func(b truth) bool {
				v, ok := change(a, b, c, both, byRow)
				if holds := compare(v, c.Op, c.Bound); ok && holds != (got.Outcome == verdict.Met) {
					t.Errorf("seed %d: %s is %s, but it may be %v: %s", seed, line, got.Outcome, v, got.Detail)
				}
				return !t.Failed()
			})
			return !t.Failed()
		})
		if t.Failed() {
			t.Fatalf("by row %t, in both %v\n%s", byRow, both, w)
		}
	}
	t.Logf("outcomes %v", outcomes)
	if outcomes[verdict.Met] == 0 || outcomes[verdict.NotMet] == 0 {
		t.Errorf("got outcomes %v, want some of each", outcomes)
	}
}

// numberMissing gives rows to the calls that never came, where the others have some.
func numberMissing(calls []theCall) {
	rows := map[string]uint64{}
	for i := range calls {
		c := &calls[i]
		switch {
		case c.end != missing:
			rows[c.scenario] = max(rows[c.scenario], c.row)
		case calls[0].row > 0:
			rows[c.scenario]++
			c.row = rows[c.scenario]
		}
	}
}

// shared are the scenarios of which both runs may have something to measure.
func shared(now, then space, c criteria.Criterion) map[string]bool {
	has := func(s space) map[string]bool {
		all := map[string]bool{}
		for _, call := range s.base.calls {
			all[call.scenario] = true
		}
		maps.DeleteFunc(all, func(name string, _ bool) bool {
			some := false
			s.truths(rand.New(rand.NewPCG(1, 1)), 20, func(t truth) bool {
				_, ok := t.only(map[string]bool{name: true}).value(c)
				some = some || ok
				return !some
			})
			return !some
		})
		return all
	}
	a, b := has(now), has(then)
	maps.DeleteFunc(a, func(name string, _ bool) bool { return !b[name] })
	return a
}

// pairsOf reports whether rates and means are compared row by row: all have one, and one at least is in
// both runs.
func pairsOf(w world, c criteria.Criterion, bounded bool, both map[string]bool) bool {
	known := func(calls []theCall) map[valued]bool {
		all := map[valued]bool{}
		for _, call := range calls {
			took := call.end == succeeded || call.end == crashed && bounded
			is := false
			switch {
			case c.Metric == "overall_score":
				is = took && call.score != nil
			case c.Metric == "score":
				is = took && call.result(c.Scope.Name).has
			case c.Scope.Kind == criteria.ScopeEval:
				is = call.end == succeeded && call.result("pass").has
			case c.Metric == "success_rate":
				is = call.end.known()
			case c.Metric == "pass_rate":
				is = call.end.known() && (call.end != succeeded || call.result("pass").has)
			}
			if is && both[call.scenario] {
				all[valued{call.scenario, call.row, 0}] = true
			}
		}
		return all
	}
	a, b := known(w.calls), known(w.baseline)
	for v := range a {
		if v.row > 0 && b[v] {
			return true
		}
	}
	return false
}
