package gate_test

import (
	"strings"
	"testing"
	"time"

	"github.com/google/uuid"

	"github.com/agent-gate/agent-gate/internal/config"
	"github.com/agent-gate/agent-gate/internal/config/kind"
	"github.com/agent-gate/agent-gate/internal/gate"
	"github.com/agent-gate/agent-gate/internal/gate/event"
	"github.com/agent-gate/agent-gate/internal/simulator"
	"github.com/agent-gate/agent-gate/internal/simulator/api"
	"github.com/agent-gate/agent-gate/internal/simulator/story"
	"github.com/agent-gate/agent-gate/internal/verdict"
)

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
	plan.Default = story.Outcome{Talk: time.Minute, Cents: 10}
	for name, change := range map[string]func(c *config.Config){
		"by max-calls":   func(c *config.Config) { c.MaxCalls = 43 },
		"by max-cost":    func(c *config.Config) { c.MaxCents = 380 },
		"by max-minutes": func(c *config.Config) { c.MaxMinutes = 38 },
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
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
