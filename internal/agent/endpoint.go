package agent

import (
	"bytes"
	"cmp"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"net"
	"net/http"
	"net/url"
	"strings"
	"time"

	"github.com/agent-gate/agent-gate/internal/text"
	"github.com/agent-gate/agent-gate/internal/text/redact"
)

// The formats that an endpoint may speak.
const (
	FormatAgentGate = "agent-gate"
	FormatOpenAI    = "openai" // chat completions
)

// EndpointOptions says where an agent answers, and how.
type EndpointOptions struct {
	URL       string
	Format    string               // [FormatAgentGate] when empty
	Model     string               // of [FormatOpenAI]; "agent-gate" when empty
	Header    string               // one header line, see [ParseHeader]; a secret
	Redactor  *redact.Redactor     // removes secrets from errors and warnings
	Warn      func(text.Untrusted) // gets a warning about a redirect; may be nil
	Ready     time.Duration        // how long to wait until it answers; 60s when not positive
	Transport http.RoundTripper    // for tests; must not retry
}

// Remote is an agent that is an HTTP endpoint.
type Remote struct {
	url         *url.URL
	openAI      bool
	model       string
	headerName  string
	header      string
	screen      screen
	warner      warner
	readyWithin time.Duration
	http        *http.Client
	ledger      ledger
}

// Endpoint returns the agent at a URL. It sends nothing. The error does not quote the header.
func Endpoint(o EndpointOptions) (*Remote, error) {
	u, err := ParseURL(o.URL)
	if err != nil {
		return nil, err
	}
	r := &Remote{
		url:         u,
		model:       cmp.Or(o.Model, "agent-gate"),
		screen:      screen{o.Redactor},
		warner:      warner{hear: o.Warn},
		readyWithin: positive(o.Ready, defaultReady),
		http: &http.Client{
			Transport: o.Transport,
			// A redirect would take the header to another host, or make a POST a GET.
			CheckRedirect: func(*http.Request, []*http.Request) error { return http.ErrUseLastResponse },
		},
	}
	if r.http.Transport == nil {
		r.http.Transport = newTransport()
	}
	switch o.Format {
	case "", FormatAgentGate:
	case FormatOpenAI:
		r.openAI = true
	default:
		return nil, fmt.Errorf("format %q: it has to be %s or %s", o.Format, FormatAgentGate, FormatOpenAI)
	}
	if o.Header != "" {
		if r.headerName, r.header, err = ParseHeader(o.Header); err != nil {
			return nil, err
		}
	}
	return r, nil
}

// newTransport opens a new connection for each request. On a reused one that the server is
// just closing, Go cannot tell whether the server took the request; servers in Python and
// JavaScript close idle connections after a few seconds, about the time between two turns.
// HTTP/2 is off because it has retries of its own.
func newTransport() *http.Transport {
	one := new(http.Protocols)
	one.SetHTTP1(true)
	return &http.Transport{
		Proxy:               http.ProxyFromEnvironment,
		DialContext:         (&net.Dialer{Timeout: 30 * time.Second}).DialContext,
		TLSHandshakeTimeout: 30 * time.Second,
		DisableKeepAlives:   true,
		Protocols:           one,
	}
}

// ParseURL parses the address of an endpoint. The error does not quote it, because it may
// contain a password.
func ParseURL(address string) (*url.URL, error) {
	u, err := url.Parse(strings.TrimSpace(address))
	switch {
	case err != nil:
		return nil, errors.New("it is not a URL")
	case u.Scheme != "http" && u.Scheme != "https":
		return nil, errors.New("it has to begin with http:// or https://")
	case u.Hostname() == "":
		return nil, errors.New("it names no host")
	}
	return u, nil
}

// ParseHeader splits a header line, such as "Authorization: Bearer …". The error does not
// quote it.
func ParseHeader(line string) (name, value string, err error) {
	name, value, found := strings.Cut(strings.TrimSpace(line), ":")
	name, value = strings.TrimSpace(name), strings.TrimSpace(value)
	switch {
	case !found:
		return "", "", errors.New("it has no colon; a header line is NAME: VALUE")
	case name == "" || strings.ContainsFunc(name, func(r rune) bool { return !isToken(r) }):
		return "", "", errors.New("the name before the colon is not valid")
	case strings.ContainsFunc(value, func(r rune) bool { return r < ' ' && r != '\t' || r == 0x7f }):
		return "", "", errors.New("the value contains a line break or another control character")
	case value == "":
		return "", "", errors.New("it has no value")
	}
	return name, value, nil
}

// isToken reports whether r is allowed in the name of a header (RFC 9110, section 5.6.2).
func isToken(r rune) bool {
	return r >= 'a' && r <= 'z' || r >= 'A' && r <= 'Z' || r >= '0' && r <= '9' || strings.ContainsRune("!#$%&'*+-.^_`|~", r)
}

// Dead implements [Agent].
func (r *Remote) Dead() <-chan struct{} { return nil }

// Err implements [Agent].
func (r *Remote) Err() error { return nil }

// Close implements [Agent]. It does nothing.
func (r *Remote) Close() error { return nil }

// Ask implements [Agent].
func (r *Remote) Ask(ctx context.Context, q Question) (Answer, error) {
	if err := r.ledger.begin(q); err != nil {
		return Answer{}, fmt.Errorf("conversation %s, turn %d: %w", q.Conversation, q.Turn, err)
	}
	defer r.ledger.end(q.Conversation)
	body, err := r.encode(q)
	if err != nil {
		return Answer{}, err
	}
	said, err := r.post(ctx, body)
	if err != nil {
		return Answer{}, err
	}
	return r.read(said, q)
}

// read decodes the body of an answer.
func (r *Remote) read(said []byte, q Question) (Answer, error) {
	said = bytes.TrimSpace(bytes.TrimPrefix(said, []byte("\ufeff")))
	if len(said) == 0 {
		return Answer{}, &Error{Kind: KindEmpty}
	}
	var w wireAnswer
	var c completion
	var into any = &w
	if r.openAI {
		into = &c
	}
	if err := json.Unmarshal(said, into); err != nil || said[0] != '{' {
		if mistake := wrongType(err); mistake != nil && said[0] == '{' {
			return Answer{}, mistake
		}
		return Answer{}, r.screen.notJSON(said)
	}
	if r.openAI {
		var ok bool
		if w, ok = c.answer(); !ok {
			return Answer{}, &Error{Kind: KindBroken, Detail: text.New("it has no choices")}
		}
	}
	switch {
	case w.Conversation != nil && *w.Conversation != q.Conversation:
		return Answer{}, &Error{Kind: KindBroken, Detail: text.Sprintf("it is for conversation %s", r.screen.excerpt(*w.Conversation))}
	case w.Turn != nil && *w.Turn != float64(q.Turn):
		return Answer{}, &Error{Kind: KindBroken, Detail: text.Sprintf("it is for turn %g, and turn %d was asked", *w.Turn, q.Turn)}
	}
	return w.answer(q.Turn, r.screen)
}
