package gate

import (
	"math"
	"time"
)

// The lower bound. A policy that may see everything but the end without asking, at every
// instant: the status, how many calls have really settled, and how often the server looks.
// It also knows from what distribution executions are drawn, and that this one is not stuck.
// It sends requests only to see the end, and to keep the longest wait. No policy that polls
// knows as much, so none can do better.
//
// Such a policy has one thing left to be uncertain about: the time from course.foreseen to
// the end. For a price of a request in seconds of delay, when to ask is a problem of dynamic
// programming over that time. Its optimum J(price) is, on average over the executions, at
// most delay + price × requests of any policy; so for every price
//
//	delay ≥ J(price) − price × requests    and    requests ≥ (J(price) − delay) / price.
//
// The time is cut into cells. A request sees an end in its own cell even if it comes after
// the request, and delays are counted from cell to cell; that makes delays appear longer by
// half a cell on average at most, which is taken off.

const cell = 0.5 // seconds

// bound is J at some prices.
type bound []struct{ price, cost float64 }

// newBound computes the bound for waits of up to maximum, for the executions that end.
func newBound(all []course, maximum time.Duration) bound {
	var b bound
	for _, price := range []float64{0.005, 0.01, 0.02, 0.05, 0.1, 0.2, 0.4, 0.8, 1.6, 3.2, 6.4} {
		tables := map[uncertainty]timetable{}
		sum, n := 0.0, 0
		for i := range all {
			c := &all[i]
			if c.end == 0 {
				continue
			}
			u := c.uncertainty()
			if _, known := tables[u]; !known {
				tables[u] = newTimetable(u.cells(), price, maximum)
			}
			sum += tables[u].cost(c.foreseen, price, maximum)
			n++
		}
		b = append(b, struct{ price, cost float64 }{price, sum/float64(n) - cell/2 + latency.Seconds()/2})
	}
	return b
}

// delay is the least mean delay with so many requests, in seconds.
func (b bound) delay(requests float64) float64 {
	least := latency.Seconds() / 2
	for _, p := range b {
		least = max(least, p.cost-p.price*requests)
	}
	return least
}

// requests is the least mean number of requests with that delay.
func (b bound) requests(delay float64) float64 {
	least := 0.0
	for _, p := range b {
		least = max(least, (p.cost-delay)/p.price)
	}
	return least
}

// uncertainty tells executions apart whose time from course.foreseen to the end has another
// distribution.
type uncertainty struct {
	calls int // whose evals run at the end; 0 is none
	loop  time.Duration
}

func (c *course) uncertainty() uncertainty {
	u := uncertainty{loop: c.loop}
	if c.evals == allAtTheEnd {
		u.calls = c.calls
	}
	return u
}

// cells is how likely the end comes in each cell of the time.
func (u uncertainty) cells() []float64 {
	const parts = 20 // of the normal distribution's unit
	loop := int(math.Round(u.loop.Seconds() / cell))
	out := make([]float64, int(300/cell)+1+loop)
	add := func(at, p float64) {
		// The loop looks at any time within its period with the same chance.
		first := int(at / cell)
		part := 1 - (at/cell - float64(first)) // of the first cell
		for i := range loop {
			out[first+i] += p / float64(loop) * part
			if part < 1 {
				out[first+i+1] += p / float64(loop) * (1 - part)
			}
		}
	}
	if u.calls == 0 {
		add(0, 1)
		return out
	}
	c := course{calls: u.calls}
	cdf := func(z float64) float64 { return math.Erfc(-z/math.Sqrt2) / 2 }
	for i := -6 * parts; i < 6*parts; i++ {
		z := float64(i) / parts
		add(c.evalTime(z+0.5/parts), cdf(z+1.0/parts)-cdf(z))
	}
	return out
}

// timetable is when to ask best, from course.foreseen on.
type timetable struct {
	likely []float64 // the end, by cell
	after  []float64 // after[i] is what follows a request in cell i, as it is expected before the first
}

// newTimetable computes from the last cell to the first what is best after a request there.
func newTimetable(likely []float64, price float64, maximum time.Duration) timetable {
	n := len(likely)
	p := timetable{likely: likely, after: make([]float64, n)}
	// Waits are from 2 s to the maximum; one more or less in cells.
	shortest, longest := int(2/cell)-1, int((maximum+latency).Seconds()/cell)+1
	open := 0.0 // the chance that the end comes after cell i
	for i := n - 2; i >= 0; i-- {
		open += likely[i+1]
		if open < 1e-9 {
			continue
		}
		best := math.Inf(1)
		seen, delay := 0.0, 0.0 // by a request in cell j
		for j := i + 1; j <= min(i+longest, n-1); j++ {
			delay += seen * cell
			seen += likely[j]
			if j >= min(i+shortest, n-1) {
				best = min(best, delay+p.after[j])
			}
			if delay > best {
				break
			}
		}
		p.after[i] = price*open + best
	}
	return p
}

// cost is the least delay + price × requests for an execution whose end can come from the
// given time on. Until then a request is due after each longest wait.
func (p timetable) cost(from time.Duration, price float64, maximum time.Duration) float64 {
	best := math.Inf(1)
	seen, delay := 0.0, 0.0
	for i := range p.likely {
		delay += seen * cell
		seen += p.likely[i]
		if delay > best {
			break
		}
		requests := 1 + math.Ceil((from.Seconds()+float64(i)*cell)/(maximum+latency).Seconds())
		best = min(best, delay+price*requests+p.after[i])
	}
	return best
}
