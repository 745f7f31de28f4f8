package gate

import (
	"cmp"
	"container/heap"
	"math"
	"math/rand/v2"
	"slices"
	"time"

	"github.com/agent-gate/agent-gate/internal/calls"
)

// course is how an execution goes, as far as polls can tell: when its status changes, when
// its calls settle, and which of that the server says.
type course struct {
	agent    calls.AgentType
	calls    int
	failures int // of the calls, spread evenly
	evals    evaluation
	counts   counting
	refresh  time.Duration // of counts that lag
	loop     time.Duration // how often the server looks whether all work is done

	placed   time.Duration   // the records of the calls appear
	connects time.Duration   // the first call connects: running
	talked   time.Duration   // the last conversation ends: evaluating, when there are evals
	settled  []time.Duration // in order; one is missing when a call is stuck
	// foreseen is from when on the end can come, as far as polls can tell at best: all
	// calls have settled, and only the evals of all of them and the server's loop are left.
	foreseen time.Duration
	end      time.Duration // 0 is never
}

// evaluation is how a server evaluates calls (contract, section 4.1).
type evaluation int

const (
	noEvals     evaluation = iota // the phase is skipped
	eachCall                      // one call after the other: each settles after its evals
	allAtTheEnd                   // after the last call; the calls have settled then
)

// counting is what polls say about the number of settled calls.
type counting string

const (
	exact   counting = "exact"
	lagging counting = "lagging" // as of the last refresh
	missing counting = "missing" // only how many there are
)

const (
	// horizon is the default of the input timeout: executions that are stuck are watched
	// so long.
	horizon = time.Hour
	// longest is for the conversations, so that no end comes after the horizon.
	longest = 50 * time.Minute
)

// courses draws n executions, always the same.
func courses(n int) []course {
	rng := rand.New(rand.NewPCG(1, 0))
	out := make([]course, 0, n)
	for len(out) < n {
		if c := draw(rng); c.foreseen < longest {
			out = append(out, c)
		}
	}
	return out
}

// draw draws an execution.
func draw(rng *rand.Rand) course {
	c := course{agent: calls.AgentVoice, calls: int(math.Round(between(rng, 5, 500))), counts: exact}
	if rng.IntN(2) == 0 {
		c.agent = calls.AgentText
	}
	c.placed = seconds(1 + 9*rng.Float64())
	ends, failed, pace := c.talk(rng)
	c.talked = seconds(slices.Max(ends))

	// Deployed servers evaluate each call when it ends, documented ones are taken to
	// evaluate all at the end.
	deployed := rng.IntN(2) == 0
	if deployed {
		c.evals = eachCall
		evaluate(rng, ends, failed, pace)
	} else {
		c.evals = allAtTheEnd
	}
	if c.failures == c.calls || rng.Float64() < 0.1 {
		c.evals = noEvals
	}
	for _, s := range ends {
		c.settled = append(c.settled, seconds(s))
	}
	slices.Sort(c.settled)
	c.foreseen = c.settled[c.calls-1]
	c.end = c.foreseen
	if c.evals == allAtTheEnd {
		c.end += seconds(c.evalTime(rng.NormFloat64()))
	}
	// The end shows when the server's own loop looks: a job every minute, the workflow
	// every ten seconds (contract, section 4.1), or soon.
	switch {
	case deployed && c.agent == calls.AgentText:
		c.loop = time.Minute
	case deployed:
		c.loop = 10 * time.Second
	default:
		c.loop = 3 * time.Second
	}
	c.end += time.Duration(float64(c.loop) * rng.Float64())

	switch lies := rng.Float64(); {
	case deployed && lies < 0.25:
		c.counts = missing
	case !deployed && lies < 0.5:
		c.counts, c.refresh = lagging, seconds(between(rng, 5, 40))
	}
	if rng.Float64() < 0.04 {
		c.stick(rng)
	}
	return c
}

// talk draws the conversations: when they end, which of them fail, and how many end in a
// second. Each takes the first place that is free.
func (c *course) talk(rng *rand.Rand) (ends []float64, failed []bool, pace float64) {
	middle, spread, turn := between(rng, 60, 150), 0.3+0.4*rng.Float64(), 0.0
	if c.agent == calls.AgentText {
		middle, turn = between(rng, 25, 60), between(rng, 3, 10)
	}
	failing := 0.15 * rng.Float64()
	refused := rng.Float64() < 0.03 // no call connects: no balance, no number
	lengths := make([]float64, c.calls)
	failed = make([]bool, c.calls)
	for i := range lengths {
		lengths[i] = min(max(middle*math.Exp(spread*rng.NormFloat64()), 20), 300)
		if turn > 0 {
			lengths[i] = math.Ceil(lengths[i]/turn) * turn
		}
		switch {
		case refused:
			lengths[i] = 0
		case rng.Float64() < failing:
			lengths[i] *= rng.Float64()
		default:
			continue
		}
		failed[i] = true
		c.failures++
	}
	if rng.Float64() < 0.2 {
		for range 1 + rng.IntN(3) { // stragglers; no server lets a call go on after 30 minutes
			i := rng.IntN(c.calls)
			lengths[i] = min(lengths[i]*(3+3*rng.Float64()), 1800)
		}
	}
	concurrency := min(1+rng.IntN(25), c.calls)
	places := newPlaces(concurrency, c.placed.Seconds())
	sum := 0.0
	for _, length := range lengths {
		begins := places[0] + 1 + 2*rng.Float64() // dialing
		if !refused {
			c.connects = cmp.Or(min(c.connects, seconds(begins)), seconds(begins))
		}
		ends = append(ends, begins+length)
		places.take(begins + length)
		sum += length
	}
	return ends, failed, float64(concurrency) * float64(c.calls) / sum
}

// evaluate moves the ends of calls to the ends of their evals. Those run on a few workers
// that have plenty of time or hardly enough, so that a queue grows with the calls.
func evaluate(rng *rand.Rand, ends []float64, failed []bool, pace float64) {
	const each = 12.0
	load := 0.2 + 0.85*rng.Float64()
	workers := newPlaces(max(1, int(math.Round(pace*each/load))), 0)
	order := make([]int, len(ends))
	for i := range order {
		order[i] = i
	}
	slices.SortFunc(order, func(a, b int) int { return cmp.Compare(ends[a], ends[b]) })
	for _, i := range order {
		if !failed[i] {
			ends[i] = max(ends[i], workers[0]) + each*math.Exp(0.4*rng.NormFloat64()-0.08)
			workers.take(ends[i])
		}
	}
}

// evalTime is how many seconds the evals of all calls take; z is normally distributed.
func (c *course) evalTime(z float64) float64 {
	return min(max((8+0.25*float64(c.calls))*math.Exp(0.5*z), 3), 300)
}

// stick makes the execution never end: a call does not, or the evals.
func (c *course) stick(rng *rand.Rand) {
	if rng.IntN(2) == 0 {
		c.settled, c.talked = c.settled[:c.calls-1], horizon
	}
	c.end = 0
}

// progress is the server's answer to a poll at the given time.
func (c *course) progress(now time.Duration) calls.Progress {
	p := calls.Progress{AgentType: c.agent, Status: calls.ExecutionPending, Total: new(0)}
	switch {
	case c.end > 0 && now >= c.end:
		p.Status = calls.ExecutionCompleted
	case now >= c.talked && c.evals != noEvals:
		p.Status = calls.ExecutionEvaluating
	case now >= c.connects && c.connects > 0:
		p.Status = calls.ExecutionRunning
	}
	if now >= c.placed {
		*p.Total = c.calls
	}
	if c.counts == missing {
		return p
	}
	if c.counts == lagging && !p.Status.Terminal() {
		now = now.Truncate(c.refresh)
	}
	n, _ := slices.BinarySearch(c.settled, now+1)
	failed := n * c.failures / c.calls
	p.Completed, p.Failed = new(n-failed), new(failed)
	return p
}

// places are when each of some places becomes free, in seconds, the soonest first.
type places []float64

func newPlaces(n int, from float64) places {
	return slices.Repeat(places{from}, n)
}

// take takes the first free place until the given time.
func (p places) take(until float64) {
	p[0] = until
	heap.Fix(p, 0)
}

func (p places) Len() int           { return len(p) }
func (p places) Less(i, j int) bool { return p[i] < p[j] }
func (p places) Swap(i, j int)      { p[i], p[j] = p[j], p[i] }
func (places) Push(any)             { panic("places stay as many as they are") }
func (places) Pop() any             { panic("places stay as many as they are") }

// between draws from the range such that each doubling is as likely as the others.
func between(rng *rand.Rand, low, high float64) float64 {
	return low * math.Pow(high/low, rng.Float64())
}

// seconds is a duration.
func seconds(s float64) time.Duration { return time.Duration(s * float64(time.Second)) }
