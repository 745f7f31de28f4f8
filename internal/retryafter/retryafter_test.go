package retryafter_test

import (
	"net/http"
	"testing"
	"time"

	"github.com/agent-gate/agent-gate/internal/retryafter"
)

func TestParse(t *testing.T) {
	t.Parallel()
	now := time.Date(2026, 8, 22, 10, 0, 0, 0, time.UTC)
	for name, c := range map[string]struct {
		header string
		wait   time.Duration
		given  bool
	}{
		"absent":              {"", 0, false},
		"seconds":             {"30", 30 * time.Second, true},
		"none":                {"0", 0, true},
		"blanks around":       {" 5 ", 5 * time.Second, true},
		"a date":              {"Sat, 22 Aug 2026 10:01:00 GMT", time.Minute, true},
		"a date in the past":  {"Sat, 22 Aug 2026 09:00:00 GMT", 0, true},
		"negative":            {"-1", 0, false},
		"a fraction":          {"1.5", 0, false},
		"more than 31 bits":   {"2147483648", 0, false},
		"words":               {"soon", 0, false},
		"seconds with a unit": {"5s", 0, false},
	} {
		h := http.Header{}
		if c.header != "" {
			h.Set("Retry-After", c.header)
		}
		if wait, given := retryafter.Parse(h, now); wait != c.wait || given != c.given {
			t.Errorf("%s: got %s, %t; want %s, %t", name, wait, given, c.wait, c.given)
		}
	}
}
