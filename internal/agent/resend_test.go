package agent_test

import (
	"context"
	"errors"
	"io"
	"net/http"
	"slices"
	"strings"
	"syscall"
	"testing"
	"testing/synctest"
	"time"

	"github.com/agent-gate/agent-gate/internal/agent"
)

// replies answers requests one after the other, and notes when they came.
type replies struct {
	list []reply
	came []time.Duration
	from time.Time
}

type reply struct {
	status int // 0: the connection fails
	after  string
	err    error
}

func (r *replies) RoundTrip(*http.Request) (*http.Response, error) {
	if r.came == nil {
		r.from = time.Now()
	}
	r.came = append(r.came, time.Since(r.from))
	now := r.list[0]
	if len(r.list) > 1 {
		r.list = r.list[1:]
	}
	if now.err != nil {
		return nil, now.err
	}
	header := http.Header{}
	if now.after != "" {
		header.Set("Retry-After", now.after)
	}
	return &http.Response{StatusCode: now.status, Header: header, Body: io.NopCloser(strings.NewReader(`{"content":"hello"}`))}, nil
}

func TestEndpoint_isSentAgainOnlyWhenItSurelyWasNotTaken(t *testing.T) {
	t.Parallel()
	refused := reply{err: syscall.ECONNREFUSED}
	ok := reply{status: 200}
	s := time.Second
	cases := []struct {
		name    string
		replies []reply
		came    []time.Duration
		want    string // the reason of the failure
	}{
		{"a refused connection", []reply{refused, refused, ok}, []time.Duration{0, s / 10, 3 * s / 10}, ""},
		{"refused for good", []reply{refused}, []time.Duration{0, s / 10, 3 * s / 10, 7 * s / 10, 15 * s / 10, 31 * s / 10}, "agent: unreachable: connection refused"},
		{"429 that says when", []reply{{status: 429, after: "7"}, ok}, []time.Duration{0, 7 * s}, ""},
		{"503 that says when", []reply{{status: 503, after: "0"}, {status: 503, after: "5"}, ok}, []time.Duration{0, 0, 5 * s}, ""},
		{"a date", []reply{{status: 503, after: "Sat, 01 Jan 2000 00:00:20 GMT"}, ok}, []time.Duration{0, 20 * s}, ""},
		{"again and again", []reply{{status: 429, after: "1"}}, []time.Duration{0, s, 2 * s, 3 * s, 4 * s, 5 * s}, `agent: HTTP 429 Too Many Requests: {"content":"hello"}`},
		{"later than the turn may take", []reply{{status: 429, after: "60"}}, []time.Duration{0}, `agent: HTTP 429 Too Many Requests: {"content":"hello"}`},
		{"429 that does not say when", []reply{{status: 429}}, []time.Duration{0}, `agent: HTTP 429 Too Many Requests: {"content":"hello"}`},
		{"503 that does not say when", []reply{{status: 503, after: "soon"}}, []time.Duration{0}, `agent: HTTP 503 Service Unavailable: {"content":"hello"}`},
		{"500 that says when", []reply{{status: 500, after: "1"}}, []time.Duration{0}, `agent: HTTP 500 Internal Server Error: {"content":"hello"}`},
		{"a reset connection", []reply{{err: syscall.ECONNRESET}}, []time.Duration{0}, "agent: unreachable: connection reset by peer"},
		{"an end", []reply{{err: io.EOF}}, []time.Duration{0}, "agent: unreachable: the connection was closed before the answer was complete"},
		{"no such host", []reply{{err: errors.New("no such host")}}, []time.Duration{0}, "agent: unreachable: no such host"},
		{"refused, and then reset", []reply{refused, {err: syscall.ECONNRESET}}, []time.Duration{0, s / 10}, "agent: unreachable: connection reset by peer"},
	}
	for _, c := range cases {
		t.Run(c.name, func(t *testing.T) {
			t.Parallel()
			synctest.Test(t, func(t *testing.T) {
				script := &replies{list: c.replies}
				r := endpoint(t, "http://agent.test", func(o *agent.EndpointOptions) { o.Transport = script })
				ctx, cancel := context.WithTimeout(t.Context(), 60*time.Second)
				defer cancel()
				_, err := r.Ask(ctx, ask("c", 1, "hello"))
				if c.want == "" && err != nil {
					t.Error(err)
				}
				if c.want != "" && failure(t, err).Error() != c.want {
					t.Errorf("got  %v\nwant %s", err, c.want)
				}
				if !slices.Equal(script.came, c.came) {
					t.Errorf("it was sent at %v, want %v", script.came, c.came)
				}
			})
		})
	}
}

func TestEndpoint_isWaitedForUntilItAnswers(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		script := &replies{list: append(slices.Repeat([]reply{{err: syscall.ECONNREFUSED}}, 20), reply{status: 500})}
		r := endpoint(t, "http://agent.test", func(o *agent.EndpointOptions) { o.Transport, o.Ready = script, time.Minute })
		if err := r.Ready(t.Context()); err != nil {
			t.Error(err)
		}
		if took := script.came[len(script.came)-1]; took > 20*time.Second {
			t.Errorf("the last look was after %s", took)
		}
	})
	synctest.Test(t, func(t *testing.T) {
		r := endpoint(t, "http://agent.test", func(o *agent.EndpointOptions) { o.Transport, o.Ready = silence{}, time.Minute })
		got := failure(t, r.Ready(t.Context()))
		if want := "agent: not ready: unreachable: no answer to a GET within 60s"; got.Error() != want {
			t.Errorf("got %q, want %q", got, want)
		}
	})
	synctest.Test(t, func(t *testing.T) {
		refusing := &replies{list: []reply{{err: syscall.ECONNREFUSED}}}
		r := endpoint(t, "http://user:a-password@agent.test", func(o *agent.EndpointOptions) { o.Transport, o.Ready = refusing, time.Minute })
		got := failure(t, r.Ready(t.Context()))
		if want := "agent: not ready: unreachable: no answer to a GET within 60s: connection refused"; got.Error() != want {
			t.Errorf("got %q, want %q", got, want)
		}
	})
	synctest.Test(t, func(t *testing.T) {
		r := endpoint(t, "http://agent.test", func(o *agent.EndpointOptions) { o.Transport, o.Ready = silence{}, time.Minute })
		stop := errors.New("stop")
		ctx, cancel := context.WithCancelCause(t.Context())
		time.AfterFunc(time.Second, func() { cancel(stop) })
		if err := r.Ready(ctx); !errors.Is(err, stop) {
			t.Errorf("got %v", err)
		}
	})
}

// silence takes requests and never answers.
type silence struct{}

func (silence) RoundTrip(r *http.Request) (*http.Response, error) {
	<-r.Context().Done()
	return nil, r.Context().Err()
}

func TestEndpoint_refusesTheSameTurn(t *testing.T) {
	t.Parallel()
	r := endpoint(t, "http://agent.test", func(o *agent.EndpointOptions) { o.Transport = &replies{list: []reply{{status: 200}}} })
	if _, err := r.Ask(t.Context(), ask("c", 1, "hello")); err != nil {
		t.Fatal(err)
	}
	if _, err := r.Ask(t.Context(), ask("c", 1, "hello")); !errors.Is(err, agent.ErrAsked) {
		t.Errorf("got %v, want ErrAsked", err)
	}
}
