package verdict

import (
	"slices"
	"testing"

	"github.com/google/uuid"

	"github.com/agent-gate/agent-gate/internal/client"
	"github.com/agent-gate/agent-gate/internal/text"
)

func TestLostIsWhatNoOutcomeOfTheOpenCallsCanMeet(t *testing.T) {
	t.Parallel()
	open := status(client.CallOngoing)
	// Two of ten calls have failed in the scenario "a", three have succeeded, five are open.
	calls := runOf(all(times(2, call("a", failed)), times(3, call("a")), times(5, call("b", open)))...).Calls
	cases := []struct {
		criterion string
		rescuable bool
		want      bool // lost
	}{
		{"success_rate >= 81", false, true},
		{"success_rate >= 80", false, false},
		{"success_rate > 80", false, true},
		{"success_rate == 100", false, true},
		{"success_rate >= 81", true, false},
		{"success_rate <= 10", false, false}, // nobody means it, and it may yet be met
		{"first_success_rate >= 81", true, true},
		{"failed_calls <= 1", false, true},
		{"failed_calls <= 1", true, false},
		{"failed_calls == 0", false, true},
		{"failed_calls == 3", false, false},
		{"failed_calls >= 3", false, false},
		{"completed_calls >= 9", false, true},
		{"completed_calls >= 8", false, false},
		{`scenario "a": success_rate >= 61`, false, true},
		{`scenario "a": success_rate >= 60`, false, false},
		{`scenario "b": success_rate >= 100`, false, false},
		{"each scenario: failed_calls <= 1", false, true},
		{`scenario "c": success_rate >= 100`, false, false}, // it may still come
		{"overall_score >= 9", false, false},
		{"flaky_calls <= 0", true, false},
		{"total_calls >= 11", false, false},
		{"success_rate.change >= 50", false, false},
		{"each eval: pass_rate >= 100", false, false},
	}
	for _, c := range cases {
		lost := Lost(calls, Rules{Criteria: criteria(t, c.criterion)}, c.rescuable)
		if got := len(lost) > 0; got != c.want {
			t.Errorf("%s, rescuable %t: lost %t (%+v), want %t", c.criterion, c.rescuable, got, lost, c.want)
		}
		if len(lost) > 0 && lost[0].Criterion != c.criterion {
			t.Errorf("%s: the check names the criterion %q", c.criterion, lost[0].Criterion)
		}
	}
}

func TestLostIsNeverWhatTheRunCouldStillMeet(t *testing.T) {
	t.Parallel()
	rules := Rules{Criteria: criteria(t, "success_rate >= 70\nfailed_calls <= 2\neach scenario: success_rate >= 50")}
	for _, on := range []DecideOn{DecideOnEstimate, DecideOnInterval} {
		rules.DecideOn = on
		// Every way in which eight calls of two scenarios can end, and how many of them
		// have ended.
		for ends := range 1 << 8 {
			for settled := range 9 {
				var now, end []Call
				for i := range 8 {
					c := call([]string{"a", "b"}[i%2])
					if ends&(1<<i) != 0 {
						failed(&c)
					}
					end = append(end, c)
					if i >= settled {
						c = call([]string{"a", "b"}[i%2], status(client.CallPending))
					}
					now = append(now, c)
				}
				lost := Lost(runOf(now...).Calls, rules, false)
				if v := Judge(runOf(end...), rules); len(lost) > 0 && v.Kind != Fail {
					t.Fatalf("%s, ends %08b, %d settled: lost %+v, and the run ended %s", on, ends, settled, lost, v.Kind)
				} else if settled == 8 && v.Kind == Fail && len(lost) == 0 {
					t.Fatalf("%s, ends %08b: the run failed and nothing was lost", on, ends)
				}
			}
		}
	}
}

func TestRulesKnowWhetherScenariosDecideEarly(t *testing.T) {
	t.Parallel()
	for line, want := range map[string]bool{
		"success_rate >= 90":                 false,
		"each scenario: success_rate >= 90":  true,
		"each scenario: overall_score >= 9":  false,
		`scenario "a": failed_calls <= 1`:    true,
		"each eval: pass_rate >= 90":         false,
		"scenario a: success_rate.change>=0": false,
	} {
		if got := (Rules{Criteria: criteria(t, line)}).LooksAtScenarios(); got != want {
			t.Errorf("%s: got %t, want %t", line, got, want)
		}
	}
}

func TestFailedFastShowsWhatWasLostAndWhatWasNotJudged(t *testing.T) {
	t.Parallel()
	rules := Rules{Criteria: criteria(t, "success_rate >= 90\noverall_score >= 7")}
	e := runOf(call("a", failed), call("a"), call("a", cancelled), call("a", status(client.CallOngoing)))
	e.Execution.Status = client.ExecutionCancelled
	v := FailedFast(Lost(e.Calls, rules, false), text.New("because"), e, rules)
	if v.Kind != Fail || v.Reason.Raw() != "because" || v.ExitCode(Policy{}) != ExitFail {
		t.Errorf("got %s %q with exit code %d", v.Kind, v.Reason, v.ExitCode(Policy{}))
	}
	if len(v.Checks) != 2 || v.Checks[0].Outcome != NotMet || v.Checks[1].Outcome != NoData || v.Checks[1].Detail.IsEmpty() {
		t.Errorf("checks %+v, want one not met and one not judged", v.Checks)
	}
	if !slices.Equal(v.Deciding, []uuid.UUID{e.Calls[0].ID}) {
		t.Errorf("deciding %v, want the failed call", v.Deciding)
	}
	if v.Counts.Total != 4 || v.Counts.Failed != 2 || v.Counts.Cancelled != 1 {
		t.Errorf("counts %+v, want those of the calls so far", v.Counts)
	}
}
