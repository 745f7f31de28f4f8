package gate_test

import (
	"fmt"
	"net/http"
	"slices"
	"strings"
	"time"

	"github.com/google/uuid"

	"github.com/agent-gate/agent-gate/internal/config"
	"github.com/agent-gate/agent-gate/internal/gate"
	"github.com/agent-gate/agent-gate/internal/gate/paid"
	"github.com/agent-gate/agent-gate/internal/simulator"
	"github.com/agent-gate/agent-gate/internal/simulator/api"
	"github.com/agent-gate/agent-gate/internal/simulator/story"
	"github.com/agent-gate/agent-gate/internal/text"
	"github.com/agent-gate/agent-gate/internal/verdict"
)

// check holds the runs against what must never be.
func (r *randomWorld) check(result *randomResult) {
	wrong := func(format string, args ...any) {
		result.wrongs = append(result.wrongs, fmt.Sprintf(format, args...))
	}
	ledger := r.server.Ledger()
	result.reruns = len(ledger.Reruns)
	for _, q := range ledger.Requests {
		if q.Fault != "" && q.Fault != simulator.FaultLag {
			result.faults++
		}
	}
	result.doubtful = r.doubtful()
	result.started = r.startedHere()

	allowed := 1
	if r.next == nextBesides || r.next == nextAfter && !r.killed {
		allowed = 2
	}
	if r.anew(ledger) {
		allowed = 2
	}
	if n := result.started; n > allowed && n <= allowed+r.hiddenStarts(ledger) {
		result.twin = true
	} else if n > allowed {
		wrong("%d executions were started, want %d at most", n, allowed)
	}
	if n := r.server.DuplicateReruns(); n > 0 {
		wrong("%d calls were rerun blindly", n)
	}
	evals := map[uuid.UUID]int{}
	for _, e := range ledger.EvalRuns {
		if evals[e.ExecutionID]++; evals[e.ExecutionID] == 2 && r.config.Target.Mode != config.ModeAttach {
			wrong("new evals were run twice")
		}
	}
	starts := len(r.processes)
	for _, e := range r.server.Executions() {
		for _, c := range e.Calls {
			most := 1 + r.config.Reruns.Attempts
			if r.config.Target.Mode == config.ModeAttach && !r.killed {
				most = 1 + starts*r.config.Reruns.Attempts // each start reruns what is there
			}
			if c.Attempts > most {
				wrong("call %d was placed %d times with %d rerun attempts", c.Index, c.Attempts, r.config.Reruns.Attempts)
			}
		}
	}
	if len(ledger.Leaks) > 0 || len(ledger.Hosts) > 1 {
		wrong("keys in wrong places: %+v, hosts %v", ledger.Leaks, ledger.Hosts)
	}
	r.checkCancels(ledger, wrong)
	r.checkRunning(result.doubtful, wrong)
	if result.stop > 5*time.Second {
		wrong("it took %s from the signal to the end", result.stop)
	}
	r.checkApart(wrong)
}

// checkProcess holds one run against what must never be, when it has ended.
func (r *randomWorld) checkProcess(result *randomResult, p *process) {
	wrong := func(format string, args ...any) {
		result.wrongs = append(result.wrongs, fmt.Sprintf(format, args...))
	}
	if p.wasKilled() {
		return
	}
	stopping := r.stopping
	if stopping == 0 {
		stopping = gate.DefaultStopping(r.timeout)
	}
	if p.took > r.timeout+max(stopping, 5*time.Second)+time.Second {
		wrong("it took %s with a timeout of %s and %s to stop", p.took, r.timeout, stopping)
	}
	r.checkVerdict(p, r.server.Executions(), wrong)
}

// checkApart holds that no two runs take the same execution for theirs, unless the second one
// has taken up what a killed one left.
func (r *randomWorld) checkApart(wrong func(string, ...any)) {
	if r.config.Target.Mode == config.ModeAttach {
		return
	}
	by := map[uuid.UUID]*process{}
	for _, p := range r.processes {
		id := p.got.Evidence.Execution.ID
		if id == uuid.Nil || p.wasKilled() || isGuess(p.got) {
			continue
		}
		if by[id] != nil {
			wrong("two runs take execution %s for theirs", id)
		}
		by[id] = p
	}
}

// isGuess reports whether a run says that its execution may be that of others.
func isGuess(got gate.Result) bool {
	return slices.ContainsFunc(got.Evidence.Warnings, func(w text.Untrusted) bool { return strings.Contains(w.Line(), "never cancels it") })
}

// cutOff reports whether a run says that it was judged by what was read before the timeout.
func cutOff(got gate.Result) bool {
	return slices.ContainsFunc(got.Evidence.Warnings, func(w text.Untrusted) bool {
		return strings.Contains(w.Line(), "could not be read before the timeout")
	})
}

// hiddenStarts counts the starts that were refused and carried out all the same while the list
// lagged for longer than it was looked for them: a second one is sent then, and one of the two
// is cancelled.
func (r *randomWorld) hiddenStarts(l simulator.Ledger) int {
	n := 0
	for _, q := range l.Requests {
		refused := q.Status == http.StatusTooManyRequests || q.Status == http.StatusServiceUnavailable || q.Status == http.StatusConflict
		if q.Endpoint == api.EndpointExecute && refused && r.lag > 9*time.Second {
			n++
		}
	}
	return n
}

// anew reports whether the execution of a killed process was cancelled, so that the next start
// needs one of its own.
func (r *randomWorld) anew(l simulator.Ledger) bool {
	return r.killed && r.next == nextAfter && (r.options.Plan.CancelAfter > 0 || len(l.Cancels) > 0 || r.options.Plan.ExecuteError != "")
}

// doubtful reports whether a start on a run test that others use too has no usable answer: then
// nobody can tell whose the execution is, and it is not cancelled.
func (r *randomWorld) doubtful() bool {
	for _, p := range r.processes {
		p.mu.Lock()
		last, asked := false, false
		for _, rec := range p.records {
			asked = asked || rec.Guessed || rec.Shared && rec.Step == paid.StepExecuting
			last = last || rec.Shared && rec.Owned
		}
		p.mu.Unlock()
		if asked && !last {
			return true
		}
	}
	return false
}

// checkCancels looks at the cancels: never of what belongs to others, and never of what
// has ended, as far as an answer that came before the cancel was sent could tell.
func (r *randomWorld) checkCancels(l simulator.Ledger, wrong func(string, ...any)) {
	for _, c := range l.Cancels {
		if r.isForeign(c.ExecutionID) {
			wrong("a cancel was sent for an execution of somebody else")
		}
	}
	if len(r.options.Plan.Statuses) > 0 {
		return // the server told another status than the true one
	}
	for _, late := range r.lates {
		if !slices.ContainsFunc(l.Cancels, func(c simulator.Cancel) bool {
			return c.ExecutionID == late.id && !c.At.Before(late.at) && (c.Was == story.StatusCompleted || c.Was == story.StatusFailed)
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

// checkRunning looks for what is still running after the runs and their cleanup.
func (r *randomWorld) checkRunning(doubtful bool, wrong func(string, ...any)) {
	if !r.config.Waiting.CancelOnExit || r.config.Target.Mode == config.ModeAttach || doubtful {
		return
	}
	for _, e := range r.running() {
		if len(e.Calls) == 0 && r.options.Plan.ExecuteError != "" && (r.config.Target.Mode == config.ModeExecute || r.lag > 0 || r.next == nextBesides) {
			continue // refused: it stays pending and never places a call
		}
		wrong("execution %s is still %s", e.ID, e.Status)
	}
}

// checkVerdict holds the verdict of a run against what the server knows.
func (r *randomWorld) checkVerdict(p *process, judged []simulator.ExecutionState, wrong func(string, ...any)) {
	got := p.got
	v := got.Verdict
	reason := v.Reason.Line()
	if reason == "" || strings.Contains(reason, "context canceled") || strings.Contains(reason, "deadline exceeded") || strings.Contains(reason, "internal error") {
		wrong("the reason %q is not clear", reason)
	}
	own := slices.DeleteFunc(slices.Clone(judged), func(e simulator.ExecutionState) bool { return e.ID != got.Evidence.Execution.ID })
	switch {
	case isGuess(got):
		if v.Kind == verdict.Pass && (r.options.Plan.ExecuteError != "" || len(own) != 1) {
			wrong("passed on a guess without an execution")
		}
		return
	case v.Kind == verdict.Error:
		if got.Verdict.Counts.Lost > 0 {
			return // what the platform lost is not known
		}
		if r.calm() && v.Cause == verdict.CauseOperational {
			wrong("nothing went wrong, and the verdict is an error: %s", reason)
		}
		return
	case len(own) != 1:
		wrong("the verdict %s is about no execution", v.Kind)
		return
	case r.config.Target.Mode != config.ModeAttach && r.isForeign(own[0].ID):
		wrong("the verdict is about an execution of somebody else")
		return
	}
	total, good, lost := 0, 0, 0
	for _, c := range own[0].Calls {
		f := r.fates[c.Index%len(r.fates)]
		hidden := f.hidden && r.options.Dialect == simulator.Deployed // the documented rows do not show it
		total++
		if c.Status == story.StatusCompleted && !hidden {
			good++
		}
		if f.failures > 0 {
			lost++
		}
	}
	early := r.config.FailFast && v.Kind == verdict.Fail && own[0].Status != story.StatusCompleted && own[0].Status != story.StatusFailed
	if n := got.Evidence.Calls.Len(); n != total && !early && !(n < total && cutOff(got)) {
		wrong("%d of %d calls were judged", n, total)
	}
	rate := 100 * float64(good) / float64(max(total, 1))
	switch v.Kind {
	case verdict.Pass:
		if total == 0 || rate < r.bound || !own[0].Status.Terminal() || own[0].Status == story.StatusCancelled {
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
	return r.next == nextNone && len(r.options.Faults) == 0 && !unusual && r.ending == endsItself && r.timeout == time.Hour && r.config.MaxCalls == 0 && len(r.config.NewEvalConfigIDs) == 0
}
