package gate_test

import (
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/google/uuid"

	"github.com/agent-gate/agent-gate/internal/config"
	"github.com/agent-gate/agent-gate/internal/gate"
	"github.com/agent-gate/agent-gate/internal/gate/event"
	"github.com/agent-gate/agent-gate/internal/gate/paid"
	"github.com/agent-gate/agent-gate/internal/simulator"
	"github.com/agent-gate/agent-gate/internal/simulator/api"
	"github.com/agent-gate/agent-gate/internal/simulator/story"
	"github.com/agent-gate/agent-gate/internal/verdict"
)

// wantTrials fails the test if the calls of the trials are not these many.
func (w *world) wantTrials(got gate.Result, calls ...int) {
	w.t.Helper()
	have := make([]int, got.Evidence.Trials())
	for _, c := range got.Evidence.Calls.All() {
		have[got.Evidence.TrialOf(c)-1]++
	}
	if !slices.Equal(have, calls) {
		w.t.Errorf("calls by trial: %v, want %v", have, calls)
	}
}

// inTrial makes a story of what happens to calls by trial, from 1.
func inTrial(what func(trial int, ref story.CallRef) (story.Outcome, bool)) story.Plan {
	return story.Plan{Each: func(ref story.CallRef) (story.Outcome, bool) { return what(ref.Execution+1, ref) }}
}

func TestTrialsAreJudgedTogether(t *testing.T) {
	t.Parallel()
	bothDialects(t, simulator.Options{}, func(w *world) {
		w.gate.Config.Trials = config.Trials{Count: 3, Max: 3}
		w.judgeBy("success_rate >= 90")
		got := w.run()
		w.wantVerdict(got, verdict.Pass, "")
		w.wantPaid(3)
		w.wantTrials(got, 20, 20, 20)
		if c := got.Verdict.Counts; c.Planned != 60 || c.Missing != 0 {
			t.Errorf("counts %+v, want 60 planned and none missing", c)
		}
		if got.Evidence.RunTest.ID == uuid.Nil || len(got.Evidence.Further) != 2 {
			t.Errorf("evidence of %s with %d further executions", got.Evidence.RunTest.ID, len(got.Evidence.Further))
		}
		if last := w.records[len(w.records)-1]; last.Step != paid.StepFinished || len(last.Ended) != 2 {
			t.Errorf("the journal ends with %+v", last)
		}
		w.wantNothingRunning()
	})
}

// The calls of the trials that are still to come are not missing yet.
func TestNobodyWaitsForCallsOfLaterTrials(t *testing.T) {
	t.Parallel()
	inWorld(t, simulator.Options{}, func(w *world) {
		w.gate.Config.Trials = config.Trials{Count: 3, Max: 3}
		w.judgeBy("success_rate >= 90")
		w.gate.Observe = func(e event.Event) {
			if n, ok := e.(event.Note); ok && strings.Contains(n.Text.Line(), "waiting up to") {
				t.Error(n.Text.Line())
			}
		}
		w.wantVerdict(w.run(), verdict.Pass, "")
	})
}

func TestTrialsOfATextAgentAreRerunEach(t *testing.T) {
	t.Parallel()
	inChats(t, simulator.Options{}, func(w *world) {
		w.gate.Config.Trials = config.Trials{Count: 2, Max: 2}
		w.gate.Config.Reruns.Attempts = 1
		w.judgeBy("success_rate >= 100\nfirst_success_rate >= 90")
		got := w.run()
		w.wantVerdict(got, verdict.Pass, "")
		w.wantPaid(4)
		w.wantChats(42)
		w.wantTrials(got, 20, 20)
		if n := got.Verdict.Counts.Flaky; n != 2 {
			t.Errorf("%d flaky calls, want one in each trial", n)
		}
	}, func() *fake { return failsAt(3, 31) })
}

func TestTrialsStayWithinMaxCalls(t *testing.T) {
	t.Parallel()
	inWorld(t, simulator.Options{}, func(w *world) {
		w.gate.Config.Trials = config.Trials{Count: 3, Max: 3}
		w.gate.Config.MaxCalls = 59
		got := w.run()
		w.wantVerdict(got, verdict.Error, verdict.CauseConfig)
		w.wantReason(got, "would place 60 calls in 3 trials, more than max-calls 59")
		w.wantPaid(0)
	})
}

// What another trial would have shown is unknown; what is surely missed is missed.
func TestATrialThatCannotStartLeavesItsCallsUnknown(t *testing.T) {
	t.Parallel()
	for _, c := range []struct {
		criteria string
		kind     verdict.Kind
		cause    verdict.Cause
	}{
		{"success_rate >= 90", verdict.Error, verdict.CauseOperational},
		{"failed_calls <= 0", verdict.Fail, ""},
	} {
		plan := inTrial(func(_ int, ref story.CallRef) (story.Outcome, bool) {
			return story.Fails("no-answer"), ref.Index == 4
		})
		inWorld(t, simulator.Options{Plan: plan}, func(w *world) {
			w.gate.Config.Trials = config.Trials{Count: 2, Max: 2}
			w.judgeBy(c.criteria)
			w.server.Inject(simulator.Fault{Endpoint: api.EndpointExecute, Kind: simulator.FaultServerError, After: 1, Count: simulator.Always})
			got := w.run()
			w.wantVerdict(got, c.kind, c.cause)
			w.wantPaid(1)
			w.wantWarning(got, "A further execution failed")
			if n := got.Verdict.Counts.Missing; n != 20 {
				t.Errorf("%d calls are missing, want the 20 of the other trial", n)
			}
		})
	}
}

func TestFailFastEndsTheTrials(t *testing.T) {
	t.Parallel()
	plan := inTrial(func(trial int, ref story.CallRef) (story.Outcome, bool) {
		return story.Fails("no-answer"), trial == 1 && ref.Index < 3 || trial == 2 && ref.Index < 8
	})
	inWorld(t, simulator.Options{Plan: plan}, func(w *world) {
		w.gate.Config.Trials = config.Trials{Count: 3, Max: 3}
		w.gate.Config.FailFast = true
		w.judgeBy("success_rate >= 85") // 9 of 60 may fail
		got := w.run()
		w.wantVerdict(got, verdict.Fail, "")
		w.wantPaid(2)
		w.wantReason(got, "cancelled")
		w.wantNothingRunning()
	})
}

func TestTrialsGoOnOnlyWhileUndecided(t *testing.T) {
	t.Parallel()
	fails := func(share int) story.Plan {
		return inTrial(func(_ int, ref story.CallRef) (story.Outcome, bool) {
			return story.Fails("no-answer"), ref.Index < share
		})
	}
	failsIn := func(bad, share int) story.Plan {
		return inTrial(func(trial int, ref story.CallRef) (story.Outcome, bool) {
			return story.Fails("no-answer"), trial == bad && ref.Index < share
		})
	}
	for _, c := range []struct {
		name    string
		plan    story.Plan
		change  func(c *config.Config)
		kind    verdict.Kind
		trials  int
		stopped string
	}{
		{"a good agent", story.Plan{}, func(*config.Config) {}, verdict.Pass, 3, ""},
		{"a bad agent", fails(9), func(*config.Config) {}, verdict.Fail, 1, ""},
		{"an agent near the bar", fails(2), func(*config.Config) {}, verdict.Inconclusive, 0, "the chance to be decided by 10 trials is"},
		{"a limit of calls", failsIn(3, 2), func(c *config.Config) { c.MaxCalls = 79 }, verdict.Inconclusive, 3, "20 more calls would make 80, over max-calls 79"},
		{"a limit of trials", failsIn(2, 1), func(c *config.Config) { c.Trials.Max = 2 }, verdict.Inconclusive, 2, "max-trials 2 is reached"},
	} {
		t.Run(c.name, func(t *testing.T) {
			t.Parallel()
			inWorld(t, simulator.Options{Plan: c.plan}, func(w *world) {
				w.gate.Config.Trials = config.Trials{Count: 1, Max: 10}
				w.gate.Config.Rules.DecideOn = verdict.DecideOnInterval
				w.gate.Timeout = 10 * time.Hour
				c.change(&w.gate.Config)
				w.judgeBy("success_rate >= 90")
				got := w.run()
				w.wantVerdict(got, c.kind, "")
				if n := got.Evidence.Trials(); c.trials > 0 && n != c.trials || len(w.server.Ledger().Started) != n {
					t.Errorf("%d trials, and %d executions, want %d", n, len(w.server.Ledger().Started), c.trials)
				}
				looks := got.Evidence.Looks
				if looks == nil || len(looks.Past) != got.Evidence.Trials()-1 {
					t.Fatalf("looks %+v", looks)
				}
				if !strings.Contains(looks.Stopped.Line(), c.stopped) || (c.stopped == "") != looks.Stopped.IsEmpty() {
					t.Errorf("stopped because %q, want %q", looks.Stopped.Line(), c.stopped)
				}
				if c.stopped != "" {
					w.wantReason(got, c.stopped)
				}
			})
		})
	}
}

// A call that nobody knows may decide among few calls; among more it does not.
func TestTrialsGoOnWhileTooMuchIsUnknown(t *testing.T) {
	t.Parallel()
	plan := inTrial(func(trial int, ref story.CallRef) (story.Outcome, bool) {
		switch {
		case trial == 1 && ref.Index < 8: // eleven of twenty would be a fail, twelve are not
			return story.Fails("no-answer"), true
		case trial == 1 && ref.Index == 8:
			return story.Lost(story.EndedMonitoring), true
		}
		return story.Outcome{}, false
	})
	inWorld(t, simulator.Options{Plan: plan}, func(w *world) {
		w.gate.Config.Trials = config.Trials{Count: 1, Max: 10}
		w.gate.Config.Rules.DecideOn = verdict.DecideOnInterval
		w.gate.Timeout = 10 * time.Hour
		w.judgeBy("success_rate >= 90")
		got := w.run()
		looks := got.Evidence.Looks
		if looks == nil || len(looks.Past) == 0 || looks.Past[0].Kind != verdict.Error {
			t.Fatalf("looks %+v, want a first one of which nothing can be said", looks)
		}
		if got.Verdict.Kind == verdict.Error {
			t.Errorf("after %d trials: %s", got.Evidence.Trials(), got.Verdict.Reason.Line())
		}
	})
}

// A count grows with the trials, which whoever bounds it is told once.
func TestCountsOfTrialsThatMayGoOnAreWarnedAbout(t *testing.T) {
	t.Parallel()
	for _, dry := range []bool{false, true} {
		inWorld(t, simulator.Options{}, func(w *world) {
			w.gate.Config.Trials, w.gate.Config.DryRun = config.Trials{Count: 1, Max: 5}, dry
			w.gate.Config.Rules.DecideOn = verdict.DecideOnInterval
			w.judgeBy("failed_calls <= 3\nsuccess_rate >= 50")
			w.run()
			if n := strings.Count(w.said(), "over the calls of all trials together, of which there may be 1 to 5, and grows with each; a rate does not: failed_calls <= 3."); n != 1 {
				t.Errorf("dry run %t: said %d times, want once:\n%s", dry, n, w.said())
			}
		})
	}
}

func TestAnEvalThatIsNotThereEndsTheTrials(t *testing.T) {
	t.Parallel()
	inWorld(t, simulator.Options{}, func(w *world) {
		w.gate.Config.Trials = config.Trials{Count: 1, Max: 10}
		w.gate.Config.Rules.DecideOn = verdict.DecideOnInterval
		w.judgeBy("success_rate >= 90\nlost_calls <= 0\nsuccess_rate.change >= -5")
		got := w.run()
		w.wantVerdict(got, verdict.Error, verdict.CauseOperational)
		w.wantPaid(1)
	})
}

// With further trials first tries decide: only lost calls are rerun.
func TestFurtherTrialsRerunLostCallsOnly(t *testing.T) {
	t.Parallel()
	plan := inTrial(func(_ int, ref story.CallRef) (story.Outcome, bool) {
		switch ref.Index {
		case 2:
			return story.Flaky(1, ""), true
		case 5:
			return story.Rescued(story.EndedMonitoring), true
		}
		return story.Outcome{}, false
	})
	inWorld(t, simulator.Options{Plan: plan}, func(w *world) {
		w.gate.Config.Trials = config.Trials{Count: 1, Max: 2}
		w.gate.Config.Rules.DecideOn = verdict.DecideOnInterval
		w.gate.Config.Reruns.Attempts = 2
		got := w.run()
		for _, r := range got.Evidence.Reruns {
			if r.Requested != 1 || r.Rescued != 1 {
				t.Errorf("rerun %+v, want the lost call alone", r)
			}
		}
		if c := got.Verdict.Counts; c.Lost != 0 || c.Flaky != 0 || c.Failed != got.Evidence.Trials() {
			t.Errorf("counts %+v", c)
		}
	})
}

func TestAKilledProcessIsTakenUpWithItsTrials(t *testing.T) {
	t.Parallel()
	for name, after := range map[string]int{"in the second trial": 0, "in the third trial": 1} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			inWorld(t, simulator.Options{}, func(w *world) {
				w.gate.Config.Trials = config.Trials{Count: 3, Max: 3}
				w.judgeBy("success_rate >= 90")
				w.run()
				w.wantPaid(3)
				var record *paid.Record
				for _, r := range w.records {
					if r.Step == paid.StepStarted && len(r.Ended) == 1+after {
						record = &r
						break
					}
				}
				if record == nil {
					t.Fatal("no record of that trial")
				}
				w.records, w.gate.Earlier = nil, record
				got := w.run()
				w.wantVerdict(got, verdict.Pass, "")
				w.wantTrials(got, 20, 20, 20)
				w.wantPaid(3 + 3 - 2 - after)
			})
		})
	}
}

// An agent that answers badly in one trial of three is seen in the cases.
func TestCasesShowAnAgentThatIsNotSteady(t *testing.T) {
	t.Parallel()
	inChats(t, simulator.Options{}, func(w *world) {
		w.gate.Config.Trials = config.Trials{Count: 3, Max: 3}
		w.judgeBy("success_rate >= 90\npass@3 >= 100\npass^3 >= 91")
		got := w.run()
		w.wantVerdict(got, verdict.Fail, "")
		w.wantReason(got, "pass^3 is 90%, below 91%: 20 cases with 3 calls each")
	}, func() *fake { return failsAt(21, 55) })
}
