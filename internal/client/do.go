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

// request is one call of the API.
type request struct {
	op     string // what is tried, for errors
	method string
	path   string // escaped, below the base URL, with the slash that the server wants at the end
	query  url.Values
	body   any // nil: none
	// repeatable says that sending it twice does no harm. Anything else is sent again
	// only when no connection came about, or, unless it is to be sent once, when the server
	// says that it did not act.
	repeatable bool
	// once says that not even a refusal is taken for a proof that the server did not act:
	// who sends it looks first.
	once    bool
	timeout time.Duration // of one attempt; 0: the client's
	tries   int           // 0: the client's
	maxBody int64         // of the answer; 0: the client's
	inputs  string        // the inputs to check when the server does not know an id
	quotes  bool          // a 500 quotes models and libraries: its words do not tell what was done
	absent  string        // what it means that the server has no such path; empty: it is no API server
}

// get is a request that reads.
func get(op, path, inputs string) request {
	return request{op: op, method: http.MethodGet, path: path, repeatable: true, inputs: inputs}
}

// post is a request that must not be sent twice.
func post(op, path string, body any, inputs string) request {
	return request{op: op, method: http.MethodPost, path: path, body: body, inputs: inputs}
}

// postOnce is a request that places calls or makes what has to be looked for before it is
// made again.
func postOnce(op, path string, body any, inputs string) request {
	r := post(op, path, body, inputs)
	r.once = true
	return r
}

// fetch sends r and returns what read makes of the answer. The error is an *Error.
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

// do sends r until it succeeds or must not be sent again, and hands the body of a 2xx
// answer to decode. All requests of the client go through here.
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
	var last, passing *Error // passing: the last failure that was no end of the context
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
		// One attempt that may have been carried out is enough.
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
	actx, cancel := context.WithTimeoutCause(ctx, r.timeout, timeout)
	defer cancel()
	var dialing, connected atomic.Bool
	actx = httptrace.WithClientTrace(actx, &httptrace.ClientTrace{
		GetConn: func(string) { dialing.Store(true) },
		GotConn: func(httptrace.GotConnInfo) { connected.Store(true) },
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
		// A body that breaks off still says something.
		said, _ := io.ReadAll(io.LimitReader(resp.Body, maxErrorBody))
		failure, again = c.statusFailure(r, resp, said)
		failure.RequestID = c.requestID(resp)
		return resp.StatusCode, failure, again
	}
	answer := bufio.NewReader(http.MaxBytesReader(nil, resp.Body, r.maxBody))
	start, _ := answer.Peek(64) // an error shows again when it is decoded
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

// maxErrorBody is the most bytes that are read of an answer that is an error. The
// envelopes have a few hundred (contract, section 2).
const maxErrorBody = 64 << 10

// nonsenseTries is how often a request is sent whose answers are nonsense: another try
// seldom brings another answer, and who waits for a run asks again anyhow.
const nonsenseTries = 3

// maxRequestID is the most bytes that are kept of a request id.
const maxRequestID = 100

// requestID is the name of an answer in the server's logs: the deployed server puts one on
// each (real-server.md).
func (c *Client) requestID(resp *http.Response) text.Untrusted {
	return c.secrets.Message(resp.Header.Get("X-Request-Id")).Beginning(maxRequestID)
}

// encode writes the body of r; nil when it has none.
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

// newRequest builds the HTTP request. It can only go to the host of the base URL,
// since nothing but a path is added to that.
func (c *Client) newRequest(ctx context.Context, r request, body []byte) (*http.Request, error) {
	u := *c.base
	u.RawPath = strings.TrimSuffix(c.base.EscapedPath(), "/") + r.path
	path, err := url.PathUnescape(u.RawPath)
	if err != nil {
		return nil, errors.New("the path cannot be written")
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

// trace tells OnRequest of an attempt.
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
