package verdict

import (
	"slices"
	"testing"

	"github.com/google/uuid"

	"github.com/agent-gate/agent-gate/internal/calls"
	"github.com/agent-gate/agent-gate/internal/criteria"
	"github.com/agent-gate/agent-gate/internal/text"
)

func TestLostIsWhatNoOutcomeOfTheOpenCallsCanMeet(t *testing.T) {
	t.Parallel()
	open := status(calls.Ongoing)
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
		{"success_rate <= 10", false, false}, // it may still be met
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
		{"each eval: pass_rate >= 100", false, false}, // there are no evals
	}
	for _, c := range cases {
		lost := Unmeetable(underWay(calls, c.rescuable), Rules{Set: criteria.Set{Criteria: parsed(t, c.criterion)}})
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
	rules := Rules{Set: criteria.Set{Criteria: parsed(t, "success_rate >= 70\nfailed_calls <= 2\neach scenario: success_rate >= 50")}}
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
						c = call([]string{"a", "b"}[i%2], status(calls.Pending))
					}
					now = append(now, c)
				}
				lost := Unmeetable(underWay(runOf(now...).Calls, false), rules)
				if v := Judge(runOf(end...), rules); len(lost) > 0 && v.Kind != Fail {
					t.Fatalf("%s, ends %08b, %d settled: lost %+v, and the run ended %s", on, ends, settled, lost, v.Kind)
				} else if settled == 8 && v.Kind == Fail && len(lost) == 0 {
					t.Fatalf("%s, ends %08b: the run failed and nothing was lost", on, ends)
				}
			}
		}
	}
}

// underWay is a run of these calls that fail-fast looks at.
func underWay(calls Calls, rescuable bool) Evidence {
	return Evidence{Calls: calls, FailFast: &FailFast{Calls: calls.Len(), Rescuable: rescuable}}
}

func TestLostAreValuesThatNoLaterCallMakesGood(t *testing.T) {
	t.Parallel()
	open := status(calls.Ongoing)
	// Of ten calls four have ended: one with a low score, one that was too long and does
	// not pass, one whose eval has no result yet, and one that has failed.
	calls := runOf(all(
		times(1, call("a", scored(3), passing("polite"))),
		times(1, call("a", scored(9), lasting(200), failing("polite"))),
		times(1, call("a", scored(9))),
		times(1, call("a", failed, scored(1))),
		times(6, call("b", open)))...).Calls
	for _, c := range []struct {
		criterion string
		rescuable bool
		want      bool
	}{
		{"overall_score.min >= 4", false, true},
		{"overall_score.min >= 3", false, false},
		{"overall_score.max <= 8", false, true},
		{"overall_score.max >= 10", false, false},
		{"overall_score.mean >= 9", false, false}, // no scale is known
		{"duration.max <= 180", false, true},
		{"duration.max <= 200", false, false},
		{`scenario "a": overall_score.min >= 4`, false, true},
		{`scenario "b": overall_score.min >= 4`, false, false},
		{`eval "polite": pass_rate >= 95`, false, true}, // 8 of 9 at best
		{`eval "polite": pass_rate >= 88`, false, false},
		{`eval "polite": pass_rate >= 90`, true, false}, // the failed call may come to pass: 9 of 10
		{`eval "polite": pass_rate >= 91`, true, true},
		{`eval "polite": share "Passed" >= 95`, false, true},
		{`eval "polite": score.min >= 50`, false, true},
		{`eval "polite": result_rate >= 100`, false, false}, // it may still come
		{`eval "other": pass_rate >= 100`, false, false},
	} {
		lost := Unmeetable(underWay(calls, c.rescuable), Rules{Set: criteria.Set{Criteria: parsed(t, c.criterion)}})
		if got := len(lost) > 0; got != c.want {
			t.Errorf("%s, rescuable %t: lost %t (%+v), want %t", c.criterion, c.rescuable, got, lost, c.want)
		}
	}
}

func TestLostByCountsAlone(t *testing.T) {
	t.Parallel()
	for criterion, want := range map[string]bool{
		"success_rate >= 90":                false, // 18 of 20 is just that
		"success_rate >= 95":                true,
		"failed_calls <= 1":                 true,
		"each scenario: success_rate >= 95": false, // no scenario is known
		"overall_score.min >= 4":            false,
	} {
		lost := Unmeetable(Evidence{FailFast: &FailFast{Calls: 20, Failed: 2}}, Rules{Set: criteria.Set{Criteria: parsed(t, criterion)}})
		if got := len(lost) > 0; got != want {
			t.Errorf("%s: lost %t (%+v), want %t", criterion, got, lost, want)
		}
	}
}

// TestCallsThatAreNotKnownAreFilledInFromTheCounts counts the failed calls that are known once.
func TestCallsThatAreNotKnownAreFilledInFromTheCounts(t *testing.T) {
	t.Parallel()
	e := runOf(call("a", failed), call("a"), call("a"))
	e.FailFast = &FailFast{Calls: 10, Failed: 2}
	for criterion, want := range map[string]bool{"success_rate >= 80": false, "success_rate >= 81": true, "failed_calls <= 2": false, "failed_calls <= 1": true, "total_calls >= 11": false} {
		if got := len(Unmeetable(e, Rules{Set: criteria.Set{Criteria: parsed(t, criterion)}})) > 0; got != want {
			t.Errorf("%s: lost %t, want %t", criterion, got, want)
		}
	}
}

func TestARunCancelledEarlyShowsWhatWasLostAndWhatWasNotJudged(t *testing.T) {
	t.Parallel()
	e := runOf(call("a", failed), call("a"), call("a", cancelled), call("a", cancelled))
	e.Execution.Status, e.FailFast = calls.ExecutionCancelled, &FailFast{Calls: 4, Failed: 1}
	v := Judge(e, Rules{Set: criteria.Set{Criteria: parsed(t, "success_rate >= 90\noverall_score >= 7")}})
	if v.Kind != Fail || v.ExitCode(Policy{WarnOnOperationalError: true}) != ExitFail {
		t.Errorf("got %s with exit code %d", v.Kind, v.ExitCode(Policy{}))
	}
	const reason = "success_rate >= 90 can no longer be met, even in the best case: 3 of 4 calls succeeded, 95% interval 30.1–95.4%; cancelled early (fail-fast) when 2 of 4 calls had ended"
	if got := v.Reason.Raw(); got != reason {
		t.Errorf("reason %q, want %q", got, reason)
	}
	if len(v.Checks) != 2 || v.Checks[0].Outcome != NotMet || v.Checks[0].Value.Value != nil || v.Checks[1].Outcome != NoData || v.Checks[1].Detail.IsEmpty() {
		t.Errorf("checks %+v, want one not met, without a number that was not measured, and one not judged", v.Checks)
	}
	if v.Checks[0].Criterion != "success_rate >= 90" || v.Checks[1].Criterion != "overall_score >= 7" {
		t.Errorf("checks of %q and %q, want one of each criterion", v.Checks[0].Criterion, v.Checks[1].Criterion)
	}
	if !slices.Equal(v.Deciding, []uuid.UUID{e.Calls.ID(0)}) {
		t.Errorf("deciding %v, want the failed call", v.Deciding)
	}
	if v := Judge(e, Rules{Set: criteria.Set{Criteria: parsed(t, "success_rate >= 70")}}); v.Kind != Error || v.Cause != CauseOperational {
		t.Errorf("got %s by a criterion that was not lost, want an error", v.Kind)
	}
}

func TestARunCancelledEarlyIsLostEvenWhenItsCallsCannotBeRead(t *testing.T) {
	t.Parallel()
	e := Evidence{FailFast: &FailFast{Calls: 20, Failed: 5}}
	e.Execution.Status = calls.ExecutionCancelled
	if v := Judge(e, Rules{Set: criteria.Set{Criteria: parsed(t, "success_rate >= 90")}}); v.Kind != Fail {
		t.Errorf("got %s, want fail", v.Kind)
	}
}

func TestARunThatWasStoppedIsNotJudged(t *testing.T) {
	t.Parallel()
	e := runOf(call("a"))
	e.Stopped = &Stop{Cause: CauseTimeout, Reason: text.New("timed out after 5m0s")}
	if v := Judge(e, Rules{Set: criteria.Set{Criteria: parsed(t, "success_rate >= 90")}}); v.Kind != Error || v.Cause != CauseTimeout || v.Reason != e.Stopped.Reason {
		t.Errorf("got %s (%s) %q", v.Kind, v.Cause, v.Reason)
	}
}

func TestARunWhoseNewEvalsDidNotRunDoesNotPass(t *testing.T) {
	t.Parallel()
	e := runOf(call("a"), call("a", failed))
	e.Unevaluated = text.New("the new evals were not run: no")
	for line, want := range map[string]Kind{"success_rate >= 50": Error, "success_rate >= 90": Fail} {
		if v := Judge(e, Rules{Set: criteria.Set{Criteria: parsed(t, line)}}); v.Kind != want {
			t.Errorf("%s: got %s, want %s", line, v.Kind, want)
		}
	}
}

// sequence is a run of trials of four calls that goes on while it is undecided, in which these calls
// succeeded; the rest of the calls that have ended failed.
func sequence(trials, ended, hits int, l *Looks) Evidence {
	e := Evidence{Execution: Execution{Status: calls.ExecutionCompleted, Trial: trials - 1}, Looks: l}
	for i := range ended {
		c := call("a")
		if i >= hits {
			failed(&c)
		}
		e.Calls = Joined(func(Call) bool { return true }, e.Calls, runOf(c).Calls)
	}
	return e
}

// Brute force over the rules of several looks: nothing is lost that the next look could leave open, and all
// is lost that it cannot.
func TestLostIsWhatTheNextLookMissesInAnyCase(t *testing.T) {
	t.Parallel()
	const each = 4
	for _, line := range []string{"success_rate >= 70", "success_rate >= 80 tolerance 20", "failed_calls <= 3"} {
		rules := byCriteria(t, line)
		rules.DecideOn = DecideOnInterval
		lost, earlier := 0, 0
		for first := 1; first <= 2; first++ {
			looks := &Looks{First: first, Max: 4}
			for trials := 1; trials <= 4; trials++ {
				next := max(trials, first) // the trials of the next look
				fate := make([]Kind, next*each+1)
				for hits := range fate {
					fate[hits] = Judge(sequence(next, next*each, hits, looks), rules).Kind
				}
				for ended := (trials-1)*each + 1; ended <= trials*each; ended++ {
					for hits := range ended + 1 {
						want := true
						for _, kind := range fate[hits : hits+next*each-ended+1] {
							want = want && kind == Fail
						}
						e := sequence(trials, ended, hits, looks)
						e.FailFast = &FailFast{Calls: next * each, Failed: ended - hits}
						if got := len(Unmeetable(e, rules)) > 0; got != want {
							t.Errorf("%s: %d of %d calls of trial %d, first look after %d: lost %t, want %t", line, hits, ended, trials, first, got, want)
						}
						e.Plan = []Planned{{Name: text.New("a"), Calls: new(next * each)}}
						if got := Sealed(e, rules); got != want {
							t.Errorf("%s: %d of %d calls of trial %d, first look after %d: sealed %t, want %t", line, hits, ended, trials, first, got, want)
						}
						if want {
							lost++
						}
						if want && ended < next*each {
							earlier++
						}
					}
				}
			}
		}
		if lost == 0 || earlier == 0 {
			t.Errorf("%s: lost %d times, %d of them before the last call: the test shows nothing", line, lost, earlier)
		}
	}
}

// Between trials a criterion is missed for good only if the calls to come count towards it.
func TestSealedIsWhatNoTrialToComeCanTurn(t *testing.T) {
	t.Parallel()
	e := runOf(times(4, call("a", scored(2), lasting(200)))...)
	e.Plan = []Planned{{Name: text.New("a"), Calls: new(8)}}
	e.FailFast = &FailFast{Calls: 8}
	for line, want := range map[string]bool{
		"overall_score >= 6.1":                    true, // at best four tens
		"overall_score >= 6":                      false,
		"duration <= 100":                         false, // over the calls that there are
		"total_calls >= 8":                        false,
		"completed_calls >= 8":                    false,
		"missing_calls <= 3":                      false,
		"judged_rate >= 80":                       false,
		"judged_rate >= 40\noverall_score >= 6.1": false, // calls that do not come may be left out
		"pass^1 >= 50":                            false,
		"success_rate.change >= 0":                false,
		"duration.max <= 100":                     true,
	} {
		if got := Sealed(e, byCriteria(t, line)); got != want {
			t.Errorf("%s: sealed %t, want %t", line, got, want)
		}
	}
	e.Plan[0].Calls = nil
	if Sealed(e, byCriteria(t, "overall_score >= 6.1")) {
		t.Error("sealed although nobody knows how many calls are to come")
	}
}
