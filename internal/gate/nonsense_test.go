package gate_test

import (
	"bytes"
	"io"
	"net/http"
	"regexp"
	"strings"
	"testing"
	"time"

	"github.com/agent-gate/agent-gate/internal/simulator"
	"github.com/agent-gate/agent-gate/internal/verdict"
)

// uncounted is a server whose pages of calls do not say how many calls there are.
type uncounted struct {
	http.RoundTripper
	pages int // so many of them; then they do
}

// totals are the numbers of calls in pages of either dialect.
var totals = regexp.MustCompile(`"(count|total_calls)":\s*\d+`)

// RoundTrip implements http.RoundTripper.
func (u *uncounted) RoundTrip(r *http.Request) (*http.Response, error) {
	resp, err := u.RoundTripper.RoundTrip(r)
	if err != nil || u.pages == 0 || !strings.HasPrefix(r.URL.Path, "/simulate/test-executions/") || r.URL.Query().Get("page") == "" {
		return resp, err
	}
	u.pages--
	body, err := io.ReadAll(resp.Body)
	if err != nil {
		return nil, err
	}
	body = totals.ReplaceAll(body, []byte(`"$1": null`))
	resp.Body, resp.ContentLength = io.NopCloser(bytes.NewReader(body)), int64(len(body))
	return resp, nil
}

func TestTheSameNonsenseSeveralTimesEndsTheRun(t *testing.T) {
	t.Parallel()
	for name, c := range map[string]struct {
		pages   int
		verdict verdict.Kind
		cause   verdict.Cause
	}{
		"for ever":           {-1, verdict.Error, verdict.CauseOperational},
		"for a few answers":  {6, verdict.Pass, ""},
		"for one answer":     {1, verdict.Pass, ""},
		"for enough of them": {9, verdict.Error, verdict.CauseOperational},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			bothDialects(t, simulator.Options{}, func(w *world) {
				w.through(&uncounted{w.server.Transport(), c.pages})
				began := time.Now()
				got := w.run()
				w.wantVerdict(got, c.verdict, c.cause)
				if c.verdict == verdict.Pass {
					return
				}
				if reason := got.Verdict.Reason.Line(); !strings.Contains(reason, "how many calls there are") {
					t.Errorf("reason %q, want what is wrong with the answers", reason)
				}
				if took := time.Since(began); took > 30*time.Minute {
					t.Errorf("it took %s, of a timeout of %s", took, w.gate.Timeout)
				}
				w.wantPaid(1)
			})
		})
	}
}
