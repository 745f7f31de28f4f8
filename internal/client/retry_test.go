package client

import (
	"context"
	"errors"
	"net"
	"net/http"
	"slices"
	"strings"
	"syscall"
	"testing"
	"testing/synctest"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/agent-gate/agent-gate/internal/calls"
	"github.com/agent-gate/agent-gate/test/answers"
)

// fault is one way for a request to fail.
type fault func(w http.ResponseWriter, r *http.Request) error

func TestFaultsAreRetriedByClass(t *testing.T) {
	t.Parallel()
	netFault := func(err error) fault {
		return func(http.ResponseWriter, *http.Request) error { return err }
	}
	status := func(status int, body string, header ...string) fault {
		return func(w http.ResponseWriter, _ *http.Request) error {
			for i := 0; i+1 < len(header); i += 2 {
				w.Header().Set(header[i], header[i+1])
			}
			reply(w, status, body)
			return nil
		}
	}
	const all = 1 + defaultRetries
	cases := []struct {
		name  string
		fault fault
		kind  Kind
		// attempts of a read and of an execute; and whether the execute was certainly not acted
		// on
		get, post int
		unsent    bool
		hint      string // part of the hint
	}{
		{"connection refused", netFault(&net.OpError{Op: "dial", Err: syscall.ECONNREFUSED}), KindUnavailable, all, all, true, "base-url"},
		{"no such host", netFault(&net.DNSError{Err: "no such host", Name: "api.example.com"}), KindUnavailable, all, all, true, "DNS"},
		{"proxy refuses", netFault(&net.OpError{Op: "proxyconnect", Err: syscall.ECONNREFUSED}), KindUnavailable, all, all, true, "proxy"},
		{"connection reset", netFault(&net.OpError{Op: "read", Err: syscall.ECONNRESET}), KindUnavailable, all, 1, false, "network"},
		{"hangs", func(_ http.ResponseWriter, r *http.Request) error { <-r.Context().Done(); return r.Context().Err() }, KindUnavailable, 2, 1, false, "network"},
		{"408", status(408, ""), KindUnavailable, all, 1, false, "try again later"},
		{"429 with seconds", status(429, answers.Sample(t, "deployed/429.json"), "Retry-After", "37"), KindRateLimited, all, 1, false, "poll-min-interval"},
		{"429 without Retry-After", status(429, "slow down"), KindRateLimited, all, 1, false, "poll-min-interval"},
		{"500", status(500, answers.Sample(t, "documented/500.json")), KindUnavailable, all, 1, false, "try again later"},
		{"501", status(501, ""), KindUnavailable, all, 1, false, "try again later"},
		{"502 in HTML", status(502, answers.Sample(t, "deployed/502.html")), KindUnavailable, all, 1, false, "try again later"},
		{"409", status(409, `{"detail": "busy"}`), KindRejected, 1, 1, false, ""},
		{"503 with Retry-After", status(503, "", "Retry-After", "5"), KindUnavailable, all, 1, false, "try again later"},
		{"503 without Retry-After", status(503, ""), KindUnavailable, all, 1, false, "try again later"},
		{"503 with a strange Retry-After", status(503, "", "Retry-After", "soon"), KindUnavailable, all, 1, false, "try again later"},
		{"truncated answer", status(200, `{"id": "a758ede8-419d`), KindUnavailable, all, 1, false, "base-url"},
		{"empty answer", status(200, ""), KindUnavailable, all, 1, false, "base-url"},
		{"answer in HTML", status(200, "<html><body>Sign in</body></html>"), KindUnavailable, all, 1, false, "base-url is probably not"},
		{"answer without id", status(200, `{"status": "started"}`), KindNonsense, nonsenseTries, 1, false, "base-url"},
		{"answer with an id that is no UUID", status(200, `{"id": "17", "execution_id": "17"}`), KindNonsense, nonsenseTries, 1, false, "base-url"},
		{"huge answer", status(200, `{"id": "`+strings.Repeat("x", 2000)+`"}`), KindUnavailable, 1, 1, false, ""},
		{"moved permanently", status(301, "", "Location", "https://elsewhere.example.com/x/?token=1"), KindRedirected, 1, 1, true, "base-url"},
		{"see other", status(303, "", "Location", "/login"), KindRedirected, 1, 1, false, "base-url"},
		{"redirect to nowhere", status(302, ""), KindRedirected, 1, 1, false, "base-url"},
		{"400", status(400, answers.Sample(t, "documented/create-400.json")), KindRejected, 1, 1, true, ""},
		{"401", status(401, answers.Sample(t, "documented/401.json")), KindUnauthorized, 1, 1, true, "AGENT_GATE_API_KEY"},
		{"402", status(402, answers.Sample(t, "deployed/402-voice.json")), KindForbidden, 1, 1, true, "plan"},
		{"403", status(403, answers.Sample(t, "deployed/403-plan.json")), KindForbidden, 1, 1, true, "workspace-id"},
		{"404", status(404, answers.Sample(t, "documented/404.json")), KindNotFound, 1, 1, true, "run-test-id"},
		{"404 in HTML", status(404, answers.Sample(t, "deployed/404.html")), KindNotFound, 1, 1, true, "base-url is probably not"},
		{"500 that means not found", status(500, answers.Sample(t, "deployed/execution-500-not-found.json")), KindNotFound, 1, 1, false, "run-test-id"},
	}
	for _, c := range cases {
		for _, method := range []string{"GET", "POST"} {
			t.Run(c.name+"/"+method, func(t *testing.T) {
				t.Parallel()
				synctest.Test(t, func(t *testing.T) {
					w := &wire{answer: func(w http.ResponseWriter, r *http.Request, _ int) error { return c.fault(w, r) }}
					client := newClient(t, w, func(o *Options) { o.MaxBody = 1000 })
					began := time.Now()
					tries, unsent := c.get, c.unsent
					var err error
					if method == "GET" {
						_, err = client.RunTest(t.Context(), answers.RunTest)
					} else {
						tries = c.post
						_, err = client.Execute(t.Context(), answers.RunTest, Execute{})
					}
					failure, ok := errors.AsType[*Error](err)
					if !ok {
						t.Fatalf("got %v, want an *Error", err)
					}
					if failure.Kind != c.kind {
						t.Errorf("got kind %q, want %q: %v", failure.Kind, c.kind, err)
					}
					if got := w.count(); got != tries || failure.Attempts != tries {
						t.Errorf("got %d requests and %d attempts, want %d", got, failure.Attempts, tries)
					}
					if failure.Unsent != unsent {
						t.Errorf("got unsent %t, want %t", failure.Unsent, unsent)
					}
					if refused := slices.Contains([]int{429, 503, 409}, failure.Status); failure.Refused != refused {
						t.Errorf("got refused %t, want %t", failure.Refused, refused)
					}
					if strings.HasPrefix(failure.Hint, ",") || !strings.Contains(failure.Hint, c.hint) {
						t.Errorf("got hint %q, want it to contain %q", failure.Hint, c.hint)
					}
					if took := time.Since(began); took > 5*time.Minute {
						t.Errorf("took %s", took)
					}
					want := calls.Stats{Requests: tries, Retries: tries - 1}
					if diff := cmp.Diff(want, client.Stats()); diff != "" {
						t.Errorf("stats (-want +got):\n%s", diff)
					}
				})
			})
		}
	}
}

func TestReadSurvivesAPassingFault(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		w := &wire{answer: func(w http.ResponseWriter, _ *http.Request, n int) error {
			switch n {
			case 1:
				reply(w, 502, answers.Sample(t, "deployed/502.html"))
			case 2:
				return &net.OpError{Op: "read", Err: syscall.ECONNRESET}
			default:
				reply(w, 200, answers.Sample(t, "documented/create-201.json"))
			}
			return nil
		}}
		c := newClient(t, w)
		began := time.Now()
		got, err := c.RunTest(t.Context(), answers.RunTest)
		if err != nil || got.ID != answers.RunTest {
			t.Errorf("got %v, %v", got.ID, err)
		}
		// 1 s and 2 s, each ±50 %.
		if took := time.Since(began); took < 1500*time.Millisecond || took > 4500*time.Millisecond {
			t.Errorf("took %s", took)
		}
	})
}

func TestWaitIsWhatTheServerAsksFor(t *testing.T) {
	t.Parallel()
	cases := []struct {
		name   string
		header func(now time.Time) string
		want   time.Duration
	}{
		{"seconds", func(time.Time) string { return "37" }, 37 * time.Second},
		{"a date", func(now time.Time) string { return now.Add(20 * time.Second).UTC().Format(http.TimeFormat) }, 20 * time.Second},
		{"longer than the cap", func(time.Time) string { return "86400" }, maxRetryAfter},
	}
	for _, c := range cases {
		t.Run(c.name, func(t *testing.T) {
			t.Parallel()
			synctest.Test(t, func(t *testing.T) {
				w := &wire{answer: func(w http.ResponseWriter, _ *http.Request, n int) error {
					if n <= 4 {
						w.Header().Set("Retry-After", c.header(time.Now()))
						reply(w, 429, answers.Sample(t, "deployed/429.json"))
						return nil
					}
					reply(w, 200, answers.Sample(t, "documented/create-201.json"))
					return nil
				}}
				began := time.Now()
				if _, err := newClient(t, w).RunTest(t.Context(), answers.RunTest); err != nil {
					t.Error(err)
				}
				if got, want := time.Since(began), 4*c.want; got != want {
					t.Errorf("waited %s, want %s", got, want)
				}
			})
		})
	}
}

func TestServersPausesAreNotTakenFromTheRetryBudget(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		w := &wire{answer: func(w http.ResponseWriter, _ *http.Request, n int) error {
			switch {
			case n <= 2:
				w.Header().Set("Retry-After", "50")
				reply(w, 429, "")
			case n == 3:
				reply(w, 502, "")
			default:
				reply(w, 200, answers.Sample(t, "documented/create-201.json"))
			}
			return nil
		}}
		if _, err := newClient(t, w).RunTest(t.Context(), answers.RunTest); err != nil {
			t.Error(err)
		}
	})
}

func TestCancelledContextStopsAtOnce(t *testing.T) {
	t.Parallel()
	stop := errors.New("told to stop")
	execute := func(ctx context.Context, c *Client) error {
		_, err := c.Execute(ctx, answers.RunTest, Execute{})
		return err
	}
	cases := []struct {
		name   string
		answer func(w http.ResponseWriter, r *http.Request, n int) error
		send   func(context.Context, *Client) error
		unsent bool
		before string // the failure of the previous attempt
		tries  int
	}{
		{"while it waits to try again", func(w http.ResponseWriter, _ *http.Request, _ int) error {
			w.Header().Set("Retry-After", "30")
			reply(w, 503, `{"detail": "closed for lunch"}`)
			return nil
		}, func(ctx context.Context, c *Client) error {
			_, err := c.RunTest(ctx, answers.RunTest)
			return err
		}, false, "closed for lunch", 1},
		{"while there is no connection", func(http.ResponseWriter, *http.Request, int) error {
			return &net.OpError{Op: "dial", Err: syscall.ECONNREFUSED}
		}, execute, true, "refused", 3},
		{"while it waits for the answer", func(_ http.ResponseWriter, r *http.Request, _ int) error {
			<-r.Context().Done()
			return r.Context().Err()
		}, execute, false, "", 1},
	}
	for _, c := range cases {
		t.Run(c.name, func(t *testing.T) {
			t.Parallel()
			synctest.Test(t, func(t *testing.T) {
				w := &wire{answer: c.answer}
				ctx, cancel := context.WithCancelCause(t.Context())
				time.AfterFunc(5*time.Second, func() { cancel(stop) })
				began := time.Now()
				err := c.send(ctx, newClient(t, w, func(o *Options) { o.Random = func() float64 { return 0.5 } }))
				failure, ok := errors.AsType[*Error](err)
				if !ok || failure.Kind != KindCancelled || failure.Unsent != c.unsent {
					t.Fatalf("got %#v, want a cancelled one with unsent %t", err, c.unsent)
				}
				if !errors.Is(err, context.Canceled) || !errors.Is(err, stop) || !strings.Contains(err.Error(), "told to stop") {
					t.Errorf("got %v, want it to be its cause", err)
				}
				if (failure.Before == nil) != (c.before == "") || c.before != "" && !strings.Contains(failure.Before.Error(), c.before) {
					t.Errorf("got %v before, want %q", failure.Before, c.before)
				}
				if took := time.Since(began); took != 5*time.Second || w.count() != c.tries {
					t.Errorf("took %s and %d requests", took, w.count())
				}
			})
		})
	}
}

func TestEndedContextSendsNothing(t *testing.T) {
	t.Parallel()
	w := serving(t, nil)
	ctx, cancel := context.WithCancel(t.Context())
	cancel()
	_, err := newClient(t, w).Execute(ctx, answers.RunTest, Execute{})
	if failure, ok := errors.AsType[*Error](err); !ok || failure.Kind != KindCancelled || !failure.Unsent || w.count() != 0 {
		t.Errorf("got %v after %d requests", err, w.count())
	}
}

func TestNegativeRetriesMeanOneTry(t *testing.T) {
	t.Parallel()
	w := &wire{answer: func(w http.ResponseWriter, _ *http.Request, _ int) error { reply(w, 502, ""); return nil }}
	_, err := newClient(t, w, func(o *Options) { o.Retries = -1 }).RunTest(t.Context(), answers.RunTest)
	if err == nil || w.count() != 1 {
		t.Errorf("got %v after %d requests", err, w.count())
	}
}

func TestCancelGetsLongerAndIsSentOnce(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		w := &wire{answer: func(w http.ResponseWriter, r *http.Request, n int) error {
			if n == 2 {
				return &net.OpError{Op: "dial", Err: syscall.ECONNREFUSED}
			}
			<-time.After(40 * time.Second) // longer than other requests may take
			reply(w, 200, answers.Sample(t, "deployed/cancel-200-async.json"))
			return r.Context().Err()
		}}
		c := newClient(t, w)
		got, err := c.Cancel(t.Context(), answers.Execution)
		if err != nil || got.Message.Raw() != "Cancellation signal sent to workflow" {
			t.Errorf("got %v, %v", got, err)
		}
		// It may end before the next try: only the caller can check.
		if _, err := c.Cancel(t.Context(), answers.Execution); err == nil || w.count() != 2 {
			t.Errorf("got %v after %d requests, want an error after 2", err, w.count())
		}
	})
}
