package simulator

import (
	"fmt"
	"math"
	"net/http"
	"strconv"
	"time"
)

// faultAnswer is what comes instead of the server's own answer; false when that stays.
func (s *Server) faultAnswer(f *Fault, r *request, now time.Time) (answer, bool) {
	nginx := func(status int) answer {
		line := strconv.Itoa(status) + " " + http.StatusText(status)
		return page(status, "<html>\r\n<head><title>"+line+"</title></head>\r\n<body>\r\n<center><h1>"+line+"</h1></center>\r\n<hr><center>nginx</center>\r\n</body>\r\n</html>\r\n")
	}
	switch f.Kind {
	case FaultRequestTimeout:
		return f.retryLater(nginx(http.StatusRequestTimeout), now), true
	case FaultRateLimit:
		return f.retryLater(s.api.rateLimited(ceilSeconds(f.RetryAfter)), now), true
	case FaultServerError:
		return s.api.problem(http.StatusInternalServerError, "Internal server error"), true
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
			a = s.api.problem(f.Status, http.StatusText(f.Status))
		} else if a.kind == "" {
			a.kind = jsonType
		}
		return f.retryLater(a, now), true
	}
	return answer{}, false
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
