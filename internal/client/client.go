// Package client talks to the Future AGI simulate API: typed calls, retries, and no secrets in
// errors or traces. Package dialect decodes the responses of both dialects; which one a server
// speaks is detected from them and remembered here.
//
// Read in this order: client.go, [New] and its [Options]; do.go, which sends every request,
// with retry.go, classify.go and error.go, which decide what a failure means; a file for each
// resource: runtest.go and walk.go, execution.go, rerun.go, evalconfig.go and transcript.go;
// chat.go and converse.go, which start and hold the chats of text agents; poll.go; and
// collect.go with gather.go, which assemble an execution from its pages. memory.go and clock.go
// hold what responses have shown. Decoding belongs in dialect and judgement in verdict, not here.
package client

import (
	"errors"
	"fmt"
	"math/rand/v2"
	"net"
	"net/http"
	"net/url"
	"strings"
	"sync/atomic"
	"time"

	"github.com/google/uuid"

	"github.com/agent-gate/agent-gate/internal/calls"
	"github.com/agent-gate/agent-gate/internal/client/dialect"
)

// The defaults of Options.
const (
	defaultAttemptTimeout = 30 * time.Second
	defaultMaxBody        = 64 << 20
	// A page is streamed, so its size costs time but no memory. After reruns each row contains
	// all earlier tries, estimated at 50 to 500 KB each (contract, section 9).
	defaultMaxPage   = 512 << 20
	defaultRetries   = 5
	defaultUserAgent = "agent-gate"
)

// Options configure a Client. BaseURL, APIKey and SecretKey are required.
type Options struct {
	BaseURL   *url.URL // http or https, without user, query and fragment
	APIKey    string
	SecretKey string
	// Secrets are redacted from what the server says, like the two keys, but never sent.
	Secrets []string
	// WorkspaceID is sent as X-Workspace-Id unless it is uuid.Nil.
	WorkspaceID uuid.UUID
	UserAgent   string // "agent-gate" if empty
	// Transport sends the requests. Nil means [NewTransport].
	Transport http.RoundTripper
	// AttemptTimeout limits one attempt of a request, including reading the response; 0 means
	// 30 s. A cancel gets at least 45 s.
	AttemptTimeout time.Duration
	// MaxBody is the most bytes read of one response. 0 means 64 MiB, and for a page of calls
	// 512 MiB, of which at most 64 MiB are kept.
	MaxBody int64
	// Retries is how many times a repeatable request is sent again; 0 means 5, about half a
	// minute including the waits. A negative number means never.
	Retries int
	// Random returns numbers in [0,1) that jitter the waits between attempts. It must be safe
	// for concurrent use. Nil means math/rand.
	Random func() float64
	// OnRequest is called after every attempt, for debug logs. It must be safe for concurrent
	// use.
	OnRequest func(Trace)
}

// Trace is one attempt of a request. It contains no headers, query or body.
type Trace struct {
	Method   string
	Path     string
	Status   int // 0 if there was no response
	Duration time.Duration
	Attempt  int    // from 1
	Error    string // why the attempt failed, safe for a log line; empty if it did not
	// Unreached says that no connection was made: DNS, routing, a refusal, a proxy.
	Unreached bool
}

// Client talks to one server with one pair of keys. It is safe for concurrent use.
type Client struct {
	base      *url.URL
	http      *http.Client
	sign      func(http.Header) // sets the headers; a closure, so that no %v shows the keys
	timeout   time.Duration
	maxBody   int64
	maxPage   int64 // for a page of calls
	tries     int
	random    func() float64
	onRequest func(Trace)
	secrets   *dialect.Redactor
	answers   dialect.Answers
	memory    memory
	clock     clock

	requests, polls, retries atomic.Int64
}

// New returns a Client. It sends nothing. Its errors name the invalid inputs, never their
// values.
func New(o Options) (*Client, error) {
	if err := o.check(); err != nil {
		return nil, err
	}
	transport := o.Transport
	if transport == nil {
		transport = NewTransport()
	}
	base := *o.BaseURL
	c := &Client{
		base: &base,
		http: &http.Client{
			Transport: transport,
			// On a redirect net/http would send the key headers to other hosts, and turn a POST
			// into a GET.
			CheckRedirect: func(*http.Request, []*http.Request) error { return http.ErrUseLastResponse },
		},
		sign:      o.signer(),
		timeout:   positive(o.AttemptTimeout, defaultAttemptTimeout),
		maxBody:   positive(o.MaxBody, defaultMaxBody),
		maxPage:   positive(o.MaxBody, defaultMaxPage),
		tries:     1 + max(o.Retries, 0),
		random:    o.Random,
		onRequest: o.OnRequest,
		secrets:   dialect.NewRedactor(o.APIKey, o.SecretKey, o.Secrets...),
	}
	c.answers = dialect.NewAnswers(c.secrets)
	if c.random == nil {
		c.random = rand.Float64
	}
	if o.Retries == 0 {
		c.tries = 1 + defaultRetries
	}
	return c, nil
}

// check reports invalid options by input name.
func (o Options) check() error {
	var errs []error
	switch u := o.BaseURL; {
	case u == nil, u.Scheme != "http" && u.Scheme != "https", u.Host == "":
		errs = append(errs, errors.New("base-url: must be an http or https address"))
	case u.User != nil:
		// net/http would send them as an Authorization header, and then the deployed server
		// ignores valid keys (contract, section 1.1).
		errs = append(errs, errors.New("base-url: must not contain a user name or password"))
	case u.RawQuery != "" || u.Fragment != "":
		errs = append(errs, errors.New("base-url: must not contain a query or fragment"))
	}
	for _, key := range []struct{ name, value string }{{"api-key", o.APIKey}, {"secret-key", o.SecretKey}} {
		if key.value == "" {
			errs = append(errs, fmt.Errorf("%s: is missing", key.name))
		} else if strings.ContainsFunc(key.value, func(r rune) bool { return r < ' ' || r == 0x7f }) {
			errs = append(errs, fmt.Errorf("%s: contains control characters, which a header cannot carry", key.name))
		}
	}
	return errors.Join(errs...)
}

// signer returns a function that sets the headers of every request. None is Authorization: the
// deployed server would then ignore the keys.
func (o Options) signer() func(http.Header) {
	agent := o.UserAgent
	if agent == "" {
		agent = defaultUserAgent
	}
	return func(h http.Header) {
		h.Set("Accept", "application/json")
		h.Set("User-Agent", agent)
		h.Set("X-Api-Key", o.APIKey)
		h.Set("X-Secret-Key", o.SecretKey)
		if o.WorkspaceID != uuid.Nil {
			h.Set("X-Workspace-Id", o.WorkspaceID.String())
		}
	}
}

// idleConns is the number of connections kept open: one for each of up to 25 conversations, and
// some for polls and pages.
const idleConns = 32

// idleTime is how long a connection is kept open without a request. It is below the shortest default
// of a server that is in use (gunicorn: 2 s; uvicorn and Node: 5 s): what is sent on a connection that
// the server is just closing is lost, and a paid request must not be sent again on a guess.
const idleTime = 1500 * time.Millisecond

// NewTransport returns the default transport. It honours the proxies of the environment and the
// machine's certificate authorities, and every phase of a connection has a timeout.
func NewTransport() *http.Transport {
	return &http.Transport{
		Proxy:                 http.ProxyFromEnvironment,
		DialContext:           (&net.Dialer{Timeout: 10 * time.Second, KeepAlive: 30 * time.Second}).DialContext,
		ForceAttemptHTTP2:     true,
		MaxIdleConnsPerHost:   idleConns,
		IdleConnTimeout:       idleTime,
		TLSHandshakeTimeout:   10 * time.Second,
		ExpectContinueTimeout: time.Second,
	}
}

// positive returns v if it is above zero, else otherwise.
func positive[T int64 | time.Duration](v, otherwise T) T {
	if v > 0 {
		return v
	}
	return otherwise
}

// Dialect returns the dialect of the server as far as it is known.
func (c *Client) Dialect() calls.Dialect { return c.memory.knownDialect() }

// Stats returns the request counts so far.
func (c *Client) Stats() calls.Stats {
	return calls.Stats{
		Requests: int(c.requests.Load()),
		Polls:    int(c.polls.Load()),
		Retries:  int(c.retries.Load()),
	}
}
