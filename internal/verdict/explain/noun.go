package explain

import (
	"github.com/agent-gate/agent-gate/internal/criteria"
	"github.com/agent-gate/agent-gate/internal/text"
)

// predicate says that n calls count towards a rate or a count, or that they do not.
func predicate(c criteria.Criterion, n int, hit bool) text.Untrusted {
	have, are, was := "have", "are", "were"
	if n == 1 {
		have, are, was = "has", "is", "was"
	}
	words := map[bool]string{}
	switch c.Metric {
	case criteria.MetricSuccessRate:
		words[true], words[false] = "succeeded", "did not succeed"
	case criteria.MetricFirstSuccessRate:
		words[true], words[false] = "succeeded on the first attempt", "did not succeed on the first attempt"
	case criteria.MetricScoredRate:
		words[true], words[false] = have+" an overall score", have+" no overall score"
	case criteria.MetricFlakyRate, criteria.MetricFlakyCalls:
		words[true], words[false] = "recovered after a rerun", are+" not flaky"
	case criteria.MetricTotalCalls:
		words[true], words[false] = was+" made", was+" not made"
	case criteria.MetricCompletedCalls:
		words[true], words[false] = "completed", "did not complete"
	case criteria.MetricFailedCalls:
		words[true], words[false] = "failed", "did not fail"
	case criteria.MetricPassRate:
		words[true], words[false] = "passed", "did not pass"
	case criteria.MetricFirstPassRate:
		words[true], words[false] = "passed on the first attempt", "did not pass on the first attempt"
	case criteria.MetricJudgedRate:
		words[true], words[false] = "could be judged", "could not be judged"
	case criteria.MetricLostCalls:
		words[true], words[false] = was+" lost by the platform", was+" not lost"
	case criteria.MetricMissingCalls:
		words[true], words[false] = are+" missing", are+" not missing"
	case criteria.MetricResultRate:
		words[true], words[false] = have+" a result", have+" no result"
	case criteria.MetricShare:
		if hit {
			return text.Sprintf("%s %s", are, criteria.Quote(c.Label))
		}
		return text.Sprintf("%s not %s", are, criteria.Quote(c.Label))
	}
	return text.New(words[hit])
}

// counted names the calls that count towards a rate or a count, in singular and plural.
func counted(c criteria.Criterion) (one, many string) {
	adjective := ""
	switch c.Metric {
	case criteria.MetricSuccessRate:
		adjective = "successful "
	case criteria.MetricFirstSuccessRate:
		return "call that succeeds on the first attempt", "calls that succeed on the first attempt"
	case criteria.MetricScoredRate:
		adjective = "scored "
	case criteria.MetricFlakyRate, criteria.MetricFlakyCalls:
		adjective = "flaky "
	case criteria.MetricCompletedCalls:
		adjective = "completed "
	case criteria.MetricFailedCalls:
		adjective = "failed "
	case criteria.MetricPassRate:
		adjective = "passing "
	case criteria.MetricFirstPassRate:
		return "call that passes on the first attempt", "calls that pass on the first attempt"
	case criteria.MetricJudgedRate:
		adjective = "judged "
	case criteria.MetricLostCalls:
		adjective = "lost "
	case criteria.MetricMissingCalls:
		adjective = "missing "
	case criteria.MetricShare:
		return criteria.Quote(c.Label) + " result", criteria.Quote(c.Label) + " results"
	case criteria.MetricResultRate:
		return "result", "results"
	}
	return adjective + "call", adjective + "calls"
}

// overWhat names the calls that an average covers.
func overWhat(metric string) string {
	switch metric {
	case criteria.MetricDuration:
		return "completed call"
	case criteria.MetricCost:
		return "call"
	}
	return "successful call"
}
