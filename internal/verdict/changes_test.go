package verdict

import (
	"fmt"
	"math"
	"math/rand/v2"
	"testing"

	"github.com/agent-gate/agent-gate/internal/calls"
	"github.com/agent-gate/agent-gate/internal/criteria"
	"github.com/agent-gate/agent-gate/internal/text"
)

// playedAnyhow is a run of some dataset rows of three scenarios, whose calls ended in any way.
func playedAnyhow(r *rand.Rand, rows bool) Evidence {
	var all []Call
	for _, name := range []string{"A", "B", "C"} {
		for range r.IntN(6) {
			var how []func(*Call)
			switch r.IntN(7) {
			case 0:
				how = append(how, failed)
			case 1:
				how = append(how, lost)
			case 2:
				how = append(how, passing("e"))
			default:
				score := float64(1 + r.IntN(10))
				how = append(how, scored(score))
				if score > 5 {
					how = append(how, passing("e"))
				} else {
					how = append(how, failing("e"))
				}
			}
			c := call(name, how...)
			if rows {
				c.Row = uint64(1 + r.IntN(4))
			}
			all = append(all, c)
		}
	}
	e := runOf(all...)
	e.Evals = []calls.EvalConfig{{ID: id("e"), Name: text.New("e")}}
	return e
}

func TestChangesAreThoseThatCriteriaAreAbout(t *testing.T) {
	t.Parallel()
	compared := 0
	for seed := range uint64(90) {
		r := rand.New(rand.NewPCG(seed, 1))
		rows := seed%3 > 0
		now, then := playedAnyhow(r, rows), playedAnyhow(r, rows)
		rules := Rules{Baseline: BaselineOf(then), Set: criteria.Set{Criteria: parsed(t,
			"success_rate.change >= 0\npass_rate.change >= 0\noverall_score.change >= 0\neval e: pass_rate.change >= 0\neach scenario: pass_rate.change >= 0")}}
		changes := ChangesOf(now, rules)
		if changes == nil {
			continue
		}
		of := map[string]Change{}
		for _, c := range changes.Calls {
			of[c.Metric] = c
		}
		if len(changes.Evals) > 0 {
			of["eval"] = changes.Evals[0]
		}
		for _, s := range changes.Scenarios {
			of["scenario "+s.Name.Raw()] = s.PassRate
		}
		for _, check := range Judge(now, rules).Checks {
			c := parsed(t, check.Criterion)[0]
			name := c.Metric
			switch c.Scope.Kind {
			case criteria.ScopeEval:
				name = "eval"
			case criteria.ScopeEachScenario:
				name = "scenario " + check.Scope.Raw()
			}
			got, known := of[name]
			where := fmt.Sprintf("seed %d: %s", seed, name)
			if !known || (got.By.Value == nil) != (check.Value.Value == nil) {
				if c.Scope.Kind != criteria.ScopeEval {
					t.Fatalf("%s: %+v, but the criterion has %+v", where, got, check)
				}
				continue
			}
			if got.By.Value == nil {
				continue
			}
			compared++
			if *got.By.Value != *check.Value.Value || got.By.N != check.Value.N || got.By.Unit != check.Value.Unit {
				t.Fatalf("%s: %+v, but the criterion has %+v", where, got.By, check.Value)
			}
			if d := *got.Now.Value - *got.Then.Value - *got.By.Value; math.Abs(d) > 1e-9 {
				t.Fatalf("%s: %v then and %v now are no change by %v", where, *got.Then.Value, *got.Now.Value, *got.By.Value)
			}
			if got.Rose+got.Fell > got.Of || got.Rows && !rows {
				t.Fatalf("%s: %+v", where, got)
			}
		}
	}
	if compared < 200 {
		t.Errorf("only %d numbers were compared", compared)
	}
}

func TestCasesArePairedAsTheChangesAre(t *testing.T) {
	t.Parallel()
	for seed := range uint64(90) {
		r := rand.New(rand.NewPCG(seed, 2))
		rows := seed%3 > 0
		now, then := playedAnyhow(r, rows), playedAnyhow(r, rows)
		rules := Rules{Baseline: BaselineOf(then)}
		changes := ChangesOf(now, rules)
		if changes == nil {
			continue
		}
		share := func(list Calls, at []int) (rate float64, known bool) {
			good, n := 0, 0
			for _, i := range at {
				switch list.At(i).Outcome() {
				case Succeeded:
					good++
					n++
				case Failed, Skipped:
					n++
				}
			}
			return float64(good) / float64(n), n > 0
		}
		of, rose, fell := 0, 0, 0
		for _, c := range changes.Cases {
			a, known := share(now.Calls, c.Now)
			b, knownThen := share(then.Calls, c.Then)
			if !known || !knownThen {
				continue
			}
			of++
			if a > b {
				rose++
			}
			if a < b {
				fell++
			}
		}
		for _, c := range changes.Calls {
			if c.Metric == criteria.MetricSuccessRate && c.By.Value != nil && (c.Of != of || c.Rose != rose || c.Fell != fell) {
				t.Fatalf("seed %d: %d cases, %d better and %d worse, but the success rate has %+v", seed, of, rose, fell, c)
			}
		}
	}
}
