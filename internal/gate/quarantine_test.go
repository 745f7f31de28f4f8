package gate_test

import (
	"slices"
	"strings"
	"testing"

	"github.com/agent-gate/agent-gate/internal/calls"
	"github.com/agent-gate/agent-gate/internal/config"
	"github.com/agent-gate/agent-gate/internal/config/kind"
	"github.com/agent-gate/agent-gate/internal/simulator"
	"github.com/agent-gate/agent-gate/internal/simulator/story"
	"github.com/agent-gate/agent-gate/internal/text"
	"github.com/agent-gate/agent-gate/internal/verdict"
)

// setAside puts the first scenario of the world into quarantine, and returns its name. Its calls are the first of an
// execution.
func (w *world) setAside() text.Untrusted {
	w.t.Helper()
	name := w.scenarios()[0]
	w.gate.Quarantine = []verdict.Quarantined{{Scenario: name, Reason: text.New("flaky"), Owner: text.New("@acme")}}
	return name
}

// scenarios are the names of the scenarios of a run, sorted by their first call.
func (w *world) scenarios() (names []text.Untrusted) {
	w.t.Helper()
	for _, s := range story.DefaultScenarios() {
		names = append(names, text.New(s.Name))
	}
	return names
}

func TestAQuarantinedScenarioRunsAndIsNotJudged(t *testing.T) {
	t.Parallel()
	bothDialects(t, simulator.Options{Plan: failsFirst(3)}, func(w *world) {
		name := w.setAside()
		w.judgeBy("success_rate >= 100")
		w.gate.Config.Reruns.Attempts, w.gate.Config.Reruns.Max = 2, mostCalls("100%")
		got := w.run()
		w.wantVerdict(got, verdict.Pass, "")
		aside := got.Evidence.Quarantine.Calls
		if aside.Len() == 0 || got.Evidence.Calls.Len()+aside.Len() != got.Evidence.AllCalls().Len() || aside.Counts().Failed != 3 {
			t.Errorf("%d calls are judged and %d are not, of which %d failed", got.Evidence.Calls.Len(), aside.Len(), aside.Counts().Failed)
		}
		for _, c := range aside.All() {
			if c.Scenario != name {
				t.Errorf("a call of %s is set aside", c.Scenario)
			}
		}
		if len(got.Evidence.Reruns) != 0 {
			t.Errorf("what is in quarantine was rerun: %+v", got.Evidence.Reruns)
		}
	})
}

func TestFailFastDoesNotSeeAQuarantine(t *testing.T) {
	t.Parallel()
	for _, c := range []struct {
		name string
		from int // the first of five calls that fail; those of the quarantine are the first five
		want verdict.Kind
	}{{"failures in quarantine do not count", 0, verdict.Pass}, {"others do", 5, verdict.Fail}} {
		t.Run(c.name, func(t *testing.T) {
			t.Parallel()
			fails := story.Plan{Each: func(call story.CallRef) (story.Outcome, bool) {
				return story.Fails("no-answer"), call.Index >= c.from && call.Index < c.from+5
			}}
			bothDialects(t, slowOptions(fails), func(w *world) {
				w.setAside()
				w.gate.Config.FailFast = true
				got := w.run()
				if cancels := len(w.server.Ledger().Cancels); (cancels > 0) != (c.want == verdict.Fail) {
					t.Errorf("%d cancels: %s %s", cancels, got.Verdict.Kind, got.Verdict.Reason)
				}
				w.wantVerdict(got, c.want, "")
			})
		})
	}
}

func TestNothingIsPaidForWhenNothingIsLeftToJudge(t *testing.T) {
	t.Parallel()
	for _, dry := range []bool{false, true} {
		bothDialects(t, simulator.Options{}, func(w *world) {
			if w.gate.Config.DryRun = dry; dry {
				w.gate.Config.Target = config.Target{Mode: config.ModeExecute, RunTestID: w.server.AddRunTest("mine")}
			}
			for _, name := range w.scenarios() {
				w.gate.Quarantine = append(w.gate.Quarantine, verdict.Quarantined{Scenario: name})
			}
			got := w.run()
			w.wantVerdict(got, verdict.Error, verdict.CauseOperational)
			w.wantPaid(0)
			if !strings.Contains(got.Verdict.Reason.Raw(), "in quarantine") {
				t.Errorf("got %q", got.Verdict.Reason)
			}
		})
	}
}

func TestAnEntryOfAnUnknownScenarioIsAWarning(t *testing.T) {
	t.Parallel()
	bothDialects(t, simulator.Options{}, func(w *world) {
		w.gate.Quarantine = []verdict.Quarantined{{Scenario: text.New("Nobody")}}
		got := w.run()
		w.wantVerdict(got, verdict.Pass, "")
		if !slices.ContainsFunc(got.Verdict.Warnings, func(s text.Untrusted) bool { return strings.Contains(s.Raw(), `no scenario named "Nobody"`) }) {
			t.Errorf("got %v", got.Verdict.Warnings)
		}
	})
}

// Transcripts are read of the calls in quarantine too, for those who look after them.
func TestTranscriptsOfAQuarantine(t *testing.T) {
	t.Parallel()
	bothDialects(t, simulator.Options{Plan: story.Plan{Calls: map[int]story.Outcome{0: {Fails: true, Connects: true}}}}, func(w *world) {
		w.setAside()
		w.gate.Config.Transcripts = true
		got := w.run()
		said := 0
		for _, c := range got.Evidence.Quarantine.Calls.All() {
			if c.Transcript != nil && c.Status == calls.Failed {
				said++
			}
		}
		if said != 1 {
			t.Errorf("%d transcripts, want 1", said)
		}
	})
}

func mostCalls(s string) kind.Amount {
	a, _ := kind.ParseAmount(s)
	return a
}
