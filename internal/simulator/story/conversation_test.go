package story_test

import (
	"slices"
	"strings"
	"testing"
	"unicode/utf8"

	"github.com/agent-gate/agent-gate/internal/simulator/story"
)

// converse returns the conversation of one call.
func converse(plan story.Plan, outcome story.Outcome, scenario string, index int) story.Conversation {
	return story.Conversation{
		Plan: &plan, Outcome: &outcome, Script: story.ScriptFor(scenario),
		Call: story.CallRef{Index: index, Row: story.Row{Scenario: scenario, Row: index}},
	}
}

func TestTheOutcomeChoosesTheDialogue(t *testing.T) {
	t.Parallel()
	for _, sc := range append(story.DefaultScenarios(), story.Scenario{Name: "Something else"}) {
		good := converse(story.Plan{}, story.Outcome{}, sc.Name, 0)
		bad := converse(story.Plan{}, story.LowScore(), sc.Name, 0)
		tool := func(turn story.Turn) bool { return turn.Role == story.RoleTool }
		if !slices.ContainsFunc(good.Lines(), tool) || slices.ContainsFunc(bad.Lines(), tool) {
			t.Errorf("%s: the agent must call its tool in the good conversation and not in the bad one", sc.Name)
		}
		if good.Summary() == bad.Summary() {
			t.Errorf("%s: both conversations are summed up as %q", sc.Name, good.Summary())
		}
		for _, turn := range good.Lines() {
			if turn.Role == story.RoleTool && !slices.Contains(good.Script.Tools, turn.Text) {
				t.Errorf("%s: the agent calls the unknown tool %q", sc.Name, turn.Text)
			}
		}
	}
	own := converse(story.Plan{}, story.Outcome{Summary: "all said"}, "Billing dispute", 0)
	if got := own.Summary(); got != "all said" {
		t.Errorf("got summary %q, want the outcome's", got)
	}
}

func TestLinesNameTheNumberOfTheirRow(t *testing.T) {
	t.Parallel()
	for index, number := range []string{"4400", "4401"} {
		v := converse(story.Plan{}, story.Outcome{}, "100% refund, %d times", index)
		said := v.Say(v.Lines()[1].Text)
		if !strings.Contains(said, "100% refund, %d times") || !strings.Contains(said, number) || strings.Contains(said, "%!") {
			t.Errorf("row %d: the customer says %q", index, said)
		}
		if got := v.Situation(); !strings.Contains(got, number) {
			t.Errorf("row %d: the situation is %q", index, got)
		}
	}
}

// The server limits names to 255 characters (contract, section 3.1).
func TestHostileTextsReplaceAllOthers(t *testing.T) {
	t.Parallel()
	texts := story.HostileTexts()
	for i := range 2 * len(texts) {
		want := texts[i%len(texts)]
		v := converse(story.Plan{Hostile: true}, story.Outcome{}, "Billing dispute", i)
		for what, got := range map[string]string{"text": v.OrHostile("own"), "summary": v.Summary(), "line": v.Say("own"), "situation": v.Situation()} {
			if got != want {
				t.Errorf("call %d: the %s is %.40q, want %.40q", i, what, got, want)
			}
		}
		name := v.ScenarioName()
		if n := utf8.RuneCountInString(name); n != min(255, utf8.RuneCountInString(want)) || !strings.HasPrefix(want, name) {
			t.Errorf("call %d: the scenario is %.40q with %d characters", i, name, n)
		}
	}
	v := converse(story.Plan{}, story.Outcome{}, "Billing dispute", 3)
	if v.OrHostile("own") != "own" || v.ScenarioName() != "Billing dispute" {
		t.Errorf("without Hostile: %q, %q", v.OrHostile("own"), v.ScenarioName())
	}
}
