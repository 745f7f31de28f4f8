package client

import (
	"bufio"
	"context"
	"fmt"
	"io"
	"net"
	"net/http"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"github.com/agent-gate/agent-gate/test/answers"
)

// closing is a server that closes connections which were idle for some time. What arrives on one then is
// lost without an answer, as when both sides act at the same moment.
type closing struct {
	after time.Duration
	body  string
	conns int
}

// dial connects to the server.
func (c *closing) dial(context.Context, string, string) (net.Conn, error) {
	ours, theirs := net.Pipe()
	c.conns++
	go c.serve(theirs)
	return ours, nil
}

// serve answers the requests of one connection.
func (c *closing) serve(conn net.Conn) {
	defer conn.Close()
	in := bufio.NewReader(conn)
	for {
		idle := time.Now()
		r, err := http.ReadRequest(in)
		if err != nil {
			return
		}
		_, _ = io.Copy(io.Discard, r.Body)
		if time.Since(idle) >= c.after {
			return
		}
		answer := http.Response{StatusCode: http.StatusOK, ProtoMajor: 1, ProtoMinor: 1, ContentLength: int64(len(c.body)), Body: io.NopCloser(strings.NewReader(c.body))}
		if answer.Write(conn) != nil {
			return
		}
	}
}

// TestNothingIsSentOnAConnectionThatTheServerMayBeClosing holds a chat whose agent thinks for longer and
// longer, with servers that close idle connections as soon as some do by default.
func TestNothingIsSentOnAConnectionThatTheServerMayBeClosing(t *testing.T) {
	t.Parallel()
	for _, after := range []time.Duration{2 * time.Second, 5 * time.Second} {
		t.Run(fmt.Sprint(after), func(t *testing.T) {
			t.Parallel()
			synctest.Test(t, func(t *testing.T) {
				server := &closing{after: after, body: chatSample(t, "turn-200")}
				transport := NewTransport()
				transport.Proxy, transport.DialContext = nil, server.dial
				c := newClient(t, nil, func(o *Options) { o.Transport, o.BaseURL = transport, parse(t, "http://api.example.com") })
				for thinks := time.Duration(0); thinks < 8*time.Second; thinks += 250 * time.Millisecond {
					time.Sleep(thinks)
					if _, err := c.SendTurn(t.Context(), answers.Call, nil, thinks); err != nil {
						t.Errorf("a turn after %s: %v", thinks, err)
					}
				}
				if server.conns < 2 || server.conns > 28 {
					t.Errorf("32 turns took %d connections, want that those of quick agents share them", server.conns)
				}
				time.Sleep(time.Minute) // until the last one is closed
			})
		})
	}
}
