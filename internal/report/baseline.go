package report

import (
	"time"

	"github.com/agent-gate/agent-gate/internal/text"
	"github.com/agent-gate/agent-gate/internal/verdict"
)

// maxChanges is how many newly failing or newly passing scenarios are named.
const maxChanges = 5

// BaselineFacts say what the run is compared with; empty without a baseline.
func BaselineFacts(r Report) text.Untrusted {
	c := verdict.Compare(r.Evidence, r.Rules)
	if c == nil {
		return text.Untrusted{}
	}
	return baselineFacts(r, c)
}

func baselineFacts(r Report, c *verdict.Comparison) text.Untrusted {
	b := r.Evidence.Against(r.Rules.Baseline)
	out := text.Sprintf("%s", CountCalls(b.Calls.Len()))
	if name := b.RunTest.Name; !Blank(name) {
		out = text.Sprintf("%s of %s", out, text.New(name.LineMax(120)))
	}
	if c.Age > 0 {
		out = text.Sprintf("%s, %s ago", out, age(c.Age))
	}
	if c.Differ && r.Evidence.Calls.Len() > 0 {
		out = text.Sprintf("%s (the two runs do not have the same scenarios)", out)
	}
	return out
}

// Comparison compares the run with its baseline in one line; empty without a baseline.
func Comparison(r Report) text.Untrusted {
	c := verdict.Compare(r.Evidence, r.Rules)
	if c == nil {
		return text.Untrusted{}
	}
	out := baselineFacts(r, c)
	var over Figure // of the numbers before, which is said once
	for _, one := range []struct {
		name Lit
		verdict.Change
	}{{"pass rate", c.PassRate}, {"success rate", c.SuccessRate}, {"overall score", c.OverallScore}} {
		change := changeOf(one.Change, Higher)
		if change == nil {
			continue
		}
		if over != "" && over != change.Over {
			out = text.Sprintf("%s over %s", out, over)
		}
		out, over = text.Sprintf("%s; %s %s → %s", out, one.name, change.Then, Value(one.Now)), change.Over
	}
	if over != "" {
		out = text.Sprintf("%s over %s", out, over)
	}
	if r.Evidence.Calls.Len() == 0 {
		return out
	}
	for _, one := range []struct {
		name   Lit
		all    []verdict.ScenarioChange
		always bool
	}{{"newly failing", c.NewlyFailing, true}, {"worse", c.Worse, false}, {"newly passing", c.NewlyPassing, true}, {"better", c.Better, false}} {
		if one.always || len(one.all) > 0 {
			out = text.Sprintf("%s; %s: %s", out, one.name, changed(one.all, c.ByPass))
		}
	}
	return out
}

// changed lists scenarios with their calls that passed, or succeeded where nothing tells these apart, of those of which
// that is known, in the baseline and now: lost ones are not the agent's.
func changed(all []verdict.ScenarioChange, byPass bool) text.Untrusted {
	good := EndSucceeded
	if byPass {
		good = EndPassed
	}
	if len(all) == 0 {
		return text.New("none")
	}
	var names []text.Untrusted
	for i, s := range all {
		if i == maxChanges {
			names = append(names, text.Sprintf("%d more", len(all)-i))
			break
		}
		names = append(names, text.Sprintf("%s (%d of %d → %d of %d %s)", text.New(s.Name.LineMax(80)),
			s.Then.Good, s.Then.Of, s.Now.Good, s.Now.Of, good.Word()))
	}
	return text.Join(", ", names...)
}

// age formats a duration in days or hours if it is that long.
func age(d time.Duration) Figure {
	days, hours := int(d/(24*time.Hour)), int(d/time.Hour)
	switch {
	case days > 0:
		return Count(days) + Plural(Count(days), " day", " days")
	case hours > 0:
		return Count(hours) + Plural(Count(hours), " hour", " hours")
	}
	return Duration(d)
}

// Before returns the baseline as a report, over the scenarios that the run is compared with: measured like the
// run, by the same rules, but not judged; nil if there is nothing to compare with. It measures a whole run, so a
// page does it once.
func Before(r Report) *Report {
	b := r.Evidence.Against(r.Rules.Baseline)
	if b == nil || b.Calls.Len() == 0 {
		return nil
	}
	rules := r.Rules
	rules.Baseline = nil
	e := verdict.Evidence{Execution: b.Execution, Calls: b.Calls, Plan: b.Plan, Evals: b.Evals}
	return &Report{Evidence: e, Verdict: verdict.Measured(e, rules), Rules: rules, changes: verdict.ChangesOf(r.Evidence, r.Rules)}
}
