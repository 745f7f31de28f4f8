package simulator

import (
	"fmt"
	"math"
	"net/http"
	"strconv"
	"time"

	"github.com/agent-gate/agent-gate/internal/simulator/api"
)

// FaultKind is a way in which a request goes wrong.
type FaultKind string

// The kinds of faults. The server does not handle the request unless the comment says so
// or [Fault.Handled] is set.
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
	// FaultLag is a list, or a look-up by name, that does not show what was created less
	// than Delay ago, as from a lagging database replica.
	FaultLag FaultKind = "lagging list" // handled
)

// Always as [Fault.Count] makes a fault hit every matching request.
const Always = -1

// Fault makes requests go wrong.
type Fault struct {
	// Endpoint is the endpoint to hit; empty is any.
	Endpoint api.Endpoint
	Kind     FaultKind
	// After is how many matching requests pass first. Count is how many are hit then; 0
	// is one, or all if From or To is set.
	After, Count int
	// From and To limit the fault to a time since [New], on the clock; To 0 is open.
	From, To time.Duration
	// Handled makes the server handle the request before a fault that replaces its
	// answer, e.g. a 502 although the execution was started.
	Handled bool
	// Delay is how long FaultSlow and FaultStall last; 0 is until the request's context
	// ends. FaultLag lags by it.
	Delay time.Duration
	// RetryAfter adds a Retry-After header to 408, 429, 503 and FaultStatus, in seconds
	// rounded up, or as a date if RetryAfterDate is set. RetryAfterText, if not empty, is
	// sent in its place.
	RetryAfter     time.Duration
	RetryAfterDate bool
	RetryAfterText string
	// Status, ContentType and Body are the answer of FaultStatus. If ContentType and Body
	// are empty, it is the dialect's error with the status text. Status is also the
	// status of FaultRedirect, there 307 if 0.
	Status      int
	ContentType string
	Body        string
	// Location is where FaultRedirect points; if empty, to another host.
	Location string
	// Size is how many bytes FaultHuge adds to the body; 0 is 1 GiB. They are never held
	// in memory.
	Size int64
}

// Outage makes every request fail in the given way between two times since [New]; to 0 is
// open.
func Outage(kind FaultKind, from, to time.Duration) Fault {
	return Fault{Kind: kind, From: from, To: to, Count: Always}
}

// armedFault is a fault with the number of requests it has matched and hit.
type armedFault struct {
	Fault
	seen, struck int
}

// Inject adds faults. If several match a request, the one added first hits it.
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

// strike returns the fault that hits a request, if any. The caller holds the lock.
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

// broken reports whether the connection breaks without a response.
func (f *Fault) broken() bool {
	switch f.Kind {
	case FaultRefused, FaultNoHost, FaultReset, FaultLost, FaultHangUp:
		return true
	}
	return false
}

// handled reports whether the server handles the request.
func (f *Fault) handled() bool {
	switch f.Kind {
	case FaultLost, FaultHangUp, FaultTruncated, FaultHuge, FaultSlow, FaultStall, FaultLag:
		return true
	case FaultRefused, FaultNoHost, FaultReset:
		return false
	}
	return f.Handled
}

// faultAnswer returns the answer that replaces the server's own, and whether there is one.
func (s *Server) faultAnswer(f *Fault, r *api.Request, now time.Time) (api.Answer, bool) {
	nginx := func(status int) api.Answer {
		line := strconv.Itoa(status) + " " + http.StatusText(status)
		return api.HTML(status, "<html>\r\n<head><title>"+line+"</title></head>\r\n<body>\r\n<center><h1>"+line+"</h1></center>\r\n<hr><center>nginx</center>\r\n</body>\r\n</html>\r\n")
	}
	switch f.Kind {
	case FaultRequestTimeout:
		return f.retryLater(nginx(http.StatusRequestTimeout), now), true
	case FaultRateLimit:
		return f.retryLater(s.api.RateLimited(ceilSeconds(f.RetryAfter)), now), true
	case FaultServerError:
		return s.api.Problem(http.StatusInternalServerError, "Internal server error"), true
	case FaultBadGateway:
		return nginx(http.StatusBadGateway), true
	case FaultUnavailable:
		return f.retryLater(nginx(http.StatusServiceUnavailable), now), true
	case FaultHTML:
		return api.HTML(http.StatusOK, "<!doctype html>\n<html><head><title>Sign in</title></head><body><form>Sign in to continue</form></body></html>\n"), true
	case FaultRedirect:
		status, where := f.Status, f.Location
		if status == 0 {
			status = http.StatusTemporaryRedirect
		}
		if where == "" {
			where = "https://elsewhere.example" + r.URL.RequestURI()
		}
		return api.HTML(status, "").WithHeader("Location", where), true
	case FaultStatus:
		a := api.Raw(f.Status, f.ContentType, f.Body)
		if f.Body == "" && f.ContentType == "" {
			a = s.api.Problem(f.Status, http.StatusText(f.Status))
		}
		return f.retryLater(a, now), true
	}
	return api.Answer{}, false
}

func ceilSeconds(d time.Duration) int { return int(math.Ceil(d.Seconds())) }

func (f *Fault) retryLater(a api.Answer, now time.Time) api.Answer {
	switch {
	case f.RetryAfterText != "":
		return a.WithHeader("Retry-After", f.RetryAfterText)
	case f.RetryAfter > 0 && f.RetryAfterDate:
		return a.WithHeader("Retry-After", now.Add(f.RetryAfter).UTC().Format(http.TimeFormat))
	case f.RetryAfter > 0:
		return a.WithHeader("Retry-After", fmt.Sprint(ceilSeconds(f.RetryAfter)))
	}
	return a
}
