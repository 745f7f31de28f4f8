package verdict

import "math"

// decide compares the reading with a bound. Where missing results would change the
// outcome there is no data.
func (r reading) decide(op string, bound float64, on DecideOn) CheckOutcome {
	for _, v := range []float64{r.shown, r.least.value, r.most.value, bound} {
		if math.IsNaN(v) || math.IsInf(v, 0) {
			return NoData
		}
	}
	byInterval := on == DecideOnInterval && r.inferred
	least, most := decideSide(r.least, op, bound, byInterval), decideSide(r.most, op, bound, byInterval)
	switch {
	case least != most:
		return NoData
	case least == NotMet && op == opEqual && r.least.against(bound) != r.most.against(bound):
		return NoData // the number in between may be the one
	case r.unknown > 0 && !byInterval && holds(op, Point{value: r.shown}.against(bound)) != (least == Met):
		return NoData // of a change the number that is shown need not lie between the two
	}
	return least
}

// decideSide compares one number, or its whole interval, with a bound.
func decideSide(s side, op string, bound float64, byInterval bool) CheckOutcome {
	if !byInterval {
		if holds(op, s.against(bound)) {
			return Met
		}
		return NotMet
	}
	low, high := Point{value: s.low}.against(bound), Point{value: s.high}.against(bound)
	switch {
	case holds(op, low) && holds(op, high):
		return Met
	case op == opEqual && low*high <= 0:
		return Undecided // the bound is inside, and a number beside it too
	case !holds(op, low) && !holds(op, high):
		return NotMet
	}
	return Undecided
}

// more is about how many more calls would decide what the interval leaves open; 0 when
// no number of calls that anybody makes would.
func (r reading) more(bound float64) int {
	const most = 1e6
	if r.enough == nil {
		return 0
	}
	more := math.Ceil(r.enough(bound)) - float64(r.n)
	if math.IsNaN(more) || more > most || r.enough(bound) == 0 {
		return 0
	}
	return max(1, int(more))
}
