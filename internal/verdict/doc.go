// Package verdict judges a run: criteria and evidence in, verdict out. It is pure: no I/O, no clock,
// no randomness.
//
// The parts stand in this order:
//
//   - evidence, calls: what is known about a run, from the gate or from a saved report
//   - sample, scenario, evals, result, pass: the run's calls in a fixed order, each looked at once
//   - rows, measure, reading: what each call adds to a metric, and the resulting number and interval
//   - baseline, pairs: the same for two runs
//   - rules, finding: a number against its bound
//   - reason, flip, lost: which calls decided, what would have changed the verdict, and what can
//     no longer be met
//   - summary, warn, judge, outcome: the verdict as other packages see it
//
// Sentences belong in verdict/explain, the grammar in criteria and intervals in stats; none of them
// imports this package. CI, HTTP and report formats do not belong here.
package verdict
