// Package verdict judges a run: criteria and evidence in, verdict out. It is pure: no I/O, no
// clock, no randomness, and no knowledge of any CI or of HTTP.
//
// The parts stand in this order:
//
//   - evidence, calls: what is known of a run, which the gate gathers or a saved report holds
//   - sample, scenario, evals, kind, result, pass: the run's calls in an order of ours, each
//     looked at once
//   - rows, measure, reading: what every call adds to a metric, and the number and interval
//     that come of it
//   - baseline, pairs, compare: the same for two runs
//   - rules, finding: a number against its bound
//   - blame, flip, lost: which calls did it, and what would have turned it
//   - summary, warn, reason, judge, outcome: the verdict as everybody else sees it
//
// How numbers are put into words is the business of verdict/explain, what a criterion is that
// of criteria, and what an interval is that of stats. None of them knows of this package.
package verdict
