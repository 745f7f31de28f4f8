package client

import (
	"bufio"
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"io"
	"net/http"
	"net/http/httptrace"
	"net/url"
	"strings"
	"sync/atomic"
	"time"

	"github.com/agent-gate/agent-gate/internal/text"
)

// request is one API request.
type request struct {
	op     string // what is being done, for errors
	method string
	path   string // escaped, relative to the base URL, with the trailing slash the server requires
	query  url.Values
	body   any // nil for none
	// repeatable says that sending it twice is harmless. Otherwise it is sent again only if no
	// connection was made or, unless once is set, if the server says it did not act.
	repeatable bool
	// once says not to send it again even after a refusal, because servers may refuse and still
	// act: the caller must look first.
	once    bool
	timeout time.Duration // of one attempt; 0 for the client's
	tries   int           // 0 for the client's
	maxBody int64         // of the response; 0 for the client's
	inputs  string        // the inputs to check if the server does not know an id
	absent  string        // the hint if the server has no such path; empty if every API server has it
	quotes  bool          // a 500 quotes errors of language models, which say nothing about this request
}

// get returns a read request.
func get(op, path, inputs string) request {
	return request{op: op, method: http.MethodGet, path: path, repeatable: true, inputs: inputs}
}

// post returns a request that must not be sent twice.
func post(op, path string, body any, inputs string) request {
	return request{op: op, method: http.MethodPost, path: path, body: body, inputs: inputs}
}

// postOnce returns a request that costs calls or creates something. Before it is sent again,
// the caller must look for its effect.
func postOnce(op, path string, body any, inputs string) request {
	r := post(op, path, body, inputs)
	r.once = true
	return r
}

// fetch sends r and returns what read makes of the response. The error is an *Error.
func fetch[T any](ctx context.Context, c *Client, r request, read func(io.Reader) (T, error)) (T, error) {
	var got T
	failure := c.do(ctx, r, func(body io.Reader) error {
		v, err := read(body)
		if err == nil {
			got = v
		}
		return err
	})
	if failure != nil {
		return got, failure
	}
	return got, nil
}

// do sends r until it succeeds or must not be sent again, and passes a 2xx response to decode.
// Every request of the client goes through do.
func (c *Client) do(ctx context.Context, r request, decode func(io.Reader) error) *Error {
	if r.timeout == 0 {
		r.timeout = c.timeout
	}
	if r.tries == 0 {
		r.tries = c.tries
	}
	if r.maxBody == 0 {
		r.maxBody = c.maxBody
	}
	body, err := r.encode()
	if err != nil {
		f := r.failure(KindRejected)
		f.Unsent, f.Err = true, c.cause(err)
		return f
	}
	if ctx.Err() != nil {
		return c.cancelled(ctx, r, 0, true)
	}
	var last, passing *Error // passing: the last failure other than the end of the context
	attempts, unsent := 0, true
	inTime := retry(ctx, r.tries, c.random, func() (bool, time.Duration, error) {
		attempts++
		c.requests.Add(1)
		if attempts > 1 {
			c.retries.Add(1)
		}
		began := time.Now()
		status, failure, again := c.attempt(ctx, r, body, decode)
		last = failure
		if failure != nil && failure.Kind != KindCancelled {
			passing = failure
		}
		c.trace(r, status, attempts, time.Since(began), failure)
		if failure == nil {
			return false, 0, nil
		}
		// If any attempt may have been carried out, the request may have been.
		unsent = unsent && failure.Unsent
		failure.Attempts, failure.Unsent = attempts, unsent
		if failure.Kind == KindNonsense {
			again = again && attempts < nonsenseTries
		}
		return again, failure.RetryAfter, failure
	})
	if last != nil && !inTime && last.Kind != KindCancelled {
		last = c.cancelled(ctx, r, attempts, unsent)
	}
	if last != nil && last.Kind == KindCancelled {
		last.Before = passing
	}
	return last
}

// attempt sends r once. again says whether it may be sent again.
func (c *Client) attempt(ctx context.Context, r request, body []byte, decode func(io.Reader) error) (status int, failure *Error, again bool) {
	timeout := slowError{r.timeout}
	var dialing, connected, sentOut atomic.Bool
	lasting, release := ctx, func() {}
	if r.once {
		lasting, release = graced(ctx, &sentOut)
	}
	defer release()
	actx, cancel := context.WithTimeoutCause(lasting, r.timeout, timeout)
	defer cancel()
	actx = httptrace.WithClientTrace(actx, &httptrace.ClientTrace{
		GetConn:      func(string) { dialing.Store(true) },
		GotConn:      func(httptrace.GotConnInfo) { connected.Store(true) },
		WroteHeaders: func() { sentOut.Store(true) },
	})
	req, err := c.newRequest(actx, r, body)
	if err != nil {
		f := r.failure(KindRejected)
		f.Unsent, f.Err = true, c.cause(err)
		return 0, f, false
	}
	sent := time.Now()
	resp, err := c.http.Do(req)
	if err != nil {
		neverSent := dialing.Load() && !connected.Load() || isDialError(err)
		if ctx.Err() != nil {
			return 0, c.cancelled(ctx, r, 0, neverSent), false
		}
		if actx.Err() != nil {
			err = timeout
		}
		failure, again = c.networkFailure(r, err, neverSent)
		return 0, failure, again
	}
	defer resp.Body.Close()
	c.clock.observe(resp.Header, sent, time.Now())
	if resp.StatusCode < 200 || resp.StatusCode > 299 {
		// Even a truncated body may have a message.
		said, _ := io.ReadAll(io.LimitReader(resp.Body, maxErrorBody))
		failure, again = c.statusFailure(r, resp, said)
		failure.RequestID = c.requestID(resp)
		return resp.StatusCode, failure, again
	}
	answer := bufio.NewReader(http.MaxBytesReader(nil, resp.Body, r.maxBody))
	start, _ := answer.Peek(64) // an error recurs when decoding
	if err := decode(answer); err != nil {
		if ctx.Err() != nil {
			return resp.StatusCode, c.cancelled(ctx, r, 0, false), false
		}
		if actx.Err() != nil {
			err = timeout
		}
		failure, again = c.answerFailure(r, resp, err, bytes.HasPrefix(bytes.TrimSpace(start), []byte("<")))
		failure.RequestID = c.requestID(resp)
		return resp.StatusCode, failure, again
	}
	return resp.StatusCode, nil, false
}

// answerGrace is how long the answer to a request that is sent once is awaited although the run has to stop: only the answer
// names what the request began, so that it can be cancelled. With the time that stopping takes, it ends before GitHub's second
// signal.
const answerGrace = 2 * time.Second

// graced returns a context that ends with ctx, or answerGrace later if the request was sent by then.
func graced(ctx context.Context, sent *atomic.Bool) (context.Context, func()) {
	lasting, end := context.WithCancelCause(context.WithoutCancel(ctx))
	release := context.AfterFunc(ctx, func() {
		if sent.Load() {
			timer := time.NewTimer(answerGrace)
			defer timer.Stop()
			select {
			case <-timer.C:
			case <-lasting.Done():
			}
		}
		end(context.Cause(ctx))
	})
	return lasting, func() {
		release()
		end(nil)
	}
}

// maxErrorBody is the most bytes read of an error response. They have a few hundred (contract,
// section 2).
const maxErrorBody = 64 << 10

// nonsenseTries limits the attempts of a request whose responses are unusable. More rarely
// help, and whoever watches a run polls again anyway.
const nonsenseTries = 3

// maxRequestID is the most bytes kept of a request id.
const maxRequestID = 100

// requestID returns the id of a response in the server's logs. The deployed server sends one
// with each (real-server.md).
func (c *Client) requestID(resp *http.Response) text.Untrusted {
	return c.secrets.Message(resp.Header.Get("X-Request-Id")).Beginning(maxRequestID)
}

// encode returns the JSON body of r; nil if it has none.
func (r request) encode() ([]byte, error) {
	if r.body == nil {
		return nil, nil
	}
	var b bytes.Buffer
	enc := json.NewEncoder(&b)
	enc.SetEscapeHTML(false)
	if err := enc.Encode(r.body); err != nil {
		return nil, err
	}
	return b.Bytes(), nil
}

// newRequest builds the HTTP request. It can only go to the host of the base URL, because only
// a path is added to that.
func (c *Client) newRequest(ctx context.Context, r request, body []byte) (*http.Request, error) {
	u := *c.base
	u.RawPath = strings.TrimSuffix(c.base.EscapedPath(), "/") + r.path
	path, err := url.PathUnescape(u.RawPath)
	if err != nil {
		return nil, errors.New("the path is not a valid URL path")
	}
	u.Path = path
	u.RawQuery = r.query.Encode()
	var reader io.Reader
	if body != nil {
		reader = bytes.NewReader(body)
	}
	req, err := http.NewRequestWithContext(ctx, r.method, u.String(), reader)
	if err != nil {
		return nil, err
	}
	c.sign(req.Header)
	if body != nil {
		req.Header.Set("Content-Type", "application/json")
	}
	return req, nil
}

// trace calls OnRequest for an attempt.
func (c *Client) trace(r request, status, attempt int, took time.Duration, failure *Error) {
	if c.onRequest == nil {
		return
	}
	t := Trace{Method: r.method, Path: r.path, Status: status, Duration: took, Attempt: attempt}
	t.Unreached = failure != nil && failure.Kind == KindUnavailable && status == 0 && failure.Unsent
	switch {
	case failure == nil:
	case !failure.Message.IsEmpty():
		t.Error = failure.Message.Line()
	case failure.Err != nil:
		t.Error = failure.Err.Error()
	default:
		t.Error = text.New(http.StatusText(status)).Line()
	}
	c.onRequest(t)
}
