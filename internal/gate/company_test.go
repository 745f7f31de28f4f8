package gate_test

import (
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"github.com/google/uuid"

	"github.com/agent-gate/agent-gate/internal/agent"
	"github.com/agent-gate/agent-gate/internal/budget"
	"github.com/agent-gate/agent-gate/internal/config"
	"github.com/agent-gate/agent-gate/internal/gate"
	"github.com/agent-gate/agent-gate/internal/gate/company"
	"github.com/agent-gate/agent-gate/internal/simulator"
	"github.com/agent-gate/agent-gate/internal/simulator/api"
	"github.com/agent-gate/agent-gate/internal/simulator/story"
	"github.com/agent-gate/agent-gate/internal/verdict"
)

// together runs copies of the gate side by side, each with a name of its own, after it was changed.
func (w *world) together(limits budget.Limits, conversations int, change ...func(*gate.Gate)) []gate.Result {
	var names []string
	for i := range change {
		names = append(names, string(rune('a'+i)))
	}
	members := company.New(names, limits, conversations).Members()
	got := make([]gate.Result, len(change))
	var running sync.WaitGroup
	for i, how := range change {
		g := w.gate
		g.Name, g.Observe, g.Journal, g.Company = names[i]+g.Name[1:], nil, &recorder{}, members[i]
		how(&g)
		running.Go(func() {
			got[i] = g.Run(w.t.Context())
			members[i].Over(got[i].Verdict, got[i].Evidence.Budget.Spent)
		})
	}
	running.Wait()
	return got
}

func TestConversationsOfAllGatesTogetherAreLimited(t *testing.T) {
	t.Parallel()
	var now, most atomic.Int32
	under := func() *fake {
		return answers(func(q agent.Question) (agent.Answer, error) {
			n := now.Add(1)
			for before := most.Load(); n > before && !most.CompareAndSwap(before, n); before = most.Load() {
			}
			time.Sleep(time.Second)
			now.Add(-1)
			return say(q, grants), nil
		})
	}
	inWorld(t, simulator.Options{Agent: simulator.Text, AttachEvals: true}, func(w *world) {
		use := func(concurrency int) func(*gate.Gate) {
			return func(g *gate.Gate) {
				alone := &world{t: w.t, gate: *g}
				alone.useAgent(under())
				*g = alone.gate
				g.Config.Agent.Concurrency = concurrency
			}
		}
		for _, got := range w.together(budget.Limits{}, 4, use(4), use(3), use(2)) {
			w.wantVerdict(got, verdict.Pass, "")
		}
		if n := most.Load(); n != 4 {
			t.Errorf("%d conversations were held at a time, want 4", n)
		}
		w.wantNothingRunning()
	})
}

// Two jobs start the same suite at the same time, and each is the first to create another gate's run test.
func TestSuitesOfOneKeyDoNotWaitForEachOther(t *testing.T) {
	t.Parallel()
	inWorld(t, simulator.Options{Plan: story.Plan{Default: story.Succeeds(9).Lasting(20 * time.Second)}}, func(w *world) {
		w.keyed()
		began := time.Now()
		var got [4]gate.Result
		var running sync.WaitGroup
		for job := range 2 {
			members := company.New([]string{"a", "b"}, budget.Limits{}, 0).Members()
			for i, m := range members {
				g := w.gate
				g.Name = g.Name[:len(g.Name)-1] + string("ab"[i])
				g.Observe, g.Journal, g.Company = nil, &recorder{}, m
				running.Go(func() {
					if i != job {
						time.Sleep(3 * time.Second)
					}
					r := g.Run(w.t.Context())
					m.Over(r.Verdict, r.Evidence.Budget.Spent)
					got[2*job+i] = r
				})
			}
		}
		running.Wait()
		for _, r := range got {
			w.wantVerdict(r, verdict.Pass, "")
		}
		w.wantPaid(2)
		if took := time.Since(began); took > 4*time.Minute {
			t.Errorf("it took %s", took)
		}
	})
}

// Two gates of one run test start at the same time, and the answer to one of the starts is lost. What the other gate
// knows as its own is not mistaken for what is looked for.
func TestGatesOfOneRunTestDoNotTakeEachOthersExecutions(t *testing.T) {
	t.Parallel()
	for _, slow := range []time.Duration{0, 4 * time.Second} { // until the other start is answered
		options := simulator.Options{Faults: []simulator.Fault{
			{Endpoint: api.EndpointExecute, Kind: simulator.FaultLost},
			{Endpoint: api.EndpointExecute, Kind: simulator.FaultSlow, Delay: slow, After: 1},
		}}
		bothDialects(t, options, func(w *world) {
			shared := w.server.AddRunTest("nightly")
			some := func(g *gate.Gate) { g.Config.Target = config.Target{Mode: config.ModeExecute, RunTestID: shared} }
			got := w.together(budget.Limits{}, 0, some, some)
			for _, r := range got {
				w.wantVerdict(r, verdict.Pass, "")
			}
			w.wantPaid(2)
			if got[0].Evidence.Execution.ID == got[1].Evidence.Execution.ID {
				t.Error("both gates judged one execution")
			}
		})
	}
}

// What an earlier start of the key has paid for needs no room in the budget, and is not spent from it.
func TestCallsThatAreJudgedAgainTakeNoRoomInTheBudget(t *testing.T) {
	t.Parallel()
	for _, limits := range []budget.Limits{{Calls: 1}, {Cents: 1}, {Minutes: 0.01}} {
		inWorld(t, simulator.Options{}, func(w *world) {
			w.keyed()
			w.wantVerdict(w.together(budget.Limits{}, 0, func(*gate.Gate) {})[0], verdict.Pass, "")
			w.later()
			w.gate.Config.MaxCalls, w.gate.Config.MaxCents, w.gate.Config.MaxMinutes = limits.Calls, limits.Cents, limits.Minutes
			got := w.together(limits, 0, func(*gate.Gate) {})[0]
			w.wantVerdict(got, verdict.Pass, "")
			w.wantPaid(1)
			if s := got.Evidence.Budget.Spent; s != (budget.Spent{}) {
				t.Errorf("spent %+v, want nothing", s)
			}
			for _, x := range got.Evidence.Warnings {
				if strings.Contains(x.Line(), "budget") || strings.Contains(x.Line(), "max-") {
					t.Error(x)
				}
			}
		})
	}
}

// A rerun takes room for its calls once, whoever else might have made it.
func TestARerunThatFitsIntoTheCommonBudgetIsMade(t *testing.T) {
	t.Parallel()
	for _, key := range []string{"attempt", "run"} {
		for room, rerun := range []bool{false, false, true} {
			plan := story.Plan{Calls: map[int]story.Outcome{
				2: story.Flaky(1, "no-answer"),
				7: story.Flaky(1, "no-answer"),
			}}
			inWorld(t, simulator.Options{Plan: plan, Scenarios: []story.Scenario{{Name: "a", Rows: 10}}}, func(w *world) {
				if key == "run" {
					w.keyed()
				}
				w.gate.Config.Reruns.Attempts = 1
				w.judgeBy("success_rate >= 100")
				got := w.together(budget.Limits{Calls: 10 + room}, 0, func(*gate.Gate) {})[0]
				if passed := got.Verdict.Kind == verdict.Pass; passed != rerun {
					t.Errorf("%s, room for %d more: %s, %+v", key, room, got.Verdict.Reason.Line(), got.Evidence.Reruns)
				}
			})
		}
	}
}

// Nobody pays twice for an execution that somebody else started.
func TestAnExecutionOfSomebodyElseTakesNoRoomInTheBudget(t *testing.T) {
	t.Parallel()
	for _, limits := range []budget.Limits{{Calls: 10}, {Cents: 120}, {Minutes: 25}} {
		inWorld(t, simulator.Options{Scenarios: []story.Scenario{{Name: "a", Rows: 10}}}, func(w *world) {
			attach := func(g *gate.Gate) {
				g.Config.Target = config.Target{Mode: config.ModeAttach, TestExecutionID: w.server.AddExecution(w.server.AddRunTest("nightly"), time.Hour)}
			}
			got := w.together(limits, 0, attach, func(*gate.Gate) {})
			w.wantVerdict(got[0], verdict.Pass, "")
			w.wantVerdict(got[1], verdict.Pass, "")
			if a, b := got[0].Evidence.Budget.Spent, got[1].Evidence.Budget.Spent; a.Calls != 0 || b.Calls != 10 {
				t.Errorf("%+v: spent %+v and %+v", limits, a, b)
			}
		})
	}
}

// scenarios makes a world of a scenario for each gate, whose calls last and cost this much; and each gate runs its own.
func scenarios(all ...story.Outcome) (o simulator.Options, own []func(w *world) func(*gate.Gate)) {
	at := map[string]story.Outcome{}
	for i, outcome := range all {
		name := "scenario " + string(rune('a'+i))
		o.Scenarios = append(o.Scenarios, story.Scenario{Name: name, Rows: 5})
		at[name] = outcome
		own = append(own, func(w *world) func(*gate.Gate) {
			return func(g *gate.Gate) { g.Config.Target.ScenarioIDs = w.server.ScenarioIDs()[i : i+1] }
		})
	}
	o.Plan = story.Plan{Each: func(ref story.CallRef) (story.Outcome, bool) { return at[ref.Scenario], true }}
	return o, own
}

// What is known is held against the common budget at every poll, whoever spent it: a gate is cancelled although none
// of its own calls has ended, and the verdict of one that had ended stands.
func TestABudgetThatOneGateUsesUpStopsTheOthers(t *testing.T) {
	t.Parallel()
	for _, c := range []struct {
		name    string
		dialect simulator.Dialect
		limits  budget.Limits
		says    string
	}{
		{"money", simulator.Deployed, budget.Limits{Cents: 400}, "the calls of all gates so far cost $5.00, more than the budget of $4.00"},
		{"minutes", simulator.Deployed, budget.Limits{Minutes: 4}, "the calls of all gates so far took 5 minutes, more than the budget in minutes, 4"},
		{"minutes of the documented API", simulator.Documented, budget.Limits{Minutes: 4}, "the calls of all gates so far took 5 minutes, more than the budget in minutes, 4"},
	} {
		t.Run(c.name, func(t *testing.T) {
			t.Parallel()
			options, own := scenarios(story.Outcome{Talk: time.Minute, Cents: 100}, story.Outcome{Talk: 50 * time.Minute, Cents: 100})
			options.Dialect = c.dialect
			inWorld(t, options, func(w *world) {
				began := time.Now()
				got := w.together(c.limits, 0, own[0](w), own[1](w))
				w.wantVerdict(got[0], verdict.Pass, "")
				w.wantVerdict(got[1], verdict.Error, verdict.CauseBudget)
				w.wantReason(got[1], c.says)
				if took := time.Since(began); took > 5*time.Minute {
					t.Errorf("it took %s", took)
				}
				if n := got[1].Verdict.Counts; n.Cancelled != 5 {
					t.Errorf("counts %+v, want that all of it is cancelled", n)
				}
				w.wantNothingRunning()
			})
		})
	}
}

func TestABudgetThatOneGateUsesUpStopsConversationsOfTheOthers(t *testing.T) {
	t.Parallel()
	inWorld(t, simulator.Options{Agent: simulator.Text, AttachEvals: true}, func(w *world) {
		use := func(think time.Duration) func(*gate.Gate) {
			return func(g *gate.Gate) {
				alone := &world{t: w.t, gate: *g}
				alone.useAgent(says(grants))
				alone.agent.think = think
				*g = alone.gate
				g.Config.Agent.Concurrency = 20
			}
		}
		// All conversations of the first end at once, and none of the second before.
		got := w.together(budget.Limits{Minutes: 0.1}, 0, use(time.Second), use(50*time.Second))
		w.wantVerdict(got[1], verdict.Error, verdict.CauseBudget)
		if s := got[1].Evidence.Budget.Spent; s.Seconds/float64(s.Timed) > 40 {
			t.Errorf("it went on until its own conversations said something: %+v", s)
		}
		w.wantNothingRunning()
	})
}

// What all ended together has spent is known too late to stop anything: the verdicts of the gates stand.
func TestGatesThatEndedOverTheCommonBudgetAreJudged(t *testing.T) {
	t.Parallel()
	outcome := story.Outcome{Talk: time.Minute, Cents: 100}
	options, own := scenarios(outcome, outcome)
	inWorld(t, options, func(w *world) {
		for _, got := range w.together(budget.Limits{Cents: 400}, 0, own[0](w), own[1](w)) {
			w.wantVerdict(got, verdict.Pass, "")
			w.wantWarning(got, "Over the budget: the calls of all gates so far cost")
		}
	})
}

// A trial that was planned is not begun when others have left too little for it.
func TestNoTrialIsBegunThatWouldPassTheCommonBudget(t *testing.T) {
	t.Parallel()
	options, own := scenarios(story.Outcome{Talk: time.Minute, Cents: 100}, story.Outcome{Talk: 5 * time.Minute, Cents: 60})
	inWorld(t, options, func(w *world) {
		got := w.together(budget.Limits{Cents: 1000}, 0, own[0](w), func(g *gate.Gate) {
			own[1](w)(g)
			g.Config.Trials = config.Trials{Count: 2, Max: 2}
		})
		w.wantVerdict(got[1], verdict.Pass, "")
		w.wantWarning(got[1], "Judged after 1 of 2 trials: 5 more calls, at about $3.00, would make $11.00, over the budget of $10.00")
		w.wantPaid(2)
	})
}

// Gates that do not know how many calls they place are watched.
func TestAGateThatTurnsOutToBeTooLargeForTheCommonBudgetIsCancelled(t *testing.T) {
	t.Parallel()
	inWorld(t, simulator.Options{Dialect: simulator.Documented}, func(w *world) {
		got := w.together(budget.Limits{Calls: 10}, 0, func(*gate.Gate) {})[0]
		w.wantVerdict(got, verdict.Error, verdict.CauseBudget)
		w.wantReason(got, "the gate places 20 calls, 20 more than planned, for which the budget of 10 calls has no room (10 left)")
		w.wantNothingRunning()
	})
}

// The gate that is wrong says so, and the others that they are not started because of it.
func TestARunTestThatIsNotThereKeepsAllGatesFromStarting(t *testing.T) {
	t.Parallel()
	bothDialects(t, simulator.Options{}, func(w *world) {
		wrong := func(g *gate.Gate) {
			g.Config.Target = config.Target{Mode: config.ModeExecute, RunTestID: uuid.MustParse("deadbeef-1111-4111-8111-111111111111")}
		}
		got := w.together(budget.Limits{}, 0, func(*gate.Gate) {}, wrong)
		w.wantVerdict(got[0], verdict.Error, verdict.CauseConfig)
		w.wantReason(got[0], "gate b cannot run, so none is started")
		w.wantVerdict(got[1], verdict.Error, verdict.CauseConfig)
		w.wantReason(got[1], "check run-test-id")
		w.wantPaid(0)
	})
}

// What one gate spends is not there for the others: money is held while running, whoever spends it.
func TestGatesSpendACommonBudgetOfMoney(t *testing.T) {
	t.Parallel()
	options := simulator.Options{Dialect: simulator.Deployed, Concurrency: 1, PlanFor: costing(story.Outcome{Talk: time.Minute, Cents: 100})}
	inWorld(t, options, func(w *world) {
		same := func(*gate.Gate) {}
		got := w.together(budget.Limits{Cents: 2500}, 0, same, same)
		over, cents := 0, 0.0
		for _, g := range got {
			if g.Verdict.Cause == verdict.CauseBudget {
				over++
				w.wantReason(g, "the calls of all gates so far cost", "more than the budget of $25.00")
			}
			cents += g.Evidence.Budget.Spent.Cents
		}
		if over == 0 {
			t.Error("no gate is over the budget, although both together cost $40.00")
		}
		if truth, _ := w.spent(0); truth.Cents > 3000 || truth.Cents != cents {
			t.Errorf("%v cents were spent, the reports say %v, and the budget is 2500", truth.Cents, cents)
		}
		w.wantNothingRunning()
	})
}
