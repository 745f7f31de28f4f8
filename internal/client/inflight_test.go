package client_test

import (
	"context"
	"errors"
	"io"
	"net/http"
	"strings"
	"sync"
	"testing"
	"testing/synctest"
	"time"

	"github.com/agent-gate/agent-gate/internal/client"
)

// slowServer answers after a second, with a body that takes another one, and counts what is in flight.
type slowServer struct {
	mu        sync.Mutex
	now, most int
	fails     bool
}

// RoundTrip implements http.RoundTripper.
func (s *slowServer) RoundTrip(*http.Request) (*http.Response, error) {
	s.add(1)
	time.Sleep(time.Second)
	if s.fails {
		s.add(-1)
		return nil, errors.New("no connection")
	}
	return &http.Response{StatusCode: 200, Body: s}, nil
}

func (s *slowServer) add(n int) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.now += n
	s.most = max(s.most, s.now)
}

// Read implements io.Reader.
func (s *slowServer) Read([]byte) (int, error) {
	time.Sleep(time.Second)
	return 0, io.EOF
}

// Close implements io.Closer.
func (s *slowServer) Close() error { s.add(-1); return nil }

func TestRequestsInFlightAreLimitedUntilTheirBodiesAreRead(t *testing.T) {
	t.Parallel()
	for _, fails := range []bool{false, true} {
		synctest.Test(t, func(t *testing.T) {
			server := &slowServer{fails: fails}
			limited := client.InFlight(server, 3)
			var all sync.WaitGroup
			began := time.Now()
			for range 9 {
				all.Go(func() {
					req, _ := http.NewRequestWithContext(t.Context(), http.MethodGet, "https://api.example.com", nil)
					resp, err := limited.RoundTrip(req)
					if err == nil {
						_ = resp.Body.Close()
					}
				})
			}
			all.Wait()
			if server.most != 3 || server.now != 0 {
				t.Errorf("fails %v: %d were in flight at a time and %d at the end, want 3 and 0", fails, server.most, server.now)
			}
			if took := time.Since(began); took != 3*time.Second {
				t.Errorf("fails %v: they took %s", fails, took)
			}
		})
	}
}

func TestARequestThatIsGivenUpDoesNotWaitForItsTurn(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		limited := client.InFlight(&slowServer{}, 1)
		first, _ := http.NewRequestWithContext(t.Context(), http.MethodGet, "https://api.example.com", nil)
		resp, err := limited.RoundTrip(first)
		if err != nil {
			t.Fatal(err)
		}
		ctx, cancel := context.WithTimeout(t.Context(), time.Minute)
		defer cancel()
		second, _ := http.NewRequestWithContext(ctx, http.MethodPost, "https://api.example.com", strings.NewReader("x"))
		if _, err := limited.RoundTrip(second); !errors.Is(err, context.DeadlineExceeded) {
			t.Errorf("error %v", err)
		}
		if _, err := io.ReadAll(resp.Body); err != nil { // reading to the end is enough
			t.Error(err)
		}
		if _, err := limited.RoundTrip(first.Clone(t.Context())); err != nil {
			t.Error(err)
		}
	})
}
