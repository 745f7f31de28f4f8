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
	// attemptTime bounds one request, its answer included.
	attemptTime = 8 * time.Second
	// tries is how often a request is sent that may be sent again, and tryWait the wait
	// before the second; it doubles.
	tries   = 3
	tryWait = 500 * time.Millisecond
	// answerLimit is the most that is read of one answer, in bytes. A page of a hundred
	// of GitHub's longest comments has 26 MB.
	answerLimit = 64 << 20
	// perPage is the most that both APIs give.
	perPage = 100
)

// Server is the API of GitHub or of a GitLab, and as whom to speak to it.
type Server struct {
	URL       *url.URL // of the API, without a slash at its end
	Token     string
	UserAgent string
	Transport http.RoundTripper
	// OnRequest is told of every request, for debug logs; nil for nobody. The status is 0
	// when there was no answer.
	OnRequest func(method, path string, status int)
}

// client is an HTTP client that can take the token nowhere else.
func (s Server) client() *http.Client {
	return &http.Client{
		Transport: guard{s},
		// net/http drops the headers that it knows on the way to another host, but not
		// GitLab's PRIVATE-TOKEN.
		CheckRedirect: func(*http.Request, []*http.Request) error { return http.ErrUseLastResponse },
	}
}

// guard sends requests to the server and to nobody else, and bounds their answers.
type guard struct{ Server }

// RoundTrip implements http.RoundTripper.
func (g guard) RoundTrip(r *http.Request) (*http.Response, error) {
	if r.URL.Scheme != g.URL.Scheme || r.URL.Host != g.URL.Host {
		return nil, fmt.Errorf("a request to %s is not sent: the API is %s", r.URL.Host, g.URL.Host)
	}
	// Not the client's Timeout: that waits for a Close, which a library forgets.
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

// bounded is the body of an answer, of which no more than so much is read.
type bounded struct {
	body   io.ReadCloser
	left   int64
	cancel func() // ends the request
}

// Read implements io.Reader.
func (b *bounded) Read(p []byte) (int, error) {
	if b.left <= 0 {
		b.cancel()
		return 0, fmt.Errorf("the answer is longer than %d MiB", answerLimit>>20)
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

// repeat sends a request that does no harm when it is sent again, until the server takes
// it, refuses it, or does neither three times.
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
