// Package explain writes the sentences of a verdict: its reason, the detail of each check, what
// would have changed it, and the warnings. It receives facts and computes none: package verdict
// finds which calls are to blame, how many more it would take and whether a criterion is met, and
// fills the types here with what it found.
//
// The parts stand in this order:
//
//   - number, list, noun: numbers, lists and the names of things
//   - gaps, facts: what is unknown and what is known about a check
//   - detail, reason, flip: sentences about checks
//   - nodata, warning, eval, baseline: sentences about the run
//
// Calls and the formulas of intervals do not belong here.
package explain
