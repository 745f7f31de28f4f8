package tree

import (
	"encoding/json"
	"net/http"
	"net/http/httptest"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strconv"
	"strings"
	"testing"
)

// checkout makes a repository with one file and returns its folder.
func checkout(t *testing.T, words string) string {
	t.Helper()
	if _, err := exec.LookPath("git"); err != nil {
		t.Skip("no git")
	}
	dir := t.TempDir()
	if err := os.WriteFile(filepath.Join(dir, "agent.py"), []byte(words), 0o600); err != nil {
		t.Fatal(err)
	}
	git(t, dir, "init", "-q")
	git(t, dir, "add", ".")
	git(t, dir, "-c", "user.name=t", "-c", "user.email=t@example.com", "commit", "-q", "-m", words+dir)
	return dir
}

func TestTheTreeIsThatOfTheFiles(t *testing.T) {
	t.Parallel()
	one, again, other := checkout(t, "one"), checkout(t, "one"), checkout(t, "other")
	of := func(dir string) string {
		hash, err := Of(t.Context(), Source{Dir: dir})
		if err != nil {
			t.Fatal(err)
		}
		return hash
	}
	if of(one) != of(again) {
		t.Error("two commits of the same files have different trees")
	}
	if of(one) == of(other) {
		t.Error("different files have the same tree")
	}
	if err := os.WriteFile(filepath.Join(one, "agent.py"), []byte("changed"), 0o600); err != nil {
		t.Fatal(err)
	}
	if of(one) != of(again) {
		t.Error("a change that is not committed counts")
	}
}

func TestWithoutACheckoutGitHubIsAsked(t *testing.T) {
	t.Parallel()
	const hash = "4b825dc642cb6eb9a060e54bf8d69288fbee4904"
	answers := map[string]string{
		"/repos/acme/support/git/commits/abc": `{"sha":"abc","tree":{"sha":"` + hash + `"}}`,
		"/repos/acme/support/git/commits/odd": `{"tree":{"sha":"::stop-commands::x"}}`,
		"/repos/acme/support/git/commits/no":  `<html>`,
	}
	server := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		body, ok := answers[r.URL.Path]
		if !ok || r.Header.Get("Authorization") != "Bearer secret" {
			w.WriteHeader(http.StatusNotFound)
			return
		}
		_, _ = w.Write([]byte(body))
	}))
	t.Cleanup(server.Close)
	for _, c := range []struct{ commit, token, want, err string }{
		{"abc", "secret", hash, ""},
		{"abc", "", "", "without github-token"},
		{"abc", "wrong", "", "status 404"},
		{"odd", "secret", "", "no hash of a tree"},
		{"no", "secret", "", "not JSON"},
		{"", "secret", "", "git does not tell the tree of HEAD"},
	} {
		got, err := Of(t.Context(), Source{Dir: t.TempDir(), Forge: GitHub, Commit: c.commit, Repository: "acme/support", APIURL: server.URL, Token: c.token, Client: server.Client()})
		switch {
		case c.err == "" && (err != nil || got != c.want):
			t.Errorf("commit %s: %q, %v", c.commit, got, err)
		case c.err != "" && (err == nil || !strings.Contains(err.Error(), c.err)):
			t.Errorf("commit %q, token %q: %v, want it to say %q", c.commit, c.token, err, c.err)
		case err != nil && strings.Contains(err.Error(), "secret"):
			t.Errorf("the token is in %v", err)
		}
	}
}

// GitLab does not tell the hash of a tree, but what is in it.
func TestWithoutACheckoutGitLabIsAsked(t *testing.T) {
	t.Parallel()
	dir := checkout(t, "one")
	for _, name := range []string{"a.txt", "a/x.py", "a-b", "ü.md"} {
		path := filepath.Join(dir, name)
		if err := os.MkdirAll(filepath.Dir(path), 0o750); err != nil {
			t.Fatal(err)
		}
		if err := os.WriteFile(path, []byte(name), 0o600); err != nil {
			t.Fatal(err)
		}
	}
	git(t, dir, "add", ".")
	git(t, dir, "-c", "user.name=t", "-c", "user.email=t@example.com", "commit", "-q", "-m", "more")
	want, err := Of(t.Context(), Source{Dir: dir})
	if err != nil {
		t.Fatal(err)
	}
	var all []entry
	for line := range strings.Lines(git(t, dir, "-c", "core.quotepath=off", "ls-tree", "HEAD")) {
		fields := strings.Fields(line)
		all = append([]entry{{ID: fields[2], Name: fields[3], Mode: fields[0]}}, all...)
	}
	const size = 2
	mux := http.NewServeMux()
	mux.HandleFunc("GET /projects/77/repository/tree", func(w http.ResponseWriter, r *http.Request) {
		page, _ := strconv.Atoi(r.FormValue("page"))
		list := all
		switch r.FormValue("ref") {
		case "abc":
		case "twice":
			list = append(slices.Clone(all), all[0])
		case "odd":
			list = []entry{{ID: "::error::", Name: "a", Mode: "100644"}}
		case "none":
			list = nil
		default:
			w.WriteHeader(http.StatusNotFound)
			return
		}
		if r.Header.Get("Private-Token") != "secret" {
			w.WriteHeader(http.StatusUnauthorized)
			return
		}
		end := min(page*size, len(list))
		w.Header().Set("X-Next-Page", "")
		if end < len(list) {
			w.Header().Set("X-Next-Page", strconv.Itoa(page+1))
		}
		_ = json.NewEncoder(w).Encode(list[min((page-1)*size, len(list)):end])
	})
	server := httptest.NewServer(mux)
	t.Cleanup(server.Close)
	for _, c := range []struct{ commit, token, want, err string }{
		{"abc", "secret", want, ""},
		{"abc", "", "", "without gitlab-token GitLab cannot be asked"},
		{"abc", "wrong", "", "status 401"},
		{"twice", "secret", "", "lists a file twice"},
		{"odd", "secret", "", "without a hash"},
		{"none", "secret", "", "lists no files"},
		{"other", "secret", "", "status 404"},
	} {
		got, err := Of(t.Context(), Source{Dir: t.TempDir(), Forge: GitLab, Commit: c.commit, Repository: "77", APIURL: server.URL, Token: c.token, Client: server.Client()})
		switch {
		case c.err == "" && (err != nil || got != c.want):
			t.Errorf("commit %s: %q, %v, want %s", c.commit, got, err, c.want)
		case c.err != "" && (err == nil || !strings.Contains(err.Error(), c.err)):
			t.Errorf("commit %q, token %q: %v, want it to say %q", c.commit, c.token, err, c.err)
		}
	}
}

// git runs git in a folder.
func git(t *testing.T, dir string, args ...string) string {
	t.Helper()
	c := exec.CommandContext(t.Context(), "git", args...)
	c.Dir = dir
	c.Env = append(os.Environ(), "GIT_CONFIG_GLOBAL=/dev/null", "GIT_CONFIG_NOSYSTEM=1")
	out, err := c.CombinedOutput()
	if err != nil {
		t.Fatalf("git %v: %v: %s", args, err, out)
	}
	return string(out)
}
