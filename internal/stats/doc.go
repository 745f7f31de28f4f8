// Package stats computes means, quantiles and differences with their intervals: numbers in,
// numbers out. docs/statistics.md explains the formulas and their sources.
//
// The parts stand in this order:
//
//   - point, interval, distribution: a number, its interval, and the distributions behind it
//   - exact, gaffke: intervals that hold for any number of values
//   - mean, rank: one sample
//   - cluster, cases: a sample of scenarios, of cases tried several times
//   - paired, rates: two samples over the same groups: means, rates
//   - sequential, counts, chances, predict: deciding while calls come in
//
// It knows neither calls nor criteria and imports nothing from this project.
package stats
