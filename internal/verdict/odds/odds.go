package odds

import (
	"math"
	"slices"

	"github.com/agent-gate/agent-gate/internal/criteria"
	"github.com/agent-gate/agent-gate/internal/stats"
	"github.com/agent-gate/agent-gate/internal/verdict"
)

// Plan is how many calls a run places.
type Plan struct {
	// Scenarios have the calls of one trial. Without all of their numbers there are no chances.
	Scenarios []verdict.Planned
	// Trials are the first trials, at least 1, MaxTrials all that the limits allow.
	Trials, MaxTrials int
	// Reruns is how often a call that failed is placed again, MostReruns with at most how many of so many
	// calls.
	Reruns     int
	MostReruns func(calls int) int
}

// PlanOf is the plan of running again what was judged, with the same looks if it had several.
func PlanOf(v verdict.Verdict, e verdict.Evidence) Plan {
	trials := e.Trials()
	p := Plan{Trials: trials}
	if e.Looks.Several() {
		p.Trials, p.MaxTrials = e.Looks.First, e.Looks.Max
	}
	for _, s := range v.Scenarios {
		calls := s.Counts.Planned / max(trials, 1)
		p.Scenarios = append(p.Scenarios, verdict.Planned{ID: s.ID, Name: s.Name, Calls: &calls})
	}
	return p
}

// Chance is what becomes of a criterion if the true rate is Rate, in percent.
type Chance struct {
	Rate float64
	Met  float64 // probability
	// Calls are the expected calls; 0 if their number does not depend on the results.
	Calls float64
}

// Courses are what a criterion is decided by, for each size of what it is measured on.
type Courses struct {
	plan      Plan
	criterion criteria.Criterion
	sizes     []int // see [Plan.Sizes], in ascending order
	all       []course
}

// course is what becomes of a criterion on so many scenarios of the same size.
type course struct {
	stats.Course
	scenarios int
}

// Courses are those of a criterion; ok is false if it is no rate, or if the calls are not known.
func (p Plan) Courses(rules verdict.Rules, c criteria.Criterion) (out Courses, ok bool) {
	sizes, ok := p.Sizes(c)
	if !ok {
		return out, false
	}
	slices.Sort(sizes)
	out = Courses{plan: p, criterion: c, sizes: sizes}
	for i, calls := range sizes {
		if i > 0 && calls == sizes[i-1] {
			out.all[len(out.all)-1].scenarios++
			continue
		}
		looks, ok := rules.Bounds(c, p.looks(rules, calls))
		if !ok {
			return out, false
		}
		out.all = append(out.all, course{stats.GivingUp(looks, verdict.LeastChance), 1})
	}
	return out, true
}

// Chance is that at one true rate, in percent. A criterion on each scenario has to be met in all.
func (cs Courses) Chance(rate float64) Chance {
	p, c := cs.plan, cs.criterion
	out := Chance{Rate: rate, Met: 1}
	share := rate / 100
	if c.WantsLittle() {
		share = 1 - share
	}
	for _, one := range cs.all {
		chances := one.Chances(share)
		if p.reruns(c) && len(one.Looks) == 1 {
			chances.Pass = one.Looks[0].Rerun(share, p.Reruns, p.MostReruns(one.Looks[0].Calls))
		}
		if len(one.Looks) > 1 {
			out.Calls = max(out.Calls, chances.Calls)
		}
		out.Met *= math.Pow(chances.Pass, float64(one.scenarios))
	}
	return out
}

// Sizes are the calls of one trial that each check of a criterion is measured on; ok is false if they are not
// known. One on each eval is taken as one on a single eval that has a result on every call.
func (p Plan) Sizes(c criteria.Criterion) (sizes []int, ok bool) {
	total := 0
	for _, s := range p.Scenarios {
		if s.Calls == nil {
			return nil, false
		}
		total += *s.Calls
		if c.Scope.Kind == criteria.ScopeEachScenario || c.Scope.Kind == criteria.ScopeScenario && s.Name.Raw() == c.Scope.Name {
			sizes = append(sizes, *s.Calls)
		}
	}
	if c.Scope.Kind != criteria.ScopeEachScenario && c.Scope.Kind != criteria.ScopeScenario {
		sizes = append(sizes, total)
	}
	return sizes, len(sizes) > 0 && !slices.Contains(sizes, 0)
}

// looks are the numbers of calls at each look, with so many in one trial.
func (p Plan) looks(rules verdict.Rules, calls int) []int {
	first, last := max(p.Trials, 1), max(p.Trials, 1)
	if rules.DecideOn == verdict.DecideOnInterval {
		last = max(first, p.MaxTrials)
	}
	var all []int
	for t := first; t <= last; t++ {
		all = append(all, calls*t)
	}
	return all
}

// reruns reports whether reruns of failed calls can help the criterion.
func (p Plan) reruns(c criteria.Criterion) bool {
	return p.Reruns > 0 && p.MostReruns != nil && c.Metric == criteria.MetricSuccessRate && !c.WantsLittle()
}

// ratesNear are true rates worth knowing the chances of, in percent and ascending.
func ratesNear(c criteria.Criterion) []float64 {
	if c.WantsLittle() {
		c.Op, c.Bound = criteria.OpAtLeast, 100-c.Bound
		all := ratesNear(c)
		slices.Reverse(all)
		for i := range all {
			all[i] = 100 - all[i]
		}
		return all
	}
	if c.Bound >= 80 {
		return []float64{80, 85, 90, 95, 99}
	}
	var all []float64
	for _, off := range []float64{-20, -10, 0, 10, 20} {
		if rate := math.Round(c.Bound + off); rate > 0 && rate < 100 {
			all = append(all, rate)
		}
	}
	return all
}
