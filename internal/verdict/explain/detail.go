package explain

import (
	"fmt"

	"github.com/agent-gate/agent-gate/internal/criteria"
	"github.com/agent-gate/agent-gate/internal/text"
)

// Before is the baseline's side of a change. Now and Then are its two numbers; they are unset for
// the change of a mean, which is measured row by row or scenario by scenario.
type Before struct {
	Now, Then float64
	Gaps      Gaps // what is unknown in the baseline
}

// Detail says what was measured, on what. b is the baseline's side of a change.
func (f Facts) Detail(b Before) text.Untrusted {
	var said text.Untrusted
	switch {
	case f.Criterion.Change:
		said = f.change(b)
	case f.Metric.Family == criteria.Average:
		said = text.Sprintf("%s of %s", f.Criterion.Stat, f.values())
	case f.Metric.Family == criteria.Case:
		said = text.New(f.cases())
	default:
		said = text.Sprintf("%d of %s %s", f.Hits, text.Plural(f.Known, f.noun()), predicate(f.Criterion, f.Hits, true))
	}
	switch {
	case f.Lacking:
		return text.Sprintf("%s; %s, which could decide either way", said, f.unknown(b))
	case f.Inferred:
		said = text.Sprintf("%s, %s", said, f.interval())
		if f.Ranked && (f.Low != nil || f.High != nil) {
			said = text.Sprintf("%s, as if calls were independent", said)
		}
	case f.ByInterval:
		said = text.Sprintf("%s; it has no interval, so the measured value decides", said)
	}
	if f.Open && (f.Looks == 0 || !f.Stopped.IsEmpty()) {
		said = text.Sprintf("%s; %s", said, f.more())
	}
	if shown := f.shown(f.Met); shown != "" {
		said = text.Sprintf("%s; %s", said, text.New(shown))
	}
	switch {
	case f.Unknown == 0:
	case !f.Bounded:
		said = text.Sprintf("%s; %s", said, f.unknown(b))
	default:
		said = text.Sprintf("%s; %s, which cannot change the outcome", said, f.unknown(b))
	}
	return said
}

// cases counts the cases, and says how often each was tried.
func (f Facts) cases() string {
	if f.FewestCalls < f.Trials {
		return fmt.Sprintf("%s with %d to %s each", text.Plural(f.N, "case"), f.FewestCalls, text.Plural(f.Trials, "call"))
	}
	return text.Plural(f.N, "case") + " with " + text.Plural(f.Trials, "call") + " each"
}

// change gives both sides of a comparison.
func (f Facts) change(b Before) text.Untrusted {
	switch {
	case f.ByRow && f.Metric.Family == criteria.Average:
		return text.Sprintf("mean change over %s, each compared with itself", text.Plural(f.N, "dataset row"))
	case f.Criterion.Stat == criteria.StatMean:
		return text.Sprintf("mean change over %s, compared scenario by scenario", f.values())
	}
	u := f.Metric.Unit
	said := text.Sprintf("%s now, %s in the baseline", quantity(u, b.Now, b.Then), quantity(u, b.Then, b.Now))
	switch {
	case f.ByRow:
		return text.Sprintf("%s; %s, each compared with itself", said, text.Plural(f.N, "dataset row"))
	case f.Grouped:
		return text.Sprintf("%s, compared scenario by scenario", said)
	}
	return said
}

// unknown counts what the check does not know, and says why.
func (f Facts) unknown(b Before) text.Untrusted {
	switch {
	case f.Short > 0 && f.Gaps.Absent == 0: // of rows that not every trial had
		said := fmt.Sprintf("%s %s no call in some trial", text.Plural(f.Short, "case"), have(f.Short))
		if f.Gaps.N() > 0 {
			said = f.Gaps.counted() + ", and " + said
		}
		return text.New(said)
	case !f.Criterion.Change || b.Gaps.N() == 0:
		return text.New(f.Gaps.counted())
	case f.Gaps.N() == 0:
		return text.New(b.Gaps.counted() + " in the baseline")
	}
	return text.New(f.Gaps.counted() + ", and " + b.Gaps.counted() + " in the baseline")
}
