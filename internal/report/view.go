package report

import (
	"cmp"
	"slices"

	"github.com/google/uuid"

	"github.com/agent-gate/agent-gate/internal/client"
	"github.com/agent-gate/agent-gate/internal/text"
	"github.com/agent-gate/agent-gate/internal/verdict"
)

// unsuccessful are the places in the evidence of the calls that did not succeed, worst
// first.
func unsuccessful(r Report) []int { return ended(r, ending.unsuccessful) }

// unknownCalls are the places of the calls of which nothing is known: lost, cancelled, or not
// ended.
func unknownCalls(r Report) []int { return ended(r, ending.unknown) }

// ended are the places of calls that did not succeed, and ended in some way.
func ended(r Report, in func(ending) bool) []int {
	v := newViewer(r)
	return slices.DeleteFunc(verdict.Unsuccessful(r.Evidence.Calls, r.Verdict.Deciding), func(at int) bool {
		return !in(v.endingAt(at))
	})
}

// callsAt are the calls at some places in the evidence.
func callsAt(r Report, places []int) []shownCall {
	v := newViewer(r)
	out := make([]shownCall, len(places))
	for i, at := range places {
		out[i] = v.at(at)
	}
	return out
}

// ofPlace makes of what is shown of a call what is shown of the one at a place in the
// evidence, so that of a long list only those calls are looked at that are shown.
func ofPlace[T any](r Report, view func(shownCall) T) func(at int) T {
	v := newViewer(r)
	return func(at int) T { return view(v.at(at)) }
}

// low are the places of the calls that succeeded and are nevertheless below the bar, or
// pulled an unmet criterion down by their scores or evals: those first, worst first.
func low(r Report) []int {
	type entry struct{ at, decided int }
	var all []entry
	place, v := deciding(r), newViewer(r)
	for i := range r.Evidence.Calls.Len() {
		ending := v.endingAt(i)
		if !ending.succeeded() {
			continue
		}
		if decided, ok := place[r.Evidence.Calls.ID(i)]; ok {
			all = append(all, entry{i, decided})
		} else if ending == endBelowBar {
			all = append(all, entry{i, len(place)})
		}
	}
	slices.SortFunc(all, func(a, b entry) int { return cmp.Or(cmp.Compare(a.decided, b.decided), cmp.Compare(a.at, b.at)) })
	out := make([]int, len(all))
	for i, e := range all {
		out[i] = e.at
	}
	return out
}

// flaky are the places of the calls that only a rerun made succeed.
func flaky(r Report) []int {
	var out []int
	for i := range r.Evidence.Calls.Len() {
		if r.Evidence.Calls.Brief(i).Flaky() {
			out = append(out, i)
		}
	}
	return out
}

func deciding(r Report) map[uuid.UUID]int {
	place := make(map[uuid.UUID]int, len(r.Verdict.Deciding))
	for i, id := range r.Verdict.Deciding {
		place[id] = i
	}
	return place
}

// reason is why a call did not succeed, in the server's words where it gave any.
func reason(c verdict.Call) text.Untrusted {
	switch {
	case c.Outcome() == verdict.Skipped && !blank(c.SkipReason):
		return c.SkipReason
	case !blank(c.EndedReason):
		return c.EndedReason
	case !blank(c.SkipReason):
		return c.SkipReason
	case !c.Status.Terminal():
		return text.Sprintf("did not end: status %s", string(c.Status))
	}
	return text.New("no reason given")
}

// evalFailed reports whether an eval says no, or has no result.
func evalFailed(e client.Eval) bool {
	return e.State() != client.EvalScored || e.Value().Kind == client.ValuePass && !e.Value().Passed
}

// missingEval is an eval without a result on a call that succeeded.
type missingEval struct {
	call shownCall
	eval client.Eval
}

// missingEvals are the first of these, as many as limit says, and how many there are in all.
func missingEvals(r Report, limit int) (first []missingEval, n int) {
	v := newViewer(r)
	for i, c := range r.Evidence.Calls.All() {
		if c.Outcome() != verdict.Succeeded {
			continue
		}
		for _, e := range c.Evals {
			if e.State() == client.EvalScored {
				continue
			}
			if n++; n <= limit {
				first = append(first, missingEval{call: v.of(i, c), eval: e})
			}
		}
	}
	return first, n
}

// checks are the criteria as they came out, worst first: those that are not met, and among
// the scenarios or evals of one criterion the farthest off; of those that are met the
// closest to the bound.
func checks(r Report) []verdict.Check {
	rank := []verdict.CheckOutcome{verdict.NotMet, verdict.NoData, verdict.Undecided, verdict.Met}
	order := map[string]int{} // of the criteria
	for _, c := range r.Verdict.Checks {
		if _, known := order[c.Criterion]; !known {
			order[c.Criterion] = len(order)
		}
	}
	out := slices.Clone(r.Verdict.Checks)
	if len(out) == 0 {
		return notJudged(r)
	}
	slices.SortStableFunc(out, func(a, b verdict.Check) int {
		off := cmp.Compare(a.Margin, b.Margin)
		if a.Outcome == verdict.NotMet {
			off = -off
		}
		return cmp.Or(
			cmp.Compare(slices.Index(rank, a.Outcome), slices.Index(rank, b.Outcome)),
			cmp.Compare(order[a.Criterion], order[b.Criterion]),
			off,
		)
	})
	return out
}

// notJudged are the criteria of a run that was started and stopped before it was judged.
func notJudged(r Report) []verdict.Check {
	if r.Verdict.Kind != verdict.Error || r.Evidence.Execution.ID == uuid.Nil {
		return nil
	}
	var out []verdict.Check
	for _, c := range r.Rules.Criteria {
		out = append(out, verdict.Check{Criterion: c.String(), Scope: text.New(c.Scope.Name), Outcome: verdict.NoData, Detail: text.New("not judged, since the run was stopped")})
	}
	return out
}

// ran reports whether there is anything to count: an execution, or calls.
func ran(r Report) bool {
	return r.Verdict.Counts.Total > 0 || r.Evidence.Execution.ID != uuid.Nil && r.Verdict.Counts.Planned > 0
}

// reran reports whether some call was rerun.
func reran(r Report) bool {
	return r.Verdict.Counts.Flaky > 0 || slices.ContainsFunc(r.Evidence.Reruns, func(x verdict.Rerun) bool { return x.Accepted > 0 })
}

// moreChecks names the criteria that a list of all leaves out at its end.
func moreChecks(left []verdict.Check) lit {
	if slices.ContainsFunc(left, func(c verdict.Check) bool { return c.Outcome != verdict.Met }) {
		return " more criteria in the JSON report, not all of them met"
	}
	return " more criteria, all met"
}

// scenarios are the scenarios: those that were not tested, and then the lowest pass rate
// first, the lowest success rate, the lowest score.
func scenarios(r Report) []verdict.ScenarioSummary {
	out := slices.Clone(r.Verdict.Scenarios)
	untested := func(s verdict.ScenarioSummary) int { return min(s.Counts.Judged, 1) }
	slices.SortStableFunc(out, func(a, b verdict.ScenarioSummary) int {
		return cmp.Or(
			cmp.Compare(untested(a), untested(b)),
			compareValues(a.PassRate.Value, b.PassRate.Value),
			compareValues(a.SuccessRate.Value, b.SuccessRate.Value),
			compareValues(a.OverallScore.Value, b.OverallScore.Value),
		)
	})
	return out
}

// compareValues puts an unknown value last.
func compareValues(a, b *float64) int {
	switch {
	case a == nil && b == nil:
		return 0
	case a == nil:
		return 1
	case b == nil:
		return -1
	}
	return cmp.Compare(*a, *b)
}

// warnings are those of the evidence and of the judgement, each once.
func warnings(r Report) []text.Untrusted {
	seen := map[text.Untrusted]bool{}
	var out []text.Untrusted
	for _, w := range slices.Concat(r.Evidence.Warnings, r.Verdict.Warnings) {
		if !seen[w] {
			seen[w] = true
			out = append(out, w)
		}
	}
	return out
}

// A headlineRate is a rate of the run's calls, with what it was in the baseline.
type headlineRate struct {
	name, title, key lit
	hits             int
	now, then        verdict.Estimate
	first            bool // before reruns
}

// headlineRates are the rates that are shown beside the criteria: how many calls passed, where
// that is more than that they succeeded, and how many succeeded, each followed by what it was
// before reruns. Base is the baseline, or nil.
func headlineRates(r Report, base *verdict.Verdict) []headlineRate {
	n, m := r.Verdict.Counts, r.Verdict.Metrics
	var then verdict.Metrics
	if base != nil {
		then = base.Metrics
	}
	all := []headlineRate{
		{"pass rate", "Pass rate", "pass_rate", n.Passed, m.PassRate, then.PassRate, false},
		{"before reruns", "Before reruns", "first_pass_rate", 0, m.FirstPassRate, then.FirstPassRate, true},
		{"success rate", "Success rate", "success_rate", n.Succeeded, m.SuccessRate, then.SuccessRate, false},
		{"before reruns", "Before reruns", "first_success_rate", 0, m.FirstSuccessRate, then.FirstSuccessRate, true},
	}
	if !barred(r) {
		all = all[2:]
	}
	return slices.DeleteFunc(all, func(h headlineRate) bool { return finite(h.now.Value) == nil || h.first && !reran(r) })
}

// sampleSize is how many values a check was taken on, and how many are not known.
func sampleSize(c verdict.Check) figure {
	if c.Unknown == 0 {
		return count(c.Value.N)
	}
	return count(c.Value.N) + ", " + count(c.Unknown) + " unknown"
}

// headline is the number that says most of an eval, and what it is: how many passed,
// or the mean score. Both are empty for an eval that only chooses labels.
func headline(e verdict.EvalSummary) (figure, lit) {
	switch {
	case e.PassRate.Value != nil:
		return value(e.PassRate), "passed"
	case e.Score.Value != nil:
		return value(e.Score), "mean"
	}
	return "", ""
}

func headlineInterval(e verdict.EvalSummary) figure {
	if e.PassRate.Value != nil {
		return interval(e.PassRate)
	}
	return interval(e.Score)
}

// missing is how many succeeded calls have no result of the eval.
func missing(e verdict.EvalSummary) int { return e.Errored + e.Pending + e.Skipped }

// missingWhy counts the missing results by why.
func missingWhy(e verdict.EvalSummary) figure {
	var f figure
	for _, part := range []struct {
		n    int
		word figure
	}{{e.Errored, " errored"}, {e.Pending, " pending"}, {e.Skipped, " skipped"}} {
		if part.n == 0 {
			continue
		}
		if f != "" {
			f += ", "
		}
		f += count(part.n) + part.word
	}
	return f
}

// overallScores are the overall scores of the succeeded calls that have one on the known scale.
func overallScores(r Report) []float64 {
	var scores []float64
	for i := range r.Evidence.Calls.Len() {
		if c := r.Evidence.Calls.Brief(i); c.Outcome() == verdict.Succeeded && c.OverallScore != nil && verdict.OnScoreScale(*c.OverallScore) {
			scores = append(scores, *c.OverallScore)
		}
	}
	return scores
}

// titled is the name of a scenario, which may be missing.
func titled(t text.Untrusted) text.Untrusted {
	if blank(t) {
		return text.New("(no name)")
	}
	return t
}

// blank reports whether a text shows nothing: it is empty, or all white space and
// characters that cannot be seen.
func blank(t text.Untrusted) bool { return t.LineMax(1) == "" }

// worstCalls are the first n of the calls that stand out, in the order of the summary:
// those that did not succeed, then those below the bar and those that pulled a criterion
// down. It returns how many there are in all, too.
func worstCalls(r Report, n int) ([]shownCall, int) {
	places := append(unsuccessful(r), low(r)...)
	return callsAt(r, places[:min(len(places), n)]), len(places)
}

// callWhy says in a few words why a call stands out.
func callWhy(c shownCall) text.Untrusted {
	if !c.ending.succeeded() {
		return text.New(reason(c.Call).LineMax(300))
	}
	t := text.Sprintf("overall score %s", string(number(c.OverallScore, 2)))
	for i, e := range failedEvals(c.Call) {
		if i == 5 {
			return text.Sprintf("%s, …", t)
		}
		t = text.Sprintf("%s, %s %s", t, text.New(e.Name().LineMax(60)), string(evalStateWord(e)))
	}
	return t
}
