package ci

import (
	"fmt"
	"strings"
	"sync"
	"time"
)

// Board shows the state of executions that run at the same time: on a terminal in a table that is redrawn in place,
// those that run first, in a log with a line for each that has changed, at most every ten seconds, and a line
// about all of them after a minute of silence. It is safe for concurrent use.
type Board struct {
	log     *Log
	started time.Time

	mu      sync.Mutex
	timer   *time.Timer
	parts   []*Part
	saidAt  time.Time
	stopped bool
}

// Part is one of the executions on a [Board].
type Part struct {
	board *Board
	name  string

	now     Standing
	rate    rate
	shown   Standing
	shownAt time.Time // zero before
	ended   string    // how; empty while it runs
}

// StartBoard starts to show the executions with these names in a log. Call Stop when done.
func StartBoard(log *Log, names []string) *Board {
	b := &Board{log: log, started: time.Now()}
	b.saidAt = b.started
	for _, name := range names {
		b.parts = append(b.parts, &Part{board: b, name: name})
	}
	b.mu.Lock()
	defer b.mu.Unlock()
	b.timer = time.AfterFunc(heartbeatEvery, b.wake)
	b.refresh()
	return b
}

// Parts returns the executions, in the order of their names.
func (b *Board) Parts() []*Part { return b.parts }

// Update sets the current state of the execution.
func (p *Part) Update(s Standing) {
	b := p.board
	b.mu.Lock()
	defer b.mu.Unlock()
	if b.stopped || p.ended != "" {
		return
	}
	p.now = s
	p.rate.observe(s, time.Now())
	b.refresh()
}

// End says how the execution ended, in a word of ours. Nothing more is shown of it.
func (p *Part) End(word string) {
	b := p.board
	b.mu.Lock()
	defer b.mu.Unlock()
	p.ended = word
	if !b.stopped {
		b.refresh()
	}
}

// Stop removes the line from the terminal. Nothing is shown afterwards.
func (b *Board) Stop() {
	b.mu.Lock()
	defer b.mu.Unlock()
	if b.stopped {
		return
	}
	b.stopped = true
	b.timer.Stop()
	b.log.show("")
}

// wake is called by the timer.
func (b *Board) wake() {
	b.mu.Lock()
	defer b.mu.Unlock()
	if !b.stopped {
		b.refresh()
	}
}

// refresh shows what is due and sets the timer for what is next.
func (b *Board) refresh() {
	now := time.Now()
	if b.log.redraws() {
		b.log.show(b.table(now, b.log.options.Width()))
		b.timer.Reset(redrawEvery)
		return
	}
	next := heartbeatEvery
	for _, p := range b.parts {
		if !p.changed() {
			continue
		}
		if silent := now.Sub(p.shownAt); silent < countsEvery {
			next = min(next, countsEvery-silent)
			continue
		}
		b.log.Info("%s: %s", p.name, p.line(now))
		p.shown, p.shownAt, b.saidAt = p.now, now, now
	}
	if now.Sub(b.saidAt) >= heartbeatEvery {
		b.log.Info("%s", b.line(now))
		b.saidAt = now
	}
	b.timer.Reset(min(next, heartbeatEvery-now.Sub(b.saidAt)))
}

// changed reports whether there is something new to show.
func (p *Part) changed() bool {
	return p.ended == "" && (p.now.Status != p.shown.Status || p.now.Trial != p.shown.Trial || !sameCounts(p.now, p.shown))
}

// line describes the execution.
func (p *Part) line(now time.Time) string { return p.rate.line(p.now, p.board.started, now) }

// head says how many executions have ended.
func (b *Board) head(ended int, now time.Time) string {
	return fmt.Sprintf("%d of %d gates done, %s", ended, len(b.parts), clock(now.Sub(b.started)))
}

// split returns the executions that run, and those that have ended.
func (b *Board) split() (running, ended []*Part) {
	for _, p := range b.parts {
		if p.ended != "" {
			ended = append(ended, p)
		} else {
			running = append(running, p)
		}
	}
	return running, ended
}

// tableRows is how many executions the table shows: it must not be higher than the terminal.
const tableRows = 10

// table has a line for each execution, those that run first, below one for all.
func (b *Board) table(now time.Time, width int) string {
	running, ended := b.split()
	longest := 0
	for _, p := range b.parts {
		longest = max(longest, len(p.name))
	}
	lines := []string{b.head(len(ended), now)}
	all := append(running, ended...)
	for i, p := range all {
		if i == tableRows-1 && len(all) > tableRows {
			lines = append(lines, fmt.Sprintf("  and %d more", len(all)-i))
			break
		}
		what := p.ended
		switch {
		case what != "":
		case p.now.Status.IsEmpty() && p.now.Total == nil:
			what = "preparing"
		default:
			what = p.line(now)
		}
		lines = append(lines, fmt.Sprintf("  %-*s  %s", longest, p.name, what))
	}
	for i, line := range lines {
		lines[i] = fit(line, width)
	}
	return strings.Join(lines, "\n")
}

// line describes all executions, those that run first.
func (b *Board) line(now time.Time) string {
	running, ended := b.split()
	var all []string
	for _, p := range running {
		all = append(all, p.brief())
	}
	for _, p := range ended {
		all = append(all, p.name+" "+p.ended)
	}
	return b.head(len(ended), now) + ": " + strings.Join(all, ", ")
}

// brief describes the execution in a few words.
func (p *Part) brief() string {
	s := p.now
	switch status := s.Status.LineMax(statusLimit); {
	case s.Done != nil && s.Total != nil && s.Failed != nil && *s.Failed > 0:
		return fmt.Sprintf("%s %d/%d (%d failed)", p.name, *s.Done, *s.Total, *s.Failed)
	case s.Done != nil && s.Total != nil:
		return fmt.Sprintf("%s %d/%d", p.name, *s.Done, *s.Total)
	case status != "":
		return p.name + " " + status
	}
	return p.name + " preparing"
}
