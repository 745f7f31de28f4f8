package comment

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"net/http"
	"net/url"
	"slices"
	"strings"

	"github.com/agent-gate/agent-gate/internal/text"
	"github.com/agent-gate/agent-gate/internal/text/redact"
)

// Error is a failed request to the API. It holds no token.
type Error struct {
	Op          string // what was attempted
	Status      int    // 0 when there was no answer
	RateLimited bool
	Message     text.Untrusted // the server's words, without the token
	Hint        string         // what to do about it; empty when unknown
	Err         error          // when there was no readable answer
	// final is true when the server did answer, readable or not.
	final bool
}

// Error implements error. It is one line.
func (e *Error) Error() string {
	line := e.Op
	switch {
	case e.Status != 0 && !e.Message.IsEmpty():
		line += fmt.Sprintf(": answered %d: %s", e.Status, e.Message.LineMax(200))
	case e.Status != 0:
		line += fmt.Sprintf(": answered %d %s", e.Status, http.StatusText(e.Status))
	case e.Err != nil:
		line += ": " + text.New(e.Err.Error()).LineMax(300)
	}
	if e.Hint != "" {
		line += "; " + e.Hint
	}
	return line
}

// Unwrap returns the cause.
func (e *Error) Unwrap() error { return e.Err }

// temporary reports whether the same request may succeed a moment later.
func (e *Error) temporary() bool {
	if e.Status == 0 {
		return !e.final && !errors.Is(e.Err, context.Canceled)
	}
	return e.Status >= 500 || e.Status == http.StatusRequestTimeout
}

// answer is what came of a request: the status of the answer, if there was one, its
// header, and for a failure the server's message and the error.
type answer struct {
	status      int
	header      http.Header
	rateLimited bool // as far as the body of the answer tells
	message     string
	err         error
}

// isRateLimit reports whether the request was rate limited. GitHub answers 403 for that
// as well as for a missing permission, and only the message or the headers tell which.
//
// https://docs.github.com/en/rest/using-the-rest-api/rate-limits-for-the-rest-api
func (a answer) isRateLimit() bool {
	if a.status != http.StatusForbidden {
		return a.rateLimited || a.status == http.StatusTooManyRequests
	}
	return a.rateLimited || a.says("rate limit", "abuse detection", "too many requests") ||
		a.header.Get("Retry-After") != "" || a.header.Get("X-RateLimit-Remaining") == "0"
}

// says reports whether the server's message contains one of the phrases, given in lower
// case.
func (a answer) says(phrases ...string) bool {
	words := strings.ToLower(a.message)
	return slices.ContainsFunc(phrases, func(p string) bool { return strings.Contains(words, p) })
}

// The hints that apply to both.
const (
	tooMany  = "too many requests with this token; the next run will write the comment"
	locked   = "the conversation is locked and this token cannot write to it; unlock it, or set `comment: never`"
	archived = "the repository is archived and takes no comments"
	notThere = "no pull or merge request has this number, or "
)

// advice is the hints for failures of one of the two.
type advice struct {
	secrets  *redact.Redactor
	unknown  string // when the server rejects the token
	denied   string // when the token lacks a permission
	notThere string // when there is no such thing, or it must not be seen
	tooMany  string // when the token is used too often
}

// failure makes an Error from an answer.
func (h advice) failure(op string, a answer) *Error {
	e := &Error{Op: op, Status: a.status, RateLimited: a.isRateLimit(), Message: h.secrets.Text(text.New(a.message))}
	switch {
	case e.RateLimited:
		e.Hint = h.tooMany
	case a.status >= 400 && a.status < 500 && a.says("locked"):
		e.Hint = locked
	case a.status == http.StatusForbidden && a.says("archived"):
		e.Hint = archived
	case a.status == http.StatusUnauthorized:
		e.Hint = h.unknown
	case a.status == http.StatusForbidden:
		e.Hint = h.denied
	case a.status == http.StatusNotFound:
		e.Hint = h.notThere
	case a.status >= 300 && a.status < 400:
		e.Hint = "redirects are not followed: they could send the token to another host"
	case a.status >= 200 && a.status < 300:
		e.Status, e.Message, e.Err = 0, text.Untrusted{}, unreadable(a.err)
		e.final = !errors.Is(a.err, io.ErrUnexpectedEOF) // an answer that was cut off may be retried
	case a.status == 0:
		e.Err = unanswered(a.err)
	}
	if e.Err != nil {
		if clean := h.secrets.String(e.Err.Error()); clean != e.Err.Error() {
			e.Err = errors.New(clean)
		}
	}
	return e
}

// unanswered returns why there is no answer, without the method and URL that net/http
// puts first.
func unanswered(err error) error {
	e, ok := errors.AsType[*url.Error](err)
	switch {
	case errors.Is(err, context.DeadlineExceeded), ok && e.Timeout():
		return errNoAnswer
	case ok:
		return e.Err
	}
	return err
}

var errNoAnswer = errors.New("no response in time")

// unreadable explains what is wrong with the body of a 2xx answer.
func unreadable(err error) error {
	_, syntax := errors.AsType[*json.SyntaxError](err)
	_, form := errors.AsType[*json.UnmarshalTypeError](err)
	if syntax || form || errors.Is(err, io.EOF) || errors.Is(err, io.ErrUnexpectedEOF) {
		return fmt.Errorf("the response is not from the API; it may be from a proxy or a login page: %w", err)
	}
	return err
}
