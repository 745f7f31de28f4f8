package verdict

import (
	"slices"
	"time"

	"github.com/agent-gate/agent-gate/internal/criteria"
	"github.com/agent-gate/agent-gate/internal/text"
	"github.com/agent-gate/agent-gate/internal/verdict/explain"
)

// oldBaseline is the age from which a baseline is worth a warning: agents, evals and the
// models behind them change faster.
const oldBaseline = 30 * 24 * time.Hour

// Comparison is what a reader wants to know of a run beside its baseline.
type Comparison struct {
	// Age is the time from the baseline's run to this one; 0 when it is not known.
	Age time.Duration
	// SuccessRate and OverallScore are those of the baseline.
	SuccessRate, OverallScore Estimate
	// NewlyFailing are the scenarios of which every call succeeded in the baseline and
	// some call does not now; NewlyPassing are those of the reverse. By name.
	NewlyFailing, NewlyPassing []ScenarioChange
	// Differ says that one of the two has scenarios that the other has not.
	Differ bool
	// Warnings say why the two runs are not quite comparable.
	Warnings []text.Untrusted
}

// ScenarioChange is one scenario in both runs.
type ScenarioChange struct {
	Name      text.Untrusted
	Then, Now Counts
}

// Compare compares a run with its baseline; nil without one that can be compared with.
func Compare(e Evidence, r Rules) *Comparison {
	if r.Baseline == nil || r.Baseline.Calls.Len() == 0 {
		return nil
	}
	j := newJudgement(e, r)
	c := &Comparison{
		Age:          r.Baseline.age(e),
		SuccessRate:  j.headline(criteria.MetricSuccessRate, j.baseline.roll, nil),
		OverallScore: j.headline(criteria.MetricOverallScore, j.baseline.roll, nil),
	}
	for i := range j.now.scenarios {
		s := &j.now.scenarios[i]
		base, both := j.baseline.counterpart(s)
		if !both {
			continue
		}
		change := ScenarioChange{Name: s.title(), Then: j.baseline.count(j.baseline.scenarios[base].part()), Now: j.now.count(s.part())}
		if change.Then.Judged == 0 || change.Now.Judged == 0 {
			continue // nobody knows
		}
		passed, passes := change.Then.Succeeded == change.Then.Judged, change.Now.Succeeded == change.Now.Judged
		switch {
		case passed && !passes:
			c.NewlyFailing = append(c.NewlyFailing, change)
		case passes && !passed:
			c.NewlyPassing = append(c.NewlyPassing, change)
		}
	}
	added, gone := scenarioChanges(j.now, j.baseline)
	c.Differ = len(added)+len(gone) > 0
	c.Warnings = j.incomparable(c.Age, added, gone)
	return c
}

// age is the time from the baseline's run to this one, by the server's clock on one side
// and the gate's on the other; 0 when it is not known.
func (b *Baseline) age(e Evidence) time.Duration {
	if at := b.at(); !at.IsZero() && at.Before(e.Timing.StartedAt) {
		return e.Timing.StartedAt.Sub(at)
	}
	return 0
}

// at is when the baseline ran; zero when nothing says so.
func (b *Baseline) at() time.Time {
	var at time.Time
	for _, t := range []*time.Time{b.Execution.CompletedAt, b.Execution.StartedAt} {
		if t != nil {
			return *t
		}
	}
	for _, c := range b.Calls.All() {
		for _, t := range []*time.Time{c.StartedAt, c.UpdatedAt} {
			if t != nil && t.After(at) {
				at = *t
			}
		}
	}
	return at
}

// incomparable says in what the two runs differ beside their results.
func (j *judgement) incomparable(age time.Duration, added, gone []text.Untrusted) []text.Untrusted {
	now, then := j.evidence.Execution, j.rules.Baseline.Execution
	c := explain.Contrast{
		AgentType: string(now.AgentType), ThenAgentType: string(then.AgentType),
		AgentName: now.AgentName, ThenAgentName: then.AgentName,
		FirstTriesUnknown: j.rules.Baseline.RerunsUnknown && j.rules.ComparesFirstTries(),
	}
	if age >= oldBaseline {
		c.Days = int(age / (24 * time.Hour))
	}
	if len(j.now.marks) > 0 {
		c.NewScenarios, c.GoneScenarios = added, gone
		c.NewEvals, c.GoneEvals = evalChanges(j.now.evals, j.baseline.evals)
	}
	return c.Warnings()
}

// evalChanges lists the evals, by name, that only one of two runs has.
func evalChanges(now, then []eval) (added, gone []text.Untrusted) {
	only := func(a, b []eval) (names []text.Untrusted) {
		for i := range a {
			e := &a[i]
			known := slices.ContainsFunc(b, func(o eval) bool { return o.name == e.name })
			if !known && !slices.Contains(names, e.title()) {
				names = append(names, e.title())
			}
		}
		return names
	}
	return only(now, then), only(then, now)
}
