package terminal

import (
	"fmt"
	"regexp"
	"strings"
	"testing"

	"github.com/agent-gate/agent-gate/internal/calls"
	"github.com/agent-gate/agent-gate/internal/criteria"
	"github.com/agent-gate/agent-gate/internal/report"
	"github.com/agent-gate/agent-gate/internal/report/reporttest"
	"github.com/agent-gate/agent-gate/internal/text"
	"github.com/agent-gate/agent-gate/internal/verdict"
)

// A played call completed with a score, or failed for the reason.
type played struct {
	scenario string
	score    float64 // below 0: it failed
	reason   string  // of is_helpful, or why it failed
	tone     string  // Polite if empty
}

// judged judges calls by criteria.
func judged(t *testing.T, rules string, all ...played) report.Report {
	t.Helper()
	run := reporttest.NewRun("block", calls.AgentVoice)
	for _, p := range all {
		if p.score < 0 {
			run.Call(p.scenario, calls.Failed, -1, p.reason)
			continue
		}
		c := run.Call(p.scenario, calls.Completed, p.score, "customer-ended-call")
		reporttest.ChangeEval(&c.Evals[1], func(e *calls.EvalResult) { e.Reason = text.New(p.reason) })
		reporttest.ChangeEval(&c.Evals[2], func(e *calls.EvalResult) {
			e.Value.Labels = []text.Untrusted{text.New("Polite")}
			if p.tone != "" {
				e.Value.Labels = []text.Untrusted{text.New(p.tone)}
			}
		})
	}
	set, err := criteria.Parse(rules)
	if err != nil {
		t.Fatal(err)
	}
	r := report.Report{Evidence: run.Done(), Rules: verdict.Rules{Set: criteria.Set{Criteria: set}}}
	r.Verdict = verdict.Judge(r.Evidence, r.Rules)
	return r
}

// below returns the lines below the check that begins with name.
func below(out, name string) (lines []string) {
	_, rest, _ := strings.Cut(out, " ✗ "+name)
	_, rest, _ = strings.Cut(rest, "\n")
	for line := range strings.Lines(rest) {
		if !strings.HasPrefix(line, "      ") {
			break
		}
		_, said, more := strings.Cut(strings.TrimSpace(line), "  ")
		if !more {
			said = line
		}
		lines = append(lines, said)
	}
	return lines
}

func TestVerdict_saysOfSeveralCallsOnlyWhatTheyHaveInCommon(t *testing.T) {
	t.Parallel()
	r := judged(t, "pass_rate >= 90\neval tone: share Polite >= 90",
		played{"Refund", 1, "was rude", "Rude"}, played{"Refund", 2, "was rude", ""}, played{"Refund", 3, "was rude", ""},
		played{"Refund", 9, "", ""})
	out := verdictOf(t, r, Options{})
	for check, want := range map[string]string{
		"pass_rate": `Refund  1/10  is_helpful failed: "was rude" (the same in 3 calls, scores 1 to 3)`,
		"tone":      `tone is Rude`,
	} {
		got := below(out, check)
		if len(got) != 1 || !strings.Contains(got[0], want) && check == "pass_rate" {
			t.Errorf("below %s stands %q, want %q in:\n%s", check, got, want, out)
		}
	}
}

func TestVerdict_saysWhatEachCheckHasAgainstTheSameCall(t *testing.T) {
	t.Parallel()
	out := verdictOf(t, judged(t, "pass_rate >= 90\neval tone: share Polite >= 90",
		played{"Refund", 2, "was rude", "Rude"}, played{"Refund", 9, "", ""}), Options{})
	for check, want := range map[string]string{
		"pass_rate": `Refund  2/10  is_helpful failed: "was rude"; tone is Rude`,
		"tone":      `Refund  2/10  tone is Rude: "`,
	} {
		if got := below(out, check); len(got) != 1 || !strings.HasPrefix(got[0], want) {
			t.Errorf("below %s stands %q, want %q in:\n%s", check, got, want, out)
		}
	}
}

func TestVerdict_saysNothingOfEvalsBelowABoundOnHowManySucceed(t *testing.T) {
	t.Parallel()
	out := verdictOf(t, judged(t, "success_rate <= 40\npass_rate >= 90",
		played{"Refund", 2, "was rude", ""}, played{"Refund", 9, "", ""}), Options{})
	if got := below(out, "success_rate"); len(got) != 1 || !strings.Contains(got[0], "succeeded, which counts against the criterion (the same in 2 calls") {
		t.Errorf("below success_rate stands %q in:\n%s", got, out)
	}
	if got := below(out, "pass_rate"); len(got) != 1 || !strings.Contains(got[0], "is_helpful failed") {
		t.Errorf("below pass_rate stands %q in:\n%s", got, out)
	}
}

func TestVerdict_countsTheCallsOfTheCheck(t *testing.T) {
	t.Parallel()
	all := []played{{"Refund", 1, "was rude", ""}, {"Refund", -1, "no-answer", ""}}
	for range 25 {
		all = append(all, played{"Billing", 2, "was rude", ""})
	}
	all = append(all, played{"Refund", 2, "was rude", ""}, played{"Refund", 3, "was rude", ""})
	out := verdictOf(t, judged(t, "pass_rate >= 90\nscenario Refund: pass_rate >= 80\nscenario Refund: success_rate >= 80", all...), Options{})
	for check, want := range map[string]string{
		"pass_rate":            `is_helpful failed: "was rude" (the same in 28 calls, scores 1 to 3)`,
		"Refund: pass_rate":    `as above: is_helpful failed (the same in 3 calls, scores 1 to 3)`,
		"Refund: success_rate": `failed: no-answer`,
	} {
		if got := below(out, check+" "); len(got) == 0 || !strings.Contains(strings.Join(got, "\n"), want) {
			t.Errorf("below %s stands %q, want %q in:\n%s", check, got, want, out)
		}
	}
}

func TestVerdict_namesTheMainCauseOfEachCheckAgain(t *testing.T) {
	t.Parallel()
	out := verdictOf(t, judged(t, "pass_rate >= 90\nscenario Refund: pass_rate >= 80",
		played{"Refund", 1, "was rude", ""}, played{"Refund", -1, "no-answer", ""}, played{"Billing", 9, "", ""}), Options{})
	if got := below(out, "Refund: pass_rate"); len(got) == 0 || !strings.Contains(out, ", as above: is_helpful failed\n") {
		t.Errorf("the call that pulls both checks down is not named below the second:\n%s", out)
	}
}

func TestVerdict_leadsToTheFirstCallThatItShows(t *testing.T) {
	t.Parallel()
	all := reporttest.Cases()
	all["several causes"] = judged(t, "eval is_helpful: pass_rate >= 90\npass_rate >= 90", played{"Refund", 1, "was rude", ""},
		played{"Billing", -1, "no-answer", ""}, played{"Billing", -1, "no-answer", ""}, played{"Refund", 3, "late", ""})
	for name, r := range all {
		for _, width := range []int{0, 80} {
			out := verdictOf(t, r, Options{Width: width})
			next := regexp.MustCompile(`(?m)^Next .*call ([0-9a-f]{8})`).FindStringSubmatch(out)
			first := regexp.MustCompile(`(?m)^ {6}([0-9a-f]{8})\b`).FindStringSubmatch(out)
			if next != nil && (first == nil || next[1] != first[1]) {
				t.Errorf("%s at %d columns leads to another call:\n%s", name, width, out)
			}
		}
	}
}

func TestVerdict_foldsTheChecksOfOneCriterion(t *testing.T) {
	t.Parallel()
	var all []played
	for n := range 20 {
		bad := played{fmt.Sprintf("Scenario %c", 'A'+n), 1, "was rude", ""}
		if n%2 == 0 {
			bad.score = 9
		}
		all = append(all, bad)
	}
	r := judged(t, "each scenario: pass_rate >= 80\nsuccess_rate >= 10\neach scenario: overall_score >= 5", all...)
	for _, width := range []int{0, 80} {
		out := verdictOf(t, r, Options{Width: width})
		for want, n := range map[string]int{
			"\n  ✗ each scenario: pass_rate (need 80)   10 of 20 met\n":    1,
			"\n  ✗ each scenario: overall_score (need 5)   10 of 20 met\n": 1,
			"\n    ✗ Scenario ":                       6,
			"\n    ✗ Scenario B 0%   0 of 1 passed\n": 1,
			"\n  and 14 more checks in the reports\n": 1,
			"\n  ✗ Scenario ":                         0,
		} {
			if got := strings.Count(out, want); got != n {
				t.Errorf("at %d columns it says %q %d times, want %d:\n%s", width, want, got, n, out)
			}
		}
	}
}

func TestVerdict_repeatsWhyACallFailed(t *testing.T) {
	t.Parallel()
	bad := played{"A scenario with a name that takes most of a row", -1, "no-answer", ""}
	out := verdictOf(t, judged(t, "pass_rate >= 90\nsuccess_rate >= 90", bad, bad, bad, bad), Options{Width: 80})
	if strings.Count(out, "failed: no-answer (the same in 4 calls)\n") != 2 {
		t.Errorf("the reason does not stand below both checks:\n%s", out)
	}
}
