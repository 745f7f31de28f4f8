// Package retryafter reads the HTTP header Retry-After, with which a server asks to be left alone
// for a while. Whether and how long to wait is up to the caller. It imports nothing of this module.
package retryafter

import (
	"net/http"
	"strconv"
	"strings"
	"time"
)

// Parse returns how long to wait from now: seconds or an HTTP date, at least 0 (RFC 9110, section
// 10.2.3). given is false if there is no valid Retry-After.
func Parse(h http.Header, now time.Time) (wait time.Duration, given bool) {
	v := strings.TrimSpace(h.Get("Retry-After"))
	if seconds, err := strconv.ParseUint(v, 10, 31); err == nil {
		return time.Duration(seconds) * time.Second, true
	}
	if at, err := http.ParseTime(v); err == nil {
		return max(at.Sub(now), 0), true
	}
	return 0, false
}
