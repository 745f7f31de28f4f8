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

// ServeHTTP serves the API over a real connection. Faults of the connection reset it;
// a refused connection and an unknown host, which a handler cannot make, too.
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
		// A cut body, or a client that went away. What there is of a cut body must
		// reach the client, or it would see no response at all.
		_ = http.NewResponseController(w).Flush()
		panic(http.ErrAbortHandler)
	}
}

// hangUp ends the connection without a response, with a reset where that is possible.
func hangUp(w http.ResponseWriter, reset bool) {
	conn, _, err := http.NewResponseController(w).Hijack()
	if err != nil {
		panic(http.ErrAbortHandler)
	}
	if tcp, isTCP := conn.(*net.TCPConn); isTCP && reset {
		// Without lingering, closing sends RST. When it cannot be set, the client
		// sees a plain end instead, which is as good.
		_ = tcp.SetLinger(0)
	}
	_ = conn.Close()
}
