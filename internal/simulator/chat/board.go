// Package chat is the state of simulated chats: executions whose calls are conversations
// that a client holds with simulated customers, or that the server holds itself where a
// prompt is the agent (chat.md). What the customers say is the story's; how requests are
// read and how things are shown is not this package's business.
//
// Nothing runs in the background. What is to come stands in the list of events, and
// [Board.Advance] lets it happen up to the time that every look brings along.
//
// Read board for the jobs of the server, execution for what an execution does, call for
// what a call is, then rows, talk, ending and prompt for what happens to it.
package chat

import (
	"container/heap"
	"time"

	"github.com/agent-gate/agent-gate/internal/simulator/story"
)

// Rules are how the server works; durations are simulated, zero ones are the server's own.
type Rules struct {
	Seed story.Seed
	// Span is how long a simulated duration takes on the clock.
	Span func(time.Duration) time.Duration
	// Starved keeps the 60-second job from ever reaching an execution of this server, as
	// behind ten stuck ones.
	Starved bool
	// Shuffled stores turns so late that quick ones come out of order.
	Shuffled bool
	// Lifetime is how long a row may stay open, 30 minutes by default; the job that ends
	// older ones runs every one and a half times as long. This job and the 60-second job keep
	// to the clock at any speed: whoever holds the chats does, too.
	Lifetime time.Duration
	// ReplyTime is how long the customer's model takes, 400 ms by default. StoreLag is how
	// long after the answer a turn is stored, 700 ms by default.
	ReplyTime, StoreLag time.Duration
}

// The clockwork of the server (chat.md 0 and 4.3).
const (
	jobEvery   = time.Minute
	jobPlaces  = 10 // executions that the job looks at
	sweepRows  = 50 // rows that one run of the 45-minute job ends
	claimEvery = 30 * time.Second
	claimMost  = 10 // prompt calls in conversation at a time
	batchTime  = 150 * time.Millisecond
)

// Board holds all chat executions of a server and what is to come for them. It is not safe
// for concurrent use.
type Board struct {
	rules      Rules
	begin      time.Time
	executions []*Execution
	events     events
	scheduled  int

	working, sweeping, claiming bool // the jobs stand in the list of events
}

// NewBoard makes the board of a server that began at the given time.
func NewBoard(rules Rules, begin time.Time) *Board {
	if rules.Lifetime <= 0 {
		rules.Lifetime = 30 * time.Minute
	}
	if rules.ReplyTime <= 0 {
		rules.ReplyTime = 400 * time.Millisecond
	}
	if rules.StoreLag <= 0 {
		rules.StoreLag = 700 * time.Millisecond
	}
	return &Board{rules: rules, begin: begin}
}

// event is something that is to happen at a time.
type event struct {
	at time.Time
	n  int // among those of the same time
	do func(at time.Time)
}

type events []event

func (e events) Len() int { return len(e) }
func (e events) Less(i, j int) bool {
	return e[i].at.Before(e[j].at) || e[i].at.Equal(e[j].at) && e[i].n < e[j].n
}
func (e events) Swap(i, j int) { e[i], e[j] = e[j], e[i] }
func (e *events) Push(x any)   { *e = append(*e, x.(event)) }
func (e *events) Pop() any {
	last := len(*e) - 1
	x := (*e)[last]
	*e = (*e)[:last]
	return x
}

// schedule lets something happen at a time.
func (b *Board) schedule(at time.Time, do func(at time.Time)) {
	b.scheduled++
	heap.Push(&b.events, event{at, b.scheduled, do})
}

// Advance lets everything happen that was to happen until now.
func (b *Board) Advance(now time.Time) {
	for len(b.events) > 0 && !b.events[0].at.After(now) {
		e := heap.Pop(&b.events).(event)
		e.do(e.at)
	}
}

// every lets a job run at its next time, counted from the beginning of the server.
func (b *Board) every(period time.Duration, now time.Time, do func(at time.Time)) {
	period = max(period, time.Microsecond)
	b.schedule(b.begin.Add(now.Sub(b.begin).Truncate(period)+period), do)
}

// wake lets the jobs run that have something to do.
func (b *Board) wake(now time.Time) {
	if !b.working && !b.rules.Starved {
		b.working = true
		b.every(jobEvery, now, b.work)
	}
	if !b.sweeping {
		b.sweeping = true
		b.every(b.rules.Lifetime*3/2, now, b.sweep)
	}
	if !b.claiming {
		b.claiming = true
		b.every(b.rules.Span(claimEvery), now, b.claim)
	}
}

// work is the 60-second job: of the oldest active executions it ends those that are over,
// and those that have no calls. It does not see those that the vendor's runner started
// (chat.md 0.5, 8).
func (b *Board) work(at time.Time) {
	b.working = false
	places, more := jobPlaces, false
	for _, e := range b.executions {
		if e.Kind == Hosted || e.Status.Terminal() {
			continue
		}
		more = true
		if places--; places >= 0 {
			e.review(at)
		}
	}
	if more {
		b.wake(at)
	}
}

// sweep is the job that fails rows that were made too long ago, whatever their execution
// does (chat.md 4.3).
func (b *Board) sweep(at time.Time) {
	b.sweeping = false
	left, more := sweepRows, false
	oldest := at.Add(-b.rules.Lifetime)
	for _, e := range b.executions {
		for _, c := range e.Calls {
			switch {
			case c.Status.Terminal():
			case c.Created.After(oldest) || left == 0:
				more = true
			default:
				left--
				c.fail("")
			}
		}
	}
	if more {
		b.wake(at)
	}
}
