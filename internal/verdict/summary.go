package verdict

import (
	"cmp"
	"slices"

	"github.com/google/uuid"

	"github.com/agent-gate/agent-gate/internal/client"
	"github.com/agent-gate/agent-gate/internal/text"
)

// headline is a metric over calls as reports show it beside the criteria: a rate, or a
// mean.
func (j *judgement) headline(name string, run *roll, calls span) Estimate {
	m, _ := findMetric(name, false)
	return j.estimate(run.measure(m, calls))
}

// estimate reads a metric with its default stat.
func (j *judgement) estimate(m measured) Estimate {
	r, why := read(m, statMean, j.level)
	if !why.IsEmpty() {
		return Estimate{Unit: m.metric.unit}
	}
	return r.estimate()
}

func (j *judgement) metrics() Metrics {
	of := func(name string) Estimate { return j.headline(name, j.now.roll, j.now.all()) }
	return Metrics{
		SuccessRate:      of(metricSuccessRate),
		FirstSuccessRate: of(metricFirstSuccessRate),
		ScoredRate:       of(metricScoredRate),
		FlakyRate:        of(metricFlakyRate),
		OverallScore:     of(metricOverallScore),
		Duration:         of(metricDuration),
		ResponseTime:     of(metricResponseTime),
		Cost:             of(metricCost),
	}
}

func (j *judgement) scenarios() []ScenarioSummary {
	var all []ScenarioSummary
	for _, s := range j.now.scenarios {
		all = append(all, ScenarioSummary{
			Name:         s.name,
			Counts:       j.now.count(s.span),
			SuccessRate:  j.headline(metricSuccessRate, j.now.roll, s.span),
			OverallScore: j.headline(metricOverallScore, j.now.roll, s.span),
		})
	}
	return all
}

func (j *judgement) evals() []EvalSummary {
	passRate, _ := findMetric(metricPassRate, true)
	score, _ := findMetric(metricScore, true)
	var all []EvalSummary
	for _, e := range j.now.evals {
		s := EvalSummary{
			ConfigID: e.id,
			Name:     e.name,
			Type:     e.typ,
			PassRate: j.estimate(measureEval(passRate, e, "")),
			Score:    j.estimate(measureEval(score, e, "")),
		}
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
			return // a text is a label only by its place in the model
		}
		all := r.value().Labels
		for i, l := range all {
			if !slices.Contains(all[:i], l) {
				labels[l]++
			}
		}
	case r.state == client.EvalErrored:
		s.Errored++
	case r.state == client.EvalSkipped:
		s.Skipped++
	default:
		s.Pending++
	}
}

// sortedLabels orders labels by how often they occur, and then by name.
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

// shortID tells evals of one name apart.
func shortID(id uuid.UUID) string { return id.String()[:8] }
