package comment

import (
	"context"
	"errors"
	"fmt"
	"io"
	"net/http"
	"net/url"
	"time"
)

const (
	// attemptTime bounds one request including its answer.
	attemptTime = 8 * time.Second
	// tries is how often a repeatable request is sent; tryWait is the wait before the
	// second try, and doubles.
	tries   = 3
	tryWait = 500 * time.Millisecond
	// answerLimit is the most that is read of one answer, in bytes. A page of a hundred
	// of GitHub's longest comments takes 26 MB.
	answerLimit = 64 << 20
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

// client returns an HTTP client that sends the token nowhere else.
func (s Server) client() *http.Client {
	return &http.Client{
		Transport: guard{s},
		// On the way to another host net/http drops the headers it knows, but not
		// GitLab's PRIVATE-TOKEN.
		CheckRedirect: func(*http.Request, []*http.Request) error { return http.ErrUseLastResponse },
	}
}

// guard refuses requests to any other host, and bounds answers in time and size.
type guard struct{ Server }

// RoundTrip implements http.RoundTripper.
func (g guard) RoundTrip(r *http.Request) (*http.Response, error) {
	if r.URL.Scheme != g.URL.Scheme || r.URL.Host != g.URL.Host {
		return nil, fmt.Errorf("refusing to send a request to %s: the API is %s", r.URL.Host, g.URL.Host)
	}
	// The client's own Timeout only ends with a Close, which a library may forget.
	ctx, cancel := context.WithTimeout(r.Context(), attemptTime)
	resp, err := g.Transport.RoundTrip(r.WithContext(ctx))
	status := 0
	if err != nil {
		cancel()
	} else {
		status = resp.StatusCode
		resp.Body = &bounded{body: resp.Body, left: answerLimit, cancel: cancel}
	}
	if g.OnRequest != nil {
		g.OnRequest(r.Method, r.URL.EscapedPath(), status)
	}
	return resp, err
}

// bounded is the body of an answer with a size limit.
type bounded struct {
	body   io.ReadCloser
	left   int64
	cancel func() // ends the request
}

// Read implements io.Reader.
func (b *bounded) Read(p []byte) (int, error) {
	if b.left <= 0 {
		b.cancel()
		return 0, fmt.Errorf("the response is longer than %d MiB", answerLimit>>20)
	}
	n, err := b.body.Read(p[:min(int64(len(p)), b.left)])
	b.left -= int64(n)
	if err != nil {
		b.cancel()
	}
	return n, err
}

// Close implements io.Closer.
func (b *bounded) Close() error {
	defer b.cancel()
	return b.body.Close()
}

// repeat sends a request that is safe to repeat, until the server accepts or refuses it,
// at most three times.
func repeat(ctx context.Context, send func() error) error {
	wait := tryWait
	for i := 1; ; i++ {
		err := send()
		e, ok := errors.AsType[*Error](err)
		if !ok || !e.temporary() || i == tries || ctx.Err() != nil {
			return err
		}
		timer := time.NewTimer(wait)
		select {
		case <-ctx.Done():
			timer.Stop()
			return err
		case <-timer.C:
		}
		wait *= 2
	}
}
