package client

import (
	"encoding/json"
	"fmt"
	"io"
	"net/http"
	"net/http/httptest"
	"net/url"
	"slices"
	"strconv"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/agent-gate/agent-gate/internal/calls"
	"github.com/agent-gate/agent-gate/internal/client/dialect"
	"github.com/agent-gate/agent-gate/test/answers"
)

const (
	testAPIKey    = "key-4711-abcdef"
	testSecretKey = "secret/0815+xyz="
)

// wire is a server without sockets, for synctest bubbles. It records requests.
type wire struct {
	mu       sync.Mutex
	requests []sent
	answer   func(w http.ResponseWriter, r *http.Request, n int) error
}

// sent is a request as received.
type sent struct {
	Method, Path, Query, Body string
	Header                    http.Header
	Host                      string
}

// RoundTrip implements http.RoundTripper. If answer returns an error, it is a network error.
func (w *wire) RoundTrip(r *http.Request) (*http.Response, error) {
	var body []byte
	if r.Body != nil {
		body, _ = io.ReadAll(r.Body)
		r.Body.Close()
	}
	w.mu.Lock()
	w.requests = append(w.requests, sent{
		Method: r.Method, Path: r.URL.EscapedPath(), Query: r.URL.RawQuery,
		Body: strings.TrimSpace(string(body)), Header: r.Header.Clone(), Host: r.URL.Host,
	})
	n := len(w.requests)
	w.mu.Unlock()
	rec := httptest.NewRecorder()
	if err := w.answer(rec, r, n); err != nil {
		return nil, err
	}
	resp := rec.Result()
	resp.Request = r
	return resp, nil
}

// sent lists the requests as "METHOD path?query".
func (w *wire) lines() []string {
	w.mu.Lock()
	defer w.mu.Unlock()
	var out []string
	for _, r := range w.requests {
		line := r.Method + " " + r.Path
		if r.Query != "" {
			line += "?" + r.Query
		}
		out = append(out, line)
	}
	return out
}

// count returns the number of requests so far.
func (w *wire) count() int { return len(w.lines()) }

// body returns the JSON body of request n, from 0.
func (w *wire) body(t *testing.T, n int) map[string]any {
	t.Helper()
	w.mu.Lock()
	defer w.mu.Unlock()
	var got map[string]any
	if err := json.Unmarshal([]byte(w.requests[n].Body), &got); err != nil {
		t.Fatalf("body of request %d: %v", n, err)
	}
	return got
}

// reply writes an answer.
func reply(w http.ResponseWriter, status int, body string) {
	if strings.HasPrefix(strings.TrimSpace(body), "<") {
		w.Header().Set("Content-Type", "text/html")
	} else {
		w.Header().Set("Content-Type", "application/json")
	}
	w.WriteHeader(status)
	_, _ = io.WriteString(w, body)
}

// serving returns a wire whose answers depend on "METHOD path"; for all others it returns the
// plain 404 of an unknown route.
func serving(t *testing.T, routes map[string]http.HandlerFunc) *wire {
	t.Helper()
	return &wire{answer: func(w http.ResponseWriter, r *http.Request, _ int) error {
		if h, ok := routes[r.Method+" "+r.URL.EscapedPath()]; ok {
			h(w, r)
		} else {
			reply(w, http.StatusNotFound, answers.Sample(t, "deployed/404.html"))
		}
		return nil
	}}
}

// pageSizes records the page sizes that a client requests.
type pageSizes struct {
	mu    sync.Mutex
	asked []string
}

// serving returns a wire that answers page requests with page and records their sizes.
func (s *pageSizes) serving(t *testing.T, page func(w http.ResponseWriter, r *http.Request, size int)) *wire {
	t.Helper()
	return serving(t, map[string]http.HandlerFunc{"GET " + executionPath: func(w http.ResponseWriter, r *http.Request) {
		limit := r.URL.Query().Get("limit")
		size, _ := strconv.Atoi(limit)
		s.mu.Lock()
		s.asked = append(s.asked, limit)
		s.mu.Unlock()
		page(w, r, size)
	}})
}

// String lists the sizes in order, without repeats.
func (s *pageSizes) String() string { return strings.Join(slices.Compact(s.asked), " ") }

// always returns a handler with a fixed status and body.
func always(status int, body string) http.HandlerFunc {
	return func(w http.ResponseWriter, _ *http.Request) { reply(w, status, body) }
}

// newClient returns a client of a wire.
func newClient(t *testing.T, w http.RoundTripper, change ...func(*Options)) *Client {
	t.Helper()
	o := Options{
		BaseURL:   &url.URL{Scheme: "https", Host: "api.example.com"},
		APIKey:    testAPIKey,
		SecretKey: testSecretKey,
		Transport: w,
	}
	for _, f := range change {
		f(&o)
	}
	c, err := New(o)
	if err != nil {
		t.Fatal(err)
	}
	return c
}

// Paths of the story.
var (
	executionPath  = fmt.Sprintf("/simulate/test-executions/%s/", answers.Execution)
	executePath    = fmt.Sprintf("/simulate/run-tests/%s/execute/", answers.RunTest)
	runTestPath    = fmt.Sprintf("/simulate/run-tests/%s/", answers.RunTest)
	executionsPath = fmt.Sprintf("/simulate/run-tests/%s/executions/", answers.RunTest)
	newEvalsPath   = fmt.Sprintf("/simulate/run-tests/%s/run-new-evals/", answers.RunTest)
	rerunPath      = executionPath + "rerun-calls/"
	cancelPath     = executionPath + "cancel/"
)

const (
	createPath  = "/simulate/run-tests/create/"
	listPath    = "/simulate/run-tests/"
	metricsPath = "/sdk/api/v1/simulation/metrics/"
)

// at parses a time of a sample.
func at(t *testing.T, s string) *time.Time {
	t.Helper()
	v, err := time.Parse(time.RFC3339Nano, s)
	if err != nil {
		t.Fatal(err)
	}
	return &v
}

// readCloser is a body.
func readCloser(s string) io.ReadCloser { return io.NopCloser(strings.NewReader(s)) }

// bodyOf returns the body of a request.
func bodyOf(r *http.Request) string {
	b, _ := io.ReadAll(r.Body)
	return string(b)
}

// assemble makes an execution from pages, the first one first.
func assemble(pages []dialect.Page) (calls.Execution, error) {
	var g gathering
	for i, p := range pages {
		g.add(i+1, p)
	}
	return g.execution()
}

// readPage reads a page of the story's execution.
func readPage(body string) (dialect.Page, error) {
	return dialect.NewAnswers(dialect.NewRedactor(testAPIKey, testSecretKey)).Calls(answers.Execution).Read(strings.NewReader(body))
}
