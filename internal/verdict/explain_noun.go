package verdict

import "github.com/agent-gate/agent-gate/internal/text"

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

// counted names the calls that count for a rate or a count, one and many.
func counted(c Criterion) (one, many string) {
	adjective := ""
	switch c.Metric {
	case metricSuccessRate:
		adjective = "succeeded "
	case metricFirstSuccessRate:
		return "call succeeding at the first attempt", "calls succeeding at the first attempt"
	case metricScoredRate:
		adjective = "scored "
	case metricFlakyRate, metricFlakyCalls:
		adjective = "flaky "
	case metricCompletedCalls:
		adjective = "completed "
	case metricFailedCalls:
		adjective = "failed "
	case metricPassRate:
		adjective = "passed "
	case metricFirstPassRate:
		return "call passing at the first attempt", "calls passing at the first attempt"
	case metricJudgedRate:
		adjective = "judged "
	case metricLostCalls:
		adjective = "lost "
	case metricMissingCalls:
		adjective = "missing "
	case metricShare:
		return "result " + quote(c.Label), "results " + quote(c.Label)
	case metricResultRate:
		return "result", "results"
	}
	return adjective + "call", adjective + "calls"
}

// overWhat names the calls that an average is taken over.
func overWhat(metric string) string {
	switch metric {
	case metricDuration:
		return "completed call"
	case metricCost:
		return "call"
	}
	return "succeeded call"
}

// reversed is the comparison that holds exactly where op does not.
func reversed(op string) string {
	switch op {
	case opAtLeast:
		return opBelow
	case opAbove:
		return opAtMost
	case opAtMost:
		return opAbove
	case opBelow:
		return opAtLeast
	}
	return "!="
}
