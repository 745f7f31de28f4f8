package ci

import (
	"log/slog"
	"sync"
	"time"

	"github.com/agent-gate/agent-gate/internal/text"
)

const (
	// redrawEvery is how often the line on a terminal is redrawn while nothing happens.
	redrawEvery = time.Second
	// countsEvery is the least time between two log lines about calls that have ended.
	countsEvery = 10 * time.Second
	// heartbeatEvery is the longest silence in the log. Some CI systems kill a job after
	// ten minutes without output; people lose patience sooner.
	heartbeatEvery = time.Minute
)

// Standing is the state of an execution. Counts are nil when the server did not report
// them.
type Standing struct {
	Status text.Untrusted
	Trial  int  // from 1; 0 if the run has no more than one
	Done   *int // calls that have ended
	Failed *int // of Done, calls that failed
	Total  *int
	// Left is the caller's estimate of the remaining time; with 0, Progress estimates it
	// from the calls that ended while it was watching.
	Left time.Duration
}

// Progress shows the state of an execution: on a terminal in one line that is redrawn in
// place, in a log with a new line when the status changes, when calls have ended, and at
// least every minute. It is safe for concurrent use.
type Progress struct {
	log     *Log
	started time.Time

	mu      sync.Mutex
	timer   *time.Timer
	now     Standing
	rate    rate
	shown   Standing // in the last line logged
	shownAt time.Time
	stopped bool
}

// StartProgress starts to show progress in a log. Call Stop when done.
func StartProgress(log *Log) *Progress {
	p := &Progress{log: log, started: time.Now()}
	p.now.Status = text.New("waiting")
	p.shown, p.shownAt = p.now, p.started
	p.mu.Lock()
	defer p.mu.Unlock()
	p.timer = time.AfterFunc(heartbeatEvery, p.wake)
	p.refresh()
	return p
}

// Update sets the current state of the execution.
func (p *Progress) Update(s Standing) {
	p.mu.Lock()
	defer p.mu.Unlock()
	if p.stopped {
		return
	}
	p.now = s
	p.rate.observe(s, time.Now())
	p.refresh()
}

// Stop removes the line from the terminal. Nothing is shown afterwards.
func (p *Progress) Stop() {
	p.mu.Lock()
	defer p.mu.Unlock()
	if p.stopped {
		return
	}
	p.stopped = true
	p.timer.Stop()
	p.log.show("")
}

// wake is called by the timer.
func (p *Progress) wake() {
	p.mu.Lock()
	defer p.mu.Unlock()
	if !p.stopped {
		p.refresh()
	}
}

// refresh shows what is due and sets the timer for what is next.
func (p *Progress) refresh() {
	now := time.Now()
	if p.log.redraws() {
		p.log.show(fit(p.line(now), p.log.options.Width()))
		p.timer.Reset(redrawEvery)
		return
	}
	silent := now.Sub(p.shownAt)
	counts := !sameCounts(p.now, p.shown)
	if p.now.Status != p.shown.Status || p.now.Trial != p.shown.Trial || (counts && silent >= countsEvery) || silent >= heartbeatEvery {
		p.log.Info("%s", p.line(now))
		p.shown, p.shownAt = p.now, now
		silent, counts = 0, false
	}
	if counts {
		p.timer.Reset(countsEvery - silent)
	} else {
		p.timer.Reset(heartbeatEvery - silent)
	}
}

// line describes the progress.
func (p *Progress) line(now time.Time) string { return p.rate.line(p.now, p.started, now) }

// line describes an execution that began at a time.
func (r *rate) line(s Standing, began, now time.Time) string {
	left := s.Left
	if left <= 0 {
		left = r.left(now)
	}
	return describe(s, now.Sub(began), left)
}

// redraws reports whether the log is a terminal in which lines are shown and replaced.
func (l *Log) redraws() bool { return l.options.Width != nil && l.options.Level <= slog.LevelInfo }

func sameCounts(a, b Standing) bool {
	return same(a.Done, b.Done) && same(a.Failed, b.Failed) && same(a.Total, b.Total)
}

func same(a, b *int) bool {
	if a == nil || b == nil {
		return a == b
	}
	return *a == *b
}
