package gate

import (
	"net/url"
	"reflect"
	"slices"

	"github.com/google/uuid"

	"github.com/agent-gate/agent-gate/internal/client"
	"github.com/agent-gate/agent-gate/internal/verdict"
)

// take makes what was read the evidence, and keeps how each call came out at first.
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
	r.evidence.Calls = slices.Grow(r.evidence.Calls[:0], len(e.Calls))
	for _, c := range e.Calls {
		call := verdict.CallOf(c)
		if r.attempts[c.ID] == 0 {
			r.earlier[c.ID], r.first[c.ID] = call.Attempts-1, call.FirstOutcome
		}
		// The server may keep the tries before this run's own reruns too: they count once.
		call.Attempts, call.FirstOutcome = 1+r.earlier[c.ID]+r.attempts[c.ID], r.first[c.ID]
		r.evidence.Calls = append(r.evidence.Calls, call)
	}
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

// late counts the results that may still come and that a criterion looks at.
func (r *run) late() int {
	n := 0
	scores, evals := r.Config.Rules.NeedsScores(), r.Config.Rules.NeedsEvals()
	for _, c := range r.evidence.Calls {
		if c.Outcome() != verdict.Succeeded {
			continue
		}
		if scores && c.OverallScore == nil {
			n++
		}
		if evals {
			for _, e := range c.Evals {
				if e.State() == client.EvalPending {
					n++
				}
			}
		}
	}
	return n
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
