package story_test

import (
	"slices"
	"testing"
	"time"

	"github.com/agent-gate/agent-gate/internal/simulator/story"
)

// judge evaluates one conversation.
func judge(plan story.Plan, outcome story.Outcome, eval story.Eval, round int) (*story.EvalOutput, time.Duration, bool) {
	v := converse(plan, outcome, "Billing dispute", 0)
	return v.Judge(&eval, round, "completed", story.Seed(1).Draw(story.ForEval, 0, 0, 0))
}

// The values by type are those of the contract, section 5.
func TestValuesAreOfTheirEvalsType(t *testing.T) {
	t.Parallel()
	share := func(v any, lo, hi float64) bool { f, is := v.(float64); return is && f >= lo && f <= hi }
	one := func(v any, want string) bool { l, is := v.([]any); return is && len(l) == 1 && l[0] == want }
	scored := func(v any, score float64, choice string) bool {
		c, is := v.(story.ChoiceScore)
		return is && c.Score == score && c.Choice == choice && c.Choices == nil
	}
	text := func(v any) bool { s, is := v.(string); return is && s != "" }
	tones := []string{"Polite", "Neutral", "Rude"}
	for _, c := range []struct {
		name      string
		eval      story.Eval
		good, bad func(v any) bool
	}{
		{"Pass/Fail", story.Eval{Type: "Pass/Fail"}, func(v any) bool { return v == "Passed" }, func(v any) bool { return v == "Failed" }},
		{"Pass/Fail with choices", story.Eval{Type: "Pass/Fail", Choices: tones}, func(v any) bool { return v == "Polite" }, func(v any) bool { return v == "Rude" }},
		{"score", story.Eval{Type: "score"}, func(v any) bool { return share(v, 0.7, 1) }, func(v any) bool { return share(v, 0, 0.5) }},
		{"score with choices", story.Eval{Type: "score", Choices: tones}, func(v any) bool { return scored(v, 1, "Polite") }, func(v any) bool { return scored(v, 0, "Rude") }},
		{"choices", story.Eval{Type: "choices", Choices: tones}, func(v any) bool { return one(v, "Polite") }, func(v any) bool { return one(v, "Rude") }},
		{"numeric", story.Eval{Type: "numeric"}, func(v any) bool { return share(v, 1, 1000) }, func(v any) bool { return share(v, 1, 1000) }},
		{"reason", story.Eval{Type: "reason"}, text, text},
	} {
		for low, want := range map[bool]func(any) bool{false: c.good, true: c.bad} {
			c.eval.Name = c.name
			j, late, absent := judge(story.Plan{}, story.Outcome{Low: low}, c.eval, 0)
			if j == nil || late != 0 || absent {
				t.Fatalf("%s: got no result", c.name)
			}
			if !want(j.Value) {
				t.Errorf("%s, low %t: got value %#v", c.name, low, j.Value)
			}
			if j.Name != c.name || j.Status != "completed" || j.Failed || j.Skipped || j.Type == nil || *j.Type != c.eval.Type || j.Reason == "" {
				t.Errorf("%s, low %t: got %+v", c.name, low, j)
			}
		}
	}
}

// Entries without a value take their type from a rule that knows Pass/Fail, choices and
// score only (contract, section 5).
func TestResultsWithoutAValue(t *testing.T) {
	t.Parallel()
	for _, c := range []struct {
		evalType string
		result   story.EvalResult
		typ      string // "": null
		failed   bool
		skipped  bool
		statuses []string
	}{
		{"Pass/Fail", story.EvalErrored(), "Pass/Fail", true, false, []string{"error", "Failed"}},
		{"choices", story.EvalErrored(), "choices", true, false, []string{"error", "Failed"}},
		{"numeric", story.EvalErrored(), "score", true, false, []string{"error", "Failed"}},
		{"reason", story.EvalErrored(), "score", true, false, []string{"error", "Failed"}},
		{"score", story.EvalSkipped(), "", false, true, []string{"skipped"}},
		{"numeric", story.EvalEmpty(), "numeric", false, false, []string{"completed"}},
	} {
		plan := story.Plan{Evals: map[string]story.EvalResult{"e": c.result}}
		j, _, absent := judge(plan, story.Outcome{}, story.Eval{Name: "e", Type: c.evalType}, 0)
		if j == nil || absent {
			t.Fatalf("%s: got no result", c.evalType)
		}
		typ := ""
		if j.Type != nil {
			typ = *j.Type
		}
		if j.Value != nil || typ != c.typ || j.Failed != c.failed || j.Skipped != c.skipped || !slices.Contains(c.statuses, j.Status) {
			t.Errorf("%s: got %+v of type %q", c.evalType, j, typ)
		}
	}
	v := converse(story.Plan{}, story.NoTranscript(), "Billing dispute", 0)
	for evalType, want := range map[string]string{"Pass/Fail": "Pass/Fail", "choices": "choices", "score": "score", "numeric": "score", "reason": "score"} {
		j := v.EvalWithoutTranscript(&story.Eval{Name: "e", Type: evalType}, "completed")
		if j.Value != nil || j.Failed || j.Skipped || j.Status != "completed" || j.Reason != "No transcript data available" || j.Type == nil || *j.Type != want {
			t.Errorf("%s without a transcript: got %+v", evalType, j)
		}
	}
	if j := v.SkipEval(&story.Eval{Name: "e", Type: "score"}, "Call failed before evaluations: gone"); !j.Skipped || j.Status != "skipped" || j.Type != nil || j.Reason != "Call failed before evaluations: gone" {
		t.Errorf("skipped: got %+v", j)
	}
}

func TestResultsThatDoNotComeAtOnce(t *testing.T) {
	t.Parallel()
	eval := story.Eval{Name: "e", Type: "Pass/Fail"}
	script := func(r story.EvalResult) map[string]story.EvalResult { return map[string]story.EvalResult{"e": r} }
	for _, c := range []struct {
		name    string
		plan    story.Plan
		outcome story.Outcome
		late    time.Duration
		absent  bool
	}{
		{"at once", story.Plan{}, story.Outcome{}, 0, false},
		{"never ran", story.Plan{Evals: script(story.EvalAbsent())}, story.Outcome{}, 0, true},
		{"pending", story.Plan{Evals: script(story.EvalPending())}, story.Outcome{}, story.Forever, false},
		{"late by the plan", story.Plan{LateEvals: time.Minute}, story.Outcome{}, time.Minute, false},
		{"late by the call", story.Plan{LateEvals: time.Hour}, story.Outcome{LateEvals: time.Minute}, time.Minute, false},
		{"late by its script", story.Plan{LateEvals: story.Forever, Evals: script(story.EvalPassed().Late(time.Second))}, story.Outcome{LateEvals: time.Minute}, time.Second, false},
		{"late forever", story.Plan{Evals: script(story.EvalPassed().Late(story.Forever))}, story.Outcome{}, story.Forever, false},
	} {
		j, late, absent := judge(c.plan, c.outcome, eval, 0)
		if late != c.late || absent != c.absent || (j == nil) != (c.absent || c.name == "pending") {
			t.Errorf("%s: got %+v after %s, absent %t", c.name, j, late, absent)
		}
	}
}

func TestAScriptedResultCanEnd(t *testing.T) {
	t.Parallel()
	eval := story.Eval{Name: "e", Type: "Pass/Fail"}
	plan := story.Plan{Evals: map[string]story.EvalResult{"e": story.EvalFailed().Because("rude").Times(2)}}
	for round, want := range []string{"Failed", "Failed", "Passed", "Passed"} {
		if j, _, _ := judge(plan, story.Outcome{}, eval, round); j.Value != want || (want == "Failed") != (j.Reason == "rude") {
			t.Errorf("round %d: got %v because %q, want %s", round, j.Value, j.Reason, want)
		}
	}
	own := story.Outcome{}.With("e", story.EvalValue(true).Typed("score"))
	if j, _, _ := judge(plan, own, eval, 0); j.Value != true || *j.Type != "score" {
		t.Errorf("the call's own script: got %v of type %s", j.Value, *j.Type)
	}
}

func TestTheLastResultIsTheLatestThatArrives(t *testing.T) {
	t.Parallel()
	late := func(d time.Duration) map[string]story.EvalResult {
		return map[string]story.EvalResult{"e": story.EvalPassed().Late(d)}
	}
	for _, c := range []struct {
		name    string
		plan    story.Plan
		outcome story.Outcome
		want    time.Duration
	}{
		{"none is late", story.Plan{}, story.Outcome{}, 0},
		{"all by the plan", story.Plan{LateEvals: time.Minute}, story.Outcome{}, time.Minute},
		{"all by the call", story.Plan{}, story.Outcome{LateEvals: time.Minute}, time.Minute},
		{"one by the plan's script", story.Plan{LateEvals: time.Second, Evals: late(time.Minute)}, story.Outcome{}, time.Minute},
		{"one by the call's script", story.Plan{LateEvals: time.Second}, story.Outcome{Evals: late(time.Minute)}, time.Minute},
		{"one never", story.Plan{LateEvals: time.Second, Evals: late(story.Forever)}, story.Outcome{}, time.Second},
		{"all never", story.Plan{LateEvals: story.Forever}, story.Outcome{}, 0},
	} {
		if got := c.plan.LastResult(&c.outcome); got != c.want {
			t.Errorf("%s: got %s, want %s", c.name, got, c.want)
		}
	}
}
