// Package stats is numbers in, numbers out: means, quantiles and differences with their
// intervals. It knows neither calls nor criteria, and imports nothing of this project. The
// formulas and their sources are explained in docs/statistics.md.
//
// The parts stand in this order:
//
//   - point, interval, distribution: a number, what is known of it, and the distributions that
//     this is calculated with
//   - mean, rank: of one sample
//   - paired: of two samples over the same groups
package stats
