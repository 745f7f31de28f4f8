package gate_test

import (
	"strings"
	"testing"
	"time"

	"github.com/google/uuid"

	"github.com/agent-gate/agent-gate/internal/ci/job"
	"github.com/agent-gate/agent-gate/internal/config"
	"github.com/agent-gate/agent-gate/internal/criteria"
	"github.com/agent-gate/agent-gate/internal/gate/event"
	"github.com/agent-gate/agent-gate/internal/gate/runname"
	"github.com/agent-gate/agent-gate/internal/simulator"
	"github.com/agent-gate/agent-gate/internal/simulator/api"
	"github.com/agent-gate/agent-gate/internal/simulator/story"
	"github.com/agent-gate/agent-gate/internal/text"
	"github.com/agent-gate/agent-gate/internal/verdict"
)

// mainRuns is how the names of the gate runs of the branch main begin: with the repository,
// the branch, and the first digits of the SHA-256 of "acme/bot", "branch" and "main" with
// zero bytes between them.
const mainRuns = "agent-gate-acme-bot-main-b356c630bb4d"

// onMain is the name of a gate run of the branch main.
func onMain(t *testing.T, commit string) string {
	t.Helper()
	name, err := runname.Of(config.Config{}, job.Context{
		Provider: job.GitHub, Repository: text.New("acme/bot"), Kind: job.KindBranch, Ref: text.New("main"), SHA: commit, RunID: "1", Attempt: commit,
	})
	if err != nil {
		t.Fatal(err)
	}
	return name
}

// changeOf is a criterion on the change of the success rate.
func changeOf(t *testing.T, line string) []criteria.Criterion {
	t.Helper()
	criteria, err := criteria.Parse(line)
	if err != nil {
		t.Fatal(err)
	}
	return criteria
}

// firstGood makes the first execution of a server good and fails some calls of the rest.
func firstGood(failing int) func(int) story.Plan {
	return func(execution int) story.Plan {
		if execution == 0 {
			return story.Plan{}
		}
		return story.Plan{Each: func(c story.CallRef) (story.Outcome, bool) {
			return story.Fails("no-answer"), c.Index < failing
		}}
	}
}

func TestBaselineNameIsThatOfTheTargetBranch(t *testing.T) {
	t.Parallel()
	acme := text.New("acme/bot")
	for name, c := range map[string]struct {
		context job.Context
		want    string
	}{
		"a push":                  {job.Context{Repository: acme, Kind: job.KindBranch, Ref: text.New("main"), SHA: "0123456789"}, mainRuns},
		"a pull request":          {job.Context{Repository: acme, Kind: job.KindPull, Ref: text.New("feature/x"), BaseRef: text.New("main"), SHA: "0123456789"}, mainRuns},
		"a merge queue":           {job.Context{Repository: acme, Kind: job.KindQueue, Ref: text.New("gh-readonly-queue/main/pr-7-0123456789"), BaseRef: text.New("main")}, mainRuns},
		"a target not told":       {job.Context{Repository: acme, Kind: job.KindPull, Ref: text.New("main")}, ""},
		"a tag":                   {job.Context{Repository: acme, Kind: job.KindTag, Ref: text.New("main")}, ""},
		"no repository":           {job.Context{Kind: job.KindBranch, Ref: text.New("main")}, ""},
		"no CI system":            {job.Context{}, ""},
		"a repository and no ref": {job.Context{Repository: acme}, ""},
	} {
		if got := runname.Baseline("", c.context); got != c.want {
			t.Errorf("%s: got %q, want %q", name, got, c.want)
		}
	}
}

func TestTheBaselineIsTheNewestCompletedGateRunOfTheTargetBranch(t *testing.T) {
	t.Parallel()
	bothDialects(t, simulator.Options{PlanFor: firstGood(2)}, func(w *world) {
		good := w.server.AddRunTest(onMain(t, "0123456"))
		baseline := w.server.AddExecution(good, 48*time.Hour)
		// None of these is one: not executed, of other branches, not made by a gate.
		w.server.AddRunTest(onMain(t, "abcdef0"))
		for _, name := range []string{mainRuns, mainRuns + "-x-" + uuid.NewString(), mainRuns + "-2-0123456-" + uuid.NewString(), "nightly"} {
			w.server.AddExecution(w.server.AddRunTest(name), 24*time.Hour)
		}
		w.server.AddExecution(w.server.AddRunTest(onMain(t, "fedcba9")), time.Second) // still running
		w.gate.BaselineName = mainRuns
		w.gate.Config.Baseline.Auto = true
		w.gate.Config.Rules.Criteria = changeOf(t, "success_rate.change >= -5")
		got := w.run()
		w.wantVerdict(got, verdict.Fail, "")
		if got.Baseline == nil || got.Baseline.Execution.ID != baseline || got.Baseline.Calls.Len() != 20 {
			t.Fatalf("baseline %+v, want execution %s", got.Baseline, baseline)
		}
		c := verdict.Compare(got.Evidence, verdict.Rules{Baseline: got.Baseline})
		if c.Age < 47*time.Hour || c.Age > 49*time.Hour {
			t.Errorf("age %s, want two days", c.Age)
		}
		if len(c.NewlyFailing) != 1 {
			t.Errorf("newly failing %+v, want one scenario", c.NewlyFailing)
		}
	})
}

func TestARunWithTheSameScenariosIsPreferredAsBaseline(t *testing.T) {
	t.Parallel()
	bothDialects(t, simulator.Options{}, func(w *world) {
		all := w.server.AddRunTest(onMain(t, "0123456"))
		w.server.AddExecution(all, 24*time.Hour)
		// A newer gate run of the branch, on one scenario.
		target := w.gate.Config.Target
		w.gate.Config.Target.ScenarioIDs = target.ScenarioIDs[:1]
		w.gate.Name = onMain(t, "abcdef0")
		one := w.run()
		w.gate.Name = "mine"
		w.gate.Config.Target = target
		w.gate.BaselineName = mainRuns
		w.gate.Config.Baseline.Auto = true
		if got := w.run(); got.Baseline == nil || got.Baseline.Calls.Len() != 20 {
			t.Errorf("baseline %+v, want the one with all scenarios", got.Baseline)
		}
		w.gate.Name = "mine too"
		w.gate.Config.Target.ScenarioIDs = target.ScenarioIDs[:1]
		if got := w.run(); got.Baseline == nil || got.Baseline.Execution.ID != one.Evidence.Execution.ID {
			t.Errorf("baseline %+v, want the one with one scenario", got.Baseline)
		}
		w.gate.Name = "mine three"
		w.gate.Config.Target.ScenarioIDs = target.ScenarioIDs[:2]
		got := w.run()
		if got.Baseline == nil {
			t.Fatal("no baseline, want the newest where none has the same scenarios")
		}
		found := false
		for _, warning := range got.Evidence.Warnings {
			found = found || strings.Contains(warning.Line(), "not in the baseline: scenario")
		}
		if !found {
			t.Errorf("warnings %v, want one about the scenarios", got.Evidence.Warnings)
		}
	})
}

func TestANamedBaselineIsRead(t *testing.T) {
	t.Parallel()
	bothDialects(t, simulator.Options{PlanFor: firstGood(2)}, func(w *world) {
		w.gate.Config.Baseline.ExecutionID = w.server.AddExecution(w.server.AddRunTest("anything"), 48*time.Hour)
		w.gate.Config.Rules.Criteria = changeOf(t, "success_rate.change >= -10")
		got := w.run()
		w.wantVerdict(got, verdict.Pass, "")
		if got.Baseline == nil {
			t.Error("no baseline in the result")
		}
	})
}

func TestABaselineThatCannotBeComparedWithStopsTheRunBeforePaying(t *testing.T) {
	t.Parallel()
	for name, c := range map[string]struct {
		prepare func(w *world)
		reason  string
	}{
		"it is not there": {func(w *world) { w.gate.Config.Baseline.ExecutionID = uuid.New() }, "there is no test execution"},
		"it is still running": {func(w *world) {
			w.gate.Config.Baseline.ExecutionID = w.server.AddExecution(w.server.AddRunTest("x"), time.Second)
		}, "did not finish"},
		"the branch is not known": {func(w *world) {
			w.gate.Config.Baseline.Auto = true
			w.gate.Config.Rules.Criteria = changeOf(w.t, "success_rate.change >= -5")
		}, "target branch"},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			bothDialects(t, simulator.Options{}, func(w *world) {
				c.prepare(w)
				got := w.run()
				w.wantVerdict(got, verdict.Error, verdict.CauseConfig)
				if reason := got.Verdict.Reason.Line(); !strings.Contains(reason, c.reason) {
					t.Errorf("reason %q, want it to say %q", reason, c.reason)
				}
				if n := w.server.Ledger().Counts[api.EndpointExecute]; n != 0 {
					t.Errorf("%d executes were sent, want none", n)
				}
				if n := len(w.server.Ledger().Created); n != 0 && w.gate.Config.Baseline.ExecutionID != uuid.Nil {
					t.Errorf("%d run tests were created, want none", n)
				}
			})
		})
	}
}

func TestAFirstRunHasNoBaseline(t *testing.T) {
	t.Parallel()
	bothDialects(t, simulator.Options{}, func(w *world) {
		w.gate.BaselineName = mainRuns
		w.gate.Config.Baseline.Auto = true
		w.wantVerdict(w.run(), verdict.Pass, "")
		noted := false
		for _, e := range w.events {
			note, ok := e.(event.Note)
			noted = noted || ok && strings.Contains(note.Text.Line(), "No baseline")
		}
		if !noted {
			t.Error("no note says that there is no baseline")
		}
		w.gate.Name = "second"
		w.gate.Config.Rules.Criteria = changeOf(t, "success_rate.change >= -5")
		w.wantVerdict(w.run(), verdict.Error, verdict.CauseOperational) // no_data
	})
}

func TestLookingForABaselineThatFailsStopsOnlyARunThatNeedsIt(t *testing.T) {
	t.Parallel()
	options := simulator.Options{Faults: []simulator.Fault{{Endpoint: api.EndpointRunTests, Kind: simulator.FaultServerError, Count: 1000}}}
	bothDialects(t, options, func(w *world) {
		w.gate.BaselineName = mainRuns
		w.gate.Config.Baseline.Auto = true
		w.wantVerdict(w.run(), verdict.Pass, "")
		w.gate.Name = "second"
		w.gate.Config.Rules.Criteria = changeOf(t, "success_rate.change >= -5")
		w.wantVerdict(w.run(), verdict.Error, verdict.CauseOperational)
		w.wantPaid(1)
	})
}
