package verdict

import (
	"cmp"
	"math"
	"slices"

	"github.com/agent-gate/agent-gate/internal/calls"
	"github.com/agent-gate/agent-gate/internal/criteria"
	"github.com/agent-gate/agent-gate/internal/stats"
	"github.com/agent-gate/agent-gate/internal/text"
	"github.com/agent-gate/agent-gate/internal/verdict/explain"
)

// warn adds a warning, once.
func (j *judgement) warn(s text.Untrusted) {
	if !slices.Contains(j.warnings, s) {
		j.warnings = append(j.warnings, s)
	}
}

// runWarnings are what readers should know about the run, whatever its criteria. n counts its calls.
func (j *judgement) runWarnings(n Counts, asides []Aside) []text.Untrusted {
	var all []text.Untrusted
	for _, w := range append(slices.Concat(j.lostWarnings(), j.mergedWarnings(), j.warnQuarantine(asides)), j.warnMissingCalls(n), j.warnFailed(), j.warnEndless(), j.warnOpenCalls(n.Open),
		j.warnServerRate(n), explain.Recovered(n.Flaky), explain.TurnLimit(n.TurnLimit), j.warnMissingScores(n), j.warnOddScores(), j.warnScoreScale(), j.warnFailures(), j.warnIdlePassWhen()) {
		if !w.IsEmpty() {
			all = append(all, w)
		}
	}
	for i := range j.now.evals {
		all = append(all, j.now.evals[i].facts().Warnings()...)
	}
	if unread := j.evidence.Unread && len(j.now.marks) == 0; j.rules.NeedsPassing() && !unread {
		all = append(all, j.now.unpassable...)
	}
	return all
}

// warnFailed says why the execution failed, if it is judged anyway.
func (j *judgement) warnFailed() text.Untrusted {
	if j.evidence.Execution.Status != calls.ExecutionFailed || len(j.now.marks) == 0 {
		return text.Untrusted{}
	}
	return explain.FailedExecution(j.evidence.Execution.ErrorReason)
}

// lostWarnings say why the platform lost calls, and what helps.
func (j *judgement) lostWarnings() []text.Untrusted {
	var all []text.Untrusted
	for _, l := range j.lost() {
		all = append(all, l.Sentence())
	}
	return all
}

// lost counts lost calls by reason, the most frequent first.
func (j *judgement) lost() []LostCalls {
	counts := map[calls.PlatformFailure]int{}
	for i := range j.evidence.Calls.Len() {
		c := j.evidence.Calls.Brief(i)
		if c.Outcome() != Lost {
			continue
		}
		failure, _ := calls.PlatformFailureOf(c.Status, c.EndedReason)
		counts[failure]++
	}
	var all []LostCalls
	for failure, n := range counts {
		all = append(all, LostCalls{failure, n})
	}
	slices.SortFunc(all, func(a, b LostCalls) int {
		return cmp.Or(cmp.Compare(b.Calls, a.Calls), cmp.Compare(a.Words, b.Words))
	})
	return all
}

// warnMissingCalls counts missing calls and names their scenarios.
func (j *judgement) warnMissingCalls(n Counts) text.Untrusted {
	if !j.evidence.Execution.Status.Terminal() {
		return text.Untrusted{}
	}
	if j.evidence.Unread && len(j.evidence.Further) > 0 {
		return explain.UnreadCalls(n.Planned-n.Total, n.Planned)
	}
	if n.Missing == 0 {
		return text.Untrusted{}
	}
	var scenarios []text.Untrusted
	for i := range j.now.scenarios {
		if s := &j.now.scenarios[i]; s.missing() > s.unstarted {
			scenarios = append(scenarios, s.title())
		}
	}
	return explain.MissingCalls(n.Missing, n.Unstarted, n.Planned, scenarios)
}

// mergedWarnings name the scenarios that are judged as one.
func (j *judgement) mergedWarnings() []text.Untrusted {
	var all []text.Untrusted
	for i := range j.now.scenarios {
		if s := &j.now.scenarios[i]; s.merged > 0 {
			all = append(all, explain.Merged(s.merged, s.name))
		}
	}
	return all
}

// warnEndless describes an execution stuck in status cancelling, see [Evidence.Endless].
func (j *judgement) warnEndless() text.Untrusted {
	if !j.evidence.Endless() {
		return text.Untrusted{}
	}
	return explain.Endless()
}

// warnOpenCalls counts calls that have not ended although the execution has.
func (j *judgement) warnOpenCalls(n int) text.Untrusted {
	if n == 0 || !j.evidence.Execution.Status.Terminal() {
		return text.Untrusted{}
	}
	return explain.OpenCalls(n)
}

// warnServerRate explains why the server's own success rate differs, because otherwise one of them looks
// wrong. Servers round theirs.
func (j *judgement) warnServerRate(n Counts) text.Untrusted {
	const rounding = 0.05
	server := j.evidence.Execution.ServerSuccessRate
	if server == nil || len(j.evidence.Further) > 0 || j.evidence.Quarantine.Calls.Len() > 0 || !stats.Finite(*server) || n.Total == 0 || !j.evidence.Execution.Status.Terminal() {
		return text.Untrusted{}
	}
	ours, completed := stats.Ratio(n.Succeeded, n.Total).Value, stats.Ratio(n.Completed, n.Total).Value
	if math.Abs(*server-ours) <= rounding {
		return text.Untrusted{}
	}
	return explain.ServerRate{
		Server: *server, Ours: ours, Calls: n.Total, Completed: n.Completed, Skipped: n.Skipped, Simulation: n.Completed - n.Succeeded - n.Skipped,
		ByCompleted: math.Abs(*server-completed) <= rounding,
	}.Warning()
}

// warnFailures counts the calls that did not succeed and that no criterion covers, such as with
// criteria on durations alone.
func (j *judgement) warnFailures() text.Untrusted {
	if len(j.rules.Criteria) == 0 {
		return text.Untrusted{}
	}
	failed, skipped := 0, 0
	for i := range j.now.scenarios {
		if s := &j.now.scenarios[i]; !j.rules.NoticesFailures(s.name.Raw()) {
			n := j.now.count(s.part())
			failed, skipped = failed+n.Failed, skipped+n.Skipped
		}
	}
	return explain.Unnoticed(failed, skipped, len(j.now.marks))
}

// warnIdlePassWhen says that pass-when has no effect.
func (j *judgement) warnIdlePassWhen() text.Untrusted {
	if len(j.rules.PassWhen) == 0 || len(j.rules.Criteria) == 0 || j.rules.NeedsPassing() {
		return text.Untrusted{}
	}
	return explain.IdlePassWhen()
}

// warnMissingScores counts successful calls without an overall score. If no call has one, it only warns
// if a criterion needs scores: not every agent gets them.
func (j *judgement) warnMissingScores(n Counts) text.Untrusted {
	missing := n.Succeeded - n.Scored
	for at, m := range j.now.marks {
		if m.outcome == endSucceeded && j.now.oddScore(at) {
			missing-- // these get their own warning
		}
	}
	if missing == 0 || n.Scored == 0 && !j.rules.NeedsScores() {
		return text.Untrusted{}
	}
	return explain.MissingScores(missing, n.Succeeded)
}

// oddScore reports whether the call at a position has an overall score on an unknown scale.
func (r *roll) oddScore(at int) bool {
	v := r.numbers(at).OverallScore
	return stats.Finite(v) && !OnScoreScale(v)
}

// warnOddScores counts the overall scores on an unknown scale.
func (j *judgement) warnOddScores() text.Untrusted {
	n := 0
	for at, m := range j.now.marks {
		if m.held && j.now.oddScore(at) {
			n++
		}
	}
	return explain.OddScores(n)
}

// warnScoreScale warns that some overall scores look like yes and no among grades: without a grade the
// server falls back to the voice provider's true or false as 1 or 0 (contract, section 5).
func (j *judgement) warnScoreScale() text.Untrusted {
	extremes, scored, highest := 0, 0, 0.0
	for at, m := range j.now.marks {
		score := j.now.score(at)
		if !m.held || !stats.Finite(score) {
			continue
		}
		scored++
		highest = max(highest, score)
		if score == 0 || score == 1 {
			extremes++
		}
	}
	if highest <= 1 || extremes == 0 {
		return text.Untrusted{}
	}
	return explain.YesAndNo(extremes, scored, highest)
}

// facts are the facts for sentences about the eval.
func (e *eval) facts() explain.Eval {
	has := func(k kind) bool { return (e.kinds|e.oddKinds)>>k&1 == 1 }
	x := explain.Eval{
		Title:     e.title(),
		Kinds:     explain.Kinds{Pass: has(kindPass), Score: has(kindScore), Numeric: has(kindNumeric), Choices: has(kindChoices), Text: has(kindText)},
		Succeeded: len(e.calls), Missing: missingOf(e.results()),
		TwoScales: e.twoScales, Foreign: e.foreign, PassFail: e.own == ownPassFail,
	}
	for _, entry := range e.entries {
		if entry.kind == kindScore && entry.odd() && !e.twoScales && !e.strange(entry.found) {
			x.Outside++
		}
	}
	return x
}

// warnMissing counts the values missing from an average without a known range, which only covers
// existing values.
func (j *judgement) warnMissing(f finding) {
	m := &f.measured
	if m.unknown() == 0 || m.metric.Family != criteria.Average || f.reading.bounded {
		return
	}
	j.warn(j.facts(f).Partial())
}

// warnLabel warns if no result has the label of a share: it may be misspelt, and an upper bound would
// then always be met.
func (j *judgement) warnLabel(c criteria.Criterion, e *eval) {
	if c.Metric != criteria.MetricShare {
		return
	}
	if w := e.lacksLabel(c.Label); !w.IsEmpty() {
		j.warn(w)
	}
}

// lacksLabel says that no result has a label, and which labels there are; empty if one has it or there
// are no labels.
func (e *eval) lacksLabel(label string) text.Untrusted {
	seen := map[text.Untrusted]int{}
	for r := range e.results() {
		labels, _ := r.labels()
		for _, l := range labels {
			seen[l]++
		}
	}
	if len(seen) == 0 || seen[text.New(label)] > 0 {
		return text.Untrusted{}
	}
	var labels []text.Untrusted
	for _, l := range sortedLabels(seen) {
		labels = append(labels, l.Label)
	}
	return explain.NoLabel(e.title(), label, labels)
}

// warnScenarioChanges says which scenarios only one of the two runs has.
func (j *judgement) warnScenarioChanges() {
	for _, w := range explain.OtherScenarios(scenarioChanges(j.now, j.baseline)) {
		j.warn(w)
	}
}
