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

// ranges are the known ranges of a mean in two runs; nil if one is unknown.
type ranges struct{ now, then stats.Interval }

// differences is the range of differences.
func (r ranges) differences() (low, high float64) {
	return r.now.Low - r.then.High, r.now.High - r.then.Low
}

// rangesOf returns the ranges of the values of two runs; nil if one has none.
func rangesOf(now, then *measured) *ranges {
	low, high, ok := now.scale(now.sorted())
	baseLow, baseHigh, baseOK := then.scale(then.sorted())
	if !ok || !baseOK {
		return nil
	}
	return &ranges{stats.Interval{Low: low, High: high}, stats.Interval{Low: baseLow, High: baseHigh}}
}

// readPaired compares means over the dataset rows that both runs have, or over scenarios if the rows are
// unknown. Both runs have something to measure.
func readPaired(now, then measured, by basis) (r reading, why text.Untrusted) {
	_, over, byRow := pairRows(now, then, nil, nil)
	known := rangesOf(&now, &then)
	paired := func(fill, baseFill *float64) (reading, text.Untrusted) {
		if !byRow {
			return readGroups(now, then, fill, baseFill, known, by)
		}
		differences, _, _ := pairRows(now, then, fill, baseFill)
		r, why := readRows(now, differences, known, by)
		r.over = over
		return r, why
	}
	if r, why = paired(nil, nil); !why.IsEmpty() {
		return r, why
	}
	r.bounded = true
	if r.unknown, r.late = now.unknown()+then.unknown(), now.late; r.unknown == 0 {
		return r, why
	}
	switch {
	case known != nil:
		// Unknown values may be as bad as possible now and as good as possible then, and vice versa.
		least, leastWhy := paired(&known.now.Low, &known.then.High)
		most, mostWhy := paired(&known.now.High, &known.then.Low)
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
func readGroups(now, then measured, fill, baseFill *float64, known *ranges, by basis) (r reading, why text.Untrusted) {
	a, b := now.byScenario(fill), then.byScenario(baseFill)
	switch {
	case len(a) == 0:
		return r, now.gaps().All()
	case len(b) == 0:
		return r, inBaseline(then.gaps().All())
	}
	both := now.counterparts(&then)
	var groups []stats.Group
	var over compared
	n, sum := 0, 0.0
	for _, g := range sortedGroups(a) {
		base, ok := both[g.scenario]
		if values := b[base]; ok && len(values) > 0 {
			groups = append(groups, stats.Group{Now: g.values, Base: values})
			n += len(g.values)
			mean := stats.Mean(g.values)
			sum += mean * float64(len(g.values))
			over.add(mean, stats.Mean(values))
		}
	}
	if len(groups) == 0 {
		return r, text.New("no scenario has values both now and in the baseline")
	}
	c := stats.Compare(groups)
	if math.IsInf(c.Change, 0) || math.IsNaN(c.Change) {
		return r, tooLarge()
	}
	var i stats.Interval
	if known != nil {
		i = c.Ranged(known.now, known.then, by.level)
	} else {
		i = c.Again(by.level)
	}
	switch over, has := now.asSample(by); {
	case !has || over && len(groups) < 2:
		i = stats.Unbounded()
	case over:
		i = known.widened(i, c.Over(by.level))
	}
	r = plain(now.metric.Unit, n, stats.Side{Point: stats.Point{Value: c.Change}, Interval: i}, true)
	over.now = sum / float64(n)
	r.further, r.over = furtherChange(r, by.level), over
	return r, why
}

// widened is the interval over scenarios, within the known range, and never narrower than that of the same
// scenarios run again: a few can agree by chance.
func (r *ranges) widened(same, over stats.Interval) stats.Interval {
	if r == nil {
		return over
	}
	low, high := r.differences()
	return same.Widened(over, low, high)
}

// pairing is a dataset row of a scenario.
type pairing struct {
	scenario int32 // its index in the current run
	row      uint64
}

// pairRows returns the difference of each row that both runs have, by scenario, and what they come to; ok is false if a
// value's row is unknown or no row is in both. A row with several calls has the mean of their values. The fills
// replace unknown values; nil leaves them out.
func pairRows(now, then measured, fill, baseFill *float64) (differences map[int32][]float64, over compared, ok bool) {
	back := now.backFrom(&then)
	differences = map[int32][]float64{}
	// An unknown row could have any counterpart.
	rowless := func(scenario int32) {
		differences[scenario] = append(differences[scenario], *fill-*baseFill)
	}
	a, known := byRow(now, nil, fill, rowless)
	b, baseKnown := byRow(then, back, baseFill, rowless)
	if !known || !baseKnown {
		return nil, over, false
	}
	var means []float64
	for p, values := range a {
		if base := b[p]; len(base) > 0 {
			mean, before := stats.Mean(values), stats.Mean(base)
			differences[p.scenario] = append(differences[p.scenario], mean-before)
			means = append(means, mean)
			over.add(mean, before)
		}
	}
	if len(means) > 0 {
		slices.Sort(means) // so that their sum does not depend on the order
		over.now = stats.Mean(means)
	}
	for _, d := range differences {
		slices.Sort(d)
	}
	return differences, over, len(differences) > 0
}

// byRow returns the known values by dataset row, in ascending order; known is false if the row of one is
// unknown. places maps scenario indices to another run's; nil keeps them. fill replaces unknown values,
// and those without a row go to rowless; nil leaves them out.
func byRow(m measured, places map[int32]int32, fill *float64, rowless func(scenario int32)) (_ map[pairing][]float64, known bool) {
	rows := map[pairing][]float64{}
	known = m.eachPairing(places, fill != nil, rowless, func(p pairing, r row) {
		if r.missing {
			r.value = *fill
		}
		rows[p] = append(rows[p], r.value)
	})
	for _, values := range rows {
		slices.Sort(values)
	}
	return rows, known
}

// readRows is the mean of the differences of rows. Differences between rows cancel out.
func readRows(now measured, differences map[int32][]float64, known *ranges, by basis) (r reading, why text.Untrusted) {
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
	var i stats.Interval
	if known != nil {
		low, high := known.differences()
		i = stats.Gaffke(all, low, high, by.level)
	} else {
		i = stats.MeanInterval(all, nil, by.level)
	}
	switch over, has := now.asSample(by); {
	case !has:
		i = stats.Unbounded()
	case over:
		i = known.widened(i, stats.MeanInterval(all, groups, by.level))
	}
	r = plain(now.metric.Unit, len(all), stats.Side{Point: stats.Point{Value: change}, Interval: i}, true)
	r.further, r.byRow = furtherChange(r, by.level), true
	return r, why
}

// strata are calls that are compared with each other, with their scenario in the current run.
type strata []stratum

type stratum struct {
	pairing // without a row where that is unknown
	stats.Stratum
}

// calls is how many calls of the current run are compared.
func (s strata) calls() int {
	n := 0
	for _, one := range s {
		n += one.Total
	}
	return n
}

// change is the change of the rate, in percentage points, with its interval.
func (s strata) change(l stats.Level) stats.Side {
	gained, lost, pairs := 0, 0, true
	all := make([]stats.Stratum, len(s))
	for i, one := range s {
		all[i] = one.Stratum
		pairs = pairs && one.Total == 1 && one.BaseTotal == 1
		switch {
		case one.Hits > one.BaseHits:
			gained++
		case one.Hits < one.BaseHits:
			lost++
		}
	}
	if pairs {
		return stats.PairedRates(gained, lost, len(s), l)
	}
	return stats.RateChangeWithin(all, l)
}

// overDifferences is the interval of a change over scenarios, in percentage points, wherever between least
// and most, which have the same strata, the unknown calls are.
func overDifferences(known, least, most strata, l stats.Level) stats.Interval {
	for _, s := range []strata{least, most} {
		slices.SortFunc(s, func(a, b stratum) int { return cmp.Or(cmp.Compare(a.scenario, b.scenario), cmp.Compare(a.row, b.row)) })
	}
	sure := map[int32]int{}
	for _, s := range known {
		sure[s.scenario] += s.Total
	}
	var all []stats.Values
	difference := func(s stratum) float64 {
		return 100 * (float64(s.Hits) - float64(s.Total)*float64(s.BaseHits)/float64(s.BaseTotal))
	}
	for i, s := range least {
		if i == 0 || s.scenario != least[i-1].scenario {
			all = append(all, stats.Values{Unknown: -sure[s.scenario]})
		}
		v := &all[len(all)-1]
		v.N, v.Unknown = v.N+s.Total, v.Unknown+s.Total
		v.Least += difference(s)
		v.Most += difference(most[i])
	}
	if len(sure) < fewestScenarios {
		return stats.Unbounded()
	}
	return stats.MeanOverAny(all, l)
}

// rateGroups are the scenarios that both runs have rows of. unknownHits says whether unknown rows count now,
// and so not in the baseline; nil leaves them out.
func rateGroups(now, then measured, unknownHits *bool) strata {
	counts := func(m *measured, hit bool) []stats.Count {
		all, unknown := m.scenarioCounts()
		for i := range all {
			switch {
			case unknownHits == nil:
				all[i].Total -= unknown[i]
			case hit:
				all[i].Hits += unknown[i]
			}
		}
		return all
	}
	a, b := counts(&now, unknownHits != nil && *unknownHits), counts(&then, unknownHits != nil && !*unknownHits)
	both := now.counterparts(&then)
	var all strata
	for i, here := range a {
		base, ok := both[int32(i)]
		if !ok || here.Total == 0 || b[base].Total == 0 {
			continue
		}
		all = append(all, stratum{pairing{scenario: int32(i)}, stats.Stratum{Hits: here.Hits, Total: here.Total, BaseHits: b[base].Hits, BaseTotal: b[base].Total}})
	}
	return all
}

// rateRows are the dataset rows that both runs have; ok is false if a known call's row is unknown or no row is
// in both. unknownHits is that of [rateGroups].
func rateRows(now, then measured, unknownHits *bool) (_ strata, ok bool) {
	back := now.backFrom(&then)
	var all strata
	fill := unknownHits != nil
	// An unknown row could have any counterpart.
	rowless := func(scenario int32) {
		one := stats.Stratum{Hits: 1, Total: 1, BaseTotal: 1}
		if !*unknownHits {
			one = stats.Stratum{Total: 1, BaseHits: 1, BaseTotal: 1}
		}
		all = append(all, stratum{pairing{scenario: scenario}, one})
	}
	a, known := countRows(now, nil, fill, fill && *unknownHits, rowless)
	if !known {
		return nil, false
	}
	b, known := countRows(then, back, fill, fill && !*unknownHits, rowless)
	if !known {
		return nil, false
	}
	for p, here := range a {
		if base, paired := b[p]; paired {
			all = append(all, stratum{p, stats.Stratum{Hits: here.Hits, Total: here.Total, BaseHits: base.Hits, BaseTotal: base.Total}})
		}
	}
	return all, len(all) > 0
}

// countRows counts the calls of each dataset row; known is false if the row of a known one is unknown. places
// maps scenario indices to another run's; nil keeps them. With fill, unknown calls count as hit says, and those
// without a row go to rowless; otherwise they are left out.
func countRows(m measured, places map[int32]int32, fill, hit bool, rowless func(scenario int32)) (_ map[pairing]stats.Count, known bool) {
	rows := map[pairing]stats.Count{}
	known = m.eachPairing(places, fill, rowless, func(p pairing, r row) {
		n := rows[p]
		n.Total++
		if r.hit && !r.missing || r.missing && hit {
			n.Hits++
		}
		rows[p] = n
	})
	return rows, known
}

// eachPairing calls use with each row that belongs to a dataset row, whose scenario is as places maps it; nil
// keeps it. Unknown rows are left out without fill, and those without a dataset row go to rowless. known is
// false as soon as that of a known row is unknown.
func (m *measured) eachPairing(places map[int32]int32, fill bool, rowless func(scenario int32), use func(pairing, row)) (known bool) {
	for r := range m.rows() {
		if r.missing && !fill {
			continue
		}
		p, ok := pairing{scenario: r.scenario}, true
		if places != nil {
			p.scenario, ok = places[r.scenario]
		}
		if r.at >= 0 {
			p.row = m.run.brief(r.at).Row
		}
		switch {
		case !ok:
		case p.row > 0:
			use(p, r)
		case r.missing:
			rowless(p.scenario)
		default:
			return false
		}
	}
	return true
}
