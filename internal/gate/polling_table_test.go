package gate

import (
	"fmt"
	"io"
	"time"

	"github.com/agent-gate/agent-gate/internal/calls"
	"github.com/agent-gate/agent-gate/internal/gate/schedule"
)

// tabulate writes the tables of docs/benchmarks.md.
func tabulate(w io.Writer, all []course, us entry, them []entry, five entry, curve []entry, least bound) {
	fmt.Fprintf(w, "\nOf %d executions %d end; delays and requests are about these, and the last column about the others,\nwhich are watched for an hour. Delays are in seconds.\n", len(all), us.runs)
	fmt.Fprint(w, "\n| policy | delay, mean | median | 95 % | requests, mean | 95 % | of one that is stuck |\n|---|---:|---:|---:|---:|---:|---:|\n")
	for _, e := range append(them[:len(them):len(them)], us) {
		name := e.name
		if e.name == us.name {
			name = "**" + name + "**"
		}
		fmt.Fprintf(w, "| %s | %.2f | %.2f | %.2f | %.1f | %.0f | %.0f |\n", name, e.delay, e.medianDelay, e.delay95, e.requests, e.requests95, e.requestsWhenStuck)
	}
	fmt.Fprintf(w, "\nAgainst \"every 5 s\": %.0f %% of the requests, %.0f %% of the mean delay, %.0f %% of the delay's 95th percentile;\nwith those that are stuck %.0f %% of the requests.\n",
		100*us.requests/five.requests, 100*us.delay/five.delay, 100*us.delay95/five.delay95, 100*float64(us.polls())/float64(five.polls()))
	fmt.Fprintf(w, "\nLower bound: with so many requests no policy with waits from 2 s to 30 s has a mean delay under %.2f s (ours: %.2f s);\nwith that delay none has fewer than %.1f requests (ours: %.1f, %.2f times as many).\n",
		least.delay(us.requests), us.delay, least.requests(us.delay), us.requests, us.requests/least.requests(us.delay))

	fmt.Fprint(w, "\nThe same by kind of execution, beside \"every 5 s\":\n")
	fmt.Fprint(w, "\n| executions | number | delay, mean | 95 % | requests | every 5 s: delay | 95 % | requests | share |\n|---|---:|---:|---:|---:|---:|---:|---:|---:|\n")
	for _, k := range kinds() {
		a, b := measure(all, us.got, k.chosen), measure(all, five.got, k.chosen)
		fmt.Fprintf(w, "| %s | %d | %.2f | %.2f | %.1f | %.2f | %.2f | %.1f | %.0f %% |\n",
			k.name, a.runs, a.delay, a.delay95, a.requests, b.delay, b.delay95, b.requests, 100*a.requests/b.requests)
	}

	fmt.Fprint(w, "\nWith other bounds (`poll-min-interval`, `poll-max-interval`):\n")
	fmt.Fprint(w, "\n| bounds | delay, mean | 95 % | requests | share of every 5 s |\n|---|---:|---:|---:|---:|\n")
	for _, b := range [][2]float64{{1, 30}, {2, 15}, {2, 30}, {2, 60}, {2, 120}, {2, 600}, {5, 30}, {5, 60}} {
		e := enter(all, scheduleOf(schedule.RequestPrice, seconds(b[0]), seconds(b[1])))
		fmt.Fprintf(w, "| %.0f s, %.0f s | %.2f | %.2f | %.1f | %.0f %% |\n", b[0], b[1], e.delay, e.delay95, e.requests, 100*e.requests/five.requests)
	}

	fmt.Fprintf(w, "\nWith other prices of a request (built in: %v), from 1 s to 60 s:\n", schedule.RequestPrice)
	fmt.Fprint(w, "\n| price | delay, mean | 95 % | requests | is better in both than |\n|---|---:|---:|---:|---|\n")
	for _, e := range curve {
		beats, comma := "", ""
		for _, other := range them {
			if e.delay < other.delay && e.requests < other.requests {
				beats += comma + other.name
				comma = "; "
			}
		}
		fmt.Fprintf(w, "| %s | %.2f | %.2f | %.1f | %s |\n", e.name, e.delay, e.delay95, e.requests, beats)
	}
}

// polls are all requests of a policy, also of the executions that are stuck.
func (e entry) polls() int {
	n := 0
	for _, g := range e.got {
		n += g.polls
	}
	return n
}

// kind is a part of the executions.
type kind struct {
	name   string
	chosen func(*course) bool
}

// kinds are the parts that the tables show.
func kinds() []kind {
	lasting := func(from, to time.Duration) func(*course) bool {
		return func(c *course) bool { return c.end >= from && c.end < to && c.end > 0 }
	}
	return []kind{
		{"voice", func(c *course) bool { return c.agent == calls.AgentVoice }},
		{"text", func(c *course) bool { return c.agent == calls.AgentText }},
		{"up to 5 min", lasting(0, 5*time.Minute)},
		{"5 to 20 min", lasting(5*time.Minute, 20*time.Minute)},
		{"20 to 60 min", lasting(20*time.Minute, horizon)},
		{"exact counts", func(c *course) bool { return c.counts == exact }},
		{"lagging counts", func(c *course) bool { return c.counts == lagging }},
		{"no counts", func(c *course) bool { return c.counts == missing }},
		{"evals after each call", func(c *course) bool { return c.evals == eachCall }},
		{"evals at the end", func(c *course) bool { return c.evals == allAtTheEnd }},
		{"no evals", func(c *course) bool { return c.evals == noEvals }},
	}
}
