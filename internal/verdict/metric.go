package verdict

import (
	"slices"
	"strconv"
	"strings"
)

// The metrics of the grammar.
const (
	metricSuccessRate      = "success_rate"
	metricFirstSuccessRate = "first_success_rate"
	metricScoredRate       = "scored_rate"
	metricFlakyRate        = "flaky_rate"
	metricOverallScore     = "overall_score"
	metricDuration         = "duration"
	metricResponseTime     = "response_time"
	metricCost             = "cost"
	metricTotalCalls       = "total_calls"
	metricCompletedCalls   = "completed_calls"
	metricFailedCalls      = "failed_calls"
	metricFlakyCalls       = "flaky_calls"
	metricPassRate         = "pass_rate" // of calls, and of the results of an eval
	metricFirstPassRate    = "first_pass_rate"
	metricJudgedRate       = "judged_rate"
	metricLostCalls        = "lost_calls"
	metricMissingCalls     = "missing_calls"
	metricScore            = "score"
	metricShare            = "share"
	metricResultRate       = "result_rate"
)

// The stats of the grammar that are no percentile, and the word for a comparison with
// the baseline.
const (
	statMean   = "mean"
	statMedian = "median"
	statMin    = "min"
	statMax    = "max"
	statSum    = "sum"
	wordChange = "change"
)

// family says how a metric is made of calls.
type family int

const (
	rate    family = iota // hits of all, in percent
	average               // a number of each call, reduced by a stat
	count                 // a number of calls
)

// metric is a row of the table of metrics.
type metric struct {
	name   string
	family family
	unit   Unit
	evals  bool // measured on an eval; else on calls
}

// metrics is the table of all metrics, in the order of the documentation. It is never
// written.
var metrics = [...]metric{
	{metricSuccessRate, rate, UnitPercent, false},
	{metricFirstSuccessRate, rate, UnitPercent, false},
	{metricPassRate, rate, UnitPercent, false},
	{metricFirstPassRate, rate, UnitPercent, false},
	{metricScoredRate, rate, UnitPercent, false},
	{metricFlakyRate, rate, UnitPercent, false},
	{metricJudgedRate, rate, UnitPercent, false},
	{metricOverallScore, average, UnitNone, false},
	{metricDuration, average, UnitSeconds, false},
	{metricResponseTime, average, UnitSeconds, false},
	{metricCost, average, UnitCents, false},
	{metricTotalCalls, count, UnitCalls, false},
	{metricCompletedCalls, count, UnitCalls, false},
	{metricFailedCalls, count, UnitCalls, false},
	{metricFlakyCalls, count, UnitCalls, false},
	{metricLostCalls, count, UnitCalls, false},
	{metricMissingCalls, count, UnitCalls, false},
	{metricPassRate, rate, UnitPercent, true},
	{metricScore, average, UnitNone, true},
	{metricShare, rate, UnitPercent, true},
	{metricResultRate, rate, UnitPercent, true},
}

// neverNegative says of a metric of numbers that they are times or costs, which a
// symmetric interval of a few of them does not know.
func (m metric) neverNegative() bool { return m.unit == UnitSeconds || m.unit == UnitCents }

// findMetric returns the metric of that name: of evals, or of calls.
func findMetric(name string, evals bool) (metric, bool) {
	i := slices.IndexFunc(metrics[:], func(m metric) bool { return m.name == name && m.evals == evals })
	if i < 0 {
		return metric{}, false
	}
	return metrics[i], true
}

// metric is what the grammar knows of the criterion's metric; known is false when its scope
// has no such metric.
func (c Criterion) metric() (m metric, known bool) { return findMetric(c.Metric, c.Scope.Kind.evals()) }

// metricNames lists the metrics of evals or of calls.
func metricNames(evals bool) []string {
	var names []string
	for _, m := range metrics {
		if m.evals == evals {
			names = append(names, m.name)
		}
	}
	return names
}

// percentile returns the rank of a stat "p01" to "p99" in percent, or 0 when the stat
// is none of them.
func percentile(stat string) int {
	digits, ok := strings.CutPrefix(stat, "p")
	if !ok || len(digits) != 2 {
		return 0
	}
	n, err := strconv.ParseUint(digits, 10, 8)
	if err != nil {
		return 0
	}
	return int(n) // p00 is 0, and none
}

// isStat reports whether the grammar knows the stat.
func isStat(stat string) bool {
	switch stat {
	case statMean, statMedian, statMin, statMax, statSum:
		return true
	}
	return percentile(stat) > 0
}
