package agent

import (
	"context"
	"crypto/tls"
	"errors"
	"net/http"
	"time"

	"github.com/agent-gate/agent-gate/internal/text"
)

// getTimeout is how long one GET of Ready may take.
const getTimeout = 10 * time.Second

// Ready implements [Agent]: it repeats a GET until there is any answer.
func (r *Remote) Ready(ctx context.Context) error {
	from, pause := time.Now(), firstPause
	within, cancel := context.WithTimeout(ctx, r.readyWithin)
	defer cancel()
	var last *Error
	for {
		err := r.get(within)
		switch _, untrusted := errors.AsType[*tls.CertificateVerificationError](err); {
		case err == nil:
			return nil
		case ctx.Err() != nil:
			return starting(ended(ctx, from))
		case within.Err() == nil && !errors.Is(err, context.DeadlineExceeded):
			last = r.unreachable(err)
			if untrusted {
				return starting(last) // waiting does not help
			}
		}
		select {
		case <-within.Done():
			if ctx.Err() != nil {
				return starting(ended(ctx, from))
			}
			return r.never(last)
		case <-time.After(pause):
			pause = min(2*pause, time.Second)
		}
	}
}

// never is the error for an endpoint that did not answer in time; last may be nil.
func (r *Remote) never(last *Error) *Error {
	failure := &Error{
		Kind: KindUnreachable, Starting: true,
		Detail: text.Sprintf("no answer to a GET within %s", seconds(r.readyWithin)),
	}
	if last != nil {
		failure.Detail, failure.Err = text.Sprintf("%s: %s", failure.Detail, last.Detail), last
	}
	return failure
}

// get sends one GET.
func (r *Remote) get(ctx context.Context) error {
	ctx, cancel := context.WithTimeout(ctx, getTimeout)
	defer cancel()
	resp, err := r.do(ctx, http.MethodGet, nil)
	if err != nil {
		return err
	}
	defer resp.Body.Close()
	if resp.StatusCode == http.StatusTemporaryRedirect || resp.StatusCode == http.StatusPermanentRedirect {
		r.warner.warn(func() text.Untrusted {
			return text.Sprintf("agent-url redirects to %s, and redirects of turns are not followed: use that address",
				r.screen.excerpt(resp.Header.Get("Location")))
		})
	}
	return nil
}
