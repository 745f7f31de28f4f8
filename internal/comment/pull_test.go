package comment_test

import (
	"fmt"
	"net/http"
	"slices"
	"strings"
	"testing"
	"testing/synctest"

	"github.com/agent-gate/agent-gate/internal/changes"
	"github.com/agent-gate/agent-gate/internal/comment"
	"github.com/agent-gate/agent-gate/test/forge"
)

// pulls runs a test with the pull request on GitHub and the merge request on GitLab.
func pulls(t *testing.T, test func(t *testing.T, github bool, open func(http.RoundTripper, string, string) comment.Pull)) {
	t.Helper()
	for _, github := range []bool{true, false} {
		t.Run(map[bool]string{true: "GitHub", false: "GitLab"}[github], func(t *testing.T) {
			t.Parallel()
			synctest.Test(t, func(t *testing.T) {
				test(t, github, func(f http.RoundTripper, token, commit string) comment.Pull {
					p, err := comment.NewGitLabPull(server(f, "https://gitlab.example.com/api/v4", token), "77", 7, commit)
					if github {
						p, err = comment.NewGitHubPull(server(f, "https://api.github.example.com", token), "acme/bot", 7, commit)
					}
					if err != nil {
						t.Fatal(err)
					}
					return p
				})
			})
		})
	}
}

// changing is a fake whose request changes so many files.
func changing(n int) *forge.Forge {
	f := newForge()
	f.Pull = forge.Pull{Target: "main", Head: shaA}
	for i := range n {
		f.Pull.Files = append(f.Pull.Files, forge.File{Name: fmt.Sprintf("agents/%d.py", i)})
	}
	return f
}

var _ changes.Forge = comment.Pull{}

func TestFiles_ofAllPagesAreListedRenamedOnesWithBothNames(t *testing.T) {
	t.Parallel()
	pulls(t, func(t *testing.T, _ bool, open func(http.RoundTripper, string, string) comment.Pull) {
		for _, c := range []struct {
			name string
			set  func(*forge.Forge)
		}{
			{"with links to the next page", func(*forge.Forge) {}},
			{"without links", func(f *forge.Forge) { f.NoLinks = true }},
			{"small pages", func(f *forge.Forge) { f.Max = 30 }},
			{"after an error of the server", func(f *forge.Forge) {
				failed := false
				f.Intercept = func(w http.ResponseWriter, _ *http.Request) bool {
					if failed {
						return false
					}
					failed = true
					w.WriteHeader(http.StatusBadGateway)
					return true
				}
			}},
		} {
			f := changing(250)
			f.Pull.Files[249].Old = "prompts/old name.md"
			c.set(f)
			got, err := open(f, jobToken, shaA).Files(t.Context())
			if err != nil {
				t.Errorf("%s: %v", c.name, err)
				continue
			}
			for _, want := range []string{"agents/0.py", "agents/249.py", "prompts/old name.md"} {
				if !slices.Contains(got, want) {
					t.Errorf("%s: %s is not among the %d names", c.name, want, len(got))
				}
			}
		}
	})
}

func TestFiles_whichMayNotBeAllAreAnError(t *testing.T) {
	t.Parallel()
	pulls(t, func(t *testing.T, github bool, open func(http.RoundTripper, string, string) comment.Pull) {
		most := map[bool]int{true: 3000, false: 1000}[github]
		for _, c := range []struct {
			name  string
			forge func() *forge.Forge
			token string
			want  string
		}{
			{"as many as are listed", func() *forge.Forge { return changing(most) }, jobToken, ""},
			{"one more", func() *forge.Forge { return changing(most + 1) }, jobToken, "more files than the API lists"},
			{"fewer than it says", func() *forge.Forge { f := changing(5); f.Pull.Says = 6; return f }, jobToken, "lists 5 of the 6 files"},
			{"more than it says", func() *forge.Forge { f := changing(5); f.Pull.Says = 4; return f }, jobToken, "lists 5 of the 4 files"},
			{"new commits", func() *forge.Forge { f := changing(5); f.Pull.Head = shaB; return f }, jobToken, "new commits"},
			{"no such request", newForge, jobToken, "there is no such pull or merge request"},
			{"a wrong token", func() *forge.Forge { return changing(5) }, "another-token", "invalid or expired"},
			{"no JSON", func() *forge.Forge {
				f := changing(5)
				f.Intercept = func(w http.ResponseWriter, _ *http.Request) bool { fmt.Fprint(w, "<html>"); return true }
				return f
			}, jobToken, "not from the API"},
			{"an empty answer", func() *forge.Forge {
				f := changing(5)
				f.Intercept = func(w http.ResponseWriter, _ *http.Request) bool { fmt.Fprint(w, "{}"); return true }
				return f
			}, jobToken, "does not say how many files"},
			{"a redirect", func() *forge.Forge {
				f := changing(5)
				f.Intercept = func(w http.ResponseWriter, r *http.Request) bool {
					http.Redirect(w, r, "https://elsewhere.example.com", http.StatusFound)
					return true
				}
				return f
			}, jobToken, "redirects are not followed"},
		} {
			_, err := open(c.forge(), c.token, shaA).Files(t.Context())
			if got := fmt.Sprint(err); c.want == "" && err != nil || c.want != "" && !strings.Contains(got, c.want) {
				t.Errorf("%s: %v, want %q", c.name, err, c.want)
			}
		}
	})
}

func TestContent_isThatOfTheBranch(t *testing.T) {
	t.Parallel()
	pulls(t, func(t *testing.T, _ bool, open func(http.RoundTripper, string, string) comment.Pull) {
		long := strings.Repeat("version: 1 # ü\n", 20)
		f := changing(1)
		f.Pull.Contents = map[string]string{"main:agent-gate.yaml": long, "rel/1.0:.github/agent gate.yaml": "other"}
		p := open(f, jobToken, "")
		for _, c := range []struct{ path, branch, want string }{
			{"agent-gate.yaml", "main", long},
			{".github/agent gate.yaml", "rel/1.0", "other"},
		} {
			got, err := p.Content(t.Context(), c.path, c.branch)
			if err != nil || string(got) != c.want {
				t.Errorf("%s on %s: %q, %v", c.path, c.branch, got, err)
			}
		}
		if _, err := p.Content(t.Context(), "agent-gate.yaml", "rel/1.0"); err == nil {
			t.Error("a file that is not there has a content")
		}
		if branch, err := p.Target(t.Context()); branch != "main" || err != nil {
			t.Errorf("target: %q, %v", branch, err)
		}
	})
}
