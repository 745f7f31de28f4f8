// Package odds says how likely agents of several true rates are to meet the criteria with the planned
// calls: what to know before paying for them.
//
// The parts stand in this order:
//
//   - odds: the chances of one criterion
//   - words: the sentences of a dry run
//
// It is exact for independent calls, places none and knows nothing of what they were.
package odds
