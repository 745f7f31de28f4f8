// Package client speaks the Future AGI simulate API: typed calls, two dialects,
// retries, and no secret in anything it says.
//
// Both forms of the API, the documented one and the deployed one, are turned into one
// model, that of package calls. Package dialect reads the answers; which form a server speaks
// is found out from them and remembered here.
//
// Read in this order: [New] and its [Options]; do.go, through which every request goes, with
// retry.go, classify.go and error.go, which say what a failure means; then a file for each
// resource: run tests, executions, reruns, eval configs and transcripts; chat.go and
// converse.go, which start text agents' chats and hold them; poll.go, and collect.go with
// gather.go, which make one execution of its pages. No answer is taken apart here, and no run
// judged.
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
	// A page is read as a stream, so that its size costs time and no memory. After reruns
	// each of its rows holds all of the earlier calls, estimated 50 to 500 KB each (contract,
	// section 9).
	defaultMaxPage   = 512 << 20
	defaultRetries   = 5
	defaultUserAgent = "agent-gate"
)

// Options configure a Client. BaseURL, APIKey and SecretKey are required.
type Options struct {
	BaseURL   *url.URL // http or https, without user, query and fragment
	APIKey    string
	SecretKey string
	// Secrets are more than the keys that is taken out of what the server says. They are
	// not sent.
	Secrets []string
	// WorkspaceID is sent as X-Workspace-Id; uuid.Nil sends none.
	WorkspaceID uuid.UUID
	UserAgent   string // "agent-gate" when empty
	// Transport sends the requests. Nil means a transport of the client's own that
	// honours the proxies of the environment.
	Transport http.RoundTripper
	// AttemptTimeout bounds one attempt of a request, its answer included; 0 means
	// 30 s. A cancel gets at least 45 s.
	AttemptTimeout time.Duration
	// MaxBody is the most bytes of one answer that are read; 0 means 64 MiB, and 512 MiB
	// for a page of calls, of which at most 64 MiB are kept.
	MaxBody int64
	// Retries is how often a request that may be sent again is sent again; 0 means 5,
	// which with the waits between them takes about half a minute. A negative number
	// means never.
	Retries int
	// Random gives numbers from 0 to 1 that spread the waits between attempts. It may
	// be called from several goroutines at once. Nil means math/rand.
	Random func() float64
	// OnRequest is told of every attempt, for debug logs. It may be called from
	// several goroutines at once.
	OnRequest func(Trace)
}

// Trace is one attempt of a request. It holds no header, no query and no body.
type Trace struct {
	Method   string
	Path     string
	Status   int // 0 when there was no answer
	Duration time.Duration
	Attempt  int    // from 1
	Error    string // why the attempt failed, safe for a log line; empty when it did not
	// Unreached says that no connection came about: DNS, routes, a refusal, a proxy.
	Unreached bool
}

// Client speaks to one server with one pair of keys. It is safe for concurrent use.
type Client struct {
	base      *url.URL
	http      *http.Client
	sign      func(http.Header) // sets the headers; a closure, so that no %v shows the keys
	timeout   time.Duration
	maxBody   int64
	maxPage   int64 // of a page of calls
	tries     int
	random    func() float64
	onRequest func(Trace)
	secrets   *dialect.Redactor
	answers   dialect.Answers
	memory    memory
	clock     clock

	requests, polls, retries atomic.Int64
}

// New makes a Client. It sends nothing. An error names the input that is wrong and
// never its value.
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
			// The keys are in headers of their own, which net/http takes along to
			// other hosts; and it turns a POST into a GET.
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

// check reports what is wrong with the options, in input names.
func (o Options) check() error {
	var errs []error
	switch u := o.BaseURL; {
	case u == nil, u.Scheme != "http" && u.Scheme != "https", u.Host == "":
		errs = append(errs, errors.New("base-url: must be an http or https address"))
	case u.User != nil:
		// net/http would send them as an Authorization header, with which the
		// deployed server refuses the best keys (contract, section 1.1).
		errs = append(errs, errors.New("base-url: must not hold a user name or password"))
	case u.RawQuery != "" || u.Fragment != "":
		errs = append(errs, errors.New("base-url: must not hold a query or fragment"))
	}
	for _, key := range []struct{ name, value string }{{"api-key", o.APIKey}, {"secret-key", o.SecretKey}} {
		if key.value == "" {
			errs = append(errs, fmt.Errorf("%s: is missing", key.name))
		} else if strings.ContainsFunc(key.value, func(r rune) bool { return r < ' ' || r == 0x7f }) {
			errs = append(errs, fmt.Errorf("%s: holds control characters, which no header can carry", key.name))
		}
	}
	return errors.Join(errs...)
}

// signer returns what sets the headers that every request carries. There is no
// Authorization among them: the deployed server would look at nothing else.
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

// idleConns is how many connections are kept for the next request: one for each of the 25
// conversations that are held at a time, and those of polls and pages.
const idleConns = 32

// NewTransport is the transport of a client that was given none: it honours the proxies
// of the environment and the certificate authorities of the machine, and waits for
// nothing without an end.
func NewTransport() *http.Transport {
	return &http.Transport{
		Proxy:                 http.ProxyFromEnvironment,
		DialContext:           (&net.Dialer{Timeout: 10 * time.Second, KeepAlive: 30 * time.Second}).DialContext,
		ForceAttemptHTTP2:     true,
		MaxIdleConnsPerHost:   idleConns,
		IdleConnTimeout:       90 * time.Second,
		TLSHandshakeTimeout:   10 * time.Second,
		ExpectContinueTimeout: time.Second,
	}
}

// positive is v, or otherwise the default when v is not above zero.
func positive[T int64 | time.Duration](v, otherwise T) T {
	if v > 0 {
		return v
	}
	return otherwise
}

// Dialect is which form of the API the server has been found to speak.
func (c *Client) Dialect() calls.Dialect { return c.memory.knownDialect() }

// Stats counts the requests so far.
func (c *Client) Stats() calls.Stats {
	return calls.Stats{
		Requests: int(c.requests.Load()),
		Polls:    int(c.polls.Load()),
		Retries:  int(c.retries.Load()),
	}
}
