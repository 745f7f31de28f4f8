package verdict

import (
	"github.com/agent-gate/agent-gate/internal/text"
)

// detail says in words what was measured against what.
func (j *judgement) detail(f finding, t target) text.Untrusted {
	c := f.criterion
	var said text.Untrusted
	switch {
	case c.Change:
		said = j.changeDetail(f, t)
	case f.measured.metric.family == average:
		said = text.Sprintf("%s of %s", c.Stat, text.Plural(f.reading.n, "value"))
		if _, missing := f.measured.hits(); missing > 0 {
			said = text.Sprintf("%s; %s left out", said, text.Plural(missing, "call")+" without a value")
		}
	default:
		said = hitWords(f)
	}
	switch {
	case f.Outcome == NoData:
		return text.Sprintf("%s; %s, and could decide either way", said, j.missing(f, t))
	case f.reading.inferred:
		said = text.Sprintf("%s, %s", said, j.intervalWords(f))
	case j.rules.DecideOn == DecideOnInterval:
		said = text.Sprintf("%s; it has no interval, so the measured value decides", said)
	}
	if f.Outcome == Undecided {
		said = text.Sprintf("%s; %s", said, moreWords(f))
	}
	if f.reading.missing > 0 {
		said = text.Sprintf("%s; %s, and would not change that", said, j.missing(f, t))
	}
	return said
}

// missing counts the missing results of a rate.
func (j *judgement) missing(f finding, t target) text.Untrusted {
	_, now := t.now.hits()
	of := func(n, total int) string {
		if n == 1 {
			return "1 of " + text.Plural(total, "result") + " is missing"
		}
		return number(float64(n)) + " of " + text.Plural(total, "result") + " are missing"
	}
	words := of(now, t.now.n) + inBrackets(missingWords(t.now.results()))
	if f.criterion.Change {
		_, then := t.then.hits()
		words += " now, and " + of(then, t.then.n) + " in the baseline"
	}
	return text.New(words)
}

// inBrackets puts words in brackets behind others.
func inBrackets(words string) string {
	if words == "" {
		return ""
	}
	return " (" + words + ")"
}

// changeDetail says both sides of a comparison.
func (j *judgement) changeDetail(f finding, t target) text.Untrusted {
	c := f.criterion
	switch {
	case f.reading.byRow:
		return text.Sprintf("mean change over %s, each with itself", text.Plural(f.reading.n, "dataset row"))
	case c.Stat == statMean:
		return text.Sprintf("mean change over %s, scenario by scenario", text.Plural(f.reading.n, "value"))
	}
	now, _ := read(t.now, c.Stat, j.level)
	then, _ := read(t.then, c.Stat, j.level)
	return text.Sprintf("%s now, %s in the baseline", now.unit.quantity(now.shown, then.shown), then.unit.quantity(then.shown, now.shown))
}

// intervalWords prints the interval with its level.
func (j *judgement) intervalWords(f finding) string {
	level := number(100*float64(j.level)) + "% interval "
	if f.Value.Low == nil && f.Value.High == nil {
		return "too few values for a " + level[:len(level)-1]
	}
	return level + f.unit().rangeWords(f.Value, f.criterion.Bound)
}

// moreWords says what it would take to decide.
func moreWords(f finding) string {
	n := f.reading.more(f.criterion.Bound)
	switch {
	case f.Value.Low == nil && f.Value.High == nil:
		return "it takes more values to decide"
	case n == 0:
		return "the bound is so close to it that no sensible number of calls would decide"
	case f.criterion.Change:
		return "about " + text.Plural(n, "more call") + " in each run would decide"
	}
	return "about " + text.Plural(n, "more call") + " would decide"
}

// unit is the unit in which the finding's numbers are printed: a rate changes by points.
func (f finding) unit() Unit { return f.Value.Unit.of(f.criterion) }

// of is the unit of a criterion on a metric of unit u.
func (u Unit) of(c Criterion) Unit {
	if c.Change && u == UnitPercent {
		return UnitPoints
	}
	return u
}

// hitWords says how many of how many calls a rate or a count is.
func hitWords(f finding) text.Untrusted {
	hits, _ := f.measured.hits()
	return text.Sprintf("%d of %s %s", hits, text.Plural(f.measured.n, noun(f.measured.metric)), predicate(f.criterion, hits, true))
}

// noun names the calls that a metric is taken over.
func noun(m metric) string {
	if m.evals || m.name == metricScoredRate {
		return "succeeded call"
	}
	return "call"
}

// predicate says of n calls that they count for a rate or a count, or that they do not.
func predicate(c Criterion, n int, hit bool) text.Untrusted {
	have, are := "have", "are"
	if n == 1 {
		have, are = "has", "is"
	}
	words := map[bool]string{}
	switch c.Metric {
	case metricSuccessRate:
		words[true], words[false] = "succeeded", "did not succeed"
	case metricFirstSuccessRate:
		words[true], words[false] = "succeeded at the first attempt", "did not succeed at the first attempt"
	case metricScoredRate:
		words[true], words[false] = have+" an overall score", have+" no overall score"
	case metricFlakyRate, metricFlakyCalls:
		words[true], words[false] = "succeeded only after a rerun", are+" not flaky"
	case metricTotalCalls:
		words[true], words[false] = "were made", "were not made"
	case metricCompletedCalls:
		words[true], words[false] = "completed", "did not complete"
	case metricFailedCalls:
		words[true], words[false] = "failed", "did not fail"
	case metricPassRate:
		words[true], words[false] = "passed", "did not pass"
	case metricResultRate:
		words[true], words[false] = have+" a result", have+" no result"
	case metricShare:
		if hit {
			return text.Sprintf("%s %s", are, quote(c.Label))
		}
		return text.Sprintf("%s not %s", are, quote(c.Label))
	}
	return text.New(words[hit])
}
