package odds_test

import (
	"math"
	"math/rand/v2"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/agent-gate/agent-gate/internal/criteria"
	"github.com/agent-gate/agent-gate/internal/text"
	"github.com/agent-gate/agent-gate/internal/verdict"
	"github.com/agent-gate/agent-gate/internal/verdict/odds"
)

func parsed(t *testing.T, lines string) []criteria.Criterion {
	t.Helper()
	all, err := criteria.Parse(lines)
	if err != nil {
		t.Fatal(err)
	}
	return all
}

// of is a plan of scenarios with so many calls each.
func of(calls ...int) odds.Plan {
	p := odds.Plan{Trials: 1, MaxTrials: 1}
	for i, n := range calls {
		p.Scenarios = append(p.Scenarios, verdict.Planned{Name: text.New(string(rune('A' + i))), Calls: &n})
	}
	return p
}

func TestChancesAgreeWithSciPy(t *testing.T) {
	t.Parallel()
	// scipy.stats.binom.sf(k - 1, n, p), with the least number of hits k that meets the criterion: 19 of 20, 20
	// of 20, 59 of 60 (scipy.stats.binomtest(59, 60).proportion_ci(method="wilson") begins at 91.1 %), 4 of 5.
	cases := []struct {
		name string
		plan odds.Plan
		on   verdict.DecideOn
		line string
		rate float64
		want float64
	}{
		{"by value", of(20), "", "success_rate >= 95", 85, 0.17556},
		{"strictly above", of(20), "", "success_rate > 95", 95, 0.35849},
		{"by interval", of(60), verdict.DecideOnInterval, "success_rate >= 90", 97, 0.459211},
		{"an upper bound", of(20), "", "flaky_rate <= 5", 5, 0.73584},
		{"each scenario", of(5, 5, 5, 5, 5, 5, 5, 5, 5, 5), "", "each scenario: success_rate >= 80", 92, 0.571811},
		{"one scenario", of(5, 7), "", `scenario "A": success_rate >= 80`, 92, 0.945639},
		{"an eval", of(10, 10), "", `eval "x": pass_rate >= 95`, 85, 0.17556},
	}
	for _, c := range cases {
		courses, ok := c.plan.Courses(verdict.Rules{DecideOn: c.on}, parsed(t, c.line)[0])
		got := courses.Chance(c.rate)
		if !ok || math.Abs(got.Met-c.want) > 5e-6 {
			t.Errorf("%s: got %.6f, %t, want %.5f", c.name, got.Met, ok, c.want)
		}
	}
}

func TestNoChancesWhereTheCallsDoNotTell(t *testing.T) {
	t.Parallel()
	unknown := of(20)
	unknown.Scenarios = append(unknown.Scenarios, verdict.Planned{Name: text.New("B")})
	population := verdict.Rules{DecideOn: verdict.DecideOnInterval, IntervalFor: verdict.IntervalForPopulation}
	cases := []struct {
		name  string
		plan  odds.Plan
		rules verdict.Rules
		line  string
	}{
		{"unknown calls", unknown, verdict.Rules{}, "success_rate >= 95"},
		{"no scenario", odds.Plan{}, verdict.Rules{}, "success_rate >= 95"},
		{"no such scenario", of(20), verdict.Rules{}, `scenario "C": success_rate >= 95`},
		{"a mean", of(20), verdict.Rules{}, "overall_score >= 7"},
		{"a count", of(20), verdict.Rules{}, "failed_calls <= 2"},
		{"a change", of(20), verdict.Rules{}, "success_rate.change >= -5"},
		{"equality", of(20), verdict.Rules{}, "success_rate == 95"},
		{"an interval over scenarios", of(20), population, "success_rate >= 95"},
	}
	for _, c := range cases {
		if got, ok := c.plan.Courses(c.rules, parsed(t, c.line)[0]); ok {
			t.Errorf("%s: got %v, want none", c.name, got)
		}
	}
}

// TestChancesAreThoseOfRuns judges many runs of random agents, with reruns and without.
func TestChancesAreThoseOfRuns(t *testing.T) {
	t.Parallel()
	const runs = 20_000
	r := rand.New(rand.NewPCG(1, 16))
	for _, c := range []struct {
		calls, reruns, most int
		line                string
		rate                float64
	}{
		{20, 0, 5, "success_rate >= 95", 85}, {20, 1, 5, "success_rate >= 95", 85}, {20, 3, 2, "success_rate >= 95", 85},
		{40, 2, 10, "success_rate > 97", 90}, {10, 1, 0, "success_rate >= 90", 80}, {10, 1, 10, "success_rate >= 100", 80},
	} {
		p := of(c.calls)
		p.Reruns, p.MostReruns = c.reruns, func(int) int { return c.most }
		criterion := parsed(t, c.line)[0]
		courses, _ := p.Courses(verdict.Rules{}, criterion)
		want := courses.Chance(c.rate)
		met := 0
		for range runs {
			failed := 0
			for range c.calls {
				if r.Float64() >= c.rate/100 {
					failed++
				}
			}
			for range c.reruns {
				if failed > c.most {
					break
				}
				again := failed
				for range again {
					if r.Float64() < c.rate/100 {
						failed--
					}
				}
			}
			if rate := 100 * float64(c.calls-failed) / float64(c.calls); rate > criterion.Bound || rate == criterion.Bound && criterion.Op == ">=" {
				met++
			}
		}
		got := float64(met) / runs
		if math.Abs(got-want.Met) > 4*math.Sqrt(want.Met*(1-want.Met)/runs)+1e-9 {
			t.Errorf("%+v: met in %v of the runs, want %v", c, got, want.Met)
		}
	}
}

func TestChancesInWords(t *testing.T) {
	t.Parallel()
	rerun := of(10, 10)
	rerun.Reruns, rerun.MostReruns = 1, func(n int) int { return n / 4 }
	goOn := of(20)
	goOn.MaxTrials = 10
	cases := []struct {
		name  string
		plan  odds.Plan
		rules verdict.Rules
		lines string
		want  string
	}{
		{"by value", of(10, 10), verdict.Rules{}, "success_rate >= 95\noverall_score >= 7", `
Chance to meet success_rate >= 95 with 20 calls, by the true rate: 6.9% at 80%, 18% at 85%, 39% at 90%, 74% at 95%, 98.3% at 99%.`},
		{"by interval", of(10, 10), verdict.Rules{DecideOn: verdict.DecideOnInterval}, "success_rate >= 80", `
Chance to meet success_rate >= 80 with 20 calls by interval, by the true rate: 1.2% at 80%, 3.9% at 85%, 12% at 90%, 36% at 95%, 82% at 99%.`},
		{"with reruns", rerun, verdict.Rules{}, "success_rate >= 95\nfirst_success_rate >= 80", `
Chance to meet success_rate >= 95 with 20 calls and up to 1 rerun, by the true rate: 69% at 80%, 88% at 85%, 97.3% at 90%, 99.9% at 95%, >99.9% at 99%.
Chance to meet first_success_rate >= 80 with 20 calls, by the true rate: 63% at 80%, 83% at 85%, 95.7% at 90%, 99.7% at 95%, >99.9% at 99%.`},
		{"in each scenario", of(5, 5, 5, 5, 5, 5, 5, 5, 5, 5), verdict.Rules{}, "each scenario: success_rate >= 80\neach scenario: pass_rate >= 80\neach scenario: success_rate >= 20", `
Chance to meet each scenario: success_rate >= 80 with 5 calls in each of 10 scenarios, by the true rate: 4.7% at 80%, 17% at 85%, 43% at 90%, 80% at 95%, 99% at 99%.
10 scenarios have to meet that at once: an agent with a true rate of 92% in each of them misses one in 43% of runs.
Chance to meet each scenario: pass_rate >= 80 with 5 calls in each of 10 scenarios, by the true rate: 4.7% at 80%, 17% at 85%, 43% at 90%, 80% at 95%, 99% at 99%.
Chance to meet each scenario: success_rate >= 20 with 5 calls in each of 10 scenarios, by the true rate: <0.1% at 10%, 1.9% at 20%, 16% at 30%, 45% at 40%.`},
		{"in each scenario of another size", of(4, 5), verdict.Rules{}, "each scenario: success_rate >= 20", `
Chance to meet each scenario: success_rate >= 20 with 4 to 5 calls in each of 2 scenarios, by the true rate: 14% at 10%, 40% at 20%, 63% at 30%, 80% at 40%.`},
		{"an upper bound", of(20), verdict.Rules{}, "flaky_rate <= 5\neval x: share y <= 60", `
Chance to meet flaky_rate <= 5 with 20 calls, by the true rate: 98.3% at 1%, 74% at 5%, 39% at 10%, 18% at 15%, 6.9% at 20%.
Chance to meet eval "x": share "y" <= 60 with 20 calls, by the true rate: 97.9% at 40%, 87% at 50%, 58% at 60%, 23% at 70%, 3.2% at 80%.`},
		{"going on", goOn, verdict.Rules{DecideOn: verdict.DecideOnInterval}, "success_rate >= 90", `
Chance to meet success_rate >= 90 with 20 to 200 calls by interval, by the true rate: <0.1% at 80% (98 calls expected), <0.1% at 85% (135 calls expected), 2.2% at 90% (116 calls expected), 68% at 95% (136 calls expected), >99.9% at 99% (74 calls expected).`},
	}
	for _, c := range cases {
		c.rules.Criteria = parsed(t, c.lines)
		var got []string
		for _, line := range c.plan.Words(c.rules) {
			got = append(got, line.Line())
		}
		if diff := cmp.Diff(strings.TrimSpace(c.want), strings.Join(got, "\n")); diff != "" {
			t.Errorf("%s (-want +got)\n%s", c.name, diff)
		}
	}
}
