package statistics_test

import (
	"math"
	"math/rand/v2"
	"slices"
	"testing"

	"github.com/agent-gate/agent-gate/internal/stats"
)

// shape is a distribution of scores from 1 to 10.
type shape struct {
	name string
	draw func(r *rand.Rand) float64
	mean float64
}

// among draws one of the values with these probabilities.
func among(name string, values, shares []float64) shape {
	s := shape{name: name}
	for i, v := range values {
		s.mean += v * shares[i]
	}
	s.draw = func(r *rand.Rand) float64 {
		u := r.Float64()
		for i, p := range shares {
			if u -= p; u < 0 {
				return values[i]
			}
		}
		return values[len(values)-1]
	}
	return s
}

// shapes are the kinds of scores that the tables are about.
var shapes = []shape{
	among("even from 1 to 10", []float64{1, 2, 3, 4, 5, 6, 7, 8, 9, 10}, slices.Repeat([]float64{0.1}, 10)),
	among("mostly 7 to 9", []float64{6, 7, 8, 9, 10}, []float64{0.1, 0.25, 0.3, 0.25, 0.1}),
	among("70 % tens, the rest 6 to 9", []float64{6, 7, 8, 9, 10}, []float64{0.05, 0.05, 0.1, 0.1, 0.7}),
	among("90 % tens, 10 % ones", []float64{1, 10}, []float64{0.1, 0.9}),
	among("95 % nines, 5 % ones", []float64{1, 9}, []float64{0.05, 0.95}),
	among("half ones, half tens", []float64{1, 10}, []float64{0.5, 0.5}),
	among("90 % ones, 10 % tens", []float64{1, 10}, []float64{0.9, 0.1}),
}

// scores are n sorted scores.
func (s shape) scores(r *rand.Rand, n int) []float64 {
	values := make([]float64, n)
	for i := range values {
		values[i] = s.draw(r)
	}
	slices.Sort(values)
	return values
}

// TestTableOfMeans passes a bar at the true mean: by Gaffke's interval in at most 2.5 % of the runs, by t as it
// comes.
func TestTableOfMeans(t *testing.T) {
	t.Parallel()
	var rows [][]cell
	for k, s := range shapes {
		row := []cell{words("%s", s.name)}
		for i, n := range []int{5, 10, 20, 50} {
			seed := uint64(1000 + 10*k + i)
			gaffke := simulate(runs(), seed, func(r *rand.Rand) bool { return stats.Gaffke(s.scores(r, n), 1, 10, 0.95).Low > s.mean })
			plain := simulate(runs(), seed, func(r *rand.Rand) bool { return stats.MeanInterval(s.scores(r, n), nil, 0.95).Low > s.mean })
			if most := 0.025 + 4*math.Sqrt(0.025/float64(runs())); float64(gaffke)/float64(runs()) > most {
				t.Errorf("%s, %d scores: %d of %d runs pass", s.name, n, gaffke, runs())
			}
			row = append(row, drawn(gaffke, runs()), drawn(plain, runs()))
		}
		rows = append(rows, row)
	}
	hold(t, "statistics.md", "means", rows)
}

// TestTableOfTimes is about values without an upper end: durations with a long tail.
func TestTableOfTimes(t *testing.T) {
	t.Parallel()
	var rows [][]cell
	for i, n := range []int{5, 10, 20, 50, 200} {
		row := []cell{words("%d", n)}
		for k, spread := range []float64{0.5, 1} {
			mean := math.Exp(spread * spread / 2)
			draw := func(r *rand.Rand) []float64 {
				values := make([]float64, n)
				for i := range values {
					values[i] = math.Exp(spread * r.NormFloat64())
				}
				slices.Sort(values)
				return values
			}
			seed := uint64(2000 + 10*i + k)
			held := func(interval func(values []float64) stats.Interval) cell {
				return drawn(simulate(runs(), seed, func(r *rand.Rand) bool {
					at := interval(draw(r))
					return at.Low <= mean && mean <= at.High
				}), runs())
			}
			row = append(row,
				held(func(v []float64) stats.Interval { return stats.LogMeanInterval(v, nil, 0.95) }),
				held(func(v []float64) stats.Interval { return stats.MeanInterval(v, nil, 0.95) }))
		}
		rows = append(rows, row)
	}
	hold(t, "statistics.md", "times", rows)
}

// TestTableOfGroups is about means over scenarios that differ: half of the variance is between them.
func TestTableOfGroups(t *testing.T) {
	t.Parallel()
	var rows [][]cell
	for i, scenarios := range []int{10, 20, 50} {
		draw := func(r *rand.Rand, between float64) (all []float64, groups [][]float64) {
			for range scenarios {
				own := between * r.NormFloat64()
				var values []float64
				for range 5 {
					values = append(values, own+math.Sqrt(1-between*between)*r.NormFloat64())
				}
				slices.Sort(values)
				groups, all = append(groups, values), append(all, values...)
			}
			slices.Sort(all)
			return all, groups
		}
		held := func(seed uint64, between float64, over bool) cell {
			return drawn(simulate(runs(), seed, func(r *rand.Rand) bool {
				all, groups := draw(r, between)
				if !over {
					groups = nil
				}
				at := stats.MeanInterval(all, groups, 0.95)
				return at.Low <= 0 && 0 <= at.High
			}), runs())
		}
		half := math.Sqrt(0.5)
		rows = append(rows, []cell{words("%d", scenarios), held(uint64(3000+i), 0, true), held(uint64(3100+i), half, true), held(uint64(3200+i), half, false)})
	}
	hold(t, "statistics.md", "groups", rows)
}

// changes draws a run and its baseline of so many rows, of which each has its own rate.
func changes(r *rand.Rand, rows int, change float64) (gained, lost int, strata []stats.Stratum) {
	for range rows {
		p := 0.3
		if r.Float64() < 0.8 {
			p = 0.95
		}
		one := stats.Stratum{Total: 1, BaseTotal: 1}
		if r.Float64() < p+change {
			one.Hits = 1
		}
		if r.Float64() < p {
			one.BaseHits = 1
		}
		gained += one.Hits * (1 - one.BaseHits)
		lost += one.BaseHits * (1 - one.Hits)
		strata = append(strata, one)
	}
	return gained, lost, strata
}

// TestTableOfChanges is about rates that fall in every row: how often that is shown, and how often a change is
// shown that is none.
func TestTableOfChanges(t *testing.T) {
	t.Parallel()
	var rows [][]cell
	for i, n := range []int{20, 50, 100, 200} {
		row := []cell{words("%d", n)}
		for k, change := range []float64{0, -0.1, -0.2} {
			seed := uint64(4000 + 10*i + k)
			row = append(row,
				drawn(simulate(runs(), seed, func(r *rand.Rand) bool {
					gained, lost, _ := changes(r, n, change)
					return stats.PairedRates(gained, lost, n, 0.95).High < 0
				}), runs()),
				drawn(simulate(runs(), seed, func(r *rand.Rand) bool {
					_, _, strata := changes(r, n, change)
					hits, base := 0, 0
					for _, s := range strata {
						hits, base = hits+s.Hits, base+s.BaseHits
					}
					return stats.RateChangeWithin([]stats.Stratum{{Hits: hits, Total: n, BaseHits: base, BaseTotal: n}}, 0.95).High < 0
				}), runs()))
		}
		rows = append(rows, row)
	}
	hold(t, "statistics.md", "changes", rows)
}
