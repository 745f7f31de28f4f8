package verdict

import (
	"cmp"
	"slices"

	"github.com/google/uuid"

	"github.com/agent-gate/agent-gate/internal/text"
)

// headline is a metric over calls as reports show it beside the criteria: a rate, or a
// mean, of some scenarios; nil for all.
func (j *judgement) headline(name string, run *roll, scenarios []bool) Estimate {
	m, _ := findMetric(name, false)
	return j.estimate(run.measure(m, scenarios))
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
	of := func(name string) Estimate { return j.headline(name, j.now.roll, nil) }
	return Metrics{
		SuccessRate:      of(metricSuccessRate),
		FirstSuccessRate: of(metricFirstSuccessRate),
		PassRate:         of(metricPassRate),
		FirstPassRate:    of(metricFirstPassRate),
		JudgedRate:       of(metricJudgedRate),
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
	for i := range j.now.scenarios {
		s := &j.now.scenarios[i]
		only := j.now.one(int32(i))
		summary := ScenarioSummary{
			ID:           s.id,
			Name:         s.name,
			Counts:       j.now.count(s.part()),
			SuccessRate:  j.headline(metricSuccessRate, j.now.roll, only),
			PassRate:     j.headline(metricPassRate, j.now.roll, only),
			OverallScore: j.headline(metricOverallScore, j.now.roll, only),
		}
		if s.twin {
			summary.Name = s.title()
		}
		all = append(all, summary)
	}
	return all
}

func (j *judgement) evals() []EvalSummary {
	passRate, _ := findMetric(metricPassRate, true)
	score, _ := findMetric(metricScore, true)
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
			return // a text is a label only by its place in the model
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
