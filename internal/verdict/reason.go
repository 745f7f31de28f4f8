package verdict

import (
	"cmp"
	"fmt"
	"math"
	"slices"

	"github.com/agent-gate/agent-gate/internal/text"
)

// maxItems is how many criteria a sentence speaks of before it only counts the rest.
const maxItems = 3

// reason is the sentence that decided.
func (j *judgement) reason(kind Kind) text.Untrusted {
	var decided CheckOutcome
	more := map[CheckOutcome]string{NotMet: "not met", Undecided: "undecided", NoData: "without data"}
	switch kind {
	case Pass:
		return j.passed()
	case Fail:
		decided = NotMet
	case Inconclusive:
		decided = Undecided
	default:
		decided = NoData
	}
	all := j.decisive(decided)
	if len(all) == 0 {
		return text.New("no criterion could be measured")
	}
	f := all[0]
	var said text.Untrusted
	switch decided {
	case NotMet:
		said = j.unmet(f)
	case Undecided:
		said = text.Sprintf("%s %s (%s) cannot be told from %s: %s", subject(f), f.quantity(), j.intervalWords(f), f.bound(), moreWords(f))
	default:
		said = text.Sprintf("%s cannot be judged: %s", subject(f), f.Detail)
	}
	if rest := len(all) - 1; rest > 0 {
		said = text.Sprintf("%s (and %s %s)", said, text.Plural(rest, "more check"), more[decided])
	}
	return said
}

// decisive are the findings of one outcome in the order of the criteria, and among those
// of one criterion the one that misses by most first.
func (j *judgement) decisive(outcome CheckOutcome) []finding {
	var all []finding
	for _, f := range j.findings {
		if f.Outcome == outcome {
			all = append(all, f)
		}
	}
	slices.SortStableFunc(all, func(a, b finding) int {
		return cmp.Or(cmp.Compare(a.index, b.index), cmp.Compare(b.Short, a.Short))
	})
	return all
}

// subject is what a finding measured, on what.
func subject(f finding) text.Untrusted { return text.New(f.criterion.subject()) }

// quantity prints the finding's value, so that it does not read as the bound unless it
// is.
func (f finding) quantity() string { return quantity(f.unit(), f.reading.shown, f.criterion.Bound) }

// bound prints the criterion's bound.
func (f finding) bound() string { return formatBound(f.criterion.Bound) + suffix(f.unit()) }

// unmet says what is missed, and which calls are to blame.
func (j *judgement) unmet(f finding) text.Untrusted {
	c := f.criterion
	said := text.Sprintf("%s %s %s %s", subject(f), f.quantity(), reversed(c.Op), f.bound())
	if j.rules.DecideOn == DecideOnInterval && f.reading.inferred {
		said = text.Sprintf("%s %s (%s) %s %s", subject(f), f.quantity(), j.intervalWords(f), reversed(c.Op), f.bound())
	}
	blamed := f.blamed()
	n := f.measured.known() - f.measured.hits
	if f.wantsLess() {
		n = f.measured.hits
	}
	switch {
	case f.measured.metric.family != average && n == 0, f.measured.metric.family == average && len(blamed) == 0:
		return text.Sprintf("%s%s", said, f.besides())
	case c.Stat == statSum:
		return text.Sprintf("%s, the sum of %s", said, text.Plural(f.reading.n, "value"))
	}
	mostly := j.mostly(blamed)
	if c.Scope.Kind == ScopeScenario {
		mostly = text.Untrusted{} // it was said
	}
	if f.measured.metric.family == average {
		return text.Sprintf("%s: %d of %s %s%s%s", said, len(blamed), text.Plural(f.reading.n, "value"), f.beyond(len(blamed)), mostly, f.besides())
	}
	return text.Sprintf("%s: %d of %s %s%s%s%s", said, n, text.Plural(f.measured.known(), f.measured.noun()),
		predicate(c, n, f.wantsLess()), f.kinds(blamed), mostly, f.besides())
}

// besides counts what is not known beside what decided.
func (f finding) besides() string {
	if n := f.measured.unknown(); n > 0 && !f.criterion.Change {
		return fmt.Sprintf("; %d more unknown (%s)", n, f.measured.unknownWords())
	}
	return ""
}

// beyond says on which side of which number the values lie that are to blame.
func (f finding) beyond(n int) string {
	are := "are"
	if n == 1 {
		are = "is"
	}
	if f.wantsLess() {
		return are + " above " + quantity(f.measured.metric.unit, f.pivot())
	}
	return are + " below " + quantity(f.measured.metric.unit, f.pivot())
}

// kinds counts how calls ended that did not succeed, or why results are missing.
func (f finding) kinds(blamed []row) string {
	switch f.measured.metric.name {
	case metricSuccessRate:
		if f.wantsLess() {
			return ""
		}
		var n [endOpen + 1]int
		for _, r := range blamed {
			n[f.measured.run.marks[r.at].outcome]++
		}
		return inBrackets(parts(n[endFailed], "failed", n[endSkipped], "skipped"))
	case metricPassRate:
		if f.wantsLess() || f.measured.eval != nil {
			return ""
		}
		var n [endOpen + 1]int
		for _, r := range blamed {
			n[f.measured.run.marks[r.at].outcome]++
		}
		return inBrackets(parts(n[endSucceeded], "below your bar", n[endFailed], "failed", n[endSkipped], "skipped"))
	case metricJudgedRate:
		if f.wantsLess() {
			return ""
		}
		var n [endOpen + 1]int
		for _, r := range blamed {
			n[f.measured.run.marks[r.at].outcome]++
		}
		return inBrackets(parts(n[endLost], "lost", f.measured.n-f.measured.unknown()-f.measured.hits-len(blamed), "missing",
			n[endOpen], "not ended", n[endCancelled], "cancelled"))
	case metricResultRate:
		if f.wantsLess() {
			return ""
		}
		said, _ := missingWords(f.measured.eval.results())
		return inBrackets(said)
	}
	return ""
}

// mostly says in which scenario most of the calls are, when that tells something.
func (j *judgement) mostly(blamed []row) text.Untrusted {
	if len(blamed) < 2 || len(j.now.scenarios) < 2 {
		return text.Untrusted{}
	}
	counts := map[int32]int{}
	for _, r := range blamed {
		counts[r.scenario]++
	}
	for scenario, n := range counts {
		s := &j.now.scenarios[scenario]
		switch {
		case s.name.IsEmpty():
		case n == len(blamed):
			return text.Sprintf(", all in scenario %s", quote(s.title().Raw()))
		case 2*n > len(blamed):
			return text.Sprintf(", most in scenario %s", quote(s.title().Raw()))
		}
	}
	return text.Untrusted{}
}

// passed says what was met.
func (j *judgement) passed() text.Untrusted {
	closest := map[int]finding{}
	checks := map[int]int{}
	for _, f := range j.findings {
		checks[f.index]++
		if have, ok := closest[f.index]; !ok || f.margin() < have.margin() {
			closest[f.index] = f
		}
	}
	var items []text.Untrusted
	for i := range j.rules.Criteria {
		if len(items) == maxItems {
			break
		}
		f := closest[i]
		item := text.Sprintf("%s %s (%s)", subject(f), f.quantity(), f.basis())
		if checks[i] > 1 {
			item = text.Sprintf("%s, the closest of %d", item, checks[i])
		}
		items = append(items, item)
	}
	said := text.Join("; ", items...)
	if more := len(j.rules.Criteria) - len(items); more > 0 {
		said = text.Sprintf("%s; and %d more", said, more)
	}
	switch n := len(j.rules.Criteria); n {
	case 1:
		return text.Sprintf("the only criterion is met: %s", said)
	case 2:
		return text.Sprintf("both criteria are met: %s", said)
	default:
		return text.Sprintf("all %d criteria are met: %s", n, said)
	}
}

// margin is how far the value is from the bound.
func (f finding) margin() float64 { return math.Abs(f.reading.shown - f.criterion.Bound) }

// basis says what the value was measured on.
func (f finding) basis() string {
	on := number(float64(f.measured.hits)) + " of " + number(float64(f.measured.known()))
	if f.criterion.Change || f.measured.metric.family == average {
		on = text.Plural(f.reading.n, "value")
	}
	if f.reading.unknown > 0 {
		on = fmt.Sprintf("%s, %d unknown", on, f.reading.unknown)
	}
	return on
}
