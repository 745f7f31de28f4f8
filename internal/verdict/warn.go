package verdict

import (
	"cmp"
	"fmt"
	"math"
	"math/bits"
	"slices"

	"github.com/agent-gate/agent-gate/internal/client"
	"github.com/agent-gate/agent-gate/internal/text"
)

// warn keeps a warning once.
func (j *judgement) warn(s text.Untrusted) {
	if !slices.Contains(j.warnings, s) {
		j.warnings = append(j.warnings, s)
	}
}

// runWarnings are what a reader should know of the run whatever the criteria are. n counts its
// calls.
func (j *judgement) runWarnings(n Counts) []text.Untrusted {
	var all []text.Untrusted
	for _, w := range append(append(j.lostWarnings(), j.mergedWarnings()...), j.warnMissingCalls(n), j.warnFailed(), j.warnEndless(), j.warnOpenCalls(n.Open),
		j.warnServerRate(n), warnFlaky(n.Flaky), j.warnMissingScores(n), j.warnOddScores(), j.warnScoreScale(), j.warnFailures(), j.warnIdlePassWhen()) {
		if !w.IsEmpty() {
			all = append(all, w)
		}
	}
	for i := range j.now.evals {
		all = append(all, j.now.evals[i].warnings()...)
	}
	if j.rules.needsPassing() {
		all = append(all, j.now.unpassable...)
	}
	return all
}

// warnFailed passes on why an execution failed that is judged all the same.
func (j *judgement) warnFailed() text.Untrusted {
	if j.evidence.Execution.Status != client.ExecutionFailed || len(j.now.marks) == 0 {
		return text.Untrusted{}
	}
	return because("the server calls the whole execution failed", j.evidence.Execution.ErrorReason)
}

// lostWarnings say why the platform lost calls, and what helps.
func (j *judgement) lostWarnings() []text.Untrusted {
	var all []text.Untrusted
	for _, l := range j.lost() {
		all = append(all, l.Sentence())
	}
	return all
}

// Sentence says what became of the calls, and what helps. It is one of the warnings of the
// verdict.
func (l LostCalls) Sentence() text.Untrusted {
	what := "never reached your agent"
	if l.Reached {
		what = "lost by the platform"
		if l.Calls == 1 {
			what = "was " + what
		} else {
			what = "were " + what
		}
	}
	return text.Sprintf("%s %s: %s (%s)", text.Plural(l.Calls, "call"), what, l.Words, l.Advice)
}

// lost counts why the platform lost calls, the most frequent reason first.
func (j *judgement) lost() []LostCalls {
	counts := map[client.PlatformFailure]int{}
	for i := range j.evidence.Calls.Len() {
		c := j.evidence.Calls.Brief(i)
		if c.Outcome() != Lost {
			continue
		}
		failure, _ := client.PlatformFailureOf(c.Status, c.EndedReason)
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

// warnMissingCalls counts the calls that were planned and never came, and names the
// scenarios that they are of.
func (j *judgement) warnMissingCalls(n Counts) text.Untrusted {
	if n.Missing == 0 || !j.evidence.Execution.Status.Terminal() || j.evidence.Unread {
		return text.Untrusted{}
	}
	var scenarios []text.Untrusted
	for i := range j.now.scenarios {
		if s := &j.now.scenarios[i]; s.missing() > 0 {
			scenarios = append(scenarios, s.title())
		}
	}
	them, where := "them", "scenario"
	if n.Missing == 1 {
		them = "it"
	}
	if len(scenarios) > 1 {
		where += "s"
	}
	return text.Sprintf("%d of %s never came: the server made no record of %s (%s %s)", n.Missing, text.Plural(n.Planned, "planned call"), them, where, names(scenarios))
}

// mergedWarnings name the scenarios that cannot be told apart.
func (j *judgement) mergedWarnings() []text.Untrusted {
	var all []text.Untrusted
	for i := range j.now.scenarios {
		if s := &j.now.scenarios[i]; s.merged > 0 {
			all = append(all, text.Sprintf("%d scenarios are named %s, and the server does not say of which of them a call is: they are judged as one", s.merged, quote(s.name.Raw())))
		}
	}
	return all
}

// warnEndless tells of an execution that the server goes on cancelling although all of its
// calls have ended (real-server.md, row 5).
func (j *judgement) warnEndless() text.Untrusted {
	if !j.evidence.Endless() {
		return text.Untrusted{}
	}
	return text.New("somebody cancelled the execution after it had ended, and the server leaves it in the status cancelling; it is judged by its calls")
}

// warnOpenCalls counts calls that did not end although the execution did.
func (j *judgement) warnOpenCalls(n int) text.Untrusted {
	if n == 0 || !j.evidence.Execution.Status.Terminal() {
		return text.Untrusted{}
	}
	them := "them"
	if n == 1 {
		them = "it"
	}
	return text.Sprintf("the execution has ended, but %s had not: nothing is known of %s", text.Plural(n, "call"), them)
}

// warnServerRate says why the server's own success rate is another one, so that nobody
// takes one of the two for a mistake. Servers round theirs.
func (j *judgement) warnServerRate(n Counts) text.Untrusted {
	const rounding = 0.05
	server := j.evidence.Execution.ServerSuccessRate
	if server == nil || !finite(*server) || n.Total == 0 || !j.evidence.Execution.Status.Terminal() {
		return text.Untrusted{}
	}
	ours, completed := ratio(n.Succeeded, n.Total).value, ratio(n.Completed, n.Total).value
	if math.Abs(*server-ours) <= rounding {
		return text.Untrusted{}
	}
	said := fmt.Sprintf("the server's own success rate is %s, not %s", quantity(UnitPercent, *server, ours), quantity(UnitPercent, ours, *server))
	if math.Abs(*server-completed) > rounding {
		return text.Sprintf("%s, and %d of its %s completed", said, n.Completed, text.Plural(n.Total, "call"))
	}
	return text.Sprintf("%s: it counts all %s that completed, also those with nothing to judge (%d) and those ended by an error of the simulation (%d)",
		said, text.Plural(n.Completed, "call"), n.Skipped, n.Completed-n.Succeeded-n.Skipped)
}

// warnFailures counts the calls that did not succeed where no criterion would notice: who bounds
// only durations or numbers of calls is told that the agent failed.
func (j *judgement) warnFailures() text.Untrusted {
	if len(j.rules.Criteria) == 0 {
		return text.Untrusted{}
	}
	failed, skipped := 0, 0
	for i := range j.now.scenarios {
		if s := &j.now.scenarios[i]; !j.rules.noticesFailures(s.name.Raw()) {
			n := j.now.count(s.part())
			failed, skipped = failed+n.Failed, skipped+n.Skipped
		}
	}
	of := text.Plural(len(j.now.marks), "call")
	switch {
	case failed+skipped == 0:
		return text.Untrusted{}
	case skipped == 0:
		return text.Sprintf("%d of %s failed, and no criterion bounds that", failed, of)
	}
	return text.Sprintf("%d of %s did not succeed (%s), and no criterion bounds that", failed+skipped, of, parts(failed, "failed", skipped, "skipped"))
}

// warnIdlePassWhen tells that conditions decide nothing.
func (j *judgement) warnIdlePassWhen() text.Untrusted {
	if len(j.rules.PassWhen) == 0 || len(j.rules.Criteria) == 0 || j.rules.needsPassing() {
		return text.Untrusted{}
	}
	return text.New("pass-when is given, and no criterion looks at which calls passed: it decides nothing")
}

// warnFlaky counts the calls that only a rerun rescued.
func warnFlaky(n int) text.Untrusted {
	if n > 0 {
		return text.Sprintf("%s succeeded only after a rerun", text.Plural(n, "call"))
	}
	return text.Untrusted{}
}

// warnMissingScores counts succeeded calls without an overall score. Without any score
// it is only told to who asks for one: not every agent is given scores.
func (j *judgement) warnMissingScores(n Counts) text.Untrusted {
	missing := n.Succeeded - n.Scored
	for at, m := range j.now.marks {
		if m.outcome == endSucceeded && j.now.oddScore(at) {
			missing-- // these have a warning of their own
		}
	}
	if missing == 0 || n.Scored == 0 && !j.rules.needsScores() {
		return text.Untrusted{}
	}
	have := "have"
	if missing == 1 {
		have = "has"
	}
	return text.Sprintf("%d of %s %s no overall score", missing, text.Plural(n.Succeeded, "succeeded call"), have)
}

// oddScore reports whether the call at a place has an overall score on no known scale.
func (r *roll) oddScore(at int) bool {
	v := r.numbers(at).OverallScore
	return finite(v) && !OnScoreScale(v)
}

// warnOddScores counts the overall scores on no known scale.
func (j *judgement) warnOddScores() text.Untrusted {
	n := 0
	for at, m := range j.now.marks {
		if m.held && j.now.oddScore(at) {
			n++
		}
	}
	switch n {
	case 0:
		return text.Untrusted{}
	case 1:
		return text.New("1 overall score outside of 0 to 10 is no result")
	}
	return text.Sprintf("%d overall scores outside of 0 to 10 are no result", n)
}

// warnScoreScale tells that some overall scores look like yes and no among grades: where
// the judge gave none, the server falls back to the voice provider's own true or false as
// 1 or 0 (contract, section 5).
func (j *judgement) warnScoreScale() text.Untrusted {
	extremes, scored, highest := 0, 0, 0.0
	for at, m := range j.now.marks {
		score := j.now.score(at)
		if !m.held || !finite(score) {
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
	return text.Sprintf("%d of %d overall scores are exactly 0 or 1 while others go up to %s: the server may have taken a yes or no of the voice provider for a grade",
		extremes, scored, number(highest))
}

// warnings tell of an eval that results are missing, or that they are of several kinds.
func (e *eval) warnings() []text.Untrusted {
	var all []text.Untrusted
	outside := 0
	for _, entry := range e.entries {
		if entry.kind == kindScore && entry.odd() && !e.twoScales && !e.strange(entry.found) {
			outside++
		}
	}
	if said, missing := missingWords(func(yield func(evalResult) bool) {
		e.results()(func(r evalResult) bool { return r.odd() || yield(r) }) // these have a warning of their own
	}); missing > 0 {
		have := "have"
		if missing == 1 {
			have = "has"
		}
		all = append(all, text.Sprintf("eval %s: %d of %s %s no result (%s)", quote(e.title().Raw()), missing,
			text.Plural(len(e.calls), "succeeded call"), have, said))
	}
	switch {
	case e.twoScales:
		all = append(all, text.Sprintf("eval %s: its results are %s, which are not on one scale, so none of them counts", quote(e.title().Raw()), e.kindWords()))
	case e.foreign > 0:
		its := "no score"
		if e.own == ownPassFail {
			its = "neither passed nor failed"
		}
		not := "are no results"
		if e.foreign == 1 {
			not = "is no result"
		}
		all = append(all, text.Sprintf("eval %s: its results are %s, which are not of one kind: %d that %s %s %s", quote(e.title().Raw()), e.kindWords(), e.foreign,
			map[bool]string{true: "is", false: "are"}[e.foreign == 1], its, not))
	case bits.OnesCount(e.kinds|e.oddKinds) > 1:
		all = append(all, text.Sprintf("eval %s: its results are %s, which are not of one kind", quote(e.title().Raw()), e.kindWords()))
	}
	if outside > 0 {
		all = append(all, text.Sprintf("eval %s: %s outside of 0 to 1 not counted", quote(e.title().Raw()), text.Plural(outside, "score")))
	}
	return all
}

// warnMissing counts the values that an average on no known range lacks: it is taken over
// those that exist.
func (j *judgement) warnMissing(f finding) {
	m := &f.measured
	if m.unknown() == 0 || m.metric.family != average || f.reading.bounded {
		return
	}
	what, why := overWhat(m.metric.name), ""
	if m.eval != nil {
		what, why = "result", inBrackets(m.unknownWords())
	}
	j.warn(text.Sprintf("%s is taken over %d of %s: the others have no value%s", subject(f), f.reading.n, text.Plural(m.n, what), why))
}

// warnLabel tells of a share of a label that no result has: it may be misspelt, and a
// bound from above would then be met for nothing.
func (j *judgement) warnLabel(c Criterion, e *eval) {
	if c.Metric != metricShare {
		return
	}
	if w := e.lacksLabel(c.Label); !w.IsEmpty() {
		j.warn(w)
	}
}

// lacksLabel says that no result has a label, and which there are; empty when one has it, or
// when there is no label at all.
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
	return text.Sprintf("eval %s: no result has the label %s; there are %s", quote(e.title().Raw()), quote(label), names(labels))
}

// warnScenarioChanges tells that the baseline has other scenarios, so that rates compare
// what is not the same.
func (j *judgement) warnScenarioChanges() {
	added, gone := scenarioChanges(j.now, j.baseline)
	if len(added) > 0 {
		j.warn(text.Sprintf("the baseline does not have the scenarios %s", names(added)))
	}
	if len(gone) > 0 {
		j.warn(text.Sprintf("only the baseline has the scenarios %s", names(gone)))
	}
}
