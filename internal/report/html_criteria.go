package report

import (
	"github.com/agent-gate/agent-gate/internal/text"
	"github.com/agent-gate/agent-gate/internal/verdict"
)

// htmlCheck is a criterion and how it came out.
type htmlCheck struct {
	Tone     tone
	Outcome  lit
	Subject  words // of the criterion, such as "success_rate"
	Asked    words // such as ">= 95"
	Scope    words
	Value    figure
	Interval figure
	N        figure
	Missed   figure // by how much; empty when it is not missed
	Detail   words
	Bar      *intervalBar
	Jump     *htmlJump
}

// htmlJump leads to the calls behind a number: a filter of the list of calls.
type htmlJump struct {
	Text     figure // empty for the usual one
	Outcome  lit
	Scenario words
	Eval     words
}

// How many criteria are shown at once. Those that are not met come first.
const (
	htmlChecks = 12
	htmlUnmet  = 50
)

// criteria are the criteria, worst first.
func criteria(r Report) htmlList[htmlCheck] {
	all := checks(r)
	open, unmet := htmlChecks, 0
	for _, c := range all {
		if c.Outcome != verdict.Met {
			unmet++
		}
	}
	if len(all) > htmlChecks {
		// A long list begins with what decided; what is met is not what one looks for.
		open = min(max(unmet, htmlChecks/2), htmlUnmet)
	}
	return listed(all, open, checkView)
}

func checkView(c verdict.Check) htmlCheck {
	v := htmlCheck{
		Tone:     checkTone(c.Outcome),
		Outcome:  checkWord(c.Outcome),
		Scope:    scopeWords(c),
		Value:    valueTo(c.Value, checkPlaces(c)),
		Interval: interval(c.Value),
		Missed:   missedBy(c),
		Bar:      checkBar(c),
	}
	v.Subject, v.Asked = criterionWords(c)
	if c.Value.Value != nil || c.Value.N > 0 {
		v.N = sampleSize(c)
	}
	if c.Outcome != verdict.Met {
		v.Detail = shown(c.Detail, htmlReason)
		if c.Value.N > 0 || c.Unknown > 0 {
			v.Jump = jump(c)
		}
	}
	return v
}

// blamed leads to the calls that one wants to see first.
func blamed(r Report) *htmlJump {
	n := r.Verdict.Counts
	below := 0
	if barred(r) {
		below = n.BelowBar
	}
	switch {
	case below+n.Failed+n.Skipped > 0:
		return &htmlJump{Outcome: groupUnpassed, Text: calls(below+n.Failed+n.Skipped) + " did not pass ↓"}
	case len(low(r)) > 0:
		return &htmlJump{Outcome: "low", Text: calls(len(low(r))) + " pulled a criterion down ↓"}
	case n.Lost+n.Open+n.Cancelled > 0:
		return &htmlJump{Outcome: groupUnknown, Text: "nothing is known of " + calls(n.Lost+n.Open+n.Cancelled) + " ↓"}
	}
	return nil
}

// jump finds the calls that a criterion looks at and that speak against it.
func jump(c verdict.Check) *htmlJump {
	criterion, ok := parsed(c)
	if !ok {
		return nil
	}
	j := htmlJump{Outcome: groupUnsuccessful}
	switch criterion.Scope.Kind {
	case verdict.ScopeEval, verdict.ScopeEachEval:
		return &htmlJump{Outcome: "all", Eval: named(c.Scope)}
	case verdict.ScopeScenario, verdict.ScopeEachScenario:
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

// htmlScenario is a scenario's part of the run.
type htmlScenario struct {
	Name      words
	Ended     figure // how its calls did
	Parts     []part
	What      lit // the rate: "Pass rate", or "Success rate"
	Rate      figure
	RateBar   *intervalBar
	RateNote  figure
	Success   figure // the success rate, beside a pass rate
	Score     figure
	ScoreBar  *intervalBar
	ScoreNote figure
	Change    *htmlChange // of the rate against the baseline
	Flaky     figure
	Tone      tone
}

// htmlScenarios is how many scenarios are shown at once.
const htmlScenarios = 25

// scenarioList are the scenarios, the lowest first, all drawn on one scale.
func scenarioList(r Report, base *verdict.Verdict) htmlList[htmlScenario] {
	then, bar := scenariosThen(base), barred(r)
	failing := unmetScenarios(r)
	common := verdict.Estimate{Unit: verdict.UnitNone}
	for _, s := range r.Verdict.Scenarios {
		if v := finite(s.OverallScore.Value); v != nil && (common.Value == nil || *v > *common.Value) {
			common.Value = v
		}
	}
	rates, scores := scale{0, 100}, axis(common, false)
	return listed(scenarios(r), htmlScenarios, func(s verdict.ScenarioSummary) htmlScenario {
		tone := neutral
		if failing[s.Name] {
			tone = bad
		}
		rate, before := s.SuccessRate, then(s).SuccessRate
		if bar {
			rate, before = s.PassRate, then(s).PassRate
		}
		v := htmlScenario{
			Name:      named(s.Name),
			Ended:     counted(endingCounts(s.Counts, bar)),
			Parts:     endingParts(s.Counts, bar),
			What:      "Success rate",
			Rate:      value(rate),
			RateBar:   bare(rate, rates, tone),
			RateNote:  interval(rate),
			Score:     value(s.OverallScore),
			ScoreBar:  bare(s.OverallScore, scores, neutral),
			ScoreNote: interval(s.OverallScore),
			Change:    changeView(rate, before, higher),
			Tone:      tone,
		}
		if bar {
			v.What = "Pass rate"
			if success := value(s.SuccessRate); success != v.Rate {
				v.Success = success
			}
		}
		if s.Counts.Flaky > 0 {
			v.Flaky = count(s.Counts.Flaky)
		}
		return v
	})
}

// unmetScenarios are those that a criterion on scenarios found wanting.
func unmetScenarios(r Report) map[text.Untrusted]bool {
	unmet := map[text.Untrusted]bool{}
	for _, c := range r.Verdict.Checks {
		if c.Outcome == verdict.NotMet && !blank(c.Scope) {
			unmet[c.Scope] = true
		}
	}
	return unmet
}
