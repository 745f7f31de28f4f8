package simulator

import (
	"bytes"
	"context"
	"io"
	"net/http"
	"net/url"
	"slices"
	"strings"
	"time"
)

// reply is what goes back to the client: a response, or an end of the connection.
type reply struct {
	broken FaultKind // no response at all
	status int
	header http.Header
	body   []byte
	cut    bool  // the connection ends in the middle of the body
	pad    int64 // bytes put into the body, after its first byte
}

const (
	padHead     = `{"padding":"`
	padTail     = `",`
	defaultSize = 1 << 30
	keptLog     = 10_000
	keptBody    = 64 << 10
)

// exchange takes one request through hook, faults and server. The error is that of the
// context. A context that ends while the server is at work does not undo the work.
func (s *Server) exchange(ctx context.Context, raw *http.Request, r *request) (reply, error) {
	to := s.find(r.url)
	if s.opts.OnRequest != nil {
		s.opts.OnRequest(to.endpoint, raw)
	}

	s.mu.Lock()
	now := time.Now()
	s.ledger.Counts[to.endpoint]++
	s.watch(r)
	f, struck := s.strike(to.endpoint, now)
	if struck && f.Kind == FaultStall {
		s.mu.Unlock()
		if err := wait(ctx, f.Delay); err != nil {
			return reply{}, err
		}
		s.mu.Lock()
		now = time.Now()
	}
	var a answer
	if !struck || f.handled() {
		a = s.handle(r, to, now)
	}
	if struck {
		if instead, replaces := s.faultAnswer(&f, r, now); replaces {
			a = instead
		}
	}
	if !proxied(f.Kind) {
		s.served++
		a = a.with("X-Request-Id", s.id(idRequest, s.served).String())
	}
	s.note(r, to, a.status, f, now)
	s.mu.Unlock()

	if struck && f.broken() {
		return reply{broken: f.Kind}, context.Cause(ctx)
	}
	if a.takes > 0 {
		if err := wait(ctx, a.takes); err != nil {
			return reply{}, err
		}
	}
	body, kind := a.encode()
	out := reply{status: a.status, header: a.header.Clone(), body: body}
	if out.header == nil {
		out.header = http.Header{}
	}
	if kind != "" {
		out.header.Set("Content-Type", kind)
	}
	if struck {
		switch f.Kind {
		case FaultTruncated:
			out.cut = true
		case FaultHuge:
			out.pad = f.Size
			if out.pad <= 0 {
				out.pad = defaultSize
			}
		case FaultSlow:
			return out, wait(ctx, f.Delay)
		}
	}
	return out, context.Cause(ctx)
}

// proxied reports whether a fault answers in front of the server, which then says
// nothing.
func proxied(k FaultKind) bool {
	switch k {
	case FaultBadGateway, FaultUnavailable, FaultRequestTimeout, FaultHTML, FaultRedirect:
		return true
	}
	return false
}

// wait lets time pass, or the context end; no delay waits for the context alone.
func wait(ctx context.Context, d time.Duration) error {
	if d <= 0 {
		<-ctx.Done()
		return context.Cause(ctx)
	}
	t := time.NewTimer(d)
	defer t.Stop()
	select {
	case <-t.C:
		return nil
	case <-ctx.Done():
		return context.Cause(ctx)
	}
}

// note writes a request down. The caller holds the lock.
func (s *Server) note(r *request, to route, status int, f Fault, now time.Time) {
	if f.broken() {
		status = 0
	}
	if len(s.ledger.Requests) >= keptLog {
		s.ledger.Requests = slices.Clone(s.ledger.Requests[keptLog/2:])
	}
	header := r.header.Clone()
	header.Del("X-Api-Key")
	header.Del("X-Secret-Key")
	s.ledger.Requests = append(s.ledger.Requests, Request{
		Endpoint: to.endpoint, Method: r.method, Path: r.url.Path, Query: r.url.RawQuery, Body: string(r.body[:min(len(r.body), keptBody)]),
		Header: header, Status: status, Fault: f.Kind, At: now,
	})
}

// watch looks for keys where they do not belong. The caller holds the lock.
func (s *Server) watch(r *request) {
	if !slices.Contains(s.ledger.Hosts, r.host) && len(s.ledger.Hosts) < 100 {
		s.ledger.Hosts = append(s.ledger.Hosts, r.host)
	}
	if s.home == "" {
		s.home = r.host
	}
	leak := func(where string) {
		if len(s.ledger.Leaks) < 1000 {
			s.ledger.Leaks = append(s.ledger.Leaks, Leak{Where: where, Host: r.host, Path: r.url.Path})
		}
	}
	own := []string{r.header.Get("X-Api-Key"), r.header.Get("X-Secret-Key")}
	if r.host != s.home && own[0]+own[1] != "" {
		leak("other host")
	}
	if r.header.Get("Authorization") != "" {
		leak("Authorization header")
	}
	query, err := url.QueryUnescape(r.url.RawQuery)
	if err != nil {
		query = r.url.RawQuery
	}
	for _, key := range append(own, s.opts.APIKey, s.opts.SecretKey) {
		if len(key) < 4 { // too short to tell from other text
			continue
		}
		if strings.Contains(query, key) {
			leak("query")
		}
		if strings.Contains(r.url.Path, key) {
			leak("path")
		}
		if bytes.Contains(r.body, []byte(key)) {
			leak("body")
		}
		for name, values := range r.header {
			if name == "X-Api-Key" || name == "X-Secret-Key" {
				continue
			}
			if slices.ContainsFunc(values, func(v string) bool { return strings.Contains(v, key) }) {
				leak("header " + name)
			}
		}
	}
}

// reader gives the body, with its padding and its early end.
func (p *reply) reader() io.Reader {
	switch {
	case p.cut:
		return io.MultiReader(bytes.NewReader(p.body[:len(p.body)/2]), cutReader{})
	case p.pad > 0 && len(p.body) > 1 && p.body[0] == '{':
		return io.MultiReader(strings.NewReader(padHead), io.LimitReader(xReader{}, p.pad), strings.NewReader(padTail), bytes.NewReader(p.body[1:]))
	case p.pad > 0:
		return io.MultiReader(bytes.NewReader(p.body), io.LimitReader(xReader{}, p.pad))
	}
	return bytes.NewReader(p.body)
}

// length is the announced length of the body, -1 when it is not announced.
func (p *reply) length() int64 {
	if p.pad > 0 {
		return -1
	}
	return int64(len(p.body))
}

// cutReader ends like a connection that ends too early.
type cutReader struct{}

func (cutReader) Read([]byte) (int, error) { return 0, io.ErrUnexpectedEOF }

// xReader gives x without end.
type xReader struct{}

func (xReader) Read(b []byte) (int, error) {
	for i := range b {
		b[i] = 'x'
	}
	return len(b), nil
}
