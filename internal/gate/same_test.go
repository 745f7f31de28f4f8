package gate_test

import (
	"context"
	"fmt"
	"math/rand/v2"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/agent-gate/agent-gate/internal/config"
	"github.com/agent-gate/agent-gate/internal/gate"
	"github.com/agent-gate/agent-gate/internal/gate/event"
	"github.com/agent-gate/agent-gate/internal/gate/paid"
	"github.com/agent-gate/agent-gate/internal/simulator"
	"github.com/agent-gate/agent-gate/internal/simulator/api"
	"github.com/agent-gate/agent-gate/internal/simulator/story"
	"github.com/agent-gate/agent-gate/internal/verdict"
)

// keyed makes the gate of a world look for what earlier starts of its key paid for.
func (w *world) keyed() {
	w.gate.Config.RunKey, w.gate.Config.ReuseMaxAge = config.RunKeyRun, 24*time.Hour
}

// later makes the gate of a later start of the same key, in a process of its own.
func (w *world) later() {
	w.records, w.gate.Earlier = nil, nil
}

func TestALaterStartOfTheKeyJudgesWhatWasPaidFor(t *testing.T) {
	t.Parallel()
	for _, mode := range []config.Mode{config.ModeCreate, config.ModeExecute} {
		bothDialects(t, simulator.Options{}, func(w *world) {
			w.keyed()
			if mode == config.ModeExecute {
				w.gate.Config.Target = config.Target{Mode: mode, RunTestID: w.server.AddRunTest("nightly")}
			}
			w.gate.Description = "job 17"
			first := w.run()
			w.wantVerdict(first, verdict.Pass, "")
			if first.Evidence.Reused != nil {
				t.Error("the first start says that it used another's calls")
			}
			time.Sleep(time.Hour)
			w.later()
			again := w.run()
			w.wantVerdict(again, verdict.Pass, "")
			w.wantPaid(1)
			if again.Evidence.Execution.ID != first.Evidence.Execution.ID || again.Evidence.Reused == nil || again.Evidence.Reused.Origin.Line() != "job 17" {
				t.Errorf("judged %s after %s; reused %+v", again.Evidence.Execution.ID, first.Evidence.Execution.ID, again.Evidence.Reused)
			}
			if len(again.Evidence.Warnings) > 0 {
				t.Errorf("every report says that it is judged again, so no warning has to: %v", again.Evidence.Warnings)
			}
		})
	}
}

func TestWhatDoesNotCountIsRunAnew(t *testing.T) {
	t.Parallel()
	for _, c := range []struct {
		name   string
		plan   story.Plan
		before func(w *world)
	}{
		{"too old", story.Plan{}, func(w *world) { w.run(); time.Sleep(25 * time.Hour) }},
		{"cancelled", story.Plan{}, func(w *world) { w.runStoppedAfter(time.Minute, gate.ErrTerminated) }},
		{"another agent version", story.Plan{}, func(w *world) { w.run(); w.server.PublishAgent() }},
		{"failed before a call", story.Plan{SetupError: "no workers"}, func(w *world) { w.run() }},
	} {
		t.Run(c.name, func(t *testing.T) {
			t.Parallel()
			inWorld(t, simulator.Options{Plan: c.plan, Dialect: simulator.Deployed}, func(w *world) {
				w.keyed()
				c.before(w)
				before := len(w.server.Ledger().Started)
				time.Sleep(time.Minute)
				w.later()
				got := w.run()
				if got.Evidence.Reused != nil || len(w.server.Ledger().Started) != before+1 {
					t.Errorf("%d executions after %d; reused %+v", len(w.server.Ledger().Started), before, got.Evidence.Reused)
				}
				w.wantNothingRunning()
			})
		})
	}
}

func TestStartLeavesTheRunToTheNextOne(t *testing.T) {
	t.Parallel()
	bothDialects(t, simulator.Options{}, func(w *world) {
		w.keyed()
		started := w.gate.Start(w.t.Context())
		if started.Verdict.Kind != verdict.Skip {
			t.Errorf("%s %s", started.Verdict.Kind, started.Verdict.Reason.Line())
		}
		if held := time.Since(w.server.Executions()[0].StartedAt); held > 3*time.Second {
			t.Errorf("it held the runner for %s after the execution was accepted", held)
		}
		if last := w.records[len(w.records)-1]; last.LeftBehind() {
			t.Errorf("cleanup would end it: %+v", last)
		}
		w.later()
		got := w.run()
		w.wantVerdict(got, verdict.Pass, "")
		w.wantPaid(1)
		if got.Evidence.Execution.ID != started.Evidence.Execution.ID {
			t.Errorf("judged %s, started %s", got.Evidence.Execution.ID, started.Evidence.Execution.ID)
		}
		w.wantNothingRunning()
	})
}

// An execution of an earlier agent version that still runs is nobody's any more: the report says so.
func TestARunningExecutionOfAnotherAgentVersionIsTold(t *testing.T) {
	t.Parallel()
	inWorld(t, simulator.Options{Dialect: simulator.Deployed}, func(w *world) {
		w.keyed()
		started := w.gate.Start(w.t.Context())
		w.server.PublishAgent()
		w.later()
		got := w.run()
		w.wantVerdict(got, verdict.Pass, "")
		w.wantPaid(2)
		w.wantWarning(got, started.Evidence.Execution.ID.String(), "It is still pending, and nobody judges it")
		notes := 0
		for _, e := range w.events {
			if n, ok := e.(event.Note); ok && strings.Contains(n.Text.Raw(), "is of agent version") {
				notes++
			}
		}
		if notes != 1 {
			t.Errorf("told %d times in the log", notes)
		}
	})
}

// Two starts at the same moment, whatever happens to the answer that creates a run test: only one executes.
func TestStartsAtTheSameMomentPayOnce(t *testing.T) {
	t.Parallel()
	for _, kind := range []simulator.FaultKind{"", simulator.FaultLost, simulator.FaultHangUp, simulator.FaultTruncated, simulator.FaultUnavailable} {
		// A start takes effect late, so that whoever looks before it does not see it.
		options := simulator.Options{Faults: []simulator.Fault{{Endpoint: api.EndpointExecute, Kind: simulator.FaultStall, Delay: 5 * time.Second, Count: simulator.Always}}}
		if kind != "" {
			options.Faults = append(options.Faults, simulator.Fault{Endpoint: api.EndpointCreate, Kind: kind})
		}
		bothDialects(t, options, func(w *world) {
			w.keyed()
			var all sync.WaitGroup
			for range 3 {
				g := w.gate
				g.Journal, g.Observe = nil, nil
				all.Go(func() { g.Run(w.t.Context()) })
			}
			all.Wait()
			w.wantPaid(1)
			w.wantNothingRunning()
		})
	}
}

// Starts at the same time, with faults, lagging lists and other clocks: at most one of them pays.
func TestStartsAtTheSameTimePayOnce(t *testing.T) {
	t.Parallel()
	for seed := range 40 {
		t.Run(fmt.Sprint(seed), func(t *testing.T) {
			t.Parallel()
			options := simulator.Options{Seed: uint64(seed), Dialect: []simulator.Dialect{simulator.Deployed, simulator.Documented}[seed%2]}
			faults := []simulator.Fault{
				{Endpoint: api.EndpointCreate, Kind: simulator.FaultLost},
				{Endpoint: api.EndpointExecute, Kind: simulator.FaultLost},
				{Endpoint: api.EndpointExecute, Kind: simulator.FaultRateLimit, RetryAfter: 3 * time.Second},
				{Endpoint: api.EndpointRunTests, Kind: simulator.FaultLag, Delay: 4 * time.Second, Count: simulator.Always},
				{Endpoint: api.EndpointExecutions, Kind: simulator.FaultBadGateway, Count: 2},
			}
			if seed%6 < len(faults) {
				options.Faults = faults[seed%6 : seed%6+1]
			}
			inWorld(t, options, func(w *world) {
				w.keyed()
				second := w.gate
				second.Journal, second.Observe = nil, nil
				var got [2]gate.Result
				var both sync.WaitGroup
				both.Go(func() { got[0] = w.run() })
				both.Go(func() {
					time.Sleep(time.Duration(seed) * 300 * time.Millisecond)
					got[1] = second.Run(w.t.Context())
				})
				both.Wait()
				if n := len(w.server.Ledger().Started); n > 1 {
					t.Errorf("%d executions were started", n)
				}
				for i, r := range got {
					switch {
					case r.Verdict.Kind == verdict.Pass && r.Evidence.Execution.ID == got[1-i].Evidence.Execution.ID:
					case r.Verdict.Kind == verdict.Pass && got[1-i].Verdict.Kind == verdict.Error:
					case r.Verdict.Kind == verdict.Error:
						t.Logf("start %d: %s", i, r.Verdict.Reason.Line())
					default:
						t.Errorf("start %d: %s %s", i, r.Verdict.Kind, r.Verdict.Reason.Line())
					}
				}
				w.wantNothingRunning()
			})
		})
	}
}

// Until a start has executed the run test that it made for the key, others wait for it. So it deletes the run test
// if it stops before, and what a killed one left is deleted by cleanup or by the next start of its attempt.
func TestAStopBeforeTheExecutionLeavesNothingToWaitFor(t *testing.T) {
	t.Parallel()
	for _, c := range []struct {
		name string
		stop func(w *world)
		next func(w *world)
	}{
		{"a signal", func(w *world) {
			got := w.runStoppedAfter(4*time.Second, gate.ErrTerminated)
			w.wantReason(got, "nothing was started, and run test", "was deleted again")
		}, (*world).later},
		{"a kill, then cleanup", func(w *world) {
			left := w.killedAfter(4 * time.Second)
			if !left.LeftBehind() {
				t.Errorf("cleanup has nothing to do: %+v", left)
			}
			w.gate.Cleanup(w.t.Context(), *left)
			if w.records[len(w.records)-1].LeftBehind() {
				t.Error("cleanup would have more to do")
			}
		}, (*world).later},
		{"a kill, then a start of the same attempt", func(w *world) { w.gate.Earlier = w.killedAfter(4 * time.Second) }, func(*world) {}},
		{"a mistake that only the server knows", func(w *world) {
			kept := w.gate.Config.Rules
			w.judgeBy(`eval "nobody has it": pass_rate >= 90`)
			w.wantReason(w.run(), "was deleted again")
			w.gate.Config.Rules = kept
		}, (*world).later},
	} {
		t.Run(c.name, func(t *testing.T) {
			t.Parallel()
			bothDialects(t, simulator.Options{}, func(w *world) {
				w.keyed()
				c.stop(w)
				w.wantPaid(0)
				c.next(w)
				first := len(w.server.Ledger().Created)
				began := time.Now()
				w.wantVerdict(w.run(), verdict.Pass, "")
				w.wantPaid(1)
				if l := w.server.Ledger(); first != 1 || len(l.Created) != 2 || len(l.Deleted) != 1 {
					w.t.Errorf("%d and then %d run tests created, %d deleted", first, len(l.Created), len(l.Deleted))
				}
				if waited := w.server.Ledger().Started[0].At.Sub(began); waited > 15*time.Second {
					w.t.Errorf("the next start waited %s", waited)
				}
			})
		})
	}
}

// killedAfter kills the process of the gate after a while.
func (w *world) killedAfter(d time.Duration) *paid.Record {
	w.t.Helper()
	dies := time.Now().Add(d)
	return w.runKilled(func() bool { return time.Now().After(dies) }, false)
}

// Only the start that made a run test deletes it, only as long as nobody has executed it, and whoever waits for it
// goes on at once.
func TestWhoWaitsForAStartThatStopsGoesOn(t *testing.T) {
	t.Parallel()
	inWorld(t, simulator.Options{}, func(w *world) {
		w.keyed()
		second := w.gate
		second.Journal, second.Observe = nil, nil
		var got gate.Result
		var ended time.Time
		var both sync.WaitGroup
		both.Go(func() { w.runStoppedAfter(6*time.Second, gate.ErrTerminated) })
		both.Go(func() {
			time.Sleep(3 * time.Second)
			got = second.Run(w.t.Context())
			ended = w.server.Ledger().Started[0].At
		})
		began := time.Now()
		both.Wait()
		w.wantVerdict(got, verdict.Pass, "")
		w.wantPaid(1)
		if waited := ended.Sub(began); waited > 25*time.Second {
			t.Errorf("it waited %s", waited)
		}
	})
	inWorld(t, simulator.Options{Faults: []simulator.Fault{{Endpoint: api.EndpointDelete, Kind: simulator.FaultServerError, Count: simulator.Always}}}, func(w *world) {
		w.keyed()
		left := w.killedAfter(4 * time.Second)
		w.server.AddExecution(w.server.Ledger().Created[0].ID, 0)
		w.gate.Cleanup(w.t.Context(), *left)
		if l := w.server.Ledger(); l.Counts[api.EndpointDelete] != 0 || len(l.Cancels) != 0 {
			t.Errorf("cleanup deleted or cancelled what somebody had executed: %+v", l)
		}
	})
}

// What came too late to be executed is not executed: others may have gone on without it.
func TestAClaimThatIsTooOldIsNotExecuted(t *testing.T) {
	t.Parallel()
	inWorld(t, simulator.Options{}, func(w *world) {
		w.keyed()
		w.gate.Observe = func(e event.Event) {
			if _, known := e.(event.RunTestKnown); known {
				time.Sleep(3 * time.Minute)
			}
		}
		w.wantReason(w.run(), "it took too long to be sure that no other start", "was deleted again")
		w.wantPaid(0)
	})
}

// Whatever goes wrong, starts of one key pay once: kills, faults, starts at the same time and later ones. They rerun no
// call more often than was asked for.
//
//	go test ./internal/gate -run TestOneKeyPaysOnce -v -random-runs 1000
func TestOneKeyPaysOnce(t *testing.T) {
	t.Parallel()
	endpoints := []api.Endpoint{
		api.EndpointCreate, api.EndpointExecute, api.EndpointExecutions, api.EndpointRunTests, api.EndpointExecution, api.EndpointStatus, api.EndpointRerun, api.EndpointDelete,
	}
	kinds := []simulator.FaultKind{
		simulator.FaultRefused, simulator.FaultReset, simulator.FaultLost, simulator.FaultHangUp, simulator.FaultRateLimit,
		simulator.FaultServerError, simulator.FaultBadGateway, simulator.FaultUnavailable, simulator.FaultTruncated, simulator.FaultHTML,
	}
	for seed := range uint64(*randomRuns) {
		t.Run(fmt.Sprint(seed), func(t *testing.T) {
			t.Parallel()
			r := rand.New(rand.NewPCG(seed, 11))
			options := simulator.Options{Seed: seed, Dialect: []simulator.Dialect{simulator.Deployed, simulator.Documented}[r.IntN(2)]}
			for range r.IntN(4) {
				options.Faults = append(options.Faults, simulator.Fault{
					Endpoint: endpoints[r.IntN(len(endpoints))], Kind: kinds[r.IntN(len(kinds))], After: r.IntN(6), Count: 1 + r.IntN(2), RetryAfter: time.Duration(r.IntN(5)) * time.Second,
				})
			}
			attempts := r.IntN(3)
			if attempts > 0 {
				options.Plan = flakyPlan()
			}
			inWorld(t, options, func(w *world) {
				w.keyed()
				w.gate.Config.Reruns.Attempts = attempts
				if r.IntN(3) == 0 {
					w.gate.Config.Target = config.Target{Mode: config.ModeExecute, RunTestID: w.server.AddRunTest("nightly")}
				}
				var all sync.WaitGroup
				for range 2 + r.IntN(3) {
					g := w.gate
					g.Journal, g.Observe = nil, nil
					wait, killed := time.Duration(r.IntN(20_000))*time.Millisecond, r.IntN(3) == 0
					life := time.Duration(r.IntN(300_000)) * time.Millisecond
					start, dies := r.IntN(4) == 0, r.IntN(3) == 0
					heir, cleans := r.IntN(2) == 0, r.IntN(2) == 0
					if r.IntN(3) == 0 {
						wait += time.Duration(r.IntN(3600)) * time.Second
					}
					all.Go(func() {
						time.Sleep(wait)
						if dies && !start {
							// It may be killed, also in the seconds in which others wait for its execution. Then the
							// next process of its attempt goes on, or the post step cleans up, later or never.
							at := time.Now().Add(life / 20)
							left, dead := w.mayKill(g, func() bool { return time.Now().After(at) }, false)
							time.Sleep(wait)
							switch {
							case dead && left != nil && left.Unfinished() && heir:
								g.Earlier = left
								g.Run(w.t.Context())
							case dead && left != nil && cleans:
								g.Cleanup(w.t.Context(), *left)
							}
							return
						}
						ctx, cancel := context.WithCancelCause(w.t.Context())
						defer cancel(nil)
						if killed {
							g.Config.Waiting.CancelOnExit = false // a killed process cancels nothing
							time.AfterFunc(life, func() { cancel(gate.ErrTerminated) })
						}
						if start {
							g.Start(ctx)
						} else {
							got := g.Run(ctx)
							if got.Verdict.Kind == verdict.Fail {
								t.Errorf("a good agent fails: %s", got.Verdict.Reason.Line())
							}
						}
					})
				}
				all.Wait()
				time.Sleep(time.Minute)
				w.later()
				if r.IntN(2) == 0 { // at the same time, or nearly
					w.beside(w.gate, w.gate)
				}
				last := w.run()
				if options.Dialect == simulator.Deployed { // the other keeps no earlier tries, which a later start would have to know
					w.wantTries(1 + attempts)
				}
				cancelled := 0
				for _, x := range w.server.Executions() {
					if x.Status == story.StatusCancelled {
						cancelled++
					}
				}
				if n := len(w.server.Ledger().Started); n > 1+cancelled {
					t.Errorf("%d executions were started, of which %d were cancelled", n, cancelled)
				}
				if last.Verdict.Kind != verdict.Pass && last.Verdict.Kind != verdict.Error {
					t.Errorf("the last start: %s %s", last.Verdict.Kind, last.Verdict.Reason.Line())
				}
				w.wantNothingRunning()
			})
		})
	}
}
