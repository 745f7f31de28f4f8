package criteria

import (
	"os"
	"strings"
	"testing"
)

func TestCriteriaPageIsTrue(t *testing.T) {
	t.Parallel()
	raw, err := os.ReadFile("../../docs/criteria.md")
	if err != nil {
		t.Fatal(err)
	}
	page := string(raw)
	examples := 0
	for _, block := range blocks(page, "criteria") {
		rules := Set{Criteria: written(t, block)}
		examples += len(rules.Criteria)
		if got := told(rules.Mistakes()); got != nil {
			t.Errorf("an example is a mistake: %v", got)
		}
	}
	kinds := map[ConditionKind]bool{}
	for _, block := range blocks(page, "conditions") {
		rules := Set{PassWhen: conditions(t, block)}
		for _, c := range rules.PassWhen {
			kinds[c.Kind] = true
		}
		if got := told(rules.Mistakes()); got != nil {
			t.Errorf("an example is a mistake: %v", got)
		}
	}
	if len(kinds) != 3 {
		t.Errorf("the page has examples of the conditions %v, want all three kinds", kinds)
	}
	if examples < 16 {
		t.Errorf("the page has %d examples, want 16 at least", examples)
	}
	for _, m := range metrics {
		name := "| `" + m.Name + "` | "
		if m.Name == MetricShare {
			name = "| `share \"LABEL\"` | "
		}
		_, row, found := strings.Cut(page, name)
		unit := map[Unit]string{UnitPercent: "% |", UnitSeconds: "seconds |", UnitCents: "US cents |", UnitCalls: "calls |"}[m.Unit]
		if !found || !strings.HasPrefix(row, unit) {
			t.Errorf("the page has no row of %s in its unit", m.Name)
		}
	}
}

// blocks are the code blocks of a language.
func blocks(page, language string) []string {
	all := strings.Split(page, "```"+language+"\n")[1:]
	for i := range all {
		all[i], _, _ = strings.Cut(all[i], "```")
	}
	return all
}

// The lines that the page calls mistakes are mistakes.
func TestMistakesOfThePageAreMistakes(t *testing.T) {
	t.Parallel()
	for _, line := range []string{
		"pass_rate >= 0.95", "success_rate >= 0", "overall_score <= 10", "success_rate.change >= -100", "failed_calls < 0", "overall_score > 10",
		"success_rate >= 95\nsuccess_rate < 90", "overall_score.min >= 7\noverall_score.max < 6", "success_rate >= 95 # always overall_score >= 7",
	} {
		parsed, err := Parse(line)
		if err == nil && len(Set{Criteria: parsed}.Mistakes()) == 0 {
			t.Errorf("%q is no mistake", line)
		}
	}
	if got := (Set{Criteria: written(t, `eval "groundedness": score >= 0.7`)}).ScoreMistakes(nil); len(got) != 1 {
		t.Errorf("got %v, want a mistake", told(got))
	}
}
