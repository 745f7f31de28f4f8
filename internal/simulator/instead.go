package simulator

import (
	"fmt"
	"math"
	"net/http"
	"strconv"
	"time"

	"github.com/agent-gate/agent-gate/internal/simulator/api"
)

// faultAnswer is what comes instead of the server's own answer; false when that stays.
func (s *Server) faultAnswer(f *Fault, r *api.Request, now time.Time) (api.Answer, bool) {
	nginx := func(status int) api.Answer {
		line := strconv.Itoa(status) + " " + http.StatusText(status)
		return api.Page(status, "<html>\r\n<head><title>"+line+"</title></head>\r\n<body>\r\n<center><h1>"+line+"</h1></center>\r\n<hr><center>nginx</center>\r\n</body>\r\n</html>\r\n")
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
		return api.Page(http.StatusOK, "<!doctype html>\n<html><head><title>Sign in</title></head><body><form>Sign in to continue</form></body></html>\n"), true
	case FaultRedirect:
		status, where := f.Status, f.Location
		if status == 0 {
			status = http.StatusTemporaryRedirect
		}
		if where == "" {
			where = "https://elsewhere.example" + r.URL.RequestURI()
		}
		return api.Page(status, "").With("Location", where), true
	case FaultStatus:
		a := api.Answer{Status: f.Status, Text: f.Body, Kind: f.ContentType}
		if f.Body == "" && f.ContentType == "" {
			a = s.api.Problem(f.Status, http.StatusText(f.Status))
		} else if a.Kind == "" {
			a.Kind = api.JsonType
		}
		return f.retryLater(a, now), true
	}
	return api.Answer{}, false
}

func ceilSeconds(d time.Duration) int { return int(math.Ceil(d.Seconds())) }

func (f *Fault) retryLater(a api.Answer, now time.Time) api.Answer {
	switch {
	case f.RetryAfterText != "":
		return a.With("Retry-After", f.RetryAfterText)
	case f.RetryAfter > 0 && f.RetryAfterDate:
		return a.With("Retry-After", now.Add(f.RetryAfter).UTC().Format(http.TimeFormat))
	case f.RetryAfter > 0:
		return a.With("Retry-After", fmt.Sprint(ceilSeconds(f.RetryAfter)))
	}
	return a
}
