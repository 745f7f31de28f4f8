package client

import (
	"cmp"
	"context"
	"crypto/tls"
	"errors"
	"fmt"
	"net"
	"net/http"
	"net/url"
	"strings"
	"time"

	"github.com/agent-gate/agent-gate/internal/calls"
	"github.com/agent-gate/agent-gate/internal/client/dialect"
	"github.com/agent-gate/agent-gate/internal/client/jsonstream"
	"github.com/agent-gate/agent-gate/internal/retryafter"
	"github.com/agent-gate/agent-gate/internal/text"
)

// failure starts every Error of r.
func (r request) failure(kind Kind) *Error {
	return &Error{Op: r.op, Method: r.method, Path: r.path, Kind: kind}
}

// cancelled returns the failure of a request that the context ended, with the context's cause.
func (c *Client) cancelled(ctx context.Context, r request, attempts int, unsent bool) *Error {
	f := r.failure(KindCancelled)
	f.Attempts, f.Unsent = attempts, unsent
	why := context.Cause(ctx)
	f.Err = &causeError{text: c.secrets.Keep(plain(why)), err: errors.Join(ctx.Err(), why)}
	return f
}

// statusFailure classifies a response outside 2xx. Statuses are classified only here. again
// reports whether r may be sent again.
func (c *Client) statusFailure(r request, resp *http.Response, body []byte) (f *Error, again bool) {
	said := dialect.ReadEnvelope(body)
	if said.Deployed {
		c.memory.learn(calls.DialectDeployed)
	}
	f = r.failure(KindRejected)
	f.Status = resp.StatusCode
	f.Message = c.secrets.Message(said.Message)
	f.fields = said.Fields
	wait, asked := retryafter.Parse(resp.Header, time.Now())

	switch status := resp.StatusCode; {
	case status == http.StatusUnauthorized:
		f.Kind, f.Unsent = KindUnauthorized, true
	case status == http.StatusPaymentRequired, status == http.StatusForbidden:
		f.Kind, f.Unsent = KindForbidden, true
	case status == http.StatusNotFound:
		// The API names what it does not know in JSON, and answers an unknown path with a page.
		f.Kind, f.Unsent, f.noRoute = KindNotFound, true, said.HTML || dialect.IsNoPath(said.Message)
	case status == http.StatusMethodNotAllowed:
		f.Unsent, f.noRoute = true, true
	case status == http.StatusRequestTimeout:
		f.Kind, again = KindUnavailable, r.repeatable
	case status == http.StatusTooManyRequests:
		f.Kind, f.Refused, f.RetryAfter, again = KindRateLimited, true, wait, !r.once
	case status >= 300 && status <= 399:
		f.Kind, f.Message = KindRedirected, c.target(resp)
		// 301, 307 and 308 mean "ask there instead"; a 302 or 303 may come after the server
		// acted.
		f.Unsent = status == http.StatusMovedPermanently || status == http.StatusTemporaryRedirect || status == http.StatusPermanentRedirect
	case status == http.StatusConflict:
		f.Refused, f.RetryAfter = true, wait
	case status >= 400 && status <= 499:
		f.Unsent = true
	case status >= 500 && !r.quotes && dialect.IsGone(said.Message):
		// A create with an unknown version is rolled back.
		f.Kind, f.Unsent = KindNotFound, dialect.IsUnknownVersion(said.Message)
	default:
		f.Kind, f.RetryAfter = KindUnavailable, wait
		f.Refused = status == http.StatusServiceUnavailable
		again = r.repeatable || f.Refused && asked && !r.once
	}
	f.Hint = hint(f, r, said.HTML)
	return f, again
}

// target returns where a redirect leads, without the query.
func (c *Client) target(resp *http.Response) text.Untrusted {
	to, err := resp.Location()
	if err != nil {
		return text.New("redirects without a target")
	}
	// Unescaped, because escaping could hide a key from the redactor.
	return c.secrets.Message("redirects to " + to.Scheme + "://" + to.Host + to.Path)
}

// networkFailure classifies a request without a response. unsent says that the request never
// left.
func (c *Client) networkFailure(r request, err error, unsent bool) (f *Error, again bool) {
	if wrapped, ok := errors.AsType[*url.Error](err); ok {
		err = wrapped.Err // without the URL and its query
	}
	f = r.failure(KindUnavailable)
	f.Err, f.Unsent = c.cause(err), unsent
	f.Hint = hint(f, r, false)
	return f, (r.repeatable || unsent) && !isTLSFault(err)
}

// answerFailure classifies a 2xx response that cannot be used.
func (c *Client) answerFailure(r request, resp *http.Response, err error, html bool) (f *Error, again bool) {
	f = r.failure(KindUnavailable)
	f.Status = resp.StatusCode
	if limit, ok := limitOf(err); ok {
		// The error's own text is about a request body.
		f.Err = &causeError{text: text.New(fmt.Sprintf("the answer is larger than the limit of %d bytes", limit)), err: err}
		f.Hint = hint(f, r, html)
		return f, false
	}
	if dialect.IsNonsense(err) {
		f.Kind = KindNonsense
	}
	if !errors.Is(err, dialect.ErrShape) {
		err = fmt.Errorf("the answer cannot be used: %w", err)
	}
	f.Err = c.cause(err)
	f.Hint = hint(f, r, html)
	return f, r.repeatable
}

// limitOf returns the size limit that a response exceeded.
func limitOf(err error) (limit int64, ok bool) {
	if read, ok := errors.AsType[*http.MaxBytesError](err); ok {
		return read.Limit, true
	}
	kept, ok := errors.AsType[jsonstream.TooLargeError](err)
	return kept.Limit, ok
}

// isDialError reports whether err means that no connection was made.
func isDialError(err error) bool {
	if _, ok := errors.AsType[*net.DNSError](err); ok {
		return true
	}
	op, ok := errors.AsType[*net.OpError](err)
	return ok && (op.Op == "dial" || op.Op == "proxyconnect" || op.Op == "socks connect")
}

// isTLSFault reports whether err is a TLS error that a retry cannot fix.
func isTLSFault(err error) bool {
	if _, ok := errors.AsType[*tls.CertificateVerificationError](err); ok {
		return true
	}
	if _, ok := errors.AsType[tls.RecordHeaderError](err); ok {
		return true
	}
	return strings.Contains(err.Error(), "server gave HTTP response to HTTPS client")
}

// hint says what the user can do about f, by input name, and whether the request may have been
// carried out. html says that the response was an HTML page.
func hint(f *Error, r request, html bool) string {
	advice := advise(f, r, html)
	if f.Kind != KindUnavailable && f.Kind != KindNonsense || r.repeatable || f.Unsent {
		return advice
	}
	const doubt = "the request may still have been carried out"
	if advice == "" {
		return doubt
	}
	return advice + "; " + doubt
}

// advise returns the advice of a hint; empty if the server's message says it all.
func advise(f *Error, r request, html bool) string {
	const (
		wrongBase      = "base-url is probably not the address of the API server"
		notTheAPI      = "base-url may not be the address of the API server"
		workspace      = "workspace-id selects the workspace, unless the keys belong to one"
		otherWorkspace = "ids from another workspace are not found either: " + workspace
	)
	switch f.Kind {
	case KindUnauthorized:
		return "check api-key and secret-key (AGENT_GATE_API_KEY and AGENT_GATE_SECRET_KEY, or FI_API_KEY and FI_SECRET_KEY): both are required, and must be from the same pair"
	case KindForbidden:
		if f.Status == http.StatusPaymentRequired {
			return "not included in your plan or in this server's build"
		}
		return "not allowed by your plan, or by the role of the key's user in the workspace; " + workspace
	case KindNotFound:
		if html {
			return cmp.Or(r.absent, wrongBase)
		}
		if dialect.IsUnknownVersion(f.Message.Raw()) {
			return "check agent-version: the server has no such agent version"
		}
		return "check " + r.inputs + "; " + otherWorkspace
	case KindRejected:
		if dialect.IsUnknownAgentOrScenario(f.Message.Raw()) {
			return "check agent-definition-id and scenario-ids; " + otherWorkspace
		}
	case KindNonsense:
		return notTheAPI
	case KindRedirected:
		return "redirects are not followed, because they could send the keys to another host; if the target is your API server, set base-url to it"
	case KindRateLimited:
		return "too many requests with these keys; run fewer gates at once or increase poll-min-interval"
	case KindUnavailable:
		switch {
		case f.Status == 0 && isTLSFault(f.Err):
			return "check base-url and the certificates this machine trusts"
		case f.Status == 0:
			return "check base-url and the network: DNS, proxy, firewall"
		case f.Status < 300 && html:
			return wrongBase
		case f.Status < 300:
			return notTheAPI
		}
		return "the API failed, not the agent; try again later"
	}
	return ""
}
