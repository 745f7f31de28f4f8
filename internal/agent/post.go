package agent

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"io"
	"net/http"
	"net/url"
	"syscall"
	"time"

	"github.com/agent-gate/agent-gate/internal/retryafter"
	"github.com/agent-gate/agent-gate/internal/text"
)

const (
	// maxSends is how often a request is sent at most.
	maxSends = 6
	// firstPause is the pause after the first refused connection; it doubles each time.
	firstPause = 100 * time.Millisecond
)

// errRefusedOnWindows is WSAECONNREFUSED, which is not syscall.ECONNREFUSED.
const errRefusedOnWindows = syscall.Errno(10061)

// encode returns a question as the body of a request.
func (r *Remote) encode(q Question) ([]byte, error) {
	if r.openAI {
		return q.encodeCompletion(r.model)
	}
	return q.encode()
}

// post sends a turn and returns the body of the answer. It sends it again only if the agent
// certainly did not act: the connection was refused, or the answer was 429 or 503 with a
// Retry-After.
func (r *Remote) post(ctx context.Context, body []byte) ([]byte, error) {
	from, pause := time.Now(), firstPause
	for sends := 1; ; sends++ {
		if ctx.Err() != nil {
			return nil, ended(ctx, from)
		}
		said, wait, err := r.send(ctx, body)
		switch {
		case err == nil:
			return said, nil
		case ctx.Err() != nil:
			return nil, ended(ctx, from)
		case wait < 0 || sends == maxSends:
			return nil, err
		}
		if isRefused(err) {
			wait, pause = pause, 2*pause
		}
		if deadline, ok := ctx.Deadline(); ok && time.Until(deadline) <= wait {
			return nil, err // more helpful than a timeout
		}
		select {
		case <-ctx.Done():
			return nil, ended(ctx, from)
		case <-time.After(wait):
		}
	}
}

// send sends a turn once. With an error it returns how long to wait before sending it again,
// negative if it must not be sent again.
func (r *Remote) send(ctx context.Context, body []byte) (said []byte, wait time.Duration, err error) {
	resp, err := r.do(ctx, http.MethodPost, body)
	if isRefused(err) {
		return nil, 0, r.unreachable(err)
	}
	if err != nil {
		return nil, -1, r.unreachable(err)
	}
	defer resp.Body.Close()
	if resp.StatusCode < 200 || resp.StatusCode > 299 {
		return nil, retryAfter(resp, time.Now()), r.refused(resp)
	}
	said, err = io.ReadAll(io.LimitReader(resp.Body, maxAnswer+1))
	switch {
	case err != nil:
		return nil, -1, r.unreachable(err)
	case len(said) > maxAnswer:
		return nil, -1, tooLong()
	}
	return said, 0, nil
}

// do sends one request.
func (r *Remote) do(ctx context.Context, method string, body []byte) (*http.Response, error) {
	req, err := http.NewRequestWithContext(ctx, method, r.url.String(), bytes.NewReader(body))
	if err != nil {
		return nil, err
	}
	req.Header.Set("User-Agent", "agent-gate")
	req.Header.Set("Accept", "application/json")
	if method == http.MethodPost {
		req.Header.Set("Content-Type", "application/json")
	} else {
		req.Body = http.NoBody
	}
	if r.headerName != "" {
		req.Header.Set(r.headerName, r.header)
	}
	return r.http.Do(req)
}

// refused is the error for an HTTP status other than 2xx.
func (r *Remote) refused(resp *http.Response) *Error {
	failure := &Error{Kind: KindError, Status: resp.StatusCode}
	if resp.StatusCode >= 300 && resp.StatusCode < 400 {
		failure.Detail = text.Sprintf("redirects are not followed; it points to %s", r.screen.excerpt(resp.Header.Get("Location")))
		return failure
	}
	said, _ := io.ReadAll(io.LimitReader(resp.Body, maxRead)) // as much as there is
	failure.Detail = r.screen.excerpt(errorOf(said))
	return failure
}

// errorOf finds the message in the body of an error, as common frameworks write it.
func errorOf(body []byte) string {
	var known struct {
		Error   json.RawMessage `json:"error"`
		Message json.RawMessage `json:"message"`
		Detail  json.RawMessage `json:"detail"`
	}
	if json.Unmarshal(body, &known) == nil {
		for _, raw := range []json.RawMessage{known.Error, known.Message, known.Detail} {
			if said := errorText(raw); said != "" {
				return said
			}
		}
	}
	return string(body)
}

// retryAfter is how long a 429 or 503 asks to wait; negative for anything else.
func retryAfter(resp *http.Response, now time.Time) time.Duration {
	if resp.StatusCode != http.StatusTooManyRequests && resp.StatusCode != http.StatusServiceUnavailable {
		return -1
	}
	if wait, given := retryafter.Parse(resp.Header, now); given {
		return wait
	}
	return -1
}

// isRefused reports whether the connection was refused, so nothing was sent.
func isRefused(err error) bool {
	return errors.Is(err, syscall.ECONNREFUSED) || errors.Is(err, errRefusedOnWindows)
}

// unreachable is the error for a request without a complete answer. It leaves out the URL,
// which may contain a password.
func (r *Remote) unreachable(err error) *Error {
	if wrapped, ok := errors.AsType[*url.Error](err); ok {
		err = wrapped.Err
	}
	detail := r.screen.excerpt(err.Error())
	if errors.Is(err, io.EOF) || errors.Is(err, io.ErrUnexpectedEOF) {
		detail = text.New("the connection was closed before the answer was complete")
	}
	return &Error{Kind: KindUnreachable, Detail: detail, Err: err}
}
