// Package release_test runs the release scripts in .ci/release, in temporary repositories.
package release_test

import (
	"errors"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"runtime"
	"slices"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
)

const digest = "sha256:0123456789abcdef0123456789abcdef0123456789abcdef0123456789abcdef"

var checksums = strings.Repeat("a", 64) + "  agent-gate_1.2.3_linux_amd64.tar.gz\n" +
	strings.Repeat("b", 64) + "  agent-gate_1.2.3_windows_arm64.zip\n"

func TestVersionOfATag(t *testing.T) {
	t.Parallel()
	for _, tc := range []struct{ tag, want string }{
		{"release/v1.2.3", "version=1.2.3\nmajor=v1\nprerelease=false\n"},
		{"release/v0.1.0", "version=0.1.0\nmajor=v0\nprerelease=false\n"},
		{"release/v10.20.30", "version=10.20.30\nmajor=v10\nprerelease=false\n"},
		{"release/v1.2.3-rc.1", "version=1.2.3-rc.1\nmajor=v1\nprerelease=true\n"},
		{"release/v1.2", ""},
		{"release/1.2.3", ""},
		{"v1.2.3", ""},
		{"release/v01.2.3", ""},
		{"release/v1.2.3-", ""},
		{"release/v1.2.3-a..b", ""},
		{"release/v1.2.3+build", ""},
		{"release/v1.2.3;id", ""},
		{"release/v1.2.3\nversion=9.9.9", ""},
		{"", ""},
	} {
		t.Run(tc.tag, func(t *testing.T) {
			t.Parallel()
			got, err := script(t, source(t), "version", tc.tag)
			if tc.want == "" && err == nil {
				t.Errorf("got %q, want a refusal", got)
			}
			if tc.want != "" && got != tc.want {
				t.Errorf("got %q (%v), want %q", got, err, tc.want)
			}
		})
	}
}

func TestNotesAreTheSectionOfTheChangelog(t *testing.T) {
	t.Parallel()
	changelog := filepath.Join(t.TempDir(), "CHANGELOG.md")
	write(t, changelog, "# Changelog\n\n## [Unreleased]\n\n- later\n\n## [1.2.3] - 2027-01-02\n\n### Added\n\n- this\n\n"+
		"## [1.2.2] - 2027-01-01\n\n- before\n\n## [1.2.1]\n\n## [1.2.0]\n\n- first\n\n[1.2.0]: https://example.com\n")
	for _, tc := range []struct{ version, want string }{
		{"1.2.3", "### Added\n\n- this\n"},
		{"1.2.2", "- before\n"},
		{"1.2.0", "- first\n"},
		{"1.2.1", ""}, // nothing in it
		{"1.2", ""},
		{"1.2.3-rc.1", ""},
		{"9.9.9", ""},
	} {
		t.Run(tc.version, func(t *testing.T) {
			t.Parallel()
			got, err := script(t, source(t), "notes", tc.version, changelog)
			if tc.want == "" && err == nil {
				t.Errorf("got %q, want a refusal", got)
			}
			if tc.want != "" && got != tc.want {
				t.Errorf("got %q (%v), want %q", got, err, tc.want)
			}
		})
	}
}

func TestPinChangesOneLineOfTheActionAndOneOfTheComponent(t *testing.T) {
	t.Parallel()
	dir, sums := tree(t)
	want := map[string]string{}
	for name, line := range map[string][2]string{
		"action.yml":         {"  image: 'Dockerfile'\n", "  image: 'docker://ghcr.io/agent-gate/agent-gate@" + digest + "'\n"},
		"templates/gate.yml": {"      default: ghcr.io/agent-gate/agent-gate:1\n", "      default: ghcr.io/agent-gate/agent-gate@" + digest + "\n"},
	} {
		before := read(t, filepath.Join(dir, name))
		if want[name] = strings.Replace(before, line[0], line[1], 1); want[name] == before {
			t.Fatalf("%s has no line %q", name, line[0])
		}
	}
	if _, err := script(t, source(t), "pin", digest, sums, dir); err != nil {
		t.Fatal(err)
	}
	for name, content := range want {
		if diff := cmp.Diff(content, read(t, filepath.Join(dir, name))); diff != "" {
			t.Errorf("%s (-want +got):\n%s", name, diff)
		}
	}
	if got := read(t, filepath.Join(dir, "setup", "checksums.txt")); got != checksums {
		t.Errorf("got checksums %q, want %q", got, checksums)
	}
}

func TestPinRefusesWhatIsNotOfARelease(t *testing.T) {
	t.Parallel()
	for _, tc := range []struct{ name, digest, checksums, action, template string }{
		{name: "a tag", digest: "latest"},
		{name: "a digest that is too short", digest: digest[:70]},
		{name: "a digest with a tail", digest: digest + "'\n  pre-entrypoint: 'sh"},
		{name: "no checksums", checksums: "\n"},
		{name: "a page instead of checksums", checksums: checksums + "<html>\n"},
		{name: "checksums of other files", checksums: strings.ReplaceAll(checksums, "agent-gate_", "../agent-gate_")},
		{name: "an action that has an image already", action: "runs:\n  image: 'docker://x'\n"},
		{name: "a component that names an image already", template: "      default: ghcr.io/agent-gate/agent-gate@" + digest + "\n"},
		{name: "an action with two images", action: "  image: 'Dockerfile'\n  image: 'Dockerfile'\n"},
	} {
		t.Run(tc.name, func(t *testing.T) {
			t.Parallel()
			dir, sums := tree(t)
			if tc.digest == "" {
				tc.digest = digest
			}
			if tc.checksums != "" {
				write(t, sums, tc.checksums)
			}
			if tc.action != "" {
				write(t, filepath.Join(dir, "action.yml"), tc.action)
			}
			if tc.template != "" {
				write(t, filepath.Join(dir, "templates", "gate.yml"), tc.template)
			}
			before := read(t, filepath.Join(dir, "action.yml"))
			if out, err := script(t, source(t), "pin", tc.digest, sums, dir); err == nil {
				t.Errorf("got %q, want a refusal", out)
			}
			if got := read(t, filepath.Join(dir, "action.yml")); got != before {
				t.Errorf("action.yml was changed to:\n%s", got)
			}
		})
	}
}

func TestCommitOfARelease(t *testing.T) {
	t.Parallel()
	dir, sums := repository(t)
	main := git(t, dir, "rev-parse", "main")
	first, err := script(t, dir, "commit", "1.2.3", digest, sums)
	if err != nil {
		t.Fatal(err)
	}
	if got := git(t, dir, "rev-parse", "v1.2.3"); got != first {
		t.Errorf("got the tag at %s, want %s", got, first)
	}
	if got := git(t, dir, "rev-parse", "main", "v1.2.3^"); got != main+main {
		t.Errorf("got main and the parent of the release %q, want both %s", got, main)
	}
	if got, want := git(t, dir, "diff", "--name-only", "main", "v1.2.3"), "action.yml\nsetup/checksums.txt\ntemplates/gate.yml\n"; got != want {
		t.Errorf("got changes of %q, want %q", got, want)
	}

	git(t, dir, "checkout", "--quiet", "main")
	again, err := script(t, dir, "commit", "1.2.3", digest, sums)
	if err != nil || again != first {
		t.Errorf("got %q (%v) when run again, want the same commit %q", again, err, first)
	}

	git(t, dir, "checkout", "--quiet", "main")
	other := strings.ReplaceAll(digest, "0", "f")
	if out, err := script(t, dir, "commit", "1.2.3", other, sums); err == nil {
		t.Errorf("got %q for another image of the same release, want a refusal", out)
	}
	if got := git(t, dir, "rev-parse", "v1.2.3"); got != first {
		t.Errorf("got the tag at %s, want it to stay at %s", got, first)
	}
}

// source is the root of the project.
func source(t *testing.T) string {
	t.Helper()
	dir, err := filepath.Abs(filepath.Join("..", ".."))
	if err != nil {
		t.Fatal(err)
	}
	return dir
}

// tree returns the files that a release changes.
func tree(t *testing.T) (dir, sums string) {
	t.Helper()
	dir = t.TempDir()
	// The test also runs on the commit of a release.
	for name, line := range map[string][2]string{
		"action.yml":         {"  image: ", "'Dockerfile'"},
		"templates/gate.yml": {"      default: ghcr.io/agent-gate/agent-gate", ":1"},
	} {
		lines := strings.Split(read(t, filepath.Join(source(t), name)), "\n")
		i := slices.IndexFunc(lines, func(l string) bool { return strings.HasPrefix(l, line[0]) })
		lines[i] = line[0] + line[1]
		write(t, filepath.Join(dir, name), strings.Join(lines, "\n"))
	}
	write(t, filepath.Join(dir, "setup", "action.yml"), "name: setup\n")
	sums = filepath.Join(t.TempDir(), "checksums.txt")
	write(t, sums, checksums)
	return dir, sums
}

// repository is a repository with these files and the scripts.
func repository(t *testing.T) (dir, sums string) {
	t.Helper()
	dir, sums = tree(t)
	if err := os.CopyFS(filepath.Join(dir, ".ci", "release"), os.DirFS(filepath.Join(source(t), ".ci", "release"))); err != nil {
		t.Fatal(err)
	}
	git(t, dir, "init", "--quiet", "--initial-branch=main")
	git(t, dir, "add", "--all")
	git(t, dir, "commit", "--quiet", "--message", "work")
	return dir, sums
}

func environment() []string {
	return append(os.Environ(), "GIT_CONFIG_GLOBAL="+os.DevNull, "GIT_CONFIG_SYSTEM="+os.DevNull,
		"GIT_AUTHOR_NAME=test", "GIT_AUTHOR_EMAIL=test@example.com",
		"GIT_COMMITTER_NAME=test", "GIT_COMMITTER_EMAIL=test@example.com")
}

// tool is a folder with one script, to be put first on the path.
func tool(t *testing.T, name, script string) string {
	t.Helper()
	dir := t.TempDir()
	write(t, filepath.Join(dir, name), "#!/bin/sh\n"+script+"\n")
	if err := os.Chmod(filepath.Join(dir, name), 0o755); err != nil {
		t.Fatal(err)
	}
	return "PATH=" + dir + string(filepath.ListSeparator) + os.Getenv("PATH")
}

func git(t *testing.T, dir string, args ...string) string {
	t.Helper()
	return run(t, "git", append([]string{"-C", dir}, args...)...)
}

// run runs a program that must succeed, and returns its output.
func run(t *testing.T, name string, args ...string) string {
	t.Helper()
	c := exec.CommandContext(t.Context(), name, args...)
	c.Env = environment()
	out, err := c.CombinedOutput()
	if err != nil {
		t.Fatalf("%s %s: %v\n%s", name, strings.Join(args, " "), err, out)
	}
	return string(out)
}

// script runs a script of .ci/release below dir, and returns its output.
func script(t *testing.T, dir, name string, args ...string) (string, error) {
	t.Helper()
	return scriptWith(t, nil, dir, name, args...)
}

// scriptWith is script with more variables.
func scriptWith(t *testing.T, env []string, dir, name string, args ...string) (string, error) {
	t.Helper()
	if runtime.GOOS != "linux" {
		t.Skip("releases are made on Linux")
	}
	c := exec.CommandContext(t.Context(), filepath.Join(dir, ".ci", "release", name), args...)
	c.Env = append(environment(), env...)
	out, err := c.Output()
	if exit, ok := errors.AsType[*exec.ExitError](err); ok {
		err = fmt.Errorf("%w: %s", err, exit.Stderr)
	}
	return string(out), err
}

func read(t *testing.T, path string) string {
	t.Helper()
	content, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	return string(content)
}

func write(t *testing.T, path, content string) {
	t.Helper()
	if err := os.MkdirAll(filepath.Dir(path), 0o755); err != nil {
		t.Fatal(err)
	}
	if err := os.WriteFile(path, []byte(content), 0o644); err != nil {
		t.Fatal(err)
	}
}
