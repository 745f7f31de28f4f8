package comment

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"net/http"
	"net/url"
	"strconv"
	"time"
)

const (
	// attemptTime bounds one request including its answer.
	attemptTime = 8 * time.Second
	// answerLimit is the most that is read of one answer, in bytes. A page of a hundred
	// of GitHub's longest comments takes 26 MB.
	answerLimit = 64 << 20
	// restLimit is the most that is read of what follows an answer, in bytes. A
	// connection serves the next request only if it was read to its end.
	restLimit = 4 << 10
	// perPage is the most that both APIs return.
	perPage = 100
)

// Server is the API of GitHub or a GitLab, and the credentials for it.
type Server struct {
	URL       *url.URL // of the API, no trailing slash
	Token     string
	UserAgent string
	Transport http.RoundTripper
	// OnRequest is called after every request, for debug logs; may be nil. The status is
	// 0 without an answer.
	OnRequest func(method, path string, status int)
}

// client sends requests to one of the two APIs.
type client struct {
	Server
	header http.Header // of every request
	advice advice
	encode func(any) ([]byte, error) // makes JSON
	// accepts reports whether an answer with this status is what was asked for.
	accepts func(status int) bool
	// refusal completes an answer that is not, from its body.
	refusal func(a *answer, body []byte)
	// silent is whether an answer without a body is one without content, not an error.
	silent bool
}

// request is what is sent.
type request struct {
	op     string // for the error
	method string
	path   string // below the URL of the API, escaped
	query  url.Values
	body   any // sent as JSON; nil for none
}

// written is the body of a request that writes a comment.
type written struct {
	Body string `json:"body"`
}

// pageQuery asks for a page of comments.
func pageQuery(at int) url.Values {
	return url.Values{"page": {strconv.Itoa(at)}, "per_page": {strconv.Itoa(perPage)}}
}

// do sends a request once, reads the answer into the value, and returns the answer's
// header. An error is of type [*Error].
func (c client) do(ctx context.Context, r request, into any) (http.Header, error) {
	a := c.exchange(ctx, r, into)
	if a.err != nil {
		return nil, c.advice.failure(r.op, a)
	}
	return a.header, nil
}

// exchange sends a request and reads the answer.
func (c client) exchange(ctx context.Context, r request, into any) answer {
	limited, cancel := context.WithTimeout(ctx, attemptTime)
	defer cancel()
	req, err := c.request(limited, r)
	if err != nil {
		return answer{err: err}
	}
	resp, err := c.send(req)
	if err != nil {
		// Once nobody waits any more, that is the reason, whatever it led to.
		if ctx.Err() != nil {
			err = ctx.Err()
		}
		return answer{err: err}
	}
	defer resp.Body.Close()
	body := &bounded{body: resp.Body, left: answerLimit}
	a := answer{status: resp.StatusCode, header: resp.Header}
	if !c.accepts(a.status) {
		said, err := io.ReadAll(body)
		if err != nil {
			said = nil // the status has to do
		}
		c.refusal(&a, said)
		if a.err == nil {
			a.err = fmt.Errorf("%s %s://%s%s: %d %s", r.method, req.URL.Scheme, req.URL.Host, req.URL.Path, a.status, a.message)
		}
		return a
	}
	a.err = json.NewDecoder(body).Decode(into)
	if c.silent && errors.Is(a.err, io.EOF) {
		a.err = nil
	}
	if a.err == nil {
		_, _ = io.CopyN(io.Discard, body, restLimit)
	}
	return a
}

// request makes a request that carries the token.
func (c client) request(ctx context.Context, r request) (*http.Request, error) {
	var body io.Reader
	if r.body != nil {
		encoded, err := c.encode(r.body)
		if err != nil {
			return nil, err
		}
		body = bytes.NewReader(encoded)
	}
	to := c.URL.JoinPath(r.path)
	to.RawQuery, to.Fragment = r.query.Encode(), ""
	req, err := http.NewRequestWithContext(ctx, r.method, to.String(), body)
	if err != nil {
		return nil, err
	}
	// The URL of the API is what the environment says, and may lack a host.
	if req.URL.Scheme != c.URL.Scheme || req.URL.Host != c.URL.Host {
		return nil, fmt.Errorf("refusing to send a request to %s: the API is %s", req.URL.Host, c.URL.Host)
	}
	req.Header = c.header.Clone()
	req.Header.Set("User-Agent", c.UserAgent)
	if r.body != nil {
		req.Header.Set("Content-Type", "application/json")
	}
	return req, nil
}

// send sends a request to the API and nowhere else.
func (c client) send(req *http.Request) (*http.Response, error) {
	h := http.Client{
		Transport: c.Transport,
		// On the way to another host net/http drops the headers it knows, but not
		// GitLab's PRIVATE-TOKEN.
		CheckRedirect: func(*http.Request, []*http.Request) error { return http.ErrUseLastResponse },
	}
	resp, err := h.Do(req)
	if c.OnRequest != nil {
		status := 0
		if err == nil {
			status = resp.StatusCode
		}
		c.OnRequest(req.Method, req.URL.EscapedPath(), status)
	}
	return resp, err
}

// bounded is the body of an answer with a size limit.
type bounded struct {
	body io.Reader
	left int64
}

// Read implements io.Reader.
func (b *bounded) Read(p []byte) (int, error) {
	if b.left <= 0 {
		return 0, fmt.Errorf("the response is longer than %d MiB", answerLimit>>20)
	}
	n, err := b.body.Read(p[:min(int64(len(p)), b.left)])
	b.left -= int64(n)
	return n, err
}
