package release_test

import (
	"crypto/sha256"
	"fmt"
	"path/filepath"
	"strings"
	"testing"
)

// TestATagIsChecked: main has moved on to 1.3, and the branches of older minors have
// fixes.
func TestATagIsChecked(t *testing.T) {
	t.Parallel()
	dir, sums := repository(t)
	commit := func(branch, from, changelog string) {
		git(t, dir, "checkout", "--quiet", "-B", branch, from)
		write(t, filepath.Join(dir, "CHANGELOG.md"), changelog)
		git(t, dir, "add", "CHANGELOG.md")
		git(t, dir, "commit", "--quiet", "--message", "changelog")
		git(t, dir, "tag", "at-"+branch)
	}
	commit("old", "main", "## [1.2.3]\n\n- all\n")
	commit("new", "old", "## [1.3.0]\n\n- more\n\n## [1.2.3]\n\n- all\n")
	commit("release-1.2", "old", "## [1.2.4]\n\n- a fix\n\n## [1.3.1]\n\n- x\n\n## [1.2.5]\n\n## [1.2.3]\n\n- all\n")
	commit("release-1.1", "old", "## [1.1.1]\n\n- a fix\n")
	commit("feature", "new", "## [1.4.0]\n\n- not merged\n")
	origin := filepath.Join(t.TempDir(), "origin.git")
	git(t, dir, "init", "--quiet", "--bare", origin)
	git(t, dir, "remote", "add", "origin", origin)
	git(t, dir, "push", "--quiet", "origin", "new:main", "release-1.2", "release-1.1")
	// 1.2.3 is released from the commit old.
	git(t, dir, "checkout", "--quiet", "at-old")
	if _, err := script(t, dir, "commit", "1.2.3", digest, sums); err != nil {
		t.Fatal(err)
	}

	for _, tc := range []struct{ name, tag, commit, want, refusal string }{
		{name: "main", tag: "release/v1.3.0", commit: "at-new", want: "version=1.3.0\nmajor=v1\nprerelease=false\n"},
		{name: "a fix of an older minor", tag: "release/v1.2.4", commit: "at-release-1.2", want: "version=1.2.4\nmajor=v1\nprerelease=false\n"},
		{name: "run again", tag: "release/v1.2.3", commit: "at-old", want: "version=1.2.3\nmajor=v1\nprerelease=false\n"},
		{name: "another minor than the branch's", tag: "release/v1.3.1", commit: "at-release-1.2", refusal: "neither on main nor on release-1.3 of origin"},
		{name: "the branch of another minor", tag: "release/v1.1.1", commit: "at-release-1.2", refusal: "neither on main nor on release-1.1"},
		{name: "not merged", tag: "release/v1.4.0", commit: "at-feature", refusal: "neither on main nor on release-1.4"},
		{name: "no section in the changelog", tag: "release/v1.3.1", commit: "at-new", refusal: "the changelog has no section"},
		{name: "an empty section", tag: "release/v1.2.5", commit: "at-release-1.2", refusal: "the changelog has no section"},
		{name: "a prerelease without a section", tag: "release/v1.3.0-rc.1", commit: "at-new", refusal: "the changelog has no section"},
		{name: "released from another commit", tag: "release/v1.2.3", commit: "at-new", refusal: "1.2.3 is released already"},
		{name: "no tag of a release", tag: "v1.3.0", commit: "at-new", refusal: "not a tag that starts a release"},
		{name: "no such commit", tag: "release/v1.3.0", commit: "nowhere", refusal: "there is no such commit"},
	} {
		t.Run(tc.name, func(t *testing.T) {
			t.Parallel()
			got, err := script(t, dir, "check-tag", tc.tag, tc.commit)
			if tc.refusal != "" && (err == nil || !strings.Contains(err.Error(), tc.refusal)) {
				t.Errorf("got %q (%v), want a refusal: %s", got, err, tc.refusal)
			}
			if got != tc.want || tc.refusal == "" && err != nil {
				t.Errorf("got %q (%v), want %q", got, err, tc.want)
			}
		})
	}
}

// TestAReleaseThatIsRunAgainKeepsItsImage: a builder that makes a different image from
// the same source must not block the version.
func TestAReleaseThatIsRunAgainKeepsItsImage(t *testing.T) {
	t.Parallel()
	dir, sums := repository(t)
	remote := filepath.Join(t.TempDir(), "remote.git")
	git(t, dir, "init", "--quiet", "--bare", remote)
	if got, err := script(t, dir, "digest", "v1.2.3", remote); got != "" || err != nil {
		t.Errorf("got %q (%v) before the release, want nothing", got, err)
	}
	first, err := script(t, dir, "commit", "1.2.3", digest, sums)
	if err != nil {
		t.Fatal(err)
	}
	git(t, dir, "push", "--quiet", remote, "v1.2.3", "main", "v1.2.3^{commit}:refs/tags/v1")

	again := t.TempDir()
	git(t, again, "clone", "--quiet", "--branch", "main", "--single-branch", "--no-tags", "file://"+remote, ".")
	for _, tag := range []string{"v1.2.3", "v1"} {
		if got, err := script(t, again, "digest", tag, "origin"); got != digest+"\n" || err != nil {
			t.Errorf("%s: got %q (%v), want %s", tag, got, err, digest)
		}
	}
	git(t, again, "fetch", "--quiet", "--tags")
	if got, err := script(t, again, "commit", "1.2.3", digest, sums); got != first || err != nil {
		t.Errorf("got %q (%v), want the commit again: %q", got, err, first)
	}

	git(t, dir, "push", "--quiet", remote, "main:refs/tags/v1.2.4") // by hand
	if got, err := script(t, again, "digest", "v1.2.4"); err == nil {
		t.Errorf("got %q of a tag without an image, want a refusal", got)
	}
	if got, err := script(t, again, "digest", "v1.2.3", filepath.Join(remote, "nowhere")); err == nil {
		t.Errorf("got %q of a remote that is not there, want a refusal", got)
	}
}

func TestADryRunLeavesNoTag(t *testing.T) {
	t.Parallel()
	for _, tc := range []struct {
		name, program  string
		options        []string
		tagged, failed bool
	}{
		{name: "dry run", options: []string{"--dry-run"}},
		{name: "dry run that fails", program: "; exit 3", options: []string{"--dry-run"}, failed: true},
		{name: "release"},
		{name: "with a tag of one's own", tagged: true, options: []string{"--dry-run"}},
	} {
		t.Run(tc.name, func(t *testing.T) {
			t.Parallel()
			dir, _ := repository(t)
			want := ""
			if tc.tagged {
				git(t, dir, "tag", "v1.2.3")
				want = "v1.2.3\n"
			}
			path := tool(t, "go", "git tag --list"+tc.program)
			during, err := scriptWith(t, []string{path}, dir, "build", append([]string{"1.2.3"}, tc.options...)...)
			if during != "v1.2.3\n" || (err != nil) != tc.failed {
				t.Errorf("got tags %q while it builds (%v), want v1.2.3", during, err)
			}
			if got := git(t, dir, "tag", "--list"); got != want {
				t.Errorf("got tags %q after it, want %q", got, want)
			}
		})
	}
}

func TestTheProvenanceOfEverythingIsVerified(t *testing.T) {
	t.Parallel()
	const archive, document = "agent-gate_1.2.3_linux_amd64.tar.gz", "agent-gate_1.2.3_linux_amd64.cdx.json"
	for _, tc := range []struct {
		name, gh, refusal string
		spoil             func(dist string)
	}{
		{name: "all is well"},
		{name: "a file is not of the workflow", gh: `case "$3" in *` + document + `) exit 1 ;; esac`, refusal: "exit status"},
		{name: "the checksums are not", gh: `case "$3" in */checksums.txt) exit 1 ;; esac`, refusal: "exit status"},
		{name: "the image is not", gh: `case "$3" in oci:*) exit 1 ;; esac`, refusal: "exit status"},
		{name: "a file was changed", spoil: func(dist string) { write(t, filepath.Join(dist, archive), "other") }, refusal: "did NOT match"},
		{name: "a file too many", spoil: func(dist string) { write(t, filepath.Join(dist, "agent-gate_x"), "other") }, refusal: "agent-gate_x is not in checksums.txt"},
	} {
		t.Run(tc.name, func(t *testing.T) {
			t.Parallel()
			dist := t.TempDir()
			write(t, filepath.Join(dist, archive), "archive")
			write(t, filepath.Join(dist, document), "document")
			write(t, filepath.Join(dist, "checksums.txt.sigstore.json"), "{}")
			write(t, filepath.Join(dist, "checksums.txt"), fmt.Sprintf("%x  %s\n%x  %s\n",
				sha256.Sum256([]byte("archive")), archive, sha256.Sum256([]byte("document")), document))
			if tc.spoil != nil {
				tc.spoil(dist)
			}
			got, err := scriptWith(t, []string{tool(t, "gh", `echo "$@"; `+tc.gh)}, source(t), "verify", "1.2.3", dist, digest)
			if tc.refusal != "" {
				if err == nil || !strings.Contains(err.Error(), tc.refusal) {
					t.Errorf("got %q (%v), want a refusal: %s", got, err, tc.refusal)
				}
				return
			}
			if err != nil {
				t.Fatal(err)
			}
			var want strings.Builder
			for _, subject := range []string{filepath.Join(dist, archive), filepath.Join(dist, document), filepath.Join(dist, "checksums.txt"), "oci://ghcr.io/agent-gate/agent-gate@" + digest} {
				want.WriteString("attestation verify " + subject + " --repo agent-gate/agent-gate" +
					" --signer-workflow agent-gate/agent-gate/.github/workflows/release.yml" +
					" --source-ref refs/tags/release/v1.2.3 --deny-self-hosted-runners\n")
			}
			want.WriteString("the provenance of 1.2.3 is verified: 2 files, their checksums, the image\n")
			if got != want.String() {
				t.Errorf("got\n%swant\n%s", got, want.String())
			}
		})
	}
}
