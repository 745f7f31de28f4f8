package comment_test

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"net/http"
	"net/url"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"github.com/agent-gate/agent-gate/internal/comment"
	"github.com/agent-gate/agent-gate/internal/verdict"
	"github.com/agent-gate/agent-gate/test/forge"
)

const (
	jobToken    = "token-of-the-job"
	personToken = "token-of-a-person"
	readToken   = "token-that-may-only-read"
	bot         = "github-actions[bot]"
	shaA        = "abc1234def5678901234567890123456789012ab"
	shaB        = "0123456789012345678901234567890123456789"
)

func newForge() *forge.Forge {
	return &forge.Forge{Users: map[string]forge.User{
		jobToken:    {ID: 41898282, Login: bot, App: true},
		personToken: {ID: 7, Login: "ada"},
		readToken:   {ID: 41898282, Login: bot, App: true, ReadOnly: true},
	}}
}

var billing = comment.NewKey("github", "ci", "gate", "", "billing")

// server is the fake as a client sees it; only its URL says which of the two APIs it is.
func server(f http.RoundTripper, base, token string) comment.Server {
	u, err := url.Parse(base)
	if err != nil {
		panic(err)
	}
	return comment.Server{URL: u, Token: token, UserAgent: "agent-gate/test", Transport: f}
}

func onGitHub(t *testing.T, f http.RoundTripper, token string) comment.Thread {
	t.Helper()
	thread, err := comment.NewGitHub(server(f, "https://api.github.example.com", token), "acme/bot", 7)
	if err != nil {
		t.Fatal(err)
	}
	return thread
}

func onGitLab(t *testing.T, f http.RoundTripper, token string) comment.Thread {
	t.Helper()
	thread, err := comment.NewGitLab(server(f, "https://gitlab.example.com/api/v4", token), "77", 7)
	if err != nil {
		t.Fatal(err)
	}
	return thread
}

// both runs a test with each API.
func both(t *testing.T, test func(t *testing.T, open func(*testing.T, http.RoundTripper, string) comment.Thread)) {
	t.Helper()
	for name, open := range map[string]func(*testing.T, http.RoundTripper, string) comment.Thread{"GitHub": onGitHub, "GitLab": onGitLab} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			synctest.Test(t, func(t *testing.T) { test(t, open) })
		})
	}
}

// entry is the verdict of a run.
func entry(kind verdict.Kind, sha string, run, attempt uint64) comment.Entry {
	return comment.Entry{Verdict: kind, SHA: sha, Run: run, Attempt: attempt}
}

// sticky is a comment that shows its verdict and the earlier ones.
func sticky(thread comment.Thread, now comment.Entry) comment.Sticky {
	return comment.Sticky{Thread: thread, Key: billing, Now: now, Render: func(before []comment.Entry) (string, error) {
		var text strings.Builder
		text.WriteString(string(now.Verdict))
		for _, b := range before {
			text.WriteString(" < " + string(b.Verdict) + " " + b.SHA[:min(3, len(b.SHA))])
		}
		return text.String(), nil
	}}
}

// write calls Write and requires no error.
func write(t *testing.T, s comment.Sticky) comment.Action {
	t.Helper()
	result, err := s.Write(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	return result.Action
}

// shown returns the comments without their markers.
func shown(f *forge.Forge) []string {
	var all []string
	for _, c := range f.Comments() {
		_, text, _ := strings.Cut(c.Body, "\n")
		all = append(all, text)
	}
	return all
}

// want compares what the comments show.
func want(t *testing.T, f *forge.Forge, want ...string) {
	t.Helper()
	if got := shown(f); fmt.Sprint(got) != fmt.Sprint(want) {
		t.Errorf("the comments show %q, want %q", got, want)
	}
}

func TestOneCommentIsKeptUpToDate(t *testing.T) {
	t.Parallel()
	both(t, func(t *testing.T, open func(*testing.T, http.RoundTripper, string) comment.Thread) {
		f := newForge()
		thread := open(t, f, personToken)
		steps := []struct {
			now    comment.Entry
			action comment.Action
			text   string
		}{
			{entry(verdict.Fail, shaA, 10, 1), comment.Created, "fail"},
			{entry(verdict.Error, shaA, 10, 2), comment.Updated, "error < fail abc"},
			{entry(verdict.Pass, shaB, 11, 1), comment.Updated, "pass < error abc < fail abc"},
			{entry(verdict.Fail, shaB, 11, 1), comment.Updated, "fail < error abc < fail abc"}, // the same attempt again
			{entry(verdict.Pass, "", 12, 1), comment.Updated, "pass < fail 012 < error abc < fail abc"},
			{entry(verdict.Skip, shaB, 13, 1), comment.Updated, "skipped < pass  < fail 012 < error abc < fail abc"},
			{entry(verdict.Pass, shaB, 14, 1), comment.Updated, "pass < skipped 012 < pass  < fail 012 < error abc < fail abc"},
			{entry(verdict.Pass, shaB, 15, 1), comment.Updated, "pass < pass 012 < skipped 012 < pass  < fail 012 < error abc"},
		}
		for _, step := range steps {
			if got := write(t, sticky(thread, step.now)); got != step.action {
				t.Errorf("%+v: %s, want %s", step.now, got, step.action)
			}
			want(t, f, step.text)
		}
	})
}

func TestAnOlderRunDoesNotReplaceTheVerdictOfANewerOne(t *testing.T) {
	t.Parallel()
	both(t, func(t *testing.T, open func(*testing.T, http.RoundTripper, string) comment.Thread) {
		f := newForge()
		thread := open(t, f, personToken)
		write(t, sticky(thread, entry(verdict.Fail, shaB, 11, 2)))
		for _, old := range []comment.Entry{entry(verdict.Pass, shaA, 9, 1), entry(verdict.Pass, shaB, 11, 1), entry(verdict.Pass, shaA, 9, 5)} {
			if got := write(t, sticky(thread, old)); got != comment.Older {
				t.Errorf("%+v: %s", old, got)
			}
		}
		want(t, f, "fail")
		// A run without a number is not older.
		if got := write(t, sticky(thread, entry(verdict.Pass, shaB, 0, 0))); got != comment.Updated {
			t.Errorf("a run without a number: %s", got)
		}
	})
}

func TestUpdateOnlyMakesNoComment(t *testing.T) {
	t.Parallel()
	both(t, func(t *testing.T, open func(*testing.T, http.RoundTripper, string) comment.Thread) {
		f := newForge()
		thread := open(t, f, personToken)
		green := sticky(thread, entry(verdict.Pass, shaA, 1, 1))
		green.UpdateOnly = true
		if got := write(t, green); got != comment.Nothing || len(f.Comments()) != 0 {
			t.Errorf("%s, comments %v", got, f.Comments())
		}
		write(t, sticky(thread, entry(verdict.Fail, shaA, 2, 1)))
		green.Now.Run = 3
		if got := write(t, green); got != comment.Updated {
			t.Errorf("an old red verdict: %s", got)
		}
		want(t, f, "pass < fail abc")
	})
}

func TestEachJobHasItsOwnComment(t *testing.T) {
	t.Parallel()
	both(t, func(t *testing.T, open func(*testing.T, http.RoundTripper, string) comment.Thread) {
		f := newForge()
		thread := open(t, f, personToken)
		keys := [][]string{
			{"github", "ci", "gate", "", "billing"}, {"github", "ci", "gate", "", "support"}, {"github", "ci", "gate", "_2", "billing"},
			{"github", "ci", "gatebilling", "", ""}, {"github", "cigate", "", "", "billing"}, {"github", "ci", `gate","billing`, "", ""},
		}
		for range 2 {
			for i, parts := range keys {
				s := sticky(thread, entry(verdict.Fail, shaA, uint64(i+1), 1))
				s.Key = comment.NewKey(parts...)
				write(t, s)
			}
		}
		if got := len(f.Comments()); got != len(keys) {
			t.Errorf("%d comments for %d jobs", got, len(keys))
		}
	})
}

func TestTheCommentIsFoundOnEveryPage(t *testing.T) {
	t.Parallel()
	both(t, func(t *testing.T, open func(*testing.T, http.RoundTripper, string) comment.Thread) {
		f := newForge()
		thread := open(t, f, personToken)
		for i := range 1234 {
			f.Write("grace", fmt.Sprintf("comment %d", i))
		}
		write(t, sticky(thread, entry(verdict.Fail, shaA, 1, 1)))
		for i := range 300 {
			f.Write("grace", fmt.Sprintf("later comment %d", i))
		}
		if got := write(t, sticky(thread, entry(verdict.Pass, shaB, 2, 1))); got != comment.Updated || len(f.Comments()) != 1535 {
			t.Errorf("%s, %d comments", got, len(f.Comments()))
		}
	})
}

// A proxy may drop the headers that point to further pages, return smaller pages than requested, or
// not support pages at all.
func TestTheCommentIsFoundWithoutWordOfFurtherPages(t *testing.T) {
	t.Parallel()
	for name, c := range map[string]struct {
		before, after int // comments of others
		max           int // comments of a page
		silent, whole bool
		most          int // requests for comments in one look
	}{
		"on a page of a hundred":         {before: 250, after: 30, silent: true, most: 3},
		"on a page of fifty":             {before: 120, after: 79, silent: true, max: 50, most: 5},
		"on a page of twenty":            {before: 60, after: 0, silent: true, max: 20, most: 4},
		"among few":                      {before: 5, after: 5, silent: true, most: 1},
		"where every page has all":       {before: 90, after: 90, silent: true, whole: true, most: 2},
		"where every page has all, told": {before: 90, after: 90, whole: true, most: 2},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			both(t, func(t *testing.T, open func(*testing.T, http.RoundTripper, string) comment.Thread) {
				f := newForge()
				f.Max, f.NoLinks, f.NoPages = c.max, c.silent, c.whole
				thread := open(t, f, personToken)
				for i := range c.before {
					f.Write("grace", fmt.Sprintf("comment %d", i))
				}
				write(t, sticky(thread, entry(verdict.Fail, shaA, 1, 1)))
				for i := range c.after {
					f.Write("grace", fmt.Sprintf("later comment %d", i))
				}
				if got := write(t, sticky(thread, entry(verdict.Pass, shaB, 2, 1))); got != comment.Updated || len(f.Comments()) != c.before+c.after+1 {
					t.Errorf("%s, %d comments", got, len(f.Comments()))
				}
				before := len(f.Requests())
				if _, err := thread.Marked(t.Context(), "nothing begins with this"); err != nil {
					t.Fatal(err)
				}
				if got := len(f.Requests()) - before; got > c.most {
					t.Errorf("%d requests, want at most %d", got, c.most)
				}
			})
		})
	}
}

// A marker in someone else's comment must neither make us overwrite it nor stop us.
func TestTheMarkerOfAStrangerIsNotOurs(t *testing.T) {
	t.Parallel()
	both(t, func(t *testing.T, open func(*testing.T, http.RoundTripper, string) comment.Thread) {
		for _, token := range []string{personToken, jobToken} {
			f := newForge()
			thread := open(t, f, token)
			write(t, sticky(thread, entry(verdict.Fail, shaA, 5, 1)))
			original := f.Comments()[0].Body
			newer := strings.Replace(original, `"run":"5"`, `"run":"18446744073709551615"`, 1)
			f.Write("mallory", newer)
			f.Write("mallory", "> "+original)
			f.Write("", newer) // as if the system had written it
			f.Write("mallory", "quoted: "+original)
			before := f.Comments()
			write(t, sticky(thread, entry(verdict.Pass, shaB, 6, 1)))
			for i, c := range f.Comments() {
				if c.Author == "mallory" && c.Updates > 0 || i > 0 && i < 5 && c.Body != before[i].Body {
					t.Errorf("%s: comment %d of %q was changed", token, i, c.Author)
				}
			}
		}
	})
}

// A bot can be made to repeat what someone wrote, even a marker.
func TestTheMarkerOfAnotherBotIsNotOurs(t *testing.T) {
	t.Parallel()
	const appToken = "token-of-an-app"
	for _, c := range []struct {
		name, token string
		noGraphQL   bool
		author      string
		wantsNewOne bool
	}{
		{name: "the job's own", token: jobToken, author: bot},
		{name: "of another bot", token: jobToken, author: "helper[bot]", wantsNewOne: true},
		{name: "the job's own, where nothing says whose the token is", token: jobToken, author: bot, noGraphQL: true},
		{name: "of another bot, where nothing says whose the token is", token: jobToken, author: "helper[bot]", noGraphQL: true, wantsNewOne: true},
		{name: "an app's own", token: appToken, author: "helper[bot]"},
		{name: "of jobs, for the token of an app", token: appToken, author: bot, wantsNewOne: true},
	} {
		t.Run(c.name, func(t *testing.T) {
			t.Parallel()
			f := newForge()
			f.Users[appToken] = forge.User{ID: 9, Login: "helper[bot]", App: true}
			if c.noGraphQL {
				f.Intercept = func(w http.ResponseWriter, r *http.Request) bool {
					if r.URL.Path == "/graphql" {
						w.WriteHeader(http.StatusForbidden)
					}
					return r.URL.Path == "/graphql"
				}
			}
			thread := onGitHub(t, f, c.token)
			write(t, sticky(thread, entry(verdict.Fail, shaA, 99, 1)))
			body := f.Comments()[0].Body
			f = &forge.Forge{Users: f.Users, Intercept: f.Intercept}
			f.Write(c.author, body)
			thread = onGitHub(t, f, c.token)
			action := write(t, sticky(thread, entry(verdict.Pass, shaB, 1, 1)))
			if got := action == comment.Created; got != c.wantsNewOne {
				t.Errorf("got %v, want a new comment: %t", action, c.wantsNewOne)
			}
			if f.Comments()[0].Body != body {
				t.Error("the comment was written over, want that the newer run's stays")
			}
		})
	}
}

func TestACommentThatCannotBeUpdatedIsMadeAnew(t *testing.T) {
	t.Parallel()
	both(t, func(t *testing.T, open func(*testing.T, http.RoundTripper, string) comment.Thread) {
		for _, status := range []int{403, 404, 410} {
			f := newForge()
			thread := open(t, f, personToken)
			write(t, sticky(thread, entry(verdict.Fail, shaA, 1, 1)))
			f.Intercept = func(w http.ResponseWriter, r *http.Request) bool {
				if r.Method == http.MethodPatch || r.Method == http.MethodPut {
					w.WriteHeader(status)
					return true
				}
				return false
			}
			if got := write(t, sticky(thread, entry(verdict.Pass, shaA, 2, 1))); got != comment.Created {
				t.Errorf("%d: %s", status, got)
			}
			want(t, f, "fail", "pass < fail abc")
		}
	})
}

// barge writes another run's verdict once, right before a request with one of the given methods.
func barge(f *forge.Forge, methods string, other comment.Sticky) {
	done := false
	f.Intercept = func(_ http.ResponseWriter, r *http.Request) bool {
		if strings.Contains(methods, r.Method) && !done {
			done = true
			_, _ = other.Write(context.Background())
		}
		return false
	}
}

func TestTheNewerOfTwoRunsAtOnceWins(t *testing.T) {
	t.Parallel()
	const gone = "_This Agent gate verdict is out of date. A newer comment replaces it._\n"
	older, newer := entry(verdict.Fail, shaA, 1, 1), entry(verdict.Pass, shaB, 2, 1)
	both(t, func(t *testing.T, open func(*testing.T, http.RoundTripper, string) comment.Thread) {
		f := newForge()
		thread := open(t, f, personToken)
		barge(f, http.MethodPost, sticky(thread, newer)) // both have seen none
		if got := write(t, sticky(thread, older)); got != comment.Older {
			t.Errorf("the older, which comes second: %s", got)
		}
		want(t, f, "pass", gone)

		f = newForge()
		thread = open(t, f, personToken)
		barge(f, http.MethodPost, sticky(thread, older))
		if got := write(t, sticky(thread, newer)); got != comment.Created {
			t.Errorf("the newer, which comes second: %s", got)
		}
		want(t, f, gone, "pass")

		f = newForge()
		thread = open(t, f, personToken)
		write(t, sticky(thread, entry(verdict.Error, shaA, 0, 1)))
		barge(f, "PATCH PUT", sticky(thread, older)) // both have seen the same one
		write(t, sticky(thread, newer))
		if got := shown(f); len(got) != 1 || !strings.HasPrefix(got[0], "pass") {
			t.Errorf("the comments show %q", got)
		}
	})
}

func TestASecondLookFindsWhatAnotherRunHasWrittenOver(t *testing.T) {
	t.Parallel()
	both(t, func(t *testing.T, open func(*testing.T, http.RoundTripper, string) comment.Thread) {
		f := newForge()
		thread := open(t, f, personToken)
		write(t, sticky(thread, entry(verdict.Error, shaA, 1, 1)))
		old := f.Comments()[0].Body
		lists := 0
		f.Intercept = func(_ http.ResponseWriter, r *http.Request) bool {
			if r.Method == http.MethodGet && strings.HasSuffix(r.URL.Path, "s") {
				if lists++; lists == 2 { // an older run has just finished its update
					_, _ = thread.Update(t.Context(), f.Comments()[0].ID, strings.Replace(old, `"run":"1"`, `"run":"2"`, 1))
				}
			}
			return false
		}
		write(t, sticky(thread, entry(verdict.Pass, shaB, 3, 1)))
		if got := shown(f); len(got) != 1 || !strings.HasPrefix(got[0], "pass") {
			t.Errorf("the comments show %q", got)
		}
	})
}

func TestACommentThatIsNotListedYetIsNotMadeTwice(t *testing.T) {
	t.Parallel()
	both(t, func(t *testing.T, open func(*testing.T, http.RoundTripper, string) comment.Thread) {
		f := newForge()
		thread := open(t, f, personToken)
		f.Intercept = func(w http.ResponseWriter, r *http.Request) bool {
			if r.Method == http.MethodGet {
				fmt.Fprint(w, "[]")
				return true
			}
			return false
		}
		write(t, sticky(thread, entry(verdict.Fail, shaA, 1, 1)))
		if len(f.Comments()) != 1 {
			t.Errorf("%d comments", len(f.Comments()))
		}
	})
}

func TestAnEditedMarkerIsNotBelieved(t *testing.T) {
	t.Parallel()
	key := billing.String()
	for _, edited := range []string{
		`{"key":"` + key + `","run":"99","attempt":"1","verdict":"great","sha":"x"}`,
		`{"key":"` + key + `","run":"1e9","attempt":"-1","verdict":"fail","sha":"](http://x)","before":[{"verdict":"<b>","sha":""},{"verdict":"pass","sha":"@ada"}]}`,
		`{"key":"` + key + `",`,
		`{"key":"` + key + `","run":7}`,
	} {
		f := newForge()
		thread := onGitHub(t, f, personToken)
		f.Write("ada", "<!-- agent-gate:"+edited+" -->\nhello")
		write(t, sticky(thread, entry(verdict.Pass, shaA, 5, 1)))
		for _, text := range shown(f) {
			if text != "hello" && text != "pass" && text != "pass < fail  < pass " {
				t.Errorf("%s makes %q", edited, text)
			}
		}
	}
}

func TestTheMarkerHoldsNothingThatSomebodyChose(t *testing.T) {
	t.Parallel()
	f := newForge()
	s := sticky(onGitHub(t, f, personToken), entry(verdict.Fail, "--><b>", 1, 1))
	s.Key = comment.NewKey("--> <!-- agent-gate:{", "\n", jobToken)
	write(t, s)
	line, _, _ := strings.Cut(f.Comments()[0].Body, "\n")
	inner := strings.TrimSuffix(strings.TrimPrefix(line, "<!-- agent-gate:"), " -->")
	if strings.ContainsAny(inner, "<>") || strings.Contains(inner, "--") || !json.Valid([]byte(inner)) {
		t.Errorf("the marker is %q", line)
	}
}

func TestRefusalsSayWhatToDo(t *testing.T) {
	t.Parallel()
	reply := func(status int, header, body string) func(http.ResponseWriter, *http.Request) bool {
		return func(w http.ResponseWriter, _ *http.Request) bool {
			if name, value, ok := strings.Cut(header, ": "); ok {
				w.Header().Set(name, value)
			}
			w.WriteHeader(status)
			fmt.Fprint(w, body)
			return true
		}
	}
	cases := []struct {
		name      string
		token     string
		intercept func(http.ResponseWriter, *http.Request) bool
		github    string
		gitlab    string
		requests  int
	}{
		{"read-only token", readToken, nil, "pull-requests: write", "scope `api`", 2},
		{"unknown token", "wrong", nil, "github-token is invalid", "CI_JOB_TOKEN cannot write", 1},
		{"forbidden", personToken, reply(403, "", `{"message":"no"}`), "answered 403: no; the token is not allowed", "the token is not allowed", 1},
		{"unknown project", personToken, reply(404, "", `{"message":"Not Found"}`), "answered 404", "answered 404", 1},
		{"rate limit", personToken, reply(429, "Retry-After: 3600", `{"message":"slow down"}`), "too many requests", "too many requests", 1},
		{"rate limit of GitHub", personToken, reply(403, "X-RateLimit-Remaining: 0", `{"message":"rate limit exceeded"}`), "too many requests", "too many requests", 1},
		{"rate limit, by the header alone", personToken, reply(403, "X-RateLimit-Remaining: 0", `{"message":"no"}`), "too many requests", "too many requests", 1},
		{"rate limit, by the time to wait alone", personToken, reply(403, "Retry-After: 60", `{"message":"no"}`), "too many requests", "too many requests", 1},
		{"secondary rate limit, by its words alone", personToken, reply(403, "", `{"message":"You have exceeded a secondary rate limit."}`), "answered 403: You have exceeded a secondary rate limit.; too many requests", "too many requests", 1},
		{"requests are left", personToken, reply(403, "X-RateLimit-Remaining: 4999", `{"message":"Resource not accessible by integration"}`), "pull-requests: write", "the token is not allowed", 1},
		{"locked", personToken, reply(403, "", `{"message":"Unable to create comment because issue is locked."}`), "the conversation is locked", "the conversation is locked", 1},
		{"archived", personToken, reply(403, "", `{"message":"Repository was archived so is read-only."}`), "the repository is archived", "the repository is archived", 1},
		{"redirect", personToken, reply(302, "Location: https://evil.example.com/", ""), "redirects are not followed", "redirects are not followed", 1},
		{"redirect that keeps the method", personToken, reply(307, "Location: https://evil.example.com/", ""), "redirects are not followed", "redirects are not followed", 1},
		{"page for people", personToken, reply(200, "", "<html>Sign in</html>"), "the response is not from the API", "the response is not from the API", 1},
		{"answer that breaks off", personToken, reply(200, "", `{"a":`), "the response is not from the API", "the response is not from the API", 3},
		{"outage", personToken, reply(502, "", "<html>Bad gateway</html>"), "answered 502", "answered 502", 3},
	}
	for _, c := range cases {
		t.Run(c.name, func(t *testing.T) {
			t.Parallel()
			both(t, func(t *testing.T, open func(*testing.T, http.RoundTripper, string) comment.Thread) {
				f := newForge()
				f.Intercept = c.intercept
				_, err := sticky(open(t, f, c.token), entry(verdict.Fail, shaA, 1, 1)).Write(t.Context())
				hint := c.github
				if strings.HasSuffix(t.Name(), "GitLab") {
					hint = c.gitlab
				}
				if e, ok := errors.AsType[*comment.Error](err); !ok || !strings.Contains(e.Error(), hint) || strings.Contains(e.Error(), c.token) {
					t.Errorf("the error is %q, want %q in it", err, hint)
				}
				if got := len(f.Requests()); got != c.requests {
					t.Errorf("%d requests, want %d", got, c.requests)
				}
			})
		})
	}
}

func TestALostAnswerToANewCommentIsNotSentAgain(t *testing.T) {
	t.Parallel()
	both(t, func(t *testing.T, open func(*testing.T, http.RoundTripper, string) comment.Thread) {
		f := newForge()
		f.Intercept = func(w http.ResponseWriter, r *http.Request) bool {
			if r.Method == http.MethodPost {
				f.Write("ada", "arrived")
				w.WriteHeader(http.StatusBadGateway)
				return true
			}
			return false
		}
		if _, err := sticky(open(t, f, personToken), entry(verdict.Fail, shaA, 1, 1)).Write(t.Context()); err == nil {
			t.Error("no error")
		}
		if got := len(f.Comments()); got != 1 {
			t.Errorf("%d comments", got)
		}
	})
}

func TestABriefOutageIsOutlasted(t *testing.T) {
	t.Parallel()
	both(t, func(t *testing.T, open func(*testing.T, http.RoundTripper, string) comment.Thread) {
		f := newForge()
		thread := open(t, f, personToken)
		write(t, sticky(thread, entry(verdict.Fail, shaA, 1, 1)))
		failed := map[string]int{}
		f.Intercept = func(w http.ResponseWriter, r *http.Request) bool {
			failed[r.Method+r.URL.Path]++
			if failed[r.Method+r.URL.Path] <= 2 {
				w.WriteHeader(http.StatusServiceUnavailable)
				return true
			}
			return false
		}
		if got := write(t, sticky(thread, entry(verdict.Pass, shaB, 2, 1))); got != comment.Updated {
			t.Errorf("%s", got)
		}
		want(t, f, "pass < fail abc")
	})
}

// slow is a server that never answers.
type slow struct{}

// RoundTrip implements http.RoundTripper.
func (slow) RoundTrip(r *http.Request) (*http.Response, error) {
	<-r.Context().Done()
	return nil, r.Context().Err()
}

func TestAServerThatDoesNotAnswerIsNotWaitedForLongerThanAsked(t *testing.T) {
	t.Parallel()
	both(t, func(t *testing.T, open func(*testing.T, http.RoundTripper, string) comment.Thread) {
		for _, limit := range []time.Duration{time.Second, 20 * time.Second, time.Minute} {
			ctx, cancel := context.WithTimeout(t.Context(), limit)
			start := time.Now()
			_, err := sticky(open(t, slow{}, personToken), entry(verdict.Fail, shaA, 1, 1)).Write(ctx)
			cancel()
			if err == nil || !strings.Contains(err.Error(), "no response in time") {
				t.Errorf("the error is %v", err)
			}
			if took := time.Since(start); took > min(limit, 30*time.Second) {
				t.Errorf("took %s of %s", took, limit)
			}
		}
	})
}

func TestTheTokenGoesToTheAPIAlone(t *testing.T) {
	t.Parallel()
	both(t, func(t *testing.T, open func(*testing.T, http.RoundTripper, string) comment.Thread) {
		f := newForge()
		f.Max = 1
		for range 3 {
			f.Write("grace", "a comment")
		}
		hosts := map[string]bool{}
		record := roundTrip(func(r *http.Request) (*http.Response, error) {
			hosts[r.URL.Host] = true
			return f.RoundTrip(r)
		})
		thread := open(t, record, personToken)
		write(t, sticky(thread, entry(verdict.Fail, shaA, 1, 1)))
		write(t, sticky(thread, entry(verdict.Pass, shaA, 2, 1)))
		if len(hosts) != 1 {
			t.Errorf("requests went to %v", hosts)
		}
		for _, r := range f.Requests() {
			if strings.Contains(r.Path+r.Query+r.Body, personToken) {
				t.Errorf("the token is in %s %s", r.Method, r.Path)
			}
			if r.Header.Get("User-Agent") != "agent-gate/test" {
				t.Errorf("the user agent is %q", r.Header.Get("User-Agent"))
			}
		}
	})
}

type roundTrip func(*http.Request) (*http.Response, error)

// RoundTrip implements http.RoundTripper.
func (f roundTrip) RoundTrip(r *http.Request) (*http.Response, error) { return f(r) }

func TestARepositoryThatIsNoneIsRefused(t *testing.T) {
	t.Parallel()
	for _, name := range []string{"", "acme", "acme/", "/bot", "../bot", "acme/..", "acme/bot/x", "acme/b?t", "acme/b%2f"} {
		if _, err := comment.NewGitHub(server(newForge(), "https://api.github.example.com", personToken), name, 7); err == nil {
			t.Errorf("%q is taken", name)
		}
	}
	if _, err := comment.NewGitLab(server(newForge(), "https://gitlab.example.com/api/v4", personToken), "", 7); err == nil {
		t.Error("no project is taken")
	}
}
