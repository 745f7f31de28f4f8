package release_test

import (
	"path/filepath"
	"strings"
	"testing"
)

// published is a repository with a bare remote to which versions are published.
type published struct {
	t           *testing.T
	dir, remote string
}

func newPublished(t *testing.T) *published {
	t.Helper()
	dir, _ := repository(t)
	remote := filepath.Join(t.TempDir(), "remote.git")
	git(t, dir, "init", "--quiet", "--bare", remote)
	return &published{t, dir, remote}
}

// version publishes a version, once.
func (p *published) version(version string) {
	p.t.Helper()
	if git(p.t, p.dir, "tag", "--list", "v"+version) != "" {
		return
	}
	git(p.t, p.dir, "commit", "--quiet", "--allow-empty", "--message", version)
	git(p.t, p.dir, "tag", "v"+version)
	git(p.t, p.dir, "push", "--quiet", p.remote, "v"+version)
}

// major runs the script and requires the tag v1 to be at a version afterwards; "" for
// none.
func (p *published) major(want, at string, args ...string) {
	p.t.Helper()
	out, err := script(p.t, p.dir, "major", append(args, p.remote)...)
	if err != nil {
		out = "refused: " + err.Error()
	}
	if !strings.HasPrefix(out, want) {
		p.t.Errorf("%q: got %q, want %q", args, out, want)
	}
	found := git(p.t, p.dir, "ls-remote", p.remote, "refs/tags/v1")
	wanted := ""
	if at != "" {
		wanted = strings.TrimSpace(git(p.t, p.dir, "rev-parse", "v"+at)) + "\trefs/tags/v1\n"
	}
	if found != wanted {
		p.t.Errorf("%q: got v1 at %q, want it at %q: %q", args, found, at, wanted)
	}
}

func TestTheMajorTagMovesOnlyForward(t *testing.T) {
	t.Parallel()
	p := newPublished(t)
	for _, step := range []struct{ version, want, at string }{
		{"1.0.0", "moved", "1.0.0"},
		{"1.9.0", "moved", "1.9.0"},
		{"1.10.0", "moved", "1.10.0"},                 // numbers, not text
		{"1.9.1", "kept: v1 is at v1.10.0", "1.10.0"}, // a fix for an older minor
		{"2.0.0", "refused", "1.10.0"},
		{"1.11.0-rc.1", "refused", "1.10.0"},
		{"1.10.1", "moved", "1.10.1"},
		{"1.10.1", "moved", "1.10.1"}, // run again
	} {
		p.version(step.version)
		p.major(step.want, step.at, "v1", step.version)
	}
}

func TestAVersionThatWasNotUsableIsNoObstacle(t *testing.T) {
	t.Parallel()
	p := newPublished(t)
	p.version("1.2.0")
	p.major("moved", "1.2.0", "v1", "1.2.0")
	p.version("1.3.0") // published, and then verify failed
	p.version("1.2.1")
	p.major("moved", "1.2.1", "v1", "1.2.1")
	p.major("moved", "1.3.0", "v1", "1.3.0") // its job was run again
}

func TestTheMajorTagGoesBackOnlyOnDemand(t *testing.T) {
	t.Parallel()
	p := newPublished(t)
	for _, version := range []string{"1.2.0", "1.3.0"} {
		p.version(version)
		p.major("moved", version, "v1", version)
	}
	p.major("kept", "1.3.0", "v1", "1.2.0")
	p.major("moved", "1.2.0", "--back", "v1", "1.2.0")
	p.major("moved", "1.2.0", "--back", "v1", "1.2.0") // run again
	p.version("1.2.1")                                 // continues from there
	p.major("moved", "1.2.1", "v1", "1.2.1")
	p.major("moved", "1.3.0", "--back", "v1", "1.3.0") // it was fine after all
	p.version("2.0.0")
	for _, version := range []string{"1.1.0", "2.0.0", "1.3", "1.3.0-rc.1", ""} {
		p.major("refused", "1.3.0", "--back", "v1", version)
	}
}

func TestAMajorTagThatIsAtNoVersionIsNotGuessedAbout(t *testing.T) {
	t.Parallel()
	p := newPublished(t)
	p.version("1.2.0")
	git(t, p.dir, "push", "--quiet", p.remote, "main^{commit}:refs/tags/v1")
	p.major("moved", "1.2.0", "v1", "1.2.0") // the same commit
	git(t, p.dir, "commit", "--quiet", "--allow-empty", "--message", "other")
	git(t, p.dir, "push", "--quiet", "--force", p.remote, "main^{commit}:refs/tags/v1")
	if out, err := script(t, p.dir, "major", "v1", "1.2.0", p.remote); err == nil {
		t.Errorf("got %q, want a refusal", out)
	}
	p.major("moved", "1.2.0", "--back", "v1", "1.2.0")
}

func TestAMajorTagWithAMessageMovesToo(t *testing.T) {
	t.Parallel()
	p := newPublished(t)
	p.version("1.2.0")
	git(t, p.dir, "tag", "--annotate", "--message", "one", "v1", "v1.2.0")
	git(t, p.dir, "push", "--quiet", p.remote, "v1")
	p.version("1.1.9")
	if out, err := script(t, p.dir, "major", "v1", "1.1.9", p.remote); err != nil || out != "kept: v1 is at v1.2.0\n" {
		t.Errorf("got %q (%v), want it kept", out, err)
	}
	p.version("1.2.1")
	p.major("moved", "1.2.1", "v1", "1.2.1")
}

// TestTheMajorTagIsNotTakenFromAnother: two concurrent releases do not undo each other.
func TestTheMajorTagIsNotTakenFromAnother(t *testing.T) {
	t.Parallel()
	p := newPublished(t)
	for _, version := range []string{"1.2.0", "1.2.1", "1.2.2"} {
		p.version(version)
	}
	p.major("moved", "1.2.0", "v1", "1.2.0")
	// Another release moves it between the read and the push.
	real := strings.TrimSpace(run(t, "sh", "-c", "command -v git"))
	path := tool(t, "git", `if [ "$1" = push ]; then "`+real+`" push --quiet --force "`+p.remote+`" "v1.2.2^{commit}:refs/tags/v1"; fi; exec "`+real+`" "$@"`)
	if out, err := scriptWith(t, []string{path}, p.dir, "major", "v1", "1.2.1", p.remote); err == nil {
		t.Errorf("got %q, want a refusal", out)
	}
	p.major("kept", "1.2.2", "v1", "1.2.1")
}

func TestNewer(t *testing.T) {
	t.Parallel()
	for _, tc := range []struct{ version, than, want string }{
		{"1.2.3", "", "true\n"},
		{"1.2.3", "v1.2.2", "true\n"},
		{"1.10.0", "v1.9.9", "true\n"},
		{"v2.0.0", "1.99.99", "true\n"},
		{"1.2.3", "v1.2.3", "false\n"},
		{"1.2.4", "v1.3.0", "false\n"},
		{"1.9.1", "v2.0.0", "false\n"},
		{"1.2.3-rc.1", "v1.2.2", ""},
		{"1.2.3", "nightly", ""},
		{"", "", ""},
	} {
		t.Run(tc.version+" than "+tc.than, func(t *testing.T) {
			t.Parallel()
			got, err := script(t, source(t), "newer", tc.version, tc.than)
			if got != tc.want || (err == nil) != (tc.want != "") {
				t.Errorf("got %q (%v), want %q", got, err, tc.want)
			}
		})
	}
}
