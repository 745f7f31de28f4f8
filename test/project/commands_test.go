package project_test

import (
	"bufio"
	"flag"
	"fmt"
	"io"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"runtime"
	"slices"
	"strconv"
	"strings"
	"sync"
	"testing"
)

// notRun are the commands in documents that no test runs, by how their lines begin, each
// with the reason. A line that is continued goes as a whole.
var notRun = map[string]string{
	"curl ":                   "needs the network and keys",
	"git clone ":              "needs the network",
	"git ls-remote ":          "needs the network",
	"docker pull ":            "needs the network",
	"docker tag ":             "needs a container engine",
	"docker build ":           "test/container builds the image",
	"docker push ":            "needs a registry",
	"docker run ":             "needs a container engine; test/container runs the image",
	"go test ":                "would run this test in itself",
	"go build ":               "the program is built for this test",
	".ci/run":                 "runs this test",
	".ci/release/":            "takes minutes; .ci/run release and test/release run it",
	"CGO_ENABLED=0 go build ": ".ci/run build and reproduce do it",
	"sha256sum agent-gate":    ".ci/run build and reproduce do it",
	"gh attestation ":         "needs a published release",
	"cosign verify-blob":      "needs a published release",
	"cosign verify ":          "needs a published release",
	"git diff release/":       "needs a published release",
	"git show v1":             "needs a published release",
	"gh workflow run ":        "needs the workflow on GitHub",
	"git fetch ":              "needs a repository with a remote",
	"git tag ":                "needs a repository with a remote",
	"git push ":               "needs a repository with a remote",
}

// TestDocuments_commandsRun runs every command in the documents, each block as a script
// with `agent-gate serve` as the API. It compares the exit code with the block's comment
// "# exit code N", or 0. A text block right after it is the expected output; see
// missingLine.
func TestDocuments_commandsRun(t *testing.T) {
	t.Parallel()
	program := build(t)
	used := map[string]bool{}
	var scripts []block
	output := map[int]block{} // by the index of the script that prints it
	var last *block
	for _, b := range blocks(t) {
		if b.kind == "text" && b.after && last != nil && last.doc == b.doc && last.kind == "sh" {
			output[len(scripts)-1] = b
		}
		last = &b
		if b.kind != "sh" {
			continue
		}
		if b.text = runnable(b.text, used); strings.TrimSpace(b.text) != "" {
			scripts = append(scripts, b)
		}
	}
	for beginning, why := range notRun {
		if !used[beginning] {
			t.Errorf("no command begins with %q any more (%s)", beginning, why)
		}
	}
	if len(scripts) < 10 {
		t.Errorf("found only %d scripts", len(scripts))
	}
	environ := append(serve(t, program, "--story", "pass"), "AGENT_GATE_SPEED=10000", "AGENT_GATE_RESULTS_WAIT=1s")
	report := filepath.Join(t.TempDir(), "report.json")
	demo := exec.Command(program, "demo", "--json-report", report, "--speed", "10000")
	demo.Env = environ
	if out, err := demo.CombinedOutput(); err != nil {
		t.Fatalf("demo: %v\n%s", err, out)
	}
	for i, b := range scripts {
		t.Run(b.String(), func(t *testing.T) {
			t.Parallel()
			for _, tool := range []string{"jq", "python3"} {
				if _, err := exec.LookPath(tool); err != nil && strings.Contains(b.text, tool+" ") {
					t.Skip("no " + tool)
				}
			}
			dir := workspace(t, program)
			copyFile(t, report, filepath.Join(dir, "report.json"))
			got, code := shell(t, dir, environ, b.text)
			want := 0
			if m := regexp.MustCompile(`# exit code (\d+)`).FindStringSubmatch(b.text); m != nil {
				want, _ = strconv.Atoi(m[1])
			}
			if code != want {
				t.Fatalf("%s\nexit code %d, want %d:\n%s", b.text, code, want, got)
			}
			if shown, ok := output[i]; ok {
				if line := missingLine(shown.text, got); line != "" {
					t.Errorf("%s shows a line that is not printed there:\n%s\nprinted is:\n%s", shown, line, got)
				}
			}
		})
	}
}

// runnable is a script without the lines that are not run, which it notes in used. The
// program is on the path, whatever builds it in the document.
func runnable(text string, used map[string]bool) string {
	var kept strings.Builder
	dropped := false // the previous line, which this one continues
	for line := range strings.Lines(text) {
		drop := dropped
		for beginning := range notRun {
			if strings.HasPrefix(strings.TrimSpace(line), beginning) {
				drop, used[beginning] = true, true
			}
		}
		if !drop {
			kept.WriteString(line)
		}
		dropped = drop && strings.HasSuffix(strings.TrimRight(line, "\n"), `\`)
	}
	return strings.ReplaceAll(kept.String(), "go run . ", "agent-gate ")
}

// missingLine compares what a document shows with what is printed: every line, in order.
// Extra output is allowed before the first line, and where the document has a line with
// only "…". "…" inside a line matches anything. It returns the first line that is
// missing.
func missingLine(shown, printed string) string {
	rest := strings.Split(printed, "\n")
	gap := true
	for line := range strings.SplitSeq(strings.TrimRight(shown, "\n"), "\n") {
		if strings.TrimSpace(line) == "…" {
			gap = true
			continue
		}
		form := regexp.MustCompile("^" + strings.ReplaceAll(regexp.QuoteMeta(strings.TrimRight(line, " ")), "…", ".*") + `\s*$`)
		at := slices.IndexFunc(rest, form.MatchString)
		if at < 0 || at > 0 && !gap {
			return line
		}
		rest, gap = rest[at+1:], false
	}
	return ""
}

func TestMissingLine(t *testing.T) {
	t.Parallel()
	printed := "PASS all\n\nCriteria\n  a 100%\n  b 90%\nend\n"
	for shown, want := range map[string]string{
		"PASS …\n\nCriteria\n  a 100%\n…\nend\n": "",
		"PASS all\n\nCriteria\n  b 90%\n":        "  b 90%",
		"PASS all\n…\n  c\n":                     "  c",
		"FAIL …\n":                               "FAIL …",
	} {
		if got := missingLine(shown, printed); got != want {
			t.Errorf("%q: %q is missing, want %q", shown, got, want)
		}
	}
}

var built = sync.OnceValues(func() (string, error) {
	dir, err := os.MkdirTemp("", "agent-gate-docs-")
	if err != nil {
		return "", err
	}
	program := filepath.Join(dir, "agent-gate")
	c := exec.Command("go", "build", "-o", program, ".")
	c.Dir = root
	if out, err := c.CombinedOutput(); err != nil {
		return "", fmt.Errorf("%w\n%s", err, out)
	}
	return program, nil
})

// TestMain removes the program that the tests have built. They wait for it far more than they compute, so
// more of them run than there are processors.
func TestMain(m *testing.M) {
	_ = flag.Set("test.parallel", "8")
	code := m.Run()
	if program, err := built(); err == nil {
		_ = os.RemoveAll(filepath.Dir(program))
	}
	os.Exit(code)
}

// build returns the program. The documents assume a Unix shell.
func build(t *testing.T) string {
	t.Helper()
	if runtime.GOOS == "windows" {
		t.Skip("the commands are for sh")
	}
	program, err := built()
	if err != nil {
		t.Fatal(err)
	}
	return program
}

// serve starts the simulated API, and returns what tells the program of it.
func serve(t *testing.T, program string, args ...string) []string {
	t.Helper()
	server := exec.Command(program, append([]string{"serve", "--listen", "127.0.0.1:0", "--speed", "10000"}, args...)...)
	server.Env = []string{}
	stdout, err := server.StdoutPipe()
	if err != nil {
		t.Fatal(err)
	}
	if err := server.Start(); err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		_ = server.Process.Kill()
		_ = server.Wait()
	})
	address, err := bufio.NewReader(stdout).ReadString('\n')
	if err != nil {
		t.Fatal(err)
	}
	return []string{
		"AGENT_GATE_BASE_URL=" + strings.TrimSpace(address), "AGENT_GATE_API_KEY=api-key-of-the-story", "AGENT_GATE_SECRET_KEY=secret-key-of-the-story",
		"AGENT_GATE_POLL_MIN_INTERVAL=5ms", "AGENT_GATE_POLL_MAX_INTERVAL=50ms",
	}
}

// workspace is an empty folder with the program in it.
func workspace(t *testing.T, program string) string {
	t.Helper()
	dir := t.TempDir()
	if err := os.Symlink(program, filepath.Join(dir, "agent-gate")); err != nil {
		t.Fatal(err)
	}
	return dir
}

// shell runs a script as CI systems do, and returns its output and exit code.
func shell(t *testing.T, dir string, environ []string, script string) (string, int) {
	t.Helper()
	c := exec.CommandContext(t.Context(), "sh", "-e")
	c.Stdin = strings.NewReader(script)
	c.Dir = dir
	c.Env = append([]string{"PATH=" + dir + ":" + os.Getenv("PATH"), "HOME=" + dir, "TMPDIR=" + dir}, environ...)
	out, err := c.CombinedOutput()
	if c.ProcessState == nil {
		t.Fatal(err)
	}
	return string(out), c.ProcessState.ExitCode()
}

func copyFile(t *testing.T, from, to string) {
	t.Helper()
	source, err := os.Open(from)
	if err != nil {
		t.Fatal(err)
	}
	defer source.Close()
	target, err := os.Create(to)
	if err != nil {
		t.Fatal(err)
	}
	if _, err := io.Copy(target, source); err != nil {
		t.Fatal(err)
	}
	if err := target.Close(); err != nil {
		t.Fatal(err)
	}
}
