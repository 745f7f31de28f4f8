package gate_test

import (
	"fmt"
	"slices"
	"strings"
	"time"

	"github.com/agent-gate/agent-gate/internal/config"
	"github.com/agent-gate/agent-gate/internal/gate"
	"github.com/agent-gate/agent-gate/internal/simulator"
	"github.com/agent-gate/agent-gate/internal/verdict"
)

// check holds the run against what must never be. judged is what the server knew when
// the run had ended.
func (r *randomWorld) check(result *randomResult, judged []simulator.ExecutionState) {
	wrong := func(format string, args ...any) {
		result.wrongs = append(result.wrongs, fmt.Sprintf(format, args...))
	}
	ledger := r.server.Ledger()
	result.reruns = len(ledger.Reruns)
	for _, q := range ledger.Requests {
		if q.Fault != "" {
			result.faults++
		}
	}
	result.ambiguous = r.ambiguous(ledger)

	if n := r.startedHere(); n > 1 {
		wrong("%d executions were started", n)
	}
	if n := r.server.DuplicateReruns(); n > 0 {
		wrong("%d calls were rerun blindly", n)
	}
	if n := len(ledger.EvalRuns); n > 1 {
		wrong("new evals were run %d times", n)
	}
	for _, e := range r.server.Executions() {
		for _, c := range e.Calls {
			if c.Attempts > 1+r.config.Reruns.Attempts {
				wrong("call %d was placed %d times with %d rerun attempts", c.Index, c.Attempts, r.config.Reruns.Attempts)
			}
		}
	}
	if len(ledger.Leaks) > 0 || len(ledger.Hosts) > 1 {
		wrong("keys in wrong places: %+v, hosts %v", ledger.Leaks, ledger.Hosts)
	}
	r.checkCancels(ledger, result.ambiguous, wrong)
	r.checkRunning(result.ambiguous, wrong)
	if result.stop > 5*time.Second {
		wrong("it took %s from the signal to the end", result.stop)
	}
	if !r.killed {
		r.checkVerdict(judged, result.ambiguous, wrong)
	}
}

// ambiguous reports whether somebody else executed the shared run test about when this
// run did, and this run did not get the answer: then nobody can tell the two apart.
func (r *randomWorld) ambiguous(l simulator.Ledger) bool {
	var sent time.Time
	for _, rec := range r.records {
		if rec.Shared && rec.Step == gate.StepExecuting {
			sent = rec.SentAt
		}
	}
	lost := r.killed || !r.stoppedAt.IsZero() || slices.ContainsFunc(l.Requests, func(q simulator.Request) bool {
		return q.Endpoint == simulator.EndpointExecute && (q.Fault != "" || q.Status != 200)
	})
	return !sent.IsZero() && lost && slices.ContainsFunc(l.Started, func(e simulator.StartedExecution) bool {
		return e.Aside && e.At.Sub(sent).Abs() < 2*time.Minute
	})
}

// checkCancels looks at the cancels: never of what belongs to others, and never of what
// has ended, as far as an answer that came before the cancel was sent could tell.
func (r *randomWorld) checkCancels(l simulator.Ledger, ambiguous bool, wrong func(string, ...any)) {
	for _, c := range l.Cancels {
		if r.isForeign(c.ExecutionID) && !ambiguous {
			wrong("a cancel was sent for an execution of somebody else")
		}
	}
	if len(r.options.Plan.Statuses) > 0 {
		return // the server told another status than the true one
	}
	for _, late := range r.lates {
		if !slices.ContainsFunc(l.Cancels, func(c simulator.Cancel) bool {
			return c.ExecutionID == late.id && !c.At.Before(late.at) && (c.Was == simulator.StatusCompleted || c.Was == simulator.StatusFailed)
		}) {
			continue // it did not reach the server
		}
		for _, x := range r.wires {
			var sent time.Time
			for _, m := range x.messages {
				if strings.HasSuffix(m.path, late.id.String()+"/cancel/") && !m.sent.After(late.at) {
					sent = m.sent
				}
			}
			if slices.ContainsFunc(x.messages, func(m message) bool {
				return m.whole && !m.arrived.Before(late.since) && m.delivered.Before(sent) &&
					(strings.HasSuffix(m.path, late.id.String()+"/") || strings.HasSuffix(m.path, "/executions/") || strings.HasSuffix(m.path, "/metrics/"))
			}) {
				wrong("a cancel was sent after %s for an execution that was seen to have ended after %s", sent.Sub(r.began), late.since.Sub(r.began))
			}
		}
	}
}

// checkRunning looks for what is still running after the run and its cleanup.
func (r *randomWorld) checkRunning(ambiguous bool, wrong func(string, ...any)) {
	if !r.config.Waiting.CancelOnExit || r.config.Target.Mode == config.ModeAttach || ambiguous {
		return
	}
	for _, e := range r.running() {
		if len(e.Calls) == 0 && r.options.Plan.ExecuteError != "" && r.config.Target.Mode == config.ModeExecute {
			continue // refused: it stays pending and never places a call
		}
		wrong("execution %s is still %s", e.ID, e.Status)
	}
}

// checkVerdict holds the verdict against what the server knows.
func (r *randomWorld) checkVerdict(judged []simulator.ExecutionState, ambiguous bool, wrong func(string, ...any)) {
	v := r.got.Verdict
	reason := v.Reason.Line()
	if reason == "" || strings.Contains(reason, "context canceled") || strings.Contains(reason, "deadline exceeded") || strings.Contains(reason, "internal error") {
		wrong("the reason %q is not clear", reason)
	}
	own := slices.DeleteFunc(slices.Clone(judged), func(e simulator.ExecutionState) bool {
		return r.config.Target.Mode != config.ModeAttach && r.isForeign(e.ID)
	})
	switch {
	case v.Kind == verdict.Error, ambiguous:
		if r.calm() && v.Cause == verdict.CauseOperational {
			wrong("nothing went wrong, and the verdict is an error: %s", reason)
		}
		return
	case len(own) != 1:
		wrong("%d executions of the run with the verdict %s", len(own), v.Kind)
		return
	case own[0].ID != r.got.Evidence.Execution.ID:
		wrong("the verdict is about an execution of somebody else")
		return
	}
	total, good, lost := 0, 0, 0
	for _, c := range own[0].Calls {
		f := r.fates[c.Index%len(r.fates)]
		hidden := f.hidden && r.options.Dialect == simulator.Deployed // the documented rows do not show it
		total++
		if c.Status == simulator.StatusCompleted && !hidden {
			good++
		}
		if f.failures > 0 {
			lost++
		}
	}
	early := r.config.FailFast && v.Kind == verdict.Fail && own[0].Status != simulator.StatusCompleted && own[0].Status != simulator.StatusFailed
	if n := r.got.Evidence.Calls.Len(); n != total && !early {
		wrong("%d of %d calls were judged", n, total)
	}
	rate := 100 * float64(good) / float64(max(total, 1))
	switch v.Kind {
	case verdict.Pass:
		if total == 0 || rate < r.bound || !own[0].Status.Terminal() || own[0].Status == simulator.StatusCancelled {
			wrong("passed with %d of %d calls, %s, and %v%% were asked for", good, total, own[0].Status, r.bound)
		}
		if len(r.config.NewEvalConfigIDs) > 0 && len(r.server.Ledger().EvalRuns) == 0 {
			wrong("passed without the new evals")
		}
	case verdict.Fail:
		if early && 100*float64(total-lost)/float64(max(total, 1)) >= r.bound || !early && rate >= r.bound {
			wrong("failed with %d of %d calls (early %t), and %v%% were asked for", good, total, early, r.bound)
		}
	default:
		wrong("the verdict is %s", v.Kind)
	}
}

// calm reports whether nothing went wrong in the run that could make it an error.
func (r *randomWorld) calm() bool {
	p := r.options.Plan
	unusual := p.Stuck != "" || p.SetupError != "" || p.NoCalls || p.ExecuteError != "" || p.CancelAfter > 0 || p.FailAfter > 0 ||
		p.MissingRows > 0 || p.StuckReruns || p.LostRecords > 0
	return len(r.options.Faults) == 0 && !unusual && r.ending == endsItself && r.timeout == time.Hour && r.config.MaxCalls == 0 && len(r.config.NewEvalConfigIDs) == 0
}
