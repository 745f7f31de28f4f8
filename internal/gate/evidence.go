package gate

import (
	"maps"
	"net/url"
	"reflect"
	"slices"

	"github.com/google/uuid"

	"github.com/agent-gate/agent-gate/internal/client"
	"github.com/agent-gate/agent-gate/internal/text"
	"github.com/agent-gate/agent-gate/internal/verdict"
)

// take makes what was read the evidence.
func (r *run) take(e client.Execution) {
	r.learn(e.Progress)
	if e.RunTestID != uuid.Nil && r.evidence.RunTest.ID == uuid.Nil {
		// Attached: only the execution knows its run test.
		r.evidence.RunTest.ID, r.evidence.RunTest.Name = e.RunTestID, e.RunTestName
		r.evidence.Execution.URL = executionURL(r.Config.API.DashboardURL, e.RunTestID, r.evidence.Execution.ID)
		r.observe(RunTestKnown{ID: e.RunTestID, Name: e.RunTestName})
		r.observe(ExecutionKnown{ID: r.evidence.Execution.ID, URL: r.evidence.Execution.URL})
	}
	r.evidence.Evals = mergeEvals(r.evidence.Evals, e.Evals)
	if e.Shortened > 0 && !r.shortened {
		r.shortened = true
		r.warn(text.Sprintf("%d reasons and other texts are cut or left out, since the run has %d calls. Nothing is judged by them.", e.Shortened, e.Calls.Len()))
	}
	// The server may keep the tries before this run's own reruns too: they count once.
	r.evidence.Calls = verdict.CallsOf(e.Calls, r.tries)
}

// countTries counts a rerun of calls, and keeps how they came out before the first one. Their
// results are made anew, and are worth waiting for again.
func (r *run) countTries(rerun []uuid.UUID) {
	places := r.evidence.Calls.Places(rerun)
	for id, at := range places {
		c := r.evidence.Calls.Brief(at)
		r.tries[id] = verdict.Tries{Attempts: c.Attempts + 1, First: c.FirstOutcome}
	}
	maps.DeleteFunc(r.inVain, func(l lateResult, _ bool) bool {
		_, again := places[l.call]
		return again
	})
}

// mergeEvals adds the evals that are new.
func mergeEvals(have, found []client.EvalConfig) []client.EvalConfig {
	known := map[uuid.UUID]bool{}
	for _, e := range have {
		known[e.ID] = true
	}
	for _, e := range found {
		if !known[e.ID] {
			known[e.ID] = true
			have = append(have, e)
		}
	}
	return have
}

// lateResult is a result that may still come: an overall score, or that of an eval.
type lateResult struct{ call, eval uuid.UUID }

// late are the results that may still come and that a criterion looks at, but for those that
// were waited for in vain already.
func (r *run) late() []lateResult {
	var late []lateResult
	add := func(l lateResult) {
		if !r.inVain[l] {
			late = append(late, l)
		}
	}
	scores, evals := true, true
	for _, c := range r.evidence.Calls.All() {
		if c.Outcome() != verdict.Succeeded {
			continue
		}
		if scores && c.OverallScore == nil {
			add(lateResult{call: c.ID})
		}
		if evals {
			for _, e := range c.Evals {
				if e.State() == client.EvalPending {
					add(lateResult{c.ID, e.ConfigID()})
				}
			}
		}
	}
	return late
}

// differs tells whether a call has changed between two reads.
func differs(a, b client.Call) bool {
	return a.Status != b.Status ||
		a.EndedReason != b.EndedReason ||
		a.ProcessingSkipped != b.ProcessingSkipped ||
		!reflect.DeepEqual(a.UpdatedAt, b.UpdatedAt) ||
		!reflect.DeepEqual(a.StartedAt, b.StartedAt) ||
		!reflect.DeepEqual(a.OverallScore, b.OverallScore) ||
		!reflect.DeepEqual(a.DurationSeconds, b.DurationSeconds) ||
		!slices.EqualFunc(a.Evals, b.Evals, client.Eval.Equal)
}

// executionURL is the page of an execution in the dashboard; empty when its run test
// is not known (routes: contract, section 8).
func executionURL(dashboard *url.URL, runTest, execution uuid.UUID) string {
	if dashboard == nil || runTest == uuid.Nil || execution == uuid.Nil {
		return ""
	}
	return dashboard.JoinPath("dashboard", "simulate", "test", runTest.String(), execution.String(), "call-details").String()
}
