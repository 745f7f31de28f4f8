package changes_test

import (
	"context"
	"errors"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"github.com/agent-gate/agent-gate/internal/changes"
	"github.com/agent-gate/agent-gate/internal/ci/job"
	"github.com/agent-gate/agent-gate/internal/text"
)

// checkout is a clone whose remote has the branch main, on a branch of its own.
type checkout struct {
	t   *testing.T
	dir string
}

func (c checkout) git(args ...string) string {
	c.t.Helper()
	cmd := exec.CommandContext(c.t.Context(), "git", append([]string{"-c", "user.name=a", "-c", "user.email=a@b", "-c", "protocol.file.allow=always"}, args...)...)
	cmd.Dir = c.dir
	out, err := cmd.CombinedOutput()
	if err != nil {
		c.t.Fatalf("git %v: %v\n%s", args, err, out)
	}
	return strings.TrimSpace(string(out))
}

func (c checkout) write(name, content string) {
	c.t.Helper()
	path := filepath.Join(c.dir, name)
	if err := errors.Join(os.MkdirAll(filepath.Dir(path), 0o700), os.WriteFile(path, []byte(content), 0o600)); err != nil {
		c.t.Fatal(err)
	}
}

func (c checkout) commit() {
	c.t.Helper()
	c.git("add", "-A")
	c.git("commit", "-qm", "x")
}

// newCheckout makes a remote whose main has gone on since a branch with a change left it, and a clone on that branch.
func newCheckout(t *testing.T, depth ...string) checkout {
	t.Helper()
	remote := checkout{t, t.TempDir()}
	remote.git("init", "-q", "-b", "main")
	remote.write("agent-gate.yaml", "of main")
	remote.write("moved.txt", strings.Repeat("the same text\n", 20))
	remote.write("gone.txt", "1")
	remote.commit()
	remote.git("checkout", "-q", "-b", "change")
	remote.write("agent-gate.yaml", "of the change")
	remote.git("mv", "moved.txt", "new place.txt")
	remote.git("rm", "-q", "gone.txt")
	remote.write("sub/ä\n.txt", "2")
	remote.commit()
	remote.git("checkout", "-q", "main")
	remote.write("later.txt", "3")
	remote.commit()
	c := checkout{t, filepath.Join(t.TempDir(), "clone")}
	remote.git(append(append([]string{"clone", "-q", "-b", "change"}, depth...), "file://"+remote.dir, c.dir)...)
	return c
}

func pull() job.Context {
	return job.Context{Provider: job.GitHub, Kind: job.KindPull, PullNumber: 1, BaseRef: text.New("main")}
}

// theChange is what the branch changes, sorted.
var theChange = []string{"agent-gate.yaml", "gone.txt", "moved.txt", "new place.txt", "sub/ä\n.txt"}

func TestGitTellsWhatABranchChanges(t *testing.T) {
	t.Parallel()
	whole := newCheckout(t)
	merged := newCheckout(t)
	merged.git("checkout", "-q", "--detach", "origin/main")
	merged.git("merge", "-q", "-m", "m", "origin/change")
	strange := newCheckout(t)
	for _, setting := range []string{"diff.relative=true", "diff.renames=false", "diff.noprefix=true", "diff.external=false", "core.quotePath=true", "status.short=true", "color.ui=always"} {
		name, value, _ := strings.Cut(setting, "=")
		strange.git("config", name, value)
	}
	shallow := newCheckout(t, "--depth=1", "--no-single-branch")
	one := newCheckout(t, "--depth=1", "--single-branch")
	same := newCheckout(t)
	same.git("checkout", "-q", "main")
	dirty := newCheckout(t)
	dirty.write("dirty.txt", "")
	unborn := checkout{t, t.TempDir()}
	unborn.git("init", "-q")
	queue, push := pull(), pull()
	queue.Kind = job.KindQueue
	push.Kind, push.BaseRef, push.Ref = job.KindBranch, text.Untrusted{}, text.New("change")
	cases := []struct {
		name string
		in   changes.Change
		want []string
		why  string // unknown
	}{
		{name: "a branch", in: changes.Change{Dir: whole.dir, Job: pull()}, want: theChange},
		{name: "from a folder", in: changes.Change{Dir: filepath.Join(whole.dir, "sub"), Job: pull()}, want: theChange},
		{name: "the merge commit that GitHub makes", in: changes.Change{Dir: merged.dir, Job: pull()}, want: theChange},
		{name: "settings change nothing", in: changes.Change{Dir: filepath.Join(strange.dir, "sub"), Job: pull()}, want: theChange},
		{name: "what is not committed does not count", in: changes.Change{Dir: dirty.dir, Job: pull()}, want: theChange},
		{name: "a merge queue", in: changes.Change{Dir: merged.dir, Job: queue}, want: theChange},
		{name: "a push to the branch itself", in: changes.Change{Dir: whole.dir, Job: push}},
		{name: "the target itself", in: changes.Change{Dir: same.dir, Job: pull()}},
		{name: "where it left, as the CI system says", in: changes.Change{Dir: whole.dir, Left: whole.git("rev-parse", "HEAD~1")}, want: theChange},
		{name: "where it left is not in the checkout", in: changes.Change{Dir: whole.dir, Job: pull(), Left: strings.Repeat("1", 40)}, want: theChange},
		{name: "a shallow clone", in: changes.Change{Dir: shallow.dir, Job: pull()}, why: "check out the whole history"},
		{name: "a clone of one branch", in: changes.Change{Dir: one.dir, Job: pull()}, why: "the checkout has no branch origin/main"},
		{name: "a target that is not there", in: changes.Change{Dir: whole.dir, Job: job.Context{Kind: job.KindQueue, BaseRef: text.New("other")}}, why: "no branch origin/other"},
		{name: "a target that looks like an option", in: changes.Change{Dir: whole.dir, Job: job.Context{Kind: job.KindQueue, BaseRef: text.New("--output=x")}}, why: "no branch origin/--output=x"},
		{name: "no target", in: changes.Change{Dir: whole.dir}, why: "the event names no target branch"},
		{name: "no repository", in: changes.Change{Dir: t.TempDir(), Job: pull()}, why: "not a git repository"},
		{name: "no commit", in: changes.Change{Dir: unborn.dir, Job: pull()}, why: "no branch origin/main"},
		{name: "no folder", in: changes.Change{Dir: filepath.Join(whole.dir, "none"), Job: pull()}, why: "no such file"},
	}
	for _, c := range cases {
		t.Run(c.name, func(t *testing.T) {
			t.Parallel()
			got := changes.Find(t.Context(), changes.Auto, c.in)
			if c.why != "" {
				if got.Known || !strings.Contains(got.Why.Raw(), c.why) {
					t.Errorf("got %+v, want unknown: %s", got, c.why)
				}
				return
			}
			slices.Sort(got.Files)
			if !got.Known || got.Source != changes.FromGit || !slices.Equal(got.Files, c.want) {
				t.Errorf("got %+v, want %q", got, c.want)
			}
		})
	}
}

// forge is a pull request that is not on a network.
type forge struct {
	files   []string
	target  string
	content map[string]string
	err     error
}

func (f forge) Files(context.Context) ([]string, error) { return f.files, f.err }

func (f forge) Target(context.Context) (string, error) { return f.target, f.err }

func (f forge) Content(_ context.Context, path, branch string) ([]byte, error) {
	if c, ok := f.content[branch+":"+path]; ok {
		return []byte(c), f.err
	}
	return nil, errors.New("there is no " + path + " on " + branch)
}

func TestTheForgeIsAskedFirst(t *testing.T) {
	t.Parallel()
	whole, noGit := newCheckout(t), t.TempDir()
	queue, gitlab := pull(), pull()
	queue.Kind, gitlab.Provider = job.KindQueue, job.GitLab
	broken := forge{err: errors.New("answered 500")}
	cases := []struct {
		name string
		in   changes.Change
		from changes.Source
		want string // a file of the list, or why there is none
	}{
		{"GitHub", changes.Change{Dir: whole.dir, Job: pull(), Forge: forge{files: []string{" a", " a", ""}}}, changes.FromGitHub, " a"},
		{"GitLab", changes.Change{Dir: whole.dir, Job: gitlab, Forge: forge{files: []string{"b"}}}, changes.FromGitLab, "b"},
		{"an API that fails, then git", changes.Change{Dir: whole.dir, Job: pull(), Forge: broken}, changes.FromGit, "gone.txt"},
		{"no token, then git", changes.Change{Dir: whole.dir, Job: pull(), NoForge: errors.New("no token")}, changes.FromGit, "gone.txt"},
		{"a queue is several pull requests", changes.Change{Dir: whole.dir, Job: queue, Forge: forge{files: []string{"a"}}}, changes.FromGit, "gone.txt"},
		{"neither", changes.Change{Dir: noGit, Job: pull(), Forge: broken}, changes.FromGit, "answered 500; git: fatal: not a git repository"},
		{"neither, without a token", changes.Change{Dir: noGit, Job: pull(), NoForge: errors.New("no token")}, changes.FromGit, "no token; git:"},
	}
	for _, c := range cases {
		t.Run(c.name, func(t *testing.T) {
			t.Parallel()
			got := changes.Find(t.Context(), changes.Auto, c.in)
			found := slices.Contains(got.Files, c.want)
			if !got.Known {
				found = strings.Contains(got.Why.Raw(), c.want)
			}
			if got.Source != c.from || !found {
				t.Errorf("got %+v, want %s from %s", got, c.want, c.from)
			}
		})
	}
}

func TestAFileIsReadFromTheTargetBranch(t *testing.T) {
	t.Parallel()
	whole := newCheckout(t)
	one := newCheckout(t, "--depth=1", "--single-branch")
	unnamed := pull()
	unnamed.BaseRef = text.Untrusted{}
	remote := forge{target: "main", content: map[string]string{"main:agent-gate.yaml": "of the API"}}
	cases := []struct {
		name, path string
		in         changes.Change
		want, why  string
	}{
		{name: "by git", path: "agent-gate.yaml", in: changes.Change{Dir: whole.dir, Job: pull()}, want: "of main"},
		{name: "from a folder", path: "../agent-gate.yaml", in: changes.Change{Dir: filepath.Join(whole.dir, "sub"), Job: pull()}, want: "of main"},
		{name: "by an absolute path", path: filepath.Join(whole.dir, "agent-gate.yaml"), in: changes.Change{Dir: whole.dir, Job: pull()}, want: "of main"},
		{name: "else by the API", path: "agent-gate.yaml", in: changes.Change{Dir: one.dir, Job: pull(), Forge: remote}, want: "of the API"},
		{name: "the API names the branch", path: "agent-gate.yaml", in: changes.Change{Dir: whole.dir, Job: unnamed, Forge: remote}, want: "of main"},
		{name: "without git", path: "agent-gate.yaml", in: changes.Change{Dir: t.TempDir(), Job: pull(), Forge: remote}, want: "of the API"},
		{name: "new on the branch", path: "new place.txt", in: changes.Change{Dir: whole.dir, Job: pull()}, why: "git: fatal"},
		{name: "on neither", path: "none.yaml", in: changes.Change{Dir: one.dir, Job: pull(), Forge: remote}, why: "there is no none.yaml on main"},
		{name: "without a token", path: "agent-gate.yaml", in: changes.Change{Dir: one.dir, Job: pull(), NoForge: errors.New("no token")}, why: "no branch origin/main"},
		{name: "outside", path: "../other.yaml", in: changes.Change{Dir: whole.dir, Job: pull()}, why: "not in the repository"},
		{name: "no target", path: "agent-gate.yaml", in: changes.Change{Dir: whole.dir, Job: unnamed}, why: "the event names no target branch"},
	}
	for _, c := range cases {
		t.Run(c.name, func(t *testing.T) {
			t.Parallel()
			got, _, err := c.in.AtTarget(t.Context(), c.path)
			if c.why != "" {
				if err == nil || !strings.Contains(err.Error(), c.why) {
					t.Errorf("got %q, %v, want %s", got, err, c.why)
				}
				return
			}
			if err != nil || string(got) != c.want {
				t.Errorf("got %q, %v, want %q", got, err, c.want)
			}
		})
	}
}
