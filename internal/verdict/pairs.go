package verdict

import (
	"cmp"
	"math"
	"slices"

	"github.com/agent-gate/agent-gate/internal/stats"
	"github.com/agent-gate/agent-gate/internal/text"
)

// scenarioValues are the values of one scenario in ascending order.
type scenarioValues struct {
	scenario int32 // its index
	values   []float64
}

// sortedGroups orders groups by scenario index.
func sortedGroups(groups map[int32][]float64) []scenarioValues {
	var sorted []scenarioValues
	for scenario, values := range groups {
		sorted = append(sorted, scenarioValues{scenario, values})
	}
	slices.SortFunc(sorted, func(a, b scenarioValues) int { return cmp.Compare(a.scenario, b.scenario) })
	return sorted
}

// readPaired compares means over the dataset rows that both runs have, or over scenarios if the rows are
// unknown. Both runs have something to measure.
func readPaired(now, then measured, l stats.Level) (r reading, why text.Untrusted) {
	_, byRow := pairRows(now, then, nil, nil)
	paired := func(fill, baseFill *float64) (reading, text.Untrusted) {
		if !byRow {
			return readGroups(now, then, fill, baseFill, l)
		}
		differences, _ := pairRows(now, then, fill, baseFill)
		return readRows(now, differences, l)
	}
	if r, why = paired(nil, nil); !why.IsEmpty() {
		return r, why
	}
	r.bounded = true
	if r.unknown, r.late = now.unknown()+then.unknown(), now.late; r.unknown == 0 {
		return r, why
	}
	low, high, ok := now.scale(now.sorted())
	_, _, baseOK := then.scale(then.sorted())
	switch {
	case ok && baseOK:
		// Unknown values may be as bad as possible now and as good as possible then, and vice versa.
		least, leastWhy := paired(&low, &high)
		most, mostWhy := paired(&high, &low)
		if leastWhy.IsEmpty() && mostWhy.IsEmpty() {
			r.least, r.most = least.least, most.most
			break
		}
		fallthrough
	case now.needsScale() || then.needsScale():
		r.least, r.most = stats.Exactly(stats.Point{Value: math.Inf(-1)}), stats.Exactly(stats.Point{Value: math.Inf(1)})
	default:
		r.bounded = false
	}
	return r, why
}

// readGroups compares means over the scenarios that both runs have values of. The fills replace unknown
// values; nil leaves them out.
func readGroups(now, then measured, fill, baseFill *float64, l stats.Level) (r reading, why text.Untrusted) {
	a, b := now.byScenario(fill), then.byScenario(baseFill)
	switch {
	case len(a) == 0:
		return r, now.gaps().All()
	case len(b) == 0:
		return r, inBaseline(then.gaps().All())
	}
	both := now.counterparts(&then)
	var groups []stats.Group
	n := 0
	for _, g := range sortedGroups(a) {
		base, ok := both[g.scenario]
		if values := b[base]; ok && len(values) > 0 {
			groups = append(groups, stats.Group{Now: g.values, Base: values})
			n += len(g.values)
		}
	}
	if len(groups) == 0 {
		return r, text.New("no scenario has values both now and in the baseline")
	}
	change, i := stats.PairedChange(groups, l)
	if math.IsInf(change, 0) || math.IsNaN(change) {
		return r, tooLarge()
	}
	r = plain(now.metric.Unit, n, stats.Side{Point: stats.Point{Value: change}, Interval: i}, true)
	r.enough = widthCalls(r)
	return r, why
}

// pairing is a dataset row of a scenario.
type pairing struct {
	scenario int32 // its index in the current run
	row      uint64
}

// pairRows returns the difference of each row that both runs have, by scenario; ok is false if a value's
// row is unknown or no row is in both. A row with several calls has the mean of their values. The fills
// replace unknown values; nil leaves them out.
func pairRows(now, then measured, fill, baseFill *float64) (differences map[int32][]float64, ok bool) {
	both := now.counterparts(&then)
	back := make(map[int32]int32, len(both))
	for here, there := range both {
		back[there] = here
	}
	differences = map[int32][]float64{}
	// An unknown row could have any counterpart.
	rowless := func(scenario int32) {
		differences[scenario] = append(differences[scenario], *fill-*baseFill)
	}
	a, known := byRow(now, nil, fill, rowless)
	b, baseKnown := byRow(then, back, baseFill, rowless)
	if !known || !baseKnown {
		return nil, false
	}
	for p, values := range a {
		if base := b[p]; len(base) > 0 {
			differences[p.scenario] = append(differences[p.scenario], stats.Mean(values)-stats.Mean(base))
		}
	}
	for _, d := range differences {
		slices.Sort(d)
	}
	return differences, len(differences) > 0
}

// byRow returns the known values by dataset row, in ascending order; known is false if the row of one is
// unknown. places maps scenario indices to another run's; nil keeps them. fill replaces unknown values,
// and those without a row go to rowless; nil leaves them out.
func byRow(m measured, places map[int32]int32, fill *float64, rowless func(scenario int32)) (_ map[pairing][]float64, known bool) {
	rows := map[pairing][]float64{}
	for r := range m.rows() {
		if r.missing && fill == nil {
			continue
		}
		scenario := r.scenario
		if places != nil {
			here, ok := places[scenario]
			if !ok {
				continue
			}
			scenario = here
		}
		var row uint64
		if r.at >= 0 {
			row = m.run.brief(r.at).Row
		}
		switch {
		case row == 0 && !r.missing:
			return nil, false
		case row == 0:
			rowless(scenario)
			continue
		case r.missing:
			r.value = *fill
		}
		p := pairing{scenario, row}
		rows[p] = append(rows[p], r.value)
	}
	for _, values := range rows {
		slices.Sort(values)
	}
	return rows, true
}

// readRows is the mean of the differences of rows. Differences between rows cancel out.
func readRows(now measured, differences map[int32][]float64, l stats.Level) (r reading, why text.Untrusted) {
	var groups [][]float64
	var all []float64
	for _, g := range sortedGroups(differences) {
		groups = append(groups, g.values)
		all = append(all, g.values...)
	}
	slices.Sort(all)
	change := stats.Mean(all)
	if math.IsInf(change, 0) || math.IsNaN(change) {
		return r, tooLarge()
	}
	r = plain(now.metric.Unit, len(all), stats.Side{Point: stats.Point{Value: change}, Interval: stats.MeanInterval(all, groups, l)}, true)
	r.enough, r.byRow = widthCalls(r), true
	return r, why
}
