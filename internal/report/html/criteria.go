package html

import (
	"github.com/agent-gate/agent-gate/internal/criteria"
	"github.com/agent-gate/agent-gate/internal/report"
	"github.com/agent-gate/agent-gate/internal/text"
	"github.com/agent-gate/agent-gate/internal/verdict"
)

// checkView is a criterion and its result.
type checkView struct {
	Tone     tone
	Outcome  report.Lit
	Subject  words // of the criterion, such as "success_rate"
	Asked    words // such as ">= 95"
	Scope    words
	Value    report.Figure
	Interval report.Figure
	N        report.Figure
	Missed   report.Figure // by how much; empty if it is not missed
	Detail   words
	Bar      *intervalBar
	Jump     *jumpView
	Each     bool // counts the checks of an "each" criterion
	Under    bool // is one of those
}

// jumpView links to the calls behind a number: a filter of the list of calls.
type jumpView struct {
	Text     report.Figure // empty for the default text
	Outcome  report.Lit
	Scenario words
	Eval     words
}

// criteriaView is the criteria: those that are not met, and the met ones folded unless all are.
type criteriaView struct {
	listView[checkView]
	Tally report.Figure // how many are met
	Folds words         // what is folded
}

// How many rows of criteria are shown before the rest is folded. Unmet ones come first.
const (
	openChecks = 12
	openUnmet  = 50
	openMember = 10 // of one "each" criterion
)

// criteriaList returns the criteria, worst first. Those for each scenario or eval are one row that counts,
// with the ones below it that are not met.
func criteriaList(r report.Report) criteriaView {
	scales := newRanges(r)
	var unmet, met, rest []checkView // the rest are met or many, of "each" criteria
	several := map[string]bool{}
	for _, g := range report.CheckGroups(r) {
		row := showCheck(g.Check, scales)
		if g.Several() {
			several[g.Criterion] = true
			row = showGroup(g)
		}
		if g.Outcome == verdict.Met {
			met = append(met, row)
		} else {
			unmet = append(unmet, row)
		}
		for i, c := range g.Open {
			row := showCheck(c, scales)
			if i >= openMember {
				rest = append(rest, row)
				continue
			}
			row.Under, row.Scope = true, named(c.Scope)
			unmet = append(unmet, row)
		}
	}
	for _, c := range report.Checks(r) {
		if c.Outcome == verdict.Met && several[c.Criterion] {
			rest = append(rest, showCheck(c, scales))
		}
	}
	n, of := report.Tally(r.Verdict.Checks)
	v := criteriaView{}
	if of > 0 {
		v.Tally = report.Count(n) + " of " + report.Count(of) + " met"
	}
	open := min(len(unmet), openUnmet)
	if open == 0 {
		open = min(len(met), openChecks)
	}
	v.listView = listed(append(append(unmet, met...), rest...), open, func(row checkView) checkView { return row })
	folded := map[report.Lit]int{}
	for _, row := range v.Folded {
		folded[row.Outcome]++
	}
	for o := range verdictOutcomes {
		word := report.CheckWord(verdictOutcomes[o])
		if n := folded[word]; n > 0 {
			if v.Folds != "" {
				v.Folds += own(", ")
			}
			v.Folds += printed(report.Count(n)) + own(" ") + own(word)
		}
	}
	return v
}

// verdictOutcomes are the outcomes of checks in reading order.
var verdictOutcomes = [...]verdict.CheckOutcome{verdict.Met, verdict.NotMet, verdict.NoData, verdict.Undecided}

// showGroup counts the checks of an "each" criterion.
func showGroup(g report.CheckGroup) checkView {
	v := checkView{
		Tone:    checkTone(g.Outcome),
		Outcome: report.CheckWord(g.Outcome),
		Value:   g.Tally(),
		Each:    true,
	}
	v.Subject, v.Asked = criterionWords(g.Check)
	if g.Outcome == verdict.Met {
		v.Detail = own("closest: ") + shown(g.Scope, nameLimit) + own(", ") + printed(report.CheckValue(g.Check))
	} else if n := len(g.Open); n > openMember {
		v.Detail = own("the worst ") + printed(report.Count(openMember)) + own(" of ") + printed(report.Count(n)) + own(" stand below, the others are folded")
	}
	return v
}

func showCheck(c verdict.Check, scales ranges) checkView {
	v := checkView{
		Tone:     checkTone(c.Outcome),
		Outcome:  report.CheckWord(c.Outcome),
		Scope:    scopeWords(c),
		Value:    report.CheckValue(c),
		Interval: report.CheckInterval(c),
		Missed:   report.MissedBy(c),
		Bar:      checkBar(c, scales),
	}
	v.Subject, v.Asked = criterionWords(c)
	if c.Value.Value != nil || c.Value.N > 0 {
		v.N = report.SampleSize(c)
	}
	if c.Outcome != verdict.Met {
		v.Detail = shown(c.Detail, reasonLimit)
		if c.Value.N > 0 || c.Unknown > 0 {
			v.Jump = jump(c)
		}
	}
	return v
}

// blamed links to the calls to look at first.
func blamed(r report.Report) *jumpView {
	n, below := r.Verdict.Counts, 0
	if report.HasBar(r) {
		below = n.BelowBar
	}
	if unpassed := below + n.Failed + n.Skipped; unpassed > 0 {
		return &jumpView{Outcome: groupUnpassed, Text: report.CountCalls(unpassed) + " did not pass ↓"}
	}
	low := len(report.Low(r))
	switch {
	case low > 0:
		return &jumpView{Outcome: "low", Text: report.CountCalls(low) + " pulled a criterion down ↓"}
	case n.Lost+n.Open+n.Cancelled > 0:
		return &jumpView{Outcome: groupUnknown, Text: report.CountCalls(n.Lost+n.Open+n.Cancelled) + " not judged ↓"}
	}
	return nil
}

// jump finds the calls that count against a criterion.
func jump(c verdict.Check) *jumpView {
	criterion, ok := report.Criterion(c)
	if !ok {
		return nil
	}
	j := jumpView{Outcome: groupUnsuccessful}
	switch criterion.Scope.Kind {
	case criteria.ScopeEval, criteria.ScopeEachEval:
		return &jumpView{Outcome: "all", Eval: named(c.Scope)}
	case criteria.ScopeScenario, criteria.ScopeEachScenario:
		j.Scenario = named(c.Scope)
	}
	switch criterion.Metric {
	case "flaky_rate", "flaky_calls":
		j.Outcome = "flaky"
	case "pass_rate", "first_pass_rate":
		j.Outcome = groupUnpassed
	case "judged_rate", "lost_calls", "missing_calls":
		j.Outcome = groupUnknown
	case "success_rate", "first_success_rate", "failed_calls", "completed_calls", "total_calls":
	default:
		j.Outcome = "low"
		if c.Outcome != verdict.NotMet {
			j.Outcome = "all"
		}
	}
	if c.Outcome == verdict.NoData && c.Unknown > 0 && (j.Outcome == groupUnsuccessful || j.Outcome == groupUnpassed) {
		j.Outcome = groupUnknown
	}
	return &j
}

// scenarioView is one scenario of the run.
type scenarioView struct {
	Name        words
	Ended       report.Figure // how its calls ended
	Parts       []part
	What        report.Lit // the rate: "Pass rate", or "Success rate"
	Rate        report.Figure
	RateBar     *intervalBar
	RateNote    report.Figure
	Success     report.Figure // the success rate, if the main rate is the pass rate
	SuccessTone tone
	Score       report.Figure
	Scales      [2]report.Figure // of the rate and the score
	ScoreBar    *intervalBar
	ScoreNote   report.Figure
	Change      *changeView // of the rate, from the baseline
	Flaky       report.Figure
	Tone        tone // of the rate
	ScoreTone   tone
}

// openScenarios is how many scenarios are shown before the rest is folded.
const openScenarios = 25

// scenarioList returns the scenarios, lowest rate first, all on one scale.
func scenarioList(r report.Report, before *report.Report) listView[scenarioView] {
	bar := report.HasBar(r)
	unmet := unmetScenarios(r)
	rates, scores := scale{0, 100}, newRanges(r).score
	return listed(report.Scenarios(r), openScenarios, func(s verdict.ScenarioSummary) scenarioView {
		metric, rate := criteria.MetricSuccessRate, s.SuccessRate
		if bar {
			metric, rate = criteria.MetricPassRate, s.PassRate
		}
		tone, scoreTone := unmet.tone(s, metric), unmet.tone(s, criteria.MetricOverallScore)
		v := scenarioView{
			Name:      named(s.Name),
			Ended:     report.Counted(report.EndingCounts(s.Counts, bar)),
			Parts:     endingParts(s.Counts, bar),
			What:      "Success rate",
			Rate:      report.Value(rate),
			RateBar:   bare(rate, rates, tone),
			RateNote:  report.Interval(rate),
			Score:     report.Value(s.OverallScore),
			Scales:    [2]report.Figure{rates.words(criteria.UnitPercent), scores.words(criteria.UnitNone)},
			ScoreBar:  bare(s.OverallScore, scores, scoreTone),
			ScoreNote: report.Interval(s.OverallScore),
			Change:    showChange(report.ScenarioChange(before, s, metric)),
			Tone:      tone,
			ScoreTone: scoreTone,
		}
		if bar {
			v.What = "Pass rate"
			if success := report.Value(s.SuccessRate); success != v.Rate {
				v.Success, v.SuccessTone = success, unmet.tone(s, criteria.MetricSuccessRate)
			}
		}
		if s.Counts.Flaky > 0 {
			v.Flaky = report.Count(s.Counts.Flaky)
		}
		return v
	})
}

// A scenarioMetric is a metric of one scenario.
type scenarioMetric struct {
	scenario text.Untrusted
	metric   string
}

// unmetMetrics are the metrics of scenarios for which a criterion is not met.
type unmetMetrics map[scenarioMetric]bool

func unmetScenarios(r report.Report) unmetMetrics {
	unmet := unmetMetrics{}
	for _, c := range r.Verdict.Checks {
		if p, ok := report.Criterion(c); ok && c.Outcome == verdict.NotMet && !report.Blank(c.Scope) && !p.Change {
			unmet[scenarioMetric{c.Scope, p.Metric}] = true
		}
	}
	return unmet
}

// tone is bad if a criterion on just this metric of the scenario is not met.
func (u unmetMetrics) tone(s verdict.ScenarioSummary, metric string) tone {
	if u[scenarioMetric{s.Name, metric}] {
		return bad
	}
	return neutral
}
