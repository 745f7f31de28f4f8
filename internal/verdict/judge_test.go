package verdict

import (
	"math"
	"slices"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/agent-gate/agent-gate/internal/calls"
	"github.com/agent-gate/agent-gate/internal/criteria"
	"github.com/agent-gate/agent-gate/internal/text"
)

// twenty is the run of the interface's examples: 20 calls of two scenarios, 16 succeeded,
// 2 failed, 1 skipped, 1 ended by an error of the simulation.
func twenty() Evidence {
	return runOf(all(
		times(6, call("Billing", scored(8))),
		times(2, call("Billing", scored(4))),
		times(1, call("Billing", crashed)),
		times(4, call("Refund", scored(6))),
		times(3, call("Refund", scored(3))),
		times(1, call("Refund")),
		times(2, call("Refund", failed)),
		times(1, call("Refund", skipped)),
	)...)
}

func TestVerdictFollowsFromTheOutcomesOfChecks(t *testing.T) {
	t.Parallel()
	const met, notMet, noData = "success_rate >= 80\n", "success_rate >= 90\n", "cost <= 5\n"
	// By interval 16 of 20 is undecided about 80, met for 50, and not met for 95.
	const byMet, byNotMet, byUndecided = "success_rate >= 50\n", "success_rate >= 95\n", "success_rate >= 80\n"
	cases := []struct {
		name     string
		criteria string
		on       DecideOn
		want     Kind
	}{
		{"all met", met + "failed_calls <= 3", DecideOnEstimate, Pass},
		{"one not met", met + notMet, DecideOnEstimate, Fail},
		{"one without data", met + noData, DecideOnEstimate, Error},
		{"not met goes before no data", noData + notMet, DecideOnEstimate, Fail},
		{"no data goes before met, in any order", noData + met, DecideOnEstimate, Error},
		{"interval: met", byMet, DecideOnInterval, Pass},
		{"interval: undecided", byMet + byUndecided, DecideOnInterval, Inconclusive},
		{"interval: no data goes before undecided", byUndecided + noData, DecideOnInterval, Error},
		{"interval: not met goes before undecided", byUndecided + byNotMet, DecideOnInterval, Fail},
		{"interval: not met goes before all", noData + byUndecided + byMet + byNotMet, DecideOnInterval, Fail},
		{"no decide-on is the estimate", met, "", Pass},
	}
	for _, c := range cases {
		v := Judge(twenty(), Rules{Set: criteria.Set{Criteria: parsed(t, c.criteria)}, DecideOn: c.on})
		if v.Kind != c.want {
			t.Errorf("%s: got %s, want %s (%s)", c.name, v.Kind, c.want, v.Reason)
		}
		wantCause := Cause("")
		if c.want == Error {
			wantCause = CauseOperational
		}
		if v.Cause != wantCause {
			t.Errorf("%s: got cause %q, want %q", c.name, v.Cause, wantCause)
		}
		if v.Reason.IsEmpty() {
			t.Errorf("%s: there is no reason", c.name)
		}
	}
}

func TestRunsThatAreNotJudged(t *testing.T) {
	t.Parallel()
	with := func(s calls.ExecutionStatus, reason string, calls ...Call) Evidence {
		e := runOf(calls...)
		e.Execution.Status, e.Execution.ErrorReason = s, text.New(reason)
		return e
	}
	good := call("Refund", scored(9))
	cases := []struct {
		name     string
		evidence Evidence
		reason   string
	}{
		{"cancelled", with(calls.ExecutionCancelled, "", good), "the execution was cancelled on the server"},
		{"cancelled with a reason", with(calls.ExecutionCancelled, "by Eve", good), "the execution was cancelled on the server: by Eve"},
		{"cancelled without calls", with(calls.ExecutionCancelled, ""), "the execution was cancelled on the server"},
		{"completed without calls", with(calls.ExecutionCompleted, ""), "the execution has no calls: nothing was tested"},
		{"failed without calls", with(calls.ExecutionFailed, "no phone number"), "the execution failed before any call: no phone number"},
		{"failed without calls or reason", with(calls.ExecutionFailed, ""), "the execution failed before any call"},
		{"pending", with(calls.ExecutionPending, "", good), "the execution has not ended: it is pending"},
		{"running", with(calls.ExecutionRunning, "", good), "the execution has not ended: it is running"},
		{"evaluating", with(calls.ExecutionEvaluating, "", good), "the execution has not ended: it is evaluating"},
		{"cancelling", with(calls.ExecutionCancelling, "", good, call("Refund", cancelled)), "the execution has not ended: it is cancelling"},
		{"cancelling, and a call is at work", with(calls.ExecutionCancelling, "", good, call("Refund", status(calls.Ongoing))), "the execution has not ended: it is cancelling"},
		{"cancelling without calls", with(calls.ExecutionCancelling, ""), "the execution has not ended: it is cancelling"},
		{"unknown status", with("archived", "", good), "the execution has not ended: it is archived"},
		{"no status", with("", "", good), "the execution has not ended: it is in no known state"},
	}
	for _, c := range cases {
		v := judge(t, c.evidence, "success_rate >= 0")
		if v.Kind != Error || v.Cause != CauseOperational || v.Reason.Raw() != c.reason {
			t.Errorf("%s: got %s, %s, %q, want an operational error, %q", c.name, v.Kind, v.Cause, v.Reason.Raw(), c.reason)
		}
		if v.Counts.Total != c.evidence.Calls.Len() || len(v.Checks) != 0 {
			t.Errorf("%s: got %d calls and %d checks, want the calls alone", c.name, v.Counts.Total, len(v.Checks))
		}
	}
}

// The deployed server leaves an execution in cancelling that somebody cancels after its end.
func TestAFinishedExecutionThatIsCancellingForEverIsJudgedByItsCalls(t *testing.T) {
	t.Parallel()
	e := runOf(call("Refund"), call("Refund", failed), call("Refund", lost))
	e.Execution.Status = calls.ExecutionCancelling
	v := judge(t, e, "success_rate >= 33")
	if v.Kind != Pass || !slices.Contains(raws(v.Warnings), "the execution was cancelled after it had ended, and the server leaves it in the status cancelling; it is judged by its calls") {
		t.Errorf("got %s (%s), %q", v.Kind, v.Reason, raws(v.Warnings))
	}
}

func TestFailedExecutionWithCallsIsJudgedLikeAnyOther(t *testing.T) {
	t.Parallel()
	e := runOf(call("Refund"), call("Refund", failed))
	e.Execution.Status, e.Execution.ErrorReason = calls.ExecutionFailed, text.New("boom")
	for criterion, want := range map[string]Kind{"success_rate >= 50": Pass, "success_rate >= 51": Fail} {
		if v := judge(t, e, criterion); v.Kind != want {
			t.Errorf("%s: got %s, want %s", criterion, v.Kind, want)
		}
	}
	want := []string{"the server reports the whole execution as failed: boom"}
	if diff := cmp.Diff(want, raws(judge(t, e, "success_rate >= 50").Warnings)); diff != "" {
		t.Errorf("warnings (-want +got)\n%s", diff)
	}
}

func TestBadRulesAreABadConfiguration(t *testing.T) {
	t.Parallel()
	good := []criteria.Criterion{criteria.MinSuccessRate(0)}
	cases := []struct {
		name   string
		rules  Rules
		reason string
	}{
		{"no criteria", Rules{}, "there are no criteria: a gate needs at least one"},
		{"a bound that is no number", Rules{Set: criteria.Set{Criteria: []criteria.Criterion{criteria.MinSuccessRate(0), criteria.MinSuccessRate(math.NaN())}}}, "success_rate >= NaN: the threshold must be a finite number"},
		{"an unknown metric", Rules{Set: criteria.Set{Criteria: []criteria.Criterion{{Metric: "", Op: ">="}}}}, ""},
		{"too little confidence", Rules{Set: criteria.Set{Criteria: good}, Confidence: 49.9}, "confidence is 49.9; it must be 50 to 99.9 percent"},
		{"too much confidence", Rules{Set: criteria.Set{Criteria: good}, Confidence: 99.91}, "confidence is 99.91; it must be 50 to 99.9 percent"},
		{"confidence that is no number", Rules{Set: criteria.Set{Criteria: good}, Confidence: math.NaN()}, "confidence is NaN; it must be 50 to 99.9 percent"},
		{"an unknown decide-on", Rules{Set: criteria.Set{Criteria: good}, DecideOn: "mood"}, `decide-on is "mood"; it must be estimate or interval`},
	}
	for _, c := range cases {
		v := Judge(twenty(), c.rules)
		if v.Kind != Error || v.Cause != CauseConfig {
			t.Errorf("%s: got %s, %s, want a config error", c.name, v.Kind, v.Cause)
		}
		if c.reason != "" && v.Reason.Raw() != c.reason {
			t.Errorf("%s: got %q, want %q", c.name, v.Reason.Raw(), c.reason)
		}
	}
	for _, confidence := range []float64{0, 50, 95, 99.9} {
		if v := Judge(twenty(), Rules{Set: criteria.Set{Criteria: good}, Confidence: confidence}); v.Kind != Pass {
			t.Errorf("confidence %v: got %s, want a pass", confidence, v.Kind)
		}
	}
	// A mistake in the configuration is told even where the run ended badly too.
	if v := Judge(Evidence{}, Rules{}); v.Cause != CauseConfig {
		t.Errorf("no criteria, no run: got %s, want a config error", v.Cause)
	}
}

func TestErroredShowsTheCallsThatThereAre(t *testing.T) {
	t.Parallel()
	e := twenty()
	e.Execution.Status = calls.ExecutionRunning
	v := Errored(CauseInterrupted, text.New("interrupted"), e, Rules{})
	if v.Kind != Error || v.Cause != CauseInterrupted || v.Reason.Raw() != "interrupted" {
		t.Errorf("got %s, %s, %s", v.Kind, v.Cause, v.Reason)
	}
	want := Counts{Total: 20, Completed: 18, Failed: 3, Succeeded: 16, Passed: 16, Skipped: 1, Scored: 15, Judged: 20, Planned: 20}
	if diff := cmp.Diff(want, v.Counts); diff != "" {
		t.Errorf("counts (-want +got)\n%s", diff)
	}
	if len(v.Scenarios) != 2 || v.Metrics.SuccessRate.Value == nil || *v.Metrics.SuccessRate.Value != 80 {
		t.Errorf("got %d scenarios and %v, want 2 and 80", len(v.Scenarios), v.Metrics.SuccessRate.Value)
	}
	if got := Errored("", text.New("x"), Evidence{}, Rules{}); got.Cause != CauseOperational || got.Metrics.SuccessRate.Value != nil || len(got.Warnings) != 0 {
		t.Errorf("without a cause: got %+v", got)
	}
}

func TestNotRunIsSkipped(t *testing.T) {
	t.Parallel()
	v := NotRun(text.New("no credentials"))
	if v.Kind != Skip || v.Cause != "" || v.Reason.Raw() != "no credentials" || v.Counts != (Counts{}) || v.Warnings != nil {
		t.Errorf("got %+v", v)
	}
}

func TestExitCodes(t *testing.T) {
	t.Parallel()
	warn, allow, soft := Policy{WarnOnOperationalError: true}, Policy{AllowInconclusive: true}, Policy{SoftFail: true}
	everything := Policy{WarnOnOperationalError: true, AllowInconclusive: true, SoftFail: true}
	cases := []struct {
		kind                                 Kind
		cause                                Cause
		strict, warned, allowed, soft, every int
	}{
		{Pass, "", 0, 0, 0, 0, 0},
		{Skip, "", 0, 0, 0, 0, 0},
		{Skip, CauseConfig, 2, 2, 2, 2, 2},
		{Skip, CauseBudget, 3, 3, 3, 3, 3},
		{Fail, "", 1, 1, 1, 0, 0},
		{Error, CauseConfig, 2, 2, 2, 2, 2},
		{Error, CauseOperational, 3, 0, 3, 0, 0},
		{Error, CauseBudget, 3, 3, 3, 0, 0},
		{Error, CauseTimeout, 4, 0, 4, 0, 0},
		{Inconclusive, "", 5, 5, 0, 0, 0},
		{Error, CauseInterrupted, 130, 130, 130, 130, 130},
		{Error, CauseTerminated, 143, 143, 143, 143, 143},
		{Error, "", 3, 3, 3, 3, 3},
		{Error, "new", 3, 3, 3, 3, 3},
		{"", "", 3, 3, 3, 3, 3},
		{"passed", "", 3, 3, 3, 3, 3},
	}
	for _, c := range cases {
		v := Verdict{Kind: c.kind, Cause: c.cause}
		got := []int{v.ExitCode(Policy{}), v.ExitCode(warn), v.ExitCode(allow), v.ExitCode(soft), v.ExitCode(everything)}
		if diff := cmp.Diff([]int{c.strict, c.warned, c.allowed, c.soft, c.every}, got); diff != "" {
			t.Errorf("%q, %q: strict, warn, allow, soft, every (-want +got)\n%s", c.kind, c.cause, diff)
		}
	}
}
