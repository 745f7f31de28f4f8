package statistics_test

import (
	"math"
	"math/rand/v2"
	"testing"

	"github.com/agent-gate/agent-gate/internal/criteria"
	"github.com/agent-gate/agent-gate/internal/stats"
	"github.com/agent-gate/agent-gate/internal/verdict"
	"github.com/agent-gate/agent-gate/internal/verdict/odds"
)

// binomial is the probability of k hits of n.
func binomial(k, n int, p float64) float64 {
	lg := func(x int) float64 { v, _ := math.Lgamma(float64(x + 1)); return v }
	return math.Exp(lg(n) - lg(k) - lg(n-k) + float64(k)*math.Log(p) + float64(n-k)*math.Log1p(-p))
}

// atLeast is a criterion on the success rate.
func atLeast(bound float64) criteria.Criterion {
	return criteria.Criterion{Metric: criteria.MetricSuccessRate, Op: criteria.OpAtLeast, Bound: bound}
}

// of is a plan of one scenario with so many calls.
func of(calls int) odds.Plan {
	return odds.Plan{Scenarios: []verdict.Planned{{Calls: &calls}}, Trials: 1, MaxTrials: 1}
}

// met is the chance of a criterion, with a true rate in percent.
func met(t *testing.T, p odds.Plan, rules verdict.Rules, c criteria.Criterion, rate float64) odds.Chance {
	t.Helper()
	courses, ok := p.Courses(rules, c)
	if !ok {
		t.Fatalf("%s has no chances", c)
	}
	return courses.Chance(rate)
}

func TestTableOfWilsonsCoverage(t *testing.T) {
	t.Parallel()
	var rows [][]cell
	for _, n := range []int{10, 20, 50, 100, 200, 500} {
		limits := make([]stats.Interval, n+1)
		for k := range limits {
			limits[k] = stats.Wilson(k, n, 0.95)
		}
		holds := func(p float64) (share float64) {
			for k, at := range limits {
				if at.Low <= p && p <= at.High {
					share += binomial(k, n, p)
				}
			}
			return share
		}
		row := []cell{words("%d", n)}
		for _, p := range []float64{0.5, 0.7, 0.8, 0.9, 0.95, 0.99} {
			row = append(row, exact(holds(p)))
		}
		all, steps := 0.0, 4900
		for i := range steps {
			all += holds(0.5 + 0.49*(float64(i)+0.5)/float64(steps))
		}
		// Successes are whole numbers, so at single rates the coverage swings; over rates it is what the
		// level says (Brown, Cai and DasGupta, 2001).
		if over := all / float64(steps); over < 0.945 || over > 0.965 {
			t.Errorf("%d calls, rates from 50 to 99 %%: %.4f", n, over)
		}
		rows = append(rows, append(row, exact(all/float64(steps))))
	}
	hold(t, "statistics.md", "wilson", rows)
}

func TestTableOfDecisions(t *testing.T) {
	t.Parallel()
	c := atLeast(90)
	value, interval := verdict.Rules{}, verdict.Rules{DecideOn: verdict.DecideOnInterval}
	var rows [][]cell
	for _, n := range []int{10, 20, 50, 100, 200, 500} {
		row := []cell{words("%d", n)}
		for _, p := range []float64{85, 95} {
			looks, ok := interval.Bounds(c, []int{n})
			if !ok {
				t.Fatal("no bounds")
			}
			chances := stats.GivingUp(looks, 0).Chances(p / 100)
			byValue, wrong := met(t, of(n), value, c, p).Met, chances.Pass
			if p > 90 {
				byValue, wrong = 1-byValue, chances.Fail
			}
			if wrong > 0.035 || wrong > byValue {
				t.Errorf("%d calls at %v %%: wrong in %v by interval, %v by value", n, p, wrong, byValue)
			}
			row = append(row, exact(byValue), exact(wrong), exact(chances.Open))
		}
		rows = append(rows, row)
	}
	hold(t, "statistics.md", "decisions", rows)
}

func TestTableOfTrying(t *testing.T) {
	t.Parallel()
	var rows [][]cell
	for _, n := range []int{10, 20, 50, 100, 200} {
		once := met(t, of(n), verdict.Rules{}, atLeast(90), 85).Met
		row := []cell{words("%d", n)}
		for tries := 1; tries <= 5; tries++ {
			row = append(row, exact(1-math.Pow(1-once, float64(tries))))
		}
		rows = append(rows, row)
	}
	hold(t, "statistics.md", "trying", rows)
}

func TestTableOfReruns(t *testing.T) {
	t.Parallel()
	var rows [][]cell
	for _, n := range []int{20, 40, 100, 200} {
		row := []cell{words("%d", n)}
		for reruns := range 4 {
			p := of(n)
			p.Reruns, p.MostReruns = reruns, func(calls int) int { return calls / 4 }
			row = append(row, exact(met(t, p, verdict.Rules{}, atLeast(95), 85).Met))
		}
		rows = append(rows, row)
	}
	hold(t, "reruns-and-evals.md", "reruns", rows)
}

func TestTableOfLooks(t *testing.T) {
	t.Parallel()
	rules := verdict.Rules{DecideOn: verdict.DecideOnInterval}
	p := of(20)
	p.MaxTrials = 10
	sizes := []int{20, 40, 60, 80, 100, 120, 140, 160, 180, 200}
	looks, _ := rules.Bounds(atLeast(90), sizes)
	fixed, _ := rules.Bounds(atLeast(90), []int{200})
	var rows [][]cell
	for _, rate := range []float64{70, 80, 85, 90, 93, 95, 97, 99} {
		several, one := stats.GivingUp(looks, 0).Chances(rate/100), stats.GivingUp(fixed, 0).Chances(rate/100)
		if rate == 90 && (several.Pass > 0.025 || several.Fail > 0.025) {
			t.Errorf("on the bar: passes in %v, fails in %v of the runs", several.Pass, several.Fail)
		}
		rows = append(rows, []cell{words("%v %%", rate), exact(several.Pass), exact(several.Fail), words("%.0f", several.Calls), exact(one.Pass), exact(one.Fail)})
	}
	hold(t, "statistics.md", "looks", rows)
}

// simulate counts how often something holds in many runs. It takes the same seeds at every size.
func simulate(runs int, seed uint64, holds func(r *rand.Rand) bool) int {
	r := rand.New(rand.NewPCG(seed, 16))
	n := 0
	for range runs {
		if holds(r) {
			n++
		}
	}
	return n
}

// TestTableOfScenarios passes a bar at the true rate of all scenarios that there are: each works always or
// never, or half of the time.
func TestTableOfScenarios(t *testing.T) {
	t.Parallel()
	const calls = 5
	kinds := []func(r *rand.Rand) float64{
		func(*rand.Rand) float64 { return 0.9 },
		func(r *rand.Rand) float64 { return 0.8 + 0.2*r.Float64() },
		func(r *rand.Rand) float64 {
			if r.Float64() < 0.9 {
				return 1
			}
			return 0
		},
	}
	var rows [][]cell
	for i, scenarios := range []int{10, 20, 50} {
		row := []cell{words("%d", scenarios)}
		for k, rate := range kinds {
			draw := func(r *rand.Rand) (all []stats.Count, hits int) {
				for range scenarios {
					p, n := rate(r), 0
					for range calls {
						if r.Float64() < p {
							n++
						}
					}
					all, hits = append(all, stats.Count{Hits: n, Total: calls}), hits+n
				}
				return all, hits
			}
			suite := simulate(runs(), uint64(100+10*i+k), func(r *rand.Rand) bool {
				_, hits := draw(r)
				return stats.Wilson(hits, scenarios*calls, 0.95).Low > 0.9
			})
			population := simulate(runs(), uint64(200+10*i+k), func(r *rand.Rand) bool {
				all, _ := draw(r)
				return stats.RateOver(all, 0.95).Low > 0.9
			})
			row = append(row, drawn(suite, runs()), drawn(population, runs()))
		}
		rows = append(rows, row)
	}
	hold(t, "statistics.md", "scenarios", rows)
}
