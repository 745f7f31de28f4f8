package explain

import (
	"math"

	"github.com/agent-gate/agent-gate/internal/criteria"
	"github.com/agent-gate/agent-gate/internal/stats"
	"github.com/agent-gate/agent-gate/internal/text"
)

// Steps says that n more calls that count, or fewer when n is negative, would meet the
// criterion, or would no longer meet it.
func (f Facts) Steps(n int, meets bool) text.Untrusted {
	return text.Sprintf("%s %s", f.steps(n), f.turned(meets))
}

// StepsAtBest says that n more calls, or fewer, would meet the criterion only if all that is
// unknown turned out well.
func (f Facts) StepsAtBest(n int) text.Untrusted {
	return text.Sprintf("%s if all that is unknown turned out well", f.Steps(n, true))
}

// Moved says that n values on the other side of the bound would meet the criterion, or would no
// longer meet it. Lower says that they would have to get smaller.
func (f Facts) Moved(n int, lower, meets bool) text.Untrusted {
	words := map[[2]bool]string{
		{false, false}: "raised to", {false, true}: "raised above", {true, false}: "lowered to", {true, true}: "lowered below",
	}
	return text.Sprintf("%s %s %s %s", text.Plural(n, "value"), words[[2]bool{lower, f.past(meets)}], f.bound(), f.turned(meets))
}

// Shifted says how far the stat would have to move to meet the criterion, or to no longer meet
// it.
func (f Facts) Shifted(shift float64, lower, meets bool) text.Untrusted {
	direction := "higher"
	if lower {
		direction = "lower"
	}
	stat := f.Criterion.Stat
	if f.Criterion.Change {
		stat = "change"
	}
	if stats.Same(f.Criterion.Bound-shift, f.Criterion.Bound) {
		return text.Sprintf("a %s only a little %s %s", stat, direction, f.turned(meets))
	}
	far := quantity(f.Unit, math.Abs(shift), 0)
	if f.past(meets) {
		far = "more than " + far
	}
	return text.Sprintf("a %s %s %s %s", stat, far, direction, f.turned(meets))
}

// turned says what a change would do to the criterion.
func (f Facts) turned(meets bool) string {
	if meets {
		return "would meet " + f.Criterion.String()
	}
	return "would no longer meet " + f.Criterion.String()
}

// past reports whether a number on the bound itself is not enough to meet the criterion, or to
// no longer meet it.
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

// Flip joins what would have turned a fail into a pass. More is how many checks beside those
// would still be missed.
func Flip(wanted []text.Untrusted, more int) text.Untrusted {
	if more > 0 {
		wanted = append(wanted, text.Sprintf("%s would still be missed", text.Plural(more, "more check")))
	}
	return text.Join("; ", wanted...)
}
