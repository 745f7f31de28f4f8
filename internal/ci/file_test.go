package ci_test

import (
	"errors"
	"io"
	"io/fs"
	"os"
	"path/filepath"
	"runtime"
	"strings"
	"testing"

	"github.com/agent-gate/agent-gate/internal/ci"
)

func TestWriteFile(t *testing.T) {
	t.Parallel()
	path := filepath.Join(t.TempDir(), "a", "b", "report.json")
	for _, content := range []string{"first, and longer", "second"} {
		if err := ci.WriteFile(path, markdown(content)); err != nil {
			t.Fatal(err)
		}
		if got := read(t, path); got != content {
			t.Errorf("content = %q, want %q", got, content)
		}
	}
	checkAlone(t, path)
}

// The umask belongs to the process, so the test compares with another new file.
func TestWriteFileLeavesTheModeToTheUmaskAndKeepsThatOfAFile(t *testing.T) {
	t.Parallel()
	dir := t.TempDir()
	path, other := filepath.Join(dir, "report.json"), filepath.Join(dir, "other")
	f, err := os.OpenFile(other, os.O_CREATE, 0o666)
	if err != nil {
		t.Fatal(err)
	}
	if err := f.Close(); err != nil {
		t.Fatal(err)
	}
	want, err := os.Stat(other)
	if err != nil {
		t.Fatal(err)
	}
	if err := ci.WriteFile(path, markdown("new")); err != nil {
		t.Fatal(err)
	}
	checkMode(t, path, want.Mode().Perm())
	for _, mode := range []fs.FileMode{0o600, 0o640, 0o666} {
		if err := os.Chmod(path, mode); err != nil {
			t.Fatal(err)
		}
		if err := ci.WriteFile(path, markdown("again")); err != nil {
			t.Fatal(err)
		}
		if runtime.GOOS != "windows" { // which knows only whether a file may be written
			checkMode(t, path, mode)
		}
	}
}

func TestTryWriteChangesNothing(t *testing.T) {
	t.Parallel()
	for _, appended := range []bool{false, true} {
		dir := t.TempDir()
		path, missing := filepath.Join(dir, "report.json"), filepath.Join(dir, "new.json")
		if err := os.WriteFile(path, []byte("of before"), 0o600); err != nil {
			t.Fatal(err)
		}
		for _, p := range []string{path, missing} {
			if err := ci.TryWrite(p, appended); err != nil {
				t.Errorf("%s, appended %t: %v", p, appended, err)
			}
		}
		if got := read(t, path); got != "of before" {
			t.Errorf("content = %q, want it as it was", got)
		}
		checkAlone(t, path)
	}
}

func TestTryWriteFindsWhatCannotBeWritten(t *testing.T) {
	t.Parallel()
	dir := t.TempDir()
	file := filepath.Join(dir, "file")
	if err := os.WriteFile(file, nil, 0o600); err != nil {
		t.Fatal(err)
	}
	paths := []string{dir, filepath.Join(file, "report.json"), "/dev/no-such-device"}
	if runtime.GOOS == "linux" {
		paths = append(paths, "/sys/agent-gate/report.json", "/sys/report.json") // not for root either
	}
	for _, path := range paths {
		if err := ci.TryWrite(path, false); err == nil || strings.Contains(err.Error(), ".tmp") {
			t.Errorf("%s: got error %v", path, err)
		}
	}
}

func TestWriteFileKeepsTheOldOneWhenWritingFails(t *testing.T) {
	t.Parallel()
	path := filepath.Join(t.TempDir(), "report.json")
	if err := ci.WriteFile(path, markdown("old")); err != nil {
		t.Fatal(err)
	}
	broken := errors.New("broken")
	err := ci.WriteFile(path, func(w io.Writer) error {
		if _, err := io.WriteString(w, strings.Repeat("half", 10_000)); err != nil {
			return err
		}
		return broken
	})
	if !errors.Is(err, broken) || !strings.Contains(err.Error(), path) {
		t.Errorf("error = %v, want %v with the path", err, broken)
	}
	if got := read(t, path); got != "old" {
		t.Errorf("content = %q, want the old one", got)
	}
	checkAlone(t, path)
}

func TestWriteFileThroughASymbolicLink(t *testing.T) {
	t.Parallel()
	dir := t.TempDir()
	target, link := filepath.Join(dir, "real", "report.json"), filepath.Join(dir, "link.json")
	if err := ci.WriteFile(target, markdown("old")); err != nil {
		t.Fatal(err)
	}
	if err := os.Symlink(target, link); err != nil {
		t.Fatal(err)
	}
	if err := ci.WriteFile(link, markdown("new")); err != nil {
		t.Fatal(err)
	}
	if info, err := os.Lstat(link); err != nil || info.Mode()&fs.ModeSymlink == 0 {
		t.Errorf("the link is now %v, %v", info, err)
	}
	if got := read(t, target); got != "new" {
		t.Errorf("content = %q, want new", got)
	}
}

func TestWriteFileErrorsNameThePath(t *testing.T) {
	t.Parallel()
	dir := t.TempDir()
	file := filepath.Join(dir, "file")
	if err := os.WriteFile(file, nil, 0o600); err != nil {
		t.Fatal(err)
	}
	for _, path := range []string{dir, filepath.Join(file, "report.json"), "/dev/no-such-device"} {
		if err := ci.WriteFile(path, markdown("x")); err == nil || !strings.Contains(err.Error(), path) || strings.Contains(err.Error(), ".tmp") {
			t.Errorf("write %s: %v", path, err)
		}
	}
}

func checkMode(t *testing.T, path string, want fs.FileMode) {
	t.Helper()
	info, err := os.Stat(path)
	if err != nil {
		t.Fatal(err)
	}
	if got := info.Mode().Perm(); got != want {
		t.Errorf("mode of %s = %o, want %o", path, got, want)
	}
}

// checkAlone fails if there is another file next to path.
func checkAlone(t *testing.T, path string) {
	t.Helper()
	entries, err := os.ReadDir(filepath.Dir(path))
	if err != nil {
		t.Fatal(err)
	}
	if len(entries) != 1 {
		t.Errorf("beside %s there are %v", path, entries)
	}
}
