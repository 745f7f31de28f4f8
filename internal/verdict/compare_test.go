package verdict

import (
	"slices"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/agent-gate/agent-gate/internal/calls"
	"github.com/agent-gate/agent-gate/internal/criteria"
	"github.com/agent-gate/agent-gate/internal/text"
)

// changeNames are the scenarios of changes.
func changeNames(changes []ScenarioChange) []string {
	var out []string
	for _, c := range changes {
		out = append(out, c.Name.Raw())
	}
	return out
}

func TestCompareNamesTheScenariosThatFailAndPassSince(t *testing.T) {
	t.Parallel()
	now := runOf(call("still good"), call("broken"), call("broken", failed), call("mended"), call("still bad", failed), call("new", failed))
	then := runOf(call("still good"), call("broken"), call("mended", skipped), call("still bad"), call("still bad", failed), call("gone"))
	got := Compare(now, Rules{Baseline: BaselineOf(then)})
	if diff := cmp.Diff([]string{"broken"}, changeNames(got.NewlyFailing)); diff != "" {
		t.Errorf("newly failing (-want +got):\n%s", diff)
	}
	if diff := cmp.Diff([]string{"mended"}, changeNames(got.NewlyPassing)); diff != "" {
		t.Errorf("newly passing (-want +got):\n%s", diff)
	}
	if c := got.NewlyFailing[0]; c.Then.Good != 1 || c.Now.Good != 1 || c.Now.Of != 2 {
		t.Errorf("broken: %+v, want 1 of 1 then and 1 of 2 now", c)
	}
	// Of the scenarios in both, by their calls now: 4 of 5 calls now, and then 1 + 2 + 0 + 1/2.
	near(t, "success rate of the baseline", *got.SuccessRate.Then.Value, 100*3.5/5)
	near(t, "success rate now", *got.SuccessRate.Now.Value, 100*3.0/5)
}

func TestCompareWarnsOfWhatMakesTwoRunsIncomparable(t *testing.T) {
	t.Parallel()
	at := time.Date(2026, 3, 1, 12, 0, 0, 0, time.UTC)
	run := func(change func(e *Evidence), calls ...Call) Evidence {
		e := runOf(calls...)
		e.Timing.StartedAt = at
		if change != nil {
			change(&e)
		}
		return e
	}
	agent := func(typ calls.AgentType, name string) func(*Evidence) {
		return func(e *Evidence) { e.Execution.AgentType, e.Execution.AgentName = typ, text.New(name) }
	}
	ended := func(ago time.Duration) func(*Evidence) {
		return func(e *Evidence) { e.Execution.CompletedAt = new(at.Add(-ago)) }
	}
	cases := []struct {
		name      string
		now, then Evidence
		want      []string
	}{
		{"nothing", run(agent("voice", "A"), call("s", passing("e"))), run(agent("voice", "A"), call("s", passing("e"))), nil},
		{"nothing where nothing is known", run(agent("voice", "A"), call("s")), run(nil, call("s")), nil},
		{"another agent", run(agent("voice", "A"), call("s")), run(agent("voice", "B"), call("s")), []string{`the baseline tested the agent "B", this run "A"`}},
		{"another kind of agent", run(agent("voice", "A"), call("s")), run(agent("text", "A"), call("s")), []string{"the baseline tested a text agent, this run a voice agent"}},
		{"other scenarios", run(nil, call("a"), call("b")), run(nil, call("b"), call("c")), []string{`not in the baseline: scenario "a"`, `only in the baseline: scenario "c"`}},
		{"other evals", run(nil, call("s", passing("a"))), run(nil, call("s", passing("b"))), []string{`not in the baseline: eval "a"`, `only in the baseline: eval "b"`}},
		{"age", run(nil, call("s")), run(ended(45*24*time.Hour), call("s")), []string{"the baseline is 45 days old"}},
		{"an age that does no harm", run(nil, call("s")), run(ended(29*24*time.Hour), call("s")), nil},
		{"a run without calls", run(nil), run(nil, call("s", passing("b"))), nil},
	}
	for _, c := range cases {
		t.Run(c.name, func(t *testing.T) {
			t.Parallel()
			got := Compare(c.now, Rules{Baseline: BaselineOf(c.then)})
			if got := raws(got.Warnings); !slices.Equal(got, c.want) {
				t.Errorf("got %q, want %q", got, c.want)
			}
		})
	}
}

func TestCompareKnowsTheAgeFromTheCallsWhereTheExecutionDoesNotSay(t *testing.T) {
	t.Parallel()
	at := time.Date(2026, 3, 1, 12, 0, 0, 0, time.UTC)
	then := runOf(call("s", func(c *Call) { c.StartedAt = new(at.Add(-3 * time.Hour)) }), call("s", func(c *Call) { c.StartedAt = new(at.Add(-2 * time.Hour)) }))
	now := runOf(call("s"))
	now.Timing.StartedAt = at
	if got := Compare(now, Rules{Baseline: BaselineOf(then)}).Age; got != 2*time.Hour {
		t.Errorf("age %s, want 2h", got)
	}
	now.Timing.StartedAt = at.Add(-24 * time.Hour) // the clocks differ
	if got := Compare(now, Rules{Baseline: BaselineOf(then)}).Age; got != 0 {
		t.Errorf("age %s of a baseline of the future, want none", got)
	}
}

func TestAnExecutionAsBaselineTellsThatItsFirstTriesAreNotKnown(t *testing.T) {
	t.Parallel()
	const warning = "it is not known how the baseline's calls ended before reruns: its first_success_rate and first_pass_rate are those after reruns, and it has no flaky calls; use a JSON report as the baseline to compare them"
	execution := calls.Execution{Calls: packed(call("s").Call)}
	for _, c := range []struct {
		name, criterion string
		baseline        *Baseline
		want            []string
	}{
		{"first rate of an execution", "first_success_rate.change >= -5", BaselineOfExecution(Execution{}, execution), []string{warning}},
		{"first pass rate of an execution", "first_pass_rate.change >= -5", BaselineOfExecution(Execution{}, execution), []string{warning}},
		{"flaky calls of an execution", "flaky_calls.change <= 2", BaselineOfExecution(Execution{}, execution), []string{warning}},
		{"final rate of an execution", "success_rate.change >= -5", BaselineOfExecution(Execution{}, execution), nil},
		{"first rate without a comparison", "first_success_rate >= 90", BaselineOfExecution(Execution{}, execution), nil},
		{"first rate of a report", "first_success_rate.change >= -5", BaselineOf(runOf(call("s"))), nil},
	} {
		t.Run(c.name, func(t *testing.T) {
			t.Parallel()
			wanted, err := criteria.Parse(c.criterion)
			if err != nil {
				t.Fatal(err)
			}
			if got := raws(Compare(runOf(call("s")), Rules{Baseline: c.baseline, Set: criteria.Set{Criteria: wanted}}).Warnings); !slices.Equal(got, c.want) {
				t.Errorf("got %q, want %q", got, c.want)
			}
		})
	}
}

func TestThereIsNothingToCompareWithoutABaselineOfCalls(t *testing.T) {
	t.Parallel()
	if got := Compare(runOf(call("s")), Rules{}); got != nil {
		t.Errorf("got %+v without a baseline", got)
	}
	if got := Compare(runOf(call("s")), Rules{Baseline: &Baseline{}}); got != nil {
		t.Errorf("got %+v with a baseline without calls", got)
	}
}

func TestABaselineOfAnExecutionHoldsItsCallsAndStatus(t *testing.T) {
	t.Parallel()
	e := calls.Execution{Calls: packed(call("s", failed).Call), Evals: []calls.EvalConfig{{Name: text.New("e")}}}
	e.Status, e.RunTestID, e.RunTestName = calls.ExecutionCompleted, id("run test"), text.New("gate")
	b := BaselineOfExecution(Execution{ID: id("execution")}, e)
	if b.Execution.ID != id("execution") || b.Execution.Status != calls.ExecutionCompleted || b.RunTest.ID != id("run test") || len(b.Evals) != 1 {
		t.Errorf("got %+v", b)
	}
	if c := b.Calls.At(0); c.Attempts != 1 || c.FirstOutcome != Failed {
		t.Errorf("call %+v, want one attempt that failed", c)
	}
	if !b.RerunsUnknown {
		t.Error("reruns count as known, want that the server keeps nothing of them")
	}
	rerun := call("s").Call
	rerun.Reruns, rerun.First = 2, &calls.Try{Status: calls.Failed}
	e.Calls = packed(call("s", failed).Call, rerun)
	if b := BaselineOfExecution(Execution{}, e); b.RerunsUnknown || b.Calls.At(1).Attempts != 3 || !b.Calls.At(1).Flaky() {
		t.Errorf("got %+v, want a flaky call", b.Calls.At(1))
	}
}
