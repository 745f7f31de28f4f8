package report

import (
	"cmp"
	"slices"
	"strconv"
	"strings"

	"github.com/google/uuid"

	"github.com/agent-gate/agent-gate/internal/budget"
	"github.com/agent-gate/agent-gate/internal/ci/job"
	"github.com/agent-gate/agent-gate/internal/text"
	"github.com/agent-gate/agent-gate/internal/verdict"
)

// Suite is several gates that ran together, the input of every format for them.
type Suite struct {
	Tool     Tool
	CI       job.Context
	Verdict  verdict.Verdict // of all together: kind, cause and reason
	ExitCode int
	// Unwritten say which requested reports cannot be written.
	Unwritten []text.Untrusted
	Budget    budget.Account // of all together
	Gates     []Gate         // in the order of the suite file
	// Warnings are those that are not of a single gate.
	Warnings []text.Untrusted
	Timing   verdict.Timing
	Places   Places
}

// Gate is one gate of a suite.
type Gate struct {
	Name  Figure // of a-z, 0-9, - and _; unique
	Owner text.Untrusted
	Report
}

// GateName returns the name of a gate, which is harmless in every format; ok is false if it is none.
func GateName(s string) (name Figure, ok bool) {
	odd := func(r rune) bool { return (r < 'a' || r > 'z') && (r < '0' || r > '9') && r != '-' && r != '_' }
	if s == "" || len(s) > 64 || strings.ContainsFunc(s, odd) {
		return "", false
	}
	return Figure(s), true
}

// Ran reports whether the gate has a report of its own, or was skipped.
func (g Gate) Ran() bool { return g.Verdict.Kind != verdict.Skip }

// NotStarted reports whether the gate was skipped although nobody intended it, which is no better than a failure.
func (g Gate) NotStarted() bool { return !g.Ran() && g.ExitCode != verdict.ExitOK }

// WorstGates returns the gates, those first that need attention: failed ones, those that could not be judged,
// inconclusive ones, those that were not started; then the others. Each group is in the order of the file.
func WorstGates(s Suite) []Gate {
	out := slices.Clone(s.Gates)
	slices.SortStableFunc(out, func(a, b Gate) int { return cmp.Compare(attention(a), attention(b)) })
	return out
}

// attention ranks a gate: 0 needs it most.
func attention(g Gate) int {
	switch g.Verdict.Kind {
	case verdict.Fail:
		return 0
	case verdict.Error:
		return 1
	case verdict.Inconclusive:
		return 2
	case verdict.Skip:
		if g.NotStarted() {
			return 3
		}
		return 5
	}
	return 4
}

// NeedsAttention reports whether a gate neither passed nor was skipped as intended.
func NeedsAttention(g Gate) bool { return attention(g) < 4 }

// TotalCounts adds up how the calls of all gates ended.
func TotalCounts(s Suite) (n verdict.Counts, known bool) {
	for _, g := range s.Gates {
		if !g.Ran() {
			continue
		}
		known = true
		n = n.Plus(g.Verdict.Counts)
	}
	return n, known
}

// CountSuiteChecks counts the checks of all gates.
func CountSuiteChecks(s Suite) (n CheckCounts) {
	for _, g := range s.Gates {
		c := CountChecks(g.Report)
		n.Total, n.Met, n.Failed = n.Total+c.Total, n.Met+c.Met, n.Failed+c.Failed
		n.Undecided, n.NotJudged = n.Undecided+c.Undecided, n.NotJudged+c.NotJudged
	}
	return n
}

// SuiteDisarmed says of which gates the policy lets a bad verdict pass, or always would; empty if of none.
func SuiteDisarmed(s Suite) Figure {
	var all []string
	for _, g := range s.Gates {
		if d := Disarmed(g.Report); d != "" {
			all = append(all, string(g.Name)+": "+string(d))
		}
	}
	return Figure(strings.Join(all, " "))
}

// SumBudget adds up what the gates of a suite spent and were expected to spend. An estimate is known only if
// that of every gate that ran is.
func SumBudget(gates []Gate, l budget.Limits) budget.Account {
	a := budget.Account{Limits: l}
	e := budget.Estimate{Cents: new(0.0), Minutes: new(0.0)}
	ran, complete := false, true
	for _, g := range gates {
		if g.Evidence.Execution.ID != uuid.Nil {
			a.Spent.Add(g.Evidence.Budget.Spent)
		}
		if !g.Ran() {
			continue
		}
		one := g.Evidence.Budget.Estimate
		if one == nil && g.Evidence.Reused != nil && g.Evidence.Budget.Spent.Calls == 0 {
			one = &budget.Estimate{Cents: new(0.0), Minutes: new(0.0)}
		}
		ran, complete = true, complete && one != nil
		if one == nil {
			one = &budget.Estimate{}
		}
		e.Calls, e.Executions = e.Calls+one.Calls, e.Executions+one.Executions
		e.Cents, e.Minutes = sum(e.Cents, one.Cents), sum(e.Minutes, one.Minutes)
	}
	if ran && complete && e.Calls > 0 {
		a.Estimate = &e
	}
	return a
}

// OverBudget says that the gates of a suite have spent more than their common budget; empty if they have not.
func OverBudget(gates []Gate, l budget.Limits) text.Untrusted {
	l.Common = true
	stopped := slices.ContainsFunc(gates, func(g Gate) bool { return g.Verdict.Kind == verdict.Error && g.Verdict.Cause == verdict.CauseBudget })
	return SumBudget(gates, l).Over(stopped)
}

// OverNote is [OverBudget] of a suite whose gates do not say it themselves; empty if they do.
func OverNote(s Suite) text.Untrusted {
	if slices.ContainsFunc(s.Gates, func(g Gate) bool { return NeedsAttention(g) && g.Verdict.Cause == verdict.CauseBudget }) {
		return text.Untrusted{}
	}
	return OverBudget(s.Gates, s.Budget.Limits)
}

// Started reports whether gates placed calls, or judge those of an earlier start.
func (s Suite) Started() bool {
	return slices.ContainsFunc(s.Gates, func(g Gate) bool { return g.Evidence.Execution.ID != uuid.Nil })
}

// sum adds numbers; it is unknown if one of them is.
func sum(a, b *float64) *float64 {
	if a == nil || b == nil {
		return nil
	}
	return new(*a + *b)
}

// SuiteSpending is what all gates spent, in one line; empty if nothing was started and there is no limit.
func SuiteSpending(s Suite) (line Figure) {
	add := func(f Figure) {
		if line != "" {
			line += " · "
		}
		line += f
	}
	a, l := s.Budget.Spent, s.Budget.Limits
	if a.Calls > 0 || l.Calls > 0 {
		add(CountCalls(a.Calls) + ofLimit(Count(l.Calls), l.Calls > 0))
	}
	if a.Priced > 0 || l.Cents > 0 {
		add(suiteCost(s))
	}
	if a.Timed > 0 || l.Minutes > 0 {
		add(saying("call time", known(a.Timed, a.Untimed(), Minutes(a.Minutes()))) + ofLimit(Decimal(l.Minutes, 2), l.Minutes > 0))
	}
	return line
}

// suiteCost is what the calls of all gates cost, and the limit if there is one.
func suiteCost(s Suite) Figure {
	a, l := s.Budget.Spent, s.Budget.Limits
	return saying("cost", known(a.Priced, a.Unpriced(), Money(a.Cents))) + ofLimit(Money(l.Cents), l.Cents > 0)
}

// SuiteDollars is what the calls of all gates cost in US dollars, as a plain number; empty if nothing is known
// of it.
func SuiteDollars(s Suite) string {
	if a := s.Budget.Spent; a.Priced == 0 && (a.Calls > 0 || !s.Started()) {
		return ""
	}
	return strconv.FormatFloat(Round(s.Budget.Spent.Cents/100), 'f', -1, 64)
}

// quarantinedCalls counts the calls of all gates that are in quarantine.
func quarantinedCalls(s Suite) (n int) {
	for _, g := range s.Gates {
		n += g.Evidence.Quarantine.Calls.Len()
	}
	return n
}

// SuiteHeadline says in one line what became of the gates, and what they took.
func SuiteHeadline(s Suite) Figure {
	words := []Figure{" failed", " not judged", " inconclusive", " not started", " passed", " skipped", " unchanged"}
	rankOf := func(g Gate) int {
		if g.Verdict.Cause == verdict.CauseUnchanged {
			return len(words) - 1
		}
		return attention(g)
	}
	all := CountGates(len(s.Gates))
	if len(s.Gates) == 0 {
		all = "no gate was run"
	}
	f := Figure("")
	for rank, word := range words {
		n := 0
		for _, g := range s.Gates {
			if rankOf(g) == rank {
				n++
			}
		}
		switch {
		case n == 0:
		case f == "":
			f = Count(n) + " of " + all + word
		default:
			f += ", " + Count(n) + word
		}
	}
	if f == "" {
		f = all
	}
	l := s.Budget.Limits
	if n, known := TotalCounts(s); known {
		aside := quarantinedCalls(s)
		switch used := s.Budget.Spent.Calls; {
		case l.Calls > 0 && used == n.Total+aside:
			f += " · " + Count(used) + " of " + CountCalls(l.Calls)
		case l.Calls > 0: // with reruns, or without what an earlier start has paid for
			f += " · " + CountCalls(n.Total) + inQuarantine(aside) + ", " + Count(used) + " of " + Count(l.Calls) + " used"
		default:
			f += " · " + CountCalls(n.Total) + inQuarantine(aside)
		}
	}
	if d, ok := Took(s.Timing); ok && d > 0 && len(s.Gates) > 0 {
		f += " · " + Duration(d)
	}
	if s.Budget.Spent.Priced > 0 {
		f += " · " + suiteCost(s)
	}
	return f
}

// ofLimit is what follows a number that has a limit.
func ofLimit(limit Figure, limited bool) Figure {
	if !limited {
		return ""
	}
	return " of " + limit
}

// AllWarnings are the warnings of the suite and those of its gates that need attention, with their names.
func (s Suite) AllWarnings() []text.Untrusted {
	all := slices.Clone(s.Warnings)
	for _, g := range WorstGates(s) {
		if !NeedsAttention(g) {
			continue
		}
		for _, w := range OtherWarnings(g.Report) {
			if named := text.Sprintf("%s: %s", string(g.Name), w); !slices.Contains(all, named) { // as some of the suite are
				all = append(all, named)
			}
		}
	}
	return all
}

// SuiteNext is the one thing to do first about a suite that did not pass: that about its worst gate.
func SuiteNext(s Suite) text.Untrusted {
	for _, g := range WorstGates(s) {
		if !NeedsAttention(g) {
			break
		}
		if next := Next(g.Report); !Blank(next) {
			return text.Sprintf("%s: %s", string(g.Name), next)
		}
	}
	if !Blank(OverNote(s)) {
		return text.New("raise the budget, or run fewer calls")
	}
	return text.Untrusted{}
}

// IsDryRunOfAll reports whether the suite was a dry run that found nothing wrong.
func IsDryRunOfAll(s Suite) bool {
	return s.ExitCode == verdict.ExitOK && slices.ContainsFunc(s.Gates, func(g Gate) bool { return IsDryRun(g.Report) }) && !slices.ContainsFunc(s.Gates, func(g Gate) bool { return !IsDryRun(g.Report) && g.Verdict.Cause == "" })
}

// SuiteDryRun says what the gates of a dry run would take together.
func SuiteDryRun(s Suite) Figure {
	f := "OK, dry run: " + CountGates(len(s.Gates))
	calls, cents, minutes := 0, new(0.0), new(0.0)
	for _, g := range s.Gates {
		e := g.Evidence.Budget.Estimate
		if e == nil {
			e = &budget.Estimate{}
			for _, p := range g.Evidence.Plan {
				if p.Calls == nil {
					return f
				}
				e.Calls += *p.Calls
			}
		}
		calls, cents, minutes = calls+e.Calls, sum(cents, e.Cents), sum(minutes, e.Minutes)
	}
	f += ", about " + CountCalls(calls)
	if cents != nil {
		f += ", " + Money(*cents)
	}
	if minutes != nil {
		f += ", " + Minutes(*minutes)
	}
	return f
}
