package gate

import (
	"math"
	"math/rand/v2"
	"runtime"
	"slices"
	"strconv"
	"sync"
	"time"

	"github.com/cenkalti/backoff/v4"

	"github.com/agent-gate/agent-gate/internal/calls"
	"github.com/agent-gate/agent-gate/internal/gate/schedule"
)

// policy says when to poll. The schedule is one.
type policy interface {
	Observe(p calls.Progress, elapsed time.Duration)
	NextBackOff() time.Duration
}

// contender is a policy of the tables. make makes a fresh one for each execution; random
// gives numbers from 0 to 1.
type contender struct {
	name string
	make func(random func() float64) policy
}

// rivals are what people use instead.
func rivals() []contender {
	var out []contender
	for _, s := range []int{2, 5, 15, 30} {
		out = append(out, contender{"every " + strconv.Itoa(s) + " s", func(func() float64) policy { return fixed(s) * fixed(time.Second) }})
	}
	for _, most := range []int{30, 60} {
		name := "exponential, up to " + strconv.Itoa(most) + " s"
		out = append(out,
			contender{name, func(r func() float64) policy { return newExponential(most, false, r) }},
			contender{name + ", reset by news", func(r func() float64) policy { return newExponential(most, true, r) }})
	}
	return out
}

// scheduleOf is the schedule with a price and bounds of one's own.
func scheduleOf(price, minimum, maximum time.Duration) contender {
	return contender{"agent-gate", func(r func() float64) policy {
		s := schedule.New(minimum, maximum)
		s.Price, s.Random = price, r
		return s
	}}
}

// ours is the schedule as users have it.
func ours() contender { return scheduleOf(schedule.RequestPrice, 2*time.Second, 30*time.Second) }

// fixed polls at fixed intervals.
type fixed time.Duration

func (f fixed) Observe(calls.Progress, time.Duration) {}
func (f fixed) NextBackOff() time.Duration            { return time.Duration(f) }

// exponential is the backoff library with its defaults, from 0.5 s on, each wait 1.5 times
// the one before and up to half of it longer or shorter. That is drawn here, since the
// library cannot be given a seed.
type exponential struct {
	waits   *backoff.ExponentialBackOff
	random  func() float64
	resets  bool // a change of the status or the counts begins anew
	status  calls.ExecutionStatus
	settled int
}

func newExponential(most int, resets bool, random func() float64) *exponential {
	return &exponential{random: random, resets: resets, waits: backoff.NewExponentialBackOff(
		backoff.WithMaxInterval(time.Duration(most)*time.Second), backoff.WithMaxElapsedTime(0), backoff.WithRandomizationFactor(0))}
}

func (e *exponential) Observe(p calls.Progress, _ time.Duration) {
	settled := e.settled
	if p.Completed != nil && p.Failed != nil {
		settled = *p.Completed + *p.Failed
	}
	if e.resets && (p.Status != e.status || settled != e.settled) {
		e.waits.Reset()
	}
	e.status, e.settled = p.Status, settled
}

func (e *exponential) NextBackOff() time.Duration {
	return time.Duration(float64(e.waits.NextBackOff()) * (0.5 + e.random()))
}

// latency is how long a poll takes, of any policy. The server looks in the middle of it.
const latency = 150 * time.Millisecond

// followed is how a policy did on an execution.
type followed struct {
	delay time.Duration // from the end to the answer that shows it
	polls int
}

// follow watches an execution as run.watchUntil does, without waiting.
func (c *course) follow(p policy) followed {
	var w followed
	for now := time.Duration(0); now < horizon; now += p.NextBackOff() {
		w.polls++
		got := c.progress(now + latency/2)
		now += latency
		if got.Status.Terminal() {
			w.delay = now - c.end
			break
		}
		p.Observe(got, now)
	}
	return w
}

// followAll watches all executions with a policy, each with random numbers of its own.
func followAll(all []course, by contender) []followed {
	out := make([]followed, len(all))
	workers := runtime.GOMAXPROCS(0)
	var wg sync.WaitGroup
	for w := range workers {
		wg.Go(func() {
			for i := w; i < len(all); i += workers {
				out[i] = all[i].follow(by.make(jitterOf(i)))
			}
		})
	}
	wg.Wait()
	return out
}

// jitterOf are the random numbers for the policy on the i-th execution.
func jitterOf(i int) func() float64 { return rand.New(rand.NewPCG(2, uint64(i))).Float64 }

// measured sums up how a policy did, delays in seconds.
type measured struct {
	runs                        int
	delay, medianDelay, delay95 float64
	requests, requests95        float64
	requestsWhenStuck           float64
}

// measure sums up the executions that are chosen. Those that are stuck have no delay and
// are counted apart.
func measure(all []course, got []followed, chosen func(*course) bool) measured {
	var m measured
	var delays, polls []float64
	stuck, stuckPolls := 0, 0
	for i := range all {
		switch {
		case !chosen(&all[i]):
		case all[i].end == 0:
			stuck++
			stuckPolls += got[i].polls
		default:
			delays = append(delays, got[i].delay.Seconds())
			polls = append(polls, float64(got[i].polls))
		}
	}
	m.runs = len(delays)
	m.delay, m.medianDelay, m.delay95 = spread(delays)
	m.requests, _, m.requests95 = spread(polls)
	m.requestsWhenStuck = float64(stuckPolls) / float64(max(stuck, 1))
	return m
}

// spread is the mean, the median and the 95th percentile. It sorts v.
func spread(v []float64) (mean, median, high float64) {
	slices.Sort(v)
	for _, x := range v {
		mean += x / float64(len(v))
	}
	rank := func(q float64) float64 { return v[int(math.Ceil(q*float64(len(v))))-1] }
	return mean, rank(0.5), rank(0.95)
}
