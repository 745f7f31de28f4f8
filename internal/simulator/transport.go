package simulator

import (
	"context"
	"errors"
	"io"
	"net"
	"net/http"
	"net/http/httptrace"
	"net/url"
	"os"
	"strconv"
	"syscall"
	"time"

	"github.com/agent-gate/agent-gate/internal/simulator/api"
)

// maxRequest is how many bytes of a request body are read, a typical limit of web servers.
const maxRequest = 10 << 20

// transport is the server as an [http.RoundTripper].
type transport struct{ s *Server }

// RoundTrip answers a request in the calling goroutine.
func (t transport) RoundTrip(req *http.Request) (*http.Response, error) {
	var sent []byte
	if req.Body != nil {
		b, err := io.ReadAll(io.LimitReader(req.Body, maxRequest))
		if closeErr := req.Body.Close(); err == nil {
			err = closeErr
		}
		if err != nil {
			return nil, err
		}
		sent = b
	}
	ctx := req.Context()
	if err := context.Cause(ctx); err != nil {
		return nil, err
	}
	if trace := httptrace.ContextClientTrace(ctx); trace != nil && trace.WroteHeaders != nil {
		trace.WroteHeaders()
	}
	host := req.Host
	if host == "" {
		host = req.URL.Host
	}
	u := &url.URL{Path: req.URL.Path, RawPath: req.URL.RawPath, RawQuery: req.URL.RawQuery}
	p, err := t.s.exchange(ctx, req, &api.Request{
		Method: methodOf(req), Scheme: req.URL.Scheme, Host: host, URL: u, Header: req.Header.Clone(), Body: sent,
	})
	if err != nil {
		return nil, err
	}
	if p.broken != "" {
		return nil, connectionError(p.broken, req.URL.Host)
	}
	p.header.Set("Date", time.Now().Add(t.s.opts.Skew).UTC().Format(http.TimeFormat))
	if n := p.length(); n >= 0 {
		p.header.Set("Content-Length", strconv.FormatInt(n, 10))
	}
	return &http.Response{
		Status: strconv.Itoa(p.status) + " " + http.StatusText(p.status), StatusCode: p.status,
		Proto: "HTTP/1.1", ProtoMajor: 1, ProtoMinor: 1,
		Header: p.header, ContentLength: p.length(), Request: req,
		Body: &responseBody{ctx: ctx, from: p.reader()},
	}, nil
}

func methodOf(req *http.Request) string {
	if req.Method == "" {
		return http.MethodGet
	}
	return req.Method
}

// responseBody fails once its request's context has ended, or it is closed.
type responseBody struct {
	ctx    context.Context
	from   io.Reader
	closed bool
}

func (b *responseBody) Read(p []byte) (int, error) {
	if b.closed {
		return 0, errors.New("http: read on closed response body")
	}
	if err := context.Cause(b.ctx); err != nil {
		return 0, err
	}
	return b.from.Read(p)
}

func (b *responseBody) Close() error {
	b.closed = true
	return nil
}

// connectionError returns the error of net/http for a broken connection.
func connectionError(k FaultKind, host string) error {
	address := &net.TCPAddr{IP: net.IPv4(192, 0, 2, 1), Port: 443} // an address for documentation, RFC 5737
	switch k {
	case FaultRefused:
		return &net.OpError{Op: "dial", Net: "tcp", Addr: address, Err: os.NewSyscallError("connect", syscall.ECONNREFUSED)}
	case FaultNoHost:
		name := (&url.URL{Host: host}).Hostname()
		return &net.OpError{Op: "dial", Net: "tcp", Err: &net.DNSError{Err: "no such host", Name: name, IsNotFound: true}}
	case FaultHangUp:
		return io.EOF
	}
	return &net.OpError{Op: "read", Net: "tcp", Addr: address, Err: os.NewSyscallError("read", syscall.ECONNRESET)}
}
