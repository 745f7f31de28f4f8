package explain

import (
	"math"

	"github.com/agent-gate/agent-gate/internal/criteria"
	"github.com/agent-gate/agent-gate/internal/stats"
	"github.com/agent-gate/agent-gate/internal/text"
)

// Steps says that n more calls that count, or fewer if n is negative, would meet the criterion,
// or would fail it.
func (f Facts) Steps(n int, meets bool) text.Untrusted {
	if meets {
		return text.Sprintf("%s needed to meet %s", f.steps(n), f.Criterion)
	}
	return f.tight(f.steps(n))
}

// StepsAtBest says that n more calls, or fewer, would meet the criterion only if everything
// unknown turned out well.
func (f Facts) StepsAtBest(n int) text.Untrusted {
	return text.Sprintf("at least %s, even if everything unknown turns out well", f.Steps(n, true))
}

// Moved says that n values on the other side of the threshold would meet the criterion, or would
// fail it. lower means that they have to get smaller.
func (f Facts) Moved(n int, lower, meets bool) text.Untrusted {
	what := text.Plural(n, f.value())
	past := f.past(meets)
	switch {
	case meets:
		words := map[[2]bool]string{{false, false}: "rise to", {false, true}: "rise above", {true, false}: "drop to", {true, true}: "drop below"}
		return text.Sprintf("%s must %s %s to meet %s", what, words[[2]bool{lower, past}], f.threshold(), f.Criterion)
	default:
		words := map[[2]bool]string{{false, false}: "rising to", {false, true}: "rising above", {true, false}: "dropping to", {true, true}: "dropping below"}
		return f.tight(text.Sprintf("%s %s %s", what, words[[2]bool{lower, past}], f.threshold()))
	}
}

// Shifted says how far the stat would have to move to meet the criterion, or to fail it.
func (f Facts) Shifted(shift float64, lower, meets bool) text.Untrusted {
	verb, direction := "rise", "higher"
	if lower {
		verb, direction = "drop", "lower"
	}
	stat := f.Criterion.Stat
	switch {
	case f.Criterion.Change:
		stat = "change"
	case stat == "":
		stat = "rate"
	}
	little := stats.Same(f.Criterion.Bound-shift, f.Criterion.Bound)
	far := quantity(f.Unit, math.Abs(shift), 0)
	if f.past(meets) {
		far = "more than " + far
	}
	switch {
	case meets && little:
		return text.Sprintf("the %s must %s slightly to meet %s", stat, verb, f.Criterion)
	case meets:
		return text.Sprintf("the %s must %s by %s to meet %s", stat, verb, far, f.Criterion)
	case little:
		return f.tight(text.Sprintf("a slightly %s %s", direction, stat))
	}
	return f.tight(text.Sprintf("a %s %s %s", stat, far, direction))
}

// tight says how close a criterion that is met is to its threshold, and what would fail it:
// `success_rate 80% (need 75): 2 fewer successful calls would fail it`.
func (f Facts) tight(change text.Untrusted) text.Untrusted {
	need := criteria.Needed(f.Criterion.Op, f.Criterion.Bound)
	if f.ByInterval && f.Inferred || f.Unknown > 0 { // then it is mostly undecided, or open
		return text.Sprintf("%s %s (need %s): %s would no longer meet it", f.subject(), f.quantity(), text.New(need), change)
	}
	return text.Sprintf("%s %s (need %s): %s would fail it", f.subject(), f.quantity(), text.New(need), change)
}

// past reports whether reaching the threshold itself is not enough to meet the criterion, or to fail
// it.
func (f Facts) past(meets bool) bool {
	switch f.Criterion.Op {
	case criteria.OpAbove, criteria.OpBelow:
		return meets
	case criteria.OpAtLeast, criteria.OpAtMost:
		return !meets
	}
	return false
}

// steps says how many more or fewer calls have to count.
func (f Facts) steps(n int) text.Untrusted {
	more := "more"
	if n < 0 {
		more, n = "fewer", -n
	}
	one, many := counted(f.Criterion)
	if n == 1 {
		return text.Sprintf("1 %s %s", more, one)
	}
	return text.Sprintf("%d %s %s", n, more, many)
}

// Flip joins what would have turned a fail into a pass. more is how many checks would still not
// be met.
func Flip(wanted []text.Untrusted, more int) text.Untrusted {
	if more > 0 {
		wanted = append(wanted, text.Sprintf("%s would still not be met", text.Plural(more, "more check")))
	}
	return text.Join("; ", wanted...)
}
