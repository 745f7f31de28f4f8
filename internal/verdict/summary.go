package verdict

import (
	"cmp"
	"slices"

	"github.com/google/uuid"

	"github.com/agent-gate/agent-gate/internal/criteria"
	"github.com/agent-gate/agent-gate/internal/text"
)

// Estimate is a measured number with its interval. Value is nil if there is nothing to measure; Low and
// High are nil where the interval has no end. N is how many calls or values it is based on.
type Estimate struct {
	Value *float64
	Low   *float64
	High  *float64
	N     int
	Unit  criteria.Unit
}

// Counts are the calls of a run or a scenario.
type Counts struct {
	Total     int // all calls
	Completed int // status completed, as the API counts
	Failed    int // outcome Failed
	Cancelled int // outcome Cancelled
	Succeeded int // outcome Succeeded
	Passed    int // succeeded and passed
	BelowBar  int // succeeded and did not pass
	Skipped   int // outcome Skipped
	Scored    int // succeeded calls with an overall score
	Flaky     int // recovered: succeeded only after a rerun
	Lost      int // outcome Lost
	Open      int // outcome Open
	Judged    int // ended, and not lost or cancelled
	Missing   int // planned, and not on the server
	Planned   int // existing and missing calls
	TurnLimit int // failed because the conversation reached the limit of turns
}

// Metrics are the run's headline numbers.
type Metrics struct {
	SuccessRate      Estimate
	FirstSuccessRate Estimate
	PassRate         Estimate
	FirstPassRate    Estimate
	JudgedRate       Estimate
	ScoredRate       Estimate
	FlakyRate        Estimate
	OverallScore     Estimate
	Duration         Estimate
	ResponseTime     Estimate
	Cost             Estimate
}

// ScenarioSummary is one scenario's part of the run.
type ScenarioSummary struct {
	ID           uuid.UUID      // uuid.Nil if unknown
	Name         text.Untrusted // with the id if two have the same name
	Counts       Counts
	SuccessRate  Estimate
	PassRate     Estimate
	OverallScore Estimate
}

// EvalSummary is one eval's results on the successful calls.
type EvalSummary struct {
	ConfigID uuid.UUID
	Name     text.Untrusted
	Type     text.Untrusted
	PassFail bool // known to be a Pass/Fail eval
	Results  int  // calls with a value
	Passed   int
	Failed   int
	Errored  int
	Pending  int // {}, missing, or finished without a value
	Skipped  int
	PassRate Estimate
	Score    Estimate // 0-100, or the eval's own unit for a numeric eval
	Labels   []LabelCount
}

// LabelCount is how many calls got a label from an eval.
type LabelCount struct {
	Label text.Untrusted
	Count int
}

// headline is a metric of calls for reports, independent of criteria: a rate or a mean over some
// scenarios; nil for all.
func (j *judgement) headline(name string, run *roll, scenarios []bool) Estimate {
	m, _ := criteria.Find(name, false)
	return j.estimate(run.measure(m, scenarios))
}

// estimate reads a metric with its default stat.
func (j *judgement) estimate(m measured) Estimate {
	r, why := read(m, criteria.StatMean, j.level)
	if !why.IsEmpty() {
		return Estimate{Unit: m.metric.Unit}
	}
	return r.estimate()
}

func (j *judgement) metrics() Metrics {
	of := func(name string) Estimate { return j.headline(name, j.now.roll, nil) }
	return Metrics{
		SuccessRate:      of(criteria.MetricSuccessRate),
		FirstSuccessRate: of(criteria.MetricFirstSuccessRate),
		PassRate:         of(criteria.MetricPassRate),
		FirstPassRate:    of(criteria.MetricFirstPassRate),
		JudgedRate:       of(criteria.MetricJudgedRate),
		ScoredRate:       of(criteria.MetricScoredRate),
		FlakyRate:        of(criteria.MetricFlakyRate),
		OverallScore:     of(criteria.MetricOverallScore),
		Duration:         of(criteria.MetricDuration),
		ResponseTime:     of(criteria.MetricResponseTime),
		Cost:             of(criteria.MetricCost),
	}
}

func (j *judgement) scenarios() []ScenarioSummary {
	var all []ScenarioSummary
	for i := range j.now.scenarios {
		s := &j.now.scenarios[i]
		only := j.now.one(int32(i))
		summary := ScenarioSummary{
			ID:           s.id,
			Name:         s.name,
			Counts:       j.now.count(s.part()),
			SuccessRate:  j.headline(criteria.MetricSuccessRate, j.now.roll, only),
			PassRate:     j.headline(criteria.MetricPassRate, j.now.roll, only),
			OverallScore: j.headline(criteria.MetricOverallScore, j.now.roll, only),
		}
		if s.twin {
			summary.Name = s.title()
		}
		all = append(all, summary)
	}
	return all
}

func (j *judgement) evals() []EvalSummary {
	passRate, _ := criteria.Find(criteria.MetricPassRate, true)
	score, _ := criteria.Find(criteria.MetricScore, true)
	var all []EvalSummary
	for i := range j.now.evals {
		e := &j.now.evals[i]
		s := EvalSummary{
			ConfigID: e.id,
			Name:     e.name,
			Type:     e.typ,
			PassRate: j.estimate(measureEval(passRate, e, "")),
			Score:    j.estimate(measureEval(score, e, "")),
		}
		passFail, known := e.isPassFail()
		s.PassFail = passFail && known
		labels := map[text.Untrusted]int{}
		for r := range e.results() {
			s.add(&r, labels)
		}
		s.Labels = sortedLabels(labels)
		all = append(all, s)
	}
	return all
}

// add counts one result.
func (s *EvalSummary) add(r *evalResult, labels map[text.Untrusted]int) {
	switch {
	case r.has:
		s.Results++
		if passed, ok := r.verdict(); passed {
			s.Passed++
		} else if ok {
			s.Failed++
		}
		if r.kind == kindText {
			return // a text is stored as a label, but is none
		}
		all := r.value().Labels
		for i, l := range all {
			if !slices.Contains(all[:i], l) {
				labels[l]++
			}
		}
	case r.state == stateErrored || r.odd():
		s.Errored++
	case r.state == stateSkipped:
		s.Skipped++
	default:
		s.Pending++
	}
}

// sortedLabels orders labels by frequency, then by name.
func sortedLabels(counts map[text.Untrusted]int) []LabelCount {
	var all []LabelCount
	for label, n := range counts {
		all = append(all, LabelCount{Label: label, Count: n})
	}
	slices.SortFunc(all, func(a, b LabelCount) int {
		return cmp.Or(cmp.Compare(b.Count, a.Count), cmp.Compare(a.Label.Raw(), b.Label.Raw()))
	})
	return all
}

// shortID is enough of an id to tell things of one name apart.
func shortID(id uuid.UUID) string { return id.String()[:8] }
