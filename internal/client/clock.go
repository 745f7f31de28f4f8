package client

import (
	"net/http"
	"sync"
	"time"
)

// clock estimates the offset of the server's clock from the Date headers of its responses.
type clock struct {
	mu    sync.Mutex
	known bool
	ahead time.Duration
	doubt time.Duration // the error bound of ahead
}

// observe takes a response received between two times. The fastest response is the most
// accurate; a cached one is ignored.
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
	// The header has no fraction of a second.
	middle := date.Add(time.Second / 2)
	c.known, c.ahead, c.doubt = true, middle.Sub(sent.Add(took/2).Round(0)), took/2
}

// ClockAhead returns how far the server's clock is ahead of this machine's, to about a second;
// negative if it is behind. known is false before the first response.
func (c *Client) ClockAhead() (ahead time.Duration, known bool) {
	c.clock.mu.Lock()
	defer c.clock.mu.Unlock()
	return c.clock.ahead, c.clock.known
}
