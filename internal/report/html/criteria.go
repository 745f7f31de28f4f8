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
}

// jumpView links to the calls behind a number: a filter of the list of calls.
type jumpView struct {
	Text     report.Figure // empty for the default text
	Outcome  report.Lit
	Scenario words
	Eval     words
}

// How many criteria are shown before the rest is folded. Unmet ones come first.
const (
	openChecks = 12
	openUnmet  = 50
)

// criteriaList returns the criteria, worst first.
func criteriaList(r report.Report) listView[checkView] {
	all := report.Checks(r)
	open, unmet := openChecks, 0
	for _, c := range all {
		if c.Outcome != verdict.Met {
			unmet++
		}
	}
	if len(all) > openChecks {
		// A long list starts with what decided; met criteria matter less.
		open = min(max(unmet, openChecks/2), openUnmet)
	}
	return listed(all, open, showCheck)
}

func showCheck(c verdict.Check) checkView {
	v := checkView{
		Tone:     checkTone(c.Outcome),
		Outcome:  report.CheckWord(c.Outcome),
		Scope:    scopeWords(c),
		Value:    report.ValueTo(c.Value, report.CheckPlaces(c)),
		Interval: report.Interval(c.Value),
		Missed:   report.MissedBy(c),
		Bar:      checkBar(c),
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
	n := r.Verdict.Counts
	below := 0
	if report.HasBar(r) {
		below = n.BelowBar
	}
	switch {
	case below+n.Failed+n.Skipped > 0:
		return &jumpView{Outcome: groupUnpassed, Text: report.CountCalls(below+n.Failed+n.Skipped) + " did not pass ↓"}
	case len(report.Low(r)) > 0:
		return &jumpView{Outcome: "low", Text: report.CountCalls(len(report.Low(r))) + " pulled a criterion down ↓"}
	case n.Lost+n.Open+n.Cancelled > 0:
		return &jumpView{Outcome: groupUnknown, Text: report.CountCalls(n.Lost+n.Open+n.Cancelled) + " not judged ↓"}
	}
	return nil
}

// jump finds the calls that count against a criterion.
func jump(c verdict.Check) *jumpView {
	criterion, ok := parsed(c)
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
	Name      words
	Ended     report.Figure // how its calls ended
	Parts     []part
	What      report.Lit // the rate: "Pass rate", or "Success rate"
	Rate      report.Figure
	RateBar   *intervalBar
	RateNote  report.Figure
	Success   report.Figure // the success rate, if the main rate is the pass rate
	Score     report.Figure
	ScoreBar  *intervalBar
	ScoreNote report.Figure
	Change    *changeView // of the rate, from the baseline
	Flaky     report.Figure
	Tone      tone
}

// openScenarios is how many scenarios are shown before the rest is folded.
const openScenarios = 25

// scenarioList returns the scenarios, lowest rate first, all on one scale.
func scenarioList(r report.Report, base *verdict.Verdict) listView[scenarioView] {
	then, bar := report.BaselineScenarios(base), report.HasBar(r)
	failing := unmetScenarios(r)
	common := verdict.Estimate{Unit: criteria.UnitNone}
	for _, s := range r.Verdict.Scenarios {
		if v := report.Finite(s.OverallScore.Value); v != nil && (common.Value == nil || *v > *common.Value) {
			common.Value = v
		}
	}
	rates, scores := scale{0, 100}, axis(common, false)
	return listed(report.Scenarios(r), openScenarios, func(s verdict.ScenarioSummary) scenarioView {
		tone := neutral
		if failing[s.Name] {
			tone = bad
		}
		rate, before := s.SuccessRate, then(s).SuccessRate
		if bar {
			rate, before = s.PassRate, then(s).PassRate
		}
		v := scenarioView{
			Name:      named(s.Name),
			Ended:     report.Counted(report.EndingCounts(s.Counts, bar)),
			Parts:     endingParts(s.Counts, bar),
			What:      "Success rate",
			Rate:      report.Value(rate),
			RateBar:   bare(rate, rates, tone),
			RateNote:  report.Interval(rate),
			Score:     report.Value(s.OverallScore),
			ScoreBar:  bare(s.OverallScore, scores, neutral),
			ScoreNote: report.Interval(s.OverallScore),
			Change:    showChange(rate, before, report.Higher),
			Tone:      tone,
		}
		if bar {
			v.What = "Pass rate"
			if success := report.Value(s.SuccessRate); success != v.Rate {
				v.Success = success
			}
		}
		if s.Counts.Flaky > 0 {
			v.Flaky = report.Count(s.Counts.Flaky)
		}
		return v
	})
}

// unmetScenarios returns the scenarios that do not meet a criterion.
func unmetScenarios(r report.Report) map[text.Untrusted]bool {
	unmet := map[text.Untrusted]bool{}
	for _, c := range r.Verdict.Checks {
		if c.Outcome == verdict.NotMet && !report.Blank(c.Scope) {
			unmet[c.Scope] = true
		}
	}
	return unmet
}
