package report

import (
	"slices"

	"github.com/google/uuid"

	"github.com/agent-gate/agent-gate/internal/criteria"
	"github.com/agent-gate/agent-gate/internal/text"
	"github.com/agent-gate/agent-gate/internal/verdict"
)

// Next is the one thing to do first about a run that did not pass; empty for one that did.
func Next(r Report) text.Untrusted {
	v := r.Verdict
	switch v.Kind {
	case verdict.Pass, verdict.Skip:
		return text.Untrusted{}
	case verdict.Error:
		return afterError(r)
	case verdict.Inconclusive:
		if !Blank(v.Flip) {
			return v.Flip
		}
	}
	if id, ok := NextCall(r); ok {
		return open(r, id)
	}
	if r.Evidence.Died() {
		return text.New("mend the agent: its last lines on stderr are in the warnings")
	}
	return afterError(r)
}

// NextCall is the call to look at first, which is the first that the verdict in the terminal shows; ok is false if
// there is none, or something else to do first.
func NextCall(r Report) (id uuid.UUID, ok bool) {
	k := r.Verdict.Kind
	if k != verdict.Fail && k != verdict.Inconclusive || k == verdict.Inconclusive && !Blank(r.Verdict.Flip) {
		return id, false
	}
	v := NewViewer(r)
	for _, check := range Checks(r) {
		if all := v.CheckCauses(check); len(all) > 0 {
			return all[0].First, true
		}
	}
	return id, false
}

// open says how to read a call.
func open(r Report, id uuid.UUID) text.Untrusted {
	short := string(ShortID(id))
	switch p := r.Places; {
	case p.NoHTML && Link(r.Evidence.Execution.URL) != "":
		return text.Sprintf("look at call %s in the dashboard, or let html-report be written to read what was said", short)
	case p.NoHTML:
		return text.Sprintf("give html-report a path that can be written, to read call %s", short)
	case p.Call(id) != "":
		return text.Sprintf("open call %s: %s", short, string(p.Call(id)))
	case !Blank(p.HTML):
		return text.Sprintf("open call %s in the report: %s%s", short, p.HTML, string(p.fragment(id)))
	case Link(r.Evidence.Execution.URL) != "":
		return text.Sprintf("look at call %s in the dashboard, or add html-report to read what was said", short)
	}
	return text.Sprintf("add --html-report agent-gate.html to read call %s", short)
}

// afterError says what to do about a run that could not be judged: about the cause that decided, not about
// another that was there too.
func afterError(r Report) text.Untrusted {
	v := r.Verdict
	switch {
	case v.Cause == verdict.CauseConfig:
		return text.New("correct the inputs; nothing was started")
	case v.Cause == verdict.CauseBudget:
		return text.New("raise the limit, or run fewer calls")
	case r.Evidence.Execution.ID == uuid.Nil:
		return text.Untrusted{} // the reason says it
	case v.Cause == verdict.CauseTimeout:
		return text.New("raise timeout, or run fewer calls")
	}
	var lost, missing bool
	if i := slices.IndexFunc(v.Checks, func(c verdict.Check) bool { return c.Outcome == verdict.NoData }); i >= 0 {
		check := v.Checks[i]
		if r.Rules.Baseline == nil && ComparesWithBaseline(check) {
			return text.New("set baseline to a run to compare with, which .change needs")
		}
		n := countsOf(r, check)
		lost, missing = check.Unknown > 0 && n.Lost > 0, check.Unknown > 0 && n.Missing > 0
	} else {
		missing = v.Counts.Missing > 0
		lost = slices.ContainsFunc(v.Scenarios, func(s verdict.ScenarioSummary) bool { return s.Counts.Judged == 0 && s.Counts.Lost > 0 })
	}
	switch {
	case lost && len(v.Lost) > 0 && v.Lost[0].Advice != "":
		if key := r.Evidence.Key; !Blank(key) {
			return text.Sprintf("%s with a higher rerun-attempts, as run-key %s judges these calls again", v.Lost[0].Advice, key)
		}
		return text.New(v.Lost[0].Advice)
	case missing && v.Counts.Total == 0:
		return text.New("run again: the server created no calls")
	case missing && !Blank(r.Evidence.Key):
		return text.Sprintf("run again with another run-key, as %s judges these calls again: the server did not create all", r.Evidence.Key)
	case missing:
		return text.New("run again: the server did not create all calls")
	}
	if next := afterLack(r); !Blank(next) {
		return next
	}
	if key := r.Evidence.Key; !Blank(key) && v.Counts.Total > 0 {
		return text.Sprintf("run again with another run-key, as %s judges these calls again", key)
	}
	return text.New("run again")
}

// afterLack says what to do about calls without the results that checks look at; empty if there are none.
func afterLack(r Report) text.Untrusted {
	switch causes := Lacking(r); {
	case len(causes) == 0:
		return text.Untrusted{}
	case causes[0].Fault == noScore().title():
		return text.New("see in the dashboard why calls have no overall score, which no rerun of evals gives")
	case slices.ContainsFunc(r.Evidence.Reruns, func(a verdict.Rerun) bool { return a.Accepted > 0 }):
		return text.New("see why the evals gave no result, of reruns either")
	case len(r.Evidence.Reruns) > 0:
		return text.New("see why the evals gave no result, and why the rerun was refused (rerun-max-calls, for one)")
	}
	return text.New("add rerun-attempts, which runs evals again that gave no result")
}

// countsOf are the counts of the calls that a check is about.
func countsOf(r Report, check verdict.Check) verdict.Counts {
	if c, ok := Criterion(check); ok && (c.Scope.Kind == criteria.ScopeScenario || c.Scope.Kind == criteria.ScopeEachScenario) {
		for _, s := range r.Verdict.Scenarios {
			if s.Name == check.Scope {
				return s.Counts
			}
		}
	}
	return r.Verdict.Counts
}
