package gate_test

import (
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/google/uuid"

	"github.com/agent-gate/agent-gate/internal/config"
	"github.com/agent-gate/agent-gate/internal/config/kind"
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

// A run that goes on while it is undecided is stopped early only if its next look, by its own stricter level,
// would fail whatever the calls to come.
func TestFailFastKeepsToTheRuleOfTheLooks(t *testing.T) {
	t.Parallel()
	for _, c := range []struct {
		criterion string
		fails     int // calls of the first trial
		kind      verdict.Kind
		paid      int
	}{
		{"success_rate >= 95", 5, verdict.Inconclusive, 4}, // the interval of 35 of 40 at 95 % would miss it
		{"success_rate >= 95", 8, verdict.Fail, 1},
		{"success_rate >= 95 tolerance 5", 5, verdict.Inconclusive, 4},
		{"completed_calls >= 30\nsuccess_rate >= 50", 0, verdict.Pass, 2},
	} {
		plan := inTrial(func(trial int, ref story.CallRef) (story.Outcome, bool) {
			return story.Fails("no-answer"), trial == 1 && ref.Index < c.fails
		})
		inWorld(t, simulator.Options{Plan: plan}, func(w *world) {
			w.gate.Config.Trials = config.Trials{Count: 2, Max: 5}
			w.gate.Config.Rules.DecideOn, w.gate.Config.FailFast = verdict.DecideOnInterval, true
			w.gate.Timeout = 10 * time.Hour
			w.judgeBy(c.criterion)
			got := w.run()
			w.wantVerdict(got, c.kind, "")
			w.wantPaid(c.paid)
			if l := got.Evidence.Looks; l == nil || l.First != 2 || l.Max != 5 {
				t.Errorf("%s: looks %+v", c.criterion, l)
			}
		})
	}
}

// An API or a proxy that repeats an answer has not proved that a trial was started: an execution is judged as
// one trial, whatever it is called.
func TestAStartThatNamesAnEarlierExecutionIsNoTrial(t *testing.T) {
	t.Parallel()
	for _, c := range []struct {
		name  string
		acted bool // the server has started another execution all the same
		kind  verdict.Kind
		calls []int
		said  string
	}{
		{"nothing was started", false, verdict.Error, []int{20}, "which was there before; it is not certain whether the execution was started"},
		{"another one was started", true, verdict.Pass, []int{20, 20}, "The start was answered with the earlier execution"},
	} {
		t.Run(c.name, func(t *testing.T) {
			t.Parallel()
			inWorld(t, simulator.Options{}, func(w *world) {
				w.gate.Config.Trials = config.Trials{Count: 2, Max: 2}
				w.judgeBy("success_rate >= 90")
				w.gate.Observe = func(e event.Event) {
					if known, ok := e.(event.ExecutionKnown); ok && known.Before == 0 {
						w.server.Inject(simulator.Fault{
							Endpoint: api.EndpointExecute, Kind: simulator.FaultStatus, Status: 200, ContentType: "application/json", Handled: c.acted,
							Body: `{"message":"ok","execution_id":"` + known.ID.String() + `","run_test_id":"` + uuid.NewString() + `","status":"started"}`,
						})
					}
				}
				got := w.run()
				if got.Verdict.Kind != c.kind {
					t.Errorf("%s: %s, want %s", got.Verdict.Kind, got.Verdict.Reason.Line(), c.kind)
				}
				w.wantTrials(got, c.calls...)
				w.wantPaid(len(c.calls))
				w.wantWarning(got, c.said)
			})
		})
	}
}

// What was planned is reserved before reruns; a trial that cannot start leaves its calls unknown, and one that
// turns out to be too large is cancelled.
func TestPlannedTrialsComeBeforeReruns(t *testing.T) {
	t.Parallel()
	plan := inTrial(func(_ int, ref story.CallRef) (story.Outcome, bool) {
		return story.Fails("no-answer"), ref.Index < 4
	})
	for name, change := range map[string]func(c *config.Config){
		"by max-calls":   func(c *config.Config) { c.MaxCalls = 43 },
		"by max-cost":    func(c *config.Config) { c.MaxCents = 380 },
		"by max-minutes": func(c *config.Config) { c.MaxMinutes = 38 },
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			plan.Default = story.Outcome{Talk: time.Minute, Cents: 10}
			inWorld(t, simulator.Options{Plan: plan}, func(w *world) {
				w.gate.Config.Trials = config.Trials{Count: 2, Max: 2}
				w.gate.Config.Reruns = config.Reruns{Attempts: 2, Max: kind.Amount{Calls: 10}}
				change(&w.gate.Config)
				w.judgeBy("success_rate >= 70")
				got := w.run()
				w.wantVerdict(got, verdict.Pass, "")
				w.wantTrials(got, 20, 20)
				if r := got.Evidence.Reruns; len(r) == 0 || r[0].Accepted > 0 || !strings.Contains(r[0].Error.Line(), "with those of the trials to come") {
					t.Errorf("reruns %+v, want that the first trial was not rerun", r)
				}
			})
		})
	}
}

// What a trial that was cut short made is read, and what is missing is told apart: never started, not read,
// never created.
func TestMissingCallsOfTrialsAreToldApart(t *testing.T) {
	t.Parallel()
	slow := inTrial(func(trial int, _ story.CallRef) (story.Outcome, bool) {
		return story.Outcome{Talk: 3 * time.Hour}, trial == 2
	})
	fails := inTrial(func(_ int, ref story.CallRef) (story.Outcome, bool) { return story.Fails("no-answer"), ref.Index < 12 })
	stopped := func(w *world) gate.Result { return w.runStoppedAfter(time.Hour, gate.ErrTerminated) }
	unread := simulator.Fault{Endpoint: api.EndpointExecution, Kind: simulator.FaultServerError, From: 50 * time.Minute, Count: simulator.Always}
	for name, c := range map[string]struct {
		options      simulator.Options
		change       func(c *config.Config)
		run          func(w *world) gate.Result
		trials       []int
		said, unsaid string
	}{
		"a signal in the second trial": {simulator.Options{Plan: slow}, nil, stopped, []int{20, 20}, "20 of 60 planned calls are missing: no trial was started for them", ""},
		"a timeout in the second trial": {simulator.Options{Plan: slow}, func(c *config.Config) { c.Trials = config.Trials{Count: 2, Max: 2} },
			func(w *world) gate.Result { w.gate.Timeout = time.Hour; return w.run() }, []int{20, 20}, "", "missing"},
		"a trial that cannot be read": {simulator.Options{Plan: slow, Faults: []simulator.Fault{unread}}, nil, stopped, []int{20, 0}, "40 of 60 planned calls were not read", "never created"},
		"fail-fast after a trial":     {simulator.Options{Plan: fails}, func(c *config.Config) { c.FailFast = true }, (*world).run, []int{20}, "no trial was started for them", ""},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			inWorld(t, c.options, func(w *world) {
				w.gate.Config.Trials = config.Trials{Count: 3, Max: 3}
				w.gate.Timeout = 2 * time.Hour
				if c.change != nil {
					c.change(&w.gate.Config)
				}
				w.judgeBy("success_rate >= 85\noverall_score >= 1")
				got := c.run(w)
				w.wantTrials(got, c.trials...)
				var said strings.Builder
				for _, warning := range got.Verdict.Warnings {
					said.WriteString(warning.Line() + "\n")
				}
				if !strings.Contains(said.String(), c.said) || strings.Contains(said.String(), "never created") || c.unsaid != "" && strings.Contains(said.String(), c.unsaid) {
					t.Errorf("warnings: %swant %q and not %q", said.String(), c.said, c.unsaid)
				}
				if used := got.Evidence.Budget.Spent.Calls; used != 20*len(c.trials) {
					t.Errorf("%d calls are used, want those of %d executions", used, len(c.trials))
				}
				w.wantNothingRunning()
			})
		})
	}
}

// Results of an earlier trial that came later than results-wait are read before the run is judged, and only then.
func TestLateResultsOfEarlierTrialsCount(t *testing.T) {
	t.Parallel()
	for name, c := range map[string]struct {
		late time.Duration
		by   string
		kind verdict.Kind
	}{
		"they have come":                 {11 * time.Minute, "overall_score >= 6", verdict.Pass},
		"they never come":                {story.Forever, "overall_score >= 6", verdict.Error},
		"the verdict does not need them": {11 * time.Minute, "success_rate >= 50", verdict.Pass},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			plan := inTrial(func(trial int, _ story.CallRef) (story.Outcome, bool) {
				if trial == 1 {
					return story.Outcome{LateScore: c.late}, true
				}
				return story.Outcome{Talk: 20 * time.Minute}, true
			})
			inWorld(t, simulator.Options{Plan: plan}, func(w *world) {
				w.gate.Config.Trials = config.Trials{Count: 2, Max: 2}
				w.gate.Config.Waiting.ResultsWait = 2 * time.Minute
				w.gate.Timeout = 10 * time.Hour
				w.judgeBy(c.by)
				got := w.run()
				if got.Verdict.Kind != c.kind {
					t.Errorf("%s: %s, want %s", got.Verdict.Kind, got.Verdict.Reason.Line(), c.kind)
				}
				w.wantPaid(2)
				w.wantTrials(got, 20, 20)
			})
		})
	}
}
