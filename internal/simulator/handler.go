package simulator

import (
	"errors"
	"io"
	"maps"
	"net"
	"net/http"
	"strconv"

	"github.com/agent-gate/agent-gate/internal/simulator/api"
)

// ServeHTTP serves the API over a real connection. Faults of the connection reset it, even
// a refused connection and an unknown host, which a handler cannot simulate.
func (s *Server) ServeHTTP(w http.ResponseWriter, req *http.Request) {
	sent, err := io.ReadAll(io.LimitReader(req.Body, maxRequest))
	if err != nil {
		panic(http.ErrAbortHandler) // the client went away
	}
	scheme := "http"
	if req.TLS != nil {
		scheme = "https"
	}
	p, err := s.exchange(req.Context(), req, &api.Request{
		Method: req.Method, Scheme: scheme, Host: req.Host, URL: req.URL, Header: req.Header, Body: sent,
	})
	if err != nil {
		panic(http.ErrAbortHandler)
	}
	if p.broken != "" {
		hangUp(w, p.broken != FaultHangUp)
		return
	}
	maps.Copy(w.Header(), p.header)
	if n := p.length(); n >= 0 {
		w.Header().Set("Content-Length", strconv.FormatInt(n, 10))
	}
	w.WriteHeader(p.status)
	if _, err := io.Copy(w, p.reader()); err != nil && !errors.Is(err, http.ErrBodyNotAllowed) {
		// The body is cut, or the client went away. Flush the first half of a cut body,
		// or the client would see no response at all.
		_ = http.NewResponseController(w).Flush()
		panic(http.ErrAbortHandler)
	}
}

// hangUp closes the connection without a response, with a TCP reset if possible.
func hangUp(w http.ResponseWriter, reset bool) {
	conn, _, err := http.NewResponseController(w).Hijack()
	if err != nil {
		panic(http.ErrAbortHandler)
	}
	if tcp, isTCP := conn.(*net.TCPConn); isTCP && reset {
		// With a linger of 0, Close sends RST. If that fails, the client sees EOF, which
		// will do.
		_ = tcp.SetLinger(0)
	}
	_ = conn.Close()
}
