package report

import (
	"cmp"
	"math"
	"slices"
	"strings"

	"github.com/google/uuid"

	"github.com/agent-gate/agent-gate/internal/calls"
	"github.com/agent-gate/agent-gate/internal/criteria"
	"github.com/agent-gate/agent-gate/internal/text"
	"github.com/agent-gate/agent-gate/internal/verdict"
)

// Checks returns the checks, worst first: unmet ones first, and within one criterion the
// scenario or eval that is furthest off; among met ones the closest to the threshold.
func Checks(r Report) []verdict.Check {
	rank := []verdict.CheckOutcome{verdict.NotMet, verdict.NoData, verdict.Undecided, verdict.Met}
	order := map[string]int{} // by criterion
	for _, c := range AllChecks(r) {
		if _, known := order[c.Criterion]; !known {
			order[c.Criterion] = len(order)
		}
	}
	out := slices.Clone(AllChecks(r))
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

// AllChecks returns the checks in the order of the criteria; if the run was stopped before it was judged, one
// without data for each criterion.
func AllChecks(r Report) []verdict.Check {
	if len(r.Verdict.Checks) > 0 {
		return r.Verdict.Checks
	}
	return notJudged(r)
}

// notJudged returns the criteria of a run that was stopped before it was judged.
func notJudged(r Report) []verdict.Check {
	if r.Verdict.Kind != verdict.Error || r.Evidence.Execution.ID == uuid.Nil {
		return nil
	}
	var out []verdict.Check
	for _, c := range r.Rules.Criteria {
		out = append(out, verdict.Check{Criterion: c.String(), Scope: text.New(c.Scope.Name), Outcome: verdict.NoData, Tolerance: c.Tolerance, Detail: text.New(string(notJudgedWhy(r)))})
	}
	return out
}

// notJudgedWhy says why a run has no checks.
func notJudgedWhy(r Report) Lit {
	switch {
	case r.Verdict.Cause == verdict.CauseOperational && r.Verdict.Counts.Total == 0 && !r.Evidence.Unread:
		return "not judged: there are no calls"
	case r.Verdict.Cause == verdict.CauseOperational && r.Evidence.Execution.Status == calls.ExecutionCancelled:
		return "not judged: the execution was cancelled"
	}
	return "not judged: the run was stopped"
}

// SampleSize formats how many values a check was measured on, and how many are unknown.
func SampleSize(c verdict.Check) Figure {
	if c.Unknown == 0 {
		return Count(c.Value.N)
	}
	return Count(c.Value.N) + ", " + Count(c.Unknown) + " unknown"
}

// CriterionName is the criterion, followed by what it was measured on if the criterion itself
// only says "each".
func CriterionName(c verdict.Check) text.Untrusted {
	if NamesScope(c) {
		return text.New(c.Criterion)
	}
	return text.Sprintf("%s (%s)", c.Criterion, c.Scope)
}

// NamesScope reports whether the criterion itself names what it was measured on.
func NamesScope(check verdict.Check) bool {
	if c, ok := Criterion(check); ok && !Blank(check.Scope) {
		return c.Scope.Name == check.Scope.Raw() // a name may also occur in other words of the criterion
	}
	return Blank(check.Scope) || strings.Contains(check.Criterion, check.Scope.Raw())
}

// ComparesWithBaseline reports whether a check is of a change against the baseline.
func ComparesWithBaseline(check verdict.Check) bool {
	c, ok := Criterion(check)
	return ok && c.Change
}

// CheckSubject is what a check measures, in brief: the name of the scenario or eval before the metric.
func CheckSubject(check verdict.Check) text.Untrusted {
	c, ok := Criterion(check)
	if !ok {
		return CriterionName(check)
	}
	name := check.Scope
	if Blank(name) {
		name = text.New(c.Scope.Name)
	}
	if Blank(name) {
		return text.New(c.Subject()) // also of each, where nothing was judged
	}
	c.Scope = criteria.Scope{}
	return text.Sprintf("%s: %s", name, c.Subject())
}

// CheckScope is the name of the scenario or eval that a check is about; empty for the whole run.
func CheckScope(check verdict.Check) text.Untrusted {
	c, ok := Criterion(check)
	if !ok {
		return check.Scope
	}
	return text.New(c.On(check.Scope.Raw()).Scope.Name)
}

// looksAtEvals reports whether what evals say of a call that succeeded may be why it keeps a check from being met: unless the
// check counts calls by whether they succeeded.
func looksAtEvals(check verdict.Check, call ShownCall) bool {
	c, ok := Criterion(check)
	if !ok {
		return true
	}
	m, _ := c.Lookup()
	return m.Evals || m.Family == criteria.Average || countsPasses(m.Name) && call.Ending == EndBelowBar
}

// countsPasses reports whether a metric of calls is about which of them passed.
func countsPasses(metric string) bool {
	switch metric {
	case criteria.MetricPassRate, criteria.MetricFirstPassRate, criteria.MetricPassAll, criteria.MetricPassAny:
		return true
	}
	return false
}

// CheckNeed is the bound of a check, as it stands after "need"; empty if unknown.
func CheckNeed(check verdict.Check) Figure {
	c, ok := Criterion(check)
	if !ok {
		return ""
	}
	return Needed(c.Op, c.Bound)
}

// CheckCount says how many calls or results make the value of a check: "13 of 17 passed".
func CheckCount(check verdict.Check) Figure {
	c, ok := Criterion(check)
	if !ok || check.Value.N == 0 {
		return ""
	}
	m, _ := c.Lookup()
	f := CountCalls(check.Value.N)
	switch {
	case m.Family == criteria.Case:
		f = Count(check.Value.N) + Plural(Count(check.Value.N), " case", " cases")
	case m.Family == criteria.Rate && !c.Change && Finite(check.Value.Value) != nil:
		f = Count(int(math.Round(*check.Value.Value*float64(check.Value.N)/100))) + " of " + Count(check.Value.N)
		switch c.Metric {
		case criteria.MetricPassRate:
			f += " passed"
		case criteria.MetricSuccessRate:
			f += " succeeded"
		}
	}
	if check.Unknown > 0 {
		f += ", " + Count(check.Unknown) + " unknown"
	}
	return f
}

// Tally counts checks: how many there are, and how many are met.
func Tally(all []verdict.Check) (met, of int) {
	for _, c := range all {
		if c.Outcome == verdict.Met {
			met++
		}
	}
	return met, len(all)
}

// CheckCounts count checks: one for each criterion, and for one on each scenario or eval one for each of them.
// It is the one count of all formats.
type CheckCounts struct {
	Total     int `json:"total"`
	Met       int `json:"met"`
	Failed    int `json:"failed"`
	Undecided int `json:"undecided"`
	NotJudged int `json:"not_judged"`
}

// CountChecks counts the checks of a run.
func CountChecks(r Report) (n CheckCounts) {
	for _, c := range AllChecks(r) {
		n.Total++
		switch c.Outcome {
		case verdict.Met:
			n.Met++
		case verdict.NotMet:
			n.Failed++
		case verdict.Undecided:
			n.Undecided++
		case verdict.NoData:
			n.NotJudged++
		}
	}
	return n
}

// Words say what became of the checks: "3 of 7 checks failed, 1 not judged".
func (n CheckCounts) Words() Figure {
	if n.Total == 0 {
		return "not judged"
	}
	checks := Count(n.Total) + Plural(Count(n.Total), " check", " checks")
	var f Figure
	for _, part := range []struct {
		n    int
		word Figure
	}{{n.Failed, " failed"}, {n.Undecided, " undecided"}, {n.NotJudged, " not judged"}} {
		switch {
		case part.n == 0:
		case f == "":
			f = Count(part.n) + " of " + checks + part.word
		default:
			f += ", " + Count(part.n) + part.word
		}
	}
	if f == "" {
		f = Count(n.Met) + " of " + checks + " met"
	}
	return f
}

// A CheckGroup is a check, or all checks of a criterion on each scenario or eval, of which only those that
// are not met are worth a row of their own.
type CheckGroup struct {
	// Check is the only one, or the worst of several.
	verdict.Check
	Met, Of int
	// Open are those that are not met, worst first; none for a single check.
	Open []verdict.Check
}

// Several reports whether the group stands for several checks.
func (g CheckGroup) Several() bool { return g.Of > 1 }

// Title names the criterion of the group.
func (g CheckGroup) Title() text.Untrusted {
	if g.Several() {
		return text.New(g.Criterion)
	}
	return CriterionName(g.Check)
}

// Tally formats how many checks of the group are met: "350 of 400 met".
func (g CheckGroup) Tally() Figure { return Count(g.Met) + " of " + Count(g.Of) + " met" }

// CheckGroups returns the checks, worst first, with those of one "each" criterion together.
func CheckGroups(r Report) []CheckGroup {
	var out []CheckGroup
	places := map[string]int{}
	for _, c := range Checks(r) {
		each := false
		if read, ok := Criterion(c); ok {
			each = read.Scope.Kind == criteria.ScopeEachScenario || read.Scope.Kind == criteria.ScopeEachEval
		}
		at, known := places[c.Criterion]
		if !each || !known {
			places[c.Criterion] = len(out)
			at = len(out)
			out = append(out, CheckGroup{Check: c})
		}
		g := &out[at]
		g.Of++
		if c.Outcome == verdict.Met {
			g.Met++
		} else {
			g.Open = append(g.Open, c)
		}
	}
	for i := range out {
		if !out[i].Several() {
			out[i].Open = nil
		}
	}
	return out
}

// A CheckRow is a row of a table of criteria: a group of checks, or one of those within a group.
type CheckRow struct {
	CheckGroup
	Within bool
}

// CheckRows returns the groups of checks, each followed by those of its checks that are not met.
func CheckRows(r Report) (rows []CheckRow) {
	for _, g := range CheckGroups(r) {
		rows = append(rows, CheckRow{CheckGroup: g})
		for _, c := range g.Open {
			rows = append(rows, CheckRow{CheckGroup{Check: c, Of: 1}, true})
		}
	}
	return rows
}
