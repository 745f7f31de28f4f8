package simulator_test

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"net"
	"net/http"
	"net/http/httptest"
	"strings"
	"syscall"
	"testing"
	"testing/synctest"
	"time"

	"github.com/agent-gate/agent-gate/internal/simulator"
	"github.com/agent-gate/agent-gate/internal/simulator/api"
)

// roundTrip sends a request through a transport and reads the answer.
func roundTrip(t *testing.T, via http.RoundTripper, req *http.Request) result {
	t.Helper()
	resp, err := via.RoundTrip(req)
	if err != nil {
		t.Fatal(err)
	}
	defer resp.Body.Close()
	b, err := io.ReadAll(resp.Body)
	if err != nil {
		t.Fatal(err)
	}
	return result{resp.StatusCode, resp.Header, b}
}

func TestConnectionFaultsInMemory(t *testing.T) {
	t.Parallel()
	var dns *net.DNSError
	cases := []struct {
		kind    simulator.FaultKind
		is      error
		handled bool
	}{
		{simulator.FaultRefused, syscall.ECONNREFUSED, false},
		{simulator.FaultReset, syscall.ECONNRESET, false},
		{simulator.FaultLost, syscall.ECONNRESET, true},
		{simulator.FaultHangUp, io.EOF, true},
		{simulator.FaultTruncated, io.ErrUnexpectedEOF, true},
		{simulator.FaultNoHost, nil, false},
	}
	for _, c := range cases {
		t.Run(string(c.kind), func(t *testing.T) {
			t.Parallel()
			w := newWorld(t, simulator.Options{Faults: []simulator.Fault{{Endpoint: api.EndpointCreate, Kind: c.kind}}})
			_, err := w.send("POST", "/simulate/run-tests/create/", w.createBody("x"))
			if c.is != nil && !errors.Is(err, c.is) || c.is == nil && !errors.As(err, &dns) {
				t.Errorf("got error %v, want %v", err, c.is)
			}
			if got := len(w.Ledger().Created) == 1; got != c.handled {
				t.Errorf("handled: got %t, want %t", got, c.handled)
			}
			w.post("/simulate/run-tests/create/", w.createBody("y")).decode(t, 201) // only one request is hit
		})
	}
}

func TestAnswersOfFaults(t *testing.T) {
	t.Parallel()
	cases := []struct {
		name   string
		fault  simulator.Fault
		status int
		kind   string
		after  string // Retry-After
	}{
		{"408", simulator.Fault{Kind: simulator.FaultRequestTimeout}, 408, "text/html", ""},
		{"429 in seconds", simulator.Fault{Kind: simulator.FaultRateLimit, RetryAfter: 1500 * time.Millisecond}, 429, "application/json", "2"},
		{"429 with a date", simulator.Fault{Kind: simulator.FaultRateLimit, RetryAfter: time.Minute, RetryAfterDate: true}, 429, "application/json", "Sat, 01 Jan 2000 00:01:00 GMT"},
		{"429 with nonsense", simulator.Fault{Kind: simulator.FaultRateLimit, RetryAfterText: "soon"}, 429, "application/json", "soon"},
		{"500", simulator.Fault{Kind: simulator.FaultServerError}, 500, "application/json", ""},
		{"502", simulator.Fault{Kind: simulator.FaultBadGateway}, 502, "text/html", ""},
		{"503", simulator.Fault{Kind: simulator.FaultUnavailable}, 503, "text/html", ""},
		{"503 with a time", simulator.Fault{Kind: simulator.FaultUnavailable, RetryAfter: 5 * time.Second}, 503, "text/html", "5"},
		{"200 in HTML", simulator.Fault{Kind: simulator.FaultHTML}, 200, "text/html", ""},
		{"any status", simulator.Fault{Kind: simulator.FaultStatus, Status: 418}, 418, "application/json", ""},
		{"any body", simulator.Fault{Kind: simulator.FaultStatus, Status: 200, Body: `[]`}, 200, "application/json", ""},
		{"redirect", simulator.Fault{Kind: simulator.FaultRedirect}, 307, "text/html", ""},
	}
	for _, c := range cases {
		t.Run(c.name, func(t *testing.T) {
			t.Parallel()
			synctest.Test(t, func(t *testing.T) {
				w := newWorld(t, simulator.Options{Faults: []simulator.Fault{c.fault}})
				got := w.get("/health/")
				if got.status != c.status || !strings.HasPrefix(got.header.Get("Content-Type"), c.kind) || got.header.Get("Retry-After") != c.after {
					t.Errorf("got %d, %s, Retry-After %q", got.status, got.header.Get("Content-Type"), got.header.Get("Retry-After"))
				}
				if c.fault.Body != "" && string(got.body) != c.fault.Body {
					t.Errorf("got body %q", got.body)
				}
				if c.name == "redirect" && got.header.Get("Location") != "https://elsewhere.example/health/" {
					t.Errorf("got location %q", got.header.Get("Location"))
				}
			})
		})
	}
}

func TestAFaultHitsTheRequestsItNames(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		w := newWorld(t, simulator.Options{Faults: []simulator.Fault{
			{Endpoint: api.EndpointHealth, Kind: simulator.FaultServerError, After: 1, Count: 2},
			simulator.Outage(simulator.FaultRefused, time.Minute, 2*time.Minute),
		}})
		var got []int
		for range 4 {
			w.get("/health/").decode(t, 200)
			got = append(got, w.get("/api/public/health").status)
		}
		if want := []int{200, 500, 500, 200}; !equal(got, want) {
			t.Errorf("got %v, want %v", got, want)
		}
		for minute, up := range []bool{true, false, true} {
			if _, err := w.send("GET", "/health/", ""); (err == nil) != up {
				t.Errorf("minute %d: got error %v", minute, err)
			}
			time.Sleep(time.Minute)
		}
		w.Inject(simulator.Fault{Kind: simulator.FaultBadGateway, Count: simulator.Always})
		for range 3 {
			if got := w.get("/health/").status; got != 502 {
				t.Errorf("got %d, want 502", got)
			}
		}
	})
}

func equal(a, b []int) bool {
	if len(a) != len(b) {
		return false
	}
	for i := range a {
		if a[i] != b[i] {
			return false
		}
	}
	return true
}

func TestAFaultCanHideThatTheRequestWasHandled(t *testing.T) {
	t.Parallel()
	w := newWorld(t, simulator.Options{Faults: []simulator.Fault{{Endpoint: api.EndpointExecute, Kind: simulator.FaultBadGateway, Handled: true}}})
	run := w.AddRunTest("x")
	if got := w.post("/simulate/run-tests/"+run.String()+"/execute/", "").status; got != 502 {
		t.Errorf("got %d", got)
	}
	if started := w.Ledger().Started; len(started) != 1 || started[0].Aside {
		t.Errorf("the ledger has %+v, want one start", started)
	}
}

func TestSlowAnswersHonourTheContext(t *testing.T) {
	t.Parallel()
	cases := []struct {
		name    string
		kind    simulator.FaultKind
		patient time.Duration
		err     error
		handled bool
	}{
		{"slow answer, patient client", simulator.FaultSlow, time.Minute, nil, true},
		{"slow answer, impatient client", simulator.FaultSlow, time.Second, context.DeadlineExceeded, true},
		{"slow handling, patient client", simulator.FaultStall, time.Minute, nil, true},
		{"slow handling, impatient client", simulator.FaultStall, time.Second, context.DeadlineExceeded, false},
	}
	for _, c := range cases {
		t.Run(c.name, func(t *testing.T) {
			t.Parallel()
			synctest.Test(t, func(t *testing.T) {
				s := simulator.New(simulator.Options{Faults: []simulator.Fault{{Kind: c.kind, Delay: 20 * time.Second}}})
				run := s.AddRunTest("x")
				ctx, cancel := context.WithTimeout(t.Context(), c.patient)
				defer cancel()
				req, err := http.NewRequestWithContext(ctx, "POST", host+"/simulate/run-tests/"+run.String()+"/execute/", nil)
				if err != nil {
					t.Fatal(err)
				}
				req.Header.Set("X-Api-Key", "key")
				req.Header.Set("X-Secret-Key", "secret")
				began := time.Now()
				resp, err := s.Transport().RoundTrip(req)
				if resp != nil {
					resp.Body.Close()
				}
				if !errors.Is(err, c.err) {
					t.Errorf("got error %v, want %v", err, c.err)
				}
				if took := time.Since(began); took != min(20*time.Second, c.patient) {
					t.Errorf("it took %s", took)
				}
				if got := len(s.Ledger().Started) == 1; got != c.handled {
					t.Errorf("handled: got %t, want %t", got, c.handled)
				}
			})
		})
	}
}

func TestAHugeBodyIsValidJSONWithoutEnd(t *testing.T) {
	t.Parallel()
	w := newWorld(t, simulator.Options{Faults: []simulator.Fault{{Kind: simulator.FaultHuge, Size: 3 << 20}}})
	got := w.get("/health/")
	if len(got.body) < 3<<20 || !json.Valid(got.body) {
		t.Errorf("got %d bytes, valid: %t", len(got.body), json.Valid(got.body))
	}
}

// TestFaultsOverSockets checks that over real connections net/http reports the faults as
// the in-memory transport does.
func TestFaultsOverSockets(t *testing.T) {
	t.Parallel()
	cases := []struct {
		kind    simulator.FaultKind
		is      []error // any of them
		handled bool
	}{
		{simulator.FaultRefused, []error{syscall.ECONNRESET, io.EOF}, false},
		{simulator.FaultReset, []error{syscall.ECONNRESET, io.EOF}, false},
		{simulator.FaultLost, []error{syscall.ECONNRESET, io.EOF}, true},
		{simulator.FaultHangUp, []error{io.EOF, syscall.ECONNRESET}, true},
		{simulator.FaultTruncated, []error{io.ErrUnexpectedEOF}, true},
	}
	for _, c := range cases {
		t.Run(string(c.kind), func(t *testing.T) {
			t.Parallel()
			s := simulator.New(simulator.Options{Faults: []simulator.Fault{{Endpoint: api.EndpointCreate, Kind: c.kind}}})
			server := httptest.NewServer(s)
			defer server.Close()
			w := world{Server: s, t: t, client: &http.Client{Transport: toServer{server.URL}}}
			_, err := w.send("POST", "/simulate/run-tests/create/", w.createBody("x"))
			ok := false
			for _, is := range c.is {
				ok = ok || errors.Is(err, is)
			}
			if !ok {
				t.Errorf("got error %v, want one of %v", err, c.is)
			}
			if got := len(s.Ledger().Created) == 1; got != c.handled {
				t.Errorf("handled: got %t, want %t", got, c.handled)
			}
			w.post("/simulate/run-tests/create/", w.createBody("y")).decode(t, 201)
		})
	}
}

// toServer sends requests for [host] to a test server.
type toServer struct{ url string }

func (s toServer) RoundTrip(req *http.Request) (*http.Response, error) {
	req = req.Clone(req.Context())
	req.URL.Scheme, req.URL.Host = "http", strings.TrimPrefix(s.url, "http://")
	return http.DefaultTransport.RoundTrip(req)
}

func TestAStoryOverSockets(t *testing.T) {
	t.Parallel()
	s := simulator.New(simulator.Options{AttachEvals: true})
	server := httptest.NewServer(s)
	defer server.Close()
	w := world{Server: s, t: t, client: &http.Client{Transport: toServer{server.URL}}}
	id := w.AddExecution(w.AddRunTest("x"), time.Hour)
	m := w.get(executionPath(id)+"?limit=1&page=2").decode(t, 200)
	next, previous := m["next"].(string), m["previous"].(string)
	if !strings.HasPrefix(next, "http://") || !strings.Contains(next, "page=3") || strings.Contains(previous, "page=") {
		t.Errorf("got next %s and previous %s", next, previous)
	}
}

func TestAListThatLagsDoesNotShowWhatIsNew(t *testing.T) {
	t.Parallel()
	for _, dialect := range []simulator.Dialect{simulator.Documented, simulator.Deployed} {
		synctest.Test(t, func(t *testing.T) {
			lag := simulator.Fault{Kind: simulator.FaultLag, Delay: 30 * time.Second, Count: simulator.Always}
			lag.Endpoint = api.EndpointExecutions
			w := newWorld(t, simulator.Options{Dialect: dialect, Faults: []simulator.Fault{lag}})
			runTest := w.AddRunTest("nightly")
			w.AddExecution(runTest, 0)
			path := "/simulate/run-tests/" + runTest.String() + "/executions/"
			for _, want := range []string{"0", "1"} {
				if got := fmt.Sprint(w.get(path).decode(t, 200)["count"]); got != want {
					t.Errorf("%s: got %s executions, want %s", dialect, got, want)
				}
				time.Sleep(31 * time.Second)
			}
		})
	}
}

func TestAClockThatIsWrongIsWrongEverywhere(t *testing.T) {
	t.Parallel()
	for _, dialect := range []simulator.Dialect{simulator.Documented, simulator.Deployed} {
		synctest.Test(t, func(t *testing.T) {
			const ahead = 7 * time.Minute
			w := newWorld(t, simulator.Options{Dialect: dialect, Skew: ahead})
			runTest := w.AddRunTest("nightly")
			w.AddExecution(runTest, 0)
			r := w.get("/simulate/run-tests/" + runTest.String() + "/executions/")
			key := map[simulator.Dialect]string{simulator.Documented: "started_at", simulator.Deployed: "start_time"}[dialect]
			text := r.decode(t, 200)["results"].([]any)[0].(map[string]any)[key].(string)
			began, err := time.Parse(time.RFC3339, text)
			if err != nil || !began.Equal(time.Now().Add(ahead)) {
				t.Errorf("%s: it began at %s, want %s ahead", dialect, text, ahead)
			}
			if date, err := http.ParseTime(r.header.Get("Date")); err != nil || !date.Equal(time.Now().Add(ahead)) {
				t.Errorf("%s: the answer is from %s, want %s ahead", dialect, date, ahead)
			}
			if at := w.Ledger().Started[0].At; !at.Equal(time.Now()) {
				t.Errorf("the ledger says %s, want the true time", at)
			}
		})
	}
}
