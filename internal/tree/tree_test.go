package tree

import (
	"net/http"
	"net/http/httptest"
	"os"
	"os/exec"
	"path/filepath"
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
	for _, args := range [][]string{{"init", "-q"}, {"add", "."}, {"-c", "user.name=t", "-c", "user.email=t@example.com", "commit", "-q", "-m", words + dir}} {
		git := exec.CommandContext(t.Context(), "git", args...)
		git.Dir = dir
		git.Env = append(os.Environ(), "GIT_CONFIG_GLOBAL=/dev/null", "GIT_CONFIG_NOSYSTEM=1")
		if out, err := git.CombinedOutput(); err != nil {
			t.Fatalf("git %v: %v: %s", args, err, out)
		}
	}
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
		got, err := Of(t.Context(), Source{Dir: t.TempDir(), Commit: c.commit, Repository: "acme/support", APIURL: server.URL, Token: c.token, Client: server.Client()})
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
