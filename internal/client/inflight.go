package client

import (
	"io"
	"net/http"
	"sync"
)

// InFlight returns a transport that has at most so many requests in flight, each until its response is read.
// Clients that share it share its limit and its connections.
func InFlight(transport http.RoundTripper, most int) http.RoundTripper {
	return &inFlight{transport: transport, free: make(chan struct{}, most)}
}

// inFlight limits requests.
type inFlight struct {
	transport http.RoundTripper
	free      chan struct{} // full when no request may be sent
}

// RoundTrip implements http.RoundTripper.
func (f *inFlight) RoundTrip(r *http.Request) (*http.Response, error) {
	select {
	case f.free <- struct{}{}:
	case <-r.Context().Done():
		if r.Body != nil {
			_ = r.Body.Close()
		}
		return nil, r.Context().Err()
	}
	done := sync.OnceFunc(func() { <-f.free })
	resp, err := f.transport.RoundTrip(r)
	if err != nil {
		done()
		return nil, err
	}
	resp.Body = &sentBody{ReadCloser: resp.Body, done: done}
	return resp, nil
}

// sentBody is a body whose request is in flight until it is read or closed.
type sentBody struct {
	io.ReadCloser
	done func()
}

// Read implements io.Reader.
func (c *sentBody) Read(p []byte) (int, error) {
	n, err := c.ReadCloser.Read(p)
	if err != nil {
		c.done()
	}
	return n, err
}

// Close implements io.Closer.
func (c *sentBody) Close() error {
	defer c.done()
	return c.ReadCloser.Close()
}
