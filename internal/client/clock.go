package client

import (
	"net/http"
	"sync"
	"time"
)

// clock measures how far the server's clock is ahead of this machine's, by the header Date of
// its answers.
type clock struct {
	mu    sync.Mutex
	known bool
	ahead time.Duration
	doubt time.Duration // how far off the measurement may be
}

// observe learns from an answer that was received between two times. The answer that came
// fastest says most. One out of a cache says nothing.
func (c *clock) observe(h http.Header, sent, received time.Time) {
	date, err := http.ParseTime(h.Get("Date"))
	if err != nil || h.Get("Age") != "" {
		return
	}
	took := received.Sub(sent)
	c.mu.Lock()
	defer c.mu.Unlock()
	if c.known && took/2 >= c.doubt {
		return
	}
	// The header leaves out the fraction of the second.
	middle := date.Add(time.Second / 2)
	c.known, c.ahead, c.doubt = true, middle.Sub(sent.Add(took/2).Round(0)), took/2
}

// ClockAhead is how far the server's clock is ahead of this machine's, as its answers show, to
// about a second; known is false before the first of them. It is negative when it is behind.
func (c *Client) ClockAhead() (ahead time.Duration, known bool) {
	c.clock.mu.Lock()
	defer c.clock.mu.Unlock()
	return c.clock.ahead, c.clock.known
}
