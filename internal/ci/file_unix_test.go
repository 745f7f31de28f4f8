//go:build unix

package ci_test

import (
	"io/fs"
	"os"
	"path/filepath"
	"syscall"
	"testing"

	"github.com/agent-gate/agent-gate/internal/ci"
)

func TestWriteFileToAPipe(t *testing.T) {
	t.Parallel()
	path := filepath.Join(t.TempDir(), "pipe")
	if err := syscall.Mkfifo(path, 0o600); err != nil {
		t.Skipf("no named pipes can be made here: %v", err)
	}
	got := make(chan string)
	go func() {
		data, err := os.ReadFile(path)
		if err != nil {
			data = []byte(err.Error())
		}
		got <- string(data)
	}()
	if err := ci.WriteFile(path, markdown("through")); err != nil {
		t.Fatal(err)
	}
	if content := <-got; content != "through" {
		t.Errorf("read %q, want through", content)
	}
	if info, err := os.Lstat(path); err != nil || info.Mode()&fs.ModeNamedPipe == 0 {
		t.Errorf("the pipe is now %v, %v", info, err)
	}
}

func TestWriteFileToADevice(t *testing.T) {
	t.Parallel()
	if err := ci.WriteFile("/dev/null", markdown("x")); err != nil {
		t.Fatal(err)
	}
	if info, err := os.Lstat("/dev/null"); err != nil || info.Mode()&fs.ModeDevice == 0 {
		t.Errorf("/dev/null is now %v, %v", info, err)
	}
}
