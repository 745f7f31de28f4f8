package setup_test

import (
	"archive/tar"
	"archive/zip"
	"bytes"
	"compress/gzip"
	"crypto/sha256"
	"fmt"
	"maps"
	"net/http"
	"net/http/httptest"
	"os"
	"os/exec"
	"path/filepath"
	"runtime"
	"slices"
	"strings"
	"sync"
	"testing"
)

// runner is a GitHub runner for one step, with the server that it downloads releases
// from.
type runner struct {
	t       *testing.T
	dir     string // of the step
	bash    string
	env     map[string]string
	archive string            // name of the archive for this machine
	files   map[string][]byte // what the server has, by path
	breaks  bool              // the server drops the connection halfway through an archive
	handler http.Handler      // instead of files
	log     string            // of the step
	failed  bool

	mu   sync.Mutex
	seen []string
}

func newRunner(t *testing.T) *runner {
	t.Helper()
	names := map[string]string{"linux": "Linux", "darwin": "macOS", "windows": "Windows", "amd64": "X64", "arm64": "ARM64"}
	if names[runtime.GOOS] == "" || names[runtime.GOARCH] == "" {
		t.Skipf("there is no release for %s/%s", runtime.GOOS, runtime.GOARCH)
	}
	r := &runner{t: t, dir: t.TempDir(), bash: bash(t), files: map[string][]byte{}}
	server := httptest.NewServer(http.HandlerFunc(r.serve))
	t.Cleanup(server.Close)
	r.archive = fmt.Sprintf("agent-gate_%s_%s_%s.tar.gz", version, runtime.GOOS, runtime.GOARCH)
	if runtime.GOOS == "windows" {
		r.archive = strings.TrimSuffix(r.archive, ".tar.gz") + ".zip"
	}
	r.env = map[string]string{
		"RUNNER_OS":                     names[runtime.GOOS],
		"RUNNER_ARCH":                   names[runtime.GOARCH],
		"RUNNER_TEMP":                   filepath.Join(r.dir, "temp"),
		"RUNNER_TOOL_CACHE":             filepath.Join(r.dir, "tool cache"),
		"GITHUB_PATH":                   filepath.Join(r.dir, "path"),
		"GITHUB_OUTPUT":                 filepath.Join(r.dir, "output"),
		"GITHUB_SERVER_URL":             "https://github.com",
		"AGENT_GATE_SETUP_DOWNLOAD_URL": server.URL,
		"PATH":                          filepath.Join(r.dir, "bin") + string(filepath.ListSeparator) + os.Getenv("PATH"),
	}
	r.tool("gh", "exit 1") // hides the machine's own
	r.copyScript()
	r.release(program(t))
	return r
}

// program answers to "version" as agent-gate does, for the platform in FAKE_PLATFORM: a
// script, or the test binary where scripts are not executable.
func program(t *testing.T) []byte {
	t.Helper()
	if runtime.GOOS != "windows" {
		return []byte("#!/bin/sh\necho \"agent-gate " + version + " (go, ${FAKE_PLATFORM:-" + runtime.GOOS + "/" + runtime.GOARCH + "})\"\n")
	}
	path, err := os.Executable()
	if err != nil {
		t.Fatal(err)
	}
	self, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	return self
}

// bash is the shell in which GitHub runs steps. On Windows that is Git's; the first one
// on the path may belong to another system.
func bash(t *testing.T) string {
	t.Helper()
	if runtime.GOOS == "windows" {
		path := filepath.Join(os.Getenv("ProgramFiles"), "Git", "bin", "bash.exe")
		if _, err := os.Stat(path); err == nil {
			return path
		}
	}
	path, err := exec.LookPath("bash")
	if err != nil {
		t.Skip("no bash")
	}
	return path
}

// copyScript copies the action to where checksums can be put next to it.
func (r *runner) copyScript() {
	script, err := os.ReadFile(filepath.Join("..", "..", "setup", "install.sh"))
	if err != nil {
		r.t.Fatal(err)
	}
	r.write(filepath.Join("action", "install.sh"), script, 0o755)
}

// pinned turns the action into that of a release with these checksums.
func (r *runner) pinned(checksums string) {
	r.write(filepath.Join("action", "checksums.txt"), []byte(checksums), 0o644)
}

// tool puts a script on the path of the step.
func (r *runner) tool(name, script string) {
	r.write(filepath.Join("bin", name), []byte("#!/bin/sh\n"+script+"\n"), 0o755)
}

func (r *runner) write(path string, content []byte, mode os.FileMode) {
	r.t.Helper()
	path = filepath.Join(r.dir, path)
	if err := os.MkdirAll(filepath.Dir(path), 0o755); err != nil {
		r.t.Fatal(err)
	}
	if err := os.WriteFile(path, content, mode); err != nil {
		r.t.Fatal(err)
	}
}

// release puts a release with the given program on the server.
func (r *runner) release(program []byte) {
	name := "agent-gate"
	if runtime.GOOS == "windows" {
		name += ".exe"
	}
	r.releaseAs(name, program)
}

func (r *runner) releaseAs(name string, program []byte) {
	r.t.Helper()
	r.files["/v"+version+"/"+r.archive] = pack(r.t, r.archive, name, program)
	r.files["/v"+version+"/checksums.txt"] = []byte(r.checksums())
}

// pack makes an archive like that of a release.
func pack(t *testing.T, archive, name string, program []byte) []byte {
	t.Helper()
	var b bytes.Buffer
	if strings.HasSuffix(archive, ".zip") {
		w := zip.NewWriter(&b)
		for _, file := range []string{"LICENSE", name} {
			f, err := w.CreateHeader(&zip.FileHeader{Name: file, Method: zip.Store})
			if err == nil {
				_, err = f.Write(program)
			}
			if err != nil {
				t.Fatal(err)
			}
		}
		if err := w.Close(); err != nil {
			t.Fatal(err)
		}
		return b.Bytes()
	}
	compressed, err := gzip.NewWriterLevel(&b, gzip.BestSpeed)
	if err != nil {
		t.Fatal(err)
	}
	w := tar.NewWriter(compressed)
	for _, file := range []string{"LICENSE", name} {
		content := program
		if file == "LICENSE" {
			content = []byte("a licence")
		}
		err := w.WriteHeader(&tar.Header{Name: file, Mode: 0o755, Size: int64(len(content))})
		if err == nil {
			_, err = w.Write(content)
		}
		if err != nil {
			t.Fatal(err)
		}
	}
	if err := w.Close(); err != nil {
		t.Fatal(err)
	}
	if err := compressed.Close(); err != nil {
		t.Fatal(err)
	}
	return b.Bytes()
}

// checksums are those of the release on the server.
func (r *runner) checksums() string {
	return fmt.Sprintf("%x  %s\n%s  agent-gate_%s_linux_amd64.tar.gz.other\n%s",
		sha256.Sum256(r.files["/v"+version+"/"+r.archive]), r.archive, strings.Repeat("a", 64), version, r.linuxLine())
}

// linuxLine is a line for the archive that tells the version, if this machine has another.
func (r *runner) linuxLine() string {
	name := "agent-gate_" + version + "_linux_amd64.tar.gz"
	if name == r.archive {
		return ""
	}
	return strings.Repeat("b", 64) + "  " + name + "\n"
}

func (r *runner) serve(w http.ResponseWriter, req *http.Request) {
	r.mu.Lock()
	r.seen = append(r.seen, req.URL.Path)
	r.mu.Unlock()
	if r.handler != nil {
		r.handler.ServeHTTP(w, req)
		return
	}
	content, ok := r.files[req.URL.Path]
	if !ok {
		http.NotFound(w, req)
		return
	}
	if r.breaks && strings.HasSuffix(req.URL.Path, r.archive) {
		w.Header().Set("Content-Length", fmt.Sprint(len(content)))
		content = content[:len(content)/2]
	}
	_, _ = w.Write(content) // the client may have gone away
}

// requests returns the requested paths.
func (r *runner) requests() []string {
	r.mu.Lock()
	defer r.mu.Unlock()
	return slices.Clone(r.seen)
}

// install runs the step.
func (r *runner) install() {
	r.t.Helper()
	r.write("path", nil, 0o644)
	r.write("output", nil, 0o644)
	c := exec.CommandContext(r.t.Context(), r.bash, filepath.ToSlash(filepath.Join(r.dir, "action", "install.sh")))
	c.Dir = r.dir
	for _, name := range []string{"HOME", "SystemRoot", "TMP", "TEMP", "ProgramFiles"} {
		if value, ok := os.LookupEnv(name); ok {
			c.Env = append(c.Env, name+"="+value)
		}
	}
	for _, name := range slices.Sorted(maps.Keys(r.env)) {
		c.Env = append(c.Env, name+"="+r.env[name])
	}
	out, err := c.CombinedOutput()
	r.log, r.failed = string(out), err != nil
}

// wantInstalled requires the program on the path, and the outputs.
func (r *runner) wantInstalled() {
	r.t.Helper()
	if r.failed {
		r.t.Fatalf("the step failed:\n%s", r.log)
	}
	dir := strings.TrimSpace(r.read("path"))
	program, err := exec.LookPath(filepath.Join(dir, "agent-gate"))
	if err != nil {
		r.t.Fatalf("the path %q has no program: %v", dir, err)
	}
	out, err := exec.Command(program, "version").Output()
	if err != nil || !strings.HasPrefix(string(out), "agent-gate "+version+" ") {
		r.t.Errorf("got %q (%v), want version %s", out, err, version)
	}
	if got, want := r.read("output"), "version="+version+"\npath="+program+"\n"; got != want {
		r.t.Errorf("got outputs %q, want %q", got, want)
	}
	for _, archive := range r.find("temp", r.archive) {
		r.t.Errorf("%s was left", archive)
	}
}

// wantRefused requires a failed step that left nothing behind, with the words in its
// error.
func (r *runner) wantRefused(words string) {
	r.t.Helper()
	if !r.failed {
		r.t.Errorf("the step passed, want a refusal:\n%s", r.log)
	}
	found := false
	for line := range strings.Lines(r.log) {
		found = found || strings.HasPrefix(line, "::error title=Set up agent-gate::") && strings.Contains(line, words)
	}
	if !found {
		r.t.Errorf("got no error with %q:\n%s", words, r.log)
	}
	if got := r.read("path") + r.read("output"); got != "" {
		r.t.Errorf("got %q on the path and in the outputs, want nothing", got)
	}
	for _, place := range []string{"temp", "tool cache"} {
		if left := r.find(place, "*"); len(left) > 0 {
			r.t.Errorf("%q was left", left)
		}
	}
}

func (r *runner) wantLog(words string) {
	r.t.Helper()
	if !strings.Contains(r.log, words) {
		r.t.Errorf("got no %q in the log:\n%s", words, r.log)
	}
}

func (r *runner) read(path string) string {
	r.t.Helper()
	content, err := os.ReadFile(filepath.Join(r.dir, path))
	if err != nil {
		r.t.Fatal(err)
	}
	return string(content)
}

// find returns the files below a folder whose names match.
func (r *runner) find(dir, pattern string) []string {
	r.t.Helper()
	var found []string
	err := filepath.WalkDir(filepath.Join(r.dir, dir), func(path string, d os.DirEntry, err error) error {
		if os.IsNotExist(err) {
			return nil
		}
		if ok, _ := filepath.Match(pattern, filepath.Base(path)); ok && err == nil && !d.IsDir() {
			found = append(found, path)
		}
		return err
	})
	if err != nil {
		r.t.Fatal(err)
	}
	return found
}
