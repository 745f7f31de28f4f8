package client

import (
	"errors"
	"io"
	"log"
	"net/http"
	"net/http/httptest"
	"strings"
	"sync/atomic"
	"testing"

	"github.com/agent-gate/agent-gate/test/answers"
	"github.com/agent-gate/agent-gate/test/ports"
)

// These tests use real local sockets, because they test how net/http reports faults.

func TestRedirectNeverTakesTheKeysAlong(t *testing.T) {
	t.Parallel()
	var leaked atomic.Int64
	other := httptest.NewServer(http.HandlerFunc(func(http.ResponseWriter, *http.Request) { leaked.Add(1) }))
	defer other.Close()
	server := httptest.NewServer(http.RedirectHandler(other.URL+"/simulate/?token=abc", http.StatusFound))
	defer server.Close()
	c := newClient(t, nil, func(o *Options) { o.Transport, o.BaseURL = nil, parse(t, server.URL) })
	_, err := c.RunTest(t.Context(), answers.RunTest)
	failure, ok := errors.AsType[*Error](err)
	if !ok || failure.Kind != KindRedirected {
		t.Fatalf("got %v, want a redirected one", err)
	}
	if got, want := failure.Message.Raw(), "redirects to "+other.URL+"/simulate/"; got != want {
		t.Errorf("got %q, want %q", got, want)
	}
	if leaked.Load() != 0 {
		t.Error("the redirect was followed")
	}
}

func TestRequestThatNeverLeftIsUnsent(t *testing.T) {
	t.Parallel()
	secure := httptest.NewUnstartedServer(http.HandlerFunc(func(http.ResponseWriter, *http.Request) {}))
	secure.Config.ErrorLog = log.New(io.Discard, "", 0)
	secure.StartTLS()
	t.Cleanup(secure.Close)
	plain := httptest.NewServer(http.HandlerFunc(func(http.ResponseWriter, *http.Request) {}))
	t.Cleanup(plain.Close)
	gone := httptest.NewServer(http.HandlerFunc(func(http.ResponseWriter, *http.Request) { panic(http.ErrAbortHandler) }))
	t.Cleanup(gone.Close)
	cases := []struct {
		name, url string
		unsent    bool
		want      string
	}{
		{"nobody listens", "http://" + ports.Refusing(t), true, "connection refused"},
		{"certificate of a stranger", secure.URL, true, "certificates this machine trusts"},
		{"TLS to a plain server", strings.Replace(plain.URL, "http:", "https:", 1), true, "certificates"},
		{"connection breaks off", gone.URL, false, "EOF"},
	}
	for _, c := range cases {
		t.Run(c.name, func(t *testing.T) {
			t.Parallel()
			client := newClient(t, nil, func(o *Options) { o.Transport, o.BaseURL, o.Retries = nil, parse(t, c.url), -1 })
			_, err := client.Execute(t.Context(), answers.RunTest, Execute{})
			failure, ok := errors.AsType[*Error](err)
			if !ok || failure.Kind != KindUnavailable || failure.Unsent != c.unsent {
				t.Fatalf("got %#v, want an unavailable one with unsent %t", err, c.unsent)
			}
			if !strings.Contains(err.Error(), c.want) {
				t.Errorf("got %q, want it to contain %q", err, c.want)
			}
		})
	}
}

func TestTLSFaultsAreNotRetried(t *testing.T) {
	t.Parallel()
	server := httptest.NewUnstartedServer(http.HandlerFunc(func(http.ResponseWriter, *http.Request) {}))
	server.Config.ErrorLog = log.New(io.Discard, "", 0)
	server.StartTLS()
	defer server.Close()
	c := newClient(t, nil, func(o *Options) { o.Transport, o.BaseURL = nil, parse(t, server.URL) })
	if _, err := c.RunTest(t.Context(), answers.RunTest); err == nil || c.Stats().Requests != 1 {
		t.Errorf("got %v after %d requests, want one", err, c.Stats().Requests)
	}
}
