package verdict

import (
	"fmt"
	"slices"
	"strings"

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
	default:
		said = hitWords(f)
	}
	switch {
	case f.Outcome == NoData:
		return text.Sprintf("%s; %s, which could decide either way", said, unknownWords(f, t))
	case f.reading.inferred:
		said = text.Sprintf("%s, %s", said, j.intervalWords(f))
	case j.rules.DecideOn == DecideOnInterval:
		said = text.Sprintf("%s; it has no interval, so the measured value decides", said)
	}
	if f.Outcome == Undecided {
		said = text.Sprintf("%s; %s", said, moreWords(f))
	}
	switch {
	case f.reading.unknown == 0:
	case !f.reading.bounded:
		said = text.Sprintf("%s; %s", said, unknownWords(f, t))
	default:
		said = text.Sprintf("%s; %s, which would not change that", said, unknownWords(f, t))
	}
	return said
}

// unknownWords counts what a check does not know, and says why.
func unknownWords(f finding, t target) text.Untrusted {
	of := func(m *measured) string {
		n, is, what := m.unknown(), "are", "call"
		if n == 1 {
			is = "is"
		}
		if m.eval != nil {
			what = "result"
		}
		return fmt.Sprintf("%d of %s %s unknown (%s)", n, text.Plural(m.n, what), is, m.unknownWords())
	}
	if !f.criterion.Change || t.then.unknown() == 0 {
		return text.New(of(&t.now))
	}
	if t.now.unknown() == 0 {
		return text.New(of(&t.then) + " in the baseline")
	}
	return text.New(of(&t.now) + ", and " + of(&t.then) + " in the baseline")
}

// unknownWords says why rows are not known: "2 lost, 1 missing".
func (m *measured) unknownWords() string {
	absent := "missing"
	if m.run.unread {
		absent = "not read"
	}
	return words(
		parts(m.causes[causeLost], "lost", m.causes[causeAbsent], absent, m.causes[causeOpen], "not ended", m.causes[causeCancelled], "cancelled"),
		m.resultWords(),
		parts(m.causes[causeFailed], "unsuccessful with no criterion on success"))
}

// resultWords says why results are not known of calls that are.
func (m *measured) resultWords() string {
	n := m.causes[causeResult]
	if m.eval == nil {
		what := "without a value"
		switch m.metric.name {
		case metricOverallScore, metricScoredRate:
			what = "without a score"
		case metricPassRate, metricFirstPassRate:
			what = "without a result that pass-when needs"
			if m.run.byDefault {
				what = "without a result of a Pass/Fail eval"
			}
		}
		return parts(n, what)
	}
	said, missing := missingWords(m.eval.results())
	return words(said, parts(n-missing, "without a "+m.metric.name))
}

// words joins those that are not empty.
func words(all ...string) string {
	return strings.Join(slices.DeleteFunc(all, func(s string) bool { return s == "" }), ", ")
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
	return text.Sprintf("%s now, %s in the baseline", quantity(now.unit, now.shown, then.shown), quantity(then.unit, then.shown, now.shown))
}

// intervalWords prints the interval with its level.
func (j *judgement) intervalWords(f finding) string {
	level := number(100*float64(j.level)) + "% interval "
	if f.Value.Low == nil && f.Value.High == nil {
		return "too few values for a " + level[:len(level)-1]
	}
	return level + rangeWords(f.unit(), f.Value.Low, f.Value.High, f.criterion.Bound)
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

// hitWords says how many of how many calls a rate or a count is.
func hitWords(f finding) text.Untrusted {
	m := &f.measured
	return text.Sprintf("%d of %s %s", m.hits, text.Plural(m.known(), m.noun()), predicate(f.criterion, m.hits, true))
}

// noun names the calls that a metric is taken over.
func (m *measured) noun() string {
	switch {
	case m.metric.evals || m.metric.name == metricScoredRate:
		return "succeeded call"
	case m.metric.name == metricJudgedRate || m.metric.name == metricMissingCalls:
		return "planned call"
	}
	return "call"
}

// predicate says of n calls that they count for a rate or a count, or that they do not.
func predicate(c Criterion, n int, hit bool) text.Untrusted {
	have, are, was := "have", "are", "were"
	if n == 1 {
		have, are, was = "has", "is", "was"
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
		words[true], words[false] = was+" made", was+" not made"
	case metricCompletedCalls:
		words[true], words[false] = "completed", "did not complete"
	case metricFailedCalls:
		words[true], words[false] = "failed", "did not fail"
	case metricPassRate:
		words[true], words[false] = "passed", "did not pass"
	case metricFirstPassRate:
		words[true], words[false] = "passed at the first attempt", "did not pass at the first attempt"
	case metricJudgedRate:
		words[true], words[false] = "could be judged", "could not be judged"
	case metricLostCalls:
		words[true], words[false] = was+" lost by the platform", was+" not lost"
	case metricMissingCalls:
		words[true], words[false] = "never came", "came"
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
