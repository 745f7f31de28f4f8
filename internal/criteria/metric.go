package criteria

import (
	"slices"
	"strconv"
	"strings"
)

// The metrics of the grammar.
const (
	MetricSuccessRate      = "success_rate"
	MetricFirstSuccessRate = "first_success_rate"
	MetricScoredRate       = "scored_rate"
	MetricFlakyRate        = "flaky_rate"
	MetricOverallScore     = "overall_score"
	MetricDuration         = "duration"
	MetricResponseTime     = "response_time"
	MetricCost             = "cost"
	MetricTotalCalls       = "total_calls"
	MetricCompletedCalls   = "completed_calls"
	MetricFailedCalls      = "failed_calls"
	MetricFlakyCalls       = "flaky_calls"
	MetricPassRate         = "pass_rate" // of calls, or of the results of an eval
	MetricFirstPassRate    = "first_pass_rate"
	MetricJudgedRate       = "judged_rate"
	MetricLostCalls        = "lost_calls"
	MetricMissingCalls     = "missing_calls"
	MetricScore            = "score"
	MetricShare            = "share"
	MetricResultRate       = "result_rate"
	// Of the cases of a run with several trials: the share that passes K times of K, and at least once.
	MetricPassAll = "pass^K"
	MetricPassAny = "pass@K"
)

// The stats of the grammar except percentiles, and the word for a comparison with the baseline.
const (
	StatMean      = "mean"
	StatMedian    = "median"
	StatMin       = "min"
	StatMax       = "max"
	StatSum       = "sum"
	wordChange    = "change"
	wordTolerance = "tolerance"
)

// Family says how a metric is computed from calls.
type Family int

// The families.
const (
	Rate    Family = iota // share of calls, in percent
	Average               // a number of each call, reduced by a stat
	Count                 // a number of calls
	Case                  // share of cases, in percent: dataset rows with a call in each trial
)

// Metric is a row of the table of metrics.
type Metric struct {
	Name   string
	Family Family
	Unit   Unit
	Evals  bool // measured on an eval instead of calls
}

// metrics is the table of all metrics, in the order of docs/criteria.md. Read-only.
var metrics = [...]Metric{
	{MetricSuccessRate, Rate, UnitPercent, false},
	{MetricFirstSuccessRate, Rate, UnitPercent, false},
	{MetricPassRate, Rate, UnitPercent, false},
	{MetricFirstPassRate, Rate, UnitPercent, false},
	{MetricPassAll, Case, UnitPercent, false},
	{MetricPassAny, Case, UnitPercent, false},
	{MetricScoredRate, Rate, UnitPercent, false},
	{MetricFlakyRate, Rate, UnitPercent, false},
	{MetricJudgedRate, Rate, UnitPercent, false},
	{MetricOverallScore, Average, UnitNone, false},
	{MetricDuration, Average, UnitSeconds, false},
	{MetricResponseTime, Average, UnitSeconds, false},
	{MetricCost, Average, UnitCents, false},
	{MetricTotalCalls, Count, UnitCalls, false},
	{MetricCompletedCalls, Count, UnitCalls, false},
	{MetricFailedCalls, Count, UnitCalls, false},
	{MetricFlakyCalls, Count, UnitCalls, false},
	{MetricLostCalls, Count, UnitCalls, false},
	{MetricMissingCalls, Count, UnitCalls, false},
	{MetricPassRate, Rate, UnitPercent, true},
	{MetricScore, Average, UnitNone, true},
	{MetricShare, Rate, UnitPercent, true},
	{MetricResultRate, Rate, UnitPercent, true},
}

// caseMetric splits a metric of cases, such as pass^3, into its name in the table and its number of trials;
// ok is false for any other word.
func caseMetric(word string) (name string, k int, ok bool) {
	digits, all := strings.CutPrefix(word, "pass^")
	if !all {
		digits, ok = strings.CutPrefix(word, "pass@")
		if !ok {
			return "", 0, false
		}
	}
	k, err := strconv.Atoi(digits)
	if err != nil || k < 1 || strings.TrimLeft(digits, "+-0") != digits {
		return "", 0, false
	}
	if all {
		return MetricPassAll, k, true
	}
	return MetricPassAny, k, true
}

// NeverNegative reports whether the metric is a time or a cost. A symmetric interval of a few values
// may not respect that.
func (m Metric) NeverNegative() bool { return m.Unit == UnitSeconds || m.Unit == UnitCents }

// Find returns the metric of that name, of evals or of calls.
func Find(name string, evals bool) (Metric, bool) {
	i := slices.IndexFunc(metrics[:], func(m Metric) bool { return m.Name == name && m.Evals == evals })
	if i < 0 {
		return Metric{}, false
	}
	return metrics[i], true
}

// Lookup returns the criterion's metric; known is false if its scope has no such metric.
func (c Criterion) Lookup() (m Metric, known bool) { return Find(c.Metric, c.Scope.Kind.evals()) }

// metricNames lists the metrics of evals or of calls.
func metricNames(evals bool) []string {
	var names []string
	for _, m := range metrics {
		if m.Evals == evals {
			names = append(names, m.Name)
		}
	}
	return names
}

// Percentile returns the percentile of a stat "p01" to "p99", 1 to 99; 0 for any other stat.
func Percentile(stat string) int {
	digits, ok := strings.CutPrefix(stat, "p")
	if !ok || len(digits) != 2 {
		return 0
	}
	n, err := strconv.ParseUint(digits, 10, 8)
	if err != nil {
		return 0
	}
	return int(n) // p00 is 0, not a percentile
}

// isStat reports whether the grammar knows the stat.
func isStat(stat string) bool {
	switch stat {
	case StatMean, StatMedian, StatMin, StatMax, StatSum:
		return true
	}
	return Percentile(stat) > 0
}
