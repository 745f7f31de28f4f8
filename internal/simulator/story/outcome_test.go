package story_test

import (
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/agent-gate/agent-gate/internal/simulator/story"
)

// The terminal statuses are those of the contract, section 4.1.
func TestThreeStatusesAreTerminal(t *testing.T) {
	t.Parallel()
	for status, want := range map[story.Status]bool{
		"pending": false, "queued": false, "running": false, "ongoing": false, "analyzing": false, "evaluating": false, "cancelling": false,
		"completed": true, "failed": true, "cancelled": true, "unheard_of": false,
	} {
		if got := status.Terminal(); got != want {
			t.Errorf("%s: got terminal %t, want %t", status, got, want)
		}
	}
}

func TestTheMostSpecificOutcomeOfAPlanWins(t *testing.T) {
	t.Parallel()
	row := story.Row{Scenario: "Billing dispute", Row: 2}
	each := func(story.CallRef) (story.Outcome, bool) { return story.Fails("each"), true }
	pass := func(story.CallRef) (story.Outcome, bool) { return story.Outcome{}, false }
	rows := map[story.Row]story.Outcome{row: story.Fails("row")}
	calls := map[int]story.Outcome{7: story.Fails("call")}
	lost := story.Rates{Lost: 1}
	def := story.Fails("default")
	for _, c := range []struct {
		name string
		plan story.Plan
		want string // FailReason
	}{
		{"each first", story.Plan{Each: each, Rows: rows, Calls: calls, Rates: lost, Default: def}, "each"},
		{"each passes on", story.Plan{Each: pass, Rows: rows, Calls: calls, Rates: lost, Default: def}, "row"},
		{"calls after rows", story.Plan{Calls: calls, Rates: lost, Default: def}, "call"},
		{"rates after calls", story.Plan{Rates: lost, Default: def}, ""},
		{"rates that leave a rest", story.Plan{Rates: story.Rates{EvalFail: 1}, Default: def}, "default"},
		{"default last", story.Plan{Default: def}, "default"},
		{"another row", story.Plan{Rows: map[story.Row]story.Outcome{{Scenario: row.Scenario, Row: 3}: story.Fails("row")}, Default: def}, "default"},
		{"another call", story.Plan{Calls: map[int]story.Outcome{8: story.Fails("call")}, Default: def}, "default"},
	} {
		got := c.plan.Fate(1, story.CallRef{Index: 7, Row: row})
		if !got.Fails || got.FailReason != c.want {
			t.Errorf("%s: got %+v, want a failure with reason %q", c.name, got, c.want)
		}
	}
}

// want is what the contract, section 4.5, and real-server.md, rows 1 and 16, say of such
// calls.
func TestARateOfOneDecidesEveryCall(t *testing.T) {
	t.Parallel()
	reason := func(o story.Outcome) string {
		return o.Reason(story.Seed(1).Draw(story.ForContent, 0, 0, 0))
	}
	between := func(d time.Duration) bool { return d >= 10*time.Second && d <= 40*time.Second }
	good := func(o story.Outcome) bool { return !o.Fails && o.FailFirst == 0 && !o.Never }
	for name, c := range map[string]struct {
		rates story.Rates
		want  func(o story.Outcome) bool
	}{
		"fail":    {story.Rates{Fail: 1}, func(o story.Outcome) bool { return o.FailsIn(0) && o.FailsIn(5) && !o.Connects && !o.Lost }},
		"dropped": {story.Rates{Dropped: 1}, func(o story.Outcome) bool { return o.FailsIn(0) && o.FailsIn(5) && o.Connects && !o.Lost }},
		"flaky":   {story.Rates{Flaky: 1}, func(o story.Outcome) bool { return o.FailsIn(0) && !o.FailsIn(1) }},
		"lost": {story.Rates{Lost: 1}, func(o story.Outcome) bool {
			return o.FailsIn(0) && o.FailsIn(5) && slices.Contains(story.LostReasons(), reason(o))
		}},
		"rescued": {story.Rates{Rescued: 1}, func(o story.Outcome) bool {
			first, second := o.In(0), o.In(1)
			return first.FailsIn(0) && slices.Contains(story.LostReasons(), reason(first)) && !second.FailsIn(1)
		}},
		"low":      {story.Rates{Low: 1}, func(o story.Outcome) bool { return good(o) && o.Low }},
		"unscored": {story.Rates{Unscored: 1}, func(o story.Outcome) bool { return good(o) && o.NoScore }},
		"late":     {story.Rates{LateScore: 1}, func(o story.Outcome) bool { return good(o) && between(o.LateScore) }},
		"skipped": {story.Rates{Skipped: 1}, func(o story.Outcome) bool {
			return good(o) && o.SkipReason == "We could not find enough agent conversation to process this call."
		}},
		"crashed":   {story.Rates{ProcessingError: 1}, func(o story.Outcome) bool { return good(o) && o.EndedReason == "Error processing simulation" }},
		"unheard":   {story.Rates{NoTranscript: 1}, func(o story.Outcome) bool { return good(o) && o.NoTranscript }},
		"provider":  {story.Rates{ProviderError: 1}, func(o story.Outcome) bool { return good(o) && providerError(o.EndedReason) }},
		"wavering":  {story.Rates{Wavering: 1}, func(o story.Outcome) bool { return good(o) && between(o.Wavers) }},
		"lagging":   {story.Rates{Lagging: 1}, func(o story.Outcome) bool { return good(o) && between(o.Lags) }},
		"missing":   {story.Rates{Missing: 1}, func(o story.Outcome) bool { return o.Never }},
		"evals bad": {story.Rates{EvalFail: 1}, good},
	} {
		plan := story.Plan{Rates: c.rates}
		for i := range 50 {
			if o := plan.Fate(3, story.CallRef{Index: i}); !c.want(o) {
				t.Errorf("%s: call %d is %+v", name, i, o)
				break
			}
		}
	}
}

func providerError(reason string) bool {
	return strings.HasPrefix(reason, "call.") && strings.Contains(reason, ".error-")
}

func TestACallKeepsItsFateWhateverElseRuns(t *testing.T) {
	t.Parallel()
	plan := story.Plan{Rates: story.Rates{Fail: 0.5}}
	var fails int
	for i := range 200 {
		ref := story.CallRef{Execution: 1, Index: i}
		first := plan.Fate(9, ref).Fails
		plan.Fate(9, story.CallRef{Execution: 2, Index: i})
		if again := plan.Fate(9, ref).Fails; again != first {
			t.Fatalf("call %d fails: %t, then %t", i, first, again)
		}
		if first {
			fails++
		}
	}
	if fails < 70 || fails > 130 {
		t.Errorf("%d of 200 calls fail, want about half", fails)
	}
}

func TestEachAttemptHasItsOutcome(t *testing.T) {
	t.Parallel()
	o := story.Succeeds(8).After(story.Lost(""), story.Fails("no-answer"))
	for n, want := range []bool{true, true, false, false} {
		at := o.In(n)
		if got := at.FailsIn(n); got != want {
			t.Errorf("attempt %d fails: %t, want %t", n, got, want)
		}
	}
	last := o.In(2)
	if first, second := o.In(0), o.In(1); !first.Lost || second.FailReason != "no-answer" || last.Score == nil || *last.Score != 8 {
		t.Errorf("got %+v, %+v, %+v", first, second, last)
	}
}

// Which reasons the platform writes is in the contract, section 4.5, and real-server.md,
// additions; the others may be the agent's.
func TestReasonsTellThePlatformFromTheAgent(t *testing.T) {
	t.Parallel()
	platform := func(reason string) bool {
		return slices.ContainsFunc([]string{
			"Insufficient balance to make calls.", "Failed to acquire phone number: ", "Preparation failed: ", "Call monitoring failed: ", "Activity task failed",
		}, func(start string) bool { return strings.HasPrefix(reason, start) })
	}
	for _, reason := range story.LostReasons() {
		if !platform(reason) {
			t.Errorf("%q is not a reason of the platform", reason)
		}
	}
	for _, reason := range story.AgentReasons() {
		if platform(reason) {
			t.Errorf("%q is a reason of the platform", reason)
		}
	}
	for _, reason := range story.ProviderErrors() {
		if !providerError(reason) {
			t.Errorf("%q is not of the form call.*.error-*", reason)
		}
	}
}

func TestAReasonIsDrawnIfNoneIsNamed(t *testing.T) {
	t.Parallel()
	for name, c := range map[string]struct {
		outcome story.Outcome
		want    []string
	}{
		"named":                       {story.Fails("gone"), []string{"gone"}},
		"none":                        {story.Outcome{Fails: true, NoReason: true}, []string{""}},
		"agent, not connected":        {story.Fails(""), []string{"Call initiation failed: provider answered 503", "no-answer"}},
		"agent, connected":            {story.Outcome{Fails: true, Connects: true}, []string{"max-duration-reached", "silence-timed-out"}},
		"platform, not connected":     {story.Lost(""), []string{story.EndedNoBalance, story.EndedNoNumber, story.EndedPreparation, story.EndedActivityFailed}},
		"platform, connected":         {story.Outcome{Fails: true, Lost: true, Connects: true}, []string{story.EndedMonitoring}},
		"platform, named, connected":  {story.Lost(story.EndedMonitoring), []string{story.EndedMonitoring}},
		"platform, at first, no more": {func() story.Outcome { o := story.Rescued(story.EndedNoNumber); return o.In(0) }(), []string{story.EndedNoNumber}},
	} {
		seen := map[string]bool{}
		for i := range uint64(100) {
			got := c.outcome.Reason(story.Seed(1).Draw(story.ForContent, i, 0, 0))
			if seen[got] = true; !slices.Contains(c.want, got) {
				t.Fatalf("%s: got %q, want one of %q", name, got, c.want)
			}
		}
		if len(seen) != len(c.want) {
			t.Errorf("%s: got only %v of %q", name, seen, c.want)
		}
	}
	if o := story.Lost(story.EndedMonitoring); !o.Connects {
		t.Error("a call whose monitoring fails has not reached the agent")
	}
}

// The half second is that of real-server.md, additions.
func TestAFailedActivityHasNoReasonForHalfASecond(t *testing.T) {
	t.Parallel()
	for _, c := range []struct {
		after  time.Duration
		reason string
		want   time.Duration
	}{
		{0, "no-answer", 0},
		{time.Minute, "no-answer", time.Minute},
		{0, "Activity task failed", 500 * time.Millisecond},
		{100 * time.Millisecond, "Activity task failed", 500 * time.Millisecond},
		{time.Minute, "Activity task failed", time.Minute},
	} {
		o := story.Outcome{ReasonAfter: c.after}
		if got := o.ReasonDelay(c.reason); got != c.want {
			t.Errorf("%q after %s: got %s, want %s", c.reason, c.after, got, c.want)
		}
	}
}

func TestAWindowOverridesTheStatus(t *testing.T) {
	t.Parallel()
	plan := story.Plan{Statuses: []story.StatusWindow{
		{From: 10 * time.Second, To: 20 * time.Second, Status: "warming_up"},
		{From: 15 * time.Second, To: 30 * time.Second, Status: "cooling_down"},
	}}
	for since, want := range map[time.Duration]story.Status{
		0: "running", 10*time.Second - 1: "running", 10 * time.Second: "warming_up", 20*time.Second - 1: "warming_up", 20 * time.Second: "cooling_down", 30 * time.Second: "running",
	} {
		if got := plan.Shown(story.StatusRunning, since); got != want {
			t.Errorf("after %s: got %s, want %s", since, got, want)
		}
	}
}
