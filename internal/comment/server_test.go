package comment_test

import (
	"errors"
	"fmt"
	"io"
	"net/http"
	"strings"
	"testing"
	"testing/synctest"

	"github.com/agent-gate/agent-gate/internal/comment"
)

// answering answers every request in the same way, and keeps the requests.
type answering struct {
	status int
	header http.Header
	text   string
	on     bool // after the text it goes on without end
	sent   []*http.Request
	bodies []string
}

// RoundTrip implements http.RoundTripper.
func (a *answering) RoundTrip(r *http.Request) (*http.Response, error) {
	var sent []byte
	if r.Body != nil {
		sent, _ = io.ReadAll(r.Body)
	}
	a.sent, a.bodies = append(a.sent, r), append(a.bodies, string(sent))
	body := io.Reader(strings.NewReader(a.text))
	if a.on {
		body = io.MultiReader(body, endless{})
	}
	header := a.header
	if header == nil {
		header = http.Header{}
	}
	return &http.Response{StatusCode: a.status, Header: header, Body: io.NopCloser(body), Request: r}, nil
}

func TestRequestsGoToThePathsOfTheAPI(t *testing.T) {
	t.Parallel()
	for _, c := range []struct {
		gitlab         bool
		base, project  string
		list, updating string
	}{
		{false, "https://api.github.com", "acme/bot", "https://api.github.com/repos/acme/bot/issues/7/comments", "https://api.github.com/repos/acme/bot/issues/comments/9"},
		{false, "https://ghe.example.com/api/v3", "a.b/c_d-e.f", "https://ghe.example.com/api/v3/repos/a.b/c_d-e.f/issues/7/comments", "https://ghe.example.com/api/v3/repos/a.b/c_d-e.f/issues/comments/9"},
		{false, "https://ghe.example.com/x/api/v3/?a=b#c", "a/b", "https://ghe.example.com/x/api/v3/repos/a/b/issues/7/comments", "https://ghe.example.com/x/api/v3/repos/a/b/issues/comments/9"},
		{true, "https://gitlab.com/api/v4", "77", "https://gitlab.com/api/v4/projects/77/merge_requests/7/notes", "https://gitlab.com/api/v4/projects/77/merge_requests/7/notes/9"},
		{true, "https://example.com/gitlab/api/v4/", "77", "https://example.com/gitlab/api/v4/projects/77/merge_requests/7/notes", "https://example.com/gitlab/api/v4/projects/77/merge_requests/7/notes/9"},
		{true, "https://example.com/gitlab", "a/b.c", "https://example.com/gitlab/api/v4/projects/a%2Fb%2Ec/merge_requests/7/notes", "https://example.com/gitlab/api/v4/projects/a%2Fb%2Ec/merge_requests/7/notes/9"},
		{true, "https://example.com/a%20b/api/v4", "..", "https://example.com/a%20b/api/v4/projects/%2E%2E/merge_requests/7/notes", "https://example.com/a%20b/api/v4/projects/%2E%2E/merge_requests/7/notes/9"},
		{true, "https://gitlab.com/api/v4", "a b?c#d%41", "https://gitlab.com/api/v4/projects/a%20b%3Fc%23d%2541/merge_requests/7/notes", "https://gitlab.com/api/v4/projects/a%20b%3Fc%23d%2541/merge_requests/7/notes/9"},
	} {
		a := &answering{status: http.StatusOK, text: "null"}
		thread := opened(t, a, c.gitlab, c.base, c.project)
		_, _ = thread.Marked(t.Context(), "x")
		_, _ = thread.Create(t.Context(), "<!-- & -->")
		_, _ = thread.Update(t.Context(), 9, "b")
		body, header := `{"body":"<!-- & -->"}`+"\n", map[string]string{"Authorization": "Bearer " + personToken, "X-Github-Api-Version": "2022-11-28", "Accept": "application/vnd.github.v3+json"}
		if c.gitlab {
			body, header = `{"body":"\u003c!-- \u0026 --\u003e"}`, map[string]string{"Private-Token": personToken, "Accept": "application/json", "Authorization": ""}
		}
		if len(a.sent) != 3 {
			t.Fatalf("%s: %d requests", c.base, len(a.sent))
		}
		for i, want := range []string{c.list + "?page=1&per_page=100", c.list, c.updating} {
			if got := a.sent[i].URL.String(); got != want {
				t.Errorf("the request is for %s, want %s", got, want)
			}
			for name, want := range header {
				if got := a.sent[i].Header.Get(name); got != want {
					t.Errorf("%s is %q, want %q", name, got, want)
				}
			}
		}
		if a.bodies[1] != body {
			t.Errorf("the body is %q, want %q", a.bodies[1], body)
		}
	}
}

// opened is the thread of a project behind one of the two APIs.
func opened(t *testing.T, f http.RoundTripper, gitlab bool, base, project string) comment.Thread {
	t.Helper()
	thread, err := comment.NewGitHub(server(f, base, personToken), project, 7)
	if gitlab {
		thread, err = comment.NewGitLab(server(f, base, personToken), project, 7)
	}
	if err != nil {
		t.Fatal(err)
	}
	return thread
}

// The URL comes from the environment, and a path must not become a host.
func TestAnAPIWithoutAHostIsSentNothing(t *testing.T) {
	t.Parallel()
	for _, base := range []string{"https:opaque", "opaque", "/api/v4"} {
		for _, gitlab := range []bool{false, true} {
			synctest.Test(t, func(t *testing.T) {
				var hosts []string
				refuse := roundTrip(func(r *http.Request) (*http.Response, error) {
					hosts = append(hosts, r.URL.Host)
					return nil, errors.New("no host")
				})
				if _, err := opened(t, refuse, gitlab, base, "a/b").Marked(t.Context(), "x"); err == nil || strings.Join(hosts, "") != "" {
					t.Errorf("%s: requests to %q, error %v", base, hosts, err)
				}
			})
		}
	}
}

func TestAnswersThatAreNotAsExpected(t *testing.T) {
	t.Parallel()
	const notTheAPI = "the response is not from the API; it may be from a proxy or a login page: "
	secondary := `{"message":"Slow down","documentation_url":"https://docs.github.com/rest/overview/rate-limits-for-the-rest-api#about-secondary-rate-limits"}`
	for name, c := range map[string]struct {
		answer         answering
		github, gitlab string // in the error; empty for none
		limited        bool   // on GitHub
		requests       int
	}{
		"nothing":                  {answering{status: 200}, "", notTheAPI + "EOF", false, 1},
		"another form":             {answering{status: 200, text: `{"id":"x"}`}, notTheAPI + "json: cannot unmarshal object", notTheAPI + "json: cannot unmarshal object", false, 1},
		"more than the answer":     {answering{status: 200, text: `[] and more`}, "", "", false, 1},
		"not done yet":             {answering{status: 202, text: `[]`}, "try again later", "", false, 1},
		"by a proxy":               {answering{status: 203, text: `[]`}, "", "/notes: 203 []", false, 1},
		"a list that does not end": {answering{status: 200, text: `["`, on: true}, "the response is longer than 64 MiB", "the response is longer than 64 MiB", false, 1},
		"a refusal that does not end": {answering{status: 404, on: true}, "answered 404 Not Found; no pull or merge request has this number",
			"answered 404 Not Found; no pull or merge request has this number", false, 1},
		"a refusal in other words": {answering{status: 400, text: `{"message":{"body":["is long","is bad"],"x":{"y":["z"]}},"error":"e"}`},
			"answered 400 Bad Request", "answered 400: {error: e}, {message: {body: [is long, is bad]}, {x: {y: [z]}}}", false, 1},
		"a refusal that is a page": {answering{status: 400, text: `<html>no</html>`}, "answered 400 Bad Request", "answered 400: failed to parse unknown error format: <html>no</html>", false, 1},
		"a refusal of numbers":     {answering{status: 400, text: `[1, null]`}, "answered 400 Bad Request", "failed to parse unexpected error type: float64", false, 1},
		"moved": {answering{status: 301, header: http.Header{"Location": {"https://evil.example.com/" + personToken}}, text: `{"message":"Moved"}`},
			"answered 301 Moved Permanently; redirects are not followed", "answered 301: {message: Moved}; redirects are not followed", false, 1},
		"moved on the same host":   {answering{status: 308, header: http.Header{"Location": {"/elsewhere"}}}, "redirects are not followed", "redirects are not followed", false, 1},
		"moved to nowhere":         {answering{status: 302}, "answered 302 Found; redirects are not followed", "answered 302 Found; redirects are not followed", false, 1},
		"a secondary rate limit":   {answering{status: 403, text: secondary}, "answered 403: Slow down; too many requests", "the token is not allowed", true, 1},
		"one with a time to wait":  {answering{status: 403, header: http.Header{"Retry-After": {"1"}}, text: `{"message":"Slow down"}`}, "too many requests", "too many requests", true, 1},
		"one that is told as such": {answering{status: 429, header: http.Header{"Retry-After": {"1"}}, text: secondary}, "too many requests", "too many requests", true, 1},
		"the token in words":       {answering{status: 403, text: `{"message":"bad ` + personToken + `"}`}, "answered 403: bad ", "answered 403: {message: bad ", false, 1},
		"the token on a page":      {answering{status: 500, text: `<p>` + personToken}, "answered 500", "answered 500", false, 3},
	} {
		for kind, part := range map[bool]string{false: c.github, true: c.gitlab} {
			t.Run(fmt.Sprintf("%s, GitLab %t", name, kind), func(t *testing.T) {
				t.Parallel()
				synctest.Test(t, func(t *testing.T) {
					a := c.answer
					thread := opened(t, &a, kind, "https://api.example.com", "a/b")
					_, err := thread.Marked(t.Context(), "x")
					e, failed := errors.AsType[*comment.Error](err)
					switch {
					case part != "" && (!failed || !strings.Contains(e.Error(), part) || strings.Contains(e.Error(), personToken)):
						t.Errorf("the error is %v, want %q in it", err, part)
					case part == "" && err != nil:
						t.Errorf("the error is %v", err)
					case failed && !kind && e.RateLimited != c.limited:
						t.Errorf("rate limited: %t", e.RateLimited)
					}
					if len(a.sent) != c.requests {
						t.Errorf("%d requests, want %d", len(a.sent), c.requests)
					}
				})
			})
		}
	}
}

// endless is a body without an end.
type endless struct{}

// Read implements io.Reader.
func (endless) Read(p []byte) (int, error) {
	for i := range p {
		p[i] = 'a'
	}
	return len(p), nil
}

func TestTheNextPageIsTheOneThatTheServerNames(t *testing.T) {
	t.Parallel()
	for link, want := range map[string]string{
		`<https://x/?page=5&per_page=100>; rel="next", <https://x/?page=9>; rel="last"`: "5",
		`<https://x/?page=1>; rel="prev", <https://x/?page=6>; title="t"; rel="next"`:   "6",
		`<https://x/?page=1>; rel="prev"`:                                               "",
		`<https://x/?page=two>; rel="next"`:                                             "",
		`<https://x/>; rel="next"`:                                                      "",
		`https://x/?page=2; rel="next"`:                                                 "",
		`<`:                                                                             "",
		`; rel="next"`:                                                                  "",
		`<://>; rel="next"`:                                                             "",
	} {
		a := &answering{status: http.StatusOK, header: http.Header{"Link": {link}}, text: `[{"id":1}]`}
		_, _ = opened(t, a, false, "https://api.example.com", "a/b").Marked(t.Context(), "x")
		if got := a.sent[len(a.sent)-1].URL.Query().Get("page"); got != want && (want != "" || got != "1") {
			t.Errorf("%s leads to page %s, want %q", link, got, want)
		}
	}
}
