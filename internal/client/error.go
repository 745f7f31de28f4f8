package client

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"net/http"
	"strings"
	"time"

	"github.com/agent-gate/agent-gate/internal/client/dialect"
	"github.com/agent-gate/agent-gate/internal/text"
)

// Kind says what a failed request means for the run.
type Kind string

// The kinds of failure.
const (
	KindUnauthorized Kind = "unauthorized" // 401: wrong or missing keys
	KindForbidden    Kind = "forbidden"    // 402, 403: plan, entitlement or role
	KindNotFound     Kind = "not_found"    // 404, and the deployed server's 500 "No ... matches the given query"
	KindRejected     Kind = "rejected"     // any other 4xx: the request is wrong, and nothing was done
	KindRateLimited  Kind = "rate_limited" // 429 after all retries
	KindUnavailable  Kind = "unavailable"  // 5xx, 408, network errors or unreadable responses, after all retries
	KindNonsense     Kind = "nonsense"     // valid JSON but not a usable response; unlikely to be temporary
	KindRedirected   Kind = "redirected"   // 3xx: never followed, because that would send the keys to another host
	KindCancelled    Kind = "cancelled"    // the context ended
)

// Error is a failed request. Its text says what was tried, method, path, status, the server's
// message and what to do; never a header or a whole body.
type Error struct {
	Op         string // what was tried, e.g. "create run test"
	Method     string
	Path       string // without query
	Status     int    // 0 if there was no response
	Kind       Kind
	Message    text.Untrusted // the server's message, secrets removed
	Hint       string         // what the user can do
	RequestID  text.Untrusted // identifies the last response in the server's logs; empty if unknown
	Attempts   int
	RetryAfter time.Duration // as the server asked; 0 if it did not

	// Unsent is true if the server certainly did not act on the request: no connection was
	// made, or it answered with a 4xx that is not a temporary refusal. If false, a POST may
	// have been carried out: look before sending it again. A 408 does not count as certain,
	// because proxies send it too.
	Unsent bool
	// Refused is true for 429, 503 and 409: the server says it did not act. That is not proof,
	// because servers and proxies are known to refuse after acting.
	Refused bool

	Err error // the cause, if there is one besides the status
	// Before is the failure of the last attempt before the context ended; nil if there was
	// none, or if Kind is not KindCancelled.
	Before *Error

	fields  dialect.FieldFault // what the response said about fields; never printed
	noRoute bool               // the server has no such path
}

// Error returns one line: what was tried, the result, and what to do.
func (e *Error) Error() string {
	var b strings.Builder
	b.WriteString(strings.TrimSpace(cmp.Or(e.Op, "request") + ": " + e.Method + " " + e.Path))
	switch {
	case e.Status != 0:
		b.WriteString(strings.TrimRight(fmt.Sprintf(" answered %d %s", e.Status, http.StatusText(e.Status)), " "))
	case e.Kind == KindCancelled:
		b.WriteString(" was aborted")
	case e.Kind == KindRejected:
		b.WriteString(" was not sent")
	default:
		b.WriteString(" got no answer")
	}
	var aside []string
	if e.Attempts > 1 {
		aside = append(aside, fmt.Sprintf("%d attempts", e.Attempts))
	}
	if !e.RequestID.IsEmpty() {
		aside = append(aside, "request id "+e.RequestID.Line())
	}
	if len(aside) > 0 {
		b.WriteString(" (" + strings.Join(aside, ", ") + ")")
	}
	if !e.Message.IsEmpty() {
		said := e.Message.Line()
		if e.Hint != "" {
			said = strings.TrimSuffix(said, ".") // the sentence continues
		}
		b.WriteString(": " + said)
	}
	if e.Err != nil {
		b.WriteString(": " + e.Err.Error())
	}
	if e.Hint != "" {
		b.WriteString("; " + e.Hint)
	}
	return b.String()
}

// Unwrap returns the cause.
func (e *Error) Unwrap() error { return e.Err }

// IncompleteError says that the calls of an execution did not match the server's total, even
// after several reads. It is returned together with the calls that were read.
type IncompleteError struct {
	Got  int // distinct calls read
	Want int // calls according to the server
}

// Error implements error.
func (e *IncompleteError) Error() string {
	return fmt.Sprintf("the server says the execution has %d calls, but it listed %d different ones", e.Want, e.Got)
}

// causeError is a network or decoding error. Its text may quote the server or contain a URL, so
// only a redacted copy is kept; errors.Is and errors.AsType still see the original.
type causeError struct {
	text text.Untrusted
	err  error
}

// slowError says that an attempt timed out.
type slowError struct{ limit time.Duration }

// Error implements error.
func (e slowError) Error() string { return fmt.Sprintf("no answer within %s", e.limit) }

// cause wraps err as the cause of an Error.
func (c *Client) cause(err error) error {
	return &causeError{text: c.secrets.Message(plain(err)), err: err}
}

// plain returns the text of err with Go's "context deadline exceeded" replaced.
func plain(err error) string {
	return strings.ReplaceAll(err.Error(), context.DeadlineExceeded.Error(), "no answer in time")
}

// Error implements error.
func (e *causeError) Error() string { return e.text.Line() }

// Is matches the original error.
func (e *causeError) Is(target error) bool { return errors.Is(e.err, target) }

// As matches the original error.
func (e *causeError) As(target any) bool { return errors.As(e.err, target) }
