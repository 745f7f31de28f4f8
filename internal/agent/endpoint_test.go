package agent_test

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"log"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/agent-gate/agent-gate/internal/agent"
	"github.com/agent-gate/agent-gate/internal/agent/spec"
	"github.com/agent-gate/agent-gate/internal/text"
	"github.com/agent-gate/agent-gate/test/ports"
)

// untrusted lets cmp compare texts.
var untrusted = cmp.Comparer(func(a, b text.Untrusted) bool { return a == b })

// endpoint makes an agent of a server.
func endpoint(t testing.TB, url string, with func(*agent.EndpointOptions)) *agent.Remote {
	t.Helper()
	o := agent.EndpointOptions{URL: url, Ready: time.Hour}
	if with != nil {
		with(&o)
	}
	r, err := agent.Endpoint(o)
	if err != nil {
		t.Fatal(err)
	}
	return r
}

// serve serves one handler.
func serve(t testing.TB, handler http.HandlerFunc) string {
	t.Helper()
	server := httptest.NewServer(handler)
	t.Cleanup(server.Close)
	return server.URL
}

func TestEndpoint_postsATurnWithItsHeader(t *testing.T) {
	t.Parallel()
	url := serve(t, func(w http.ResponseWriter, r *http.Request) {
		body, _ := io.ReadAll(r.Body)
		if r.Method != http.MethodPost || r.URL.Path != "/chat" || r.Header.Get("Authorization") != "Bearer abc" || r.Header.Get("Content-Type") != "application/json" {
			t.Errorf("got %s %s %v", r.Method, r.URL, r.Header)
		}
		want := `{"conversation":"c","turn":1,"message":"hello","messages":[{"role":"user","content":"hello"}],"scenario":"a scenario"}`
		if got := strings.TrimSpace(string(body)); got != want {
			t.Errorf("got  %s\nwant %s", got, want)
		}
		fmt.Fprint(w, `{"conversation":"c","turn":1,"content":"hello back"}`)
	})
	r := endpoint(t, url+"/chat", func(o *agent.EndpointOptions) { o.Header = "authorization: Bearer abc" })
	answers(t, r, ask("c", 1, "hello"), "hello back")
}

func TestEndpoint_openAI(t *testing.T) {
	t.Parallel()
	var got map[string]any
	url := serve(t, func(w http.ResponseWriter, r *http.Request) {
		if err := json.NewDecoder(r.Body).Decode(&got); err != nil {
			t.Error(err)
		}
		fmt.Fprint(w, `{"id":"x","choices":[{"index":0,"message":{"role":"assistant","content":null,"tool_calls":[
			{"id":"2","type":"function","function":{"name":"refund","arguments":"{}"}}]},"finish_reason":"tool_calls"},{"message":{"content":"other"}}],"usage":{}}`)
	})
	q := ask("c", 2, "where is it?")
	q.Messages = append(q.Messages, agent.Answer{
		ToolCalls: []agent.ToolCall{
			{ID: text.New("1"), Name: text.New("order"), Arguments: text.New("{}")},
			{ID: text.New("unanswered"), Name: text.New("order"), Arguments: text.New("{}")},
		},
		ToolResults: []agent.ToolResult{{ToolCallID: text.New("1"), Name: text.New("order"), Content: text.New("shipped")}},
	}.Messages()...)
	q.Messages = append(q.Messages, agent.Message{Role: agent.RoleUser, Content: text.New("money back")})
	r := endpoint(t, url, func(o *agent.EndpointOptions) { o.Format, o.Model = spec.FormatOpenAI, "ours" })
	answer, err := r.Ask(t.Context(), q)
	if err != nil {
		t.Fatal(err)
	}
	if diff := cmp.Diff(agent.Answer{ToolCalls: []agent.ToolCall{{ID: text.New("2"), Name: text.New("refund"), Arguments: text.New("{}")}}}, answer, untrusted); diff != "" {
		t.Error(diff)
	}
	call := func(id string) any {
		return map[string]any{"id": id, "type": "function", "function": map[string]any{"name": "order", "arguments": "{}"}}
	}
	want := map[string]any{"model": "ours", "messages": []any{
		map[string]any{"role": "user", "content": "where is it?"},
		map[string]any{"role": "assistant", "content": nil, "tool_calls": []any{call("1"), call("unanswered")}},
		map[string]any{"role": "tool", "content": "(no text)", "tool_call_id": "unanswered"},
		map[string]any{"role": "tool", "content": "shipped", "tool_call_id": "1"},
		map[string]any{"role": "user", "content": "money back"},
	}}
	if diff := cmp.Diff(want, got); diff != "" {
		t.Error(diff)
	}
}

func TestEndpoint_redirectsAreNotFollowed(t *testing.T) {
	t.Parallel()
	other := serve(t, func(http.ResponseWriter, *http.Request) { t.Error("the other host was asked") })
	for _, status := range []int{301, 302, 303, 307, 308} {
		url := serve(t, func(w http.ResponseWriter, r *http.Request) { http.Redirect(w, r, other+"/chat/", status) })
		var warned []text.Untrusted
		r := endpoint(t, url, func(o *agent.EndpointOptions) {
			o.Header = "X-Key: secret"
			o.Warn = func(w text.Untrusted) { warned = append(warned, w) }
		})
		if err := r.Ready(t.Context()); err != nil {
			t.Errorf("%d: %v", status, err)
		}
		if want := status >= 307; len(warned) > 0 != want {
			t.Errorf("%d: got the warnings %v", status, warned)
		}
		_, err := r.Ask(t.Context(), ask("c", 1, "hello"))
		want := fmt.Sprintf("agent: HTTP %d %s: redirects are not followed; it points to %s/chat/", status, http.StatusText(status), other)
		if got := failure(t, err).Error(); got != want {
			t.Errorf("got %q, want %q", got, want)
		}
	}
}

// TestEndpoint_brokenConnectionIsNotSentAgain closes connections at every stage after the
// request was there.
func TestEndpoint_brokenConnectionIsNotSentAgain(t *testing.T) {
	t.Parallel()
	cases := map[string]string{
		"before the answer": "",
		"in the headers":    "HTTP/1.1 200 OK\r\nContent-Type: text",
		"in the body":       "HTTP/1.1 200 OK\r\nContent-Length: 100\r\n\r\n{\"content\":",
	}
	for name, said := range cases {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			sent := 0
			url := serve(t, func(w http.ResponseWriter, r *http.Request) {
				sent++
				_, _ = io.ReadAll(r.Body)
				conn, _, err := w.(http.Hijacker).Hijack()
				if err != nil {
					t.Error(err)
					return
				}
				_, _ = io.WriteString(conn, said)
				_ = conn.Close()
			})
			_, err := endpoint(t, url, nil).Ask(t.Context(), ask("c", 1, "hello"))
			want := "agent: unreachable: the connection was closed before the answer was complete"
			if got := failure(t, err); got.Error() != want || got.Kind != agent.KindUnreachable {
				t.Errorf("got %q, want %q", got, want)
			}
			if sent != 1 {
				t.Errorf("it was sent %d times", sent)
			}
		})
	}
}

func TestEndpoint_silenceIsATimeoutAndACancelIsNot(t *testing.T) {
	t.Parallel()
	arrived, over := make(chan bool, 2), make(chan bool)
	url := serve(t, func(_ http.ResponseWriter, r *http.Request) {
		if body, _ := io.ReadAll(r.Body); strings.Contains(string(body), `"turn":2`) {
			arrived <- true
		}
		<-over
	})
	defer close(over)
	r := endpoint(t, url, nil)
	ctx, cancel := context.WithTimeout(t.Context(), 20*time.Millisecond)
	defer cancel()
	_, err := r.Ask(ctx, ask("c", 1, "hello"))
	if got := failure(t, err); got.Kind != agent.KindTimeout {
		t.Errorf("got %v", got)
	}
	stop := errors.New("stop")
	stopped, stopNow := context.WithCancelCause(t.Context())
	go func() { <-arrived; stopNow(stop) }()
	if _, err := r.Ask(stopped, ask("c", 2, "hello")); !errors.Is(err, stop) {
		t.Errorf("got %v, want %v", err, stop)
	}
}

// counting stops a context at the second request, and passes all on.
type counting struct {
	http.Transport
	sent int
	stop func()
}

func (c *counting) RoundTrip(r *http.Request) (*http.Response, error) {
	if c.sent++; c.sent == 2 {
		c.stop()
	}
	return c.Transport.RoundTrip(r)
}

func TestEndpoint_thatReallyRefusesConnectionsIsAskedAgain(t *testing.T) {
	t.Parallel()
	url := "http://" + ports.Refusing(t)
	ctx, stop := context.WithCancel(t.Context())
	defer stop()
	transport := &counting{stop: stop}
	_, err := endpoint(t, url, func(o *agent.EndpointOptions) { o.Transport = transport }).Ask(ctx, ask("c", 1, "hello"))
	if !errors.Is(err, context.Canceled) || transport.sent != 2 {
		t.Errorf("it was sent %d times: %v", transport.sent, err)
	}
}

func TestEndpoint_certificateOfNobodyIsNotWaitedFor(t *testing.T) {
	t.Parallel()
	server := httptest.NewUnstartedServer(http.NotFoundHandler())
	server.Config.ErrorLog = log.New(io.Discard, "", 0)
	server.StartTLS()
	defer server.Close()
	got := failure(t, endpoint(t, server.URL, nil).Ready(t.Context()))
	if got.Kind != agent.KindUnreachable || !strings.Contains(got.Error(), "certificate") {
		t.Errorf("got %v", got)
	}
}

func TestEndpoint_anyAnswerIsReady(t *testing.T) {
	t.Parallel()
	url := serve(t, func(w http.ResponseWriter, r *http.Request) {
		if r.Method != http.MethodGet {
			t.Errorf("got %s", r.Method)
		}
		w.WriteHeader(http.StatusMethodNotAllowed)
	})
	if err := endpoint(t, url, nil).Ready(t.Context()); err != nil {
		t.Error(err)
	}
}

func TestEndpoint_options(t *testing.T) {
	t.Parallel()
	cases := []struct {
		name string
		o    agent.EndpointOptions
		want string
	}{
		{"a scheme of another kind", agent.EndpointOptions{URL: "ftp://x"}, "it has to begin with http:// or https://"},
		{"no host", agent.EndpointOptions{URL: "http:///chat"}, "it names no host"},
		{"no URL", agent.EndpointOptions{URL: "http://[secret"}, "it is not a URL"},
		{"a format nobody knows", agent.EndpointOptions{URL: "http://x", Format: "xml"}, `format "xml": it has to be agent-gate or openai`},
		{"a header without a colon", agent.EndpointOptions{URL: "http://x", Header: "secret"}, "it has no colon; a header line is NAME: VALUE"},
		{"a header with a blank name", agent.EndpointOptions{URL: "http://x", Header: "a b: secret"}, "the name before the colon is not valid"},
		{"a header of two lines", agent.EndpointOptions{URL: "http://x", Header: "A: secret\r\nB: c"}, "the value contains a line break or another control character"},
		{"a header without a value", agent.EndpointOptions{URL: "http://x", Header: "A: "}, "it has no value"},
		{"all in order", agent.EndpointOptions{URL: " https://x:1/y?z ", Format: "openai", Header: " X-Key: a:b "}, ""},
	}
	for _, c := range cases {
		t.Run(c.name, func(t *testing.T) {
			t.Parallel()
			_, err := agent.Endpoint(c.o)
			if (err == nil) != (c.want == "") || err != nil && err.Error() != c.want {
				t.Errorf("got %v, want %q", err, c.want)
			}
		})
	}
}

func TestEndpoint_isNotAskedWhenTheTimeIsOver(t *testing.T) {
	t.Parallel()
	url := serve(t, func(http.ResponseWriter, *http.Request) { t.Error("it was asked") })
	ctx, cancel := context.WithTimeout(t.Context(), 0)
	defer cancel()
	_, err := endpoint(t, url, nil).Ask(ctx, ask("c", 1, "hello"))
	if got := failure(t, err); got.Kind != agent.KindTimeout {
		t.Errorf("got %v", got)
	}
}

func TestEndpoint_neverDies(t *testing.T) {
	t.Parallel()
	r := endpoint(t, "http://agent.test", nil)
	if err := r.Close(); err != nil || r.Dead() != nil || r.Err() != nil {
		t.Errorf("got %v, %v, %v", err, r.Dead(), r.Err())
	}
}

func TestAsk_needsAWholeQuestion(t *testing.T) {
	t.Parallel()
	r := endpoint(t, "http://agent.test", nil)
	for _, q := range []agent.Question{{}, ask("", 1, "hello"), ask("c", 0, "hello"), {Conversation: "c", Turn: 1}} {
		_, err := r.Ask(t.Context(), q)
		if _, blamed := errors.AsType[*agent.Error](err); err == nil || blamed {
			t.Errorf("got %v for %+v", err, q)
		}
	}
}
