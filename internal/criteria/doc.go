// Package criteria is the language of criteria and of pass-when: criteria, one a line, say what a
// run must meet, and conditions say when a call counts as passed. It knows nothing about runs;
// package verdict decides whether a criterion is met.
//
// The parts stand in this order:
//
//   - metric, unit: the table of metrics, which docs/criteria.md follows
//   - criterion, condition, set: what a line means, and its normal form
//   - lexer, invisible, bound, parse, passwhen, swallowed, lines: from text to criteria
//   - validate, suggest: what is wrong with a line, and what was probably meant
//   - mistakes, exclude, scale, unknown: valid lines that cannot work
//   - needs: what a set of criteria looks at, which others need to know before a run
//
// Calls, the API and reports do not belong here.
package criteria
