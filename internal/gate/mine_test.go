package gate_test

import (
	"context"
	"net/http"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/google/uuid"

	"github.com/agent-gate/agent-gate/internal/config"
	"github.com/agent-gate/agent-gate/internal/config/kind"
	"github.com/agent-gate/agent-gate/internal/gate"
	"github.com/agent-gate/agent-gate/internal/gate/paid"
	"github.com/agent-gate/agent-gate/internal/simulator"
	"github.com/agent-gate/agent-gate/internal/simulator/api"
	"github.com/agent-gate/agent-gate/internal/simulator/story"
	"github.com/agent-gate/agent-gate/internal/text"
	"github.com/agent-gate/agent-gate/internal/verdict"
)

// refusals are the answers with which a server says that it did not act.
func refusals(acted bool) map[string]simulator.Fault {
	return map[string]simulator.Fault{
		"429": {Kind: simulator.FaultRateLimit, RetryAfter: 5 * time.Second, Handled: acted},
		"503": {Kind: simulator.FaultUnavailable, RetryAfter: time.Second, Handled: acted},
		"409": {Kind: simulator.FaultStatus, Status: http.StatusConflict, Handled: acted},
	}
}

// killedAt is what a process noted that was killed at a step.
func (w *world) killedAt(step paid.Step) *paid.Record {
	w.t.Helper()
	for _, r := range w.records {
		if r.Step == step {
			return &r
		}
	}
	w.t.Fatalf("the step %s was never noted", step)
	return nil
}

// dieAfter makes the gate run for a while and leave everything as it is, as a killed process
// does.
func (w *world) dieAfter(d time.Duration) {
	w.t.Helper()
	w.gate.Config.Waiting.CancelOnExit = false
	w.runStoppedAfter(d, gate.ErrTerminated)
	w.gate.Config.Waiting.CancelOnExit = true
}

func TestARefusalThatActedIsFound(t *testing.T) {
	t.Parallel()
	for name, fault := range refusals(true) {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			fault.Endpoint, fault.Count = api.EndpointExecute, simulator.Always
			bothDialects(t, simulator.Options{Faults: []simulator.Fault{fault}}, func(w *world) {
				got := w.run()
				w.wantVerdict(got, verdict.Pass, "")
				w.wantPaid(1)
				w.wantWarning(got, "no usable response", got.Evidence.Execution.ID.String())
				if n := w.server.Ledger().Counts[api.EndpointExecute]; n != 1 {
					t.Errorf("execute was sent %d times, want once", n)
				}
			})
		})
	}
}

// On a run test that others use too, only the answer to the start says which execution is ours.
func TestTheAnswerToAStartIsAwaitedWhenTheRunHasToStop(t *testing.T) {
	t.Parallel()
	slow := simulator.Fault{Endpoint: api.EndpointExecute, Kind: simulator.FaultSlow, Delay: 2500 * time.Millisecond}
	shared := func(w *world) {
		w.gate.Config.Target = config.Target{Mode: config.ModeExecute, RunTestID: w.server.AddRunTest("nightly")}
	}
	for name, stop := range map[string]func(w *world) gate.Result{
		"a signal": func(w *world) gate.Result { return w.runStoppedAfter(time.Second, gate.ErrTerminated) },
		"the timeout": func(w *world) gate.Result {
			w.gate.Timeout = time.Second
			return w.run()
		},
		"a signal to start": func(w *world) gate.Result {
			ctx, cancel := context.WithCancelCause(w.t.Context())
			defer time.AfterFunc(time.Second, func() { cancel(gate.ErrTerminated) }).Stop()
			return w.gate.Start(ctx)
		},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			bothDialects(t, simulator.Options{Faults: []simulator.Fault{slow}}, func(w *world) {
				shared(w)
				got := stop(w)
				if got.Verdict.Kind != verdict.Error || got.Evidence.Execution.ID == uuid.Nil {
					t.Errorf("%s: %s; execution %s", got.Verdict.Kind, got.Verdict.Reason.Line(), got.Evidence.Execution.ID)
				}
				w.wantPaid(1)
				w.wantNothingRunning()
			})
		})
	}
	t.Run("a start that is not sent yet is not sent", func(t *testing.T) {
		t.Parallel()
		list := simulator.Fault{Endpoint: api.EndpointExecutions, Kind: simulator.FaultSlow, Delay: 2 * time.Second}
		bothDialects(t, simulator.Options{Faults: []simulator.Fault{list}}, func(w *world) {
			shared(w)
			w.runStoppedAfter(time.Second, gate.ErrTerminated)
			w.wantPaid(0)
		})
	})
}

func TestARefusedStartIsSentAgainOnlyAfterALook(t *testing.T) {
	t.Parallel()
	for name, fault := range refusals(false) {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			fault.Endpoint, fault.Count = api.EndpointExecute, 2
			bothDialects(t, simulator.Options{Faults: []simulator.Fault{fault}}, func(w *world) {
				w.wantVerdict(w.run(), verdict.Pass, "")
				w.wantPaid(1)
				var sent []time.Time
				looks := 0
				for _, q := range w.server.Ledger().Requests {
					switch q.Endpoint {
					case api.EndpointExecute:
						if sent = append(sent, q.At); len(sent) > 1 && looks < 2 {
							t.Errorf("it was sent again after %d looks", looks)
						}
						looks = 0
					case api.EndpointExecutions:
						looks++
					}
				}
				for i := 1; i < len(sent); i++ {
					if after := sent[i].Sub(sent[i-1]); after < 45*time.Second || after > time.Minute {
						t.Errorf("it was sent again after %s, and a list may lag by 45 s", after)
					}
				}
			})
		})
	}
	patient := simulator.Fault{Endpoint: api.EndpointExecute, Kind: simulator.FaultRateLimit, RetryAfter: 57 * time.Second}
	bothDialects(t, simulator.Options{Faults: []simulator.Fault{patient}}, func(w *world) {
		began := time.Now()
		w.wantVerdict(w.run(), verdict.Pass, "")
		if at := w.server.Ledger().Started[0].At.Sub(began); at < 57*time.Second || at > 65*time.Second {
			t.Errorf("it was sent again after %s, want the 57 s that the server asked for", at)
		}
	})
}

func TestAServerThatRefusesForEverIsGivenUp(t *testing.T) {
	t.Parallel()
	for name, fault := range refusals(false) {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			fault.Endpoint, fault.Count = api.EndpointExecute, simulator.Always
			bothDialects(t, simulator.Options{Faults: []simulator.Fault{fault}}, func(w *world) {
				began := time.Now()
				got := w.run()
				w.wantVerdict(got, verdict.Error, verdict.CauseOperational)
				w.wantReason(got, "not certain", "check run test")
				w.wantPaid(0)
				if n := w.server.Ledger().Counts[api.EndpointExecute]; n < 2 || n > 4 {
					t.Errorf("execute was sent %d times", n)
				}
				if took := time.Since(began); took > 4*time.Minute {
					t.Errorf("it took %s", took)
				}
			})
		})
	}
}

func TestARefusedStartOfASharedRunTestIsNotSentAgain(t *testing.T) {
	t.Parallel()
	for _, acted := range []bool{false, true} {
		for name, fault := range refusals(acted) {
			fault.Endpoint = api.EndpointExecute
			t.Run(name, func(t *testing.T) {
				t.Parallel()
				bothDialects(t, simulator.Options{Faults: []simulator.Fault{fault}}, func(w *world) {
					w.gate.Config.Target = config.Target{Mode: config.ModeExecute, RunTestID: w.server.AddRunTest("nightly")}
					got := w.run()
					if acted {
						w.wantVerdict(got, verdict.Pass, "")
						w.wantWarning(got, "never cancels it")
					} else {
						w.wantVerdict(got, verdict.Error, verdict.CauseOperational)
						w.wantReason(got, "not certain")
					}
					if n := w.server.Ledger().Counts[api.EndpointExecute]; n != 1 {
						t.Errorf("execute was sent %d times, want once", n)
					}
				})
			})
		}
	}
}

func TestOfTwoExecutionsOfARefusedStartTheOlderIsJudged(t *testing.T) {
	t.Parallel()
	acted := refusals(true)["503"]
	acted.Endpoint = api.EndpointExecute
	lag := simulator.Fault{Endpoint: api.EndpointExecutions, Kind: simulator.FaultLag, Delay: 75 * time.Second, To: time.Hour}
	bothDialects(t, simulator.Options{Faults: []simulator.Fault{acted, lag}}, func(w *world) {
		got := w.run()
		w.wantVerdict(got, verdict.Pass, "")
		w.wantPaid(2)
		started := w.server.Ledger().Started
		if got.Evidence.Execution.ID != started[0].ID {
			t.Errorf("execution %s was judged, want the older one", got.Evidence.Execution.ID)
		}
		w.wantWarning(got, "two executions", started[1].ID.String())
		for _, c := range w.server.Ledger().Cancels {
			if c.ExecutionID != started[1].ID || c.At.Sub(started[1].At) > 2*time.Minute {
				t.Errorf("a cancel was sent for %s after %s", c.ExecutionID, c.At.Sub(started[1].At))
			}
		}
		w.wantNothingRunning()
	})
	// The run has to stop before the second one shows: cleanup finds it.
	bothDialects(t, simulator.Options{Faults: []simulator.Fault{acted, lag}}, func(w *world) {
		w.wantVerdict(w.runStoppedAfter(20*time.Second, gate.ErrTerminated), verdict.Error, verdict.CauseTerminated)
		last := w.records[len(w.records)-1]
		if !last.LeftBehind() {
			t.Error("nothing is noted for cleanup")
		}
		w.gate.Cleanup(w.t.Context(), last)
		w.wantNothingRunning()
		if last = w.records[len(w.records)-1]; last.LeftBehind() {
			t.Errorf("cleanup leaves %+v behind", last)
		}
	})
}

func TestAVerdictEndsAStart(t *testing.T) {
	t.Parallel()
	faults := map[string][]simulator.Fault{
		"all goes well":           nil,
		"the create is not heard": {{Endpoint: api.EndpointCreate, Kind: simulator.FaultBadGateway, After: 1}},
		"its answer is lost":      {{Endpoint: api.EndpointCreate, Kind: simulator.FaultLost, After: 1}},
	}
	for name, faults := range faults {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			for _, skew := range []time.Duration{0, 7 * time.Minute, -7 * time.Minute} {
				bothDialects(t, simulator.Options{Faults: faults, Skew: skew}, func(w *world) {
					first := w.run()
					w.wantVerdict(first, verdict.Pass, "")
					time.Sleep(10 * time.Second)
					second := w.run()
					w.wantVerdict(second, verdict.Pass, "")
					w.wantPaid(2)
					if first.Evidence.Execution.ID == second.Evidence.Execution.ID {
						t.Error("the second start was judged by the calls of the first")
					}
					// A server that takes a name twice has one of its own for it.
					if strings.Contains(w.t.Name(), "deployed") && first.Evidence.RunTest.ID == second.Evidence.RunTest.ID {
						t.Error("the second start took the run test of the first for its own")
					}
				})
			}
		})
	}
}

func TestWhatAKilledProcessLeftIsTakenUp(t *testing.T) {
	t.Parallel()
	plan := story.Plan{Calls: map[int]story.Outcome{3: story.Flaky(1, "")}}
	cases := map[string]struct {
		faults  []simulator.Fault
		dies    time.Duration
		step    paid.Step
		pause   time.Duration
		started int
	}{
		"before the start":         {faults: []simulator.Fault{{Endpoint: api.EndpointExecute, Kind: simulator.FaultRefused, Count: 3}}, dies: time.Second, step: paid.StepCreated, started: 1},
		"in the middle of it":      {faults: []simulator.Fault{{Endpoint: api.EndpointExecute, Kind: simulator.FaultSlow}}, dies: 5 * time.Second, step: paid.StepExecuting, started: 1},
		"and it did not arrive":    {faults: []simulator.Fault{{Endpoint: api.EndpointExecute, Kind: simulator.FaultReset}}, dies: 5 * time.Second, step: paid.StepExecuting, started: 1},
		"while it ran":             {dies: time.Minute, step: paid.StepStarted, started: 1},
		"and it has ended":         {dies: time.Minute, step: paid.StepStarted, pause: time.Hour, started: 1},
		"in the middle of a rerun": {faults: []simulator.Fault{{Endpoint: api.EndpointRerun, Kind: simulator.FaultSlow}}, dies: 8 * time.Minute, step: paid.StepRerunning, started: 1},
	}
	for name, c := range cases {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			bothDialects(t, simulator.Options{Plan: plan, Faults: c.faults}, func(w *world) {
				w.gate.Config.Reruns = config.Reruns{Attempts: 1, Max: kind.Amount{IsShare: true, Percent: 100}}
				w.dieAfter(c.dies)
				w.gate.Earlier = w.killedAt(c.step)
				time.Sleep(c.pause)
				got := w.run()
				w.wantVerdict(got, verdict.Pass, "")
				w.wantPaid(c.started)
				if n := len(w.server.Ledger().Reruns); n > 1 {
					t.Errorf("calls were rerun %d times with one attempt", n)
				}
				if c.step != paid.StepCreated && !strings.Contains(name, "not arrive") {
					w.wantWarning(got, "earlier process", got.Evidence.Execution.ID.String())
				}
				w.wantNothingRunning()
			})
		})
	}
}

func TestRerunsOfAKilledProcessCount(t *testing.T) {
	t.Parallel()
	plan := story.Plan{Calls: map[int]story.Outcome{3: story.Fails("")}}
	for _, fault := range []simulator.FaultKind{simulator.FaultSlow, simulator.FaultReset} {
		bothDialects(t, simulator.Options{Plan: plan, Faults: []simulator.Fault{{Endpoint: api.EndpointRerun, Kind: fault}}}, func(w *world) {
			w.gate.Config.Reruns = config.Reruns{Attempts: 1, Max: kind.Amount{IsShare: true, Percent: 100}}
			w.dieAfter(8 * time.Minute)
			w.gate.Earlier = w.killedAt(paid.StepRerunning)
			got := w.run()
			w.wantVerdict(got, verdict.Pass, "") // 19 of 20
			w.wantPaid(1)
			if rate := got.Verdict.Metrics.FirstSuccessRate; rate.Value == nil || *rate.Value != 95 {
				t.Errorf("first_success_rate %+v, want 95: one call had failed before the rerun", rate)
			}
			if n := len(w.server.Ledger().Reruns); n > 1 {
				t.Errorf("calls were rerun %d times with one attempt", n)
			}
		})
	}
}

func TestWhatIsTakenUpIsCancelledLikeOnesOwn(t *testing.T) {
	t.Parallel()
	bothDialects(t, simulator.Options{}, func(w *world) {
		w.dieAfter(30 * time.Second)
		w.gate.Earlier = w.killedAt(paid.StepStarted)
		w.wantVerdict(w.runStoppedAfter(30*time.Second, gate.ErrInterrupted), verdict.Error, verdict.CauseInterrupted)
		w.wantPaid(1)
		w.wantNothingRunning()
	})
	// It is told to stop before it has read anything.
	bothDialects(t, simulator.Options{}, func(w *world) {
		w.dieAfter(30 * time.Second)
		w.gate.Earlier = w.killedAt(paid.StepStarted)
		w.runStoppedAfter(0, gate.ErrInterrupted)
		w.wantNothingRunning()
	})
}

func TestWhatCleanupHasCancelledIsNotTakenUp(t *testing.T) {
	t.Parallel()
	bothDialects(t, simulator.Options{}, func(w *world) {
		w.dieAfter(30 * time.Second)
		w.gate.Earlier = w.killedAt(paid.StepStarted)
		w.gate.Cleanup(w.t.Context(), *w.gate.Earlier)
		time.Sleep(2 * time.Minute)
		w.wantVerdict(w.run(), verdict.Pass, "")
		w.wantPaid(2)
	})
}

func TestAGuessIsJudgedAndNeverCancelled(t *testing.T) {
	t.Parallel()
	for _, skew := range []time.Duration{0, 7 * time.Minute, -7 * time.Minute} {
		shared := func(w *world) {
			w.gate.Config.Target = config.Target{Mode: config.ModeExecute, RunTestID: w.server.AddRunTest("nightly")}
		}
		noCancel := func(t *testing.T, w *world) {
			t.Helper()
			if n := len(w.server.Ledger().Cancels); n != 0 {
				t.Errorf("%d cancels were sent on a guess", n)
			}
		}
		lost := simulator.Options{Skew: skew, Faults: []simulator.Fault{{Endpoint: api.EndpointExecute, Kind: simulator.FaultLost}}}
		bothDialects(t, lost, func(w *world) {
			shared(w)
			got := w.run()
			w.wantVerdict(got, verdict.Pass, "")
			w.wantWarning(got, "only new one", got.Evidence.Execution.ID.String())
		})
		for _, after := range []time.Duration{time.Second, time.Minute} {
			bothDialects(t, lost, func(w *world) {
				shared(w)
				got := w.runStoppedAfter(after, gate.ErrTerminated)
				w.wantVerdict(got, verdict.Error, verdict.CauseTerminated)
				w.wantReason(got, "was not cancelled")
				w.gate.Cleanup(w.t.Context(), w.records[len(w.records)-1])
				noCancel(t, w)
			})
		}
		// Its process was killed; the next one of the attempt judges it, and no other.
		slow := simulator.Options{Skew: skew, Faults: []simulator.Fault{{Endpoint: api.EndpointExecute, Kind: simulator.FaultSlow}}}
		bothDialects(t, slow, func(w *world) {
			shared(w)
			w.dieAfter(10 * time.Second)
			w.gate.Earlier = w.killedAt(paid.StepExecuting)
			time.Sleep(3 * time.Minute)
			foreign := w.server.AddExecution(w.gate.Config.Target.RunTestID, 0)
			got := w.run()
			w.wantVerdict(got, verdict.Pass, "")
			w.wantWarning(got, "earlier process", "never cancels it")
			if got.Evidence.Execution.ID == foreign {
				t.Error("an execution of somebody else was judged that began minutes after the start")
			}
			noCancel(t, w)
		})
	}
}

func TestAGuessIsNotCancelledForItsSizeOrItsFailures(t *testing.T) {
	t.Parallel()
	lost := simulator.Fault{Endpoint: api.EndpointExecute, Kind: simulator.FaultLost}
	bothDialects(t, simulator.Options{Faults: []simulator.Fault{lost}, Plan: story.Plan{Default: story.Fails("")}}, func(w *world) {
		w.gate.Config.Target = config.Target{Mode: config.ModeExecute, RunTestID: w.server.AddRunTest("nightly")}
		w.gate.Config.FailFast = true
		w.run()
		if n := len(w.server.Ledger().Cancels); n != 0 {
			t.Errorf("%d cancels were sent on a guess", n)
		}
	})
}

// besides runs a second gate of the same identity at the same time as the first.
func (w *world) besides(second gate.Gate) (a, b gate.Result) {
	done := make(chan gate.Result)
	go func() { done <- second.Run(w.t.Context()) }()
	a = w.gate.Run(w.t.Context())
	return a, <-done
}

func TestGatesOfOneIdentitySideBySideKeepApart(t *testing.T) {
	t.Parallel()
	faults := map[string]simulator.Fault{
		"all goes well":             {Endpoint: api.EndpointHealth, Kind: simulator.FaultReset},
		"a create is lost":          {Endpoint: api.EndpointCreate, Kind: simulator.FaultLost},
		"a create does not arrive":  {Endpoint: api.EndpointCreate, Kind: simulator.FaultReset},
		"a start is lost":           {Endpoint: api.EndpointExecute, Kind: simulator.FaultLost},
		"a start does not arrive":   {Endpoint: api.EndpointExecute, Kind: simulator.FaultReset},
		"the second one is lost":    {Endpoint: api.EndpointExecute, Kind: simulator.FaultLost, After: 1},
		"the second one is refused": {Endpoint: api.EndpointExecute, Kind: simulator.FaultUnavailable, After: 1},
	}
	for name, fault := range faults {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			bothDialects(t, simulator.Options{Faults: []simulator.Fault{fault}}, func(w *world) {
				w.gate.Others = func() bool { return true }
				second := w.gate
				second.API = w.newClient(matrixMaxBody)
				second.Observe, second.Journal = nil, nil
				a, b := w.besides(second)
				judged := map[uuid.UUID]int{}
				for _, got := range []gate.Result{a, b} {
					guessed := slices.ContainsFunc(got.Evidence.Warnings, func(w text.Untrusted) bool { return strings.Contains(w.Line(), "never cancels it") })
					if got.Verdict.Kind == verdict.Pass && !guessed {
						judged[got.Evidence.Execution.ID]++
					}
				}
				for id, n := range judged {
					if n > 1 {
						t.Errorf("both gates take execution %s for theirs", id)
					}
				}
				if n := len(w.server.Ledger().Started); n > 2 {
					t.Errorf("%d executions were started by two gates", n)
				}
				if n := len(w.server.Ledger().Cancels); n != 0 {
					t.Errorf("%d cancels were sent", n)
				}
			})
		})
	}
}
