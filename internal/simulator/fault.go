package simulator

import (
	"fmt"
	"math"
	"net/http"
	"strconv"
	"time"
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
	Endpoint Endpoint
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
func (s *Server) strike(to Endpoint, now time.Time) (Fault, bool) {
	age := now.Sub(s.begin)
	s.lag = 0
	for _, f := range s.faults {
		if f.Endpoint != "" && f.Endpoint != to || age < f.From || f.To > 0 && age >= f.To {
			continue
		}
		f.seen++
		if f.seen <= f.After || f.Count != Always && f.struck >= f.Count {
			continue
		}
		f.struck++
		if f.Kind == FaultLag {
			s.lag = f.Delay
		}
		return f.Fault, true
	}
	return Fault{}, false
}

// lags reports whether a list does not show yet what came into being at a time. The caller
// holds the lock.
func (s *Server) lags(made, now time.Time) bool { return s.lag > 0 && made.After(now.Add(-s.lag)) }

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

// answer is what comes instead of the server's own answer; false when that stays.
func (s *Server) faultAnswer(f *Fault, r *request, now time.Time) (answer, bool) {
	nginx := func(status int) answer {
		line := strconv.Itoa(status) + " " + http.StatusText(status)
		return page(status, "<html>\r\n<head><title>"+line+"</title></head>\r\n<body>\r\n<center><h1>"+line+"</h1></center>\r\n<hr><center>nginx</center>\r\n</body>\r\n</html>\r\n")
	}
	switch f.Kind {
	case FaultRequestTimeout:
		return f.retryLater(nginx(http.StatusRequestTimeout), now), true
	case FaultRateLimit:
		return f.retryLater(s.rateLimited(f), now), true
	case FaultServerError:
		return s.problem(http.StatusInternalServerError, "Internal server error"), true
	case FaultBadGateway:
		return nginx(http.StatusBadGateway), true
	case FaultUnavailable:
		return f.retryLater(nginx(http.StatusServiceUnavailable), now), true
	case FaultHTML:
		return page(http.StatusOK, "<!doctype html>\n<html><head><title>Sign in</title></head><body><form>Sign in to continue</form></body></html>\n"), true
	case FaultRedirect:
		status, where := f.Status, f.Location
		if status == 0 {
			status = http.StatusTemporaryRedirect
		}
		if where == "" {
			where = "https://elsewhere.example" + r.url.RequestURI()
		}
		return page(status, "").with("Location", where), true
	case FaultStatus:
		a := answer{status: f.Status, text: f.Body, kind: f.ContentType}
		if f.Body == "" && f.ContentType == "" {
			a = s.problem(f.Status, http.StatusText(f.Status))
		} else if a.kind == "" {
			a.kind = jsonType
		}
		return f.retryLater(a, now), true
	}
	return answer{}, false
}

// rateLimited is the body of a 429: in the deployed dialect of another shape than all
// other errors, in the public docs with an object as error (contract, section 1.2).
func (s *Server) rateLimited(f *Fault) answer {
	text := "Rate limit exceeded: 100 api requests per minute"
	var o object
	if s.deployed() {
		o = object{{"status", false}, {"result", object{{"code", "RATE_LIMITED"}, {"message", text}, {"retry_after", ceilSeconds(f.RetryAfter)}}}}
	} else {
		o = object{{"error", object{{"code", "RATE_LIMITED"}, {"message", text}, {"details", object{}}}}}
	}
	return answer{status: http.StatusTooManyRequests, body: o}
}

func ceilSeconds(d time.Duration) int { return int(math.Ceil(d.Seconds())) }

func (f *Fault) retryLater(a answer, now time.Time) answer {
	switch {
	case f.RetryAfterText != "":
		return a.with("Retry-After", f.RetryAfterText)
	case f.RetryAfter > 0 && f.RetryAfterDate:
		return a.with("Retry-After", now.Add(f.RetryAfter).UTC().Format(http.TimeFormat))
	case f.RetryAfter > 0:
		return a.with("Retry-After", fmt.Sprint(ceilSeconds(f.RetryAfter)))
	}
	return a
}
