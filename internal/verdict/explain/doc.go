// Package explain writes the sentences of a verdict: its reason, the detail of each check, what
// would have turned it, and the warnings. It is handed facts and works nothing out: which calls
// are to blame, how many more it would take and whether a criterion is met is found by package
// verdict, which fills the fields of the types here and keeps what they say.
//
// The parts stand in this order:
//
//   - number, list, noun: numbers, lists and the names of things
//   - gaps, facts: what is not known, and what is known, of a check
//   - detail, reason, flip: the sentences about checks
//   - nodata, warning, eval, baseline: those about the run
//
// Nothing of a call or of an interval's formula may come in.
package explain
