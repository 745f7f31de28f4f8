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
	KindUnavailable  Kind = "unavailable"  // 5xx, 408, network or garbled answers after all retries
	KindNonsense     Kind = "nonsense"     // JSON that is not what was asked for: nothing suggests that it passes
	KindRedirected   Kind = "redirected"   // 3xx: never followed, keys would go to another host
	KindCancelled    Kind = "cancelled"    // the context ended
)

// Error is a request that did not succeed. Its text names what was tried, method,
// path, status, the server's own words and what to do; never a header or a whole body.
type Error struct {
	Op         string // what was tried, such as "create run test"
	Method     string
	Path       string // without query
	Status     int    // 0 when there was no answer
	Kind       Kind
	Message    text.Untrusted // the server's own words, secrets removed
	Hint       string         // what the user can do
	RequestID  text.Untrusted // by which the server's own logs name its last answer; empty when it did not say
	Attempts   int
	RetryAfter time.Duration // as the server asked; 0 when it did not

	// Unsent is true when the server surely did not act on the request: no connection came
	// about, or it answered with a 4xx that is no refusal to act now. A POST whose error is
	// not Unsent may have been carried out: look before sending it again. A 408 is no such
	// answer, since proxies give it too.
	Unsent bool
	// Refused is true of 429, 503 and 409: the server says that it did not act. Servers and
	// proxies are known to say so after they did, so it is no proof.
	Refused bool

	Err error // the cause, when it was the network
	// Before is the failure of the last attempt before the context ended; nil when there was
	// none, or when it was not the context.
	Before *Error

	fields  dialect.FieldFault // what the answer said about fields; never printed
	noRoute bool               // the server has no such path
}

// Error is one line: what was tried, what came back, and what to do.
func (e *Error) Error() string {
	var b strings.Builder
	b.WriteString(strings.TrimSpace(cmp.Or(e.Op, "request") + ": " + e.Method + " " + e.Path))
	switch {
	case e.Status != 0:
		b.WriteString(strings.TrimRight(fmt.Sprintf(" answered %d %s", e.Status, http.StatusText(e.Status)), " "))
	case e.Kind == KindCancelled:
		b.WriteString(" was given up")
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
			said = strings.TrimSuffix(said, ".") // the sentence goes on
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

// IncompleteError says that the calls of an execution did not add up to the number
// that the server itself names, however often they were read. It comes together with
// the calls that were there.
type IncompleteError struct {
	Got  int // different calls that were read
	Want int // calls that the server says there are
}

// Error implements error.
func (e *IncompleteError) Error() string {
	return fmt.Sprintf("the server says that the execution has %d calls, but it listed %d different ones", e.Want, e.Got)
}

// causeError is an error of the network or of a decoder. Its text may quote the other side
// or hold an address, so it is kept cleaned; errors.Is and errors.AsType still see the
// error itself.
type causeError struct {
	text text.Untrusted
	err  error
}

// slowError says that an attempt took too long.
type slowError struct{ limit time.Duration }

// Error implements error.
func (e slowError) Error() string { return fmt.Sprintf("no answer within %s", e.limit) }

// cause keeps err as the cause of an Error.
func (c *Client) cause(err error) error {
	return &causeError{text: c.secrets.Message(plain(err)), err: err}
}

// plain is the text of err without the words in which Go says that time is up.
func plain(err error) string {
	return strings.ReplaceAll(err.Error(), context.DeadlineExceeded.Error(), "no answer in time")
}

// Error implements error.
func (e *causeError) Error() string { return e.text.Line() }

// Is makes errors.Is look at the error itself.
func (e *causeError) Is(target error) bool { return errors.Is(e.err, target) }

// As makes errors.As look at the error itself.
func (e *causeError) As(target any) bool { return errors.As(e.err, target) }
