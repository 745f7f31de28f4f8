package simulator

import (
	"context"
	"net/http"
	"time"

	"github.com/agent-gate/agent-gate/internal/simulator/api"
)

// exchange takes one request through hook, faults and server. The error is that of the
// context. A context that ends while the server is at work does not undo the work.
func (s *Server) exchange(ctx context.Context, raw *http.Request, r *api.Request) (reply, error) {
	to := s.api.Find(r)
	if s.opts.OnRequest != nil {
		s.opts.OnRequest(to.Endpoint, raw)
	}

	s.mu.Lock()
	now := time.Now()
	s.ledger.Counts[to.Endpoint]++
	s.watch(r)
	f, struck := s.strike(to.Endpoint, now)
	if struck && f.Kind == FaultStall {
		s.mu.Unlock()
		if err := wait(ctx, f.Delay); err != nil {
			return reply{}, err
		}
		s.mu.Lock()
		now = time.Now()
	}
	var a api.Answer
	if !struck || f.handled() {
		if f.Kind == FaultLag {
			r.Lag = f.Delay
		}
		a = s.api.Answer(r, to, now)
	}
	if struck {
		if instead, replaces := s.faultAnswer(&f, r, now); replaces {
			a = instead
		}
	}
	if !proxied(f.Kind) {
		a = s.api.Numbered(a)
	}
	s.note(r, to.Endpoint, a.Status, f, now)
	s.mu.Unlock()

	if struck && f.broken() {
		return reply{broken: f.Kind}, context.Cause(ctx)
	}
	if a.Takes > 0 {
		if err := wait(ctx, a.Takes); err != nil {
			return reply{}, err
		}
	}
	body, kind := a.Encode()
	out := reply{status: a.Status, header: a.Header.Clone(), body: body}
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
