package simulator

import (
	"context"
	"net/http"
	"time"

	"github.com/agent-gate/agent-gate/internal/simulator/api"
)

// exchange takes one request through the hook, the faults and the API. It returns an error
// only if the context ends. What the server has done by then stays done.
func (s *Server) exchange(ctx context.Context, raw *http.Request, r *api.Request) (reply, error) {
	to := s.api.Find(r.URL)
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
		a = s.api.WithRequestID(a)
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

// proxied reports whether the answer of a fault comes from a proxy in front of the server
// and so has no x-request-id.
func proxied(k FaultKind) bool {
	switch k {
	case FaultBadGateway, FaultUnavailable, FaultRequestTimeout, FaultHTML, FaultRedirect:
		return true
	}
	return false
}

// wait waits for d, or until the context ends; if d is 0, only for the context.
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
