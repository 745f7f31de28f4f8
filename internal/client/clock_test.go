package client

import (
	"net/http"
	"testing"
	"testing/synctest"
	"time"

	"github.com/agent-gate/agent-gate/test/answers"
)

// TestTheServersClockIsMeasured checks that a clock off by minutes is measured to about a
// second, from the fastest response.
func TestTheServersClockIsMeasured(t *testing.T) {
	t.Parallel()
	for name, off := range map[string]time.Duration{"ahead": 7 * time.Minute, "behind": -3 * time.Minute, "right": 0} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			synctest.Test(t, func(t *testing.T) {
				w := &wire{answer: func(w http.ResponseWriter, _ *http.Request, n int) error {
					w.Header().Set("Date", time.Now().Add(off).UTC().Format(http.TimeFormat))
					if n == 2 {
						time.Sleep(20 * time.Second) // less accurate than the others
					}
					if n == 3 {
						w.Header().Set("Date", time.Now().Add(time.Hour).UTC().Format(http.TimeFormat))
						w.Header().Set("Age", "30") // from a cache
					}
					reply(w, 200, answers.Sample(t, "documented/create-201.json"))
					return nil
				}}
				c := newClient(t, w)
				if _, known := c.ClockAhead(); known {
					t.Error("known before the first answer")
				}
				for range 3 {
					if _, err := c.RunTest(t.Context(), answers.RunTest); err != nil {
						t.Fatal(err)
					}
					time.Sleep(1300 * time.Millisecond)
				}
				if got, known := c.ClockAhead(); !known || (got-off).Abs() > time.Second {
					t.Errorf("got %s (known %t), want %s", got, known, off)
				}
			})
		})
	}
}
