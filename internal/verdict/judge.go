// Package verdict judges a run: criteria and evidence in, verdict out. It is pure: no I/O, no clock,
// no randomness.
//
// The parts stand in this order:
//
//   - evidence, calls: what is known about a run, from the gate or from a saved report
//   - quarantine: what is set aside before anything is measured
//   - sample, scenario, evals, result, pass: the run's calls in a fixed order, each looked at once
//   - rows, measure, reading: what each call adds to a metric, and the resulting number and interval
//   - baseline, pairs: the same for two runs
//   - rules, finding: a number against its bound, and what can no longer be met
//   - reason, flip: which calls decided, and what would have changed the verdict
//   - summary, warn, judge, outcome: the verdict as other packages see it
//
// Sentences belong in verdict/explain, the grammar in criteria and intervals in stats; none of them
// imports this package. CI, HTTP and report formats do not belong here.
package verdict

import (
	"cmp"
	"slices"

	"github.com/google/uuid"

	"github.com/agent-gate/agent-gate/internal/calls"
	"github.com/agent-gate/agent-gate/internal/criteria"
	"github.com/agent-gate/agent-gate/internal/stats"
	"github.com/agent-gate/agent-gate/internal/text"
	"github.com/agent-gate/agent-gate/internal/verdict/explain"
)

// defaultConfidence is the default level of intervals, in percent.
const defaultConfidence = 95

// Judge judges a run. It never passes a run that was not measured: without criteria, without calls,
// before the end, or with a criterion that has no data, the verdict is an error.
func Judge(e Evidence, r Rules) Verdict {
	if problem := r.problem(); problem != "" {
		return Errored(CauseConfig, text.New(problem), e, Rules{})
	}
	j := newJudgement(e, r)
	if e.Stopped != nil {
		return j.verdict(Error, cmp.Or(e.Stopped.Cause, CauseOperational), e.Stopped.Reason)
	}
	if e.FailFast != nil {
		return j.failedFast()
	}
	if died := e.died(); !died.IsEmpty() {
		return j.verdict(Fail, "", died)
	}
	if reason := notJudged(e); !reason.IsEmpty() {
		return j.verdict(Error, CauseOperational, reason)
	}
	if reason := nothingLeft(j.rules, j.exempted); !reason.IsEmpty() {
		return j.verdict(Error, CauseOperational, reason)
	}
	j.checkAll()
	kind, cause := j.outcome()
	reason := j.reason(kind)
	if kind == Pass || kind == Inconclusive {
		if untested := j.untested(false); !untested.IsEmpty() {
			kind, cause, reason = Error, CauseOperational, untested
		}
	}
	if !e.Unevaluated.IsEmpty() && kind != Fail && kind != Error {
		// The new evals could have changed it.
		kind, cause, reason = Error, CauseOperational, e.Unevaluated
	}
	v := j.verdict(kind, cause, reason)
	v.Flip = j.flip(kind)
	v.Deciding = j.deciding()
	return v
}

// Errored is the verdict on a run that cannot be judged. It shows the calls there are; the rules say
// which passed. An empty cause means operational.
func Errored(cause Cause, reason text.Untrusted, e Evidence, r Rules) Verdict {
	if cause == "" {
		cause = CauseOperational
	}
	return newJudgement(e, r).verdict(Error, cause, reason)
}

// Measured is a verdict with the run's numbers but without judgement.
func Measured(e Evidence, r Rules) Verdict {
	return newJudgement(e, r).verdict("", "", text.Untrusted{})
}

// NotRun is the verdict skipped: nothing was started, as intended.
func NotRun(reason text.Untrusted) Verdict {
	return newJudgement(Evidence{}, Rules{}).verdict(Skip, "", reason)
}

// Unchanged is the verdict on a gate that the change does not touch: it is skipped, and counts as passed.
func Unchanged(reason text.Untrusted) Verdict {
	v := NotRun(reason)
	v.Cause = CauseUnchanged
	return v
}

// judgement is a run being judged.
type judgement struct {
	evidence Evidence
	rules    Rules
	level    stats.Level
	now      sample
	baseline sample // empty without one
	findings []finding
	warnings []text.Untrusted
	// exempted are the criteria that are about nothing but scenarios in quarantine.
	exempted []criteria.Criterion
}

func newJudgement(e Evidence, r Rules) *judgement {
	if r.Confidence == 0 {
		r.Confidence = defaultConfidence
	}
	r, exempted := r.exempt(e)
	r.Baseline = e.Against(r.Baseline)
	j := &judgement{evidence: e, rules: r, exempted: exempted, level: stats.Level(r.Confidence / 100), now: newSample(e, r)}
	if b := r.Baseline; b != nil {
		j.baseline = newSample(Evidence{Calls: b.Calls, Plan: b.Plan, Evals: b.Evals}, r)
	} else {
		j.baseline = newSample(Evidence{}, r)
	}
	if r.NeedsBaseline() && (j.now.zeros || j.baseline.zeros) {
		// If one of the runs has a 0, the scale of both starts at 0.
		j.now.zeros, j.baseline.zeros = true, true
	}
	return j
}

// basis is what intervals of a level are made by.
func (j *judgement) basis(l stats.Level) basis {
	return basis{l, j.rules.IntervalFor == IntervalForPopulation}
}

// verdict assembles the verdict from the findings.
func (j *judgement) verdict(kind Kind, cause Cause, reason text.Untrusted) Verdict {
	counts, asides := j.now.count(j.now.all()), j.asides()
	v := Verdict{
		Kind:      kind,
		Cause:     cause,
		Reason:    reason,
		Counts:    counts,
		Metrics:   j.metrics(),
		Scenarios: j.scenarios(),
		Aside:     asides,
		Cases:     j.caseList(),
		Evals:     j.evals(),
		Passed:    j.now.passStates(),
		Lost:      j.lost(),
		Warnings:  append(j.runWarnings(counts, asides), j.warnings...),
	}
	for _, f := range j.findings {
		if f.Outcome == NotMet || f.Outcome == Undecided {
			blamed := f.blamed()
			f.Worst = make([]uuid.UUID, len(blamed))
			for i, r := range blamed {
				f.Worst[i] = j.now.id(r.at)
			}
		}
		v.Checks = append(v.Checks, f.Check)
	}
	return v
}

// notJudged says why the run cannot be judged; empty if it can. A failed execution with calls is
// judged like any other.
func notJudged(e Evidence) text.Untrusted {
	status := e.Execution.Status
	switch {
	case status == calls.ExecutionCancelled:
		return explain.CancelledOnServer(e.Execution.ErrorReason)
	case !status.Terminal() && !e.Endless():
		return explain.Unfinished(string(status))
	case e.Calls.Len() > 0:
		return text.Untrusted{}
	case e.Quarantine.Calls.Len() > 0:
		return explain.AllQuarantined(e.Quarantine.Calls.Len())
	case status == calls.ExecutionFailed:
		return explain.FailedWithoutCalls(e.Execution.ErrorReason)
	}
	return text.New("the execution has no calls: nothing was tested")
}

// Died reports whether the process of a text agent died, which ended the run.
func (e Evidence) Died() bool { return !e.died().IsEmpty() }

// died says how the process of a text agent died, which ended the run; empty if it did not. Such a
// run fails, whatever its other calls were: the agent cannot be asked any more.
func (e Evidence) died() text.Untrusted {
	if e.Execution.AgentType == calls.AgentVoice {
		return text.Untrusted{}
	}
	for i := range e.Calls.Len() {
		if c := e.Calls.Brief(i); calls.AgentDied(c.Status, c.EndedReason) {
			return c.EndedReason
		}
	}
	return text.Untrusted{}
}

// outcome is the verdict that follows from the checks: fail if one is not met, otherwise error if one
// has no data, otherwise inconclusive if one is undecided. A pass needs at least one check, and every
// check met.
func (j *judgement) outcome() (Kind, Cause) {
	has := func(o CheckOutcome) bool {
		return slices.ContainsFunc(j.findings, func(f finding) bool { return f.Outcome == o })
	}
	switch {
	case has(NotMet):
		return Fail, ""
	case has(NoData):
		return Error, CauseOperational
	case has(Undecided):
		return Inconclusive, ""
	case has(Met) && !slices.ContainsFunc(j.findings, func(f finding) bool { return f.Outcome != Met }):
		return Pass, ""
	}
	return Error, CauseOperational
}

// untested names the chosen scenarios without a judged call; empty if there are none. Scenarios with
// a criterion on judged_rate do not count, nor, if final is set, those with calls that may still end.
func (j *judgement) untested(final bool) text.Untrusted {
	var all []text.Untrusted
	why := explain.Gaps{Unread: j.now.unread}
	for i := range j.now.scenarios {
		s := &j.now.scenarios[i]
		n := j.now.count(s.part())
		if n.Judged > 0 || s.tolerated || final && n.Open > 0 {
			continue
		}
		all = append(all, s.title())
		why.Lost += n.Lost
		why.Absent += s.missing()
		why.Open += n.Open
		why.Cancelled += n.Cancelled
	}
	return explain.Untested(all, why)
}

// Endless reports whether the execution is in status cancelling although all its calls have ended by
// themselves: the deployed server leaves a finished execution in that status forever once somebody
// cancels it (real-server.md, row 5).
func (e Evidence) Endless() bool {
	if e.Execution.Status != calls.ExecutionCancelling || e.Calls.Len() == 0 {
		return false
	}
	for i := range e.Calls.Len() {
		switch c := e.Calls.Brief(i); c.Outcome() {
		case Open, Cancelled:
			return false
		}
	}
	return true
}
