package client

import (
	"fmt"
	"net/http"
	"net/url"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
	"github.com/google/uuid"

	"github.com/agent-gate/agent-gate/test/answers"
)

func TestNewNamesEveryMistakeAndNoValue(t *testing.T) {
	t.Parallel()
	cases := []struct {
		name    string
		options Options
		want    []string
	}{
		{"nothing given", Options{}, []string{"base-url: must be", "api-key: is missing", "secret-key: is missing"}},
		{"not http", Options{BaseURL: parse(t, "ftp://host/"), APIKey: "a", SecretKey: "b"}, []string{"base-url: must be"}},
		{"credentials in the address", Options{BaseURL: parse(t, "https://u:p@host"), APIKey: "a", SecretKey: "b"}, []string{"user name or password"}},
		{"query", Options{BaseURL: parse(t, "https://host/?x=1"), APIKey: "a", SecretKey: "b"}, []string{"query or fragment"}},
		{"line end in a key", Options{BaseURL: parse(t, "https://host/"), APIKey: "leak\nleak", SecretKey: "b"}, []string{"api-key: contains control characters"}},
	}
	for _, c := range cases {
		t.Run(c.name, func(t *testing.T) {
			t.Parallel()
			_, err := New(c.options)
			if err == nil {
				t.Fatal("got no error")
			}
			for _, want := range c.want {
				if !strings.Contains(err.Error(), want) {
					t.Errorf("got %q, want it to contain %q", err, want)
				}
			}
			if strings.Contains(err.Error(), "leak") || strings.Contains(err.Error(), "u:p") {
				t.Errorf("got %q, which holds a value", err)
			}
		})
	}
}

func parse(t *testing.T, s string) *url.URL {
	t.Helper()
	u, err := url.Parse(s)
	if err != nil {
		t.Fatal(err)
	}
	return u
}

func TestEveryRequestCarriesTheKeysAndNoAuthorization(t *testing.T) {
	t.Parallel()
	workspace := uuid.New()
	w := serving(t, map[string]http.HandlerFunc{
		"GET /api" + runTestPath:  always(200, answers.Sample(t, "deployed/run-test-detail-200.json")),
		"POST /api" + executePath: always(200, answers.Sample(t, "deployed/execute-200.json")),
		"POST /api" + cancelPath:  always(200, answers.Sample(t, "deployed/cancel-200-sync.json")),
	})
	c := newClient(t, w, func(o *Options) {
		o.BaseURL = parse(t, "https://api.example.com/api/")
		o.WorkspaceID, o.UserAgent = workspace, "agent-gate/1.2.3"
	})
	if _, err := c.RunTest(t.Context(), answers.RunTest); err != nil {
		t.Error(err)
	}
	if _, err := c.Execute(t.Context(), answers.RunTest, Execute{}); err != nil {
		t.Error(err)
	}
	if _, err := c.Cancel(t.Context(), answers.Execution); err != nil {
		t.Error(err)
	}
	base := http.Header{
		"Accept": {"application/json"}, "User-Agent": {"agent-gate/1.2.3"},
		"X-Api-Key": {testAPIKey}, "X-Secret-Key": {testSecretKey}, "X-Workspace-Id": {workspace.String()},
	}
	withBody := base.Clone()
	withBody.Set("Content-Type", "application/json")
	want := []sent{
		{Method: "GET", Path: "/api" + runTestPath, Header: base, Host: "api.example.com"},
		{Method: "POST", Path: "/api" + executePath, Header: withBody, Host: "api.example.com", Body: "{}"},
		{Method: "POST", Path: "/api" + cancelPath, Header: base, Host: "api.example.com"},
	}
	if diff := cmp.Diff(want, w.requests); diff != "" {
		t.Errorf("requests (-want +got):\n%s", diff)
	}
}

func TestClientDoesNotPrintItsKeys(t *testing.T) {
	t.Parallel()
	c := newClient(t, serving(t, nil))
	for _, verb := range []string{"%v", "%+v", "%#v"} {
		if got := fmt.Sprintf(verb, c); strings.Contains(got, testAPIKey) || strings.Contains(got, testSecretKey) {
			t.Errorf("%s shows a key", verb)
		}
	}
}

func TestEveryAttemptIsTraced(t *testing.T) {
	t.Parallel()
	var got []string
	w := serving(t, map[string]http.HandlerFunc{"GET " + runTestPath: always(401, answers.Sample(t, "deployed/401-bad.json"))})
	c := newClient(t, w, func(o *Options) {
		o.OnRequest = func(tr Trace) {
			got = append(got, fmt.Sprintf("%s %s %d #%d %s", tr.Method, tr.Path, tr.Status, tr.Attempt, tr.Error))
		}
	})
	if _, err := c.RunTest(t.Context(), answers.RunTest); err == nil {
		t.Error("got no error")
	}
	want := []string{"GET " + runTestPath + " 401 #1 Invalid API key or secret key"}
	if diff := cmp.Diff(want, got); diff != "" {
		t.Errorf("traces (-want +got):\n%s", diff)
	}
}
