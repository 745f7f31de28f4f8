package simulator

import (
	"time"

	"github.com/agent-gate/agent-gate/internal/simulator/api"
)

// FaultKind is a way in which a request goes wrong.
type FaultKind string

// The kinds of faults. Unless said otherwise the request is not handled; see
// [Fault.Handled].
const (
	FaultRefused        FaultKind = "connection refused"
	FaultNoHost         FaultKind = "no such host"
	FaultReset          FaultKind = "reset before the request is handled"
	FaultLost           FaultKind = "reset after the request is handled" // handled
	FaultHangUp         FaultKind = "eof after the request is handled"   // handled
	FaultRequestTimeout FaultKind = "408"
	FaultRateLimit      FaultKind = "429"
	FaultServerError    FaultKind = "500" // the dialect's JSON error
	FaultBadGateway     FaultKind = "502" // HTML
	FaultUnavailable    FaultKind = "503" // HTML
	FaultStatus         FaultKind = "status"
	FaultTruncated      FaultKind = "truncated body"  // handled
	FaultHTML           FaultKind = "html with a 200" // a sign-in page
	FaultRedirect       FaultKind = "redirect"
	FaultHuge           FaultKind = "huge body"     // handled
	FaultSlow           FaultKind = "slow answer"   // handled, then delayed
	FaultStall          FaultKind = "slow handling" // delayed, then handled
	// FaultLag is a list, or a look-up by name, that does not show yet what came into being
	// less than Delay ago: the answer of a database that lags behind.
	FaultLag FaultKind = "lagging list" // handled
)

// Always makes, as [Fault.Count], a fault strike for ever.
const Always = -1

// Fault makes requests go wrong.
type Fault struct {
	// Endpoint is what is hit; empty is any.
	Endpoint api.Endpoint
	Kind     FaultKind
	// After lets so many matching requests pass first. Count is how many are hit
	// then; 0 is one, or all of them when From or To is set.
	After, Count int
	// From and To bound the fault in time since [New], on the clock; To 0 is open.
	From, To time.Duration
	// Handled makes the server handle the request before a fault that answers in its
	// place: a 502 behind which the execution was started.
	Handled bool
	// Delay is that of FaultSlow and FaultStall; 0 lasts until the request's context
	// ends. FaultLag lags by it.
	Delay time.Duration
	// RetryAfter adds a Retry-After header to 408, 429, 503 and FaultStatus, in seconds
	// rounded up, or as a date. RetryAfterText is sent as it stands.
	RetryAfter     time.Duration
	RetryAfterDate bool
	RetryAfterText string
	// Status, ContentType and Body are the answer of FaultStatus. Without a body it is
	// the dialect's error with the status text. Status also sets that of
	// FaultRedirect, 307 when 0.
	Status      int
	ContentType string
	Body        string
	// Location is where FaultRedirect points, another host when empty.
	Location string
	// Size is how much FaultHuge puts into the body, 1 GiB when 0. It is never held
	// in memory.
	Size int64
}

// Outage makes every request fail in the given way between two times since [New].
func Outage(kind FaultKind, from, to time.Duration) Fault {
	return Fault{Kind: kind, From: from, To: to, Count: Always}
}

// armedFault is a fault with what it has seen.
type armedFault struct {
	Fault
	seen, struck int
}

// Inject adds faults. Those added first are asked first.
func (s *Server) Inject(faults ...Fault) {
	s.mu.Lock()
	defer s.mu.Unlock()
	for _, f := range faults {
		if f.Count == 0 {
			f.Count = 1
			if f.From > 0 || f.To > 0 {
				f.Count = Always
			}
		}
		s.faults = append(s.faults, &armedFault{Fault: f})
	}
}

// strike finds the fault that hits a request, if any. The caller holds the lock.
func (s *Server) strike(to api.Endpoint, now time.Time) (Fault, bool) {
	age := now.Sub(s.begin)
	for _, f := range s.faults {
		if f.Endpoint != "" && f.Endpoint != to || age < f.From || f.To > 0 && age >= f.To {
			continue
		}
		f.seen++
		if f.seen <= f.After || f.Count != Always && f.struck >= f.Count {
			continue
		}
		f.struck++
		return f.Fault, true
	}
	return Fault{}, false
}

// broken reports whether the client gets no response at all.
func (f *Fault) broken() bool {
	switch f.Kind {
	case FaultRefused, FaultNoHost, FaultReset, FaultLost, FaultHangUp:
		return true
	}
	return false
}

// handled reports whether the server acts on the request.
func (f *Fault) handled() bool {
	switch f.Kind {
	case FaultLost, FaultHangUp, FaultTruncated, FaultHuge, FaultSlow, FaultStall, FaultLag:
		return true
	case FaultRefused, FaultNoHost, FaultReset:
		return false
	}
	return f.Handled
}
