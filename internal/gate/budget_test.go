package gate_test

import (
	"cmp"
	"math"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/agent-gate/agent-gate/internal/budget"
	"github.com/agent-gate/agent-gate/internal/config"
	"github.com/agent-gate/agent-gate/internal/gate"
	"github.com/agent-gate/agent-gate/internal/simulator"
	"github.com/agent-gate/agent-gate/internal/simulator/api"
	"github.com/agent-gate/agent-gate/internal/simulator/story"
	"github.com/agent-gate/agent-gate/internal/verdict"
)

// costing makes calls of a length and a cost, execution by execution; the last one counts for all after it.
func costing(all ...story.Outcome) func(int) story.Plan {
	return func(n int) story.Plan { return story.Plan{Default: all[min(n, len(all)-1)]} }
}

// afterEarlier makes the gate execute a run test that was executed before, so many times.
func (w *world) afterEarlier(executions int) {
	w.t.Helper()
	runTest := w.server.AddRunTest("nightly")
	for i := range executions {
		w.server.AddExecution(runTest, time.Duration(executions-i)*24*time.Hour)
	}
	w.gate.Config.Target = config.Target{Mode: config.ModeExecute, RunTestID: runTest}
}

// spent is what the calls that this run placed took, as the server would tell: the truth.
func (w *world) spent(earlier int) (s budget.Spent, ends []ended) {
	for i, e := range w.server.Executions() {
		if i < earlier {
			continue
		}
		for _, c := range e.Calls {
			for _, try := range c.Tries {
				s.Calls++
				if try.Ended.IsZero() || try.Ended.After(time.Now()) {
					continue
				}
				seconds := math.Floor(try.Talk.Seconds())
				s.Cents, s.Seconds = s.Cents+float64(try.Cents), s.Seconds+seconds
				ends = append(ends, ended{try.Ended, float64(try.Cents), seconds})
			}
		}
	}
	slices.SortFunc(ends, func(a, b ended) int { return a.at.Compare(b.at) })
	return s, ends
}

// ended is a try of a call that has ended.
type ended struct {
	at             time.Time
	cents, seconds float64
}

// wantSpent fails the test if the report says anything but what was spent. The documented dialect tells
// no costs.
func (w *world) wantSpent(got gate.Result, earlier int, dialect simulator.Dialect) {
	w.t.Helper()
	truth, _ := w.spent(earlier)
	s := got.Evidence.Budget.Spent
	if cents := cmp.Or(truth.Cents, 0); dialect == simulator.Deployed && math.Abs(s.Cents-cents) > 1e-6 {
		w.t.Errorf("the report says %v cents, it were %v (%+v)", s.Cents, cents, s)
	}
	if math.Abs(s.Seconds-truth.Seconds) > 1e-6 {
		w.t.Errorf("the report says %v seconds, it were %v (%+v)", s.Seconds, truth.Seconds, s)
	}
	if s.Calls < truth.Calls {
		w.t.Errorf("the report says %d calls, it were %d", s.Calls, truth.Calls)
	}
}

func TestARunWithinItsBudgetSaysWhatItSpent(t *testing.T) {
	t.Parallel()
	for _, dialect := range []simulator.Dialect{simulator.Documented, simulator.Deployed} {
		inWorld(t, simulator.Options{Dialect: dialect, Plan: flakyPlan()}, func(w *world) {
			w.gate.Config.Reruns.Attempts = 2
			w.gate.Config.Trials = config.Trials{Count: 2, Max: 2}
			w.gate.Config.MaxCents, w.gate.Config.MaxMinutes = 10_000, 1000
			w.judgeBy("success_rate >= 90")
			got := w.run()
			w.wantVerdict(got, verdict.Pass, "")
			w.wantSpent(got, 0, dialect)
			if s := got.Evidence.Budget.Spent; s.Calls != 46 || dialect == simulator.Deployed && s.Unpriced() != 0 {
				t.Errorf("%s: spent %+v, want 40 calls and 6 reruns, all with a cost", dialect, s)
			}
		})
	}
}

func TestTheEstimateIsTheMedianOfEarlierExecutions(t *testing.T) {
	t.Parallel()
	plans := costing(
		story.Outcome{Talk: time.Minute, Cents: 500}, // too old to count
		story.Outcome{Talk: time.Minute, Cents: 10},
		story.Outcome{Talk: 2 * time.Minute, Cents: 20},
		story.Outcome{Talk: 9 * time.Minute, Cents: 90},
		story.Outcome{Talk: time.Minute, Cents: 10})
	for _, c := range []struct {
		name    string
		change  func(c *config.Config)
		refusal string
	}{
		{"below the limits", func(c *config.Config) { c.MaxCents, c.MaxMinutes = 400, 40 }, ""},
		{"above max-cost", func(c *config.Config) { c.MaxCents = 399 },
			"not started: 20 calls would cost about $4.00 (median of 3 earlier executions), more than max-cost $3.99"},
		{"above max-minutes", func(c *config.Config) { c.MaxMinutes = 39.5 },
			"not started: 20 calls would take about 40 minutes (median of 3 earlier executions), more than max-minutes 39.5"},
		{"above max-cost in all trials", func(c *config.Config) { c.MaxCents, c.Trials = 1199, config.Trials{Count: 3, Max: 3} },
			"not started: 60 calls would cost about $12.00 (median of 3 earlier executions), more than max-cost $11.99"},
	} {
		t.Run(c.name, func(t *testing.T) {
			t.Parallel()
			inWorld(t, simulator.Options{PlanFor: plans}, func(w *world) {
				w.afterEarlier(4)
				c.change(&w.gate.Config)
				got := w.run()
				if e := got.Evidence.Budget.Estimate; e == nil || *e.Cents != 20*float64(e.Calls) || *e.Minutes != 2*float64(e.Calls) || e.Executions != 3 {
					t.Errorf("estimate %+v, want the middle one of three", e)
				}
				started := len(w.server.Executions()) - 4
				if c.refusal == "" {
					w.wantVerdict(got, verdict.Pass, "")
				} else {
					w.wantVerdict(got, verdict.Error, verdict.CauseBudget)
					w.wantReason(got, c.refusal)
					if started != 0 {
						t.Error("it was started")
					}
				}
				if code := got.Verdict.ExitCode(verdict.Policy{WarnOnOperationalError: true}); c.refusal != "" && code != 3 {
					t.Errorf("exit code %d with on-operational-error: warn, want 3", code)
				}
				w.wantNothingRunning()
			})
		})
	}
}

// An agent that fails every call takes as much each time.
func TestExecutionsThatFailedTellWhatTheNextOneTakesIfNoneWasCompleted(t *testing.T) {
	t.Parallel()
	bad := story.Outcome{Fails: true, Connects: true, EndedReason: "agent hung up", Talk: 2 * time.Minute} // servers tell no cost of failed calls
	good := story.Outcome{Talk: time.Minute}
	for _, c := range []struct {
		name    string
		plans   []story.Outcome
		earlier int
		minutes float64 // of a call; 0 for no estimate
	}{
		{"only failed ones", []story.Outcome{bad, bad}, 2, 2},
		{"a completed one", []story.Outcome{good, bad}, 2, 1},
		{"none", nil, 0, 0},
	} {
		t.Run(c.name, func(t *testing.T) {
			t.Parallel()
			inWorld(t, simulator.Options{PlanFor: costing(append(c.plans, good)...)}, func(w *world) {
				w.afterEarlier(c.earlier)
				w.gate.Config.MaxMinutes = 1e6
				got := w.run().Evidence.Budget.Estimate
				if got == nil && c.minutes == 0 {
					return
				}
				if got == nil || got.Minutes == nil || *got.Minutes != c.minutes*float64(got.Calls) {
					t.Errorf("estimate %+v, want %g minutes a call", got, c.minutes)
				}
			})
		})
	}
}

// Created run tests are new each time: those with the same agent and scenarios tell.
func TestTheEstimateOfACreatedRunTestComesFromOthersOfTheAgent(t *testing.T) {
	t.Parallel()
	bothDialects(t, simulator.Options{PlanFor: costing(story.Outcome{Talk: time.Minute})}, func(w *world) {
		w.server.AddExecution(w.server.AddRunTest("gate of yesterday"), 24*time.Hour)
		w.gate.Config.MaxMinutes = 19
		got := w.run()
		w.wantVerdict(got, verdict.Error, verdict.CauseBudget)
		w.wantReason(got, "20 calls would take about 20 minutes (as in 1 earlier execution), more than max-minutes 19")
		if n := w.server.Ledger().Counts["execute"]; n != 0 || len(w.server.Executions()) != 1 {
			t.Errorf("it was started")
		}
	})
}

func TestWithoutEarlierExecutionsTheRunStartsAndIsCancelledOverItsBudget(t *testing.T) {
	t.Parallel()
	for _, dialect := range []simulator.Dialect{simulator.Documented, simulator.Deployed} {
		t.Run(string(dialect), func(t *testing.T) {
			t.Parallel()
			options := simulator.Options{Dialect: dialect, Concurrency: 2, Plan: story.Plan{Default: story.Outcome{Talk: time.Minute, Cents: 10}}}
			inWorld(t, options, func(w *world) {
				w.gate.Config.MaxMinutes = 6.5
				got := w.run()
				w.wantVerdict(got, verdict.Error, verdict.CauseBudget)
				w.wantReason(got, "the calls so far took", "more than max-minutes 6.5", "cancelled")
				w.wantPaid(1)
				w.wantSpent(got, 0, dialect)
				if n := w.server.CallsPlaced(); n > 7+2+2 {
					t.Errorf("%d calls were placed, want those that were open when the seventh ended", n)
				}
				if n := got.Verdict.Counts; n.Failed != 0 || n.Cancelled < 9 || n.Succeeded < 7 {
					t.Errorf("counts %+v: the rest was cancelled, and is nobody's failure", n)
				}
				w.wantNothingRunning()
			})
		})
	}
}

// What has ended anyway is judged: nothing is saved by throwing it away.
func TestARunThatEndedOverItsBudgetIsJudged(t *testing.T) {
	t.Parallel()
	inWorld(t, simulator.Options{Concurrency: 20, Plan: story.Plan{Default: story.Outcome{Talk: time.Minute, Cents: 10}}}, func(w *world) {
		w.gate.Config.MaxCents = 199
		got := w.run()
		w.wantVerdict(got, verdict.Pass, "")
		w.wantWarning(got, "Over the budget: the calls so far cost $2.00, more than max-cost $1.99")
		w.wantSpent(got, 0, simulator.Deployed)
	})
}

// An earlier start of the key has paid for its calls; what this one places again or anew it spends.
func TestOnlyWhatIsNewIsSpentByALaterStartOfTheKey(t *testing.T) {
	t.Parallel()
	usual := story.Outcome{Talk: time.Minute, Cents: 10}
	plan := story.Plan{Default: usual, Calls: map[int]story.Outcome{3: usual.After(story.Fails("no-answer"))}}
	for _, c := range []struct {
		name   string
		change func(*config.Config)
		want   budget.Spent
		paid   int
	}{
		{"nothing", func(*config.Config) {}, budget.Spent{}, 1},
		{"a rerun", func(c *config.Config) { c.Reruns.Attempts = 1 }, budget.Spent{Calls: 1, Priced: 1, Timed: 1, Cents: 10, Seconds: 60}, 1},
		{"a trial", func(c *config.Config) { c.Trials = config.Trials{Count: 2, Max: 2} }, budget.Spent{Calls: 20, Idle: 1, Priced: 19, Timed: 19, Cents: 190, Seconds: 1140}, 2},
	} {
		for _, dialect := range []simulator.Dialect{simulator.Documented, simulator.Deployed} {
			t.Run(c.name+", "+string(dialect), func(t *testing.T) {
				t.Parallel()
				inWorld(t, simulator.Options{Plan: plan, Dialect: dialect}, func(w *world) {
					w.keyed()
					w.gate.Config.Trials = config.Trials{Count: 1, Max: 1}
					w.run()
					w.later()
					time.Sleep(time.Hour)
					c.change(&w.gate.Config)
					w.gate.Config.MaxCalls, w.gate.Config.MaxCents, w.gate.Config.MaxMinutes = 20, 200, 20
					got := w.run()
					w.wantVerdict(got, verdict.Pass, "")
					w.wantPaid(c.paid)
					s, want := got.Evidence.Budget.Spent, c.want
					if dialect == simulator.Documented { // it tells neither costs nor what never began
						want.Cents, want.Priced, want.Idle = 0, 0, 0
					}
					if s != want {
						t.Errorf("spent %+v, want %+v", s, want)
					}
				})
			})
		}
	}
}

// What a killed process of the attempt started is this run's own.
func TestWhatAKilledProcessOfTheAttemptSpentCounts(t *testing.T) {
	t.Parallel()
	bothDialects(t, simulator.Options{}, func(w *world) {
		w.gate.Earlier = w.killedAfter(time.Minute)
		time.Sleep(time.Hour)
		w.gate.Config.MaxMinutes = 1
		got := w.run()
		w.wantVerdict(got, verdict.Pass, "")
		w.wantPaid(1)
		w.wantWarning(got, "Over the budget: the calls so far took", "more than max-minutes 1")
		if s := got.Evidence.Budget.Spent; s.Calls != 20 {
			t.Errorf("spent %+v, want 20 calls", s)
		}
	})
}

func TestNoRerunIsBegunThatWouldPassTheBudget(t *testing.T) {
	t.Parallel()
	plan := story.Plan{Default: story.Outcome{Talk: time.Minute, Cents: 10}, Calls: map[int]story.Outcome{3: story.Flaky(1, "no-answer")}}
	for _, c := range []struct {
		name    string
		cents   float64
		minutes float64
		reruns  bool
	}{
		{"one would pass max-cost", 199, 0, false},
		{"one would just fit", 200, 0, true},
		{"one would pass max-minutes", 0, 19.9, false},
	} {
		t.Run(c.name, func(t *testing.T) {
			t.Parallel()
			inWorld(t, simulator.Options{Plan: plan}, func(w *world) {
				w.gate.Config.Reruns.Attempts = 1
				w.gate.Config.MaxCents, w.gate.Config.MaxMinutes = c.cents, c.minutes
				w.judgeBy("success_rate >= 95")
				got := w.run()
				w.wantVerdict(got, verdict.Pass, "")
				w.wantSpent(got, 0, simulator.Deployed)
				if reran := got.Verdict.Counts.Flaky == 1; reran != c.reruns {
					t.Errorf("rerun: %t, want %t (%+v)", reran, c.reruns, got.Evidence.Reruns)
				}
				if !c.reruns && (len(got.Evidence.Reruns) != 1 || !strings.Contains(got.Evidence.Reruns[0].Error.Line(), "1 more call, ")) {
					t.Errorf("reruns %+v, want why there was none", got.Evidence.Reruns)
				}
			})
		})
	}
}

func TestNoTrialIsBegunThatWouldPassTheBudget(t *testing.T) {
	t.Parallel()
	plan := story.Plan{Default: story.Outcome{Talk: time.Minute, Cents: 10}}
	t.Run("of those that were asked for", func(t *testing.T) {
		t.Parallel()
		inWorld(t, simulator.Options{Plan: plan}, func(w *world) {
			w.gate.Config.Trials = config.Trials{Count: 3, Max: 3}
			w.gate.Config.MaxCents = 599
			w.judgeBy("success_rate >= 90")
			got := w.run()
			w.wantVerdict(got, verdict.Pass, "")
			w.wantPaid(2)
			w.wantWarning(got, "Judged after 2 of 3 trials: 20 more calls, at about $2.00, would make $6.00, over max-cost $5.99")
			w.wantSpent(got, 0, simulator.Deployed)
		})
	})
	t.Run("of those while it is undecided", func(t *testing.T) {
		t.Parallel()
		inWorld(t, simulator.Options{Plan: plan}, func(w *world) {
			w.gate.Config.Trials = config.Trials{Count: 1, Max: 10}
			w.gate.Config.Rules.DecideOn = verdict.DecideOnInterval
			w.gate.Config.MaxMinutes = 39
			w.judgeBy("success_rate >= 90")
			got := w.run()
			w.wantVerdict(got, verdict.Inconclusive, "")
			w.wantPaid(1)
			w.wantReason(got, "20 more calls, of about 20 minutes, would make 40 minutes, over max-minutes 39")
		})
	})
}

// A later trial can pass the limit although the first ones did not let expect it.
func TestATrialThatPassesTheBudgetIsCancelled(t *testing.T) {
	t.Parallel()
	options := simulator.Options{Concurrency: 2, PlanFor: costing(story.Outcome{Talk: time.Minute, Cents: 5}, story.Outcome{Talk: time.Minute, Cents: 50})}
	inWorld(t, options, func(w *world) {
		w.gate.Config.Trials = config.Trials{Count: 2, Max: 2}
		w.gate.Config.MaxCents = 300
		got := w.run()
		w.wantVerdict(got, verdict.Error, verdict.CauseBudget)
		w.wantPaid(2)
		w.wantSpent(got, 0, simulator.Deployed)
		if s := got.Evidence.Budget.Spent; s.Cents > 300+2*50+50 {
			t.Errorf("spent %+v", s)
		}
		w.wantNothingRunning()
	})
}

// The minutes of conversations that the gate holds are its own measure.
func TestConversationsStayWithinMaxMinutes(t *testing.T) {
	t.Parallel()
	inChats(t, simulator.Options{}, func(w *world) {
		w.agent.think = 20 * time.Second
		w.gate.Config.MaxMinutes = 10
		got := w.run()
		w.wantVerdict(got, verdict.Error, verdict.CauseBudget)
		w.wantReason(got, "the calls so far took", "more than max-minutes 10")
		s := got.Evidence.Budget.Spent
		if s.Minutes() <= 10 || s.Timed < 2 || s.Timed > 15 || s.Priced != 0 {
			t.Errorf("spent %+v", s)
		}
		if got.Verdict.Counts.Failed != 0 {
			t.Errorf("counts %+v: what was cancelled is nobody's failure", got.Verdict.Counts)
		}
		if n := w.server.Ledger().ChatTally().Begun; n > s.Timed {
			t.Errorf("%d conversations were begun, and %d measured", n, s.Timed)
		}
	}, func() *fake { return says(grants) })
}

func TestConversationsThatAreRerunCount(t *testing.T) {
	t.Parallel()
	inChats(t, simulator.Options{}, func(w *world) {
		w.gate.Config.Reruns.Attempts = 1
		w.judgeBy("success_rate >= 100")
		got := w.run()
		w.wantVerdict(got, verdict.Pass, "")
		if s := got.Evidence.Budget.Spent; s.Timed != 21 || s.Seconds <= 0 {
			t.Errorf("spent %+v, want 21 conversations", s)
		}
	}, func() *fake { return failsAt(3) })
}

// A rerun can cost more than the calls before it let expect.
func TestARerunThatPassesTheBudgetIsCancelled(t *testing.T) {
	t.Parallel()
	for _, dialect := range []simulator.Dialect{simulator.Documented, simulator.Deployed} {
		later := story.Outcome{Talk: 30 * time.Minute, Cents: 500}
		plan := story.Plan{Default: story.Outcome{Talk: time.Minute, Cents: 10}, Calls: map[int]story.Outcome{
			3: later.After(story.Fails("no-answer")),
			8: later.Lasting(2 * time.Hour).After(story.Fails("no-answer")),
		}}
		inWorld(t, simulator.Options{Dialect: dialect, Plan: plan}, func(w *world) {
			w.gate.Config.Reruns.Attempts = 1
			w.gate.Config.MaxMinutes = 40
			w.gate.Timeout = 10 * time.Hour
			got := w.run()
			w.wantVerdict(got, verdict.Error, verdict.CauseBudget)
			w.wantSpent(got, 0, dialect)
			w.wantNothingRunning()
		})
	}
}

// Reading all calls is a large request: far from a limit it is made about as often as for fail-fast.
func TestALimitFarAwayCostsFewReads(t *testing.T) {
	t.Parallel()
	reads := map[bool]int{}
	for _, limited := range []bool{false, true} {
		inWorld(t, simulator.Options{Scenarios: []story.Scenario{{Name: "Refunds", Rows: 90}}}, func(w *world) {
			if limited {
				w.gate.Config.MaxCents, w.gate.Config.MaxMinutes = 100_000, 10_000
			}
			w.wantVerdict(w.run(), verdict.Pass, "")
			reads[limited] = w.server.Ledger().Counts[api.EndpointExecution]
		})
	}
	if more := reads[true] - reads[false]; more < 5 || more > 16 {
		t.Errorf("%d reads without a limit, and %d with one: want about one for each tenth of the calls", reads[false], reads[true])
	}
}
