// Package criteria is the language in which users say what a run has to keep: criteria, one a
// line, and the conditions of pass-when, under which a call counts as passed. It knows nothing
// of any run: whether a criterion is met is the business of package verdict.
//
// The parts stand in this order:
//
//   - metric, unit: the table of all metrics, which the page docs/criteria.md follows
//   - criterion, condition, set: what a line says, and how it is written
//   - lexer, invisible, bound, parse, passwhen, swallowed, lines: from the text of an input to
//     those
//   - validate, suggest: what is wrong with a line, and what was probably meant
//   - mistakes, exclude, scale, unknown: lines that can be read and cannot do their work
//   - needs: what a set of criteria looks at, as others have to know before a run
//
// Nothing of a call, of the API or of a report may come in.
package criteria
