// Package setup_test runs setup/install.sh, the script of the setup action, as GitHub's
// runner does, against releases on a test server.
package setup_test

import (
	"flag"
	"fmt"
	"net/http"
	"os"
	"path/filepath"
	"runtime"
	"slices"
	"strings"
	"testing"
)

// dist is a folder with the archives of a dry run of the release, to install for real.
var dist = flag.String("dist", "", "folder that .ci/release/build made")

// version is the release that the server has.
const version = "1.2.3"

// TestMain lets the test binary serve as the program in the archives (see program).
func TestMain(m *testing.M) {
	if len(os.Args) == 2 && os.Args[1] == "version" {
		platform := os.Getenv("FAKE_PLATFORM")
		if platform == "" {
			platform = runtime.GOOS + "/" + runtime.GOARCH
		}
		fmt.Printf("agent-gate %s (go, %s)\n", version, platform)
		return
	}
	os.Exit(m.Run())
}

func TestTheReleaseOfTheActionIsInstalled(t *testing.T) {
	t.Parallel()
	r := newRunner(t)
	r.pinned(r.checksums())
	r.install()
	r.wantInstalled()
	r.wantLog("SHA-256: as in the checksums that came with this action")
	if got, want := r.requests(), []string{"/v1.2.3/" + r.archive}; !slices.Equal(got, want) {
		t.Errorf("got requests %q, want only the archive: %q", got, want)
	}
}

func TestAnotherReleaseIsInstalled(t *testing.T) {
	t.Parallel()
	for _, given := range []string{"1.2.3", "v1.2.3"} {
		t.Run(given, func(t *testing.T) {
			t.Parallel()
			r := newRunner(t)
			r.pinned(strings.Repeat("0", 64) + "  agent-gate_9.9.9_linux_amd64.tar.gz\n")
			r.env["AGENT_GATE_SETUP_VERSION"] = given
			r.install()
			r.wantInstalled()
			r.wantLog("SHA-256: as in the checksums that were published with it")
		})
	}
}

func TestWhatIsWrongIsNotInstalled(t *testing.T) {
	t.Parallel()
	for _, tc := range []struct {
		name  string
		spoil func(*runner)
		want  string
	}{
		{"an archive that was changed", func(r *runner) {
			r.files["/v1.2.3/"+r.archive] = append(r.files["/v1.2.3/"+r.archive], 0)
		}, "its SHA-256 differs"},
		{"an archive that was cut short", func(r *runner) {
			whole := r.files["/v1.2.3/"+r.archive]
			r.files["/v1.2.3/"+r.archive] = whole[:len(whole)/2]
		}, "its SHA-256 differs"},
		{"a connection that broke", func(r *runner) { r.breaks = true }, "cannot be downloaded"},
		{"no archive", func(r *runner) { delete(r.files, "/v1.2.3/"+r.archive) }, "cannot be downloaded"},
		{"no checksums", func(r *runner) { delete(r.files, "/v1.2.3/checksums.txt") }, "is there such a release?"},
		{"checksums of other files", func(r *runner) {
			r.files["/v1.2.3/checksums.txt"] = []byte(strings.ReplaceAll(r.checksums(), r.archive, "x"+r.archive))
		}, "has no checksum of"},
		{"two checksums for one file", func(r *runner) {
			r.files["/v1.2.3/checksums.txt"] = []byte(r.checksums() + strings.Repeat("0", 64) + "  " + r.archive + "\n")
		}, "has no checksum of"},
		{"a checksum that is none", func(r *runner) {
			r.files["/v1.2.3/checksums.txt"] = []byte("abc  " + r.archive + "\n")
		}, "has no checksum of"},
		{"a page instead of checksums", func(r *runner) {
			r.files["/v1.2.3/checksums.txt"] = []byte("<html>please log in</html>")
		}, "has no checksum of"},
		{"a program for another platform", func(r *runner) { r.env["FAKE_PLATFORM"] = "plan9/mips" }, "is another one"},
		{"something that is no program", func(r *runner) { r.release([]byte("\x7fELF but not really")) }, "does not run here"},
		{"an archive without the program", func(r *runner) { r.releaseAs("other", []byte("x")) }, "there is no program"},
		{"another version than asked for", func(r *runner) {
			for path, content := range r.files {
				r.files[strings.ReplaceAll(path, "1.2.3", "1.2.4")] = content
			}
			r.files["/v1.2.4/checksums.txt"] = []byte(strings.ReplaceAll(r.checksums(), "1.2.3", "1.2.4"))
			r.env["AGENT_GATE_SETUP_VERSION"] = "1.2.4"
		}, "is another one"},
		{"a system without releases", func(r *runner) { r.env["RUNNER_OS"] = "Plan9" }, "no release for the system"},
		{"a processor without releases", func(r *runner) { r.env["RUNNER_ARCH"] = "ARM" }, "no release for the processor"},
		{"no version, and no release of the action", func(r *runner) { r.env["AGENT_GATE_SETUP_VERSION"] = "" }, "give the input version"},
		{"a mistyped policy", func(r *runner) { r.env["AGENT_GATE_SETUP_VERIFY"] = "requir" }, "not one of auto, require and skip"},
		{"an address that is none", func(r *runner) { r.env["AGENT_GATE_SETUP_DOWNLOAD_URL"] = "file:///etc" }, "not an address"},
		{"an address without encryption", func(r *runner) {
			r.env["AGENT_GATE_SETUP_DOWNLOAD_URL"] = "http://mirror.example"
		}, "begins with http://, which is only for a server on the runner itself"},
		{"an address that only looks like the runner's", func(r *runner) {
			r.env["AGENT_GATE_SETUP_DOWNLOAD_URL"] = "http://localhost.example"
		}, "begins with http://, which is only for a server on the runner itself"},
	} {
		t.Run(tc.name, func(t *testing.T) {
			t.Parallel()
			r := newRunner(t)
			r.env["AGENT_GATE_SETUP_VERSION"] = version
			tc.spoil(r)
			r.install()
			r.wantRefused(tc.want)
		})
	}
}

func TestAnArchiveThatIsNotOfTheActionsReleaseIsRefused(t *testing.T) {
	t.Parallel()
	r := newRunner(t)
	r.pinned(strings.Repeat("0", 64) + "  " + r.archive + "\n" + r.linuxLine())
	// The server's own checksum does not count.
	r.install()
	r.wantRefused("its SHA-256 differs")
}

func TestAVersionIsNotCode(t *testing.T) {
	t.Parallel()
	for _, given := range []string{
		"latest", "1.2", "1.2.3.4", "1.2.3-", "1.2.3 ", " 1.2.3", "-1.2.3", "1.2.3-a..b", "01234567890.0.0",
		"1.2.3;touch pwned", "$(touch pwned)", "`touch pwned`", "1.2.3$(touch pwned)", "a[$(touch pwned)]",
		"../../1.2.3", "1.2.3/../9.9.9", "1.2.3?x=", "1.2.3%2f", "1.2.3\n1.2.4", "1.2.3\n::add-path::/tmp",
		"--help", "\"", "'", "1.2.3\\", "１.2.3",
	} {
		t.Run(given, func(t *testing.T) {
			t.Parallel()
			r := newRunner(t)
			r.env["AGENT_GATE_SETUP_VERSION"] = given
			r.install()
			r.wantRefused("the input version is not a version")
			if got := r.requests(); len(got) > 0 {
				t.Errorf("got requests %q, want none", got)
			}
			if _, err := os.Stat(filepath.Join(r.dir, "pwned")); err == nil {
				t.Error("a part of the version was run")
			}
			if len(given) > len(" 1.2.3") && strings.Contains(r.log, given) {
				t.Errorf("the log repeats the version:\n%s", r.log)
			}
		})
	}
}

func TestTheCache(t *testing.T) {
	t.Parallel()
	r := newRunner(t)
	r.pinned(r.checksums())
	r.install()
	r.wantInstalled()

	r.install()
	r.wantInstalled()
	r.wantLog("from the cache of the runner")
	if got := r.requests(); len(got) != 1 {
		t.Errorf("got requests %q, want the archive only once", got)
	}

	cached := filepath.Join(r.env["RUNNER_TOOL_CACHE"], "agent-gate", r.archive)
	if err := os.WriteFile(cached, []byte("something else"), 0o600); err != nil {
		t.Fatal(err)
	}
	r.install()
	r.wantInstalled()
	if got := r.requests(); len(got) != 2 {
		t.Errorf("got requests %q, want the archive again after a change of the cache", got)
	}
	if got, err := os.ReadFile(cached); err != nil || string(got) == "something else" {
		t.Errorf("got %q (%v) in the cache, want the archive again", got, err)
	}
}

func TestProvenance(t *testing.T) {
	t.Parallel()
	const help = `if [ "$3" = --help ]; then echo '--source-ref string'; exit 0; fi; echo "$@" >>gh-calls; echo "$GH_TOKEN" >>gh-tokens; `
	const other = "https://ghe.example"
	for _, tc := range []struct {
		name, gh, verify, token, job, server, log string
		refused                                   bool
		sent                                      string // the token that gh gets
	}{
		{name: "verified", gh: help + "exit 0", job: "j", log: "provenance: verified", sent: "j"},
		{name: "verified as required", gh: help + "exit 0", verify: "require", job: "j", log: "provenance: verified", sent: "j"},
		{name: "verified with another token", gh: help + "exit 0", token: "t", job: "j", log: "provenance: verified", sent: "t"},
		{name: "refused", gh: help + "echo '::set-env name=X::y'; exit 1", job: "j", refused: true, log: "cannot be verified. Nothing was installed.", sent: "j"},
		{name: "refused on demand", gh: help + "exit 1", verify: "require", job: "j", refused: true, log: "cannot be verified. Nothing was installed.", sent: "j"},
		{name: "not wanted", gh: help + "exit 1", verify: "skip", job: "j", log: "provenance: not verified (verify: skip)"},
		{name: "no token", gh: help + "exit 1", log: "the provenance was not verified: there is no token"},
		{name: "no token but required", gh: help + "exit 1", verify: "require", refused: true, log: "cannot be verified: there is no token"},
		{name: "too old", gh: "exit 1", job: "j", log: "the provenance was not verified: the GitHub CLI (gh) is too old"},
		{name: "too old but required", gh: "exit 1", verify: "require", job: "j", refused: true, log: "too old"},
		{name: "another server", gh: help + "exit 0", job: "j", server: other, log: "the provenance was not verified: the job's token is not one of github.com"},
		{name: "another server but required", gh: help + "exit 0", verify: "require", job: "j", server: other, refused: true, log: "the job's token is not one of github.com"},
		{name: "another server, its token given", gh: help + "exit 0", token: "j", job: "j", server: other, log: "the job's token is not one of github.com"},
		{name: "another server, its token given and required", gh: help + "exit 0", verify: "require", token: "j", job: "j", server: other, refused: true, log: "the job's token is not one of github.com"},
		{name: "another server, a token given", gh: help + "exit 0", token: "t", job: "j", server: other, log: "provenance: verified", sent: "t"},
		{name: "another server, a token given and required", gh: help + "exit 0", verify: "require", token: "t", job: "j", server: other, log: "provenance: verified", sent: "t"},
		{name: "a server that looks like it", gh: help + "exit 0", job: "j", server: "https://github.com.example", log: "the job's token is not one of github.com"},
		{name: "a server that is not known", gh: help + "exit 0", job: "j", server: "-", log: "the job's token is not one of github.com"},
	} {
		t.Run(tc.name, func(t *testing.T) {
			t.Parallel()
			r := newRunner(t)
			r.tool("gh", tc.gh)
			r.env["AGENT_GATE_SETUP_VERSION"] = version
			r.env["AGENT_GATE_SETUP_VERIFY"] = tc.verify
			r.env["AGENT_GATE_SETUP_TOKEN"] = tc.token
			r.env["AGENT_GATE_SETUP_JOB_TOKEN"] = tc.job
			if tc.server == "-" {
				delete(r.env, "GITHUB_SERVER_URL")
			} else if tc.server != "" {
				r.env["GITHUB_SERVER_URL"] = tc.server
			}
			r.write("gh-tokens", nil, 0o600)
			r.install()
			if got := strings.TrimSpace(r.read("gh-tokens")); got != tc.sent {
				t.Errorf("gh got the token %q, want %q", got, tc.sent)
			}
			if tc.refused {
				r.wantRefused(tc.log)
			} else {
				r.wantInstalled()
				r.wantLog(tc.log)
			}
			for line := range strings.Lines(r.log) {
				if strings.HasPrefix(line, "::set-env") {
					t.Errorf("what gh says became a command: %s", line)
				}
			}
			if tc.log != "provenance: verified" {
				return
			}
			calls, err := os.ReadFile(filepath.Join(r.dir, "gh-calls"))
			if err != nil {
				t.Fatal(err)
			}
			for _, want := range []string{
				"--repo agent-gate/agent-gate", "--source-ref refs/tags/release/v1.2.3",
				"--signer-workflow agent-gate/agent-gate/.github/workflows/release.yml",
			} {
				if !strings.Contains(string(calls), want) {
					t.Errorf("got gh %s want %s", calls, want)
				}
			}
		})
	}
}

// TestTheDryRunOfTheReleaseIsInstalled installs what .ci/release/build made.
func TestTheDryRunOfTheReleaseIsInstalled(t *testing.T) {
	t.Parallel()
	if *dist == "" {
		t.Skip("only with -dist")
	}
	r := newRunner(t)
	r.handler = http.StripPrefix("/v1.2.3/", http.FileServer(http.Dir(*dist)))
	checksums, err := os.ReadFile(filepath.Join(*dist, "checksums.txt"))
	if err != nil {
		t.Fatal(err)
	}
	r.pinned(string(checksums))
	r.install()
	r.wantInstalled()
	t.Log(r.log)
}
